#include "evaluation/folder.h"

#define HEAD                                                                             \
    "title: T\nquestions:\n  - id: q\n    title: Q\n    criterion: effectiveness\n"      \
    "    data: data.csv\n    unit: unit\n    time: t\n    outcome: y\n"                  \
    "    participants: {column: start}\n    direction: lower\n"

/* Two treated in period 2, two never:
 *   participants  10 -> 13, 12 -> 14: mean change 2.5, mean before 11
 *   others         5 ->  6,  7 ->  9: mean change 1.5, mean before 6 */
static const char two_by_two[] = "unit,t,start,y\n"
                                 "A,1,2,10\nA,2,2,13\nB,1,2,12\nB,2,2,14\n"
                                 "C,1,,5\nC,2,,6\nD,1,,7\nD,2,,9\n";

static void two_by_two_is_the_difference_of_differences(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q = folder_question(&f, HEAD, two_by_two);
    const np_effect *e = effect_of(q, "q/two-way-fixed-effects");
    assert_digits(e->estimate, 1, 12); /* 2.5 - 1.5 */
    /* With two periods x~ = (-d, d)/2 and e = (-u, u)/2 with d = ±1/2 and the residuals
     * of the changes u = ±1/2: meat 4 (d u / 2)^2 = 1/16, bread 1 / (4 d^2 / 2) = 2, so
     * V = 4/16, times G/(G-1) = 4/3 and (n-1)/(n-K) = 7/5, K = post, period, and 1 for
     * the nested units. */
    assert_digits(e->std_error, sqrt(0.25 * 4 / 3 * 7 / 5), 12);
    assert_digits(e->statistic, 1 / e->std_error, 12);
    assert_digits(e->r2_within, 1 - 0.5 / 9, 12); /* Σ e^2 = 8/16, Σ (dy/2)^2 x 2 = 9 */
    assert_digits(e->constant, 9.5 - (1. * 2 + 1.5 * 4) / 8, 12);
    assert_digits(e->mean_before, 11, 12);
    assert_int_equal(e->n, 8);
    assert_int_equal(e->n_units, 4);
    assert_int_equal(e->n_treated, 2);
    assert_int_equal(e->n_comparison, 2);
    assert_int_equal(e->n_clusters, 4);
    assert_int_equal(e->n_treated_clusters, 2);
    assert_true(e->obs_per_unit == 2);
    assert_int_equal(e->n_left_out, 0);
    /* a balanced panel with nothing but the two dummies: random effects are the means */
    const np_effect *r = effect_of(q, "q/random-effects");
    assert_digits(r->estimate, 1, 10);
    assert_digits(r->constant, 6, 10);
    size_t k = np_estimates_find(&r->model->estimates, "participant");
    assert_digits(r->model->estimates.estimate[k], 5, 10);
    folder_free(&f);
}

static void caveats_come_from_the_data(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q = folder_question(&f, HEAD, two_by_two);
    const np_effect *e = effect_of(q, "q/two-way-fixed-effects");
    assert_true(caveat_number(e, NP_CAVEAT_FEW_CLUSTERS, "clusters") == 4);
    assert_true(caveat_number(e, NP_CAVEAT_FEW_TREATED_CLUSTERS, "treated") == 2);
    assert_true(caveat_number(e, NP_CAVEAT_SHORT_POST_PERIOD, "periods") == 1);
    assert_true(HAS_CAVEAT(e, NP_CAVEAT_NO_PRE_TREND_TEST));
    assert_null(e->pre_trend);
    /* levels 11 and 6, variance 2 on either side: t = 5 / sqrt(2), 2 df, p = 0.07 */
    assert_false(HAS_CAVEAT(e, NP_CAVEAT_SELECTION_ON_LEVEL));
    assert_false(HAS_CAVEAT(e, NP_CAVEAT_UNBALANCED));
    assert_false(HAS_CAVEAT(e, NP_CAVEAT_ATTRITION));
    assert_false(HAS_CAVEAT(e, NP_CAVEAT_STAGGERED_TWO_WAY));
    assert_false(HAS_CAVEAT(e, NP_CAVEAT_ONE_UNIT_COHORT));
    assert_false(HAS_CAVEAT(e, NP_CAVEAT_CONTROLS_AFTER_START));
    folder_free(&f);
}

static void series_show_what_would_be_expected(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q = folder_question(&f, HEAD, two_by_two);
    assert_int_equal(q->n_series, 1);
    const np_series_set *set = &q->series[0];
    assert_int_equal(set->n_series, 3);
    const np_series *own = &set->series[0], *others = &set->series[1],
                    *expected = &set->series[2];
    assert_true(own->mean[0] == 11 && own->mean[1] == 13.5);
    assert_true(others->mean[0] == 6 && others->mean[1] == 7.5);
    assert_int_equal(expected->kind, NP_SERIES_EXPECTED);
    assert_int_equal(expected->n, 2);
    /* expected 11 + (7.5 - 6); what happened less expected is the estimate, 1 */
    assert_true(expected->mean[0] == 11 && expected->mean[1] == 12.5);
    assert_int_equal(own->n_units[1], 2);
    assert_int_equal(set->n_starts, 1);
    assert_true(set->start[0] == 2);
    folder_free(&f);
}

/* Weighted by w: participants' change (3*1 + 2*3)/4, others' (1*1 + 2*1)/2. */
static void weights_weigh_units(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q =
        folder_question(&f, HEAD "    weights: w\n",
                        "unit,t,start,y,w\n"
                        "A,1,2,10,1\nA,2,2,13,1\nB,1,2,12,3\nB,2,2,14,3\n"
                        "C,1,,5,1\nC,2,,6,1\nD,1,,7,1\nD,2,,9,1\n");
    const np_effect *e = effect_of(q, "q/two-way-fixed-effects");
    assert_digits(e->estimate, 9. / 4 - 3. / 2, 12);
    assert_true(e->weighted);
    /* random effects take no weights, and say so */
    const np_effect *r = effect_of(q, "q/random-effects");
    assert_false(r->weighted);
    assert_digits(r->estimate, 1, 10);
    assert_int_equal(q->n_series, 2);
    assert_digits(q->series[1].series[0].mean[0], (10 + 3 * 12) / 4., 12);
    folder_free(&f);
}

/* Cohorts 2 and 3 and never, periods 1 to 4, two units each. */
static const char staggered[] = "unit,t,start,y\n"
                                "A,1,2,10\nA,2,2,12\nA,3,2,13\nA,4,2,15\n"
                                "B,1,2,11\nB,2,2,12\nB,3,2,16\nB,4,2,15\n"
                                "C,1,3,7\nC,2,3,8\nC,3,3,5\nC,4,3,4\n"
                                "D,1,3,9\nD,2,3,8\nD,3,3,7\nD,4,3,6\n"
                                "E,1,0,4\nE,2,0,5\nE,3,0,5\nE,4,0,8\n"
                                "F,1,0,6\nF,2,0,5\nF,3,0,7\nF,4,0,6\n";

static void each_cohort_is_set_against_those_never_treated(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q = folder_question(
        &f, HEAD "    cohorts: [{start: 2, label: {en: Cohort 1}}]\n", staggered);
    assert_int_equal(q->n_cohorts, 2);
    /* balanced, one start: change of the means over periods before and after */
    const np_effect *two = effect_of(q, "q/cohort-2/two-way-fixed-effects");
    double own2 = (12 + 13 + 15 + 12 + 16 + 15) / 6. - (10 + 11) / 2.;
    double others2 = (5 + 5 + 8 + 5 + 7 + 6) / 6. - (4 + 6) / 2.;
    assert_digits(two->estimate, own2 - others2, 12);
    assert_int_equal(two->n_units, 4);
    assert_true(two->cohort == 2);
    assert_string_equal(np_localised_text(&two->label, NP_ENGLISH), "Cohort 1");
    const np_effect *three = effect_of(q, "q/cohort-3/two-way-fixed-effects");
    double own3 = (5 + 4 + 7 + 6) / 4. - (7 + 8 + 9 + 8) / 4.;
    double others3 = (5 + 8 + 7 + 6) / 4. - (4 + 5 + 6 + 5) / 4.;
    assert_digits(three->estimate, own3 - others3, 12);
    const np_effect *all = effect_of(q, "q/two-way-fixed-effects");
    assert_true(caveat_number(all, NP_CAVEAT_STAGGERED_TWO_WAY, "cohorts") == 2);
    assert_false(HAS_CAVEAT(three, NP_CAVEAT_STAGGERED_TWO_WAY));
    /* cohort 3 has one term before the reference: F = t^2 of the event study */
    assert_non_null(three->pre_trend);
    assert_true(three->pre_trend->df1 == 1);
    assert_true(HAS_CAVEAT(two, NP_CAVEAT_NO_PRE_TREND_TEST));
    folder_free(&f);
}

static void later_cohorts_compare_before_their_start_where_asked_for(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q =
        folder_question(&f, HEAD "    comparison: not-yet\n", staggered);
    const np_effect *two = effect_of(q, "q/cohort-2/two-way-fixed-effects");
    assert_int_equal(two->n, 16 + 4); /* cohort 3 in periods 1 and 2 */
    assert_int_equal(two->n_comparison, 4);
    const np_effect *three = effect_of(q, "q/cohort-3/two-way-fixed-effects");
    assert_int_equal(three->n, 16);
    folder_free(&f);
}

/* Participants start in period 3; the reference is period 2. */
static const char long_panel[] = "unit,t,start,y\n"
                                 "A,1,3,5\nA,2,3,6\nA,3,3,9\nA,4,3,12\n"
                                 "B,1,3,4\nB,2,3,6\nB,3,3,8\nB,4,3,11\n"
                                 "C,1,,1\nC,2,,2\nC,3,,2\nC,4,,3\n"
                                 "D,1,,3\nD,2,,3\nD,3,,4\nD,4,,4\n"
                                 "E,1,,2\nE,2,,4\nE,3,,3\nE,4,,5\n";

static void an_event_study_compares_each_distance_with_the_reference(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q =
        folder_question(&f, HEAD "    estimators: [event-study]\n", long_panel);
    assert_int_equal(q->n_event_studies, 1);
    const np_event_study *s = &q->event_study[0];
    assert_int_equal(s->n_points, 4);
    /* means, participants 4.5 6 8.5 11.5, others 2 3 3 4; each less its period 2 */
    const double want[] = {(4.5 - 6) - (2 - 3.), 0, (8.5 - 6) - (3 - 3.),
                           (11.5 - 6) - (4 - 3.)};
    for (size_t i = 0; i < 4; i++) {
        assert_true(s->point[i].event_time == (double)i - 2);
        assert_true(s->point[i].reference == (i == 1));
        assert_int_equal(s->point[i].n_treated, 2);
        if (i != 1)
            assert_digits(s->point[i].estimate, want[i], 12);
    }
    assert_digits(s->effect->estimate, (want[2] + want[3]) / 2, 12);
    /* one term before: the joint test is its t, squared */
    double t = s->point[0].estimate / s->point[0].std_error;
    assert_non_null(s->pre_trend);
    assert_digits(s->pre_trend->statistic, t * t, 10);
    assert_digits(s->pre_trend->p_value, s->point[0].p_value, 10);
    folder_free(&f);
}

static void far_event_times_are_binned(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q = folder_question(
        &f, HEAD "    estimators: [event-study]\n    event_study: {bin: [-1, 0]}\n",
        long_panel);
    const np_event_study *s = &q->event_study[0];
    assert_int_equal(s->n_points, 2);
    assert_true(s->point[0].reference && s->point[0].binned_low);
    assert_true(s->point[1].binned_high);
    /* two groups of two periods: the plain difference in differences */
    assert_digits(s->point[1].estimate,
                  ((8.5 + 11.5) - (4.5 + 6)) / 2 - ((3 + 4) - (2 + 3.)) / 2, 12);
    assert_null(s->pre_trend);
    folder_free(&f);
}

static void subgroups_are_other_outcomes_or_parts_of_the_rows(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q = folder_question(
        &f,
        HEAD "    rows: {column: sex, in: [men, women]}\n    subgroups:\n"
             "      - id: measure\n        outcomes: [{id: z, outcome: z}]\n",
        "unit,t,start,y,z,sex\n"
        "A,1,2,10,1,men\nA,2,2,13,5,men\nC,1,,5,2,women\nC,2,,6,3,women\n"
        "D,1,,5,2,women\nD,2,,6,3,women\n"
        "X,1,,5,2,other\nX,2,,6,3,other\n");
    assert_digits(effect_of(q, "q/two-way-fixed-effects")->estimate, 2, 12);
    assert_digits(effect_of(q, "q/measure/z/two-way-fixed-effects")->estimate, 3, 12);
    assert_int_equal(q->n_units, 3);
    assert_int_equal(q->n_left_out, 1);
    assert_string_equal(q->left_out[0].unit[0], "X");
    const np_effect *e = effect_of(q, "q/two-way-fixed-effects");
    const np_caveat *one = caveat_of(e->caveat, e->n_caveats, NP_CAVEAT_ONE_UNIT_COHORT);
    assert_non_null(one);
    assert_string_equal(np_statement_value(&one->statement, "unit")->text, "A");
    folder_free(&f);

    folder_new(&f);
    q = folder_question(&f, HEAD "    subgroups: [{id: region, column: region}]\n",
                        "unit,t,start,y,region\n"
                        "A,1,2,10,n\nA,2,2,13,n\nC,1,,5,n\nC,2,,6,n\nG,1,,5,n\nG,2,,6,n\n"
                        "B,1,2,10,s\nB,2,2,12,s\nD,1,,5,s\nD,2,,6,s\nH,1,,5,s\nH,2,,6,s\n"
                        "E,1,,5,v\nE,2,,6,v\n");
    assert_digits(effect_of(q, "q/region/n/two-way-fixed-effects")->estimate, 2, 12);
    assert_digits(effect_of(q, "q/region/s/two-way-fixed-effects")->estimate, 1, 12);
    const np_effect *v = effect_of(q, "q/region/v/two-way-fixed-effects");
    assert_non_null(v->refused); /* nobody takes part there */
    assert_true(isnan(v->estimate));
    folder_free(&f);
}

static void rows_left_out_are_named_by_reason(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q =
        folder_question(&f,
                        HEAD "    controls: [k]\n    comparison_filter: {column: other, "
                             "equals: 0}\n    estimators: [two-way-fixed-effects]\n",
                        "unit,t,start,y,k,other\n"
                        "A,1,2,10,1,1\nA,2,2,13,2,1\nB,1,2,12,1,1\nB,2,2,14,1,1\n"
                        "C,1,,5,1,0\nC,2,,6,3,0\nD,1,,7,4,0\nD,2,,9,1,0\n"
                        "E,1,,5,1,0\nE,2,,..,3,0\nF,1,,7,,0\nF,2,,9,1,0\n"
                        "G,1,,7,4,1\nG,2,,9,1,1\nH,1,1,7,4,1\nH,2,1,9,1,1\n");
    const np_effect *e = effect_of(q, "q/two-way-fixed-effects");
    assert_int_equal(q->n_left_out, 2);
    assert_string_equal(q->left_out[0].reason,
                        "others that do not belong to the comparison group");
    assert_string_equal(q->left_out[0].unit[0], "G");
    assert_string_equal(q->left_out[1].unit[0], "H"); /* treated from the first period */
    assert_non_null(caveat_of(q->caveat, q->n_caveats, NP_CAVEAT_ALWAYS_TREATED));
    /* E lacks an outcome, F a control; their other rows are then alone */
    assert_int_equal(e->n, 8);
    assert_int_equal(e->n_left_out, 3);
    assert_string_equal(e->left_out[0].reason, "missing outcome");
    assert_string_equal(e->left_out[0].unit[0], "E");
    assert_string_equal(e->left_out[1].reason, "missing controls");
    assert_string_equal(e->left_out[1].unit[0], "F");
    assert_string_equal(e->left_out[2].reason, "only one period of the unit");
    assert_int_equal(e->left_out[2].n_units, 2);
    folder_free(&f);
}

static void what_cannot_be_answered_is_refused_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *more, *data, *message;
    } bad[] = {
        {"", "unit,t,start,y\nA,1,,1\nA,2,,2\n",
         "evaluation.yaml:10:28: question q: there is no treated unit in start; it must "
         "hold the first treated period of participants, after the first period of the "
         "data"},
        {"", "unit,t,start,y\nA,1,2,1\nA,2,2,2\n",
         "evaluation.yaml:10:28: question q: there is nobody to compare with; no unit is "
         "never treated; look at comparison_filter"},
        {"", "unit,t,start,y\nA,1,2,1\nA,2,3,2\nB,1,,1\nB,2,,4\n",
         "evaluation.yaml:10:28: start: the first treated period of A is both 2 and 3; a "
         "unit starts once and stays treated"},
        {"", "unit,t,start,y\nA,1,2,1\nA,2,2,2\nA,2,2,3\nB,1,,1\nB,2,,4\n",
         "data.csv: A stands twice in 2: data rows 2 and 3; pick one by a condition "
         "under "
         "rows"},
        {"", "unit,t,start,y\nA,1,2,7\nA,2,2,7\nB,1,,7\nB,2,,7\n",
         "evaluation.yaml:3:5: y is the same in all rows"},
        {"", "unit,t,start,y\nA,1,2,7\nA,2,2,..\nB,1,,7\nB,2,,8\n",
         "evaluation.yaml:3:5: y: no participant has an outcome after the start"},
        {"    controls: [populaton]\n",
         "unit,t,start,y,population\nA,1,2,7,1\nA,2,2,7,1\nB,1,,7,1\nB,2,,8,1\n",
         "evaluation.yaml:12:16: "},
        {"    weights: w\n",
         "unit,t,start,y,w\nA,1,2,7,1\nA,2,2,7,-3\nB,1,,7,1\nB,2,,8,1\n",
         "data.csv: w: A in 2 is -3; weights must be positive"},
        {"", "unit,t,start,y\nA,1,2,7\nA,2,2,x\nB,1,,7\nB,2,,8\n",
         "evaluation.yaml:9:14: y holds text where numbers are needed; row 2 is \"x\""},
        {"", "unit,t,start,y\nA,1,2,7\nA,2,2,1e400\nB,1,,7\nB,2,,8\n",
         "evaluation.yaml:9:14: y holds text where numbers are needed; row 2 is "
         "\"1e400\""},
        {"", "unit,t,start,y\nA,2010a,2,7\nA,2011,2,8\nB,2010a,,7\nB,2011,,8\n",
         "evaluation.yaml:8:11: t holds text; the periods of a panel are numbers; row 1 "
         "is "
         "\"2010a\""},
        {"", "unit,t,start,y\nA,1,9,7\nA,2,9,8\nB,1,,7\nB,2,,8\n",
         "evaluation.yaml:10:28: question q: there is no treated unit in start; "},
        {"", "unit,t,start,y\nA,1,soon,7\nA,2,soon,8\nB,1,,7\nB,2,,8\n",
         "evaluation.yaml:10:28: start: \"soon\" is no period; a number, or empty, 0, "
         "never "
         "or Inf"},
        {"", "unit,t,start,y\nA,1,2,\nA,2,2,\nB,1,,\nB,2,,\n",
         "evaluation.yaml:3:5: y: no complete row is left"},
        {"", "", "data.csv: the file is empty"},
        {"", "unit,t,start,y\n", "evaluation.yaml:10:28: question q: no rows are left"},
        {"", "unit,t,start,y\nA,1,2,7\nA,2\n",
         "data.csv:3:1: the row has 2 fields, the header 4"},
        {"    comparison_filter: {column: t, equals: 9}\n",
         "unit,t,start,y\nA,1,2,7\nA,2,2,8\nB,1,,7\nB,2,,8\n",
         "evaluation.yaml:10:28: question q: there is nobody to compare with"},
        {"    weights: w\n",
         "unit,t,start,y,w\nA,1,2,7,0\nA,2,2,7,0\nB,1,,7,0\nB,2,,8,0\n",
         "evaluation.yaml:3:5: y: no complete row is left"},
        {"    figure_weights: w\n",
         "unit,t,start,y,w\nA,1,2,7,1\nA,2,2,8,1\nB,1,,7,1\nB,2,,8,-2\n",
         "evaluation.yaml:12:21: w: row 4 is -2; weights must be positive"},
        {"    rows: {column: t, min: 5}\n", "unit,t,start,y\nA,1,2,7\nA,2,2,8\n",
         "evaluation.yaml:10:28: question q: no rows are left; look at rows, periods and "
         "comparison_filter"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        test_folder f;
        char plan[2048];
        folder_new(&f);
        snprintf(plan, sizeof plan, "%s%s", HEAD, bad[i].more);
        assert_int_not_equal(folder_evaluate(&f, plan, bad[i].data), NP_OK);
        if (strncmp(f.message, bad[i].message, strlen(bad[i].message)) != 0)
            print_error("got:      %s\nexpected: %s\n", f.message, bad[i].message);
        assert_memory_equal(f.message, bad[i].message, strlen(bad[i].message));
        folder_free(&f);
    }
}

static void a_treatment_that_switches_off_is_refused(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const char *plan = "title: T\nquestions:\n  - id: q\n    title: Q\n"
                       "    criterion: impact\n    data: data.csv\n    unit: unit\n"
                       "    time: t\n    outcome: y\n    participants: {treated: d}\n";
    assert_int_equal(folder_evaluate(&f, plan,
                                     "unit,t,d,y\nA,1,0,1\nA,2,1,2\nA,3,0,2\n"
                                     "B,1,0,1\nB,2,0,4\nB,3,0,3\n"),
                     NP_E_RANGE);
    assert_string_equal(f.message,
                        "evaluation.yaml:10:29: d: the treatment of A switches "
                        "off in 3; the designs here are for treatments that "
                        "stay");
    folder_free(&f);

    folder_new(&f);
    const np_question_result *q =
        folder_question(&f, plan,
                        "unit,t,d,y\nA,1,0,1\nA,2,1,3\nA,3,1,4\n"
                        "B,1,0,1\nB,2,0,2\nB,3,0,2\nC,1,0,1\nC,2,0,2\nC,3,0,2\n");
    assert_true(q->n_cohorts == 1 && q->cohort[0] == 2);
    /* (3 + 4)/2 - 1 less (2 + 2)/2 - 1 */
    assert_digits(effect_of(q, "q/two-way-fixed-effects")->estimate, 2.5 - 1, 12);
    folder_free(&f);
}

/* y of 24 units over 6 periods; participants (12, from period 5) start `level` higher
 * and gain `trend` a period more before the start. Deterministic noise. */
static const char *generated(double level, double trend, bool missing)
{
    static char text[16384];
    size_t used = (size_t)sprintf(text, "unit,t,start,y,k\n");
    for (int unit = 0; unit < 24; unit++)
        for (int t = 1; t <= 6; t++) {
            bool treated = unit < 12;
            double noise = ((unit * 7 + t * 11 + unit * t * 3) % 13 - 6) / 10.;
            double y = 10 + unit % 5 * 0.1 + (treated ? level + trend * t : 0) + noise;
            double k = ((unit * 5 + t * 3) % 7) + (treated && t >= 5 ? 4 : 0);
            bool gap = missing && treated && t % 2 == 0 && unit % 2 == 0;
            char outcome[16] = "..";
            if (!gap)
                snprintf(outcome, sizeof outcome, "%.2f", y);
            used += (size_t)sprintf(text + used, "u%02d,%d,%s,%s,%g\n", unit, t,
                                    treated ? "5" : "", outcome, k);
        }
    return text;
}

static void selection_pre_trend_attrition_and_bad_controls_are_found(void **state)
{
    (void)state;
    static const struct {
        double level, trend;
        bool missing, control;
    } data[] = {{0, 0, false, false},
                {3, 0, false, false},
                {0, 1, false, false},
                {0, 0, true, false},
                {0, 0, false, true}};
    for (size_t i = 0; i < sizeof data / sizeof *data; i++) {
        test_folder f;
        char text[16384];
        folder_new(&f);
        strcpy(text, generated(data[i].level, data[i].trend, data[i].missing));
        const np_question_result *q = folder_question(
            &f, data[i].control ? HEAD "    controls: [k]\n" : HEAD, text);
        const np_effect *e = effect_of(q, "q/two-way-fixed-effects");
        /* a trend of 1 a period lifts the level before the start as well */
        assert_int_equal(HAS_CAVEAT(e, NP_CAVEAT_SELECTION_ON_LEVEL), i == 1 || i == 2);
        assert_int_equal(HAS_CAVEAT(e, NP_CAVEAT_PRE_TREND), i == 2);
        assert_int_equal(HAS_CAVEAT(e, NP_CAVEAT_ATTRITION), i == 3);
        assert_int_equal(HAS_CAVEAT(e, NP_CAVEAT_UNBALANCED), i == 3);
        assert_int_equal(HAS_CAVEAT(e, NP_CAVEAT_CONTROLS_AFTER_START), i == 4);
        assert_true(HAS_CAVEAT(e, NP_CAVEAT_FEW_CLUSTERS));          /* 24 */
        assert_false(HAS_CAVEAT(e, NP_CAVEAT_FEW_TREATED_CLUSTERS)); /* 12 */
        if (i == 1)
            assert_true(
                fabs(caveat_number(e, NP_CAVEAT_SELECTION_ON_LEVEL, "difference") - 3) <
                0.3);
        folder_free(&f);
    }
}

static void effects_repeat_what_the_model_says(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q = folder_question(
        &f, HEAD "    vcov: iid\n    controls: [k]\n    linear_time: true\n",
        generated(1, 0, false));
    const np_effect *e = effect_of(q, "q/two-way-fixed-effects");
    assert_string_equal(e->model->estimates.vcov_call, "iid");
    assert_int_equal(e->n_clusters, 0);
    size_t k = np_estimates_find(&e->model->estimates, "t"); /* the linear term */
    assert_true(k < e->model->estimates.k);
    k = np_estimates_find(&e->model->estimates, "post");
    assert_true(e->estimate == e->model->estimates.estimate[k]);
    assert_true(e->std_error == e->model->estimates.std_error[k]);
    assert_true(e->model == f.result.model[e->model_index]);
    const np_effect *r = effect_of(q, "q/random-effects");
    assert_digits(r->r2_within, np_estimates_stat(&r->model->estimates, "r2_within"), 10);
    assert_digits(r->r2_between, np_estimates_stat(&r->model->estimates, "r2_between"),
                  9);
    assert_digits(r->r2_overall, np_estimates_stat(&r->model->estimates, "r2_overall"),
                  10);
    /* direction lower, sides two: p is two-sided; the linear term changes no effect */
    assert_true(e->p_value == e->p_two_sided);
    double with_term = e->estimate;
    folder_free(&f);
    folder_new(&f);
    q = folder_question(&f, HEAD "    controls: [k]\n    decision: {sides: one}\n",
                        generated(1, 0, false));
    e = effect_of(q, "q/two-way-fixed-effects");
    assert_digits(e->estimate, with_term, 10);
    double half = e->p_two_sided / 2;
    assert_digits(e->p_value, e->estimate < 0 ? half : 1 - half, 12);
    folder_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_by_two_is_the_difference_of_differences),
        cmocka_unit_test(caveats_come_from_the_data),
        cmocka_unit_test(series_show_what_would_be_expected),
        cmocka_unit_test(weights_weigh_units),
        cmocka_unit_test(each_cohort_is_set_against_those_never_treated),
        cmocka_unit_test(later_cohorts_compare_before_their_start_where_asked_for),
        cmocka_unit_test(an_event_study_compares_each_distance_with_the_reference),
        cmocka_unit_test(far_event_times_are_binned),
        cmocka_unit_test(subgroups_are_other_outcomes_or_parts_of_the_rows),
        cmocka_unit_test(rows_left_out_are_named_by_reason),
        cmocka_unit_test(what_cannot_be_answered_is_refused_in_words),
        cmocka_unit_test(a_treatment_that_switches_off_is_refused),
        cmocka_unit_test(selection_pre_trend_attrition_and_bad_controls_are_found),
        cmocka_unit_test(effects_repeat_what_the_model_says),
    };
    return cmocka_run_group_tests_name("panel difference-in-differences", tests, NULL,
                                       NULL);
}
