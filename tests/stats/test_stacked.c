#include "stats/did_made.h"

#include "stats/did/stacked.h"
#include "stats/model.h"

static made m;

static int begin(void **state)
{
    (void)state;
    made_begin(&m);
    return 0;
}

static int end(void **state)
{
    (void)state;
    made_end(&m);
    return 0;
}

static const double start[] = {3, 4, 6, 0, 3};

/* 20 units over 7 periods: starts in 3 (twice as many), 4, 6 and never. */
static void fill(void)
{
    for (int u = 0; u < 20; u++)
        for (int t = 1; t <= 7; t++) {
            double g = start[u % 5];
            double noise = (double)((u * 37 + t * t * 11 + u * t * 5) % 23) / 7;
            made_add(&m, u + 1, t, g, u + noise + (g > 0 && t >= g ? 2 + t - g : 0));
            m.x[m.n - 1] = (double)((u * 7 + t * u) % 10);
        }
}

/* The experiments written out below each other, as `estimate` reads them. */
static double y[MADE_ROWS], x[MADE_ROWS], relative[MADE_ROWS], unit_of[MADE_ROWS],
    time_of[MADE_ROWS], id[MADE_ROWS], post[MADE_ROWS], weight[MADE_ROWS];
static size_t n;

static void stack(double low, double high, bool whole_window)
{
    static const double cohort[] = {3, 4, 6};
    double treated[3] = {0}, clean[3] = {0}, all_treated = 0, all_clean = 0;
    n = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int s = 0; s < 3; s++) {
            double g = cohort[s], last = fmin(7, g + high);
            if (whole_window && (g + low < 1 || g + high > 7))
                continue;
            for (size_t i = 0; i < m.n; i++) {
                bool is_treated = m.start[i] == g;
                bool is_clean = m.start[i] == 0 || m.start[i] > last;
                double e = (double)m.period[i] - g;
                if (!(is_treated || is_clean) || e < low || e > high)
                    continue;
                if (pass == 0) {
                    treated[s] += is_treated;
                    clean[s] += is_clean;
                    all_treated += is_treated;
                    all_clean += is_clean;
                    continue;
                }
                y[n] = m.y[i];
                x[n] = m.x[i];
                relative[n] = is_treated ? e : -1000;
                post[n] = is_treated && e >= 0;
                id[n] = (double)m.unit[i];
                unit_of[n] = (double)(100 * s + m.unit[i]);
                time_of[n] = (double)(100 * s + m.period[i]);
                weight[n++] =
                    is_treated ? 1 : treated[s] / all_treated / (clean[s] / all_clean);
            }
        }
}

static np_model modelled(const char *formula, const char *weights)
{
#define NUMBER(label, values)                                                            \
    {                                                                                    \
        .name = label, .uom = "", .type = NP_COLUMN_F64, .f64 = values                   \
    }
    static const np_column column[] = {
        NUMBER("y", y),       NUMBER("x", x),           NUMBER("rel", relative),
        NUMBER("id", id),     NUMBER("unit", unit_of),  NUMBER("time", time_of),
        NUMBER("post", post), NUMBER("weight", weight),
    };
    static np_table table;
    table = (np_table){n, sizeof column / sizeof *column, column};
    np_model_spec spec = {.design = {.formula = formula, .weights = weights}};
    np_model model;
    assert_int_equal(np_vcov_parse(&spec.vcov, "~id", m.arena, &m.err), NP_OK);
    np_status status = np_model_estimate(&model, &table, &spec, m.arena, &m.err);
    if (status != NP_OK)
        print_error("%s\n", m.err.message);
    assert_int_equal(status, NP_OK);
    return model;
}

static void compare_rows(const np_did_result *r, const np_model *model)
{
    for (size_t i = 0; i < r->estimates.k; i++) {
        const char *e = strstr(r->estimates.term[i], "::");
        const char *term =
            e == NULL ? r->estimates.term[i] : np_arena_format(m.arena, "rel%s", e);
        size_t j = np_estimates_find(&model->estimates, term);
        assert_true(j < model->estimates.k);
        assert_digits(r->estimates.estimate[i], model->estimates.estimate[j], 10);
        assert_digits(r->estimates.std_error[i], model->estimates.std_error[j], 10);
        assert_digits(r->estimates.p_value[i], model->estimates.p_value[j], 8);
    }
}

static np_did_result stacked(np_did_panel_spec panel_spec, np_did_spec spec)
{
    np_did_panel p = made_panel(&m, panel_spec);
    return made_estimate(&m, &p, spec, NP_DID_STACKED);
}

static void event_times_are_those_of_the_stacked_rows(void **state)
{
    (void)state;
    fill();
    stack(-2, 1, false);
    np_did_spec spec = {.has_window = true, .window_min = -2, .window_max = 1};
    np_did_result r = stacked((np_did_panel_spec){0}, spec);
    np_model model = modelled("y ~ i(rel, ref = c(-1, -1000)) | unit + time", NULL);
    assert_int_equal(r.estimates.k, 3);
    assert_int_equal(r.estimates.n, n);
    compare_rows(&r, &model);
    assert_true(made_row(&r, "dynamic", -1)->reference);
}

static void the_pooled_effect_is_that_of_the_stacked_rows(void **state)
{
    (void)state;
    fill();
    stack(-9, 9, false);
    np_did_result r = stacked((np_did_panel_spec){0}, (np_did_spec){0});
    np_model model = modelled("y ~ post | unit + time", NULL);
    assert_digits(made_aggregate(&r, "simple")->estimate, model.estimates.estimate[0],
                  11);
    assert_digits(made_aggregate(&r, "simple")->std_error, model.estimates.std_error[0],
                  11);
}

static void controls_stand_beside_the_effects(void **state)
{
    (void)state;
    fill();
    stack(-2, 1, false);
    np_did_spec spec = {.has_window = true, .window_min = -2, .window_max = 1};
    np_did_result r = stacked(
        (np_did_panel_spec){.control = (const char *[]){"x"}, .n_controls = 1}, spec);
    np_model model = modelled("y ~ i(rel, ref = c(-1, -1000)) + x | unit + time", NULL);
    assert_int_equal(r.estimates.k, 4);
    compare_rows(&r, &model);
}

static void corrective_weights_average_cohorts_by_their_units(void **state)
{
    (void)state;
    fill();
    stack(-2, 1, true);
    np_did_spec spec = {
        .has_window = true, .window_min = -2, .window_max = 1, .weighted_stack = true};
    np_did_result r = stacked((np_did_panel_spec){0}, spec);
    np_model model = modelled("y ~ i(rel, ref = c(-1, -1000)) | unit + time", "weight");
    compare_rows(&r, &model);
    const np_did_aggregate *group = made_aggregate(&r, "group");
    double sum = 0, size = 0;
    assert_int_equal(group->n_rows, 3);
    for (size_t i = 0; i < 3; i++) {
        sum += group->row[i].estimate * group->row[i].n_treated;
        size += group->row[i].n_treated;
    }
    assert_digits(made_aggregate(&r, "simple")->estimate, sum / size, 11);
    assert_digits(group->estimate, sum / size, 12);
}

static void the_weighted_stack_needs_a_window(void **state)
{
    (void)state;
    fill();
    np_did_panel p = made_panel(&m, (np_did_panel_spec){0});
    np_did_result r;
    np_did_spec spec = {.weighted_stack = true};
    assert_int_equal(np_did_estimate(&r, &p, &spec, NP_DID_STACKED, m.arena, &m.err),
                     NP_E_USAGE);
}

static void cohorts_without_experiment_are_named(void **state)
{
    (void)state;
    fill();
    for (size_t i = 0; i < m.n; i++)
        if (m.start[i] == 0)
            m.start[i] = 7;
    np_did_result r = stacked((np_did_panel_spec){0}, (np_did_spec){0});
    assert_int_equal(r.n_dropped, 1);
    assert_string_equal(r.dropped[0].reason, "nobody is untreated after cohort 7 starts");
    assert_int_equal(r.dropped[0].n_units, 4);
    assert_string_equal(r.dropped[0].unit[0], "4");
    assert_digits(np_estimates_stat(&r.estimates, "n_experiments"), 3, 15);
}

static void no_memory_is_said_wherever_it_ends(void **state)
{
    (void)state;
    fill();
    np_did_panel p = made_panel(&m, (np_did_panel_spec){0});
    made_fail_each_allocation(&m, &p, (np_did_spec){0}, NP_DID_STACKED);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(event_times_are_those_of_the_stacked_rows),
        TEST(the_pooled_effect_is_that_of_the_stacked_rows),
        TEST(controls_stand_beside_the_effects),
        TEST(corrective_weights_average_cohorts_by_their_units),
        TEST(the_weighted_stack_needs_a_window),
        TEST(cohorts_without_experiment_are_named),
        TEST(no_memory_is_said_wherever_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
