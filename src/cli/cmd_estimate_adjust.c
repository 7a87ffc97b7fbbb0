#include <math.h>
#include <string.h>

#include "cli/cmd_estimate.h"
#include "report/number.h"

/* What a hypothesis of the family is called, and its unadjusted p value; how many a model
 * has. */
static const char *name_of(const np_estimation *e, const np_estimate_family *f, size_t m,
                           size_t i)
{
    return f->how == NP_ADJUST_ROMANO_WOLF ? e->model[m].wild_hypothesis[i]
                                           : e->model[m].estimates.term[i];
}

static double p_of(const np_estimation *e, const np_estimate_family *f, size_t m,
                   size_t i)
{
    return f->how == NP_ADJUST_ROMANO_WOLF ? e->model[m].wild[i].p_value_ties
                                           : e->model[m].estimates.p_value[i];
}

static size_t n_of(const np_estimation *e, const np_estimate_family *f, size_t m)
{
    return f->how == NP_ADJUST_ROMANO_WOLF ? e->model[m].n_wild : e->model[m].estimates.k;
}

/* The family: what matches, in the order of models and terms. */
static np_status gather(np_estimate_family *f, const np_estimation *e,
                        const char *pattern, np_error *err)
{
    regex_t compiled;
    char reason[128];
    int code =
        pattern == NULL ? 0 : regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB);
    if (code != 0) {
        regerror(code, &compiled, reason, sizeof reason);
        return np_fail(err, NP_E_USAGE, "--adjust-term %s: %s", pattern, reason);
    }
    for (size_t m = 0; m < e->n_models; m++)
        for (size_t i = 0; i < n_of(e, f, m); i++) {
            const char *name = name_of(e, f, m, i);
            if (pattern == NULL ? strcmp(name, "(Intercept)") == 0
                                : regexec(&compiled, name, 0, NULL, 0) != 0)
                continue;
            f->model[f->n] = m;
            f->term[f->n] = i;
            f->p[f->n++] = p_of(e, f, m, i);
        }
    if (pattern != NULL)
        regfree(&compiled);
    if (f->n == 0)
        return np_fail(err, NP_E_UNKNOWN_NAME, _("--adjust-term %s: no term matches"),
                       pattern == NULL ? "" : pattern);
    return NP_OK;
}

/* The table's row of a cluster's first row, whose label is the cluster's. */
static size_t table_row(const np_design *d, const np_groups *key, size_t cluster)
{
    size_t at = (size_t)key->first_row[cluster];
    return d->row == NULL ? at : d->row[at];
}

static const np_groups *key_named(const np_design *d, const char *name)
{
    for (size_t i = 0; i < d->n_keys; i++)
        if (strcmp(d->key_name[i], name) == 0)
            return &d->key[i];
    return NULL;
}

/* The clusters' codes follow their labels, so that draw r gives a cluster the same weight
 * in every model that has the same clusters. */
static bool same_clusters(const np_estimation *e, size_t a, size_t b)
{
    const np_design *da = &e->model[a].design, *db = &e->model[b].design;
    const char *name = e->model[a].wild[0].cluster;
    const np_groups *ka = key_named(da, name), *kb = key_named(db, name);
    size_t column = np_table_find(&e->csv.table, name);
    char one[64], two[64];
    if (ka == NULL || kb == NULL || strcmp(name, e->model[b].wild[0].cluster) != 0 ||
        ka->n_groups != kb->n_groups)
        return false;
    for (size_t g = 0; g < ka->n_groups; g++) {
        size_t ra = table_row(da, ka, g), rb = table_row(db, kb, g);
        if (ra == rb)
            continue;
        if (column == e->csv.table.n_columns)
            return false;
        const np_column *c = &e->csv.table.column[column];
        if (strcmp(np_column_text(c, ra, one, sizeof one),
                   np_column_text(c, rb, two, sizeof two)) != 0)
            return false;
    }
    return true;
}

static np_status romano_wolf(np_estimate_family *f, const np_estimation *e,
                             np_arena *arena, np_error *err)
{
    const np_wild *first = &e->model[f->model[0]].wild[f->term[0]];
    double *t = np_arena_array(arena, double, f->n);
    const double **draw = np_arena_array(arena, const double *, f->n);
    if (t == NULL || draw == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t h = 0; h < f->n; h++) {
        const np_wild *w = &e->model[f->model[h]].wild[f->term[h]];
        t[h] = w->statistic;
        draw[h] = w->t;
        if (f->model[h] != f->model[0] && !same_clusters(e, f->model[0], f->model[h]))
            return np_fail(
                err, NP_E_NOT_IDENTIFIED,
                _("models %zu and %zu do not have the same clusters, and their "
                  "draws no common distribution"),
                f->model[0] + 1, f->model[h] + 1);
    }
    f->draws = first->draws;
    return np_romano_wolf_p_values(f->p_adjusted, t, draw, first->draws,
                                   first->enumerated, f->n, arena, err);
}

np_status np_estimate_adjust(np_estimation *e, const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    const char *how = np_argument(a, "adjust");
    np_estimate_family f = {0};
    if (how == NULL && np_argument_given(a, "adjust-term"))
        return np_fail(err, NP_E_USAGE, _("--adjust-term belongs to --adjust METHOD"));
    if (how == NULL)
        return NP_OK;
    f.how = np_adjustment_of_code(how);
    size_t most = 0;
    for (size_t m = 0; m < e->n_models; m++)
        most += n_of(e, &f, m);
    f.model = np_arena_array(call->arena, size_t, most);
    f.term = np_arena_array(call->arena, size_t, most);
    f.p = np_arena_array(call->arena, double, most);
    f.p_adjusted = np_arena_array(call->arena, double, most);
    if (f.model == NULL || f.term == NULL || f.p == NULL || f.p_adjusted == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = gather(&f, e, np_argument(a, "adjust-term"), err);
    if (status == NP_OK)
        status =
            f.how == NP_ADJUST_ROMANO_WOLF
                ? romano_wolf(&f, e, call->arena, err)
                : np_adjust_p_values(f.p_adjusted, f.p, f.n, f.how, call->arena, err);
    if (status == NP_OK)
        e->family = f;
    return status;
}

static const char *method(np_adjustment how)
{
    switch (how) {
    case NP_ADJUST_BONFERRONI:
        return _("Bonferroni's method");
    case NP_ADJUST_HOLM:
        return _("Holm's method");
    case NP_ADJUST_BH:
        return _("the method of Benjamini and Hochberg");
    case NP_ADJUST_BY:
        return _("the method of Benjamini and Yekutieli");
    case NP_ADJUST_ROMANO_WOLF:
        return _("the step-down of Romano and Wolf");
    case NP_ADJUST_NONE:
    case NP_N_ADJUSTMENTS:
        break;
    }
    return "";
}

const np_doc_table *np_estimate_adjusted_table(const np_call *call,
                                               const np_estimation *e, bool for_machines)
{
    const np_estimate_family *f = &e->family;
    np_language language = np_language_get();
    np_table_builder *t = np_table_builder_new(
        call->arena, "adjusted", for_machines ? "" : _("P values as one family"), 5);
    const char *const machine[] = {"model", "outcome", "term", "p_value", "p_adjusted"};
    const char *const human[] = {_("Model"), _("Outcome"), _("Term"), "p",
                                 _("Adjusted p")};
    np_table_builder_head(t);
    for (size_t i = 0; i < 5; i++)
        np_table_builder_cell(t, for_machines ? machine[i] : human[i]);
    np_table_builder_align(t, 1, NP_ALIGN_LEFT);
    np_table_builder_align(t, 2, NP_ALIGN_LEFT);
    for (size_t h = 0; h < f->n; h++) {
        const np_model *m = &e->model[f->model[h]];
        double p = f->p[h];
        np_table_builder_row(t);
        np_table_builder_number(
            t,
            np_arena_format(call->arena, for_machines ? "%zu" : "(%zu)", f->model[h] + 1),
            (double)f->model[h] + 1);
        np_table_builder_cell(t, m->design.y_name);
        np_table_builder_cell(t, name_of(e, f, f->model[h], f->term[h]));
        np_table_builder_number(t, np_number_p(call->arena, p, language), p);
        np_table_builder_number(t, np_number_p(call->arena, f->p_adjusted[h], language),
                                f->p_adjusted[h]);
    }
    if (!for_machines)
        np_table_builder_note(t, _("Adjusted for %zu hypotheses by %s."), f->n,
                              method(f->how));
    if (!for_machines && f->how == NP_ADJUST_ROMANO_WOLF)
        np_table_builder_note(t,
                              _("Both p values by the wild cluster bootstrap, %zu "
                                "draws that all models share."),
                              f->draws);
    return np_table_builder_done(t);
}

void np_estimate_adjusted_json(np_json *j, const np_estimation *e)
{
    const np_estimate_family *f = &e->family;
    np_json_key(j, "adjusted");
    np_json_object(j);
    np_json_put_text(j, "method", np_adjustment_code(f->how));
    np_json_put_integer(j, "n_hypotheses", (int64_t)f->n);
    if (f->how == NP_ADJUST_ROMANO_WOLF)
        np_json_put_integer(j, "draws", (int64_t)f->draws);
    np_json_key(j, "hypotheses");
    np_json_array(j);
    for (size_t h = 0; h < f->n; h++) {
        const np_model *m = &e->model[f->model[h]];
        np_json_object(j);
        np_json_put_integer(j, "model", (int64_t)f->model[h] + 1);
        np_json_put_text(j, "outcome", m->design.y_name);
        np_json_put_text(j, "term", name_of(e, f, f->model[h], f->term[h]));
        np_json_put_number(j, "p_value", f->p[h]);
        np_json_put_number(j, "p_adjusted", f->p_adjusted[h]);
        np_json_end_object(j);
    }
    np_json_end_array(j);
    np_json_end_object(j);
}
