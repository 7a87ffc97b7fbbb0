#include <math.h>

#include "base/date.h"
#include "base/json.h"
#include "cli/common.h"
#include "cli/programme_options.h"
#include "programme/turnover.h"

static np_status print_table(const np_call *call, const np_turnover *t, size_t n,
                             const char *day, np_error *err)
{
    const char *const head[] = {_("Role"),      _("Bodies"),    _("Persons"),
                                _("Have left"), _("Mean days"), _("Same person, %")};
    np_table_builder *b = np_table_builder_new(
        call->arena, "turnover",
        np_arena_format(call->arena, _("People in roles, as of %s"), day), 6);
    np_table_builder_head(b);
    for (size_t c = 0; c < 6; c++)
        np_table_builder_cell(b, head[c]);
    for (size_t i = 0; i < n; i++) {
        size_t counts[] = {t[i].n_bodies, t[i].n_persons, t[i].n_left};
        np_table_builder_row(b);
        np_table_builder_row_header(b, t[i].role, 0);
        for (size_t c = 0; c < 3; c++)
            np_table_builder_number(b, np_arena_format(call->arena, "%zu", counts[c]),
                                    (double)counts[c]);
        np_table_builder_number(b, np_arena_format(call->arena, "%.0f", t[i].mean_days),
                                t[i].mean_days);
        np_table_builder_number(
            b, np_arena_format(call->arena, "%.0f", 100 * t[i].share_same),
            100 * t[i].share_same);
    }
    np_table_builder_note(
        b, _("A body is the project, the network or the programme that "
             "the role is for. Have left: before the body's last day. Same "
             "person: bodies that have had one person all the time."));
    const np_doc_table *table = np_table_builder_done(b);
    if (table == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_doc_render_table(call->out, table, np_wanted_format(call->arguments),
                        np_language_get());
    return NP_OK;
}

static void print_json(const np_call *call, const np_turnover *t, size_t n,
                       const char *day)
{
    np_json j = {.buf = call->out};
    np_json_object(&j);
    np_json_put_text(&j, "nullpunkt", NP_VERSION);
    np_json_put_text(&j, "as_of", day);
    np_json_key(&j, "roles");
    np_json_array(&j);
    for (size_t i = 0; i < n; i++) {
        np_json_object(&j);
        np_json_put_text(&j, "role", t[i].role);
        np_json_put_integer(&j, "n_bodies", (int64_t)t[i].n_bodies);
        np_json_put_integer(&j, "n_persons", (int64_t)t[i].n_persons);
        np_json_put_integer(&j, "n_left", (int64_t)t[i].n_left);
        np_json_put_integer(&j, "n_same", (int64_t)t[i].n_same);
        np_json_put_number(&j, "mean_days", t[i].mean_days);
        np_json_put_number(&j, "share_same", t[i].share_same);
        np_json_end_object(&j);
    }
    np_json_end_array(&j);
    np_json_end_object(&j);
    np_buf_add_char(call->out, '\n');
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    (void)answer_no;
    const np_arguments *a = call->arguments;
    char today[NP_DATE_LENGTH];
    np_date_format(today, np_date_today());
    const char *day = np_argument(a, "as-of") != NULL ? np_argument(a, "as-of") : today;
    np_programme *programme;
    np_status status = np_programme_of_call(&programme, call, NP_STORE_READ, err);
    if (status != NP_OK)
        return status;
    const np_turnover *t;
    size_t n;
    status = np_turnover_of(&t, &n, programme->store, np_argument(a, "project"), day,
                            call->arena, err);
    if (status == NP_OK && np_wants_json(a))
        print_json(call, t, n, day);
    else if (status == NP_OK)
        status = print_table(call, t, n, day, err);
    np_programme_close(programme);
    return status;
}

static const np_option options[] = {
    NP_PROGRAMME_OPTION,
    {"as-of", "DATE", N_("The day that counts. Default: today."), NULL, false},
    {"project", "ID", N_("Only this project."), NULL, false},
    NP_FORMAT_OPTION,
};

const np_command np_command_turnover = {
    .name = "turnover",
    .summary = N_("how often project leaders and others change"),
    .synopsis = "[options]",
    .description = N_(
        "For each role: how many projects (or networks) have had somebody in it, how "
        "many "
        "persons, how many of them left before it was over, how many days a person stays "
        "on average, and in how many it was one and the same person all the time."),
    .examples = "nullpunkt turnover --as-of 2014-12-31\n"
                "nullpunkt turnover --project halden --format json",
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
