#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cmd_export.h"
#include "io/csv.h"
#include "programme/exposure.h"
#include "report/render_xlsx.h"

/* In the order of the options' choices. */
static np_exposure_spec spec_of_call(const np_arguments *a)
{
    size_t by = np_argument_choice(a, "by", 0);
    return (np_exposure_spec){.level =
                                  (np_exposure_level)np_argument_choice(a, "level", 0),
                              .by = by < 4 ? (np_period_length)by : NP_QUARTER,
                              .windows = by == 4,
                              .people = np_argument_choice(a, "weights", 0) == 1,
                              .theme = np_argument(a, "theme"),
                              .from = np_argument(a, "from"),
                              .to = np_argument(a, "to")};
}

static np_status write_file(const char *path, const np_buf *text, np_error *err)
{
    FILE *file = fopen(path, "wb");
    bool good = file != NULL && fwrite(text->text, 1, text->length, file) == text->length;
    int code = errno;
    if (file != NULL)
        good = fclose(file) == 0 && good;
    if (good)
        return NP_OK;
    np_fail(err, NP_E_IO, _("cannot be written: %s"), strerror(code));
    return np_error_file(err, path);
}

static void add_cell(np_table_builder *t, const np_column *column, size_t row,
                     np_arena *arena)
{
    char scratch[64];
    const char *text = np_column_text(column, row, scratch, sizeof scratch);
    char *kept = np_arena_copy_text(arena, text, strlen(text));
    bool number = column->type == NP_COLUMN_F64 || column->type == NP_COLUMN_I64;
    if (number && text[0] != '\0')
        np_table_builder_number(t, kept, np_column_number(column, row));
    else
        np_table_builder_cell(t, kept);
}

static np_status write_workbook(const char *path, const np_table *table, np_arena *arena,
                                np_error *err)
{
    np_doc doc = np_doc_new(arena, np_language_get(), "exposure", "");
    np_table_builder *t =
        np_table_builder_new(arena, "exposure", "exposure", table->n_columns);
    np_table_builder_head(t);
    for (size_t j = 0; j < table->n_columns; j++)
        np_table_builder_cell(t, table->column[j].name);
    for (size_t i = 0; i < table->n_rows; i++) {
        np_table_builder_row(t);
        for (size_t j = 0; j < table->n_columns; j++)
            add_cell(t, &table->column[j], i, arena);
    }
    const np_doc_table *done = np_table_builder_done(t);
    if (done == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_doc_add_table(&doc, done);
    return np_doc_write_xlsx(path, &doc, arena, err);
}

static void say_what_is_left_out(const np_call *call, const np_exposure *e)
{
    np_buf *to = call->messages;
    if (e->n_without_units > 0)
        np_buf_format(to,
                      _("measures left out, since nobody says in which units they are "
                        "(measure_unit, or whole_organisation): %zu\n"),
                      e->n_without_units);
    if (e->n_without_start > 0)
        np_buf_format(
            to,
            _("measures left out, since nobody says when they started (starts, or a "
              "history with under_way): %zu\n"),
            e->n_without_start);
}

np_status np_export_exposure_run(const np_call *call, np_programme *programme,
                                 np_error *err)
{
    const char *path = np_argument(call->arguments, "output");
    np_exposure_spec spec = spec_of_call(call->arguments);
    np_exposure e;
    np_buf text = {0};
    if (np_positional_count(call->arguments) > 1)
        return np_fail(err, NP_E_USAGE, _("one argument too many: %s"),
                       np_positional(call->arguments, 1));
    bool workbook = np_argument_choice(call->arguments, "format", 0) == 1;
    if (workbook && path == NULL)
        return np_fail(err, NP_E_USAGE, _("a workbook needs a file: -o FILE.xlsx"));
    np_status status = np_exposure_make(&e, programme->store, &spec, call->arena, err);
    if (status == NP_OK && workbook)
        status = write_workbook(path, &e.table, call->arena, err);
    else if (status == NP_OK)
        status = np_csv_write(path == NULL ? call->out : &text, &e.table, NULL, err);
    if (status == NP_OK && path != NULL && !workbook)
        status = write_file(path, &text, err);
    np_buf_free(&text);
    if (status != NP_OK)
        return status;
    say_what_is_left_out(call, &e);
    if (path != NULL)
        np_buf_format(
            call->out,
            _("%s: rows: %zu, periods: %zu, measures: %zu; reached: %zu of %zu.\n"), path,
            e.table.n_rows, e.n_periods, e.n_measures, e.n_treated, e.n_entities);
    return NP_OK;
}
