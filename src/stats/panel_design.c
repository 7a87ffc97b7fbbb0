#include "stats/panel_core.h"

static np_status refuse_design(const np_design *d, np_error *err)
{
    if (d->panel == NULL)
        return np_fail(err, NP_E_USAGE,
                       _("a panel model needs the columns of units and periods"));
    if (d->n_fe > 0)
        return np_fail(err, NP_E_USAGE,
                       _("a panel model has its effects from the panel: leave \"| %s\" "
                         "out of the formula, or the model"),
                       d->fe[0].name);
    if (d->endogenous.k > 0 || d->instruments.k > 0)
        return np_fail(err, NP_E_USAGE, _("panel models have no instruments"));
    if (d->offset != NULL)
        return np_fail(err, NP_E_USAGE, _("panel models have no offset"));
    if (d->weight == NULL)
        return NP_OK;
    np_fail(err, NP_E_USAGE, _("panel models have no weights"));
    np_error_hint(err,
                  _("fixed effects with weights are those of a formula: y ~ x | unit"));
    return NP_E_USAGE;
}

/* Labels of a panel dimension's groups; NULL where the column is not the table's. */
static np_status labels_of(const char *const **out, const np_design *d, size_t side,
                           const char *name, np_arena *arena, np_error *err)
{
    *out = NULL;
    size_t at = name == NULL ? d->table->n_columns : np_table_find(d->table, name);
    if (at >= d->table->n_columns)
        return NP_OK;
    const np_column *column = &d->table->column[at];
    const np_groups *g = &d->panel[side];
    const char **label = np_arena_array(arena, const char *, g->n_groups);
    if (label == NULL)
        return np_panel_no_memory(err);
    for (size_t i = 0; i < g->n_groups; i++)
        if ((label[i] = np_group_label(g, &column, 1, d->row, (int32_t)i, arena)) == NULL)
            return np_panel_no_memory(err);
    *out = label;
    return NP_OK;
}

np_status np_panel_data_from_design(np_panel_data *out, const np_design *d,
                                    const char *unit, const char *time, np_arena *arena,
                                    np_error *err)
{
    np_status status = refuse_design(d, err);
    if (status != NP_OK)
        return status;
    np_panel_data data = {.n = d->n,
                          .k = d->x.k,
                          .y_name = d->y_name,
                          .y = d->y,
                          .term = d->x.term,
                          .intercept = d->has_intercept ? 0 : d->x.k,
                          .unit = d->panel[0].code,
                          .time = d->panel[1].code,
                          .n_units = d->panel[0].n_groups,
                          .n_periods = d->panel[1].n_groups};
    status = np_regressors_spread(&data.x, &d->x, d->n, arena, err);
    if (status == NP_OK)
        status = labels_of(&data.unit_label, d, 0, unit, arena, err);
    if (status == NP_OK)
        status = labels_of(&data.time_label, d, 1, time, arena, err);
    if (status == NP_OK)
        *out = data;
    return status;
}
