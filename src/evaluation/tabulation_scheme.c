/* The entries of a level that is made of a scheme: its categories in their order, with
 * the groups that they are in, and sums of them. */
#include <string.h>

#include "evaluation/tabulation_entries.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
}

typedef struct {
    tab_work *w;
    const np_tab_level *level;
    const tab_dim *dim;
    size_t d;
    const tab_named *category;
    size_t n;
} scheme_level;

static bool is_group(const scheme_level *s, const char *code)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->category[i].parent != NULL && strcmp(s->category[i].parent, code) == 0)
            return true;
    return false;
}

static const tab_named *category_called(const scheme_level *s, const char *code)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->category[i].code, code) == 0)
            return &s->category[i];
    return NULL;
}

/* The category's own code and those below it. */
static void mark(uint8_t *has, const scheme_level *s, const char *code, int depth)
{
    int32_t at = tab_dim_find(s->dim, code);
    if (at >= 0)
        has[at] = 1;
    for (size_t i = 0; i < s->n && depth < NP_TAB_DEEPEST; i++)
        if (s->category[i].parent != NULL && strcmp(s->category[i].parent, code) == 0)
            mark(has, s, s->category[i].code, depth + 1);
}

static np_status add_category(tab_level_entries *out, const scheme_level *s,
                              const tab_named *c, unsigned indent, bool whole_group,
                              np_error *err)
{
    tab_entry entry = {.key = c->code,
                       .stat = -1,
                       .indent = indent,
                       .label = tab_entry_title(s->level, c->code, c->name),
                       .first_period = c->first_period,
                       .last_period = c->last_period};
    uint8_t *has = tab_entry_test(&entry.tests, s->w, s->d);
    if (has == NULL)
        return no_memory(err);
    if (whole_group) {
        mark(has, s, c->code, 0);
        if (s->level->groups == NP_TAB_SUBTOTALS)
            entry.sort = NP_TAB_GROUP;
    } else {
        int32_t at = tab_dim_find(s->dim, c->code);
        if (at >= 0)
            has[at] = 1;
    }
    return tab_entry_add(out, s->w, entry, err);
}

static np_status add_heading(tab_level_entries *out, const scheme_level *s,
                             const tab_named *c, unsigned indent, np_error *err)
{
    tab_entry entry = {.key = c->code,
                       .stat = -1,
                       .indent = indent,
                       .empty = true,
                       .sort = NP_TAB_GROUP,
                       .label = tab_entry_title(s->level, c->code, c->name)};
    return tab_entry_test(&entry.tests, s->w, s->d) == NULL
               ? no_memory(err)
               : tab_entry_add(out, s->w, entry, err);
}

static np_status add_categories(tab_level_entries *out, const scheme_level *s,
                                const char *parent, unsigned indent, np_error *err)
{
    np_status status = NP_OK;
    np_tab_groups groups = s->level->groups;
    for (size_t i = 0; i < s->n && status == NP_OK && indent <= NP_TAB_DEEPEST; i++) {
        const tab_named *c = &s->category[i];
        bool here = c->parent == NULL ? parent == NULL
                                      : parent != NULL && strcmp(c->parent, parent) == 0;
        if (!here)
            continue;
        if (!is_group(s, c->code)) {
            status = add_category(out, s, c, indent, false, err);
            continue;
        }
        if (groups == NP_TAB_GROUPS_ONLY || groups == NP_TAB_SUBTOTALS)
            status = add_category(out, s, c, indent, true, err);
        else if (groups == NP_TAB_HEADINGS)
            status = add_heading(out, s, c, indent, err);
        /* a record may be coded with the group itself */
        if (status == NP_OK && groups != NP_TAB_GROUPS_ONLY &&
            groups != NP_TAB_SUBTOTALS && tab_dim_find(s->dim, c->code) >= 0)
            status = add_category(out, s, c, indent, false, err);
        if (status == NP_OK && groups != NP_TAB_GROUPS_ONLY)
            status = add_categories(
                out, s, c->code, groups == NP_TAB_NO_GROUPS ? indent : indent + 1, err);
    }
    return status;
}

/* One or several categories as one entry: of `values` and of `sums`. */
static np_status add_joined(tab_level_entries *out, const scheme_level *s,
                            const np_tab_entry *e, np_tab_entry_sort sort, np_error *err)
{
    tab_entry entry = {.key = e->id, .stat = -1, .sort = sort};
    uint8_t *has = tab_entry_test(&entry.tests, s->w, s->d);
    if (has == NULL)
        return no_memory(err);
    for (size_t i = 0; i < e->n; i++) {
        const tab_named *c = category_called(s, e->value[i].text);
        if (c == NULL) {
            char what[160];
            np_text_format(what, sizeof what, _("category of %s called"),
                           s->level->scheme.text);
            tab_no_such_record(s->w, &e->value[i], what, s->category, s->n, true);
            continue;
        }
        mark(has, s, c->code, 0);
        if (i == 0)
            entry.label = tab_entry_title(s->level, c->code, c->name);
        if (e->n == 1) {
            entry.first_period = c->first_period;
            entry.last_period = c->last_period;
        }
    }
    if (!np_localised_is_empty(&e->title))
        entry.label = e->title;
    return tab_entry_add(out, s->w, entry, err);
}

np_status tab_scheme_entries(tab_level_entries *out, tab_work *w,
                             const np_tab_level *level, size_t *dim, np_error *err)
{
    scheme_level s = {.w = w, .level = level};
    bool there = false;
    const np_kind *kind = np_kind_find("scheme");
    np_status status = tab_facts_scheme(&s.d, &w->facts, level->scheme.text, err);
    if (status == NP_OK)
        status = np_store_has(&there, w->store, kind, level->scheme.text, err);
    if (status == NP_OK && !there) {
        tab_named *all;
        size_t n;
        status = tab_names(&all, &n, w->store, kind, NULL, w->arena, err);
        if (status == NP_OK)
            tab_no_such_record(w, &level->scheme, kind->name, all, n, false);
    }
    *dim = s.d;
    s.dim = &w->facts.dim[s.d];
    tab_named *category = NULL;
    if (status == NP_OK)
        status =
            tab_categories(&category, &s.n, w->store, level->scheme.text, w->arena, err);
    s.category = category;
    if (status == NP_OK && level->n_values == 0)
        status = add_categories(out, &s, NULL, 0, err);
    for (size_t i = 0; i < level->n_values && status == NP_OK; i++)
        status = add_joined(out, &s, &level->value[i], NP_TAB_ORDINARY, err);
    for (size_t i = 0; i < level->n_sums && status == NP_OK; i++)
        status = add_joined(out, &s, &level->sum[i], NP_TAB_SUM_OF, err);
    return status;
}
