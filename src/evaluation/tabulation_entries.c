/* The entries of a level: values of a path, flags, conditions, statistics; then what is
 * not stated, the total and changes. Those of a scheme are in tabulation_scheme.c. */
#include "evaluation/tabulation_entries.h"

#include <stdlib.h>
#include <string.h>

#include "programme/value.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
}

np_status tab_entry_add(tab_level_entries *list, tab_work *w, tab_entry entry,
                        np_error *err)
{
    if (list->n == list->room) {
        size_t room = list->room == 0 ? 16 : 2 * list->room;
        tab_entry *more = np_arena_array(w->arena, tab_entry, room);
        if (more == NULL)
            return no_memory(err);
        if (list->n > 0)
            memcpy(more, list->entry, list->n * sizeof *more);
        list->entry = more;
        list->room = room;
    }
    list->entry[list->n++] = entry;
    return NP_OK;
}

/* A test of one dimension that nothing passes yet. */
uint8_t *tab_entry_test(tab_tests *out, tab_work *w, size_t dim)
{
    tab_test *test = np_arena_array(w->arena, tab_test, 1);
    uint8_t *has = np_arena_array(w->arena, uint8_t, w->facts.dim[dim].n_codes + 1);
    if (test == NULL || has == NULL)
        return NULL;
    *test = (tab_test){dim, has};
    *out = (tab_tests){test, 1};
    return has;
}

np_localised tab_entry_title(const np_tab_level *level, const char *key, np_localised own)
{
    for (size_t i = 0; i < level->n_titled; i++)
        if (strcmp(level->titled[i].id, key) == 0)
            return level->titled[i].title;
    return own;
}

static np_localised plain(const char *text)
{
    return (np_localised){{text, text, text}};
}

void tab_no_such_record(tab_work *w, const np_plan_name *name, const char *what,
                        const tab_named *named, size_t n, bool by_code)
{
    const char **names = np_arena_array(w->arena, const char *, n);
    char hint[256] = "";
    for (size_t i = 0; names != NULL && i < n; i++)
        names[i] = by_code ? named[i].code : named[i].id;
    const char *near = names == NULL ? NULL : np_nearest_name(name->text, names, n);
    if (near != NULL)
        np_text_format(hint, sizeof hint, _("did you mean %s?"), near);
    tab_problem(w, name->line, name->column, NP_E_UNKNOWN_NAME, hint,
                _("there is no %s %s"), what, name->text);
}

typedef struct {
    tab_work *w;
    const np_tab_level *level;
    const tab_dim *dim;
    size_t d;
    tab_named *named; /* of references */
    size_t n_named;
} path_level;

static const np_kind *reference_kind(const np_tab_path *path)
{
    return path->sort == NP_TAB_FIELD && path->field.type == NP_FIELD_REFERENCE
               ? np_kind_find(path->field.among)
               : NULL;
}

static const tab_named *named_of(const path_level *p, const char *id)
{
    for (size_t i = 0; i < p->n_named; i++)
        if (strcmp(p->named[i].id, id) == 0)
            return &p->named[i];
    return NULL;
}

static np_localised label_of(const path_level *p, const char *text)
{
    const tab_named *named = named_of(p, text);
    np_localised own = plain(text);
    np_field_type type = p->level->path.field.type;
    if (named != NULL)
        own = named->name;
    else if (type == NP_FIELD_CHOICE || type == NP_FIELD_YES_NO ||
             p->level->path.sort == NP_TAB_WHEN)
        own = tab_word_of(&p->level->path.field, text);
    return tab_entry_title(p->level, text, own);
}

/* The value as the facts have it written: "2014" for " 2014 ". */
static const char *normal_text(const path_level *p, const np_plan_name *name)
{
    const np_tab_path *path = &p->level->path;
    if (path->sort != NP_TAB_FIELD || path->field.type == NP_FIELD_REFERENCE)
        return name->text;
    np_field field = path->field;
    np_value value;
    np_error err = {0};
    char scratch[NP_VALUE_SCRATCH];
    if (np_value_parse(&value, &field, name->text, strlen(name->text), '.', p->w->arena,
                       &err) != NP_OK ||
        value.type == NP_VALUE_NONE) {
        tab_problem(p->w, name->line, name->column, NP_E_RANGE, err.hint, "%s",
                    err.message[0] == '\0' ? _("a value is expected here") : err.message);
        return name->text;
    }
    const char *text = np_value_format(scratch, &field, value);
    const char *copy = np_arena_copy_text(p->w->arena, text, strlen(text));
    return copy == NULL ? name->text : copy;
}

static np_status check_reference(const path_level *p, const np_plan_name *name,
                                 np_error *err)
{
    const np_kind *kind = reference_kind(&p->level->path);
    bool there = true;
    if (kind == NULL || tab_dim_find(p->dim, name->text) >= 0 || p->level->path.n > 1)
        return NP_OK;
    np_status status = np_store_has(&there, p->w->store, kind, name->text, err);
    if (status != NP_OK || there)
        return status;
    tab_named *all;
    size_t n;
    status = tab_names(&all, &n, p->w->store, kind, NULL, p->w->arena, err);
    if (status == NP_OK)
        tab_no_such_record(p->w, name, kind->name, all, n, false);
    return status;
}

static np_status add_written(tab_level_entries *out, const path_level *p,
                             const np_tab_entry *e, np_error *err)
{
    tab_entry entry = {.key = e->id, .stat = -1};
    uint8_t *has = tab_entry_test(&entry.tests, p->w, p->d);
    if (has == NULL)
        return no_memory(err);
    for (size_t i = 0; i < e->n; i++) {
        np_status status = check_reference(p, &e->value[i], err);
        if (status != NP_OK)
            return status;
        const char *text = normal_text(p, &e->value[i]);
        int32_t code = tab_dim_find(p->dim, text);
        if (code >= 0)
            has[code] = 1;
        if (i == 0)
            entry.label = label_of(p, text);
    }
    if (!np_localised_is_empty(&e->title))
        entry.label = e->title;
    entry.label = tab_entry_title(p->level, e->id, entry.label);
    return tab_entry_add(out, p->w, entry, err);
}

static np_status add_code(tab_level_entries *out, const path_level *p, const char *text,
                          np_error *err)
{
    tab_entry entry = {.key = text, .label = label_of(p, text), .stat = -1};
    uint8_t *has = tab_entry_test(&entry.tests, p->w, p->d);
    int32_t code = tab_dim_find(p->dim, text);
    if (has == NULL)
        return no_memory(err);
    if (code >= 0)
        has[code] = 1;
    return tab_entry_add(out, p->w, entry, err);
}

static np_status add_choices(tab_level_entries *out, const path_level *p, np_error *err)
{
    const char *word = p->level->path.field.type == NP_FIELD_YES_NO
                           ? "yes|no"
                           : p->level->path.field.among;
    np_status status = NP_OK;
    while (status == NP_OK) {
        size_t length = strcspn(word, "|");
        const char *copy = np_arena_copy_text(p->w->arena, word, length);
        status = copy == NULL ? no_memory(err) : add_code(out, p, copy, err);
        if (word[length] == '\0')
            break;
        word += length + 1;
    }
    return status;
}

/* A value found, with what it is sorted by. */
typedef struct {
    const char *text;
    np_value value, order;
    double n;
} found_value;

static int compare_orders(np_value a, np_value b)
{
    bool text = a.type == NP_VALUE_TEXT && b.type == NP_VALUE_TEXT;
    if (text)
        return strverscmp(a.text, b.text); /* measure 9 before measure 10 */
    if (a.type == NP_VALUE_NONE || b.type == NP_VALUE_NONE)
        return (a.type == NP_VALUE_NONE) - (b.type == NP_VALUE_NONE);
    double x = a.type == NP_VALUE_INTEGER ? (double)a.integer : a.number;
    double y = b.type == NP_VALUE_INTEGER ? (double)b.integer : b.number;
    return (x > y) - (x < y);
}

static int by_order(const void *a, const void *b)
{
    const found_value *x = a, *y = b;
    int order = compare_orders(x->order, y->order);
    return order != 0 ? order : strcmp(x->text, y->text);
}

/* The start stands before the periods. */
static np_value order_of(const path_level *p, const char *text, np_value value)
{
    const tab_named *named = named_of(p, text);
    if (p->level->path.sort == NP_TAB_WHEN && strcmp(text, "baseline") == 0)
        return NP_VALUE_OF_TEXT("");
    return named != NULL ? named->order : value;
}

static np_status add_found(tab_level_entries *out, const path_level *p, np_error *err)
{
    const tab_dim *dim = p->dim;
    found_value *found = np_arena_array(p->w->arena, found_value, dim->n_codes);
    size_t n = 0;
    if (found == NULL)
        return no_memory(err);
    for (size_t c = 0; c < dim->n_codes; c++) {
        const char *text = np_text_map_text(dim->words, (int32_t)c);
        found[c] =
            (found_value){text, dim->value[c], order_of(p, text, dim->value[c]), 0};
    }
    for (size_t i = 0; i < p->w->facts.n; i++)
        if (dim->code[i] >= 0)
            found[dim->code[i]].n += p->w->facts.count[i];
    for (size_t c = 0; c < dim->n_codes; c++)
        if (found[c].n > 0)
            found[n++] = found[c];
    qsort(found, n, sizeof *found, by_order);
    np_status status = NP_OK;
    for (size_t i = 0; i < n && status == NP_OK; i++)
        status = add_code(out, p, found[i].text, err);
    return status;
}

static np_status path_entries(tab_level_entries *out, tab_work *w,
                              const np_tab_level *level, size_t *dim, np_error *err)
{
    path_level p = {.w = w, .level = level};
    np_status status = tab_facts_dim(&p.d, &w->facts, &level->path, err);
    if (status != NP_OK)
        return status;
    p.dim = &w->facts.dim[p.d];
    *dim = p.d;
    const np_kind *kind = reference_kind(&level->path);
    if (kind != NULL)
        status = tab_names(&p.named, &p.n_named, w->store, kind,
                           level->n_values > 0 ? NULL : p.dim, w->arena, err);
    np_field_type type = level->path.field.type;
    if (status == NP_OK && level->n_values == 0)
        return type == NP_FIELD_CHOICE || type == NP_FIELD_YES_NO
                   ? add_choices(out, &p, err)
                   : add_found(out, &p, err);
    for (size_t i = 0; i < level->n_values && status == NP_OK; i++)
        status = add_written(out, &p, &level->value[i], err);
    return status;
}

static np_status flag_entries(tab_level_entries *out, tab_work *w,
                              const np_tab_level *level, np_error *err)
{
    size_t d;
    np_status status = tab_facts_flags(&d, &w->facts, err);
    for (size_t i = 0; i < level->n_flags && status == NP_OK; i++) {
        const char *word = np_tab_flag_names[level->flag[i]];
        tab_entry entry = {.key = word,
                           .stat = -1,
                           .label = tab_entry_title(level, word, tab_word(word))};
        uint8_t *has = tab_entry_test(&entry.tests, w, d);
        if (has == NULL)
            return no_memory(err);
        has[level->flag[i]] = 1;
        status = tab_entry_add(out, w, entry, err);
    }
    return status;
}

static np_status condition_entries(tab_level_entries *out, tab_work *w,
                                   const np_tab_level *level, np_error *err)
{
    np_status status = NP_OK;
    for (size_t i = 0; i < level->n_conditions && status == NP_OK; i++) {
        const np_tab_named_scope *c = &level->condition[i];
        tab_entry entry = {.key = c->id, .stat = -1, .label = c->title};
        if (np_localised_is_empty(&entry.label))
            entry.label = plain(c->id);
        status = tab_scope_tests(&entry.tests, &w->facts, &c->where, err);
        if (status == NP_OK)
            status = tab_entry_add(out, w, entry, err);
    }
    return status;
}

np_status tab_level_of_statistics(tab_level_entries *out, tab_work *w,
                                  const np_tab_statistic *s, size_t n, np_error *err)
{
    np_status status = NP_OK;
    for (size_t i = 0; i < n && status == NP_OK; i++) {
        tab_entry entry = {
            .key = s[i].id, .label = s[i].title, .stat = tab_stat_index(w, &s[i])};
        if (np_localised_is_empty(&entry.label))
            entry.label = tab_word(s[i].id);
        status = tab_entry_add(out, w, entry, err);
    }
    return status;
}

static np_status add_missing(tab_level_entries *out, tab_work *w,
                             const np_tab_level *level, size_t dim, np_error *err)
{
    tab_entry entry = {.key = "missing",
                       .stat = -1,
                       .sort = NP_TAB_NOT_STATED,
                       .label = level->missing_title};
    uint8_t *has = tab_entry_test(&entry.tests, w, dim);
    if (has == NULL)
        return no_memory(err);
    has[w->facts.dim[dim].n_codes] = 1;
    if (np_localised_is_empty(&entry.label))
        entry.label = (np_localised){{np_translate_to(NP_ENGLISH, N_("Not stated")),
                                      np_translate_to(NP_BOKMAAL, N_("Not stated")),
                                      np_translate_to(NP_NYNORSK, N_("Not stated"))}};
    return tab_entry_add(out, w, entry, err);
}

/* All records, also those without a value, unless the base is of valid ones. */
static np_status add_total(tab_level_entries *out, tab_work *w, const np_tab_level *level,
                           size_t n_before, np_error *err)
{
    tab_entry entry = {.key = "all",
                       .stat = -1,
                       .sort = NP_TAB_ALL,
                       .label = level->total_title,
                       .rule_above = true};
    if (np_localised_is_empty(&entry.label))
        entry.label = (np_localised){{np_translate_to(NP_ENGLISH, N_("All")),
                                      np_translate_to(NP_BOKMAAL, N_("All")),
                                      np_translate_to(NP_NYNORSK, N_("All"))}};
    if (!w->table->base_all && n_before > 0 && out->entry[0].tests.n == 1) {
        size_t d = out->entry[0].tests.test[0].dim;
        uint8_t *has = tab_entry_test(&entry.tests, w, d);
        if (has == NULL)
            return no_memory(err);
        for (size_t i = 0; i < n_before; i++)
            for (size_t c = 0; c <= w->facts.dim[d].n_codes; c++)
                has[c] = has[c] || (out->entry[i].tests.n == 1 &&
                                    out->entry[i].tests.test[0].has[c]);
    }
    return tab_entry_add(out, w, entry, err);
}

static int entry_called(const tab_level_entries *list, const char *key)
{
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->entry[i].key, key) == 0)
            return (int)i;
    return -1;
}

static np_status add_change(tab_level_entries *out, tab_work *w, int from, int to,
                            np_error *err)
{
    const tab_entry *a = &out->entry[from], *b = &out->entry[to];
    tab_entry entry = {.stat = -1, .sort = NP_TAB_CHANGE, .change = {from, to}};
    entry.key = np_arena_format(w->arena, "change-%s-%s", a->key, b->key);
    for (int l = NP_ENGLISH; l <= NP_NYNORSK; l++)
        entry.label.text[l] =
            np_arena_format(w->arena, np_translate_to((np_language)l, N_("Change %s–%s")),
                            np_localised_text(&a->label, (np_language)l),
                            np_localised_text(&b->label, (np_language)l));
    return entry.key == NULL ? no_memory(err) : tab_entry_add(out, w, entry, err);
}

/* Each with the one before it: the earlier in time where they are periods. */
static np_status add_changes(tab_level_entries *out, tab_work *w,
                             const np_tab_level *level, size_t n_ordinary, np_error *err)
{
    np_status status = NP_OK;
    for (size_t i = 0; i < level->n_changes && status == NP_OK; i++) {
        int at[2];
        for (int k = 0; k < 2; k++) {
            const np_plan_name *name = &level->change[i][k];
            at[k] = entry_called(out, name->text);
            if (at[k] < 0)
                tab_problem(w, name->line, name->column, NP_E_UNKNOWN_NAME, NULL,
                            _("a change of %s, which is no entry of this level"),
                            name->text);
        }
        if (at[0] >= 0 && at[1] >= 0)
            status = add_change(out, w, at[0], at[1], err);
    }
    for (size_t i = 0; level->n_changes == 0 && i + 1 < n_ordinary && status == NP_OK;
         i++) {
        bool later_first = strcmp(out->entry[i].key, out->entry[i + 1].key) > 0;
        status = later_first ? add_change(out, w, (int)i + 1, (int)i, err)
                             : add_change(out, w, (int)i, (int)i + 1, err);
    }
    return status;
}

static double records_of(const tab_work *w, const tab_entry *entry)
{
    double n = 0;
    for (size_t i = 0; i < w->facts.n; i++)
        if (tab_fact_passes(&w->facts, i, &entry->tests))
            n += w->facts.count[i];
    return n;
}

/* By number of records. Entries under headings stay in their order. */
static np_status sort_descending(tab_level_entries *list, const tab_work *w,
                                 np_error *err)
{
    double *n = np_arena_array(w->arena, double, list->n);
    if (n == NULL)
        return no_memory(err);
    for (size_t i = 0; i < list->n; i++) {
        if (list->entry[i].empty || list->entry[i].sort != NP_TAB_ORDINARY)
            return NP_OK;
        n[i] = records_of(w, &list->entry[i]);
    }
    for (size_t i = 1; i < list->n; i++) {
        tab_entry entry = list->entry[i];
        double own = n[i];
        size_t j = i;
        for (; j > 0 && n[j - 1] < own; j--) {
            list->entry[j] = list->entry[j - 1];
            n[j] = n[j - 1];
        }
        list->entry[j] = entry;
        n[j] = own;
    }
    return NP_OK;
}

np_status tab_level_build(tab_level_entries *out, tab_work *w, const np_tab_level *level,
                          np_error *err)
{
    size_t dim = 0;
    np_status status;
    *out = (tab_level_entries){0};
    switch (level->sort) {
    case NP_TAB_BY:
        status = path_entries(out, w, level, &dim, err);
        break;
    case NP_TAB_SCHEME:
        status = tab_scheme_entries(out, w, level, &dim, err);
        break;
    case NP_TAB_FLAGS:
        status = flag_entries(out, w, level, err);
        break;
    case NP_TAB_CONDITIONS:
        status = condition_entries(out, w, level, err);
        break;
    default:
        return tab_level_of_statistics(out, w, level->statistic, level->n_statistics,
                                       err);
    }
    if (status == NP_OK && level->descending)
        status = sort_descending(out, w, err);
    bool has_dim = level->sort == NP_TAB_BY || level->sort == NP_TAB_SCHEME;
    size_t n_ordinary = out->n;
    if (status == NP_OK && level->missing_row && has_dim)
        status = add_missing(out, w, level, dim, err);
    if (status == NP_OK && level->total)
        status = add_total(out, w, level, out->n, err);
    if (status == NP_OK && level->changes)
        status = add_changes(out, w, level, n_ordinary, err);
    return status;
}
