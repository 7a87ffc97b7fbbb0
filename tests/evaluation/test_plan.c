#include "support/check.h"

#include <string.h>

#include "base/text.h"
#include "evaluation/plan.h"

static np_arena *arena;

static int start(void **state)
{
    (void)state;
    arena = np_arena_new(1 << 26);
    return arena == NULL;
}

static int stop(void **state)
{
    (void)state;
    np_arena_free(arena);
    return 0;
}

/* All problems of a plan, a line each. */
static const char *problems_of(const char *text)
{
    static char all[16384];
    static np_problems problems;
    np_plan plan;
    memset(&problems, 0, sizeof problems);
    np_status status =
        np_plan_read_text(&plan, text, strlen(text), "e.yaml", &problems, arena, NULL);
    assert_int_equal(status == NP_OK, problems.n == 0);
    all[0] = '\0';
    for (size_t i = 0; i < problems.n; i++) {
        size_t used = strlen(all);
        np_error_format(&problems.item[i], all + used, sizeof all - used - 1);
        strcat(all, "\n");
    }
    return all;
}

static const np_plan *read_ok(const char *text)
{
    static np_plan plan;
    static np_problems problems;
    memset(&problems, 0, sizeof problems);
    np_status status =
        np_plan_read_text(&plan, text, strlen(text), "e.yaml", &problems, arena, NULL);
    if (status != NP_OK)
        print_error("%s\n", problems.item[0].message);
    assert_int_equal(status, NP_OK);
    return &plan;
}

#define QUESTION                                                                         \
    "  - id: a\n"                                                                        \
    "    title: A\n"                                                                     \
    "    criterion: impact\n"                                                            \
    "    data: d.csv\n"                                                                  \
    "    unit: u\n"                                                                      \
    "    time: t\n"                                                                      \
    "    outcome: y\n"                                                                   \
    "    participants: {column: g}\n"

static void a_small_plan_has_the_documented_defaults(void **state)
{
    (void)state;
    const np_plan *plan = read_ok("title: T\nquestions:\n" QUESTION);
    const np_plan_question *q = &plan->question[0];
    assert_int_equal(plan->n_languages, 1);
    assert_int_equal(plan->language[0], NP_BOKMAAL);
    assert_int_equal(q->design, NP_DESIGN_PANEL_DID);
    assert_int_equal(q->n_estimators, 2);
    assert_int_equal(q->estimator[0], NP_ESTIMATOR_TWO_WAY);
    assert_int_equal(q->estimator[1], NP_ESTIMATOR_RANDOM);
    assert_true(q->decision.level == 0.05 && !q->decision.one_sided);
    assert_true(q->decision.stars[0] == 0.10 && q->decision.stars[2] == 0.01);
    assert_string_equal(q->decision.multiplicity, "none");
    assert_true(q->by_cohort && !q->not_yet && !q->linear_time);
    assert_true(q->reference == -1 && !q->has_bin);
    assert_int_equal(strlen(plan->sha256), 64);
    assert_string_equal(np_localised_text(&q->title, NP_NYNORSK), "A");
}

/* Every hostile value of one key, and what is said of it. */
static void values_that_make_no_sense_are_refused_with_what_does(void **state)
{
    (void)state;
    static const struct {
        const char *more, *problem;
    } bad[] = {
        {"    decision: {level: 5}\n",
         "e.yaml:11:23: level: 5 is outside 1e-06 to 0.5\n"},
        {"    decision: {level: 1e400}\n", "e.yaml:11:23: level: \"1e400\" is no number; "
                                           "a number has a decimal point and no "
                                           "quotes: 0.05\n"},
        {"    estimators: []\n", "e.yaml:11:17: estimators: the list names no estimator; "
                                 "leave the key out for the "
                                 "usual ones\n"},
        {"    controls: [k, y]\n",
         "e.yaml:11:19: controls: y is the outcome; leave it out of the list\n"},
        {"    controls: [k, k]\n", "e.yaml:11:19: controls: k stands twice\n"},
        {"    periods: [3, 1]\n",
         "e.yaml:11:14: periods: it is the first and the last period; for example [2006, "
         "2014]\n"},
        {"    rows: {column: k}\n",
         "e.yaml:11:11: a condition says one thing about its column; equals, not, in, "
         "min "
         "and max, or missing; a list of conditions holds when all hold\n"},
        {"    vcov: \"a\\x1B[31m\\nb\"\n",
         "e.yaml:11:11: vcov: \"a?[31m b\" is no kind of covariance; iid, hetero, HC0 to "
         "HC4, \"~ cluster + cluster\", \"NW(2) ~ unit + time\", \"DK(2) ~ time\", "
         "\"conley(100) ~ lat + lon\"\n"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[2048];
        snprintf(text, sizeof text, "title: T\nquestions:\n" QUESTION "%s", bad[i].more);
        assert_string_equal(problems_of(text), bad[i].problem);
    }
}

static void change_scores_need_a_period_on_either_side(void **state)
{
    (void)state;
    assert_string_equal(
        problems_of("title: T\nquestions:\n" QUESTION
                    "    design: change-scores\n    before: []\n    after: [2]\n"),
        "e.yaml:12:13: before: the list names no period; for example [2010]\n");
}

static void lists_without_end_are_refused_before_they_cost_anything(void **state)
{
    (void)state;
    np_buf text = {0};
    np_buf_add(&text, "title: T\nquestions:\n");
    for (size_t i = 0; i < 5000; i++)
        np_buf_add(&text, "  - {id: q}\n");
    assert_string_equal(
        problems_of(np_buf_done(&text)),
        "e.yaml:3:3: questions: 5000 questions; a plan has at most 1000\n");
    np_buf_add(&text, "data_notes: [");
    for (size_t i = 0; i < 20000; i++)
        np_buf_add(&text, "a, ");
    np_buf_add(&text, "a]\n");
    assert_non_null(strstr(problems_of(np_buf_done(&text)),
                           "data_notes: 20001 items; a list has at most 10000"));
    np_buf_free(&text);
}

static void defaults_hold_where_a_question_is_silent(void **state)
{
    (void)state;
    const np_plan *plan =
        read_ok("title: {nb: B, en: E}\nlanguages: [nn, en]\n"
                "defaults:\n  data: {file: x.csv, separator: ';', skip_lines: 2}\n"
                "  unit: u\n  time: t\n  criterion: impact\n  weights: w\n"
                "  participants: {column: g}\n"
                "  decision: {level: 0.1, stars: [0.05, 0.01]}\n"
                "questions:\n"
                "  - {id: a, title: A, outcome: y}\n"
                "  - {id: b, title: B, outcome: z, weights: v, direction: lower,\n"
                "     decision: {sides: one}}\n");
    const np_plan_question *a = &plan->question[0], *b = &plan->question[1];
    assert_string_equal(a->weights.text, "w");
    assert_string_equal(b->weights.text, "v");
    assert_string_equal(b->figure_weights.text, "v");
    assert_int_equal(b->data.csv.separator, ';');
    assert_int_equal(b->data.csv.skip_lines, 2);
    assert_true(b->decision.level == 0.1 && b->decision.one_sided);
    assert_false(a->decision.one_sided);
    assert_true(b->decision.stars[1] == 0.01 && b->decision.stars[2] == 0);
    assert_int_equal(plan->language[0], NP_NYNORSK);
    assert_string_equal(np_localised_text(&plan->title, NP_NYNORSK), "B");
    assert_string_equal(np_localised_text(&plan->title, NP_ENGLISH), "E");
}

static void a_misspelt_key_is_named_with_those_allowed(void **state)
{
    (void)state;
    const char *all =
        problems_of("title: T\nquestions:\n" QUESTION "    contrls: [x]\n    subgroups:\n"
                    "      - {id: s, outcoms: []}\n");
    const char *first = "e.yaml:11:5: contrls: a question of "
                        "panel-difference-in-differences has no such key; did you mean "
                        "controls? Allowed are: id, title, ";
    assert_int_equal(strncmp(all, first, strlen(first)), 0);
    assert_non_null(strstr(all, "subgroups\n"));
    assert_non_null(strstr(all, "e.yaml:13:17: outcoms: a group of subgroups has no such "
                                "key; did you mean outcomes? Allowed are: id, label, "
                                "outcomes, column, values\n"));
}

static void all_problems_are_shown_with_their_places(void **state)
{
    (void)state;
    assert_string_equal(
        problems_of("title: [1]\nquestions:\n"
                    "  - id: a b\n"
                    "    criterion: efect\n"
                    "    data: d.csv\n"
                    "    unit: u\n"
                    "    time: t\n"
                    "    outcome: y\n"
                    "    participants: {theme: absence, column: start}\n"
                    "    linear_time: maybe\n"
                    "    estimators: [two-way, group-time, group-time]\n"
                    "    decision: {level: '0.05', stars: [0.01, 0.05]}\n"),
        "e.yaml:1:8: a text per language is written as key: value; Allowed are: nb, nn, "
        "en\n"
        "e.yaml:3:5: title: a question must have this key\n"
        "e.yaml:3:9: id: \"a b\" is no identifier; it becomes part of file names: "
        "letters "
        "a-z, digits, - and _\n"
        "e.yaml:4:16: criterion: \"efect\" is none of the values it takes; Allowed are: "
        "effectiveness, impact, relevance, coherence, sustainability, efficiency\n"
        "e.yaml:9:19: participants: one of a column of first periods, a column that is 1 "
        "while treated, and a theme of the programme's records; {column: cohort_start}, "
        "{treated: post} or {theme: absence}\n"
        "e.yaml:10:18: linear_time: true or false is expected here\n"
        "e.yaml:11:18: estimators: \"two-way\" is none of the values it takes; Allowed "
        "are: two-way-fixed-effects, random-effects, event-study, group-time, "
        "sun-abraham, imputation, extended-two-way, stacked, switchers, efficient, "
        "synthetic-did, synthetic-control\n"
        "e.yaml:11:39: estimators: group-time stands twice\n"
        "e.yaml:12:23: level: \"0.05\" is no number; a number has a decimal point and no "
        "quotes: 0.05\n"
        "e.yaml:12:38: stars: at most three thresholds below 1, descending; for example "
        "[0.10, 0.05, 0.01]\n");
}

static void keys_of_the_other_design_are_refused(void **state)
{
    (void)state;
    const char *all = problems_of("title: T\nquestions:\n" QUESTION
                                  "    design: change-scores\n    before: [1, 2]\n"
                                  "    after: [2]\n    linear_time: true\n");
    assert_non_null(strstr(all, "e.yaml:14:5: linear_time: a question of change-scores "
                                "has no such key"));
    assert_non_null(strstr(all, "e.yaml:13:12: after: 2 stands both before and after\n"));
}

static void what_belongs_together_is_checked(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *problem;
    } bad[] = {
        {"    decision: {sides: one}\n", "e.yaml:3:5: direction: a one-sided test needs "
                                         "to know which direction is better; "
                                         "direction: lower\n"},
        {"    event_study: {bin: [1, 3]}\n",
         "e.yaml:11:24: bin: it is the first and the last event time, around the "
         "reference; for example [-5, 3]\n"},
        {"    rows: {column: x, equals: 1, min: 2}\n",
         "e.yaml:11:11: a condition says one thing about its column; equals, not, in, "
         "min "
         "and max, or missing; a list of conditions holds when all hold\n"},
        {"    subgroups: [{id: s, column: x, outcomes: []}]\n",
         "e.yaml:11:17: subgroups are either a list of outcomes or a column to split "
         "by\n"},
        {"    vcov: HC9\n", "e.yaml:11:11: vcov: "},
        {"    inference: {bootstrap: 99.5}\n",
         "e.yaml:11:28: bootstrap: a number of draws is whole; for example 999\n"},
        {"    inference: {methd: dr}\n",
         "e.yaml:11:17: methd: inference has no such key; did you mean method?"},
        {"    sensitivity: {relative_magnitudes: [1, 0.5]}\n",
         "e.yaml:11:40: relative_magnitudes: at most 50 bounds from 0 on, ascending; for "
         "example [0.5, 1, 1.5, 2]\n"},
        {"    sensitivity: {of: imputation}\n",
         "e.yaml:11:23: of: imputation is not among the question's estimators; add it "
         "there, or leave the key out\n"},
        {"    periods: [2014, 2006]\n",
         "e.yaml:11:14: periods: it is the first and the last period; for example [2006, "
         "2014]\n"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[2048];
        snprintf(text, sizeof text, "title: T\nquestions:\n%s%s", QUESTION, bad[i].lines);
        const char *all = problems_of(text);
        assert_memory_equal(all, bad[i].problem, strlen(bad[i].problem));
    }
}

static void inference_and_sensitivity_reach_the_question(void **state)
{
    (void)state;
    const np_plan *plan = read_ok(
        "title: T\nquestions:\n" QUESTION "    estimators: [group-time, event-study]\n"
        "    inference: {method: reg, base: universal, anticipation: 1, bootstrap: 99,\n"
        "      unbalanced: balance, seed: 7, synthetic_errors: jackknife}\n"
        "    sensitivity: {of: group-time, relative_magnitudes: [0.5, 1], smoothness: "
        "2,\n"
        "      leave_one_out: [unit, cohort], placebo_dates: true}\n");
    const np_plan_question *q = &plan->question[0];
    assert_int_equal(q->estimator[0], NP_ESTIMATOR_GROUP_TIME);
    assert_int_equal(q->inference.method, NP_DID_OUTCOME_REGRESSION);
    assert_int_equal(q->inference.base, NP_BASE_UNIVERSAL);
    assert_int_equal(q->inference.anticipation, 1);
    assert_int_equal(q->inference.bootstrap, 99);
    assert_int_equal(q->inference.seed, 7);
    assert_int_equal(q->inference.unbalanced, NP_UNBALANCED_BALANCE);
    assert_int_equal(q->inference.synthetic_errors, NP_SYNTHETIC_JACKKNIFE);
    assert_true(q->sensitivity.given && q->sensitivity.placebo_dates);
    assert_true(q->sensitivity.leave_one_unit_out && q->sensitivity.leave_one_cohort_out);
    assert_int_equal(q->sensitivity.n_relative_magnitudes, 2);
    assert_true(q->sensitivity.relative_magnitude[1] == 1);
    assert_true(q->sensitivity.smoothness[0] == 2);
}

static void questions_have_their_own_ids(void **state)
{
    (void)state;
    assert_non_null(strstr(problems_of("title: T\nquestions:\n" QUESTION QUESTION),
                           "e.yaml:11:5: id: a stands twice\n"));
}

static void a_default_that_is_wrong_is_said_once(void **state)
{
    (void)state;
    const char *all =
        problems_of("title: T\ndefaults: {linear_time: 3}\nquestions:\n" QUESTION
                    "  - {id: b, title: B, criterion: impact, data: d, unit: u, time: t, "
                    "outcome: y,\n"
                    "     participants: {column: g}}\n");
    assert_string_equal(all,
                        "e.yaml:2:25: linear_time: true or false is expected here\n");
}

static void columns_have_names_for_people(void **state)
{
    (void)state;
    const np_plan *plan = read_ok("title: T\n"
                                  "labels:\n"
                                  "  pop: {nb: innbyggertall, en: population}\n"
                                  "  emp: ansatte\n"
                                  "questions:\n" QUESTION);
    assert_int_equal(plan->n_labels, 2);
    assert_string_equal(plan->label[0].column, "pop");
    assert_string_equal(plan->label[0].text.text[NP_BOKMAAL], "innbyggertall");
    assert_string_equal(plan->label[1].text.text[NP_ENGLISH], "ansatte");
    assert_string_equal(problems_of("title: T\nlabels: [pop]\nquestions:\n" QUESTION),
                        "e.yaml:2:9: labels: columns and their names are expected here: "
                        "a line \"column: name\" each\n");
}

static void a_plan_without_questions_is_none(void **state)
{
    (void)state;
    assert_string_equal(problems_of("title: T\n"),
                        "e.yaml:1:1: questions: a plan has at least one question\n");
    assert_string_equal(
        problems_of("title: T\nquestions: {id: a}\n"),
        "e.yaml:2:12: questions: a list is expected here: each question begins with -\n");
}

static void memory_that_runs_out_is_an_error_and_no_crash(void **state)
{
    (void)state;
    const char *text = "title: {nb: T}\nquestions:\n" QUESTION
                       "    subgroups: [{id: s, outcomes: [{id: o, outcome: z}]}]\n"
                       "    controls: [k]\n    rows: {column: x, in: [1, 2]}\n";
    for (size_t n = 1;; n++) {
        static np_problems problems;
        np_plan plan;
        np_error err = {0};
        np_arena *small = np_arena_new(0);
        memset(&problems, 0, sizeof problems);
        np_arena_fail_at(small, n);
        np_status status =
            np_plan_read_text(&plan, text, strlen(text), "x", &problems, small, &err);
        np_arena_free(small);
        if (status == NP_OK) {
            assert_true(n > 50);
            return;
        }
        assert_int_equal(status, NP_E_NO_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_plan_has_the_documented_defaults),
        cmocka_unit_test(values_that_make_no_sense_are_refused_with_what_does),
        cmocka_unit_test(change_scores_need_a_period_on_either_side),
        cmocka_unit_test(lists_without_end_are_refused_before_they_cost_anything),
        cmocka_unit_test(defaults_hold_where_a_question_is_silent),
        cmocka_unit_test(a_misspelt_key_is_named_with_those_allowed),
        cmocka_unit_test(all_problems_are_shown_with_their_places),
        cmocka_unit_test(keys_of_the_other_design_are_refused),
        cmocka_unit_test(what_belongs_together_is_checked),
        cmocka_unit_test(inference_and_sensitivity_reach_the_question),
        cmocka_unit_test(questions_have_their_own_ids),
        cmocka_unit_test(a_default_that_is_wrong_is_said_once),
        cmocka_unit_test(columns_have_names_for_people),
        cmocka_unit_test(a_plan_without_questions_is_none),
        cmocka_unit_test(memory_that_runs_out_is_an_error_and_no_crash),
    };
    return cmocka_run_group_tests_name("plan", tests, start, stop);
}
