#include "stats/did_made.h"

#include "stats/did/did_regression.h"
#include "stats/did/extended_two_way.h"

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

/* 24 units over 6 periods: starts in 3, 4, 6 and never; some rows missing if asked for.
 */
static void fill(bool gaps, bool never)
{
    static const double start[] = {3, 4, 6, 0};
    for (int u = 0; u < 24; u++)
        for (int t = 1; t <= 6; t++) {
            double g = start[u % (never ? 4 : 3)];
            double noise = (double)((u * 37 + t * t * 11 + u * t * 5) % 23) / 7;
            if (gaps && (u * 5 + t) % 11 == 0)
                continue;
            made_add(&m, u + 1, t, g, u + noise + (g > 0 && t >= g ? 2 + t - g : 0));
            m.x[m.n - 1] = (double)((u * 7) % 10);
            m.weight[m.n - 1] = 1 + (u * 3 + t) % 4;
            m.cluster[m.n - 1] = u / 3;
        }
}

static const np_did_panel_spec gaps_allowed = {.unbalanced = NP_UNBALANCED_PAIRS};

/* Cells of cohort × period from `from` periods after the start on, as dummies of the
 * absorbing regression. */
static np_did_regression regressed(const np_did_panel *p, const double *const *dense,
                                   size_t n_dense, const np_did_result *like)
{
    static int32_t dummy[MADE_ROWS];
    static const char *term[200];
    np_did_regression r;
    np_did_spec spec = {.no_controls = true};
    for (size_t i = 0; i < 200; i++)
        term[i] = np_arena_format(m.arena, "z%zu", i);
    for (size_t i = 0; i < p->n; i++) {
        dummy[i] = -1;
        for (size_t c = 0; c < like->n_group_time; c++) {
            int32_t g = p->cohort_of[p->unit_of[i]];
            if (g >= 0 && p->cohort[g] == like->group_time[c].cohort &&
                p->period[p->period_of[i]] == like->group_time[c].time)
                dummy[i] = (int32_t)c;
        }
    }
    np_did_regressors z = {.n_dense = n_dense,
                           .dense = dense,
                           .n_dummies = like->n_group_time,
                           .dummy = dummy,
                           .term = term};
    assert_int_equal(np_did_regress(&r, p, &z, &spec, m.arena, &m.err), NP_OK);
    return r;
}

static void compare_with_absorbing(np_did_panel_spec panel_spec)
{
    np_did_panel p = made_panel(&m, panel_spec);
    np_did_result r = made_estimate(&m, &p, (np_did_spec){0}, NP_DID_EXTENDED_TWO_WAY);
    np_did_regression full = regressed(&p, NULL, 0, &r);
    assert_int_equal(r.n_group_time, 8);
    for (size_t c = 0; c < 8; c++) {
        assert_digits(r.group_time[c].estimate, full.estimates.estimate[full.z_of[c]],
                      10);
        assert_digits(r.group_time[c].std_error, full.estimates.std_error[full.z_of[c]],
                      10);
        for (size_t d = 0; d < 8; d++)
            assert_digits(
                1 + r.estimates.vcov[c * 8 + d],
                1 + full.estimates.vcov[full.z_of[c] * full.estimates.k + full.z_of[d]],
                10);
    }
}

static void cells_are_those_of_the_absorbing_regression(void **state)
{
    (void)state;
    fill(false, true);
    compare_with_absorbing((np_did_panel_spec){0});
}

static void so_they_are_with_gaps_weights_and_clusters(void **state)
{
    (void)state;
    fill(true, true);
    np_did_panel_spec spec = gaps_allowed;
    spec.weights = "w";
    spec.cluster = "cluster";
    compare_with_absorbing(spec);
}

/* In a balanced panel without controls this is the imputation estimator. */
static void a_balanced_panel_gives_the_imputed_effects(void **state)
{
    (void)state;
    fill(false, true);
    np_did_panel p = made_panel(&m, (np_did_panel_spec){0});
    np_did_result r = made_estimate(&m, &p, (np_did_spec){0}, NP_DID_EXTENDED_TWO_WAY);
    np_did_result s = made_estimate(&m, &p, (np_did_spec){0}, NP_DID_IMPUTATION);
    for (size_t c = 0; c < 8; c++)
        assert_digits(r.group_time[c].estimate, s.group_time[c].estimate, 11);
    assert_digits(made_aggregate(&r, "simple")->estimate,
                  made_aggregate(&s, "simple")->estimate, 11);
    assert_digits(made_aggregate(&r, "group")->estimate,
                  made_aggregate(&s, "group")->estimate, 11);
}

/* The same as dense columns: x by period, and about the cohort's mean by cell. */
static void controls_interact_with_periods_and_cells(void **state)
{
    (void)state;
    static double column[13][MADE_ROWS];
    const double *dense[13];
    fill(false, true);
    np_did_panel_spec spec = {.control = (const char *[]){"x"}, .n_controls = 1};
    np_did_panel p = made_panel(&m, spec);
    np_did_result r = made_estimate(&m, &p, (np_did_spec){0}, NP_DID_EXTENDED_TWO_WAY);
    double sum[4] = {0}, n[4] = {0};
    for (size_t i = 0; i < p.n; i++) {
        int32_t g = p.cohort_of[p.unit_of[i]];
        sum[g + 1] += p.x[1][i];
        n[g + 1]++;
    }
    memset(column, 0, sizeof column);
    for (size_t i = 0; i < p.n; i++) {
        int32_t g = p.cohort_of[p.unit_of[i]];
        if (p.period_of[i] > 0)
            column[p.period_of[i] - 1][i] = p.x[1][i];
        for (size_t c = 0; g >= 0 && c < 8; c++)
            if (p.cohort[g] == r.group_time[c].cohort &&
                p.period[p.period_of[i]] == r.group_time[c].time)
                column[5 + c][i] = p.x[1][i] - sum[g + 1] / n[g + 1];
    }
    for (size_t j = 0; j < 13; j++)
        dense[j] = column[j];
    np_did_regression full = regressed(&p, dense, 13, &r);
    for (size_t c = 0; c < 8; c++) {
        assert_digits(r.group_time[c].estimate,
                      full.estimates.estimate[full.z_of[13 + c]], 9);
        assert_digits(r.group_time[c].std_error,
                      full.estimates.std_error[full.z_of[13 + c]], 9);
    }
}

static void the_never_treated_alone_give_leads(void **state)
{
    (void)state;
    fill(false, true);
    np_did_panel p = made_panel(&m, (np_did_panel_spec){0});
    np_did_result r = made_estimate(&m, &p, (np_did_spec){.comparison_chosen = true},
                                    NP_DID_EXTENDED_TWO_WAY);
    np_did_result s = made_estimate(&m, &p, (np_did_spec){0}, NP_DID_SUN_ABRAHAM);
    assert_true(made_row(&r, "dynamic", -1)->reference);
    for (double e = -3; e <= 3; e++)
        if (e != -1) {
            assert_digits(made_row(&r, "dynamic", e)->estimate,
                          made_row(&s, "dynamic", e)->estimate, 10);
            assert_digits(made_row(&r, "dynamic", e)->std_error,
                          made_row(&s, "dynamic", e)->std_error, 10);
        }
}

static void without_never_treated_the_last_cohort_compares_until_it_starts(void **state)
{
    (void)state;
    fill(false, false);
    np_did_panel p = made_panel(&m, (np_did_panel_spec){0});
    np_did_result r = made_estimate(&m, &p, (np_did_spec){0}, NP_DID_EXTENDED_TWO_WAY);
    assert_int_equal(r.n_group_time, 3 + 2);
    assert_int_equal(r.n_dropped, 1);
    assert_string_equal(r.dropped[0].reason, "nobody is untreated in 6");
    assert_int_equal(r.dropped[0].n_rows, 24);
}

static void no_memory_is_said_wherever_it_ends(void **state)
{
    (void)state;
    fill(true, true);
    np_did_panel_spec panel_spec = gaps_allowed;
    panel_spec.cluster = "cluster";
    np_did_panel p = made_panel(&m, panel_spec);
    made_fail_each_allocation(&m, &p, (np_did_spec){0}, NP_DID_EXTENDED_TWO_WAY);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(cells_are_those_of_the_absorbing_regression),
        TEST(so_they_are_with_gaps_weights_and_clusters),
        TEST(a_balanced_panel_gives_the_imputed_effects),
        TEST(controls_interact_with_periods_and_cells),
        TEST(the_never_treated_alone_give_leads),
        TEST(without_never_treated_the_last_cohort_compares_until_it_starts),
        TEST(no_memory_is_said_wherever_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
