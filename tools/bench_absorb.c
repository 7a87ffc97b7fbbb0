/* Times the solver of two large factors on two graphs and says how far it is from
 * the exact solution.
 *
 *   bench-absorb [chain|random] [rows] [columns] [threads] [repetitions]
 *
 * chain: the "difficult" worker-firm panel: worker uniform in 1 … n/20, firm =
 * min(U{0 … 20} + max(1, floor(worker/8) − 10), n/160).
 * random: half of the rows pair a worker with a firm whose size follows a power
 * law, so that there are hubs on both sides; the other half falls into small
 * components of 40 rows, 2 to 6 firms and as many workers.
 *
 * Two errors are printed. `coefficient`: y = 3 x + worker + firm without noise, so
 * that the coefficient is 3 exactly. `residual`: what projecting the residuals of
 * noise once more still takes out, relative to the noise.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/rng.h"
#include "stats/absorb.h"

typedef struct {
    size_t n, n_workers, n_firms;
    int32_t *worker, *firm;
} panel;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void make_chain(panel *p, np_rng *rng)
{
    int32_t last = (int32_t)(p->n / 160);
    p->n_workers = p->n / 20;
    p->n_firms = (size_t)last;
    for (size_t i = 0; i < p->n; i++) {
        int32_t worker = (int32_t)np_rng_below(rng, p->n_workers) + 1;
        int32_t near = worker / 8 - 10;
        int32_t firm = (int32_t)np_rng_below(rng, 21) + (near > 1 ? near : 1);
        p->worker[i] = worker - 1;
        p->firm[i] = (firm < last ? firm : last) - 1;
    }
}

static void make_random(panel *p, np_rng *rng)
{
    enum { ROWS = 40 };
    size_t half = p->n / 2, n_workers = half / 10, n_firms = half / 80;
    size_t n_pieces = (p->n - half) / ROWS + 1;
    p->n_workers = n_workers + 6 * n_pieces;
    p->n_firms = n_firms + 6 * n_pieces;
    for (size_t i = 0; i < p->n; i++) {
        if (i < half) {
            double u = np_rng_uniform(rng), v = np_rng_uniform(rng);
            p->worker[i] = (int32_t)(pow(u, 1.5) * (double)n_workers);
            p->firm[i] = (int32_t)(pow(v, 3) * (double)n_firms);
            continue;
        }
        size_t piece = (i - half) / ROWS, size = 2 + piece % 5;
        p->worker[i] = (int32_t)(n_workers + 6 * piece + np_rng_below(rng, size));
        p->firm[i] = (int32_t)(n_firms + 6 * piece + np_rng_below(rng, size));
    }
}

static double **make_columns(const panel *p, size_t k, np_rng *rng)
{
    double **column = calloc(k, sizeof *column);
    for (size_t c = 0; c < k; c++) {
        column[c] = malloc(p->n * sizeof **column);
        for (size_t i = 0; i < p->n; i++)
            column[c][i] = np_rng_uniform(rng) + (double)(p->worker[i] % 97) / 97 +
                           (double)p->firm[i] / (double)p->n_firms;
    }
    return column;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
    qsort(v, n, sizeof *v, by_value);
    return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static void stop(const np_error *err)
{
    fprintf(stderr, "%s\n", err->message);
    exit(2);
}

static double dot(const double *u, const double *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += u[i] * v[i];
    return sum;
}

static void print_errors(const panel *p, np_absorber *a, double *const *raw,
                         np_arena *arena)
{
    double *c[2] = {malloc(p->n * sizeof(double)), malloc(p->n * sizeof(double))};
    np_error err = {0};
    memcpy(c[1], raw[1], p->n * sizeof(double));
    for (size_t i = 0; i < p->n; i++)
        c[0][i] = 3 * raw[1][i] + 100 * (double)(p->worker[i] % 1001) / 1001 +
                  1e-2 * (double)p->firm[i];
    if (np_absorber_residuals(a, c, 2, arena, &err) != NP_OK)
        stop(&err);
    double beta = dot(c[0], c[1], p->n) / dot(c[1], c[1], p->n);
    memcpy(c[0], c[1], p->n * sizeof(double));
    if (np_absorber_residuals(a, c, 1, arena, &err) != NP_OK)
        stop(&err);
    double norm = dot(c[1], c[1], p->n);
    for (size_t i = 0; i < p->n; i++)
        c[0][i] -= c[1][i];
    printf("error: coefficient %.1e, residual %.1e\n", fabs(beta / 3 - 1),
           sqrt(dot(c[0], c[0], p->n) / norm));
    free(c[0]);
    free(c[1]);
}

int main(int argc, char **argv)
{
    const char *kind = argc > 1 ? argv[1] : "chain";
    panel p = {.n = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000};
    size_t k = argc > 3 ? strtoull(argv[3], NULL, 10) : 2;
    unsigned threads = argc > 4 ? (unsigned)atoi(argv[4]) : 0;
    size_t repetitions = argc > 5 ? strtoull(argv[5], NULL, 10) : 3;
    np_rng rng = np_rng_stream(1, 0);
    p.worker = malloc(p.n * sizeof *p.worker);
    p.firm = malloc(p.n * sizeof *p.firm);
    if (strcmp(kind, "chain") == 0)
        make_chain(&p, &rng);
    else
        make_random(&p, &rng);
    k = k < 2 ? 2 : k;
    double **raw = make_columns(&p, k, &rng), **column = make_columns(&p, k, &rng);
    double *analysis = calloc(repetitions, sizeof *analysis);
    double *solution = calloc(repetitions, sizeof *solution);
    for (size_t r = 0; r < repetitions; r++) {
        np_arena *arena = np_arena_new(0);
        np_error err = {0};
        np_factor fe[] = {{.name = "worker",
                           .code = p.worker,
                           .n_levels = p.n_workers,
                           .has_intercept = true},
                          {.name = "firm",
                           .code = p.firm,
                           .n_levels = p.n_firms,
                           .has_intercept = true}};
        np_absorb_spec spec = {.n = p.n, .n_fe = 2, .fe = fe, .n_threads = threads};
        np_absorber *a;
        for (size_t c = 0; c < k; c++)
            memcpy(column[c], raw[c], p.n * sizeof(double));
        double start = now();
        if (np_absorber_new(&a, &spec, arena, &err) != NP_OK)
            stop(&err);
        double middle = now();
        if (np_absorber_residuals(a, column, k, arena, &err) != NP_OK)
            stop(&err);
        analysis[r] = middle - start;
        solution[r] = now() - middle;
        if (r + 1 == repetitions) {
            np_absorbed_rank rank;
            if (np_absorber_rank(&rank, a, arena, &err) != NP_OK)
                stop(&err);
            printf("%s: %zu rows, %zu workers, %zu firms, %zu components, %zu columns\n",
                   kind, p.n, p.n_workers, p.n_firms, rank.n_components, k);
            printf("median seconds of %zu: analysis %.3f, solution %.3f; iterations %u; "
                   "arena %.0f MB\n",
                   repetitions, median(analysis, repetitions),
                   median(solution, repetitions), np_absorber_iterations(a),
                   (double)np_arena_held(arena) / 1e6);
            print_errors(&p, a, raw, arena);
        }
        np_arena_free(arena);
    }
    return 0;
}
