#include "stats/absorb_internal.h"

/* Root of a vertex; the path to it is halved. Roots are the lowest vertex. */
static int32_t root_of(int32_t *parent, int32_t v)
{
    while (parent[v] != v) {
        parent[v] = parent[parent[v]];
        v = parent[v];
    }
    return v;
}

static void join(int32_t *parent, int32_t u, int32_t v)
{
    u = root_of(parent, u);
    v = root_of(parent, v);
    if (u < v)
        parent[v] = u;
    else
        parent[u] = v;
}

np_status np_absorb_components_find(np_absorb_components *out, const int32_t *first,
                                    size_t n_first, const int32_t *second,
                                    size_t n_second, size_t n, np_arena *arena,
                                    np_error *err)
{
    size_t m = n_first + n_second;
    int32_t *label = np_arena_array(arena, int32_t, m);
    np_arena_mark mark = np_arena_set_mark(arena);
    int32_t *parent = np_arena_array(arena, int32_t, m);
    if (label == NULL || parent == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"), m);
    if (m > INT32_MAX)
        return np_fail(err, NP_E_LIMIT, _("more than %d levels"), INT32_MAX);
    for (size_t v = 0; v < m; v++) {
        parent[v] = (int32_t)v;
        label[v] = -1;
    }
    for (size_t i = 0; i < n; i++) {
        int32_t v = (int32_t)n_first + second[i];
        if (parent[first[i]] != parent[v])
            join(parent, first[i], v);
        label[first[i]] = label[v] = 0;
    }
    size_t n_components = 0;
    for (size_t v = 0; v < m; v++) {
        int32_t root = root_of(parent, (int32_t)v);
        if (label[v] == 0)
            label[v] = root == (int32_t)v ? (int32_t)n_components++ : label[root];
    }
    np_arena_release(arena, mark);
    *out = (np_absorb_components){
        .first = label, .second = label + n_first, .n = n_components};
    return NP_OK;
}
