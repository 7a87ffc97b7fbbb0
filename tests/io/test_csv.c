#include "io/reading.h"

static void types_follow_from_all_cells(void **state)
{
    (void)state;
    reading r = read_text("id,share,start,code,name,none\n"
                          "1,0.5,2014-02-01,0301,Oslo,\n"
                          "-2,3,2015-12-31,1101,Eigersund,NA\n"
                          "\n"
                          "3,1e-2,2016-02-29,5001,Trondheim,\n");
    check_column(&r, "id", NP_COLUMN_I64, "1|-2|3");
    check_column(&r, "share", NP_COLUMN_F64, "0.5|3|0.01");
    check_column(&r, "start", NP_COLUMN_DATE, "2014-02-01|2015-12-31|2016-02-29");
    check_column(&r, "code", NP_COLUMN_TEXT, "0301|1101|5001");
    check_column(&r, "name", NP_COLUMN_TEXT, "Oslo|Eigersund|Trondheim");
    check_column(&r, "none", NP_COLUMN_F64, "blank|blank|blank");
    assert_int_equal(r.csv.separator, ',');
    assert_string_equal(r.csv.encoding, "utf-8");
    give_back(&r);
}

static void a_late_cell_changes_the_type_of_its_column(void **state)
{
    (void)state;
    np_buf text = {0};
    np_buf_add(&text, "i,n,d,b,z\n");
    for (int k = 0; k < 2000; k++)
        np_buf_format(&text, "%d,%d,2014-01-01,,%d\n", k, k, k);
    np_buf_add(&text, "7,0.5,soon,2015-01-01,007\n");
    reading r = read_text(np_buf_done(&text));
    assert_int_equal(column_of(&r, "i")->type, NP_COLUMN_I64);
    assert_int_equal(column_of(&r, "n")->type, NP_COLUMN_F64);
    assert_true(column_of(&r, "n")->f64[1999] == 1999);
    assert_true(column_of(&r, "n")->f64[2000] == 0.5);
    assert_int_equal(column_of(&r, "d")->type, NP_COLUMN_TEXT);
    assert_int_equal(column_of(&r, "d")->dict->n, 2);
    assert_int_equal(column_of(&r, "b")->type, NP_COLUMN_DATE);
    assert_int_equal(np_column_missing(column_of(&r, "b"), 5), NP_MISSING_BLANK);
    assert_int_equal(column_of(&r, "z")->type, NP_COLUMN_TEXT);
    assert_string_equal(column_of(&r, "z")->dict->label[2000], "007");
    give_back(&r);
    np_buf_free(&text);
}

static void a_norwegian_file_has_semicolons_and_decimal_commas(void **state)
{
    (void)state;
    reading r = read_text("\xef\xbb\xbfkommune;fravær;folketall\r\n"
                          "0301;7,5;634\u00a0463\r\n"
                          "1103;\u22120,25;130\u2009754\r\n"
                          "1201;8;1\u202f271\u202f988\r\n"
                          "1601;\" 1 234,5 \";4 000\r\n");
    assert_int_equal(r.csv.separator, ';');
    assert_int_equal(r.csv.decimal, ',');
    assert_string_equal(r.csv.encoding, "utf-8 with BOM");
    check_column(&r, "kommune", NP_COLUMN_TEXT, "0301|1103|1201|1601");
    check_column(&r, "fravær", NP_COLUMN_F64, "7.5|-0.25|8|1234.5");
    check_column(&r, "folketall", NP_COLUMN_I64, "634463|130754|1271988|4000");
    give_back(&r);
}

static void commas_in_names_and_decimals_do_not_separate(void **state)
{
    (void)state;
    reading r = read_text("kommune;andel, prosent\nOslo;7,5\nBergen;8,25\n");
    assert_int_equal(r.csv.separator, ';');
    check_column(&r, "andel, prosent", NP_COLUMN_F64, "7.5|8.25");
    give_back(&r);
}

static void blanks_between_digits_must_part_thousands(void **state)
{
    (void)state;
    reading r = read_text("a;b;c;d\n1 23;12 3456;1234 567;1, 5\n");
    check_column(&r, "a", NP_COLUMN_TEXT, "1 23");
    check_column(&r, "b", NP_COLUMN_TEXT, "12 3456");
    check_column(&r, "c", NP_COLUMN_TEXT, "1234 567");
    check_column(&r, "d", NP_COLUMN_TEXT, "1, 5");
    give_back(&r);
}

static void the_decimal_sign_is_looked_for(void **state)
{
    (void)state;
    reading r = read_text("a;b\n1.5;2\n2.5;3\n");
    assert_int_equal(r.csv.decimal, '.');
    check_column(&r, "a", NP_COLUMN_F64, "1.5|2.5");
    give_back(&r);
    r = read_text("a,b\n\"1,5\",2\n\"2,25\",3\n");
    assert_int_equal(r.csv.decimal, ',');
    check_column(&r, "a", NP_COLUMN_F64, "1.5|2.25");
    give_back(&r);
    r = read_text("a,b\n\"1,500\",2\n\"2,250\",3\n"); /* thousands or thousandths? */
    check_column(&r, "a", NP_COLUMN_TEXT, "1,500|2,250");
    give_back(&r);
    r = read_bytes("a\tb\n1,5\t2\n", 10, &(np_csv_spec){.decimal = '.'});
    check_column(&r, "a", NP_COLUMN_TEXT, "1,5");
    give_back(&r);
}

static void symbols_of_official_statistics_are_missing_reasons(void **state)
{
    (void)state;
    const char *text = "v\n1\n.\n..\n...\n…\n:\n-\n*\nNA\n\n0\n";
    reading r = read_text(text);
    check_column(&r, "v", NP_COLUMN_I64,
                 "1|not_applicable|not_reported|not_measured|not_measured|suppressed|"
                 "not_applicable|suppressed|blank|blank|0");
    give_back(&r);
    r = read_bytes(text, strlen(text), &(np_csv_spec){.dash_is_zero = true});
    check_column(&r, "v", NP_COLUMN_I64,
                 "1|not_applicable|not_reported|not_measured|not_measured|suppressed|"
                 "0|suppressed|blank|blank|0");
    give_back(&r);
}

static void in_a_text_column_quoted_symbols_are_text(void **state)
{
    (void)state;
    reading r = read_text("t,n\n\"NA\",\"..\"\nNA,\"3\"\n\"\",\"4\"\nx,5\n\"-\",6\n");
    check_column(&r, "t", NP_COLUMN_TEXT, "NA|blank|blank|x|-");
    check_column(&r, "n", NP_COLUMN_I64, "not_reported|3|4|5|6");
    give_back(&r);
}

static void windows_1252_is_recognised(void **state)
{
    (void)state;
    reading r = read_text("navn;v\xe6r\nB\xf8;1\xa0"
                          "000\n\"S\xf8r-\x96\";2\n");
    assert_string_equal(r.csv.encoding, "windows-1252");
    check_column(&r, "navn", NP_COLUMN_TEXT, "Bø|Sør-–");
    check_column(&r, "vær", NP_COLUMN_I64, "1000|2");
    give_back(&r);
    const char *latin = "a\n\xc3\xb8\n"; /* reads as UTF-8, but was said not to be */
    r = read_bytes(latin, strlen(latin), &(np_csv_spec){.encoding = "latin1"});
    check_column(&r, "a", NP_COLUMN_TEXT, "Ã¸");
    give_back(&r);
}

static void quotes_hold_separators_line_ends_and_quotes(void **state)
{
    (void)state;
    reading r = read_text("a,b\n\"x, \"\"y\"\"\",\"1\"\n\"line\none\r\ntwo\",2\n"
                          "5\" pipe,3\n\"\"\"\",4\n");
    check_column(&r, "a", NP_COLUMN_TEXT, "x, \"y\"|line\none\r\ntwo|5\" pipe|\"");
    check_column(&r, "b", NP_COLUMN_I64, "1|2|3|4");
    give_back(&r);
}

static void lines_may_end_in_any_of_the_three_ways(void **state)
{
    (void)state;
    const char *texts[] = {"a,b\n1,x\n\n2,y", "a,b\r\n1,x\r\n\r\n2,y\r\n",
                           "a,b\r1,x\r\r2,y\r", "\na,b\n1,x\n2,y\n\n\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        reading r = read_text(texts[i]);
        check_column(&r, "a", NP_COLUMN_I64, "1|2");
        check_column(&r, "b", NP_COLUMN_TEXT, "x|y");
        give_back(&r);
    }
}

static void in_one_column_an_empty_line_is_a_blank_cell(void **state)
{
    (void)state;
    reading r = read_text("a\n1\n\n3\n\n");
    check_column(&r, "a", NP_COLUMN_I64, "1|blank|3");
    give_back(&r);
}

static void titles_above_the_header_are_left_out(void **state)
{
    (void)state;
    reading r = read_text("\"07459: Population, by region\"\n\n\"region\";\"2024\"\n"
                          "\"K-3101 Halden\";\"31935\"\n");
    check_column(&r, "2024", NP_COLUMN_I64, "31935");
    assert_int_equal(r.csv.title_length, 32);
    give_back(&r);
    r = read_text("Tabell 1, fravær, prosent\nKilde: NAV\n\nnr;navn;x\n1;Bø;2\n");
    check_column(&r, "navn", NP_COLUMN_TEXT, "Bø");
    give_back(&r);
    r = read_text("a,b\n\n1,2\n"); /* an empty line alone makes no title */
    check_column(&r, "a", NP_COLUMN_I64, "1");
    give_back(&r);
    const char *text = "made by hand\nin 2014,\nid,x\n1,2\n";
    r = read_bytes(text, strlen(text), &(np_csv_spec){.skip_lines = 2});
    check_column(&r, "x", NP_COLUMN_I64, "2");
    give_back(&r);
}

static void rows_all_short_of_the_header_end_in_blanks(void **state)
{
    (void)state;
    reading r = read_text("code;name;from;to\n0301;Oslo\n1103;Stavanger\n");
    check_column(&r, "name", NP_COLUMN_TEXT, "Oslo|Stavanger");
    check_column(&r, "to", NP_COLUMN_F64, "blank|blank");
    give_back(&r);
}

static void a_column_without_a_name_gets_its_place(void **state)
{
    (void)state;
    reading r = read_text(", year ,x\n0,2019,1\n");
    check_column(&r, "V1", NP_COLUMN_I64, "0");
    check_column(&r, "year", NP_COLUMN_I64, "2019");
    give_back(&r);
    r = read_bytes("5;a\n6;b", 7, &(np_csv_spec){.no_header = true});
    check_column(&r, "V1", NP_COLUMN_I64, "5|6");
    check_column(&r, "V2", NP_COLUMN_TEXT, "a|b");
    give_back(&r);
}

static void only_the_wanted_columns_are_read(void **state)
{
    (void)state;
    const char *text = "a,b,c,d\n1,x,2,7\n3,\"y,z\",4,8\n";
    const char *wanted[] = {"c", "a"}, *as_text[] = {"c"}, *bad[] = {"cc"};
    reading r = read_bytes(text, strlen(text),
                           &(np_csv_spec){.columns = wanted,
                                          .n_columns = 2,
                                          .text_columns = as_text,
                                          .n_text_columns = 1});
    assert_int_equal(r.csv.table.n_columns, 2);
    check_column(&r, "a", NP_COLUMN_I64, "1|3");
    check_column(&r, "c", NP_COLUMN_TEXT, "2|4");
    assert_int_equal(r.csv.n_skipped, 2);
    assert_string_equal(r.csv.skipped[1], "d");
    give_back(&r);
    r = read_bytes(text, strlen(text), &(np_csv_spec){.columns = bad, .n_columns = 1});
    assert_int_equal(r.status, NP_E_UNKNOWN_NAME);
    assert_string_equal(r.err.hint, "did you mean c?");
    give_back(&r);
}

static void numbers_are_read_exactly(void **state)
{
    (void)state;
    reading r =
        read_text("x\n0.1\n-12.345678901234567\n1e-300\n123456789012345678\n"
                  "5.\n.5\n+2\n-0.0\n179769313486231570000e288\n0.30000000000000004\n"
                  "Inf\n-Inf\n9007199254740993.0\n");
    const double want[] = {0.1,
                           -12.345678901234567,
                           1e-300,
                           123456789012345678.0,
                           5,
                           .5,
                           2,
                           -0.0,
                           1.7976931348623157e308,
                           0.30000000000000004,
                           INFINITY,
                           -INFINITY,
                           9007199254740992.0};
    const double *x = column_of(&r, "x")->f64;
    assert_int_equal(column_of(&r, "x")->type, NP_COLUMN_F64);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        assert_memory_equal(&x[i], &want[i], sizeof *x);
    give_back(&r);
}

static void integers_that_do_not_fit_keep_their_digits_as_text(void **state)
{
    (void)state;
    reading r = read_text("a,b\n9223372036854775807,9223372036854775808\n"
                          "-9223372036854775807,1\n");
    check_column(&r, "a", NP_COLUMN_I64, "9223372036854775807|-9223372036854775807");
    check_column(&r, "b", NP_COLUMN_TEXT, "9223372036854775808|1");
    give_back(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_follow_from_all_cells),
        cmocka_unit_test(a_late_cell_changes_the_type_of_its_column),
        cmocka_unit_test(a_norwegian_file_has_semicolons_and_decimal_commas),
        cmocka_unit_test(commas_in_names_and_decimals_do_not_separate),
        cmocka_unit_test(blanks_between_digits_must_part_thousands),
        cmocka_unit_test(the_decimal_sign_is_looked_for),
        cmocka_unit_test(symbols_of_official_statistics_are_missing_reasons),
        cmocka_unit_test(in_a_text_column_quoted_symbols_are_text),
        cmocka_unit_test(windows_1252_is_recognised),
        cmocka_unit_test(quotes_hold_separators_line_ends_and_quotes),
        cmocka_unit_test(lines_may_end_in_any_of_the_three_ways),
        cmocka_unit_test(in_one_column_an_empty_line_is_a_blank_cell),
        cmocka_unit_test(titles_above_the_header_are_left_out),
        cmocka_unit_test(rows_all_short_of_the_header_end_in_blanks),
        cmocka_unit_test(a_column_without_a_name_gets_its_place),
        cmocka_unit_test(only_the_wanted_columns_are_read),
        cmocka_unit_test(numbers_are_read_exactly),
        cmocka_unit_test(integers_that_do_not_fit_keep_their_digits_as_text),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
