#include "stats/vcov_meat.h"

#include <math.h>
#include <string.h>

#include "base/map.h"
#include "base/parallel.h"

/* Rows per block: a block's scores stay in the cache. */
enum { BLOCK = 2048 };

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for a covariance matrix"));
}

static size_t blocks_of(size_t n)
{
    return (n + BLOCK - 1) / BLOCK;
}

/* What a thread needs to ask for a block of rows. */
typedef struct {
    const np_fit *fit;
    const double *factor; /* [n] or NULL */
    const double *bread;
    double *room;    /* per thread: BLOCK × (k + 2) */
    double *partial; /* [n_blocks][k × k] */
    double *leverage;
} row_work;

static double *thread_room(const row_work *w, unsigned thread, double **score,
                           double **weight)
{
    double *x = w->room + (size_t)thread * BLOCK * (w->fit->k + 2);
    *score = x + BLOCK * w->fit->k;
    *weight = *score + BLOCK;
    return x;
}

static double *take_room(const np_fit *fit, np_arena *arena)
{
    return np_arena_array(arena, double,
                          (size_t)np_parallel_threads(fit->n_threads) * BLOCK *
                              (fit->k + 2));
}

/* sum [k × k] += c x x', upper half */
static void add_square(double *sum, const double *x, double c, size_t k)
{
    for (size_t a = 0; a < k; a++) {
        double v = c * x[a];
        for (size_t b = a; b < k; b++)
            sum[a * k + b] += v * x[b];
    }
}

static void mirror(double *A, size_t k)
{
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < a; b++)
            A[a * k + b] = A[b * k + a];
}

static void rows_task(void *context, size_t task, unsigned thread)
{
    const row_work *w = context;
    const size_t k = w->fit->k, first = task * BLOCK;
    size_t count = w->fit->n - first < BLOCK ? w->fit->n - first : BLOCK;
    double *score, *weight, *x = thread_room(w, thread, &score, &weight);
    double *sum = w->partial + task * k * k;
    w->fit->rows(w->fit, first, count, x, score, weight);
    for (size_t i = 0; i < count; i++) {
        double c = score[i] * score[i];
        if (w->factor != NULL)
            c *= w->factor[first + i];
        if (w->fit->frequency)
            c /= weight[i];
        add_square(sum, x + i * k, c, k);
    }
}

np_status np_meat_rows(double *meat, const np_fit *fit, const double *factor,
                       np_arena *arena, np_error *err)
{
    const size_t k = fit->k, n_blocks = blocks_of(fit->n);
    np_arena_mark mark = np_arena_set_mark(arena);
    row_work w = {.fit = fit, .factor = factor};
    w.room = take_room(fit, arena);
    w.partial = np_arena_array(arena, double, n_blocks *k *k);
    if (w.room == NULL || w.partial == NULL)
        return no_memory(err);
    np_parallel_for(n_blocks, fit->n_threads, rows_task, &w);
    memset(meat, 0, k * k * sizeof *meat);
    for (size_t b = 0; b < n_blocks; b++)
        for (size_t i = 0; i < k * k; i++)
            meat[i] += w.partial[b * k * k + i];
    mirror(meat, k);
    np_arena_release(arena, mark);
    return NP_OK;
}

static void leverage_task(void *context, size_t task, unsigned thread)
{
    const row_work *w = context;
    const size_t k = w->fit->k, first = task * BLOCK;
    size_t count = w->fit->n - first < BLOCK ? w->fit->n - first : BLOCK;
    double *score, *weight, *x = thread_room(w, thread, &score, &weight);
    w->fit->rows(w->fit, first, count, x, score, weight);
    for (size_t i = 0; i < count; i++) {
        const double *xi = x + i * k;
        double form = 0;
        for (size_t a = 0; a < k; a++) {
            double row = 0;
            for (size_t b = 0; b < k; b++)
                row += w->bread[a * k + b] * xi[b];
            form += row * xi[a];
        }
        w->leverage[first + i] += w->fit->frequency ? form : weight[i] * form;
    }
}

np_status np_meat_leverages(const double **h, const np_fit *fit, np_arena *arena,
                            np_error *err)
{
    if (fit->leverage != NULL) {
        *h = fit->leverage;
        return NP_OK;
    }
    row_work w = {.fit = fit, .bread = fit->bread};
    w.leverage = np_arena_array(arena, double, fit->n);
    w.room = take_room(fit, arena);
    if (w.leverage == NULL || w.room == NULL)
        return no_memory(err);
    if (fit->absorbed_leverage != NULL) {
        np_status status = fit->absorbed_leverage(fit, w.leverage, arena, err);
        if (status != NP_OK)
            return status;
    }
    np_parallel_for(blocks_of(fit->n), fit->n_threads, leverage_task, &w);
    *h = w.leverage;
    return NP_OK;
}

/* Sums of scores by group: a wave of blocks is asked for in parallel, then added
 * column by column, each column by one thread in the order of the rows. */
enum { WAVE = 32 };

typedef struct {
    const np_fit *fit;
    const int32_t *code;
    double *x, *score, *weight; /* [WAVE × BLOCK] rows */
    size_t first, count;        /* of this wave */
    double *sum;                /* [k] columns [n_groups] */
    size_t n_groups;
} wave_work;

static void wave_rows(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const wave_work *w = context;
    size_t at = task * BLOCK, left = w->count - at;
    w->fit->rows(w->fit, w->first + at, left < BLOCK ? left : BLOCK,
                 w->x + at * w->fit->k, w->score + at, w->weight + at);
}

static void wave_add(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const wave_work *w = context;
    const size_t k = w->fit->k;
    double *sum = w->sum + task * w->n_groups;
    const int32_t *code = w->code + w->first;
    for (size_t i = 0; i < w->count; i++)
        sum[code[i]] += w->x[i * k + task] * w->score[i];
}

np_status np_meat_group_sums(double **sum, const np_fit *fit, const np_groups *groups,
                             np_arena *arena, np_error *err)
{
    const size_t k = fit->k;
    wave_work w = {.fit = fit, .code = groups->code, .n_groups = groups->n_groups};
    w.sum = np_arena_array(arena, double, k * groups->n_groups);
    w.x = np_arena_array(arena, double, (size_t)WAVE *BLOCK *k);
    w.score = np_arena_array(arena, double, (size_t)WAVE *BLOCK);
    w.weight = np_arena_array(arena, double, (size_t)WAVE *BLOCK);
    if (w.sum == NULL || w.x == NULL || w.score == NULL || w.weight == NULL)
        return no_memory(err);
    for (w.first = 0; w.first < fit->n; w.first += (size_t)WAVE * BLOCK) {
        size_t left = fit->n - w.first;
        w.count = left < (size_t)WAVE * BLOCK ? left : (size_t)WAVE * BLOCK;
        np_parallel_for(blocks_of(w.count), fit->n_threads, wave_rows, &w);
        np_parallel_for(k, fit->n_threads, wave_add, &w);
    }
    *sum = w.sum;
    return NP_OK;
}

np_status np_meat_clusters(double *meat, const np_fit *fit, const np_groups *groups,
                           np_arena *arena, np_error *err)
{
    const size_t k = fit->k, G = groups->n_groups;
    if (fit->cluster_meat != NULL) {
        np_status status = fit->cluster_meat(fit, groups, meat, arena, err);
        if (status != NP_E_LIMIT)
            return status;
    }
    np_arena_mark mark = np_arena_set_mark(arena);
    double *sum = NULL;
    np_status status = np_meat_group_sums(&sum, fit, groups, arena, err);
    if (status != NP_OK)
        return status;
    for (size_t a = 0; a < k; a++)
        for (size_t b = a; b < k; b++) {
            double product = 0;
            for (size_t g = 0; g < G; g++)
                product += sum[a * G + g] * sum[b * G + g];
            meat[a * k + b] = product;
        }
    mirror(meat, k);
    np_arena_release(arena, mark);
    return NP_OK;
}

np_status np_meat_periods(double *meat, const np_fit *fit, const np_groups *time,
                          size_t lag, np_arena *arena, np_error *err)
{
    const size_t k = fit->k, T = time->n_groups;
    np_arena_mark mark = np_arena_set_mark(arena);
    double *sum = NULL;
    np_status status = np_meat_group_sums(&sum, fit, time, arena, err);
    if (status != NP_OK)
        return status;
    memset(meat, 0, k * k * sizeof *meat);
    for (size_t l = 0; l <= lag && l < T; l++) {
        double weight = 1 - (double)l / (double)(lag + 1);
        for (size_t a = 0; a < k; a++)
            for (size_t b = 0; b < k; b++) {
                double product = 0;
                for (size_t t = l; t < T; t++)
                    product += sum[a * T + t] * sum[b * T + t - l];
                meat[a * k + b] += weight * product;
                if (l > 0)
                    meat[b * k + a] += weight * product;
            }
    }
    np_arena_release(arena, mark);
    return NP_OK;
}

/* order[n]: the rows by unit and then time, by two stable counting sorts. */
static np_status panel_order(uint32_t **order, const np_groups *unit,
                             const np_groups *time, np_arena *arena, np_error *err)
{
    const size_t n = time->n;
    size_t most = time->n_groups;
    if (unit != NULL && unit->n_groups > most)
        most = unit->n_groups;
    uint32_t *by_time = np_arena_array(arena, uint32_t, n);
    uint32_t *result = np_arena_array(arena, uint32_t, n);
    size_t *start = np_arena_array(arena, size_t, most + 1);
    if (by_time == NULL || result == NULL || start == NULL)
        return no_memory(err);
    for (size_t i = 0; i < n; i++)
        start[time->code[i] + 1]++;
    for (size_t t = 0; t < time->n_groups; t++)
        start[t + 1] += start[t];
    for (size_t i = 0; i < n; i++)
        by_time[start[time->code[i]]++] = (uint32_t)i;
    *order = by_time;
    if (unit == NULL)
        return NP_OK;
    memset(start, 0, (most + 1) * sizeof *start);
    for (size_t i = 0; i < n; i++)
        start[unit->code[i] + 1]++;
    for (size_t u = 0; u < unit->n_groups; u++)
        start[u + 1] += start[u];
    for (size_t i = 0; i < n; i++)
        result[start[unit->code[by_time[i]]]++] = by_time[i];
    *order = result;
    return NP_OK;
}

/* All scores [n × k], in the rows' order. */
static np_status all_scores(double **scores, const np_fit *fit, np_arena *arena,
                            np_error *err)
{
    const size_t k = fit->k;
    double *u = np_arena_array(arena, double, fit->n *k);
    double *score = np_arena_array(arena, double, 2 * BLOCK);
    if (u == NULL || score == NULL)
        return no_memory(err);
    for (size_t first = 0; first < fit->n; first += BLOCK) {
        size_t count = fit->n - first < BLOCK ? fit->n - first : BLOCK;
        fit->rows(fit, first, count, u + first * k, score, score + BLOCK);
        for (size_t i = 0; i < count; i++)
            for (size_t a = 0; a < k; a++)
                u[(first + i) * k + a] *= score[i];
    }
    *scores = u;
    return NP_OK;
}

np_status np_meat_newey_west(double *meat, const np_fit *fit, const np_groups *unit,
                             const np_groups *time, size_t lag, np_arena *arena,
                             np_error *err)
{
    const size_t k = fit->k, n = fit->n;
    np_arena_mark mark = np_arena_set_mark(arena);
    uint32_t *order = NULL;
    double *u = NULL;
    np_status status = panel_order(&order, unit, time, arena, err);
    if (status == NP_OK)
        status = all_scores(&u, fit, arena, err);
    if (status != NP_OK)
        return status;
    memset(meat, 0, k * k * sizeof *meat);
    for (size_t i = 0; i < n; i++) {
        size_t row = order[i];
        for (size_t j = i + 1; j-- > 0;) {
            size_t other = order[j];
            if (unit != NULL && unit->code[other] != unit->code[row])
                break;
            size_t l = (size_t)(time->code[row] - time->code[other]);
            if (l > lag)
                break;
            if (l == 0 && j != i)
                return np_fail(err, NP_E_NOT_IDENTIFIED,
                               unit != NULL
                                   ? _("Newey-West: a unit stands twice in a period")
                                   : _("Newey-West: a period stands twice; name the unit "
                                       "as well: NW ~ unit + time"));
            double weight = 1 - (double)l / (double)(lag + 1);
            for (size_t a = 0; a < k; a++)
                for (size_t b = 0; b < k; b++) {
                    double product = weight * u[row * k + a] * u[other * k + b];
                    meat[a * k + b] += product;
                    if (l > 0)
                        meat[b * k + a] += product;
                }
        }
    }
    np_arena_release(arena, mark);
    return NP_OK;
}

/* Where the pairs are not many more than the rows, a table of them; else a map. */
static np_status number_pairs(int32_t *code, size_t *n_groups, const np_groups *a,
                              const np_groups *b, np_arena *arena, np_error *err)
{
    size_t n_pairs = a->n_groups * b->n_groups;
    np_arena_mark mark = np_arena_set_mark(arena);
    *n_groups = 0;
    if (n_pairs / 4 <= a->n) {
        int32_t *number = np_arena_array(arena, int32_t, n_pairs);
        if (number == NULL)
            return no_memory(err);
        for (size_t i = 0; i < a->n; i++) {
            size_t pair = (size_t)a->code[i] * b->n_groups + (size_t)b->code[i];
            if (number[pair] == 0)
                number[pair] = (int32_t)++ * n_groups;
            code[i] = number[pair] - 1;
        }
    } else {
        np_integer_map *map = np_integer_map_new(arena);
        for (size_t i = 0; i < a->n; i++) {
            int64_t pair = (int64_t)a->code[i] * (int64_t)b->n_groups + b->code[i];
            code[i] = map == NULL ? -1 : np_integer_map_add(map, pair);
            if (code[i] < 0)
                return no_memory(err);
        }
        *n_groups = np_integer_map_size(map);
    }
    np_arena_release(arena, mark);
    return NP_OK;
}

np_status np_groups_cross(np_groups *out, const np_groups *a, const np_groups *b,
                          np_arena *arena, np_error *err)
{
    int32_t *code = np_arena_array(arena, int32_t, a->n);
    size_t n_groups = 0;
    if (code == NULL)
        return no_memory(err);
    np_status status = number_pairs(code, &n_groups, a, b, arena, err);
    if (status == NP_OK)
        *out = (np_groups){.code = code, .n = a->n, .n_groups = n_groups};
    return status;
}
