#include <Rmath.h>
#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "base/rng.h"
#include "stats/infer/wild_internal.h"

/* Draws side by side: the inner loops run over them. */
enum { WIDTH = 32 };

typedef struct {
    const np_wild_sums *sums;
    np_wild_draw *out;
    double *room; /* per thread */
    size_t room_size;
} work;

static double webb(np_rng *rng)
{
    static const double point[6] = {-1.2247448713915890491, -1, -0.70710678118654752440,
                                    0.70710678118654752440, 1,  1.2247448713915890491};
    return point[np_rng_below(rng, 6)];
}

static double mammen(np_rng *rng)
{
    const double root = sqrt(5);
    return np_rng_uniform(rng) < (root + 1) / (2 * root) ? (1 - root) / 2
                                                         : (1 + root) / 2;
}

void np_wild_vector(double *v, size_t stride, const np_wild_sums *s, size_t draw)
{
    np_rng rng = np_rng_stream(s->seed, draw);
    uint64_t bits = draw;
    for (size_t h = 0; h < s->H; h++) {
        double value = 0;
        switch (s->weights) {
        case NP_WILD_RADEMACHER:
            if (!s->enumerated && h % 64 == 0)
                bits = np_rng_bits(&rng);
            value = (bits >> (h % 64) & 1) != 0 ? -1 : 1;
            break;
        case NP_WILD_WEBB:
            value = webb(&rng);
            break;
        case NP_WILD_MAMMEN:
            value = mammen(&rng);
            break;
        case NP_WILD_NORMAL:
            value = qnorm5(np_rng_uniform(&rng), 0, 1, 1, 0);
            break;
        }
        v[h * stride] = value;
    }
}

/* sum [WIDTH] += a v */
static inline void add(double *restrict sum, double a, const double *restrict v)
{
    for (size_t d = 0; d < WIDTH; d++)
        sum[d] += a * v[d];
}

/* out [k][WIDTH] := C Σ_h v_h V_h; scratch as large. */
static void solve_sums(double *out, double *scratch, const np_wild_sums *s,
                       const double *V, const double *v)
{
    const size_t k = s->k;
    memset(scratch, 0, k * WIDTH * sizeof *scratch);
    memset(out, 0, k * WIDTH * sizeof *out);
    for (size_t h = 0; h < s->H; h++)
        for (size_t t = 0; t < k; t++)
            add(scratch + t * WIDTH, V[h * k + t], v + h * WIDTH);
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++)
            if (s->C[a * k + b] != 0)
                add(out + a * WIDTH, s->C[a * k + b], scratch + b * WIDTH);
}

/* z [WIDTH] of cluster g with the component's errors. */
static void cluster_score(double *restrict z, const np_wild_set *set, size_t component,
                          size_t g, const double *solved, const double *v, size_t k)
{
    const double *A = set->A[component], *U = set->U + g * k;
    memset(z, 0, WIDTH * sizeof *z);
    if (set->start == NULL)
        add(z, A[g], v + g * WIDTH);
    else
        for (size_t p = set->start[g]; p < set->start[g + 1]; p++)
            add(z, A[p], v + (size_t)set->cluster[p] * WIDTH);
    for (size_t t = 0; t < k; t++)
        add(z, -U[t], solved + t * WIDTH);
}

/* q [3][WIDTH] += the set's share of the variance. */
static void add_set(double *q, const np_wild_sums *s, const np_wild_set *set,
                    const double *solved, const double *v)
{
    double z[2][WIDTH] = {{0}};
    const double f = set->factor;
    for (size_t g = 0; g < set->G; g++) {
        cluster_score(z[0], set, 0, g, solved, v, s->k);
        for (size_t d = 0; d < WIDTH; d++)
            q[d] += f * z[0][d] * z[0][d];
        if (!s->imposed)
            continue;
        cluster_score(z[1], set, 1, g, solved + s->k * WIDTH, v, s->k);
        for (size_t d = 0; d < WIDTH; d++) {
            q[WIDTH + d] += f * z[0][d] * z[1][d];
            q[2 * WIDTH + d] += f * z[1][d] * z[1][d];
        }
    }
}

static void draw_task(void *context, size_t task, unsigned thread)
{
    const work *w = context;
    const np_wild_sums *s = w->sums;
    const size_t first = task * WIDTH, left = s->n_draws - first;
    const size_t count = left < WIDTH ? left : WIDTH, n_components = s->imposed ? 2 : 1;
    double *v = w->room + (size_t)thread * w->room_size, *solved = v + s->H * WIDTH;
    double *scratch = solved + 2 * s->k * WIDTH;
    double n[2][WIDTH] = {{0}}, q[3 * WIDTH] = {0};
    for (size_t d = 0; d < WIDTH; d++) /* the last block's spare draws are computed too */
        np_wild_vector(v + d, WIDTH, s, first + d);
    for (size_t c = 0; c < n_components; c++) {
        solve_sums(solved + c * s->k * WIDTH, scratch, s, s->V[c], v);
        for (size_t h = 0; h < s->H; h++)
            add(n[c], s->numerator[c][h], v + h * WIDTH);
    }
    for (size_t i = 0; i < s->n_sets; i++)
        add_set(q, s, &s->set[i], solved, v);
    for (size_t d = 0; d < count; d++)
        w->out[first + d] =
            (np_wild_draw){n[0][d], n[1][d], q[d], q[WIDTH + d], q[2 * WIDTH + d]};
}

np_status np_wild_draws(np_wild_draw *out, const np_wild_sums *s, np_arena *arena,
                        np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    work w = {.sums = s, .out = out, .room_size = (s->H + 3 * s->k) * WIDTH};
    w.room =
        np_arena_array(arena, double, np_parallel_threads(s->n_threads) * w.room_size);
    if (w.room == NULL)
        return np_fail(err, NP_E_NO_MEMORY,
                       _("no memory left for the bootstrap's draws"));
    np_parallel_for((s->n_draws + WIDTH - 1) / WIDTH, s->n_threads, draw_task, &w);
    np_arena_release(arena, mark);
    return NP_OK;
}
