#include <string.h>

#include "base/date.h"
#include "programme/form_reader.h"

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
        read_each(f, q, node, form_read_goal);
        break;
    case FORM_MEASURES:
        read_each(f, q, node, form_read_measure);
        break;
    case FORM_MEASUREMENT:
        form_read_measurement(f, q, node);
        break;
    case FORM_ITEMS:
        form_read_items(f, q, node);
        break;
    default:
        form_read_answers(f, q, node);
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
        form_fail_memory(f);
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
        form_fail_memory(&f);
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
