/* What a table needs of its records: the paths that facts are told apart by, and the
 * numbers that are summed. */
#include <string.h>

#include "evaluation/tabulation_internal.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
}

static np_status need_field(int *out, tab_facts *f, const char *name, np_error *err)
{
    *out = -1;
    size_t at = np_kind_field(f->kind, name);
    if (at == f->kind->n_fields)
        return NP_OK;
    np_tab_path path = {.text = name,
                        .path = {name},
                        .n = 1,
                        .field = f->kind->field[at],
                        .owner = f->kind};
    size_t index;
    np_status status = tab_facts_dim(&index, f, &path, err);
    *out = (int)index;
    return status;
}

np_status tab_facts_new(tab_facts *out, np_store *store, const np_kind *kind,
                        np_arena *arena, np_error *err)
{
    tab_facts f = {.store = store, .arena = arena, .kind = kind};
    f.dim = np_arena_array(arena, tab_dim, TAB_MOST_DIMS);
    f.numeric = np_arena_array(arena, np_tab_path, TAB_MOST_NUMERIC);
    if (f.dim == NULL || f.numeric == NULL)
        return no_memory(err);
    np_status status = need_field(&f.missing_dim, &f, "missing", err);
    if (status == NP_OK)
        status = need_field(&f.reconstructed_dim, &f, "reconstructed", err);
    *out = f;
    return status;
}

static np_status add_dim(size_t *out, tab_facts *f, tab_dim dim, np_error *err)
{
    if (f->n_dims == TAB_MOST_DIMS)
        return np_fail(err, NP_E_LIMIT, _("a table needs more than %d paths"),
                       TAB_MOST_DIMS);
    dim.words = np_text_map_new(f->arena);
    if (dim.words == NULL)
        return no_memory(err);
    f->dim[f->n_dims] = dim;
    *out = f->n_dims++;
    return NP_OK;
}

np_status tab_facts_dim(size_t *out, tab_facts *f, const np_tab_path *path, np_error *err)
{
    for (size_t i = 0; i < f->n_dims; i++)
        if (f->dim[i].sort == TAB_DIM_PATH &&
            strcmp(f->dim[i].path.text, path->text) == 0) {
            *out = i;
            return NP_OK;
        }
    return add_dim(out, f, (tab_dim){.path = *path}, err);
}

static np_status need_path(tab_facts *f, const char *text, np_error *err)
{
    np_tab_path path = {.text = text, .path = {text}, .n = 1, .owner = f->kind};
    size_t at = np_kind_field(f->kind, text), index;
    if (at < f->kind->n_fields)
        path.field = f->kind->field[at];
    else
        path.field =
            (np_field){.name = "id", .type = NP_FIELD_REFERENCE, .among = f->kind->name};
    return tab_facts_dim(&index, f, &path, err);
}

np_status tab_facts_scheme(size_t *out, tab_facts *f, const char *scheme, np_error *err)
{
    for (size_t i = 0; i < f->n_dims; i++)
        if (f->dim[i].sort == TAB_DIM_SCHEME && strcmp(f->dim[i].scheme, scheme) == 0) {
            *out = i;
            return NP_OK;
        }
    np_status status = need_path(f, "id", err);
    return status != NP_OK
               ? status
               : add_dim(out, f, (tab_dim){.sort = TAB_DIM_SCHEME, .scheme = scheme},
                         err);
}

np_status tab_facts_flags(size_t *out, tab_facts *f, np_error *err)
{
    static const char *const needs[] = {"project", "indicator", "period", "baseline"};
    for (size_t i = 0; i < f->n_dims; i++)
        if (f->dim[i].sort == TAB_DIM_FLAGS) {
            *out = i;
            return NP_OK;
        }
    np_status status = NP_OK;
    for (size_t i = 0; i < PLAN_COUNT(needs) && status == NP_OK; i++)
        status = need_path(f, needs[i], err);
    return status != NP_OK ? status
                           : add_dim(out, f, (tab_dim){.sort = TAB_DIM_FLAGS}, err);
}

np_status tab_facts_number(size_t *out, tab_facts *f, const np_tab_path *path,
                           np_error *err)
{
    for (size_t i = 0; i < f->n_numeric; i++)
        if (strcmp(f->numeric[i].text, path->text) == 0) {
            *out = i;
            return NP_OK;
        }
    if (f->n_numeric == TAB_MOST_NUMERIC)
        return np_fail(err, NP_E_LIMIT, _("a table has numbers of at most %d paths"),
                       TAB_MOST_NUMERIC);
    f->numeric[f->n_numeric] = *path;
    *out = f->n_numeric++;
    return NP_OK;
}

int32_t tab_dim_find(const tab_dim *dim, const char *text)
{
    return np_text_map_find(dim->words, text, strlen(text));
}

np_status tab_dim_add(int32_t *out, tab_dim *dim, const char *text, np_value value,
                      np_arena *arena, np_error *err)
{
    int32_t code = np_text_map_add(dim->words, text, strlen(text));
    if (code < 0)
        return no_memory(err);
    if ((size_t)code == dim->n_codes) {
        if (dim->n_codes == dim->room) {
            size_t room = dim->room == 0 ? 16 : 2 * dim->room;
            np_value *more = np_arena_array(arena, np_value, room);
            if (more == NULL)
                return no_memory(err);
            if (dim->n_codes > 0)
                memcpy(more, dim->value, dim->n_codes * sizeof *more);
            dim->value = more;
            dim->room = room;
        }
        dim->value[dim->n_codes++] = value;
    }
    *out = code;
    return NP_OK;
}

size_t tab_fact_codes(const int32_t **codes, const tab_dim *dim, size_t fact)
{
    if (dim->sort == TAB_DIM_PATH) {
        *codes = &dim->code[fact];
        return dim->code[fact] >= 0;
    }
    *codes = dim->codes + dim->start[fact];
    return dim->start[fact + 1] - dim->start[fact];
}
