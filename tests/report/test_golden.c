/* One small evaluation in every format and language, against tests/golden/report.
 * To write the files anew after a change that is meant (and to read the difference
 * in git before it is committed):
 *
 *   NULLPUNKT_GOLDEN=write meson test -C build golden
 */
#include "support/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "report/report.h"
#include "sample_result.h"
#include "samples.h"

/* The style depends on which package is installed, and has no place here. */
static void drop_style(np_buf *buf)
{
    char *from = buf->text == NULL ? NULL : strstr(buf->text, "<style>");
    char *to = from == NULL ? NULL : strstr(from, "</style>\n");
    if (to == NULL)
        return;
    to += strlen("</style>\n");
    memmove(from, to, strlen(to) + 1);
    buf->length -= (size_t)(to - from);
}

static void compare(const char *name, const np_buf *buf)
{
    char path[512];
    const char *mode = getenv("NULLPUNKT_GOLDEN");
    bool writing = mode != NULL && strcmp(mode, "write") == 0;
    snprintf(path, sizeof path, "%s/%s", GOLDEN_FOLDER, name);
    FILE *file = fopen(path, writing ? "wb" : "rb");
    assert_non_null(file);
    if (writing) {
        assert_int_equal(fwrite(buf->text, 1, buf->length, file), buf->length);
        assert_int_equal(fclose(file), 0);
        return;
    }
    char *want = malloc(buf->length + 2);
    assert_non_null(want);
    size_t length = fread(want, 1, buf->length + 1, file);
    fclose(file);
    size_t same = 0, line = 1;
    while (same < length && same < buf->length && want[same] == buf->text[same])
        line += want[same++] == '\n';
    free(want);
    if (length != buf->length || same != length)
        fail_msg("%s differs in line %zu", name, line);
}

static void render_language(np_language language)
{
    static const struct {
        np_doc_format format;
        const char *suffix;
    } kind[] = {{NP_TEXT, "txt"},
                {NP_MARKDOWN, "md"},
                {NP_LATEX, "tex"},
                {NP_CSV, "csv"},
                {NP_HTML, "html"}};
    np_arena *arena = np_arena_new(0);
    np_doc doc = {0};
    np_error err = {0};
    assert_int_equal(np_report_compose(&doc, sample_result(), language, arena, &err),
                     NP_OK);
    for (size_t i = 0; i < sizeof kind / sizeof *kind; i++) {
        char name[64];
        np_buf buf = {0};
        np_doc_render(&buf, &doc, kind[i].format);
        assert_non_null(np_buf_done(&buf));
        drop_style(&buf);
        snprintf(name, sizeof name, "sample.%s.%s", np_language_code(language),
                 kind[i].suffix);
        compare(name, &buf);
        np_buf_free(&buf);
    }
    np_arena_free(arena);
}

static void the_report_in_bokmaal_is_unchanged(void **state)
{
    (void)state;
    render_language(NP_BOKMAAL);
}

static void the_report_in_nynorsk_is_unchanged(void **state)
{
    (void)state;
    render_language(NP_NYNORSK);
}

static void the_report_in_english_is_unchanged(void **state)
{
    (void)state;
    render_language(NP_ENGLISH);
}

static void the_vega_lite_specifications_are_unchanged(void **state)
{
    (void)state;
    for (int i = 0; i < N_SAMPLE_FIGURES; i++) {
        char name[64];
        np_buf buf = {0};
        np_figure_vega_lite(&buf, sample_figure(i), NP_BOKMAAL);
        snprintf(name, sizeof name, "%s.vl.json", sample_figure(i)->id);
        compare(name, &buf);
        np_buf_free(&buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_report_in_bokmaal_is_unchanged),
        cmocka_unit_test(the_report_in_nynorsk_is_unchanged),
        cmocka_unit_test(the_report_in_english_is_unchanged),
        cmocka_unit_test(the_vega_lite_specifications_are_unchanged),
    };
    return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
