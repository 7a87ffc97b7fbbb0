#include "stats/did/did_regression.h"

#include <math.h>
#include <string.h>

#include "stats/linalg.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the two-way regression"));
}

typedef struct {
    const np_did_panel *p;
    const np_did_regressors *z;
    const np_did_spec *spec;
    uint32_t *row; /* [n] NULL: all */
    size_t n, n_alone;
    np_arena *arena;
    np_error *err;
} work;

/* Rows that are alone in their unit or period go, until none is. */
static size_t drop_alone(uint8_t *gone, const np_did_panel *p, size_t *in_unit,
                         size_t *in_period)
{
    size_t n_dropped = 0, before;
    do {
        before = n_dropped;
        memset(in_unit, 0, p->n_units * sizeof *in_unit);
        memset(in_period, 0, p->n_periods * sizeof *in_period);
        for (size_t r = 0; r < p->n; r++)
            if (!gone[r]) {
                in_unit[p->unit_of[r]]++;
                in_period[p->period_of[r]]++;
            }
        for (size_t r = 0; r < p->n; r++)
            if (!gone[r] &&
                (in_unit[p->unit_of[r]] == 1 || in_period[p->period_of[r]] == 1)) {
                gone[r] = 1;
                n_dropped++;
            }
    } while (n_dropped > before);
    return n_dropped;
}

static np_status choose_rows(work *w)
{
    const np_did_panel *p = w->p;
    w->n = p->n;
    if (p->balanced && w->z->left_out == NULL && p->n_units > 1)
        return NP_OK;
    uint8_t *gone = np_arena_array(w->arena, uint8_t, p->n);
    size_t *in_unit = np_arena_array(w->arena, size_t, p->n_units);
    size_t *in_period = np_arena_array(w->arena, size_t, p->n_periods);
    w->row = np_arena_array(w->arena, uint32_t, p->n);
    if (gone == NULL || in_unit == NULL || in_period == NULL || w->row == NULL)
        return no_memory(w->err);
    if (w->z->left_out != NULL)
        memcpy(gone, w->z->left_out, p->n);
    w->n_alone = drop_alone(gone, p, in_unit, in_period);
    w->n = 0;
    for (size_t r = 0; r < p->n; r++)
        if (!gone[r])
            w->row[w->n++] = (uint32_t)r;
    if (w->n == p->n)
        w->row = NULL;
    return NP_OK;
}

/* The column at the rows used; NULL: no memory. */
static const double *numbers(const work *w, const double *column)
{
    if (w->row == NULL)
        return column;
    double *taken = np_arena_array(w->arena, double, w->n);
    for (size_t i = 0; taken != NULL && i < w->n; i++)
        taken[i] = column[w->row[i]];
    return taken;
}

static const int32_t *codes(const work *w, const int32_t *column)
{
    if (w->row == NULL)
        return column;
    int32_t *taken = np_arena_array(w->arena, int32_t, w->n);
    for (size_t i = 0; taken != NULL && i < w->n; i++)
        taken[i] = column[w->row[i]];
    return taken;
}

/* Codes at the rows used, counted anew so that each occurs. */
static np_status dense_codes(const int32_t **out, size_t *n_levels, const work *w,
                             const int32_t *column, size_t n_codes)
{
    *out = column;
    *n_levels = n_codes;
    if (w->row == NULL)
        return NP_OK;
    int32_t *taken = np_arena_array(w->arena, int32_t, w->n);
    int32_t *new_code = np_arena_array(w->arena, int32_t, n_codes);
    if (taken == NULL || new_code == NULL)
        return no_memory(w->err);
    for (size_t i = 0; i < w->n; i++)
        new_code[column[w->row[i]]] = 1;
    *n_levels = 0;
    for (size_t c = 0; c < n_codes; c++)
        new_code[c] = new_code[c] ? (int32_t)(*n_levels)++ : -1;
    for (size_t i = 0; i < w->n; i++)
        taken[i] = new_code[column[w->row[i]]];
    *out = taken;
    return NP_OK;
}

static np_status cluster_codes(const int32_t **out, const work *w)
{
    const np_did_panel *p = w->p;
    int32_t *code = np_arena_array(w->arena, int32_t, p->n);
    if (code == NULL)
        return no_memory(w->err);
    for (size_t r = 0; r < p->n; r++)
        code[r] = p->cluster_of[p->unit_of[r]];
    *out = code;
    return NP_OK;
}

static np_status fill_factors(np_design *d, const work *w)
{
    const np_did_panel *p = w->p;
    np_factor *fe = np_arena_array(w->arena, np_factor, 2);
    np_groups *key = np_arena_array(w->arena, np_groups, 1);
    const char **name = np_arena_array(w->arena, const char *, 1);
    if (fe == NULL || key == NULL || name == NULL)
        return no_memory(w->err);
    fe[0] = (np_factor){.name = p->unit_name, .has_intercept = true};
    fe[1] = (np_factor){.name = p->time_name, .has_intercept = true};
    *key = (np_groups){.n = w->n};
    *name = p->cluster_of == NULL ? p->unit_name : p->cluster_name;
    np_status status =
        dense_codes(&fe[0].code, &fe[0].n_levels, w, p->unit_of, p->n_units);
    if (status == NP_OK)
        status = dense_codes(&fe[1].code, &fe[1].n_levels, w, p->period_of, p->n_periods);
    key->code = fe[0].code;
    key->n_groups = fe[0].n_levels;
    const int32_t *cluster = NULL;
    if (status == NP_OK && p->cluster_of != NULL) {
        status = cluster_codes(&cluster, w);
        if (status == NP_OK)
            status = dense_codes(&key->code, &key->n_groups, w, cluster, p->n_clusters);
    }
    d->fe = fe;
    d->n_fe = 2;
    d->key = key;
    d->n_keys = 1;
    d->key_name = name;
    return status;
}

static size_t n_controls(const np_did_panel *p, const np_did_spec *s)
{
    return s->no_controls || p->k == 0 ? 0 : p->k - 1;
}

static np_status fill_regressors(np_design *d, const work *w)
{
    const np_did_regressors *z = w->z;
    const size_t n_x = n_controls(w->p, w->spec), n_z = z->n_dense + z->n_dummies;
    np_block *block = np_arena_array(w->arena, np_block, z->n_dense + 1 + n_x);
    const char **term = np_arena_array(w->arena, const char *, n_z + n_x);
    size_t n_blocks = 0;
    if (block == NULL || term == NULL)
        return no_memory(w->err);
    for (size_t j = 0; j < z->n_dense; j++)
        block[n_blocks++] = (np_block){
            .first = j, .n_columns = 1, .value = numbers(w, z->dense[j]), .variable = ""};
    if (z->n_dummies > 0)
        block[n_blocks++] = (np_block){.kind = NP_BLOCK_DUMMIES,
                                       .first = z->n_dense,
                                       .n_columns = z->n_dummies,
                                       .column = codes(w, z->dummy),
                                       .variable = "event"};
    for (size_t j = 0; j < n_x; j++)
        block[n_blocks++] = (np_block){.first = n_z + j,
                                       .n_columns = 1,
                                       .value = numbers(w, w->p->x[j + 1]),
                                       .variable = ""};
    for (size_t j = 0; j < n_z; j++)
        term[j] = z->term[j];
    for (size_t j = 0; j < n_x; j++)
        term[n_z + j] = w->p->term[j + 1];
    for (size_t b = 0; b < n_blocks; b++)
        if (block[b].value == NULL && block[b].column == NULL)
            return no_memory(w->err);
    d->x = (np_regressors){
        .k = n_z + n_x, .n_blocks = n_blocks, .block = block, .term = term};
    return NP_OK;
}

static np_status fill_design(np_design *out, const work *w)
{
    const np_did_panel *p = w->p;
    np_design d = {.n = w->n, .n_table_rows = p->n_table_rows, .y_name = p->y_name};
    uint32_t *row = np_arena_array(w->arena, uint32_t, w->n);
    d.y = numbers(w, p->y);
    d.weight = p->weight == NULL ? NULL : numbers(w, p->weight);
    if (row == NULL || d.y == NULL || (p->weight != NULL && d.weight == NULL))
        return no_memory(w->err);
    for (size_t i = 0; i < w->n; i++)
        row[i] = p->table_row[w->row == NULL ? i : w->row[i]];
    d.row = row;
    np_status status = fill_factors(&d, w);
    if (status == NP_OK)
        status = fill_regressors(&d, w);
    if (status == NP_OK)
        *out = d;
    return status;
}

static np_status statistics(np_did_regression *out, const np_vcov *v, const work *w)
{
    const np_linear *l = &out->linear;
    np_statistic *stat = np_arena_array(w->arena, np_statistic, l->n_stats + 3);
    if (stat == NULL)
        return no_memory(w->err);
    if (l->n_stats > 0)
        memcpy(stat, l->stat, l->n_stats * sizeof *stat);
    size_t n = l->n_stats;
    stat[n++] = (np_statistic){"df_k", v->df_k};
    stat[n++] = (np_statistic){"df_t", v->df_t};
    stat[n++] = (np_statistic){"n_clusters", (double)v->G};
    out->estimates.stat = stat;
    out->estimates.n_stats = n;
    return NP_OK;
}

static np_status covariance(np_did_regression *out, const work *w)
{
    np_vcov_spec spec = {
        .kind = NP_VCOV_CLUSTER, .n_keys = 1, .key = {out->design.key_name[0]}};
    np_vcov v;
    np_status status = np_vcov_estimate(&v, &out->linear.fit, &spec, w->arena, w->err);
    if (status != NP_OK)
        return status;
    np_estimates *e = &out->estimates;
    e->vcov = v.vcov;
    e->df_t = v.df_t;
    e->df = v.df;
    e->vcov_label = v.label;
    e->vcov_call = v.call;
    e->ssc_label = v.ssc_label;
    e->conf_level = w->spec->conf_level;
    status = statistics(out, &v, w);
    return status == NP_OK ? np_estimates_infer(e, w->arena, w->err) : status;
}

/* Kept terms come in the order of the columns. */
static np_status find_places(np_did_regression *out, const work *w)
{
    const size_t n_z = w->z->n_dense + w->z->n_dummies;
    size_t *place = np_arena_array(w->arena, size_t, n_z), next = 0, n_found = 0;
    if (place == NULL)
        return no_memory(w->err);
    for (size_t j = 0; j < n_z; j++) {
        bool is_next = next < out->linear.fit.k &&
                       strcmp(out->linear.term[next], w->z->term[j]) == 0;
        place[j] = is_next ? next++ : SIZE_MAX;
        n_found += is_next;
    }
    out->z_of = place;
    out->n_controls = n_controls(w->p, w->spec);
    out->n_controls_kept = out->linear.fit.k - n_found;
    if (n_found == 0)
        return np_fail(w->err, NP_E_NOT_IDENTIFIED,
                       _("the treatment does not vary beside the effects of units and "
                         "periods"));
    return NP_OK;
}

np_status np_did_regress(np_did_regression *out, const np_did_panel *panel,
                         const np_did_regressors *z, const np_did_spec *spec,
                         np_arena *arena, np_error *err)
{
    work w = {.p = panel, .z = z, .spec = spec, .arena = arena, .err = err};
    np_did_regression r = {0};
    np_status status = choose_rows(&w);
    if (status == NP_OK && w.n == 0)
        status = np_fail(err, NP_E_NOT_IDENTIFIED, _("no unit is seen in two periods"));
    if (status == NP_OK)
        status = fill_design(&r.design, &w);
    np_linear_spec linear = {.want_residuals = true, .n_threads = spec->n_threads};
    if (status == NP_OK)
        status = np_linear_estimate(&r.linear, &r.design, &linear, arena, err);
    if (status == NP_OK)
        status = find_places(&r, &w);
    if (status != NP_OK)
        return status;
    r.row = w.row;
    r.n_alone = w.n_alone;
    r.estimates = (np_estimates){.k = r.linear.fit.k,
                                 .term = r.linear.term,
                                 .estimate = r.linear.coefficient,
                                 .n = w.n,
                                 .n_table_rows = panel->n_table_rows,
                                 .collinear = r.linear.collinear,
                                 .n_collinear = r.linear.n_collinear};
    status = covariance(&r, &w);
    if (status == NP_OK)
        *out = r;
    return status;
}

static double weighted_product(const np_design *d, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < d->n; i++)
        sum += (d->weight == NULL ? 1 : d->weight[i]) * a[i] * b[i];
    return sum;
}

/* column[0] less its least squares fit by the others, which are demeaned already;
 * square [k + 1]: their sums of squares before that. */
static np_status subtract_fit(double *const *column, const double *square, size_t k,
                              const np_design *d, np_arena *arena, np_error *err)
{
    double *A = np_arena_array(arena, double, k *k),
           *R = np_arena_array(arena, double, k *k);
    double *b = np_arena_array(arena, double, k);
    bool *kept = np_arena_array(arena, bool, k);
    if (A == NULL || R == NULL || b == NULL || kept == NULL)
        return no_memory(err);
    for (size_t i = 0; i < k; i++) {
        b[i] = weighted_product(d, column[i + 1], column[0]);
        for (size_t j = 0; j <= i; j++)
            A[i * k + j] = A[j * k + i] =
                weighted_product(d, column[i + 1], column[j + 1]);
    }
    np_cholesky(R, kept, A, square + 1, k, 1e-10);
    np_cholesky_solve(b, R, kept, k);
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < d->n; i++)
            column[0][i] -= b[j] * column[j + 1][i];
    return NP_OK;
}

np_status np_did_partial_out(const double **residual, const np_did_regression *r,
                             const np_did_spec *spec, np_arena *arena, np_error *err)
{
    const np_design *d = &r->design;
    const size_t k = d->x.k;
    double **column = np_arena_array(arena, double *, k);
    double *square = np_arena_array(arena, double, k);
    if (column == NULL || square == NULL)
        return no_memory(err);
    for (size_t j = 0; j < k; j++) {
        column[j] = np_arena_array(arena, double, d->n);
        if (column[j] == NULL)
            return no_memory(err);
        memcpy(column[j], d->x.block[j].value, d->n * sizeof **column);
        square[j] = weighted_product(d, column[j], column[j]);
    }
    np_absorber *absorber;
    const np_absorb_spec of_both = {.n = d->n,
                                    .n_fe = d->n_fe,
                                    .fe = d->fe,
                                    .weight = d->weight,
                                    .n_threads = spec->n_threads};
    np_status status = np_absorber_new(&absorber, &of_both, arena, err);
    if (status == NP_OK)
        status = np_absorber_residuals(absorber, column, k, arena, err);
    if (status == NP_OK)
        status = subtract_fit(column, square, k - 1, d, arena, err);
    if (status == NP_OK)
        *residual = column[0];
    return status;
}

const double *np_did_treated_column(const np_did_panel *p, np_arena *arena)
{
    if (p->treatment != NULL)
        return p->treatment;
    double *treated = np_arena_array(arena, double, p->n);
    for (size_t r = 0; treated != NULL && r < p->n; r++) {
        int32_t g = p->cohort_of[p->unit_of[r]];
        treated[r] =
            g != NP_NEVER_TREATED && (size_t)p->period_of[r] >= p->cohort_start[g];
    }
    return treated;
}

const char *np_did_regression_controls(const np_did_regression *r)
{
    if (r->n_controls == 0)
        return "";
    return r->n_controls_kept == 0 ? N_("none: they do not change over time")
                                   : N_("as regressors, with one slope for all");
}
