#include "programme/rows.h"

#include <math.h>
#include <string.h>

enum { MOST_COLUMNS = 16 };

np_status np_rows_ask(np_rows *out, np_store *store, const char *kind,
                      const char *columns, const np_where *where, size_t n_where,
                      np_arena *arena, np_error *err)
{
    np_query_column column[MOST_COLUMNS];
    size_t n = 0;
    for (const char *p = columns; *p != '\0';) {
        size_t length = strcspn(p, " ");
        const char *path = np_arena_copy_text(arena, p, length);
        if (path == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
        if (n == MOST_COLUMNS)
            return np_fail(err, NP_E_LIMIT, _("a question has 1 to %d columns"),
                           MOST_COLUMNS);
        column[n++] = (np_query_column){.path = path};
        p += length + (p[length] == ' ');
    }
    np_query query = {.kind = np_kind_find(kind),
                      .column = column,
                      .n_columns = n,
                      .where = where,
                      .n_where = n_where,
                      .order = (const size_t[]){0},
                      .n_order = 1};
    return np_store_query(out, store, &query, arena, err);
}
