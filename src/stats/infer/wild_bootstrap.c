#include "stats/infer/wild_bootstrap.h"

#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "stats/infer/wild_internal.h"

enum { DEFAULT_DRAWS = 9999 };
static const double default_level = 0.95;

/* One hypothesis. */
typedef struct {
    const np_wild_plan *plan;
    const np_wild_spec *spec;
    const double *c;           /* [k] R in the rows' coordinates */
    const double *combination; /* [k] B c */
    double variance_of_c;      /* c'B c */
    np_wild_sums sums;
    size_t first, count; /* one wave */
    double *x, *score, *weight, *a;
    np_arena *arena, *scratch; /* for what is handed back; for the rest */
} work;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the wild bootstrap"));
}

/* B c and c'B c, with c = basis' R: 0 for the dummies. */
static np_status combine(work *w, np_error *err)
{
    const size_t k = w->plan->fit.k, inner = w->plan->given->k;
    double *c = np_arena_array(w->scratch, double, k);
    double *Bc = np_arena_array(w->scratch, double, k);
    if (c == NULL || Bc == NULL)
        return no_memory(err);
    for (size_t a = 0; a < inner; a++)
        for (size_t j = 0; j < inner; j++)
            c[a] += w->spec->R[j] * (w->plan->given->basis == NULL
                                         ? (double)(a == j)
                                         : w->plan->given->basis[j * inner + a]);
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++)
            Bc[a] += w->plan->fit.bread[a * k + b] * c[b];
    for (size_t a = 0; a < k; a++)
        w->variance_of_c += c[a] * Bc[a];
    w->c = c;
    w->combination = Bc;
    if (!(w->variance_of_c > 0))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("the combination to test has no coefficient"));
    return NP_OK;
}

static np_status allocate_sums(work *w, np_error *err)
{
    np_wild_sums *s = &w->sums;
    s->k = w->plan->fit.k;
    s->C = w->plan->fit.bread;
    s->set = np_arena_array(w->scratch, np_wild_set, s->n_sets);
    bool ok = s->set != NULL;
    if (ok)
        memcpy(s->set, w->plan->sums.set, s->n_sets * sizeof *s->set);
    for (size_t c = 0; c < 2; c++) {
        s->numerator[c] = np_arena_array(w->scratch, double, s->H);
        s->V[c] = np_arena_array(w->scratch, double, s->H * s->k);
        ok = ok && s->numerator[c] != NULL && s->V[c] != NULL;
        for (size_t i = 0; i < s->n_sets && ok; i++) {
            s->set[i].A[c] = np_arena_array(w->scratch, double, s->set[i].n_pairs);
            ok = s->set[i].A[c] != NULL;
        }
    }
    for (size_t i = 0; i < s->n_sets && ok; i++) {
        s->set[i].U = np_arena_array(w->scratch, double, s->set[i].G * s->k);
        ok = s->set[i].U != NULL;
    }
    return ok ? NP_OK : no_memory(err);
}

static np_status allocate_wave(work *w, np_error *err)
{
    const size_t rows = (size_t)NP_WILD_WAVE * NP_WILD_BLOCK;
    w->x = np_arena_array(w->scratch, double, rows * w->sums.k);
    w->score = np_arena_array(w->scratch, double, rows);
    w->weight = np_arena_array(w->scratch, double, rows);
    w->a = np_arena_array(w->scratch, double, rows);
    return w->x && w->score && w->weight && w->a ? NP_OK : no_memory(err);
}

static void wave_rows(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const work *w = context;
    const size_t at = task * NP_WILD_BLOCK, k = w->sums.k;
    size_t count = w->count - at < NP_WILD_BLOCK ? w->count - at : NP_WILD_BLOCK;
    double *x = w->x + at * k;
    w->plan->fit.rows(&w->plan->fit, w->first + at, count, x, w->score + at,
                      w->weight + at);
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        for (size_t t = 0; t < k; t++)
            sum += x[i * k + t] * w->combination[t];
        w->a[at + i] = w->weight[at + i] * sum;
    }
}

/* Task t < k adds column t of U and V; task k adds A and the numerators. */
static void wave_add(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const work *w = context;
    const np_wild_sums *s = &w->sums;
    const size_t k = s->k;
    const int32_t *boot = w->plan->boot.code + w->first;
    if (task < k) {
        double *V0 = s->V[0] + task, *V1 = s->V[1] + task;
        for (size_t i = 0; i < w->count; i++) {
            double x = w->x[i * k + task];
            size_t h = (size_t)boot[i] * k;
            V0[h] += w->score[i] * x;
            V1[h] += w->a[i] * x;
        }
        for (size_t j = 0; j < s->n_sets; j++) {
            if (w->plan->pair[j] == NULL)
                continue;
            const int32_t *group = w->plan->group[j] + w->first;
            double *U = s->set[j].U + task;
            for (size_t i = 0; i < w->count; i++)
                U[(size_t)group[i] * k] += w->a[i] * w->x[i * k + task];
        }
        return;
    }
    for (size_t i = 0; i < w->count; i++) {
        double by_weight = w->a[i] / w->weight[i];
        double with_e = by_weight * w->score[i], with_m = by_weight * w->a[i];
        s->numerator[0][boot[i]] += with_e;
        s->numerator[1][boot[i]] += with_m;
        for (size_t j = 0; j < s->n_sets; j++) {
            size_t p =
                (size_t)(w->plan->pair[j] == NULL ? boot[i]
                                                  : w->plan->pair[j][w->first + i]);
            s->set[j].A[0][p] += with_e;
            s->set[j].A[1][p] += with_m;
        }
    }
}

/* a_i stands for w_i m_i c'Bc so far. */
static void finish_sums(work *w)
{
    np_wild_sums *s = &w->sums;
    const double scale = 1 / w->variance_of_c;
    for (size_t j = 0; j < s->n_sets; j++) {
        np_wild_set *set = &s->set[j];
        if (w->plan->pair[j] == NULL)
            memcpy(set->U, s->V[1], s->H * s->k * sizeof(double));
        for (size_t p = 0; p < set->n_pairs; p++)
            set->A[1][p] *= scale;
        for (size_t g = 0; g < set->G; g++) {
            double score = 0;
            size_t from = set->start == NULL ? g : set->start[g];
            size_t end = set->start == NULL ? g + 1 : set->start[g + 1];
            for (size_t p = from; p < end; p++)
                score += set->A[0][p];
            s->variance += set->factor * score * score;
        }
    }
    for (size_t h = 0; h < s->H; h++)
        s->numerator[1][h] *= scale;
    for (size_t i = 0; i < s->H * s->k; i++)
        s->V[1][i] *= scale;
}

static np_status sum_rows(work *w, np_error *err)
{
    const size_t n = w->plan->fit.n, rows = (size_t)NP_WILD_WAVE * NP_WILD_BLOCK;
    np_status status = allocate_wave(w, err);
    for (w->first = 0; status == NP_OK && w->first < n; w->first += rows) {
        w->count = n - w->first < rows ? n - w->first : rows;
        np_parallel_for((w->count + NP_WILD_BLOCK - 1) / NP_WILD_BLOCK,
                        w->plan->n_threads, wave_rows, w);
        np_parallel_for(w->sums.k + 1, w->plan->n_threads, wave_add, w);
    }
    return status;
}

/* The same from the moments of the clusters: a = w X B c. */
static void sum_moments(work *w)
{
    const np_wild_plan *p = w->plan;
    const size_t k = w->sums.k, inner = p->n_moments, H = w->sums.H;
    np_wild_sums *s = &w->sums;
    memcpy(s->V[0], p->scores, H * k * sizeof(double));
    for (size_t j = 0; j < inner; j++)
        for (size_t i = 0; i < H * k; i++)
            s->V[1][i] += w->combination[j] * p->moment[j * H * k + i];
    for (size_t h = 0; h < H; h++)
        for (size_t j = 0; j < inner; j++) {
            s->numerator[0][h] += w->combination[j] * s->V[0][h * k + j];
            s->numerator[1][h] += w->combination[j] * s->V[1][h * k + j];
        }
    for (size_t c = 0; c < 2; c++)
        memcpy(s->set[0].A[c], s->numerator[c], H * sizeof(double));
}

static np_status sum_clusters(work *w, np_error *err)
{
    np_status status = allocate_sums(w, err);
    if (status == NP_OK && w->plan->moment != NULL)
        sum_moments(w);
    else if (status == NP_OK)
        status = sum_rows(w, err);
    if (status != NP_OK)
        return status;
    finish_sums(w);
    if (w->spec->type != NP_WILD_11)
        status = np_wild_jackknife(&w->sums, w->plan, w->spec->type, w->c, w->combination,
                                   w->scratch, err);
    if (status != NP_OK)
        return status;
    if (!(w->sums.variance > 0))
        return np_fail(
            err, NP_E_NOT_IDENTIFIED,
            _("the clustered variance of what is to be tested is not positive"));
    return NP_OK;
}

void np_wild_choose_draws(np_wild_sums *s, const np_wild_spec *spec)
{
    s->n_draws = spec->draws == 0 ? DEFAULT_DRAWS : spec->draws;
    s->seed = spec->seed;
    s->weights = spec->weights;
    s->imposed = spec->null == NP_WILD_NULL_IMPOSED;
    s->enumerated = s->weights == NP_WILD_RADEMACHER && s->H < 63 &&
                    (uint64_t)1 << s->H <= s->n_draws;
    if (s->enumerated)
        s->n_draws = (size_t)1 << s->H;
}

static np_status compare_draws(np_wild *out, const work *w, const np_wild_draw *draw,
                               np_error *err)
{
    const np_wild_sums *s = &w->sums;
    double delta = out->estimate - out->value;
    np_wild_counts counts = {0};
    double *t = w->spec->want_draws ? np_arena_array(w->arena, double, s->n_draws) : NULL;
    if (t == NULL && w->spec->want_draws)
        return no_memory(err);
    for (size_t d = 0; d < s->n_draws; d++) {
        np_wild_comparison c = np_wild_compare(&draw[d], delta, s->variance);
        np_wild_count(&counts, c, w->spec->p, 1);
        if (t != NULL)
            t[d] = c.t;
    }
    if (counts.defined == 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("no draw of the wild bootstrap has a positive variance"));
    out->t = t;
    out->n_ties = (size_t)counts.tied;
    out->n_undefined = s->n_draws - (size_t)counts.defined;
    out->p_value = np_wild_p_value(&counts, w->spec->p, false);
    out->p_value_ties = np_wild_p_value(&counts, w->spec->p, true);
    return NP_OK;
}

static np_status bootstrap(np_wild *out, work *w, np_error *err)
{
    const np_wild_sums *s = &w->sums;
    const np_wild_spec *spec = w->spec;
    np_wild_draw *draw = np_arena_array(w->scratch, np_wild_draw, s->n_draws);
    if (draw == NULL)
        return no_memory(err);
    *out =
        (np_wild){.estimate = spec->estimate,
                  .value = spec->value,
                  .std_error = sqrt(s->variance),
                  .statistic = (spec->estimate - spec->value) / sqrt(s->variance),
                  .draws = s->n_draws,
                  .enumerated = s->enumerated,
                  .n_clusters = s->H,
                  .cluster = w->plan->boot_name,
                  .conf_level = spec->conf_level > 0 ? spec->conf_level : default_level};
    np_status status = np_wild_draws(draw, s, w->scratch, err);
    if (status == NP_OK)
        status = compare_draws(out, w, draw, err);
    if (status == NP_OK && !spec->no_set)
        status = np_wild_invert(out, draw, s, spec->p, w->arena, w->scratch, err);
    return status;
}

np_status np_wild_plan_estimate(np_wild *out, np_wild_plan *plan,
                                const np_wild_spec *spec, np_arena *arena, np_error *err)
{
    np_wild result = {0};
    work w = {.plan = plan,
              .spec = spec,
              .sums = plan->sums,
              .arena = arena,
              .scratch = plan->scratch};
    np_arena_mark mark = np_arena_set_mark(plan->scratch);
    np_wild_choose_draws(&w.sums, spec);
    w.sums.n_threads = plan->n_threads;
    np_status status = combine(&w, err);
    if (status == NP_OK)
        status = sum_clusters(&w, err);
    if (status == NP_OK)
        status = bootstrap(&result, &w, err);
    np_arena_release(plan->scratch, mark);
    if (status == NP_OK)
        *out = result;
    return status;
}

np_status np_wild_estimate(np_wild *out, const np_fit *fit, const np_wild_spec *spec,
                           np_arena *arena, np_error *err)
{
    np_wild_plan *plan = NULL;
    np_status status = np_wild_plan_new(&plan, fit, spec, 1, arena, err);
    return status == NP_OK ? np_wild_plan_estimate(out, plan, spec, arena, err) : status;
}
