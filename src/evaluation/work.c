#include "evaluation/work.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

np_status np_work_no_memory(const np_work *w)
{
    return np_fail(w->err, NP_E_NO_MEMORY, _("no memory left"));
}

/* Copies into the result arena; a failure sticks. */
typedef struct {
    np_arena *arena;
    bool failed;
} keeper;

static void *keep(keeper *k, const void *from, size_t n, size_t size)
{
    if (from == NULL)
        return NULL;
    void *copy = np_arena_alloc(k->arena, n, size);
    k->failed |= copy == NULL;
    if (copy != NULL)
        memcpy(copy, from, n * size);
    return copy;
}

static const char *keep_text(keeper *k, const char *text)
{
    return text == NULL ? NULL : keep(k, text, strlen(text) + 1, 1);
}

static const double *keep_numbers(keeper *k, const double *from, size_t n)
{
    return keep(k, from, n, sizeof *from);
}

static const char *const *keep_texts(keeper *k, const char *const *from, size_t n)
{
    const char **copy = keep(k, from, n, sizeof *from);
    for (size_t i = 0; copy != NULL && i < n; i++)
        copy[i] = keep_text(k, from[i]);
    return copy;
}

static const np_test *keep_tests(keeper *k, const np_test *from, size_t n)
{
    np_test *copy = keep(k, from, n, sizeof *from);
    for (size_t i = 0; copy != NULL && i < n; i++) {
        copy[i].name = keep_text(k, from[i].name);
        copy[i].title = keep_text(k, from[i].title);
        copy[i].detail = keep_text(k, from[i].detail);
        copy[i].distribution = keep_text(k, from[i].distribution);
    }
    return copy;
}

static const np_statistic *keep_stats(keeper *k, const np_statistic *from, size_t n)
{
    np_statistic *copy = keep(k, from, n, sizeof *from);
    for (size_t i = 0; copy != NULL && i < n; i++)
        copy[i].name = keep_text(k, from[i].name);
    return copy;
}

static const np_dropped *keep_dropped(keeper *k, const np_dropped *from, size_t n)
{
    np_dropped *copy = keep(k, from, n, sizeof *from);
    for (size_t i = 0; copy != NULL && i < n; i++)
        copy[i].reason = keep_text(k, from[i].reason);
    return copy;
}

static np_estimates keep_estimates(keeper *k, const np_estimates *e)
{
    np_estimates out = *e;
    out.term = keep_texts(k, e->term, e->k);
    out.estimate = keep_numbers(k, e->estimate, e->k);
    out.std_error = keep_numbers(k, e->std_error, e->k);
    out.statistic = keep_numbers(k, e->statistic, e->k);
    out.p_value = keep_numbers(k, e->p_value, e->k);
    out.conf_low = keep_numbers(k, e->conf_low, e->k);
    out.conf_high = keep_numbers(k, e->conf_high, e->k);
    out.vcov = keep_numbers(k, e->vcov, e->k * e->k);
    out.df = keep_numbers(k, e->df, e->k);
    out.vcov_label = keep_text(k, e->vcov_label);
    out.vcov_call = keep_text(k, e->vcov_call);
    out.ssc_label = keep_text(k, e->ssc_label);
    out.dropped = keep_dropped(k, e->dropped, e->n_dropped);
    out.stat = keep_stats(k, e->stat, e->n_stats);
    out.test = keep_tests(k, e->test, e->n_tests);
    out.table = NULL;
    out.n_tables = 0;
    out.collinear = keep_texts(k, e->collinear, e->n_collinear);
    out.warning = keep_texts(k, e->warning, e->n_warnings);
    return out;
}

static const np_model *keep_model(const np_work *w, const np_model *m)
{
    keeper k = {.arena = w->arena};
    np_model *out = np_arena_array(w->arena, np_model, 1);
    if (out == NULL)
        return NULL;
    out->estimates = keep_estimates(&k, &m->estimates);
    out->design.y_name = keep_text(&k, m->design.y_name);
    out->design.n = m->design.n;
    out->title = keep_text(&k, m->title);
    out->family_name = keep_text(&k, m->family_name);
    out->cluster_name = keep_texts(&k, m->cluster_name, m->n_cluster_keys);
    out->n_clusters = keep(&k, m->n_clusters, m->n_cluster_keys, sizeof *m->n_clusters);
    out->n_cluster_keys = m->n_cluster_keys;
    out->fe_name = keep_texts(&k, m->fe_name, m->n_fe);
    out->fe_levels = keep(&k, m->fe_levels, m->n_fe, sizeof *m->fe_levels);
    out->n_fe = m->n_fe;
    return k.failed ? NULL : out;
}

static np_status add_model(const np_work *w, const np_model *model, const char *id)
{
    np_model_list *list = w->models;
    if (list->n == list->capacity) {
        size_t capacity = list->capacity == 0 ? 32 : 2 * list->capacity;
        const np_model **models = np_arena_array(w->arena, const np_model *, capacity);
        const char **ids = np_arena_array(w->arena, const char *, capacity);
        if (models == NULL || ids == NULL)
            return np_work_no_memory(w);
        if (list->n > 0) {
            memcpy(models, list->model, list->n * sizeof *models);
            memcpy(ids, list->id, list->n * sizeof *ids);
        }
        list->model = models;
        list->id = ids;
        list->capacity = capacity;
    }
    list->model[list->n] = model;
    list->id[list->n++] = id;
    return NP_OK;
}

np_status np_work_estimate(np_work *w, const char *id, const np_table *table,
                           const np_model_spec *spec, np_model *full,
                           const np_model **kept, size_t *index, np_error *failure)
{
    np_status status = np_model_estimate(full, table, spec, w->scratch, failure);
    if (status != NP_OK)
        return status;
    const np_model *copy = keep_model(w, full);
    if (copy == NULL || add_model(w, copy, id) != NP_OK)
        return np_fail(failure, NP_E_NO_MEMORY, _("no memory left"));
    *kept = copy;
    *index = w->models->n - 1;
    return NP_OK;
}

np_statement np_work_statement(const np_work *w, const char *text,
                               const np_quantity *value, size_t n_values)
{
    np_quantity *copy = np_arena_array(w->arena, np_quantity, n_values);
    np_statement s = {.text = text, .value = copy, .n_values = n_values};
    if (copy == NULL) {
        np_work_no_memory(w);
        return (np_statement){.text = text};
    }
    for (size_t i = 0; i < n_values; i++) {
        copy[i] = value[i];
        if (value[i].text != NULL)
            copy[i].text =
                np_arena_copy_text(w->arena, value[i].text, strlen(value[i].text));
        else
            copy[i].text = "";
        if (copy[i].text == NULL) {
            np_work_no_memory(w);
            return (np_statement){.text = text};
        }
    }
    return s;
}

const char *np_work_text(const np_work *w, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    char *text = length < 0 ? NULL : np_arena_array(w->arena, char, (size_t)length + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(args);
    if (text != NULL)
        return text;
    np_work_no_memory(w);
    return "";
}

const char *np_work_quoted(const np_work *w, const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char inside[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789._";
    bool plain = *name != '\0' && strchr(letters, *name) != NULL &&
                 name[strspn(name, inside)] == '\0';
    return plain ? name : np_work_text(w, "`%s`", name);
}

const char *np_work_identifier(const np_work *w, const char *text)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789_";
    char *name =
        np_arena_format(w->arena, "%s%s", strchr("0123456789_", *text) ? "x" : "", text);
    if (name == NULL) {
        np_work_no_memory(w);
        return "";
    }
    for (char *c = name; *c != '\0'; c++)
        if (strchr(good, *c) == NULL)
            *c = '_';
    return name[0] == '_' ? np_work_text(w, "x%s", name) : name;
}

np_status np_caveats_add(const np_work *w, np_caveat_list *list, np_caveat_kind kind,
                         np_statement statement)
{
    if (list->n == list->capacity) {
        size_t capacity = list->capacity == 0 ? 8 : 2 * list->capacity;
        np_caveat *item = np_arena_array(w->arena, np_caveat, capacity);
        if (item == NULL)
            return np_work_no_memory(w);
        if (list->n > 0)
            memcpy(item, list->item, list->n * sizeof *item);
        list->item = item;
        list->capacity = capacity;
    }
    list->item[list->n++] = (np_caveat){.kind = kind, .statement = statement};
    return w->err->status;
}

static bool is_there(const np_derived *d, const char *name)
{
    for (size_t i = 0; i < d->n; i++)
        if (strcmp(d->column[i].name, name) == 0)
            return true;
    return false;
}

static np_status derived_add(np_derived *d, np_column column, np_error *err)
{
    if (is_there(d, column.name))
        return NP_OK;
    if (d->n == NP_MOST_DERIVED)
        return np_fail(err, NP_E_LIMIT, _("a model takes at most %d columns"),
                       NP_MOST_DERIVED);
    column.uom = "";
    d->column[d->n++] = column;
    return NP_OK;
}

np_status np_derived_number(np_derived *d, const char *name, const double *value,
                            np_error *err)
{
    np_column column = {.name = name, .type = NP_COLUMN_F64};
    column.f64 = value;
    return derived_add(d, column, err);
}

np_status np_derived_code(np_derived *d, const char *name, const int64_t *value,
                          np_error *err)
{
    np_column column = {.name = name, .type = NP_COLUMN_I64};
    column.i64 = value;
    return derived_add(d, column, err);
}

const char *np_derived_free_name(const np_derived *d, const char *wanted, np_arena *arena)
{
    const char *name = np_arena_copy_text(arena, wanted, strlen(wanted));
    while (name != NULL && is_there(d, name))
        name = np_arena_format(arena, "%s_", name);
    return name;
}

np_table np_derived_table(const np_derived *d)
{
    return (np_table){.n_rows = d->n_rows, .n_columns = d->n, .column = d->column};
}
