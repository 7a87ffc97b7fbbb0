/* What the files of `nullpunkt coding` share. */
#ifndef NP_CLI_CMD_CODING_H
#define NP_CLI_CMD_CODING_H

#include "cli/common.h"
#include "cli/programme_options.h"
#include "evaluation/coder_agreement.h"
#include "programme/coding_crosswalk.h"
#include "programme/coding_read.h"
#include "programme/coding_sheet.h"

/* Options that a verb needs: NP_E_USAGE where it is not given. */
np_status coding_needed(const char **out, const np_call *call, const char *option,
                        np_error *err);
np_status coding_seed(uint64_t *out, const np_call *call, np_error *err);
/* --period, --theme and --coders. */
np_status coding_filter(np_coding_filter *out, const np_call *call, np_error *err);

/* Items as a sheet: columns are added from left to right, rows are all there before. */
typedef struct coding_table coding_table;
coding_table *coding_table_new(np_arena *arena, size_t n_rows); /* NULL: no memory */
void coding_table_column(coding_table *t, const char *name, const char *const *text);
void coding_table_constant(coding_table *t, const char *name, const char *text);
/* item, period, project, theme, text */
void coding_table_items(coding_table *t, const np_coding_item *item, size_t stride);
/* The columns that a coder fills in, with what is there already: `word`, or `word`_1 …
 * where an item may have several categories; `stride` bytes from set to set. */
void coding_table_labels(coding_table *t, const char *word, const np_category_set *set,
                         size_t stride, const np_coding_scheme *scheme);
/* To --output, .xlsx or CSV with the categories beside it, else CSV on standard output.
 */
np_status coding_table_write(const np_call *call, coding_table *t,
                             const np_coding_scheme *scheme, np_error *err);

typedef np_status coding_verb(const np_call *call, np_programme *programme,
                              bool *answer_no, np_error *err);
coding_verb coding_sheet, coding_read, coding_adjudicate, coding_crosswalk,
    coding_agreement, coding_disagreements, coding_status;

#endif
