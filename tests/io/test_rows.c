/* Cells as they were written, with the line where each row starts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/table_rows.h"
#include "support/check.h"

typedef struct {
    char path[64];
    np_arena *arena;
    np_table_rows *rows;
    np_error err;
    const np_table_cell *cell;
    uint32_t line;
} a_file;

static int set_up(void **state)
{
    a_file *f = calloc(1, sizeof *f);
    if (f == NULL)
        return 1;
    strcpy(f->path, "/tmp/nullpunkt-rows-XXXXXX");
    int descriptor = mkstemp(f->path);
    if (descriptor < 0)
        return 1;
    close(descriptor);
    f->arena = np_arena_new(0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    a_file *f = *state;
    np_table_rows_close(f->rows);
    np_arena_free(f->arena);
    unlink(f->path);
    free(f);
    return 0;
}

static void open_bytes(a_file *f, const void *bytes, size_t length)
{
    FILE *file = fopen(f->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
    assert_int_equal(np_table_rows_open(&f->rows, f->path, NULL, f->arena, &f->err),
                     NP_OK);
}

static void open_text(a_file *f, const char *text)
{
    open_bytes(f, text, strlen(text));
}

static bool next(a_file *f)
{
    f->err = (np_error){0};
    assert_int_equal(np_table_rows_next(&f->cell, &f->line, f->rows, &f->err), NP_OK);
    return f->cell != NULL;
}

static void is_text(const a_file *f, size_t j, const char *text)
{
    assert_int_equal(f->cell[j].text.length, strlen(text));
    assert_memory_equal(f->cell[j].text.text, text, strlen(text));
}

static void nothing_is_taken_for_anything(void **state)
{
    a_file *f = *state;
    open_text(f, "code,value,date\n0101,NA,2014-02-01\n101, 12 % ,-\n,\" x \",..\n");
    size_t n;
    const char *const *name = np_table_rows_names(f->rows, &n);
    assert_int_equal(n, 3);
    assert_string_equal(name[2], "date");
    assert_int_equal(np_table_rows_find(f->rows, "value"), 1);
    assert_int_equal(np_table_rows_find(f->rows, "nothing"), 3);
    assert_true(next(f));
    is_text(f, 0, "0101");
    is_text(f, 1, "NA");
    assert_true(next(f));
    is_text(f, 1, "12 %");
    is_text(f, 2, "-");
    assert_true(next(f));
    is_text(f, 0, "");
    is_text(f, 1, " x ");
    assert_false(next(f));
    assert_false(next(f));
}

static void lines_count_titles_quotes_and_empty_lines(void **state)
{
    a_file *f = *state;
    open_text(f, "A title\n\na;b\n1;\"two\nlines \"\"q\"\"\"\n\n;\n3;4\n");
    assert_true(next(f));
    assert_int_equal(f->line, 4);
    is_text(f, 1, "two\nlines \"q\"");
    assert_true(next(f));
    assert_int_equal(f->line, 8);
    is_text(f, 0, "3");
    assert_false(next(f));
}

static void windows_1252_becomes_utf_8(void **state)
{
    a_file *f = *state;
    open_text(f, "navn;by\r\nV\xe5ler;\"\xd8y \"\"x\"\"\"\r\n");
    assert_true(next(f));
    is_text(f, 0, "Våler");
    is_text(f, 1, "Øy \"x\"");
    assert_false(next(f));
}

static void a_row_of_the_wrong_length_is_an_error_and_reading_goes_on(void **state)
{
    a_file *f = *state;
    open_text(f, "a,b\n1,2\n3,4,5\n6\n7,8\n");
    assert_true(next(f));
    for (uint32_t line = 3; line <= 4; line++) {
        f->err = (np_error){0};
        assert_int_equal(np_table_rows_next(&f->cell, &f->line, f->rows, &f->err),
                         NP_E_PARSE);
        assert_int_equal(f->err.line, line);
    }
    assert_true(next(f));
    is_text(f, 0, "7");
    assert_int_equal(f->line, 5);
}

static void a_quote_out_of_place_ends_the_file(void **state)
{
    a_file *f = *state;
    open_text(f, "a,b\n1,\"2\" x\n3,4\n");
    assert_int_equal(np_table_rows_next(&f->cell, &f->line, f->rows, &f->err),
                     NP_E_PARSE);
    assert_int_equal(f->err.line, 2);
    assert_false(next(f));
}

static void the_decimal_sign_is_looked_for(void **state)
{
    a_file *f = *state;
    open_text(f, "a;b\n1,5;2\n2,5;3\n");
    assert_int_equal(np_table_rows_decimal(f->rows), ',');
    assert_false(np_table_rows_workbook(f->rows));
}

static void a_file_that_is_not_there_is_an_error_with_its_name(void **state)
{
    a_file *f = *state;
    assert_int_equal(
        np_table_rows_open(&f->rows, "/tmp/nothing-here.csv", NULL, f->arena, &f->err),
        NP_E_IO);
    assert_string_equal(f->err.file, "/tmp/nothing-here.csv");
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(nothing_is_taken_for_anything),
        test(lines_count_titles_quotes_and_empty_lines),
        test(windows_1252_becomes_utf_8),
        test(a_row_of_the_wrong_length_is_an_error_and_reading_goes_on),
        test(a_quote_out_of_place_ends_the_file),
        test(the_decimal_sign_is_looked_for),
        test(a_file_that_is_not_there_is_an_error_with_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
