/* How a mapping makes records of somebody's columns, and what is said of one that cannot.
 */
#include "programme/folder.h"

static np_problems problems;

static np_mapping read_text(a_programme *f, const char *text)
{
    np_mapping m = {0};
    problems = (np_problems){0};
    assert_ok(f, np_mapping_read_text(&m, text, strlen(text), "m.yaml", f->arena,
                                      &problems, &f->err));
    return m;
}

/* The one problem of the text is at the line, and its message or hint has the words. */
static void has_problem(a_programme *f, const char *text, uint32_t line,
                        const char *words)
{
    read_text(f, text);
    bool found = false;
    for (size_t i = 0; i < problems.n; i++)
        found = found || (problems.item[i].line == line &&
                          (strstr(problems.item[i].message, words) != NULL ||
                           strstr(problems.item[i].hint, words) != NULL));
    for (size_t i = 0; i < problems.n && !found; i++)
        print_error("%u: %s; %s\n", problems.item[i].line, problems.item[i].message,
                    problems.item[i].hint);
    assert_true(found);
}

static void put_organisations(a_programme *f)
{
    import_text(f, "organisation",
                "code,name,sort,valid_from,valid_to\n"
                "0101,Halden,municipality,1838-01-01,2019-12-31\n"
                "0137,Våler,municipality,1838-01-01,2019-12-31\n"
                "0426,Våler,municipality,1854-01-01,2019-12-31\n"
                "3001,Halden,municipality,2020-01-01,\n");
    assert_true(f->import.written);
}

static void columns_words_and_constants_become_fields(void **state)
{
    a_programme *f = *state;
    import_mapped(f,
                  "kind: project\n"
                  "columns:\n"
                  "  id: {column: Navn, as: identifier}\n"
                  "  name: Navn\n"
                  "  cohort: {constant: 2012}\n"
                  "ignore: [Fylke]\n",
                  "Navn,Fylke\nÅs og Vestby,Akershus\n");
    assert_true(f->import.written);
    assert_string_equal(text_of(f, "project", "as-og-vestby", "name"), "Ås og Vestby");
}

static void one_row_may_give_records_of_several_kinds(void **state)
{
    a_programme *f = *state;
    put_organisations(f);
    import_mapped(
        f,
        "records:\n"
        "  - kind: project\n"
        "    columns:\n"
        "      id: {column: Kommune, as: identifier}\n"
        "      name: Kommune\n"
        "      cohort: Pulje\n"
        "  - kind: project_organisation\n"
        "    columns:\n"
        "      project: {column: Kommune, as: identifier}\n"
        "      organisation: {column: Kommune, lookup: {by: name, on: 2012-06-30}}\n"
        "      leads: {constant: yes}\n"
        "  - kind: participation\n"
        "    columns:\n"
        "      project: {column: Kommune, as: identifier}\n"
        "      role: {constant: main}\n"
        "      theme: {words: {Sykefravær: absence, Kompetanse: competence}}\n"
        "    repeat: {theme: {column: Temaer, divided_by: ';'}}\n",
        "Kommune,Pulje,Temaer\nHalden,2012,Sykefravær; Kompetanse\n");
    assert_int_equal(f->import.n_problems, 0);
    assert_string_equal(text_of(f, "project_organisation", "halden/0101", "organisation"),
                        "0101");
    assert_int_equal(count_of(f, "participation"), 2);
    assert_string_equal(text_of(f, "participation", "halden/competence", "role"), "main");
    assert_int_equal(f->import.entry, 3);
}

static void a_name_that_several_have_is_not_guessed(void **state)
{
    a_programme *f = *state;
    put_organisations(f);
    import_text(f, "project", PROJECTS);
    import_mapped(f,
                  "kind: project_organisation\n"
                  "columns:\n"
                  "  project: {constant: moss}\n"
                  "  organisation: {column: Kommune, lookup: {by: name}}\n",
                  "Kommune\nVåler\nTrondheim\nHalden\n");
    assert_true(was_told(f, "data.csv:2:Kommune: lookup: 2 records have the name Våler: "
                            "0137 and 0426"));
    assert_true(was_told(f, "data.csv:3:Kommune: lookup: no organisation"));
    assert_true(was_told(f, "data.csv:4:Kommune: lookup: 2 records"));
}

static void periods_as_columns_give_a_measurement_for_each_cell(void **state)
{
    a_programme *f = *state;
    put_organisations(f);
    import_mapped(
        f,
        "kind: measurement\n"
        "decimal: ','\n"
        "columns:\n"
        "  indicator: {constant: sick_leave}\n"
        "  organisation: {column: Nr, digits: 4}\n"
        "  value: {blank: not_reported, missing: {':': suppressed}, dash: zero}\n"
        "repeat:\n"
        "  period: {into: value, columns: {'2012': 2012, '2013': 2013, "
        "'2014': 2014, '2015': 2015}}\n",
        "Nr;2012;2013;2014;2015\n101;7,5;;:;-\n");
    assert_int_equal(f->import.n_problems, 0);
    assert_int_equal(count_of(f, "measurement"), 4);
    assert_true(number_of(f, "measurement", "sick_leave/-/0101/-/-/2012/-", "value") ==
                7.5);
    assert_string_equal(
        text_of(f, "measurement", "sick_leave/-/0101/-/-/2013/-", "missing"),
        "not_reported");
    assert_string_equal(
        text_of(f, "measurement", "sick_leave/-/0101/-/-/2014/-", "missing"),
        "suppressed");
    assert_true(number_of(f, "measurement", "sick_leave/-/0101/-/-/2015/-", "value") ==
                0);
}

static void a_bad_cell_of_a_wide_file_is_told_with_its_own_column(void **state)
{
    a_programme *f = *state;
    put_organisations(f);
    import_mapped(f,
                  "kind: measurement\n"
                  "columns:\n"
                  "  indicator: {constant: sick_leave}\n"
                  "  organisation: Nr\n"
                  "repeat:\n"
                  "  period: {into: value, columns: {'2012': 2012, '2013': 2013}}\n",
                  "Nr,2012,2013\n0101,7.5,ca 8\n9999,1,2\n");
    assert_true(was_told(f, "data.csv:2:2013: value:"));
    assert_true(was_told(f, "data.csv:3:Nr: reference:"));
}

static void a_dash_is_refused_until_the_mapping_says_what_it_is(void **state)
{
    a_programme *f = *state;
    import_text(f, "project", PROJECTS);
    const char *const data = "Prosjekt,Verdi\nhalden,-\n";
    import_mapped(f,
                  "kind: measurement\ncolumns:\n  indicator: {constant: sick_leave}\n"
                  "  period: {constant: 2012}\n  project: Prosjekt\n  value: Verdi\n",
                  data);
    assert_true(was_told(f, "data.csv:2:Verdi: value:"));
    import_mapped(f,
                  "kind: measurement\ncolumns:\n  indicator: {constant: sick_leave}\n"
                  "  period: {constant: 2012}\n  project: Prosjekt\n"
                  "  value: {column: Verdi, dash: missing, blank: not_measured}\n",
                  data);
    assert_string_equal(
        text_of(f, "measurement", "sick_leave/halden/-/-/-/2012/-", "missing"),
        "not_measured");
}

static void rows_are_chosen_by_what_their_cells_are(void **state)
{
    a_programme *f = *state;
    put_organisations(f);
    import_mapped(f,
                  "kind: organisation_change\n"
                  "columns:\n"
                  "  predecessor: fra\n"
                  "  successor: til\n"
                  "  date: dato\n"
                  "  sort: {constant: renumbering}\n"
                  "where:\n"
                  "  - {column: til, is_not: ['{fra}', '']}\n"
                  "  - {column: art, is: [ny, endret]}\n"
                  "ignore: rest\n",
                  "fra,til,dato,art,x\n0101,0101,2000-01-01,ny,\n"
                  "0101,3001,2020-01-01,ny,\n0137,3001,2020-01-01,gammel,\n"
                  "0101,,2020-01-01,ny,\n");
    assert_int_equal(f->import.n_problems, 0);
    assert_int_equal(count_of(f, "organisation_change"), 1);
}

static void identifiers_are_made_of_fields_and_columns(void **state)
{
    a_programme *f = *state;
    import_text(f, "project", PROJECTS);
    import_mapped(f,
                  "kind: measure\n"
                  "columns:\n"
                  "  id: {pattern: '{project}-{number}'}\n"
                  "  project: {column: Kommune, words: {Halden: halden}}\n"
                  "  number: Nr\n"
                  "  name: Tiltak\n"
                  "  note: {pattern: 'row {Rad}'}\n",
                  "Kommune,Nr,Tiltak,Rad\nHalden,3,Meetings,17\nmoss,,No number,18\n");
    assert_true(was_told(f, "data.csv:3:"));
    assert_int_equal(f->import.n_problems, 1);
    import_mapped(f,
                  "kind: measure\n"
                  "columns:\n"
                  "  id: {pattern: '{project}-{Nr}'}\n"
                  "  project: {column: Kommune, words: {Halden: halden}}\n"
                  "  name: Tiltak\n"
                  "ignore: [Rad]\n",
                  "Kommune,Nr,Tiltak,Rad\nHalden,3,Meetings,17\n");
    assert_string_equal(text_of(f, "measure", "halden-3", "name"), "Meetings");
}

static void a_date_is_made_a_period_or_the_day_before(void **state)
{
    a_programme *f = *state;
    import_mapped(f,
                  "kind: organisation\n"
                  "columns:\n"
                  "  code: nr\n"
                  "  name: navn\n"
                  "  sort: {constant: municipality}\n"
                  "  valid_from: fra\n"
                  "  valid_to: {column: til, exclusive: yes}\n",
                  "nr,navn,fra,til\n0101,Halden,1838-01-01,2020-01-01\n"
                  "3001,Halden,2020-01-01,\n");
    assert_int_equal(f->import.n_problems, 0);
    assert_string_equal(text_of(f, "organisation", "0101", "valid_to"), "2019-12-31");
    assert_string_equal(text_of(f, "organisation", "3001", "valid_to"), "");
    const char *const mapping =
        "kind: measurement\n"
        "columns:\n"
        "  indicator: {constant: sick_leave}\n"
        "  organisation: {column: navn, lookup: {by: name, on: '{dato}'}}\n"
        "  period: {column: dato, as: year}\n"
        "  value: verdi\n";
    import_mapped(f, mapping, "navn,dato,verdi\nHalden,2014-06-30,7\n");
    assert_int_equal(f->import.n_problems, 0);
    assert_true(number_of(f, "measurement", "sick_leave/-/0101/-/-/2014/-", "value") ==
                7);
    import_mapped(f, mapping, "navn,dato,verdi\nHalden,1700-06-30,7\nHalden,soon,8\n");
    assert_true(was_told(f, "data.csv:2:navn: lookup: no organisation"));
    assert_true(was_told(f, "data.csv:3:navn: lookup: the day"));
    assert_true(was_told(f, "data.csv:3:dato: value:"));
}

static void a_column_that_nobody_maps_is_told(void **state)
{
    a_programme *f = *state;
    import_mapped(f, "kind: project\ncolumns: {id: Nr, name: Navn, cohort: Pulje}\n",
                  "Nr,Navn,Pulje,Fylke\nhalden,Halden,2012,Østfold\n");
    assert_true(was_told(f, "data.csv:0:Fylke: column:"));
}

static void a_column_that_the_file_has_not_is_told(void **state)
{
    a_programme *f = *state;
    import_mapped(f, "kind: project\ncolumns: {id: Nr, name: Navm, cohort: Pulje}\n",
                  "Nr,Navn,Pulje\nhalden,Halden,2012\n");
    assert_true(was_told(f, "data.csv:0:Navm: column:"));
    assert_true(was_told(f, "data.csv:0:Navn: column:"));
}

static void what_is_wrong_with_a_mapping_is_told_with_its_line(void **state)
{
    a_programme *f = *state;
    has_problem(f, "columns: {name: Navn}\n", 1, "kind");
    has_problem(f, "kind: projekt\ncolumns: {name: Navn}\n", 1, "project");
    has_problem(f, "kind: theme\ncolumns: {name: Navn}\n", 1, "programme.yaml");
    has_problem(f, "kind: project\ncolumns:\n  nmae: Navn\n", 3, "name");
    has_problem(f, "kind: project\ncolumns:\n  name: {colum: Navn}\n", 3, "column");
    has_problem(f, "kind: participation\ncolumns:\n  role: {constant: major}\n", 3,
                "major");
    has_problem(f, "kind: participation\ncolumns:\n  role: {words: {H: major}}\n", 3,
                "major");
    has_problem(f, "kind: measurement\ncolumns:\n  value: {blank: lost}\n", 3, "lost");
    has_problem(f, "kind: measurement\ncolumns:\n  note: {blank: not_asked}\n", 3,
                "note");
    has_problem(f, "kind: measurement\ncolumns:\n  value: {decimal: ';'}\n", 3, ";");
    has_problem(f, "kind: measurement\ncolumns:\n  value: {dash: nothing}\n", 3,
                "nothing");
    has_problem(f, "kind: measurement\ncolumns:\n  scope: {lookup: {by: name}}\n", 3,
                "scope");
    has_problem(f, "kind: measurement\ncolumns:\n  project: {lookup: {by: nam}}\n", 3,
                "nam");
    has_problem(f, "kind: measure\ncolumns:\n  id: {pattern: '{project'}\n", 3, "brace");
    has_problem(f, "kind: measurement\nrepeat: {period: {into: value}}\n", 2, "repeat");
    has_problem(f,
                "kind: measurement\nrepeat:\n  period: {columns: {'2012': 2012H1}, into: "
                "value}\n",
                3, "2012H1");
    has_problem(f, "kind: project\ncolumns: {name: {column: A, constant: B}}\n", 2,
                "several");
    has_problem(f, "kind: measurement\ncolumns:\n  value: {as: year}\n", 3, "period");
    has_problem(f, "kind: measurement\ncolumns:\n  period: {as: week}\n", 3, "year");
    has_problem(f, "kind: measurement\ncolumns:\n  value: {exclusive: yes}\n", 3, "date");
    has_problem(f,
                "kind: measurement\ncolumns:\n  organisation: {lookup: {by: name, on: "
                "soon}}\n",
                3, "2014-06-30");
    has_problem(f, "- a\n- b\n", 1, "key: value");
}

static void all_problems_of_a_mapping_are_told_at_once(void **state)
{
    a_programme *f = *state;
    read_text(f, "kind: project\ncolumns:\n  nmae: Navn\n  cohrt: Pulje\n  starts: "
                 "{constant: soon}\nignored: [x]\n");
    assert_int_equal(problems.n_seen, 4);
}

static void suggest(a_programme *f, np_buf *out, const char *const *heading, size_t n,
                    const char *kind)
{
    np_buf_free(out);
    assert_ok(f, np_mapping_suggest(out, heading, n,
                                    kind == NULL ? NULL : np_kind_find(kind), &f->err));
}

static void a_suggestion_is_a_mapping_of_the_headings_that_fit(void **state)
{
    a_programme *f = *state;
    np_buf out = {0};
    const char *const roster[] = {"Orgnr", "Navn", "Kommunenr", "Ansatte", "Fylke"};
    suggest(f, &out, roster, 5, NULL);
    np_mapping m = read_text(f, out.text);
    assert_int_equal(problems.n_seen, 0);
    assert_string_equal(m.record[0].kind->name, "unit");
    assert_int_equal(m.record[0].n_fields, 4);
    assert_int_equal(m.n_ignored, 1);
    assert_string_equal(m.ignore[0], "Fylke");
    const char *const wide[] = {"Kommunenr", "2012", "2013", "Say \"so\""};
    suggest(f, &out, wide, 4, "measurement");
    m = read_text(f, out.text);
    assert_int_equal(problems.n_seen, 0);
    assert_true(m.record[0].repeats);
    assert_int_equal(m.record[0].repeat.n_columns, 2);
    assert_non_null(strstr(out.text, "indicator"));
    np_buf_free(&out);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(columns_words_and_constants_become_fields),
        test(one_row_may_give_records_of_several_kinds),
        test(a_name_that_several_have_is_not_guessed),
        test(periods_as_columns_give_a_measurement_for_each_cell),
        test(a_bad_cell_of_a_wide_file_is_told_with_its_own_column),
        test(a_dash_is_refused_until_the_mapping_says_what_it_is),
        test(rows_are_chosen_by_what_their_cells_are),
        test(identifiers_are_made_of_fields_and_columns),
        test(a_date_is_made_a_period_or_the_day_before),
        test(a_column_that_nobody_maps_is_told),
        test(a_column_that_the_file_has_not_is_told),
        test(what_is_wrong_with_a_mapping_is_told_with_its_line),
        test(all_problems_of_a_mapping_are_told_at_once),
        test(a_suggestion_is_a_mapping_of_the_headings_that_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
