#include "evaluation/evaluate.h"

#include <math.h>
#include <string.h>

#include "evaluation/change.h"
#include "evaluation/panel_did.h"
#include "evaluation/theme_column.h"
#include "io/csv.h"

/* A data file that was read; several questions share it. */
typedef struct {
    const np_plan_data *data;
    np_csv csv;
} data_file;

typedef struct {
    const np_plan *plan;
    const char *folder;
    const np_evaluation_spec *spec;
    np_arena *arena, *scratch;
    np_error *err;
    data_file *file; /* [n_files] */
    np_data_file *described;
    size_t n_files;
    np_model_list models;
} evaluation;

static np_status no_memory(const evaluation *ev)
{
    return np_fail(ev->err, NP_E_NO_MEMORY, _("no memory left"));
}

static bool same_texts(const char *const *a, size_t n, const char *const *b, size_t m)
{
    bool same = n == m;
    for (size_t i = 0; same && i < n; i++)
        same = strcmp(a[i], b[i]) == 0;
    return same;
}

static bool same_data(const np_plan_data *a, const np_plan_data *b)
{
    const np_csv_spec *x = &a->csv, *y = &b->csv;
    return strcmp(a->file.text, b->file.text) == 0 && x->separator == y->separator &&
           x->decimal == y->decimal && x->encoding == y->encoding &&
           x->dash_is_zero == y->dash_is_zero && x->skip_lines == y->skip_lines &&
           same_texts(x->text_columns, x->n_text_columns, y->text_columns,
                      y->n_text_columns);
}

static np_status describe_file(const evaluation *ev, np_data_file *out,
                               const np_plan_data *data, const char *path,
                               const np_csv *csv)
{
    *out = (np_data_file){.path = data->file.text,
                          .n_bytes = csv->n_bytes,
                          .n_rows = csv->table.n_rows,
                          .n_columns = csv->table.n_columns,
                          .separator = csv->separator,
                          .decimal = csv->decimal,
                          .encoding = csv->encoding};
    return np_hash_file(out->sha256, path, ev->err);
}

/* Reads a file unless it was read before; an error about the file itself is placed in
 * the plan where the file is not there. */
static np_status load(evaluation *ev, const np_plan_data *data, size_t *index)
{
    for (size_t i = 0; i < ev->n_files; i++)
        if (same_data(ev->file[i].data, data)) {
            *index = i;
            return NP_OK;
        }
    const char *path =
        data->file.text[0] == '/'
            ? data->file.text
            : np_arena_format(ev->arena, "%s/%s", ev->folder, data->file.text);
    if (path == NULL)
        return no_memory(ev);
    data_file *file = &ev->file[ev->n_files];
    np_csv_spec spec = data->csv;
    spec.n_threads = ev->spec->n_threads;
    np_status status = np_csv_read(&file->csv, path, &spec, ev->arena, ev->err);
    if (status == NP_E_IO && ev->err->line == 0) {
        ev->err->file[0] = '\0';
        np_error_file(ev->err, ev->plan->path);
        np_error_field(ev->err, data->file.text, strlen(data->file.text));
        return np_error_at(ev->err, data->file.line, data->file.column);
    }
    if (status != NP_OK)
        return status;
    file->data = data;
    *index = ev->n_files++;
    return describe_file(ev, &ev->described[*index], data, path, &file->csv);
}

static size_t most_files(const np_plan *plan)
{
    size_t n = 0;
    for (size_t i = 0; i < plan->n_questions; i++)
        n += 2 + plan->question[i].n_unit_panels;
    return n;
}

/* What the plan says goes to the result as it is. */
static np_status copy_plan(np_question_result *out, const np_plan_question *q,
                           np_arena *arena, np_error *err)
{
    const char **control = np_arena_array(arena, const char *, q->n_controls);
    if (control == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < q->n_controls; i++)
        control[i] = q->control[i].text;
    const char *participants = q->cohort.text != NULL    ? q->cohort.text
                               : q->treated.text != NULL ? q->treated.text
                                                         : q->theme.text;
    const char *cluster = q->n_clusters > 0 ? q->cluster[0].text : q->unit.text;
    bool clustered = q->vcov == NULL ? q->design == NP_DESIGN_PANEL_DID
                                     : strcmp(q->vcov, "cluster") == 0;
    *out = (np_question_result){.id = q->id,
                                .title = q->title,
                                .description = q->description,
                                .criterion = q->criterion,
                                .design = q->design,
                                .unit = q->unit.text,
                                .time = q->time.text,
                                .outcome = q->outcome.text,
                                .participants = participants,
                                .weights = q->weights.text == NULL ? "" : q->weights.text,
                                .cluster = clustered ? cluster : "",
                                .control = control,
                                .n_controls = q->n_controls,
                                .outcome_label = q->outcome_label,
                                .uom = q->uom,
                                .unit_label = q->unit_label,
                                .lower_is_better = q->direction < 0,
                                .not_yet = q->not_yet,
                                .comparison_filter = "",
                                .decision = q->decision};
    out->comparison_filter =
        np_conditions_text(q->comparison_filter, q->n_comparison_filter, arena);
    return out->comparison_filter == NULL
               ? np_fail(err, NP_E_NO_MEMORY, _("no memory left"))
               : NP_OK;
}

static np_status run_change_scores(evaluation *ev, np_question_result *out, np_work *w)
{
    const np_plan_question *q = w->q;
    size_t index = 0;
    np_change_files files = {NULL, NULL};
    const np_table **panels =
        np_arena_array(ev->arena, const np_table *, q->n_unit_panels);
    np_status status = panels == NULL ? no_memory(ev) : NP_OK;
    if (status == NP_OK && q->informants.given) {
        status = load(ev, &q->informants.data, &index);
        files.informants = &ev->file[index].csv.table;
    }
    for (size_t k = 0; status == NP_OK && k < q->n_unit_panels; k++) {
        status = load(ev, &q->unit_panel[k].data, &index);
        if (status == NP_OK)
            panels[k] = &ev->file[index].csv.table;
    }
    files.unit_panel = panels;
    return status == NP_OK ? np_change_run(out, w, &files) : status;
}

/* A question about participants by theme becomes one about a column that the records
 * give. */
static np_status take_theme(evaluation *ev, np_plan_question *q, np_table *table)
{
    np_table with_column;
    np_plan_name name;
    np_status status = np_theme_column(&with_column, &name, table, q, ev->plan,
                                       ev->folder, ev->arena, ev->err);
    if (status != NP_OK)
        return status;
    *table = with_column;
    q->cohort = name;
    return NP_OK;
}

static np_status run_question(evaluation *ev, np_question_result *out,
                              const np_plan_question *q)
{
    size_t file = 0;
    np_status status = copy_plan(out, q, ev->arena, ev->err);
    if (status == NP_OK)
        status = load(ev, &q->data, &file);
    if (status != NP_OK)
        return status;
    out->file = file;
    np_plan_question question = *q;
    np_table table = ev->file[file].csv.table;
    if (q->theme.text != NULL)
        status = take_theme(ev, &question, &table);
    if (status != NP_OK)
        return status;
    np_work w = {.arena = ev->arena,
                 .scratch = ev->scratch,
                 .plan = ev->plan,
                 .q = &question,
                 .table = &table,
                 .models = &ev->models,
                 .err = ev->err};
    np_arena_mark mark = np_arena_set_mark(ev->scratch);
    status = q->design == NP_DESIGN_PANEL_DID ? np_panel_did_run(out, &w)
                                              : run_change_scores(ev, out, &w);
    np_arena_release(ev->scratch, mark);
    if (status == NP_OK && ev->err->status != NP_OK)
        status = ev->err->status; /* a text that found no memory */
    return status;
}

static np_status run_questions(evaluation *ev, np_evaluation *out)
{
    const np_plan *plan = ev->plan;
    np_question_result *result =
        np_arena_array(ev->arena, np_question_result, plan->n_questions);
    np_status status = result == NULL ? no_memory(ev) : NP_OK;
    for (size_t i = 0; i < plan->n_questions && status == NP_OK; i++) {
        const np_plan_question *q = &plan->question[i];
        if (ev->spec->question != NULL && strcmp(ev->spec->question, q->id) != 0)
            continue;
        status = run_question(ev, &result[out->n_questions++], q);
    }
    out->question = result;
    if (status == NP_OK && out->n_questions == 0) {
        np_fail(ev->err, NP_E_UNKNOWN_NAME, _("the plan has no question %s"),
                ev->spec->question);
        const char **ids = np_arena_array(ev->arena, const char *, plan->n_questions);
        for (size_t i = 0; ids != NULL && i < plan->n_questions; i++)
            ids[i] = plan->question[i].id;
        const char *near =
            ids == NULL ? NULL
                        : np_nearest_name(ev->spec->question, ids, plan->n_questions);
        return near == NULL ? NP_E_UNKNOWN_NAME
                            : np_error_hint(ev->err, _("did you mean %s?"), near);
    }
    return status;
}

static void copy_programme(np_evaluation *out, const np_plan *plan,
                           const np_evaluation_spec *spec)
{
    const char *slash = strrchr(plan->path, '/');
    *out = (np_evaluation){.title = plan->title,
                           .subtitle = plan->subtitle,
                           .programme = plan->programme,
                           .language = plan->language,
                           .n_languages = plan->n_languages,
                           .fact = plan->fact,
                           .n_facts = plan->n_facts,
                           .note = plan->note,
                           .n_notes = plan->n_notes,
                           .label = plan->label,
                           .n_labels = plan->n_labels,
                           .version = NP_VERSION,
                           .date = spec->date == NULL ? "" : spec->date,
                           .plan_path = slash == NULL ? plan->path : slash + 1};
    memcpy(out->plan_sha256, plan->sha256, sizeof out->plan_sha256);
    for (size_t i = 0; i < plan->n_notes; i++)
        out->simulated |= plan->note[i].simulated;
}

np_status np_evaluation_run(np_evaluation *out, const np_plan *plan, const char *folder,
                            const np_evaluation_spec *spec, np_arena *arena,
                            np_error *err)
{
    static const np_evaluation_spec defaults;
    np_error own = {0};
    np_evaluation result;
    evaluation ev = {.plan = plan,
                     .folder = folder,
                     .spec = spec == NULL ? &defaults : spec,
                     .arena = arena,
                     .scratch = np_arena_new(0),
                     .err = err == NULL ? &own : err,
                     .file = np_arena_array(arena, data_file, most_files(plan)),
                     .described = np_arena_array(arena, np_data_file, most_files(plan))};
    np_status status = NP_OK;
    if (ev.scratch == NULL || ev.file == NULL || ev.described == NULL)
        status = no_memory(&ev);
    copy_programme(&result, plan, ev.spec);
    if (status == NP_OK)
        status = run_questions(&ev, &result);
    np_arena_free(ev.scratch);
    result.file = ev.described;
    result.n_files = ev.n_files;
    result.model = ev.models.model;
    result.model_id = ev.models.id;
    result.n_models = ev.models.n;
    if (status == NP_OK)
        *out = result;
    return status;
}
