/* Checks on the data behind an estimate: each looks, and says something only
 * where it finds something; internal. Thresholds are constants of caveat.c with
 * their reasons. */
#ifndef NP_EVALUATION_CAVEAT_H
#define NP_EVALUATION_CAVEAT_H

#include "evaluation/panel_rows.h"

/* Welch's t test of two groups' means of unit values. Source: Welch (1947),
 * Biometrika 34(1-2). n = 1 on a side: statistic and p are NaN. */
typedef struct {
    size_t n[2];
    double mean[2]; /* [0] others, [1] participants */
    double difference, statistic, df, p_value;
} np_two_means;

/* value[n] (NaN: left out), treated[n]. */
np_two_means np_two_means_of(const double *value, const uint8_t *treated, size_t n);

/* Correlation of two variables and the slope of y on x, over pairs that are finite. */
typedef struct {
    size_t n;
    double r, slope, p_value;
} np_correlation;

np_correlation np_correlation_of(const double *x, const double *y, size_t n);

/* Levels before and changes after, per unit: participants who started high, and
 * whether the others' level and change go together. `changes` are others' (and
 * participants') after - before. */
np_status np_caveats_levels(const np_work *w, np_caveat_list *list, const double *before,
                            const double *change, const uint8_t *treated, size_t n);

/* Missing outcomes per unit as a share; tested between the groups. */
np_status np_caveats_attrition(const np_work *w, np_caveat_list *list,
                               const double *share_missing, const uint8_t *treated,
                               size_t n);

/* n_clusters 0: not clustered, nothing to say. */
np_status np_caveats_clusters(const np_work *w, np_caveat_list *list, size_t n_clusters,
                              size_t n_treated_clusters);

/* All checks of a panel's rows that do not depend on the estimator. */
np_status np_caveats_panel(const np_work *w, np_caveat_list *list,
                           const np_panel_rows *rows);

/* What the pre-trend test says; failure: why there is none ("" where there are no
 * terms to test). */
np_status np_caveats_pre_trend(const np_work *w, np_caveat_list *list,
                               const np_test *test, double level);

/* Collinear terms. */
np_status np_caveats_model(const np_work *w, np_caveat_list *list, const np_model *model);

#endif
