#include "stats/did/influence.h"

#include <string.h>

#include "base/parallel.h"

/* Units filled in at a time, and the number of pieces that the units are cut into. */
enum { ROWS = 128, MOST_TASKS = 64, FEWEST_ROWS = 2048 };

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the influence functions"));
}

static void fill_matrix(double *block, const void *context, size_t segment, size_t first,
                        size_t last)
{
    (void)segment;
    const np_influence *f = context;
    const double *matrix = f->context;
    memcpy(block, matrix + first * f->n_columns,
           (last - first) * f->n_columns * sizeof *block);
}

np_status np_influence_of_matrix(np_influence *out, const double *matrix, size_t n_units,
                                 size_t n_columns, unsigned n_threads, np_arena *arena,
                                 np_error *err)
{
    size_t *first = np_arena_array(arena, size_t, 2);
    size_t *n_in = np_arena_array(arena, size_t, 1);
    size_t *all = np_arena_array(arena, size_t, n_columns);
    const size_t **column = np_arena_array(arena, const size_t *, 1);
    np_influence *self = np_arena_array(arena, np_influence, 1);
    if (first == NULL || n_in == NULL || all == NULL || column == NULL || self == NULL)
        return no_memory(err);
    for (size_t j = 0; j < n_columns; j++)
        all[j] = j;
    first[1] = n_units;
    n_in[0] = n_columns;
    column[0] = all;
    *self = (np_influence){.n_columns = n_columns, .context = matrix};
    *out = (np_influence){.n_units = n_units,
                          .n_columns = n_columns,
                          .n_segments = 1,
                          .first = first,
                          .n_in = n_in,
                          .column = column,
                          .fill = fill_matrix,
                          .context = self,
                          .n_threads = n_threads};
    return NP_OK;
}

typedef struct {
    size_t segment, first, last;
} piece;

typedef struct {
    const np_influence *f;
    const piece *piece;
    size_t n_pieces, most_in;
    unsigned n_threads; /* 1 where starting threads costs more than the work */
    double *block;      /* [n_threads × ROWS × most_in] */
    double *partial;    /* [n_pieces × n_columns²] */
    double *sum;
    const int32_t *cluster_of;
    const double *A;
    size_t n_rows;
} pass;

static np_status cut(pass *p, np_arena *arena, np_error *err)
{
    const np_influence *f = p->f;
    size_t rows = f->n_units / MOST_TASKS + 1;
    if (rows < FEWEST_ROWS)
        rows = FEWEST_ROWS;
    size_t most = f->n_units / rows + f->n_segments + 1;
    piece *cuts = np_arena_array(arena, piece, most);
    if (cuts == NULL)
        return no_memory(err);
    for (size_t s = 0; s < f->n_segments; s++) {
        if (f->n_in[s] > p->most_in)
            p->most_in = f->n_in[s];
        for (size_t i = f->first[s]; i < f->first[s + 1]; i += rows) {
            size_t last = i + rows < f->first[s + 1] ? i + rows : f->first[s + 1];
            cuts[p->n_pieces++] = (piece){s, i, last};
        }
    }
    p->piece = cuts;
    p->n_threads = f->n_units < FEWEST_ROWS ? 1 : np_parallel_threads(f->n_threads);
    p->block = np_arena_array(arena, double, p->n_threads *ROWS * p->most_in);
    return p->block == NULL ? no_memory(err) : NP_OK;
}

/* cross [m × m], upper half, += rows' rows; four rows at a time. */
static void add_cross(double *cross, const double *row, size_t n, size_t m)
{
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        const double *a = row + i * m, *b = a + m, *c = b + m, *d = c + m;
        for (size_t j = 0; j < m; j++) {
            double *to = cross + j * m;
            double aj = a[j], bj = b[j], cj = c[j], dj = d[j];
            for (size_t l = j; l < m; l++)
                to[l] += aj * a[l] + bj * b[l] + cj * c[l] + dj * d[l];
        }
    }
    for (; i < n; i++) {
        const double *a = row + i * m;
        for (size_t j = 0; j < m; j++)
            for (size_t l = j; l < m; l++)
                cross[j * m + l] += a[j] * a[l];
    }
}

static void cross_piece(void *context, size_t task, unsigned thread)
{
    pass *p = context;
    const np_influence *f = p->f;
    const piece *c = &p->piece[task];
    size_t m = f->n_in[c->segment];
    double *block = p->block + thread * ROWS * p->most_in;
    double *cross = p->partial + task * p->most_in * p->most_in;
    for (size_t i = c->first; i < c->last; i += ROWS) {
        size_t last = i + ROWS < c->last ? i + ROWS : c->last;
        f->fill(block, f->context, c->segment, i, last);
        add_cross(cross, block, last - i, m);
    }
}

np_status np_influence_cross(double *cross, const np_influence *f, np_arena *arena,
                             np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    pass p = {.f = f};
    size_t K = f->n_columns;
    np_status status = cut(&p, arena, err);
    if (status == NP_OK) {
        p.partial = np_arena_array(arena, double, p.n_pieces *p.most_in *p.most_in);
        status = p.partial == NULL ? no_memory(err) : NP_OK;
    }
    if (status == NP_OK) {
        np_parallel_for(p.n_pieces, p.n_threads, cross_piece, &p);
        memset(cross, 0, K * K * sizeof *cross);
        for (size_t t = 0; t < p.n_pieces; t++) {
            size_t s = p.piece[t].segment, m = f->n_in[s];
            const double *from = p.partial + t * p.most_in * p.most_in;
            for (size_t j = 0; j < m; j++)
                for (size_t l = j; l < m; l++)
                    cross[f->column[s][j] * K + f->column[s][l]] += from[j * m + l];
        }
        for (size_t j = 0; j < K; j++)
            for (size_t l = 0; l < j; l++)
                cross[j * K + l] = cross[l * K + j];
    }
    np_arena_release(arena, mark);
    return status;
}

np_status np_influence_by_cluster(double *sum, const np_influence *f,
                                  const int32_t *cluster_of, size_t n_clusters,
                                  np_arena *arena, np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    pass p = {.f = f};
    np_status status = cut(&p, arena, err);
    memset(sum, 0, n_clusters * f->n_columns * sizeof *sum);
    for (size_t t = 0; status == NP_OK && t < p.n_pieces; t++) {
        const piece *c = &p.piece[t];
        size_t m = f->n_in[c->segment];
        const size_t *column = f->column[c->segment];
        for (size_t i = c->first; i < c->last; i += ROWS) {
            size_t last = i + ROWS < c->last ? i + ROWS : c->last;
            f->fill(p.block, f->context, c->segment, i, last);
            for (size_t r = i; r < last; r++) {
                size_t unit = f->unit == NULL ? r : f->unit[r];
                double *to = sum + (size_t)cluster_of[unit] * f->n_columns;
                for (size_t j = 0; j < m; j++)
                    to[column[j]] += p.block[(r - i) * m + j];
            }
        }
    }
    np_arena_release(arena, mark);
    return status;
}

static void combine_piece(void *context, size_t task, unsigned thread)
{
    pass *p = context;
    const np_influence *f = p->f;
    const piece *c = &p->piece[task];
    size_t m = f->n_in[c->segment];
    const size_t *column = f->column[c->segment];
    double *block = p->block + thread * ROWS * p->most_in;
    for (size_t i = c->first; i < c->last; i += ROWS) {
        size_t last = i + ROWS < c->last ? i + ROWS : c->last;
        f->fill(block, f->context, c->segment, i, last);
        for (size_t r = i; r < last; r++) {
            double *to = p->sum + (f->unit == NULL ? r : f->unit[r]) * p->n_rows;
            for (size_t q = 0; q < p->n_rows; q++) {
                const double *a = p->A + q * f->n_columns;
                double sum = 0;
                for (size_t j = 0; j < m; j++)
                    sum += a[column[j]] * block[(r - i) * m + j];
                to[q] = sum;
            }
        }
    }
}

np_status np_influence_combine(double *to, const np_influence *f, const double *A,
                               size_t n_rows, np_arena *arena, np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    pass p = {.f = f, .sum = to, .A = A, .n_rows = n_rows};
    np_status status = cut(&p, arena, err);
    if (status == NP_OK)
        np_parallel_for(p.n_pieces, p.n_threads, combine_piece, &p);
    np_arena_release(arena, mark);
    return status;
}
