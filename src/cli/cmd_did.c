#include "cli/cmd_did.h"

#include <string.h>

#include "cli/common.h"
#include "io/table_file.h"
#include "report/doc.h"

static np_status read_panel(np_did_study *d, const np_call *call, np_error *err)
{
    np_csv csv;
    np_csv_spec spec;
    np_status status = np_data_spec(&spec, call, err);
    if (status == NP_OK)
        status = np_did_panel_variables(&spec.columns, &spec.n_columns, &d->panel_spec,
                                        call->arena, err);
    if (status == NP_OK)
        status = np_table_file_read_columns(&csv, d->data, &spec, call->arena, err);
    if (status != NP_OK)
        return status;
    d->table = csv.table;
    status = np_did_panel_build(&d->panel, &d->table, &d->panel_spec, call->arena, err);
    if (status != NP_OK && err != NULL && err->line == 0)
        np_error_file(err, d->data);
    return status;
}

/* One estimator that fails is an error; of several, the others still answer, and where
 * none does, that is the answer. */
static np_status estimate_all(np_did_study *d, const np_call *call, np_error *err)
{
    np_error first = {0};
    for (size_t i = 0; i < d->n_wanted; i++) {
        np_error mine = {0};
        np_did_estimator e = d->wanted[i];
        np_progress(call, _(np_did_estimator_title(e)));
        np_status status = np_did_estimate(&d->result[d->n_results], &d->panel, &d->spec,
                                           e, call->arena, &mine);
        if (status == NP_OK) {
            d->n_results++;
            continue;
        }
        if (d->n_refused == 0)
            first = mine;
        size_t code = strlen(np_did_estimator_code(e));
        bool named = strncmp(mine.message, np_did_estimator_code(e), code) == 0 &&
                     strncmp(mine.message + code, ": ", 2) == 0;
        const char *reason = mine.message + (named ? code + 2 : 0);
        d->refused[d->n_refused++] =
            (np_did_refusal){e, np_arena_copy_text(call->arena, reason, strlen(reason))};
        if (status == NP_E_NO_MEMORY || d->refused[d->n_refused - 1].reason == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    }
    np_progress(call, NULL);
    if (d->n_results > 0 || d->n_wanted > 1)
        return NP_OK;
    if (err != NULL)
        *err = first;
    return first.status;
}

/* A table of event times that the window or the balance has emptied. */
static void say_empty_window(const np_did_study *d, const np_call *call)
{
    for (size_t i = 0; i < d->n_results; i++) {
        const np_did_aggregate *a = np_did_aggregate_of(&d->result[i], "dynamic");
        if (a == NULL || a->n_rows > 0 || !(d->spec.has_window || d->spec.has_balance))
            continue;
        np_buf_format(call->messages, "nullpunkt: %s: %s\n",
                      np_did_estimator_code(d->result[i].estimator),
                      d->spec.has_window
                          ? _("no event time is left by --window")
                          : _("no cohort is seen as long as --balance says"));
    }
}

static np_status compare(np_did_study *d, const np_call *call, np_error *err)
{
    np_did_estimator refused[NP_N_DID_ESTIMATORS];
    const char *reason[NP_N_DID_ESTIMATORS];
    for (size_t i = 0; i < d->n_refused; i++) {
        refused[i] = d->refused[i].estimator;
        reason[i] = d->refused[i].reason;
    }
    return np_did_compare(&d->comparison, d->result, d->n_results, refused, reason,
                          d->n_refused, call->arena, err);
}

np_status np_did_run(const np_call *call, bool *answer_no, np_error *err)
{
    np_did_study *d = np_arena_array(call->arena, np_did_study, 1);
    if (d == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = np_did_options(d, call, err);
    if (status == NP_OK)
        status = read_panel(d, call, err);
    if (status == NP_OK)
        status = np_did_design_examine(&d->design, &d->panel, &d->spec, call->arena, err);
    if (status == NP_OK)
        status = estimate_all(d, call, err);
    if (status == NP_OK)
        say_empty_window(d, call);
    if (status == NP_OK && d->n_wanted > 1)
        status = compare(d, call, err);
    if (status == NP_OK)
        status = np_did_check(d, call, err);
    if (status == NP_OK)
        status = np_did_print(call, d, err);
    *answer_no = status == NP_OK && d->n_results == 0;
    return status;
}
