#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/parallel.h"
#include "base/text.h"
#include "stats/design_internal.h"

np_status np_builder_no_memory(np_design_builder *b)
{
    return np_fail(b->err, NP_E_NO_MEMORY, _("no memory left for %zu rows"),
                   b->table->n_rows);
}

static np_status count_reason(np_design_builder *b, const char *reason)
{
    np_reasons *r = &b->reasons;
    for (size_t i = 0; i < r->n; i++)
        if (strcmp(r->item[i].reason, reason) == 0) {
            r->item[i].n_rows++;
            return NP_OK;
        }
    if (r->n == r->capacity) {
        size_t capacity = r->capacity == 0 ? 8 : 2 * r->capacity;
        np_dropped *grown = np_arena_array(b->arena, np_dropped, capacity);
        if (grown == NULL)
            return np_builder_no_memory(b);
        for (size_t i = 0; i < r->n; i++)
            grown[i] = r->item[i];
        r->item = grown;
        r->capacity = capacity;
    }
    const char *copy = np_arena_copy_text(b->arena, reason, strlen(reason));
    if (copy == NULL)
        return np_builder_no_memory(b);
    r->item[r->n++] = (np_dropped){copy, 1};
    return NP_OK;
}

np_status np_rows_leave_out(np_design_builder *b, size_t row, const char *reason)
{
    if (b->gone == NULL)
        b->gone = np_arena_array(b->arena, uint8_t, b->table->n_rows);
    if (b->gone == NULL)
        return np_builder_no_memory(b);
    if (b->gone[row])
        return NP_OK;
    b->gone[row] = 1;
    return count_reason(b, reason);
}

typedef struct {
    const np_formula_value *value;
    size_t n;
    atomic_bool found;
} search;

static void find_missing(void *context, size_t task, unsigned thread)
{
    (void)thread;
    search *s = context;
    size_t first = task * NP_PARALLEL_ROWS, last = first + NP_PARALLEL_ROWS;
    bool found = false;
    const np_column *column = s->value->column;
    const double *x = s->value->x;
    if (x == NULL && column != NULL && column->type == NP_COLUMN_F64)
        x = column->f64;
    for (size_t i = first; i < last && i < s->n; i++)
        found |= x != NULL ? !isfinite(x[i]) : np_formula_value_missing(s->value, i);
    if (found)
        atomic_store(&s->found, true);
}

static bool any_missing(np_design_builder *b, const np_formula_value *value)
{
    if (!np_value_may_miss(value))
        return false;
    search s = {.value = value, .n = b->table->n_rows};
    np_parallel_for((s.n + NP_PARALLEL_ROWS - 1) / NP_PARALLEL_ROWS, 0, find_missing, &s);
    return atomic_load(&s.found);
}

static bool has_lag(const np_expr *e)
{
    if (np_expr_is_call(e, "l") || np_expr_is_call(e, "f") || np_expr_is_call(e, "d"))
        return true;
    for (size_t i = 0; i < e->n; i++)
        if (has_lag(e->argument[i]))
            return true;
    return false;
}

/* The first variable of the expression that is missing in the row, or NULL. */
static const char *missing_variable(np_design_builder *b, const np_names *names,
                                    size_t row)
{
    for (size_t i = 0; i < names->n; i++) {
        size_t c = np_table_find(b->table, names->name[i]);
        if (c < b->table->n_columns &&
            np_column_missing(&b->table->column[c], row) != NP_PRESENT)
            return names->name[i];
    }
    return NULL;
}

np_status np_rows_require(np_design_builder *b, const np_formula_value *value,
                          const np_expr *e)
{
    if (!any_missing(b, value))
        return NP_OK;
    np_names names = {0};
    char reason[256];
    np_status status = np_expr_variables(&names, e, b->arena, b->err);
    const char *text = np_expr_text(e, b->arena);
    if (text == NULL)
        return np_builder_no_memory(b);
    for (size_t i = 0; status == NP_OK && i < b->table->n_rows; i++) {
        if ((b->gone != NULL && b->gone[i]) || !np_formula_value_missing(value, i))
            continue;
        const char *variable = missing_variable(b, &names, i);
        if (variable != NULL)
            np_text_format(reason, sizeof reason, _("missing %s"), variable);
        else if (has_lag(e))
            np_text_format(reason, sizeof reason, _("no such period in the panel: %s"),
                           text);
        else
            np_text_format(reason, sizeof reason, _("not finite: %s"), text);
        status = np_rows_leave_out(b, i, reason);
    }
    return status;
}

np_status np_rows_require_column(np_design_builder *b, const np_column *column,
                                 const char *name)
{
    np_formula_value value = {.kind = column->type == NP_COLUMN_TEXT ? NP_FORMULA_TEXT
                                                                     : NP_FORMULA_NUMBER,
                              .column = column};
    char reason[256];
    np_status status = NP_OK;
    if (!any_missing(b, &value))
        return NP_OK;
    np_text_format(reason, sizeof reason, _("missing %s"), name);
    for (size_t i = 0; status == NP_OK && i < b->table->n_rows; i++)
        if (np_formula_value_missing(&value, i))
            status = np_rows_leave_out(b, i, reason);
    return status;
}

static np_status no_rows_left(np_design_builder *b)
{
    if (b->table->n_rows == 0)
        return np_fail(b->err, NP_E_NOT_IDENTIFIED, _("the data have no rows"));
    const np_dropped *most = &b->reasons.item[0];
    for (size_t i = 1; i < b->reasons.n; i++)
        if (b->reasons.item[i].n_rows > most->n_rows)
            most = &b->reasons.item[i];
    return np_fail(b->err, NP_E_NOT_IDENTIFIED,
                   _("no rows are left of %zu; most are left out for: %s (%zu rows)"),
                   b->table->n_rows, most->reason, most->n_rows);
}

np_status np_rows_settle(np_design_builder *b)
{
    size_t n_rows = b->table->n_rows, n = 0;
    b->n = n_rows;
    b->row = NULL;
    if (b->gone != NULL) {
        for (size_t i = 0; i < n_rows; i++)
            n += !b->gone[i];
        uint32_t *row = np_arena_array(b->arena, uint32_t, n);
        if (row == NULL)
            return np_builder_no_memory(b);
        b->n = n;
        n = 0;
        for (size_t i = 0; i < n_rows; i++)
            if (!b->gone[i])
                row[n++] = (uint32_t)i;
        b->row = b->n < n_rows ? row : NULL;
    }
    return b->n == 0 ? no_rows_left(b) : NP_OK;
}

typedef struct {
    const double *from;
    double *to;
    const uint32_t *row;
    size_t n;
} picking;

static void pick(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const picking *p = context;
    size_t first = task * NP_PARALLEL_ROWS, last = first + NP_PARALLEL_ROWS;
    for (size_t i = first; i < last && i < p->n; i++)
        p->to[i] = p->from[p->row[i]];
}

np_status np_rows_pick(np_design_builder *b, const double **out, const double *x)
{
    if (b->row == NULL) {
        *out = x;
        return NP_OK;
    }
    picking p = {x, np_arena_array(b->arena, double, b->n), b->row, b->n};
    if (p.to == NULL)
        return np_builder_no_memory(b);
    np_parallel_for((p.n + NP_PARALLEL_ROWS - 1) / NP_PARALLEL_ROWS, 0, pick, &p);
    *out = p.to;
    return NP_OK;
}

typedef struct {
    np_design_builder *b;
    uint8_t *dead; /* [n] */
    size_t n_dead;
    size_t *count; /* [most levels] */
    double *sum;   /* [most levels] of the outcome; NULL: not asked for */
} sieve;

static np_status kill_row(sieve *s, size_t i, const char *reason)
{
    np_design_builder *b = s->b;
    s->dead[i] = 1;
    s->n_dead++;
    return np_rows_leave_out(b, b->row == NULL ? i : b->row[i], reason);
}

static bool is_uninformative(const sieve *s, int32_t level)
{
    double bound = s->b->spec->upper_bound;
    if (s->sum == NULL)
        return false;
    return s->sum[level] == 0 ||
           (bound > 0 && s->sum[level] == bound * (double)s->count[level]);
}

static np_status sift(sieve *s, const np_grouping *g, bool *changed)
{
    np_design_builder *b = s->b;
    const np_groups *groups = &g->groups;
    memset(s->count, 0, groups->n_groups * sizeof *s->count);
    if (s->sum != NULL)
        memset(s->sum, 0, groups->n_groups * sizeof *s->sum);
    for (size_t i = 0; i < b->n; i++) {
        s->count[groups->code[i]] += !s->dead[i];
        if (s->sum != NULL && !s->dead[i])
            s->sum[groups->code[i]] += b->y[b->row == NULL ? i : b->row[i]];
    }
    size_t n_single = 0, n_constant = 0;
    for (size_t l = 0; l < groups->n_groups; l++) {
        n_single += s->count[l] == 1 && !b->spec->keep_singletons;
        n_constant += s->count[l] > 0 && is_uninformative(s, (int32_t)l);
    }
    if (n_single + n_constant == 0)
        return NP_OK;
    *changed = true;
    char single[256], constant[256];
    np_text_format(single, sizeof single, _("alone in %s (singleton)"), g->name);
    np_text_format(constant, sizeof constant,
                   b->spec->upper_bound > 0 ? _("outcome always 0 or always 1 in %s")
                                            : _("outcome always 0 in %s"),
                   g->name);
    np_status status = NP_OK;
    for (size_t i = 0; status == NP_OK && i < b->n; i++) {
        int32_t level = groups->code[i];
        if (s->dead[i])
            continue;
        if (is_uninformative(s, level))
            status = kill_row(s, i, constant);
        else if (s->count[level] == 1 && !b->spec->keep_singletons)
            status = kill_row(s, i, single);
    }
    return status;
}

/* The groups of the rows that are not dead, in the same order. */
static np_status recode(np_design_builder *b, np_groups *groups, const uint8_t *dead,
                        size_t n_alive)
{
    int32_t *new_code = np_arena_array(b->arena, int32_t, groups->n_groups);
    int32_t *code = np_arena_array(b->arena, int32_t, n_alive);
    if (new_code == NULL || code == NULL)
        return np_builder_no_memory(b);
    size_t n_groups = 0, n = 0;
    for (size_t i = 0; i < groups->n; i++)
        if (!dead[i])
            new_code[groups->code[i]] = 1;
    for (size_t l = 0; l < groups->n_groups; l++)
        new_code[l] = new_code[l] ? (int32_t)n_groups++ : -1;
    int32_t *first_row = np_arena_array(b->arena, int32_t, n_groups);
    if (first_row == NULL)
        return np_builder_no_memory(b);
    for (size_t l = 0; l < n_groups; l++)
        first_row[l] = -1;
    for (size_t i = 0; i < groups->n; i++) {
        if (dead[i])
            continue;
        int32_t l = new_code[groups->code[i]];
        if (first_row[l] < 0)
            first_row[l] = (int32_t)n;
        code[n++] = l;
    }
    *groups = (np_groups){code, n_alive, n_groups, first_row};
    return NP_OK;
}

np_status np_rows_drop_uninformative(np_design_builder *b)
{
    size_t most = 0;
    for (size_t i = 0; i < b->n_groupings; i++)
        if (b->grouping[i].is_fixed_effect && b->grouping[i].groups.n_groups > most)
            most = b->grouping[i].groups.n_groups;
    bool wanted = !b->spec->keep_singletons || b->spec->drop_all_zero_groups;
    if (most == 0 || !wanted)
        return NP_OK;
    sieve s = {.b = b,
               .dead = np_arena_array(b->arena, uint8_t, b->n),
               .count = np_arena_array(b->arena, size_t, most)};
    if (b->spec->drop_all_zero_groups)
        s.sum = np_arena_array(b->arena, double, most);
    if (s.dead == NULL || s.count == NULL ||
        (b->spec->drop_all_zero_groups && s.sum == NULL))
        return np_builder_no_memory(b);
    np_status status = NP_OK;
    for (bool changed = true; status == NP_OK && changed;) {
        changed = false;
        for (size_t i = 0; status == NP_OK && i < b->n_groupings; i++)
            if (b->grouping[i].is_fixed_effect)
                status = sift(&s, &b->grouping[i], &changed);
    }
    if (status != NP_OK || s.n_dead == 0)
        return status;
    size_t n_alive = b->n - s.n_dead;
    for (size_t i = 0; status == NP_OK && n_alive > 0 && i < b->n_groupings; i++)
        if (b->grouping[i].is_coded)
            status = recode(b, &b->grouping[i].groups, s.dead, n_alive);
    return status == NP_OK ? np_rows_settle(b) : status;
}
