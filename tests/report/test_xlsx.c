#include "support/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "base/arena.h"
#include "io/xlsx.h"
#include "report/render_xlsx.h"

static const char *const PATH = "test_report_xlsx_out.xlsx";

static const np_doc_table *table_of(np_arena *arena, const char *id)
{
    np_table_builder *b = np_table_builder_new(arena, id, "Fravær", 3);
    np_table_builder_head(b);
    np_table_builder_cell(b, "kommune");
    np_table_builder_cell(b, "effekt");
    np_table_builder_cell(b, "merknad");
    np_table_builder_row(b);
    np_table_builder_row_header(b, "0301", 0);
    np_table_builder_number(b, "−0,67***", -0.67123);
    np_table_builder_cell(b, "=1+1");
    np_table_builder_row(b);
    np_table_builder_row_header(b, "4601", 0);
    np_table_builder_number(b, "1 234,50", 1234.5);
    np_table_builder_cell(b, "");
    return np_table_builder_done(b);
}

static void write_tables(np_arena *arena, const char *const *ids, size_t n)
{
    np_error err = {0};
    np_doc doc = np_doc_new(arena, NP_BOKMAAL, "Rapport", NULL);
    for (size_t i = 0; i < n; i++)
        np_doc_add_table(&doc, table_of(arena, ids[i]));
    if (np_doc_write_xlsx(PATH, &doc, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
}

static char *part_of(const char *part)
{
    static char text[20000];
    zip_t *zip = zip_open(PATH, ZIP_RDONLY, NULL);
    zip_file_t *file = zip_fopen(zip, part, 0);
    assert_non_null(file);
    zip_int64_t n = zip_fread(file, text, sizeof text - 1);
    text[n < 0 ? 0 : n] = '\0';
    zip_fclose(file);
    zip_discard(zip);
    return text;
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    np_xlsx xlsx;
    np_error err = {0};
    char cell[64];
    write_tables(arena, (const char *[]){"effects"}, 1);
    if (np_xlsx_read(&xlsx, PATH, NULL, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    const np_table *t = &xlsx.csv.table;
    assert_string_equal(xlsx.sheet, "effects");
    assert_int_equal(xlsx.header_row, 3);
    assert_int_equal(t->n_rows, 2);
    assert_string_equal(np_column_text(&t->column[0], 0, cell, sizeof cell), "0301");
    assert_true(np_column_number(&t->column[1], 0) == -0.67123);
    assert_true(np_column_number(&t->column[1], 1) == 1234.5);
    assert_string_equal(np_column_text(&t->column[2], 0, cell, sizeof cell), "=1+1");
    assert_null(strstr(part_of("xl/worksheets/sheet1.xml"), "<f>"));
    unlink(PATH);
    np_arena_free(arena);
}

static void number_formats_show_what_is_printed(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    write_tables(arena, (const char *[]){"effects"}, 1);
    const char *styles = part_of("xl/styles.xml");
    assert_non_null(strstr(styles, "formatCode=\"0.00&quot;***&quot;\""));
    assert_non_null(strstr(styles, "\"#,##0.00\"") != NULL
                        ? styles
                        : strstr(styles, "numFmtId=\"4\""));
    unlink(PATH);
    np_arena_free(arena);
}

static void sheets_have_legal_names_of_their_own_after_the_contents(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    const char *ids[] = {"a/b", "a:b",
                         "a-name-that-is-longer-than-thirty-one-characters"};
    write_tables(arena, ids, 3);
    const char *book = part_of("xl/workbook.xml");
    assert_non_null(strstr(book, "name=\"a_b\""));
    assert_non_null(strstr(book, "name=\"a_b-2\""));
    assert_non_null(strstr(book, "name=\"a-name-that-is-longer-than-thir\""));
    assert_non_null(strstr(book, "sheetId=\"4\""));
    unlink(PATH);
    np_arena_free(arena);
}

static void a_caveat_after_a_table_is_in_its_sheet(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    np_error err = {0};
    np_doc doc = np_doc_new(arena, NP_BOKMAAL, "Rapport", NULL);
    np_doc_add_table(&doc, table_of(arena, "one"));
    np_doc_add_text(&doc, NP_DOC_CAVEAT, "radene er 104, trykt er 105");
    np_doc_add_text(&doc, NP_DOC_PARAGRAPH, "ikke om tabellen");
    assert_int_equal(np_doc_write_xlsx(PATH, &doc, arena, &err), NP_OK);
    assert_non_null(strstr(part_of("xl/sharedStrings.xml"), "radene er 104"));
    assert_null(strstr(part_of("xl/sharedStrings.xml"), "ikke om tabellen"));
    unlink(PATH);
    np_arena_free(arena);
}

/* Times in a zip container go by two seconds. */
static void the_same_document_gives_the_same_bytes(void **state)
{
    (void)state;
    static char bytes[2][50000];
    size_t n[2];
    for (int i = 0; i < 2; i++) {
        np_arena *arena = np_arena_new(0);
        write_tables(arena, (const char *[]){"a", "b"}, 2);
        FILE *file = fopen(PATH, "rb");
        n[i] = fread(bytes[i], 1, sizeof bytes[i], file);
        fclose(file);
        unlink(PATH);
        np_arena_free(arena);
        if (i == 0)
            usleep(2100000);
    }
    assert_int_equal(n[0], n[1]);
    assert_memory_equal(bytes[0], bytes[1], n[0]);
}

static void a_document_without_tables_is_refused(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    np_doc doc = np_doc_new(arena, NP_ENGLISH, "Nothing", NULL);
    assert_int_equal(np_doc_write_xlsx(PATH, &doc, arena, NULL), NP_E_RANGE);
    assert_int_not_equal(access(PATH, F_OK), 0);
    np_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(number_formats_show_what_is_printed),
        cmocka_unit_test(sheets_have_legal_names_of_their_own_after_the_contents),
        cmocka_unit_test(a_caveat_after_a_table_is_in_its_sheet),
        cmocka_unit_test(the_same_document_gives_the_same_bytes),
        cmocka_unit_test(a_document_without_tables_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
