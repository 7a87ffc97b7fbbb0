#include "cli/cmd_import.h"

#include <string.h>
#include <sys/stat.h>

#include "cli/common.h"
#include "cli/programme_options.h"
#include "io/table_rows.h"

enum { MOST_CHANGES = 20, LONGEST_PATH = 512 };

static np_status kind_of_option(const np_kind **out, const np_call *call, np_error *err)
{
    const char *word = np_argument(call->arguments, "as");
    *out = word == NULL ? NULL : np_kind_find(word);
    if (word == NULL || (*out != NULL && !(*out)->defined))
        return NP_OK;
    if (*out != NULL)
        return np_fail(err, NP_E_USAGE,
                       _("%s comes from programme.yaml and is not imported"), word);
    size_t n;
    const np_kind *all = np_kinds(&n);
    const char *names[NP_MOST_KINDS];
    for (size_t k = 0; k < n; k++)
        names[k] = all[k].name;
    np_fail(err, NP_E_USAGE, _("%s is no kind of record"), word);
    const char *near = np_nearest_name(word, names, n);
    return near == NULL ? NP_E_USAGE : np_error_hint(err, _("did you mean %s?"), near);
}

/* A mapping of the programme by its name, or the path of one. */
static const char *mapping_path(const np_call *call, const char *name)
{
    const char *folder = np_argument(call->arguments, "programme");
    size_t n = strlen(name);
    if (strchr(name, '/') != NULL || (n > 5 && strcmp(name + n - 5, ".yaml") == 0))
        return name;
    return np_arena_format(call->arena, "%s/mappings/%s.yaml",
                           folder == NULL ? "." : folder, name);
}

static np_status read_mapping(const np_mapping **out, const np_call *call, np_error *err)
{
    const char *name = np_argument(call->arguments, "mapping");
    if (name == NULL)
        return NP_OK;
    const char *path = mapping_path(call, name);
    np_mapping *mapping = np_arena_array(call->arena, np_mapping, 1);
    np_problems *problems = np_arena_array(call->arena, np_problems, 1);
    if (path == NULL || mapping == NULL || problems == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = np_mapping_read(mapping, path, call->arena, problems, err);
    if (status != NP_OK)
        return status;
    np_problems_print(call, problems, 0);
    if (problems->n_seen > 0) {
        np_fail(err, NP_E_PARSE, _("nothing was imported; problems of the mapping: %zu"),
                problems->n_seen);
        return np_error_file(err, path);
    }
    *out = mapping;
    return NP_OK;
}

static np_status file_spec(np_import_spec *spec, const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    np_csv_spec csv;
    int64_t header = 0;
    np_status status = np_data_spec(&csv, call, err);
    if (status == NP_OK && np_argument_given(a, "header"))
        status = np_argument_integer(&header, a, "header", 1, 1000000, err);
    if (status != NP_OK)
        return status;
    spec->decimal = csv.decimal;
    spec->file = (np_table_file_spec){.csv = csv,
                                      .sheet = np_argument(a, "sheet"),
                                      .header_row = (size_t)header,
                                      .errors_are_blank = false};
    return NP_OK;
}

static bool is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

typedef struct {
    np_import_source *source;
    size_t n, n_defined;
} sources;

static np_status add_file(sources *s, const char *path, const np_kind *as,
                          const np_mapping *mapping, const np_call *call, np_error *err)
{
    np_import_source source = {.path = path, .kind = as, .mapping = mapping};
    if (as == NULL && mapping == NULL)
        source.kind = np_import_kind_of_name(path);
    if (source.kind == NULL && mapping == NULL) {
        np_fail(err, NP_E_USAGE, _("what the file holds does not follow from its name"));
        np_error_hint(err, _("say it with --as KIND or --mapping NAME"));
        return np_error_file(err, path);
    }
    if (source.kind != NULL && source.kind->defined) {
        np_fail(err, NP_E_USAGE, _("%s comes from programme.yaml and is not imported"),
                source.kind->name);
        return np_error_file(err, path);
    }
    np_import_source *all = np_arena_array(call->arena, np_import_source, s->n + 1);
    if (all == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (s->n > 0)
        memcpy(all, s->source, s->n * sizeof *all);
    all[s->n++] = source;
    s->source = all;
    return NP_OK;
}

static np_status find_sources(sources *s, import_telling *t, np_error *err)
{
    const np_call *call = t->call;
    const np_arguments *a = call->arguments;
    const np_kind *as = NULL;
    const np_mapping *mapping = NULL;
    np_status status = kind_of_option(&as, call, err);
    if (status == NP_OK)
        status = read_mapping(&mapping, call, err);
    if (status == NP_OK && as != NULL && mapping != NULL)
        status = np_fail(err, NP_E_USAGE,
                         _("--as and --mapping both say what the file "
                           "holds; give one"));
    for (size_t i = 0; i < np_positional_count(a) && status == NP_OK; i++) {
        const char *path = np_positional(a, i);
        if (is_folder(path))
            status = np_import_folder(&s->source, &s->n, &s->n_defined, path, import_tell,
                                      t, call->arena, err);
        else
            status = add_file(s, path, as, mapping, call, err);
    }
    if (status == NP_OK && s->n == 0)
        status = np_fail(err, NP_E_USAGE, _("no file is named after a kind of record"));
    return status;
}

static np_status refuse(const np_import *import, np_error *err)
{
    np_fail(err, NP_E_RANGE, _("nothing was imported; problems: %zu, rows: %zu"),
            import->n_problems, import->n_rows);
    return np_error_hint(err, _("correct them and import again"));
}

static np_status run_import(sources *s, import_telling *t, np_error *err)
{
    const np_call *call = t->call;
    np_programme *programme = NULL;
    np_import import;
    np_import_spec spec = {.source = s->source,
                           .n = s->n,
                           .why = np_argument(call->arguments, "why"),
                           .dry_run = np_argument_given(call->arguments, "dry-run"),
                           .n_changes = MOST_CHANGES,
                           .sink = import_tell,
                           .progress = import_tell_progress,
                           .context = t};
    np_status status = file_spec(&spec, call, err);
    if (status == NP_OK)
        status = np_writer(&spec.who, call, err);
    if (status == NP_OK)
        status = np_programme_of_call(&programme, call, NP_STORE_WRITE, err);
    if (status != NP_OK)
        return status;
    t->source = s->source;
    status = np_import_run(&import, programme->store, &spec, call->arena, err);
    np_progress(call, NULL);
    np_programme_close(programme);
    np_status told = status == NP_OK ? import_print_problems(t, err) : status;
    if (status == NP_OK && import.n_problems == 0)
        status = import_print(call, &import, s->n_defined, err);
    if (status == NP_OK)
        status = told;
    return status == NP_OK && import.n_problems > 0 ? refuse(&import, err) : status;
}

static np_status suggest(const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    const np_kind *as = NULL;
    np_import_spec spec = {0};
    np_table_rows *rows = NULL;
    size_t n = 0;
    if (np_positional_count(a) != 1)
        return np_fail(err, NP_E_USAGE, _("--suggest looks at one file"));
    np_status status = kind_of_option(&as, call, err);
    if (status == NP_OK)
        status = file_spec(&spec, call, err);
    if (status == NP_OK)
        status =
            np_table_rows_open(&rows, np_positional(a, 0), &spec.file, call->arena, err);
    if (status != NP_OK)
        return status;
    const char *const *heading = np_table_rows_names(rows, &n);
    if (as == NULL)
        as = np_import_kind_of_name(np_positional(a, 0));
    if (as != NULL && as->defined)
        as = NULL;
    status = np_mapping_suggest(call->out, heading, n, as, err);
    np_table_rows_close(rows);
    return status;
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    (void)answer_no;
    if (np_argument_given(call->arguments, "suggest"))
        return suggest(call, err);
    sources s = {0};
    import_telling *t = np_arena_array(call->arena, import_telling, 1);
    if (t == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    t->call = call;
    t->wants_file = np_argument_given(call->arguments, "problems");
    np_status status = find_sources(&s, t, err);
    if (status == NP_OK && t->n_told > 0) {
        import_print_problems(t, NULL);
        status = np_fail(err, NP_E_USAGE,
                         _("the folder has files that are not named "
                           "after a kind of record"));
    } else if (status == NP_OK) {
        status = run_import(&s, t, err);
    }
    np_buf_free(&t->shown);
    np_buf_free(&t->file);
    return status;
}

static const np_option options[] = {
    {"as", "KIND",
     N_("What the records are: project, participation, measurement … Default: the name "
        "of "
        "the file (measurement.csv)."),
     NULL, false},
    {"mapping", "NAME",
     N_("How columns become fields: mappings/NAME.yaml of the programme, or the path of "
        "a file."),
     NULL, false},
    {"suggest", NULL,
     N_("Prints a mapping that fits the headings of the file, to be corrected by hand; "
        "imports nothing."),
     NULL, false},
    {"problems", "FILE.csv", N_("Keeps every problem and warning, not the first alone."),
     NULL, false},
    {"sheet", "SHEET", N_("Of a workbook. Default: the first with cells."), NULL, false},
    {"header", "ROW",
     N_("The row with the names of the columns. Default: found by looking."), NULL,
     false},
    NP_PROGRAMME_OPTION,
    NP_WRITING_OPTIONS,
    {"separator", "CHARACTER",
     N_("Between the columns of the data: , ; | or tab. Default: found by looking."),
     NULL, false},
    {"decimal", "CHARACTER",
     N_("The decimal sign of the data. Default: found by looking."), ".|,", false},
    {"encoding", "ENCODING", N_("Of the data. Default: found by looking."),
     "utf-8|windows-1252|latin1", false},
    NP_FORMAT_OPTION,
};

const np_command np_command_import = {
    .name = "import",
    .summary = N_("records from CSV files and workbooks"),
    .synopsis = "FILE|FOLDER... [options]",
    .description = N_(
        "Reads records of any kind that programme.yaml does not define: rosters, "
        "projects, reports, answers, measurements, labels. Columns have the names of "
        "fields, or a mapping says what they become. All files of a call are one entry "
        "of "
        "the log: all of it is written, or nothing.\n\n"
        "Every bad value is told with file, line, column, rule and reason. An empty cell "
        "is an absent value, never zero. A column that the file does not have says "
        "nothing: the record keeps what it has there. Importing the same file again "
        "changes nothing.\n\n"
        "A folder gives its files that are named after kinds, as export records writes "
        "them."),
    .examples = "nullpunkt import project.csv participation.csv --why \"the roster\"\n"
                "nullpunkt import sykefravaer.xlsx --mapping sykefravaer --dry-run\n"
                "nullpunkt import sykefravaer.csv --suggest > mappings/sykefravaer.yaml",
    .n_positional_min = 1,
    .n_positional_max = 1000,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
