/* Who is not in the table, and why: records without a row, units that are not in all
 * periods, values that are missing, and those who ought to be there and are not. */
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "evaluation/tabulation_internal.h"
#include "programme/value.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
}

const char *tab_label(const tab_work *w, const np_tab_header *header)
{
    np_buf text = {0};
    for (size_t i = 0; i < header->n_labels; i++) {
        const char *label = np_localised_text(&header->label[i], np_language_get());
        np_buf_add(&text, i == 0 ? "" : ", ");
        np_buf_add(&text, label);
    }
    const char *done = np_buf_done(&text);
    const char *out = done == NULL || done[0] == '\0'
                          ? header->key
                          : np_arena_copy_text(w->arena, done, strlen(done));
    np_buf_free(&text);
    return out == NULL ? "" : out;
}

np_status tab_add_left_out(np_tabulation_result *out, tab_work *w, np_tab_left_out one,
                           np_error *err)
{
    np_tab_left_out *list =
        np_arena_array(w->arena, np_tab_left_out, out->n_left_out + 1);
    if (list == NULL)
        return no_memory(err);
    if (out->n_left_out > 0)
        memcpy(list, out->left_out, out->n_left_out * sizeof *list);
    list[out->n_left_out++] = one;
    out->left_out = list;
    return NP_OK;
}

static int each_dim(const tab_work *w)
{
    for (size_t d = 0; w->table->each.text != NULL && d < w->facts.n_dims; d++)
        if (w->facts.dim[d].sort == TAB_DIM_PATH &&
            strcmp(w->facts.dim[d].path.text, w->table->each.text) == 0)
            return (int)d;
    return -1;
}

/* Names of the units of `each` by code: the record's name. NULL where the value is no
 * record, as with the bearers of items that were made from printed counts; where the path
 * leads to none, the value itself. */
static np_status unit_names(const char *const **out, const tab_work *w,
                            const tab_dim *dim, np_error *err)
{
    const char **name = np_arena_array(w->arena, const char *, dim->n_codes);
    tab_named *named;
    size_t n;
    if (name == NULL)
        return no_memory(err);
    bool records = dim->path.field.type == NP_FIELD_REFERENCE;
    for (size_t c = 0; c < dim->n_codes && !records; c++)
        name[c] = np_text_map_text(dim->words, (int32_t)c);
    *out = name;
    if (!records)
        return NP_OK;
    np_status status = tab_names(&named, &n, w->store,
                                 np_kind_find(dim->path.field.among), dim, w->arena, err);
    for (size_t i = 0; status == NP_OK && i < n; i++) {
        int32_t code = tab_dim_find(dim, named[i].id);
        if (code >= 0)
            name[code] = np_localised_text(&named[i].name, np_language_get());
    }
    return status;
}

static bool in_column(const tab_work *w, size_t fact, const tab_leaf *leaf)
{
    for (size_t e = 0; e < leaf->n; e++)
        if (!tab_fact_passes(&w->facts, fact, &leaf->entry[e]->tests))
            return false;
    return true;
}

/* Columns that are told apart by records and not by statistics: one of each. */
static bool is_own_column(const tab_work *w, size_t c)
{
    const tab_leaf *leaf = &w->columns.leaf[c];
    if (leaf->header.sort != NP_TAB_ORDINARY)
        return false;
    for (size_t k = 0; k < c; k++) {
        const tab_leaf *before = &w->columns.leaf[k];
        bool same = before->n == leaf->n && before->stat != leaf->stat;
        for (size_t e = 0; same && e < leaf->n; e++)
            same = before->entry[e] == leaf->entry[e] || leaf->entry[e]->stat >= 0;
        if (same)
            return false;
    }
    return true;
}

static np_status drop_units(tab_work *w, np_tabulation_result *out, const tab_dim *dim,
                            const uint32_t *n_in, uint32_t wanted, np_error *err)
{
    const char *const *name;
    np_status status = unit_names(&name, w, dim, err);
    if (status != NP_OK)
        return status;
    w->keep = np_arena_array(w->arena, uint8_t, w->facts.n);
    const char **dropped = np_arena_array(w->arena, const char *, dim->n_codes);
    if (w->keep == NULL || dropped == NULL)
        return no_memory(err);
    double without = 0;
    for (size_t i = 0; i < w->facts.n; i++) {
        w->keep[i] = dim->code[i] >= 0 && n_in[dim->code[i]] == wanted;
        without += dim->code[i] < 0 ? w->facts.count[i] : 0;
    }
    if (without > 0)
        status = tab_add_left_out(
            out, w,
            (np_tab_left_out){.reason = _("of no unit that could be followed"),
                              .n = without,
                              .unit = _("records")},
            err);
    if (status != NP_OK)
        return status;
    size_t n = 0, n_dropped = 0;
    for (size_t c = 0; c < dim->n_codes; c++)
        if (n_in[c] < wanted && n_in[c] > 0) {
            n_dropped++;
            if (name[c] != NULL)
                dropped[n++] = name[c];
        } else if (n_in[c] == wanted)
            out->n_each++;
    if (n_dropped == 0)
        return NP_OK;
    return tab_add_left_out(out, w,
                            (np_tab_left_out){.reason = _("not in all columns compared"),
                                              .n = (double)n_dropped,
                                              .unit = _("units"),
                                              .name = dropped,
                                              .n_names = n},
                            err);
}

np_status tab_matched(tab_work *w, np_tabulation_result *out, np_error *err)
{
    int d = each_dim(w);
    if (!w->table->matched || d < 0)
        return NP_OK;
    const tab_dim *dim = &w->facts.dim[d];
    uint32_t *n_in = np_arena_array(w->arena, uint32_t, dim->n_codes);
    uint8_t *seen = np_arena_array(w->arena, uint8_t, dim->n_codes);
    uint32_t wanted = 0;
    if (n_in == NULL || seen == NULL)
        return no_memory(err);
    for (size_t c = 0; c < w->columns.n; c++) {
        if (!is_own_column(w, c))
            continue;
        wanted++;
        memset(seen, 0, dim->n_codes);
        for (size_t i = 0; i < w->facts.n; i++)
            if (w->facts.count[i] > 0 && dim->code[i] >= 0 && !seen[dim->code[i]] &&
                in_column(w, i, &w->columns.leaf[c])) {
                seen[dim->code[i]] = 1;
                n_in[dim->code[i]]++;
            }
    }
    return drop_units(w, out, dim, n_in, wanted, err);
}

enum { WITHOUT_ROW = 0, NOT_CODED, NOT_SETTLED, WITHOUT_COLUMN, N_REASONS };

/* Why a fact has no row: by the scheme's dimension, where rows are of one. */
static int why_no_row(const tab_work *w, size_t fact)
{
    for (size_t d = 0; d < w->facts.n_dims; d++) {
        const tab_dim *dim = &w->facts.dim[d];
        const int32_t *code;
        if (dim->sort != TAB_DIM_SCHEME || dim->why == NULL ||
            tab_fact_codes(&code, dim, fact) > 0)
            continue;
        return dim->why[fact] == TAB_NOT_SETTLED ? NOT_SETTLED : NOT_CODED;
    }
    return WITHOUT_ROW;
}

static np_status say_reason(np_tabulation_result *out, tab_work *w, int reason, double n,
                            const uint8_t *of, np_error *err)
{
    const char *const texts[] = {_("in none of the rows"), _("not coded"),
                                 _("coders do not agree, and nobody has settled it"),
                                 _("in none of the columns")};
    np_tab_left_out one = {.reason = texts[reason], .n = n, .unit = _("records")};
    int d = each_dim(w);
    np_status status = NP_OK;
    if (d >= 0 && reason != WITHOUT_COLUMN) { /* columns were chosen: no news of whom */
        const char *const *name;
        const tab_dim *dim = &w->facts.dim[d];
        status = unit_names(&name, w, dim, err);
        const char **names = np_arena_array(w->arena, const char *, dim->n_codes);
        if (status == NP_OK && names == NULL)
            status = no_memory(err);
        for (size_t c = 0; status == NP_OK && c < dim->n_codes; c++)
            if ((of[c] >> reason & 1) != 0 && name[c] != NULL)
                names[one.n_names++] = name[c];
        one.name = names;
    }
    return status == NP_OK ? tab_add_left_out(out, w, one, err) : status;
}

static np_status records_without(np_tabulation_result *out, tab_work *w, np_error *err)
{
    double n[N_REASONS] = {0};
    int d = each_dim(w);
    uint8_t *of =
        np_arena_array(w->arena, uint8_t, d < 0 ? 1 : w->facts.dim[d].n_codes + 1);
    if (of == NULL)
        return no_memory(err);
    for (size_t i = 0; i < w->facts.n; i++) {
        if (!(w->facts.count[i] > 0) || (w->keep != NULL && !w->keep[i]))
            continue;
        int reason = -1;
        if ((w->in[i] & TAB_IN_COLUMN) == 0)
            reason = WITHOUT_COLUMN;
        else if ((w->in[i] & TAB_IN_ROW) == 0)
            reason = why_no_row(w, i);
        if (reason < 0)
            continue;
        n[reason] += w->facts.count[i];
        if (d >= 0 && w->facts.dim[d].code[i] >= 0)
            of[w->facts.dim[d].code[i]] |= (uint8_t)(1u << reason);
    }
    np_status status = NP_OK;
    for (int reason = 0; reason < N_REASONS && status == NP_OK; reason++)
        if (n[reason] > 0)
            status = say_reason(out, w, reason, n[reason], of, err);
    return status;
}

static np_status values_missing(np_tabulation_result *out, tab_work *w, np_error *err)
{
    const tab_facts *f = &w->facts;
    if (f->n_numeric == 0 || f->missing_dim < 0)
        return NP_OK;
    const tab_dim *dim = &f->dim[f->missing_dim];
    double *n = np_arena_array(w->arena, double, dim->n_codes + 1);
    if (n == NULL)
        return no_memory(err);
    for (size_t i = 0; i < f->n; i++) {
        double lacking = f->count[i] - f->number[i * f->n_numeric].n;
        if (f->count[i] > 0 && lacking > 0 && (w->keep == NULL || w->keep[i]))
            n[dim->code[i] < 0 ? dim->n_codes : (size_t)dim->code[i]] += lacking;
    }
    np_status status = NP_OK;
    for (size_t c = 0; c <= dim->n_codes && status == NP_OK; c++) {
        if (n[c] == 0)
            continue;
        np_localised word = tab_word(
            c < dim->n_codes ? np_text_map_text(dim->words, (int32_t)c) : "blank");
        const char *reason = np_arena_format(w->arena, _("no value: %s"),
                                             np_localised_text(&word, np_language_get()));
        if (reason == NULL)
            return no_memory(err);
        status = tab_add_left_out(
            out, w, (np_tab_left_out){.reason = reason, .n = n[c], .unit = _("records")},
            err);
    }
    return status;
}

typedef struct {
    np_rows withdrawals, reports;
} absences;

/* Drafts are no reports yet. */
static np_status ask_absences(absences *out, tab_work *w, np_error *err)
{
    static const np_query_column withdrawal[] = {
        {"project", NP_VALUES}, {"date", NP_VALUES}, {"theme", NP_VALUES}};
    static const np_query_column report[] = {
        {"project", NP_VALUES}, {"period", NP_VALUES}, {"id", NP_COUNT}};
    const np_value draft = NP_VALUE_OF_TEXT("draft");
    const np_where come = {"status", NP_WHERE_OTHER, &draft, 1};
    np_query query = {
        .kind = np_kind_find("withdrawal"), .column = withdrawal, .n_columns = 3};
    np_status status = np_store_query(&out->withdrawals, w->store, &query, w->arena, err);
    query = (np_query){.kind = np_kind_find("report"),
                       .column = report,
                       .n_columns = 3,
                       .where = &come,
                       .n_where = 1};
    return status == NP_OK
               ? np_store_query(&out->reports, w->store, &query, w->arena, err)
               : status;
}

/* Who left another theme than those of the table has not left the table. */
static bool is_of_scope(const tab_work *w, np_value theme)
{
    const np_tab_scope *scope = &w->table->population.where;
    for (size_t i = 0; i < scope->n; i++) {
        const np_tab_condition *c = &scope->item[i];
        if (c->path.n == 1 && strcmp(c->path.path[0], "theme") == 0)
            return theme.type == NP_VALUE_NONE || tab_condition_holds(c, theme);
    }
    return theme.type == NP_VALUE_NONE;
}

/* A year has the reports of its halves, quarters and months too. */
static bool same_period(const char *reported, const char *column)
{
    return column == NULL || strcmp(reported, column) == 0 ||
           (strlen(column) == 4 && strncmp(reported, column, 4) == 0);
}

/* The last day of the column's period; the last day there is where it has none. */
static void last_day(char out[NP_DATE_LENGTH], const tab_leaf *column)
{
    np_period period;
    np_text_format(out, NP_DATE_LENGTH, "9999-12-31");
    if (column->period != NULL &&
        np_period_parse(&period, column->period, strlen(column->period)))
        np_date_format(out, np_period_last_day(period));
}

enum { WITHDRAWN = 0, NO_REPORT, NOTHING_RECORDED, N_ABSENCES };

static int why_absent(const tab_work *w, const absences *a, const tab_leaf *column,
                      const char *project)
{
    char end[NP_DATE_LENGTH];
    last_day(end, column);
    for (size_t i = 0; i < a->withdrawals.n_rows; i++) {
        const np_value *cell = &a->withdrawals.cell[3 * i];
        if (strcmp(cell[0].text, project) == 0 && strcmp(cell[1].text, end) <= 0 &&
            is_of_scope(w, cell[2]))
            return WITHDRAWN;
    }
    for (size_t i = 0; i < a->reports.n_rows; i++) {
        const np_value *cell = &a->reports.cell[3 * i];
        if (strcmp(cell[0].text, project) == 0 &&
            same_period(cell[1].text, column->period))
            return NOTHING_RECORDED;
    }
    return NO_REPORT;
}

typedef struct {
    tab_work *w;
    const tab_dim *dim; /* of the table's units */
    tab_facts facts;    /* of the population */
    const tab_dim *units;
    const char *const *name;
    absences absences;
    double n;
} population;

static np_status load_population(population *p, tab_work *w, np_error *err)
{
    size_t d = 0;
    const np_tab_population *of = &w->table->population;
    np_status status = tab_facts_new(&p->facts, w->store, of->kind, w->arena, err);
    p->facts.scope[0] = &of->where;
    p->facts.as_of = w->options->as_of;
    if (status == NP_OK)
        status = tab_facts_dim(&d, &p->facts, &of->each, err);
    if (status == NP_OK)
        status = tab_facts_load(&p->facts, err);
    p->units = &p->facts.dim[d];
    if (status == NP_OK)
        status = unit_names(&p->name, w, p->units, err);
    return status == NP_OK ? ask_absences(&p->absences, w, err) : status;
}

static np_status absent_from(np_tabulation_result *out, population *p,
                             const tab_leaf *column, np_error *err)
{
    tab_work *w = p->w;
    size_t n_units = p->units->n_codes, n[N_ABSENCES] = {0};
    uint8_t *there = np_arena_array(w->arena, uint8_t, p->dim->n_codes + 1);
    uint8_t *why = np_arena_array(w->arena, uint8_t, n_units);
    const char *const texts[] = {_("withdrawn"), _("no report"),
                                 _("a report, and nothing of this in it")};
    if (there == NULL || why == NULL)
        return no_memory(err);
    for (size_t i = 0; i < w->facts.n; i++)
        if (w->facts.count[i] > 0 && p->dim->code[i] >= 0 && in_column(w, i, column))
            there[p->dim->code[i]] = 1;
    for (size_t c = 0; c < n_units; c++) {
        const char *unit = np_text_map_text(p->units->words, (int32_t)c);
        int32_t code = tab_dim_find(p->dim, unit);
        why[c] = code >= 0 && there[code]
                     ? N_ABSENCES
                     : (uint8_t)why_absent(w, &p->absences, column, unit);
        if (why[c] < N_ABSENCES)
            n[why[c]]++;
    }
    np_status status = NP_OK;
    for (int k = 0; k < N_ABSENCES && status == NP_OK; k++) {
        const char **names = np_arena_array(w->arena, const char *, n[k]);
        if (names == NULL)
            return no_memory(err);
        size_t m = 0;
        for (size_t c = 0; c < n_units; c++)
            if (why[c] == k)
                names[m++] = p->name[c] != NULL
                                 ? p->name[c]
                                 : np_text_map_text(p->units->words, (int32_t)c);
        np_tab_left_out one = {.reason = texts[k],
                               .n = (double)m,
                               .unit = _("units"),
                               .column = tab_label(w, &column->header),
                               .name = names,
                               .n_names = m};
        if (m > 0)
            status = tab_add_left_out(out, w, one, err);
    }
    return status;
}

static np_status population_absent(np_tabulation_result *out, tab_work *w, np_error *err)
{
    int d = each_dim(w);
    if (w->table->population.kind == NULL || d < 0 ||
        w->table->population.each.text == NULL)
        return NP_OK;
    population p = {.w = w, .dim = &w->facts.dim[d]};
    np_status status = load_population(&p, w, err);
    for (size_t c = 0; c < w->columns.n && status == NP_OK; c++)
        if (is_own_column(w, c))
            status = absent_from(out, &p, &w->columns.leaf[c], err);
    return status;
}

/* How many different units there are in the table. */
static np_status count_units(np_tabulation_result *out, tab_work *w, np_error *err)
{
    int d = each_dim(w);
    if (d < 0 || out->n_each > 0)
        return NP_OK;
    const tab_dim *dim = &w->facts.dim[d];
    uint8_t *seen = np_arena_array(w->arena, uint8_t, dim->n_codes + 1);
    if (seen == NULL)
        return no_memory(err);
    for (size_t i = 0; i < w->facts.n; i++)
        if (w->facts.count[i] > 0 && dim->code[i] >= 0 && !seen[dim->code[i]]) {
            seen[dim->code[i]] = 1;
            out->n_each++;
        }
    return NP_OK;
}

np_status tab_left_out(np_tabulation_result *out, tab_work *w, np_error *err)
{
    np_status status = count_units(out, w, err);
    if (status == NP_OK)
        status = records_without(out, w, err);
    if (status == NP_OK)
        status = values_missing(out, w, err);
    return status == NP_OK ? population_absent(out, w, err) : status;
}
