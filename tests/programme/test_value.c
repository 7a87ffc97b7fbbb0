#include "support/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "programme/value.h"

static np_arena *arena;

static int start(void **state)
{
    (void)state;
    arena = np_arena_new(1 << 24);
    return arena == NULL;
}

static int stop(void **state)
{
    (void)state;
    np_arena_free(arena);
    return 0;
}

static np_field field_of(np_field_type type)
{
    return (np_field){.name = "women",
                      .type = type,
                      .among = type == NP_FIELD_CHOICE ? "main|additional" : NULL};
}

static np_value parse_bytes(np_field_type type, const char *text, size_t length,
                            char decimal)
{
    np_value value = {0};
    np_error err = {0};
    np_field field = field_of(type);
    if (np_value_parse(&value, &field, text, length, decimal, arena, &err) != NP_OK)
        fail_msg("%s: %s", text, err.message);
    return value;
}

static np_value parse(np_field_type type, const char *text)
{
    return parse_bytes(type, text, strlen(text), ',');
}

static np_error refused_bytes(np_field_type type, const char *text, size_t length)
{
    np_value value = NP_VALUE_OF_INTEGER(-77);
    np_error err = {0};
    np_field field = field_of(type);
    if (np_value_parse(&value, &field, text, length, ',', arena, &err) != NP_E_RANGE)
        fail_msg("accepted: %s", text);
    assert_int_equal(value.type, NP_VALUE_INTEGER);
    assert_int_equal(value.integer, -77);
    assert_string_equal(err.field, "women");
    assert_true(err.hint[0] != 0);
    return err;
}

static np_error refused(np_field_type type, const char *text)
{
    return refused_bytes(type, text, strlen(text));
}

static int64_t integer(const char *text)
{
    np_value value = parse(NP_FIELD_INTEGER, text);
    assert_int_equal(value.type, NP_VALUE_INTEGER);
    return value.integer;
}

static double number(const char *text)
{
    np_value value = parse(NP_FIELD_NUMBER, text);
    assert_int_equal(value.type, NP_VALUE_NUMBER);
    return value.number;
}

static void zero_is_a_value(void **state)
{
    (void)state;
    assert_int_equal(integer("0"), 0);
    assert_true(number("0") == 0);
}

static void an_empty_text_is_absent(void **state)
{
    (void)state;
    for (int type = NP_FIELD_TEXT; type <= NP_FIELD_REFERENCE; type++) {
        assert_int_equal(parse((np_field_type)type, "").type, NP_VALUE_NONE);
        assert_int_equal(parse((np_field_type)type, " \t\xC2\xA0 ").type, NP_VALUE_NONE);
    }
}

static void thousands_are_divided_by_plain_and_no_break_spaces(void **state)
{
    (void)state;
    assert_int_equal(integer("57 000"), 57000);
    assert_int_equal(integer("1\xC2\xA0"
                             "234\xC2\xA0"
                             "567"),
                     1234567);
    assert_true(number("57\xE2\x80\xAF"
                       "000,25") == 57000.25);
}

static void spaces_elsewhere_are_refused(void **state)
{
    (void)state;
    const char *const text[] = {"5 7", "1 0000", "1234 567",  "57 000 1",
                                "- 5", "1  000", "0,123 456", "57 0000"};
    for (size_t k = 0; k < sizeof text / sizeof *text; k++)
        refused(NP_FIELD_NUMBER, text[k]);
}

static void the_minus_sign_of_typography_is_read(void **state)
{
    (void)state;
    assert_int_equal(integer("\xE2\x88\x92"
                             "12"),
                     -12);
    assert_true(number("\xE2\x88\x92"
                       "7,5") == -7.5);
    refused(NP_FIELD_NUMBER, "\xE2\x88\x92-5");
    refused(NP_FIELD_INTEGER, "\xE2\x88\x92");
}

static void the_decimal_sign_is_the_one_that_was_given(void **state)
{
    (void)state;
    assert_true(number("-7,5") == -7.5);
    assert_true(parse_bytes(NP_FIELD_NUMBER, "7.5", 3, '.').number == 7.5);
    refused(NP_FIELD_NUMBER, "7.5");
}

static void words_and_units_are_no_numbers(void **state)
{
    (void)state;
    const char *const text[] = {"12%", "ca 10", "Ja",  "N/A", "se beskrivelse",
                                "nan", "inf",   "0x10"};
    for (size_t k = 0; k < sizeof text / sizeof *text; k++) {
        assert_non_null(strstr(refused(NP_FIELD_INTEGER, text[k]).message, text[k]));
        np_error err = refused(NP_FIELD_NUMBER, text[k]);
        assert_non_null(strstr(err.message, text[k]));
        assert_non_null(strstr(err.hint, "7,5"));
    }
}

static void an_integer_has_no_decimals(void **state)
{
    (void)state;
    refused(NP_FIELD_INTEGER, "7,5");
    refused(NP_FIELD_INTEGER, "7,0");
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    assert_true(integer("9 223 372 036 854 775 807") == INT64_MAX);
    refused(NP_FIELD_INTEGER, "9 223 372 036 854 775 808");
    refused(NP_FIELD_NUMBER, "1e999");
}

static void dates_are_read_in_both_forms(void **state)
{
    (void)state;
    const char *const text[] = {"2014-02-01", "01.02.2014", "1.2.2014", " 1.02.2014 "};
    for (size_t k = 0; k < 4; k++)
        assert_string_equal(parse(NP_FIELD_DATE, text[k]).text, "2014-02-01");
    assert_string_equal(parse(NP_FIELD_DATE, "29.2.2016").text, "2016-02-29");
}

static void days_that_are_not_in_the_calendar_are_refused(void **state)
{
    (void)state;
    const char *const text[] = {"2014-02-30", "30.2.2014",  "29.02.2015", "2014-13-01",
                                "1.13.2014",  "0.1.2014",   "0000-01-01", "1.1.0000",
                                "1.2.14",     "001.2.2014", "1.2.20145",  "1.2.",
                                "2014",       "1..2014",    "1/2/2014"};
    for (size_t k = 0; k < sizeof text / sizeof *text; k++)
        refused(NP_FIELD_DATE, text[k]);
}

static void periods_are_kept_in_one_form(void **state)
{
    (void)state;
    const char *const text[][2] = {
        {"2014", "2014"},      {"2014S1", "2014S1"},  {"2014S2", "2014S2"},
        {"2014Q4", "2014Q4"},  {"2014K1", "2014Q1"},  {"201401", "201401"},
        {"2014M12", "201412"}, {"2014-01", "201401"},
    };
    for (size_t k = 0; k < sizeof text / sizeof *text; k++)
        assert_string_equal(parse(NP_FIELD_PERIOD, text[k][0]).text, text[k][1]);
}

static void periods_that_do_not_exist_are_refused(void **state)
{
    (void)state;
    const char *const text[] = {"0000",    "201413",  "201400",    "2014-13", "2014M00",
                                "2014S3",  "2014S0",  "2014Q5",    "2014K0",  "14",
                                "2014Q",   "2014Q11", "2014-1",    "2014M1",  "20141",
                                "2014X01", "2014 S1", "2014-01-01"};
    for (size_t k = 0; k < sizeof text / sizeof *text; k++)
        refused(NP_FIELD_PERIOD, text[k]);
    refused_bytes(NP_FIELD_PERIOD,
                  "2014\0"
                  "1",
                  6);
}

static void yes_and_no_are_read_in_both_languages(void **state)
{
    (void)state;
    const char *const yes[] = {"yes", "ja", "Ja", "true", "1"};
    const char *const no[] = {"no", "nei", "NEI", "false", "0"};
    for (size_t k = 0; k < 5; k++) {
        assert_int_equal(parse(NP_FIELD_YES_NO, yes[k]).integer, 1);
        np_value value = parse(NP_FIELD_YES_NO, no[k]);
        assert_int_equal(value.type, NP_VALUE_INTEGER);
        assert_int_equal(value.integer, 0);
    }
    refused(NP_FIELD_YES_NO, "2");
    refused(NP_FIELD_YES_NO, "kanskje");
}

static void a_choice_is_one_of_its_words(void **state)
{
    (void)state;
    assert_string_equal(parse(NP_FIELD_CHOICE, " additional ").text, "additional");
    np_error err = refused(NP_FIELD_CHOICE, "mai");
    assert_non_null(strstr(err.hint, "main, additional"));
    refused(NP_FIELD_CHOICE, "main|additional");
}

static void texts_and_references_are_kept_without_the_space_around(void **state)
{
    (void)state;
    assert_string_equal(parse(NP_FIELD_TEXT, "\xC2\xA0 å b \n").text, "å b");
    assert_string_equal(parse(NP_FIELD_REFERENCE, "T-01").text, "T-01");
}

static void texts_with_zero_bytes_or_without_encoding_are_refused(void **state)
{
    (void)state;
    refused_bytes(NP_FIELD_TEXT, "a\0b", 3);
    refused_bytes(NP_FIELD_TEXT, "a\x1b[2Jb", 6);
    refused_bytes(NP_FIELD_TEXT, "a\x7f", 2);
    refused_bytes(NP_FIELD_REFERENCE, "\xE5 b", 3);
    assert_string_equal(parse(NP_FIELD_TEXT, "two\nlines\tand a tab").text,
                        "two\nlines\tand a tab");
}

static void a_very_long_text_is_cut_in_the_message(void **state)
{
    (void)state;
    enum { LENGTH = 100001 };
    static char text[LENGTH + 1];
    for (size_t k = 0; k + 1 < LENGTH; k += 2)
        memcpy(text + k + 1, "å", 2);
    text[0] = 'x';
    np_error err = refused(NP_FIELD_NUMBER, text);
    assert_non_null(strstr(err.message, "å…\""));
    assert_null(strchr(err.message, '?'));
    memset(text, '9', LENGTH);
    refused(NP_FIELD_INTEGER, text);
    assert_int_equal(strlen(parse(NP_FIELD_TEXT, text).text), LENGTH);
    char *longer = malloc(NP_VALUE_LONGEST + 2);
    assert_non_null(longer);
    memset(longer, 'a', NP_VALUE_LONGEST + 1);
    longer[NP_VALUE_LONGEST + 1] = '\0';
    refused(NP_FIELD_TEXT, longer);
    free(longer);
}

static void values_are_written_as_they_are_exported(void **state)
{
    (void)state;
    char scratch[NP_VALUE_SCRATCH];
    np_field text = field_of(NP_FIELD_TEXT), whole = field_of(NP_FIELD_INTEGER),
             real = field_of(NP_FIELD_NUMBER), yes_no = field_of(NP_FIELD_YES_NO);
    assert_string_equal(np_value_format(scratch, &text, (np_value){0}), "");
    assert_string_equal(np_value_format(scratch, &text, NP_VALUE_OF_TEXT("å")), "å");
    assert_string_equal(np_value_format(scratch, &whole, NP_VALUE_OF_INTEGER(INT64_MIN)),
                        "-9223372036854775808");
    assert_string_equal(np_value_format(scratch, &whole, NP_VALUE_OF_INTEGER(0)), "0");
    assert_string_equal(np_value_format(scratch, &real, NP_VALUE_OF_NUMBER(0.1)), "0.1");
    assert_string_equal(np_value_format(scratch, &yes_no, NP_VALUE_OF_INTEGER(1)), "yes");
    assert_string_equal(np_value_format(scratch, &yes_no, NP_VALUE_OF_INTEGER(0)), "no");
}

static np_period period(const char *text)
{
    np_period p = {0};
    if (!np_period_parse(&p, text, strlen(text)))
        fail_msg("no period: %s", text);
    return p;
}

static void a_period_has_a_first_and_a_last_day(void **state)
{
    (void)state;
    const char *const row[][3] = {
        {"2014", "2014-01-01", "2014-12-31"},   {"2014S2", "2014-07-01", "2014-12-31"},
        {"2014Q2", "2014-04-01", "2014-06-30"}, {"201602", "2016-02-01", "2016-02-29"},
        {"201512", "2015-12-01", "2015-12-31"}, {"9999", "9999-01-01", "9999-12-31"},
    };
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        char text[NP_DATE_LENGTH];
        np_date_format(text, np_period_first_day(period(row[k][0])));
        assert_string_equal(text, row[k][1]);
        np_date_format(text, np_period_last_day(period(row[k][0])));
        assert_string_equal(text, row[k][2]);
    }
}

static void the_next_period_goes_over_the_new_year(void **state)
{
    (void)state;
    const char *const row[][2] = {{"2014", "2015"},     {"2014S1", "2014S2"},
                                  {"2014S2", "2015S1"}, {"2014Q4", "2015Q1"},
                                  {"201412", "201501"}, {"201401", "201402"}};
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
        char text[NP_PERIOD_TEXT];
        np_period_format(text, np_period_next(period(row[k][0])));
        assert_string_equal(text, row[k][1]);
    }
}

static void periods_are_ordered_by_first_day_then_the_longer_first(void **state)
{
    (void)state;
    const char *const order[] = {"2013",   "2014",   "2014S1", "2014Q1",
                                 "201401", "201402", "2014S2", "2015"};
    for (size_t a = 0; a < 8; a++)
        for (size_t b = 0; b < 8; b++) {
            int c = np_period_compare(period(order[a]), period(order[b]));
            assert_int_equal((c > 0) - (c < 0), (a > b) - (a < b));
        }
}

static void no_memory_is_told(void **state)
{
    (void)state;
    np_field whole = field_of(NP_FIELD_INTEGER), text = field_of(NP_FIELD_TEXT);
    np_value value = {0};
    np_error err = {0};
    np_arena_fail_at(arena, 1);
    assert_int_equal(np_value_parse(&value, &whole, "7", 1, ',', arena, &err),
                     NP_E_NO_MEMORY);
    np_arena_fail_at(arena, 1);
    assert_int_equal(np_value_parse(&value, &text, "7", 1, ',', arena, NULL),
                     NP_E_NO_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_is_a_value),
        cmocka_unit_test(an_empty_text_is_absent),
        cmocka_unit_test(thousands_are_divided_by_plain_and_no_break_spaces),
        cmocka_unit_test(spaces_elsewhere_are_refused),
        cmocka_unit_test(the_minus_sign_of_typography_is_read),
        cmocka_unit_test(the_decimal_sign_is_the_one_that_was_given),
        cmocka_unit_test(words_and_units_are_no_numbers),
        cmocka_unit_test(an_integer_has_no_decimals),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(dates_are_read_in_both_forms),
        cmocka_unit_test(days_that_are_not_in_the_calendar_are_refused),
        cmocka_unit_test(periods_are_kept_in_one_form),
        cmocka_unit_test(periods_that_do_not_exist_are_refused),
        cmocka_unit_test(yes_and_no_are_read_in_both_languages),
        cmocka_unit_test(a_choice_is_one_of_its_words),
        cmocka_unit_test(texts_and_references_are_kept_without_the_space_around),
        cmocka_unit_test(texts_with_zero_bytes_or_without_encoding_are_refused),
        cmocka_unit_test(a_very_long_text_is_cut_in_the_message),
        cmocka_unit_test(values_are_written_as_they_are_exported),
        cmocka_unit_test(a_period_has_a_first_and_a_last_day),
        cmocka_unit_test(the_next_period_goes_over_the_new_year),
        cmocka_unit_test(periods_are_ordered_by_first_day_then_the_longer_first),
        cmocka_unit_test(no_memory_is_told),
    };
    return cmocka_run_group_tests_name("programme value", tests, start, stop);
}
