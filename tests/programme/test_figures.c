/* What is computed from the records: how far goals are reached, aggregates, the ten
 * criteria, turnover, grants. */
#include <math.h>

#include "programme/admission.h"
#include "programme/aggregate.h"
#include "programme/assessment.h"
#include "programme/goal.h"
#include "programme/grant_amount.h"
#include "programme/rules_case.h"
#include "programme/turnover.h"

static void put_all(a_folder *f, const char *const *line, size_t n)
{
    objections_seen seen = {{0}, {0}, {0}};
    np_entry_result result = put_lines(f, line, n, false, &seen);
    if (!result.written)
        print_error("%s: %s: %s\n", seen.rules, seen.first, seen.message);
    assert_true(result.written);
}
#define PUT(f, ...)                                                                      \
    put_all((f), (const char *const[]){__VA_ARGS__},                                     \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void assert_achieved(double baseline, double target, double value,
                            np_direction direction, np_achieved_sort sort,
                            double per_cent, bool reached)
{
    np_achieved a = np_goal_achieved(baseline, target, value, direction);
    assert_int_equal(a.sort, sort);
    assert_int_equal(a.reached, reached);
    if (isnan(per_cent))
        assert_true(isnan(a.per_cent));
    else
        assert_true(fabs(a.per_cent - per_cent) < 1e-12);
}

/* conventions T5: 9,0 → 7,0, actual 8,0: 50 %; actual 9,5: −25 %; never 88 % */
static void lower_is_better_is_achieved_downwards(void **state)
{
    (void)state;
    assert_achieved(9, 7, 8, NP_LOWER_IS_BETTER, NP_ACHIEVED_PER_CENT, 50, false);
    assert_achieved(9, 7, 9.5, NP_LOWER_IS_BETTER, NP_ACHIEVED_PER_CENT, -25, false);
    assert_achieved(9, 7, 6, NP_LOWER_IS_BETTER, NP_ACHIEVED_PER_CENT, 150, true);
    assert_achieved(9, 0, 0, NP_LOWER_IS_BETTER, NP_ACHIEVED_PER_CENT, 100, true);
    assert_achieved(9, 7, 8, NP_DIRECTION_UNKNOWN, NP_ACHIEVED_PER_CENT, 50, false);
    assert_achieved(50, 60, 61, NP_HIGHER_IS_BETTER, NP_ACHIEVED_PER_CENT, 110, true);
}

/* conventions T4: target = baseline, baseline missing: a defined answer */
static void a_target_that_is_no_better_is_held_or_not(void **state)
{
    (void)state;
    assert_achieved(7, 7, 7, NP_LOWER_IS_BETTER, NP_ACHIEVED_HELD, NAN, true);
    assert_achieved(7, 7, 7.1, NP_LOWER_IS_BETTER, NP_ACHIEVED_NOT_HELD, NAN, false);
    assert_achieved(7, 8, 7.5, NP_LOWER_IS_BETTER, NP_ACHIEVED_HELD, NAN, true);
    assert_achieved(NAN, 7, 6, NP_LOWER_IS_BETTER, NP_ACHIEVED_NO_BASELINE, NAN, true);
    assert_achieved(9, NAN, 6, NP_LOWER_IS_BETTER, NP_ACHIEVED_NO_TARGET, NAN, false);
    assert_achieved(9, 7, NAN, NP_LOWER_IS_BETTER, NP_ACHIEVED_NO_VALUE, NAN, false);
}

static void progress_is_of_the_last_value_and_the_step_that_is_due(void **state)
{
    a_folder *f = *state;
    np_goal_progress p;
    PUT(f, "measurement a2013: indicator=absence_pct; project=halden; period=2013; "
           "value=8; numerator=80; denominator=1000");
    assert_ok(f, np_goal_progress_of(&p, f->store, "g2", NULL, f->arena, &f->err));
    assert_string_equal(p.value_period, "2013");
    assert_true(p.end.per_cent == 50);
    assert_true(p.target == 7); /* T9: its own field, not the last step */
    assert_string_equal(p.step_period, "2012");
    assert_true(fabs(p.step.per_cent - 200) < 1e-9); /* (8 - 9) / (8.5 - 9) */
    assert_ok(f, np_goal_progress_of(&p, f->store, "g2", "2012", f->arena, &f->err));
    assert_true(p.value == 8.4);
    assert_ok(f, np_goal_progress_of(&p, f->store, "g2", "2011", f->arena, &f->err));
    assert_int_equal(p.end.sort, NP_ACHIEVED_NO_VALUE);
    assert_null(p.step_period);
    assert_int_equal(np_goal_progress_of(&p, f->store, "none", NULL, f->arena, &f->err),
                     NP_E_UNKNOWN_NAME);
}

static np_aggregated absence_of(a_folder *f, const char *period)
{
    np_aggregated a;
    np_where where[] = {{.path = "period",
                         .sort = NP_WHERE_EQUAL,
                         .value = &NP_VALUE_OF_TEXT(period),
                         .n = 1}};
    assert_ok(f, np_aggregate_measurements(&a, f->store, "absence_pct",
                                           NP_ACROSS_ORGANISATIONS, where, 1, false,
                                           f->arena, &f->err));
    return a;
}

/* conventions T6: 15/100 and 15/50 → 30/150 = 20,0 %, not 22,5 and not 45 */
static void ratios_are_recomputed_and_never_averaged(void **state)
{
    a_folder *f = *state;
    PUT(f,
        "measurement x: indicator=absence_pct; organisation=0101; period=2013; value=15; "
        "numerator=15; denominator=100",
        "measurement y: indicator=absence_pct; organisation=0104; period=2013; value=30; "
        "numerator=15; denominator=50",
        "measurement z: indicator=absence_pct; organisation=0136; period=2013; "
        "missing=not_reported");
    np_aggregated a = absence_of(f, "2013");
    assert_true(a.computed);
    assert_true(fabs(a.value - 20) < 1e-12);
    assert_int_equal(a.n, 3);
    assert_int_equal(a.n_values, 2);
    assert_int_equal(a.n_missing[2], 1); /* not_reported */
    PUT(f, "measurement z: missing=; value=9");
    a = absence_of(f, "2013");
    assert_false(a.computed);
    assert_string_equal(a.reason, "a ratio has no numerator and denominator");
}

/* A baseline is another value of the same series. */
static void baselines_are_left_out(void **state)
{
    a_folder *f = *state;
    assert_int_equal(absence_of(f, "2011").n, 0);
    assert_string_equal(absence_of(f, "2011").reason, "there is no value");
}

typedef struct {
    const char *rule;
    np_across across;
    np_part part[3];
    size_t n;
    double value, partial;
} an_aggregate;

static void rules_of_indicators_decide(void **state)
{
    a_folder *f = *state;
    np_value value[NP_MOST_FIELDS] = {{0}};
    np_record indicator = {.kind = np_kind_find("indicator"), .id = "i", .value = value};
    size_t periods = np_kind_field(indicator.kind, "across_periods");
    static const np_period p12 = {NP_YEAR, 2012, 1}, p13 = {NP_YEAR, 2013, 1};
#define V(x, w, p)                                                                       \
    {                                                                                    \
        .value = (x), .numerator = NAN, .denominator = NAN, .weight = (w), .period = (p) \
    }
#define M(r, p)                                                                          \
    {                                                                                    \
        .value = NAN, .missing = (r), .period = (p)                                      \
    }
    const an_aggregate cases[] = {
        {"sum", NP_ACROSS_PERIODS, {V(0, NAN, p12), V(4, NAN, p13)}, 2, 4, NAN},
        /* T1: the sum over {0, blank} is missing, partial 0 */
        {"sum", NP_ACROSS_PERIODS, {V(0, NAN, p12), M("blank", p13)}, 2, NAN, 0},
        {"sum", NP_ACROSS_PERIODS, {V(3, NAN, p12), M("not_applicable", p13)}, 2, 3, NAN},
        {"mean",
         NP_ACROSS_PERIODS,
         {V(2, 1, p12), V(5, 3, p13), M("blank", p13)},
         3,
         3.5,
         NAN},
        {"weighted_mean", NP_ACROSS_PERIODS, {V(2, 1, p12), V(6, 3, p13)}, 2, 5, NAN},
        {"weighted_mean", NP_ACROSS_PERIODS, {V(2, 1, p12), V(6, NAN, p13)}, 2, NAN, NAN},
        {"latest", NP_ACROSS_PERIODS, {V(6, NAN, p13), V(2, NAN, p12)}, 2, 6, NAN},
        {"latest", NP_ACROSS_PERIODS, {V(6, NAN, p13), V(2, NAN, p13)}, 2, NAN, NAN},
        {"latest", NP_ACROSS_PERIODS, {V(2, NAN, p12), M("blank", p13)}, 2, 2, NAN},
        /* T10: unique persons over time cannot be summed */
        {"none", NP_ACROSS_PERIODS, {V(6, NAN, p13), V(2, NAN, p12)}, 2, NAN, NAN},
        {"mean", NP_ACROSS_PERIODS, {M("blank", p13)}, 1, NAN, NAN},
        {"none", NP_ACROSS_PERIODS, {V(6, NAN, p13)}, 1, 6, NAN}, /* nothing to combine */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        np_aggregated a;
        value[periods] = NP_VALUE_OF_TEXT(cases[i].rule);
        assert_ok(f, np_aggregate_parts(&a, &indicator, cases[i].across, cases[i].part,
                                        cases[i].n, &f->err));
        bool computed = !isnan(cases[i].value);
        if (a.computed != computed || (computed && a.value != cases[i].value))
            fail_msg("case %zu: %g, %s", i, a.value, a.reason);
        assert_true(computed || a.reason[0] != '\0');
        assert_true(isnan(cases[i].partial) ? isnan(a.partial)
                                            : a.partial == cases[i].partial);
    }
}

/* conventions T2: nothing by nothing is no number */
static void zero_denominators_make_no_value(void **state)
{
    a_folder *f = *state;
    np_aggregated a;
    np_record indicator;
    np_part part = {.value = 0, .numerator = 0, .denominator = 0, .weight = NAN};
    assert_ok(f, np_store_get(&indicator, f->store, np_kind_find("indicator"),
                              "absence_pct", f->arena, &f->err));
    assert_ok(f, np_aggregate_parts(&a, &indicator, NP_ACROSS_UNITS, &part, 1, &f->err));
    assert_false(a.computed);
    part.missing = "lost";
    assert_int_equal(
        np_aggregate_parts(&a, &indicator, NP_ACROSS_UNITS, &part, 1, &f->err),
        NP_E_RANGE);
}

static void assert_verdicts(a_folder *f, const char *theme, const char *expected)
{
    np_assessed a[NP_N_CRITERIA];
    char got[NP_N_CRITERIA + 1] = "";
    assert_ok(f, np_assess(a, f->store, "halden", theme, f->arena, &f->err));
    for (size_t c = 0; c < NP_N_CRITERIA; c++)
        got[c] = "?+-"[a[c].computed];
    if (strcmp(got, expected) != 0)
        for (size_t c = 0; c < NP_N_CRITERIA; c++)
            print_error("%s: %s\n", a[c].criterion, a[c].finding);
    assert_string_equal(got, expected);
}

static void criteria_are_computed_from_the_plan(void **state)
{
    a_folder *f = *state;
    /* purpose, baseline, result goals, driver goals, measures, measure goals,
     * organising, milestones, risks, benefits */
    assert_verdicts(f, NULL, "-++++-----");
    PUT(f, "project halden: purpose=Fewer on sick leave",
        "goal g4: project=halden; level=measure; measure=m1; parent=g3; text=T; "
        "target=10; target_date=2013-01-01",
        "milestone s1: project=halden; text=Start; due=2012-01-01",
        "milestone s2: project=halden; text=Half-way; due=2013-01-01",
        "risk k: project=halden; text=T; likelihood=2; consequence=3; action=A",
        "benefit b: project=halden; text=T; how=H; answers=Ola",
        "commitment k1: project=halden; party=politicians; given_by=C; date=2011-09-20",
        "commitment k2: project=halden; party=administration; given_by=C; "
        "date=2011-09-20",
        "commitment k3: project=halden; party=unions; given_by=C; date=2011-09-20",
        "role p1: person=ola; role=local_steering_group; project=halden; "
        "party=politicians; starts=2012-01-01",
        "role p2: person=eva; role=local_steering_group; project=halden; "
        "party=administration; starts=2012-01-01",
        "role p3: person=eva; role=local_steering_group; project=halden; party=unions; "
        "starts=2012-01-01");
    assert_verdicts(f, NULL, "?+++++++++");
    assert_verdicts(f, "absence", "?++-++++++"); /* the driver goal has no theme */
    PUT(f, "goal g2: baseline_scope=", "goal g3: target=", "measure m1: starts=",
        "goal g4: status=dropped", "-role p3", "-milestone s2",
        "risk k: action=", "benefit b: how=");
    assert_verdicts(f, NULL, "?-+-------");
}

static void the_analyst_s_verdict_is_kept_beside(void **state)
{
    a_folder *f = *state;
    np_assessed a[NP_N_CRITERIA];
    PUT(f, "plan_assessment x: project=halden; criterion=purpose; basis=analyst; "
           "verdict=met; date=2012-05-01; given_by=kari; reason=Clear");
    assert_ok(f, np_assess(a, f->store, "halden", NULL, f->arena, &f->err));
    assert_int_equal(a[0].computed, NP_VERDICT_TO_IMPROVE);
    assert_int_equal(a[0].analyst, NP_VERDICT_MET);
    assert_string_equal(a[0].analyst_name, "kari");
    assert_int_equal(a[1].analyst, NP_VERDICT_NONE);

    objections_seen seen = {{0}, {0}, {0}};
    np_entry *entry = NULL;
    np_entry_options options = {
        .who = "kari", .action = "assess", .why = "", .sink = see, .context = &seen};
    np_entry_result result;
    assert_ok(f, np_entry_begin(&entry, f->store, &options, f->arena, &f->err));
    assert_ok(f, np_assessment_put(entry, a, "halden", NULL, "2012-06-01", &f->err));
    assert_ok(f, np_entry_end(&result, entry, &f->err));
    assert_int_equal(result.n_new, 10);
    int64_t n;
    assert_ok(f, np_store_count(&n, f->store, np_kind_find("plan_assessment"), &f->err));
    assert_int_equal(n, 11);
    assert_int_equal(np_assess(a, f->store, "nobody", NULL, f->arena, &f->err),
                     NP_E_UNKNOWN_NAME);
    f->err = (np_error){0};
    assert_int_equal(np_assess(a, f->store, "halden", "full-time", f->arena, &f->err),
                     NP_E_RANGE);
}

static void turnover_is_a_number(void **state)
{
    a_folder *f = *state;
    const np_turnover *t;
    size_t n;
    PUT(f, "project moss: name=Moss; cohort=p1",
        "project_organisation b: project=moss; organisation=0104",
        "participation c: project=moss; theme=absence; role=main",
        "role m: person=ola; role=project_leader; project=moss; starts=2012-01-01",
        "role w: person=eva; role=network_leader; network=n1; starts=2013-01-01; "
        "ends=2013-01-10");
    assert_ok(f, np_turnover_of(&t, &n, f->store, NULL, "2013-12-31", f->arena, &f->err));
    assert_int_equal(n, 2);
    assert_string_equal(t[0].role, "network_leader");
    assert_int_equal(t[0].n_left, 1);
    assert_true(t[0].mean_days == 10);
    assert_true(t[0].share_same == 0);
    assert_string_equal(t[1].role, "project_leader");
    assert_int_equal(t[1].n_bodies, 2);
    assert_int_equal(t[1].n_persons, 3);
    assert_int_equal(t[1].n_left, 1); /* ola left halden */
    assert_true(t[1].share_same == 0.5);
    /* 366 and 365 days in Halden, 731 in Moss */
    assert_true(fabs(t[1].mean_days - (366 + 365 + 731) / 3.0) < 1e-9);
    assert_ok(
        f, np_turnover_of(&t, &n, f->store, "halden", "2012-06-30", f->arena, &f->err));
    assert_int_equal(n, 1);
    assert_true(t[0].share_same == 1);
    assert_true(t[0].mean_days == 182);
    /* whoever stays until the project ends has not left */
    PUT(f, "role r2: ends=2014-12-31");
    assert_ok(
        f, np_turnover_of(&t, &n, f->store, "halden", "2015-06-30", f->arena, &f->err));
    assert_int_equal(t[0].n_left, 1);
    assert_int_equal(np_turnover_of(&t, &n, f->store, NULL, "then", f->arena, &f->err),
                     NP_E_RANGE);
}

static void a_grant_follows_from_municipalities_and_months(void **state)
{
    a_folder *f = *state;
    np_grant_amount g;
    PUT(f, "grant_scheme g: name=Grant; amount_per_year=300000",
        "organisation group: name=Group; sort=group; n_members=3",
        "project_organisation b: project=halden; organisation=group; joined=2013-07-15; "
        "leads=yes");
    assert_ok(f,
              np_grant_amount_of(&g, f->store, "g", "halden", 2013, f->arena, &f->err));
    assert_int_equal(g.n_months, 12 + 3 * 6);
    assert_true(g.amount == 300000.0 * 30 / 12);
    assert_int_equal(g.n_municipalities, 4);
    assert_ok(f,
              np_grant_amount_of(&g, f->store, "g", "halden", 2015, f->arena, &f->err));
    assert_true(g.amount == 0);
    PUT(f, "withdrawal w: project=halden; date=2014-03-01; reason=R");
    assert_ok(f,
              np_grant_amount_of(&g, f->store, "g", "halden", 2014, f->arena, &f->err));
    assert_int_equal(g.n_months, 2 * 4);
    assert_int_equal(
        np_grant_amount_of(&g, f->store, "g", "none", 2014, f->arena, &f->err),
        NP_E_UNKNOWN_NAME);
}

static void what_an_application_lacks_is_told_demand_by_demand(void **state)
{
    a_folder *f = *state;
    np_admission a;
    PUT(f, "call c: name=Call; cohort=p1; opens=2011-08-01; deadline=2011-11-01",
        "application a: project=halden; call=c; received=2011-11-02",
        "commitment k1: project=halden; party=unions; given_by=C; date=2011-09-20",
        "goal g2: baseline_source=; target_date=",
        "exception x: project=halden; theme=absence; rule=target; reason=R; "
        "granted_by=Minister; date=2011-11-30");
    assert_ok(f, np_admission_review(&a, f->store, "a", f->arena, &f->err));
    assert_true(a.late);
    assert_null(a.outcome);
    assert_int_equal(a.n_demands, 8);
    assert_int_equal(a.n_missing, 3); /* two parties, the baseline */
    assert_int_equal(a.n_excepted, 1);
    assert_string_equal(a.demand[6].demand, "baseline");
    assert_int_equal(a.demand[6].state, NP_DEMAND_MISSING);
    assert_string_equal(a.demand[6].detail, "g2 has no baseline_source");
    assert_string_equal(a.demand[7].granted_by, "Minister");
    const np_admission *list;
    size_t n;
    assert_ok(f, np_admission_list(&list, &n, f->store, NULL, f->arena, &f->err));
    assert_int_equal(n, 1);
    assert_ok(f, np_admission_list(&list, &n, f->store, "other", f->arena, &f->err));
    assert_int_equal(n, 0);
}

int main(void)
{
#define ON_PROGRAMME(test)                                                               \
    cmocka_unit_test_setup_teardown(test, put_valid_programme, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lower_is_better_is_achieved_downwards),
        cmocka_unit_test(a_target_that_is_no_better_is_held_or_not),
        ON_PROGRAMME(progress_is_of_the_last_value_and_the_step_that_is_due),
        ON_PROGRAMME(ratios_are_recomputed_and_never_averaged),
        ON_PROGRAMME(baselines_are_left_out),
        ON_PROGRAMME(rules_of_indicators_decide),
        ON_PROGRAMME(zero_denominators_make_no_value),
        ON_PROGRAMME(criteria_are_computed_from_the_plan),
        ON_PROGRAMME(the_analyst_s_verdict_is_kept_beside),
        ON_PROGRAMME(turnover_is_a_number),
        ON_PROGRAMME(a_grant_follows_from_municipalities_and_months),
        ON_PROGRAMME(what_an_application_lacks_is_told_demand_by_demand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
