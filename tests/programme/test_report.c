/* Forms, submission, review, and what is frozen. */
#include "programme/report.h"

#include "programme/crosswalk.h"
#include "programme/small.h"

typedef struct {
    size_t n;
    char rule[16][40], message[16][200];
} told;

static void keep(void *context, const np_objection *o)
{
    told *t = context;
    if (o->warning || t->n == 16)
        return;
    snprintf(t->rule[t->n], 40, "%s", o->rule);
    snprintf(t->message[t->n++], 200, "%s", o->message);
}

static np_entry_options by(const char *who, told *t)
{
    return (np_entry_options){
        .who = who, .action = "submit", .why = "", .sink = keep, .context = t};
}

/* One indicator, a goal and a measure of halden, and questions of every sort. */
static void put_records(a_folder *f)
{
    begin(f);
    small_programme(f);
    small_put(f, "indicator", "rate", "name", "Absence", "version", "1", "definition",
              "Days lost", "uom", "per cent", "level", "result", "direction", "lower",
              "sort", "ratio", "numerator", "days lost", "denominator", "days agreed",
              "factor", "100", "low", "0", "high", "100", "period", "year",
              "across_organisations", "ratio", "across_units", "ratio", "across_periods",
              "none", NULL);
    small_put(f, "scheme", "why", "name", "Why", "version", "1", NULL);
    small_put(f, "category", NULL, "scheme", "why", "code", "extend", "name", "Extend",
              NULL);
    const char *const questions[][5] = {{"goals", "goals", "1", "Goals?", "1"},
                                        {"changed", "yes_no", "2", "Changed?", "1"},
                                        {"reason", "category", "3", "Why?", "0"},
                                        {"measures", "measures", "4", "Measures?", "1"},
                                        {"staff", "integer", "5", "How many?", "0"},
                                        {"learned", "text", "6", "Learned?", "0"},
                                        {"hindrances", "items", "7", "Hindrances?", "0"}};
    for (int version = 1; version <= 2; version++)
        for (size_t i = 0; i < 7; i++) {
            const char *template = version == 1 ? "annual-1" : "annual-2";
            small_put(f, "question", NULL, "template", template, "code", questions[i][0],
                      "answer", questions[i][1], "position", questions[i][2], "text",
                      questions[i][3], "required", questions[i][4],
                      i == 2 ? "scheme" : "repeats",
                      i == 2   ? "why"
                      : i == 6 ? "1"
                               : "0",
                      i == 6 ? "item_sort" : NULL, "hindrance_local", NULL);
            char from[40], to[40];
            snprintf(from, sizeof from, "annual-1/%s", questions[i][0]);
            snprintf(to, sizeof to, "annual-2/%s", questions[i][0]);
            if (version == 2)
                small_put(f, "question_crosswalk", NULL, "source", from, "target", to,
                          "relation",
                          i == 5   ? "converted"
                          : i == 1 ? "not_comparable"
                                   : "same",
                          NULL);
        }
    small_project(f, "halden", "Halden", "first");
    small_put(f, "goal", "halden-1", "project", "halden", "theme", "absence", "level",
              "result", "text", "Absence at 7", "indicator", "rate", "baseline", "8.2",
              "baseline_date", "2011-12-31", "baseline_source", "records",
              "baseline_scope", "all", "target", "7", "target_date", "2013-12-31", NULL);
    small_put(f, "measure", "halden-m1", "project", "halden", "theme", "absence", "name",
              "Follow-up", "starts", "2012-03-01", "n_covered", "40", NULL);
    assert_ok(f, np_store_commit(f->store, &f->err));
}

static void write_form(const a_folder *f, char path[192], const char *text)
{
    snprintf(path, 192, "%s/form.yaml", f->folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static np_form read_form(a_folder *f, const char *text, np_problems *problems)
{
    char path[192];
    np_form form = {0};
    write_form(f, path, text);
    assert_ok(f, np_form_read(&form, f->store,
                              np_arena_copy_text(f->arena, path, strlen(path)), f->arena,
                              problems, &f->err));
    remove(path);
    return form;
}

static np_report_result submit(a_folder *f, const char *text, bool draft, told *t,
                               np_entry_result *entry)
{
    np_problems problems = {0};
    np_form form = read_form(f, text, &problems);
    np_report_result result = NP_REPORT_REFUSED;
    np_report_options o = {
        .draft = draft, .received = "2013-01-30", .entry = by("per", t)};
    for (size_t i = 0; i < problems.n; i++)
        print_error("%s\n", problems.item[i].message);
    assert_int_equal(problems.n, 0);
    assert_ok(f,
              np_report_submit(&result, entry, f->store, &form, &o, f->arena, &f->err));
    return result;
}

#define FORM(answers)                                                                    \
    "report: {project: halden, template: annual-1, period: 2012}\nanswers:\n" answers

#define WHOLE                                                                            \
    FORM("  goals: [{goal: halden-1, numerator: 4 100, denominator: '50000', "           \
         "comment: Better}]\n"                                                           \
         "  changed: no\n"                                                               \
         "  measures:\n"                                                                 \
         "  - {measure: halden-m1, status: under_way, n_covered: 0}\n"                   \
         "  - {new: A course, status: planned}\n"                                        \
         "  staff: 12\n  learned: Start early\n"                                         \
         "  hindrances: [Too little time, Money]\n")

static int64_t count(a_folder *f, const char *kind)
{
    int64_t n = -1;
    assert_ok(f, np_store_count(&n, f->store, np_kind_find(kind), &f->err));
    return n;
}

static np_record get(a_folder *f, const char *kind, const char *id)
{
    np_record record = {0};
    assert_ok(f,
              np_store_get(&record, f->store, np_kind_find(kind), id, f->arena, &f->err));
    return record;
}

static void a_whole_form_becomes_the_report(void **state)
{
    a_folder *f = *state;
    told t = {0};
    np_entry_result entry;
    put_records(f);
    assert_int_equal(submit(f, WHOLE, false, &t, &entry), NP_REPORT_WRITTEN);
    np_record report = get(f, "report", "halden/annual-1/2012");
    assert_string_equal(np_record_text(&report, "status"), "submitted");
    assert_string_equal(np_record_text(&report, "received"), "2013-01-30");
    np_record m = get(f, "measurement", "rate/halden/-/-/-/2012/-");
    assert_true(np_record_number(&m, "value") == 8.2);
    np_record account = get(f, "measure_account", "halden/annual-1/2012/halden-m1");
    assert_int_equal(np_record_integer(&account, "n_covered", -1), 0);
    np_record status = get(f, "measure_status", "halden-m1/2012-12-31");
    assert_string_equal(np_record_text(&status, "status"), "under_way");
    np_record course = get(f, "measure", "halden-2");
    assert_string_equal(np_record_text(&course, "name"), "A course");
    np_record item = get(f, "item", "halden/annual-1/2012/hindrances/2");
    assert_string_equal(np_record_text(&item, "text"), "Money");
    assert_string_equal(np_record_text(&item, "sort"), "hindrance_local");
    np_record said = get(f, "item", "halden/annual-1/2012/goals/halden-1");
    assert_string_equal(np_record_text(&said, "goal"), "halden-1");
    np_record changed = get(f, "answer", "halden/annual-1/2012/annual-1/changed/-/-");
    assert_true(np_record_number(&changed, "value") == 0);
    assert_int_equal(count(f, "report_copy"), 1);
    assert_int_equal(count(f, "report_event"), 2);
}

static void the_same_again_is_no_second_submission(void **state)
{
    a_folder *f = *state;
    told t = {0};
    np_entry_result entry;
    char before[NP_HASH_LENGTH], after[NP_HASH_LENGTH];
    put_records(f);
    submit(f, WHOLE, false, &t, &entry);
    assert_ok(f, np_log_head(before, f->store, &f->err));
    assert_int_equal(submit(f, WHOLE, false, &t, &entry), NP_REPORT_ALREADY);
    assert_ok(f, np_log_head(after, f->store, &f->err));
    assert_string_equal(before, after);
    assert_int_equal(count(f, "measure"), 2);
}

static void what_lacks_is_all_told_and_nothing_written(void **state)
{
    a_folder *f = *state;
    told t = {0};
    np_entry_result entry;
    put_records(f);
    assert_int_equal(submit(f, FORM("  staff: 12\n"), false, &t, &entry),
                     NP_REPORT_REFUSED);
    assert_int_equal(t.n, 3);
    assert_int_equal(entry.n_objections, 3);
    assert_string_equal(t.message[0],
                        "the goal halden-1 has neither a value nor a reason: Absence at "
                        "7");
    assert_string_equal(t.message[1], "annual-1/changed is not answered: Changed?");
    assert_string_equal(
        t.message[2], "it does not say what became of the measure halden-m1: Follow-up");
    assert_int_equal(count(f, "report"), 0);
    assert_int_equal(count(f, "answer"), 0);
}

static void a_draft_may_lack_anything_and_loses_what_is_taken_out(void **state)
{
    a_folder *f = *state;
    told t = {0};
    np_entry_result entry;
    put_records(f);
    assert_int_equal(
        submit(f, FORM("  staff: 12\n  hindrances: [A, B]\n"), true, &t, &entry),
        NP_REPORT_WRITTEN);
    assert_int_equal(count(f, "item"), 2);
    assert_int_equal(submit(f, FORM("  hindrances: [A]\n"), true, &t, &entry),
                     NP_REPORT_WRITTEN);
    assert_int_equal(entry.n_retracted, 2);
    assert_int_equal(count(f, "item"), 1);
    assert_int_equal(count(f, "answer"), 0);
    np_record report = get(f, "report", "halden/annual-1/2012");
    assert_string_equal(np_record_text(&report, "status"), "draft");
    assert_null(np_record_text(&report, "received"));
    assert_int_equal(submit(f, FORM("  hindrances: [A]\n"), true, &t, &entry),
                     NP_REPORT_ALREADY);
}

static np_status review(a_folder *f, np_report_act act, const char *who, const char *note)
{
    told t = {0};
    np_entry_result result = {0};
    np_entry_options o = by(who, &t);
    f->err = (np_error){0};
    np_status status = np_report_review(&result, f->store, "halden/annual-1/2012", act,
                                        note, &o, f->arena, &f->err);
    for (size_t i = 0; i < t.n; i++)
        print_error("%s: %s\n", t.rule[i], t.message[i]);
    assert_true(status != NP_OK || result.written);
    return status;
}

static np_report_state state_of(a_folder *f)
{
    np_report_state s = {0};
    assert_ok(
        f, np_report_state_of(&s, f->store, "halden/annual-1/2012", f->arena, &f->err));
    return s;
}

static np_status submit_again(a_folder *f, const char *text)
{
    told t = {0};
    np_problems problems = {0};
    np_form form = read_form(f, text, &problems);
    np_report_result result;
    np_entry_result entry;
    np_report_options o = {.received = "2013-02-20", .entry = by("per", &t)};
    f->err = (np_error){0};
    return np_report_submit(&result, &entry, f->store, &form, &o, f->arena, &f->err);
}

#define OTHER_GOALS "  goals: [{goal: halden-1, missing: not_measured}]\n  changed: yes\n"
#define OTHER       FORM(OTHER_GOALS "  measures: [{measure: halden-m1, status: finished}]\n")
/* after a form that brought a second measure */
#define OTHER_OF_TWO                                                                     \
    FORM(OTHER_GOALS "  measures: [{measure: halden-m1, status: finished}, "             \
                     "{measure: halden-2, status: planned}]\n")

static void a_report_goes_through_its_states(void **state)
{
    a_folder *f = *state;
    told t = {0};
    np_entry_result entry;
    put_records(f);
    submit(f, WHOLE, false, &t, &entry);
    assert_int_equal(submit_again(f, OTHER_OF_TWO), NP_E_USAGE);
    assert_int_equal(review(f, NP_REPORT_RETURN, "anne", NULL), NP_E_USAGE);
    assert_int_equal(review(f, NP_REPORT_RETURN, "anne", "Say more"), NP_OK);
    assert_int_equal(submit_again(f, OTHER_OF_TWO), NP_OK);
    assert_int_equal(review(f, NP_REPORT_APPROVE, "per", NULL), NP_E_USAGE);
    assert_string_equal(f->err.message, "halden/annual-1/2012: who submitted a report "
                                        "does not approve it");
    assert_int_equal(review(f, NP_REPORT_APPROVE, "anne", NULL), NP_OK);
    np_report_state s = state_of(f);
    assert_true(s.approved && s.complete && !s.locked);
    assert_string_equal(s.received, "2013-01-30"); /* the first submission counts */
    assert_int_equal(submit_again(f, WHOLE), NP_E_USAGE);
    assert_int_equal(review(f, NP_REPORT_LOCK, "anne", NULL), NP_OK);
    assert_true(state_of(f).locked);
    assert_int_equal(review(f, NP_REPORT_RETURN, "anne", "No"), NP_E_USAGE);
    assert_int_equal(review(f, NP_REPORT_REOPEN, "anne", NULL), NP_E_USAGE);
    assert_int_equal(review(f, NP_REPORT_REOPEN, "anne", "A wrong number"), NP_OK);
    s = state_of(f);
    assert_string_equal(s.status, "returned");
    assert_false(s.locked);
    assert_int_equal(submit_again(f, WHOLE), NP_OK);
    assert_int_equal(state_of(f).n_events, 8);
}

static void on_time_needs_an_obligation_and_its_day(void **state)
{
    a_folder *f = *state;
    told t = {0};
    np_entry_result entry;
    put_records(f);
    submit(f, WHOLE, false, &t, &entry);
    assert_false(state_of(f).on_time);
    begin(f);
    small_put(f, "obligation", NULL, "project", "halden", "template", "annual-1",
              "period", "2012", "due", "2013-02-01", NULL);
    assert_ok(f, np_store_commit(f->store, &f->err));
    assert_true(state_of(f).on_time);
    begin(f);
    small_put(f, "obligation", NULL, "project", "halden", "template", "annual-1",
              "period", "2012", "due", "2013-01-29", NULL);
    assert_ok(f, np_store_commit(f->store, &f->err));
    assert_false(state_of(f).on_time);
}

static void frozen_copies_tell_what_was_submitted(void **state)
{
    a_folder *f = *state;
    told t = {0};
    np_entry_result entry;
    told judged = {0};
    put_records(f);
    submit(f, WHOLE, false, &t, &entry);
    review(f, NP_REPORT_RETURN, "anne", "Say more");
    submit_again(f, OTHER_OF_TWO);
    np_record first = get(f, "report_copy", "halden/annual-1/2012/2"),
              second = get(f, "report_copy", "halden/annual-1/2012/4");
    assert_non_null(strstr(np_record_text(&first, "body"), "Too little time"));
    assert_null(strstr(np_record_text(&second, "body"), "Too little time"));
    assert_string_equal(state_of(f).event[3].hash, np_record_text(&second, "hash"));
    assert_ok(f, np_rules_together(f->store, NULL, 0, keep, &judged, &f->err));
    assert_int_equal(judged.n, 0);
    np_draft draft;
    np_draft_of(&draft, &first);
    np_draft_text(&draft, "body", "{}");
    begin(f);
    assert_ok(f, np_store_put(f->store, &draft.record, NULL, &f->err));
    assert_ok(f, np_store_commit(f->store, &f->err));
    assert_ok(f, np_rules_together(f->store, NULL, 0, keep, &judged, &f->err));
    assert_int_equal(judged.n, 1);
    assert_string_equal(judged.rule[0], "copy_of_event");
    assert_false(state_of(f).event[1].is_intact);
}

static void problems_of_a_form_have_their_places(void **state)
{
    a_folder *f = *state;
    static const struct {
        const char *answers, *message;
        unsigned line;
    } cases[] = {
        {"  lerned: x\n", "answers has no such key", 3},
        {"  staff: about ten\n", "\"about ten\" will not do", 3},
        {"  staff: [1, 2]\n", "only one answer may be given here", 3},
        {"  staff: {value: 1, missing: blank}\n", "either a value or why it is missing",
         3},
        {"  staff:\n    missing: unknown\n", "\"unknown\" will not do", 4},
        {"  reason: exted\n", "\"exted\" is no category of why", 3},
        {"  goals: {goal: halden-1}\n", "a list is expected here", 3},
        {"  goals:\n  - {goal: halden-9, value: 1}\n",
         "the project has no goal \"halden-9\"", 4},
        {"  measures:\n  - {measure: halden-m1, status: done}\n", "\"done\" will not do",
         4},
        {"  measures:\n  - {new: A course}\n", "a new measure needs its status", 4},
        {"  hindrances:\n  - {txt: A}\n", "hindrances has no such key", 4},
    };
    put_records(f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        np_problems problems = {0};
        char text[400];
        snprintf(text, sizeof text, FORM("%s"), cases[i].answers);
        read_form(f, text, &problems);
        assert_true(problems.n >= 1);
        if (strncmp(problems.item[0].message, cases[i].message,
                    strlen(cases[i].message)) != 0)
            print_error("%s\n", problems.item[0].message);
        assert_int_equal(
            strncmp(problems.item[0].message, cases[i].message, strlen(cases[i].message)),
            0);
        assert_int_equal(problems.item[0].line, cases[i].line);
    }
}

static const char *form_of(a_folder *f, const char *template, const char *period)
{
    np_buf buf = {0};
    assert_ok(
        f, np_form_write(&buf, f->store, "halden", template, period, f->arena, &f->err));
    char *text = np_arena_copy_text(f->arena, buf.text, buf.length);
    np_buf_free(&buf);
    return text;
}

static void assert_has(const char *form, const char *part)
{
    if (strstr(form, part) == NULL)
        print_error("%s\nlacks\n%s\n", form, part);
    assert_non_null(strstr(form, part));
}

static void the_next_form_starts_from_the_last_report(void **state)
{
    a_folder *f = *state;
    told t = {0};
    np_entry_result entry;
    put_records(f);
    submit(f, WHOLE, false, &t, &entry);
    const char *form = form_of(f, "annual-2", "2013");
    assert_has(form, "# Filled in from halden/annual-1/2012\n");
    assert_has(form,
               "  - goal: halden-1\n    # Absence at 7\n    # baseline 8.2; target 7 "
               "by 2013-12-31\n    # So far: 2012: 8.2\n");
    assert_has(form, "  - measure: halden-m1\n    # Follow-up\n    status:       # last: "
                     "under_way\n");
    assert_has(form, "  - measure: halden-2\n    # A course\n");
    assert_has(form, "  # Last report: 12\n  staff:\n");
    assert_has(form, "look the answer over.\n  learned: \"Start early\"\n");
    assert_has(form, "cannot be compared with this one.\n  changed:\n");
    assert_has(form, "  hindrances:\n  - \"Too little time\"\n  - \"Money\"\n");
}

/* Else what stands on the second line would be read as an answer. */
static void texts_of_several_lines_stay_within_the_comments_of_a_form(void **state)
{
    a_folder *f = *state;
    np_record indicator;
    np_draft draft;
    put_records(f);
    assert_ok(f, np_store_get(&indicator, f->store, np_kind_find("indicator"), "rate",
                              f->arena, &f->err));
    np_draft_of(&draft, &indicator);
    np_draft_text(&draft, "definition", "Days\rlost\r\nof all");
    np_draft_text(&draft, "numerator", "days lost\nchanged: yes");
    begin(f);
    assert_ok(f, np_store_put(f->store, &draft.record, NULL, &f->err));
    assert_ok(f, np_store_commit(f->store, &f->err));
    const char *form = form_of(f, "annual-2", "2013");
    assert_has(form, "    numerator:    # days lost changed: yes\n");
}

static void a_form_that_is_begun_is_written_as_it_stands(void **state)
{
    a_folder *f = *state;
    told t = {0};
    np_entry_result entry;
    put_records(f);
    submit(f, WHOLE, true, &t, &entry);
    const char *form = form_of(f, "annual-1", "2012");
    assert_has(form, "  staff: 12\n");
    assert_has(form, "  changed: no\n");
    assert_has(form, "    value: 8.2\n    numerator: 4100\n    denominator: 50000\n");
    assert_has(form, "    status: under_way\n    n_covered: 0\n");
    assert_has(form, "    comment: \"Better\"\n");
    /* and reads back as the same */
    assert_int_equal(submit(f, form, true, &t, &entry), NP_REPORT_ALREADY);
}

static void what_else_is_said_of_a_value_is_written_again(void **state)
{
    a_folder *f = *state;
    told t = {0};
    np_entry_result entry;
    put_records(f);
    submit(f,
           FORM("  goals: [{goal: halden-1, numerator: 4100, denominator: 50000, "
                "scope: 'Care: all', n_people: 120, break_in_series: yes, "
                "note: New register}]\n"),
           true, &t, &entry);
    const char *form = form_of(f, "annual-1", "2012");
    assert_has(form, "    scope: \"Care: all\"\n    note: \"New register\"\n"
                     "    n_people: 120\n    break_in_series: yes\n");
    assert_int_equal(submit(f, form, true, &t, &entry), NP_REPORT_ALREADY);
}

static void a_finished_measure_needs_no_more_account(void **state)
{
    a_folder *f = *state;
    told t = {0};
    np_entry_result entry;
    put_records(f);
    submit(f, OTHER, false, &t, &entry);
    assert_null(strstr(form_of(f, "annual-2", "2013"), "- measure: halden-m1"));
    const np_report_gap *gap;
    size_t n;
    assert_ok(f, np_report_gaps(&gap, &n, f->store, "halden", "annual-2", "2013",
                                f->arena, &f->err));
    assert_int_equal(n, 2);
    assert_string_equal(gap[0].kind, "goal");
    assert_string_equal(gap[1].id, "annual-2/changed");
}

static void crosswalks_lead_over_several_versions(void **state)
{
    a_folder *f = *state;
    const np_carried *c;
    size_t n;
    put_records(f);
    begin(f);
    small_put(f, "template", "annual-3", "name", "Annual report", "sort", "annual",
              "version", "3", "due_month", "2", "due_day", "1", NULL);
    for (size_t i = 0; i < 2; i++) {
        const char *code = i == 0 ? "goals" : "learned";
        char from[40], to[40];
        snprintf(from, sizeof from, "annual-2/%s", code);
        snprintf(to, sizeof to, "annual-3/%s", code);
        small_put(f, "question", NULL, "template", "annual-3", "code", code, "answer",
                  "text", "position", "1", "text", "T", NULL);
        small_put(f, "question_crosswalk", NULL, "source", from, "target", to, "relation",
                  "same", "note", i == 0 ? "as before" : NULL, NULL);
    }
    small_put(f, "question", NULL, "template", "annual-3", "code", "new", "answer",
              "text", "position", "2", "text", "T", NULL);
    assert_ok(f, np_store_commit(f->store, &f->err));
    assert_ok(f, np_crosswalk_questions(&c, &n, f->store, "annual-1", "annual-3",
                                        f->arena, &f->err));
    assert_int_equal(n, 2);
    assert_string_equal(c[0].source, "annual-1/goals");
    assert_int_equal(c[0].carries, NP_CARRIES_SAME);
    assert_string_equal(c[0].note, "as before");
    assert_string_equal(c[1].source, "annual-1/learned");
    assert_int_equal(c[1].carries, NP_CARRIES_CONVERTED);
    assert_ok(f, np_crosswalk_questions(&c, &n, f->store, "annual-3", "annual-3",
                                        f->arena, &f->err));
    assert_int_equal(n, 3);
    assert_ok(f, np_crosswalk_questions(&c, &n, f->store, "annual-3", "annual-1",
                                        f->arena, &f->err));
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_whole_form_becomes_the_report, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_same_again_is_no_second_submission, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_lacks_is_all_told_and_nothing_written,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_draft_may_lack_anything_and_loses_what_is_taken_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_report_goes_through_its_states, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(on_time_needs_an_obligation_and_its_day, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(frozen_copies_tell_what_was_submitted, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(problems_of_a_form_have_their_places, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_next_form_starts_from_the_last_report, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            texts_of_several_lines_stay_within_the_comments_of_a_form, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_form_that_is_begun_is_written_as_it_stands,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_else_is_said_of_a_value_is_written_again,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_finished_measure_needs_no_more_account, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(crosswalks_lead_over_several_versions, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
