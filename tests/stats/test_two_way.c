#include "stats/did/did_two_way.h"

#include "stats/did/did_bacon.h"
#include "stats/did/did_sun_abraham.h"
#include "stats/did_case.h"
#include "stats/model.h"

static did_case data;

/* Unit 1 never, 2 from period 2 on, 3 from period 4 on:
 *
 *   y_1  0 0 0 0      D~_2  -3/4 1/4 1/4 -1/12 … (less unit mean, period mean, plus all)
 *   y_2  0 2 3 4      D~ of the treated cells: (2,2) 1/4, (2,3) 1/4, (2,4) -1/12,
 *   y_3  0 0 0 6                               (3,4) 5/12; their sum is 10/12
 *
 * so that the weights are .3 .3 -.1 .5, and beta = .6 + .9 - .4 + 3 = 4.1. */
static np_did_panel three_units(void)
{
    static const double start[] = {0, 2, 4};
    static const double y[] = {0, 0, 0, 0, 0, 2, 3, 4, 0, 0, 0, 6};
    case_new(&data, 3, 4, start);
    memcpy(data.y, y, sizeof y);
    return case_panel(&data, (np_did_panel_spec){0});
}

static void the_coefficient_is_the_weighted_sum_of_the_cells_effects(void **state)
{
    (void)state;
    np_did_panel p = three_units();
    np_did_result r = case_estimate(&p, (np_did_spec){0}, NP_DID_TWO_WAY);
    assert_string_equal(r.estimates.term[0], "treated");
    assert_digits(r.estimates.estimate[0], 4.1, 13);
    const np_estimate_table *w = case_table(&r, "cell_weights");
    static const double want[] = {.3, .3, -.1, .5};
    assert_int_equal(w->n, 4);
    for (size_t i = 0; i < 4; i++)
        assert_digits(w->estimate[i], want[i], 13);
    assert_true(np_estimates_stat(&r.estimates, "n_negative_weights") == 1);
    assert_digits(np_estimates_stat(&r.estimates, "sum_negative_weights"), -.1, 13);
    assert_digits(np_estimates_stat(&r.estimates, "negative_weight_share"), .1 / 1.2, 13);
}

/* Shares are 1/4, W = 1.2 1.2 -.4 2: variance .76 × 4/3. Ordered 2 1.2 1.2 -.4, from
 * the last: P .25, S -.1, T .04, and -.4 < .1/.75; with the one before P .5, S .2,
 * and 1.2 is not below -.2/.5. */
static void the_smallest_spread_of_effects_that_could_overturn_it(void **state)
{
    (void)state;
    np_did_panel p = three_units();
    np_did_result r = case_estimate(&p, (np_did_spec){0}, NP_DID_TWO_WAY);
    assert_digits(np_estimates_stat(&r.estimates, "sigma_fe"), 4.1 / sqrt(.76 * 4 / 3),
                  13);
    assert_digits(np_estimates_stat(&r.estimates, "sigma_fe_opposite"),
                  4.1 / sqrt(.04 + .01 / .75), 12);
}

/* c = G/(G-1) (n-1)/(n-K) = 3/2 × 11/7: the four period effects and the slope count. */
static void errors_are_clustered_with_the_factor_of_estimate(void **state)
{
    (void)state;
    np_did_panel p = three_units();
    np_did_result r = case_estimate(&p, (np_did_spec){0}, NP_DID_TWO_WAY);
    double d[12], y[12], Q = 0, meat = 0;
    for (size_t i = 0; i < 12; i++) {
        size_t u = i / 4, t = i % 4;
        d[i] = data.dose[i];
        y[i] = data.y[i];
        for (size_t j = 0; j < 12; j++) {
            double share = (j / 4 == u) / 4. + (j % 4 == t) / 3. - 1 / 12.;
            d[i] -= share * data.dose[j];
            y[i] -= share * data.y[j];
        }
        Q += d[i] * d[i];
    }
    for (size_t u = 0; u < 3; u++) {
        double score = 0;
        for (size_t i = 4 * u; i < 4 * u + 4; i++)
            score += d[i] * (y[i] - 4.1 * d[i]);
        meat += score * score;
    }
    assert_digits(r.estimates.std_error[0], sqrt(1.5 * 11 / 7. * meat) / Q, 12);
}

/* 2 with 3 before 4: 2.5, weight 1 × 2; with 1: 3, 1 × 3; 3 with 2 from 2 on:
 * 6 - 1.5, 2 × 1; with 1: 6, 3 × 1. */
static void each_comparison_of_two_groups_is_listed(void **state)
{
    (void)state;
    static const double estimate[] = {2.5, 3, 4.5, 6}, weight[] = {.2, .3, .2, .3};
    np_did_panel p = three_units();
    np_did_result r = case_estimate(&p, (np_did_spec){0}, NP_DID_TWO_WAY);
    const np_estimate_table *b = case_table(&r, "bacon");
    assert_int_equal(b->n, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_digits(b->estimate[i], estimate[i], 13);
        assert_digits(b->more[2].value[i], weight[i], 13);
    }
    assert_string_equal(b->text[0].text[2], "later vs earlier treated");
    const np_estimate_table *t = case_table(&r, "bacon_by_type");
    assert_int_equal(t->n, 3);
    assert_digits(t->estimate[2], 4.5, 13);
}

static void random_case(np_did_panel *p, np_did_panel_spec spec)
{
    static const double start[] = {0, 0, 0, 3, 3, 4, 5, 5, 5, 1, 1, 6};
    case_new(&data, 12, 6, start);
    case_noise(&data, 7);
    spec.keep_always_treated = true;
    *p = case_panel(&data, spec);
}

static double sum_of_parts(const np_did_result *r)
{
    const np_estimate_table *b = case_table(r, "bacon");
    assert_non_null(b);
    double sum = 0;
    for (size_t i = 0; i < b->n; i++)
        sum += b->more[2].value[i] > 0 ? b->more[2].value[i] * b->estimate[i] : 0;
    double omega = np_estimates_stat(&r->estimates, "bacon_omega");
    if (isnan(omega))
        return sum;
    return omega * np_estimates_stat(&r->estimates, "bacon_within") + (1 - omega) * sum;
}

static void the_comparisons_add_up_to_the_coefficient(void **state)
{
    (void)state;
    static const char *const x[] = {"x"};
    const np_did_panel_spec spec[] = {
        {0},
        {.weights = "weight"},
        {.control = x, .n_controls = 1},
        {.control = x, .n_controls = 1, .weights = "weight"}};
    for (size_t i = 0; i < 4; i++) {
        np_did_panel p;
        random_case(&p, spec[i]);
        np_did_result r = case_estimate(&p, (np_did_spec){0}, NP_DID_TWO_WAY);
        assert_digits(sum_of_parts(&r), r.estimates.estimate[0], 11);
    }
}

static void always_treated_units_that_are_kept_compare_under_their_own_name(void **state)
{
    (void)state;
    np_did_panel p;
    random_case(&p, (np_did_panel_spec){0});
    np_did_result r = case_estimate(&p, (np_did_spec){0}, NP_DID_TWO_WAY);
    const np_estimate_table *b = case_table(&r, "bacon");
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        assert_true(b->more[0].value[i] != 1);
        n += strcmp(b->text[0].text[i], "later vs always treated") == 0;
    }
    assert_int_equal(n, 4);
}

static void gaps_have_weights_of_cells_but_no_decomposition(void **state)
{
    (void)state;
    np_did_panel p;
    random_case(&p, (np_did_panel_spec){.subset = "unit != 5 | time != 2"});
    np_did_result r = case_estimate(&p, (np_did_spec){0}, NP_DID_TWO_WAY);
    assert_null(case_table(&r, "bacon"));
    assert_non_null(case_table(&r, "cell_weights"));
    assert_int_equal(r.estimates.n_warnings, 1);
    assert_non_null(strstr(r.estimates.warning[0], "every period"));
}

/* With units never treated and the effect 10 + e in every cohort the event study is
 * exact: 0 before, then 10, 11 … */
static void the_event_study_finds_effects_that_go_by_event_time(void **state)
{
    (void)state;
    static const double start[] = {0, 0, 3, 4, 5};
    case_new(&data, 5, 6, start);
    for (size_t r = 0; r < 30; r++) {
        double e = (double)data.time[r] - data.start[r];
        data.y[r] = (double)data.unit[r] * 3 + (double)(data.time[r] * data.time[r]) +
                    (data.start[r] > 0 && e >= 0 ? 10 + e : 0);
    }
    np_did_panel p = case_panel(&data, (np_did_panel_spec){0});
    np_did_result r = case_estimate(&p, (np_did_spec){0}, NP_DID_TWO_WAY);
    const np_did_aggregate *d = np_did_aggregate_of(&r, "dynamic");
    assert_int_equal(d->n_rows, 8); /* -4 … 3 */
    for (size_t i = 0; i < 8; i++) {
        double e = d->row[i].value;
        assert_true(d->row[i].reference == (e == -1));
        assert_true(fabs(d->row[i].estimate - (e >= 0 ? 10 + e : 0)) < 1e-10);
    }
    assert_digits(d->estimate, 11.5, 11);
}

/* The window's ends gather what lies beyond: at 1 the mean of 11, 12 and 13 comes out
 * where each unit is seen; here all that matters is which rows there are. */
static void ends_can_be_bins(void **state)
{
    (void)state;
    np_did_panel p;
    random_case(&p, (np_did_panel_spec){0});
    const np_did_spec spec = {
        .has_window = true, .window_min = -2, .window_max = 1, .bin_ends = true};
    np_did_result r = case_estimate(&p, spec, NP_DID_TWO_WAY);
    const np_did_aggregate *d = np_did_aggregate_of(&r, "dynamic");
    assert_int_equal(d->n_rows, 4);
    double n = 0;
    for (size_t i = 0; i < 4; i++)
        n += d->row[i].n_treated;
    assert_true(n == 9 * 6); /* every row of a treated unit */
}

static void without_never_treated_the_first_event_time_is_a_reference_too(void **state)
{
    (void)state;
    static const double start[] = {3, 4, 5};
    case_new(&data, 3, 6, start);
    case_noise(&data, 3);
    np_did_panel p = case_panel(&data, (np_did_panel_spec){0});
    np_did_result r = case_estimate(&p, (np_did_spec){0}, NP_DID_TWO_WAY);
    const np_did_aggregate *d = np_did_aggregate_of(&r, "dynamic");
    size_t n = 0;
    for (size_t i = 0; i < d->n_rows; i++)
        n += d->row[i].reference;
    assert_int_equal(n, 2);
    assert_true(d->row[0].reference && d->row[0].value == -4);
}

static double mean_y(size_t first_unit, size_t last_unit, size_t time)
{
    double sum = 0;
    for (size_t u = first_unit; u <= last_unit; u++)
        sum += data.y[(u - 1) * data.n_periods + time - 1];
    return sum / (double)(last_unit - first_unit + 1);
}

/* With units never treated a coefficient is a difference in differences from the period
 * before the start: cohort 3 (units 4, 5), cohort 4 (unit 6), never 1 … 3. */
static void cells_of_sun_and_abraham_are_two_by_two(void **state)
{
    (void)state;
    static const double start[] = {0, 0, 0, 3, 3, 4};
    case_new(&data, 6, 5, start);
    case_noise(&data, 5);
    np_did_panel p = case_panel(&data, (np_did_panel_spec){0});
    np_did_result r = case_estimate(&p, (np_did_spec){0}, NP_DID_SUN_ABRAHAM);
    double at_0[2] = {
        mean_y(4, 5, 3) - mean_y(4, 5, 2) - mean_y(1, 3, 3) + mean_y(1, 3, 2),
        mean_y(6, 6, 4) - mean_y(6, 6, 3) - mean_y(1, 3, 4) + mean_y(1, 3, 3)};
    const np_did_aggregate *d = np_did_aggregate_of(&r, "dynamic");
    for (size_t i = 0; i < d->n_rows; i++)
        if (d->row[i].value == 0) {
            assert_digits(d->row[i].estimate, (2 * at_0[0] + at_0[1]) / 3, 11);
            assert_true(d->row[i].n_treated == 3);
        }
    for (size_t i = 0; i < r.n_group_time; i++)
        if (r.group_time[i].event_time == 0)
            assert_digits(r.group_time[i].estimate, at_0[r.group_time[i].cohort == 4],
                          11);
    assert_int_equal(r.n_group_time, 10);
    size_t row = np_estimates_find(&r.estimates, "time::0");
    assert_true(row < r.estimates.k);
    assert_digits(r.estimates.estimate[row], (2 * at_0[0] + at_0[1]) / 3, 11);
}

/* Cohort 5 (units 6, 7) compares until period 4, and later periods are left out. */
static void without_never_treated_the_last_cohort_compares_until_it_starts(void **state)
{
    (void)state;
    static const double start[] = {3, 3, 4, 4, 4, 5, 5};
    case_new(&data, 7, 6, start);
    case_noise(&data, 6);
    np_did_panel p = case_panel(&data, (np_did_panel_spec){0});
    np_did_result r = case_estimate(&p, (np_did_spec){0}, NP_DID_SUN_ABRAHAM);
    assert_int_equal(r.n_dropped, 1);
    assert_int_equal(r.dropped[0].n_rows, 14);
    assert_int_equal(r.estimates.n, 28);
    assert_int_equal(r.n_treated_units, 5);
    for (size_t i = 0; i < r.n_group_time; i++) {
        const np_group_time_row *row = &r.group_time[i];
        assert_true(row->time <= 4 && row->cohort < 5);
        if (row->cohort == 3 && row->time == 4)
            assert_digits(row->estimate,
                          mean_y(1, 2, 4) - mean_y(1, 2, 2) - mean_y(6, 7, 4) +
                              mean_y(6, 7, 2),
                          11);
    }
}

static void anticipation_moves_the_reference(void **state)
{
    (void)state;
    static const double start[] = {0, 0, 4, 4};
    case_new(&data, 4, 5, start);
    case_noise(&data, 8);
    np_did_panel p = case_panel(&data, (np_did_panel_spec){.anticipation = 1});
    np_did_result r =
        case_estimate(&p, (np_did_spec){.anticipation = 1}, NP_DID_SUN_ABRAHAM);
    for (size_t i = 0; i < r.n_group_time; i++) {
        assert_true(r.group_time[i].base_period == 2);
        if (r.group_time[i].time == 4)
            assert_digits(r.group_time[i].estimate,
                          mean_y(3, 4, 4) - mean_y(3, 4, 2) - mean_y(1, 2, 4) +
                              mean_y(1, 2, 2),
                          11);
    }
}

/* Every term of `want` with its error, among those of `got`. */
static void same_digits(const np_estimates *got, const np_estimates *want,
                        const char *name_here, const char *name_there)
{
    for (size_t i = 0; i < want->k; i++) {
        bool renamed = strcmp(want->term[i], name_there) == 0;
        size_t j = np_estimates_find(got, renamed ? name_here : want->term[i]);
        assert_true(j < got->k);
        assert_digits(got->estimate[j], want->estimate[i], 10);
        assert_digits(got->std_error[j], want->std_error[i], 10);
        assert_digits(got->p_value[j], want->p_value[i], 8);
    }
    assert_int_equal(got->n, want->n);
}

static np_model by_formula(const char *formula, const char *cluster, const char *subset,
                           const char *weights)
{
    np_model m = {0};
    np_model_spec spec = {
        .design = {.formula = formula, .subset = subset, .weights = weights},
        .vcov = {.kind = NP_VCOV_CLUSTER, .n_keys = 1, .key = {cluster}}};
    assert_int_equal(np_model_estimate(&m, &data.table, &spec, arena, &err), NP_OK);
    return m;
}

/* With a covariate, weights, clusters of units and gaps; unit 7 is left with one row. */
static void the_formulas_of_estimate_give_the_same_digits(void **state)
{
    (void)state;
    static const double start[] = {0, 0, 0, 0, 3, 3, 4, 4, 5, 5, 6, 6};
    static const char *const x[] = {"x"};
    static const char gaps[] = "(unit != 5 | time != 2) & (unit != 7 | time == 1)";
    case_new(&data, 12, 7, start);
    case_noise(&data, 31);
    for (size_t r = 0; r < 84; r++)
        data.cluster[r] = (double)(r / 7 % 5);
    np_did_panel p = case_panel(&data, (np_did_panel_spec){.control = x,
                                                           .n_controls = 1,
                                                           .weights = "weight",
                                                           .cluster = "cluster",
                                                           .subset = gaps});
    np_did_result two_way = case_estimate(&p, (np_did_spec){0}, NP_DID_TWO_WAY);
    np_did_result sunab = case_estimate(&p, (np_did_spec){0}, NP_DID_SUN_ABRAHAM);
    np_model m = by_formula("y ~ dose + x | unit + time", "cluster", gaps, "weight");
    same_digits(&two_way.estimates, &m.estimates, "treated", "dose");
    assert_int_equal(two_way.dropped[0].n_rows, 1);
    m = by_formula("y ~ x + sunab(start, time) | unit + time", "cluster", gaps, "weight");
    same_digits(&sunab.estimates, &m.estimates, "", "");
    const np_estimate_table *att = NULL;
    for (size_t i = 0; i < m.estimates.n_tables; i++)
        if (strcmp(m.estimates.table[i].name, "att") == 0)
            att = &m.estimates.table[i];
    const np_did_aggregate *simple = np_did_aggregate_of(&sunab, "simple");
    assert_string_equal(att->term[1], "ATT");
    assert_digits(simple->estimate, att->estimate[1], 10);
    assert_digits(simple->std_error, att->std_error[1], 10);
    assert_digits(simple->p_value, att->p_value[1], 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, case_begin, case_end)
        CASE(the_coefficient_is_the_weighted_sum_of_the_cells_effects),
        CASE(the_smallest_spread_of_effects_that_could_overturn_it),
        CASE(errors_are_clustered_with_the_factor_of_estimate),
        CASE(each_comparison_of_two_groups_is_listed),
        CASE(the_comparisons_add_up_to_the_coefficient),
        CASE(always_treated_units_that_are_kept_compare_under_their_own_name),
        CASE(gaps_have_weights_of_cells_but_no_decomposition),
        CASE(the_event_study_finds_effects_that_go_by_event_time),
        CASE(ends_can_be_bins),
        CASE(without_never_treated_the_first_event_time_is_a_reference_too),
        CASE(cells_of_sun_and_abraham_are_two_by_two),
        CASE(without_never_treated_the_last_cohort_compares_until_it_starts),
        CASE(anticipation_moves_the_reference),
        CASE(the_formulas_of_estimate_give_the_same_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
