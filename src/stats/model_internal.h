/* Shared by the model files. */
#ifndef NP_STATS_MODEL_INTERNAL_H
#define NP_STATS_MODEL_INTERNAL_H

#include "stats/linear.h"
#include "stats/model.h"

typedef struct {
    const np_model_spec *spec;
    np_model_spec own; /* the spec with the covariance's keys in the design */
    np_model *out;
    np_arena *arena;
    np_error *err;
    np_linear linear; /* where the family is gaussian */
    np_vcov vcov;
    np_estimate_table *table; /* [n_tables] being gathered */
    size_t n_tables;
    const char **warning;
    size_t n_warnings, warning_capacity;
} np_model_builder;

np_status np_model_no_memory(np_model_builder *b);
/* A whole sentence. */
np_status np_model_warn(np_model_builder *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* model_warnings.c */
np_status np_model_add_warnings(np_model_builder *b);

/* model_effects.c: the absorbed effects as rows "unit:17", "unit[[trend]]:17". */
np_status np_model_effects_table(np_estimate_table *out, const np_design *design,
                                 const double *const *effects, np_arena *arena,
                                 np_error *err);

/* model_linear.c, model_glm.c, model_panel.c: from a built design (b->out->design) to
 * estimates without warnings. */
np_status np_model_fit_linear(np_model_builder *b);
np_status np_model_fit_likelihood(np_model_builder *b);
np_status np_model_fit_panel(np_model_builder *b); /* with its tests and clusters */

/* model_wild.c: the table "wild_bootstrap", and warnings of confidence sets that are no
 * intervals. */
np_status np_model_wild_bootstrap(np_model_builder *b);

/* model_inference.c: sample, covariance, statistics and tests that all share. */
np_status np_model_set_sample(np_model_builder *b);
np_status np_model_add_statistics(np_model_builder *b, const np_statistic *more,
                                  size_t n);
np_status np_model_add_test(np_model_builder *b, const np_test *test);

#endif
