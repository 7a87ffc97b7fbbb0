#include "support/check.h"

#include <string.h>

#include "base/arena.h"
#include "report/doc.h"

static np_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = np_arena_new(0);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    np_arena_free(arena);
    return 0;
}

/* Two models side by side as a journal prints them. */
static const np_doc_table *small_table(void)
{
    np_table_builder *b = np_table_builder_new(arena, "effects", "Absence & <work>", 3);
    np_table_builder_head(b);
    np_table_builder_cell(b, "");
    np_table_builder_span(b, "Model", 2);
    np_table_builder_head(b);
    np_table_builder_cell(b, "");
    np_table_builder_cell(b, "Fixed");
    np_table_builder_cell(b, "Random");
    np_table_builder_row(b);
    np_table_builder_row_header(b, "Effect", 0);
    np_table_builder_number(b, "−0,671***", -0.67123);
    np_table_builder_number(b, "−0,58*", -0.58);
    np_table_builder_row(b);
    np_table_builder_row_header(b, "", 0);
    np_table_builder_number(b, "(−3,39)", -3.39);
    np_table_builder_number(b, "(−12,01)", -12.01);
    np_table_builder_rule(b);
    np_table_builder_row(b);
    np_table_builder_row_header(b, "N", 1);
    np_table_builder_number(b, "3\u202f371", 3371);
    np_table_builder_cell(b, "..");
    np_table_builder_note(b, "N: %d units", 428);
    return np_table_builder_done(b);
}

static const char *rendered(np_buf *buf, np_doc_format format)
{
    const np_doc_table *table = small_table();
    assert_non_null(table);
    np_doc_render_table(buf, table, format, NP_BOKMAAL);
    return np_buf_done(buf);
}

static void text_tables_align_on_the_decimal_comma(void **state)
{
    (void)state;
    np_buf buf = {0};
    assert_string_equal(rendered(&buf, NP_TEXT), "Absence & <work>\n"
                                                 "──────────────────────────────\n"
                                                 "                Model\n"
                                                 "        ──────────────────────\n"
                                                 "               Fixed    Random\n"
                                                 "──────────────────────────────\n"
                                                 "Effect     −0,671***    −0,58*\n"
                                                 "          (−3,39)     (−12,01)\n"
                                                 "──────────────────────────────\n"
                                                 "  N     3\u202f371           ..\n"
                                                 "──────────────────────────────\n"
                                                 "N: 428 units\n");
    np_buf_free(&buf);
}

static void csv_has_the_unrounded_values(void **state)
{
    (void)state;
    np_buf buf = {0};
    assert_string_equal(rendered(&buf, NP_CSV), ",\"Model, Fixed\",\"Model, Random\"\r\n"
                                                "Effect,-0.67123,-0.58\r\n"
                                                ",-3.39,-12.01\r\n"
                                                "N,3371,..\r\n");
    np_buf_free(&buf);
}

static void csv_for_excel_has_semicolon_comma_and_mark(void **state)
{
    (void)state;
    np_buf buf = {0};
    np_table_builder *b = np_table_builder_new(arena, "x", "", 2);
    np_table_builder_head(b);
    np_table_builder_cell(b, "a;b");
    np_table_builder_cell(b, "say \"x\"");
    np_table_builder_row(b);
    np_table_builder_row_header(b, "=1+1", 0);
    np_table_builder_number(b, "0,5", 0.5);
    np_doc_render_csv(&buf, np_table_builder_done(b), NP_CSV_EXCEL_COMMA);
    assert_string_equal(np_buf_done(&buf), "\xef\xbb\xbf\"a;b\";\"say \"\"x\"\"\"\r\n"
                                           "'=1+1;0,5\r\n");
    np_buf_free(&buf);
}

static void markdown_escapes_what_it_would_read(void **state)
{
    (void)state;
    np_buf buf = {0};
    const char *text = rendered(&buf, NP_MARKDOWN);
    assert_non_null(strstr(text, "**Absence & \\<work\\>**\n\n"));
    assert_non_null(
        strstr(text, "|  | Model, Fixed | Model, Random |\n|:---|---:|---:|\n"));
    assert_non_null(strstr(text, "| Effect | −0,671\\*\\*\\* | −0,58\\* |\n"));
    assert_non_null(
        strstr(text, "| &nbsp;&nbsp;N | 3\u202f371 | .. |\n\nN: 428 units\n"));
    np_buf_free(&buf);
}

static void latex_splits_numbers_at_the_comma(void **state)
{
    (void)state;
    np_buf buf = {0};
    const char *text = rendered(&buf, NP_LATEX);
    assert_non_null(
        strstr(text, "\\caption{Absence \\& \\textless{}work\\textgreater{}}"));
    assert_non_null(strstr(text, "\\begin{tabular}{lr@{}lr@{}l}\n\\toprule\n"
                                 " & \\multicolumn{4}{c}{Model} \\\\\n"
                                 "\\cmidrule(lr){2-5}\n"));
    assert_non_null(strstr(text, "Effect & $-$0 & ,671*** & $-$0 & ,58* \\\\\n"));
    assert_non_null(strstr(text, "\\midrule\n\\quad N & 3\\,371 &  & .. &  \\\\\n"));
    np_buf_free(&buf);
}

static void html_tables_have_scope_and_their_notes(void **state)
{
    (void)state;
    np_buf buf = {0};
    const char *text = rendered(&buf, NP_HTML);
    assert_non_null(strstr(text, "aria-describedby=\"effects-notes\""));
    assert_non_null(strstr(text, "Absence &amp; &lt;work&gt;</caption>"));
    assert_non_null(strstr(
        text, "<th scope=\"colgroup\" class=\"np-group\" colspan=\"2\">Model</th>"));
    assert_non_null(strstr(text, "<th scope=\"row\" class=\"np-i0\">Effect</th>"));
    assert_non_null(strstr(text, "data-value=\"-0.67123\">−0,671<span class=\"np-after "
                                 "np-w3\">***</span></td>"));
    assert_non_null(strstr(text, "id=\"effects-notes\">\n<p>N: 428 units</p>"));
    np_buf_free(&buf);
}

/* Every allocation of a document fails once; the document or the table tells. */
static void a_document_without_memory_says_so(void **state)
{
    (void)state;
    size_t n = 1;
    for (;; n++) {
        np_arena *small = np_arena_new(0), *kept = arena;
        np_arena_fail_at(small, n);
        arena = small;
        const np_doc_table *table = small_table();
        arena = kept;
        np_doc doc = np_doc_new(small, NP_ENGLISH, "Title", NULL);
        np_doc_add_heading(&doc, 1, "a", "Heading");
        np_doc_add_text(&doc, NP_DOC_PARAGRAPH, "%d of %d", 1, 2);
        np_doc_add_list(&doc, (const char *[]){"one", "two"}, 2);
        np_doc_add_table(&doc, table);
        np_error err = {0};
        np_status status = np_doc_done(&doc, &err);
        np_arena_fail_at(small, 0);
        np_arena_free(small);
        if (status == NP_OK)
            break;
        assert_int_equal(status, NP_E_NO_MEMORY);
    }
    assert_true(n > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_tables_align_on_the_decimal_comma),
        cmocka_unit_test(csv_has_the_unrounded_values),
        cmocka_unit_test(csv_for_excel_has_semicolon_comma_and_mark),
        cmocka_unit_test(markdown_escapes_what_it_would_read),
        cmocka_unit_test(latex_splits_numbers_at_the_comma),
        cmocka_unit_test(html_tables_have_scope_and_their_notes),
        cmocka_unit_test(a_document_without_memory_says_so),
    };
    return cmocka_run_group_tests_name("table", tests, set_up, tear_down);
}
