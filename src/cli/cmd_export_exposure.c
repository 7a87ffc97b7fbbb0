#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cmd_export.h"
#include "io/csv.h"
#include "programme/exposure.h"

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
    np_status status = np_exposure_make(&e, programme->store, &spec, call->arena, err);
    if (status == NP_OK)
        status = np_csv_write(path == NULL ? call->out : &text, &e.table, NULL, err);
    if (status == NP_OK && path != NULL)
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
