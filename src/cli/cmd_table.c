/* nullpunkt table: tables from the records, as tables.yaml writes them. */
#include <errno.h>
#include <string.h>

#include "base/date.h"
#include "cli/common.h"
#include "cli/programme_options.h"
#include "report/render_xlsx.h"
#include "report/tabulation_doc.h"

static const np_option options[] = {
    NP_PROGRAMME_OPTION,
    {"file", "FILE", N_("The tables. Default: tables.yaml in the programme's folder."),
     NULL, false},
    {"list", NULL, N_("Lists the tables of the file."), NULL, false},
    {"where", "CONDITION",
     N_("Narrows the scope: \"period=2014\", \"period=2013|2014\", \"value>=50\". May be "
        "repeated; all must hold."),
     NULL, true},
    {"rule", "NAME",
     N_("Which of the table's rules makes its means and sums; all: one row for each. "
        "Default: the first."),
     NULL, false},
    {"as-of", "DATE", N_("The day by which reports are owed. Default: today."), NULL,
     false},
    {"check", NULL,
     N_("Compares with the numbers that a source printed, and answers 1 where a number "
        "differs or a check of the table fails."),
     NULL, false},
    {"format", "FORMAT", N_("How it is printed. Default: text."),
     "text|csv|markdown|html|latex|json|xlsx", false},
    {"notes", NULL,
     N_("With csv: the name and title above each table, and below it what stands under "
        "it "
        "in print. Without, csv has cells alone."),
     NULL, false},
    {"output", "FILE", N_("Writes to the file. xlsx needs it."), NULL, false},
};

typedef enum {
    FORMAT_TEXT = 0,
    FORMAT_CSV,
    FORMAT_MARKDOWN,
    FORMAT_HTML,
    FORMAT_LATEX,
    FORMAT_JSON,
    FORMAT_XLSX
} table_format;

typedef struct {
    const np_call *call;
    np_arena *arena;
    np_tabulation_plan plan;
    np_programme *programme;
    const np_tabulation **chosen;
    const np_tabulation_result **result;
    size_t n;
    np_problems *problems;
    table_format format;
} job;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
}

/* All problems but the one that is the error, on standard error. */
static void tell_others(const job *j, size_t first)
{
    np_problems_print(j->call, j->problems, first + 1);
}

static np_status read_plan(job *j, np_error *err)
{
    const np_arguments *a = j->call->arguments;
    const char *path = np_argument(a, "file"), *folder = np_argument(a, "programme");
    if (path == NULL)
        path = np_arena_format(j->arena, "%s/tables.yaml", folder == NULL ? "." : folder);
    j->problems = np_arena_array(j->arena, np_problems, 1);
    if (path == NULL || j->problems == NULL)
        return no_memory(err);
    np_status status = np_tabulation_read(&j->plan, path, j->problems, j->arena, err);
    if (status != NP_OK)
        tell_others(j, 0);
    return status;
}

/* The tables that are named, or all. */
static np_status choose(job *j, np_error *err)
{
    const np_arguments *a = j->call->arguments;
    size_t n = np_positional_count(a);
    j->n = n == 0 ? j->plan.n : n;
    j->chosen = np_arena_array(j->arena, const np_tabulation *, j->n);
    j->result = np_arena_array(j->arena, const np_tabulation_result *, j->n);
    const char **names = np_arena_array(j->arena, const char *, j->plan.n);
    if (j->chosen == NULL || j->result == NULL || names == NULL)
        return no_memory(err);
    for (size_t i = 0; i < j->plan.n; i++)
        names[i] = j->plan.table[i].id;
    for (size_t i = 0; i < j->n; i++) {
        const char *id = n == 0 ? names[i] : np_positional(a, i);
        for (size_t t = 0; t < j->plan.n; t++)
            if (strcmp(names[t], id) == 0)
                j->chosen[i] = &j->plan.table[t];
        if (j->chosen[i] != NULL)
            continue;
        np_fail(err, NP_E_UNKNOWN_NAME, _("%s has no table %s"), j->plan.path, id);
        const char *near = np_nearest_name(id, names, j->plan.n);
        return near == NULL
                   ? np_error_hint(err, _("nullpunkt table --list shows what there is"))
                   : np_error_hint(err, _("did you mean %s?"), near);
    }
    return NP_OK;
}

static np_status day(int32_t *out, const np_call *call, np_error *err)
{
    const char *text = np_argument(call->arguments, "as-of");
    *out = np_date_today();
    if (text == NULL || np_date_parse(out, text, strlen(text)))
        return NP_OK;
    np_fail(err, NP_E_USAGE, _("--as-of %s is no date"), text);
    return np_error_hint(err, _("a date is written 2014-02-01"));
}

static np_status ad_hoc(np_tab_scope *out, const job *j, const np_tabulation *table,
                        np_error *err)
{
    const np_arguments *a = j->call->arguments;
    size_t n = np_argument_count(a, "where");
    np_tab_condition *item = np_arena_array(j->arena, np_tab_condition, n);
    if (item == NULL)
        return no_memory(err);
    np_status status = NP_OK;
    for (size_t i = 0; i < n && status == NP_OK; i++)
        status = np_tabulation_condition(&item[i], table->kind,
                                         np_argument_at(a, "where", i), j->arena, err);
    *out = (np_tab_scope){item, n};
    return status;
}

/* A table that cannot be computed does not hide what is wrong with the others. */
static np_status compute(job *j, np_error *err)
{
    np_tabulation_options o = {.rule = np_argument(j->call->arguments, "rule"),
                               .compare = np_argument_given(j->call->arguments, "check")};
    np_status status = day(&o.as_of, j->call, err);
    for (size_t i = 0; i < j->n && status == NP_OK; i++) {
        np_error own = {0};
        np_tabulation_result *r = np_arena_array(j->arena, np_tabulation_result, 1);
        if (r == NULL)
            return no_memory(err);
        size_t before = j->problems->n;
        np_progress(j->call, j->chosen[i]->id);
        status = ad_hoc(&o.ad_hoc, j, j->chosen[i], err);
        if (status != NP_OK)
            break;
        np_status one =
            np_tabulation_compute(r, j->programme->store, &j->plan, j->chosen[i], &o,
                                  j->problems, j->arena, &own);
        if (one != NP_OK && j->problems->n == before)
            np_problems_add(j->problems, &own);
        j->result[i] = r;
    }
    np_progress(j->call, NULL);
    if (status == NP_OK && j->problems->n > 0) {
        *err = j->problems->item[0];
        status = err->status;
        tell_others(j, 0);
    }
    return status;
}

static np_status document(np_doc *out, const job *j, np_error *err)
{
    *out = np_doc_new(j->arena, np_language_get(), _("Tables"), NULL);
    np_status status = NP_OK;
    for (size_t i = 0; i < j->n && status == NP_OK; i++)
        status = np_tabulation_doc(out, j->result[i], err);
    return status;
}

static np_status render(np_buf *buf, const job *j, np_error *err)
{
    static const np_doc_format formats[] = {[FORMAT_TEXT] = NP_TEXT,
                                            [FORMAT_CSV] = NP_CSV,
                                            [FORMAT_MARKDOWN] = NP_MARKDOWN,
                                            [FORMAT_HTML] = NP_HTML,
                                            [FORMAT_LATEX] = NP_LATEX};
    if (j->format == FORMAT_JSON) {
        np_tabulation_json(buf, j->result, j->n, np_language_get(), j->arena);
        return NP_OK;
    }
    np_doc doc;
    np_status status = document(&doc, j, err);
    if (status != NP_OK)
        return status;
    if (j->format == FORMAT_CSV && np_argument_given(j->call->arguments, "notes"))
        np_doc_render_csv_annotated(buf, &doc);
    else
        np_doc_render(buf, &doc, formats[j->format]);
    return NP_OK;
}

static np_status write_workbook(const job *j, const char *path, np_error *err)
{
    np_doc doc;
    if (path == NULL) {
        np_fail(err, NP_E_USAGE, _("a workbook is written to a file"));
        return np_error_hint(err, _("add --output tables.xlsx"));
    }
    np_status status = document(&doc, j, err);
    return status == NP_OK ? np_doc_write_xlsx(path, &doc, j->arena, err) : status;
}

static np_status print(const job *j, np_error *err)
{
    const char *path = np_argument(j->call->arguments, "output");
    if (j->format == FORMAT_XLSX)
        return write_workbook(j, path, err);
    if (path == NULL)
        return render(j->call->out, j, err);
    np_buf buf = {0};
    np_status status = render(&buf, j, err);
    if (status == NP_OK && np_buf_done(&buf) == NULL)
        status = no_memory(err);
    if (status == NP_OK)
        status = np_output_write("--output", path, &buf, j->arena, err);
    np_buf_free(&buf);
    return status;
}

static np_status list(const job *j, np_error *err)
{
    np_language language = np_language_get();
    np_doc doc = np_doc_new(j->arena, language, _("Tables"), NULL);
    np_table_builder *b = np_table_builder_new(j->arena, "tables", j->plan.path, 3);
    if (b == NULL)
        return no_memory(err);
    for (size_t c = 0; c < 3; c++)
        np_table_builder_align(b, c, NP_ALIGN_LEFT);
    np_table_builder_head(b);
    np_table_builder_cell(b, _("Table"));
    np_table_builder_cell(b, _("Of"));
    np_table_builder_cell(b, _("Title"));
    for (size_t i = 0; i < j->plan.n; i++) {
        const np_tabulation *t = &j->plan.table[i];
        np_table_builder_row(b);
        np_table_builder_row_header(b, t->id, 0);
        np_table_builder_cell(b, t->kind->name);
        np_table_builder_cell(b, np_localised_text(&t->title, language));
    }
    const np_doc_table *table = np_table_builder_done(b);
    if (table == NULL)
        return no_memory(err);
    np_doc_add_table(&doc, table);
    np_doc_render_table(j->call->out, table,
                        j->format == FORMAT_MARKDOWN ? NP_MARKDOWN
                        : j->format == FORMAT_CSV    ? NP_CSV
                                                     : NP_TEXT,
                        language);
    return NP_OK;
}

static bool any_failed(const job *j)
{
    for (size_t i = 0; i < j->n; i++)
        if (j->result[i]->n_failed > 0)
            return true;
    return false;
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    job j = {.call = call, .arena = call->arena};
    j.format = (table_format)np_argument_choice(call->arguments, "format", FORMAT_TEXT);
    np_status status = read_plan(&j, err);
    if (status == NP_OK && np_argument_given(call->arguments, "list"))
        return list(&j, err);
    if (status == NP_OK)
        status = choose(&j, err);
    if (status == NP_OK)
        status = np_programme_of_call(&j.programme, call, NP_STORE_READ, err);
    if (status == NP_OK)
        status = compute(&j, err);
    if (status == NP_OK)
        status = print(&j, err);
    np_programme_close(j.programme);
    if (status == NP_OK && np_argument_given(call->arguments, "check"))
        *answer_no = any_failed(&j);
    return status;
}

const np_command np_command_table = {
    .name = "table",
    .summary = N_("tables from the records, with unit, N, base, scope and rule"),
    .synopsis = "[TABLE …] [options]",
    .description = N_(
        "Makes the tables of tables.yaml, or those that are named, from the records of "
        "a programme. docs/tables.md is the language that they are written in.\n\n"
        "Under each table stand its unit, N, base, scope and rule, who is left out and "
        "why, how many records are reconstructed from printed counts, and whether what "
        "should sum does.\n\n"
        "With --check the numbers that a source printed (expected: in tables.yaml) are "
        "compared cell by cell with those of the records."),
    .examples = "nullpunkt table --list\n"
                "nullpunkt table absence-measures\n"
                "nullpunkt table absence-measures --where period=2014 --format csv\n"
                "nullpunkt table position-sizes --rule all\n"
                "nullpunkt table --check\n"
                "nullpunkt table --format xlsx --output tables.xlsx\n",
    .n_positional_max = 100,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
