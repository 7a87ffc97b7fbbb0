#include <math.h>
#include <string.h>

#include "stats/did/did_panel_internal.h"
#include "stats/formula_value.h"

np_status np_did_lost_rows(uint8_t **out, np_did_builder *b)
{
    const np_design *d = &b->design;
    size_t n = b->table->n_rows;
    uint8_t *lost = np_arena_array(b->arena, uint8_t, n);
    const double *in = NULL;
    np_status status = lost == NULL ? np_did_no_memory(b->err) : NP_OK;
    if (status == NP_OK && b->spec->subset != NULL) {
        const np_expr *e;
        np_formula_value value;
        np_evaluator v = {.table = b->table, .arena = b->arena, .err = b->err};
        status = np_expr_parse(&e, b->spec->subset, b->arena, b->err);
        if (status == NP_OK)
            status = np_evaluate(&value, &v, e);
        if (status == NP_OK)
            status = np_formula_value_numbers(&in, &value, e, &v);
    }
    for (size_t i = 0; status == NP_OK && i < n; i++)
        lost[i] = in == NULL || fabs(in[i]) > 0;
    for (size_t i = 0; status == NP_OK && i < d->n; i++)
        lost[d->row[i]] = 0;
    *out = lost;
    return status;
}

static const char *main_reason(const np_design *d)
{
    const np_dropped *most = &d->dropped[0];
    for (size_t i = 1; i < d->n_dropped; i++)
        if (d->dropped[i].n_rows > most->n_rows)
            most = &d->dropped[i];
    return most->reason;
}

/* Never treated units in each period, before and after rows were lost. */
typedef struct {
    size_t before, after;
} never_count;

static np_status judge(np_did_builder *b, const never_count *total,
                       const never_count *by_period)
{
    const np_did_panel *p = b->out;
    if (total->before > 0 && total->after == 0) {
        np_fail(b->err, NP_E_NOT_IDENTIFIED,
                _("all never treated units are lost (%zu rows: %s)"), total->before,
                main_reason(&b->design));
        return np_error_hint(b->err, _("leave the control out, or fill it, and look why "
                                       "it is missing for just these units"));
    }
    for (size_t t = 0; t < p->n_periods; t++) {
        if (by_period[t].before == 0 || by_period[t].after > 0)
            continue;
        np_fail(b->err, NP_E_NOT_IDENTIFIED,
                _("no never treated unit is left in period %s (%s)"), p->period_label[t],
                main_reason(&b->design));
        return np_error_hint(b->err,
                             _("leave the period out with --subset, or the control"));
    }
    return NP_OK;
}

static np_status count_never(np_did_builder *b, const uint8_t *lost,
                             const np_column *time)
{
    const np_did_panel *p = b->out;
    never_count total = {0};
    never_count *by_period = np_arena_array(b->arena, never_count, p->n_periods);
    const double *start;
    np_status status = np_did_read_starts(&start, b);
    if (status == NP_OK && by_period == NULL)
        status = np_did_no_memory(b->err);
    if (status != NP_OK)
        return status;
    for (size_t r = 0; r < p->n; r++)
        if (isinf(b->start[p->unit_of[r]])) {
            total.after++;
            by_period[p->period_of[r]].after++;
            by_period[p->period_of[r]].before++;
        }
    for (size_t i = 0; i < b->table->n_rows; i++) {
        if (!lost[i] || (isfinite(start[i]) && start[i] != 0))
            continue;
        size_t t = np_did_period_of_row(p, time, i);
        total.before++;
        if (t < p->n_periods)
            by_period[t].before++;
    }
    total.before += total.after;
    return judge(b, &total, by_period);
}

/* Units none of whose rows is left, by name. */
static np_status name_lost_units(np_did_builder *b, const uint8_t *lost)
{
    const np_did_panel *p = b->out;
    np_text_map *seen = np_did_units_by_text(b), *gone = np_text_map_new(b->arena);
    char scratch[64];
    if (seen == NULL || gone == NULL)
        return np_did_no_memory(b->err);
    for (size_t i = 0; i < b->table->n_rows; i++) {
        if (!lost[i] || np_column_missing(p->unit_column, i) != NP_PRESENT)
            continue;
        const char *text = np_column_text(p->unit_column, i, scratch, sizeof scratch);
        if (np_text_map_find(seen, text, strlen(text)) == NP_MAP_NONE &&
            np_text_map_add(gone, text, strlen(text)) == NP_MAP_NO_MEMORY)
            return np_did_no_memory(b->err);
    }
    size_t n = np_text_map_size(gone);
    const char **unit = np_arena_array(b->arena, const char *, n);
    if (unit == NULL)
        return np_did_no_memory(b->err);
    for (size_t i = 0; i < n; i++)
        unit[i] = np_text_map_text(gone, (int32_t)i);
    if (n == 0)
        return NP_OK;
    /* their rows stand among those of the reasons already */
    return np_did_leave_out(b, (np_did_dropped){.reason = _("no row without missing "
                                                            "values"),
                                                .n_units = n,
                                                .unit = unit});
}

np_status np_did_check_vanished(np_did_builder *b)
{
    const np_column *time = NULL;
    uint8_t *lost;
    if (b->design.row == NULL || b->design.n_dropped == 0)
        return NP_OK;
    np_status status = np_did_lost_rows(&lost, b);
    if (status == NP_OK)
        status = np_did_column_of(&time, b, b->spec->time);
    if (status == NP_OK && b->spec->treatment == NULL)
        status = count_never(b, lost, time);
    if (status == NP_OK && !b->out->cross_sections && b->out->unit_column != NULL)
        status = name_lost_units(b, lost);
    return status;
}
