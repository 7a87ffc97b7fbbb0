#include <math.h>
#include <string.h>

#include "stats/did/simplex.h"

/* The points p_j = (A_j - b, sqrt(eta) e_j), whose convex hull's nearest point to the
 * origin is sought, and the set S ("corral") of those that now carry weight, with the
 * Cholesky factor R of P_S'P_S + s 11', s the size of its entries: adding s 11' makes it
 * regular for affinely independent points, and leaves the minimiser on sum = 1 alone. */
typedef struct {
    const np_simplex_problem *p;
    double eta, shift;
    size_t n, capacity;
    size_t *member;  /* [capacity] columns in S */
    double *x;       /* [n_columns] weights of all */
    bool *inside;    /* [n_columns] in S */
    double *R;       /* [capacity × capacity] upper */
    double *weight;  /* [capacity] */
    double *minimum; /* [capacity] */
    double *column;  /* [capacity] */
    np_arena *arena;
} corral;

static double product(const corral *c, size_t i, size_t j)
{
    const np_simplex_problem *p = c->p;
    const double *a = p->A + i * p->n_rows, *b = p->A + j * p->n_rows;
    double sum = i == j ? c->eta : 0;
    for (size_t l = 0; l < p->n_rows; l++)
        sum += (a[l] - p->b[l]) * (b[l] - p->b[l]);
    return sum;
}

static np_status grow(corral *c, np_error *err)
{
    if (c->n < c->capacity)
        return NP_OK;
    size_t wanted = c->capacity == 0 ? 32 : 2 * c->capacity;
    corral old = *c;
    c->member = np_arena_array(c->arena, size_t, wanted);
    c->R = np_arena_array(c->arena, double, wanted *wanted);
    c->weight = np_arena_array(c->arena, double, wanted);
    c->minimum = np_arena_array(c->arena, double, wanted);
    c->column = np_arena_array(c->arena, double, wanted);
    if (c->member == NULL || c->R == NULL || c->weight == NULL || c->minimum == NULL ||
        c->column == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for weights of %zu units"),
                       c->p->n_columns);
    c->capacity = wanted;
    for (size_t i = 0; i < old.n; i++) {
        c->member[i] = old.member[i];
        c->weight[i] = old.weight[i];
        memcpy(c->R + i * wanted, old.R + i * old.capacity, old.n * sizeof(double));
    }
    return NP_OK;
}

/* False where point j is, to rounding, an affine combination of S. */
static bool add(corral *c, size_t j)
{
    double *r = c->column;
    double diagonal = product(c, j, j) + c->shift, rest = diagonal;
    for (size_t i = 0; i < c->n; i++) {
        double sum = product(c, c->member[i], j) + c->shift;
        for (size_t l = 0; l < i; l++)
            sum -= c->R[l * c->capacity + i] * r[l];
        r[i] = sum / c->R[i * c->capacity + i];
        rest -= r[i] * r[i];
    }
    if (!(rest > 1e-13 * diagonal))
        return false;
    for (size_t i = 0; i < c->n; i++)
        c->R[i * c->capacity + c->n] = r[i];
    c->R[c->n * c->capacity + c->n] = sqrt(rest);
    c->member[c->n] = j;
    c->weight[c->n++] = 0;
    c->inside[j] = true;
    return true;
}

/* Takes member k out: its column leaves R, and rotations of the rows below make it
 * triangular again. */
static void take_out(corral *c, size_t k)
{
    const size_t width = c->capacity;
    c->inside[c->member[k]] = false;
    c->x[c->member[k]] = 0;
    c->n--;
    for (size_t i = k; i < c->n; i++) {
        c->member[i] = c->member[i + 1];
        c->weight[i] = c->weight[i + 1];
    }
    for (size_t i = 0; i <= c->n; i++)
        for (size_t j = k; j < c->n; j++)
            c->R[i * width + j] = c->R[i * width + j + 1];
    for (size_t i = k; i < c->n; i++) {
        double *row = c->R + i * width, *next = row + width;
        double length = hypot(row[i], next[i]);
        double cosine = row[i] / length, sine = next[i] / length;
        for (size_t j = i; j < c->n; j++) {
            double above = row[j];
            row[j] = cosine * above + sine * next[j];
            next[j] = cosine * next[j] - sine * above;
        }
    }
}

/* minimum := the weights, summing to one but of any sign, that minimise over S. */
static void affine_minimum(corral *c)
{
    double *y = c->minimum, sum = 0;
    for (size_t i = 0; i < c->n; i++) {
        y[i] = 1;
        for (size_t l = 0; l < i; l++)
            y[i] -= c->R[l * c->capacity + i] * y[l];
        y[i] /= c->R[i * c->capacity + i];
    }
    for (size_t i = c->n; i-- > 0;) {
        for (size_t l = i + 1; l < c->n; l++)
            y[i] -= c->R[i * c->capacity + l] * y[l];
        y[i] /= c->R[i * c->capacity + i];
        sum += y[i];
    }
    for (size_t i = 0; i < c->n; i++)
        y[i] /= sum;
}

/* Moves to the minimum over S; where weights would turn negative, to the boundary, and
 * the weight that is first 0 leaves S, until none would. */
static void settle(corral *c)
{
    while (true) {
        affine_minimum(c);
        double reach = 1;
        size_t first = c->n;
        for (size_t i = 0; i < c->n; i++) {
            double fall = c->weight[i] - c->minimum[i];
            if (c->minimum[i] <= 0 && !(c->weight[i] >= reach * fall)) {
                reach = fall > 0 ? c->weight[i] / fall : 0;
                first = i;
            }
        }
        for (size_t i = 0; i < c->n; i++)
            c->weight[i] += reach * (c->minimum[i] - c->weight[i]);
        if (first == c->n)
            return;
        take_out(c, first);
    }
}

/* The column whose point lies farthest towards the origin, and by how much farther than
 * the present one; residual [n_rows] is scratch. */
static size_t best_column(const corral *c, double *residual, double *gain)
{
    const np_simplex_problem *p = c->p;
    memset(residual, 0, p->n_rows * sizeof *residual);
    double norm = 0;
    for (size_t i = 0; i < c->n; i++) {
        c->x[c->member[i]] = c->weight[i];
        norm += c->eta * c->weight[i] * c->weight[i];
        for (size_t l = 0; l < p->n_rows; l++)
            residual[l] += c->weight[i] * (p->A[c->member[i] * p->n_rows + l] - p->b[l]);
    }
    for (size_t l = 0; l < p->n_rows; l++)
        norm += residual[l] * residual[l];
    size_t best = 0;
    double least = INFINITY;
    for (size_t j = 0; j < p->n_columns; j++) {
        double h = c->eta * c->x[j];
        for (size_t l = 0; l < p->n_rows; l++)
            h += residual[l] * (p->A[j * p->n_rows + l] - p->b[l]);
        if (h < least) {
            least = h;
            best = j;
        }
    }
    *gain = norm - least;
    return best;
}

static np_status solve(corral *c, double *residual, np_error *err)
{
    const np_simplex_problem *p = c->p;
    double largest = 0, smallest = INFINITY;
    size_t start = 0;
    for (size_t j = 0; j < p->n_columns; j++) {
        double own = product(c, j, j);
        largest = own > largest ? own : largest;
        if (own < smallest) {
            smallest = own;
            start = j;
        }
    }
    c->shift = largest > 0 ? largest : 1;
    if (grow(c, err) != NP_OK)
        return err == NULL ? NP_E_NO_MEMORY : err->status;
    if (!add(c, start))
        return NP_OK;
    c->weight[0] = 1;
    for (size_t n = 0; n < 50 * p->n_columns + 1000; n++) {
        double gain;
        size_t j = best_column(c, residual, &gain);
        if (!(gain > 1e-14 * largest) || c->inside[j])
            return NP_OK;
        if (grow(c, err) != NP_OK)
            return err == NULL ? NP_E_NO_MEMORY : err->status;
        if (!add(c, j))
            return NP_OK;
        settle(c);
    }
    return np_fail(err, NP_E_NOT_CONVERGED,
                   _("the weights of %zu units found no optimum by exchanges"),
                   p->n_columns);
}

np_status np_simplex_exact(double *x, const np_simplex_problem *p, np_arena *arena,
                           np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    double *residual = np_arena_array(arena, double, p->n_rows);
    bool *inside = np_arena_array(arena, bool, p->n_columns);
    if (residual == NULL || inside == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for weights of %zu units"),
                       p->n_columns);
    corral c = {.p = p,
                .eta = (double)p->n_rows * p->zeta * p->zeta,
                .x = x,
                .inside = inside,
                .arena = arena};
    memset(x, 0, p->n_columns * sizeof *x);
    np_status status = solve(&c, residual, err);
    for (size_t i = 0; i < c.n; i++)
        x[c.member[i]] = c.weight[i];
    np_arena_release(arena, mark);
    return status;
}
