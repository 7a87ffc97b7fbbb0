#include <math.h>
#include <string.h>

#include "stats/linear_internal.h"

/* Rows for which the leverages of several factors are solved one by one. */
enum { MOST_ROWS = 20000, BATCH = 32 };

/* One factor of intercepts: w_i / Σ w of the level. */
static np_status one_factor(double *h, const np_factor *f, const double *w, size_t n,
                            np_arena *arena, np_error *err)
{
    double *sum = np_arena_array(arena, double, f->n_levels);
    if (sum == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the leverages"));
    for (size_t i = 0; i < n; i++)
        sum[f->code[i]] += w == NULL ? 1 : w[i];
    for (size_t i = 0; i < n; i++)
        h[i] = (w == NULL ? 1 : w[i]) / sum[f->code[i]];
    return NP_OK;
}

/* Otherwise the definition: h_i = 1 - (residual of the i-th unit vector)_i, which
 * does not depend on how the factors are parametrised. */
np_status np_linear_absorbed_leverage(const np_fit *fit, double *h, np_arena *arena,
                                      np_error *err)
{
    const np_design *d = fit->design;
    const size_t n = fit->n;
    if (d->n_fe == 1 && d->fe[0].has_intercept && d->fe[0].n_slopes == 0)
        return one_factor(h, &d->fe[0], d->weight, n, arena, err);
    if (n > MOST_ROWS)
        return np_fail(err, NP_E_LIMIT,
                       _("HC2 to HC4 with several fixed effects are limited to %d rows"),
                       (int)MOST_ROWS);
    np_arena_mark mark = np_arena_set_mark(arena);
    np_absorb_spec spec = {.n = n,
                           .n_fe = d->n_fe,
                           .fe = d->fe,
                           .weight = d->weight,
                           .n_threads = fit->n_threads};
    np_absorber *absorber = NULL;
    np_status status = np_absorber_new(&absorber, &spec, arena, err);
    double *column[BATCH];
    for (size_t j = 0; j < BATCH && status == NP_OK; j++) {
        column[j] = np_arena_array(arena, double, n);
        if (column[j] == NULL)
            status = np_fail(err, NP_E_NO_MEMORY, _("no memory left for the leverages"));
    }
    for (size_t first = 0; first < n && status == NP_OK; first += BATCH) {
        size_t count = n - first < BATCH ? n - first : BATCH;
        for (size_t j = 0; j < count; j++) {
            memset(column[j], 0, n * sizeof(double));
            column[j][first + j] = 1;
        }
        status = np_absorber_residuals(absorber, column, count, arena, err);
        for (size_t j = 0; j < count && status == NP_OK; j++)
            h[first + j] = 1 - column[j][first + j];
    }
    if (status == NP_OK)
        np_arena_release(arena, mark);
    return status;
}
