/* Simulated panels for measuring, as CSV on standard output:
 *
 *   make-panel panel ROWS        unit,period,y,x1 … x5[,event_time][,region]
 *   make-panel difficult ROWS    worker,firm,y,x1,x2: a long chain of firms
 *   make-panel hubs ROWS         worker,firm,y,x1,x2: hubs and small components
 *   make-panel cohorts ROWS      unit,period,y,x1,x2,x3,cohort: starts in 4 … T, or never
 *       [--seed S] [--periods T] [--event-time] [--ids] [--regions R] [--varying]
 *
 * --ids gives the panel's units numbers of nine digits, as organisations have them,
 * in no order.
 * --varying gives cohorts' x1 … x3, otherwise fixed by unit, a draw of each period.
 * Numbers have 15 significant digits. The same seed gives the same bytes with any
 * number of threads: block b of rows draws from stream b. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "base/rng.h"

enum { BLOCK_ROWS = 1 << 14, WAVE = 64, LONGEST_ROW = 256, NEVER = -1000 };

typedef enum { PANEL, DIFFICULT, COHORTS, HUBS } panel_kind;

typedef struct {
    panel_kind kind;
    size_t n_rows, n_periods, first_block;
    uint64_t n_regions; /* of the units in turn; 0: no such column */
    uint64_t seed;
    bool event_time, ids, varying;
    char *text[WAVE];
    size_t length[WAVE];
} job;

static char *put_digits(char *p, uint64_t value, int n)
{
    for (int i = n - 1; i >= 0; i--, value /= 10)
        p[i] = (char)('0' + value % 10);
    return p + n;
}

static char *put_integer(char *p, int64_t value)
{
    uint64_t size = value < 0 ? (uint64_t)-value : (uint64_t)value;
    int n = 1;
    for (uint64_t rest = size; rest >= 10; rest /= 10)
        n++;
    if (value < 0)
        *p++ = '-';
    return put_digits(p, size, n);
}

/* 15 significant digits for 1 <= |value| < 1000; 14 decimals below. */
static char *put_number(char *p, double value)
{
    double size = fabs(value);
    int n_decimals = size < 10 ? 14 : size < 100 ? 13 : 12;
    uint64_t unit = n_decimals == 14   ? 100000000000000
                    : n_decimals == 13 ? 10000000000000
                                       : 1000000000000;
    uint64_t scaled = (uint64_t)(size * (double)unit + 0.5);
    if (value < 0)
        *p++ = '-';
    p = put_integer(p, (int64_t)(scaled / unit));
    *p++ = '.';
    return put_digits(p, scaled % unit, n_decimals);
}

/* Nearly normal, mean 0 and variance 1: the sum of four uniforms, scaled. */
static double draw(np_rng *rng)
{
    uint64_t a = np_rng_bits(rng), b = np_rng_bits(rng);
    double sum = (double)(a >> 32) + (double)(a & UINT32_MAX) + (double)(b >> 32) +
                 (double)(b & UINT32_MAX);
    return (sum / 4294967296.0 - 2) * 1.7320508075688772;
}

/* A fixed effect that depends on the key alone. */
static double effect(uint64_t seed, uint64_t key)
{
    uint64_t x = (seed + 1) * 0x9e3779b97f4a7c15U + key * 0xbf58476d1ce4e5b9U;
    x ^= x >> 31;
    x *= 0x94d049bb133111ebU;
    x ^= x >> 29;
    return (double)(x >> 11) / 9007199254740992.0 * 4 - 2;
}

/* Half of the units are treated, first in periods 5 … T-4 by their number. */
static int64_t event_time_of(uint64_t unit, int64_t period, int64_t n_periods)
{
    if (unit % 2 == 0 || n_periods < 9)
        return NEVER;
    return period - (5 + (int64_t)(unit / 2) % (n_periods - 8));
}

/* Different for the first 199999990 units: the modulus is a prime. */
static int64_t id_of(uint64_t unit)
{
    return (int64_t)(800000000 + unit * 73939133 % 199999991);
}

static char *put_panel_row(char *p, const job *j, np_rng *rng, size_t row)
{
    uint64_t unit = row / j->n_periods + 1, period = row % j->n_periods + 1;
    double x[5], y = effect(j->seed, unit) + 0.1 * (double)period;
    int64_t event = event_time_of(unit, (int64_t)period, (int64_t)j->n_periods);
    for (int k = 0; k < 5; k++) {
        x[k] = draw(rng) + 0.5 * effect(j->seed + 1 + (uint64_t)k, unit);
        y += 0.25 * (k + 1) * x[k];
    }
    y += (event >= 0 ? -0.5 : 0) + draw(rng);
    p = put_integer(p, j->ids ? id_of(unit) : (int64_t)unit);
    *p++ = ',';
    p = put_integer(p, (int64_t)period);
    *p++ = ',';
    p = put_number(p, y);
    for (int k = 0; k < 5; k++) {
        *p++ = ',';
        p = put_number(p, x[k]);
    }
    if (j->event_time) {
        *p++ = ',';
        p = put_integer(p, event);
    }
    if (j->n_regions > 0) {
        *p++ = ',';
        p = put_integer(p, (int64_t)(unit % j->n_regions + 1));
    }
    *p++ = '\n';
    return p;
}

/* Two in five units are never treated; the others start in 4 … T, the sooner the larger
 * their first covariate. Effects grow with time. */
static int64_t cohort_of(const job *j, uint64_t unit, double x1)
{
    double u = effect(j->seed + 9, unit) / 4 + 0.5 + 0.1 * x1;
    int64_t n_starts = (int64_t)j->n_periods - 3;
    if (u < 0.4 || n_starts < 1)
        return 0;
    int64_t start = 4 + (int64_t)((1 - u) / 0.6 * (double)n_starts);
    return start < 4 ? 4 : start;
}

static char *put_cohort_row(char *p, const job *j, np_rng *rng, size_t row)
{
    uint64_t unit = row / j->n_periods + 1, period = row % j->n_periods + 1;
    double x[3], trend = 0;
    for (int k = 0; k < 3; k++) {
        x[k] = effect(j->seed + 1 + (uint64_t)k, unit);
        trend += 0.05 * (k + 1) * x[k];
    }
    int64_t cohort = cohort_of(j, unit, x[0]);
    double since = cohort > 0 && (int64_t)period >= cohort
                       ? (double)((int64_t)period - cohort + 1)
                       : 0;
    double y =
        effect(j->seed, unit) + (0.1 + trend) * (double)period - 0.1 * since + draw(rng);
    for (int k = 0; k < 3 && j->varying; k++)
        x[k] += draw(rng);
    p = put_integer(p, j->ids ? id_of(unit) : (int64_t)unit);
    *p++ = ',';
    p = put_integer(p, (int64_t)period);
    for (int k = 0; k < 4; k++) {
        *p++ = ',';
        p = put_number(p, k == 0 ? y : x[k - 1]);
    }
    *p++ = ',';
    p = put_integer(p, cohort);
    *p++ = '\n';
    return p;
}

/* Each worker meets 21 neighbouring firms: information travels the chain slowly. */
static uint64_t chain_firm(np_rng *rng, uint64_t worker, size_t n_rows)
{
    uint64_t most = n_rows / 160 + (n_rows < 160), near = worker / 8;
    uint64_t firm = np_rng_below(rng, 21) + (near > 11 ? near - 10 : 1);
    return firm < most ? firm : most;
}

/* Three in ten workers stay in components of two firms of their own; the others
 * choose among n/40 firms, the first ones far oftener (u cubed). */
static uint64_t hub_firm(np_rng *rng, uint64_t worker, size_t n_rows)
{
    uint64_t n_large = n_rows / 40 + 1;
    if (worker % 10 < 3)
        return n_large + worker / 10 * 2 + np_rng_below(rng, 2) + 1;
    double u = np_rng_uniform(rng);
    return 1 + (uint64_t)(u * u * u * (double)n_large);
}

static char *put_worker_row(char *p, const job *j, np_rng *rng)
{
    uint64_t worker = 1 + np_rng_below(rng, j->n_rows / 20 + 1);
    uint64_t firm = j->kind == DIFFICULT ? chain_firm(rng, worker, j->n_rows)
                                         : hub_firm(rng, worker, j->n_rows);
    double x1 = draw(rng) + 0.5 * effect(j->seed + 1, worker);
    double x2 = draw(rng) + 0.5 * effect(j->seed + 2, firm);
    double y = effect(j->seed, worker) + effect(j->seed + 3, firm) + 0.5 * x1 -
               0.25 * x2 + draw(rng);
    p = put_integer(p, (int64_t)worker);
    *p++ = ',';
    p = put_integer(p, (int64_t)firm);
    for (int k = 0; k < 3; k++) {
        *p++ = ',';
        p = put_number(p, k == 0 ? y : k == 1 ? x1 : x2);
    }
    *p++ = '\n';
    return p;
}

static void make_block(void *context, size_t task, unsigned thread)
{
    (void)thread;
    job *j = context;
    size_t block = j->first_block + task;
    np_rng rng = np_rng_stream(j->seed, block);
    size_t row = block * BLOCK_ROWS, end = row + BLOCK_ROWS;
    char *p = j->text[task];
    for (end = end < j->n_rows ? end : j->n_rows; row < end; row++)
        p = j->kind == PANEL     ? put_panel_row(p, j, &rng, row)
            : j->kind == COHORTS ? put_cohort_row(p, j, &rng, row)
                                 : put_worker_row(p, j, &rng);
    j->length[task] = (size_t)(p - j->text[task]);
}

static bool write_rows(job *j)
{
    size_t n_blocks = (j->n_rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
    for (size_t k = 0; k < WAVE; k++)
        if ((j->text[k] = malloc((size_t)BLOCK_ROWS * LONGEST_ROW)) == NULL)
            return false;
    for (; j->first_block < n_blocks; j->first_block += WAVE) {
        size_t n = n_blocks - j->first_block;
        n = n < WAVE ? n : WAVE;
        np_parallel_for(n, 0, make_block, j);
        for (size_t k = 0; k < n; k++)
            if (fwrite(j->text[k], 1, j->length[k], stdout) != j->length[k])
                return false;
    }
    for (size_t k = 0; k < WAVE; k++)
        free(j->text[k]);
    return fflush(stdout) == 0;
}

static bool read_arguments(job *j, int argc, char **argv)
{
    static const char *const kinds[] = {"panel", "difficult", "cohorts", "hubs"};
    if (argc < 3)
        return false;
    for (j->kind = PANEL; strcmp(argv[1], kinds[j->kind]) != 0; j->kind++)
        if (j->kind == HUBS)
            return false;
    j->n_rows = strtoull(argv[2], NULL, 10);
    for (int i = 3; i < argc; i++) {
        bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "--event-time") == 0)
            j->event_time = true;
        else if (strcmp(argv[i], "--ids") == 0)
            j->ids = true;
        else if (strcmp(argv[i], "--varying") == 0)
            j->varying = true;
        else if (strcmp(argv[i], "--seed") == 0 && has_value)
            j->seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--periods") == 0 && has_value)
            j->n_periods = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--regions") == 0 && has_value)
            j->n_regions = strtoull(argv[++i], NULL, 10);
        else
            return false;
    }
    return j->n_rows > 0 && j->n_periods > 0;
}

int main(int argc, char **argv)
{
    job j = {.n_periods = 20, .seed = 1};
    if (!read_arguments(&j, argc, argv)) {
        fprintf(stderr, "make-panel panel|difficult|cohorts|hubs ROWS [--seed S] "
                        "[--periods T] [--event-time] [--ids] [--regions R] "
                        "[--varying]\n");
        return 2;
    }
    printf(j.kind == PANEL     ? "unit,period,y,x1,x2,x3,x4,x5"
           : j.kind == COHORTS ? "unit,period,y,x1,x2,x3,cohort"
                               : "worker,firm,y,x1,x2");
    printf("%s%s\n", j.kind == PANEL && j.event_time ? ",event_time" : "",
           j.kind == PANEL && j.n_regions > 0 ? ",region" : "");
    if (!write_rows(&j)) {
        perror("make-panel");
        return 1;
    }
    return 0;
}
