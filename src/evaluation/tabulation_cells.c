/* Facts are put into cells: each into every cell whose row and column it passes. */
#include <math.h>
#include <string.h>

#include "evaluation/tabulation_internal.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
}

/* Which leaves of a side a fact may be in: by its code on one dimension, so that a row
 * for each of a thousand measures is not tried for each fact. */
typedef struct {
    const tab_side *side;
    const tab_dim *dim;     /* NULL: all leaves are tried */
    uint32_t *first, *leaf; /* by code, n_codes + 1 for no value */
    uint32_t *always;
    size_t n_always;
} side_index;

static const tab_test *test_on(const tab_leaf *leaf, size_t dim)
{
    for (size_t e = 0; e < leaf->n; e++)
        for (size_t i = 0; i < leaf->entry[e]->tests.n; i++)
            if (leaf->entry[e]->tests.test[i].dim == dim)
                return &leaf->entry[e]->tests.test[i];
    return NULL;
}

/* The dimension with most codes that leaves are told apart by. */
static bool choose_dim(size_t *out, const tab_facts *f, const tab_side *side)
{
    size_t most = 0;
    for (size_t d = 0; d < f->n_dims; d++) {
        bool used = false;
        for (size_t i = 0; i < side->n && !used; i++)
            used = test_on(&side->leaf[i], d) != NULL;
        if (used && f->dim[d].n_codes + 1 > most) {
            most = f->dim[d].n_codes + 1;
            *out = d;
        }
    }
    return most > 8;
}

static bool is_counted(const tab_leaf *leaf)
{
    return !leaf->empty && leaf->change[0] < 0;
}

static np_status index_side(side_index *out, const tab_work *w, const tab_side *side,
                            np_error *err)
{
    size_t d = 0;
    *out = (side_index){.side = side};
    out->always = np_arena_array(w->arena, uint32_t, side->n);
    if (out->always == NULL)
        return no_memory(err);
    bool by_dim = choose_dim(&d, &w->facts, side);
    const tab_dim *dim = by_dim ? &w->facts.dim[d] : NULL;
    size_t n_codes = by_dim ? dim->n_codes + 1 : 0, n = 0;
    out->first = np_arena_array(w->arena, uint32_t, n_codes + 1);
    if (out->first == NULL)
        return no_memory(err);
    out->dim = dim;
    for (size_t i = 0; i < side->n; i++) {
        if (!is_counted(&side->leaf[i]))
            continue;
        const tab_test *test = by_dim ? test_on(&side->leaf[i], d) : NULL;
        if (test == NULL)
            out->always[out->n_always++] = (uint32_t)i;
        for (size_t c = 0; test != NULL && c < n_codes; c++)
            n += test->has[c];
    }
    out->leaf = np_arena_array(w->arena, uint32_t, n);
    if (out->leaf == NULL)
        return no_memory(err);
    n = 0;
    for (size_t c = 0; c < n_codes; c++) {
        out->first[c] = (uint32_t)n;
        for (size_t i = 0; i < side->n; i++) {
            const tab_test *test =
                is_counted(&side->leaf[i]) ? test_on(&side->leaf[i], d) : NULL;
            if (test != NULL && test->has[c])
                out->leaf[n++] = (uint32_t)i;
        }
    }
    out->first[n_codes] = (uint32_t)n;
    return NP_OK;
}

static bool passes(const tab_facts *f, size_t fact, const tab_leaf *leaf)
{
    for (size_t e = 0; e < leaf->n; e++)
        if (!tab_fact_passes(f, fact, &leaf->entry[e]->tests))
            return false;
    return true;
}

static size_t try_leaf(uint32_t *out, size_t n, const tab_facts *f, size_t fact,
                       const side_index *index, uint32_t leaf)
{
    for (size_t i = 0; i < n; i++) /* a fact of several categories meets a sum twice */
        if (out[i] == leaf)
            return n;
    if (passes(f, fact, &index->side->leaf[leaf]))
        out[n++] = leaf;
    return n;
}

static size_t leaves_of(uint32_t *out, const tab_facts *f, size_t fact,
                        const side_index *index)
{
    size_t n = 0;
    for (size_t i = 0; i < index->n_always; i++)
        n = try_leaf(out, n, f, fact, index, index->always[i]);
    if (index->dim == NULL)
        return n;
    const int32_t *code;
    size_t n_codes = tab_fact_codes(&code, index->dim, fact);
    for (size_t k = 0; k < n_codes || (k == 0 && n_codes == 0); k++) {
        size_t c = n_codes == 0 ? index->dim->n_codes : (size_t)code[k];
        for (uint32_t i = index->first[c]; i < index->first[c + 1]; i++)
            n = try_leaf(out, n, f, fact, index, index->leaf[i]);
    }
    return n;
}

/* What must be remembered to count different values and to take means of means. */
typedef struct {
    np_integer_map *seen; /* place of the sums × codes */
    np_integer_map *part; /* the same, of means over a path */
    double *sum, *n;      /* [room] of each part */
    size_t room;
    tab_sums **sums_of; /* [room] */
} memory;

static np_status grow_parts(memory *m, np_arena *arena, np_error *err)
{
    size_t room = m->room == 0 ? 64 : 2 * m->room;
    double *sum = np_arena_array(arena, double, room);
    double *n = np_arena_array(arena, double, room);
    tab_sums **of = np_arena_array(arena, tab_sums *, room);
    if (sum == NULL || n == NULL || of == NULL)
        return no_memory(err);
    if (m->room > 0) {
        memcpy(sum, m->sum, m->room * sizeof *sum);
        memcpy(n, m->n, m->room * sizeof *n);
        memcpy(of, m->sums_of, m->room * sizeof(tab_sums *));
    }
    m->sum = sum;
    m->n = n;
    m->sums_of = of;
    m->room = room;
    return NP_OK;
}

static np_status add_part(memory *m, tab_sums *s, uint64_t place, int32_t code,
                          const tab_number *x, np_arena *arena, np_error *err)
{
    int32_t at = np_integer_map_add(m->part, (int64_t)(place << 24 ^ (uint64_t)code));
    if (at < 0)
        return no_memory(err);
    if ((size_t)at == m->room) {
        np_status status = grow_parts(m, arena, err);
        if (status != NP_OK)
            return status;
    }
    m->sum[at] += x->sum;
    m->n[at] += x->n;
    m->sums_of[at] = s;
    return NP_OK;
}

static void close_parts(const memory *m)
{
    for (size_t i = 0; i < np_integer_map_size(m->part); i++)
        if (m->n[i] > 0) {
            m->sums_of[i]->sum_of_means += m->sum[i] / m->n[i];
            m->sums_of[i]->n_means++;
        }
}

static double weight_of(const tab_facts *f, const tab_stat *stat, size_t fact)
{
    if (stat->weight < 0)
        return 1;
    const tab_dim *dim = &f->dim[stat->weight];
    int32_t code = dim->code[fact];
    if (code < 0)
        return 1;
    np_value v = dim->value[code];
    return v.type == NP_VALUE_INTEGER ? (double)v.integer : v.number;
}

static void note_missing(tab_sums *s, const tab_facts *f, size_t fact, double n)
{
    int32_t reason = f->missing_dim < 0 ? -1 : f->dim[f->missing_dim].code[fact];
    s->reason = s->missing == 0 ? reason : s->reason == reason ? reason : -2;
    s->missing += n;
}

static np_status add_number(memory *m, tab_sums *s, uint64_t place, const tab_facts *f,
                            const tab_stat *stat, size_t fact, np_error *err)
{
    const tab_number *x = &f->number[fact * f->n_numeric + (size_t)stat->number];
    if (x->n < f->count[fact])
        note_missing(s, f, fact, f->count[fact] - x->n);
    if (!(x->n > 0))
        return NP_OK;
    double weight = weight_of(f, stat, fact);
    s->min = s->n_values == 0 || x->min < s->min ? x->min : s->min;
    s->max = s->n_values == 0 || x->max > s->max ? x->max : s->max;
    s->n_values += x->n;
    s->sum += x->sum;
    s->weighted_sum += weight * x->sum;
    s->weight += weight * x->n;
    if (stat->over >= 0 && f->dim[stat->over].code[fact] >= 0)
        return add_part(m, s, place, f->dim[stat->over].code[fact], x, f->arena, err);
    return NP_OK;
}

static np_status add_distinct(memory *m, tab_sums *s, uint64_t place, const tab_facts *f,
                              const tab_stat *stat, size_t fact, np_error *err)
{
    const int32_t *code;
    size_t n = tab_fact_codes(&code, &f->dim[stat->dim], fact);
    for (size_t k = 0; k < n; k++) {
        size_t known = np_integer_map_size(m->seen);
        int32_t at =
            np_integer_map_add(m->seen, (int64_t)(place << 24 ^ (uint64_t)code[k]));
        if (at < 0)
            return no_memory(err);
        if ((size_t)at == known)
            s->distinct +=
                stat->municipalities == NULL ? 1 : stat->municipalities[code[k]];
    }
    return NP_OK;
}

/* `place` numbers the sums, so that values are told apart by sums. */
static np_status add_fact(memory *m, tab_sums *s, uint64_t place, const tab_facts *f,
                          const tab_stat *stat, size_t fact, np_error *err)
{
    if (!(f->count[fact] > 0))
        return NP_OK;
    np_tab_statistic_sort sort = stat->s->sort;
    if (sort == NP_TAB_COUNT) {
        const int32_t *code;
        if (stat->dim < 0 || tab_fact_codes(&code, &f->dim[stat->dim], fact) > 0)
            s->n += f->count[fact];
        return NP_OK;
    }
    s->n += f->count[fact];
    if (sort == NP_TAB_DISTINCT || sort == NP_TAB_MUNICIPALITIES)
        return add_distinct(m, s, place, f, stat, fact, err);
    if (sort == NP_TAB_INDICATOR) {
        tab_indicator_add(s, f, stat, fact);
        return NP_OK;
    }
    return stat->number < 0 ? NP_OK : add_number(m, s, place, f, stat, fact, err);
}

typedef struct {
    tab_work *w;
    tab_cells *cells;
    memory m;
    uint32_t *rows, *columns; /* leaves of the present fact */
    size_t n_rows, n_columns;
} pass;

static int stat_of(const tab_work *w, size_t row, size_t column)
{
    int own = w->rows.leaf[row].stat;
    if (own < 0)
        own = w->columns.leaf[column].stat;
    return own < 0 ? 0 : own;
}

static np_status add_cell(pass *p, size_t r, size_t c, size_t fact, np_error *err)
{
    tab_work *w = p->w;
    const tab_stat *stat = &w->stat[stat_of(w, r, c)];
    size_t at = r * w->columns.n + c;
    np_status status = NP_OK;
    if (stat->s->percent_of == NP_TAB_OF_CELL)
        status = add_fact(&p->m, &p->cells->whole[at], (4 * at) + 2, &w->facts, stat,
                          fact, err);
    if (status != NP_OK || !tab_fact_passes(&w->facts, fact, &stat->where))
        return status;
    tab_sums *sums = &p->cells->cell[2 * at];
    if (stat->s->sort != NP_TAB_RATIO)
        return add_fact(&p->m, sums, 4 * at, &w->facts, stat, fact, err);
    for (size_t k = 0; k < 2 && status == NP_OK; k++) {
        const tab_stat *part = &w->stat[stat->part[k]];
        if (tab_fact_passes(&w->facts, fact, &part->where))
            status = add_fact(&p->m, sums + k, 4 * at + k, &w->facts, part, fact, err);
    }
    return status;
}

/* Bases: over all rows, all columns, or both; without the statistics' own `where`. */
static np_status add_bases(pass *p, size_t fact, np_error *err)
{
    tab_work *w = p->w;
    size_t S = w->n_stats, R = w->rows.n, C = w->columns.n;
    uint64_t columns_at = 4 * (uint64_t)R * C, every_at = columns_at + C * S;
    uint64_t rows_at = every_at + C * S, table_at = rows_at + R * S;
    bool based = p->n_rows > 0 || w->table->base_all;
    np_status status = NP_OK;
    for (size_t s = 0; s < S && status == NP_OK; s++) {
        const tab_stat *stat = &w->stat[s];
        if (stat->s->from != NULL)
            continue;
        for (size_t i = 0; i < p->n_columns && status == NP_OK; i++) {
            size_t at = p->columns[i] * S + s;
            if (based && stat->s->percent_of != NP_TAB_NO_BASE)
                status = add_fact(&p->m, &p->cells->column[at], columns_at + at,
                                  &w->facts, stat, fact, err);
            if (status == NP_OK && tab_fact_passes(&w->facts, fact, &stat->where))
                status = add_fact(&p->m, &p->cells->every[at], every_at + at, &w->facts,
                                  stat, fact, err);
        }
        if (stat->s->percent_of == NP_TAB_NO_BASE)
            continue;
        for (size_t i = 0; p->n_columns > 0 && i < p->n_rows && status == NP_OK; i++) {
            size_t at = p->rows[i] * S + s;
            status = add_fact(&p->m, &p->cells->row[at], rows_at + at, &w->facts, stat,
                              fact, err);
        }
        if (status == NP_OK && based && p->n_columns > 0)
            status = add_fact(&p->m, &p->cells->table[s], table_at + s, &w->facts, stat,
                              fact, err);
    }
    return status;
}

static np_status add_to_table(pass *p, size_t fact, np_error *err)
{
    np_status status = add_bases(p, fact, err);
    for (size_t i = 0; i < p->n_rows; i++)
        for (size_t j = 0; j < p->n_columns && status == NP_OK; j++)
            status = add_cell(p, p->rows[i], p->columns[j], fact, err);
    return status;
}

static void note_place(pass *p, size_t fact)
{
    tab_work *w = p->w;
    w->in[fact] = (uint8_t)((p->n_rows > 0 ? TAB_IN_ROW : 0) |
                            (p->n_columns > 0 ? TAB_IN_COLUMN : 0));
    for (size_t i = 0; i < p->n_rows; i++)
        if (w->row_fact[p->rows[i]] == w->facts.n)
            w->row_fact[p->rows[i]] = fact;
}

static np_status new_memory(memory *m, np_arena *arena, np_error *err)
{
    *m = (memory){.seen = np_integer_map_new(arena), .part = np_integer_map_new(arena)};
    return m->seen == NULL || m->part == NULL ? no_memory(err) : NP_OK;
}

static np_status new_cells(tab_cells *out, const tab_work *w, np_error *err)
{
    size_t R = w->rows.n, C = w->columns.n, S = w->n_stats;
    if (R > 0 && C > NP_TAB_MOST_CELLS / R)
        return np_fail(err, NP_E_LIMIT, _("%zu rows and %zu columns are too many"), R, C);
    *out = (tab_cells){.cell = np_arena_array(w->arena, tab_sums, 2 * R * C),
                       .whole = np_arena_array(w->arena, tab_sums, R * C),
                       .column = np_arena_array(w->arena, tab_sums, C * S),
                       .every = np_arena_array(w->arena, tab_sums, C * S),
                       .row = np_arena_array(w->arena, tab_sums, R * S),
                       .table = np_arena_array(w->arena, tab_sums, S)};
    return out->cell == NULL || out->whole == NULL || out->column == NULL ||
                   out->every == NULL || out->row == NULL || out->table == NULL
               ? no_memory(err)
               : NP_OK;
}

np_status tab_accumulate(tab_cells *out, tab_work *w, np_error *err)
{
    side_index rows, columns;
    pass p = {.w = w, .cells = out};
    np_status status = new_cells(out, w, err);
    if (status == NP_OK)
        status = new_memory(&p.m, w->arena, err);
    if (status == NP_OK)
        status = index_side(&rows, w, &w->rows, err);
    if (status == NP_OK)
        status = index_side(&columns, w, &w->columns, err);
    if (status != NP_OK)
        return status;
    p.rows = np_arena_array(w->arena, uint32_t, w->rows.n);
    p.columns = np_arena_array(w->arena, uint32_t, w->columns.n);
    w->in = np_arena_array(w->arena, uint8_t, w->facts.n);
    w->row_fact = np_arena_array(w->arena, size_t, w->rows.n);
    if (p.rows == NULL || p.columns == NULL || w->in == NULL || w->row_fact == NULL)
        return no_memory(err);
    for (size_t r = 0; r < w->rows.n; r++)
        w->row_fact[r] = w->facts.n;
    for (size_t i = 0; i < w->facts.n && status == NP_OK; i++) {
        if (!(w->facts.count[i] > 0) || (w->keep != NULL && !w->keep[i]))
            continue;
        p.n_rows = leaves_of(p.rows, &w->facts, i, &rows);
        p.n_columns = leaves_of(p.columns, &w->facts, i, &columns);
        note_place(&p, i);
        status = add_to_table(&p, i, err);
    }
    if (status == NP_OK)
        close_parts(&p.m);
    return status;
}

/* The path of the other kind that stands for a path of the table. */
static np_status path_there(np_tab_path *out, const np_tab_source *from,
                            const np_tab_path *path, np_arena *arena, np_error *err)
{
    for (size_t i = 0; i < from->n_paths; i++)
        if (strcmp(from->of[i], path->text) == 0) {
            *out = from->path[i];
            return NP_OK;
        }
    return tab_path_parse(out, path->text, from->kind, arena, err);
}

typedef struct {
    tab_facts facts;
    size_t there[TAB_MOST_DIMS]; /* of the table's dimensions */
    bool mapped[TAB_MOST_DIMS];
    tab_stat stat;
} other_records;

static np_status map_dims(other_records *o, tab_work *w, const np_tab_source *from,
                          np_error *err)
{
    np_status status = NP_OK;
    for (size_t i = 0; i < w->columns.n; i++)
        for (size_t e = 0; e < w->columns.leaf[i].n; e++) {
            const tab_tests *tests = &w->columns.leaf[i].entry[e]->tests;
            for (size_t k = 0; k < tests->n && status == NP_OK; k++) {
                size_t d = tests->test[k].dim;
                const tab_dim *dim = &w->facts.dim[d];
                np_tab_path path;
                if (o->mapped[d] || dim->sort != TAB_DIM_PATH)
                    continue;
                status = path_there(&path, from, &dim->path, w->arena, err);
                if (status == NP_OK)
                    status = tab_facts_dim(&o->there[d], &o->facts, &path, err);
                o->mapped[d] = true;
            }
        }
    return status;
}

static bool passes_there(const other_records *o, const tab_work *w, const tab_leaf *leaf,
                         size_t fact)
{
    for (size_t e = 0; e < leaf->n; e++) {
        const tab_tests *tests = &leaf->entry[e]->tests;
        for (size_t k = 0; k < tests->n; k++) {
            const tab_dim *here = &w->facts.dim[tests->test[k].dim];
            const tab_dim *there = &o->facts.dim[o->there[tests->test[k].dim]];
            if (!o->mapped[tests->test[k].dim] || there->sort != TAB_DIM_PATH)
                return false;
            int32_t code = there->code[fact];
            size_t c = here->n_codes;
            if (code >= 0) {
                int32_t same = tab_dim_find(here, np_text_map_text(there->words, code));
                if (same < 0)
                    return false;
                c = (size_t)same;
            }
            if (!tests->test[k].has[c])
                return false;
        }
    }
    return true;
}

np_status tab_accumulate_from(tab_sums *out, tab_work *w, size_t stat, np_error *err)
{
    const np_tab_statistic *s = w->stat[stat].s;
    other_records *o = np_arena_array(w->arena, other_records, 1);
    memory m;
    if (o == NULL)
        return no_memory(err);
    np_status status = tab_facts_new(&o->facts, w->store, s->from->kind, w->arena, err);
    o->facts.scope[0] = &s->from->where;
    o->facts.as_of = w->options->as_of;
    if (status == NP_OK)
        status = map_dims(o, w, s->from, err);
    if (status == NP_OK)
        status = tab_stat_need(&o->facts, s, err);
    if (status == NP_OK)
        status = tab_facts_load(&o->facts, err);
    if (status == NP_OK)
        status = tab_stat_bind(&o->stat, &o->facts, s, err);
    if (status == NP_OK)
        status = new_memory(&m, w->arena, err);
    for (size_t i = 0; status == NP_OK && i < o->facts.n; i++)
        for (size_t c = 0; c < w->columns.n && status == NP_OK; c++) {
            const tab_leaf *leaf = &w->columns.leaf[c];
            if (is_counted(leaf) && passes_there(o, w, leaf, i) &&
                tab_fact_passes(&o->facts, i, &o->stat.where))
                status = add_fact(&m, &out[c], c, &o->facts, &o->stat, i, err);
        }
    if (status == NP_OK)
        close_parts(&m);
    return status;
}
