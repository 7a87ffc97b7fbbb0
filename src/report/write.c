#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/figure.h"
#include "report/report.h"

/* A reader never sees half a file: written beside its place, then moved there. */
static np_status write_file(const char *path, const np_buf *buf, np_arena *arena,
                            np_error *err)
{
    const char *beside = np_arena_format(arena, "%s.new", path);
    if (beside == NULL || buf->failed)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %s"), path);
    FILE *file = fopen(beside, "wb");
    bool good = file != NULL;
    if (good) {
        good = fwrite(buf->text == NULL ? "" : buf->text, 1, buf->length, file) ==
               buf->length;
        good = fclose(file) == 0 && good;
        good = good && rename(beside, path) == 0;
    }
    if (good)
        return NP_OK;
    int reason = errno;
    unlink(beside);
    return np_fail(err, NP_E_IO, _("%s cannot be written: %s"), path, strerror(reason));
}

static np_status make_folder(const char *dir, const char *name, np_arena *arena,
                             np_error *err)
{
    const char *path = np_arena_format(arena, "%s/%s", dir, name);
    if (path == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %s"), name);
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return np_fail(err, NP_E_IO, _("the folder %s cannot be made: %s"), path,
                       strerror(errno));
    return NP_OK;
}

/* Takes the buffer's content and frees it. */
static np_status put(np_status status, const char *path, np_buf *buf, np_arena *arena,
                     np_error *err)
{
    if (status == NP_OK && path == NULL)
        status = np_fail(err, NP_E_NO_MEMORY, _("no memory left for the report"));
    if (status == NP_OK)
        status = write_file(path, buf, arena, err);
    np_buf_free(buf);
    return status;
}

static np_status write_table(np_status status, const char *dir, const np_doc_table *table,
                             np_arena *arena, np_error *err)
{
    np_buf buf = {0};
    if (status != NP_OK || table == NULL)
        return status;
    np_doc_render_csv(&buf, table, NP_CSV_POINT);
    status = put(status, np_arena_format(arena, "%s/tables/%s.csv", dir, table->id), &buf,
                 arena, err);
    np_doc_render_csv(&buf, table, NP_CSV_EXCEL_COMMA);
    return put(status, np_arena_format(arena, "%s/tables/%s.excel.csv", dir, table->id),
               &buf, arena, err);
}

static np_status write_figure(np_status status, const char *dir, const np_figure *figure,
                              np_language language, np_arena *arena, np_error *err)
{
    np_buf buf = {0};
    if (status != NP_OK || figure == NULL)
        return status;
    np_figure_svg(&buf, figure, language, true);
    status = put(status, np_arena_format(arena, "%s/figures/%s.svg", dir, figure->id),
                 &buf, arena, err);
    np_figure_vega_lite(&buf, figure, language);
    return put(status, np_arena_format(arena, "%s/figures/%s.vl.json", dir, figure->id),
               &buf, arena, err);
}

static np_status write_parts(const char *dir, const np_doc *doc, np_arena *arena,
                             np_error *err)
{
    np_status status = make_folder(dir, "tables", arena, err);
    if (status == NP_OK)
        status = make_folder(dir, "figures", arena, err);
    for (size_t i = 0; i < doc->n; i++) {
        status = write_table(status, dir, doc->node[i].table, arena, err);
        status =
            write_figure(status, dir, doc->node[i].figure, doc->language, arena, err);
    }
    return status;
}

np_status np_report_write(const char *dir, const np_evaluation *evaluation,
                          const np_language *language, size_t n_languages,
                          np_arena *arena, np_error *err)
{
    static const np_language bokmaal[] = {NP_BOKMAAL};
    if (language == NULL || n_languages == 0) {
        language = evaluation->n_languages > 0 ? evaluation->language : bokmaal;
        n_languages = evaluation->n_languages > 0 ? evaluation->n_languages : 1;
    }
    np_status status = NP_OK;
    for (size_t i = 0; status == NP_OK && i < n_languages; i++) {
        np_doc doc;
        np_buf buf = {0};
        status = np_report_compose(&doc, evaluation, language[i], arena, err);
        if (status != NP_OK)
            break;
        if (i == 0)
            status = write_parts(dir, &doc, arena, err);
        np_doc_render(&buf, &doc, NP_HTML);
        const char *path = i == 0 ? np_arena_format(arena, "%s/report.html", dir)
                                  : np_arena_format(arena, "%s/report.%s.html", dir,
                                                    np_language_code(language[i]));
        status = put(status, path, &buf, arena, err);
    }
    return status;
}
