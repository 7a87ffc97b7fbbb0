/* Paths through references. */
#include <string.h>

#include "store/query_internal.h"

static np_status no_such_field(const np_kind *kind, const char *name, size_t length,
                               const char *path, np_error *err)
{
    const char *names[NP_MOST_FIELDS + 1];
    size_t n = 0;
    names[n++] = "id";
    for (size_t f = 0; f < kind->n_fields; f++)
        names[n++] = kind->field[f].name;
    char wanted[64];
    np_text_format(wanted, sizeof wanted, "%.*s", (int)length, name);
    np_fail(err, NP_E_UNKNOWN_NAME, _("%s has no field %s (in \"%s\")"), kind->name,
            wanted[0] == '\0' ? "\"\"" : wanted, path);
    const char *near = np_nearest_name(wanted, names, n);
    if (near != NULL)
        np_error_hint(err, _("did you mean %s?"), near);
    return np_error_field(err, path, strlen(path));
}

static np_status no_reference(const np_kind *kind, size_t field, const char *path,
                              np_error *err)
{
    np_fail(err, NP_E_UNKNOWN_NAME,
            _("the field %s of %s is no reference, and \"%s\" goes on after it"),
            kind->field[field].name, kind->name, path);
    return np_error_field(err, path, strlen(path));
}

static size_t field_of(const np_kind *kind, const char *name, size_t length)
{
    for (size_t f = 0; f < kind->n_fields; f++)
        if (strlen(kind->field[f].name) == length &&
            memcmp(kind->field[f].name, name, length) == 0)
            return f;
    return kind->n_fields;
}

np_status query_walk_path(query_path_end *out, const np_kind *from, const char *path,
                          query_path_visit *visit, void *context, np_error *err)
{
    const np_kind *kind = from;
    const char *part = path;
    for (size_t depth = 0;; depth++) {
        size_t length = strcspn(part, ".");
        bool last = part[length] == '\0';
        bool id = length == 2 && memcmp(part, "id", 2) == 0;
        size_t field = id ? kind->n_fields : field_of(kind, part, length);
        if (field == kind->n_fields && !(id && last))
            return no_such_field(kind, part, length, path, err);
        if (last || strcmp(part + length, ".id") == 0) {
            if (!last && kind->field[field].type != NP_FIELD_REFERENCE)
                return no_reference(kind, field, path, err);
            *out = (query_path_end){.kind = kind, .field = field};
            return NP_OK;
        }
        if (kind->field[field].type != NP_FIELD_REFERENCE)
            return no_reference(kind, field, path, err);
        if (depth == NP_QUERY_DEEPEST)
            return np_fail(err, NP_E_LIMIT, _("\"%s\" goes along too many references"),
                           path);
        np_status status = visit != NULL ? visit(context, kind, field, err) : NP_OK;
        if (status != NP_OK)
            return status;
        kind = np_kind_find(kind->field[field].among);
        part += length + 1;
    }
}

np_status np_path_field(const np_kind **kind, np_field *field, const np_kind *from,
                        const char *path, np_error *err)
{
    query_path_end end = {0};
    np_status status = query_walk_path(&end, from, path, NULL, NULL, err);
    if (status != NP_OK)
        return status;
    *kind = end.kind;
    *field = end.field < end.kind->n_fields ? end.kind->field[end.field]
                                            : (np_field){.name = "id",
                                                         .type = NP_FIELD_REFERENCE,
                                                         .required = true,
                                                         .among = end.kind->name};
    return NP_OK;
}
