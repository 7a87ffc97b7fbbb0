#include "stats/absorb_internal.h"

#include <string.h>

/* A slope whose part that its factor's earlier columns do not explain is, in a
 * level, smaller than this share of it (of squares) is constant there or
 * collinear: it takes no parameter. Rounding alone leaves some 1e-30. */
static const double COLLINEAR_SQUARE = 1e-20;

static size_t n_terms_of(const np_factor *f)
{
    return (f->has_intercept ? 1 : 0) + f->n_slopes;
}

/* The factor with most coefficients but for one; the first of equals. */
static size_t largest_factor(const np_absorber *a, size_t but)
{
    size_t largest = 0, most = 0;
    for (size_t j = 0; j < a->n_fe; j++) {
        if (j == but)
            continue;
        size_t size = a->fe[j].n_levels * n_terms_of(&a->fe[j]);
        if (size > most) {
            most = size;
            largest = j;
        }
    }
    return largest;
}

static np_status add_term(np_absorber *a, size_t factor, size_t in_factor,
                          const double *raw, np_error *err)
{
    const np_factor *f = &a->fe[factor];
    np_absorb_term *t = &a->term[a->n_terms++];
    *t = (np_absorb_term){.code = f->code,
                          .n_levels = f->n_levels,
                          .first = a->n_coef,
                          .factor = factor,
                          .raw = raw};
    a->n_coef += f->n_levels;
    if (raw == NULL)
        return NP_OK;
    t->value = np_arena_array(a->arena, double, a->n);
    t->projected = np_arena_array(a->arena, double *, in_factor);
    if (t->value == NULL || t->projected == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the slopes of %s"),
                       f->name);
    for (size_t s = 0; s < in_factor; s++) {
        t->projected[s] = np_arena_array(a->arena, double, f->n_levels);
        if (t->projected[s] == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the slopes of %s"),
                           f->name);
    }
    return NP_OK;
}

static np_status add_factor(np_absorber *a, size_t factor, np_error *err)
{
    const np_factor *f = &a->fe[factor];
    np_status status = NP_OK;
    size_t in_factor = 0;
    if (f->has_intercept)
        status = add_term(a, factor, in_factor++, NULL, err);
    for (size_t s = 0; s < f->n_slopes && status == NP_OK; s++)
        status = add_term(a, factor, in_factor++, f->slope[s], err);
    return status;
}

np_status np_absorb_terms_new(np_absorber *a, np_error *err)
{
    size_t n = 0, primary = largest_factor(a, a->n_fe);
    size_t second = largest_factor(a, primary);
    for (size_t j = 0; j < a->n_fe; j++)
        n += n_terms_of(&a->fe[j]);
    a->term = np_arena_array(a->arena, np_absorb_term, n);
    if (a->term == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu terms"), n);
    np_status status = a->n_fe > 0 ? add_factor(a, primary, err) : NP_OK;
    a->n_primary = a->n_terms;
    a->n_primary_coef = a->n_coef;
    if (a->n_fe > 1 && status == NP_OK)
        status = add_factor(a, second, err);
    for (size_t j = 0; j < a->n_fe && status == NP_OK; j++)
        if (j != primary && j != second)
            status = add_factor(a, j, err);
    if (status != NP_OK)
        return status;
    a->gram = np_arena_array(a->arena, double, a->n_coef);
    if (a->gram == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"),
                       a->n_coef);
    return NP_OK;
}

/* out[level] = sum of w u v, in the order of the rows; u, v NULL: 1. */
static void cross(const np_absorber *a, const np_absorb_term *t, const double *u,
                  const double *v, double *out)
{
    memset(out, 0, t->n_levels * sizeof *out);
    for (size_t i = 0; i < a->n; i++)
        out[t->code[i]] += (a->weight != NULL ? a->weight[i] : 1) *
                           (u != NULL ? u[i] : 1) * (v != NULL ? v[i] : 1);
}

static void project_out(const np_absorber *a, np_absorb_term *t, size_t s,
                        const np_absorb_term *earlier, double *scratch)
{
    const double *gram = a->gram + earlier->first;
    cross(a, t, earlier->value, t->value, scratch);
    for (size_t l = 0; l < t->n_levels; l++) {
        scratch[l] = gram[l] > 0 ? scratch[l] / gram[l] : 0;
        t->projected[s][l] += scratch[l];
    }
    for (size_t i = 0; i < a->n; i++)
        t->value[i] -=
            scratch[t->code[i]] * (earlier->value != NULL ? earlier->value[i] : 1);
}

/* Gram-Schmidt within each level, twice for full precision. */
static void make_orthogonal(const np_absorber *a, np_absorb_term *t, size_t n_earlier,
                            double *scratch)
{
    double *gram = a->gram + t->first;
    memcpy(t->value, t->raw, a->n * sizeof *t->value);
    for (size_t s = 0; s < n_earlier; s++)
        memset(t->projected[s], 0, t->n_levels * sizeof(double));
    for (int round = 0; round < 2; round++)
        for (size_t s = 0; s < n_earlier; s++)
            project_out(a, t, s, t - n_earlier + s, scratch);
    cross(a, t, t->raw, t->raw, scratch);
    cross(a, t, t->value, t->value, gram);
    for (size_t l = 0; l < t->n_levels; l++)
        if (!(gram[l] > COLLINEAR_SQUARE * scratch[l]))
            gram[l] = 0;
    for (size_t i = 0; i < a->n; i++)
        if (gram[t->code[i]] == 0)
            t->value[i] = 0;
}

np_status np_absorb_terms_weigh(np_absorber *a, np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(a->arena);
    size_t most = 0;
    for (size_t t = 0; t < a->n_terms; t++)
        if (a->term[t].value != NULL && a->term[t].n_levels > most)
            most = a->term[t].n_levels;
    double *scratch = np_arena_array(a->arena, double, most);
    if (scratch == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"), most);
    for (size_t t = 0, n_earlier = 0; t < a->n_terms; t++) {
        np_absorb_term *term = &a->term[t];
        n_earlier = t > 0 && term[-1].factor == term->factor ? n_earlier + 1 : 0;
        if (term->value == NULL)
            cross(a, term, NULL, NULL, a->gram + term->first);
        else
            make_orthogonal(a, term, n_earlier, scratch);
    }
    np_arena_release(a->arena, mark);
    return NP_OK;
}

void np_absorb_terms_to_raw(const np_absorber *a, double *coef)
{
    for (size_t t = a->n_terms; t-- > 0;) {
        const np_absorb_term *term = &a->term[t];
        size_t n_earlier = 0;
        while (n_earlier < t && term[-1 - (ptrdiff_t)n_earlier].factor == term->factor)
            n_earlier++;
        if (term->value == NULL)
            continue;
        for (size_t s = 0; s < n_earlier; s++) {
            double *earlier = coef + (term - n_earlier + s)->first;
            for (size_t l = 0; l < term->n_levels; l++)
                earlier[l] -= coef[term->first + l] * term->projected[s][l];
        }
    }
}

static bool is_sorted(const int32_t *code, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (code[i] < code[i - 1])
            return false;
    return true;
}

np_status np_absorb_group_sorted(np_absorber *a, np_error *err)
{
    return is_sorted(a->term[0].code, a->n) ? np_absorb_group_rows(a, err) : NP_OK;
}

np_status np_absorb_group_rows(np_absorber *a, np_error *err)
{
    const np_absorb_term *t = &a->term[0];
    if (a->start != NULL)
        return NP_OK;
    size_t *start = np_arena_array(a->arena, size_t, t->n_levels + 2);
    uint32_t *order = NULL;
    bool sorted = is_sorted(t->code, a->n);
    if (!sorted)
        order = np_arena_array(a->arena, uint32_t, a->n);
    if (start == NULL || (!sorted && order == NULL))
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu rows"), a->n);
    /* start[l + 2] counts, then start[l + 1] is where the next row of l goes. */
    for (size_t i = 0; i < a->n; i++)
        start[t->code[i] + 2]++;
    for (size_t l = 2; l < t->n_levels + 2; l++)
        start[l] += start[l - 1];
    if (sorted)
        memmove(start, start + 1, (t->n_levels + 1) * sizeof *start);
    else
        for (size_t i = 0; i < a->n; i++)
            order[start[t->code[i] + 1]++] = (uint32_t)i;
    a->order = order;
    a->start = start;
    return NP_OK;
}
