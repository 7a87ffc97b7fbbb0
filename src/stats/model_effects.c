#include "stats/model_internal.h"

static size_t parameters_of(const np_factor *f)
{
    return f->n_levels * ((f->has_intercept ? 1 : 0) + f->n_slopes);
}

/* The rows of one factor from `at` on; returns the next place. */
static np_status put_factor(const char **term, double *estimate, size_t *at,
                            const np_design *d, size_t j, const double *effects,
                            np_arena *arena, np_error *err)
{
    const np_factor *f = &d->fe[j];
    const char *const *label;
    np_status status = np_design_factor_labels(&label, d, j, arena, err);
    size_t skip = f->has_intercept ? 0 : 1;
    for (size_t s = skip; status == NP_OK && s < f->n_slopes + 1; s++)
        for (size_t l = 0; l < f->n_levels; l++) {
            term[*at] = s == 0 ? np_arena_format(arena, "%s:%s", f->name, label[l])
                               : np_arena_format(arena, "%s[[%s]]:%s", f->name,
                                                 f->slope_name[s - 1], label[l]);
            if (term[*at] == NULL)
                return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
            estimate[(*at)++] = effects[(s - skip) * f->n_levels + l];
        }
    return status;
}

np_status np_model_effects_table(np_estimate_table *out, const np_design *design,
                                 const double *const *effects, np_arena *arena,
                                 np_error *err)
{
    size_t n = 0, at = 0;
    for (size_t j = 0; j < design->n_fe; j++)
        n += parameters_of(&design->fe[j]);
    const char **term = np_arena_array(arena, const char *, n);
    double *estimate = np_arena_array(arena, double, n);
    if (term == NULL || estimate == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = NP_OK;
    for (size_t j = 0; status == NP_OK && j < design->n_fe; j++)
        status = put_factor(term, estimate, &at, design, j, effects[j], arena, err);
    *out = (np_estimate_table){.name = "fixed_effects",
                               .title = N_("Fixed effects"),
                               .n = n,
                               .term = term,
                               .estimate = estimate};
    return status;
}
