/* programme.yaml: what it becomes, and what is said of what is wrong in it. */
#include "programme/programme.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "programme/starter.h"
#include "store/store.h"
#include "support/check.h"

typedef struct {
    np_arena *arena;
    np_problems problems;
    np_definition definition;
    np_error err;
} reading;

static int set_up_reading(void **state)
{
    reading *r = calloc(1, sizeof *r);
    if (r != NULL)
        r->arena = np_arena_new(0);
    *state = r;
    return r == NULL || r->arena == NULL;
}

static int tear_down_reading(void **state)
{
    reading *r = *state;
    np_arena_free(r->arena);
    free(r);
    return 0;
}

static np_status read_text(reading *r, const char *text)
{
    return np_definition_read_text(&r->definition, text, strlen(text), "programme.yaml",
                                   r->arena, &r->problems, &r->err);
}

static void read_well(reading *r, const char *text)
{
    np_status status = read_text(r, text);
    for (size_t i = 0; i < r->problems.n; i++)
        print_error("%u: %s: %s\n", r->problems.item[i].line, r->problems.item[i].field,
                    r->problems.item[i].message);
    assert_int_equal(status, NP_OK);
    assert_int_equal(r->problems.n_seen, 0);
}

static const np_record *defined(const reading *r, const char *kind, const char *id)
{
    for (size_t i = 0; i < r->definition.n; i++) {
        const np_record *record = &r->definition.item[i].record;
        if (strcmp(record->kind->name, kind) == 0 && strcmp(record->id, id) == 0)
            return record;
    }
    print_error("no %s %s\n", kind, id);
    fail();
    return NULL;
}

/* All problems, a line each: "3:5: field: message; hint". */
static const char *problems_of(reading *r, const char *text)
{
    np_buf all = {0};
    assert_int_equal(read_text(r, text), NP_OK);
    for (size_t i = 0; i < r->problems.n; i++) {
        char line[2048];
        np_error_format(&r->problems.item[i], line, sizeof line);
        np_buf_format(&all, "%s\n", line + strlen("programme.yaml:"));
    }
    const char *copy = np_arena_copy_text(r->arena, np_buf_done(&all), all.length);
    np_buf_free(&all);
    return copy;
}

#define PROGRAMME "programme: {id: p, name: P, starts: 2011-01-01, ends: 2015-12-31}\n"

static void a_name_is_one_text_or_several_languages(void **state)
{
    reading *r = *state;
    read_well(r, PROGRAMME "themes:\n"
                           "  - {id: absence, name: {en: Absence, nb: Fravær}}\n"
                           "  - {id: skill, name: Kompetanse}\n"
                           "  - {id: pride, name: {nn: Omdøme}}\n");
    assert_int_equal(r->definition.n, 4);
    const np_record *absence = defined(r, "theme", "absence");
    assert_string_equal(np_record_text(absence, "name"), "Absence");
    assert_string_equal(np_record_text(absence, "name_nb"), "Fravær");
    assert_null(np_record_text(absence, "name_nn"));
    assert_string_equal(np_record_text(defined(r, "theme", "skill"), "name"),
                        "Kompetanse");
    const np_record *pride = defined(r, "theme", "pride");
    assert_string_equal(np_record_text(pride, "name"), "Omdøme");
    assert_string_equal(np_record_text(pride, "name_nn"), "Omdøme");
}

static void categories_and_crosswalks_stand_in_their_scheme(void **state)
{
    reading *r = *state;
    read_well(r, PROGRAMME
              "schemes:\n"
              "  - id: hindrance-1\n"
              "    name: Hindrances\n"
              "    categories: [{code: local, name: Local}, {code: time, name: Time, "
              "parent: local}]\n"
              "  - id: hindrance-2\n"
              "    name: Hindrances\n"
              "    version: 2\n"
              "    previous: hindrance-1\n"
              "    several: yes\n"
              "    categories: [{code: hours, name: Hours}]\n"
              "    crosswalk: [{source: time, target: hours, relation: exact}]\n");
    const np_record *time = defined(r, "category", "hindrance-1/time");
    assert_string_equal(np_record_text(time, "parent"), "hindrance-1/local");
    assert_int_equal(np_record_integer(time, "position", 0), 2);
    const np_record *link = defined(r, "crosswalk", "hindrance-1/time/hindrance-2/hours");
    assert_string_equal(np_record_text(link, "source"), "hindrance-1/time");
    assert_int_equal(np_record_integer(defined(r, "scheme", "hindrance-2"), "several", 0),
                     1);
    assert_int_equal(np_record_integer(defined(r, "scheme", "hindrance-1"), "version", 0),
                     1);
}

static void a_template_has_its_day_and_questions(void **state)
{
    reading *r = *state;
    read_well(r, PROGRAMME
              "templates:\n"
              "  - id: annual-1\n"
              "    name: Annual report\n"
              "    sort: annual\n"
              "    due: 1 February\n"
              "    due_years_after: 1\n"
              "    questions: [{code: done, text: What was done?, answer: text}]\n"
              "  - id: annual-2\n"
              "    name: Annual report\n"
              "    sort: annual\n"
              "    version: 2\n"
              "    due: 1 February\n"
              "    questions: [{code: did, text: What was done?, answer: text}]\n"
              "    crosswalk: [{source: done, target: did, relation: same}]\n");
    const np_record *template = defined(r, "template", "annual-1");
    assert_int_equal(np_record_integer(template, "due_month", 0), 2);
    assert_int_equal(np_record_integer(template, "due_day", 0), 1);
    defined(r, "question_crosswalk", "annual-1/done/annual-2/did");
}

static void everything_wrong_is_told_at_once_and_where(void **state)
{
    reading *r = *state;
    const char *all = problems_of(
        r, "programme: {id: p, name: P, starts: 2011-01-01, ends: 2010-12-31}\n"
           "themes:\n"
           "  - {id: absence, nme: Absence}\n"
           "  - {id: absence, name: Absence}\n"
           "cohorts:\n"
           "  - {id: one, name: One, starts: soon, ends: 2012-13-01}\n"
           "schemes:\n"
           "  - id: h\n"
           "    name: H\n"
           "    theme: absense\n"
           "    sort: hindrances\n"
           "    categories: [{code: a b, name: ''}]\n"
           "grant: []\n");
    static const char *const told[] = {
        "1:55: ends: 2010-12-31 is before starts, 2011-01-01",
        ("3:19: nme: a theme has no such key; did you mean name? Allowed are: id, name, "
         "goal"),
        "3:5: name: a theme must have this key",
        "4:10: id: absence stands twice; it stands on line 3 already",
        "6:34: starts: \"soon\"",
        "6:46: ends: \"2012-13-01\"",
        "10:12: theme: there is no theme \"absense\" in this file; did you mean absence?",
        "11:11: sort: ",
        "12:25: code: \"a b\" is no identifier",
        "12:36: name: it may not be empty",
        "13:1: grant: programme.yaml has no such key; did you mean grants?",
    };
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (strstr(all, told[i]) == NULL) {
            print_error("not told: %s\nbut:\n%s", told[i], all);
            fail();
        }
    assert_int_equal(r->problems.n_seen, sizeof told / sizeof *told);
}

#define INDICATOR                                                                        \
    "indicators: [{id: i, name: I, definition: D, uom: u, level: result, "               \
    "direction: lower, period: year, across_units: none, across_periods: none, "
#define TEMPLATE "{id: a, name: A, sort: annual, due: 1 June, "
#define QUESTION "templates: [" TEMPLATE "questions: [{code: q, text: Q, "

/* One thing is wrong with each, and that is what is said. */
static void what_cannot_be_is_refused(void **state)
{
    static const struct {
        const char *text, *told;
    } wrong[] = {
        {"cohorts: [{id: c, name: C, starts: 2012-01-01, ends: 2011-06-01}]",
         "ends: 2011-06-01 is before starts, 2012-01-01"},
        {"cohorts: [{id: c, name: C, invited: 2011-05-01, deadline: 2011-04-01, starts: "
         "2012-01-01, ends: 2012-06-01}]",
         "deadline: 2011-04-01 is before invited, 2011-05-01"},
        {"cohorts: [{id: c, name: C, deadline: 2013-04-01, starts: 2012-01-01, ends: "
         "2012-06-01}]",
         "starts: 2012-01-01 is before deadline, 2013-04-01"},
        {"cohorts: [{id: c, name: C, starts: 2012-01-01, ends: 2016-06-01}]",
         "ends: 2016-06-01 is after the programme ends, 2015-12-31"},
        {INDICATOR
         "sort: ratio, numerator: n, denominator: d, across_organisations: none}]",
         "factor: a ratio must have numerator, denominator and factor"},
        {INDICATOR "sort: ratio, numerator: n, denominator: d, factor: 100, "
                   "across_organisations: mean}]",
         "across_organisations: a ratio is computed anew and never a mean of ratios"},
        {INDICATOR "sort: count, across_organisations: ratio}]",
         "across_organisations: only ratios have numerators"},
        {INDICATOR "sort: count, denominator: d, across_organisations: sum}]",
         "denominator: only a ratio has one, and this is a count"},
        {INDICATOR "sort: ratio, numerator: n, denominator: d, factor: 0, "
                   "across_organisations: none}]",
         "factor: a factor is above 0"},
        {INDICATOR "sort: number, low: 5, high: 4, across_organisations: none}]",
         "high: the highest value, 4, is below the lowest, 5"},
        {INDICATOR "sort: number, decimals: 10, across_organisations: none}]",
         "decimals: 0 to 9 decimals can be printed"},
        {INDICATOR "sort: number, version: 0, across_organisations: none}]",
         "version: versions are 1, 2, 3"},
        {"schemes: [{id: a, name: A}, {id: b, name: B, previous: a}]",
         "version: version 1 takes the place of version 1 (a)"},
        {"schemes: [{id: a, name: A}, {id: b, name: B, version: 2, previous: a}, {id: c, "
         "name: C, version: 2, previous: a}]",
         "previous: two schemes take the place of a; the other is on line 2"},
        {"schemes: [{id: a, name: A, categories: [{code: x, name: X, parent: y}, {code: "
         "y, "
         "name: Y}]}]",
         "parent: a group stands before the categories that are in it"},
        {"schemes: [{id: a, name: A, categories: [{code: x, name: X}]}, {id: b, name: B, "
         "categories: [{code: y, name: Y, parent: a/x}]}]",
         "parent: a/x is a category of another scheme"},
        {"schemes: [{id: a, name: A, categories: [{code: x, name: X}, {code: y, name: "
         "Y}], "
         "crosswalk: [{source: a/x, target: y, relation: exact}]}]",
         "source: a/x is of this version itself"},
        {"schemes: [{id: a, name: A, categories: [{code: x, name: X}], crosswalk: "
         "[{source: "
         "x, target: x, relation: exact}]}]",
         "source: there is no category \"x\" in this file; say which: \"scheme/code\""},
        {"templates: [{id: a, name: A, sort: annual, due: 31 June}]",
         "due: \"31 June\" is no day that every year has; the day and the month in "
         "English: 1 June"},
        {"templates: [{id: a, name: A, sort: annual, due: 02-01}]",
         "due: \"02-01\" is no day that every year has"},
        {"templates: [" TEMPLATE "first_period: 2012S1}]",
         "first_period: an annual report is of years: 2012"},
        {"templates: [{id: a, name: A, sort: half_year, due: 1 June, first_period: "
         "2012}]",
         "first_period: a half-year report is of half-years: 2012S1"},
        {"templates: [" TEMPLATE "first_period: 2012, last_period: 2011}]",
         "last_period: 2011 is before first_period, 2012"},
        {"templates: [" TEMPLATE "}, {id: b, name: B, sort: annual, due: 1 June}]",
         "version: version 1 of the annual report stands on line 2 already"},
        {"templates: [" TEMPLATE
         "first_period: 2013}, {id: b, name: B, sort: annual, due: "
         "1 June, version: 2, first_period: 2012}]",
         "first_period: version 1 begins with 2013, and version 2 with 2012"},
        {"templates: [" TEMPLATE "due_years_after: 10}]",
         "due_years_after: a report is due 0 to 9 years after"},
        {QUESTION "answer: category}]}]",
         "scheme: an answer of the sort category must have one"},
        {QUESTION "answer: measurement}]}]",
         "indicator: an answer of the sort measurement must have one"},
        {QUESTION "answer: items}]}]",
         "item_sort: an answer of the sort items must have one"},
        {"schemes: [{id: s, name: S}]\n" QUESTION "answer: number, scheme: s}]}]",
         "scheme: an answer of the sort number has none"},
        {QUESTION
         "answer: text}]}, {id: b, name: B, sort: annual, version: 2, due: 1 June, "
         "questions: [{code: q, text: Q, answer: number}], crosswalk: [{source: q, "
         "target: q, relation: same}]}]",
         "relation: text and number are not the same sort of answer"},
        {"grants: [{id: g, name: G, amount_per_year: -1}]",
         "amount_per_year: a grant is no negative amount"},
        {"grants: [{id: g, name: G, amount_per_year: 1, hold_back_share: 10}]",
         "hold_back_share: a share is between 0 and 1; a tenth is 0.1"},
        {"grants: [{id: g, name: {en: G}, amount_per_year: 1}]",
         "name: a text is expected here; it is one text, without languages or lists"},
        {"themes: [{id: t, name: T}, {id: t, name: T}]",
         "id: t stands twice; it stands on line 2 already"},
        {"schemes: [{id: a, name: A, categories: [{code: x, name: X}, {code: x, name: "
         "Y}]}]",
         "a/x stands twice"},
        {"themes: [{id: t, name: {en: T, fr: U}}]",
         "fr: a text per language has no such key"},
        {"themes: [absence]", "a theme is written as key: value"},
    };
    reading *r = *state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        np_buf text = {0};
        np_buf_format(&text, "%s%s\n", PROGRAMME, wrong[i].text);
        memset(&r->problems, 0, sizeof r->problems);
        const char *all = problems_of(r, np_buf_done(&text));
        if (strstr(all, wrong[i].told) == NULL || r->problems.n_seen != 1)
            print_error("of\n%s\nis said:\n%s\nand not:\n%s\n", wrong[i].text, all,
                        wrong[i].told);
        assert_non_null(strstr(all, wrong[i].told));
        assert_int_equal(r->problems.n_seen, 1);
        np_buf_free(&text);
    }
}

/* The first ```yaml of the page. */
static const char *documented_example(reading *r, const char **page)
{
    np_buf text = {0};
    assert_int_equal(np_file_read(&text, NP_DOCS "/programme.md", 1 << 20, &r->err),
                     NP_OK);
    const char *all = np_arena_copy_text(r->arena, np_buf_done(&text), text.length);
    np_buf_free(&text);
    const char *begin = strstr(all, "```yaml\n");
    assert_non_null(begin);
    begin += strlen("```yaml\n");
    const char *end = strstr(begin, "\n```");
    assert_non_null(end);
    *page = all;
    return np_arena_copy_text(r->arena, begin, (size_t)(end - begin) + 1);
}

static void the_documented_example_is_right(void **state)
{
    reading *r = *state;
    const char *page;
    read_well(r, documented_example(r, &page));
    defined(r, "crosswalk", "hindrance-1/time/hindrance-2/money");
    defined(r, "question_crosswalk", "annual-1/goals/annual-2/goals");
    defined(r, "grant_scheme", "grant");
    assert_string_equal(
        np_record_text(defined(r, "question", "annual-2/hindrances"), "scheme"),
        "hindrance-2");
}

static void a_starter_is_a_right_definition(void **state)
{
    static const char *const names[] = {"minimal", "municipal"};
    reading *r = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        np_buf text = {0};
        np_starter_text(&text, names[i], 2027);
        const char *copy = np_arena_copy_text(r->arena, np_buf_done(&text), text.length);
        np_buf_free(&text);
        assert_non_null(strstr(NP_STARTERS, names[i]));
        read_well(r, copy);
        assert_string_equal(
            np_record_text(defined(r, "programme", "programme"), "starts"), "2027-01-01");
    }
    defined(r, "category", "full-time-measures/long-shifts-weekend");
    assert_int_equal(
        np_record_integer(defined(r, "template", "half-year-1"), "due_month", 0), 6);
    assert_true(np_record_number(defined(r, "grant_scheme", "participation"),
                                 "amount_per_year") == 300000);
}

/* The hint of an unknown key lists the keys that there are; the page has each. */
static void every_key_is_documented(void **state)
{
    static const char *const sections[] = {
        "programme", "themes", "cohorts", "indicators", "schemes", "templates", "grants"};
    reading *r = *state;
    const char *page;
    documented_example(r, &page);
    for (size_t s = 0; s < sizeof sections / sizeof *sections; s++) {
        char text[128];
        snprintf(text, sizeof text,
                 "%s: {zzzzzz: 1, categories: {zzzzzz: 1}, "
                 "questions: {zzzzzz: 1}, crosswalk: {zzzzzz: 1}}\n",
                 sections[s]);
        const char *keys = strstr(problems_of(r, text), "Allowed are: ");
        for (; keys != NULL; keys = strstr(keys, "Allowed are: ")) {
            keys += strlen("Allowed are: ");
            while (*keys != '\n') {
                char key[64];
                size_t length = strcspn(keys, ",\n");
                snprintf(key, sizeof key, "`%.*s`", (int)length, keys);
                if (strstr(page, key) == NULL)
                    print_error("%s is not in docs/programme.md\n", key);
                assert_non_null(strstr(page, key));
                keys += length + strspn(keys + length, ", ");
            }
        }
        memset(&r->problems, 0, sizeof r->problems);
    }
}

static void memory_that_runs_out_is_an_error_and_no_crash(void **state)
{
    reading *r = *state;
    const char *page, *text = documented_example(r, &page);
    size_t n = 1;
    for (np_status status = NP_E_NO_MEMORY; status != NP_OK; n++) {
        np_arena *arena = np_arena_new(0);
        np_error err = {0};
        memset(&r->problems, 0, sizeof r->problems);
        np_arena_fail_at(arena, n);
        status = np_definition_read_text(&r->definition, text, strlen(text), "p.yaml",
                                         arena, &r->problems, &err);
        if (status != NP_OK)
            assert_int_equal(status, NP_E_NO_MEMORY);
        np_arena_free(arena);
    }
    assert_true(n > 100);
    assert_int_equal(r->problems.n_seen, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define OF(test) cmocka_unit_test_setup_teardown(test, set_up_reading, tear_down_reading)
        OF(a_name_is_one_text_or_several_languages),
        OF(categories_and_crosswalks_stand_in_their_scheme),
        OF(a_template_has_its_day_and_questions),
        OF(everything_wrong_is_told_at_once_and_where),
        OF(what_cannot_be_is_refused),
        OF(memory_that_runs_out_is_an_error_and_no_crash),
        OF(the_documented_example_is_right),
        OF(every_key_is_documented),
        OF(a_starter_is_a_right_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
