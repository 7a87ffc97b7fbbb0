/* Totals of series by a named rule: what is done with rows that lack a value. The same
 * rows gave 57.0, 56.7, 55.7 and 54.7 in print, so the rule is part of the table. */
#include <math.h>
#include <string.h>

#include "evaluation/tabulation_internal.h"

typedef struct {
    const np_tabulation_result *out;
    const tab_work *w;
    const np_tab_rule *rule;
} ruled;

static bool is_row(const tab_leaf *leaf)
{
    return !leaf->empty && leaf->header.sort == NP_TAB_ORDINARY;
}

static double own_value(const ruled *x, size_t r, size_t c)
{
    const np_tab_cell *cell = &x->out->cell[r * x->w->columns.n + c];
    return cell->sort == NP_TAB_NUMBER ? cell->value : NAN;
}

/* The value that the rule puts into an empty cell. */
static double filled_value(const ruled *x, size_t r, size_t c)
{
    size_t C = x->w->columns.n;
    double value = own_value(x, r, c);
    if (x->rule == NULL || !isnan(value))
        return value;
    if (x->rule->fill == NP_TAB_FILL_FIRST && c == 0)
        for (size_t k = 1; k < C && isnan(value); k++)
            value = own_value(x, r, k);
    if (x->rule->fill == NP_TAB_FILL_LAST)
        for (size_t k = c; k > 0 && isnan(value); k--)
            value = own_value(x, r, k - 1);
    return value;
}

static bool has_required(const ruled *x, size_t r)
{
    for (size_t i = 0; x->rule != NULL && i < x->rule->n_require; i++) {
        bool has = false;
        for (size_t c = 0; c < x->w->columns.n; c++)
            if (strcmp(x->w->columns.leaf[c].header.key, x->rule->require[i].text) == 0)
                has = !isnan(own_value(x, r, c));
        if (!has)
            return false;
    }
    return true;
}

static const tab_dim *dim_of(const tab_work *w, const np_tab_path *path)
{
    for (size_t d = 0; path->text != NULL && d < w->facts.n_dims; d++)
        if (w->facts.dim[d].sort == TAB_DIM_PATH &&
            strcmp(w->facts.dim[d].path.text, path->text) == 0)
            return &w->facts.dim[d];
    return NULL;
}

static double row_weight(const ruled *x, size_t r)
{
    const tab_dim *dim = x->rule == NULL ? NULL : dim_of(x->w, &x->rule->weight);
    if (dim == NULL || x->w->row_fact[r] == x->w->facts.n ||
        dim->code[x->w->row_fact[r]] < 0)
        return 1;
    np_value v = dim->value[dim->code[x->w->row_fact[r]]];
    return v.type == NP_VALUE_INTEGER ? (double)v.integer : v.number;
}

/* The group of a row in means over a path; rows without one are each their own. */
static int64_t row_group(const ruled *x, size_t r)
{
    const tab_dim *dim = x->rule == NULL ? NULL : dim_of(x->w, &x->rule->over);
    if (dim == NULL || x->w->row_fact[r] == x->w->facts.n ||
        dim->code[x->w->row_fact[r]] < 0)
        return -1 - (int64_t)r;
    return dim->code[x->w->row_fact[r]];
}

typedef struct {
    double sum, weight, total, n;
} rule_sums;

/* Means within groups first, where the rule says so; else groups of one row each. */
static np_status sum_rows(rule_sums *out, const ruled *x, size_t c)
{
    const tab_work *w = x->w;
    np_integer_map *groups = np_integer_map_new(w->arena);
    double *sum = np_arena_array(w->arena, double, w->rows.n);
    double *weight = np_arena_array(w->arena, double, w->rows.n);
    bool over = x->rule != NULL && x->rule->over.text != NULL;
    if (groups == NULL || sum == NULL || weight == NULL)
        return NP_E_NO_MEMORY;
    for (size_t r = 0; r < w->rows.n; r++) {
        double value =
            is_row(&w->rows.leaf[r]) && has_required(x, r) ? filled_value(x, r, c) : NAN;
        if (isnan(value))
            continue;
        int32_t g = np_integer_map_add(groups, over ? row_group(x, r) : -1 - (int64_t)r);
        if (g < 0)
            return NP_E_NO_MEMORY;
        double own = row_weight(x, r);
        sum[g] += own * value;
        weight[g] += own;
        out->total += value;
        out->n++;
    }
    for (size_t g = 0; g < np_integer_map_size(groups); g++) {
        out->sum += over ? sum[g] / weight[g] : sum[g];
        out->weight += over ? 1 : weight[g];
    }
    return NP_OK;
}

static void change_cells(np_tab_cell *cell, const tab_work *w)
{
    for (size_t c = 0; c < w->columns.n; c++) {
        const tab_leaf *column = &w->columns.leaf[c];
        if (column->change[0] < 0 || column->change[1] < 0)
            continue;
        np_tab_cell a = cell[column->change[0]], b = cell[column->change[1]];
        bool both = a.sort == NP_TAB_NUMBER && b.sort == NP_TAB_NUMBER;
        cell[c] = (np_tab_cell){.sort = both ? NP_TAB_NUMBER : NP_TAB_NOTHING,
                                .value = both ? b.value - a.value : 0,
                                .decimals = b.decimals};
    }
}

static double total_of(const rule_sums *s, np_tab_statistic_sort sort)
{
    return sort == NP_TAB_SUM     ? s->total
           : sort == NP_TAB_COUNT ? s->n
                                  : s->sum / s->weight;
}

np_status tab_rule_totals(np_tab_cell *cell, const np_tabulation_result *out,
                          const tab_work *w, const tab_stat *stat,
                          const np_tab_rule *rule, np_error *err)
{
    ruled x = {.out = out, .w = w, .rule = rule};
    np_status status = NP_OK;
    for (size_t c = 0; c < w->columns.n && status == NP_OK; c++) {
        rule_sums s = {0};
        int decimals = cell[c].decimals;
        if (w->columns.leaf[c].change[0] >= 0)
            continue;
        status = sum_rows(&s, &x, c);
        cell[c] = (np_tab_cell){.sort = NP_TAB_NOTHING};
        if (status == NP_OK && s.n > 0 && s.weight > 0)
            cell[c] = (np_tab_cell){.sort = NP_TAB_NUMBER,
                                    .value = total_of(&s, stat->s->sort),
                                    .second = s.n};
        cell[c].decimals = decimals;
    }
    change_cells(cell, w);
    return status == NP_OK ? NP_OK
                           : np_fail(err, status, _("no memory left for the table"));
}
