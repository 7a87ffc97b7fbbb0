#include "evaluation/condition.h"

#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "base/text.h"

np_status np_plan_column(const np_column **out, const np_table *table, np_plan_name name,
                         const char *role, const np_plan *plan, np_error *err)
{
    np_error own = {0};
    np_status status = np_table_column(out, table, name.text, role, &own);
    if (status == NP_OK)
        return NP_OK;
    own.file[0] = '\0';
    own.line = own.column = 0;
    np_error_file(&own, plan->path);
    np_error_at(&own, name.line, name.column);
    if (err != NULL && err->status == NP_OK)
        *err = own;
    return status;
}

bool np_cell_equals(const np_column *column, size_t row, const char *value)
{
    char scratch[64];
    if (np_column_missing(column, row) != NP_PRESENT)
        return false;
    if (strcmp(np_column_text(column, row, scratch, sizeof scratch), value) == 0)
        return true;
    double number;
    return column->type != NP_COLUMN_TEXT && column->type != NP_COLUMN_DATE &&
           np_decimal_parse(&number, value, strlen(value), '.') &&
           number == np_column_number(column, row);
}

static bool holds(const np_condition *c, const np_column *column, size_t row)
{
    bool missing = np_column_missing(column, row) != NP_PRESENT;
    double number;
    switch (c->kind) {
    case NP_CONDITION_MISSING:
        return missing;
    case NP_CONDITION_PRESENT:
        return !missing;
    case NP_CONDITION_RANGE:
        number = np_column_number(column, row);
        return number >= c->low && number <= c->high;
    case NP_CONDITION_IN:
    case NP_CONDITION_NOT:
        break;
    }
    bool found = false;
    for (size_t i = 0; i < c->n_values && !found; i++)
        found = np_cell_equals(column, row, c->value[i]);
    return !missing && found == (c->kind == NP_CONDITION_IN);
}

np_status np_conditions_apply(uint8_t *keep, const np_table *table,
                              const np_condition *condition, size_t n,
                              const np_plan *plan, np_error *err)
{
    memset(keep, 1, table->n_rows);
    for (size_t i = 0; i < n; i++) {
        const np_column *column;
        np_status status =
            np_plan_column(&column, table, condition[i].name, _("condition"), plan, err);
        if (status != NP_OK)
            return status;
        if (condition[i].kind == NP_CONDITION_RANGE && column->type == NP_COLUMN_TEXT) {
            np_fail(err, NP_E_RANGE, _("%s holds text; min and max are for numbers"),
                    column->name);
            np_error_file(err, plan->path);
            return np_error_at(err, condition[i].name.line, condition[i].name.column);
        }
        for (size_t row = 0; row < table->n_rows; row++)
            keep[row] = keep[row] && holds(&condition[i], column, row);
    }
    return NP_OK;
}

static void condition_text(np_buf *buf, const np_condition *c)
{
    np_buf_add(buf, c->name.text);
    switch (c->kind) {
    case NP_CONDITION_MISSING:
        np_buf_add(buf, " = ∅");
        return;
    case NP_CONDITION_PRESENT:
        np_buf_add(buf, " ≠ ∅");
        return;
    case NP_CONDITION_RANGE:
        if (isfinite(c->low)) {
            np_buf_add(buf, " ≥ ");
            np_buf_add_double(buf, c->low);
        }
        if (isfinite(c->high)) {
            np_buf_add(buf, isfinite(c->low) ? ", ≤ " : " ≤ ");
            np_buf_add_double(buf, c->high);
        }
        return;
    case NP_CONDITION_IN:
        np_buf_add(buf, c->n_values == 1 ? " = " : " ∈ ");
        break;
    case NP_CONDITION_NOT:
        np_buf_add(buf, " ≠ ");
        break;
    }
    for (size_t i = 0; i < c->n_values; i++) {
        np_buf_add(buf, i == 0 ? "" : ", ");
        np_buf_add(buf, c->value[i]);
    }
}

const char *np_conditions_text(const np_condition *condition, size_t n, np_arena *arena)
{
    np_buf buf = {0};
    for (size_t i = 0; i < n; i++) {
        np_buf_add(&buf, i == 0 ? "" : "; ");
        condition_text(&buf, &condition[i]);
    }
    const char *text = np_buf_done(&buf);
    const char *copy = text == NULL ? NULL : np_arena_copy_text(arena, text, buf.length);
    np_buf_free(&buf);
    return copy;
}
