#include "stats/did/did_bacon.h"

#include <math.h>

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the decomposition"));
}

const char *np_bacon_type_title(np_bacon_type type)
{
    static const char *const title[NP_N_BACON_TYPES] = {
        N_("earlier vs later treated"), N_("later vs earlier treated"),
        N_("treated vs never treated"), N_("later vs always treated"),
        N_("two treated cohorts")};
    return title[type];
}

static bool weights_change(const np_did_panel *p)
{
    for (size_t u = 0; p->weight != NULL && u < p->n_units; u++)
        for (size_t r = p->start[u] + 1; r < p->start[u + 1]; r++)
            if (p->weight[r] != p->weight[r - 1])
                return true;
    return false;
}

static bool is_binary(const np_did_panel *p)
{
    for (size_t r = 0; p->treatment != NULL && r < p->n; r++)
        if (p->treatment[r] != 0 && p->treatment[r] != 1)
            return false;
    return true;
}

const char *np_bacon_refusal(const np_did_panel *p)
{
    if (!p->absorbing || !is_binary(p))
        return _("The coefficient is not decomposed into comparisons of cohorts: the "
                 "treatment ends, changes or has several doses.");
    if (!p->balanced)
        return _("The coefficient is not decomposed into comparisons of cohorts: that "
                 "holds for units seen in every period.");
    if (weights_change(p))
        return _("The coefficient is not decomposed into comparisons of cohorts: that "
                 "holds for weights that do not change over time.");
    return NULL;
}

/* A group: a cohort, or the never treated, which come last. */
typedef struct {
    double cohort;
    size_t start; /* index; n_periods: never */
    double n;     /* units or their weights */
} group;

typedef struct {
    const np_did_panel *p;
    group *group;
    size_t n_groups;
    int32_t *group_of;      /* [n_units] */
    double *y, *d;          /* [n_groups × n_periods] means; d with controls alone */
    const double *residual; /* [n] of the treatment; NULL without controls */
    np_bacon *out;
    np_bacon_row *row;
    np_arena *arena;
    np_error *err;
} work;

/* Cohorts by the first period in which they are seen treated: those that start between
 * two periods are one with the later one's. Who starts after the last is never seen. */
static np_status fill_groups(work *w)
{
    const np_did_panel *p = w->p;
    w->group = np_arena_array(w->arena, group, p->n_cohorts + 1);
    w->group_of = np_arena_array(w->arena, int32_t, p->n_units);
    int32_t *of_cohort = np_arena_array(w->arena, int32_t, p->n_cohorts);
    if (w->group == NULL || w->group_of == NULL || of_cohort == NULL)
        return no_memory(w->err);
    for (size_t g = 0; g < p->n_cohorts; g++) {
        of_cohort[g] = -1;
        if (p->cohort_start[g] == p->n_periods)
            continue;
        bool with_last =
            w->n_groups > 0 && w->group[w->n_groups - 1].start == p->cohort_start[g];
        if (!with_last)
            w->group[w->n_groups++] = (group){.cohort = p->period[p->cohort_start[g]],
                                              .start = p->cohort_start[g]};
        of_cohort[g] = (int32_t)w->n_groups - 1;
    }
    w->group[w->n_groups] = (group){.cohort = INFINITY, .start = p->n_periods};
    for (size_t u = 0; u < p->n_units; u++) {
        int32_t g = p->cohort_of[u];
        int32_t at = g == NP_NEVER_TREATED ? -1 : of_cohort[g];
        w->group_of[u] = at < 0 ? (int32_t)w->n_groups : at;
        w->group[w->group_of[u]].n += p->weight == NULL ? 1 : p->weight[p->start[u]];
    }
    w->n_groups += w->group[w->n_groups].n > 0;
    return NP_OK;
}

/* mean [n_groups × n_periods] of a column. */
static np_status group_means(double **mean, const work *w, const double *column)
{
    const np_did_panel *p = w->p;
    const size_t T = p->n_periods;
    double *m = np_arena_array(w->arena, double, w->n_groups *T);
    if (m == NULL)
        return no_memory(w->err);
    for (size_t u = 0; u < p->n_units; u++) {
        size_t g = (size_t)w->group_of[u];
        double share = (p->weight == NULL ? 1 : p->weight[p->start[u]]) / w->group[g].n;
        for (size_t t = 0; t < T; t++)
            m[g * T + t] += share * column[u * T + t];
    }
    *mean = m;
    return NP_OK;
}

static void add_row(work *w, np_bacon_row row)
{
    w->row[w->out->n_rows++] = row;
}

/* Within periods first … last-1 the comparison group does not change. */
static void compare(work *w, size_t k, size_t u)
{
    const size_t T = w->p->n_periods;
    const group *a = &w->group[k], *b = &w->group[u];
    size_t first = a->start < b->start ? 0 : b->start;
    size_t last = a->start < b->start ? b->start : T;
    double n = (double)(last - first), after = (double)(last - a->start),
           before = n - after, difference = 0;
    for (size_t t = first; t < last; t++) {
        double gap = w->y[k * T + t] - w->y[u * T + t];
        difference += t >= a->start ? gap / after : -gap / before;
    }
    np_bacon_type type = isinf(b->cohort)      ? NP_BACON_NEVER
                         : b->start == 0       ? NP_BACON_LATER_ALWAYS
                         : a->start > b->start ? NP_BACON_LATER_EARLIER
                                               : NP_BACON_EARLIER_LATER;
    add_row(w, (np_bacon_row){.treated = a->cohort,
                              .comparison = b->cohort,
                              .type = type,
                              .estimate = before > 0 && after > 0 ? difference : NAN,
                              .weight = a->n * b->n * before * after});
}

static void compare_controlled(work *w, size_t k, size_t u)
{
    const size_t T = w->p->n_periods;
    const group *a = &w->group[k], *b = &w->group[u];
    double mean = 0, squares = 0, product = 0;
    for (size_t t = 0; t < T; t++)
        mean += (w->d[k * T + t] - w->d[u * T + t]) / (double)T;
    for (size_t t = 0; t < T; t++) {
        double delta = w->d[k * T + t] - w->d[u * T + t] - mean;
        squares += delta * delta;
        product += delta * (w->y[k * T + t] - w->y[u * T + t]);
    }
    np_bacon_type type = isinf(b->cohort) ? NP_BACON_NEVER
                         : a->start == 0  ? NP_BACON_LATER_ALWAYS
                                          : NP_BACON_BOTH_TREATED;
    add_row(w, (np_bacon_row){.treated = a->cohort,
                              .comparison = b->cohort,
                              .type = type,
                              .estimate = squares > 0 ? product / squares : NAN,
                              .weight = a->n * b->n * squares});
}

/* The variance of d within cohort and period, and its coefficient. */
static void within(work *w)
{
    const np_did_panel *p = w->p;
    const size_t T = p->n_periods;
    double all = 0, inside = 0, product = 0;
    for (size_t u = 0; u < p->n_units; u++) {
        double weight = p->weight == NULL ? 1 : p->weight[p->start[u]];
        for (size_t t = 0; t < T; t++) {
            double d = w->residual[u * T + t];
            double own = d - w->d[(size_t)w->group_of[u] * T + t];
            all += weight * d * d;
            inside += weight * own * own;
            product += weight * own * p->y[u * T + t];
        }
    }
    w->out->omega = inside / all;
    w->out->within = inside > 0 ? product / inside : NAN;
}

static void sum_up(work *w)
{
    np_bacon *b = w->out;
    double total = 0;
    for (size_t i = 0; i < b->n_rows; i++)
        total += w->row[i].weight;
    double between = 0, by_type[NP_N_BACON_TYPES] = {0};
    for (size_t i = 0; i < b->n_rows; i++) {
        np_bacon_row *r = &w->row[i];
        r->weight /= total;
        b->weight[r->type] += r->weight;
        if (r->weight > 0) {
            by_type[r->type] += r->weight * r->estimate;
            between += r->weight * r->estimate;
        }
    }
    for (size_t type = 0; type < NP_N_BACON_TYPES; type++)
        b->estimate[type] = b->weight[type] > 0 ? by_type[type] / b->weight[type] : NAN;
    b->sum = b->omega > 0 ? b->omega * b->within + (1 - b->omega) * between : between;
    b->row = w->row;
}

np_status np_bacon_decompose(np_bacon *out, const np_did_panel *p, const double *residual,
                             np_arena *arena, np_error *err)
{
    np_bacon result = {.within = NAN};
    work w = {.p = p, .residual = residual, .out = &result, .arena = arena, .err = err};
    np_status status = fill_groups(&w);
    if (status == NP_OK)
        status = group_means(&w.y, &w, p->y);
    if (status == NP_OK && w.residual != NULL)
        status = group_means(&w.d, &w, w.residual);
    if (status != NP_OK)
        return status;
    w.row = np_arena_array(arena, np_bacon_row, w.n_groups * w.n_groups);
    if (w.row == NULL)
        return no_memory(err);
    for (size_t k = 0; k < w.n_groups; k++)
        for (size_t u = 0; u < w.n_groups; u++) {
            if (isinf(w.group[k].cohort) || k == u)
                continue;
            if (w.residual != NULL && k < u)
                compare_controlled(&w, k, u);
            if (w.residual == NULL && w.group[k].start > 0)
                compare(&w, k, u);
        }
    if (w.residual != NULL)
        within(&w);
    sum_up(&w);
    *out = result;
    return NP_OK;
}
