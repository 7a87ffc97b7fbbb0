#include "evaluation/folder.h"

#include "evaluation/quarters.h"

#define HEAD                                                                             \
    "title: T\nquestions:\n  - id: q\n    title: Q\n    criterion: effectiveness\n"      \
    "    design: change-scores\n    data: data.csv\n    unit: unit\n    time: w\n"       \
    "    outcome: y\n    participants: {column: start}\n    direction: lower\n"          \
    "    before: [2007, 2008]\n    after: [2009]\n"

/* before = mean of two windows, after:
 *   A 10 6  -4   B 8 7 -1   (participants; mean before 9, after 6.5, change -2.5)
 *   C 6 6   0    D 4 3 -1   E 5 6 1   F 7 5 -2  (others; 5.5, 5, -0.5)
 * weights: A 1 B 3 C 1 D 1 E 1 F 2 */
static const char six[] =
    "unit,w,start,y,n,big,kind,grade\n"
    "A,2007,1,9,1,1,whole,svært stor\nA,2008,1,11,1,,,\nA,2009,1,6,1,,,\n"
    "B,2007,1,8,3,0,part,liten\nB,2008,1,8,3,,,\nB,2009,1,7,3,,,\n"
    "C,2007,,6,1,1,,\nC,2008,,6,1,,,\nC,2009,,6,1,,,\n"
    "D,2007,,4,1,,,\nD,2008,,4,1,,,\nD,2009,,3,1,,,\n"
    "E,2007,,5,1,,,\nE,2008,,5,1,,,\nE,2009,,6,1,,,\n"
    "F,2007,,6,2,,,\nF,2008,,8,2,,,\nF,2009,,5,2,,,\n"
    "G,2007,,6,2,,,\nG,2008,,8,2,,,\n";

static void the_constant_is_the_others_change_and_the_effect_the_difference(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q = folder_question(&f, HEAD, six);
    const np_effect *before = effect_of(q, "q/difference/before/unweighted");
    const np_effect *after = effect_of(q, "q/difference/after/unweighted");
    const np_effect *change = effect_of(q, "q/difference/change/unweighted");
    assert_digits(before->constant, 5.5, 12);
    assert_digits(before->estimate, 9 - 5.5, 12);
    assert_digits(after->constant, 5, 12);
    assert_digits(after->estimate, 6.5 - 5, 12);
    assert_digits(change->constant, -0.5, 12);
    assert_digits(change->estimate, -2.5 + 0.5, 12);
    /* after - before = change, in both columns */
    assert_digits(after->estimate - before->estimate, change->estimate, 12);
    assert_digits(after->constant - before->constant, change->constant, 12);
    /* pooled variance: participants ±1.5, others .5 -.5 1.5 -1.5: (4.5 + 5) / 4 */
    assert_digits(change->std_error, sqrt(9.5 / 4 * (1. / 2 + 1. / 4)), 12);
    assert_int_equal(change->n, 6);
    assert_int_equal(change->n_treated, 2);
    assert_int_equal(change->n_left_out, 1);
    assert_string_equal(change->left_out[0].unit[0], "G");
    assert_digits(change->mean_before, 9, 12);
    /* change between the windows before: A 2, B 0; others 0 0 0 2: difference 0.5 */
    assert_non_null(change->pre_trend);
    assert_int_equal(q->n_effects, 3);
    folder_free(&f);
}

static void weights_count_units_by_their_employees(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q = folder_question(&f, HEAD "    weights: n\n", six);
    const np_effect *e = effect_of(q, "q/difference/change/weighted");
    assert_int_equal(q->n_effects, 6);
    /* participants (-4 - 3)/4, others (0 - 1 + 1 - 4)/5 */
    assert_digits(e->constant, -4. / 5, 12);
    assert_digits(e->estimate, -7. / 4 + 4. / 5, 12);
    assert_string_equal(e->weights, "n");
    folder_free(&f);
}

static void one_sided_tests_look_towards_the_better_direction(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q =
        folder_question(&f, HEAD "    decision: {sides: one, stars: [0.3, 0.05]}\n", six);
    const np_effect *change = effect_of(q, "q/difference/change/unweighted");
    const np_effect *before = effect_of(q, "q/difference/before/unweighted");
    assert_digits(change->p_value, change->p_two_sided / 2, 12);
    assert_digits(before->p_value, 1 - before->p_two_sided / 2, 12); /* positive: worse */
    assert_int_equal(change->stars, (change->p_value < 0.3) + (change->p_value < 0.05));
    folder_free(&f);
}

static void each_kind_and_each_attribute_is_set_against_all_others(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q = folder_question(
        &f,
        HEAD "    least_participants: 1\n    contrasts: [{id: reach, column: kind}]\n"
             "    attributes:\n      - {id: big, column: big}\n"
             "      - {id: parts, column: kind, equals: part}\n",
        six);
    const np_effect *whole = effect_of(q, "q/contrast/reach/whole/change/unweighted");
    const np_effect *part = effect_of(q, "q/contrast/reach/part/change/unweighted");
    assert_digits(whole->estimate, -4 + 0.5, 12);
    assert_digits(part->estimate, -1 + 0.5, 12);
    assert_digits(whole->constant, -0.5, 12);
    assert_int_equal(whole->n_treated, 1);
    assert_int_equal(whole->model_index, part->model_index); /* one equation */
    /* A has the attribute; B is left out and named; C's 1 is an other's and ignored */
    const np_effect *big = effect_of(q, "q/attribute/big/change/unweighted");
    assert_digits(big->estimate, -4 + 0.5, 12);
    assert_digits(big->constant, -0.5, 12); /* the same constant in every equation */
    assert_int_equal(big->n, 5);
    assert_string_equal(big->left_out[1].reason, "participants without the attribute");
    assert_string_equal(big->left_out[1].unit[0], "B");
    assert_true(HAS_CAVEAT(big, NP_CAVEAT_SMALL_ATTRIBUTE));
    assert_digits(effect_of(q, "q/attribute/parts/change/unweighted")->estimate, -1 + 0.5,
                  12);
    folder_free(&f);
}

static void attributes_of_few_are_not_estimated_but_said(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q =
        folder_question(&f, HEAD "    attributes: [{id: big, column: big}]\n", six);
    const np_effect *e = effect_of(q, "q/attribute/big");
    assert_non_null(e->refused);
    assert_int_equal(e->n_treated, 1);
    folder_free(&f);
}

/* Participants only: change -4 at grade 3, -1 and -2 at grade 1, 0 at 2. */
static void grades_are_steps_among_participants(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q = folder_question(
        &f,
        HEAD "    decision: {sides: one}\n    grades:\n      - {id: g, column: grade, "
             "sides: two, coding: {svært stor: 3, stor: 2, liten: 1}}\n",
        "unit,w,start,y,grade\n"
        "A,2007,1,9,svært stor\nA,2008,1,9,\nA,2009,1,5,\n"
        "B,2007,1,9,liten\nB,2008,1,9,\nB,2009,1,8,\n"
        "C,2007,1,9,liten\nC,2008,1,9,\nC,2009,1,7,\n"
        "D,2007,1,9,stor\nD,2008,1,9,\nD,2009,1,9,\n"
        "H,2007,1,9,\nH,2008,1,9,\nH,2009,1,9,\n"
        "E,2007,,5,liten\nE,2008,,5,\nE,2009,,6,\n");
    const np_effect *e = effect_of(q, "q/grade/g/change/unweighted");
    /* x 3 1 1 2, mean 7/4; y -4 -1 -2 0, mean -7/4; Sxy = -15 + 49/4, Sxx = 15 - 49/4 */
    assert_digits(e->estimate, (-15 + 49. / 4) / (15 - 49. / 4), 12);
    assert_int_equal(e->n, 4);
    assert_true(e->p_value == e->p_two_sided);
    assert_string_equal(e->left_out[0].unit[0], "H");
    folder_free(&f);

    folder_new(&f);
    assert_int_equal(folder_evaluate(&f,
                                     HEAD "    grades: [{id: g, column: grade, coding: "
                                          "{liten: 1}}]\n",
                                     six),
                     NP_E_RANGE);
    assert_string_equal(f.message,
                        "evaluation.yaml:15:30: grade: the answer \"svært stor\" has no "
                        "code; list it under coding");
    folder_free(&f);
}

static void several_informants_count_as_one_unit(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    folder_write(&f, "informants.csv",
                 "unit,helped,score\nA,1,3\nA,1,1\nA,0,2\nB,1,2\nB,,\nX,1,1\nC,1,1\n");
    const np_question_result *q = folder_question(
        &f,
        HEAD "    weights: n\n    informants:\n      data: informants.csv\n      unit: "
             "unit\n      attributes: [{id: helped, column: helped}]\n"
             "      grades: [{id: score, column: score}]\n",
        six);
    /* A: two of three answers say so, each a third of A's weight; B: its one answer.
     * Unweighted: (2/3 (-4) + (-1)) / (5/3) against others' -0.5. */
    const np_effect *e = effect_of(q, "q/informants/helped/change/unweighted");
    assert_digits(e->estimate, (2. / 3 * -4 - 1) / (5. / 3) + 0.5, 12);
    assert_true(e->informants);
    assert_int_equal(e->n, 3 + 4);
    assert_int_equal(e->n_treated, 2);
    assert_int_equal(e->n_clusters, 6);
    /* weighted: A 1, B 3 */
    e = effect_of(q, "q/informants/helped/change/weighted");
    assert_digits(e->estimate, (2. / 3 * -4 - 3) / (2. / 3 + 3) + 4. / 5, 12);
    /* score 3 1 2 (A, each 1/3) and 2 (B): Sxy = 0 since A's mean is B's score */
    e = effect_of(q, "q/informants/score/change/unweighted");
    assert_true(fabs(e->estimate) < 1e-12);
    assert_int_equal(e->n, 4);
    folder_free(&f);
}

static void windows_of_four_quarters_are_dated_and_exposed(void **state)
{
    (void)state;
    double t = 0, begins = 0;
    assert_true(np_window_parse(&begins, "3.08-2.09") && begins == 2008.5);
    assert_true(np_window_time(begins) == 2009); /* coded 9 in the evaluation of 2010 */
    assert_true(np_window_parse(&begins, "4.06\u20133.07"));
    assert_true(np_window_time(begins) == 2007.25);
    assert_true(np_quarter_parse(&t, "3.08") && t == 2008.5);
    assert_true(np_quarter_parse(&t, "4.1") && t == 2010.75);
    assert_true(np_window_exposure(2008.5, 2008.5) == 1);
    assert_true(np_window_exposure(2008.25, 2008.5) == 0.75);
    assert_true(np_window_exposure(2007.75, 2008.5) == 0.25);
    assert_true(np_window_exposure(2006.75, 2008.5) == 0);
    assert_true(np_window_exposure(2006.75, INFINITY) == 0);
    const char *bad[] = {"5.08", "3", "3.", "3.208", "4.06-2.07", "4.06-3.08", "x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(np_quarter_parse(&t, bad[i]) || np_window_parse(&begins, bad[i]));
}

/* y = unit + 2 s1(t) - 1 s2(t) - 3 D without noise but for what cancels: windows at
 * 2007.25, 2008.25, 2009.00, knot 2008.25. */
static void unit_panels_find_slopes_and_exposure(void **state)
{
    (void)state;
    static const char *const window[] = {"4.06-3.07", "4.07-3.08", "3.08-2.09"};
    static const double s1[] = {0, 1, 1}, s2[] = {0, 0, 0.75};
    char text[4096] = "workplace,window,absence,begins,staff,municipality\n";
    for (int unit = 0; unit < 8; unit++)
        for (int t = 0; t < 3; t++) {
            static const double exposure[] = {0, 0.25, 1};
            bool treated = unit % 2 == 0;
            double noise = (t == 1 ? 1 : -0.5) * (unit / 2 % 2 == 0 ? 0.1 : -0.1);
            double y =
                5 + unit + 2 * s1[t] - s2[t] - (treated ? 3 * exposure[t] : 0) + noise;
            sprintf(text + strlen(text), "w%d,%s,%.6f,%s,%d,m%d\n", unit, window[t], y,
                    treated ? "3.08" : "", 10, unit);
        }
    test_folder f;
    folder_new(&f);
    folder_write(&f, "units.csv", text);
    const np_question_result *q = folder_question(
        &f,
        HEAD
        "    unit_panel: {id: units, data: units.csv, unit: workplace, time: window, "
        "outcome: absence, start: begins, knots: [2008.25], cluster: municipality, "
        "weights: staff, time_format: four-quarters}\n",
        six);
    const np_effect *e = effect_of(q, "q/unit-panel/units/unweighted");
    /* noise is the same on either side, so it cancels in the exposure's coefficient */
    assert_digits(e->estimate, -3, 10);
    const np_estimates *m = &e->model->estimates;
    assert_digits(m->estimate[np_estimates_find(m, "slope_1")], 2, 10);
    assert_digits(m->estimate[np_estimates_find(m, "slope_2")], -1, 10);
    assert_digits(e->constant, 5 + 3.5, 10); /* mean of the unit effects */
    assert_int_equal(e->n_units, 8);
    assert_int_equal(e->n_treated, 4);
    assert_int_equal(e->n_clusters, 8);
    /* equal weights change nothing */
    assert_digits(effect_of(q, "q/unit-panel/units/weighted")->estimate, -3, 10);
    folder_free(&f);
}

/* change = 2 - 0.5 before - 0 log(size) + residual, among participants who fell. */
static void the_ranking_is_of_residuals_beyond_level_and_size(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    const np_question_result *q =
        folder_question(&f, HEAD "    weights: n\n    ranking: {least: 2}\n",
                        "unit,w,start,y,n\n"
                        "A,2007,1,10,100\nA,2008,1,10,100\nA,2009,1,6,100\n"
                        "B,2007,1,8,200\nB,2008,1,8,200\nB,2009,1,5,200\n"
                        "C,2007,1,6,100\nC,2008,1,6,100\nC,2009,1,5,100\n"
                        "D,2007,1,12,300\nD,2008,1,12,300\nD,2009,1,9,300\n"
                        "E,2007,1,9,150\nE,2008,1,9,150\nE,2009,1,6.5,150\n"
                        "H,2007,1,9,150\nH,2008,1,9,150\nH,2009,1,9.5,150\n"
                        "F,2007,,5,10\nF,2008,,5,10\nF,2009,,6,10\n");
    const np_ranking *r = q->ranking;
    assert_non_null(r);
    assert_null(r->refused);
    assert_int_equal(r->n, 5);        /* H rose */
    assert_int_equal(r->n_listed, 4); /* C fell by 1 only */
    assert_string_equal(r->unit[4].unit, "C");
    double sum = 0;
    for (size_t i = 0; i < 5; i++) {
        const np_ranked_unit *u = &r->unit[i];
        const np_estimates *m = &r->weighted->estimates;
        double predicted = m->estimate[np_estimates_find(m, "(Intercept)")] +
                           m->estimate[np_estimates_find(m, "before")] * u->before +
                           m->estimate[np_estimates_find(m, "log_size")] * log(u->size);
        assert_digits(u->predicted, predicted, 12);
        assert_digits(u->residual, u->change - predicted, 12);
        assert_true(i == 0 || i == 4 || u->residual >= r->unit[i - 1].residual);
        sum += u->size * u->residual;
    }
    assert_true(fabs(sum) < 1e-9); /* weighted residuals add up to nothing */
    folder_free(&f);
}

static void windows_and_units_are_checked(void **state)
{
    (void)state;
    test_folder f;
    folder_new(&f);
    assert_int_equal(
        folder_evaluate(&f, HEAD, "unit,w,start,y\nA,2007,1,1\nA,2008,1,1\nB,2007,,2\n"),
        NP_E_UNKNOWN_NAME);
    assert_string_equal(f.message, "evaluation.yaml:14:13: w has no window 2009");
    folder_free(&f);
    folder_new(&f);
    assert_int_equal(
        folder_evaluate(&f, HEAD "    attributes: [{id: a, column: k}]\n",
                        "unit,w,start,y,k\nA,2007,1,1,1\nA,2008,1,1,0\n"
                        "A,2009,1,1,0\nB,2007,,2,\nB,2008,,2,\nB,2009,,4,\n"),
        NP_E_RANGE);
    assert_string_equal(f.message,
                        "evaluation.yaml:15:34: k has two different values for A");
    folder_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_constant_is_the_others_change_and_the_effect_the_difference),
        cmocka_unit_test(weights_count_units_by_their_employees),
        cmocka_unit_test(one_sided_tests_look_towards_the_better_direction),
        cmocka_unit_test(each_kind_and_each_attribute_is_set_against_all_others),
        cmocka_unit_test(attributes_of_few_are_not_estimated_but_said),
        cmocka_unit_test(grades_are_steps_among_participants),
        cmocka_unit_test(several_informants_count_as_one_unit),
        cmocka_unit_test(windows_of_four_quarters_are_dated_and_exposed),
        cmocka_unit_test(unit_panels_find_slopes_and_exposure),
        cmocka_unit_test(the_ranking_is_of_residuals_beyond_level_and_size),
        cmocka_unit_test(windows_and_units_are_checked),
    };
    return cmocka_run_group_tests_name("change scores", tests, NULL, NULL);
}
