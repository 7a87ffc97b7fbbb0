/* What forms say in one value or in a list of texts. */
#include <string.h>

#include "programme/form_reader.h"

void form_fail_memory(form_reader *f)
{
    if (f->status == NP_OK)
        f->status = np_fail(f->err, NP_E_NO_MEMORY, _("no memory left"));
}

void form_keep(form_reader *f, const np_draft *draft, const np_yaml *node)
{
    const np_kind *kind = draft->record.kind;
    if (f->form.n == f->room) {
        size_t room = f->room == 0 ? 64 : 2 * f->room;
        np_form_record *more = np_arena_array(f->arena, np_form_record, room);
        if (more == NULL) {
            form_fail_memory(f);
            return;
        }
        if (f->form.n > 0)
            memcpy(more, f->item, f->form.n * sizeof *more);
        f->item = more;
        f->room = room;
    }
    np_value *value = np_arena_array(f->arena, np_value, kind->n_fields);
    if (value == NULL) {
        form_fail_memory(f);
        return;
    }
    memcpy(value, draft->value, kind->n_fields * sizeof *value);
    np_record record = {.kind = kind, .id = draft->record.id, .value = value};
    np_status status = np_record_identifier(&record.id, &record, f->arena, f->err);
    if (status != NP_OK && f->status == NP_OK)
        f->status = status;
    f->item[f->form.n++] = (np_form_record){.record = record, .line = node->line};
}

np_value form_value(form_reader *f, const np_yaml *node, const np_field *field,
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

void form_field(form_reader *f, np_draft *draft, const np_yaml *mapping, const char *name)
{
    const np_yaml *node = np_yaml_find(mapping, name);
    size_t place = np_kind_field(draft->record.kind, name);
    if (node == NULL || np_yaml_is_null(node))
        return;
    np_draft_value(draft, name,
                   form_value(f, node, &draft->record.kind->field[place], name));
}

bool form_is_given(const np_yaml *mapping, const char *key)
{
    const np_yaml *node = np_yaml_find(mapping, key);
    return node != NULL && !np_yaml_is_null(node);
}

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
    np_value value = form_value(f, node, &field, q->code);
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
        if (form_is_given(node, "value"))
            read_answer_value(f, &draft, q, np_yaml_find(node, "value"));
        form_field(f, &draft, node, "missing");
        if (form_is_given(node, "value") == form_is_given(node, "missing")) {
            np_reader_problem(&f->r, node, q->code, NP_E_PARSE, NULL,
                              _("either a value or why it is missing"));
            return;
        }
    } else {
        read_answer_value(f, &draft, q, node);
    }
    form_keep(f, &draft, node);
}

void form_read_answers(form_reader *f, const form_question *q, const np_yaml *node)
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
        form_field(f, &draft, node, "text");
        form_field(f, &draft, node, "theme");
    } else {
        const np_field field = {.name = q->code, .type = NP_FIELD_TEXT};
        np_draft_value(&draft, "text", form_value(f, node, &field, q->code));
    }
    np_draft_text(&draft, "sort", q->item_sort != NULL ? q->item_sort : "answer");
    np_draft_text(&draft, "period", f->form.period);
    np_draft_text(&draft, "report", f->form.report);
    np_draft_text(&draft, "project", f->form.project);
    form_keep(f, &draft, node);
}

void form_read_items(form_reader *f, const form_question *q, const np_yaml *node)
{
    if (node->kind == NP_YAML_MAPPING && form_is_given(node, "missing") &&
        !form_is_given(node, "text")) {
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
