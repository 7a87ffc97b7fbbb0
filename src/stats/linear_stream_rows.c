#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "stats/linear_stream.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the residuals"));
}

static double weight_of(const np_stream *s, size_t row)
{
    return s->weight == NULL ? 1 : s->weight[row];
}

/* r = y - offset - x b - F φ, before the group's mean is taken out. */
static double raw_residual(const np_stream *s, size_t row)
{
    double r = s->y[row];
    if (s->offset != NULL)
        r -= s->offset[row];
    for (size_t a = 0; a < s->n_dense; a++)
        r -= s->slope[a] * s->dense[a][row];
    for (size_t a = 0; a < s->n_parts; a++) {
        const np_stream_part *part = &s->part[a];
        int32_t code = part->code[row];
        if (code >= 0)
            r -= s->level[part->first + (size_t)code] *
                 (part->value == NULL ? 1 : part->value[row]);
    }
    return r;
}

/* The residuals of the groups in the room. */
static void fill_residuals(const np_stream *s, np_stream_room *room)
{
    const size_t first = s->start[room->first], count = room->count;
    double *e = room->residual;
    memcpy(e, room->value + s->n_dense * room->capacity, count * sizeof *e);
    for (size_t a = 0; a < s->n_dense; a++) {
        const double *x = room->value + a * room->capacity, b = s->slope[a];
        for (size_t i = 0; i < count && b != 0; i++)
            e[i] -= b * x[i];
    }
    for (size_t a = 0; a < s->n_parts; a++) {
        const np_stream_part *part = &s->part[a];
        const double *level = s->level + part->first;
        for (size_t i = 0; i < count; i++) {
            size_t row = np_stream_row(s, first + i);
            int32_t code = part->code[row];
            if (code >= 0)
                e[i] -= level[code] * (part->value == NULL ? 1 : part->value[row]);
        }
    }
    for (size_t g = room->first; g < room->last; g++) {
        size_t from = s->start[g] - first, end = s->start[g + 1] - first;
        double sum = 0, total = 0;
        for (size_t i = from; i < end; i++) {
            double w = room->weight == NULL ? 1 : room->weight[i];
            sum += w * e[i];
            total += w;
        }
        for (size_t i = from; i < end; i++)
            e[i] -= sum / total;
    }
}

typedef struct {
    const np_stream *s;
    np_stream_room *room;
    np_stream_errors *partial; /* [n_tasks] */
    double *residual;          /* [n] or NULL */
    double *meat;              /* [n_tasks][k × k] */
    double *score;             /* [threads][k] */
} pass;

static void add_errors(const pass *p, np_stream_room *room, np_stream_errors *out)
{
    const np_stream *s = p->s;
    const size_t first = s->start[room->first];
    double *e = room->residual, *y = room->value + s->n_dense * room->capacity;
    for (size_t i = 0; i < room->count; i++) {
        size_t row = np_stream_row(s, first + i);
        double w = weight_of(s, row), own = s->y[row] - s->y[0], fitted = own - e[i];
        out->rss += w * e[i] * e[i];
        out->squared_error += e[i] * e[i];
        out->sum_y += own;
        out->sum_f += fitted;
        out->yy += own * own;
        out->ff += fitted * fitted;
        out->yf += own * fitted;
        if (p->residual != NULL)
            p->residual[row] = e[i];
        y[i] = w * e[i]; /* y is no longer needed */
    }
    for (size_t j = 0; j < s->k; j++)
        if (s->dense_of[j] != SIZE_MAX)
            out->gradient[s->q + j] += np_linear_product(
                room->value + s->dense_of[j] * room->capacity, y, NULL, room->count);
    double *sparse = out->gradient + s->q + s->k;
    for (size_t a = 0; a < s->n_parts; a++) {
        const np_stream_part *part = &s->part[a];
        for (size_t i = 0; i < room->count; i++) {
            size_t row = np_stream_row(s, first + i);
            int32_t code = part->code[row];
            if (code >= 0)
                sparse[part->first + (size_t)code] +=
                    y[i] * (part->value == NULL ? 1 : part->value[row]);
        }
    }
}

/* Regressors far from 0 would multiply the rounding of the residuals' group sums:
 * their means are taken out for the gradient. */
static void centre_dense(const np_stream *s, np_stream_room *room)
{
    const size_t first = s->start[room->first];
    for (size_t a = 0; a < s->n_dense; a++)
        for (size_t g = room->first; g < room->last; g++) {
            double *x = room->value + a * room->capacity + (s->start[g] - first), sum = 0;
            size_t count = s->start[g + 1] - s->start[g];
            for (size_t i = 0; i < count; i++)
                sum += x[i];
            for (size_t i = 0; i < count; i++)
                x[i] -= sum / (double)count;
        }
}

static void errors_task(void *context, size_t task, unsigned thread)
{
    const pass *p = context;
    const np_stream *s = p->s;
    np_stream_room *room = &p->room[thread];
    for (size_t g = s->task_start[task]; g < s->task_start[task + 1];) {
        g = np_stream_take(room, s, g, s->task_start[task + 1]);
        fill_residuals(s, room);
        centre_dense(s, room);
        add_errors(p, room, &p->partial[task]);
    }
}

np_status np_stream_residuals(np_stream_errors *out, const np_stream *s, double *residual,
                              np_arena *arena, np_error *err)
{
    /* [F C] as A has them, and behind them the sparse columns as the passes do */
    const size_t length = s->q + s->k + s->n_sparse;
    np_stream_errors sum = {.gradient = np_arena_array(arena, double, length)};
    if (sum.gradient == NULL)
        return no_memory(err);
    np_arena_mark mark = np_arena_set_mark(arena);
    pass p = {.s = s, .residual = residual, .room = np_stream_rooms(s, arena)};
    p.partial = np_arena_array(arena, np_stream_errors, s->n_tasks);
    if (p.room == NULL || p.partial == NULL)
        return no_memory(err);
    for (size_t t = 0; t < s->n_tasks; t++) {
        p.partial[t].gradient = np_arena_array(arena, double, length);
        if (p.partial[t].gradient == NULL)
            return no_memory(err);
    }
    np_parallel_for(s->n_tasks, s->n_threads, errors_task, &p);
    for (size_t t = 0; t < s->n_tasks; t++) {
        const np_stream_errors *part = &p.partial[t];
        for (size_t i = 0; i < length; i++)
            sum.gradient[i] += part->gradient[i];
        sum.rss += part->rss;
        sum.squared_error += part->squared_error;
        sum.sum_y += part->sum_y;
        sum.sum_f += part->sum_f;
        sum.yy += part->yy;
        sum.ff += part->ff;
        sum.yf += part->yf;
    }
    const double *sparse = sum.gradient + s->q + s->k;
    memcpy(sum.gradient, sparse, s->q * sizeof *sparse);
    for (size_t j = 0; j < s->k; j++)
        if (s->dense_of[j] == SIZE_MAX)
            sum.gradient[s->q + j] = sparse[s->sparse_of[j]];
    np_arena_release(arena, mark);
    *out = sum;
    return NP_OK;
}

/* score [n_kept] += x we for the sparse columns of a row. */
static void add_sparse_score(double *score, const np_stream *s, size_t row, double we)
{
    for (size_t a = 0; a < s->n_parts; a++) {
        const np_stream_part *part = &s->part[a];
        int32_t code = part->code[row];
        if (code < 0)
            continue;
        size_t column = part->first + (size_t)code;
        double v = part->value == NULL ? we : we * part->value[row];
        if (column >= s->q) {
            if (s->position[column] >= 0)
                score[s->position[column]] += v;
            continue;
        }
        const double *gamma = s->gamma + column * s->n_kept;
        for (size_t j = 0; j < s->n_kept; j++)
            score[j] -= gamma[j] * v;
    }
}

/* The scores of one group: Σ w x̃ e = Σ w v e, since Σ w e = 0 in the group. */
static void group_score(double *score, const np_stream *s, const np_stream_room *room,
                        size_t from, size_t count, const double *weighted)
{
    const size_t at = s->start[room->first] + from;
    memset(score, 0, s->n_kept * sizeof *score);
    for (size_t j = 0; j < s->n_kept; j++) {
        size_t dense = s->dense_of[s->kept[j]];
        if (dense == SIZE_MAX)
            continue;
        const double *x = room->value + dense * room->capacity + from;
        double sum = 0;
        for (size_t i = 0; i < count; i++)
            sum += x[i] * weighted[i];
        score[j] = sum;
    }
    if (s->n_parts > 0)
        for (size_t i = 0; i < count; i++)
            add_sparse_score(score, s, np_stream_row(s, at + i), weighted[i]);
}

static void meat_task(void *context, size_t task, unsigned thread)
{
    const pass *p = context;
    const np_stream *s = p->s;
    const size_t k = s->n_kept;
    np_stream_room *room = &p->room[thread];
    double *score = p->score + thread * k, *meat = p->meat + task * k * k;
    for (size_t g = s->task_start[task]; g < s->task_start[task + 1];) {
        g = np_stream_take(room, s, g, s->task_start[task + 1]);
        fill_residuals(s, room);
        size_t first = s->start[room->first];
        if (room->weight != NULL)
            for (size_t i = 0; i < room->count; i++)
                room->residual[i] *= room->weight[i];
        for (size_t u = room->first; u < room->last; u++) {
            size_t from = s->start[u] - first, count = s->start[u + 1] - s->start[u];
            group_score(score, s, room, from, count, room->residual + from);
            for (size_t a = 0; a < k; a++)
                for (size_t b = a; b < k; b++)
                    meat[a * k + b] += score[a] * score[b];
        }
    }
}

static bool same_groups(const np_stream *s, const np_groups *g)
{
    return g->n == s->n && g->n_groups == s->n_groups &&
           (g->code == s->swept->code ||
            memcmp(g->code, s->swept->code, s->n * sizeof *g->code) == 0);
}

np_status np_stream_cluster_meat(const np_fit *fit, const np_groups *clusters,
                                 double *meat, np_arena *arena, np_error *err)
{
    const np_stream *s = fit->rows_context;
    const size_t k = s->n_kept;
    if (!same_groups(s, clusters))
        return NP_E_LIMIT;
    np_arena_mark mark = np_arena_set_mark(arena);
    pass p = {.s = s, .room = np_stream_rooms(s, arena)};
    p.meat = np_arena_array(arena, double, s->n_tasks *k *k);
    p.score = np_arena_array(arena, double, np_parallel_threads(s->n_threads) * k);
    if (p.room == NULL || p.meat == NULL || p.score == NULL)
        return no_memory(err);
    np_parallel_for(s->n_tasks, s->n_threads, meat_task, &p);
    for (size_t a = 0; a < k; a++)
        for (size_t b = a; b < k; b++) {
            double sum = 0;
            for (size_t t = 0; t < s->n_tasks; t++)
                sum += p.meat[t * k * k + a * k + b];
            meat[a * k + b] = meat[b * k + a] = sum;
        }
    np_arena_release(arena, mark);
    return NP_OK;
}

/* v_i, the regressors less what the other factors' dummies say of them. */
static void adjusted_row(double *v, const np_stream *s, size_t row)
{
    for (size_t j = 0; j < s->n_kept; j++) {
        size_t dense = s->dense_of[s->kept[j]];
        v[j] = dense == SIZE_MAX ? 0 : s->dense[dense][row];
    }
    if (s->n_parts > 0)
        add_sparse_score(v, s, row, 1);
}

/* The means of v and r over a row's group are found once per stretch of rows of the
 * same group, so that rows in the order of the groups cost two visits each. */
static void group_means(double *mean, double *mean_r, double *v, const np_stream *s,
                        size_t group)
{
    double total = 0;
    memset(mean, 0, s->n_kept * sizeof *mean);
    *mean_r = 0;
    for (size_t at = s->start[group]; at < s->start[group + 1]; at++) {
        size_t row = np_stream_row(s, at);
        double w = weight_of(s, row);
        adjusted_row(v, s, row);
        for (size_t j = 0; j < s->n_kept; j++)
            mean[j] += w * v[j];
        *mean_r += w * raw_residual(s, row);
        total += w;
    }
    for (size_t j = 0; j < s->n_kept; j++)
        mean[j] /= total;
    *mean_r /= total;
}

void np_stream_rows(const np_fit *fit, size_t first, size_t count, double *x,
                    double *score, double *weight)
{
    const np_stream *s = fit->rows_context;
    const size_t k = s->n_kept;
    double mean[NP_STREAM_MOST_KEPT], v[NP_STREAM_MOST_KEPT], mean_r = 0;
    int32_t last = -1;
    for (size_t i = 0; i < count; i++) {
        size_t row = first + i;
        if (s->swept->code[row] != last) {
            last = s->swept->code[row];
            group_means(mean, &mean_r, v, s, s->number[last] - 1);
        }
        double *xi = x + i * k, w = weight_of(s, row);
        adjusted_row(xi, s, row);
        for (size_t j = 0; j < k; j++)
            xi[j] -= mean[j];
        score[i] = w * (raw_residual(s, row) - mean_r);
        if (weight != NULL)
            weight[i] = w;
    }
}
