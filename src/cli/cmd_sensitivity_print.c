#include "base/json.h"
#include "cli/cmd_sensitivity.h"
#include "cli/common.h"
#include "evaluation/trial_json.h"

static const char *const conventions[] = {"honestdid", "exact"};

static void put_choices(np_json *j, const np_sensitivity_answer *a)
{
    const np_honest_spec *s = &a->spec;
    const np_honest *r = &a->result;
    np_json_key(j, "sensitivity");
    np_json_object(j);
    np_json_put_text(j, "restriction", np_honest_restriction_code(s->restriction));
    np_json_put_text(j, "shape", np_honest_shape_code(s->shape));
    np_json_put_text(j, "method", np_honest_method_code(r->method));
    np_json_put_text(j, "convention", conventions[s->convention]);
    np_json_put_number(j, "conf_level", r->conf_level);
    np_json_put_number(j, "first_stage", r->first_stage);
    np_json_put_integer(j, "grid_points", (int64_t)r->grid_points);
    np_json_put_integer(j, "draws", (int64_t)r->draws);
    np_json_put_integer(j, "seed", (int64_t)s->seed);
    np_json_end_object(j);
}

static void put_terms(np_json *j, const char *key, const char *const *term, size_t n)
{
    np_json_key(j, key);
    np_json_array_inline(j);
    for (size_t i = 0; i < n; i++)
        np_json_text(j, term[i]);
    np_json_end_array(j);
}

static void put_study(np_json *j, const np_sensitivity_answer *a)
{
    const np_event_coefficients *e = &a->study;
    np_json_key(j, "event_study");
    np_json_object(j);
    np_json_put_text(j, "variable", e->variable);
    np_json_put_number(j, "reference", e->reference);
    put_terms(j, "pre", e->term, e->n_pre);
    put_terms(j, "post", e->term + e->n_pre, e->n_post);
    np_json_put_numbers(j, "target", a->spec.target, e->n_post);
    np_json_end_object(j);
}

static np_status print_json(const np_call *call, const np_sensitivity_answer *a,
                            const np_sensitivity *words, np_error *err)
{
    np_json j = {.buf = call->out};
    const char *sentence = np_sensitivity_sentence(words, call->arena, np_language_get());
    if (sentence == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_json_object(&j);
    np_json_put_text(&j, "nullpunkt", NP_VERSION);
    put_choices(&j, a);
    put_study(&j, a);
    np_honest_json_members(&j, &a->result, sentence);
    np_json_end_object(&j);
    return NP_OK;
}

static np_status plot(const np_call *call, const np_sensitivity *words,
                      const np_doc_table *table, np_error *err)
{
    const char *path = np_argument(call->arguments, "plot");
    np_language language = np_language_get();
    const np_figure *figure = np_sensitivity_figure(words, call->arena, language);
    if (figure == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the figure"));
    np_doc doc = np_doc_new(call->arena, language, figure->title,
                            np_positional(call->arguments, 0));
    np_doc_add_figure(&doc, figure, table);
    np_status status = np_doc_done(&doc, err);
    return status == NP_OK ? np_page_write(path, &doc, call->arena, err) : status;
}

np_status np_sensitivity_print(const np_call *call, const np_sensitivity_answer *a,
                               np_error *err)
{
    const np_sensitivity words = {.result = &a->result,
                                  .restriction = a->spec.restriction,
                                  .shape = a->spec.shape,
                                  .convention = a->spec.convention,
                                  .target = a->target};
    const np_doc_table *table =
        np_sensitivity_table(&words, call->arena, np_language_get());
    if (table == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (np_argument_given(call->arguments, "plot")) {
        np_status status = plot(call, &words, table, err);
        if (status != NP_OK)
            return status;
    }
    if (np_wants_json(call->arguments))
        return print_json(call, a, &words, err);
    np_doc_render_table(call->out, table, np_wanted_format(call->arguments),
                        np_language_get());
    return NP_OK;
}
