#include "stats/panel_core.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum {
    METHOD_IID,
    METHOD_ARELLANO,
    METHOD_ARELLANO_TIME,
    METHOD_WHITE1,
    METHOD_WHITE2,
    METHOD_DOUBLE,
    METHOD_SCC,
    METHOD_NW,
    METHOD_BK,
    METHOD_BK_TIME,
    METHOD_PCSE,
    METHOD_PCSE_TIME
} method;

typedef enum {
    TYPE_HC0,
    TYPE_HC1,
    TYPE_HC2,
    TYPE_HC3,
    TYPE_HC4,
    TYPE_SSS,
    TYPE_STATA
} type;

static const struct {
    const char *name, *label;
} methods[] = {
    [METHOD_IID] = {"iid", N_("conventional")},
    [METHOD_ARELLANO] = {"arellano", N_("clustered by unit (Arellano)")},
    [METHOD_ARELLANO_TIME] = {"arellano-time", N_("clustered by period (Arellano)")},
    [METHOD_WHITE1] = {"white1", N_("heteroskedastic (White)")},
    [METHOD_WHITE2] = {"white2", N_("heteroskedastic by unit (White)")},
    [METHOD_DOUBLE] = {"double", N_("clustered by unit and period")},
    [METHOD_SCC] = {"scc", N_("Driscoll and Kraay")},
    [METHOD_NW] = {"nw", N_("Newey and West within units")},
    [METHOD_BK] = {"bk", N_("Beck and Katz, over units, as plm pairs periods")},
    [METHOD_BK_TIME] = {"bk-time", N_("Beck and Katz, over periods, as plm pairs units")},
    [METHOD_PCSE] = {"pcse", N_("Beck and Katz, over units")},
    [METHOD_PCSE_TIME] = {"pcse-time", N_("Beck and Katz, over periods")},
};

static const char *const types[] = {"HC0", "HC1", "HC2", "HC3", "HC4", "sss", "stata"};

/* Rows by group, in order; group g has member[start[g] … start[g+1]-1]. */
typedef struct {
    size_t n_groups;
    const size_t *start;
    const uint32_t *member;
} grouping;

/* Work for one covariance: scaled residuals and sums of scores. */
typedef struct {
    const np_panel_fit *fit;
    double *u;    /* [m] residuals times the type's factor */
    double *meat; /* [k × k] */
    grouping unit, time;
    size_t lags;
    np_arena *arena;
    np_error *err;
} work;

static np_status group_rows(grouping *out, const int32_t *code, size_t m, size_t n_codes,
                            np_arena *arena, np_error *err)
{
    size_t *start = np_arena_array(arena, size_t, n_codes + 2);
    uint32_t *member = np_arena_array(arena, uint32_t, m);
    if (start == NULL || member == NULL)
        return np_panel_no_memory(err);
    for (size_t i = 0; i < m; i++)
        start[code[i] + 2]++;
    for (size_t g = 0; g < n_codes; g++)
        start[g + 2] += start[g + 1];
    for (size_t i = 0; i < m; i++)
        member[start[code[i] + 1]++] = (uint32_t)i;
    size_t n_groups = 0; /* codes without rows are left out: first periods of fd */
    for (size_t g = 0; g < n_codes; g++)
        if (start[g + 1] > start[g])
            start[++n_groups] = start[g + 1];
    *out = (grouping){n_groups, start, member};
    return NP_OK;
}

/* h_ii = x_i'(X'X)^-1 x_i */
static double leverage(const np_panel_fit *fit, size_t i)
{
    double h = 0;
    for (size_t a = 0; a < fit->k; a++)
        for (size_t b = 0; b < fit->k; b++)
            h += fit->x[a][i] * fit->bread[a * fit->k + b] * fit->x[b][i];
    return h;
}

/* n_clusters is what sss counts: clusters, or rows where each row is one. With first
 * differences plm's vcovHC() and its kin take HC1's degrees of freedom from the rows
 * before differencing, its vcovBK() from those after. */
static np_status scale_residuals(work *w, type t, size_t n_clusters, size_t n_before)
{
    const np_panel_fit *fit = w->fit;
    double m = (double)fit->m, k = (double)fit->k, g = (double)n_clusters, factor = 1;
    if (t == TYPE_HC1)
        factor = sqrt(m / ((double)n_before - k));
    if (t == TYPE_SSS)
        factor = sqrt(g / (g - 1) * ((m - 1) / (m - k)));
    if (t == TYPE_STATA) /* xtreg and gretl count the constant of a within model too */
        factor = sqrt(g / (g - 1) *
                      ((m - 1) / (m - k - (fit->spec.model == NP_PANEL_WITHIN ? 1 : 0))));
    for (size_t i = 0; i < fit->m; i++) {
        w->u[i] = fit->residual[i] * factor;
        if (t < TYPE_HC2 || t > TYPE_HC4)
            continue;
        double h = leverage(fit, i);
        if (!(h < 1 - 1e-12))
            return np_fail(w->err, NP_E_RANGE,
                           _("row %zu has a leverage of one: %s is not defined"),
                           (size_t)fit->core->row[i] + 1, types[t]);
        double power = t == TYPE_HC2 ? 0.5 : t == TYPE_HC3 ? 1 : fmin(4, m * h / k) / 2;
        w->u[i] /= pow(1 - h, power);
    }
    return NP_OK;
}

static void add_score(double *score, const work *w, size_t i)
{
    for (size_t a = 0; a < w->fit->k; a++)
        score[a] += w->fit->x[a][i] * w->u[i];
}

static void add_outer(double *meat, const double *a, const double *b, size_t k, double by)
{
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            meat[i * k + j] += by * a[i] * b[j];
}

/* Sums of scores by group, [n_groups × k]. */
static double *group_scores(const work *w, const grouping *g)
{
    double *score = np_arena_array(w->arena, double, g->n_groups * w->fit->k);
    for (size_t j = 0; score != NULL && j < g->n_groups; j++)
        for (size_t i = g->start[j]; i < g->start[j + 1]; i++)
            add_score(score + j * w->fit->k, w, g->member[i]);
    return score;
}

static np_status clustered(work *w, const grouping *g)
{
    size_t k = w->fit->k;
    double *score = group_scores(w, g);
    if (score == NULL)
        return np_panel_no_memory(w->err);
    for (size_t j = 0; j < g->n_groups; j++)
        add_outer(w->meat, score + j * k, score + j * k, k, 1);
    return NP_OK;
}

static void white(work *w, double by)
{
    size_t k = w->fit->k;
    for (size_t i = 0; i < w->fit->m; i++)
        for (size_t a = 0; a < k; a++)
            for (size_t b = 0; b < k; b++)
                w->meat[a * k + b] +=
                    by * w->fit->x[a][i] * w->fit->x[b][i] * w->u[i] * w->u[i];
}

static void white_by_group(work *w, const grouping *g)
{
    size_t k = w->fit->k;
    for (size_t j = 0; j < g->n_groups; j++) {
        double square = 0;
        for (size_t s = g->start[j]; s < g->start[j + 1]; s++)
            square += w->u[g->member[s]] * w->u[g->member[s]];
        square /= (double)(g->start[j + 1] - g->start[j]);
        for (size_t s = g->start[j]; s < g->start[j + 1]; s++) {
            size_t i = g->member[s];
            for (size_t a = 0; a < k; a++)
                for (size_t b = 0; b < k; b++)
                    w->meat[a * k + b] += square * w->fit->x[a][i] * w->fit->x[b][i];
        }
    }
}

/* Bartlett weights on the products of period sums that are l periods apart. */
static np_status driscoll_kraay(work *w)
{
    size_t k = w->fit->k;
    double *score = group_scores(w, &w->time);
    if (score == NULL)
        return np_panel_no_memory(w->err);
    for (size_t l = 0; l <= w->lags && l < w->time.n_groups; l++) {
        double by = 1 - (double)l / ((double)w->lags + 1);
        for (size_t t = l; t < w->time.n_groups; t++) {
            const double *now = score + t * k, *then = score + (t - l) * k;
            add_outer(w->meat, now, then, k, by);
            if (l > 0)
                add_outer(w->meat, then, now, k, by);
        }
    }
    return NP_OK;
}

/* The same, a unit's rows with its own only. */
static np_status newey_west(work *w)
{
    size_t k = w->fit->k;
    double *score = np_arena_array(w->arena, double, 2 * k);
    if (score == NULL)
        return np_panel_no_memory(w->err);
    for (size_t j = 0; j < w->unit.n_groups; j++)
        for (size_t s = w->unit.start[j]; s < w->unit.start[j + 1]; s++)
            for (size_t r = w->unit.start[j]; r <= s; r++) {
                size_t i = w->unit.member[s], before = w->unit.member[r];
                int32_t apart = w->fit->time[i] - w->fit->time[before];
                if ((size_t)apart > w->lags)
                    continue;
                double by = 1 - (double)apart / ((double)w->lags + 1);
                memset(score, 0, 2 * k * sizeof *score);
                add_score(score, w, i);
                add_score(score + k, w, before);
                add_outer(w->meat, score, score + k, k, by);
                if (apart > 0)
                    add_outer(w->meat, score + k, score, k, by);
            }
    return NP_OK;
}

static int by_place(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* Where each row's residual goes in the matrix of mean products. `place` numbers the
 * labels: by their order, or, as plm has it, by first appearance among the rows, and
 * then the rows of a group take their group's places in ascending order. */
static np_status places(int32_t *of_row, const work *w, const grouping *g,
                        const int32_t *label, size_t n_labels, bool as_plm)
{
    size_t m = w->fit->m;
    memcpy(of_row, label, m * sizeof *of_row);
    if (!as_plm)
        return NP_OK;
    int32_t *place = np_arena_array(w->arena, int32_t, n_labels);
    if (place == NULL)
        return np_panel_no_memory(w->err);
    int32_t n = 0;
    for (size_t i = 0; i < m; i++)
        if (place[label[i]] == 0)
            place[label[i]] = ++n;
    int32_t *own = np_arena_array(w->arena, int32_t, m);
    if (own == NULL)
        return np_panel_no_memory(w->err);
    for (size_t j = 0; j < g->n_groups; j++) {
        size_t size = g->start[j + 1] - g->start[j];
        for (size_t s = 0; s < size; s++)
            own[s] = place[label[g->member[g->start[j] + s]]] - 1;
        qsort(own, size, sizeof *own, by_place);
        for (size_t s = 0; s < size; s++)
            of_row[g->member[g->start[j] + s]] = own[s];
    }
    return NP_OK;
}

/* Σ_g X_g' Omega_g X_g, Omega the means over groups of the residuals' products. */
static np_status beck_katz(work *w, const grouping *g, const int32_t *label,
                           size_t n_labels, bool as_plm)
{
    size_t k = w->fit->k;
    int32_t *place = np_arena_array(w->arena, int32_t, w->fit->m);
    double *omega = np_arena_array(w->arena, double, n_labels *n_labels);
    double *count = np_arena_array(w->arena, double, n_labels *n_labels);
    if (place == NULL || omega == NULL || count == NULL)
        return np_panel_no_memory(w->err);
    np_status status = places(place, w, g, label, n_labels, as_plm);
    if (status != NP_OK)
        return status;
    for (size_t j = 0; j < g->n_groups; j++)
        for (size_t s = g->start[j]; s < g->start[j + 1]; s++)
            for (size_t r = g->start[j]; r < g->start[j + 1]; r++) {
                size_t a = g->member[s], b = g->member[r];
                size_t cell = (size_t)place[a] * n_labels + (size_t)place[b];
                omega[cell] += w->u[a] * w->u[b];
                count[cell]++;
            }
    for (size_t j = 0; j < g->n_groups; j++)
        for (size_t s = g->start[j]; s < g->start[j + 1]; s++)
            for (size_t r = g->start[j]; r < g->start[j + 1]; r++) {
                size_t a = g->member[s], b = g->member[r];
                size_t cell = (size_t)place[a] * n_labels + (size_t)place[b];
                double o = omega[cell] / count[cell];
                for (size_t p = 0; p < k; p++)
                    for (size_t q = 0; q < k; q++)
                        w->meat[p * k + q] += w->fit->x[p][a] * o * w->fit->x[q][b];
            }
    return NP_OK;
}

static np_status doubly_clustered(work *w, type t)
{
    np_status status = scale_residuals(w, t, w->unit.n_groups, w->fit->n);
    if (status == NP_OK)
        status = clustered(w, &w->unit);
    if (status == NP_OK)
        status = scale_residuals(w, t, w->time.n_groups, w->fit->n);
    if (status == NP_OK)
        status = clustered(w, &w->time);
    if (status == NP_OK)
        status = scale_residuals(w, t, w->fit->m, w->fit->n);
    if (status == NP_OK)
        white(w, -1);
    return status;
}

static np_status fill_meat(work *w, method how, type t)
{
    const np_panel_fit *fit = w->fit;
    bool by_time = how == METHOD_ARELLANO_TIME || how == METHOD_SCC;
    bool by_row = how == METHOD_WHITE1 || how == METHOD_WHITE2 || how == METHOD_NW;
    np_status status = scale_residuals(w, t,
                                       by_row    ? fit->m
                                       : by_time ? w->time.n_groups
                                                 : w->unit.n_groups,
                                       how >= METHOD_BK ? fit->m : fit->n);
    if (status != NP_OK)
        return status;
    switch (how) {
    case METHOD_IID:
        break;
    case METHOD_ARELLANO:
        return clustered(w, &w->unit);
    case METHOD_ARELLANO_TIME:
        return clustered(w, &w->time);
    case METHOD_WHITE1:
        white(w, 1);
        break;
    case METHOD_WHITE2:
        white_by_group(w, &w->unit);
        break;
    case METHOD_DOUBLE:
        return doubly_clustered(w, t);
    case METHOD_SCC:
        return driscoll_kraay(w);
    case METHOD_NW:
        return newey_west(w);
    case METHOD_BK:
    case METHOD_PCSE:
        return beck_katz(w, &w->unit, fit->time, fit->n_periods, how == METHOD_BK);
    case METHOD_BK_TIME:
    case METHOD_PCSE_TIME:
        return beck_katz(w, &w->time, fit->unit, fit->n_units, how == METHOD_BK_TIME);
    }
    return NP_OK;
}

static np_status sandwich(const double **out, const work *w)
{
    size_t k = w->fit->k;
    const double *bread = w->fit->bread;
    double *half = np_arena_array(w->arena, double, k *k);
    double *vcov = np_arena_array(w->arena, double, k *k);
    if (half == NULL || vcov == NULL)
        return np_panel_no_memory(w->err);
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            for (size_t l = 0; l < k; l++)
                half[i * k + j] += bread[i * k + l] * w->meat[l * k + j];
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            for (size_t l = 0; l < k; l++)
                vcov[i * k + j] += half[i * k + l] * bread[l * k + j];
    *out = vcov;
    return NP_OK;
}

typedef struct {
    method how;
    type type;
    long lags; /* -1: the rule */
} request;

static np_status unknown(const char *name, np_error *err)
{
    np_fail(err, NP_E_UNKNOWN_NAME, _("no covariance of panel models is called \"%s\""),
            name);
    np_error_hint(err, _("arellano, arellano-time, white1, white2, double, scc, nw, "
                         "bk or pcse with /HC0 … /HC4, /sss or /stata"));
    return NP_E_UNKNOWN_NAME;
}

/* Second names of the same covariances. */
static const struct {
    const char *name;
    method how;
} aliases[] = {{"driscoll-kraay", METHOD_SCC},
               {"newey-west", METHOD_NW},
               {"beck-katz", METHOD_BK},
               {"beck-katz-time", METHOD_BK_TIME}};

static bool is_name(const char *name, const char *text, size_t length)
{
    return strlen(name) == length && strncmp(name, text, length) == 0;
}

static bool find_method(method *out, const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (is_name(methods[i].name, text, length))
            return *out = (method)i, true;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (is_name(aliases[i].name, text, length))
            return *out = aliases[i].how, true;
    return length == 0;
}

/* "scc(3)/HC0" */
static np_status parse(request *out, const char *name, np_error *err)
{
    request r = {METHOD_IID, TYPE_HC0, -1};
    size_t length = strcspn(name, "(/");
    size_t n_types = sizeof types / sizeof *types, i = 0;
    if (!find_method(&r.how, name, length))
        return unknown(name, err);
    const char *rest = name + length;
    if (*rest == '(') {
        char *end = NULL;
        r.lags = strtol(rest + 1, &end, 10);
        if (end == rest + 1 || *end != ')' || r.lags < 0 ||
            (r.how != METHOD_SCC && r.how != METHOD_NW))
            return unknown(name, err);
        rest = end + 1;
    }
    if (*rest != '\0') {
        while (i < n_types && (*rest != '/' || strcmp(rest + 1, types[i]) != 0))
            i++;
        if (i == n_types || r.how == METHOD_IID)
            return unknown(name, err);
        r.type = (type)i;
    }
    *out = r;
    return NP_OK;
}

static np_status conventional(np_panel_vcov *out, const np_panel_fit *fit,
                              np_arena *arena, np_error *err)
{
    size_t k = fit->k;
    double *vcov = np_arena_array(arena, double, k *k);
    if (vcov == NULL)
        return np_panel_no_memory(err);
    for (size_t i = 0; i < k * k; i++)
        vcov[i] = fit->vcov[i] * (fit->vcov_unscaled ? fit->sigma2_idios : 1);
    *out = (np_panel_vcov){vcov, _(methods[METHOD_IID].label), "iid", 0};
    return NP_OK;
}

static np_status refuse_robust(const np_panel_fit *fit, const char *name, np_error *err)
{
    if (fit->spec.model == NP_PANEL_BETWEEN)
        return np_fail(
            err, NP_E_NOT_IDENTIFIED,
            _("%s needs rows of units and periods; a between model has one per "
              "unit"),
            name);
    if (fit->vcov_unscaled)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("%s is not defined for two-way random effects in an unbalanced "
                         "panel"),
                       name);
    return NP_OK;
}

static size_t lags_of(const np_panel_fit *fit, const request *r)
{
    size_t longest = 0;
    for (size_t u = 0; u < fit->n_units; u++)
        if (fit->core->unit_size[u] > longest)
            longest = fit->core->unit_size[u];
    return r->lags >= 0 ? (size_t)r->lags : (size_t)floor(pow((double)longest, 0.25));
}

static np_status describe(np_panel_vcov *out, const work *w, const request *r)
{
    const char *label = _(methods[r->how].label);
    const char *lags = "";
    if (r->how == METHOD_SCC || r->how == METHOD_NW)
        lags = np_arena_format(w->arena, "(%zu)", w->lags);
    if (lags == NULL)
        return np_panel_no_memory(w->err);
    out->label = np_arena_format(w->arena, "%s%s%s, %s", label, *lags ? " " : "", lags,
                                 types[r->type]);
    out->call =
        np_arena_format(w->arena, "%s%s/%s", methods[r->how].name, lags, types[r->type]);
    if (r->how == METHOD_ARELLANO || r->how == METHOD_WHITE2)
        out->n_clusters = w->unit.n_groups;
    if (r->how == METHOD_ARELLANO_TIME)
        out->n_clusters = w->time.n_groups;
    if (r->how == METHOD_DOUBLE)
        out->n_clusters =
            w->time.n_groups < w->unit.n_groups ? w->time.n_groups : w->unit.n_groups;
    return out->label == NULL || out->call == NULL ? np_panel_no_memory(w->err) : NP_OK;
}

np_status np_panel_vcov_estimate(np_panel_vcov *out, const np_panel_fit *fit,
                                 const char *name, np_arena *arena, np_error *err)
{
    request r = {METHOD_IID, TYPE_HC0, -1};
    np_status status = parse(&r, name == NULL ? "" : name, err);
    if (status != NP_OK)
        return status;
    if (r.how == METHOD_IID)
        return conventional(out, fit, arena, err);
    status = refuse_robust(fit, name, err);
    if (status != NP_OK)
        return status;
    work w = {.fit = fit, .lags = lags_of(fit, &r), .arena = arena, .err = err};
    w.u = np_arena_array(arena, double, fit->m);
    w.meat = np_arena_array(arena, double, fit->k * fit->k);
    if (w.u == NULL || w.meat == NULL)
        return np_panel_no_memory(err);
    status = group_rows(&w.unit, fit->unit, fit->m, fit->n_units, arena, err);
    if (status == NP_OK)
        status = group_rows(&w.time, fit->time, fit->m, fit->n_periods, arena, err);
    if (status == NP_OK && (w.unit.n_groups < 2 || w.time.n_groups < 2))
        status = np_fail(err, NP_E_NOT_IDENTIFIED,
                         _("%s needs at least two units and two periods"), name);
    np_panel_vcov result = {0};
    if (status == NP_OK)
        status = fill_meat(&w, r.how, r.type);
    if (status == NP_OK)
        status = sandwich(&result.vcov, &w);
    if (status == NP_OK)
        status = describe(&result, &w, &r);
    if (status == NP_OK)
        *out = result;
    return status;
}
