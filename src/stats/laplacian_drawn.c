#include "stats/laplacian_internal.h"

#include <string.h>

#include "base/rng.h"

/* Degrees above this share buckets of the same width. */
enum { BUCKET_WIDTH = 512, N_BUCKETS = 2 * BUCKET_WIDTH };

static const uint64_t SEED = 20230501;

typedef struct {
    double weight;
    int32_t vertex;
    int32_t half; /* the half edge that stood in the eliminated vertex's list */
} spoke;

/* The graph as it is eliminated. Edge t has the halves 2t and 2t + 1, each in
 * the list of one end and pointing to the other. An edge whose other end is
 * eliminated is passed over when its list is walked. */
typedef struct {
    size_t n;
    int32_t *head, *to, *next; /* [n], [halves], [halves] */
    double *weight;            /* [edges] */
    int32_t *degree;           /* [n] edges in the list that live; -1: eliminated */
    int32_t *slot;             /* [n] place among the spokes, -1: none */
    int32_t *bucket_head, *bucket_next, *bucket_previous;
    size_t lowest;
    spoke *spokes, *scratch; /* [n] */
    double *sum;             /* [n] of the weights up to a spoke */
    np_rng rng;
} elimination;

static size_t bucket_of(int32_t degree)
{
    size_t d = (size_t)degree;
    if (d >= BUCKET_WIDTH)
        d = BUCKET_WIDTH + d / BUCKET_WIDTH;
    return d < N_BUCKETS ? d : N_BUCKETS - 1;
}

static void bucket_put(elimination *e, int32_t v)
{
    size_t b = bucket_of(e->degree[v]);
    int32_t head = e->bucket_head[b];
    e->bucket_next[v] = head;
    e->bucket_previous[v] = -1;
    if (head >= 0)
        e->bucket_previous[head] = v;
    e->bucket_head[b] = v;
    if (b < e->lowest)
        e->lowest = b;
}

static void bucket_take(elimination *e, int32_t v)
{
    int32_t next = e->bucket_next[v], previous = e->bucket_previous[v];
    if (previous >= 0)
        e->bucket_next[previous] = next;
    else
        e->bucket_head[bucket_of(e->degree[v])] = next;
    if (next >= 0)
        e->bucket_previous[next] = previous;
}

static void change_degree(elimination *e, int32_t v, int32_t by)
{
    size_t before = bucket_of(e->degree[v]);
    if (bucket_of(e->degree[v] + by) == before) {
        e->degree[v] += by;
        return;
    }
    bucket_take(e, v);
    e->degree[v] += by;
    bucket_put(e, v);
}

static int32_t next_vertex(elimination *e)
{
    while (e->bucket_head[e->lowest] < 0)
        e->lowest++;
    int32_t v = e->bucket_head[e->lowest];
    bucket_take(e, v);
    return v;
}

static bool elimination_new(elimination *e, const np_laplacian_graph *g, np_arena *arena)
{
    size_t n = g->n, n_halves = g->start[n];
    *e = (elimination){.n = n, .rng = np_rng_stream(SEED, 0), .lowest = N_BUCKETS};
    e->head = np_arena_array(arena, int32_t, n);
    e->to = np_arena_array(arena, int32_t, n_halves);
    e->next = np_arena_array(arena, int32_t, n_halves);
    e->weight = np_arena_array(arena, double, n_halves / 2);
    e->degree = np_arena_array(arena, int32_t, n);
    e->slot = np_arena_array(arena, int32_t, n);
    e->bucket_head = np_arena_array(arena, int32_t, N_BUCKETS);
    e->bucket_next = np_arena_array(arena, int32_t, n);
    e->bucket_previous = np_arena_array(arena, int32_t, n);
    e->spokes = np_arena_array(arena, spoke, n);
    e->scratch = np_arena_array(arena, spoke, n);
    e->sum = np_arena_array(arena, double, n);
    return e->head != NULL && e->to != NULL && e->next != NULL && e->weight != NULL &&
           e->degree != NULL && e->slot != NULL && e->bucket_head != NULL &&
           e->bucket_next != NULL && e->bucket_previous != NULL && e->spokes != NULL &&
           e->scratch != NULL && e->sum != NULL;
}

static void add_half(elimination *e, int32_t half, int32_t owner, int32_t to)
{
    e->to[half] = to;
    e->next[half] = e->head[owner];
    e->head[owner] = half;
}

static void elimination_fill(elimination *e, const np_laplacian_graph *g)
{
    int32_t edge = 0;
    for (size_t v = 0; v < e->n; v++)
        e->head[v] = e->slot[v] = -1;
    for (size_t b = 0; b < N_BUCKETS; b++)
        e->bucket_head[b] = -1;
    for (size_t v = 0; v < e->n; v++)
        for (size_t x = g->start[v]; x < g->start[v + 1]; x++) {
            int32_t u = g->neighbour[x];
            if ((size_t)u <= v || !(g->weight[x] > 0))
                continue;
            e->weight[edge] = g->weight[x];
            add_half(e, 2 * edge, (int32_t)v, u);
            add_half(e, 2 * edge + 1, u, (int32_t)v);
            e->degree[v]++;
            e->degree[u]++;
            edge++;
        }
    for (size_t v = e->n; v-- > 0;)
        bucket_put(e, (int32_t)v);
}

/* The living neighbours of v, parallel edges merged. */
static size_t gather_spokes(elimination *e, int32_t v)
{
    size_t n = 0;
    for (int32_t half = e->head[v]; half >= 0; half = e->next[half]) {
        int32_t u = e->to[half];
        double weight = e->weight[half / 2];
        if (e->degree[u] < 0)
            continue;
        if (e->slot[u] >= 0) {
            e->spokes[e->slot[u]].weight += weight;
            change_degree(e, u, -1);
            continue;
        }
        e->slot[u] = (int32_t)n;
        e->spokes[n++] = (spoke){weight, u, half};
    }
    for (size_t i = 0; i < n; i++)
        e->slot[e->spokes[i].vertex] = -1;
    return n;
}

static bool is_before(const spoke *a, const spoke *b)
{
    return a->weight < b->weight || (a->weight == b->weight && a->vertex < b->vertex);
}

/* By weight, ascending: insertion in short runs, then merges. */
static void sort_spokes(elimination *e, size_t n)
{
    enum { RUN = 16 };
    spoke *a = e->spokes, *b = e->scratch;
    for (size_t begin = 0; begin < n; begin += RUN)
        for (size_t i = begin + 1; i < n && i < begin + RUN; i++) {
            spoke s = a[i];
            size_t j = i;
            for (; j > begin && is_before(&s, &a[j - 1]); j--)
                a[j] = a[j - 1];
            a[j] = s;
        }
    for (size_t width = RUN; width < n; width *= 2) {
        for (size_t begin = 0; begin < n; begin += 2 * width) {
            size_t middle = begin + width < n ? begin + width : n;
            size_t end = middle + width < n ? middle + width : n;
            size_t i = begin, j = middle;
            for (size_t k = begin; k < end; k++)
                b[k] = i < middle && (j >= end || !is_before(&a[j], &a[i])) ? a[i++]
                                                                            : a[j++];
        }
        spoke *swap = a;
        a = b;
        b = swap;
    }
    e->spokes = a;
    e->scratch = b;
}

/* The first spoke after i at which the sum reaches `target`. */
static size_t draw_spoke(const double *sum, size_t i, size_t n, double target)
{
    size_t low = i + 1, high = n - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sum[middle] >= target)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Spoke i is tied to a heavier one k drawn with probability w_k over the weights
 * after i; the edge gets w_i (w_i+1 + … + w_n) / (w_1 + … + w_n), so that each
 * pair has w_i w_k / W in expectation. The halves of the spoke are used again. */
static void draw_edges(elimination *e, size_t n)
{
    double total = e->sum[n - 1];
    for (size_t i = 0; i + 1 < n; i++) {
        double after = total - e->sum[i];
        double target = e->sum[i] + after * np_rng_uniform(&e->rng);
        size_t k = draw_spoke(e->sum, i, n, target);
        int32_t half = e->spokes[i].half;
        int32_t a = e->spokes[i].vertex, b = e->spokes[k].vertex;
        e->weight[half / 2] = e->spokes[i].weight * after / total;
        e->to[half ^ 1] = b;
        add_half(e, half, b, a);
        change_degree(e, b, 1);
    }
    change_degree(e, e->spokes[n - 1].vertex, -1);
}

/* False: the factor has outgrown its capacity. */
static bool eliminate_all(elimination *e, np_laplacian_drawn *d)
{
    size_t size = 0;
    for (size_t place = 0; place < e->n; place++) {
        int32_t v = next_vertex(e);
        d->vertex[place] = v;
        d->start[place] = size;
        e->degree[v] = -1;
        size_t n = gather_spokes(e, v);
        d->inverse[place] = 0;
        if (n == 0)
            continue;
        if (size + n > d->capacity)
            return false;
        sort_spokes(e, n);
        double total = 0;
        for (size_t i = 0; i < n; i++)
            e->sum[i] = total += e->spokes[i].weight;
        for (size_t i = 0; i < n; i++) {
            d->row[size] = e->spokes[i].vertex;
            d->share[size++] = e->spokes[i].weight / total;
        }
        d->inverse[place] = 1 / total;
        draw_edges(e, n);
    }
    d->start[e->n] = size;
    return true;
}

static np_status reserve(np_laplacian_drawn *d, size_t n, size_t capacity,
                         np_arena *arena, np_error *err)
{
    d->n = n;
    d->capacity = capacity;
    if (d->vertex == NULL) {
        d->vertex = np_arena_array(arena, int32_t, n);
        d->start = np_arena_array(arena, size_t, n + 1);
        d->inverse = np_arena_array(arena, double, n);
    }
    d->row = np_arena_array(arena, int32_t, capacity);
    d->share = np_arena_array(arena, double, capacity);
    if (d->vertex == NULL || d->start == NULL || d->inverse == NULL || d->row == NULL ||
        d->share == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu numbers"),
                       capacity);
    return NP_OK;
}

/* Neighbours by their place, so that solving walks memory in one direction. */
static void number_by_place(np_laplacian_drawn *d, int32_t *place)
{
    for (size_t i = 0; i < d->n; i++)
        place[d->vertex[i]] = (int32_t)i;
    for (size_t x = 0; x < d->start[d->n]; x++)
        d->row[x] = place[d->row[x]];
}

np_status np_laplacian_draw(np_laplacian_drawn *d, const np_laplacian_graph *g,
                            np_arena *arena, np_error *err)
{
    np_status status = NP_OK;
    size_t wanted = d->capacity > 0 ? d->capacity : g->start[g->n] + g->n;
    for (bool done = false; !done && status == NP_OK; wanted *= 2) {
        if (wanted > d->capacity)
            status = reserve(d, g->n, wanted, arena, err);
        if (status != NP_OK)
            break;
        np_arena_mark mark = np_arena_set_mark(arena);
        elimination e;
        if (!elimination_new(&e, g, arena)) {
            status =
                np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"), g->n);
        } else {
            elimination_fill(&e, g);
            done = eliminate_all(&e, d);
            if (done)
                number_by_place(d, e.slot);
        }
        np_arena_release(arena, mark);
    }
    return status;
}

void np_laplacian_drawn_solve(const np_laplacian_drawn *d, const double *b, double *x,
                              double *scratch)
{
    for (size_t i = 0; i < d->n; i++)
        scratch[i] = b[d->vertex[i]];
    for (size_t i = 0; i < d->n; i++)
        for (size_t j = d->start[i]; j < d->start[i + 1]; j++)
            scratch[d->row[j]] += d->share[j] * scratch[i];
    for (size_t i = d->n; i-- > 0;) {
        double value = scratch[i] * d->inverse[i];
        for (size_t j = d->start[i]; j < d->start[i + 1]; j++)
            value += d->share[j] * scratch[d->row[j]];
        scratch[i] = value;
        x[d->vertex[i]] = value;
    }
}
