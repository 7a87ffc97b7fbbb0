/* What forms say of measurements, goals and measures. */
#include <math.h>
#include <string.h>

#include "programme/form_reader.h"

static const char *const measurement_keys[] = {
    "value", "numerator", "denominator",     "missing",
    "scope", "n_people",  "break_in_series", "note"};

/* The value of a ratio follows from its parts. */
static void compute_ratio(form_reader *f, np_draft *draft, const char *indicator)
{
    np_record of;
    double numerator = np_record_number(&draft->record, "numerator"),
           denominator = np_record_number(&draft->record, "denominator");
    if (isfinite(np_record_number(&draft->record, "value")) || !isfinite(numerator) ||
        !(denominator != 0))
        return;
    np_status status = np_store_get(&of, f->store, np_kind_find("indicator"), indicator,
                                    f->arena, f->err);
    if (status != NP_OK) {
        f->status = f->status != NP_OK ? f->status : status;
        return;
    }
    double factor = np_record_number(&of, "factor");
    double value = (isnan(factor) ? 1 : factor) * numerator / denominator;
    if (isfinite(value))
        np_draft_number(draft, "value", value);
}

/* Fills the draft of a measurement; false where nothing is said. */
static bool read_measurement_parts(form_reader *f, np_draft *draft, const np_yaml *node,
                                   const char *indicator)
{
    bool any = false;
    if (node->kind != NP_YAML_MAPPING) {
        const np_field field = {.name = "value", .type = NP_FIELD_NUMBER};
        np_draft_value(draft, "value", form_value(f, node, &field, "value"));
        any = true;
    }
    for (size_t i = 0; node->kind == NP_YAML_MAPPING && i < LENGTH(measurement_keys);
         i++) {
        any = any || form_is_given(node, measurement_keys[i]);
        form_field(f, draft, node, measurement_keys[i]);
    }
    np_draft_text(draft, "indicator", indicator);
    np_draft_text(draft, "project", f->form.project);
    np_draft_text(draft, "period", f->form.period);
    compute_ratio(f, draft, indicator);
    return any;
}

void form_read_measurement(form_reader *f, const form_question *q, const np_yaml *node)
{
    np_draft draft;
    np_draft_start(&draft, "measurement", NULL);
    if (node->kind == NP_YAML_MAPPING &&
        !np_reader_check_keys(&f->r, node, q->code, measurement_keys,
                              LENGTH(measurement_keys)))
        return;
    if (q->indicator != NULL && read_measurement_parts(f, &draft, node, q->indicator))
        form_keep(f, &draft, node);
}

static void read_comment(form_reader *f, const form_question *q, const np_yaml *node,
                         const char *goal)
{
    np_draft draft;
    if (!form_is_given(node, "comment"))
        return;
    np_draft_start(&draft, "item",
                   np_arena_format(f->arena, "%s/%s/%s", f->form.report, q->code, goal));
    const np_field field = {.name = "comment", .type = NP_FIELD_TEXT};
    np_draft_value(&draft, "text",
                   form_value(f, np_yaml_find(node, "comment"), &field, "comment"));
    np_draft_text(&draft, "sort", "result");
    np_draft_text(&draft, "period", f->form.period);
    np_draft_text(&draft, "report", f->form.report);
    np_draft_text(&draft, "project", f->form.project);
    np_draft_text(&draft, "goal", goal);
    form_keep(f, &draft, node);
}

/* The row of an identifier that the key names, among rows whose first column is the
 * identifier; n_rows after a problem. */
static size_t find_row(form_reader *f, const np_yaml *mapping, const char *key,
                       const np_rows *rows)
{
    const np_yaml *node = np_yaml_find(mapping, key);
    const char **id = np_arena_array(f->arena, const char *, rows->n_rows);
    if (id == NULL) {
        form_fail_memory(f);
        return rows->n_rows;
    }
    if (node == NULL || node->kind != NP_YAML_SCALAR) {
        np_reader_problem(&f->r, node == NULL ? mapping : node, key, NP_E_PARSE, NULL,
                          _("the identifier of a %s is expected here"), key);
        return rows->n_rows;
    }
    for (size_t i = 0; i < rows->n_rows; i++) {
        id[i] = np_rows_text(rows, i, 0);
        if (strcmp(id[i], node->text) == 0)
            return i;
    }
    const char *near = np_nearest_name(node->text, id, rows->n_rows);
    np_reader_problem(
        &f->r, node, key, NP_E_UNKNOWN_NAME,
        near == NULL ? NULL : np_arena_format(f->arena, _("did you mean %s?"), near),
        _("the project has no %s \"%s\""), key, node->text);
    return rows->n_rows;
}

void form_read_goal(form_reader *f, const form_question *q, const np_yaml *node)
{
    static const char *const keys[] = {
        "goal",  "value",    "numerator",       "denominator", "missing",
        "scope", "n_people", "break_in_series", "note",        "comment"};
    if (!np_reader_check_keys(&f->r, node, q->code, keys, LENGTH(keys)))
        return;
    size_t row = find_row(f, node, "goal", &f->goal);
    if (row == f->goal.n_rows)
        return;
    const char *indicator = np_rows_text(&f->goal, row, 1);
    np_draft draft;
    np_draft_start(&draft, "measurement", NULL);
    np_draft_text(&draft, "measure", np_rows_text(&f->goal, row, 2));
    bool any = indicator != NULL && read_measurement_parts(f, &draft, node, indicator);
    if (any)
        form_keep(f, &draft, node);
    if (indicator == NULL && form_is_given(node, "value"))
        np_reader_problem(&f->r, node, "value", NP_E_RANGE,
                          _("say it in the comment, or give the goal an indicator"),
                          _("the goal %s has no indicator that a value could be of"),
                          np_rows_text(&f->goal, row, 0));
    read_comment(f, q, node, np_rows_text(&f->goal, row, 0));
}

/* A status that differs from the last one is an entry of the measure's history. */
static void keep_status(form_reader *f, const np_yaml *node, const char *measure,
                        const char *status, const char *note)
{
    const char *last = NULL, *since = NULL;
    np_draft draft;
    for (size_t i = 0; i < f->n_accounts; i++)
        if (strcmp(f->account[i].id, measure) == 0) {
            last = f->account[i].status;
            since = f->account[i].since;
        }
    bool same_day = since != NULL && strcmp(since, f->period_end) == 0;
    if (last != NULL && strcmp(last, status) == 0 && !same_day)
        return;
    np_draft_start(&draft, "measure_status", NULL);
    np_draft_text(&draft, "measure", measure);
    np_draft_text(&draft, "date", f->period_end);
    np_draft_text(&draft, "status", status);
    np_draft_text(&draft, "reason", note);
    form_keep(f, &draft, node);
}

static void keep_account(form_reader *f, const np_yaml *node, const char *measure)
{
    np_draft draft;
    np_draft_start(&draft, "measure_account", NULL);
    np_draft_text(&draft, "report", f->form.report);
    np_draft_text(&draft, "measure", measure);
    form_field(f, &draft, node, "status");
    form_field(f, &draft, node, "n_covered");
    form_field(f, &draft, node, "note");
    const char *status = np_record_text(&draft.record, "status");
    if (status == NULL)
        return; /* waits to be filled in: what is missing is told at submission */
    form_keep(f, &draft, node);
    keep_status(f, node, measure, status, np_record_text(&draft.record, "note"));
}

static const char *new_measure_id(form_reader *f)
{
    for (size_t number = f->measure.n_rows + 1 + f->n_new_measures;; number++) {
        const char *id = np_arena_format(f->arena, "%s-%zu", f->form.project, number);
        bool taken = false;
        for (size_t i = 0; id != NULL && i < f->measure.n_rows; i++)
            taken = taken || strcmp(np_rows_text(&f->measure, i, 0), id) == 0;
        if (!taken)
            return id;
    }
}

/* The measure of that name: the one that is there where a form is sent in again. */
static void read_new_measure(form_reader *f, const np_yaml *node)
{
    const np_yaml *called = np_yaml_find(node, "new");
    const np_field field = {.name = "new", .type = NP_FIELD_TEXT};
    np_value name = form_value(f, called, &field, "new");
    const char *id = NULL;
    np_draft draft;
    if (name.type != NP_VALUE_TEXT)
        return;
    for (size_t i = 0; i < f->measure.n_rows; i++)
        if (strcmp(np_rows_text(&f->measure, i, 1), name.text) == 0)
            id = np_rows_text(&f->measure, i, 0);
    if (id == NULL) {
        id = new_measure_id(f);
        f->n_new_measures++;
    }
    if (id == NULL) {
        form_fail_memory(f);
        return;
    }
    np_draft_start(&draft, "measure", id);
    np_draft_text(&draft, "project", f->form.project);
    np_draft_text(&draft, "name", name.text);
    static const char *const fields[] = {"theme",    "number",  "starts",
                                         "ends",     "covered", "whole_organisation",
                                         "n_covered"};
    for (size_t i = 0; i < LENGTH(fields); i++)
        form_field(f, &draft, node, fields[i]);
    form_keep(f, &draft, node);
    if (!form_is_given(node, "status"))
        np_reader_problem(&f->r, node, "status", NP_E_PARSE,
                          _("planned, under_way, finished or shelved"),
                          _("a new measure needs its status"));
    keep_account(f, node, id);
}

void form_read_measure(form_reader *f, const form_question *q, const np_yaml *node)
{
    static const char *const keys[] = {"measure", "status", "n_covered", "note"};
    static const char *const new_keys[] = {
        "new",    "status", "n_covered", "note",    "theme",
        "number", "starts", "ends",      "covered", "whole_organisation"};
    if (np_yaml_find(node, "new") != NULL) {
        if (np_reader_check_keys(&f->r, node, q->code, new_keys, LENGTH(new_keys)))
            read_new_measure(f, node);
        return;
    }
    if (!np_reader_check_keys(&f->r, node, q->code, keys, LENGTH(keys)))
        return;
    size_t row = find_row(f, node, "measure", &f->measure);
    if (row < f->measure.n_rows)
        keep_account(f, node, np_rows_text(&f->measure, row, 0));
}
