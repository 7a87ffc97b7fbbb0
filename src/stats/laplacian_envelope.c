#include "stats/laplacian_internal.h"

#include <math.h>
#include <string.h>

/* Where the given order costs at most this per vertex, no other is looked for. */
static const double CHEAP_ROW = 4096;

static size_t degree(const np_laplacian_graph *g, int32_t v)
{
    return g->start[v + 1] - g->start[v];
}

/* first[] and the cost of the order that place[] gives. */
static void measure(np_laplacian_envelope *e, const np_laplacian_graph *g)
{
    e->cost = 0;
    for (size_t i = 0; i < e->n; i++) {
        int32_t v = e->vertex[i];
        int32_t first = (int32_t)i;
        for (size_t x = g->start[v]; x < g->start[v + 1]; x++)
            if (e->place[g->neighbour[x]] < first)
                first = e->place[g->neighbour[x]];
        e->first[i] = first;
        double length = (double)i - first + 1;
        e->cost += length * length;
    }
}

/* The neighbours that a search meets from one vertex, by degree; few as a rule. */
static void sort_by_degree(int32_t *vertex, size_t n, const np_laplacian_graph *g)
{
    for (size_t gap = n / 2; gap > 0; gap /= 2)
        for (size_t i = gap; i < n; i++) {
            int32_t v = vertex[i];
            size_t j = i;
            for (; j >= gap && degree(g, vertex[j - gap]) > degree(g, v); j -= gap)
                vertex[j] = vertex[j - gap];
            vertex[j] = v;
        }
}

/* Breadth first from root into queue; mark[v] becomes `round`. Returns how many;
 * *far_end is a vertex of least degree in the last layer. */
static size_t search(const np_laplacian_graph *g, int32_t root, int32_t *queue,
                     int32_t *mark, int32_t round, size_t *depth, int32_t *far_end)
{
    size_t n = 0, layer = 0, layer_end = 1;
    *depth = 0;
    queue[n++] = root;
    mark[root] = round;
    for (size_t head = 0; head < n; head++) {
        if (head == layer_end) {
            layer = head;
            layer_end = n;
            ++*depth;
        }
        int32_t v = queue[head];
        size_t before = n;
        for (size_t x = g->start[v]; x < g->start[v + 1]; x++)
            if (mark[g->neighbour[x]] != round) {
                mark[g->neighbour[x]] = round;
                queue[n++] = g->neighbour[x];
            }
        sort_by_degree(queue + before, n - before, g);
    }
    *far_end = queue[layer];
    for (size_t i = layer; i < n; i++)
        if (degree(g, queue[i]) < degree(g, *far_end))
            *far_end = queue[i];
    return n;
}

/* Each component from an end that searches from end to end settle on (George &
 * Liu 1979), its places reversed. */
static void reverse_cuthill_mckee(np_laplacian_envelope *e, const np_laplacian_graph *g,
                                  int32_t *mark)
{
    size_t n_placed = 0;
    memset(mark, 0, e->n * sizeof *mark);
    for (size_t v = 0; v < e->n; v++) {
        if (mark[v] != 0)
            continue;
        int32_t root = (int32_t)v, far_end;
        int32_t *queue = e->vertex + n_placed;
        size_t depth, deepest;
        size_t n = search(g, root, queue, mark, 1, &deepest, &far_end);
        for (int32_t round = 2; round < 8; round++) {
            n = search(g, far_end, queue, mark, round, &depth, &root);
            if (depth <= deepest)
                break;
            deepest = depth;
            far_end = root;
        }
        for (size_t i = 0; i < n / 2; i++) {
            int32_t swap = queue[i];
            queue[i] = queue[n - 1 - i];
            queue[n - 1 - i] = swap;
        }
        n_placed += n;
    }
    for (size_t i = 0; i < e->n; i++)
        e->place[e->vertex[i]] = (int32_t)i;
}

np_status np_laplacian_envelope_order(np_laplacian_envelope *out,
                                      const np_laplacian_graph *g, np_arena *arena,
                                      np_error *err)
{
    np_laplacian_envelope e = {.n = g->n};
    e.vertex = np_arena_array(arena, int32_t, g->n);
    e.place = np_arena_array(arena, int32_t, g->n);
    e.first = np_arena_array(arena, int32_t, g->n);
    e.start = np_arena_array(arena, size_t, g->n + 1);
    if (e.vertex == NULL || e.place == NULL || e.first == NULL || e.start == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"), g->n);
    for (size_t v = 0; v < g->n; v++)
        e.vertex[v] = e.place[v] = (int32_t)v;
    measure(&e, g);
    if (e.cost > CHEAP_ROW * (double)g->n) {
        reverse_cuthill_mckee(&e, g, e.first);
        measure(&e, g);
    }
    for (size_t i = 0; i < g->n; i++)
        e.start[i + 1] = e.start[i] + i - (size_t)e.first[i] + 1;
    *out = e;
    return NP_OK;
}

static double dot(const double *restrict u, const double *restrict v, size_t n)
{
    double sum[4] = {0};
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t j = 0; j < 4; j++)
            sum[j] += u[i + j] * v[i + j];
    for (; i < n; i++)
        sum[0] += u[i] * v[i];
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

/* Row i of L, from row i of the Laplacian. */
static void factor_row(np_laplacian_envelope *e, size_t i, bool held)
{
    size_t first = (size_t)e->first[i];
    double *row = e->value + e->start[i];
    for (size_t j = first; j < i; j++) {
        size_t first_j = (size_t)e->first[j];
        const double *other = e->value + e->start[j];
        size_t from = first > first_j ? first : first_j;
        double pivot = other[j - first_j];
        double rest = row[j - first] -
                      dot(row + (from - first), other + (from - first_j), j - from);
        row[j - first] = pivot > 0 ? rest / pivot : 0;
    }
    double pivot = row[i - first] - dot(row, row, i - first);
    row[i - first] = held || !(pivot > 0) ? 0 : sqrt(pivot);
}

np_status np_laplacian_envelope_factor(np_laplacian_envelope *e,
                                       const np_laplacian_graph *g,
                                       const unsigned char *last, np_arena *arena,
                                       np_error *err)
{
    if (e->value == NULL)
        e->value = np_arena_array(arena, double, e->start[e->n]);
    if (e->value == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu numbers"),
                       e->start[e->n]);
    memset(e->value, 0, e->start[e->n] * sizeof *e->value);
    for (size_t i = 0; i < e->n; i++) {
        int32_t v = e->vertex[i];
        double *row = e->value + e->start[i], sum = 0;
        size_t first = (size_t)e->first[i];
        for (size_t x = g->start[v]; x < g->start[v + 1]; x++) {
            size_t j = (size_t)e->place[g->neighbour[x]];
            sum += g->weight[x];
            if (j < i)
                row[j - first] -= g->weight[x];
        }
        row[i - first] = sum;
        factor_row(e, i, last[v]);
    }
    return NP_OK;
}

void np_laplacian_envelope_solve(const np_laplacian_envelope *e, const double *b,
                                 double *x, double *scratch)
{
    for (size_t i = 0; i < e->n; i++) {
        size_t first = (size_t)e->first[i];
        const double *row = e->value + e->start[i];
        double pivot = row[i - first];
        double rest = b[e->vertex[i]] - dot(row, scratch + first, i - first);
        scratch[i] = pivot > 0 ? rest / pivot : 0;
    }
    for (size_t i = e->n; i-- > 0;) {
        size_t first = (size_t)e->first[i];
        const double *row = e->value + e->start[i];
        double pivot = row[i - first];
        double value = pivot > 0 ? scratch[i] / pivot : 0;
        x[e->vertex[i]] = value;
        for (size_t j = first; j < i; j++)
            scratch[j] -= row[j - first] * value;
    }
}
