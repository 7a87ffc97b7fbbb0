#include "stats/absorb_internal.h"

#include <math.h>
#include <string.h>

/* Two large factors of intercepts and a few coefficients of others, the border:
 *
 *   S = | L  B |    Z = L⁻ B,   T = C − B'Z,
 *       | B' C |
 *   x_border = T⁻ (g_border − Z'g_firm),   x_firm = L⁻ g_firm − Z x_border
 */
enum { MOST_BORDER = 100 };

/* A pivot of T, in shares of the column's own weight, below this is rounding. */
static const double DEPENDENT = 1e-10;

struct np_absorb_border {
    size_t first, n; /* the border's coefficients are first … first + n - 1 */
    double **image;  /* [n][n_coef] S e_b: B above C; later Z above C */
    double **solved; /* [n][n_coef] Z in the firms' part */
    double *factor;  /* [n × n] lower triangle of T's factor by rows */
    double *scale;   /* [n] */
    unsigned char *dropped;
    np_arena *scratch; /* the graph's solver may keep what it makes in the absorber's */
    size_t rank;
};

bool np_absorb_border_fits(const np_absorber *a)
{
    return a->n_terms > 2 && a->n_primary == 1 && a->term[0].raw == NULL &&
           a->term[1].raw == NULL && a->n_coef < INT32_MAX &&
           a->n_coef - a->term[2].first <= MOST_BORDER;
}

static np_status no_memory(const np_absorber *a, np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu levels"), a->n_coef);
}

np_status np_absorb_border_new(np_absorb_border **out, const np_absorber *a,
                               np_error *err)
{
    np_absorb_border *b = np_arena_array(a->arena, np_absorb_border, 1);
    if (b == NULL)
        return no_memory(a, err);
    b->first = a->term[2].first;
    b->n = a->n_coef - b->first;
    b->image = np_arena_array(a->arena, double *, b->n);
    b->solved = np_arena_array(a->arena, double *, b->n);
    b->factor = np_arena_array(a->arena, double, b->n * b->n);
    b->scale = np_arena_array(a->arena, double, b->n);
    b->dropped = np_arena_array(a->arena, unsigned char, b->n);
    b->scratch = np_arena_child(a->arena);
    bool spent = b->image == NULL || b->solved == NULL || b->factor == NULL ||
                 b->scale == NULL || b->dropped == NULL || b->scratch == NULL;
    for (size_t i = 0; i < b->n && !spent; i++) {
        b->image[i] = np_arena_array(a->arena, double, a->n_coef);
        b->solved[i] = np_arena_array(a->arena, double, a->n_coef);
        spent = b->image[i] == NULL || b->solved[i] == NULL;
    }
    if (spent)
        return no_memory(a, err);
    *out = b;
    return NP_OK;
}

/* T by rows; a row that depends on earlier ones, or says nothing, is dropped. */
static void factorise(np_absorb_border *b, const np_absorber *a)
{
    size_t n_firms = a->term[1].n_levels, from = a->n_primary_coef;
    b->rank = 0;
    for (size_t i = 0; i < b->n; i++) {
        double gram = a->gram[b->first + i];
        b->scale[i] = gram > 0 ? 1 / sqrt(gram) : 0;
        double *row = b->factor + i * b->n;
        for (size_t j = 0; j <= i; j++) {
            double sum = b->image[i][b->first + j];
            for (size_t f = from; f < from + n_firms; f++)
                sum -= b->image[j][f] * b->solved[i][f];
            row[j] = sum * b->scale[i] * b->scale[j];
            const double *other = b->factor + j * b->n;
            for (size_t l = 0; l < j; l++)
                row[j] -= row[l] * other[l];
            if (j < i)
                row[j] = b->dropped[j] ? 0 : row[j] / other[j];
        }
        b->dropped[i] = !(row[i] > DEPENDENT);
        if (b->dropped[i])
            memset(row, 0, (i + 1) * sizeof *row);
        else
            row[i] = sqrt(row[i]);
        b->rank += !b->dropped[i];
    }
}

/* Columns S e_b by passes over the rows, and Z a batch at a time. */
np_status np_absorb_border_weigh(np_absorb_border *b, np_absorber *a, np_error *err)
{
    enum { BATCH = 8 };
    np_arena *scratch = b->scratch;
    np_arena_mark mark = np_arena_set_mark(scratch);
    double *unit[BATCH] = {NULL}, bound[BATCH];
    double **partial = np_arena_array(scratch, double *, np_absorb_partials(a, BATCH));
    bool spent = partial == NULL;
    for (size_t i = 0; i < BATCH && !spent; i++)
        spent = (unit[i] = np_arena_array(scratch, double, a->n_coef)) == NULL;
    for (size_t i = 0; i < np_absorb_partials(a, BATCH) && !spent; i++)
        spent = (partial[i] = np_arena_array(scratch, double, a->n_coef)) == NULL;
    np_status status = spent ? no_memory(a, err) : NP_OK;
    for (size_t i = 0; i < b->n && status == NP_OK; i += BATCH) {
        size_t k = b->n - i < BATCH ? b->n - i : BATCH;
        for (size_t c = 0; c < k; c++) {
            memset(unit[c], 0, a->n_coef * sizeof(double));
            unit[c][b->first + i + c] = 1;
            bound[c] = a->tolerance * sqrt(a->gram[b->first + i + c]);
        }
        np_absorb_reduced_product(a, unit, b->image + i, partial, k);
        status = np_absorb_graph_solve(a->graph, a, b->image + i, b->solved + i, k, bound,
                                       partial, scratch, err);
    }
    if (status == NP_OK)
        factorise(b, a);
    np_arena_release(scratch, mark);
    return status;
}

static void solve_border(const np_absorb_border *b, const np_absorber *a, const double *g,
                         double *x)
{
    size_t from = a->n_primary_coef, n_firms = a->term[1].n_levels;
    double *t = x + b->first;
    for (size_t i = 0; i < b->n; i++) {
        const double *row = b->factor + i * b->n;
        double sum = g[b->first + i];
        for (size_t f = from; f < from + n_firms; f++)
            sum -= b->solved[i][f] * g[f];
        sum *= b->scale[i];
        for (size_t j = 0; j < i; j++)
            sum -= row[j] * t[j];
        t[i] = b->dropped[i] ? 0 : sum / row[i];
    }
    for (size_t i = b->n; i-- > 0;) {
        const double *row = b->factor + i * b->n;
        if (b->dropped[i])
            continue;
        t[i] /= row[i];
        for (size_t j = 0; j < i; j++)
            t[j] -= row[j] * t[i];
    }
    for (size_t i = 0; i < b->n; i++) {
        t[i] *= b->scale[i];
        for (size_t f = from; f < from + n_firms && !b->dropped[i]; f++)
            x[f] -= b->solved[i][f] * t[i];
    }
}

np_status np_absorb_border_solve(np_absorb_border *b, np_absorber *a, double *const *g,
                                 double *const *x, size_t k, const double *bound,
                                 double *const *partial, np_arena *arena, np_error *err)
{
    np_status status =
        np_absorb_graph_solve(a->graph, a, g, x, k, bound, partial, arena, err);
    for (size_t c = 0; c < k && status == NP_OK; c++)
        solve_border(b, a, g[c], x[c]);
    return status;
}

size_t np_absorb_border_rank(const np_absorb_border *b)
{
    return b->rank;
}
