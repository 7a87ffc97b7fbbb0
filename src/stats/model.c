#include "stats/model.h"

#include <math.h>
#include <string.h>

#include "stats/diagnostics.h"
#include "stats/family.h"
#include "stats/model_internal.h"

np_status np_model_no_memory(np_model_builder *b)
{
    return np_fail(b->err, NP_E_NO_MEMORY, _("no memory left for the model"));
}

/* A covariance over periods without variables takes the declared panel. */
static void complete_keys(np_vcov_spec *v, const np_design_spec *d)
{
    bool over_time = v->kind == NP_VCOV_NEWEY_WEST || v->kind == NP_VCOV_DRISCOLL_KRAAY;
    if (!over_time || v->n_keys > 0 || d->panel_time == NULL)
        return;
    if (v->kind == NP_VCOV_NEWEY_WEST && d->panel_unit != NULL)
        v->key[v->n_keys++] = d->panel_unit;
    v->key[v->n_keys++] = d->panel_time;
}

static np_status add_keys(np_model_builder *b)
{
    np_design_spec *d = &b->own.design;
    np_vcov_spec *v = &b->own.vcov;
    complete_keys(v, d);
    const char *drawn = b->spec->wild.cluster;
    size_t n_drawn = b->spec->wild.draws > 0 && drawn != NULL;
    const char **key =
        np_arena_array(b->arena, const char *, d->n_keys + v->n_keys + n_drawn);
    if (key == NULL)
        return np_model_no_memory(b);
    for (size_t i = 0; i < d->n_keys; i++)
        key[i] = d->key[i];
    for (size_t i = 0; i < v->n_keys; i++)
        key[d->n_keys + i] = v->key[i];
    if (n_drawn > 0)
        key[d->n_keys + v->n_keys] = drawn;
    d->key = key;
    d->n_keys += v->n_keys + n_drawn;
    return NP_OK;
}

static void complete_design(np_model_builder *b)
{
    np_design_spec *d = &b->own.design;
    np_family family = b->spec->family;
    bool binary = np_family_is_binary(family);
    d->drop_all_zero_groups = binary || np_family_is_count(family);
    d->upper_bound = binary ? 1 : 0;
    d->outcome_as_success = binary;
}

np_status np_model_set_sample(np_model_builder *b)
{
    np_model *m = b->out;
    const np_design *d = &m->design;
    const char **name = np_arena_array(b->arena, const char *, d->n_fe);
    size_t *levels = np_arena_array(b->arena, size_t, d->n_fe);
    if (name == NULL || levels == NULL)
        return np_model_no_memory(b);
    for (size_t j = 0; j < d->n_fe; j++) {
        name[j] = d->fe[j].name;
        levels[j] = d->fe[j].n_levels;
    }
    m->fe_name = name;
    m->fe_levels = levels;
    m->n_fe = d->n_fe;
    m->estimates.n_table_rows = d->n_table_rows;
    m->estimates.dropped = d->dropped;
    m->estimates.n_dropped = d->n_dropped;
    return NP_OK;
}

np_status np_model_add_statistics(np_model_builder *b, const np_statistic *more, size_t n)
{
    np_estimates *e = &b->out->estimates;
    np_statistic *all = np_arena_array(b->arena, np_statistic, e->n_stats + n);
    if (all == NULL)
        return np_model_no_memory(b);
    for (size_t i = 0; i < e->n_stats + n; i++)
        all[i] = i < e->n_stats ? e->stat[i] : more[i - e->n_stats];
    e->stat = all;
    e->n_stats += n;
    return NP_OK;
}

np_status np_model_add_test(np_model_builder *b, const np_test *test)
{
    np_estimates *e = &b->out->estimates;
    np_test *all = np_arena_array(b->arena, np_test, e->n_tests + 1);
    if (all == NULL)
        return np_model_no_memory(b);
    for (size_t i = 0; i < e->n_tests; i++)
        all[i] = e->test[i];
    all[e->n_tests++] = *test;
    e->test = all;
    return NP_OK;
}

/* The clusters of a clustered covariance, and how many there are among the rows used. */
static np_status set_clusters(np_model_builder *b)
{
    np_model *m = b->out;
    const np_design *d = &m->design;
    const np_vcov_spec *v = &b->own.vcov;
    bool first_effect = v->kind == NP_VCOV_CLUSTER && v->n_keys == 0 && d->n_fe > 0;
    size_t n = first_effect ? 1 : v->kind == NP_VCOV_CONLEY ? 0 : v->n_keys;
    const char **name = np_arena_array(b->arena, const char *, n);
    size_t *count = np_arena_array(b->arena, size_t, n);
    if (name == NULL || count == NULL)
        return np_model_no_memory(b);
    for (size_t i = 0; i < n; i++) {
        name[i] = first_effect ? d->fe[0].name : v->key[i];
        count[i] = first_effect ? d->fe[0].n_levels : 0;
        for (size_t j = 0; j < d->n_keys; j++)
            if (strcmp(d->key_name[j], name[i]) == 0)
                count[i] = d->key[j].n_groups;
    }
    m->cluster_name = name;
    m->n_clusters = count;
    m->n_cluster_keys = n;
    return NP_OK;
}

/* One test, or one per term for vif. */
static np_status diagnostic(np_model_builder *b, const char *name)
{
    const np_test *test;
    size_t n;
    np_status status = np_diagnostic_test(&test, &n, name, &b->out->design, &b->linear,
                                          b->arena, b->err);
    for (size_t i = 0; status == NP_OK && i < n; i++)
        status = np_model_add_test(b, &test[i]);
    return status;
}

static np_status tests(np_model_builder *b)
{
    np_status status = NP_OK;
    bool least_squares = b->spec->family == NP_FAMILY_GAUSSIAN;
    for (size_t i = 0; status == NP_OK && i < b->spec->n_tests; i++) {
        const char *name = b->spec->test[i];
        np_test test;
        if (strncmp(name, "wald:", 5) == 0) {
            status = np_wald_test(&test, &b->out->estimates, name + 5, b->arena, b->err);
            if (status == NP_OK)
                status = np_model_add_test(b, &test);
        } else if (least_squares && np_diagnostic_is_known(name)) {
            status = diagnostic(b, name);
        } else {
            np_fail(b->err, NP_E_UNKNOWN_NAME, _("this model has no test \"%s\""), name);
            status = np_error_hint(
                b->err, least_squares
                            ? _("it has wald:PATTERN, breusch-pagan, breusch-godfrey, "
                                "durbin-watson, reset and vif; panel models have more")
                            : _("it has wald:PATTERN"));
        }
    }
    return status;
}

static np_status fit(np_model_builder *b)
{
    if (b->spec->panel_model != NP_PANEL_NONE)
        return np_model_fit_panel(b);
    if (b->spec->family != NP_FAMILY_GAUSSIAN)
        return np_model_fit_likelihood(b);
    return np_model_fit_linear(b);
}

np_status np_model_estimate(np_model *out, const np_table *table,
                            const np_model_spec *spec, np_arena *arena, np_error *err)
{
    np_model model = {.family_name = np_family_name(spec->family)};
    np_model_builder b = {
        .spec = spec, .own = *spec, .out = &model, .arena = arena, .err = err};
    complete_design(&b);
    np_status status = add_keys(&b);
    if (status == NP_OK)
        status = np_design_build(&model.design, table, &b.own.design, arena, err);
    if (status == NP_OK)
        status = fit(&b);
    if (status == NP_OK)
        status = np_model_set_sample(&b);
    bool own = spec->panel_model == NP_PANEL_NONE;
    if (status == NP_OK && own)
        status = set_clusters(&b);
    if (status == NP_OK && own)
        status = tests(&b);
    if (status == NP_OK)
        status = np_model_add_warnings(&b);
    if (status == NP_OK)
        *out = model;
    return status;
}

np_status np_model_variables(const char *const **names, size_t *n_names,
                             const np_model_spec *spec, np_arena *arena, np_error *err)
{
    np_model_builder b = {.spec = spec, .own = *spec, .arena = arena, .err = err};
    np_status status = add_keys(&b);
    return status == NP_OK
               ? np_design_variables(names, n_names, &b.own.design, arena, err)
               : status;
}
