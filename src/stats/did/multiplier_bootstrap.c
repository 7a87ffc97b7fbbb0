#include "stats/did/multiplier_bootstrap.h"

#include <Rmath.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/parallel.h"
#include "base/rng.h"
#include "stats/sorted.h"

/* Units filled in at a time, of which each draw takes 64 by one random word; the sums
 * with all 16 patterns of signs of 4 units are made once for all draws. Eight columns at
 * a time keep 16 × 16 such sums in the first-level cache. */
enum { BLOCK = 2048, WORD = 64, SIGNS = 4, PATTERNS = 16, COLUMNS = 8, DRAWS = 128 };

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the draws"));
}

typedef struct {
    const np_influence *f;
    double *draw, *block;
    size_t segment, first, last; /* positions of the block */
    size_t n_draws;
    np_rng *rng;    /* [n_draws] */
    uint64_t *word; /* [n_draws × BLOCK / WORD] */
} pass;

enum { PIECE = 128 };

static void fill_piece(void *context, size_t task, unsigned thread)
{
    (void)thread;
    pass *p = context;
    size_t first = p->first + task * PIECE;
    size_t last = first + PIECE < p->last ? first + PIECE : p->last;
    p->f->fill(p->block + task * PIECE * p->f->n_in[p->segment], p->f->context,
               p->segment, first, last);
}

/* table [n / SIGNS][PATTERNS][COLUMNS]: sums over four rows, bit b set: row b counts
 * +1, else -1. Rows beyond n and columns beyond m are 0. */
static void tabulate(double *table, const double *row, size_t n, size_t stride, size_t m)
{
    for (size_t q = 0; q < (n + SIGNS - 1) / SIGNS; q++) {
        double *to = table + q * PATTERNS * COLUMNS;
        double value[SIGNS][COLUMNS] = {{0}}, pair[2][SIGNS][COLUMNS];
        for (size_t b = 0; b < SIGNS && q * SIGNS + b < n; b++)
            for (size_t j = 0; j < m; j++)
                value[b][j] = row[(q * SIGNS + b) * stride + j];
        for (size_t h = 0; h < 2; h++)
            for (size_t j = 0; j < COLUMNS; j++) {
                double a = value[2 * h][j], b = value[2 * h + 1][j];
                pair[h][0][j] = -a - b;
                pair[h][1][j] = a - b;
                pair[h][2][j] = b - a;
                pair[h][3][j] = a + b;
            }
        for (size_t pattern = 0; pattern < PATTERNS; pattern++)
            for (size_t j = 0; j < COLUMNS; j++)
                to[pattern * COLUMNS + j] =
                    pair[0][pattern % 4][j] + pair[1][pattern / 4][j];
    }
}

/* Adds 64 (or the last n) units to eight columns of the draws from … to. */
static void add_word(const pass *p, const double *table, size_t n, size_t word,
                     const size_t *column, size_t m, size_t from, size_t to)
{
    size_t n_patterns = (n + SIGNS - 1) / SIGNS;
    for (size_t r = from; r < to; r++) {
        uint64_t bits = p->word[r * (BLOCK / WORD) + word];
        double sum[COLUMNS] = {0};
        for (size_t q = 0; q < n_patterns; q++, bits >>= SIGNS) {
            const double *add =
                table + (q * PATTERNS + (bits & (PATTERNS - 1))) * COLUMNS;
            for (size_t j = 0; j < COLUMNS; j++)
                sum[j] += add[j];
        }
        double *draw = p->draw + r * p->f->n_columns;
        for (size_t j = 0; j < m; j++)
            draw[column[j]] += sum[j];
    }
}

static void draw_piece(void *context, size_t task, unsigned thread)
{
    (void)thread;
    pass *p = context;
    const np_influence *f = p->f;
    size_t m = f->n_in[p->segment], n = p->last - p->first;
    size_t from = task * DRAWS;
    size_t to = from + DRAWS < p->n_draws ? from + DRAWS : p->n_draws;
    double table[WORD / SIGNS * PATTERNS * COLUMNS];
    for (size_t r = from; r < to; r++)
        for (size_t i = 0; i < n; i += WORD)
            p->word[r * (BLOCK / WORD) + i / WORD] = np_rng_bits(&p->rng[r]);
    for (size_t j = 0; j < m; j += COLUMNS)
        for (size_t i = 0; i < n; i += WORD) {
            size_t rows = i + WORD < n ? WORD : n - i;
            size_t columns = j + COLUMNS < m ? COLUMNS : m - j;
            tabulate(table, p->block + i * m + j, rows, m, columns);
            add_word(p, table, rows, i / WORD, f->column[p->segment] + j, columns, from,
                     to);
        }
}

/* Threads are not worth their start for less than about a millisecond of work. */
static unsigned threads_for(const pass *p, size_t operations)
{
    return operations < 1000000 ? 1 : p->f->n_threads;
}

static void draw_segment(pass *p)
{
    const np_influence *f = p->f;
    size_t n_tasks = (p->n_draws + DRAWS - 1) / DRAWS, m = f->n_in[p->segment];
    for (size_t i = f->first[p->segment]; i < f->first[p->segment + 1]; i += BLOCK) {
        p->first = i;
        p->last =
            i + BLOCK < f->first[p->segment + 1] ? i + BLOCK : f->first[p->segment + 1];
        size_t n = p->last - i;
        np_parallel_for((n + PIECE - 1) / PIECE, threads_for(p, 20 * n * m), fill_piece,
                        p);
        np_parallel_for(n_tasks, threads_for(p, n * m * p->n_draws / SIGNS), draw_piece,
                        p);
    }
}

np_status np_multiplier_draws(double *draw, const np_influence *f, size_t n_draws,
                              uint64_t seed, double divisor, np_arena *arena,
                              np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    size_t most = 1, n = n_draws * f->n_columns;
    for (size_t s = 0; s < f->n_segments; s++)
        if (f->n_in[s] > most)
            most = f->n_in[s];
    pass p = {.f = f, .draw = draw, .n_draws = n_draws};
    p.block = np_arena_array(arena, double, BLOCK *most);
    p.rng = np_arena_array(arena, np_rng, n_draws);
    p.word = np_arena_array(arena, uint64_t, n_draws * (BLOCK / WORD));
    if (p.block == NULL || p.rng == NULL || p.word == NULL)
        return no_memory(err);
    memset(draw, 0, n * sizeof *draw);
    for (size_t r = 0; r < n_draws; r++)
        p.rng[r] = np_rng_stream(seed, r);
    for (p.segment = 0; p.segment < f->n_segments; p.segment++)
        draw_segment(&p);
    for (size_t i = 0; i < n; i++)
        draw[i] /= divisor;
    np_arena_release(arena, mark);
    return NP_OK;
}

/* The smallest value that a share `at` of the n sorted values does not exceed. */
static double observed_quantile(const double *sorted, size_t n, double at)
{
    double rank = ceil((double)n * at - 4 * 2.2204460492503131e-16 * (double)n);
    return sorted[rank < 1 ? 0 : (size_t)rank - 1];
}

np_status np_multiplier_inference(double *std_error, double *critical_value,
                                  const double *draw, size_t n_draws, size_t n_columns,
                                  double conf_level, np_arena *arena, np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    double *x = np_arena_array(arena, double, n_draws);
    double width = qnorm(0.75, 0, 1, 1, 0) - qnorm(0.25, 0, 1, 1, 0);
    bool any = false;
    if (x == NULL)
        return no_memory(err);
    for (size_t j = 0; j < n_columns; j++) {
        double most = 0;
        for (size_t r = 0; r < n_draws; r++) {
            x[r] = draw[r * n_columns + j];
            most = fmax(most, fabs(x[r]));
        }
        np_sort_numbers(x, n_draws);
        double spread =
            observed_quantile(x, n_draws, 0.75) - observed_quantile(x, n_draws, 0.25);
        std_error[j] = most > 0 && spread > 0 ? spread / width : NAN;
        any = any || most > 0;
    }
    for (size_t r = 0; r < n_draws; r++) {
        x[r] = 0;
        for (size_t j = 0; j < n_columns; j++)
            if (std_error[j] > 0)
                x[r] = fmax(x[r], fabs(draw[r * n_columns + j]) / std_error[j]);
    }
    np_sort_numbers(x, n_draws);
    *critical_value = any ? observed_quantile(x, n_draws, conf_level) : NAN;
    np_arena_release(arena, mark);
    return NP_OK;
}
