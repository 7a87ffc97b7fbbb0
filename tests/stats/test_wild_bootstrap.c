#include "stats/infer/hypothesis.h"
#include "stats/infer/spread_fit.h"
#include "stats/infer/wild_bootstrap.h"
#include "stats/linear_panel.h"

/* A panel of 14 units in 7 states, 5 periods: 2^7 = 128 vectors of signs. */
enum { UNITS = 14, PERIODS = 5, STATES = 7, VECTORS = 1 << STATES };

typedef struct {
    np_arena *arena;
    panel p;
} fixture;

static int set_up(void **state)
{
    fixture *f = test_calloc(1, sizeof *f);
    f->arena = np_arena_new(0);
    f->p = panel_new(f->arena, UNITS, PERIODS, 11);
    panel_shuffle(&f->p, f->arena, 3);
    panel_link(&f->p, 2, false);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    np_arena_free(f->arena);
    test_free(f);
    return 0;
}

static np_linear fitted(const np_design *d, np_arena *arena)
{
    np_linear l;
    np_error err = {0};
    np_linear_spec spec = {.materialise = true, .want_residuals = true};
    if (np_linear_estimate(&l, d, &spec, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    return l;
}

static np_vcov_spec clusters(const char *text, np_arena *arena)
{
    np_vcov_spec v = {0};
    np_error err = {0};
    if (np_vcov_parse(&v, text, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    return v;
}

static np_wild wild(const np_design *d, np_wild_spec spec, np_arena *arena)
{
    np_wild out;
    np_error err = {0};
    np_linear l = fitted(d, arena);
    spec.want_draws = true;
    for (size_t j = 0; j < l.fit.k; j++)
        spec.estimate += spec.R[j] * l.coefficient[j];
    if (np_wild_estimate(&out, &l.fit, &spec, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    return out;
}

/* Without the first regressor, whose coefficient is r. */
static np_linear restricted(const panel *p, double r, np_arena *arena)
{
    np_design d = p->design;
    np_block block[2] = {p->block[1], p->block[2]};
    block[0].first = 0;
    block[1].first = 1;
    double *y = np_arena_array(arena, double, p->n);
    for (size_t i = 0; i < p->n; i++)
        y[i] = p->y[i] - r * p->x[0][i];
    d.y = y;
    d.x = (np_regressors){.k = 2, .n_blocks = 2, .block = block, .term = panel_term + 1};
    return fitted(&d, arena);
}

/* t* by the definition: a sample is made and estimated, dummies and all. */
static double textbook(const panel *p, const np_linear *null, double value,
                       const np_vcov_spec *v, unsigned signs, np_arena *arena)
{
    np_design d = p->design;
    double *y = np_arena_array(arena, double, p->n);
    for (size_t i = 0; i < p->n; i++) {
        double e = null->residual[i];
        y[i] = p->y[i] - e + (signs >> p->state[i] & 1 ? -e : e);
    }
    d.y = y;
    np_linear l = fitted(&d, arena);
    np_vcov out;
    np_error err = {0};
    if (np_vcov_estimate(&out, &l.fit, v, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    return (l.coefficient[0] - value) / sqrt(out.vcov[0]);
}

static void assert_textbook(fixture *f, const char *vcov, np_wild_null null)
{
    np_vcov_spec v = clusters(vcov, f->arena);
    np_linear full = fitted(&f->p.design, f->arena);
    const double R[3] = {1, 0, 0}, r = 0.4;
    np_wild w = wild(&f->p.design,
                     (np_wild_spec){.R = R,
                                    .value = r,
                                    .vcov = &v,
                                    .null = null,
                                    .cluster = "state",
                                    .draws = VECTORS},
                     f->arena);
    bool free_null = null == NP_WILD_NULL_FREE;
    np_linear under = free_null ? full : restricted(&f->p, r, f->arena);
    double centre = free_null ? full.coefficient[0] : r;
    assert_int_equal(w.draws, VECTORS);
    assert_true(w.enumerated);
    for (unsigned s = 0; s < VECTORS; s++) {
        np_arena_mark mark = np_arena_set_mark(f->arena);
        double t = textbook(&f->p, &under, centre, &v, s, f->arena);
        if (!isnan(t) && fabs(t) > 1e-6) /* free, and all signs the same: 0 */
            assert_digits(w.t[s], t, 7);
        np_arena_release(f->arena, mark);
    }
}

static void a_draw_is_what_estimating_the_drawn_sample_gives(void **state)
{
    assert_textbook(*state, "~state", NP_WILD_NULL_IMPOSED);
    assert_textbook(*state, "~state", NP_WILD_NULL_FREE);
}

static void weights_are_those_of_the_regression(void **state)
{
    fixture *f = *state;
    f->p.design.weight = f->p.weight;
    assert_textbook(f, "~state", NP_WILD_NULL_IMPOSED);
}

static void several_cluster_variables_add_and_subtract(void **state)
{
    assert_textbook(*state, "~state + period", NP_WILD_NULL_IMPOSED);
}

/* Unit, period and sector effects: units lie within states, the others do not; and with
 * states and units both absorbed the dummies come as columns. */
static void factors_across_the_clusters_are_no_approximation(void **state)
{
    fixture *f = *state;
    f->p.design.n_fe = 3;
    assert_textbook(f, "~state", NP_WILD_NULL_IMPOSED);
    f->p.fe[2] = (np_factor){
        .name = "state", .code = f->p.state, .n_levels = STATES, .has_intercept = true};
    assert_textbook(f, "~state", NP_WILD_NULL_IMPOSED);
}

/* x := A^-1 x by elimination, for matrices of two or three. */
static void solve_small(double *A, double *x, size_t k)
{
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < k; i++) {
            if (i == j)
                continue;
            double f = A[i * k + j] / A[j * k + j];
            for (size_t l = 0; l < k; l++)
                A[i * k + l] -= f * A[j * k + l];
            x[i] -= f * x[j];
        }
    for (size_t j = 0; j < k; j++)
        x[j] /= A[j * k + j];
}

/* Residuals of state g as if it had not taken part in the regression on the regressors
 * from `first` on, from those of the regression. */
static void leave_out(double *out, const panel *p, const double *e, size_t first)
{
    const size_t k = 3 - first;
    for (int32_t g = 0; g < STATES; g++) {
        double A[9] = {0}, b[3] = {0};
        for (size_t i = 0; i < p->n; i++) {
            double w = p->design.weight == NULL ? 1 : p->design.weight[i];
            for (size_t j = 0; j < k; j++) {
                for (size_t l = 0; l < k; l++)
                    A[j * k + l] += p->state[i] == g
                                        ? 0
                                        : w * p->x[first + j][i] * p->x[first + l][i];
                b[j] += p->state[i] == g ? w * p->x[first + j][i] * e[i] : 0;
            }
        }
        solve_small(A, b, k);
        for (size_t i = 0; i < p->n; i++)
            if (p->state[i] == g) {
                out[i] = e[i];
                for (size_t j = 0; j < k; j++)
                    out[i] += p->x[first + j][i] * b[j];
            }
    }
}

/* The jackknife's standard error: every state is left out and the rest estimated. */
static double jackknife_error(const panel *p, const double *y, double estimate)
{
    double sum = 0;
    for (int32_t g = 0; g < STATES; g++) {
        double A[9] = {0}, b[3] = {0};
        for (size_t i = 0; i < p->n; i++) {
            double w = p->state[i] == g           ? 0
                       : p->design.weight == NULL ? 1
                                                  : p->design.weight[i];
            for (size_t j = 0; j < 3; j++) {
                for (size_t l = 0; l < 3; l++)
                    A[j * 3 + l] += w * p->x[j][i] * p->x[l][i];
                b[j] += w * p->x[j][i] * y[i];
            }
        }
        solve_small(A, b, 3);
        sum += (b[0] - estimate) * (b[0] - estimate);
    }
    return sqrt((STATES - 1) / (double)STATES * sum);
}

static void assert_type(fixture *f, np_wild_type type, np_wild_null null)
{
    np_vcov_spec v = clusters("~state", f->arena);
    const panel *p = &f->p;
    const double R[3] = {1, 0, 0}, r = 0.4;
    bool free_null = null == NP_WILD_NULL_FREE;
    bool left_out = type == NP_WILD_31 || type == NP_WILD_33;
    bool jackknifed = type == NP_WILD_13 || type == NP_WILD_33;
    np_wild w = wild(
        &p->design,
        (np_wild_spec){
            .R = R, .value = r, .vcov = &v, .type = type, .null = null, .draws = VECTORS},
        f->arena);
    np_linear full = fitted(&p->design, f->arena);
    np_linear under = free_null ? full : restricted(p, r, f->arena);
    double *e = np_arena_array(f->arena, double, p->n);
    memcpy(e, under.residual, p->n * sizeof *e);
    if (left_out)
        leave_out(e, p, under.residual, free_null ? 0 : 1);
    double centre = free_null ? full.coefficient[0] : r;
    if (jackknifed)
        assert_digits(w.std_error, jackknife_error(p, p->y, full.coefficient[0]), 9);
    for (unsigned s = 0; s < VECTORS; s++) {
        np_arena_mark mark = np_arena_set_mark(f->arena);
        np_design d = p->design;
        double *y = np_arena_array(f->arena, double, p->n);
        for (size_t i = 0; i < p->n; i++)
            y[i] = p->y[i] - under.residual[i] + (s >> p->state[i] & 1 ? -e[i] : e[i]);
        d.y = y;
        np_linear l = fitted(&d, f->arena);
        np_vcov out;
        np_error err = {0};
        if (np_vcov_estimate(&out, &l.fit, &v, f->arena, &err) != NP_OK)
            fail_msg("%s", err.message);
        double se =
            jackknifed ? jackknife_error(p, y, l.coefficient[0]) : sqrt(out.vcov[0]);
        double t = (l.coefficient[0] - centre) / se;
        if (fabs(t) > 1e-6)
            assert_digits(w.t[s], t, 7);
        np_arena_release(f->arena, mark);
    }
}

static void types_follow_their_definitions(void **state)
{
    fixture *f = *state;
    f->p.design.n_fe = 0;
    for (int weighted = 0; weighted < 2; weighted++) {
        f->p.design.weight = weighted ? f->p.weight : NULL;
        for (int type = NP_WILD_13; type <= NP_WILD_33; type++) {
            assert_type(f, (np_wild_type)type, NP_WILD_NULL_IMPOSED);
            assert_type(f, (np_wild_type)type, NP_WILD_NULL_FREE);
        }
    }
}

/* Absorbed units, and periods as dummies beside them: as with the means of the units
 * taken out of everything beforehand. */
static void types_leave_absorbed_factors_in_place(void **state)
{
    fixture *f = *state;
    const double R[3] = {0, 1, 0};
    np_vcov_spec v = clusters("~state", f->arena);
    np_wild_spec spec = {.R = R, .vcov = &v, .type = NP_WILD_33};
    f->p.design.n_fe = 1;
    np_wild a = wild(&f->p.design, spec, f->arena);
    double *column[] = {f->p.y, f->p.x[0], f->p.x[1], f->p.x[2]};
    for (size_t c = 0; c < 4; c++) {
        double sum[UNITS] = {0}, rows[UNITS] = {0};
        for (size_t i = 0; i < f->p.n; i++) {
            sum[f->p.unit[i]] += column[c][i];
            rows[f->p.unit[i]]++;
        }
        for (size_t i = 0; i < f->p.n; i++)
            column[c][i] -= sum[f->p.unit[i]] / rows[f->p.unit[i]];
    }
    f->p.design.n_fe = 0;
    np_wild b = wild(&f->p.design, spec, f->arena);
    for (size_t d = 0; d < a.draws; d++)
        assert_digits(a.t[d], b.t[d], 7);
    assert_digits(a.set[0].low, b.set[0].low, 7);
}

static double p_at(const fixture *f, double value, const np_wild_spec *like)
{
    np_wild_spec spec = *like;
    spec.value = value;
    spec.no_set = true;
    return wild(&f->p.design, spec, f->arena).p_value;
}

/* p is above 1 - level just within each bound, and not just outside. */
static void assert_inverts(fixture *f, np_wild_spec spec)
{
    np_wild w = wild(&f->p.design, spec, f->arena);
    assert_true(w.n_set > 0);
    double alpha = 1 - w.conf_level;
    for (size_t i = 0; i < w.n_set; i++) {
        double width = w.set[i].high - w.set[i].low, step = 1e-7 * w.std_error;
        if (!(width > 3 * step))
            continue;
        if (isfinite(w.set[i].low)) {
            assert_true(p_at(f, w.set[i].low + step, &spec) > alpha);
            assert_false(p_at(f, w.set[i].low - step, &spec) > alpha);
        }
        if (isfinite(w.set[i].high)) {
            assert_true(p_at(f, w.set[i].high - step, &spec) > alpha);
            assert_false(p_at(f, w.set[i].high + step, &spec) > alpha);
        }
    }
}

static void the_set_is_where_p_is_above_the_level(void **state)
{
    fixture *f = *state;
    const double R[3] = {1, 0, 0};
    np_vcov_spec v = clusters("~state", f->arena);
    for (int p = NP_WILD_SYMMETRIC; p <= NP_WILD_LESS; p++)
        for (int null = 0; null < 2; null++)
            assert_inverts(f, (np_wild_spec){.R = R,
                                             .vcov = &v,
                                             .p = (np_wild_p)p,
                                             .null = (np_wild_null)null,
                                             .conf_level = 0.9});
    for (int type = NP_WILD_13; type <= NP_WILD_33; type++)
        assert_inverts(
            f, (np_wild_spec){
                   .R = R, .vcov = &v, .type = (np_wild_type)type, .conf_level = 0.9});
    np_vcov_spec two = clusters("~state + period", f->arena);
    assert_inverts(f, (np_wild_spec){.R = R,
                                     .vcov = &two,
                                     .weights = NP_WILD_WEBB,
                                     .draws = 499,
                                     .conf_level = 0.8});
}

/* 2^5 vectors, two of which tie for any value: p with ties is never below 2/32 > 0.05,
 * and no value can be excluded. */
static void five_clusters_exclude_nothing_at_five_per_cent(void **state)
{
    fixture *f = *state;
    const double R[3] = {1, 0, 0};
    np_vcov_spec v = clusters("~period", f->arena);
    f->p.design.n_fe = 0;
    np_wild w = wild(&f->p.design, (np_wild_spec){.R = R, .vcov = &v}, f->arena);
    assert_int_equal(w.draws, 32);
    assert_int_equal(w.n_ties, 2);
    assert_int_equal(w.n_set_ties, 1);
    assert_true(isinf(w.set_ties[0].low) && w.set_ties[0].low < 0);
    assert_true(isinf(w.set_ties[0].high) && w.set_ties[0].high > 0);
}

/* b1 x1 + b2 x2 = (b1 - b2) x1 + b2 (x1 + x2) */
static void a_difference_is_a_coefficient_of_other_regressors(void **state)
{
    fixture *f = *state;
    const double difference[3] = {1, -1, 0}, first[3] = {1, 0, 0};
    np_vcov_spec v = clusters("~state", f->arena);
    np_wild a = wild(&f->p.design, (np_wild_spec){.R = difference, .vcov = &v}, f->arena);
    for (size_t i = 0; i < f->p.n; i++)
        f->p.x[1][i] += f->p.x[0][i];
    np_wild b = wild(&f->p.design, (np_wild_spec){.R = first, .vcov = &v}, f->arena);
    assert_digits(a.p_value, b.p_value, 12);
    assert_digits(a.statistic, b.statistic, 9);
    assert_digits(a.set[0].low, b.set[0].low, 8);
    for (size_t d = 0; d < a.draws; d++)
        assert_digits(a.t[d], b.t[d], 7);
}

static np_wild_joint joint(const np_design *d, np_wild_spec spec, const double *R,
                           size_t q, const double *value, np_arena *arena)
{
    np_wild_joint out = {0};
    np_wild_plan *plan = NULL;
    np_error err = {0};
    np_linear l = fitted(d, arena);
    double difference[3];
    for (size_t a = 0; a < q; a++) {
        difference[a] = -value[a];
        for (size_t j = 0; j < 3; j++)
            difference[a] += R[a * 3 + j] * l.coefficient[j];
    }
    spec.joint = true;
    if (np_wild_plan_new(&plan, &l.fit, &spec, 1, arena, &err) != NP_OK ||
        np_wild_plan_joint(&out, plan, &spec, R, q, difference, &err) != NP_OK)
        fail_msg("%s", err.message);
    return out;
}

static void a_joint_test_of_one_is_the_symmetric_test(void **state)
{
    fixture *f = *state;
    const double R[3] = {1, -1, 0}, value[1] = {-1.3};
    np_vcov_spec v = clusters("~state", f->arena);
    for (int null = 0; null < 2; null++) {
        np_wild_spec spec = {
            .R = R, .value = value[0], .vcov = &v, .null = (np_wild_null)null};
        np_wild one = wild(&f->p.design, spec, f->arena);
        np_wild_joint all = joint(&f->p.design, spec, R, 1, value, f->arena);
        assert_digits(all.F, one.statistic * one.statistic, 9);
        assert_digits(all.p_value, one.p_value, 12);
        assert_digits(all.p_value_ties, one.p_value_ties, 12);
    }
}

/* W of a sample: the first two coefficients against r, by its own covariance. */
static double wald(const np_linear *l, const np_vcov *v, const double *r)
{
    double A[4] = {v->vcov[0], v->vcov[1], v->vcov[3], v->vcov[4]};
    double d[2] = {l->coefficient[0] - r[0], l->coefficient[1] - r[1]};
    double x[2] = {d[0], d[1]};
    solve_small(A, x, 2);
    return x[0] * d[0] + x[1] * d[1];
}

/* p by making every sample: both coefficients are r under the null, and the third, with
 * units and periods, is estimated. */
static void a_joint_test_is_what_estimating_every_sample_gives(void **state)
{
    fixture *f = *state;
    const panel *p = &f->p;
    const double R[6] = {1, 0, 0, 0, 1, 0}, r[2] = {0.9, 1.8};
    np_vcov_spec v = clusters("~state", f->arena);
    np_error err = {0};
    np_vcov out;
    np_design d = p->design;
    np_block block = p->block[2];
    double *y = np_arena_array(f->arena, double, p->n);
    for (size_t i = 0; i < p->n; i++)
        y[i] = p->y[i] - r[0] * p->x[0][i] - r[1] * p->x[1][i];
    block.first = 0;
    d.y = y;
    d.x = (np_regressors){.k = 1, .n_blocks = 1, .block = &block, .term = panel_term + 2};
    np_linear under = fitted(&d, f->arena), full = fitted(&p->design, f->arena);
    assert_int_equal(np_vcov_estimate(&out, &full.fit, &v, f->arena, &err), NP_OK);
    double W = wald(&full, &out, r);
    size_t above = 0;
    for (unsigned s = 0; s < VECTORS; s++) {
        np_arena_mark mark = np_arena_set_mark(f->arena);
        np_design drawn = p->design;
        double *sample = np_arena_array(f->arena, double, p->n);
        for (size_t i = 0; i < p->n; i++)
            sample[i] = p->y[i] - (s >> p->state[i] & 1 ? 2 * under.residual[i] : 0);
        drawn.y = sample;
        np_linear l = fitted(&drawn, f->arena);
        assert_int_equal(np_vcov_estimate(&out, &l.fit, &v, f->arena, &err), NP_OK);
        above += wald(&l, &out, r) > W * (1 + 1e-8) ? 1 : 0;
        np_arena_release(f->arena, mark);
    }
    np_wild_joint all = joint(&p->design, (np_wild_spec){.vcov = &v}, R, 2, r, f->arena);
    assert_digits(all.F, W / 2, 8);
    assert_int_equal(all.n_ties, 2);
    assert_digits(all.p_value, (double)above / VECTORS, 12);
    assert_true(above > 0 && above < VECTORS - 2);
}

static void digits_do_not_depend_on_threads(void **state)
{
    fixture *f = *state;
    const double R[3] = {0, 1, 0};
    np_vcov_spec v = clusters("~unit", f->arena);
    np_wild_spec spec = {.R = R, .vcov = &v, .draws = 999, .seed = 4, .n_threads = 1};
    for (int weights = NP_WILD_RADEMACHER; weights <= NP_WILD_NORMAL; weights++) {
        spec.weights = (np_wild_weights)weights;
        spec.n_threads = 1;
        np_wild one = wild(&f->p.design, spec, f->arena);
        spec.n_threads = 5;
        np_wild five = wild(&f->p.design, spec, f->arena);
        assert_memory_equal(one.t, five.t, one.draws * sizeof *one.t);
        assert_true(one.set[0].low == five.set[0].low);
        spec.seed++;
        np_wild other = wild(&f->p.design, spec, f->arena);
        assert_true(other.t[0] != one.t[0] || other.t[1] != one.t[1]);
    }
}

static void refusals_say_what_is_missing(void **state)
{
    fixture *f = *state;
    np_linear l = fitted(&f->p.design, f->arena);
    const double R[3] = {1, 0, 0};
    static const int32_t two[2] = {0, 1};
    int32_t *code = np_arena_array(f->arena, int32_t, f->p.n);
    for (size_t i = 0; i < f->p.n; i++)
        code[i] = two[i % 2];
    f->p.key[0] = (np_groups){.code = code, .n = f->p.n, .n_groups = 2};
    const struct {
        const char *vcov, *cluster;
        np_status status;
        const char *words;
    } refused[] = {
        {"hetero", NULL, NP_E_USAGE, "needs clusters"},
        {"~unit", NULL, NP_E_NOT_IDENTIFIED, "fewer than three clusters"},
        {"~state", "county", NP_E_UNKNOWN_NAME, "county"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        np_error err = {0};
        np_wild out;
        np_vcov_spec v = clusters(refused[i].vcov, f->arena);
        np_wild_spec spec = {.R = R, .vcov = &v, .cluster = refused[i].cluster};
        assert_int_equal(np_wild_estimate(&out, &l.fit, &spec, f->arena, &err),
                         refused[i].status);
        assert_non_null(strstr(err.message, refused[i].words));
    }
}

static void too_many_dummies_are_a_limit(void **state)
{
    fixture *f = *state;
    np_fit out;
    np_error err = {0};
    np_linear l = fitted(&f->p.design, f->arena);
    f->p.fe[1].n_levels = NP_SPREAD_MOST_COLUMNS + 1;
    assert_int_equal(np_fit_spread(&out, &l.fit, &f->p.key[2], "state", f->arena, &err),
                     NP_E_LIMIT);
    assert_non_null(strstr(err.message, "period"));
}

static void every_allocation_may_fail(void **state)
{
    fixture *f = *state;
    np_linear l = fitted(&f->p.design, f->arena);
    const double R[3] = {1, 0, 0};
    np_vcov_spec v = clusters("~state + period", f->arena);
    np_wild_spec spec = {.R = R, .vcov = &v, .draws = 64};
    np_status status = NP_E_NO_MEMORY;
    for (size_t n = 1; status != NP_OK; n++) {
        np_error err = {0};
        np_wild out = {.draws = 1};
        np_arena_mark mark = np_arena_set_mark(f->arena);
        np_arena_fail_at(f->arena, n);
        status = np_wild_estimate(&out, &l.fit, &spec, f->arena, &err);
        np_arena_fail_at(f->arena, 0);
        np_arena_release(f->arena, mark);
        if (status != NP_OK) {
            assert_int_equal(status, NP_E_NO_MEMORY);
            assert_int_equal(out.draws, 1);
        }
    }
}

static void hypotheses_are_read_as_people_write_them(void **state)
{
    (void)state;
    static const char *const term[] = {"a", "year::-1", "I(a + b)", "b"};
    const struct {
        const char *text;
        double R[4], value;
    } good[] = {
        {"a", {1, 0, 0, 0}, 0},
        {" a = 0.5", {1, 0, 0, 0}, 0.5},
        {"a - b = -2", {1, 0, 0, -1}, -2},
        {"0.5*a + 2 * b", {0.5, 0, 0, 2}, 0},
        {"-1*a + year::-1 = 1e-3", {-1, 1, 0, 0}, 1e-3},
        {"-a + b", {-1, 0, 0, 1}, 0},
        {"I(a + b)", {0, 0, 1, 0}, 0},
        {"a + a", {2, 0, 0, 0}, 0},
    };
    double R[4], value;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        np_error err = {0};
        assert_int_equal(np_hypothesis_parse(R, &value, good[i].text, term, 4, &err),
                         NP_OK);
        assert_memory_equal(R, good[i].R, sizeof R);
        assert_true(value == good[i].value);
    }
    static const char *const bad[] = {"c", "a + ", "a = x", "a - c = 1", "", "x*a"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        np_error err = {0};
        assert_true(np_hypothesis_parse(R, &value, bad[i], term, 4, &err) != NP_OK);
        assert_true(err.message[0] != '\0');
    }
}

#define with_panel(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_panel(a_draw_is_what_estimating_the_drawn_sample_gives),
        with_panel(weights_are_those_of_the_regression),
        with_panel(several_cluster_variables_add_and_subtract),
        with_panel(factors_across_the_clusters_are_no_approximation),
        with_panel(types_follow_their_definitions),
        with_panel(types_leave_absorbed_factors_in_place),
        with_panel(the_set_is_where_p_is_above_the_level),
        with_panel(five_clusters_exclude_nothing_at_five_per_cent),
        with_panel(a_difference_is_a_coefficient_of_other_regressors),
        with_panel(a_joint_test_of_one_is_the_symmetric_test),
        with_panel(a_joint_test_is_what_estimating_every_sample_gives),
        with_panel(digits_do_not_depend_on_threads),
        with_panel(refusals_say_what_is_missing),
        with_panel(too_many_dummies_are_a_limit),
        with_panel(every_allocation_may_fail),
        cmocka_unit_test(hypotheses_are_read_as_people_write_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
