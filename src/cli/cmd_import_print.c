#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/cmd_import.h"
#include "cli/common.h"
#include "io/csv.h"

static void count_rule(import_telling *t, const char *word)
{
    size_t i = 0;
    while (i < t->n_rules && strcmp(t->rule[i].word, word) != 0)
        i++;
    if (i == IMPORT_RULES)
        return;
    if (i == t->n_rules) {
        np_text_format(t->rule[i].word, sizeof t->rule[i].word, "%s", word);
        t->n_rules++;
    }
    t->rule[i].n++;
}

static void add_row(import_telling *t, const np_import_problem *p)
{
    char line[16] = "";
    if (p->line > 0)
        np_text_format(line, sizeof line, "%u", p->line);
    const char *const cell[] = {
        p->file,  line,    p->column,  p->kind, p->id,
        p->field, p->rule, p->message, p->hint, p->warning ? "warning" : "problem"};
    for (size_t i = 0; i < sizeof cell / sizeof *cell; i++) {
        if (i > 0)
            np_buf_add_char(&t->file, ',');
        if (cell[i][0] != '\0')
            np_csv_put_text(&t->file, cell[i]);
    }
    np_buf_add_char(&t->file, '\n');
}

void import_tell(void *context, const np_import_problem *p)
{
    import_telling *t = context;
    count_rule(t, p->rule);
    if (t->wants_file)
        add_row(t, p);
    t->n_told++;
    t->n_warnings += p->warning;
    size_t *n_shown = p->warning ? &t->n_warnings_shown : &t->n_shown;
    if (*n_shown == (p->warning ? IMPORT_WARNINGS_SHOWN : IMPORT_SHOWN))
        return;
    ++*n_shown;
    np_buf_add(&t->shown, p->file);
    if (p->line > 0)
        np_buf_format(&t->shown, ":%u", p->line);
    if (p->file[0] != '\0')
        np_buf_add(&t->shown, ": ");
    if (p->column[0] != '\0')
        np_buf_format(&t->shown, "%s: ", p->column);
    else if (p->field[0] != '\0')
        np_buf_format(&t->shown, "%s: ", p->field);
    np_buf_format(&t->shown, "%s%s%s%s [%s]\n", p->warning ? _("warning: ") : "",
                  p->message, p->hint[0] == '\0' ? "" : "; ", p->hint, p->rule);
}

static np_status write_problems(import_telling *t, const char *path, np_error *err)
{
    np_buf text = {0};
    np_buf_add(&text, "file,line,column,kind,id,field,rule,message,hint,weight\n");
    np_buf_add(&text, t->file.text == NULL ? "" : t->file.text);
    FILE *file = np_buf_done(&text) == NULL ? NULL : fopen(path, "wb");
    bool good = file != NULL && fwrite(text.text, 1, text.length, file) == text.length;
    if (file != NULL)
        good = fclose(file) == 0 && good;
    np_buf_free(&text);
    if (good)
        return NP_OK;
    np_fail(err, NP_E_IO, _("cannot be written: %s"), strerror(errno));
    return np_error_file(err, path);
}

np_status import_print_problems(import_telling *t, np_error *err)
{
    const char *path = np_argument(t->call->arguments, "problems");
    np_buf *to = t->call->messages;
    np_status status = path == NULL ? NP_OK : write_problems(t, path, err);
    if (t->n_told == 0)
        return status;
    np_buf_add(to, np_buf_done(&t->shown) == NULL ? "" : t->shown.text);
    if (t->n_told <= 1)
        return status;
    np_buf_format(to, _("Problems: %zu, warnings: %zu"), t->n_told - t->n_warnings,
                  t->n_warnings);
    for (size_t i = 0; i < t->n_rules; i++)
        np_buf_format(to, "%s %s %zu", i == 0 ? " -" : ",", t->rule[i].word,
                      t->rule[i].n);
    np_buf_add_char(to, '\n');
    if (t->n_told > t->n_shown + t->n_warnings_shown && path == NULL)
        np_buf_format(to, "%s\n",
                      _("The first are shown; --problems FILE.csv keeps all of them."));
    return status;
}

void import_tell_progress(void *context, size_t i, double share)
{
    const import_telling *t = context;
    char text[400];
    const char *path = t->source[i].path, *slash = strrchr(path, '/');
    np_text_format(text, sizeof text, _("reading %s: %.0f per cent"),
                   slash == NULL ? path : slash + 1, 100 * share);
    np_progress(t->call, share >= 1 ? NULL : text);
}

static void number_cell(np_table_builder *t, size_t n)
{
    char text[32];
    np_text_format(text, sizeof text, "%zu", n);
    np_table_builder_number(t, text, (double)n);
}

static const np_doc_table *counts(const np_call *call, const np_import *import)
{
    np_table_builder *t = np_table_builder_new(call->arena, "records", "", 4);
    np_table_builder_head(t);
    np_table_builder_cell(t, _("Kind"));
    np_table_builder_cell(t, _("new"));
    np_table_builder_cell(t, _("changed"));
    np_table_builder_cell(t, _("unchanged"));
    for (size_t i = 0; i < import->n_counts; i++) {
        const np_import_count *c = &import->count[i];
        np_table_builder_row(t);
        np_table_builder_row_header(t, c->kind->name, 0);
        number_cell(t, c->n_new);
        number_cell(t, c->n_changed);
        number_cell(t, c->n_unchanged);
    }
    return np_table_builder_done(t);
}

static const np_doc_table *changes(const np_call *call, const np_import *import)
{
    np_table_builder *t = np_table_builder_new(call->arena, "changes", "", 5);
    const char *const head[] = {_("Kind"), _("Record"), _("Field"), _("Before"),
                                _("After")};
    np_table_builder_head(t);
    for (size_t i = 0; i < 5; i++) {
        np_table_builder_align(t, i, NP_ALIGN_LEFT);
        np_table_builder_cell(t, head[i]);
    }
    for (size_t i = 0; i < import->n_changes; i++) {
        const np_import_change *c = &import->change[i];
        np_table_builder_row(t);
        np_table_builder_cell(t, c->kind);
        np_table_builder_cell(t, c->id);
        np_table_builder_cell(t, c->field);
        np_table_builder_cell(t, c->before);
        np_table_builder_cell(t, c->after);
    }
    return np_table_builder_done(t);
}

static void print_json(const np_call *call, const np_import *import)
{
    np_json j = {.buf = call->out};
    np_json_object(&j);
    np_json_put_bool(&j, "written", import->written);
    if (import->entry > 0)
        np_json_put_integer(&j, "entry", import->entry);
    np_json_put_integer(&j, "n_rows", (int64_t)import->n_rows);
    np_json_put_integer(&j, "n_problems", (int64_t)import->n_problems);
    np_json_put_integer(&j, "n_warnings", (int64_t)import->n_warnings);
    np_json_key(&j, "kinds");
    np_json_array(&j);
    for (size_t i = 0; i < import->n_counts; i++) {
        np_json_object(&j);
        np_json_put_text(&j, "kind", import->count[i].kind->name);
        np_json_put_integer(&j, "n_new", (int64_t)import->count[i].n_new);
        np_json_put_integer(&j, "n_changed", (int64_t)import->count[i].n_changed);
        np_json_put_integer(&j, "n_unchanged", (int64_t)import->count[i].n_unchanged);
        np_json_end_object(&j);
    }
    np_json_end_array(&j);
    np_json_key(&j, "changes");
    np_json_array(&j);
    for (size_t i = 0; i < import->n_changes; i++) {
        np_json_object(&j);
        np_json_put_text(&j, "kind", import->change[i].kind);
        np_json_put_text(&j, "id", import->change[i].id);
        np_json_put_text(&j, "field", import->change[i].field);
        np_json_put_text(&j, "before", import->change[i].before);
        np_json_put_text(&j, "after", import->change[i].after);
        np_json_end_object(&j);
    }
    np_json_end_array(&j);
    np_json_end_object(&j);
    np_buf_add_char(call->out, '\n');
}

static void say_outcome(const np_call *call, const np_import *import)
{
    size_t n_new = 0;
    for (size_t i = 0; i < import->n_counts; i++)
        n_new += import->count[i].n_new + import->count[i].n_changed;
    if (import->written)
        np_buf_format(call->out, _("Written as entry %lld of the log.\n"),
                      (long long)import->entry);
    else if (import->n_problems > 0)
        np_buf_format(call->out, "%s\n", _("Nothing was written."));
    else if (n_new == 0)
        np_buf_format(call->out, "%s\n",
                      _("The records say all of this already; nothing was written."));
    else
        np_buf_format(call->out, "%s\n", _("A dry run: nothing was written."));
}

np_status import_print(const np_call *call, const np_import *import, size_t n_defined,
                       np_error *err)
{
    if (np_wants_json(call->arguments)) {
        print_json(call, import);
        return NP_OK;
    }
    np_doc_format format = np_wanted_format(call->arguments);
    const np_doc_table *table = counts(call, import);
    const np_doc_table *changed = import->n_changes > 0 ? changes(call, import) : NULL;
    if (table == NULL || (import->n_changes > 0 && changed == NULL))
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (import->n_counts > 0)
        np_doc_render_table(call->out, table, format, np_language_get());
    if (changed != NULL) {
        np_buf_add_char(call->out, '\n');
        np_doc_render_table(call->out, changed, format, np_language_get());
    }
    if (format != NP_TEXT && format != NP_MARKDOWN)
        return NP_OK;
    np_buf_add_char(call->out, '\n');
    if (n_defined > 0)
        np_buf_format(call->out,
                      _("Left out, since programme.yaml defines them: files: %zu.\n"),
                      n_defined);
    say_outcome(call, import);
    return NP_OK;
}
