#include "evaluation/folder.h"

#define HEAD                                                                             \
    "title: T\nquestions:\n  - id: q\n    title: Q\n    criterion: effectiveness\n"      \
    "    data: data.csv\n    unit: unit\n    time: t\n    outcome: y\n"                  \
    "    participants: {column: start}\n    direction: lower\n"

/* Two treated in period 2, two never: mean changes 2.5 (3, 2) and 1.5 (1, 2). */
static const char two_by_two[] = "unit,t,start,y\n"
                                 "A,1,2,10\nA,2,2,13\nB,1,2,12\nB,2,2,14\n"
                                 "C,1,,5\nC,2,,6\nD,1,,7\nD,2,,9\n";

/* Four start in 4, four in 5, four never; six periods; changes that differ. */
static const char *staggered_panel(void)
{
    static char text[8192];
    size_t used = (size_t)snprintf(text, sizeof text, "unit,t,start,y\n");
    for (int u = 0; u < 12; u++)
        for (int t = 1; t <= 6; t++) {
            int start = u % 3 == 0 ? 4 : u % 3 == 1 ? 5 : 0;
            int wobble = (u * 7 + t * 11 + u * t * 5) % 13;
            double y = u + 0.5 * t + 0.1 * wobble + 3 * (start > 0 && t >= start);
            used += (size_t)snprintf(text + used, sizeof text - used, "U%d,%d,%d,%.2f\n",
                                     u, t, start, y);
        }
    return text;
}

static void group_time_effects_are_effects_of_the_question(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q =
        folder_question(&f, HEAD "    estimators: [group-time]\n", two_by_two);
    const np_effect *e = effect_of(q, "q/group-time");
    assert_digits(e->estimate, 1, 12); /* 2.5 - 1.5 */
    /* Σ over both sides of Σ (dy - mean)² / n² = 0.5/4 + 0.5/4 */
    assert_digits(e->std_error, 0.5, 12);
    assert_int_equal(e->n_units, 4);
    assert_int_equal(e->n_treated, 2);
    assert_int_equal(e->n_comparison, 2);
    assert_int_equal(e->n_treated_clusters, 2);
    assert_digits(e->mean_before, 11, 12);
    assert_true(HAS_CAVEAT(e, NP_CAVEAT_FEW_CLUSTERS));
    assert_non_null(e->did);
    assert_null(e->model);
    folder_free(&f);
}

static void the_design_is_described_for_all_participants(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q =
        folder_question(&f, HEAD "    estimators: [two-way-fixed-effects, imputation]\n",
                        staggered_panel());
    assert_non_null(q->staggered);
    const np_did_design *d = &q->staggered->design;
    assert_int_equal(d->n_rows, 3);
    assert_int_equal(d->row[0].n_units, 4);
    assert_int_equal(d->row[0].n_before, 3);
    assert_int_equal(d->row[1].n_after, 2);
    folder_free(&f);
}

static void only_the_first_estimator_goes_to_cohorts(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q = folder_question(
        &f, HEAD "    estimators: [group-time, imputation]\n", staggered_panel());
    size_t group_time = 0, imputation = 0;
    for (size_t i = 0; i < q->n_effects; i++) {
        group_time += q->effect[i].estimator == NP_ESTIMATOR_GROUP_TIME;
        imputation += q->effect[i].estimator == NP_ESTIMATOR_IMPUTATION;
    }
    assert_int_equal(group_time, 3);
    assert_int_equal(imputation, 1);
    const np_effect *one = effect_of(q, "q/cohort-4/group-time");
    const np_did_aggregate *by_cohort =
        np_did_aggregate_of(effect_of(q, "q/group-time")->did, "group");
    assert_digits(one->estimate, by_cohort->row[0].estimate, 10);
    folder_free(&f);
}

static void what_an_estimator_cannot_answer_is_kept_with_its_reason(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q = folder_question(
        &f, HEAD "    vcov: iid\n    estimators: [two-way-fixed-effects, group-time]\n",
        staggered_panel());
    const np_effect *e = effect_of(q, "q/group-time");
    assert_non_null(e->refused);
    assert_non_null(strstr(e->refused->message, "clustered by unit or above, not iid"));
    folder_free(&f);
}

static void the_estimate_is_tried_in_every_way_that_is_asked(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q =
        folder_question(&f,
                        HEAD "    estimators: [group-time]\n"
                             "    inference: {randomisation: 99, seed: 3}\n"
                             "    sensitivity: {relative_magnitudes: [0.5, 1],\n"
                             "      smoothness: [0, 0.5], placebo_dates: true,\n"
                             "      leave_one_out: [unit, cohort]}\n",
                        staggered_panel());
    const np_overturn *o = q->overturn;
    assert_non_null(o);
    assert_int_equal(o->of, NP_DID_GROUP_TIME);
    for (int k = 0; k < NP_N_TRIALS; k++)
        if (o->trial[k].refused != NULL)
            fail_msg("%s: %s", np_trial_code((np_trial_kind)k),
                     o->trial[k].refused->message);
    assert_int_equal(o->trial[NP_TRIAL_RELATIVE_MAGNITUDES].honest->n_intervals, 2);
    assert_int_equal(o->trial[NP_TRIAL_SMOOTHNESS].honest->n_intervals, 2);
    assert_int_equal(o->trial[NP_TRIAL_LEAVE_UNIT_OUT].robustness->n_rows, 12);
    assert_int_equal(o->trial[NP_TRIAL_LEAVE_COHORT_OUT].robustness->n_rows, 2);
    assert_true(o->trial[NP_TRIAL_PLACEBO_DATES].robustness->n_rows > 0);
    const np_robustness *units = o->trial[NP_TRIAL_LEAVE_UNIT_OUT].robustness;
    assert_digits(units->estimate, effect_of(q, "q/group-time")->estimate, 12);
    const np_randomisation *r = o->trial[NP_TRIAL_RANDOMISATION].randomisation;
    assert_int_equal(r->draws, 99);
    assert_true(r->p_value > 0 && r->p_value < 0.1);
    folder_free(&f);
}

static void without_a_staggered_estimator_two_way_effects_are_tried(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q =
        folder_question(&f,
                        HEAD "    estimators: [two-way-fixed-effects]\n"
                             "    inference: {wild: 199, seed: 3}\n"
                             "    sensitivity: {leave_one_out: cohort}\n",
                        staggered_panel());
    assert_int_equal(q->overturn->of, NP_DID_TWO_WAY);
    const np_effect *e = effect_of(q, "q/two-way-fixed-effects");
    assert_digits(q->overturn->trial[NP_TRIAL_LEAVE_COHORT_OUT].robustness->estimate,
                  e->estimate, 10);
    assert_int_equal(e->wild_draws, 199);
    assert_true(e->p_wild >= 0 && e->p_wild < 0.05);
    assert_true(e->wild_low < e->estimate && e->estimate < e->wild_high);
    folder_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(group_time_effects_are_effects_of_the_question),
        cmocka_unit_test(the_design_is_described_for_all_participants),
        cmocka_unit_test(only_the_first_estimator_goes_to_cohorts),
        cmocka_unit_test(what_an_estimator_cannot_answer_is_kept_with_its_reason),
        cmocka_unit_test(the_estimate_is_tried_in_every_way_that_is_asked),
        cmocka_unit_test(without_a_staggered_estimator_two_way_effects_are_tried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
