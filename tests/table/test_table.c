#include "support/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/rng.h"
#include "table/group.h"
#include "table/table.h"

static const double absence[] = {7.5, NAN, 0, 9.25};
static const uint8_t absence_missing[] = {0, NP_MISSING_SUPPRESSED, 0, 0};
static const int64_t year[] = {2011, 2010, 2011, 2010};
static const int32_t start[] = {15000, 15000, NP_DATE_MISSING, 14975};
static const uint8_t start_missing[] = {0, 0, NP_MISSING_BLANK, 0};
static const int32_t place[] = {1, 0, 1, 2};
static const char *const place_labels[] = {"Ørsta", "Bergen", "Bø"};
static const np_dict places = {3, place_labels};

static const np_column columns[] = {
    {.name = "absence",
     .uom = "%",
     .type = NP_COLUMN_F64,
     .f64 = absence,
     .missing = absence_missing},
    {.name = "year", .uom = "", .type = NP_COLUMN_I64, .i64 = year},
    {.name = "start",
     .uom = "",
     .type = NP_COLUMN_DATE,
     .date = start,
     .missing = start_missing},
    {.name = "place", .uom = "", .type = NP_COLUMN_TEXT, .code = place, .dict = &places},
};
static const np_table table = {4, 4, columns};

static void a_column_that_is_not_there_is_named_with_its_nearest(void **state)
{
    (void)state;
    np_error err = {0};
    const np_column *column = NULL;
    assert_int_equal(np_table_column(&column, &table, "place", "unit", &err), NP_OK);
    assert_ptr_equal(column, &columns[3]);
    assert_int_equal(np_table_column(&column, &table, "abscence", "outcome", &err),
                     NP_E_UNKNOWN_NAME);
    char line[512];
    np_error_format(&err, line, sizeof line);
    assert_string_equal(line,
                        "there is no column abscence (outcome); did you mean absence?");
    assert_int_equal(np_table_find(&table, "nei"), 4);
}

static void cells_read_as_numbers_and_as_text(void **state)
{
    (void)state;
    char text[32];
    assert_true(np_column_number(&columns[0], 2) == 0);
    assert_true(isnan(np_column_number(&columns[0], 1)));
    assert_true(np_column_number(&columns[1], 0) == 2011);
    assert_true(isnan(np_column_number(&columns[3], 0)));
    assert_string_equal(np_column_text(&columns[0], 3, text, sizeof text), "9.25");
    assert_string_equal(np_column_text(&columns[0], 1, text, sizeof text), "");
    assert_string_equal(np_column_text(&columns[1], 1, text, sizeof text), "2010");
    assert_string_equal(np_column_text(&columns[2], 3, text, sizeof text), "2011-01-01");
    assert_string_equal(np_column_text(&columns[3], 1, text, sizeof text), "Ørsta");
    assert_int_equal(np_column_missing(&columns[0], 1), NP_MISSING_SUPPRESSED);
    assert_string_equal(np_missing_code(NP_MISSING_SUPPRESSED), "suppressed");
}

static void integers_become_numbers_and_text_does_not(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    np_error err = {0};
    const double *number = NULL;
    assert_int_equal(np_column_as_numbers(&number, &columns[0], 4, arena, &err), NP_OK);
    assert_ptr_equal(number, absence);
    assert_int_equal(np_column_as_numbers(&number, &columns[2], 4, arena, &err), NP_OK);
    assert_true(number[0] == 15000 && isnan(number[2]));
    assert_int_equal(np_column_as_numbers(&number, &columns[3], 4, arena, &err),
                     NP_E_RANGE);
    np_arena_free(arena);
}

static void a_filter_keeps_rows_in_order_with_their_reasons(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    np_table kept;
    assert_int_equal(
        np_table_filter(&kept, &table, (const uint8_t[]){0, 1, 0, 1}, arena, NULL),
        NP_OK);
    assert_int_equal(np_table_check(&kept, NULL), NP_OK);
    assert_int_equal(kept.n_rows, 2);
    assert_int_equal(np_column_missing(&kept.column[0], 0), NP_MISSING_SUPPRESSED);
    assert_true(kept.column[0].f64[1] == 9.25);
    assert_int_equal(kept.column[2].date[1], 14975);
    assert_int_equal(kept.column[3].code[1], 2);
    np_arena_free(arena);
}

static void a_selection_shares_the_cells(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    np_table two;
    np_error err = {0};
    const char *names[] = {"place", "year"}, *bad[] = {"yaer"};
    assert_int_equal(np_table_select(&two, &table, names, 2, arena, &err), NP_OK);
    assert_ptr_equal(two.column[1].i64, year);
    assert_int_equal(np_table_check(&two, &err), NP_OK);
    assert_int_equal(np_table_select(&two, &table, bad, 1, arena, &err),
                     NP_E_UNKNOWN_NAME);
    np_arena_free(arena);
}

static void a_table_that_contradicts_itself_is_found_out(void **state)
{
    (void)state;
    assert_int_equal(np_table_check(&table, NULL), NP_OK);
    np_column bad = columns[0];
    bad.missing = NULL; /* the NaN in row 2 has no reason now */
    assert_int_equal(np_table_check(&(np_table){4, 1, &bad}, NULL), NP_E_RANGE);
    np_column twice[] = {columns[1], columns[1]};
    assert_int_equal(np_table_check(&(np_table){4, 2, twice}, NULL), NP_E_RANGE);
    np_column beyond = columns[3];
    beyond.code = (const int32_t[]){0, 1, 2, 3};
    assert_int_equal(np_table_check(&(np_table){4, 1, &beyond}, NULL), NP_E_RANGE);
}

static np_groups grouped(const np_table *t, const np_column *const *by, size_t n_by,
                         const uint32_t *rows, size_t n, np_arena *arena)
{
    np_groups groups;
    np_error err = {0};
    if (np_group_columns(&groups, t, by, n_by, rows, n, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    return groups;
}

static void groups_come_in_the_order_of_their_values(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    const np_column *by_place[] = {&columns[3]}, *by_year[] = {&columns[1]};
    np_groups g = grouped(&table, by_place, 1, NULL, 0, arena);
    assert_int_equal(g.n_groups, 3);
    /* bytes: Bergen, Bø, Ørsta */
    assert_memory_equal(g.code, ((int32_t[]){0, 2, 0, 1}), sizeof(int32_t[4]));
    assert_memory_equal(g.first_row, ((int32_t[]){0, 3, 1}), sizeof(int32_t[3]));
    assert_string_equal(np_group_label(&g, by_place, 1, NULL, 1, arena), "Bø");
    g = grouped(&table, by_year, 1, (const uint32_t[]){3, 0}, 2, arena);
    assert_memory_equal(g.code, ((int32_t[]){0, 1}), sizeof(int32_t[2]));
    assert_string_equal(
        np_group_label(&g, by_year, 1, (const uint32_t[]){3, 0}, 1, arena), "2011");
    np_arena_free(arena);
}

static void several_columns_group_lexicographically(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    const np_column *by[] = {&columns[1], &columns[3]};
    np_groups g = grouped(&table, by, 2, NULL, 0, arena);
    /* 2010 Bø, 2010 Ørsta, 2011 Bergen */
    assert_int_equal(g.n_groups, 3);
    assert_memory_equal(g.code, ((int32_t[]){2, 1, 2, 0}), sizeof(int32_t[4]));
    assert_string_equal(np_group_label(&g, by, 2, NULL, 2, arena), "2011_Bergen");
    np_arena_free(arena);
}

static void a_missing_cell_cannot_be_grouped(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    np_error err = {0};
    np_groups g;
    const np_column *by[] = {&columns[2]};
    assert_int_equal(np_group_columns(&g, &table, by, 1, NULL, 0, arena, &err),
                     NP_E_RANGE);
    assert_string_equal(err.message, "start is missing in row 3");
    assert_int_equal(
        np_group_columns(&g, &table, by, 1, (const uint32_t[]){0, 3}, 2, arena, NULL),
        NP_OK);
    assert_int_equal(g.n_groups, 2);
    np_arena_free(arena);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Codes must be the ranks among the distinct values, whatever the path taken. */
static void check_ranks(const np_column *column, size_t n, const double *value)
{
    np_arena *arena = np_arena_new(0);
    const np_column *by[] = {column};
    np_groups g = grouped(&(np_table){n, 1, column}, by, 1, NULL, 0, arena);
    double *sorted = malloc(n * sizeof *sorted);
    memcpy(sorted, value, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_value);
    size_t n_distinct = 0;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || sorted[i] != sorted[n_distinct - 1])
            sorted[n_distinct++] = sorted[i];
    assert_int_equal(g.n_groups, n_distinct);
    for (size_t i = 0; i < n; i++) {
        assert_true(sorted[g.code[i]] == value[i]);
        assert_true((size_t)g.first_row[g.code[i]] <= i);
    }
    for (size_t k = 0; k < n_distinct; k++)
        assert_true(value[g.first_row[k]] == sorted[k]);
    free(sorted);
    np_arena_free(arena);
}

static void rows_in_the_order_of_their_keys_group_alike(void **state)
{
    (void)state;
    enum { N = 200000 };
    static double value[N];
    for (int step = 1; step <= 100000; step *= 10) /* groups within and across tasks */
        for (int last = 0; last < 2; last++) {
            for (size_t i = 0; i < N; i++)
                value[i] = (double)(i / (size_t)step) * 1e7 - 1e8;
            if (last == 1)
                value[N - 1] = -1e9; /* not in order after all */
            check_ranks(&(np_column){.name = "k", .type = NP_COLUMN_F64, .f64 = value}, N,
                        value);
        }
}

/* More keys than the first table of group_hash.c has room for, and the farthest apart. */
static void millions_of_keys_group_alike(void **state)
{
    (void)state;
    enum { N = 2300000 };
    np_rng rng = np_rng_stream(8, 0);
    double *value = malloc(N * sizeof *value);
    int64_t *integer = malloc(N * sizeof *integer);
    for (size_t i = 0; i < N; i++) {
        integer[i] = (int64_t)np_rng_below(&rng, (uint64_t)1 << 52);
        value[i] = (double)integer[i];
    }
    integer[5] = INT64_MAX;
    integer[N / 2] = -INT64_MAX;
    value[5] = 0x1p63;
    value[N / 2] = -0x1p63;
    check_ranks(&(np_column){.name = "k", .type = NP_COLUMN_I64, .i64 = integer}, N,
                value);
    free(value);
    free(integer);
}

static void labels_group_by_their_bytes(void **state)
{
    (void)state;
    enum { N = 20000, LENGTH = 24 };
    static char text[N][LENGTH];
    static const char *label[N];
    static int32_t code[N];
    np_rng rng = np_rng_stream(9, 0);
    for (size_t i = 0; i < N; i++) {
        /* as good as different, and not by their first 8 bytes alone */
        size_t prefix = np_rng_below(&rng, 11);
        snprintf(text[i], LENGTH, "%.*s%s%zu", (int)prefix, "\xc3\x98rstaTown",
                 i % 3 == 0 ? "" : "_", (size_t)np_rng_below(&rng, 1000) * N + i);
        label[i] = text[i];
        code[i] = (int32_t)((i * 7919) % N);
    }
    np_dict dict = {N, label};
    np_column column = {.name = "k", .type = NP_COLUMN_TEXT, .code = code, .dict = &dict};
    const np_column *by[] = {&column};
    np_arena *arena = np_arena_new(0);
    np_groups g = grouped(&(np_table){N, 1, &column}, by, 1, NULL, 0, arena);
    assert_int_equal(g.n_groups, N);
    for (size_t k = 1; k < N; k++)
        assert_true(strcmp(label[code[g.first_row[k - 1]]], label[code[g.first_row[k]]]) <
                    0);
    np_arena_free(arena);
}

static void many_rows_group_alike_by_address_and_by_hash(void **state)
{
    (void)state;
    enum { N = 200000 };
    np_rng rng = np_rng_stream(7, 0);
    static double value[N];
    static int64_t integer[N];
    for (int wide = 0; wide < 2; wide++) {
        for (size_t i = 0; i < N; i++) {
            integer[i] = (int64_t)np_rng_below(&rng, 5000) - 2500;
            integer[i] *= wide ? 1000000007 : 1;
            value[i] = (double)integer[i];
        }
        check_ranks(&(np_column){.name = "k", .type = NP_COLUMN_I64, .i64 = integer}, N,
                    value);
        for (size_t i = 0; i < N; i++)
            value[i] /= 8;
        check_ranks(&(np_column){.name = "k", .type = NP_COLUMN_F64, .f64 = value}, N,
                    value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_that_is_not_there_is_named_with_its_nearest),
        cmocka_unit_test(cells_read_as_numbers_and_as_text),
        cmocka_unit_test(integers_become_numbers_and_text_does_not),
        cmocka_unit_test(a_filter_keeps_rows_in_order_with_their_reasons),
        cmocka_unit_test(a_selection_shares_the_cells),
        cmocka_unit_test(a_table_that_contradicts_itself_is_found_out),
        cmocka_unit_test(groups_come_in_the_order_of_their_values),
        cmocka_unit_test(several_columns_group_lexicographically),
        cmocka_unit_test(a_missing_cell_cannot_be_grouped),
        cmocka_unit_test(many_rows_group_alike_by_address_and_by_hash),
        cmocka_unit_test(rows_in_the_order_of_their_keys_group_alike),
        cmocka_unit_test(millions_of_keys_group_alike),
        cmocka_unit_test(labels_group_by_their_bytes),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
