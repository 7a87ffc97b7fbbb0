/* nullpunkt estimate: what its files share. */
#ifndef NP_CLI_CMD_ESTIMATE_H
#define NP_CLI_CMD_ESTIMATE_H

#include <regex.h>

#include "base/json.h"
#include "cli/command.h"
#include "io/csv.h"
#include "report/doc.h"
#include "stats/infer/multiplicity.h"
#include "stats/infer/selection.h"
#include "stats/model.h"

enum { NP_MOST_MODELS = 32 };

/* --adjust: p values of the terms of all models, as one family of hypotheses. */
typedef struct {
    np_adjustment how; /* NP_ADJUST_NONE: not asked for */
    size_t n;
    size_t *model, *term;   /* [n] model, and index of its coefficient or, for
                               ROMANO_WOLF, of its bootstrapped hypothesis */
    double *p, *p_adjusted; /* [n] */
    size_t draws;           /* ROMANO_WOLF */
} np_estimate_family;

typedef struct {
    const char *formula[NP_MOST_MODELS];
    np_model model[NP_MOST_MODELS];
    size_t n_models;
    const char *data;   /* path */
    np_model_spec spec; /* the formula aside, the same for all */
    np_csv csv;
    np_estimate_family family;
    np_selection *selection; /* [n_models] where --selection is given, else NULL */
} np_estimation;

/* Which terms are printed: --keep and --drop. */
typedef struct {
    bool has_keep, has_drop;
    regex_t keep, drop;
} np_term_filter;

bool np_term_is_shown(const np_term_filter *filter, const char *term);

/* cmd_estimate.c */
np_status np_estimate_run(const np_call *call, bool *answer_no, np_error *err);

/* cmd_estimate_options.c: the command's description, and arguments to specifications. */
np_status np_estimate_spec(np_model_spec *out, const np_call *call, np_error *err);

/* cmd_estimate_print.c: one model with all its columns, or models side by side. */
np_status np_estimate_print(const np_call *call, const np_estimation *e,
                            const np_term_filter *filter, np_doc_format format,
                            np_error *err);
const np_doc_table *np_estimate_table_of(const np_model *m, const char *formula,
                                         const np_term_filter *filter, np_arena *arena);

/* cmd_estimate_adjust.c: from the estimated models to the family; its table (names as in
 * the JSON where `for_machines`) and the JSON's "adjusted". */
np_status np_estimate_adjust(np_estimation *e, const np_call *call, np_error *err);
const np_doc_table *np_estimate_adjusted_table(const np_call *call,
                                               const np_estimation *e, bool for_machines);
void np_estimate_adjusted_json(np_json *j, const np_estimation *e);

/* cmd_estimate_selection.c: the same for --selection; the JSON's "selection". */
np_status np_estimate_selection(np_estimation *e, const np_call *call, np_error *err);
const np_doc_table *np_estimate_selection_table(const np_call *call,
                                                const np_estimation *e,
                                                bool for_machines);
void np_estimate_selection_json(np_json *j, const np_estimation *e);

/* cmd_estimate_plot.c: a page with the figure and its table. */
np_status np_estimate_plot(const np_call *call, const np_estimation *e,
                           const np_term_filter *filter, const char *path, np_error *err);

#endif
