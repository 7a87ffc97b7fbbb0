#include "table/table.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/parallel.h"

const char *np_missing_code(np_missing reason)
{
    static const char *const code[NP_N_MISSING_REASONS] = {
        "",
        "blank",
        "not_measured",
        "not_reported",
        "not_asked",
        "not_applicable",
        "dont_know",
        "suppressed",
        "discontinued",
    };
    return reason < NP_N_MISSING_REASONS ? code[reason] : "";
}

const char *np_column_type_name(np_column_type type)
{
    static const char *const name[] = {"number", "integer", "date", "text"};
    return name[type];
}

size_t np_table_find(const np_table *table, const char *name)
{
    size_t j = 0;
    while (j < table->n_columns && strcmp(table->column[j].name, name) != 0)
        j++;
    return j;
}

/* Names beyond this many are not looked at for a hint. */
enum { MOST_NAMES = 4096 };

np_status np_table_column(const np_column **out, const np_table *table, const char *name,
                          const char *role, np_error *err)
{
    size_t j = np_table_find(table, name);
    if (j < table->n_columns) {
        *out = &table->column[j];
        return NP_OK;
    }
    if (role != NULL && role[0] != '\0')
        np_fail(err, NP_E_UNKNOWN_NAME, _("there is no column %s (%s)"), name, role);
    else
        np_fail(err, NP_E_UNKNOWN_NAME, _("there is no column %s"), name);
    const char *names[MOST_NAMES];
    size_t n = table->n_columns < MOST_NAMES ? table->n_columns : MOST_NAMES;
    for (size_t i = 0; i < n; i++)
        names[i] = table->column[i].name;
    const char *nearest = np_nearest_name(name, names, n);
    if (nearest != NULL)
        np_error_hint(err, _("did you mean %s?"), nearest);
    return NP_E_UNKNOWN_NAME;
}

np_missing np_column_missing(const np_column *column, size_t row)
{
    return column->missing == NULL ? NP_PRESENT : (np_missing)column->missing[row];
}

double np_column_number(const np_column *column, size_t row)
{
    if (np_column_missing(column, row) != NP_PRESENT)
        return NAN;
    switch (column->type) {
    case NP_COLUMN_F64:
        return column->f64[row];
    case NP_COLUMN_I64:
        return (double)column->i64[row];
    case NP_COLUMN_DATE:
        return column->date[row];
    case NP_COLUMN_TEXT:
        break;
    }
    return NAN;
}

const char *np_column_text(const np_column *column, size_t row, char *scratch,
                           size_t size)
{
    char text[NP_DECIMAL_LENGTH] = "";
    if (np_column_missing(column, row) == NP_PRESENT) {
        switch (column->type) {
        case NP_COLUMN_F64:
            np_decimal_format(text, column->f64[row]);
            break;
        case NP_COLUMN_I64:
            snprintf(text, sizeof text, "%" PRId64, column->i64[row]);
            break;
        case NP_COLUMN_DATE:
            np_date_format(text, column->date[row]);
            break;
        case NP_COLUMN_TEXT:
            snprintf(scratch, size, "%s", column->dict->label[column->code[row]]);
            return scratch;
        }
    }
    snprintf(scratch, size, "%s", text);
    return scratch;
}

typedef struct {
    const np_column *column;
    double *out;
    size_t n_rows;
} conversion;

static void convert_rows(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const conversion *c = context;
    size_t begin = task * NP_PARALLEL_ROWS, end = begin + NP_PARALLEL_ROWS;
    if (end > c->n_rows)
        end = c->n_rows;
    if (c->column->type == NP_COLUMN_I64)
        for (size_t i = begin; i < end; i++)
            c->out[i] = (double)c->column->i64[i];
    else
        for (size_t i = begin; i < end; i++)
            c->out[i] = c->column->date[i];
    for (size_t i = begin; c->column->missing != NULL && i < end; i++)
        if (c->column->missing[i] != NP_PRESENT)
            c->out[i] = NAN;
}

static size_t n_tasks_of(size_t n_rows)
{
    return (n_rows + NP_PARALLEL_ROWS - 1) / NP_PARALLEL_ROWS;
}

static bool is_number(const char *text)
{
    double value;
    size_t n = strlen(text);
    return np_decimal_parse(&value, text, n, '.') ||
           np_decimal_parse(&value, text, n, ',');
}

np_status np_column_hint_text(np_error *err, const np_column *column, size_t n_rows)
{
    for (size_t i = 0; err != NULL && i < n_rows && column->type == NP_COLUMN_TEXT; i++)
        if (column->code[i] >= 0 && !is_number(column->dict->label[column->code[i]]))
            return np_error_hint(err, _("row %zu is \"%.60s\""), i + 1,
                                 column->dict->label[column->code[i]]);
    return np_error_hint(err, "%s", "");
}

np_status np_column_as_numbers(const double **out, const np_column *column, size_t n_rows,
                               np_arena *arena, np_error *err)
{
    if (column->type == NP_COLUMN_TEXT) {
        np_fail(err, NP_E_RANGE, _("column %s holds text, not numbers"), column->name);
        return np_column_hint_text(err, column, n_rows);
    }
    if (column->type == NP_COLUMN_F64) {
        *out = column->f64;
        return NP_OK;
    }
    double *number = np_arena_array(arena, double, n_rows);
    if (number == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu rows"), n_rows);
    np_parallel_for(n_tasks_of(n_rows), 0, convert_rows,
                    &(conversion){column, number, n_rows});
    *out = number;
    return NP_OK;
}

typedef struct {
    const np_table *from;
    np_column *to;
    const uint8_t *keep;
    size_t *begin; /* [n_tasks] rows kept in the task, later where they go */
    size_t n_blocks;
} filter;

static void count_kept(void *context, size_t task, unsigned thread)
{
    (void)thread;
    filter *f = context;
    size_t i = task * NP_PARALLEL_ROWS, end = i + NP_PARALLEL_ROWS, n = 0;
    for (end = end < f->from->n_rows ? end : f->from->n_rows; i < end; i++)
        n += f->keep[i] != 0;
    f->begin[task] = n;
}

static size_t cell_size(np_column_type type)
{
    return type == NP_COLUMN_F64 || type == NP_COLUMN_I64 ? 8 : 4;
}

static void copy_kept(void *context, size_t task, unsigned thread)
{
    (void)thread;
    filter *f = context;
    const np_column *from = &f->from->column[task / f->n_blocks];
    np_column *to = &f->to[task / f->n_blocks];
    size_t block = task % f->n_blocks, at = f->begin[block];
    size_t begin = block * NP_PARALLEL_ROWS, end = begin + NP_PARALLEL_ROWS;
    end = end < f->from->n_rows ? end : f->from->n_rows;
    uint8_t *missing = (uint8_t *)(uintptr_t)to->missing;
    for (size_t i = begin, k = at; missing != NULL && i < end; i++)
        if (f->keep[i])
            missing[k++] = from->missing[i];
    if (cell_size(from->type) == 8) {
        int64_t *cell = (int64_t *)(uintptr_t)to->i64;
        for (size_t i = begin; i < end; i++)
            if (f->keep[i])
                memcpy(&cell[at++], &from->i64[i], sizeof *cell);
    } else {
        int32_t *cell = (int32_t *)(uintptr_t)to->code;
        for (size_t i = begin; i < end; i++)
            if (f->keep[i])
                cell[at++] = from->code[i];
    }
}

/* Columns of n cells not yet filled, like those of `table`. */
static np_column *empty_columns(const np_table *table, size_t n, np_arena *arena)
{
    np_column *column = np_arena_array(arena, np_column, table->n_columns);
    for (size_t j = 0; column != NULL && j < table->n_columns; j++) {
        column[j] = table->column[j];
        column[j].i64 = np_arena_alloc(arena, n, cell_size(column[j].type));
        if (column[j].missing != NULL)
            column[j].missing = np_arena_array(arena, uint8_t, n);
        if (column[j].i64 == NULL ||
            (table->column[j].missing != NULL && column[j].missing == NULL))
            return NULL;
    }
    return column;
}

np_status np_table_filter(np_table *out, const np_table *table, const uint8_t *keep,
                          np_arena *arena, np_error *err)
{
    filter f = {.from = table, .keep = keep, .n_blocks = n_tasks_of(table->n_rows)};
    f.begin = np_arena_array(arena, size_t, f.n_blocks);
    if (f.begin == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left to select rows"));
    np_parallel_for(f.n_blocks, 0, count_kept, &f);
    size_t n = 0;
    for (size_t b = 0; b < f.n_blocks; b++) {
        size_t in_block = f.begin[b];
        f.begin[b] = n;
        n += in_block;
    }
    f.to = empty_columns(table, n, arena);
    if (f.to == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu rows"), n);
    np_parallel_for(table->n_columns * f.n_blocks, 0, copy_kept, &f);
    *out = (np_table){n, table->n_columns, f.to};
    return NP_OK;
}

np_status np_table_select(np_table *out, const np_table *table, const char *const *names,
                          size_t n_names, np_arena *arena, np_error *err)
{
    np_column *column = np_arena_array(arena, np_column, n_names);
    if (column == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu columns"), n_names);
    for (size_t j = 0; j < n_names; j++) {
        const np_column *found = NULL;
        np_status status = np_table_column(&found, table, names[j], NULL, err);
        if (status != NP_OK)
            return status;
        column[j] = *found;
    }
    *out = (np_table){table->n_rows, n_names, column};
    return NP_OK;
}

/* Whether the cell says missing where the reason does, and nowhere else. */
static bool cell_agrees(const np_column *c, size_t row)
{
    bool missing = np_column_missing(c, row) != NP_PRESENT;
    switch (c->type) {
    case NP_COLUMN_F64:
        return (bool)isnan(c->f64[row]) == missing;
    case NP_COLUMN_I64:
        return (c->i64[row] == NP_I64_MISSING) == missing;
    case NP_COLUMN_DATE:
        return (c->date[row] == NP_DATE_MISSING) == missing;
    case NP_COLUMN_TEXT:
        return missing ? c->code[row] == -1
                       : c->code[row] >= 0 && (size_t)c->code[row] < c->dict->n;
    }
    return false;
}

np_status np_table_check(const np_table *table, np_error *err)
{
    for (size_t j = 0; j < table->n_columns; j++) {
        const np_column *c = &table->column[j];
        if (c->name == NULL || c->name[0] == '\0')
            return np_fail(err, NP_E_RANGE, _("column %zu has no name"), j + 1);
        if (np_table_find(table, c->name) != j)
            return np_fail(err, NP_E_RANGE, _("two columns are named %s"), c->name);
        if (c->uom == NULL || (c->type == NP_COLUMN_TEXT) != (c->dict != NULL))
            return np_fail(err, NP_E_RANGE, _("column %s is not complete"), c->name);
        for (size_t i = 0; i < table->n_rows; i++) {
            if (np_column_missing(c, i) >= NP_N_MISSING_REASONS)
                return np_fail(err, NP_E_RANGE,
                               _("column %s, row %zu: unknown missing reason %d"),
                               c->name, i + 1, (int)np_column_missing(c, i));
            if (!cell_agrees(c, i))
                return np_fail(err, NP_E_RANGE,
                               _("column %s, row %zu: the cell and its missing reason "
                                 "disagree"),
                               c->name, i + 1);
        }
    }
    return NP_OK;
}
