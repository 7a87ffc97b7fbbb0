/* That what should sum does, and that the numbers are those which a source printed. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "evaluation/tabulation_internal.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
}

np_status tab_add_check(np_tabulation_result *out, tab_work *w, bool of_source,
                        bool holds, np_error *err, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    /* grown by doubling: the list is as long as the next power of two */
    np_tab_check *list = (np_tab_check *)out->check;
    if ((out->n_checks & (out->n_checks - 1)) == 0) {
        list = np_arena_array(w->arena, np_tab_check, 2 * out->n_checks + 1);
        if (list == NULL)
            return no_memory(err);
        if (out->n_checks > 0)
            memcpy(list, out->check, out->n_checks * sizeof *list);
    }
    const char *copy = np_arena_copy_text(w->arena, text, strlen(text));
    if (copy == NULL)
        return no_memory(err);
    list[out->n_checks++] = (np_tab_check){holds, of_source, copy};
    out->check = list;
    out->n_failed += !holds;
    return NP_OK;
}

static const char *number_text(const tab_work *w, double value, int decimals)
{
    char text[NP_DECIMAL_LENGTH];
    np_decimal_format(text, np_round_half_away(value, decimals));
    const char *copy = np_arena_copy_text(w->arena, text, strlen(text));
    return copy == NULL ? "" : copy;
}

static bool is_part(const tab_leaf *leaf)
{
    return !leaf->empty && (leaf->header.sort == NP_TAB_ORDINARY ||
                            leaf->header.sort == NP_TAB_NOT_STATED);
}

static const np_tab_statistic *shown(const tab_work *w, size_t column)
{
    int own = w->columns.leaf[column].stat;
    return w->stat[own < 0 ? 0 : own].s;
}

/* Counts of records, of which single-response rows are the parts. */
static bool is_plain_count(const np_tab_statistic *s)
{
    return s->sort == NP_TAB_COUNT && s->path.text == NULL && s->where.n == 0 &&
           s->from == NULL;
}

/* What N is called: the title of the total that counts the records. */
static const char *name_of_n(const tab_work *w)
{
    for (size_t t = 0; t < w->table->n_totals; t++) {
        const np_tab_statistic *s = &w->table->total[t];
        if (is_plain_count(s) && s->percent_of == NP_TAB_NO_BASE &&
            !np_localised_is_empty(&s->title))
            return np_localised_text(&s->title, np_language_get());
    }
    return _("N");
}

static bool rows_have_statistics(const tab_work *w)
{
    for (size_t r = 0; r < w->rows.n; r++)
        if (w->rows.leaf[r].stat >= 0)
            return true;
    return false;
}

static np_status rows_against_n(np_tabulation_result *out, tab_work *w,
                                const tab_cells *cells, np_error *err)
{
    size_t C = w->columns.n, S = w->n_stats, n_summed = 0;
    np_status status = NP_OK;
    if (!w->rows.partition || w->multiple || rows_have_statistics(w))
        return NP_OK;
    for (size_t c = 0; c < C && status == NP_OK; c++) {
        const np_tab_statistic *s = shown(w, c);
        if (!is_plain_count(s) || s->percent_of != NP_TAB_NO_BASE ||
            w->columns.leaf[c].change[0] >= 0)
            continue;
        double sum = 0;
        for (size_t r = 0; r < w->rows.n; r++)
            if (is_part(&w->rows.leaf[r]))
                sum += cells->cell[2 * (r * C + c)].n;
        double n = cells->every[c * S + (size_t)tab_stat_index(w, s)].n;
        n_summed++;
        if (sum != n)
            status = tab_add_check(out, w, false, false, err,
                                   _("%s: the rows sum to %s, %s says %s"),
                                   tab_label(w, &out->column[c]), number_text(w, sum, 0),
                                   name_of_n(w), number_text(w, n, 0));
    }
    if (status == NP_OK && n_summed > 0 && out->n_failed == 0)
        status = tab_add_check(out, w, false, true, err,
                               _("the rows sum to N in every column"));
    return status;
}

/* Groups with numbers against the categories in them. */
static np_status groups_against_parts(np_tabulation_result *out, tab_work *w,
                                      const tab_cells *cells, np_error *err)
{
    size_t C = w->columns.n;
    np_status status = NP_OK;
    if (w->multiple || !w->rows.partition || rows_have_statistics(w))
        return NP_OK;
    for (size_t r = 0; r < w->rows.n; r++) {
        const tab_leaf *group = &w->rows.leaf[r];
        if (group->empty || group->header.sort != NP_TAB_GROUP)
            continue;
        for (size_t c = 0; c < C && status == NP_OK; c++) {
            double sum = 0;
            if (!is_plain_count(shown(w, c)) || w->columns.leaf[c].change[0] >= 0)
                continue;
            for (size_t k = r + 1;
                 k < w->rows.n && w->rows.leaf[k].header.indent > group->header.indent;
                 k++)
                if (is_part(&w->rows.leaf[k]))
                    sum += cells->cell[2 * (k * C + c)].n;
            double own = cells->cell[2 * (r * C + c)].n;
            if (sum != own)
                status = tab_add_check(
                    out, w, false, false, err,
                    _("%s, %s: its categories sum to %s, the group has %s"),
                    tab_label(w, &group->header), tab_label(w, &out->column[c]),
                    number_text(w, sum, 0), number_text(w, own, 0));
        }
    }
    return status;
}

/* A cell that was to be one value and has several. */
static np_status several_values(np_tabulation_result *out, tab_work *w,
                                const tab_cells *cells, np_error *err)
{
    size_t C = w->columns.n;
    np_status status = NP_OK;
    for (size_t r = 0; r < w->rows.n; r++)
        for (size_t c = 0; c < C && status == NP_OK; c++) {
            const tab_sums *s = &cells->cell[2 * (r * C + c)];
            int own = w->rows.leaf[r].stat >= 0 ? w->rows.leaf[r].stat
                                                : w->columns.leaf[c].stat;
            if (w->stat[own < 0 ? 0 : own].s->sort == NP_TAB_VALUE && s->n_values > 1)
                status = tab_add_check(out, w, false, false, err,
                                       _("%s, %s: %s values where one is printed"),
                                       tab_label(w, &out->row[r]),
                                       tab_label(w, &out->column[c]),
                                       number_text(w, s->n_values, 0));
        }
    return status;
}

/* Rounded per cents that do not sum to 100 are no failure, but said. */
static np_status rounded_sums(np_tabulation_result *out, tab_work *w, np_error *err)
{
    size_t C = w->columns.n;
    np_status status = NP_OK;
    if (w->multiple || !w->rows.partition)
        return NP_OK;
    for (size_t c = 0; c < C && status == NP_OK; c++) {
        double sum = 0, exact = 0;
        int decimals = 0;
        if (shown(w, c)->percent_of != NP_TAB_OF_COLUMN || !is_plain_count(shown(w, c)))
            continue;
        for (size_t r = 0; r < w->rows.n; r++) {
            const np_tab_cell *cell = &out->cell[r * C + c];
            if (!is_part(&w->rows.leaf[r]) || cell->sort != NP_TAB_NUMBER ||
                !cell->percent)
                continue;
            sum += cell->rounded;
            exact += cell->value;
            decimals = cell->decimals;
        }
        if (fabs(exact - 100) < 1e-6 && fabs(sum - 100) > 1e-9)
            status = tab_add_check(
                out, w, false, true, err, _("%s: sums to %s by rounding"),
                tab_label(w, &out->column[c]), number_text(w, sum, decimals));
    }
    return status;
}

np_status tab_check(np_tabulation_result *out, tab_work *w, const tab_cells *cells,
                    np_error *err)
{
    np_status status = rows_against_n(out, w, cells, err);
    if (status == NP_OK)
        status = groups_against_parts(out, w, cells, err);
    if (status == NP_OK)
        status = several_values(out, w, cells, err);
    return status == NP_OK ? rounded_sums(out, w, err) : status;
}

static const np_tab_header *find_header(const np_tab_header *header, size_t n,
                                        const char *key, size_t *at)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(header[i].key, key) == 0 &&
            (header[i].sort != NP_TAB_GROUP || key[0] != '\0')) {
            *at = i;
            return &header[i];
        }
    return NULL;
}

/* A row; of a total by rules the one by the first rule, where all are printed. */
static const np_tab_header *find_row(const np_tabulation_result *r, const tab_work *w,
                                     const char *key, size_t *at)
{
    const np_tab_header *row = find_header(r->row, r->n_rows, key, at);
    if (row != NULL || !r->all_rules)
        return row;
    const char *ruled = np_arena_format(w->arena, "%s/%s", key, w->table->rule[0].id);
    return ruled == NULL ? NULL : find_header(r->row, r->n_rows, ruled, at);
}

static void no_header(tab_work *w, const np_plan_name *name, const np_tab_header *header,
                      size_t n, const char *what)
{
    const char **keys = np_arena_array(w->arena, const char *, n);
    char hint[256] = "";
    for (size_t i = 0; keys != NULL && i < n; i++)
        keys[i] = header[i].key;
    const char *near = keys == NULL ? NULL : np_nearest_name(name->text, keys, n);
    if (near != NULL)
        np_text_format(hint, sizeof hint, _("did you mean %s?"), near);
    tab_problem(w, name->line, name->column, NP_E_UNKNOWN_NAME, hint,
                _("the table has no %s %s"), what, name->text);
}

/* A column by its key, or all statistics of it. */
static bool has_column(const np_tabulation_result *r, const char *key)
{
    size_t length = strlen(key);
    for (size_t c = 0; c < r->n_columns; c++)
        if (strncmp(r->column[c].key, key, length) == 0 &&
            (r->column[c].key[length] == '\0' || r->column[c].key[length] == '/'))
            return true;
    return false;
}

/* Whether the entries are what is written; where they are what is found, a period may
 * only not be there yet. */
static bool is_written(const np_tab_axis *axis)
{
    for (size_t b = 0; b < axis->n; b++)
        for (size_t l = 0; l < axis->block[b].n; l++)
            if (axis->block[b].level[l].sort == NP_TAB_BY &&
                axis->block[b].level[l].n_values == 0)
                return false;
    return true;
}

/* A rule or a cell that names no row or column of the table would do nothing. */
void tab_check_names(const np_tabulation_result *r, tab_work *w)
{
    const np_tabulation *t = w->table;
    bool rows = is_written(&t->rows), columns = is_written(&t->columns);
    size_t at;
    for (size_t i = 0; i < t->n_not_asked; i++) {
        const np_tab_not_asked *n = &t->not_asked[i];
        if (rows && n->row.text != NULL &&
            find_header(r->row, r->n_rows, n->row.text, &at) == NULL)
            no_header(w, &n->row, r->row, r->n_rows, _("row"));
        for (size_t k = 0; columns && k < n->n; k++)
            if (!has_column(r, n->column[k].text))
                no_header(w, &n->column[k], r->column, r->n_columns, _("column"));
    }
    for (size_t i = 0; columns && i < t->n_rules; i++)
        for (size_t k = 0; k < t->rule[i].n_require; k++)
            if (find_header(r->column, r->n_columns, t->rule[i].require[k].text, &at) ==
                NULL)
                no_header(w, &t->rule[i].require[k], r->column, r->n_columns,
                          _("column"));
}

/* The columns that the expected cells belong to, in their order. */
static np_status expected_columns(size_t **out, size_t *n, const np_tabulation_result *r,
                                  tab_work *w, np_error *err)
{
    const np_tab_expected *e = &w->table->expected;
    *n = e->n_columns > 0 ? e->n_columns : r->n_columns;
    *out = np_arena_array(w->arena, size_t, *n);
    if (*out == NULL)
        return no_memory(err);
    for (size_t i = 0; i < *n; i++) {
        (*out)[i] = i;
        if (e->n_columns > 0 &&
            find_header(r->column, r->n_columns, e->column[i].text, &(*out)[i]) == NULL) {
            (*out)[i] = r->n_columns;
            no_header(w, &e->column[i], r->column, r->n_columns, _("column"));
        }
    }
    return NP_OK;
}

static bool is_dash(const char *text)
{
    return strcmp(text, "\xE2\x80\x93") == 0 || strcmp(text, "-") == 0;
}

/* As the table prints it in plain digits. */
static const char *cell_text(const tab_work *w, const np_tab_cell *cell)
{
    switch (cell->sort) {
    case NP_TAB_NUMBER:
        if (cell->range)
            return np_arena_format(w->arena, "%s\xE2\x80\x93%s",
                                   number_text(w, cell->rounded, cell->decimals),
                                   number_text(w, cell->second, cell->decimals));
        if (cell->of)
            return np_arena_format(w->arena, _("%s of %s"),
                                   number_text(w, cell->rounded, cell->decimals),
                                   number_text(w, cell->second, cell->decimals));
        return number_text(w, cell->rounded, cell->decimals);
    case NP_TAB_TEXT:
        return cell->text;
    case NP_TAB_NOT_COMPUTABLE:
        return ".";
    case NP_TAB_ASKED_NOT:
        return strcmp(cell->reason, "blank") == 0 ? "" : "\xE2\x80\x93";
    case NP_TAB_MISSING:
        return cell->reason;
    default:
        return "";
    }
}

static bool agrees(const tab_work *w, const np_tab_cell *cell, const char *printed)
{
    double number;
    if (np_decimal_parse(&number, printed, strlen(printed), '.') &&
        cell->sort == NP_TAB_NUMBER && !cell->range && !cell->of)
        return fabs(number - cell->rounded) < 1e-9;
    const char *text = cell_text(w, cell);
    return (is_dash(printed) && cell->sort == NP_TAB_ASKED_NOT) ||
           (text != NULL && strcmp(text, printed) == 0);
}

static np_status compare_row(np_tabulation_result *out, tab_work *w,
                             const np_tab_expected_row *row, size_t at,
                             const size_t *column, size_t n, np_error *err)
{
    np_status status = NP_OK;
    if (row->n > n)
        tab_problem(w, row->row.line, row->row.column, NP_E_RANGE, NULL,
                    _("%s has %zu cells, and the table has %zu columns"), row->row.text,
                    row->n, n);
    for (size_t i = 0; i < row->n && i < n && status == NP_OK; i++) {
        if (row->cell[i].text == NULL || column[i] == out->n_columns)
            continue;
        const np_tab_cell *cell = &out->cell[at * out->n_columns + column[i]];
        out->n_compared++;
        if (agrees(w, cell, row->cell[i].text))
            continue;
        out->n_deviations++;
        const char *text = cell_text(w, cell);
        status = tab_add_check(
            out, w, true, false, err, _("%s, %s: printed %s, the records say %s"),
            tab_label(w, &out->row[at]), tab_label(w, &out->column[column[i]]),
            row->cell[i].text, text == NULL || text[0] == '\0' ? _("nothing") : text);
    }
    return status;
}

/* The printed rows of single response must sum to the printed N. */
static np_status sum_printed(np_tabulation_result *out, tab_work *w, const size_t *column,
                             size_t n, const char *key_of_n, np_error *err)
{
    const np_tab_expected *e = &w->table->expected;
    np_status status = NP_OK;
    for (size_t c = 0; c < n && status == NP_OK; c++) {
        double sum = 0, printed_n = NAN, x;
        bool complete = column[c] < out->n_columns;
        const np_tab_statistic *one = complete ? shown(w, column[c]) : NULL;
        /* per cent do not sum to N */
        if (one != NULL && (!is_plain_count(one) || one->percent_of != NP_TAB_NO_BASE))
            continue;
        for (size_t i = 0; i < e->n_rows; i++) {
            size_t at;
            const char *text = c < e->row[i].n ? e->row[i].cell[c].text : NULL;
            if (find_row(out, w, e->row[i].row.text, &at) == NULL)
                continue;
            bool number = text != NULL && np_decimal_parse(&x, text, strlen(text), '.');
            if (strcmp(e->row[i].row.text, key_of_n) == 0)
                printed_n = number ? x : NAN;
            else if (at < w->rows.n && is_part(&w->rows.leaf[at])) {
                sum += number ? x : 0;
                complete = complete && text != NULL;
            }
        }
        if (complete && !isnan(printed_n) && sum != printed_n)
            status = tab_add_check(out, w, true, false, err,
                                   _("%s: the printed rows sum to %s, printed %s is %s"),
                                   tab_label(w, &out->column[column[c]]),
                                   number_text(w, sum, 0), name_of_n(w),
                                   number_text(w, printed_n, 0));
    }
    return status;
}

np_status tab_compare(np_tabulation_result *out, tab_work *w, np_error *err)
{
    const np_tab_expected *e = &w->table->expected;
    size_t *column, n;
    const char *key_of_n = NULL;
    if (e->n_rows == 0)
        return NP_OK;
    np_status status = expected_columns(&column, &n, out, w, err);
    for (size_t i = 0; i < e->n_rows && status == NP_OK; i++) {
        size_t at;
        if (find_row(out, w, e->row[i].row.text, &at) == NULL)
            no_header(w, &e->row[i].row, out->row, out->n_rows, _("row"));
        else
            status = compare_row(out, w, &e->row[i], at, column, n, err);
    }
    for (size_t t = 0; t < w->table->n_totals && key_of_n == NULL; t++)
        if (is_plain_count(&w->table->total[t]))
            key_of_n = w->table->total[t].id;
    if (status == NP_OK && key_of_n != NULL && w->rows.partition && !w->multiple &&
        !rows_have_statistics(w))
        status = sum_printed(out, w, column, n, key_of_n, err);
    return status;
}
