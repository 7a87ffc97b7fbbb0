/* How the findings of `nullpunkt check` are printed. */
#include "base/json.h"
#include "cli/cmd_check.h"
#include "cli/common.h"

static void add_finding(np_buf *line, const np_finding *p)
{
    if (p->warning)
        np_buf_add(line, _("warning: "));
    if (p->file[0] != '\0') {
        np_buf_add(line, p->file);
        if (p->line > 0)
            np_buf_format(line, ":%u:%u", (unsigned)p->line, (unsigned)p->column);
    } else {
        np_buf_format(line, "%s%s%s", p->kind, p->id[0] == '\0' ? "" : " ", p->id);
    }
    if (p->field[0] != '\0')
        np_buf_format(line, ": %s", p->field);
    np_buf_format(line, ": %s", p->message);
    if (p->hint[0] != '\0')
        np_buf_format(line, "; %s", p->hint);
    if (p->rule[0] != '\0')
        np_buf_format(line, " [%s]", p->rule);
}

/* One line, whatever the records' texts are. */
static void print_finding(np_buf *out, const np_finding *p)
{
    np_buf line = {0};
    add_finding(&line, p);
    np_buf_add_line(out, np_buf_done(&line) == NULL ? "" : line.text);
    np_buf_add_char(out, '\n');
    np_buf_free(&line);
}

/* Of each rule that there is too much of, how many were left out. */
static void print_left_out(np_buf *out, const np_findings *f)
{
    for (size_t i = 0; i < np_text_map_size(f->rules); i++)
        if (f->n_of_rule[i] > f->most)
            np_buf_format(out, _("and %zu more [%s]\n"), f->n_of_rule[i] - f->most,
                          np_text_map_text(f->rules, (int32_t)i));
}

static void print_looked_at(np_buf *out, const np_findings *f)
{
    np_buf_add(out, _("looked at: "));
    for (size_t i = 0; i < f->n_files; i++)
        np_buf_format(out, "%s%s", i == 0 ? "" : ", ", f->file[i]);
    if (f->has_records)
        np_buf_format(out, _("%s%lld records"), f->n_files > 0 ? ", " : "",
                      (long long)f->n_records);
    if (f->has_records && f->checked_log)
        np_buf_format(out, _(", the whole log of %lld entries"), (long long)f->n_entries);
    else if (f->has_records)
        np_buf_format(out, _("; not the log of %lld entries (--log)"),
                      (long long)f->n_entries);
    np_buf_add_char(out, '\n');
    if (f->head[0] != '\0')
        np_buf_format(out, _("head of the log: %s\n"), f->head);
}

void np_findings_print(const np_call *call, const np_findings *f)
{
    np_buf *out = call->out;
    for (size_t i = 0; i < f->n; i++)
        print_finding(out, &f->finding[i]);
    print_left_out(out, f);
    if (f->n > 0)
        np_buf_add_char(out, '\n');
    if (f->n_problems == 0 && f->n_warnings == 0)
        np_buf_format(out, "%s\n", _("nothing is wrong"));
    else
        np_buf_format(out, _("problems: %zu, warnings: %zu\n"), f->n_problems,
                      f->n_warnings);
    print_looked_at(out, f);
    if (f->is_new_definition)
        np_buf_format(out, "%s\n",
                      _("programme.yaml is newer than the records: the next command that "
                        "writes takes it over, and so does check --update"));
}

static void put_finding(np_json *j, const np_finding *p)
{
    np_json_object(j);
    np_json_put_text(j, "severity", p->warning ? "warning" : "problem");
    if (p->file[0] != '\0') {
        np_json_put_text(j, "file", p->file);
        np_json_put_integer(j, "line", p->line);
        np_json_put_integer(j, "column", p->column);
    } else {
        np_json_put_text(j, "kind", p->kind);
        np_json_put_text(j, "id", p->id);
    }
    np_json_put_text(j, "field", p->field);
    np_json_put_text(j, "rule", p->rule);
    np_json_put_text(j, "message", p->message);
    np_json_put_text(j, "hint", p->hint);
    np_json_end_object(j);
}

static void put_looked_at(np_json *j, const np_findings *f)
{
    np_json_key(j, "files");
    np_json_array_inline(j);
    for (size_t i = 0; i < f->n_files; i++)
        np_json_text(j, f->file[i]);
    np_json_end_array(j);
    if (f->has_records) {
        np_json_put_integer(j, "records", f->n_records);
        np_json_put_integer(j, "log_entries", f->n_entries);
        np_json_put_bool(j, "log_checked", f->checked_log);
        np_json_put_text(j, "log_head", f->head);
    }
    np_json_put_bool(j, "definition_is_new", f->is_new_definition);
}

void np_findings_print_json(const np_call *call, const np_findings *f)
{
    np_json j = {.buf = call->out};
    np_json_object(&j);
    np_json_put_text(&j, "nullpunkt", NP_VERSION);
    np_json_put_integer(&j, "n_problems", (int64_t)f->n_problems);
    np_json_put_integer(&j, "n_warnings", (int64_t)f->n_warnings);
    put_looked_at(&j, f);
    np_json_key(&j, "findings");
    np_json_array(&j);
    for (size_t i = 0; i < f->n; i++)
        put_finding(&j, &f->finding[i]);
    np_json_end_array(&j);
    np_json_end_object(&j);
}
