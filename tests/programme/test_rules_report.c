/* Rules of applications, reports, money, coding and surveys, each broken alone. */
#include "programme/rules_case.h"

/* SHA-256 of "{}" */
#define HASH "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

static const char *const more[] = {
    "scheme causes: name=Causes; sort=hindrance_local; version=1",
    "category causes/money: scheme=causes; code=money; name=Money",
    "category causes/time: scheme=causes; code=time; name=Time",
    "scheme causes2: name=Causes; sort=hindrance_local; version=2; previous=causes; "
    "several=yes",
    "category causes2/money: scheme=causes2; code=money; name=Money",
    "category causes2/time: scheme=causes2; code=time; name=Time",
    "template annual: name=Annual; sort=annual; version=1; first_period=2012; "
    "last_period=2013; due_month=2; due_day=1; due_years_after=1; needs_approval=yes",
    "template half: name=Half-year; sort=half_year; version=1; due_month=6; due_day=1",
    "question annual/q1: template=annual; code=q1; position=1; text=Reached?; "
    "answer=yes_no; required=yes",
    "question annual/q2: template=annual; code=q2; position=2; text=What?; answer=text; "
    "repeats=yes",
    "question annual/q3: template=annual; code=q3; position=3; text=Cause?; "
    "answer=category; scheme=causes; theme=absence",
    "question annual/q4: template=annual; code=q4; position=4; text=When?; answer=date",
    "question annual/q5: template=annual; code=q5; position=5; text=Measures?; "
    "answer=measures",
    "question annual/q6: template=annual; code=q6; position=6; text=Absence?; "
    "answer=measurement; indicator=absence_pct; required=yes",
    "question half/h1: template=half; code=h1; position=1; text=How many?; "
    "answer=integer",
    "obligation o2012: project=halden; template=annual; period=2012; due=2013-02-01",
    "report r2012: project=halden; template=annual; period=2012; status=approved",
    "answer r2012/q1: report=r2012; question=annual/q1; value=1",
    "measure_account r2012/m1: report=r2012; measure=m1; status=under_way",
    "report_event e1: report=r2012; number=1; event=opened; moment=2013-01-10T08:00:00Z; "
    "done_by=ola",
    "report_event e2: report=r2012; number=2; event=submitted; "
    "moment=2013-01-20T08:00:00Z; done_by=ola",
    "report_event e3: report=r2012; number=3; event=approved; "
    "moment=2013-02-20T08:00:00Z; done_by=kari",
    "report_copy c2: report=r2012; number=2; event=submitted; body={}; hash=" HASH,
    "report_copy c3: report=r2012; number=3; event=approved; body={}; hash=" HASH,
    "report r2013: project=halden; template=annual; period=2013; status=draft",
    "call c: name=Call; cohort=p1; opens=2011-08-01; deadline=2011-11-01",
    "criterion c/k: call=c; code=k; text=Anchored",
    "application a: project=halden; call=c; received=2011-10-01",
    "commitment k1: project=halden; party=politicians; given_by=Council; date=2011-09-20",
    "commitment k2: project=halden; party=administration; given_by=Chief; "
    "date=2011-09-20",
    "commitment k3: project=halden; party=unions; given_by=Fagforbundet; date=2011-09-20",
    "decision d: application=a; outcome=admit; date=2011-12-01; reason=Good; "
    "decided_by=Steering group",
    "grant_scheme g: name=Grant; amount_per_year=300000; hold_back_share=0.2",
    "grant_frame f: scheme=g; year=2013; amount=500000",
    "grant_commitment p: scheme=g; project=halden; year=2013; amount=300000; "
    "date=2013-01-02; reason=Rule; decided_by=kari",
    "grant_condition p/r: commitment=p; code=r; sort=approved_report; text=T; "
    "template=annual; period=2012",
    "grant_condition p/u: commitment=p; code=u; sort=use_statement; text=T",
    "use_statement u: commitment=p; date=2013-03-01; used=0; attested_by=Auditor",
    "payment_request q: commitment=p; date=2013-03-01; amount=300000; requested_by=ola",
    "item i: sort=hindrance_local; text=No money; period=2012; report=r2012; "
    "project=halden; theme=absence",
    "survey s: name=S; period=2013; starts=2013-02-01; ends=2013-03-31",
    "respondent r: survey=s; project=halden; outcome=answered; answered=2013-02-10",
    "survey_answer sa: respondent=r; question=q; choice=yes",
};

static int put_more(void **state)
{
    if (put_valid_programme(state) != 0)
        return 1;
    objections_seen seen = {{0}, {0}, {0}};
    np_entry_result result =
        put_lines(*state, more, sizeof more / sizeof *more, false, &seen);
    if (!result.written || seen.rules[0] != '\0')
        print_error("%s: %s: %s\n", seen.rules, seen.first, seen.message);
    return !result.written || seen.rules[0] != '\0';
}

static void applications(void **state)
{
    static const a_case cases[] = {
        {"application_late",
         "application a received",
         {"application a: received=2011-11-02"}},
        {"application_late",
         "application a received",
         {"application a: received=2011-07-31"}},
        {"call_of_other_cohort",
         "application a call",
         {"call c: cohort=p2", "application a: text=T"}},
        {"score_range",
         "score x score",
         {"score x: application=a; criterion=c/k; score=4; given_by=kari"}},
        {"", NULL, {"score x: application=a; criterion=c/k; score=0; given_by=kari"}},
        {"score_call",
         "score x criterion",
         {"call c2: name=C; cohort=p1; opens=2011-08-01; deadline=2011-11-01",
          "criterion c2/k: call=c2; code=k; text=T",
          "score x: application=a; criterion=c2/k; score=1; given_by=kari"}},
        {"decision_before_application",
         "decision d date",
         {"decision d: date=2011-09-30"}},
    };
    JUDGE_CASES(*state, cases);
}

/* Each demand of admission, and that an exception is for exactly its demand. */
static void admission(void **state)
{
    static const a_case cases[] = {
        {"admission_commitment",
         "decision d outcome",
         {"-commitment k3", "decision d: reason=Again"}},
        {"",
         NULL,
         {"-commitment k3", "decision d: reason=Again",
          "exception x: project=halden; rule=commitment_unions; reason=R; "
          "granted_by=Minister; date=2011-11-30"}},
        {"admission_commitment",
         "decision d outcome",
         {"-commitment k3", "decision d: reason=Again",
          "exception x: project=halden; rule=commitment_politicians; reason=R; "
          "granted_by=Minister; date=2011-11-30"}},
        {"", NULL, {"-commitment k3", "decision d: outcome=refuse; reason=Incomplete"}},
        {"admission_main_theme no_main_theme",
         "decision d outcome",
         {"participation halden/absence: role=additional", "decision d: reason=Again"}},
        {"admission_baseline",
         "decision d outcome",
         {"goal g2: baseline_source=", "decision d: reason=Again"}},
        {"",
         NULL,
         {"goal g2: baseline_source=", "decision d: reason=Again",
          "exception x: project=halden; theme=absence; rule=baseline; reason=R; "
          "granted_by=Minister; date=2011-11-30"}},
        {"admission_target",
         "decision d outcome",
         {"goal g2: target_date=", "decision d: reason=Again"}},
        {"admission_indicator",
         "decision d outcome",
         {"goal g2: indicator=", "decision d: reason=Again"}},
        {"admission_result_goal admission_indicator admission_baseline admission_target",
         "decision d outcome",
         {"goal g2: theme=", "decision d: reason=Again"}},
        {"",
         NULL, /* a goal that is dropped later does not undo the decision */
         {"goal g2: status=dropped", "decision d: reason=Again"}},
        {"no_organisation", "project halden ", {"-project_organisation halden/0101"}},
        {"theme_not_taken",
         "exception x theme",
         {"exception x: project=halden; theme=full-time; rule=baseline; reason=R; "
          "granted_by=Minister; date=2011-11-30"}},
    };
    JUDGE_CASES(*state, cases);
}

static void obligations_and_events(void **state)
{
    static const a_case cases[] = {
        {"period_length",
         "obligation o period",
         {"obligation o: project=halden; template=half; period=2013; due=2013-06-01"}},
        {"period_of_template",
         "obligation o period",
         {"obligation o: project=halden; template=annual; period=2014; due=2015-02-01"}},
        {"waived_reason", "obligation o2012 reason", {"obligation o2012: waived=yes"}},
        {"obligation_due", "obligation o2012 due", {"obligation o2012: due=2013-03-01"}},
        {"", NULL, {"obligation o2012: due=2013-03-01; reason=Illness"}},
        {"after_withdrawal",
         "obligation o period",
         {"withdrawal w: project=halden; date=2012-12-31; reason=R",
          "obligation o: project=halden; template=half; period=2013S1; due=2013-06-01"}},
        {"",
         NULL,
         {"withdrawal w: project=halden; date=2012-12-31; reason=R",
          "obligation o: project=halden; template=half; period=2013S1; due=2013-06-01; "
          "waived=yes; reason=Withdrawn"}},
        {"event_order status_by_events copy_of_event",
         "report_event x event",
         {"report_event x: report=r2013; number=1; event=submitted; moment=M; "
          "done_by=ola"}},
        {"event_order",
         "report_event x number",
         {"report_event x: report=r2013; number=2; event=opened; moment=M; done_by=ola"}},
        {"",
         NULL,
         {"report_event x: report=r2013; number=1; event=opened; moment=M; done_by=ola"}},
        {"event_order status_by_events copy_of_event",
         "report_event x event",
         {"report_event x: report=r2012; number=4; event=submitted; moment=M; "
          "done_by=ola"}},
        {"event_note",
         "report_event x note",
         {"report_event x: report=r2012; number=4; event=reopened; moment=M; "
          "done_by=kari",
          "report r2012: status=draft"}},
        {"",
         NULL,
         {"report_event x: report=r2012; number=4; event=reopened; moment=M; "
          "done_by=kari; note=Wrong year",
          "report r2012: status=draft", "answer r2012/q1: value=0"}},
        {"status_by_events", "report r2012 status", {"report r2012: status=submitted"}},
        {"status_by_events", "report r2012 locked", {"report r2012: locked=yes"}},
        {"",
         NULL,
         {"report r2012: locked=yes",
          "report_event x: report=r2012; number=4; event=locked; moment=M; "
          "done_by=kari"}},
        {"report_without_events",
         "report r2013 status",
         {"report r2013: status=submitted"}},
    };
    JUDGE_CASES(*state, cases);
}

static void what_is_frozen(void **state)
{
    static const a_case cases[] = {
        {"frozen", "report_event e1 ", {"report_event e1: done_by=eva"}},
        {"frozen event_order event_order", "report_event e1 ", {"-report_event e1"}},
        {"frozen copy_of_event",
         "report_copy c2 ",
         {"report_copy c2: number=2; body={}; hash=" HASH "; event=approved"}},
        {"report_locked", "answer r2012/q1 ", {"answer r2012/q1: value=0"}},
        {"report_locked",
         "answer r2012/q2 ",
         {"answer r2012/q2: report=r2012; question=annual/q2; text=More"}},
        {"report_locked required_unanswered", "answer r2012/q1 ", {"-answer r2012/q1"}},
        {"report_locked",
         "measure_account r2012/m1 ",
         {"measure_account r2012/m1: note=N"}},
        {"report_locked",
         "measurement a2012 value",
         {"measurement a2012: value=8.3; numerator=83"}},
        {"", NULL, {"measurement t2: value=13"}}, /* the report does not ask for it */
        {"report_locked", "report r2012 received", {"report r2012: received=2013-01-20"}},
        {"", NULL, {"report r2012: note=Well written"}},
        {"copy_of_event",
         "report_copy x hash",
         {"report_copy x: report=r2013; number=1; event=submitted; body={}; hash=00"}},
        {"copy_of_event",
         "report_event x2 event",
         {"report_event x: report=r2013; number=1; event=opened; moment=M; done_by=ola",
          "report_event x2: report=r2013; number=2; event=submitted; moment=M; "
          "done_by=ola",
          "report r2013: status=submitted",
          "answer r2013/q1: report=r2013; question=annual/q1; missing=dont_know",
          "answer r2013/q6: report=r2013; question=annual/q6; missing=not_measured",
          "measure_account r2013/m1: report=r2013; measure=m1; status=finished"}},
    };
    JUDGE_CASES(*state, cases);
}

#define SUBMIT                                                                           \
    "report_event x: report=r2013; number=1; event=opened; moment=M; done_by=ola",       \
        "report_event x2: report=r2013; number=2; event=submitted; moment=M; "           \
        "done_by=ola",                                                                   \
        "report_copy x2: report=r2013; number=2; event=submitted; body={}; hash=" HASH,  \
        "report r2013: status=submitted"

static void answers_and_accounts(void **state)
{
#define ANSWER "answer x: report=r2013; question=annual/"
    static const a_case cases[] = {
        {"question_of_template",
         "answer x question",
         {"answer x: report=r2013; question=half/h1; value=1"}},
        {"answer_or_missing", "answer x missing", {ANSWER "q1; value=0; missing=blank"}},
        {"answer_or_missing", "answer x text", {ANSWER "q1"}},
        {"", NULL, {ANSWER "q1; value=0"}},
        {"answer_type", "answer x value", {ANSWER "q1; value=2"}},
        {"answer_type", "answer x value", {ANSWER "q1; text=Ja"}},
        {"answer_type", "answer x text", {ANSWER "q2; value=2"}},
        {"answer_type", "answer x text", {ANSWER "q4; text=1. mai"}},
        {"", NULL, {ANSWER "q4; text=2013-05-01"}},
        {"answer_type",
         "answer x value",
         {"report h: project=halden; template=half; period=2013S1; status=draft",
          "answer x: report=h; question=half/h1; value=1.5"}},
        {"answer_category", "answer x text", {ANSWER "q3; text=weather"}},
        {"", NULL, {ANSWER "q3; text=money; theme=absence"}},
        {"answer_number", "answer x number", {ANSWER "q1; value=1; number=2"}},
        {"", NULL, {ANSWER "q2; text=Two; number=2"}},
        {"answer_theme", "answer x theme", {ANSWER "q3; text=money; theme=full-time"}},
        {"answer_theme", "answer x theme", {ANSWER "q2; text=T; theme=full-time"}},
        {"required_unanswered",
         "report r2013 ",
         {SUBMIT, "answer y: report=r2013; question=annual/q6; missing=not_measured",
          "measure_account y: report=r2013; measure=m1; status=finished"}},
        {"required_unanswered",
         "report r2013 ",
         {SUBMIT, ANSWER "q1; value=1",
          "measure_account y: report=r2013; measure=m1; status=finished"}},
        {"",
         NULL,
         {SUBMIT, ANSWER "q1; value=1",
          "measurement a2013: indicator=absence_pct; project=halden; period=2013; "
          "value=8; numerator=80; denominator=1000",
          "measure_account y: report=r2013; measure=m1; status=finished"}},
        {"",
         NULL,
         {SUBMIT, ANSWER "q1; value=1",
          "measurement a2013: indicator=absence_pct; organisation=0101; period=2013; "
          "value=8; "
          "numerator=80; denominator=1000",
          "measure_account y: report=r2013; measure=m1; status=finished"}},
        {"",
         NULL,
         {SUBMIT, ANSWER "q1; value=1",
          "measurement a2013: indicator=absence_pct; unit=974760673; period=2013; "
          "value=8; "
          "numerator=80; denominator=1000",
          "measure_account y: report=r2013; measure=m1; status=finished"}},
        {"",
         NULL,
         {SUBMIT, ANSWER "q1; value=1",
          "measurement a2013: indicator=absence_pct; measure=m1; period=2013; value=8; "
          "numerator=80; denominator=1000",
          "measure_account y: report=r2013; measure=m1; status=finished"}},
        {"required_unanswered",
         "report r2013 ",
         {SUBMIT, ANSWER "q1; value=1",
          "measurement a2013: indicator=absence_pct; organisation=0104; period=2013; "
          "value=8; numerator=80; denominator=1000",
          "measure_account y: report=r2013; measure=m1; status=finished"}},
        {"measure_not_accounted",
         "report r2013 ",
         {SUBMIT, ANSWER "q1; value=1",
          "answer y: report=r2013; question=annual/q6; missing=not_measured"}},
        {"",
         NULL, /* it was shelved before the period */
         {SUBMIT, ANSWER "q1; value=1",
          "answer y: report=r2013; question=annual/q6; missing=not_measured",
          "measure_status y: measure=m1; date=2012-12-01; status=shelved; reason=R"}},
        {"account_status",
         "report r2013 ",
         {SUBMIT, ANSWER "q1; value=1",
          "answer y: report=r2013; question=annual/q6; missing=not_measured",
          "measure m1: ends=2012-12-01",
          "measure_status y: measure=m1; date=2012-12-01; status=finished",
          "measure_account y: report=r2013; measure=m1; status=under_way"}},
        {"account_reason",
         "measure_account x note",
         {"measure_account x: report=r2013; measure=m1; status=shelved"}},
        {"account_project",
         "measure_account x measure",
         {"project moss: name=Moss; cohort=p2",
          "participation c: project=moss; theme=absence; role=main",
          "project_organisation b: project=moss; organisation=0104",
          "measure m2: project=moss; name=M",
          "measure_account x: report=r2013; measure=m2; status=planned"}},
    };
    JUDGE_CASES(*state, cases);
}

static void money(void **state)
{
#define PAY "payment x: commitment=p; sort=instalment; date=2013-03-02; reason=R; "
    static const a_case cases[] = {
        {"negative amount_by_rule",
         "grant_commitment p amount",
         {"grant_commitment p: amount=-300000", "-use_statement u",
          "-payment_request q"}},
        {"over_frame", "grant_frame f amount", {"grant_frame f: amount=200000"}},
        {"amount_by_rule",
         "grant_commitment p amount",
         {"grant_commitment p: amount=250000"}},
        {"amount_by_rule",
         "grant_commitment p amount",
         {"project_organisation halden/0101: joined=2013-07-01",
          "grant_commitment p: reason=Whole year"}},
        {"",
         NULL,
         {"project_organisation halden/0101: joined=2013-07-01",
          "grant_commitment p: reason=Half a year; amount=150000"}},
        {"no_frame",
         "grant_commitment p2 year",
         {"grant_commitment p2: scheme=g; project=halden; year=2012; amount=300000; "
          "date=2012-01-02; reason=Rule; decided_by=kari"}},
        {"not_admitted",
         "grant_commitment p project",
         {"decision d2: application=a; outcome=refuse; date=2012-01-01; reason=R; "
          "decided_by=G",
          "grant_commitment p: reason=Again"}},
        {"condition_report",
         "grant_condition x period",
         {"grant_condition x: commitment=p; code=x; sort=approved_report; text=T; "
          "template=annual"}},
        {"", NULL, {PAY "amount=240000; decided_by=kari; attested_by=eva; request=q"}},
        {"two_persons", "payment x attested_by", {PAY "amount=1; decided_by=kari"}},
        {"two_persons",
         "payment x attested_by",
         {PAY "amount=1; decided_by=kari; attested_by=kari"}},
        {"",
         NULL, /* a refusal moves no money */
         {PAY "amount=0; decided_by=kari; sort=refusal"}},
        {"request_of_promise",
         "payment x amount",
         {"payment_request q: amount=100000",
          PAY "amount=100001; decided_by=kari; attested_by=eva; request=q"}},
        {"condition_not_met",
         "payment x commitment",
         {PAY "amount=1; decided_by=kari; attested_by=eva",
          "grant_condition p/r: period=2013"}},
        {"condition_not_met",
         "payment x commitment",
         {PAY "amount=1; decided_by=kari; attested_by=eva; date=2013-02-28"}},
        {"condition_not_met",
         "payment x commitment",
         {PAY "amount=1; decided_by=kari; attested_by=eva",
          "grant_condition o: commitment=p; code=o; sort=other; text=T"}},
        {"",
         NULL,
         {PAY "amount=1; decided_by=kari; attested_by=eva",
          "grant_condition o: commitment=p; code=o; sort=other; text=T; "
          "met_on=2013-01-01; met_by=kari"}},
        {"",
         NULL, /* an instalment does not wait for what releases the final payment */
         {PAY "amount=1; decided_by=kari; attested_by=eva",
          "grant_condition p/r: period=2013; releases=final_payment"}},
        {"condition_not_met",
         "payment x commitment",
         {PAY "amount=1; decided_by=kari; attested_by=eva; sort=final_payment",
          "grant_condition p/r: period=2013; releases=final_payment"}},
        {"",
         NULL, /* a report that is no longer asked for holds nothing up */
         {PAY "amount=1; decided_by=kari; attested_by=eva",
          "grant_condition p/r: period=2013",
          "obligation o: project=halden; template=annual; period=2013; due=2014-02-01; "
          "waived=yes; reason=R"}},
        {"hold_back",
         "payment x amount",
         {PAY "amount=240001; decided_by=kari; attested_by=eva"}},
        {"",
         NULL,
         {PAY "amount=240000; decided_by=kari; attested_by=eva",
          "payment y: commitment=p; sort=final_payment; date=2013-12-02; reason=R; "
          "amount=60000; decided_by=kari; attested_by=eva"}},
        {"paid_over_promise",
         "payment x amount",
         {PAY "amount=300001; decided_by=kari; attested_by=eva"}},
        {"recovery_over_paid",
         "payment x amount",
         {PAY "amount=1; decided_by=kari; attested_by=eva; sort=recovery"}},
        {"", NULL, {"use_statement u: used=300000"}},
        {"use_over_promise", "use_statement u used", {"use_statement u: used=300001"}},
        {"after_withdrawal amount_by_rule",
         "grant_commitment p year",
         {"withdrawal w: project=halden; date=2012-12-31; reason=R",
          "grant_commitment p: reason=Again"}},
    };
    JUDGE_CASES(*state, cases);
}

static void coding_and_surveys(void **state)
{
#define LABEL(id, category, coder)                                                       \
    "label " id ": item=i; category=" category "; coder=" coder
    static const a_case cases[] = {
        {"item_text", "item i text", {"item i: text="}},
        {"", NULL, {"item i: text=; reconstructed=yes"}},
        {"item_of_report", "item i period", {"item i: period=2013"}},
        {"item_belongs", "item i cohort", {"item i: cohort=p2"}},
        {"item_belongs",
         "item i goal",
         {"project moss: name=Moss; cohort=p2",
          "participation c: project=moss; theme=absence; role=main",
          "project_organisation b: project=moss; organisation=0104",
          "goal x: project=moss; level=result; text=T", "item i: goal=x"}},
        {"", NULL, {LABEL("l", "causes2/money", "kari")}},
        {"superseded_scheme", "label l category", {LABEL("l", "causes/money", "kari")}},
        {"label_sort",
         "label l category",
         {"item i: sort=hindrance_central", LABEL("l", "causes2/money", "kari")}},
        {"superseded_scheme superseded_scheme several_labels",
         "label l category",
         {LABEL("l", "causes/money", "kari"), LABEL("m", "causes/time", "kari")}},
        {"",
         NULL,
         {LABEL("l", "causes2/money", "kari"), LABEL("m", "causes2/time", "kari")}},
        {"superseded_scheme superseded_scheme",
         NULL,
         {LABEL("l", "causes/money", "kari"), LABEL("m", "causes/time", "eva")}},
        {"settled_without_labels",
         "adjudication a item",
         {"adjudication a: item=i; category=causes2/money; decided_by=kari"}},
        {"settled_by_coder",
         "adjudication a decided_by",
         {LABEL("l", "causes2/money", "kari"),
          "adjudication a: item=i; category=causes2/money; decided_by=kari"}},
        {"superseded_scheme settled_twice",
         "label l category",
         {LABEL("l", "causes/money", "kari"),
          "adjudication a: item=i; category=causes/money; decided_by=eva",
          "adjudication b: item=i; category=causes/time; decided_by=eva"}},
        {"respondent_cohort", "respondent r cohort", {"respondent r: cohort=p2"}},
        {"answered_when", "respondent r answered", {"respondent r: answered=2013-04-01"}},
        {"answers_of_outcome",
         "respondent r outcome",
         {"respondent r: outcome=declined"}},
        {"answer_or_missing",
         "survey_answer sa missing",
         {"survey_answer sa: missing=blank"}},
        {"answer_or_missing", "survey_answer sa choice", {"survey_answer sa: choice="}},
        {"answered_and_missing",
         "survey_answer x missing",
         {"survey_answer x: respondent=r; question=q; missing=blank"}},
    };
    JUDGE_CASES(*state, cases);
}

/* What was paid stays paid where the report is reopened; a new payment is refused. */
static void a_reopened_report_does_not_undo_a_payment(void **state)
{
    a_folder *f = *state;
    objections_seen seen = {{0}, {0}, {0}};
    const char *const paid[] = {"payment x: commitment=p; sort=instalment; "
                                "date=2013-03-02; reason=R; amount=1; decided_by=kari; "
                                "attested_by=eva"};
    const char *const reopened[] = {
        "report_event x: report=r2012; number=4; event=reopened; moment=M; "
        "done_by=kari; note=Wrong year",
        "report r2012: status=returned"};
    const char *const again[] = {"payment y: commitment=p; sort=instalment; "
                                 "date=2013-03-03; reason=R; amount=1; decided_by=kari; "
                                 "attested_by=eva"};
    assert_true(put_lines(f, paid, 1, false, &seen).written);
    assert_true(put_lines(f, reopened, 2, false, &seen).written);
    assert_ok(f, np_rules_together(f->store, NULL, 0, see, &seen, &f->err));
    assert_string_equal(seen.rules, "");
    assert_false(put_lines(f, again, 1, false, &seen).written);
    assert_string_equal(seen.rules, "condition_not_met");
}

/* A full pass finds what was written beside the rules, and says it once. */
static void everything_is_judged_at_once(void **state)
{
    a_folder *f = *state;
    objections_seen seen = {{0}, {0}, {0}};
    assert_ok(f, np_rules_together(f->store, NULL, 0, see, &seen, &f->err));
    assert_string_equal(seen.rules, "");
    begin(f);
    assert_ok(f, put_texts(f, NULL, "measure_status", "y", "measure", "m1", "date",
                           "2013-07-01", "status", "planned", NULL));
    assert_ok(f, put_texts(f, NULL, "risk", "r", "project", "halden", "text", "T",
                           NULL) == NP_E_RANGE
                     ? NP_OK
                     : NP_E_USAGE);
    f->err = (np_error){0};
    assert_ok(f, put_texts(f, NULL, "milestone", "s", "project", "halden", "text", "T",
                           "due", "1.2.2014", NULL));
    assert_ok(f, np_store_commit(f->store, &f->err));
    assert_ok(f, np_rules_together(f->store, NULL, 0, see, &seen, &f->err));
    assert_string_equal(seen.rules, "value status_order");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(applications, put_more, tear_down),
        cmocka_unit_test_setup_teardown(admission, put_more, tear_down),
        cmocka_unit_test_setup_teardown(obligations_and_events, put_more, tear_down),
        cmocka_unit_test_setup_teardown(what_is_frozen, put_more, tear_down),
        cmocka_unit_test_setup_teardown(answers_and_accounts, put_more, tear_down),
        cmocka_unit_test_setup_teardown(money, put_more, tear_down),
        cmocka_unit_test_setup_teardown(coding_and_surveys, put_more, tear_down),
        cmocka_unit_test_setup_teardown(a_reopened_report_does_not_undo_a_payment,
                                        put_more, tear_down),
        cmocka_unit_test_setup_teardown(everything_is_judged_at_once, put_more,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
