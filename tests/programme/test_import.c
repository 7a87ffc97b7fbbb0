/* What of a file becomes records, and what is said of the rest. */
#include "programme/folder.h"

static void rows_become_records_in_one_entry(void **state)
{
    a_programme *f = *state;
    import_text(f, "project", PROJECTS);
    assert_true(f->import.written);
    assert_int_equal(f->import.entry, 2);
    assert_int_equal(f->import.n_counts, 1);
    assert_int_equal(f->import.count[0].n_new, 2);
    assert_string_equal(text_of(f, "project", "moss", "name"), "Moss");
}

static void the_same_file_twice_changes_nothing(void **state)
{
    a_programme *f = *state;
    import_text(f, "project", PROJECTS);
    import_text(f, "project", PROJECTS);
    assert_false(f->import.written);
    assert_int_equal(f->import.entry, 0);
    assert_int_equal(f->import.count[0].n_unchanged, 2);
    assert_int_equal(f->import.count[0].n_new + f->import.count[0].n_changed, 0);
}

static void changes_are_listed_with_what_was_before(void **state)
{
    a_programme *f = *state;
    import_text(f, "project", PROJECTS);
    import_text(f, "project",
                "id,name,cohort,starts\nhalden,Halden by,2012,2012-02-01\n");
    assert_int_equal(f->import.count[0].n_changed, 1);
    assert_int_equal(f->import.n_changes, 2);
    assert_string_equal(f->import.change[0].field, "name");
    assert_string_equal(f->import.change[0].before, "Halden");
    assert_string_equal(f->import.change[0].after, "Halden by");
    assert_string_equal(f->import.change[1].before, "");
    assert_string_equal(f->import.change[1].after, "2012-02-01");
}

static void a_column_that_is_not_there_says_nothing(void **state)
{
    a_programme *f = *state;
    import_text(f, "project", "id,name,cohort,note\nhalden,Halden,2012,keep me\n");
    import_text(f, "project", "id,purpose\nhalden,Less absence\n");
    assert_string_equal(text_of(f, "project", "halden", "note"), "keep me");
    assert_string_equal(text_of(f, "project", "halden", "purpose"), "Less absence");
    import_text(f, "project", "id,note\nhalden,\n");
    assert_string_equal(text_of(f, "project", "halden", "note"), "");
}

static void a_dry_run_counts_and_writes_nothing(void **state)
{
    a_programme *f = *state;
    np_import_source source = {.path = write_file(f, "project.csv", PROJECTS),
                               .kind = np_kind_find("project")};
    assert_ok(f, import_sources(f, &source, 1, true));
    assert_false(f->import.written);
    assert_int_equal(f->import.count[0].n_new, 2);
    assert_int_equal(count_of(f, "project"), 0);
}

static void every_bad_value_is_told_with_its_line_and_column(void **state)
{
    a_programme *f = *state;
    import_text(f, "project", PROJECTS);
    import_text(f, "measurement",
                "indicator,project,period,value\n"
                "sick_leave,halden,2012,12%\n"
                "sick_leave,halden,2012H3,5\n"
                "sick_leave,halden,2013,ca 10\n");
    assert_int_equal(f->import.n_problems, 3);
    assert_true(was_told(f, "data.csv:2:value: value:"));
    assert_true(was_told(f, "data.csv:3:period: value:"));
    assert_true(was_told(f, "data.csv:4:value: value:"));
    assert_false(f->import.written);
    assert_int_equal(count_of(f, "measurement"), 0);
}

/* More than the 64 that a list of problems keeps. */
static void thousands_of_problems_are_all_told(void **state)
{
    enum { ROWS = 5000 };
    a_programme *f = *state;
    np_buf text = {0};
    np_buf_add(&text, "indicator,period,value\n");
    for (int i = 0; i < ROWS; i++)
        np_buf_format(&text, "sick_leave,%d,x\n", 1000 + i);
    import_text(f, "measurement", text.text);
    np_buf_free(&text);
    assert_int_equal(f->n_told, ROWS);
    assert_int_equal(f->import.n_problems, ROWS);
    assert_true(was_told(f, "data.csv:5001:value:"));
}

static void what_a_rule_refuses_is_told_at_its_row(void **state)
{
    a_programme *f = *state;
    import_text(f, "project", "id,name,cohort\nhalden,Halden,2012\nmoss,Moss,1999\n");
    assert_true(f->import.n_problems > 0);
    assert_true(was_told(f, "data.csv:3:cohort:"));
    assert_int_equal(count_of(f, "project"), 0);
}

static void a_required_field_that_is_blank_is_told_at_its_row(void **state)
{
    a_programme *f = *state;
    import_text(f, "project", "id,name,cohort\nhalden,,2012\n");
    assert_true(was_told(f, "data.csv:2:name: value:"));
}

static void lines_are_those_of_the_file(void **state)
{
    a_programme *f = *state;
    import_text(f, "project",
                "id,name,cohort,note\n"
                "halden,Halden,2012,\"two\nlines\"\n"
                "\n"
                "moss,Moss,2012,\n"
                "rygge,Rygge,20x2,\n");
    assert_true(was_told(f, "data.csv:6:cohort:"));
}

static void a_row_that_says_otherwise_of_the_same_record_is_refused(void **state)
{
    a_programme *f = *state;
    import_text(f, "project", "id,name,cohort\nhalden,Halden,2012\nhalden,Moss,2012\n");
    assert_true(was_told(f, "data.csv:3:: twice:"));
    assert_true(was_told(f, "line 2"));
    assert_int_equal(count_of(f, "project"), 0);
    import_text(f, "project", "id,name,cohort\nhalden,Halden,2012\nhalden,Halden,2012\n");
    assert_int_equal(f->import.n_problems, 0);
    assert_int_equal(count_of(f, "project"), 1);
}

/* Of records whose identifier is made of their key too. */
static void a_key_names_the_record_that_is_there(void **state)
{
    a_programme *f = *state;
    const char *id = "sick_leave/halden/-/-/-/2012/-";
    import_text(f, "project", PROJECTS);
    import_text(
        f, "measurement",
        "indicator,project,period,value,note\nsick_leave,halden,2012,7,keep me\n");
    import_text(f, "measurement",
                "indicator,project,period,scope\nsick_leave,halden,2012,all\n");
    assert_true(f->import.written);
    assert_string_equal(text_of(f, "measurement", id, "note"), "keep me");
    assert_string_equal(text_of(f, "measurement", id, "scope"), "all");
    import_text(f, "measurement",
                "indicator,project,period,value,missing\n"
                "sick_leave,moss,2012,7,\nsick_leave,moss,2012,,not_measured\n");
    assert_true(was_told(f, "data.csv:3:: twice:"));
    assert_false(f->import.written);
}

static void several_files_are_all_or_nothing(void **state)
{
    a_programme *f = *state;
    np_import_source source[] = {
        {.path = write_file(f, "project.csv", PROJECTS), .kind = np_kind_find("project")},
        {.path = write_file(f, "participation.csv",
                            "project,theme,role\nhalden,absence,major\n"),
         .kind = np_kind_find("participation")}};
    assert_ok(f, import_sources(f, source, 2, false));
    assert_true(was_told(f, "participation.csv:2:role: value:"));
    assert_int_equal(count_of(f, "project"), 0);
    source[1].path =
        write_file(f, "participation.csv", "project,theme,role\nhalden,absence,main\n");
    assert_ok(f, import_sources(f, source, 2, false));
    assert_int_equal(count_of(f, "project"), 2);
    assert_string_equal(text_of(f, "participation", "halden/absence", "role"), "main");
    assert_int_equal(f->import.entry, 2);
}

static void an_unknown_column_gets_the_nearest_name(void **state)
{
    a_programme *f = *state;
    import_text(f, "project", "id,nmae,cohort\nhalden,Halden,2012\n");
    assert_true(was_told(f, "data.csv:0:nmae: column:"));
    assert_false(f->import.written);
}

static void rows_of_the_wrong_length_are_told_and_the_others_read(void **state)
{
    a_programme *f = *state;
    import_text(f, "project",
                "id,name,cohort\nhalden,Halden\nmoss,Moss,2012\nrygge,Rygge,2012,x\n"
                "sande,,2012\n");
    assert_true(was_told(f, "data.csv:2:: row:"));
    assert_true(was_told(f, "data.csv:4:: row:"));
    assert_true(was_told(f, "data.csv:5:name: value:"));
    assert_int_equal(f->import.n_problems, 3);
}

static void codes_keep_their_zeros_and_zero_is_a_value(void **state)
{
    a_programme *f = *state;
    import_text(f, "organisation",
                "code,name,sort\n0101,Halden,municipality\n0104,Moss,municipality\n");
    assert_string_equal(text_of(f, "organisation", "0101", "code"), "0101");
    import_text(f, "project", PROJECTS);
    import_text(f, "measurement",
                "indicator,organisation,period,value\nsick_leave,0101,2012,0\n");
    assert_int_equal(f->import.n_problems, 0);
    assert_true(number_of(f, "measurement", "sick_leave/-/0101/-/-/2012/-", "value") ==
                0);
}

static void the_decimal_sign_is_found_and_thousands_may_be_divided(void **state)
{
    a_programme *f = *state;
    import_text(f, "project", PROJECTS);
    import_text(f, "measurement",
                "indicator;project;period;value\n"
                "sick_leave;halden;2012;7,5\n"
                "sick_leave;moss;2012;1 234,5\n");
    assert_int_equal(f->import.n_problems, 0);
    assert_true(number_of(f, "measurement", "sick_leave/halden/-/-/-/2012/-", "value") ==
                7.5);
    assert_true(number_of(f, "measurement", "sick_leave/moss/-/-/-/2012/-", "value") ==
                1234.5);
}

static void a_file_that_is_not_there_is_a_problem_beside_the_others(void **state)
{
    a_programme *f = *state;
    np_import_source source[] = {
        {.path = path_of(f, "nothing.csv"), .kind = np_kind_find("project")},
        {.path = write_file(f, "project.csv", "id,name,cohort\nhalden,,2012\n"),
         .kind = np_kind_find("project")}};
    assert_ok(f, import_sources(f, source, 2, false));
    assert_true(was_told(f, "nothing.csv:0:: file:"));
    assert_true(was_told(f, "project.csv:2:name: value:"));
}

static void what_refers_to_a_record_with_a_problem_is_no_problem_itself(void **state)
{
    a_programme *f = *state;
    np_import_source source[] = {
        {.path = write_file(f, "project.csv",
                            "id,name,cohort,starts\nhalden,,2012,\n"
                            "moss,Moss,2012,2012-13-01\n"),
         .kind = np_kind_find("project")},
        {.path = write_file(f, "participation.csv",
                            "project,theme,role\nhalden,absence,main\n"
                            "moss,absence,main\nrygge,absence,main\n"),
         .kind = np_kind_find("participation")}};
    assert_ok(f, import_sources(f, source, 2, false));
    assert_true(was_told(f, "project.csv:2:name: value:"));
    assert_true(was_told(f, "project.csv:3:starts: value:"));
    assert_true(was_told(f, "participation.csv:4:project: reference:"));
    assert_int_equal(f->import.n_problems, 3);
}

static void a_folder_gives_its_kinds_in_the_order_of_their_references(void **state)
{
    a_programme *f = *state;
    char folder[200];
    snprintf(folder, sizeof folder, "%s/records", f->folder);
    assert_int_equal(mkdir(folder, 0777), 0);
    write_file(f, "records/participation.csv",
               "project,theme,role\nhalden,absence,main\n");
    write_file(f, "records/project.csv", PROJECTS);
    write_file(f, "records/theme.csv", "id,name\nabsence,Absence\n");
    write_file(f, "records/projekt.csv", PROJECTS);
    np_import_source *source = NULL;
    size_t n = 0, n_defined = 0;
    assert_ok(f, np_import_folder(&source, &n, &n_defined, folder, note_problem, f,
                                  f->arena, &f->err));
    assert_int_equal(n, 2);
    assert_int_equal(n_defined, 1);
    assert_string_equal(source[0].kind->name, "project");
    assert_true(was_told(f, "projekt.csv:0:: file:"));
    assert_ok(f, import_sources(f, source, n, false));
    assert_true(f->import.written);
}

static void a_workbook_is_read_by_its_rows(void **state)
{
    a_programme *f = *state;
    np_import_source source = {.path = "examples/none.xlsx",
                               .kind = np_kind_find("project")};
    assert_ok(f, import_sources(f, &source, 1, false));
    assert_true(was_told(f, "none.xlsx:0:: file:"));
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(rows_become_records_in_one_entry),
        test(the_same_file_twice_changes_nothing),
        test(changes_are_listed_with_what_was_before),
        test(a_column_that_is_not_there_says_nothing),
        test(a_dry_run_counts_and_writes_nothing),
        test(every_bad_value_is_told_with_its_line_and_column),
        test(thousands_of_problems_are_all_told),
        test(what_a_rule_refuses_is_told_at_its_row),
        test(a_required_field_that_is_blank_is_told_at_its_row),
        test(lines_are_those_of_the_file),
        test(a_row_that_says_otherwise_of_the_same_record_is_refused),
        test(a_key_names_the_record_that_is_there),
        test(several_files_are_all_or_nothing),
        test(an_unknown_column_gets_the_nearest_name),
        test(rows_of_the_wrong_length_are_told_and_the_others_read),
        test(codes_keep_their_zeros_and_zero_is_a_value),
        test(the_decimal_sign_is_found_and_thousands_may_be_divided),
        test(a_file_that_is_not_there_is_a_problem_beside_the_others),
        test(what_refers_to_a_record_with_a_problem_is_no_problem_itself),
        test(a_folder_gives_its_kinds_in_the_order_of_their_references),
        test(a_workbook_is_read_by_its_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
