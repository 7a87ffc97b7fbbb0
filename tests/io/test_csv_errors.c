#include "io/reading.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/csv_parts.h"

static void rows_of_another_length_are_errors(void **state)
{
    (void)state;
    check_error("a,b\n1,2\n3\n5,6\n", NP_E_PARSE,
                "a.csv:3:1: the row has 1 fields, the header 2");
    check_error("a,b\n1,2\nø,4,5\n", NP_E_PARSE,
                "a.csv:3:5: the row has 3 fields, the header 2; a field with , in it "
                "must stand in quotes");
}

static void half_a_file_is_noticed(void **state)
{
    (void)state;
    check_error("a,b,c\n1,2,3\n4,5", NP_E_PARSE,
                "a.csv:3:1: the row has 2 fields, the header 3; the file ends in the "
                "middle of a row: get it again");
}

static void a_quote_that_never_closes_is_found_where_it_opens(void **state)
{
    (void)state;
    check_error("a,b\n1,\"x\"\n2,\"y\n3,z\n", NP_E_PARSE,
                "a.csv:3:3: the quote that opens here is never closed");
    check_error("a,\"b\n1,2\n", NP_E_PARSE,
                "a.csv:1:3: the quote that opens here is never closed");
}

static void text_after_a_closing_quote_is_refused(void **state)
{
    (void)state;
    check_error("a,b\n1,2\n3,\"x\" y\n", NP_E_PARSE,
                "a.csv:3:3: b: after the closing quote there must be a separator or a "
                "line end; a quote within a quoted field is written twice");
}

static void a_name_twice_in_the_header_is_refused(void **state)
{
    (void)state;
    check_error("år,x,år\n1,2,3\n", NP_E_PARSE, "a.csv:1:6: two columns are named år");
}

static void an_empty_file_is_named_so(void **state)
{
    (void)state;
    check_error("", NP_E_PARSE, "a.csv: the file is empty");
    check_error("\xef\xbb\xbf\r\n\n", NP_E_PARSE, "a.csv: the file is empty");
}

static void a_header_alone_is_a_table_without_rows(void **state)
{
    (void)state;
    const char *texts[] = {"a,b", "a,b\n", "a,b\r\n\r\n"};
    for (size_t i = 0; i < 3; i++) {
        reading r = read_text(texts[i]);
        assert_int_equal(column_of(&r, "b")->type, NP_COLUMN_F64);
        assert_int_equal(r.csv.table.n_rows, 0);
        give_back(&r);
    }
}

static void bytes_that_are_no_utf8_are_placed(void **state)
{
    (void)state;
    check_error("navn\nBø\nTrøndelag\nVads\xf8\n", NP_E_ENCODING,
                "a.csv:4:5: the byte F8 is no UTF-8; give the encoding as windows-1252 "
                "if the file has that one");
    check_error("\xef\xbb\xbf"
                "a\n\xff\n",
                NP_E_ENCODING,
                "a.csv:2:1: the byte FF is no UTF-8; give the encoding as windows-1252 "
                "if the file has that one");
    reading r = read_bytes("a\n\xe5\n", 4, &(np_csv_spec){.encoding = "utf-8"});
    assert_int_equal(r.status, NP_E_ENCODING);
    give_back(&r);
    r = read_bytes("a\n1\n", 4, &(np_csv_spec){.encoding = "ebcdic"});
    assert_int_equal(r.status, NP_E_UNKNOWN_NAME);
    give_back(&r);
}

static void nul_bytes_are_no_text(void **state)
{
    (void)state;
    reading r = read_bytes("a,b\n1,2\n3,\0\n", 12, NULL);
    assert_int_equal(r.status, NP_E_PARSE);
    assert_int_equal(r.err.line, 3);
    assert_int_equal(r.err.column, 3);
    give_back(&r);
    r = read_bytes("a\0,\0b\0\n\0", 8, NULL);
    assert_int_equal(r.status, NP_E_PARSE);
    assert_int_equal(r.err.line, 1);
    give_back(&r);
}

static void other_formats_are_recognised_by_their_first_bytes(void **state)
{
    (void)state;
    const struct {
        const char *bytes, *what;
    } formats[] = {
        {"PK\x03\x04\x14", "a zip container, such as .xlsx, .ods or .docx"},
        {"\x89PNG\r\n", "a PNG picture"},
        {"\x1f\x8b\x08", "compressed by gzip"},
        {"\n <!DOCTYPE html><html>", "a web page"},
        {"{\"a\": 1}", "JSON"},
        {"[{\"a\": 1}]", "JSON"},
        {"%PDF-1.4", "a PDF document"},
        {"\xff\xfe"
         "a",
         "UTF-16 text"},
    };
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        char want[200];
        snprintf(want, sizeof want,
                 "a.csv: this is no CSV file but %s; save the table as CSV in UTF-8",
                 formats[i].what);
        check_error(formats[i].bytes, NP_E_PARSE, want);
    }
}

static void a_file_that_cannot_be_read_says_why(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    np_csv csv;
    np_error err = {0}, folder = {0};
    assert_int_equal(np_csv_read(&csv, "no/such.csv", NULL, arena, &err), NP_E_IO);
    assert_string_equal(err.message, "there is no such file");
    assert_string_equal(err.file, "no/such.csv");
    assert_int_equal(np_csv_read(&csv, "/", NULL, arena, &folder), NP_E_IO);
    assert_string_equal(folder.message, "this is a folder, not a file");
    np_arena_free(arena);
}

static void a_huge_field_is_read_whole(void **state)
{
    (void)state;
    enum { LENGTH = 3000000 };
    np_buf text = {0};
    np_buf_add(&text, "id,note\n1,\"");
    np_buf_add_times(&text, 'x', LENGTH);
    np_buf_add(&text, "\n\"\n2,y\n");
    reading r = read_text(np_buf_done(&text));
    const np_column *note = column_of(&r, "note");
    assert_int_equal(r.csv.table.n_rows, 2);
    assert_int_equal(strlen(note->dict->label[note->code[0]]), LENGTH + 1);
    assert_int_equal(column_of(&r, "id")->i64[1], 2);
    give_back(&r);
    np_buf_free(&text);
}

static void a_spent_budget_ends_the_reading(void **state)
{
    (void)state;
    np_buf text = {0};
    np_buf_add(&text, "a,b\n");
    for (int i = 0; i < 20000; i++)
        np_buf_format(&text, "%d,t%d\n", i, i);
    np_csv csv;
    np_error err = {0};
    np_arena *arena = np_arena_new(200000);
    assert_int_equal(
        np_csv_read_text(&csv, text.text, text.length, "a", NULL, arena, &err),
        NP_E_NO_MEMORY);
    np_arena_free(arena);
    bool done = false;
    for (size_t n = 1; !done; n++) { /* every single allocation may fail */
        arena = np_arena_new(0);
        np_arena_fail_at(arena, n);
        np_status status =
            np_csv_read_text(&csv, "a,b\n1,x\n2,0.5\n", 14, "a", NULL, arena, NULL);
        done = status == NP_OK;
        assert_true(done || status == NP_E_NO_MEMORY);
        assert_true(n < 1000);
        np_arena_free(arena);
    }
    np_buf_free(&text);
}

static void a_pipe_is_read_like_a_file(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "a;b\n1;2,5\n", 10), 10);
    close(ends[1]);
    char path[32];
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    reading r = {.arena = np_arena_new(0)};
    r.status = np_csv_read(&r.csv, path, NULL, r.arena, &r.err);
    check_column(&r, "b", NP_COLUMN_F64, "2.5");
    give_back(&r);
    close(ends[0]);
}

static void a_file_that_shrinks_is_noticed(void **state)
{
    (void)state;
    char path[] = "/tmp/nullpunkt-test-XXXXXX";
    int file = mkstemp(path);
    assert_int_equal(write(file, "a,b\n1,2\n", 8), 8);
    csv_source source;
    assert_int_equal(csv_source_open(&source, path, NULL), NP_OK);
    csv_text text = {.descriptor = source.descriptor, .mapped_size = source.length};
    assert_false(csv_has_shrunk(&text));
    assert_int_equal(ftruncate(file, 4), 0);
    assert_true(csv_has_shrunk(&text));
    csv_source_close(&source);
    close(file);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_another_length_are_errors),
        cmocka_unit_test(half_a_file_is_noticed),
        cmocka_unit_test(a_quote_that_never_closes_is_found_where_it_opens),
        cmocka_unit_test(text_after_a_closing_quote_is_refused),
        cmocka_unit_test(a_name_twice_in_the_header_is_refused),
        cmocka_unit_test(an_empty_file_is_named_so),
        cmocka_unit_test(a_header_alone_is_a_table_without_rows),
        cmocka_unit_test(bytes_that_are_no_utf8_are_placed),
        cmocka_unit_test(nul_bytes_are_no_text),
        cmocka_unit_test(other_formats_are_recognised_by_their_first_bytes),
        cmocka_unit_test(a_file_that_cannot_be_read_says_why),
        cmocka_unit_test(a_huge_field_is_read_whole),
        cmocka_unit_test(a_spent_budget_ends_the_reading),
        cmocka_unit_test(a_file_that_shrinks_is_noticed),
        cmocka_unit_test(a_pipe_is_read_like_a_file),
    };
    return cmocka_run_group_tests_name("csv_errors", tests, NULL, NULL);
}
