#include "support/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/date.h"
#include "base/decimal.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/map.h"
#include "base/rng.h"
#include "base/text.h"
#include "base/utf8.h"

static double parsed(const char *text, char point)
{
    double value = NAN;
    return np_decimal_parse(&value, text, strlen(text), point) ? value : NAN;
}

static void decimals_are_read_with_either_sign(void **state)
{
    (void)state;
    assert_true(parsed("-1.5e3", '.') == -1500);
    assert_true(parsed("7,25", ',') == 7.25);
    assert_true(parsed(".5", '.') == 0.5);
    assert_true(parsed("123456789012345678901234567890", '.') ==
                123456789012345678901234567890.);
    assert_true(parsed("0,1234567890123456789012345", ',') ==
                0.1234567890123456789012345);
}

static void texts_that_are_no_decimals_are_refused(void **state)
{
    (void)state;
    const char *bad[] = {"",    "-",    ".",  "1e",  "1.2.3", "nan",
                         "inf", "0x10", " 1", "12%", "1,5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_true(isnan(parsed(bad[i], '.')));
}

static void printed_numbers_read_back_as_the_same_double(void **state)
{
    (void)state;
    np_rng rng = np_rng_stream(1, 0);
    for (int i = 0; i < 10000; i++) {
        uint64_t bits = np_rng_bits(&rng);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        char text[NP_DECIMAL_LENGTH];
        np_decimal_format(text, value);
        assert_true(parsed(text, '.') == value);
    }
}

static void quotients_by_powers_of_ten_are_the_nearest_doubles(void **state)
{
    (void)state;
    np_rng rng = np_rng_stream(2, 0);
    for (int i = 0; i < 100000; i++) {
        uint64_t mantissa = (np_rng_bits(&rng) >> np_rng_below(&rng, 63)) | 1;
        unsigned n_decimals = (unsigned)np_rng_below(&rng, 19);
        char text[48];
        snprintf(text, sizeof text, "%llue-%u", (unsigned long long)mantissa, n_decimals);
        assert_true(np_decimal_quotient(mantissa, n_decimals) == strtod(text, NULL));
    }
    /* halfway between two doubles: to the even one */
    assert_true(np_decimal_quotient(9007199254740993, 0) == 9007199254740992.0);
    assert_true(np_decimal_quotient(90071992547409950, 1) == 9007199254740996.0);
}

static void rounding_goes_half_away_from_zero(void **state)
{
    (void)state;
    assert_true(np_round_half_away(0.25, 1) == 0.3);
    assert_true(np_round_half_away(-0.25, 1) == -0.3);
    assert_true(np_round_half_away(2.675, 2) == 2.68);
    assert_true(np_round_half_away(2.5, 0) == 3);
    assert_true(np_round_half_away(7.04, 1) == 7.0);
    assert_true(np_round_half_away(1e-30, 1) == 0);
    assert_true(np_round_half_away(123456, 1) == 123456);
}

static void a_line_for_a_terminal_has_no_control_characters(void **state)
{
    (void)state;
    np_buf buf = {0};
    np_buf_add_line(&buf, "Bø\n\x1b[31mrød\t\x7f");
    assert_string_equal(np_buf_done(&buf), "Bø ?[31mrød ?");
    np_buf_free(&buf);
}

static void the_first_failure_wins(void **state)
{
    (void)state;
    np_error err = {0};
    assert_int_equal(np_fail(&err, NP_E_RANGE, "row %d is -3", 41), NP_E_RANGE);
    assert_int_equal(np_fail(&err, NP_E_IO, "later"), NP_E_RANGE);
    np_error_file(&err, "a.csv");
    np_error_at(&err, 3, 7);
    np_error_field(&err, "weights", 7);
    np_error_hint(&err, "weights must be positive");
    char line[512];
    np_error_format(&err, line, sizeof line);
    assert_string_equal(line,
                        "a.csv:3:7: weights: row 41 is -3; weights must be positive");
}

static void the_nearest_name_is_suggested(void **state)
{
    (void)state;
    const char *names[] = {"population", "unemployment", "year"};
    assert_string_equal(np_nearest_name("populaton", names, 3), "population");
    assert_null(np_nearest_name("zzzzzzzz", names, 3));
}

static void an_arena_keeps_its_budget_and_its_marks(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(1 << 20);
    assert_non_null(np_arena_array(arena, double, 1000));
    assert_null(np_arena_array(arena, double, 1 << 20));
    assert_null(np_arena_array(arena, double, SIZE_MAX / 4));
    size_t held = np_arena_held(arena);
    np_arena_mark mark = np_arena_set_mark(arena);
    char *scratch = np_arena_array(arena, char, 100000);
    assert_non_null(scratch);
    np_arena_release(arena, mark);
    assert_int_equal(np_arena_held(arena), held);
    np_arena_fail_at(arena, 2);
    assert_non_null(np_arena_array(arena, char, 1));
    assert_null(np_arena_array(arena, char, 1));
    assert_non_null(np_arena_array(arena, char, 1));
    np_arena_free(arena);
    np_arena_free(NULL);
}

static void maps_number_keys_in_order_of_appearance(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    np_text_map *texts = np_text_map_new(arena);
    np_integer_map *integers = np_integer_map_new(arena);
    char key[16];
    for (int i = 0; i < 5000; i++) {
        int length = snprintf(key, sizeof key, "k%d", i % 2500);
        assert_int_equal(np_text_map_add(texts, key, (size_t)length), i % 2500);
        assert_int_equal(np_integer_map_add(integers, (i % 2500) * 7919 - 5), i % 2500);
    }
    assert_int_equal(np_text_map_size(texts), 2500);
    assert_string_equal(np_text_map_text(texts, 17), "k17");
    assert_int_equal(np_text_map_find(texts, "nei", 3), NP_MAP_NONE);
    assert_int_equal(np_integer_map_find(integers, -6), NP_MAP_NONE);
    assert_int_equal(np_integer_map_key(integers, 1), 7914);
    np_arena_free(arena);
}

static void utf8_is_checked_and_windows_1252_becomes_it(void **state)
{
    (void)state;
    assert_int_equal(np_utf8_invalid("Sør-Trøndelag", 15), 15);
    assert_int_equal(np_utf8_invalid("ab\xc0\x80", 4), 2);
    assert_int_equal(np_utf8_invalid("a\xed\xa0\x80", 4), 1);
    assert_int_equal(np_utf8_invalid("a\xe2\x82", 3), 1);
    assert_int_equal(np_utf8_width("Bø", 3), 2);
    np_buf buf = {0};
    np_utf8_from_windows_1252(&buf, "B\xf8 \x85", 4);
    assert_string_equal(np_buf_done(&buf), "Bø …");
    np_buf_free(&buf);
}

static void json_is_indented_and_escaped(void **state)
{
    (void)state;
    np_buf buf = {0};
    np_json j = {.buf = &buf};
    np_json_object(&j);
    np_json_put_text(&j, "na\"me", "a\nb");
    np_json_put_number(&j, "x", 0.1);
    np_json_put_number(&j, "none", NAN);
    np_json_put_numbers(&j, "v", (double[]){1, 2.5}, 2);
    np_json_key(&j, "empty");
    np_json_array(&j);
    np_json_end_array(&j);
    np_json_end_object(&j);
    assert_string_equal(
        np_buf_done(&buf),
        "{\n  \"na\\\"me\": \"a\\nb\",\n  \"x\": 0.1,\n  \"none\": null,\n"
        "  \"v\": [1, 2.5],\n  \"empty\": []\n}\n");
    np_buf_free(&buf);
}

static void dates_know_the_calendar(void **state)
{
    (void)state;
    int32_t date = 0;
    assert_int_equal(np_date_of(1970, 1, 1), 0);
    assert_int_equal(np_date_of(2000, 3, 1), 11017);
    assert_true(np_date_parse(&date, "2012-02-29", 10));
    char text[NP_DATE_LENGTH];
    np_date_format(text, date);
    assert_string_equal(text, "2012-02-29");
    assert_false(np_date_parse(&date, "2013-02-29", 10));
    assert_false(np_date_parse(&date, "2013-2-9", 8));
    for (int32_t day = -200000; day < 200000; day += 37) {
        int y, m, d;
        np_date_split(day, &y, &m, &d);
        assert_int_equal(np_date_of(y, m, d), day);
    }
}

static void sha256_is_the_standards(void **state)
{
    (void)state;
    char hex[NP_HASH_LENGTH];
    np_hash_bytes(hex, "abc", 3);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223"
                             "b00361a396177a9cb410ff61f20015ad");
}

static void random_streams_repeat_and_differ(void **state)
{
    (void)state;
    np_rng a = np_rng_stream(42, 3), b = np_rng_stream(42, 3), c = np_rng_stream(42, 4);
    double sum = 0;
    for (int i = 0; i < 100000; i++) {
        double u = np_rng_uniform(&a);
        assert_true(u == np_rng_uniform(&b));
        assert_true(u > 0 && u < 1);
        sum += u - np_rng_uniform(&c);
    }
    /* standard deviation of the sum: sqrt(100000 / 6) = 129 */
    assert_true(fabs(sum) < 5 * 129);
}

static void failures_are_not_lost_where_nobody_listens(void **state)
{
    (void)state;
    np_error err = {0};
    assert_int_equal(np_fail(NULL, NP_E_RANGE, "%s", "x"), NP_E_RANGE);
    assert_int_equal(np_error_hint(NULL, "%s", "x"), NP_E_USAGE);
    assert_int_equal(np_error_file(NULL, "x"), NP_E_USAGE);
    assert_int_equal(np_error_at(NULL, 1, 1), NP_E_USAGE);
    assert_int_equal(np_error_field(NULL, "x", 1), NP_E_USAGE);
    np_fail(&err, NP_E_RANGE, "%s", "x");
    assert_int_equal(np_error_hint(&err, "%s", "y"), NP_E_RANGE);
}

static void an_error_is_one_line_of_utf8_whatever_it_quotes(void **state)
{
    (void)state;
    char line[2048], longest[400], wanted[300];
    np_error err = {0};
    np_fail(&err, NP_E_RANGE, "%s", "a\nb\x1b[31m\xff");
    np_error_file(&err, "d\r.csv");
    np_error_field(&err, "f\tg\x7f", 4);
    np_error_hint(&err, "%s", "h\ni");
    np_error_format(&err, line, sizeof line);
    assert_string_equal(line, "d?.csv: f g?: a b?[31m?; h i");
    memset(longest, 'x', sizeof longest); /* the letter does not fit in 255 bytes */
    memcpy(longest + 254, "\xc3\xa5", 3);
    err = (np_error){0};
    np_fail(&err, NP_E_RANGE, "%s", longest);
    memset(wanted, 'x', 254);
    wanted[254] = '\0';
    assert_string_equal(err.message, wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_are_read_with_either_sign),
        cmocka_unit_test(texts_that_are_no_decimals_are_refused),
        cmocka_unit_test(printed_numbers_read_back_as_the_same_double),
        cmocka_unit_test(quotients_by_powers_of_ten_are_the_nearest_doubles),
        cmocka_unit_test(rounding_goes_half_away_from_zero),
        cmocka_unit_test(a_line_for_a_terminal_has_no_control_characters),
        cmocka_unit_test(the_first_failure_wins),
        cmocka_unit_test(failures_are_not_lost_where_nobody_listens),
        cmocka_unit_test(an_error_is_one_line_of_utf8_whatever_it_quotes),
        cmocka_unit_test(the_nearest_name_is_suggested),
        cmocka_unit_test(an_arena_keeps_its_budget_and_its_marks),
        cmocka_unit_test(maps_number_keys_in_order_of_appearance),
        cmocka_unit_test(utf8_is_checked_and_windows_1252_becomes_it),
        cmocka_unit_test(json_is_indented_and_escaped),
        cmocka_unit_test(dates_know_the_calendar),
        cmocka_unit_test(sha256_is_the_standards),
        cmocka_unit_test(random_streams_repeat_and_differ),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
