/* Size and coverage of the estimators for staggered starts under a known truth, as
 * tables in Markdown (docs/simulations.md; script/simulate).
 *
 *   simulate-coverage [--replications R] [--seed S] [--units N]... [--truth NAME]...
 *
 * Units over 8 periods: a fifth starts in period 4, a fifth in period 6, the others
 * never.
 * Outcome: unit effect, period effect and errors that follow an AR(1) with correlation
 * 0.5; the effect is
 *   none      0
 *   same      0.5 in every treated cell
 *   growing   0.4 e + 0.4 in the cohort of period 4, half of that in the other's
 * and `gaps` is `growing` with a tenth of the rows missing at random. What each
 * estimator is judged by is the average effect over the treated rows of its draw.
 * Replication r draws from stream r: the same seed gives the same table with any number
 * of threads. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "base/rng.h"
#include "simulate_procedures.h"

enum { PERIODS = 8, MOST_SIZES = 8 };

typedef enum { NONE = 0, SAME, GROWING, GAPS, N_TRUTHS } truth;
static const char *const truth_name[N_TRUTHS] = {"none", "same", "growing", "gaps"};

static double normal_draw(np_rng *rng)
{
    return sqrt(-2 * log(np_rng_uniform(rng))) *
           cos(6.283185307179586477 * np_rng_uniform(rng));
}

static int64_t start_of(size_t unit)
{
    static const int64_t start[] = {4, 0, 6, 0, 0};
    return start[unit % 5];
}

static double effect_of(truth kind, int64_t start, int64_t period)
{
    if (start == 0 || period < start || kind == NONE)
        return 0;
    if (kind == SAME)
        return 0.5;
    double growth = 0.4 * (double)(period - start) + 0.4;
    return start == 4 ? growth : growth / 2;
}

static void draw_rows(simulated *d, truth kind, size_t n_units, np_rng *rng)
{
    const double rho = 0.5, innovation = sqrt(1 - rho * rho);
    double sum = 0;
    size_t n_treated = 0;
    d->n = 0;
    for (size_t u = 0; u < n_units; u++) {
        double unit_effect = normal_draw(rng), e = normal_draw(rng);
        for (int64_t t = 1; t <= PERIODS; t++) {
            bool gone = np_rng_uniform(rng) < 0.1 && kind == GAPS;
            double effect = effect_of(kind, start_of(u), t);
            if (!gone) {
                size_t i = d->n++;
                d->unit[i] = (int64_t)u + 1;
                d->period[i] = t;
                d->start[i] = (double)start_of(u);
                d->treated[i] = start_of(u) != 0 && t >= start_of(u);
                d->y[i] = unit_effect + 0.1 * (double)t + effect + e;
                sum += d->treated[i] * effect;
                n_treated += d->treated[i] != 0;
            }
            e = rho * e + innovation * normal_draw(rng);
        }
    }
    d->truth = n_treated == 0 ? 0 : sum / (double)n_treated;
}

typedef struct {
    truth kind;
    size_t n_units, n_replications;
    uint64_t seed;
    answer *result; /* [n_replications × N_PROCEDURES] */
} scenario;

static void replicate(void *context, size_t r, unsigned thread)
{
    (void)thread;
    scenario *s = context;
    np_rng rng = np_rng_stream(s->seed, r);
    np_arena *arena = np_arena_new(0);
    simulated d;
    answer *out = &s->result[r * N_PROCEDURES];
    if (arena == NULL || !simulated_new(&d, s->n_units * PERIODS, arena)) {
        fputs("no memory left\n", stderr);
        exit(2);
    }
    draw_rows(&d, s->kind, s->n_units, &rng);
    for (size_t p = 0; p < N_PROCEDURES; p++)
        out[p] = procedure_run(p, &d, r, arena);
    np_arena_free(arena);
}

typedef struct {
    size_t n, n_refused, n_errors, n_intervals, n_tests, covered, rejected;
    double bias, error, square;
    const char *reason; /* of the first refusal */
} summary;

static summary summarise(const scenario *s, size_t p)
{
    summary m = {0};
    for (size_t r = 0; r < s->n_replications; r++) {
        const answer *a = &s->result[r * N_PROCEDURES + p];
        if (!a->given) {
            m.reason = m.n_refused++ == 0 ? a->reason : m.reason;
            continue;
        }
        double off = a->estimate - a->truth;
        m.n++;
        m.bias += off;
        m.square += off * off;
        if (a->std_error > 0) {
            m.n_errors++;
            m.error += a->std_error;
        }
        if (!isnan(a->low) && !isnan(a->high)) {
            m.n_intervals++;
            m.covered += a->low <= a->truth && a->truth <= a->high;
        }
        if (!isnan(a->p)) {
            m.n_tests++;
            m.rejected += a->p < 0.05;
        }
    }
    return m;
}

static void print_share(size_t part, size_t all)
{
    if (all == 0)
        printf(" | ");
    else
        printf(" | %.1f", 100 * (double)part / (double)all);
}

static void print_row(const summary *m, const char *name)
{
    double n = (double)m->n, bias = m->bias / n;
    printf("| %s", name);
    if (m->n == 0) {
        printf(" |  |  |  |  |  | %zu |\n", m->n_refused);
        return;
    }
    printf(" | %.3f | %.3f", bias, sqrt(fmax(0, m->square / n - bias * bias)));
    if (m->n_errors == 0)
        printf(" | ");
    else
        printf(" | %.3f", m->error / (double)m->n_errors);
    print_share(m->covered, m->n_intervals);
    print_share(m->rejected, m->n_tests);
    printf(" | %zu |\n", m->n_refused);
}

static void print_scenario(const scenario *s)
{
    printf("\n### %zu units, effect: %s\n\n", s->n_units, truth_name[s->kind]);
    puts("| Procedure | Bias | Std. deviation | Mean std. error | Coverage of 95 % "
         "intervals | Rejected at 5 % | Refused |");
    puts("|---|--:|--:|--:|--:|--:|--:|");
    for (size_t p = 0; p < N_PROCEDURES; p++) {
        summary m = summarise(s, p);
        print_row(&m, procedure_name(p));
    }
    for (size_t p = 0; p < N_PROCEDURES; p++) {
        summary m = summarise(s, p);
        if (m.n_refused > 0)
            printf("\nRefused, %s: %s.\n", procedure_name(p), m.reason);
    }
    fflush(stdout);
}

static void run(truth kind, size_t n_units, size_t n_replications, uint64_t seed)
{
    scenario s = {.kind = kind,
                  .n_units = n_units,
                  .n_replications = n_replications,
                  .seed = seed,
                  .result = calloc(n_replications * N_PROCEDURES, sizeof(answer))};
    if (s.result == NULL) {
        fputs("no memory left\n", stderr);
        exit(2);
    }
    np_parallel_for(n_replications, 0, replicate, &s);
    print_scenario(&s);
    free(s.result);
}

static size_t number_of(const char *text)
{
    char *end;
    unsigned long value = strtoul(text == NULL ? "" : text, &end, 10);
    if (text == NULL || *end != '\0' || value == 0 || value > 1000000) {
        fputs("usage: simulate-coverage [--replications R] [--seed S] [--units N]... "
              "[--truth none|same|growing|gaps]...\n",
              stderr);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    size_t n_replications = 1000, seed = 1, units[MOST_SIZES], n_sizes = 0;
    bool wanted[N_TRUTHS] = {false}, any = false;
    for (int i = 1; i < argc; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        truth kind = 0;
        if (strcmp(argv[i], "--replications") == 0)
            n_replications = number_of(value);
        else if (strcmp(argv[i], "--seed") == 0)
            seed = number_of(value);
        else if (strcmp(argv[i], "--units") == 0 && n_sizes < MOST_SIZES)
            units[n_sizes++] = number_of(value);
        else if (strcmp(argv[i], "--truth") == 0 && value != NULL) {
            while (kind < N_TRUTHS && strcmp(truth_name[kind], value) != 0)
                kind++;
            if (kind == N_TRUTHS)
                number_of(NULL);
            wanted[kind] = any = true;
        } else
            number_of(NULL);
    }
    if (n_sizes == 0) {
        static const size_t all[] = {6, 12, 30, 100, 400};
        n_sizes = sizeof all / sizeof *all;
        memcpy(units, all, sizeof all);
    }
    printf("%zu replications, seed %zu. Monte Carlo standard error of a coverage of 95 "
           "per cent: %.1f points.\n",
           n_replications, seed, 100 * sqrt(0.95 * 0.05 / (double)n_replications));
    for (truth kind = 0; kind < N_TRUTHS; kind++)
        for (size_t k = 0; k < n_sizes && (wanted[kind] || !any); k++)
            run(kind, units[k], n_replications, seed);
    return 0;
}
