/* Rules of organisations, projects, goals, measurements and measures: a valid programme,
 * and what is said when one thing of it is broken. */
#include "programme/rules_case.h"

static void values_that_are_none_and_references_that_lead_nowhere(void **state)
{
    static const a_case cases[] = {
        {"reference",
         "goal g9 indicator",
         {"goal g9: project=halden; level=result; text=T; indicator=none"}},
        {"reference no_organisation_yet",
         "role r1 project",
         {"-project_organisation halden/0101", "role r1: project=nowhere"}},
    };
    JUDGE_CASES(*state, cases);
}

static void days_and_numbers(void **state)
{
    static const a_case cases[] = {
        {"ends_before_starts outside_measure",
         "measure m1 ends",
         {"measure m1: ends=2012-02-01"}},
        {"ends_before_starts", "role r1 ends", {"role r1: ends=2011-12-31"}},
        {"outside_programme",
         "milestone s1 due",
         {"milestone s1: project=halden; text=Start; due=2016-01-01"}},
        {"", NULL, {"milestone s1: project=halden; text=Start; due=2012-01-01"}},
        {"outside_programme",
         "measurement a2010 period",
         {"measurement a2010: indicator=absence_pct; project=halden; period=2010; "
          "value=9; numerator=90; denominator=1000"}},
        {"",
         NULL, /* a baseline may be older */
         {"measurement a2010: indicator=absence_pct; project=halden; period=2010; "
          "value=9; numerator=90; denominator=1000; baseline=yes"}},
        {"negative", "measure m1 n_covered", {"measure m1: n_covered=-1"}},
        {"", NULL, {"measure m1: n_covered=0"}},
        {"negative", "measure m1 pools", {"measure m1: pools=0"}},
        {"future_date", "goal g1 baseline_date", {"goal g1: baseline_date=2999-01-01"}},
    };
    JUDGE_CASES(*state, cases);
}

static void codes_and_successors(void **state)
{
    static const a_case cases[] = {
        {"organisation_code",
         "organisation x code",
         {"organisation x: code=301; name=Oslo; sort=municipality"}},
        {"", NULL, {"organisation x: code=0301; name=Oslo; sort=municipality"}},
        {"organisation_code",
         "organisation x code",
         {"organisation x: code=0301; name=Oslo; sort=county"}},
        {"code_twice",
         "organisation x code",
         {"organisation x: code=0101; name=Other; sort=municipality; "
          "valid_from=2014-01-01"}},
        {"",
         NULL, /* one after the other */
         {"organisation x: code=0136; name=Other; sort=municipality; "
          "valid_from=2014-01-01"}},
        {"change_of_itself",
         "organisation_change c successor",
         {"organisation_change c: predecessor=0104; successor=0104; date=2014-01-01; "
          "sort=merger"}},
        {"change_share",
         "organisation_change c share",
         {"organisation_change c: predecessor=0136; successor=0104; date=2014-01-01; "
          "sort=merger; share=1.2"}},
        {"change_date",
         "organisation_change c date",
         {"organisation_change c: predecessor=0136; successor=0104; date=2013-06-01; "
          "sort=merger"}},
        {"",
         NULL,
         {"organisation_change c: predecessor=0136; successor=0104; date=2014-01-01; "
          "sort=merger; share=1"}},
        {"split_shares",
         "organisation_change c1 share",
         {"organisation_change c1: predecessor=0136; successor=0104; date=2014-01-01; "
          "sort=split; share=0.5",
          "organisation_change c2: predecessor=0136; successor=0101; date=2014-01-01; "
          "sort=split; share=0.4"}},
        {"",
         NULL,
         {"organisation_change c1: predecessor=0136; successor=0104; date=2014-01-01; "
          "sort=split; share=0.6",
          "organisation_change c2: predecessor=0136; successor=0101; date=2014-01-01; "
          "sort=split; share=0.4"}},
        {"split_without_shares",
         "organisation_change c1 share",
         {"organisation_change c1: predecessor=0136; successor=0104; date=2014-01-01; "
          "sort=split"}},
        {"succession_circle succession_circle",
         "organisation 0104 ",
         {"organisation_change c1: predecessor=0104; successor=0101; date=2014-01-01; "
          "sort=boundary",
          "organisation_change c2: predecessor=0101; successor=0104; date=2014-01-01; "
          "sort=boundary"}},
        {"unit_number",
         "unit u number",
         {"unit u: number=974760674; name=U; organisation=0101"}},
        {"unit_number",
         "unit u number",
         {"unit u: number=97476067; name=U; organisation=0101"}},
    };
    JUDGE_CASES(*state, cases);
}

static void projects_and_their_organisations(void **state)
{
    static const a_case cases[] = {
        {"outside_cohort",
         "project halden starts",
         {"project halden: starts=2011-09-01"}},
        {"outside_project",
         "participation halden/absence starts",
         {"participation halden/absence: starts=2011-12-31"}},
        {"outside_project",
         "project_organisation halden/0101 left_on",
         {"project_organisation halden/0101: left_on=2015-01-01"}},
        {"no_organisation_yet", "project halden ", {"-project_organisation halden/0101"}},
        {"no_lead",
         "project halden ",
         {"project_organisation b: project=halden; organisation=0104"}},
        {"",
         NULL,
         {"project_organisation b: project=halden; organisation=0104; leads=yes"}},
        {"several_leads",
         "project halden ",
         {"project_organisation halden/0101: leads=yes",
          "project_organisation b: project=halden; organisation=0104; leads=yes"}},
        {"no_main_theme",
         "project halden ",
         {"participation halden/absence: role=additional"}},
        {"code_not_valid",
         "project_organisation b organisation",
         {"project moss: name=Moss; cohort=p2; starts=2014-01-01",
          "participation c: project=moss; theme=absence; role=main",
          "project_organisation b: project=moss; organisation=0136"}},
        {"",
         NULL, /* valid for a part of the project */
         {"project moss: name=Moss; cohort=p2; starts=2013-01-01",
          "participation c: project=moss; theme=absence; role=main",
          "project_organisation b: project=moss; organisation=0136"}},
        {"code_not_valid",
         "project_organisation b organisation",
         {"project moss: name=Moss; cohort=p2; starts=2013-01-01",
          "participation c: project=moss; theme=absence; role=main",
          "project_organisation b: project=moss; organisation=0136; "
          "joined=2013-06-01; left_on=2014-06-01"}},
        {"code_not_valid", /* of a record that is not touched itself */
         "project_organisation halden/0101 organisation",
         {"organisation 0101: valid_to=2011-01-01"}},
        {"", NULL, {"organisation 0101: name=Halden by"}},
        {"project_twice",
         "project_organisation b organisation",
         {"project other: name=Other; cohort=p1",
          "participation c: project=other; theme=absence; role=main",
          "project_organisation b: project=other; organisation=0101"}},
        {"",
         NULL, /* in another cohort */
         {"project other: name=Other; cohort=p2",
          "participation c: project=other; theme=absence; role=main",
          "project_organisation b: project=other; organisation=0101"}},
    };
    JUDGE_CASES(*state, cases);
}

static void withdrawals_roles_and_networks(void **state)
{
    static const a_case cases[] = {
        {"withdrawal_date",
         "withdrawal w date",
         {"withdrawal w: project=halden; date=2015-02-01; reason=R"}},
        {"theme_not_taken",
         "withdrawal w theme",
         {"withdrawal w: project=halden; date=2013-02-01; theme=full-time; reason=R"}},
        {"after_withdrawal",
         "measurement b period",
         {"withdrawal w: project=halden; date=2013-02-01; reason=R",
          "measurement b: indicator=absence_pct; project=halden; period=2014; value=9; "
          "numerator=90; denominator=1000"}},
        {"",
         NULL, /* it was there for a month of 2013, and left a theme only */
         {"withdrawal w: project=halden; date=2013-02-01; reason=R",
          "measurement b: indicator=absence_pct; project=halden; period=2013; value=9; "
          "numerator=90; denominator=1000"}},
        {"",
         NULL,
         {"withdrawal w: project=halden; theme=absence; date=2013-02-01; reason=R",
          "measurement b: indicator=absence_pct; project=halden; period=2014; value=9; "
          "numerator=90; denominator=1000"}},
        {"role_needs",
         "role x project",
         {"role x: person=ola; role=project_leader; starts=2012-01-01"}},
        {"role_needs",
         "role x party",
         {"role x: person=ola; role=local_steering_group; project=halden; "
          "starts=2012-01-01"}},
        {"role_needs",
         "role x network",
         {"role x: person=ola; role=network_leader; starts=2012-01-01"}},
        {"two_leaders", "role r2 starts", {"role r1: ends=2013-01-01"}},
        {"two_leaders", "role r2 starts", {"role r1: ends="}},
        {"network_of_other_cohort network_of_other_cohort",
         "network_member n project",
         {"project moss: name=Moss; cohort=p2",
          "participation c: project=moss; theme=full-time; role=main",
          "project_organisation b: project=moss; organisation=0104",
          "network_member n: network=n1; project=moss"}},
        {"", NULL, {"network_member n: network=n1; project=halden"}},
        {"meeting_of_whom",
         "meeting m network",
         {"meeting m: title=M; date=2013-01-01; sort=network"}},
        {"not_of_meeting",
         "attendance a project",
         {"meeting m: title=M; date=2013-01-01; sort=network; network=n1",
          "attendance a: meeting=m; project=halden; party=unions; n_people=0"}},
        {"not_of_meeting",
         "attendance a project",
         {"meeting m: title=M; date=2013-01-01; sort=cohort; cohort=p2",
          "attendance a: meeting=m; project=halden; party=unions; n_people=2"}},
        {"",
         NULL,
         {"meeting m: title=M; date=2013-01-01; sort=network; network=n1",
          "network_member n: network=n1; project=halden",
          "attendance a: meeting=m; project=halden; party=unions; n_people=2"}},
    };
    JUDGE_CASES(*state, cases);
}

static void goals(void **state)
{
    static const a_case cases[] = {
        {"goal_level", "goal g2 parent", {"goal g2: level=effect; indicator="}},
        {"goal_level",
         "goal g1 parent",
         {"goal g1: parent=g3; level=effect; text=T; "
          "theme=absence",
          "goal g2: parent="}},
        {"goal_level goal_circle", "goal g3 parent", {"goal g3: parent=g3"}},
        {"goal_project",
         "goal x parent",
         {"project moss: name=Moss; cohort=p2",
          "participation c: project=moss; theme=absence; role=main",
          "project_organisation b: project=moss; organisation=0104",
          "goal x: project=moss; level=result; parent=g1; text=T"}},
        {"goal_of_measure",
         "goal x level",
         {"goal x: project=halden; level=driver; measure=m1; text=T"}},
        {"goal_theme", "goal g1 theme", {"goal g1: theme=full-time"}},
        {"goal_theme",
         "goal g2 indicator",
         {"goal g2: indicator=positions; direction=lower"}},
        {"goal_indicator_level", "goal g3 indicator", {"goal g3: level=measure"}},
        {"baseline_or_reason",
         "goal g2 baseline_missing",
         {"goal g2: baseline_missing=not_measured"}},
        {"", NULL, {"goal g2: baseline=; baseline_missing=not_measured"}},
        {"", NULL, {"goal g3: baseline=0"}},
        {"baseline_date", "goal g2 baseline_date", {"goal g2: baseline_date=2015-01-01"}},
        {"outside_range target_no_better step_differs steps_turn",
         NULL,
         {"goal g2: target=120"}},
        {"outside_range", "goal g2 baseline", {"goal g2: baseline=120"}},
        {"target_no_better steps_turn", "goal g2 target", {"goal g2: baseline=6.5"}},
        {"target_no_better", "goal g3 target", {"goal g3: baseline=20"}},
        {"target_after_programme",
         "goal g3 target_date",
         {"goal g3: target_date=2016-06-30"}},
        {"outside_range steps_turn",
         "goal_target x target",
         {"goal_target x: goal=g2; period=2013; target=-1"}},
        {"step_after_target",
         "goal_target x period",
         {"goal_target x: goal=g2; period=2015; target=7"}},
        {"step_differs",
         "goal_target g2/2014 target",
         {"goal_target g2/2014: target=7.5"}},
        {"steps_turn",
         "goal_target x target",
         {"goal_target x: goal=g2; period=2013; target=8.8"}},
        {"steps_turn",
         "goal_target x target",
         {"goal_target x: goal=g2; period=2013; target=6.5"}},
        {"", NULL, {"goal_target x: goal=g2; period=2013; target=8.5"}},
        {"risk_scale",
         "risk r likelihood",
         {"risk r: project=halden; text=T; likelihood=6; consequence=5"}},
        {"benefit_goal",
         "benefit b goal",
         {"project moss: name=Moss; cohort=p2",
          "participation c: project=moss; theme=absence; role=main",
          "project_organisation b: project=moss; organisation=0104",
          "benefit b: project=moss; goal=g2; text=T"}},
        {"analyst_named",
         "plan_assessment p given_by",
         {"plan_assessment p: project=halden; criterion=risks; basis=analyst; "
          "verdict=met; date=2012-05-01"}},
        {"analyst_named",
         "plan_assessment p given_by",
         {"plan_assessment p: project=halden; criterion=risks; basis=computed; "
          "verdict=met; date=2012-05-01; given_by=kari"}},
    };
    JUDGE_CASES(*state, cases);
}

static void measurements(void **state)
{
#define ABSENCE "measurement x: indicator=absence_pct; project=halden; period=2013; "
    static const a_case cases[] = {
        {"", NULL, {ABSENCE "value=0; numerator=0; denominator=1000"}},
        {"", NULL, {ABSENCE "missing=not_reported"}},
        {"whom", "measurement x ", {ABSENCE "missing=blank; organisation=0101"}},
        {"whom", "measurement x ", {ABSENCE "missing=blank; project="}},
        {"value_or_missing", "measurement x value", {ABSENCE "scope=all"}},
        {"value_or_missing",
         "measurement x missing",
         {ABSENCE "value=8; numerator=80; denominator=1000; missing=blank"}},
        {"ratio_half", "measurement x denominator", {ABSENCE "value=8; numerator=80"}},
        {"ratio_without_parts", "measurement x numerator", {ABSENCE "value=8"}},
        {"zero_denominator",
         "measurement x denominator",
         {ABSENCE "value=0; numerator=0; denominator=0"}},
        {"ratio_value",
         "measurement x value",
         {ABSENCE "value=8.1; numerator=80; denominator=1000"}},
        {"",
         NULL, /* 8.0477 is 8.0 and 8.05 */
         {ABSENCE "value=8.05; numerator=80.477; denominator=1000"}},
        {"ratio_above_whole outside_range jump",
         "measurement x numerator",
         {ABSENCE "value=120; numerator=1200; denominator=1000"}},
        {"outside_range",
         "measurement x value",
         {"measurement x: indicator=positions; project=halden; period=2013; value=120"}},
        {"ratio_half",
         "measurement x numerator",
         {"measurement x: indicator=positions; project=halden; period=2013; value=60; "
          "numerator=6"}},
        {"whole_count", "measurement t2 value", {"measurement t2: value=12.5"}},
        {"period_length",
         "measurement x period",
         {ABSENCE "value=8; numerator=80; denominator=1000; period=2013S1"}},
        {"outside_programme future_period",
         "measurement x period",
         {"programme sammen: ends=2098-12-31",
          ABSENCE "value=8; numerator=80; denominator=1000; period=2999"}},
        {"definition_version",
         "measurement x indicator_version",
         {ABSENCE "missing=blank; indicator_version=3"}},
        {"code_not_valid",
         "measurement x organisation",
         {ABSENCE "missing=blank; project=; organisation=0136; period=2014"}},
        {"", NULL, {ABSENCE "missing=blank; project=; organisation=0136; period=2013"}},
        {"measured_twice",
         "measurement x period",
         {ABSENCE "missing=blank; period=2012"}},
        {"cumulative_falls",
         "measurement x value",
         {"measurement x: indicator=trained; project=halden; period=2013S1; value=11"}},
        {"break_without_note",
         "measurement x note",
         {"measurement x: indicator=trained; project=halden; period=2013S1; value=11; "
          "break_in_series=yes"}},
        {"",
         NULL,
         {"measurement x: indicator=trained; project=halden; period=2013S1; value=11; "
          "break_in_series=yes; note=One left out"}},
        {"jump",
         "measurement x value",
         {ABSENCE "value=84; numerator=840; denominator=1000"}},
    };
    JUDGE_CASES(*state, cases);
}

static void measures(void **state)
{
    static const a_case cases[] = {
        {"measure_theme", "measure m1 theme", {"measure m1: theme=full-time"}},
        {"before_project",
         "measure m2 starts",
         {"measure m2: project=halden; name=M; starts=2011-12-01"}},
        {"measure_after_project",
         "measure m2 starts",
         {"measure m2: project=halden; name=M; starts=2015-01-01"}},
        {"unit_of_others",
         "measure_unit x unit",
         {"measure_unit x: measure=m1; unit=971526920"}},
        {"outside_measure",
         "measure_unit mu starts",
         {"measure_unit mu: starts=2012-02-01"}},
        {"outside_measure", "measure_unit mu ends", {"measure_unit mu: ends=2013-07-01"}},
        {"shelved_reason",
         "measure_status x reason",
         {"measure_status x: measure=m1; date=2012-06-01; status=shelved"}},
        {"",
         NULL,
         {"measure_status x: measure=m1; date=2012-06-01; status=shelved; reason=Money",
          "measure_status y: measure=m1; date=2012-09-01; status=under_way"}},
        {"status_order",
         "measure_status x status",
         {"measure_status x: measure=m1; date=2012-06-01; status=planned"}},
        {"status_order",
         "measure_status y status",
         {"measure_status x: measure=m1; date=2013-07-01; status=finished",
          "measure_status y: measure=m1; date=2013-08-01; status=under_way"}},
        {"status_dates",
         "measure_status x date",
         {"measure_status x: measure=m1; date=2013-06-01; status=finished"}},
        {"status_dates",
         "measure_status x date",
         {"measure_status x: measure=m1; date=2012-02-01; status=under_way"}},
    };
    JUDGE_CASES(*state, cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            values_that_are_none_and_references_that_lead_nowhere, put_valid_programme,
            tear_down),
        cmocka_unit_test_setup_teardown(days_and_numbers, put_valid_programme, tear_down),
        cmocka_unit_test_setup_teardown(codes_and_successors, put_valid_programme,
                                        tear_down),
        cmocka_unit_test_setup_teardown(projects_and_their_organisations,
                                        put_valid_programme, tear_down),
        cmocka_unit_test_setup_teardown(withdrawals_roles_and_networks,
                                        put_valid_programme, tear_down),
        cmocka_unit_test_setup_teardown(goals, put_valid_programme, tear_down),
        cmocka_unit_test_setup_teardown(measurements, put_valid_programme, tear_down),
        cmocka_unit_test_setup_teardown(measures, put_valid_programme, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
