#include "stats/infer/randomisation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "base/rng.h"
#include "stats/infer/randomisation_statistic.h"
#include "stats/sorted.h"

enum { DRAWS_PER_TASK = 64, DEFAULT_DRAWS = 9999 };
static const double tie = 1e-10;

/* What is permuted: elements (units or clusters) in strata, each with a start. */
typedef struct {
    np_randomised r;
    const np_randomisation_spec *spec;
    size_t n_elements, n_strata, draws;
    int32_t *element_of;  /* [N] element of each unit; -1: keeps its start */
    int32_t *member;      /* [n_elements] elements, stratum after stratum */
    size_t *first;        /* [n_strata + 1] into member */
    int32_t *label;       /* [n_elements] start of each member in the data */
    const int32_t *start; /* [N] of the data */
    double *draw, *of_d;  /* [draws] */
    /* per thread */
    double *scratch;
    int32_t *assigned, *shuffled, *by_element;
} job;

const char *np_randomised_statistic_code(np_randomised_statistic statistic)
{
    static const char *const code[] = {"two-way", "group-time", "after"};
    return code[statistic];
}

static np_status check_panel(const np_did_panel *p, np_error *err)
{
    if (p->cross_sections || !p->balanced) {
        np_fail(err, NP_E_NOT_IDENTIFIED,
                _("randomisation needs a balanced panel: each unit in each period"));
        return np_error_hint(err,
                             _("leave out the units with gaps: --unbalanced balance"));
    }
    if (!p->absorbing)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("randomisation is for units that stay treated from a start on"));
    if (p->weight != NULL)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("randomisation takes no weights: each unit counts once"));
    return NP_OK;
}

/* start [N], and the treatment d [N × T]. */
static np_status take_starts(job *j, const np_did_panel *p, np_arena *arena,
                             np_error *err)
{
    size_t N = p->n_units, T = p->n_periods;
    int32_t *start = np_arena_array(arena, int32_t, N);
    double *d = np_arena_array(arena, double, N *T);
    if (start == NULL || d == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu units"), N);
    for (size_t i = 0; i < N; i++) {
        int32_t c = p->cohort_of[i];
        start[i] = (int32_t)(c == NP_NEVER_TREATED ? T : p->cohort_start[c]);
        for (size_t t = (size_t)start[i]; t < T; t++)
            d[i * T + t] = 1;
    }
    j->start = start;
    j->r.y = p->y;
    j->r.d = d;
    j->r.N = N;
    j->r.T = T;
    return NP_OK;
}

static np_status list_starts(job *j, np_arena *arena, np_error *err)
{
    size_t T = j->r.T;
    int32_t *start = np_arena_array(arena, int32_t, T + 1);
    j->r.place = np_arena_array(arena, int32_t, T + 1);
    j->r.n_units = np_arena_array(arena, double, T + 1);
    if (start == NULL || j->r.place == NULL || j->r.n_units == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t g = 0; g <= T; g++) {
        double n = 0;
        for (size_t i = 0; i < j->r.N; i++)
            n += (size_t)j->start[i] == g ? 1 : 0;
        if (n == 0)
            continue;
        j->r.place[g] = (int32_t)j->r.n_starts;
        j->r.n_units[j->r.n_starts] = n;
        start[j->r.n_starts++] = (int32_t)g;
    }
    j->r.start = start;
    return NP_OK;
}

static np_status take_clusters(job *j, const np_did_panel *p, np_arena *arena,
                               np_error *err)
{
    size_t *first = np_arena_array(arena, size_t, p->n_clusters);
    double *size = np_arena_array(arena, double, p->n_clusters);
    if (first == NULL || size == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    j->r.cluster = p->cluster_of;
    j->r.n_clusters = p->n_clusters;
    j->r.first_unit = first;
    for (size_t i = p->n_units; i-- > 0;) {
        first[p->cluster_of[i]] = i;
        size[p->cluster_of[i]] += 1;
    }
    for (size_t c = 1; c < p->n_clusters; c++)
        j->r.sizes_are_fixed &= size[c] == size[0];
    for (size_t i = 0; i < p->n_units; i++)
        if (j->start[i] != j->start[first[p->cluster_of[i]]])
            return np_fail(err, NP_E_NOT_IDENTIFIED,
                           _("cluster %s has units with different starts: it was not "
                             "assigned as a whole"),
                           np_did_cluster_label(p, (size_t)p->cluster_of[i], arena));
    return NP_OK;
}

/* An element's unit, by which its start and stratum are known. */
static size_t unit_of(const job *j, size_t element)
{
    return j->r.cluster == NULL ? element : j->r.first_unit[element];
}

static bool is_permuted(const job *j, size_t element)
{
    return j->spec->permute == NP_PERMUTE_UNITS ||
           (size_t)j->start[unit_of(j, element)] < j->r.T;
}

static int32_t stratum_of(const job *j, size_t element)
{
    return j->spec->stratum == NULL ? 0 : j->spec->stratum[unit_of(j, element)];
}

static np_status take_strata(job *j, np_arena *arena, np_error *err)
{
    size_t all = j->r.cluster == NULL ? j->r.N : j->r.n_clusters;
    int32_t n = 0;
    for (size_t e = 0; e < all; e++)
        n = stratum_of(j, e) + 1 > n ? stratum_of(j, e) + 1 : n;
    for (size_t i = 0; i < j->r.N && j->r.cluster != NULL && j->spec->stratum != NULL;
         i++)
        if (j->spec->stratum[i] != j->spec->stratum[j->r.first_unit[j->r.cluster[i]]])
            return np_fail(err, NP_E_NOT_IDENTIFIED,
                           _("a cluster lies in two strata: it was not assigned within "
                             "one"));
    j->n_strata = (size_t)n;
    j->first = np_arena_array(arena, size_t, j->n_strata + 1);
    j->member = np_arena_array(arena, int32_t, all);
    j->label = np_arena_array(arena, int32_t, all);
    j->element_of = np_arena_array(arena, int32_t, j->r.N);
    if (j->first == NULL || j->member == NULL || j->label == NULL ||
        j->element_of == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (int32_t s = 0; s < n; s++) {
        for (size_t e = 0; e < all; e++)
            if (stratum_of(j, e) == s && is_permuted(j, e)) {
                j->member[j->n_elements] = (int32_t)e;
                j->label[j->n_elements++] = j->start[unit_of(j, e)];
            }
        j->first[s + 1] = j->n_elements;
    }
    for (size_t i = 0; i < j->r.N; i++) {
        size_t e = j->r.cluster == NULL ? i : (size_t)j->r.cluster[i];
        j->element_of[i] = is_permuted(j, e) ? (int32_t)e : -1;
    }
    return NP_OK;
}

/* Distinct assignments: the product over strata of n! / prod n_g!. */
static double count_assignments(const job *j)
{
    double log_count = 0, count = 1;
    for (size_t s = 0; s < j->n_strata; s++) {
        size_t n = j->first[s + 1] - j->first[s];
        double own = 1, log_own = lgamma((double)n + 1), placed = 0;
        for (size_t g = 0; g < j->r.n_starts; g++) {
            double n_g = 0;
            for (size_t m = j->first[s]; m < j->first[s + 1]; m++)
                n_g += j->label[m] == j->r.start[g] ? 1 : 0;
            log_own -= lgamma(n_g + 1);
            for (double k = 1; k <= n_g; k++)
                own = own * ++placed / k;
        }
        log_count += log_own;
        count *= round(own);
    }
    return log_count < 600 ? count : INFINITY;
}

static void value_at(const job *j, size_t r, const int32_t *shuffled, unsigned thread)
{
    size_t all = j->r.cluster == NULL ? j->r.N : j->r.n_clusters;
    int32_t *by_element = j->by_element + thread * all;
    int32_t *start = j->assigned + thread * j->r.N;
    for (size_t m = 0; m < j->n_elements; m++)
        by_element[j->member[m]] = shuffled[m];
    for (size_t i = 0; i < j->r.N; i++)
        start[i] = j->element_of[i] < 0 ? j->start[i] : by_element[j->element_of[i]];
    np_randomised_value v = np_randomised_at(
        &j->r, start, j->scratch + thread * np_randomised_scratch(&j->r));
    j->draw[r] = j->spec->studentised ? v.of_y / v.std_error : v.of_y;
    /* The interval is of the statistic that is not studentised. */
    j->of_d[2 * r] = v.of_y;
    j->of_d[2 * r + 1] = v.of_d;
}

static void task(void *context, size_t number, unsigned thread)
{
    const job *j = context;
    int32_t *shuffled = j->shuffled + thread * j->n_elements;
    size_t first = number * DRAWS_PER_TASK;
    for (size_t r = first; r < first + DRAWS_PER_TASK && r < j->draws; r++) {
        np_rng rng = np_rng_stream(j->spec->seed, r);
        memcpy(shuffled, j->label, j->n_elements * sizeof *shuffled);
        for (size_t s = 0; s < j->n_strata; s++)
            np_rng_shuffle(&rng, shuffled + j->first[s], j->first[s + 1] - j->first[s]);
        value_at(j, r, shuffled, thread);
    }
}

static int ascending_label(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* The next arrangement of x [n] in lexicographic order; false after the last, when x is
 * back at the first. */
static bool next_arrangement(int32_t *x, size_t n)
{
    size_t i = n < 2 ? 0 : n - 1;
    while (i > 0 && x[i - 1] >= x[i])
        i--;
    bool more = i > 0;
    if (more) {
        size_t k = n - 1;
        while (x[k] <= x[i - 1])
            k--;
        int32_t keep = x[k];
        x[k] = x[i - 1];
        x[i - 1] = keep;
    }
    for (size_t a = i, b = n; a + 1 < b; a++) {
        int32_t keep = x[--b];
        x[b] = x[a];
        x[a] = keep;
    }
    return more;
}

static void enumerate(job *j)
{
    int32_t *x = j->shuffled;
    memcpy(x, j->label, j->n_elements * sizeof *x);
    for (size_t s = 0; s < j->n_strata; s++)
        qsort(x + j->first[s], j->first[s + 1] - j->first[s], sizeof *x, ascending_label);
    for (size_t r = 0; r < j->draws; r++) {
        value_at(j, r, x, 0);
        for (size_t s = 0; s < j->n_strata; s++)
            if (next_arrangement(x + j->first[s], j->first[s + 1] - j->first[s]))
                break;
    }
}

static np_status draw_all(job *j, bool enumerated, np_arena *arena, np_error *err)
{
    size_t n = np_parallel_threads(j->spec->n_threads);
    size_t all = j->r.cluster == NULL ? j->r.N : j->r.n_clusters;
    np_arena_mark mark = np_arena_set_mark(arena);
    j->scratch = np_arena_array(arena, double, n *np_randomised_scratch(&j->r));
    j->assigned = np_arena_array(arena, int32_t, n * j->r.N);
    j->shuffled = np_arena_array(arena, int32_t, n * j->n_elements);
    j->by_element = np_arena_array(arena, int32_t, n * all);
    if (j->scratch == NULL || j->assigned == NULL || j->shuffled == NULL ||
        j->by_element == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (enumerated)
        enumerate(j);
    else
        np_parallel_for((j->draws + DRAWS_PER_TASK - 1) / DRAWS_PER_TASK,
                        j->spec->n_threads, task, j);
    np_arena_release(arena, mark);
    return NP_OK;
}

static double distance(double statistic, np_side side)
{
    return side == NP_GREATER ? statistic
           : side == NP_LESS  ? -statistic
                              : fabs(statistic);
}

static void count_reached(np_randomisation *out, const job *j)
{
    double own = distance(out->statistic, j->spec->side);
    double enough = own - tie * fabs(own);
    for (size_t r = 0; r < j->draws; r++) {
        out->n_undefined += isnan(j->draw[r]) ? 1 : 0;
        out->n_reached += distance(j->draw[r], j->spec->side) < enough ? 0 : 1;
    }
    out->p_value = out->enumerated
                       ? (double)out->n_reached / (double)j->draws
                       : (1 + (double)out->n_reached) / (1 + (double)j->draws);
}

/* Bounds of one side, ascending, as distances from the estimate. The set is where more
 * than a share `level` of the draws reach; those that always do have distance Inf. */
static double bound(double *far, size_t draws, bool enumerated, double level)
{
    np_sort_numbers(far, draws);
    double own = enumerated ? 0 : 1;
    /* The fewest draws beyond a value that is still in the set. */
    double needed = floor(level * ((double)draws + own) + 1e-9) - own + 1;
    if (needed <= 0)
        return INFINITY;
    return needed > (double)draws ? NAN : far[draws - (size_t)needed];
}

static np_status interval(np_randomisation *out, const job *j, np_arena *arena,
                          np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    double *low = np_arena_array(arena, double, j->draws);
    double *high = np_arena_array(arena, double, j->draws);
    double b = out->estimate, level = 1 - out->conf_level;
    if (low == NULL || high == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t r = 0; r < j->draws; r++) {
        double y = j->of_d[2 * r], d = j->of_d[2 * r + 1];
        bool always = !(fabs(d) < 1 - tie);
        double one = (b - y) / (1 - d), two = (b + y) / (1 + d);
        high[r] = always ? INFINITY : fmax(fmax(one, two) - b, 0);
        low[r] = always ? INFINITY : fmax(b - fmin(one, two), 0);
    }
    out->conf_high = b + bound(high, j->draws, out->enumerated, level);
    out->conf_low = b - bound(low, j->draws, out->enumerated, level);
    np_arena_release(arena, mark);
    return NP_OK;
}

static np_status prepare(job *j, const np_did_panel *panel, np_arena *arena,
                         np_error *err)
{
    j->r.spec = j->spec;
    j->r.sizes_are_fixed = true;
    np_status status = check_panel(panel, err);
    if (status == NP_OK)
        status = take_starts(j, panel, arena, err);
    if (status == NP_OK)
        status = list_starts(j, arena, err);
    if (status == NP_OK && j->spec->by_cluster && panel->cluster_of != NULL)
        status = take_clusters(j, panel, arena, err);
    if (status == NP_OK)
        status = take_strata(j, arena, err);
    return status == NP_OK ? np_randomised_prepare(&j->r, arena, err) : status;
}

/* The statistic of the data, which is the first that must be defined. */
static np_status of_data(np_randomisation *out, const job *j, np_arena *arena,
                         np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    double *scratch = np_arena_array(arena, double, np_randomised_scratch(&j->r));
    if (scratch == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_randomised_value v = np_randomised_at(&j->r, j->start, scratch);
    np_arena_release(arena, mark);
    if (isnan(v.of_y))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("nobody changes from untreated to treated while others do not"));
    if (j->spec->studentised && !(v.std_error > 0 && isfinite(v.std_error)))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("a cohort of one unit has no standard error: the statistic "
                         "cannot be studentised"));
    out->estimate = v.of_y;
    out->std_error = j->spec->studentised ? v.std_error : NAN;
    out->statistic = j->spec->studentised ? v.of_y / v.std_error : v.of_y;
    return NP_OK;
}

np_status np_randomisation_estimate(np_randomisation *out, const np_did_panel *panel,
                                    const np_randomisation_spec *spec, np_arena *arena,
                                    np_error *err)
{
    job j = {.spec = spec};
    np_randomisation result = {.conf_level =
                                   spec->conf_level > 0 ? spec->conf_level : 0.95,
                               .conf_low = NAN,
                               .conf_high = NAN};
    np_status status = prepare(&j, panel, arena, err);
    if (status == NP_OK)
        status = of_data(&result, &j, arena, err);
    if (status != NP_OK)
        return status;
    size_t draws = spec->draws > 0 ? spec->draws : DEFAULT_DRAWS;
    result.n_assignments = count_assignments(&j);
    result.enumerated = result.n_assignments <= (double)draws;
    if (result.n_assignments < 2)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("there is a single assignment: nothing can be permuted"));
    j.draws = result.enumerated ? (size_t)result.n_assignments : draws;
    j.draw = np_arena_array(arena, double, j.draws);
    j.of_d = np_arena_array(arena, double, 2 * j.draws);
    if (j.draw == NULL || j.of_d == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu draws"), j.draws);
    status = draw_all(&j, result.enumerated, arena, err);
    if (status == NP_OK)
        count_reached(&result, &j);
    if (status == NP_OK && spec->side == NP_TWO_SIDED)
        status = interval(&result, &j, arena, err);
    if (status != NP_OK)
        return status;
    result.draws = j.draws;
    result.draw = j.draw;
    result.n_units = panel->n_units;
    result.n_treated = panel->n_units - panel->n_never;
    result.n_assigned = j.r.cluster == NULL ? panel->n_units : panel->n_clusters;
    *out = result;
    return NP_OK;
}
