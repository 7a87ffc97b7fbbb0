#include "cli/cmd_estimate.h"

#include <string.h>
#include <sys/stat.h>

#include "cli/common.h"
#include "evaluation/estimates_json.h"
#include "io/table_file.h"
#include "stats/formula.h"

static np_status compile(regex_t *out, bool *has, const char *option,
                         const np_arguments *a, np_error *err)
{
    const char *pattern = np_argument(a, option);
    char reason[128];
    if (pattern == NULL)
        return NP_OK;
    int code = regcomp(out, pattern, REG_EXTENDED | REG_NOSUB);
    if (code != 0) {
        regerror(code, out, reason, sizeof reason);
        return np_fail(err, NP_E_USAGE, "--%s %s: %s", option, pattern, reason);
    }
    *has = true;
    return NP_OK;
}

static void free_filter(np_term_filter *f)
{
    if (f->has_keep)
        regfree(&f->keep);
    if (f->has_drop)
        regfree(&f->drop);
}

bool np_term_is_shown(const np_term_filter *f, const char *term)
{
    if (f->has_keep && regexec(&f->keep, term, 0, NULL, 0) != 0)
        return false;
    return !f->has_drop || regexec(&f->drop, term, 0, NULL, 0) != 0;
}

static np_status take_formulas(np_estimation *e, const np_call *call, np_error *err)
{
    size_t n_more = np_argument_count(call->arguments, "and");
    if (n_more >= NP_MOST_MODELS)
        return np_fail(err, NP_E_LIMIT, _("at most %d models side by side"),
                       NP_MOST_MODELS);
    e->formula[0] = np_positional(call->arguments, 0);
    for (size_t i = 0; i < n_more; i++)
        e->formula[1 + i] = np_argument_at(call->arguments, "and", i);
    e->n_models = 1 + n_more;
    e->data = np_positional(call->arguments, 1);
    return NP_OK;
}

/* "reading panel.csv", for files that take a moment. */
static void show_step(const np_call *call, const np_estimation *e, const char *step,
                      const char *what)
{
    enum { LONG_FILE = 1 << 25 };
    struct stat info;
    if (call->progress && stat(e->data, &info) == 0 && info.st_size >= LONG_FILE)
        np_progress(call, np_arena_format(call->arena, "%s %.60s", step, what));
}

/* Only the columns that the models name are parsed. */
static np_status read_data(np_estimation *e, const np_call *call, np_error *err)
{
    np_csv_spec spec;
    np_names names = {0};
    np_status status = np_data_spec(&spec, call, err);
    for (size_t m = 0; status == NP_OK && m < e->n_models; m++) {
        const char *const *name;
        size_t n = 0;
        np_model_spec model = e->spec;
        model.design.formula = e->formula[m];
        status = np_model_variables(&name, &n, &model, call->arena, err);
        for (size_t i = 0; status == NP_OK && i < n; i++)
            status = np_names_add(&names, name[i], call->arena, err);
    }
    if (status != NP_OK)
        return status;
    spec.columns = (const char *const *)names.name;
    spec.n_columns = names.n;
    show_step(call, e, _("reading"), e->data);
    return np_table_file_read_columns(&e->csv, e->data, &spec, call->arena, err);
}

static np_status estimate_all(np_estimation *e, const np_call *call, np_error *err)
{
    np_status status = NP_OK;
    for (size_t m = 0; status == NP_OK && m < e->n_models; m++) {
        np_model_spec spec = e->spec;
        spec.design.formula = e->formula[m];
        show_step(call, e, _("estimating"), e->formula[m]);
        status = np_model_estimate(&e->model[m], &e->csv.table, &spec, call->arena, err);
        if (status != NP_OK && err != NULL && err->line == 0)
            np_error_file(err, e->data); /* a line and column are the formula's */
    }
    return status;
}

static void print_json(const np_call *call, const np_estimation *e)
{
    np_json j = {.buf = call->out};
    np_json_object(&j);
    if (e->n_models == 1) {
        np_model_json_members(&j, &e->model[0], e->formula[0]);
    } else {
        np_json_put_text(&j, "nullpunkt", NP_VERSION);
        np_json_key(&j, "models");
        np_json_array(&j);
        for (size_t m = 0; m < e->n_models; m++)
            np_model_json(&j, &e->model[m], e->formula[m]);
        np_json_end_array(&j);
    }
    if (e->family.how != NP_ADJUST_NONE)
        np_estimate_adjusted_json(&j, e);
    if (e->selection != NULL)
        np_estimate_selection_json(&j, e);
    np_json_end_object(&j);
}

/* One more table below. */
static np_status print_more(const np_call *call, const np_doc_table *table,
                            np_doc_format format, np_error *err)
{
    if (table == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_buf_add_char(call->out, '\n');
    np_doc_render_table(call->out, table, format, np_language_get());
    return NP_OK;
}

static np_status print_result(const np_call *call, const np_estimation *e,
                              const np_term_filter *filter, np_error *err)
{
    if (np_wants_json(call->arguments)) {
        print_json(call, e);
        return NP_OK;
    }
    np_doc_format format = np_wanted_format(call->arguments);
    np_status status = np_estimate_print(call, e, filter, format, err);
    if (status == NP_OK && e->family.how != NP_ADJUST_NONE)
        status = print_more(call, np_estimate_adjusted_table(call, e, format == NP_CSV),
                            format, err);
    if (status == NP_OK && e->selection != NULL)
        status = print_more(call, np_estimate_selection_table(call, e, format == NP_CSV),
                            format, err);
    return status;
}

np_status np_estimate_run(const np_call *call, bool *answer_no, np_error *err)
{
    (void)answer_no;
    np_term_filter filter = {0};
    np_estimation *e = np_arena_array(call->arena, np_estimation, 1);
    if (e == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    const np_arguments *a = call->arguments;
    np_status status = take_formulas(e, call, err);
    if (status == NP_OK)
        status = np_estimate_spec(&e->spec, call, err);
    if (status == NP_OK)
        status = compile(&filter.keep, &filter.has_keep, "keep", a, err);
    if (status == NP_OK)
        status = compile(&filter.drop, &filter.has_drop, "drop", a, err);
    if (status == NP_OK)
        status = read_data(e, call, err);
    if (status == NP_OK)
        status = estimate_all(e, call, err);
    if (status == NP_OK)
        status = np_estimate_adjust(e, call, err);
    if (status == NP_OK)
        status = np_estimate_selection(e, call, err);
    np_progress(call, NULL);
    if (status == NP_OK && np_argument_given(a, "plot"))
        status = np_estimate_plot(call, e, &filter, np_argument(a, "plot"), err);
    if (status == NP_OK)
        status = print_result(call, e, &filter, err);
    free_filter(&filter);
    return status;
}
