#include "programme/rows.h"

np_status np_rows_ask(np_rows *out, np_store *store, const char *kind,
                      const char *columns, const np_where *where, size_t n_where,
                      np_arena *arena, np_error *err)
{
    np_query_column column[NP_QUERY_MOST_COLUMNS];
    np_query query = {.kind = np_kind_find(kind),
                      .column = column,
                      .where = where,
                      .n_where = n_where,
                      .order = (const size_t[]){0},
                      .n_order = 1};
    np_status status = np_columns_of(column, &query.n_columns, columns, arena, err);
    return status == NP_OK ? np_store_query(out, store, &query, arena, err) : status;
}
