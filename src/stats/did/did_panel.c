#include "stats/did/did_panel.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "stats/did/did_panel_internal.h"
#include "stats/formula_value.h"

enum { MOST_WARNINGS = 8 };

static np_status warn(np_did_builder *b, const char *text)
{
    if (text == NULL)
        return np_did_no_memory(b->err);
    if (b->n_warnings < MOST_WARNINGS)
        b->warning[b->n_warnings++] = text;
    return NP_OK;
}

np_status np_did_leave_out(np_did_builder *b, np_did_dropped dropped)
{
    if (b->n_dropped == b->dropped_capacity) {
        size_t capacity = b->dropped_capacity == 0 ? 8 : 2 * b->dropped_capacity;
        np_did_dropped *grown = np_arena_array(b->arena, np_did_dropped, capacity);
        if (grown == NULL)
            return np_did_no_memory(b->err);
        for (size_t i = 0; i < b->n_dropped; i++)
            grown[i] = b->dropped[i];
        b->dropped = grown;
        b->dropped_capacity = capacity;
    }
    b->dropped[b->n_dropped++] = dropped;
    return NP_OK;
}

static const char *design_formula(const np_did_panel_spec *s, np_arena *arena)
{
    np_buf text = {0};
    np_buf_format(&text, "%s ~ 1", s->outcome);
    for (size_t i = 0; i < s->n_controls; i++)
        np_buf_format(&text, " + %s", s->control[i]);
    const char *done = np_buf_done(&text);
    const char *copy =
        done == NULL ? NULL : np_arena_copy_text(arena, done, strlen(done));
    np_buf_free(&text);
    return copy;
}

/* The keys' order: time, unit (unless rows are units), cluster. */
static np_status design_spec(np_design_spec *out, const np_did_panel_spec *s,
                             np_arena *arena, np_error *err)
{
    const char **key = np_arena_array(arena, const char *, 3);
    size_t n = 0;
    *out = (np_design_spec){.formula = design_formula(s, arena),
                            .weights = s->weights,
                            .subset = s->subset,
                            .keep_singletons = true};
    if (key == NULL || out->formula == NULL)
        return np_did_no_memory(err);
    key[n++] = s->time;
    if (s->unit != NULL)
        key[n++] = s->unit;
    if (s->cluster != NULL)
        key[n++] = s->cluster;
    out->key = key;
    out->n_keys = n;
    return NP_OK;
}

np_status np_did_panel_variables(const char *const **names, size_t *n_names,
                                 const np_did_panel_spec *spec, np_arena *arena,
                                 np_error *err)
{
    np_design_spec design;
    const char *const *found;
    size_t n = 0;
    np_names all = {0};
    np_status status = design_spec(&design, spec, arena, err);
    if (status == NP_OK)
        status = np_design_variables(&found, &n, &design, arena, err);
    for (size_t i = 0; status == NP_OK && i < n; i++)
        status = np_names_add(&all, found[i], arena, err);
    const char *start = spec->treatment != NULL ? spec->treatment : spec->cohort;
    const np_expr *e;
    if (status == NP_OK)
        status = np_expr_parse(&e, start, arena, err);
    if (status == NP_OK)
        status = np_expr_variables(&all, e, arena, err);
    if (status == NP_OK) {
        *names = all.name;
        *n_names = all.n;
    }
    return status;
}

np_status np_did_column_of(const np_column **out, np_did_builder *b, const char *text)
{
    const np_expr *e;
    np_formula_value value;
    np_evaluator v = {.table = b->table, .arena = b->arena, .err = b->err};
    *out = NULL;
    np_status status = np_expr_parse(&e, text, b->arena, b->err);
    if (status != NP_OK || np_expr_is_operator(e, "^"))
        return status;
    status = np_evaluate(&value, &v, e);
    return status == NP_OK ? np_formula_value_column(out, &value, e, &v) : status;
}

static np_status fill_periods(np_did_builder *b)
{
    np_did_panel *p = b->out;
    const np_design *d = &b->design;
    const np_groups *key = &d->key[0];
    const np_column *column;
    np_status status = np_did_column_of(&column, b, b->spec->time);
    if (status != NP_OK)
        return status;
    if (column == NULL)
        return np_fail(b->err, NP_E_USAGE, _("the time %s is not one column"),
                       b->spec->time);
    double *period = np_arena_array(b->arena, double, key->n_groups);
    const char **label = np_arena_array(b->arena, const char *, key->n_groups);
    if (period == NULL || label == NULL)
        return np_did_no_memory(b->err);
    for (size_t t = 0; t < key->n_groups; t++) {
        uint32_t i = (uint32_t)key->first_row[t];
        uint32_t row = d->row == NULL ? i : d->row[i];
        label[t] = np_group_label(key, &column, 1, d->row, (int32_t)t, b->arena);
        period[t] = column->type == NP_COLUMN_TEXT ? (double)(t + 1)
                                                   : np_column_number(column, row);
        if (label[t] == NULL)
            return np_did_no_memory(b->err);
    }
    p->period = period;
    p->period_label = label;
    p->n_periods = key->n_groups;
    if (p->n_periods < 2)
        return np_fail(b->err, NP_E_NOT_IDENTIFIED,
                       _("the data have one period, %s; a comparison over time needs a "
                         "period before and one after the start"),
                       label[0]);
    return NP_OK;
}

static np_status cluster_changes(const np_did_builder *b, size_t unit, size_t row)
{
    const np_did_panel *p = b->out;
    const char *label = np_did_unit_label(p, unit, b->arena);
    np_fail(b->err, NP_E_RANGE, _("%s %s is in two clusters, again in row %u"),
            p->unit_name, label == NULL ? "" : label, p->table_row[row] + 1);
    np_error_field(b->err, p->cluster_name, strlen(p->cluster_name));
    return np_error_hint(b->err, _("units are nested in the clusters here"));
}

static np_status one_cluster(const np_did_builder *b)
{
    const np_did_panel *p = b->out;
    np_fail(b->err, NP_E_NOT_IDENTIFIED,
            _("all units are in one cluster: how clusters differ is not known"));
    np_error_field(b->err, p->cluster_name, strlen(p->cluster_name));
    return np_error_hint(b->err, _("without clusters errors are by unit"));
}

/* Codes of the units' clusters, which must not change within a unit. */
static np_status fill_clusters(np_did_builder *b, const int32_t *code_of_table_row)
{
    np_did_panel *p = b->out;
    const np_design *d = &b->design;
    const np_groups *key = &d->key[d->n_keys - 1];
    int32_t *cluster = np_arena_array(b->arena, int32_t, p->n_units);
    uint32_t *row_of = np_arena_array(b->arena, uint32_t, key->n_groups);
    np_status status = np_did_column_of(&p->cluster_column, b, b->spec->cluster);
    if (status != NP_OK)
        return status;
    if (cluster == NULL || row_of == NULL)
        return np_did_no_memory(b->err);
    if (key->n_groups < 2)
        return one_cluster(b);
    for (size_t u = 0; u < p->n_units; u++) {
        cluster[u] = code_of_table_row[p->table_row[p->start[u]]];
        for (size_t r = p->start[u] + 1; r < p->start[u + 1]; r++)
            if (code_of_table_row[p->table_row[r]] != cluster[u])
                return cluster_changes(b, u, r);
        row_of[cluster[u]] = p->table_row[p->start[u]];
    }
    p->cluster_of = cluster;
    p->n_clusters = key->n_groups;
    p->cluster_row = row_of;
    return NP_OK;
}

static np_status take_clusters(np_did_builder *b)
{
    np_did_panel *p = b->out;
    const np_design *d = &b->design;
    p->n_clusters = p->n_units;
    if (b->spec->cluster == NULL ||
        (b->spec->unit != NULL && strcmp(b->spec->cluster, b->spec->unit) == 0))
        return NP_OK;
    int32_t *code = np_arena_array(b->arena, int32_t, b->table->n_rows);
    if (code == NULL)
        return np_did_no_memory(b->err);
    for (size_t i = 0; i < d->n; i++)
        code[d->row == NULL ? i : d->row[i]] = d->key[d->n_keys - 1].code[i];
    return fill_clusters(b, code);
}

static np_status copy_dropped(np_did_builder *b)
{
    const np_design *d = &b->design;
    np_status status = NP_OK;
    for (size_t i = 0; status == NP_OK && i < d->n_dropped; i++)
        status = np_did_leave_out(b, (np_did_dropped){.reason = d->dropped[i].reason,
                                                      .n_rows = d->dropped[i].n_rows});
    return status;
}

/* Leaves out the units with keep[u] == 0 and names them. */
static np_status leave_out_units(np_did_builder *b, const uint8_t *keep,
                                 const char *reason)
{
    np_did_panel *p = b->out;
    np_did_dropped dropped = {.reason = reason};
    for (size_t u = 0; u < p->n_units; u++)
        dropped.n_units += !keep[u];
    if (dropped.n_units == 0)
        return NP_OK;
    const char **label = np_arena_array(b->arena, const char *, dropped.n_units);
    double *start = np_arena_array(b->arena, double, p->n_units);
    if (reason == NULL || label == NULL || start == NULL)
        return np_did_no_memory(b->err);
    size_t n = 0, n_kept = 0;
    for (size_t u = 0; u < p->n_units; u++) {
        if (keep[u]) {
            start[n_kept++] = b->start[u];
            continue;
        }
        label[n] = np_did_unit_label(p, u, b->arena);
        if (label[n++] == NULL)
            return np_did_no_memory(b->err);
        dropped.n_rows += p->start[u + 1] - p->start[u];
    }
    if (n_kept == 0 && !p->cross_sections)
        return np_fail(b->err, NP_E_NOT_IDENTIFIED,
                       _("no unit is left; all %zu are left out: %s"), n, reason);
    dropped.unit = p->cross_sections ? NULL : label;
    if (p->cross_sections)
        dropped.n_units = 0;
    np_did_change change = {.keep = keep, .cohort = b->start};
    np_status status = np_did_leave_out(b, dropped);
    if (status == NP_OK)
        status = np_did_panel_change(p, p, &change, b->arena, b->err);
    b->start = start;
    return status;
}

static np_status drop_always_treated(np_did_builder *b)
{
    np_did_panel *p = b->out;
    double first = p->period[0] + b->spec->anticipation;
    if (b->spec->keep_always_treated)
        return NP_OK;
    uint8_t *keep = np_arena_array(b->arena, uint8_t, p->n_units);
    if (keep == NULL)
        return np_did_no_memory(b->err);
    for (size_t u = 0; u < p->n_units; u++)
        keep[u] = !(b->start[u] <= first);
    return leave_out_units(b, keep,
                           np_arena_format(b->arena,
                                           b->spec->anticipation == 0
                                               ? _("treated from the first period, %s")
                                               : _("treated, or about to be, in the "
                                                   "first period, %s"),
                                           p->period_label[0]));
}

static np_status late_starts(np_did_builder *b)
{
    np_did_panel *p = b->out;
    double last = p->period[p->n_periods - 1] + b->spec->anticipation;
    size_t n = 0;
    for (size_t u = 0; u < p->n_units; u++)
        if (isfinite(b->start[u]) && b->start[u] > last) {
            b->start[u] = INFINITY;
            n++;
        }
    if (n == 0)
        return NP_OK;
    return warn(b, np_arena_format(b->arena,
                                   _("%zu units start after the last period, %s, and "
                                     "count as never treated."),
                                   n, p->period_label[p->n_periods - 1]));
}

/* 0 is never, also where periods are counted through 0. */
static np_status starts_of_zero(np_did_builder *b)
{
    const np_did_panel *p = b->out;
    bool is_period = false;
    for (size_t t = 0; t < p->n_periods; t++)
        is_period = is_period || p->period[t] == 0;
    if (b->n_zero == 0 || !is_period)
        return NP_OK;
    return warn(b, np_arena_format(b->arena,
                                   _("The start 0 of %zu units is read as never, "
                                     "although there is a period 0."),
                                   b->n_zero));
}

static np_status refuse_gaps(np_did_builder *b, size_t n_gaps, size_t example)
{
    np_did_panel *p = b->out;
    const char *label = np_did_unit_label(p, example, b->arena);
    np_fail(b->err, NP_E_NOT_IDENTIFIED,
            _("%zu of %zu units are not seen in every period, for example %s %s"), n_gaps,
            p->n_units, p->unit_name, label == NULL ? "" : label);
    return np_error_hint(b->err,
                         _("--unbalanced says what becomes of them: balance leaves them "
                           "out, pairs compares the units seen in both periods, "
                           "cross-section compares the periods' rows"));
}

static np_status settle_gaps(np_did_builder *b)
{
    np_did_panel *p = b->out;
    size_t n_gaps = 0, example = 0;
    if (p->cross_sections)
        return NP_OK;
    uint8_t *keep = np_arena_array(b->arena, uint8_t, p->n_units);
    if (keep == NULL)
        return np_did_no_memory(b->err);
    for (size_t u = 0; u < p->n_units; u++) {
        keep[u] = p->start[u + 1] - p->start[u] == p->n_periods;
        if (!keep[u] && n_gaps++ == 0)
            example = u;
    }
    p->balanced = n_gaps == 0;
    if (p->balanced)
        return NP_OK;
    switch (b->spec->unbalanced) {
    case NP_UNBALANCED_REFUSE:
        return refuse_gaps(b, n_gaps, example);
    case NP_UNBALANCED_BALANCE:
        return leave_out_units(b, keep, _("not seen in every period"));
    case NP_UNBALANCED_PAIRS:
        return warn(b, np_arena_format(b->arena,
                                       _("%zu of %zu units are not seen in every "
                                         "period; each comparison uses the units seen "
                                         "in its periods."),
                                       n_gaps, p->n_units));
    case NP_UNBALANCED_CROSS_SECTION:
        break;
    }
    return warn(b, np_arena_format(b->arena,
                                   _("%zu of %zu units are not seen in every period; "
                                     "periods are compared as cross-sections, with "
                                     "errors clustered by unit."),
                                   n_gaps, p->n_units));
}

static np_status check_treated(np_did_builder *b)
{
    const np_did_panel *p = b->out;
    if (p->n_cohorts > 0)
        return NP_OK;
    np_fail(b->err, NP_E_NOT_IDENTIFIED,
            _("nobody starts within the periods %s to %s: there is no treated unit"),
            p->period_label[0], p->period_label[p->n_periods - 1]);
    return np_error_hint(b->err, _("the cohort is the first treated period in the units "
                                   "of the time column; 0 or empty is never"));
}

static np_status check_controls(np_did_builder *b)
{
    const np_did_panel_spec *s = b->spec;
    for (size_t i = 0; i < s->n_controls; i++)
        if (strcmp(s->control[i], s->outcome) == 0)
            return np_fail(b->err, NP_E_USAGE,
                           _("%s is the outcome and cannot be a control as well"),
                           s->outcome);
    return NP_OK;
}

/* Arrays of the design, ordered, with each unit's start. */
static np_status build(np_did_builder *b)
{
    np_design_spec spec;
    np_status status = design_spec(&spec, b->spec, b->arena, b->err);
    if (status == NP_OK)
        status = check_controls(b);
    if (status == NP_OK)
        status = np_design_build(&b->design, b->table, &spec, b->arena, b->err);
    b->out->y_name = b->design.y_name;
    if (status == NP_OK)
        status = fill_periods(b);
    if (status == NP_OK && b->spec->unit != NULL)
        status = np_did_column_of(&b->out->unit_column, b, b->spec->unit);
    if (status == NP_OK)
        status = np_did_order_rows(b);
    if (status == NP_OK)
        status = take_clusters(b);
    if (status == NP_OK)
        status = np_did_find_starts(b);
    if (status == NP_OK)
        status = copy_dropped(b);
    return status;
}

static np_status settle(np_did_builder *b)
{
    np_status status = np_did_check_vanished(b);
    if (status == NP_OK)
        status = starts_of_zero(b);
    if (status == NP_OK)
        status = late_starts(b);
    if (status == NP_OK)
        status = np_did_set_cohorts(b->out, b->start, b->arena, b->err);
    if (status == NP_OK)
        status = drop_always_treated(b);
    if (status == NP_OK)
        status = settle_gaps(b);
    return status == NP_OK ? check_treated(b) : status;
}

static const char *name_or_empty(const char *name)
{
    return name == NULL ? "" : name;
}

np_status np_did_panel_build(np_did_panel *out, const np_table *table,
                             const np_did_panel_spec *spec, np_arena *arena,
                             np_error *err)
{
    np_did_panel panel = {.n_table_rows = table->n_rows,
                          .cross_sections = spec->unit == NULL,
                          .unbalanced = spec->unbalanced,
                          .unit_name = name_or_empty(spec->unit),
                          .time_name = spec->time,
                          .cohort_name =
                              spec->treatment != NULL ? spec->treatment : spec->cohort,
                          .weights_name = name_or_empty(spec->weights),
                          .cluster_name = name_or_empty(spec->cluster)};
    np_did_builder b = {
        .out = &panel, .spec = spec, .table = table, .arena = arena, .err = err};
    b.warning = np_arena_array(arena, const char *, MOST_WARNINGS);
    np_status status = b.warning == NULL ? np_did_no_memory(err) : build(&b);
    if (status == NP_OK)
        status = settle(&b);
    if (status != NP_OK)
        return status;
    panel.dropped = b.dropped;
    panel.n_dropped = b.n_dropped;
    panel.warning = b.warning;
    panel.n_warnings = b.n_warnings;
    *out = panel;
    return NP_OK;
}

static const char *label_of(const np_column *column, uint32_t row, np_arena *arena)
{
    char scratch[64];
    const char *text = np_column_text(column, row, scratch, sizeof scratch);
    return np_arena_copy_text(arena, text, strlen(text));
}

const char *np_did_unit_label(const np_did_panel *p, size_t unit, np_arena *arena)
{
    uint32_t row = p->table_row[p->start[unit]];
    if (p->unit_column == NULL)
        return np_arena_format(arena, "%u", row + 1);
    return label_of(p->unit_column, row, arena);
}

const char *np_did_cluster_label(const np_did_panel *p, size_t cluster, np_arena *arena)
{
    if (p->cluster_of == NULL)
        return np_did_unit_label(p, cluster, arena);
    if (p->cluster_column == NULL)
        return np_arena_format(arena, "%zu", cluster + 1);
    return label_of(p->cluster_column, p->cluster_row[cluster], arena);
}
