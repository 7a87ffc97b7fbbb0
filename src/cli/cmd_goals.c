#include <math.h>
#include <string.h>

#include "base/json.h"
#include "cli/common.h"
#include "cli/programme_options.h"
#include "programme/goal.h"
#include "programme/rows.h"
#include "report/number.h"

typedef struct {
    const char *id, *project, *level, *text, *uom;
    int decimals;
    np_goal_progress progress;
} a_goal;

enum { G_PROJECT, G_ID, G_LEVEL, G_TEXT, G_UOM, G_DECIMALS };

static np_status read_goals(a_goal **out, size_t *n, const np_call *call, np_store *store,
                            np_error *err)
{
    const char *project = np_positional(call->arguments, 0);
    np_rows rows;
    np_status status = np_rows_ask(
        &rows, store, "goal", "project id level text indicator.uom indicator.decimals",
        &NP_IS("project", project), project != NULL, call->arena, err);
    a_goal *goal =
        status == NP_OK ? np_arena_array(call->arena, a_goal, rows.n_rows) : NULL;
    if (status == NP_OK && goal == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t r = 0; r < rows.n_rows && status == NP_OK; r++) {
        goal[r] = (a_goal){.id = np_rows_text(&rows, r, G_ID),
                           .project = np_rows_text(&rows, r, G_PROJECT),
                           .level = np_rows_text(&rows, r, G_LEVEL),
                           .text = np_rows_text(&rows, r, G_TEXT),
                           .uom = np_rows_text(&rows, r, G_UOM),
                           .decimals = (int)np_rows_integer(&rows, r, G_DECIMALS, 1)};
        status =
            np_goal_progress_of(&goal[r].progress, store, goal[r].id,
                                np_argument(call->arguments, "as-of"), call->arena, err);
    }
    *out = goal;
    *n = rows.n_rows;
    return status;
}

static const char *achieved_text(const np_call *call, np_achieved a)
{
    if (a.sort != NP_ACHIEVED_PER_CENT)
        return _(np_achieved_word(a.sort));
    return np_number_fixed(call->arena, a.per_cent, 0, np_language_get());
}

static void value_cell(np_table_builder *b, const np_call *call, double value,
                       int decimals)
{
    np_table_builder_number(
        b, np_number_fixed(call->arena, value, decimals, np_language_get()), value);
}

static void goal_row(np_table_builder *b, const np_call *call, const a_goal *g)
{
    const np_goal_progress *p = &g->progress;
    np_table_builder_row(b);
    np_table_builder_row_header(b, g->project, 0);
    np_table_builder_cell(b, g->id);
    np_table_builder_cell(b, g->level);
    value_cell(b, call, p->baseline, g->decimals);
    value_cell(b, call, p->value, g->decimals);
    np_table_builder_cell(b, p->value_period != NULL ? p->value_period : "");
    value_cell(b, call, p->target, g->decimals);
    np_table_builder_number(b, achieved_text(call, p->end), p->end.per_cent);
    np_table_builder_cell(b, p->step_period != NULL ? p->step_period : "");
    value_cell(b, call, p->step_target, g->decimals);
    np_table_builder_number(b, p->step_period != NULL ? achieved_text(call, p->step) : "",
                            p->step.per_cent);
}

static np_status print_table(const np_call *call, const a_goal *goal, size_t n,
                             np_error *err)
{
    const char *const head[] = {_("Project"),       _("Goal"),        _("Level"),
                                _("Baseline"),      _("Value"),       _("Period"),
                                _("Target"),        _("Achieved, %"), _("Step"),
                                _("Step's target"), _("Achieved, %")};
    enum { N = sizeof head / sizeof *head };
    np_table_builder *b =
        np_table_builder_new(call->arena, "goals", _("How far goals are reached"), N);
    size_t n_reached = 0, n_known = 0;
    np_table_builder_head(b);
    for (size_t c = 0; c < N; c++) {
        bool is_text = c < 3 || c == 5 || c == 8;
        np_table_builder_align(b, c, is_text ? NP_ALIGN_LEFT : NP_ALIGN_RIGHT);
        np_table_builder_cell(b, head[c]);
    }
    for (size_t i = 0; i < n; i++) {
        goal_row(b, call, &goal[i]);
        np_achieved_sort sort = goal[i].progress.end.sort;
        n_reached += goal[i].progress.end.reached;
        n_known += sort != NP_ACHIEVED_NO_TARGET && sort != NP_ACHIEVED_NO_VALUE;
    }
    np_table_builder_note(b,
                          _("%zu of %zu goals with a target and a value are reached; "
                            "%zu goals in all."),
                          n_reached, n_known, n);
    np_table_builder_note(b,
                          _("Achieved is the share of the way from the baseline to the "
                            "target; a target no better than the baseline is held or "
                            "not."));
    const np_doc_table *table = np_table_builder_done(b);
    if (table == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_doc_render_table(call->out, table, np_wanted_format(call->arguments),
                        np_language_get());
    return NP_OK;
}

static void put_achieved(np_json *j, const char *key, np_achieved a)
{
    static const char *const words[] = {"per_cent",    "held",      "not_held",
                                        "no_baseline", "no_target", "no_value"};
    np_json_key(j, key);
    np_json_object(j);
    np_json_put_text(j, "sort", words[a.sort]);
    np_json_put_number(j, "per_cent", a.per_cent);
    np_json_put_bool(j, "reached", a.reached);
    np_json_end_object(j);
}

static void print_json(const np_call *call, const a_goal *goal, size_t n)
{
    np_json j = {.buf = call->out};
    np_json_object(&j);
    np_json_put_text(&j, "nullpunkt", NP_VERSION);
    np_json_key(&j, "goals");
    np_json_array(&j);
    for (size_t i = 0; i < n; i++) {
        const np_goal_progress *p = &goal[i].progress;
        np_json_object(&j);
        np_json_put_text(&j, "goal", goal[i].id);
        np_json_put_text(&j, "project", goal[i].project);
        np_json_put_text(&j, "level", goal[i].level);
        np_json_put_text(&j, "text", goal[i].text);
        np_json_put_text(&j, "uom", goal[i].uom);
        np_json_put_number(&j, "baseline", p->baseline);
        np_json_put_number(&j, "value", p->value);
        np_json_put_text(&j, "period", p->value_period);
        np_json_put_number(&j, "target", p->target);
        put_achieved(&j, "achieved", p->end);
        np_json_put_text(&j, "step", p->step_period);
        np_json_put_number(&j, "step_target", p->step_target);
        put_achieved(&j, "step_achieved", p->step);
        np_json_end_object(&j);
    }
    np_json_end_array(&j);
    np_json_end_object(&j);
    np_buf_add_char(call->out, '\n');
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    (void)answer_no;
    np_programme *programme;
    np_status status = np_programme_of_call(&programme, call, NP_STORE_READ, err);
    if (status != NP_OK)
        return status;
    a_goal *goal = NULL;
    size_t n = 0;
    status = read_goals(&goal, &n, call, programme->store, err);
    if (status == NP_OK && np_wants_json(call->arguments))
        print_json(call, goal, n);
    else if (status == NP_OK)
        status = print_table(call, goal, n, err);
    np_programme_close(programme);
    return status;
}

static const np_option options[] = {
    NP_PROGRAMME_OPTION,
    {"as-of", "PERIOD",
     N_("What was known at the end of this period. Default: the last value of each "
        "goal."),
     NULL, false},
    NP_FORMAT_OPTION,
};

const np_command np_command_goals = {
    .name = "goals",
    .summary = N_("how far each goal is reached"),
    .synopsis = "[PROJECT] [options]",
    .description = N_(
        "For each goal its baseline, the last value of its indicator, its target, and "
        "the "
        "share of the way from baseline to target that is gone: 100 is reached, below 0 "
        "is worse than at the start. Where there are steps on the way, the same for the "
        "last one that is due."),
    .examples = "nullpunkt goals halden\n"
                "nullpunkt goals --as-of 2013 --format csv",
    .n_positional_max = 1,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
