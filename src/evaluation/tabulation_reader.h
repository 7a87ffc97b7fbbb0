/* Reading tables.yaml, in parts; on the plan's reader. Internal to tabulation*.c. */
#ifndef NP_EVALUATION_TABULATION_READER_H
#define NP_EVALUATION_TABULATION_READER_H

#include "evaluation/plan_reader.h"
#include "evaluation/tabulation.h"

/* A path's text; a problem at the key where the kind has no such field. */
np_tab_path tab_path(np_reader *r, np_reader_key key, const np_kind *kind);
/* The same without a file: NP_E_UNKNOWN_NAME. */
np_status tab_path_parse(np_tab_path *out, const char *text, const np_kind *kind,
                         np_arena *arena, np_error *err);
np_tab_scope tab_scope(np_reader *r, np_reader_key key, const np_kind *kind);

np_tab_statistic tab_statistic(np_reader *r, np_reader_key key, const np_kind *kind);
/* One or a list of them; `otherwise` where nothing is given. */
const np_tab_statistic *tab_statistics(np_reader *r, np_reader_key key,
                                       const np_kind *kind, size_t *n);
np_tab_statistic tab_count(void);

np_tab_axis tab_axis(np_reader *r, np_reader_key key, const np_kind *kind);
np_tab_expected tab_expected(np_reader *r, np_reader_key key);
const np_tab_not_asked *tab_not_asked(np_reader *r, np_reader_key key, size_t *n);
/* A kind by its name; NULL and a problem where there is none. */
const np_kind *tab_kind(np_reader *r, np_reader_key key);
bool tab_is_numeric(const np_tab_path *path);

#endif
