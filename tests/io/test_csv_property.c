/* What must hold whatever the table, the chunks and the threads are. */
#include "io/reading.h"

#include "base/date.h"
#include "base/rng.h"

static void same_tables(const np_table *a, const np_table *b)
{
    assert_int_equal(a->n_rows, b->n_rows);
    assert_int_equal(a->n_columns, b->n_columns);
    for (size_t j = 0; j < a->n_columns; j++) {
        const np_column *x = &a->column[j], *y = &b->column[j];
        assert_string_equal(x->name, y->name);
        assert_int_equal(x->type, y->type);
        for (size_t i = 0; i < a->n_rows; i++) {
            bool missing = np_column_missing(x, i) != NP_PRESENT;
            assert_int_equal(missing, np_column_missing(y, i) != NP_PRESENT);
            if (missing)
                continue;
            if (x->type == NP_COLUMN_TEXT)
                assert_string_equal(x->dict->label[x->code[i]],
                                    y->dict->label[y->code[i]]);
            else if (x->type == NP_COLUMN_DATE)
                assert_int_equal(x->date[i], y->date[i]);
            else
                assert_memory_equal(&x->i64[i], &y->i64[i], 8);
        }
    }
}

enum { N = 3000 };

/* Labels that a writer must take care of. */
static const char *const hard_labels[] = {
    "Oslo",        "a,b", "x;y", "tab\there", "pipe|d",  "say \"hi\"",
    "line\nbreak", "NA",  "-",   "..",        " blank ", "\r\n",
    "Bø",          "…",   "\"",  "a\"\"b",    "0301",    "*"};
enum { N_LABELS = sizeof hard_labels / sizeof *hard_labels };

static double f64[N];
static int64_t i64[N];
static int32_t date[N], code[N];
static uint8_t missing[4][N];

static np_table random_table(uint64_t seed)
{
    static const np_dict dict = {N_LABELS, hard_labels};
    static np_column column[4];
    np_rng rng = np_rng_stream(seed, 0);
    for (size_t i = 0; i < N; i++) {
        for (int j = 0; j < 4; j++)
            missing[j][i] = np_rng_below(&rng, 5) == 0;
        f64[i] = missing[0][i] ? NAN
                               : (np_rng_uniform(&rng) - 0.5) *
                                     pow(10, (double)np_rng_below(&rng, 40) - 20);
        i64[i] = missing[1][i] ? NP_I64_MISSING : (int64_t)np_rng_bits(&rng) >> 3;
        date[i] = missing[2][i] ? NP_DATE_MISSING : (int32_t)np_rng_below(&rng, 20000);
        code[i] = missing[3][i] ? -1 : (int32_t)np_rng_below(&rng, N_LABELS);
    }
    column[0] = (np_column){.name = "f", .type = NP_COLUMN_F64, .f64 = f64};
    column[1] = (np_column){.name = "i, j", .type = NP_COLUMN_I64, .i64 = i64};
    column[2] = (np_column){.name = "d", .type = NP_COLUMN_DATE, .date = date};
    column[3] = (np_column){.name = "t", .type = NP_COLUMN_TEXT, .code = code};
    column[3].dict = &dict;
    for (int j = 0; j < 4; j++) {
        column[j].uom = "";
        column[j].missing = missing[j];
    }
    return (np_table){N, 4, column};
}

static void what_is_written_reads_back_the_same(void **state)
{
    (void)state;
    const np_csv_write_spec specs[] = {
        {0},
        {.separator = ';', .decimal = ','},
        {.separator = '\t', .decimal = ',', .for_excel = true},
        {.separator = ',', .decimal = ','},
    };
    for (size_t k = 0; k < sizeof specs / sizeof *specs; k++) {
        np_table table = random_table(k);
        np_buf text = {0};
        assert_int_equal(np_table_check(&table, NULL), NP_OK);
        assert_int_equal(np_csv_write(&text, &table, &specs[k], NULL), NP_OK);
        reading r = read_bytes(text.text, text.length, NULL);
        column_of(&r, "f");
        same_tables(&table, &r.csv.table);
        give_back(&r);
        np_buf_free(&text);
    }
}

static void a_single_column_keeps_its_blanks(void **state)
{
    (void)state;
    np_table table = random_table(9);
    for (size_t j = 0; j < table.n_columns; j++) {
        np_table one = {table.n_rows, 1, &table.column[j]};
        np_buf text = {0};
        assert_int_equal(np_csv_write(&text, &one, NULL, NULL), NP_OK);
        reading r = read_bytes(text.text, text.length, NULL);
        column_of(&r, one.column->name);
        same_tables(&one, &r.csv.table);
        give_back(&r);
        np_buf_free(&text);
    }
}

/* Several chunks of a megabyte, with line ends inside quotes everywhere, so that
 * many chunks begin inside a quoted field. */
static void make_long_text(np_buf *text, bool quoted)
{
    np_rng rng = np_rng_stream(3, quoted);
    np_buf_add(text, "id,v,note,day\n");
    for (int i = 0; text->length < (5U << 20); i++) {
        np_buf_format(text, "%d,%.15g,", i, np_rng_uniform(&rng) - 0.5);
        uint64_t n = np_rng_below(&rng, 60);
        if (quoted)
            np_buf_add_char(text, '"');
        for (uint64_t k = 0; k < n; k++)
            np_buf_add(text, !quoted                      ? "x"
                             : np_rng_below(&rng, 3) == 0 ? "\n"
                             : np_rng_below(&rng, 3) == 0 ? "\"\""
                                                          : "1,2");
        if (quoted)
            np_buf_add_char(text, '"');
        np_buf_format(text, ",20%02d-01-01\n", i % 100);
        if (i % 97 == 0)
            np_buf_add(text, "\n");
    }
}

static void threads_do_not_change_the_result(void **state)
{
    (void)state;
    for (int quoted = 0; quoted < 2; quoted++) {
        np_buf text = {0};
        make_long_text(&text, quoted);
        reading one = read_bytes(text.text, text.length, &(np_csv_spec){.n_threads = 1});
        const np_column *id = column_of(&one, "id");
        assert_int_equal(id->type, NP_COLUMN_I64);
        for (size_t i = 0; i < one.csv.table.n_rows; i++)
            assert_int_equal(id->i64[i], i);
        assert_int_equal(column_of(&one, "v")->type, NP_COLUMN_F64);
        assert_int_equal(column_of(&one, "note")->type, NP_COLUMN_TEXT);
        assert_int_equal(column_of(&one, "day")->type, NP_COLUMN_DATE);
        for (unsigned n = 2; n <= 7; n += 5) {
            reading many =
                read_bytes(text.text, text.length, &(np_csv_spec){.n_threads = n});
            same_tables(&one.csv.table, &many.csv.table);
            const np_column *a = column_of(&one, "note"), *b = column_of(&many, "note");
            assert_memory_equal(a->code, b->code, one.csv.table.n_rows * 4);
            give_back(&many);
        }
        give_back(&one);
        np_buf_free(&text);
    }
}

static void an_error_far_down_names_its_line(void **state)
{
    (void)state;
    np_buf text = {0};
    np_buf_add(&text, "a,b\n");
    for (int i = 0; i < 400000; i++)
        np_buf_format(&text,
                      i == 345678   ? "%d\n"
                      : i == 399999 ? "%d,1,2\n"
                                    : "%d,7\n",
                      i);
    for (unsigned n = 1; n <= 2; n++) {
        reading r = read_bytes(text.text, text.length, &(np_csv_spec){.n_threads = n});
        assert_int_equal(r.status, NP_E_PARSE);
        assert_int_equal(r.err.line, 345680);
        give_back(&r);
    }
    np_buf_free(&text);
}

/* Against strtod, for numbers of every length and size. */
static void numbers_are_those_of_the_c_library(void **state)
{
    (void)state;
    enum { COUNT = 50000 };
    np_rng rng = np_rng_stream(5, 0);
    np_buf text = {0};
    static char number[COUNT][48];
    np_buf_add(&text, "x,y\n");
    for (int i = 0; i < COUNT; i++) {
        char format[16];
        snprintf(format, sizeof format, "%%.%d%c", (int)np_rng_below(&rng, 19),
                 "fge"[np_rng_below(&rng, 3)]);
        double value =
            (np_rng_uniform(&rng) - 0.5) * pow(10, (double)np_rng_below(&rng, 9));
        snprintf(number[i], sizeof number[i],
                 i == 0                        ? "0.5"
                 : strcmp(format, "%.0f") == 0 ? "%.1f"
                                               : format,
                 value);
        np_buf_format(&text, "%s,1\n", number[i]);
    }
    reading r = read_bytes(text.text, text.length, NULL);
    const np_column *x = column_of(&r, "x");
    assert_int_equal(x->type, NP_COLUMN_F64);
    for (int i = 0; i < COUNT; i++) {
        double want = strtod(number[i], NULL);
        if (x->f64[i] != want)
            fail_msg("%s read as %.17g", number[i], x->f64[i]);
    }
    give_back(&r);
    np_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_back_the_same),
        cmocka_unit_test(a_single_column_keeps_its_blanks),
        cmocka_unit_test(threads_do_not_change_the_result),
        cmocka_unit_test(an_error_far_down_names_its_line),
        cmocka_unit_test(numbers_are_those_of_the_c_library),
    };
    return cmocka_run_group_tests_name("csv_property", tests, NULL, NULL);
}
