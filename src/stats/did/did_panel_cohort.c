#include <math.h>
#include <string.h>

#include "stats/did/did_panel_internal.h"
#include "stats/formula_value.h"

/* A start as a text among the periods' texts: its place, counted from 1; after the last
 * one, n_periods + 1. "" and "0": never. */
static double start_of_text(const np_did_panel *p, const char *text)
{
    if (text[0] == '\0' || strcmp(text, "0") == 0 || strcmp(text, "Inf") == 0)
        return INFINITY;
    size_t t = 0;
    while (t < p->n_periods && strcmp(p->period_label[t], text) < 0)
        t++;
    return (double)(t + 1);
}

static double start_of_number(double value)
{
    return !isfinite(value) || value == 0 ? INFINITY : value;
}

/* A start as text needs periods that are texts. */
static np_status texts_are_periods(np_did_builder *b, const char *name,
                                   const np_column *column)
{
    const np_column *time = NULL;
    np_status status = np_did_column_of(&time, b, b->spec->time);
    if (status != NP_OK)
        return status;
    if (b->spec->treatment == NULL && (time == NULL || time->type == NP_COLUMN_TEXT))
        return NP_OK;
    np_fail(b->err, NP_E_RANGE,
            b->spec->treatment != NULL
                ? _("%s is text, such as \"%s\"; the treatment is a number")
                : _("%s is text, such as \"%s\", and the periods are numbers"),
            name, column->dict->n == 0 ? "" : column->dict->label[0]);
    return b->spec->treatment != NULL
               ? NP_E_RANGE
               : np_error_hint(b->err,
                               _("the cohort is the first treated period in the units "
                                 "of the time column; 0 or empty is never"));
}

/* Nor is a number the place of a text among the periods: 2014 of "2014K1". */
static np_status numbers_are_periods(np_did_builder *b, const double *start)
{
    const np_column *time = NULL;
    np_status status = np_did_column_of(&time, b, b->spec->time);
    if (status != NP_OK || time == NULL || time->type != NP_COLUMN_TEXT)
        return status;
    for (size_t i = 0; i < b->table->n_rows; i++)
        if (isfinite(start[i]) && start[i] != 0) {
            np_fail(b->err, NP_E_RANGE,
                    _("%s is a number, such as %.10g, and the periods are texts, such as "
                      "\"%s\""),
                    b->spec->cohort, start[i], b->out->period_label[0]);
            return np_error_hint(b->err, _("the cohort is written as the first treated "
                                           "period is; --text keeps a column as text"));
        }
    return NP_OK;
}

np_status np_did_read_starts(const double **value, np_did_builder *b)
{
    const np_did_panel_spec *s = b->spec;
    const char *text = s->treatment != NULL ? s->treatment : s->cohort;
    const np_expr *e;
    np_formula_value v;
    np_evaluator evaluator = {.table = b->table, .arena = b->arena, .err = b->err};
    np_status status = np_expr_parse(&e, text, b->arena, b->err);
    if (status == NP_OK)
        status = np_evaluate(&v, &evaluator, e);
    if (status != NP_OK)
        return status;
    if (v.kind != NP_FORMULA_TEXT || v.is_scalar) {
        status = np_formula_value_numbers(value, &v, e, &evaluator);
        return status == NP_OK && s->treatment == NULL ? numbers_are_periods(b, *value)
                                                       : status;
    }
    status = texts_are_periods(b, text, v.column);
    if (status != NP_OK)
        return status;
    double *number = np_arena_array(b->arena, double, b->table->n_rows);
    double *of_label = np_arena_array(b->arena, double, v.column->dict->n);
    if (number == NULL || of_label == NULL)
        return np_did_no_memory(b->err);
    for (size_t l = 0; l < v.column->dict->n; l++)
        of_label[l] = start_of_text(b->out, v.column->dict->label[l]);
    for (size_t i = 0; i < b->table->n_rows; i++)
        number[i] = v.column->code[i] < 0 ? NAN : of_label[v.column->code[i]];
    *value = number;
    return NP_OK;
}

static np_status changes(const np_did_builder *b, size_t unit, size_t row, double was,
                         double is)
{
    const np_did_panel *p = b->out;
    const char *label = np_did_unit_label(p, unit, b->arena);
    unsigned at = p->table_row[row] + 1;
    if (label == NULL)
        label = "";
    if (isinf(was) || isinf(is))
        np_fail(b->err, NP_E_RANGE,
                _("%s %s starts in %g in one row and never in another (row %u)"),
                p->unit_name, label, isinf(was) ? is : was, at);
    else
        np_fail(b->err, NP_E_RANGE, _("%s %s starts in %g and in %g (row %u)"),
                p->unit_name, label, was, is, at);
    np_error_field(b->err, p->cohort_name, strlen(p->cohort_name));
    return np_error_hint(b->err,
                         _("the cohort is the unit's first treated period, the same in "
                           "all of its rows; give --treatment where it starts and ends"));
}

static np_status from_cohort(np_did_builder *b)
{
    const np_did_panel *p = b->out;
    const double *value;
    np_status status = np_did_read_starts(&value, b);
    for (size_t u = 0; status == NP_OK && u < p->n_units; u++) {
        b->start[u] = start_of_number(value[p->table_row[p->start[u]]]);
        b->n_zero += value[p->table_row[p->start[u]]] == 0;
        for (size_t r = p->start[u] + 1; status == NP_OK && r < p->start[u + 1]; r++) {
            double other = start_of_number(value[p->table_row[r]]);
            if (other != b->start[u])
                status = changes(b, u, r, b->start[u], other);
        }
    }
    return status;
}

static np_status no_treatment(const np_did_builder *b, size_t row)
{
    np_fail(b->err, NP_E_RANGE, _("row %u has no treatment"), b->out->table_row[row] + 1);
    np_error_field(b->err, b->spec->treatment, strlen(b->spec->treatment));
    return np_error_hint(b->err, _("0 is a value; leave rows without one out with "
                                   "--subset"));
}

/* The treatment goes from 0 to one dose and stays there, or never changes. */
static bool is_absorbing(const double *path, size_t n_periods)
{
    double last = NAN;
    bool changed = false;
    for (size_t t = 0; t < n_periods; t++) {
        if (isnan(path[t]))
            continue;
        if (!isnan(last) && path[t] != last) {
            if (changed || last != 0)
                return false;
            changed = true;
        }
        last = path[t];
    }
    return true;
}

/* Index of the first period in which the treatment is not 0 or, without `from_zero`, not
 * the unit's first; n_periods: none. */
static size_t first_change(const double *path, size_t n_periods, bool from_zero)
{
    double first = from_zero ? 0 : NAN;
    for (size_t t = 0; t < n_periods; t++) {
        if (isnan(path[t]))
            continue;
        if (isnan(first))
            first = path[t];
        if (path[t] != first)
            return t;
    }
    return n_periods;
}

static np_status starts_of_units(np_did_builder *b)
{
    np_did_panel *p = b->out;
    const size_t T = p->n_periods;
    for (size_t u = 0; u < p->n_units; u++)
        p->absorbing = p->absorbing && is_absorbing(p->path + u * T, T);
    for (size_t u = 0; u < p->n_units; u++) {
        size_t t = first_change(p->path + u * T, T, p->absorbing);
        b->start[u] = t < T ? p->period[t] : INFINITY;
    }
    return NP_OK;
}

static np_status from_treatment(np_did_builder *b)
{
    np_did_panel *p = b->out;
    const double *value;
    np_status status = np_did_read_starts(&value, b);
    double *treatment = np_arena_array(b->arena, double, p->n);
    if (status == NP_OK && treatment == NULL)
        return np_did_no_memory(b->err);
    for (size_t r = 0; status == NP_OK && r < p->n; r++) {
        treatment[r] = value[p->table_row[r]];
        if (!isfinite(treatment[r]))
            status = no_treatment(b, r);
    }
    if (status == NP_OK)
        status = np_did_fill_path(b, value);
    if (status != NP_OK)
        return status;
    p->treatment = treatment;
    if (!p->cross_sections)
        return starts_of_units(b);
    for (size_t u = 0; u < p->n_units; u++)
        b->start[u] = treatment[u] != 0 ? p->period[p->period_of[u]] : INFINITY;
    return NP_OK;
}

np_status np_did_find_starts(np_did_builder *b)
{
    b->start = np_arena_array(b->arena, double, b->out->n_units);
    if (b->start == NULL)
        return np_did_no_memory(b->err);
    b->out->absorbing = true;
    return b->spec->treatment != NULL ? from_treatment(b) : from_cohort(b);
}
