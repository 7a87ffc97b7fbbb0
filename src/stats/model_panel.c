#include <string.h>

#include "stats/model_internal.h"
#include "stats/panel.h"

static const char *title(const np_panel_fit *fit, np_arena *arena)
{
    static const char *const model[] = {
        [NP_PANEL_NONE] = N_("Pooled least squares"),
        [NP_PANEL_POOLING] = N_("Pooled least squares"),
        [NP_PANEL_WITHIN] = N_("Within model"),
        [NP_PANEL_BETWEEN] = N_("Between model"),
        [NP_PANEL_FD] = N_("First differences"),
        [NP_PANEL_RANDOM] = N_("Random effects"),
    };
    static const char *const effect[] = {
        [NP_EFFECT_INDIVIDUAL] = N_("units"),
        [NP_EFFECT_TIME] = N_("periods"),
        [NP_EFFECT_TWOWAYS] = N_("units and periods"),
    };
    static const char *const method[] = {
        [NP_SWAR] = "Swamy-Arora",
        [NP_AMEMIYA] = "Amemiya",
        [NP_WALHUS] = "Wallace-Hussain",
        [NP_NERLOVE] = "Nerlove",
    };
    const np_panel_spec *s = &fit->spec;
    if (s->model == NP_PANEL_POOLING || s->model == NP_PANEL_FD)
        return _(model[s->model]);
    if (s->model != NP_PANEL_RANDOM)
        return np_arena_format(arena, "%s, %s", _(model[s->model]), _(effect[s->effect]));
    return np_arena_format(arena, "%s, %s, %s", _(model[s->model]), _(effect[s->effect]),
                           method[s->random_method]);
}

/* The cluster variable of a clustered covariance, for the warning of few clusters. */
static np_status set_clusters(np_model_builder *b, const np_panel_fit *fit)
{
    const char *call = b->out->estimates.vcov_call;
    bool unit = strncmp(call, "arellano/", 9) == 0 || strncmp(call, "double/", 7) == 0;
    bool time =
        strncmp(call, "arellano-time/", 14) == 0 || strncmp(call, "double/", 7) == 0;
    const char **name = np_arena_array(b->arena, const char *, 2);
    size_t *n = np_arena_array(b->arena, size_t, 2);
    if (name == NULL || n == NULL)
        return np_model_no_memory(b);
    np_model *m = b->out;
    if (unit) {
        name[m->n_cluster_keys] = b->spec->design.panel_unit;
        n[m->n_cluster_keys++] = fit->n_units;
    }
    if (time) {
        name[m->n_cluster_keys] = b->spec->design.panel_time;
        n[m->n_cluster_keys++] = fit->n_periods;
    }
    m->cluster_name = name;
    m->n_clusters = n;
    return NP_OK;
}

np_status np_model_fit_panel(np_model_builder *b)
{
    const np_model_spec *s = b->spec;
    if (s->family != NP_FAMILY_GAUSSIAN)
        return np_fail(b->err, NP_E_USAGE,
                       _("a panel model is linear: leave --family or --model out"));
    np_panel_data *data = np_arena_array(b->arena, np_panel_data, 1);
    if (data == NULL)
        return np_model_no_memory(b);
    np_status status =
        np_panel_data_from_design(data, &b->out->design, s->design.panel_unit,
                                  s->design.panel_time, b->arena, b->err);
    const np_panel_estimate_spec spec = {
        .panel = {s->panel_model, s->effect, s->random_method},
        .vcov = s->panel_vcov,
        .test = s->test,
        .n_tests = s->n_tests,
        .want_effects = s->want_effects,
        .conf_level = s->conf_level};
    np_panel_fit fit;
    if (status == NP_OK)
        status =
            np_panel_estimate(&b->out->estimates, &fit, data, &spec, b->arena, b->err);
    if (status == NP_OK)
        status = set_clusters(b, &fit);
    if (status != NP_OK)
        return status;
    b->out->title = title(&fit, b->arena);
    return b->out->title == NULL ? np_model_no_memory(b) : NP_OK;
}
