/* Identifiers, and what references within programme.yaml lead to. */
#include <math.h>
#include <string.h>

#include "programme/definition_internal.h"

np_value draft_value(const np_draft *draft, const char *field)
{
    size_t f = np_kind_field(draft->kind, field);
    return f < draft->kind->n_fields ? draft->value[f] : (np_value){0};
}

const char *draft_text(const np_draft *draft, const char *field)
{
    np_value value = draft_value(draft, field);
    return value.type == NP_VALUE_TEXT ? value.text : NULL;
}

double draft_number(const np_draft *draft, const char *field)
{
    np_value value = draft_value(draft, field);
    return value.type == NP_VALUE_NUMBER    ? value.number
           : value.type == NP_VALUE_INTEGER ? (double)value.integer
                                            : (double)NAN;
}

const np_yaml *draft_place(const np_draft *draft, const char *field)
{
    size_t f = np_kind_field(draft->kind, field);
    return f < draft->kind->n_fields && draft->given[f] != NULL ? draft->given[f]
                                                                : draft->node;
}

/* "theme absence" */
static const char *full_name(const np_drafts *d, const char *kind, const char *id)
{
    return np_arena_format(d->reader.arena, "%s %s", kind, id);
}

const np_draft *draft_find(const np_drafts *d, const char *kind, const char *id)
{
    np_arena_mark mark = np_arena_set_mark(d->reader.arena);
    const char *name = full_name(d, kind, id);
    int32_t i =
        name == NULL ? NP_MAP_NONE : np_text_map_find(d->names, name, strlen(name));
    np_arena_release(d->reader.arena, mark);
    return i < 0 ? NULL : &d->draft[d->of_name[i]];
}

const np_draft *draft_referred(const np_drafts *d, const np_draft *draft,
                               const char *field)
{
    size_t f = np_kind_field(draft->kind, field);
    const char *id = draft_text(draft, field);
    return id == NULL ? NULL : draft_find(d, draft->kind->field[f].among, id);
}

void draft_name_hint(const np_drafts *d, char *hint, size_t size, const char *kind,
                     const char *wanted)
{
    np_arena_mark mark = np_arena_set_mark(d->reader.arena);
    const char **id = NULL;
    size_t n = 0;
    hint[0] = '\0';
    /* None where nobody will read it: a hostile file has thousands of problems. */
    if (d->reader.problems->n < NP_PROBLEMS_KEPT)
        id = np_arena_array(d->reader.arena, const char *, d->n);
    for (size_t i = 0; id != NULL && i < d->n; i++)
        if (strcmp(d->draft[i].kind->name, kind) == 0 && d->draft[i].id != NULL)
            id[n++] = d->draft[i].id;
    const char *near = n == 0 ? NULL : np_nearest_name(wanted, id, n);
    if (near != NULL)
        np_text_format(hint, size, _("did you mean %s?"), near);
    np_arena_release(d->reader.arena, mark);
}

static const char *made_identifier(np_drafts *d, const np_draft *draft)
{
    const char *id = NULL;
    np_reader_key key = {"id", NULL};
    if (draft->kind->key != NULL) {
        np_record record = {.kind = draft->kind, .value = draft->value};
        np_status status = np_record_identifier(&id, &record, d->reader.arena, NULL);
        d->reader.no_memory = d->reader.no_memory || status == NP_E_NO_MEMORY;
        return status == NP_OK ? id : NULL;
    }
    key = np_reader_get(draft->node, "id");
    np_reader_require(&d->reader, draft->node, key, _(draft->section->what));
    return np_reader_identifier(&d->reader, key);
}

static const np_yaml *place_of_name(const np_draft *draft)
{
    const np_yaml *id = np_yaml_find(draft->node, "id");
    return id != NULL ? id : draft_place(draft, "code");
}

bool np_draft_identify(np_drafts *d, size_t i)
{
    np_draft *draft = &d->draft[i];
    const char *id = made_identifier(d, draft);
    const char *name = id == NULL ? NULL : full_name(d, draft->kind->name, id);
    if (name == NULL)
        return false;
    int32_t index = np_text_map_add(d->names, name, strlen(name));
    if (index < 0) {
        d->reader.no_memory = true;
        return false;
    }
    if ((size_t)index < d->n_names) {
        const np_draft *first = &d->draft[d->of_name[index]];
        np_reader_problem(&d->reader, place_of_name(draft),
                          draft->kind->key == NULL ? "id" : "", NP_E_DUPLICATE, NULL,
                          _("%s stands twice; it stands on line %u already"), id,
                          (unsigned)first->node->line);
        return false;
    }
    d->of_name[d->n_names++] = (int32_t)i;
    draft->id = id;
    return true;
}

/* The template of the same sort whose version comes before. */
static const np_draft *template_before(const np_drafts *d, const np_draft *template)
{
    const np_draft *before = NULL;
    const char *sort = draft_text(template, "sort");
    for (size_t i = 0; sort != NULL && i < d->n; i++) {
        const np_draft *other = &d->draft[i];
        const char *its =
            other->kind == template->kind ? draft_text(other, "sort") : NULL;
        if (its == NULL || strcmp(its, sort) != 0 ||
            !(draft_number(other, "version") < draft_number(template, "version")))
            continue;
        if (before == NULL ||
            draft_number(other, "version") > draft_number(before, "version"))
            before = other;
    }
    return before;
}

/* Where a code without a "/" is looked for: the scheme or template around it, or for the
 * source of a crosswalk the version before. */
static const np_draft *home_of(const np_drafts *d, const np_draft *draft,
                               const char *field)
{
    const np_draft *around = draft->enclosing < 0 ? NULL : &d->draft[draft->enclosing];
    if (around == NULL || strcmp(field, "source") != 0)
        return around;
    return strcmp(around->kind->name, "scheme") == 0
               ? draft_referred(d, around, "previous")
               : template_before(d, around);
}

/* "time" becomes "hindrance-1/time". */
static void qualify(np_drafts *d, np_draft *draft, size_t f)
{
    const char *field = draft->kind->field[f].name;
    const np_draft *home = home_of(d, draft, field);
    if (home == NULL || home->id == NULL)
        return;
    const char *full =
        np_arena_format(d->reader.arena, "%s/%s", home->id, draft->value[f].text);
    d->reader.no_memory = d->reader.no_memory || full == NULL;
    if (full != NULL)
        draft->value[f].text = full;
}

static void resolve(np_drafts *d, np_draft *draft, size_t f)
{
    char hint[sizeof((np_error *)NULL)->hint];
    const np_field *field = &draft->kind->field[f];
    const np_kind *among = np_kind_find(field->among);
    if (draft->value[f].type != NP_VALUE_TEXT || !among->defined)
        return;
    if (among->key != NULL && strchr(draft->value[f].text, '/') == NULL)
        qualify(d, draft, f);
    const char *id = draft->value[f].text;
    if (draft->given[f] == NULL || draft_find(d, field->among, id) != NULL)
        return;
    draft_name_hint(d, hint, sizeof hint, field->among, id);
    if (among->key != NULL && strchr(id, '/') == NULL)
        np_text_format(hint, sizeof hint, "%s",
                       _("say which: \"scheme/code\" or \"template/code\""));
    np_reader_problem(&d->reader, draft->given[f], field->name, NP_E_UNKNOWN_NAME, hint,
                      _("there is no %s \"%s\" in this file"), field->among, id);
    draft->value[f] = (np_value){0};
}

void np_draft_references(np_drafts *d)
{
    for (size_t i = 0; i < d->n; i++) {
        np_draft *draft = &d->draft[i];
        for (size_t f = 0; f < draft->kind->n_fields; f++)
            if (draft->kind->field[f].type == NP_FIELD_REFERENCE)
                resolve(d, draft, f);
        if (draft->section->is_link)
            np_draft_identify(d, i);
    }
}
