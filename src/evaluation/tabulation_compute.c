/* A table from beginning to end. */
#include <string.h>

#include "base/date.h"
#include "evaluation/tabulation_internal.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
}

static bool needs_number(const np_tab_statistic *s)
{
    return s->sort >= NP_TAB_SUM && s->sort <= NP_TAB_VALUE && s->path.text != NULL;
}

np_status tab_stat_need(tab_facts *f, const np_tab_statistic *s, np_error *err)
{
    size_t index;
    np_status status = tab_scope_need(f, &s->where, err);
    if (status == NP_OK && s->sort == NP_TAB_INDICATOR)
        return tab_indicator_need(f, s, err);
    if (status == NP_OK && s->path.text != NULL)
        status = needs_number(s) ? tab_facts_number(&index, f, &s->path, err)
                                 : tab_facts_dim(&index, f, &s->path, err);
    if (status == NP_OK && s->over.text != NULL)
        status = tab_facts_dim(&index, f, &s->over, err);
    if (status == NP_OK && s->weight.text != NULL)
        status = tab_facts_dim(&index, f, &s->weight, err);
    return status;
}

static int bound_dim(const tab_facts *f, const np_tab_path *path)
{
    for (size_t d = 0; path->text != NULL && d < f->n_dims; d++)
        if (f->dim[d].sort == TAB_DIM_PATH &&
            strcmp(f->dim[d].path.text, path->text) == 0)
            return (int)d;
    return -1;
}

/* How many municipalities the organisations of each project are; what is no project, or
 * has no organisation, counts one. */
static np_status municipalities(const double **out, const tab_facts *f, int d,
                                np_error *err)
{
    static const np_query_column column[] = {
        {"project", NP_VALUES}, {"organisation.n_members", NP_VALUES}, {"id", NP_COUNT}};
    const tab_dim *dim = &f->dim[d];
    np_query query = {
        .kind = np_kind_find("project_organisation"), .column = column, .n_columns = 3};
    np_rows rows;
    np_status status = np_store_query(&rows, f->store, &query, f->arena, err);
    if (status != NP_OK)
        return status;
    double *n = np_arena_array(f->arena, double, dim->n_codes);
    if (n == NULL)
        return no_memory(err);
    for (size_t i = 0; i < rows.n_rows; i++) {
        const np_value *cell = &rows.cell[3 * i];
        int32_t code = tab_dim_find(dim, cell[0].text);
        double members = cell[1].type == NP_VALUE_INTEGER ? (double)cell[1].integer : 1;
        if (code >= 0)
            n[code] += members * (double)cell[2].integer;
    }
    for (size_t c = 0; c < dim->n_codes; c++)
        if (n[c] == 0)
            n[c] = 1;
    *out = n;
    return NP_OK;
}

np_status tab_stat_bind(tab_stat *out, const tab_facts *f, const np_tab_statistic *s,
                        np_error *err)
{
    *out = (tab_stat){.s = s, .dim = -1, .number = -1, .over = -1, .weight = -1};
    np_status status = tab_scope_tests(&out->where, f, &s->where, err);
    if (s->sort == NP_TAB_INDICATOR) {
        tab_indicator_bind(out, f);
        return status;
    }
    if (needs_number(s)) {
        for (size_t i = 0; i < f->n_numeric; i++)
            if (strcmp(f->numeric[i].text, s->path.text) == 0)
                out->number = (int)i;
    } else {
        out->dim = bound_dim(f, &s->path);
    }
    out->over = bound_dim(f, &s->over);
    out->weight = bound_dim(f, &s->weight);
    if (status == NP_OK && s->sort == NP_TAB_MUNICIPALITIES && out->dim >= 0)
        status = municipalities(&out->municipalities, f, out->dim, err);
    return status;
}

/* All statistics of the table, each once: shown, of levels, totals, and parts of ratios.
 */
static void add_stat(tab_work *w, const np_tab_statistic *s)
{
    w->stat[w->n_stats++].s = s;
    if (s->sort == NP_TAB_RATIO && s->part != NULL)
        for (int k = 0; k < 2; k++)
            w->stat[w->n_stats++].s = &s->part[k];
}

static void each_level(tab_work *w, const np_tab_axis *axis,
                       void (*take)(tab_work *w, const np_tab_statistic *s))
{
    for (size_t b = 0; b < axis->n; b++)
        for (size_t l = 0; l < axis->block[b].n; l++)
            for (size_t i = 0; i < axis->block[b].level[l].n_statistics; i++)
                take(w, &axis->block[b].level[l].statistic[i]);
}

static void count_stat(tab_work *w, const np_tab_statistic *s)
{
    w->n_stats += s->sort == NP_TAB_RATIO ? 3 : 1;
}

static void each_stat(tab_work *w, void (*take)(tab_work *w, const np_tab_statistic *s))
{
    for (size_t i = 0; i < w->table->n_show; i++)
        take(w, &w->table->show[i]);
    each_level(w, &w->table->rows, take);
    each_level(w, &w->table->columns, take);
    for (size_t i = 0; i < w->table->n_totals; i++)
        take(w, &w->table->total[i]);
}

int tab_stat_index(const tab_work *w, const np_tab_statistic *s)
{
    for (size_t i = 0; i < w->n_stats; i++)
        if (w->stat[i].s == s)
            return (int)i;
    return -1;
}

static np_status need_stats(tab_work *w, np_error *err)
{
    each_stat(w, count_stat);
    w->stat = np_arena_array(w->arena, tab_stat, w->n_stats);
    w->n_stats = 0;
    if (w->stat == NULL)
        return no_memory(err);
    each_stat(w, add_stat);
    np_status status = NP_OK;
    for (size_t i = 0; i < w->n_stats && status == NP_OK; i++)
        if (w->stat[i].s->from == NULL)
            status = tab_stat_need(&w->facts, w->stat[i].s, err);
    for (size_t i = 0; i < w->table->n_rules && status == NP_OK; i++) {
        const np_tab_rule *rule = &w->table->rule[i];
        size_t index;
        if (rule->weight.text != NULL)
            status = tab_facts_dim(&index, &w->facts, &rule->weight, err);
        if (status == NP_OK && rule->over.text != NULL)
            status = tab_facts_dim(&index, &w->facts, &rule->over, err);
    }
    return status;
}

static np_status bind_stats(tab_work *w, np_error *err)
{
    np_status status = NP_OK;
    for (size_t i = 0; i < w->n_stats && status == NP_OK; i++) {
        const np_tab_statistic *s = w->stat[i].s;
        if (s->from == NULL)
            status = tab_stat_bind(&w->stat[i], &w->facts, s, err);
        for (int k = 0; k < 2 && s->part != NULL; k++)
            w->stat[i].part[k] = tab_stat_index(w, &s->part[k]);
    }
    return status;
}

static np_status check_value(tab_work *w, const np_tab_condition *c, const char *id,
                             np_error *err)
{
    const np_kind *kind = np_kind_find(c->path.field.among);
    bool there = true;
    np_status status = np_store_has(&there, w->store, kind, id, err);
    if (status != NP_OK || there)
        return status;
    tab_named *all;
    size_t n;
    status = tab_names(&all, &n, w->store, kind, NULL, w->arena, err);
    if (status != NP_OK)
        return status;
    const char **names = np_arena_array(w->arena, const char *, n);
    char hint[256] = "";
    for (size_t i = 0; names != NULL && i < n; i++)
        names[i] = all[i].id;
    const char *near = names == NULL ? NULL : np_nearest_name(id, names, n);
    if (near != NULL)
        np_text_format(hint, sizeof hint, _("did you mean %s?"), near);
    tab_problem(w, c->path.line, c->path.column, NP_E_UNKNOWN_NAME, hint,
                _("there is no %s %s"), kind->name, id);
    return NP_OK;
}

/* A scope that names a theme or cohort which is not there would count nothing. */
static np_status check_scope(tab_work *w, const np_tab_scope *scope, np_error *err)
{
    np_status status = NP_OK;
    for (size_t i = 0; i < scope->n; i++) {
        const np_tab_condition *c = &scope->item[i];
        if (c->path.sort != NP_TAB_FIELD || c->path.n > 1 ||
            c->path.field.type != NP_FIELD_REFERENCE)
            continue;
        for (size_t k = 0; k < c->n && status == NP_OK; k++)
            if (c->value[k].type == NP_VALUE_TEXT)
                status = check_value(w, c, c->value[k].text, err);
    }
    return status;
}

static np_status first_problem(const tab_work *w, size_t before, np_error *err)
{
    if (w->problems->n <= before)
        return NP_OK;
    if (err != NULL && err->status == NP_OK)
        *err = w->problems->item[before];
    return w->problems->item[before].status;
}

static np_status load(tab_work *w, np_error *err)
{
    const np_tabulation *t = w->table;
    size_t index;
    np_status status = tab_facts_new(&w->facts, w->store, t->kind, w->arena, err);
    w->facts.scope[0] = &t->where;
    w->facts.scope[1] = &w->options->ad_hoc;
    w->facts.as_of = w->options->as_of;
    w->facts.coder = t->coder;
    if (status == NP_OK)
        status = tab_axis_need(w, &t->rows, err);
    if (status == NP_OK)
        status = tab_axis_need(w, &t->columns, err);
    if (status == NP_OK)
        status = need_stats(w, err);
    if (status == NP_OK && t->each.text != NULL &&
        (t->matched || t->population.kind != NULL ||
         t->kind != np_kind_find("measurement")))
        status = tab_facts_dim(&index, &w->facts, &t->each, err);
    if (status == NP_OK)
        status = tab_facts_load(&w->facts, err);
    return status == NP_OK ? bind_stats(w, err) : status;
}

static void count_records(np_tabulation_result *out, const tab_work *w)
{
    const tab_facts *f = &w->facts;
    for (size_t i = 0; i < f->n; i++) {
        out->n_records += f->count[i];
        if (f->reconstructed_dim < 0)
            continue;
        const tab_dim *dim = &f->dim[f->reconstructed_dim];
        if (dim->code[i] >= 0 && dim->value[dim->code[i]].integer == 1)
            out->n_reconstructed += f->count[i];
    }
}

static np_status choose_rule(np_tabulation_result *out, const tab_work *w, np_error *err)
{
    const np_tabulation *t = w->table;
    const char *wanted = w->options->rule;
    if (wanted != NULL && strcmp(wanted, "all") == 0) {
        out->all_rules = t->n_rules > 0;
        return NP_OK;
    }
    out->rule = t->n_rules > 0 ? &t->rule[0] : NULL;
    if (wanted == NULL || t->n_rules == 0)
        return NP_OK;
    const char **names = np_arena_array(w->arena, const char *, t->n_rules);
    if (names == NULL)
        return no_memory(err);
    for (size_t i = 0; i < t->n_rules; i++) {
        names[i] = t->rule[i].id;
        if (strcmp(names[i], wanted) == 0) {
            out->rule = &t->rule[i];
            return NP_OK;
        }
    }
    np_fail(err, NP_E_UNKNOWN_NAME, _("%s has no rule %s"), t->id, wanted);
    const char *near = np_nearest_name(wanted, names, t->n_rules);
    return near == NULL ? np_error_hint(err, _("its rules are listed in tables.yaml"))
                        : np_error_hint(err, _("did you mean %s?"), near);
}

static np_status cells(np_tabulation_result *out, tab_work *w, np_error *err)
{
    tab_cells cells;
    np_status status = tab_side_build(&w->rows, w, &w->table->rows, true, err);
    if (status == NP_OK)
        status = tab_side_build(&w->columns, w, &w->table->columns, false, err);
    w->multiple = w->table->multiple || w->facts.several;
    out->multiple = w->multiple;
    if (status == NP_OK)
        status = tab_matched(w, out, err);
    if (status == NP_OK)
        status = tab_accumulate(&cells, w, err);
    if (status == NP_OK)
        status = tab_arrange_rows(w, &cells, err);
    if (status == NP_OK)
        status = tab_finish(out, w, &cells, err);
    if (status == NP_OK)
        status = tab_left_out(out, w, err);
    if (status == NP_OK)
        status = tab_check(out, w, &cells, err);
    if (status == NP_OK)
        tab_check_names(out, w);
    if (status == NP_OK && w->options->compare)
        status = tab_compare(out, w, err);
    return status;
}

static bool depends_on_day(const tab_work *w)
{
    for (size_t d = 0; d < w->facts.n_dims; d++)
        if (w->facts.dim[d].sort == TAB_DIM_PATH &&
            w->facts.dim[d].path.sort == NP_TAB_STATE)
            return true;
    return false;
}

np_status np_tabulation_compute(np_tabulation_result *out, np_store *store,
                                const np_tabulation_plan *plan,
                                const np_tabulation *table,
                                const np_tabulation_options *options,
                                np_problems *problems, np_arena *arena, np_error *err)
{
    np_tabulation_result result = {.table = table, .ad_hoc = options->ad_hoc};
    tab_work w = {.store = store,
                  .plan = plan,
                  .table = table,
                  .options = options,
                  .problems = problems,
                  .arena = arena};
    size_t before = problems->n;
    np_status status = check_scope(&w, &table->where, err);
    if (status == NP_OK)
        status = check_scope(&w, &options->ad_hoc, err);
    if (status == NP_OK)
        status = choose_rule(&result, &w, err);
    if (status == NP_OK && table->n_list > 0)
        status = tab_list(&result, &w, err);
    else if (status == NP_OK)
        status = load(&w, err);
    if (status == NP_OK && table->n_list == 0) {
        count_records(&result, &w);
        status = cells(&result, &w, err);
    }
    if (status == NP_OK)
        status = first_problem(&w, before, err);
    if (status != NP_OK)
        return status;
    if (depends_on_day(&w)) {
        char *day = np_arena_array(arena, char, 16);
        if (day == NULL)
            return no_memory(err);
        np_date_format(day, options->as_of);
        result.as_of = day;
    }
    *out = result;
    return NP_OK;
}
