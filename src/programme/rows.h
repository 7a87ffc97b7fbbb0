/* Short questions to the records with several conditions: columns named in one text. */
#ifndef NP_PROGRAMME_ROWS_H
#define NP_PROGRAMME_ROWS_H

#include "store/query.h"

/* The columns (paths, as np_columns_of() reads them) of the records of the kind for which
 * all conditions hold, sorted by the first column and then the identifier. */
np_status np_rows_ask(np_rows *out, np_store *store, const char *kind,
                      const char *columns, const np_where *where, size_t n_where,
                      np_arena *arena, np_error *err);

/* The condition that the path has the text; lives as long as the block. */
#define NP_IS(path_, text_)                                                              \
    ((np_where){.path = (path_),                                                         \
                .sort = NP_WHERE_EQUAL,                                                  \
                .value = &NP_VALUE_OF_TEXT(text_),                                       \
                .n = 1})

#endif
