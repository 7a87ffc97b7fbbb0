#include "cli/cmd_did.h"
#include "cli/common.h"
#include "evaluation/did_json.h"
#include "report/did_doc.h"

static void print_refused(np_json *j, const np_did_study *d)
{
    np_json_key(j, "refused");
    np_json_array(j);
    for (size_t i = 0; i < d->n_refused; i++) {
        np_json_object(j);
        np_json_put_text(j, "estimator", np_did_estimator_code(d->refused[i].estimator));
        np_json_put_text(j, "reason", d->refused[i].reason);
        np_json_end_object(j);
    }
    np_json_end_array(j);
}

static void print_json(const np_call *call, const np_did_study *d,
                       const np_did_question *q)
{
    np_json j = {.buf = call->out};
    np_json_object(&j);
    np_json_put_text(&j, "nullpunkt", NP_VERSION);
    if (d->n_wanted == 1)
        np_did_result_json_members(&j, q, &d->result[0]);
    np_did_checks_json(&j, d, call->arena);
    np_json_key(&j, "design");
    np_did_design_json(&j, &d->panel, &d->design);
    if (d->n_wanted > 1) {
        np_json_key(&j, "estimates");
        np_json_array(&j);
        for (size_t i = 0; i < d->n_results; i++) {
            np_json_object(&j);
            np_did_result_json_members(&j, q, &d->result[i]);
            np_json_end_object(&j);
        }
        np_json_end_array(&j);
        print_refused(&j, d);
        np_json_key(&j, "comparison");
        np_did_comparison_json(&j, &d->comparison);
    }
    np_json_end_object(&j);
}

static np_status compose(np_doc *out, const np_call *call, const np_did_study *d,
                         const np_did_question *q, bool figures, np_error *err)
{
    np_doc doc = np_doc_new(call->arena, np_language_get(),
                            _("Difference-in-differences"), d->data);
    np_did_estimators all = {d->result, d->n_results, d->refused, d->n_refused,
                             &d->comparison};
    np_did_doc_design(&doc, &d->panel, &d->design, d->spec.anticipation, figures);
    if (d->n_wanted == 1)
        np_did_doc_result(&doc, q, &d->result[0], figures);
    else
        np_did_doc_compare(&doc, q, &all, figures);
    np_did_checks_doc(&doc, d, figures);
    np_status status = np_doc_done(&doc, err);
    if (status == NP_OK)
        *out = doc;
    return status;
}

static np_status print_table(const np_call *call, const np_did_study *d, np_error *err)
{
    const np_doc_table *table = np_did_rows_table(d->result, d->n_results, call->arena);
    if (table == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_doc_render_table(call->out, table, NP_CSV, np_language_get());
    return NP_OK;
}

np_status np_did_print(const np_call *call, const np_did_study *d, np_error *err)
{
    np_doc doc;
    np_status status = NP_OK;
    np_did_question q = {&d->panel, &d->panel_spec, &d->spec};
    const char *page = np_argument(call->arguments, "plot");
    if (page != NULL)
        status = compose(&doc, call, d, &q, true, err);
    if (page != NULL && status == NP_OK)
        status = np_page_write(page, &doc, call->arena, err);
    if (status != NP_OK)
        return status;
    np_doc_format format = np_wanted_format(call->arguments);
    if (np_wants_json(call->arguments)) {
        print_json(call, d, &q);
        return NP_OK;
    }
    if (format == NP_CSV)
        return print_table(call, d, err);
    status = compose(&doc, call, d, &q, false, err);
    if (status == NP_OK)
        np_doc_render(call->out, &doc, format);
    return status;
}
