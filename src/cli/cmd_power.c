#include "cli/cmd_power.h"

#include "cli/common.h"
#include "io/table_file.h"

static np_status read_panel(np_power_answer *p, const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    const char *path = np_positional(a, 0);
    np_csv csv;
    np_csv_spec csv_spec;
    const char *source = np_argument(a, "placebo");
    np_power_panel_spec panel = {
        .outcome = np_argument(a, "outcome"),
        .unit = np_argument(a, "unit"),
        .time = np_argument(a, "time"),
        .cohort = np_argument(a, "cohort"),
        .source = source == NULL     ? NP_PLACEBO_CHOOSE
                  : source[0] == 'n' ? NP_PLACEBO_NEVER
                                     : NP_PLACEBO_BEFORE,
    };
    if (panel.outcome == NULL || panel.unit == NULL || panel.time == NULL)
        return np_fail(err, NP_E_USAGE,
                       _("with data --outcome, --unit and --time say which columns"));
    const char *column[] = {panel.outcome, panel.unit, panel.time, panel.cohort};
    np_status status = np_data_spec(&csv_spec, call, err);
    if (status != NP_OK)
        return status;
    csv_spec.columns = column;
    csv_spec.n_columns = panel.cohort == NULL ? 3 : 4;
    status = np_table_file_read_columns(&csv, path, &csv_spec, call->arena, err);
    if (status == NP_OK)
        status =
            np_power_panel_from_table(&p->panel, &csv.table, &panel, call->arena, err);
    if (status != NP_OK && err != NULL)
        np_error_file(err, path);
    return status;
}

static np_status simulate(np_power_answer *p, const np_call *call, np_error *err)
{
    np_status status = read_panel(p, call, err);
    if (status != NP_OK)
        return status;
    np_power_simulation_spec *s = &p->simulation_spec;
    s->y = p->panel.y;
    s->n_units = p->panel.n_units;
    s->n_periods = p->panel.n_periods;
    s->cohort = p->spec.cohort;
    s->n_cohorts = p->spec.n_cohorts;
    s->design_periods = p->spec.n_periods;
    s->share_treated = p->spec.share_treated;
    s->level = p->spec.level;
    s->one_sided = p->spec.one_sided;
    s->power = p->spec.power;
    s->effect = p->spec.effect;
    s->estimator = p->estimator;
    s->did = p->estimator == NP_DID_TWO_WAY ? NULL : &p->did;
    np_progress(call, _("drawing placebo cohorts"));
    status = np_power_simulate(&p->simulation, s, call->arena, err);
    np_progress(call, NULL);
    return status;
}

np_status np_power_run(const np_call *call, bool *answer_no, np_error *err)
{
    (void)answer_no;
    np_power_answer *p = np_arena_array(call->arena, np_power_answer, 1);
    if (p == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = np_power_plan(p, call, err);
    if (status == NP_OK && p->by_formula)
        status = np_power_estimate(&p->formula, &p->spec, call->arena, err);
    if (status == NP_OK && p->by_simulation)
        status = simulate(p, call, err);
    if (status == NP_OK)
        status = np_power_print(call, p, err);
    return status;
}
