#include "stats/linear_panel.h"

static const np_linear_spec streamed = {0}, in_memory = {.materialise = true};

/* y on an intercept and x: x̄ = 2.5, ȳ = 2.75, Sxy = 5.5, Sxx = 5. */
static const double four_y[] = {1, 3, 2, 5}, four_x[] = {1, 2, 3, 4},
                    four_one[] = {1, 1, 1, 1};
static const char *const four_term[] = {"(Intercept)", "x"};

static np_design four_rows(np_block block[2])
{
    block[0] = (np_block){.n_columns = 1, .value = four_one, .variable = ""};
    block[1] = (np_block){.first = 1, .n_columns = 1, .value = four_x, .variable = ""};
    return (np_design){.n = 4,
                       .y_name = "y",
                       .y = four_y,
                       .x = {.k = 2, .n_blocks = 2, .block = block, .term = four_term},
                       .has_intercept = true};
}

static double stat(const np_linear *fit, const char *name)
{
    for (size_t i = 0; i < fit->n_stats; i++)
        if (strcmp(fit->stat[i].name, name) == 0)
            return fit->stat[i].value;
    return NAN;
}

static void a_line_through_four_points_is_the_one_by_hand(void **state)
{
    np_arena *arena = *state;
    np_block block[2];
    np_design d = four_rows(block);
    outcome o = estimated(&d, &streamed, "iid", arena);
    /* slope 5.5/5, intercept 2.75 - 1.1 × 2.5; residuals -0.1, 0.8, -1.3, 0.6 */
    assert_true(fabs(o.fit.coefficient[0]) < 1e-15);
    assert_digits(o.fit.coefficient[1], 1.1, 14);
    assert_digits(o.fit.rss, 2.7, 14);
    assert_digits(o.vcov.vcov[3], 2.7 / 2 / 5, 14);
    /* intercept's variance: sigma² (1/4 + 2.5²/5) */
    assert_digits(o.vcov.vcov[0], 1.35 * 1.5, 14);
    assert_digits(stat(&o.fit, "r2"), 1 - 2.7 / 8.75, 14);
    assert_digits(stat(&o.fit, "adj_r2"), 1 - 2.7 / 8.75 * 3 / 2, 14);
    assert_digits(stat(&o.fit, "rmse"), sqrt(2.7 / 4), 14);
    assert_digits(stat(&o.fit, "log_likelihood"), -2 * (1 + log(2 * M_PI) + log(2.7 / 4)),
                  14);
}

/* With one instrument: b = cov(z, y) / cov(z, x); z = 0, 0, 1, 1 gives the Wald
 * estimator (3.5 - 2) / (3.5 - 1.5) = 0.75. */
static void one_instrument_gives_the_wald_estimator(void **state)
{
    np_arena *arena = *state;
    np_block block[2];
    np_design d = four_rows(block);
    const double z[] = {0, 0, 1, 1};
    const char *const endogenous[] = {"x"}, *const instrument[] = {"z"};
    np_block z_block = {.n_columns = 1, .value = z, .variable = ""};
    np_block x_block = {.n_columns = 1, .value = four_x, .variable = ""};
    d.x.k = d.x.n_blocks = 1;
    d.endogenous = (np_regressors){1, 1, &x_block, endogenous};
    d.instruments = (np_regressors){1, 1, &z_block, instrument};
    outcome o = estimated(&d, &streamed, "iid", arena);
    assert_string_equal(o.fit.term[1], "fit_x");
    assert_digits(o.fit.coefficient[1], 0.75, 14);
    assert_digits(o.fit.coefficient[0], 2.75 - 0.75 * 2.5, 14);
    /* residuals of y - 0.875 - 0.75 x: -0.625, 0.625, -1.125, 1.125 */
    assert_digits(o.fit.rss, 2 * (0.390625 + 1.265625), 14);
    /* first stage: x on z leaves 1 of 5, F = 4 / (1/2) */
    assert_string_equal(o.fit.test[0].name, "first_stage");
    assert_digits(o.fit.test[0].statistic, 8, 13);
    assert_digits(o.fit.test[0].df2, 2, 15);
}

static void too_few_instruments_are_refused(void **state)
{
    np_arena *arena = *state;
    np_block block[2];
    np_design d = four_rows(block);
    const double constant[] = {3, 3, 3, 3};
    const char *const endogenous[] = {"x"}, *const instrument[] = {"z"};
    np_block z_block = {.n_columns = 1, .value = constant, .variable = ""};
    np_block x_block = {.n_columns = 1, .value = four_x, .variable = ""};
    d.x.k = d.x.n_blocks = 1;
    d.endogenous = (np_regressors){1, 1, &x_block, endogenous};
    d.instruments = (np_regressors){1, 1, &z_block, instrument};
    np_error err = {0};
    np_linear fit;
    assert_int_equal(np_linear_estimate(&fit, &d, &streamed, arena, &err),
                     NP_E_NOT_IDENTIFIED);
}

static void compare_streamed(panel *p, const char *vcov, np_arena *arena)
{
    outcome a = estimated(&p->design, &streamed, vcov, arena);
    outcome b = estimated(&p->design, &in_memory, vcov, arena);
    assert_same_outcome(&a, &b, 11);
    for (size_t i = 0; i < a.fit.n_stats; i++)
        assert_digits(a.fit.stat[i].value, stat(&b.fit, a.fit.stat[i].name), 10);
    assert_int_equal(a.fit.rank.exact, b.fit.rank.exact);
    assert_int_equal(a.fit.rank.nominal, b.fit.rank.nominal);
}

static void streaming_gives_what_columns_in_memory_give(void **state)
{
    np_arena *arena = *state;
    static const char *const vcov[] = {"iid",
                                       "HC1",
                                       "~unit",
                                       "~state",
                                       "~unit + period",
                                       "NW(1) ~ unit + period",
                                       "DK(2) ~ period",
                                       "HC3"};
    for (size_t n_fe = 1; n_fe <= 3; n_fe++)
        for (size_t variant = 0; variant < 6; variant++) {
            panel p = panel_new(arena, 40, 6, 7 + variant);
            if (variant >= 3)
                panel_shuffle(&p, arena, variant);
            panel_link(&p, n_fe, variant % 3 != 0);
            if (variant % 3 == 2) {
                p.design.weight = p.weight;
                p.block[PANEL_MOST_DENSE].value = p.event_value;
            }
            for (size_t v = 0; v < sizeof vcov / sizeof *vcov; v++)
                compare_streamed(&p, vcov[v], arena);
        }
}

static void residuals_come_in_the_order_of_the_rows(void **state)
{
    np_arena *arena = *state;
    panel p = panel_new(arena, 30, 5, 3);
    panel_shuffle(&p, arena, 3);
    panel_link(&p, 2, true);
    np_linear_spec spec = {.want_residuals = true};
    outcome a = estimated(&p.design, &spec, "iid", arena);
    outcome b = estimated(&p.design, &in_memory, "iid", arena);
    for (size_t i = 0; i < p.n; i++)
        assert_true(fabs(a.fit.residual[i] - b.fit.residual[i]) < 1e-12);
}

static void the_digits_do_not_depend_on_the_number_of_threads(void **state)
{
    np_arena *arena = *state;
    panel p = panel_new(arena, 30000, 8, 5);
    panel_link(&p, 2, true);
    static const char *const vcov[] = {"~unit", "HC1", "~state + period"};
    for (size_t v = 0; v < 3; v++)
        for (int memory = 0; memory < 2; memory++) {
            np_linear_spec one = {.materialise = memory, .n_threads = 1};
            np_linear_spec five = {.materialise = memory, .n_threads = 5};
            outcome a = estimated(&p.design, &one, vcov[v], arena);
            outcome b = estimated(&p.design, &five, vcov[v], arena);
            size_t k = a.fit.fit.k;
            assert_memory_equal(a.fit.coefficient, b.fit.coefficient, k * sizeof(double));
            assert_memory_equal(a.vcov.vcov, b.vcov.vcov, k * k * sizeof(double));
            assert_true(a.fit.rss == b.fit.rss);
        }
}

static void the_order_of_the_rows_does_not_matter(void **state)
{
    np_arena *arena = *state;
    panel p = panel_new(arena, 50, 6, 11), q = panel_new(arena, 50, 6, 11);
    panel_shuffle(&q, arena, 4);
    panel_link(&p, 2, true);
    panel_link(&q, 2, true);
    outcome a = estimated(&p.design, &streamed, "~unit", arena);
    outcome b = estimated(&q.design, &streamed, "~unit", arena);
    assert_same_outcome(&a, &b, 11);
}

/* y × 1000 and x1 / 8: coefficients and standard errors follow. */
static void scales_of_the_variables_carry_over(void **state)
{
    np_arena *arena = *state;
    panel p = panel_new(arena, 50, 6, 13);
    panel_link(&p, 2, false);
    outcome a = estimated(&p.design, &streamed, "~unit", arena);
    for (size_t i = 0; i < p.n; i++) {
        p.y[i] *= 1000;
        p.x[0][i] /= 8;
    }
    outcome b = estimated(&p.design, &streamed, "~unit", arena);
    assert_digits(b.fit.coefficient[0], 8000 * a.fit.coefficient[0], 11);
    assert_digits(b.vcov.vcov[0], 64e6 * a.vcov.vcov[0], 10);
    assert_digits(b.fit.coefficient[1], 1000 * a.fit.coefficient[1], 11);
}

/* Effects of 1e8 leave variables of size 1 with eight digits less to start from. */
static void large_effects_cost_no_more_than_their_digits(void **state)
{
    np_arena *arena = *state;
    panel p = panel_new(arena, 50, 6, 17);
    panel_link(&p, 2, true);
    outcome a = estimated(&p.design, &streamed, "~unit", arena);
    for (size_t i = 0; i < p.n; i++) {
        p.y[i] += 1e8 * p.unit[i] + 1e6 * p.period[i];
        p.x[1][i] += 1e6 * p.unit[i];
    }
    outcome b = estimated(&p.design, &streamed, "~unit", arena);
    for (size_t j = 0; j < a.fit.fit.k; j++)
        assert_true(fabs(a.fit.coefficient[j] - b.fit.coefficient[j]) < 1e-5);
}

static void a_frequency_weight_stands_for_so_many_rows(void **state)
{
    np_arena *arena = *state;
    panel p = panel_new(arena, 20, 5, 19), q = panel_new(arena, 60, 5, 19);
    q.n = 0;
    q.n_units = p.n_units;
    for (size_t i = 0; i < p.n; i++)
        for (int copy = 0; copy < (int)p.weight[i]; copy++) {
            size_t r = q.n++;
            q.y[r] = p.y[i];
            for (size_t j = 0; j < PANEL_MOST_DENSE; j++)
                q.x[j][r] = p.x[j][i];
            q.unit[r] = p.unit[i];
            q.period[r] = p.period[i];
            q.state[r] = p.state[i];
        }
    panel_link(&p, 2, false);
    panel_link(&q, 2, false);
    p.design.weight = p.weight;
    static const char *const vcov[] = {"iid", "HC1", "HC0", "~unit", "~state + period"};
    for (int memory = 0; memory < 2; memory++)
        for (size_t v = 0; v < 5; v++) {
            np_linear_spec counts = {.materialise = memory, .frequency_weights = true};
            outcome a = estimated(&p.design, &counts, vcov[v], arena);
            outcome b = estimated(&q.design, &streamed, vcov[v], arena);
            assert_same_outcome(&a, &b, 11);
            assert_digits(stat(&a.fit, "bic"), stat(&b.fit, "bic"), 11);
        }
}

/* The sums by cell (state × period) of a model whose regressors vary within cells. */
static np_cells cells_of(const panel *p, np_design *d, np_arena *arena)
{
    const size_t n = 7 * p->n_periods, columns = PANEL_MOST_DENSE + 1;
    double *rows = np_arena_array(arena, double, n);
    double **sum = np_arena_array(arena, double *, columns);
    double **product = np_arena_array(arena, double *, columns *(columns + 1) / 2);
    int32_t *state = np_arena_array(arena, int32_t, n);
    int32_t *period = np_arena_array(arena, int32_t, n);
    const double *z[] = {p->y, p->x[0], p->x[1], p->x[2]};
    size_t at = 0;
    for (size_t a = 0; a < columns; a++) {
        sum[a] = np_arena_array(arena, double, n);
        for (size_t b = a; b < columns; b++)
            product[at++] = np_arena_array(arena, double, n);
    }
    for (size_t i = 0; i < p->n; i++) {
        size_t c = (size_t)p->state[i] * p->n_periods + (size_t)p->period[i];
        state[c] = p->state[i];
        period[c] = p->period[i];
        rows[c]++;
        at = 0;
        for (size_t a = 0; a < columns; a++) {
            sum[a][c] += z[a][i];
            for (size_t b = a; b < columns; b++)
                product[at++][c] += z[a][i] * z[b][i];
        }
    }
    np_factor *fe = np_arena_array(arena, np_factor, 2);
    np_groups *key = np_arena_array(arena, np_groups, 1);
    static const char *const key_name[] = {"state"};
    fe[0] =
        (np_factor){.name = "state", .code = state, .n_levels = 7, .has_intercept = true};
    fe[1] = (np_factor){.name = "period",
                        .code = period,
                        .n_levels = p->n_periods,
                        .has_intercept = true};
    key[0] = (np_groups){.code = state, .n = n, .n_groups = 7};
    *d = p->design;
    d->n = n;
    d->fe = fe;
    d->n_fe = 2;
    d->key = key;
    d->key_name = key_name;
    d->n_keys = 1;
    return (np_cells){.n_cells = n,
                      .k = PANEL_MOST_DENSE,
                      .n_rows = rows,
                      .sum = (const double *const *)sum,
                      .product = (const double *const *)product};
}

static void sums_by_cell_give_what_the_rows_give(void **state)
{
    np_arena *arena = *state;
    panel p = panel_new(arena, 42, 6, 23);
    panel_link(&p, 2, false);
    p.fe[0] = (np_factor){
        .name = "state", .code = p.state, .n_levels = 7, .has_intercept = true};
    static const char *const vcov[] = {"iid", "~state"};
    np_design grouped;
    np_cells cells = cells_of(&p, &grouped, arena);
    for (size_t v = 0; v < 2; v++) {
        outcome a = estimated(&p.design, &in_memory, vcov[v], arena), b = {0};
        np_error err = {0};
        np_vcov_spec spec = {0};
        assert_int_equal(np_vcov_parse(&spec, vcov[v], arena, &err), NP_OK);
        assert_int_equal(
            np_linear_from_cells(&b.fit, &grouped, &cells, &streamed, arena, &err),
            NP_OK);
        assert_int_equal(np_vcov_estimate(&b.vcov, &b.fit.fit, &spec, arena, &err),
                         NP_OK);
        assert_same_outcome(&a, &b, 11);
        for (size_t i = 0; i < a.fit.n_stats; i++)
            assert_digits(stat(&b.fit, a.fit.stat[i].name), a.fit.stat[i].value, 10);
        spec = (np_vcov_spec){.kind = NP_VCOV_HC1};
        assert_int_equal(np_vcov_estimate(&b.vcov, &b.fit.fit, &spec, arena, &err),
                         NP_E_NOT_IDENTIFIED);
    }
}

static void collinear_terms_are_left_out_and_named(void **state)
{
    np_arena *arena = *state;
    panel p = panel_new(arena, 30, 6, 29);
    panel_link(&p, 2, false);
    for (size_t i = 0; i < p.n; i++) {
        p.x[1][i] = 3 * p.unit[i] - p.period[i];     /* one of the effects */
        p.x[2][i] = 2 * p.x[0][i] + 0.5 * p.unit[i]; /* x1 and one of the effects */
    }
    for (int memory = 0; memory < 2; memory++) {
        np_linear_spec spec = {.materialise = memory};
        outcome o = estimated(&p.design, &spec, "iid", arena);
        assert_int_equal(o.fit.fit.k, 1);
        assert_string_equal(o.fit.term[0], "x1");
        assert_int_equal(o.fit.n_collinear, 2);
        assert_string_equal(o.fit.collinear[0], "x2");
        assert_string_equal(o.fit.collinear[1], "x3");
    }
}

/* Rounding must not pass for variation: values that are no binary fractions, weights,
 * and a factor whose levels are whole units. */
static void rounding_is_not_taken_for_variation(void **state)
{
    np_arena *arena = *state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        panel p = panel_new(arena, 50, 7, seed);
        for (size_t i = 0; i < p.n; i++) {
            p.weight[i] = 0.1 + 0.37 * p.x[0][i];
            p.x[1][i] = 1e3 * sin(1 + p.period[i]);
            p.x[2][i] = 0.7 * p.x[0][i] + 1e4 * cos(p.period[i]) + 0.1 * p.unit[i];
            p.sector[i] = p.unit[i] % 4;
        }
        panel_link(&p, 3, false);
        for (int variant = 0; variant < 4; variant++) {
            np_linear_spec spec = {.materialise = variant % 2};
            p.design.weight = variant < 2 ? NULL : p.weight;
            outcome o = estimated(&p.design, &spec, "~unit", arena);
            assert_int_equal(o.fit.fit.k, 1);
            assert_string_equal(o.fit.term[0], "x1");
            assert_int_equal(o.fit.n_collinear, 2);
            assert_int_equal(o.fit.rank.exact, 50 + 7 - 1);
        }
    }
}

static void a_model_without_variation_is_refused_in_words(void **state)
{
    np_arena *arena = *state;
    panel p = panel_new(arena, 30, 6, 31);
    panel_link(&p, 2, false);
    for (size_t i = 0; i < p.n; i++)
        p.x[0][i] = p.x[1][i] = p.x[2][i] = p.unit[i];
    for (int memory = 0; memory < 2; memory++) {
        np_linear_spec spec = {.materialise = memory};
        np_error err = {0};
        np_linear fit;
        assert_int_equal(np_linear_estimate(&fit, &p.design, &spec, arena, &err),
                         NP_E_NOT_IDENTIFIED);
        assert_non_null(strstr(err.message, "x1"));
        assert_string_not_equal(err.hint, "");
    }
}

static void more_parameters_than_rows_are_refused(void **state)
{
    np_arena *arena = *state;
    panel p = panel_new(arena, 40, 2, 37);
    p.n = 45; /* 23 units × 2 periods: 22.5 rows for effects, 3 regressors */
    p.n_units = 23;
    panel_link(&p, 3, true);
    p.fe[2].code = p.unit;
    p.fe[2].n_levels = 23;
    np_error err = {0};
    np_linear fit;
    assert_int_equal(np_linear_estimate(&fit, &p.design, &streamed, arena, &err),
                     NP_E_NOT_IDENTIFIED);
}

static void a_spent_budget_ends_with_no_memory_and_nothing_else(void **state)
{
    np_arena *outer = *state;
    panel p = panel_new(outer, 12, 4, 41);
    panel_link(&p, 2, true);
    for (int memory = 0; memory < 2; memory++) {
        np_linear_spec spec = {.materialise = memory, .n_threads = 1};
        np_status status = NP_E_NO_MEMORY;
        size_t n = 0;
        while (status != NP_OK && n < 5000) {
            np_arena *arena = np_arena_new(0);
            np_arena_fail_at(arena, ++n);
            np_error err = {0};
            np_linear fit = {0};
            np_vcov vcov = {0};
            np_vcov_spec v = {
                .kind = NP_VCOV_CLUSTER, .n_keys = 2, .key = {"unit", "state"}};
            status = np_linear_estimate(&fit, &p.design, &spec, arena, &err);
            if (status == NP_OK)
                status = np_vcov_estimate(&vcov, &fit.fit, &v, arena, &err);
            if (status != NP_OK) {
                assert_int_equal(status, NP_E_NO_MEMORY);
                assert_null(vcov.vcov);
            }
            np_arena_free(arena);
        }
        assert_int_equal(status, NP_OK);
        assert_true(n > 20);
    }
}

static int new_arena(void **state)
{
    *state = np_arena_new(0);
    return *state == NULL;
}

static int free_arena(void **state)
{
    np_arena_free(*state);
    return 0;
}

#define with_arena(test) cmocka_unit_test_setup_teardown(test, new_arena, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(a_line_through_four_points_is_the_one_by_hand),
        with_arena(one_instrument_gives_the_wald_estimator),
        with_arena(too_few_instruments_are_refused),
        with_arena(streaming_gives_what_columns_in_memory_give),
        with_arena(residuals_come_in_the_order_of_the_rows),
        with_arena(the_digits_do_not_depend_on_the_number_of_threads),
        with_arena(the_order_of_the_rows_does_not_matter),
        with_arena(scales_of_the_variables_carry_over),
        with_arena(large_effects_cost_no_more_than_their_digits),
        with_arena(a_frequency_weight_stands_for_so_many_rows),
        with_arena(sums_by_cell_give_what_the_rows_give),
        with_arena(collinear_terms_are_left_out_and_named),
        with_arena(rounding_is_not_taken_for_variation),
        with_arena(a_model_without_variation_is_refused_in_words),
        with_arena(more_parameters_than_rows_are_refused),
        with_arena(a_spent_budget_ends_with_no_memory_and_nothing_else),
    };
    return cmocka_run_group_tests_name("linear", tests, NULL, NULL);
}
