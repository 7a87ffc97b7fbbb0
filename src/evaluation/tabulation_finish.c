/* From sums to cells: statistics, bases, changes, totals, rounding. */
#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "evaluation/tabulation_internal.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
}

static int default_decimals(const tab_work *w, const np_tab_statistic *s)
{
    if (s->decimals >= 0)
        return s->decimals;
    if (w->table->decimals >= 0)
        return w->table->decimals;
    bool fine = s->sort == NP_TAB_MEAN || s->sort == NP_TAB_RATIO ||
                s->sort == NP_TAB_VALUE || s->sort == NP_TAB_INDICATOR;
    return fine && s->percent_of == NP_TAB_NO_BASE ? 1 : 0;
}

static np_tab_cell missing_cell(const tab_facts *f, const tab_sums *s)
{
    if (!(s->missing > 0))
        return (np_tab_cell){.sort = NP_TAB_NOTHING};
    const char *reason = "not_reported";
    if (s->reason >= 0 && f->missing_dim >= 0)
        reason = np_text_map_text(f->dim[f->missing_dim].words, s->reason);
    else if (s->reason == -1)
        reason = "blank";
    return (np_tab_cell){.sort = NP_TAB_MISSING, .reason = reason};
}

static np_tab_cell number_cell(double value)
{
    return (np_tab_cell){.sort = NP_TAB_NUMBER, .value = value};
}

static np_tab_cell mean_cell(const tab_facts *f, const tab_stat *stat, const tab_sums *s)
{
    if (s->n_values == 0)
        return missing_cell(f, s);
    if (stat->over >= 0)
        return s->n_means > 0 ? number_cell(s->sum_of_means / s->n_means)
                              : (np_tab_cell){.sort = NP_TAB_NOTHING};
    if (stat->weight >= 0)
        return s->weight > 0 ? number_cell(s->weighted_sum / s->weight)
                             : (np_tab_cell){.sort = NP_TAB_NOT_COMPUTABLE};
    return number_cell(s->sum / s->n_values);
}

static np_tab_cell plain_cell(const tab_facts *f, const tab_stat *stat, const tab_sums *s)
{
    np_tab_cell cell;
    switch (stat->s->sort) {
    case NP_TAB_COUNT:
        return number_cell(s->n);
    case NP_TAB_DISTINCT:
    case NP_TAB_MUNICIPALITIES:
        return number_cell(s->distinct);
    case NP_TAB_SUM:
        /* a sum with a missing part is missing */
        if (s->n_values == 0 || (s->missing > 0 && !stat->s->partial))
            return missing_cell(f, s);
        return number_cell(s->sum);
    case NP_TAB_MEAN:
        return mean_cell(f, stat, s);
    case NP_TAB_RANGE:
        cell = s->n_values == 0 ? missing_cell(f, s) : number_cell(s->min);
        cell.second = s->max;
        cell.range = cell.sort == NP_TAB_NUMBER;
        return cell;
    case NP_TAB_INDICATOR:
        return tab_indicator_cell(f, stat, s);
    case NP_TAB_VALUE:
        if (s->n_values > 1)
            return (np_tab_cell){.sort = NP_TAB_NOT_COMPUTABLE};
        return s->n_values == 0 ? missing_cell(f, s) : number_cell(s->sum);
    default:
        if (s->n_values == 0)
            return missing_cell(f, s);
        return number_cell(stat->s->sort == NP_TAB_MIN ? s->min : s->max);
    }
}

np_tab_cell tab_cell_of(const tab_work *w, const tab_facts *f, const tab_stat *stat,
                        const tab_sums *sums)
{
    np_tab_cell cell;
    if (stat->s->sort != NP_TAB_RATIO) {
        cell = plain_cell(f, stat, sums);
    } else {
        np_tab_cell above = plain_cell(f, &w->stat[stat->part[0]], &sums[0]);
        np_tab_cell below = plain_cell(f, &w->stat[stat->part[1]], &sums[1]);
        if (above.sort != NP_TAB_NUMBER || below.sort != NP_TAB_NUMBER)
            cell = above.sort != NP_TAB_NUMBER ? above : below;
        else if (below.value == 0)
            cell = (np_tab_cell){.sort = NP_TAB_NOT_COMPUTABLE};
        else
            cell = number_cell(stat->s->factor * above.value / below.value);
    }
    cell.decimals = default_decimals(w, stat->s);
    return cell;
}

/* The cell as a part of its base. */
static np_tab_cell part_of(const tab_stat *stat, np_tab_cell cell, np_tab_cell base)
{
    if (cell.sort != NP_TAB_NUMBER)
        return cell;
    np_tab_cell out = {.sort = NP_TAB_NUMBER, .decimals = cell.decimals, .percent = true};
    if (base.sort != NP_TAB_NUMBER || base.value == 0) {
        out.sort = NP_TAB_NOT_COMPUTABLE;
        return out;
    }
    out.second = base.value;
    out.of = stat->s->print_of;
    out.value = out.of ? cell.value : 100 * cell.value / base.value;
    out.percent = !out.of;
    return out;
}

/* A value that stands exactly between two, judged on its shortest decimal text as
 * np_round_half_away() does. */
static bool is_tie(double value, int decimals)
{
    char text[NP_DECIMAL_LENGTH];
    np_decimal_format(text, fabs(value));
    const char *point = strchr(text, '.');
    if (point == NULL || strchr(text, 'e') != NULL)
        return false;
    return strlen(point + 1) == (size_t)decimals + 1 && point[decimals + 1] == '5';
}

static double round_half_even(double value, int decimals)
{
    double away = np_round_half_away(value, decimals);
    double unit = pow(10, -decimals);
    if (!is_tie(value, decimals) || fmod(round(fabs(away) / unit), 2) == 0)
        return away;
    return np_round_half_away(value > 0 ? away - unit : away + unit, decimals);
}

void tab_round(const tab_work *w, np_tab_cell *cell)
{
    if (cell->sort != NP_TAB_NUMBER)
        return;
    bool even = w->table->rounding == NP_TAB_HALF_EVEN;
    cell->rounded = even ? round_half_even(cell->value, cell->decimals)
                         : np_round_half_away(cell->value, cell->decimals);
    if (cell->range)
        cell->second = even ? round_half_even(cell->second, cell->decimals)
                            : np_round_half_away(cell->second, cell->decimals);
}

/* Per cents of a column that share 100: what is cut off goes where most was cut off. */
static void largest_remainder(np_tab_cell **part, size_t n)
{
    double unit = n == 0 ? 1 : pow(10, -part[0]->decimals), sum = 0, exact = 0;
    for (size_t i = 0; i < n; i++) {
        part[i]->rounded = floor(part[i]->value / unit + 1e-9) * unit;
        sum += part[i]->rounded;
        exact += part[i]->value;
    }
    for (long left = lround((exact - sum) / unit); left > 0; left--) {
        size_t most = 0;
        for (size_t i = 1; i < n; i++)
            if (part[i]->value - part[i]->rounded >
                part[most]->value - part[most]->rounded)
                most = i;
        part[most]->rounded += unit;
    }
    for (size_t i = 0; i < n; i++)
        part[i]->rounded = np_round_half_away(part[i]->rounded, part[i]->decimals);
}

static bool is_share(const tab_leaf *leaf)
{
    return !leaf->empty && (leaf->header.sort == NP_TAB_ORDINARY ||
                            leaf->header.sort == NP_TAB_NOT_STATED);
}

static np_status share_out(tab_work *w, np_tab_cell *cell, np_error *err)
{
    size_t R = w->rows.n, C = w->columns.n;
    np_tab_cell **part = np_arena_array(w->arena, np_tab_cell *, R);
    if (part == NULL)
        return no_memory(err);
    for (size_t c = 0; c < C; c++) {
        size_t n = 0;
        for (size_t r = 0; r < R; r++) {
            np_tab_cell *one = &cell[r * C + c];
            if (is_share(&w->rows.leaf[r]) && one->sort == NP_TAB_NUMBER && one->percent)
                part[n++] = one;
        }
        largest_remainder(part, n);
    }
    return NP_OK;
}

static const tab_stat *stat_at(const tab_work *w, const tab_leaf *row,
                               const tab_leaf *column)
{
    int own = row != NULL && row->stat >= 0 ? row->stat : column->stat;
    return &w->stat[own < 0 ? 0 : own];
}

static bool is_share_column(const tab_work *w, const tab_leaf *column)
{
    return column->stat >= 0 && w->stat[column->stat].s->percent_of != NP_TAB_NO_BASE &&
           !w->stat[column->stat].s->print_of;
}

static bool is_change(const tab_leaf *leaf)
{
    return leaf->change[0] >= 0 && leaf->change[1] >= 0;
}

/* The difference of two cells, of what is printed unrounded. */
static np_tab_cell difference(np_tab_cell from, np_tab_cell to)
{
    if (from.sort != NP_TAB_NUMBER || to.sort != NP_TAB_NUMBER || from.range || from.of)
        return (np_tab_cell){.sort = NP_TAB_NOTHING};
    np_tab_cell out = number_cell(to.value - from.value);
    out.decimals = to.decimals;
    return out;
}

typedef struct {
    np_tabulation_result *out;
    tab_work *w;
    const tab_cells *cells;
    np_tab_cell *cell, *total; /* total: [n_totals × columns] */
} finish;

static np_tab_cell base_of(const finish *x, size_t r, size_t c, const tab_stat *stat)
{
    const tab_work *w = x->w;
    size_t S = w->n_stats, s = (size_t)(stat - w->stat);
    const tab_sums *sums = NULL;
    switch (stat->s->percent_of) {
    case NP_TAB_OF_ROW:
        sums = &x->cells->row[r * S + s];
        break;
    case NP_TAB_OF_TABLE:
        sums = &x->cells->table[s];
        break;
    case NP_TAB_OF_CELL:
        sums = &x->cells->whole[r * w->columns.n + c];
        break;
    case NP_TAB_OF_TOTAL:
        for (size_t t = 0; t < w->table->n_totals; t++)
            if (strcmp(w->table->total[t].id, stat->s->total.text) == 0)
                return x->total[t * w->columns.n + c];
        return (np_tab_cell){.sort = NP_TAB_NOTHING};
    default:
        sums = &x->cells->column[c * S + s];
        break;
    }
    return tab_cell_of(w, &w->facts, stat, sums);
}

static const np_tab_not_asked *not_asked(const tab_work *w, const tab_leaf *row,
                                         const tab_leaf *column)
{
    for (size_t i = 0; i < w->table->n_not_asked; i++) {
        const np_tab_not_asked *n = &w->table->not_asked[i];
        if (n->row.text == NULL || strcmp(n->row.text, row->header.key) != 0)
            continue;
        if (n->n == 0)
            return n;
        for (size_t k = 0; k < n->n; k++) {
            size_t length = strlen(n->column[k].text);
            /* a column, or all statistics of it */
            if (strncmp(column->header.key, n->column[k].text, length) == 0 &&
                (column->header.key[length] == '\0' || column->header.key[length] == '/'))
                return n;
        }
    }
    return NULL;
}

static bool outside_periods(const tab_leaf *row, const tab_leaf *column)
{
    const char *period = column->period;
    return period != NULL &&
           ((row->first_period != NULL && strcmp(period, row->first_period) < 0) ||
            (row->last_period != NULL && strcmp(period, row->last_period) > 0));
}

static np_tab_cell ordinary_cell(const finish *x, size_t r, size_t c)
{
    const tab_work *w = x->w;
    const tab_leaf *row = &w->rows.leaf[r], *column = &w->columns.leaf[c];
    if (row->empty)
        return (np_tab_cell){.sort = NP_TAB_HEADING};
    const tab_stat *stat = stat_at(w, row, column);
    np_tab_cell cell =
        tab_cell_of(w, &w->facts, stat, &x->cells->cell[2 * (r * w->columns.n + c)]);
    const np_tab_not_asked *n = not_asked(w, row, column);
    bool nothing = cell.sort != NP_TAB_NUMBER || cell.value == 0;
    if (nothing && n != NULL)
        return (np_tab_cell){.sort = NP_TAB_ASKED_NOT, .reason = n->reason};
    if (nothing && outside_periods(row, column))
        return (np_tab_cell){.sort = NP_TAB_ASKED_NOT, .reason = "not_asked"};
    return stat->s->percent_of == NP_TAB_NO_BASE
               ? cell
               : part_of(stat, cell, base_of(x, r, c, stat));
}

static void fill_changes(const finish *x)
{
    const tab_work *w = x->w;
    size_t C = w->columns.n;
    for (size_t r = 0; r < w->rows.n; r++)
        for (size_t c = 0; c < C; c++)
            if (is_change(&w->columns.leaf[c]) && !w->rows.leaf[r].empty)
                x->cell[r * C + c] =
                    difference(x->cell[r * C + (size_t)w->columns.leaf[c].change[0]],
                               x->cell[r * C + (size_t)w->columns.leaf[c].change[1]]);
    for (size_t r = 0; r < w->rows.n; r++)
        for (size_t c = 0; c < C && is_change(&w->rows.leaf[r]); c++)
            x->cell[r * C + c] =
                difference(x->cell[(size_t)w->rows.leaf[r].change[0] * C + c],
                           x->cell[(size_t)w->rows.leaf[r].change[1] * C + c]);
}

static np_status total_row(finish *x, size_t t, np_error *err)
{
    tab_work *w = x->w;
    const np_tab_statistic *s = &w->table->total[t];
    size_t C = w->columns.n, S = w->n_stats, at = (size_t)tab_stat_index(w, s);
    tab_sums *from = NULL;
    if (s->from != NULL) {
        from = np_arena_array(w->arena, tab_sums, C);
        if (from == NULL)
            return no_memory(err);
        np_status status = tab_accumulate_from(from, w, at, err);
        if (status != NP_OK)
            return status;
    }
    for (size_t c = 0; c < C; c++) {
        np_tab_cell *cell = &x->total[t * C + c];
        const tab_leaf *column = &w->columns.leaf[c];
        if (is_change(column))
            continue;
        if (s->sort == NP_TAB_RATIO) {
            tab_sums parts[2] = {x->cells->every[c * S + (size_t)w->stat[at].part[0]],
                                 x->cells->every[c * S + (size_t)w->stat[at].part[1]]};
            *cell = tab_cell_of(w, &w->facts, &w->stat[at], parts);
        } else {
            *cell = tab_cell_of(w, &w->facts, &w->stat[at],
                                from != NULL ? &from[c] : &x->cells->every[c * S + at]);
        }
        if (s->percent_of == NP_TAB_OF_COLUMN || s->percent_of == NP_TAB_OF_TOTAL)
            *cell = part_of(&w->stat[at], *cell, base_of(x, 0, c, &w->stat[at]));
    }
    for (size_t c = 0; c < C; c++)
        if (is_change(&w->columns.leaf[c]))
            x->total[t * C + c] =
                difference(x->total[t * C + (size_t)w->columns.leaf[c].change[0]],
                           x->total[t * C + (size_t)w->columns.leaf[c].change[1]]);
    return NP_OK;
}

static size_t n_total_rows(const np_tabulation_result *out, const tab_work *w)
{
    size_t n = 0;
    for (size_t t = 0; t < w->table->n_totals; t++)
        n += w->table->total[t].by_rule && out->all_rules ? w->table->n_rules : 1;
    return n;
}

static np_tab_header total_header(const tab_work *w, const np_tab_statistic *s,
                                  const np_tab_rule *rule, bool first)
{
    np_tab_header h = {.key = s->id,
                       .label = {s->title},
                       .n_labels = 1,
                       .sort = NP_TAB_TOTAL,
                       .rule_above = first};
    if (np_localised_is_empty(&s->title))
        h.label[0] = tab_word(s->id);
    if (rule == NULL)
        return h;
    h.key = np_arena_format(w->arena, "%s/%s", s->id, rule->id);
    for (int l = NP_ENGLISH; l <= NP_NYNORSK; l++) {
        const char *title = np_localised_text(&rule->title, (np_language)l);
        h.label[0].text[l] = np_arena_format(
            w->arena, "%s: %s", np_localised_text(&h.label[0], (np_language)l),
            title[0] == '\0' ? rule->id : title);
    }
    return h;
}

static bool is_count_column(const tab_work *w, const tab_leaf *column)
{
    if (column->stat < 0 || is_share_column(w, column))
        return false;
    np_tab_statistic_sort sort = w->stat[column->stat].s->sort;
    return sort == NP_TAB_COUNT || sort == NP_TAB_DISTINCT ||
           sort == NP_TAB_MUNICIPALITIES || sort == NP_TAB_SUM;
}

/* A count under a heading of per cents reads as one: beside columns of counts it stands
 * under those alone. */
static void clear_under_shares(const tab_work *w, const np_tab_statistic *s,
                               np_tab_cell *cell)
{
    bool others = false;
    if (s->percent_of != NP_TAB_NO_BASE || s->sort == NP_TAB_RATIO)
        return;
    for (size_t c = 0; c < w->columns.n; c++)
        others = others || is_count_column(w, &w->columns.leaf[c]);
    for (size_t c = 0; c < w->columns.n && others; c++)
        if (is_share_column(w, &w->columns.leaf[c]))
            cell[c] = (np_tab_cell){.sort = NP_TAB_HEADING};
}

static np_status add_totals(finish *x, np_tab_header *row, np_error *err)
{
    tab_work *w = x->w;
    size_t C = w->columns.n, at = w->rows.n;
    for (size_t t = 0; t < w->table->n_totals; t++) {
        const np_tab_statistic *s = &w->table->total[t];
        const tab_stat *stat = &w->stat[tab_stat_index(w, s)];
        size_t n_rules = s->by_rule && x->out->all_rules ? w->table->n_rules : 1;
        for (size_t k = 0; k < n_rules; k++, at++) {
            const np_tab_rule *rule = x->out->all_rules ? &w->table->rule[k] : NULL;
            row[at] = total_header(w, s, s->by_rule ? rule : NULL, at == w->rows.n);
            memcpy(&x->cell[at * C], &x->total[t * C], C * sizeof *x->cell);
            clear_under_shares(w, s, &x->cell[at * C]);
            if (row[at].key == NULL)
                return no_memory(err);
            if (!s->by_rule)
                continue;
            np_status status = tab_rule_totals(&x->cell[at * C], x->out, w, stat,
                                               rule == NULL ? x->out->rule : rule, err);
            if (status != NP_OK)
                return status;
        }
    }
    return NP_OK;
}

static np_status copy_headers(np_tabulation_result *out, const tab_work *w,
                              np_tab_header **rows, np_error *err)
{
    np_tab_header *row = np_arena_array(w->arena, np_tab_header, out->n_rows);
    np_tab_header *column = np_arena_array(w->arena, np_tab_header, out->n_columns);
    if (row == NULL || column == NULL)
        return no_memory(err);
    for (size_t i = 0; i < w->rows.n; i++)
        row[i] = w->rows.leaf[i].header;
    for (size_t i = 0; i < w->columns.n; i++)
        column[i] = w->columns.leaf[i].header;
    out->row = row;
    out->column = column;
    out->n_column_levels = w->columns.n_levels;
    *rows = row;
    return NP_OK;
}

static np_status check_totals(const tab_work *w, np_error *err)
{
    for (size_t i = 0; i < w->n_stats; i++) {
        const np_tab_statistic *s = w->stat[i].s;
        bool found = s->percent_of != NP_TAB_OF_TOTAL;
        for (size_t t = 0; t < w->table->n_totals && !found; t++)
            found = strcmp(w->table->total[t].id, s->total.text) == 0;
        if (found)
            continue;
        np_fail(err, NP_E_UNKNOWN_NAME,
                _("per cent of %s, which is no total of the table"), s->total.text);
        np_error_file(err, w->plan->path);
        return np_error_at(err, s->total.line, s->total.column);
    }
    return NP_OK;
}

np_status tab_finish(np_tabulation_result *out, tab_work *w, const tab_cells *cells,
                     np_error *err)
{
    finish x = {.out = out, .w = w, .cells = cells};
    size_t C = w->columns.n;
    np_tab_header *row = NULL;
    out->n_columns = C;
    out->n_rows = w->rows.n + n_total_rows(out, w);
    x.cell = np_arena_array(w->arena, np_tab_cell, out->n_rows * C);
    x.total = np_arena_array(w->arena, np_tab_cell, w->table->n_totals * C);
    if (x.cell == NULL || x.total == NULL)
        return no_memory(err);
    out->cell = x.cell;
    np_status status = copy_headers(out, w, &row, err);
    if (status == NP_OK)
        status = check_totals(w, err);
    for (size_t t = 0; t < w->table->n_totals && status == NP_OK; t++)
        status = total_row(&x, t, err);
    if (status != NP_OK)
        return status;
    for (size_t r = 0; r < w->rows.n; r++)
        for (size_t c = 0; c < C; c++)
            x.cell[r * C + c] = ordinary_cell(&x, r, c);
    fill_changes(&x);
    status = add_totals(&x, row, err);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < out->n_rows * C; i++)
        tab_round(w, &x.cell[i]);
    return w->table->rounding == NP_TAB_LARGEST_REMAINDER ? share_out(w, x.cell, err)
                                                          : NP_OK;
}
