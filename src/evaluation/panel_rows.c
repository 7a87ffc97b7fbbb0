#include "evaluation/panel_rows.h"

#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "table/group.h"

const char *const np_panel_rows_reason[] = {
    N_("missing outcome"),
    N_("missing controls"),
    N_("missing weights, or a weight of zero"),
    N_("only one period of the unit"),
};
enum { MISSING_OUTCOME = 1, MISSING_CONTROLS, MISSING_WEIGHTS };

typedef struct {
    np_work *w;
    const np_sample *s;
    const np_panel_rows_spec *spec;
    np_error *failure;
    const double *y, *weight; /* [table's n_rows] */
    const double **control;   /* [n_controls] [table's n_rows] */
    uint32_t *candidate;      /* positions in the sample */
    size_t n_candidates;
    uint8_t *why;
} build;

static np_status no_memory(const build *b)
{
    return np_fail(b->failure, NP_E_NO_MEMORY, _("no memory left"));
}

static np_status numbers(const build *b, const double **out, np_plan_name name,
                         const char *role)
{
    const np_column *column;
    const np_work *w = b->w;
    np_status status =
        np_plan_column(&column, b->s->table, name, role, w->plan, b->failure);
    if (status != NP_OK)
        return status;
    if (column->type == NP_COLUMN_TEXT) {
        np_fail(b->failure, NP_E_RANGE, _("%s holds text where numbers are needed"),
                column->name);
        np_column_hint_text(b->failure, column, b->s->table->n_rows);
        np_error_file(b->failure, w->plan->path);
        return np_error_at(b->failure, name.line, name.column);
    }
    return np_column_as_numbers(out, column, b->s->table->n_rows, w->scratch, b->failure);
}

static np_status find_columns(build *b)
{
    const np_plan_question *q = b->w->q;
    b->control = np_arena_array(b->w->scratch, const double *, q->n_controls);
    if (b->control == NULL)
        return no_memory(b);
    np_status status = numbers(b, &b->y, b->spec->outcome, _("outcome"));
    if (status == NP_OK && q->weights.text != NULL)
        status = numbers(b, &b->weight, q->weights, _("weights"));
    for (size_t k = 0; status == NP_OK && k < q->n_controls; k++)
        status = numbers(b, &b->control[k], q->control[k], _("control"));
    return status;
}

/* Whether a row of the sample is looked at for this cohort: its own units, those
 * never treated and, where asked for, later cohorts before their start. */
static bool belongs(const build *b, size_t i)
{
    double cohort = b->s->cohort[b->s->unit[i]];
    if (isnan(b->spec->cohort) || cohort == b->spec->cohort || isinf(cohort))
        return true;
    return b->w->q->not_yet && cohort > b->spec->cohort && b->s->time[i] < cohort;
}

static bool is_participant(const build *b, size_t i)
{
    double cohort = b->s->cohort[b->s->unit[i]];
    return isfinite(cohort) && (isnan(b->spec->cohort) || cohort == b->spec->cohort);
}

static np_status negative_weight(const build *b, size_t i)
{
    char value[NP_DECIMAL_LENGTH], period[NP_DECIMAL_LENGTH];
    np_decimal_format(value, b->weight[b->s->row[i]]);
    np_decimal_format(period, b->s->time[i]);
    np_fail(b->failure, NP_E_RANGE, _("%s: %s in %s is %s; weights must be positive"),
            b->w->q->weights.text, b->s->unit_name[b->s->unit[i]], period, value);
    return np_error_file(b->failure, b->w->q->data.file.text);
}

static np_status choose_rows(build *b)
{
    const np_sample *s = b->s;
    b->candidate = np_arena_array(b->w->scratch, uint32_t, s->n);
    b->why = np_arena_array(b->w->scratch, uint8_t, s->n);
    if (b->candidate == NULL || b->why == NULL)
        return no_memory(b);
    for (size_t i = 0; i < s->n; i++) {
        if (!belongs(b, i))
            continue;
        uint32_t row = s->row[i];
        uint8_t why = 0;
        if (b->weight != NULL && b->weight[row] < 0)
            return negative_weight(b, i);
        if (b->weight != NULL && !(b->weight[row] > 0 && isfinite(b->weight[row])))
            why = MISSING_WEIGHTS;
        for (size_t k = 0; k < b->w->q->n_controls; k++)
            if (!isfinite(b->control[k][row]))
                why = MISSING_CONTROLS;
        if (!isfinite(b->y[row]))
            why = MISSING_OUTCOME;
        b->why[b->n_candidates] = why;
        b->candidate[b->n_candidates++] = (uint32_t)i;
    }
    return NP_OK;
}

static np_status fill_rows(build *b, np_panel_rows *out)
{
    const np_sample *s = b->s;
    np_arena *arena = b->w->scratch;
    size_t m = b->n_candidates, n_controls = b->w->q->n_controls;
    int32_t *unit = np_arena_array(arena, int32_t, m);
    int32_t *candidate = np_arena_array(arena, int32_t, m);
    uint8_t *treated = np_arena_array(arena, uint8_t, m + 1);
    double *number = np_arena_array(arena, double, m *(7 + n_controls));
    double **control = np_arena_array(arena, double *, n_controls);
    if (unit == NULL || candidate == NULL || treated == NULL || number == NULL ||
        control == NULL)
        return no_memory(b);
    double *time = number, *y = number + m, *weight = number + 2 * m,
           *participant = number + 3 * m, *post = number + 4 * m,
           *event_time = number + 5 * m, *candidate_y = number + 6 * m;
    for (size_t k = 0; k < n_controls; k++)
        control[k] = number + (7 + k) * m;
    size_t n = 0;
    for (size_t c = 0; c < m; c++) {
        size_t i = b->candidate[c];
        uint32_t row = s->row[i];
        candidate[c] = s->unit[i];
        candidate_y[c] = b->y[row];
        treated[c] = is_participant(b, i);
        if (b->why[c] != 0)
            continue;
        double start = s->cohort[s->unit[i]];
        unit[n] = s->unit[i];
        time[n] = s->time[i];
        y[n] = b->y[row];
        weight[n] = b->weight == NULL ? 1 : b->weight[row];
        participant[n] = treated[c];
        post[n] = treated[c] && s->time[i] >= start;
        event_time[n] = treated[c] ? s->time[i] - start : NP_NEVER;
        for (size_t k = 0; k < n_controls; k++)
            control[k][n] = b->control[k][row];
        n++;
    }
    *out = (np_panel_rows){.sample = s,
                           .n = n,
                           .unit = unit,
                           .time = time,
                           .y = y,
                           .weight = b->weight == NULL ? NULL : weight,
                           .control = (const double *const *)control,
                           .participant = participant,
                           .post = post,
                           .event_time = event_time,
                           .n_candidates = m,
                           .why = b->why,
                           .candidate = candidate,
                           .candidate_y = candidate_y,
                           .candidate_treated = treated};
    return NP_OK;
}

/* Cells of a cluster column as dense codes for the complete rows. */
static np_status cluster_codes(build *b, const int64_t **out, np_plan_name name)
{
    const np_column *column;
    np_status status =
        np_plan_column(&column, b->s->table, name, _("cluster"), b->w->plan, b->failure);
    uint32_t *rows = np_arena_array(b->w->scratch, uint32_t, b->n_candidates);
    int64_t *code = np_arena_array(b->w->scratch, int64_t, b->n_candidates);
    if (status != NP_OK)
        return status;
    if (rows == NULL || code == NULL)
        return no_memory(b);
    size_t n = 0;
    for (size_t c = 0; c < b->n_candidates; c++)
        if (b->why[c] == 0)
            rows[n++] = b->s->row[b->candidate[c]];
    np_groups groups;
    status = np_group_columns(&groups, b->s->table, &column, 1, rows, n, b->w->scratch,
                              b->failure);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        code[i] = groups.code[i];
    *out = code;
    return NP_OK;
}

static np_status name_columns(build *b, np_panel_rows *r)
{
    np_work *w = b->w;
    const np_plan_question *q = w->q;
    np_derived *d = &r->derived;
    d->n_rows = r->n;
    int64_t *unit = np_arena_array(w->scratch, int64_t, r->n);
    const char **control_name = np_arena_array(w->scratch, const char *, q->n_controls);
    const char **cluster_name =
        np_arena_array(w->scratch, const char *, q->n_clusters + 1);
    if (unit == NULL || control_name == NULL || cluster_name == NULL)
        return no_memory(b);
    for (size_t i = 0; i < r->n; i++)
        unit[i] = r->unit[i];
    np_status status = np_derived_code(d, q->unit.text, unit, b->failure);
    if (status == NP_OK)
        status = np_derived_number(d, q->time.text, r->time, b->failure);
    if (status == NP_OK)
        status = np_derived_number(d, b->spec->outcome.text, r->y, b->failure);
    if (status == NP_OK && r->weight != NULL)
        status = np_derived_number(d, q->weights.text, r->weight, b->failure);
    for (size_t k = 0; status == NP_OK && k < q->n_controls; k++) {
        status = np_derived_number(d, q->control[k].text, r->control[k], b->failure);
        control_name[k] = np_work_quoted(w, q->control[k].text);
    }
    r->cluster = unit;
    cluster_name[0] = np_work_quoted(w, q->unit.text);
    r->n_clusters = q->n_clusters == 0 ? 1 : q->n_clusters;
    for (size_t k = 0; status == NP_OK && k < q->n_clusters; k++) {
        const int64_t *code = unit;
        if (strcmp(q->cluster[k].text, q->unit.text) != 0)
            status = cluster_codes(b, &code, q->cluster[k]);
        if (status == NP_OK)
            status = np_derived_code(d, q->cluster[k].text, code, b->failure);
        r->cluster = k == 0 ? code : r->cluster;
        cluster_name[k] = np_work_quoted(w, q->cluster[k].text);
    }
    if (status != NP_OK)
        return status;
    r->control_name = control_name;
    r->cluster_name = cluster_name;
    r->y_name = np_work_quoted(w, b->spec->outcome.text);
    r->unit_name = np_work_quoted(w, q->unit.text);
    r->time_name = np_work_quoted(w, q->time.text);
    r->weight_name = r->weight == NULL ? NULL : np_work_quoted(w, q->weights.text);
    r->participant_name = np_derived_free_name(d, "participant", w->scratch);
    r->post_name = np_derived_free_name(d, "post", w->scratch);
    r->event_name = np_derived_free_name(d, "event_time", w->scratch);
    if (r->participant_name == NULL || r->post_name == NULL || r->event_name == NULL)
        return no_memory(b);
    status = np_derived_number(d, r->participant_name, r->participant, b->failure);
    if (status == NP_OK)
        status = np_derived_number(d, r->post_name, r->post, b->failure);
    if (status == NP_OK)
        status = np_derived_number(d, r->event_name, r->event_time, b->failure);
    return status;
}

static np_status check_rows(const build *b, const np_panel_rows *r)
{
    const char *outcome = b->spec->outcome.text;
    bool varies = false;
    size_t participants = 0, post = 0;
    for (size_t i = 0; i < r->n; i++) {
        varies |= r->y[i] != r->y[0];
        participants += r->participant[i] != 0;
        post += r->post[i] != 0;
    }
    if (r->n == 0)
        return np_fail(b->failure, NP_E_NOT_IDENTIFIED, _("%s: no complete row is left"),
                       outcome);
    if (!varies)
        return np_fail(b->failure, NP_E_NOT_IDENTIFIED, _("%s is the same in all rows"),
                       outcome);
    if (post == 0)
        return np_fail(b->failure, NP_E_NOT_IDENTIFIED,
                       _("%s: no participant has an outcome after the start"), outcome);
    if (post == participants)
        return np_fail(b->failure, NP_E_NOT_IDENTIFIED,
                       _("%s: no participant has an outcome before the start"), outcome);
    if (participants == r->n && r->n_starts < 2)
        return np_fail(b->failure, NP_E_NOT_IDENTIFIED,
                       _("%s: nobody to compare with has an outcome"), outcome);
    return NP_OK;
}

static np_status distinct_starts(const build *b, np_panel_rows *r)
{
    double *start = np_arena_array(b->w->scratch, double, r->n);
    if (start == NULL)
        return no_memory(b);
    for (size_t i = 0; i < r->n; i++)
        start[i] = r->participant[i] != 0 ? r->time[i] - r->event_time[i] : INFINITY;
    return np_distinct(&r->start, &r->n_starts, start, r->n, b->w->scratch, b->failure);
}

np_status np_panel_rows_build(np_panel_rows *out, np_work *w, const np_sample *sample,
                              const np_panel_rows_spec *spec, np_error *failure)
{
    build b = {.w = w, .s = sample, .spec = spec, .failure = failure};
    np_status status = find_columns(&b);
    if (status == NP_OK)
        status = choose_rows(&b);
    if (status == NP_OK)
        status = fill_rows(&b, out);
    if (status == NP_OK)
        status = name_columns(&b, out);
    if (status == NP_OK)
        status = np_distinct(&out->period, &out->n_periods, out->time, out->n, w->scratch,
                             failure);
    if (status == NP_OK)
        status = distinct_starts(&b, out);
    return status == NP_OK ? check_rows(&b, out) : status;
}
