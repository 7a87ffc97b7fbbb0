/* programme.yaml: any bytes give a definition or problems that say what and where; a
 * definition without problems is one that the store takes: identifiers once, required
 * fields there, values of their types, references that lead somewhere. */
#include "fuzz/fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/utf8.h"
#include "programme/programme.h"

enum { BUDGET = 64 << 20 };

static void demand(bool holds)
{
    if (!holds)
        abort();
}

/* "theme absence" */
static int32_t place(np_text_map *names, np_arena *arena, const char *kind,
                     const char *id, bool add)
{
    const char *name = np_arena_format(arena, "%s %s", kind, id);
    demand(name != NULL);
    return add ? np_text_map_add(names, name, strlen(name))
               : np_text_map_find(names, name, strlen(name));
}

static void check_value(const np_field *field, np_value value, np_text_map *names,
                        np_arena *arena)
{
    np_value_type wanted =
        field->type == NP_FIELD_NUMBER ? NP_VALUE_NUMBER
        : field->type == NP_FIELD_INTEGER || field->type == NP_FIELD_YES_NO
            ? NP_VALUE_INTEGER
            : NP_VALUE_TEXT;
    if (value.type == NP_VALUE_NONE) {
        demand(!field->required);
        return;
    }
    demand(value.type == wanted);
    if (value.type == NP_VALUE_NUMBER)
        demand(isfinite(value.number));
    if (value.type == NP_VALUE_TEXT)
        demand(np_utf8_invalid(value.text, strlen(value.text)) == strlen(value.text));
    if (field->type == NP_FIELD_CHOICE)
        demand(np_field_choice(field, value.text) >= 0);
    if (field->type == NP_FIELD_REFERENCE && np_kind_find(field->among)->defined)
        demand(place(names, arena, field->among, value.text, false) >= 0);
}

static void check_definition(const np_definition *definition, np_arena *arena)
{
    np_text_map *names = np_text_map_new(arena);
    demand(names != NULL && definition->n > 0);
    for (size_t i = 0; i < definition->n; i++) {
        const np_record *record = &definition->item[i].record;
        demand(record->kind->defined && record->id[0] != '\0');
        demand((size_t)place(names, arena, record->kind->name, record->id, true) == i);
    }
    for (size_t i = 0; i < definition->n; i++) {
        const np_record *record = &definition->item[i].record;
        for (size_t f = 0; f < record->kind->n_fields; f++)
            check_value(&record->kind->field[f], record->value[f], names, arena);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    np_arena *arena = np_arena_new(BUDGET), *own = np_arena_new(0);
    np_problems *problems = calloc(1, sizeof *problems);
    np_definition definition = {0};
    np_error err = {0};
    demand(arena != NULL && own != NULL && problems != NULL);
    np_status status = np_definition_read_text(&definition, (const char *)bytes, length,
                                               "fuzz", arena, problems, &err);
    demand(status == err.status && (status != NP_OK) == (err.message[0] != '\0'));
    for (size_t i = 0; i < problems->n; i++) {
        demand(problems->item[i].message[0] != '\0');
        demand(problems->item[i].line > 0 && problems->item[i].column > 0);
    }
    if (status == NP_OK && problems->n == 0)
        check_definition(&definition, own);
    np_arena_free(arena);
    np_arena_free(own);
    free(problems);
    return 0;
}
