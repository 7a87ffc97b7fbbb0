/* What coders get, and what they fill in. */
#include "programme/coding_sheet.h"

#include "programme/coding_case.h"
#include "programme/coding_read.h"

static np_coding_sheet sheet_of(a_programme *f, const np_coding_sheet_spec *spec)
{
    np_coding_sheet sheet;
    assert_ok(f, np_coding_sheet_make(&sheet, f->store, "s1", spec, f->arena, &f->err));
    return sheet;
}

static void a_sheet_has_the_items_that_the_scheme_is_for_and_that_have_a_text(
    void **state)
{
    a_programme *f = *state;
    put_schemes(f);
    np_coding_sheet s = sheet_of(f, &(np_coding_sheet_spec){.coder = "kari"});
    assert_int_equal(s.n, 5);
    assert_int_equal(s.n_items, 6);
    assert_int_equal(s.n_without_text, 1);
    assert_string_equal(s.row[0].item.id, "h1");
    np_coding_sheet_spec of_2013 = {.coder = "kari", .filter = {.period = "2013"}};
    assert_int_equal(sheet_of(f, &of_2013).n, 1);
}

static void keywords_suggest_categories(void **state)
{
    a_programme *f = *state;
    static const char *const wanted[] = {"time", "anchoring", "leader", "",
                                         "time; anchoring"};
    put_schemes(f);
    np_coding_sheet s = sheet_of(f, &(np_coding_sheet_spec){.coder = "kari"});
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(np_coding_codes(s.row[i].suggested, &s.scheme, f->arena),
                            wanted[i]);
}

static void a_coder_sees_the_own_labels_and_nobody_else_s(void **state)
{
    a_programme *f = *state;
    put_schemes(f);
    begin_entry(f);
    put_label(f, "h1", "s1/time", "kari");
    put_label(f, "h2", "s1/other", "ola");
    commit_entry(f);
    np_coding_sheet s = sheet_of(f, &(np_coding_sheet_spec){.coder = "kari"});
    assert_string_equal(np_coding_codes(s.row[0].own, &s.scheme, f->arena), "time");
    assert_int_equal(s.row[1].own, 0);
    s = sheet_of(f, &(np_coding_sheet_spec){.coder = "kari", .uncoded = true});
    assert_int_equal(s.n, 4);
    assert_int_equal(s.n_coded, 1);
    assert_string_equal(s.row[0].item.id, "h2");
}

static void a_seed_draws_the_same_items_for_every_coder(void **state)
{
    a_programme *f = *state;
    put_schemes(f);
    bool differ = false;
    for (uint64_t seed = 1; seed < 8; seed++) {
        np_coding_sheet_spec spec = {.coder = "kari", .sample = 2, .seed = seed};
        np_coding_sheet a = sheet_of(f, &spec);
        spec.coder = "ola";
        np_coding_sheet b = sheet_of(f, &spec);
        assert_int_equal(a.n, 2);
        assert_int_equal(a.n_not_drawn, 3);
        for (size_t i = 0; i < 2; i++)
            assert_string_equal(a.row[i].item.id, b.row[i].item.id);
        differ = differ || strcmp(a.row[0].item.id, "h1") != 0;
    }
    assert_true(differ);
}

static np_problems problems;

static np_status read_text(a_programme *f, np_coding_read *out, const char *text,
                           bool adjudicate)
{
    np_coding_read_spec spec = {.path = write_file(f, "sheet.csv", text),
                                .adjudicate = adjudicate,
                                .scheme = NULL,
                                .who = "anne"};
    problems = (np_problems){0};
    f->err = (np_error){0};
    return np_coding_read_sheet(out, f->store, &spec, &problems, f->arena, &f->err);
}

static bool has_problem(uint32_t line, const char *column, const char *says)
{
    for (size_t i = 0; i < problems.n; i++)
        if (problems.item[i].line == line &&
            strcmp(problems.item[i].field, column) == 0 &&
            strstr(problems.item[i].message, says) != NULL)
            return true;
    for (size_t i = 0; i < problems.n; i++)
        print_error("%u %s: %s\n", problems.item[i].line, problems.item[i].field,
                    problems.item[i].message);
    return false;
}

static void labels_are_read_by_code_identifier_or_name(void **state)
{
    a_programme *f = *state;
    np_coding_read r;
    put_schemes(f);
    assert_ok(f, read_text(f, &r,
                           "item,text,label,note,scheme,coder\n"
                           "h1,\"For lite tid,  og for få ressurser\",TIME,sure,s1,ola\n"
                           "h2,,forankring,,s1,ola\n"
                           "h3,,s1/leader,,s1,ola\n"
                           "h4,,,,s1,ola\n",
                           false));
    assert_int_equal(problems.n_seen, 0);
    assert_int_equal(r.n_named, 3);
    assert_int_equal(r.n_empty, 1);
    assert_int_equal(r.entry.n_new, 3);
    assert_true(r.entry.written);
    assert_string_equal(text_of(f, "label", "h1/s1/time/ola", "note"), "sure");
    assert_non_null(text_of(f, "label", "h2/s1/anchoring/ola", "note"));
    assert_non_null(text_of(f, "label", "h3/s1/leader/ola", "note"));
}

static void several_labels_stand_in_columns_or_divided_in_one(void **state)
{
    a_programme *f = *state;
    np_coding_read r;
    put_schemes(f);
    assert_ok(f, read_text(f, &r,
                           "item,label_1,label_2,scheme,coder\n"
                           "h1,time,money; people,s2,ola\nh2,anchoring,,s2,ola\n",
                           false));
    assert_int_equal(problems.n_seen, 0);
    assert_int_equal(count_of(f, "label"), 4);
}

static void what_a_row_no_longer_names_is_taken_away_and_an_empty_row_says_nothing(
    void **state)
{
    a_programme *f = *state;
    np_coding_read r;
    const char *head = "item,labels,scheme,coder\n";
    char text[256];
    put_schemes(f);
    snprintf(text, sizeof text, "%sh1,time; money,s2,ola\nh2,other,s2,ola\n", head);
    assert_ok(f, read_text(f, &r, text, false));
    snprintf(text, sizeof text, "%sh1,money,s2,ola\nh2,,s2,ola\n", head);
    assert_ok(f, read_text(f, &r, text, false));
    assert_int_equal(r.entry.n_retracted, 1);
    assert_int_equal(r.entry.n_unchanged, 1);
    assert_int_equal(count_of(f, "label"), 2);
    snprintf(text, sizeof text, "%sh2,-,s2,ola\n", head);
    assert_ok(f, read_text(f, &r, text, false));
    assert_int_equal(r.n_cleared, 1);
    assert_int_equal(count_of(f, "label"), 1);
}

static void all_that_is_wrong_is_told_at_once_and_nothing_is_written(void **state)
{
    a_programme *f = *state;
    np_coding_read r;
    put_schemes(f);
    assert_ok(f, read_text(f, &r,
                           "item,text,label,scheme,coder\n"
                           "h1,,tme,s1,ola\n"
                           "h2,,time; other,s1,ola\n"
                           "h3,Svak forankring hos lederne,leader,s1,ola\n"
                           "h9,,time,s1,ola\n"
                           "r1,,time,s1,ola\n"
                           "h1,,time,s1,ola\n"
                           ",,time,s1,ola\n"
                           "h4,,- ; time,s1,ola\n"
                           "h5,,time,s1,kari\n",
                           false));
    assert_int_equal(problems.n_seen, 9);
    assert_true(has_problem(2, "label", "tme"));
    assert_non_null(strstr(problems.item[0].hint, "time"));
    assert_true(has_problem(3, "label", "one category"));
    assert_true(has_problem(4, "text", "h3"));
    assert_true(has_problem(5, "item", "h9"));
    assert_true(has_problem(6, "item", "r1"));
    assert_true(has_problem(7, "item", "before"));
    assert_true(has_problem(8, "item", "no item"));
    assert_true(has_problem(9, "label", "no category"));
    assert_true(has_problem(10, "coder", "kari"));
    assert_int_equal(count_of(f, "label"), 0);
}

static void what_is_no_sheet_is_an_error(void **state)
{
    a_programme *f = *state;
    np_coding_read r;
    put_schemes(f);
    assert_int_equal(read_text(f, &r, "item,text\nh1,x\n", false), NP_E_PARSE);
    assert_non_null(strstr(f->err.message, "label"));
    assert_int_equal(read_text(f, &r, "id,label\nh1,x\n", false), NP_E_PARSE);
    assert_int_equal(read_text(f, &r, "item,label,coder\nh1,time,ola\n", false),
                     NP_E_USAGE);
    assert_int_equal(read_text(f, &r, "item,label,scheme\nh1,time,s1\n", false),
                     NP_E_USAGE);
    assert_int_equal(
        read_text(f, &r, "item,label,scheme,coder\nh1,time,s11,ola\n", false),
        NP_E_UNKNOWN_NAME);
}

static void decisions_are_kept_beside_the_labels(void **state)
{
    a_programme *f = *state;
    np_coding_read r;
    put_schemes(f);
    begin_entry(f);
    put_label(f, "h1", "s1/time", "kari");
    put_label(f, "h1", "s1/other", "ola");
    commit_entry(f);
    assert_ok(f, read_text(f, &r,
                           "item,by kari,by ola,decision,reason,scheme\n"
                           "h1,time,other,leader,read anew,s1\n",
                           true));
    assert_int_equal(problems.n_seen, 0);
    assert_string_equal(text_of(f, "adjudication", "h1/s1/leader", "reason"),
                        "read anew");
    assert_string_equal(text_of(f, "adjudication", "h1/s1/leader", "decided_by"), "anne");
    assert_int_equal(count_of(f, "label"), 2);
    assert_ok(f, read_text(f, &r, "item,decision,scheme\nh1,time,s1\n", true));
    assert_int_equal(count_of(f, "adjudication"), 1);
    assert_non_null(text_of(f, "adjudication", "h1/s1/time", "reason"));
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_sheet_has_the_items_that_the_scheme_is_for_and_that_have_a_text),
        test(keywords_suggest_categories),
        test(a_coder_sees_the_own_labels_and_nobody_else_s),
        test(a_seed_draws_the_same_items_for_every_coder),
        test(labels_are_read_by_code_identifier_or_name),
        test(several_labels_stand_in_columns_or_divided_in_one),
        test(what_a_row_no_longer_names_is_taken_away_and_an_empty_row_says_nothing),
        test(all_that_is_wrong_is_told_at_once_and_nothing_is_written),
        test(what_is_no_sheet_is_an_error),
        test(decisions_are_kept_beside_the_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
