#include <math.h>
#include <string.h>

#include "base/date.h"
#include "io/yaml_reader.h"
#include "programme/draft.h"
#include "programme/form_internal.h"

typedef struct {
    np_reader r;
    np_store *store;
    np_arena *arena;
    np_error *err;
    np_status status; /* the first failure of the store or of memory */
    np_form form;
    np_form_record *item;
    size_t room;
    np_period period;
    const char *period_end; /* the last day */
    np_rows goal;           /* id indicator measure */
    np_rows measure;        /* id name, all of the project's */
    const form_measure *account;
    size_t n_accounts, n_new_measures;
} form_reader;

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static void fail_memory(form_reader *f)
{
    if (f->status == NP_OK)
        f->status = np_fail(f->err, NP_E_NO_MEMORY, _("no memory left"));
}

/* Keeps what the draft says as a record of the form. */
static void keep(form_reader *f, const np_draft *draft, const np_yaml *node)
{
    const np_kind *kind = draft->record.kind;
    if (f->form.n == f->room) {
        size_t room = f->room == 0 ? 64 : 2 * f->room;
        np_form_record *more = np_arena_array(f->arena, np_form_record, room);
        if (more == NULL) {
            fail_memory(f);
            return;
        }
        if (f->form.n > 0)
            memcpy(more, f->item, f->form.n * sizeof *more);
        f->item = more;
        f->room = room;
    }
    np_value *value = np_arena_array(f->arena, np_value, kind->n_fields);
    if (value == NULL) {
        fail_memory(f);
        return;
    }
    memcpy(value, draft->value, kind->n_fields * sizeof *value);
    np_record record = {.kind = kind, .id = draft->record.id, .value = value};
    np_status status = np_record_identifier(&record.id, &record, f->arena, f->err);
    if (status != NP_OK && f->status == NP_OK)
        f->status = status;
    f->item[f->form.n++] = (np_form_record){.record = record, .line = node->line};
}

/* A value as people write it; a decimal comma is one where there is no point. */
static np_value read_value(form_reader *f, const np_yaml *node, const np_field *field,
                           const char *key)
{
    np_value value = {0};
    np_error own = {0};
    if (node->kind != NP_YAML_SCALAR) {
        np_reader_problem(&f->r, node, key, NP_E_PARSE, NULL,
                          _("one value is expected here"));
        return value;
    }
    size_t length = strlen(node->text);
    bool comma = memchr(node->text, ',', length) && !memchr(node->text, '.', length);
    if (np_value_parse(&value, field, node->text, length, comma ? ',' : '.', f->arena,
                       &own) != NP_OK)
        np_reader_problem(&f->r, node, key, own.status, own.hint, "%s", own.message);
    return value;
}

/* A key of the mapping into the field of the same name; absent where it is not given. */
static void read_field(form_reader *f, np_draft *draft, const np_yaml *mapping,
                       const char *name)
{
    const np_yaml *node = np_yaml_find(mapping, name);
    size_t place = np_kind_field(draft->record.kind, name);
    if (node == NULL || np_yaml_is_null(node))
        return;
    np_draft_value(draft, name,
                   read_value(f, node, &draft->record.kind->field[place], name));
}

static bool is_given(const np_yaml *mapping, const char *key)
{
    const np_yaml *node = np_yaml_find(mapping, key);
    return node != NULL && !np_yaml_is_null(node);
}

/* ---- answers that are one value ---------------------------------------------------- */

static void check_category(form_reader *f, const form_question *q, const np_yaml *node)
{
    np_rows rows;
    np_status status =
        np_store_rows(&rows, f->store, "category", "code", "scheme",
                      q->scheme != NULL ? q->scheme : "", f->arena, f->err);
    const char **code = np_arena_array(f->arena, const char *, rows.n_rows);
    if (status != NP_OK || code == NULL) {
        f->status = f->status != NP_OK ? f->status : NP_E_NO_MEMORY;
        return;
    }
    for (size_t i = 0; i < rows.n_rows; i++) {
        code[i] = np_rows_text(&rows, i, 0);
        if (strcmp(code[i], node->text) == 0)
            return;
    }
    const char *near = np_nearest_name(node->text, code, rows.n_rows);
    np_reader_problem(
        &f->r, node, q->code, NP_E_UNKNOWN_NAME,
        near == NULL ? NULL : np_arena_format(f->arena, _("did you mean %s?"), near),
        _("\"%s\" is no category of %s"), node->text, q->scheme != NULL ? q->scheme : "");
}

static void read_answer_value(form_reader *f, np_draft *draft, const form_question *q,
                              const np_yaml *node)
{
    static const np_field_type type[] = {
        [FORM_TEXT] = NP_FIELD_TEXT,     [FORM_INTEGER] = NP_FIELD_INTEGER,
        [FORM_NUMBER] = NP_FIELD_NUMBER, [FORM_DATE] = NP_FIELD_DATE,
        [FORM_YES_NO] = NP_FIELD_YES_NO, [FORM_CATEGORY] = NP_FIELD_TEXT};
    const np_field field = {.name = q->code, .type = type[q->answer]};
    np_value value = read_value(f, node, &field, q->code);
    if (value.type == NP_VALUE_TEXT)
        np_draft_text(draft, "text", value.text);
    else if (value.type == NP_VALUE_INTEGER)
        np_draft_number(draft, "value", (double)value.integer);
    else if (value.type == NP_VALUE_NUMBER)
        np_draft_number(draft, "value", value.number);
    if (q->answer == FORM_CATEGORY && value.type == NP_VALUE_TEXT)
        check_category(f, q, node);
}

static void start_answer(form_reader *f, np_draft *draft, const form_question *q)
{
    np_draft_start(draft, "answer", NULL);
    np_draft_text(draft, "report", f->form.report);
    np_draft_text(draft, "question", q->id);
    np_draft_text(draft, "theme", q->theme);
}

/* `number` is 0 where only one answer may be given. */
static void read_answer(form_reader *f, const form_question *q, const np_yaml *node,
                        int64_t number)
{
    static const char *const keys[] = {"value", "missing"};
    np_draft draft;
    start_answer(f, &draft, q);
    if (number > 0)
        np_draft_integer(&draft, "number", number);
    if (node->kind == NP_YAML_MAPPING) {
        if (!np_reader_check_keys(&f->r, node, q->code, keys, LENGTH(keys)))
            return;
        if (is_given(node, "value"))
            read_answer_value(f, &draft, q, np_yaml_find(node, "value"));
        read_field(f, &draft, node, "missing");
        if (is_given(node, "value") == is_given(node, "missing")) {
            np_reader_problem(&f->r, node, q->code, NP_E_PARSE, NULL,
                              _("either a value or why it is missing"));
            return;
        }
    } else {
        read_answer_value(f, &draft, q, node);
    }
    keep(f, &draft, node);
}

static void read_answers(form_reader *f, const form_question *q, const np_yaml *node)
{
    if (node->kind != NP_YAML_SEQUENCE) {
        read_answer(f, q, node, q->repeats ? 1 : 0);
        return;
    }
    if (!q->repeats) {
        np_reader_problem(&f->r, node, q->code, NP_E_PARSE, NULL,
                          _("only one answer may be given here"));
        return;
    }
    for (size_t i = 0; i < node->n; i++)
        if (!np_yaml_is_null(&node->item[i]))
            read_answer(f, q, &node->item[i], (int64_t)i + 1);
}

/* ---- items ---------------------------------------------------------------------------
 */

static void read_item(form_reader *f, const form_question *q, const np_yaml *node,
                      size_t number)
{
    static const char *const keys[] = {"text", "theme"};
    np_draft draft;
    np_draft_start(
        &draft, "item",
        np_arena_format(f->arena, "%s/%s/%zu", f->form.report, q->code, number));
    np_draft_text(&draft, "theme", q->theme);
    if (node->kind == NP_YAML_MAPPING) {
        if (!np_reader_check_keys(&f->r, node, q->code, keys, LENGTH(keys)))
            return;
        np_reader_require(&f->r, node, np_reader_get(node, "text"), q->code);
        read_field(f, &draft, node, "text");
        read_field(f, &draft, node, "theme");
    } else {
        const np_field field = {.name = q->code, .type = NP_FIELD_TEXT};
        np_draft_value(&draft, "text", read_value(f, node, &field, q->code));
    }
    np_draft_text(&draft, "sort", q->item_sort != NULL ? q->item_sort : "answer");
    np_draft_text(&draft, "period", f->form.period);
    np_draft_text(&draft, "report", f->form.report);
    np_draft_text(&draft, "project", f->form.project);
    keep(f, &draft, node);
}

static void read_items(form_reader *f, const form_question *q, const np_yaml *node)
{
    if (node->kind == NP_YAML_MAPPING && is_given(node, "missing") &&
        !is_given(node, "text")) {
        read_answer(f, q, node, 0);
        return;
    }
    if (node->kind != NP_YAML_SEQUENCE) {
        read_item(f, q, node, 1);
        return;
    }
    if (!q->repeats && node->n > 1) {
        np_reader_problem(&f->r, node, q->code, NP_E_PARSE, NULL,
                          _("only one answer may be given here"));
        return;
    }
    for (size_t i = 0; i < node->n; i++)
        if (!np_yaml_is_null(&node->item[i]))
            read_item(f, q, &node->item[i], i + 1);
}

/* ---- measurements and goals ----------------------------------------------------------
 */

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
        np_draft_value(draft, "value", read_value(f, node, &field, "value"));
        any = true;
    }
    for (size_t i = 0; node->kind == NP_YAML_MAPPING && i < LENGTH(measurement_keys);
         i++) {
        any = any || is_given(node, measurement_keys[i]);
        read_field(f, draft, node, measurement_keys[i]);
    }
    np_draft_text(draft, "indicator", indicator);
    np_draft_text(draft, "project", f->form.project);
    np_draft_text(draft, "period", f->form.period);
    compute_ratio(f, draft, indicator);
    return any;
}

static void read_measurement(form_reader *f, const form_question *q, const np_yaml *node)
{
    np_draft draft;
    np_draft_start(&draft, "measurement", NULL);
    if (node->kind == NP_YAML_MAPPING &&
        !np_reader_check_keys(&f->r, node, q->code, measurement_keys,
                              LENGTH(measurement_keys)))
        return;
    if (q->indicator != NULL && read_measurement_parts(f, &draft, node, q->indicator))
        keep(f, &draft, node);
}

static void read_comment(form_reader *f, const form_question *q, const np_yaml *node,
                         const char *goal)
{
    np_draft draft;
    if (!is_given(node, "comment"))
        return;
    np_draft_start(&draft, "item",
                   np_arena_format(f->arena, "%s/%s/%s", f->form.report, q->code, goal));
    const np_field field = {.name = "comment", .type = NP_FIELD_TEXT};
    np_draft_value(&draft, "text",
                   read_value(f, np_yaml_find(node, "comment"), &field, "comment"));
    np_draft_text(&draft, "sort", "result");
    np_draft_text(&draft, "period", f->form.period);
    np_draft_text(&draft, "report", f->form.report);
    np_draft_text(&draft, "project", f->form.project);
    np_draft_text(&draft, "goal", goal);
    keep(f, &draft, node);
}

/* The row of an identifier that the key names, among rows whose first column is the
 * identifier; n_rows after a problem. */
static size_t find_row(form_reader *f, const np_yaml *mapping, const char *key,
                       const np_rows *rows)
{
    const np_yaml *node = np_yaml_find(mapping, key);
    const char **id = np_arena_array(f->arena, const char *, rows->n_rows);
    if (id == NULL) {
        fail_memory(f);
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

static void read_goal(form_reader *f, const form_question *q, const np_yaml *node)
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
        keep(f, &draft, node);
    if (indicator == NULL && is_given(node, "value"))
        np_reader_problem(&f->r, node, "value", NP_E_RANGE,
                          _("say it in the comment, or give the goal an indicator"),
                          _("the goal %s has no indicator that a value could be of"),
                          np_rows_text(&f->goal, row, 0));
    read_comment(f, q, node, np_rows_text(&f->goal, row, 0));
}

/* ---- measures ------------------------------------------------------------------------
 */

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
    keep(f, &draft, node);
}

static void keep_account(form_reader *f, const np_yaml *node, const char *measure)
{
    np_draft draft;
    np_draft_start(&draft, "measure_account", NULL);
    np_draft_text(&draft, "report", f->form.report);
    np_draft_text(&draft, "measure", measure);
    read_field(f, &draft, node, "status");
    read_field(f, &draft, node, "n_covered");
    read_field(f, &draft, node, "note");
    const char *status = np_record_text(&draft.record, "status");
    if (status == NULL)
        return; /* waits to be filled in: what is missing is told at submission */
    keep(f, &draft, node);
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
    np_value name = read_value(f, called, &field, "new");
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
        fail_memory(f);
        return;
    }
    np_draft_start(&draft, "measure", id);
    np_draft_text(&draft, "project", f->form.project);
    np_draft_text(&draft, "name", name.text);
    static const char *const fields[] = {"theme",    "number",  "starts",
                                         "ends",     "covered", "whole_organisation",
                                         "n_covered"};
    for (size_t i = 0; i < LENGTH(fields); i++)
        read_field(f, &draft, node, fields[i]);
    keep(f, &draft, node);
    if (!is_given(node, "status"))
        np_reader_problem(&f->r, node, "status", NP_E_PARSE,
                          _("planned, under_way, finished or shelved"),
                          _("a new measure needs its status"));
    keep_account(f, node, id);
}

static void read_measure(form_reader *f, const form_question *q, const np_yaml *node)
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

/* ---- the form ------------------------------------------------------------------------
 */

static void read_each(form_reader *f, const form_question *q, const np_yaml *node,
                      void (*read)(form_reader *, const form_question *, const np_yaml *))
{
    if (node->kind != NP_YAML_SEQUENCE) {
        np_reader_problem(&f->r, node, q->code, NP_E_PARSE, NULL,
                          _("a list is expected here, each entry with a dash before it"));
        return;
    }
    for (size_t i = 0; i < node->n; i++)
        if (!np_yaml_is_null(&node->item[i]))
            read(f, q, &node->item[i]);
}

static void read_question(form_reader *f, const form_question *q, const np_yaml *answers)
{
    const np_yaml *node = np_yaml_find(answers, q->code);
    if (node == NULL || np_yaml_is_null(node))
        return;
    switch (q->answer) {
    case FORM_GOALS:
        read_each(f, q, node, read_goal);
        break;
    case FORM_MEASURES:
        read_each(f, q, node, read_measure);
        break;
    case FORM_MEASUREMENT:
        read_measurement(f, q, node);
        break;
    case FORM_ITEMS:
        read_items(f, q, node);
        break;
    default:
        read_answers(f, q, node);
    }
}

static np_status read_context(form_reader *f)
{
    np_status status = np_store_rows(&f->goal, f->store, "goal", "id indicator measure",
                                     "project", f->form.project, f->arena, f->err);
    if (status == NP_OK)
        status = np_store_rows(&f->measure, f->store, "measure", "id name", "project",
                               f->form.project, f->arena, f->err);
    if (status == NP_OK)
        status = form_measures(&f->account, &f->n_accounts, f->store, f->form.project,
                               f->period, f->arena, f->err);
    return status;
}

static np_status read_answers_part(form_reader *f, const np_yaml *answers)
{
    const form_question *question;
    size_t n;
    np_status status = form_questions(&question, &n, f->store, f->form.template,
                                      f->form.project, f->arena, f->err);
    if (status == NP_OK)
        status = read_context(f);
    if (status != NP_OK)
        return status;
    const char **code = np_arena_array(f->arena, const char *, n);
    if (code == NULL)
        return np_fail(f->err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < n; i++)
        code[i] = question[i].code;
    if (!np_reader_check_keys(&f->r, answers, _("answers"), code, n))
        return NP_OK;
    for (size_t i = 0; i < n && f->status == NP_OK; i++)
        read_question(f, &question[i], answers);
    return f->status;
}

static bool is_there(form_reader *f, const np_yaml *node, const char *kind,
                     const char *id)
{
    bool there = false;
    np_status status = np_store_has(&there, f->store, np_kind_find(kind), id, f->err);
    if (status != NP_OK)
        f->status = f->status != NP_OK ? f->status : status;
    else if (!there)
        np_reader_problem(&f->r, node, kind, NP_E_UNKNOWN_NAME, NULL,
                          _("there is no %s \"%s\""), kind, id);
    return there;
}

/* Which report it is; false after a problem. */
static bool read_head(form_reader *f, const np_yaml *root)
{
    static const char *const parts[] = {"report", "answers"};
    static const char *const keys[] = {"project", "template", "period"};
    if (!np_reader_check_keys(&f->r, root, _("a form"), parts, LENGTH(parts)))
        return false;
    np_reader_key report = np_reader_get(root, "report");
    np_reader_require(&f->r, root, report, _("a form"));
    if (report.node == NULL ||
        !np_reader_check_keys(&f->r, report.node, _("report"), keys, LENGTH(keys)))
        return false;
    const char *text[LENGTH(keys)];
    for (size_t i = 0; i < LENGTH(keys); i++) {
        np_reader_key key = np_reader_get(report.node, keys[i]);
        np_reader_require(&f->r, report.node, key, _("report"));
        text[i] = np_reader_text(&f->r, key);
        if (text[i] == NULL)
            return false;
    }
    f->form.project = text[0];
    f->form.template = text[1];
    f->form.period = text[2];
    const np_yaml *period = np_yaml_find(report.node, "period");
    if (!np_period_parse(&f->period, text[2], strlen(text[2]))) {
        np_reader_problem(&f->r, period, "period", NP_E_RANGE,
                          _("for example 2013 or 2013S1"), _("\"%s\" is no period"),
                          text[2]);
        return false;
    }
    char last_day[NP_DATE_LENGTH];
    np_date_format(last_day, np_period_last_day(f->period));
    f->period_end = np_arena_copy_text(f->arena, last_day, strlen(last_day));
    f->form.report = np_arena_format(f->arena, "%s/%s/%s", text[0], text[1], text[2]);
    if (f->form.report == NULL || f->period_end == NULL)
        fail_memory(f);
    return is_there(f, np_yaml_find(report.node, "project"), "project", text[0]) &&
           is_there(f, np_yaml_find(report.node, "template"), "template", text[1]);
}

static np_status read_form(np_form *out, np_store *store, const np_yaml *root,
                           const char *name, np_arena *arena, np_problems *problems,
                           np_error *err)
{
    form_reader f = {.r = {.arena = arena, .problems = problems, .file = name},
                     .store = store,
                     .arena = arena,
                     .err = err,
                     .form = {.path = name}};
    const np_yaml *answers = np_yaml_find(root, "answers");
    if (read_head(&f, root) && answers != NULL && !np_yaml_is_null(answers))
        f.status = read_answers_part(&f, answers);
    if (f.status == NP_OK && f.r.no_memory)
        fail_memory(&f);
    f.form.item = f.item;
    if (f.status == NP_OK)
        *out = f.form;
    return f.status;
}

np_status np_form_read(np_form *out, np_store *store, const char *path, np_arena *arena,
                       np_problems *problems, np_error *err)
{
    const np_yaml *root;
    np_status status = np_yaml_read(&root, path, arena, err);
    return status == NP_OK ? read_form(out, store, root, path, arena, problems, err)
                           : status;
}

np_status np_form_read_text(np_form *out, np_store *store, const char *text,
                            size_t length, const char *name, np_arena *arena,
                            np_problems *problems, np_error *err)
{
    const np_yaml *root;
    np_status status = np_yaml_read_text(&root, text, length, name, arena, err);
    return status == NP_OK ? read_form(out, store, root, name, arena, problems, err)
                           : status;
}
