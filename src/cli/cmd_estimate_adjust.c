#include <math.h>
#include <string.h>

#include "cli/cmd_estimate.h"
#include "report/number.h"

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
    for (size_t m = 0; m < e->n_models; m++) {
        const np_estimates *s = &e->model[m].estimates;
        for (size_t i = 0; i < s->k; i++) {
            bool taken = pattern == NULL
                             ? strcmp(s->term[i], "(Intercept)") != 0
                             : regexec(&compiled, s->term[i], 0, NULL, 0) == 0;
            if (!taken)
                continue;
            f->model[f->n] = m;
            f->term[f->n++] = i;
        }
    }
    if (pattern != NULL)
        regfree(&compiled);
    if (f->n == 0)
        return np_fail(err, NP_E_UNKNOWN_NAME, _("--adjust-term %s: no term matches"),
                       pattern == NULL ? "" : pattern);
    return NP_OK;
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
        most += e->model[m].estimates.k;
    f.model = np_arena_array(call->arena, size_t, most);
    f.term = np_arena_array(call->arena, size_t, most);
    f.p_adjusted = np_arena_array(call->arena, double, most);
    if (f.model == NULL || f.term == NULL || f.p_adjusted == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = gather(&f, e, np_argument(a, "adjust-term"), err);
    for (size_t h = 0; status == NP_OK && h < f.n; h++)
        f.p_adjusted[h] = e->model[f.model[h]].estimates.p_value[f.term[h]];
    if (status == NP_OK)
        status =
            np_adjust_p_values(f.p_adjusted, f.p_adjusted, f.n, f.how, call->arena, err);
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
        double p = m->estimates.p_value[f->term[h]];
        np_table_builder_row(t);
        np_table_builder_number(
            t,
            np_arena_format(call->arena, for_machines ? "%zu" : "(%zu)", f->model[h] + 1),
            (double)f->model[h] + 1);
        np_table_builder_cell(t, m->design.y_name);
        np_table_builder_cell(t, m->estimates.term[f->term[h]]);
        np_table_builder_number(t, np_number_p(call->arena, p, language), p);
        np_table_builder_number(t, np_number_p(call->arena, f->p_adjusted[h], language),
                                f->p_adjusted[h]);
    }
    if (!for_machines)
        np_table_builder_note(t, _("Adjusted for %zu hypotheses by %s."), f->n,
                              method(f->how));
    return np_table_builder_done(t);
}

void np_estimate_adjusted_json(np_json *j, const np_estimation *e)
{
    const np_estimate_family *f = &e->family;
    np_json_key(j, "adjusted");
    np_json_object(j);
    np_json_put_text(j, "method", np_adjustment_code(f->how));
    np_json_put_integer(j, "n_hypotheses", (int64_t)f->n);
    np_json_key(j, "hypotheses");
    np_json_array(j);
    for (size_t h = 0; h < f->n; h++) {
        const np_model *m = &e->model[f->model[h]];
        np_json_object(j);
        np_json_put_integer(j, "model", (int64_t)f->model[h] + 1);
        np_json_put_text(j, "outcome", m->design.y_name);
        np_json_put_text(j, "term", m->estimates.term[f->term[h]]);
        np_json_put_number(j, "p_value", m->estimates.p_value[f->term[h]]);
        np_json_put_number(j, "p_adjusted", f->p_adjusted[h]);
        np_json_end_object(j);
    }
    np_json_end_array(j);
    np_json_end_object(j);
}
