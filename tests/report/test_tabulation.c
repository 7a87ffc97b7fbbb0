/* A table as people read it, in three languages, and as JSON. */
#include "evaluation/tables_folder.h"

#include <jansson.h>

static const char records[] =
    "theme absence name=Absence\n"
    "cohort p1 name=Cohort_1 name_nb=Pulje_1 starts=2011-10-01 ends=2015-12-31\n"
    "project halden name=Halden cohort=p1\n"
    "project moss name=Moss cohort=p1\n"
    "scheme types name=Types version=1\n"
    "category - scheme=types code=courses name=Courses name_nb=Kurs position=1\n"
    "category - scheme=types code=systems name=Systems name_nb=Systemer position=2 "
    "first_period=2014\n"
    "item a sort=measure period=2014 project=halden\n"
    "item b sort=measure period=2014 project=halden reconstructed=yes\n"
    "item c sort=measure period=2013 project=moss\n"
    "item d sort=measure period=2013 project=moss\n"
    "label - item=a category=types/courses coder=kari\n"
    "label - item=b category=types/systems coder=kari\n"
    "label - item=c category=types/courses coder=kari\n";

static const char table[] =
    "tables:\n"
    "- id: types\n"
    "  title: {en: Measures by type, nb: Tiltak etter type, nn: Tiltak etter type}\n"
    "  unit: {en: measures, nb: tiltak, nn: tiltak}\n"
    "  of: item\n"
    "  where: {sort: measure, period: {at_least: 2013}}\n"
    "  rows: {scheme: types}\n"
    "  columns: [{by: period, values: [2014, 2013]}, {show: [count, percent]}]\n"
    "  totals: [{id: n, title: N, count: id}]\n"
    "  notes: [A note]\n"
    "  source: A source\n";

static const char *rendered(a_folder *f, const a_table *t, np_language language,
                            np_doc_format format)
{
    np_buf buf = {0};
    np_doc doc = np_doc_new(f->arena, language, "Tables", NULL);
    assert_ok(f, np_tabulation_doc(&doc, &t->result, &f->err));
    np_doc_render(&buf, &doc, format);
    const char *text = np_arena_copy_text(f->arena, np_buf_done(&buf), buf.length);
    np_buf_free(&buf);
    return text;
}

static void under_a_table_stands_what_a_reader_must_know(void **state)
{
    a_folder *f = *state;
    a_table t;
    put_lines(f, records);
    compute(f, &t, table);
    assert_string_equal(
        rendered(f, &t, NP_ENGLISH, NP_MARKDOWN),
        "# Tables\n\n**Table 1. Measures by type**\n\n"
        "|  | 2014, Number | 2014, Per cent | 2013, Number | 2013, Per cent |\n"
        "|:---|---:|---:|---:|---:|\n"
        "| Courses | 1 | 50 | 1 | 100 |\n"
        "| Systems | 1 | 50 | \xE2\x80\x93 | \xE2\x80\x93 |\n"
        "| N | 2 |  | 2 |  |\n\n"
        "Unit: measures. N = 4 records of the kind item.\n\n"
        "They are of 2 different units (project else bearer).\n\n"
        "Scope: sort = measure; period \xE2\x89\xA5 2013.\n\n"
        "Base of per cents: all records of the column that have a row.\n\n"
        "A record is in one row. Cross-section: the units of each column.\n\n"
        "Rounded half away from zero.\n\n"
        "1 of the 4 records are reconstructed from printed counts.\n\n"
        "Left out: not coded (records: 1): Moss.\n\n"
        "\xE2\x80\x93 was not asked for; 0 is a count.\n\n"
        "A note\n\n"
        "Source: A source\n\n"
        "> Check failed: 2013, Number: the rows sum to 1, N says 2.\n");
}

static void the_base_of_per_cents_is_the_row_that_it_is(void **state)
{
    a_folder *f = *state;
    a_table t;
    put_lines(f, records);
    compute(
        f, &t,
        "tables:\n"
        "- id: t\n"
        "  title: T\n"
        "  of: item\n"
        "  rows: {scheme: types}\n"
        "  show: {count: id, percent_of: n}\n"
        "  totals: [{id: n, title: {en: Reports, nb: Rapporter}, distinct: project}]\n");
    assert_non_null(strstr(rendered(f, &t, NP_ENGLISH, NP_MARKDOWN),
                           "Base of per cents: the row \"Reports\"."));
}

static void a_table_speaks_the_language_of_its_reader(void **state)
{
    a_folder *f = *state;
    a_table t;
    np_language_set(NP_BOKMAAL);
    put_lines(f, records);
    compute(f, &t, table);
    const char *text = rendered(f, &t, NP_BOKMAAL, NP_TEXT);
    static const char *const said[] = {
        "Tiltak etter type",
        "Kurs",
        "Systemer",
        "Antall",
        "Enhet: tiltak. N = 4",
        "Avrundet med halve bort fra null.",
        "Utelatt: ikke kodet (poster: 1): Moss.",
        "Kontroll som ikke holdt: 2013, Antall: radene summerer seg til 1, N sier 2."};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        if (strstr(text, said[i]) == NULL)
            print_error("not there: %s\n%s\n", said[i], text);
        assert_non_null(strstr(text, said[i]));
    }
    np_language_set(NP_ENGLISH);
}

static void json_has_the_unrounded_values_and_all_that_is_said(void **state)
{
    a_folder *f = *state;
    a_table t;
    put_lines(f, records);
    compute(f, &t, table);
    np_buf buf = {0};
    const np_tabulation_result *results[] = {&t.result};
    np_tabulation_json(&buf, results, 1, NP_ENGLISH, f->arena);
    json_t *root = json_loads(np_buf_done(&buf), 0, NULL);
    assert_non_null(root);
    json_t *one = json_array_get(json_object_get(root, "tables"), 0);
    assert_string_equal(json_string_value(json_object_get(one, "id")), "types");
    assert_float_equal(json_number_value(json_object_get(one, "n")), 4, 0);
    json_t *row = json_array_get(json_object_get(one, "cells"), 1);
    json_t *share = json_array_get(row, 1), *dash = json_array_get(row, 2);
    assert_float_equal(json_number_value(json_object_get(share, "value")), 50, 0);
    assert_float_equal(json_number_value(json_object_get(share, "base")), 2, 0);
    assert_string_equal(json_string_value(json_object_get(dash, "missing")), "not_asked");
    json_t *left = json_array_get(json_object_get(one, "left_out"), 0);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(left, "names"), 0)), "Moss");
    json_t *check = json_array_get(json_object_get(one, "checks"), 0);
    assert_true(json_is_false(json_object_get(check, "holds")));
    json_decref(root);
    np_buf_free(&buf);
}

static void head_cells_span_the_columns_below_them(void **state)
{
    a_folder *f = *state;
    a_table t;
    put_lines(f, records);
    compute(f, &t, table);
    np_doc doc = np_doc_new(f->arena, NP_ENGLISH, "Tables", NULL);
    assert_ok(f, np_tabulation_doc(&doc, &t.result, &f->err));
    const np_doc_table *made = doc.node[0].table;
    assert_int_equal(made->n_columns, 5);
    assert_int_equal(made->n_head, 2);
    assert_int_equal(made->head[0].n_cells, 3);
    assert_int_equal(made->head[0].cell[1].column_span, 2);
    assert_string_equal(made->head[0].cell[2].text, "2013");
    assert_int_equal(made->head[1].n_cells, 5);
    assert_float_equal(made->row[0].cell[2].value, 50, 0);
    assert_true(made->row[2].rule_above);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(under_a_table_stands_what_a_reader_must_know),
        TEST(the_base_of_per_cents_is_the_row_that_it_is),
        TEST(a_table_speaks_the_language_of_its_reader),
        TEST(json_has_the_unrounded_values_and_all_that_is_said),
        TEST(head_cells_span_the_columns_below_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
