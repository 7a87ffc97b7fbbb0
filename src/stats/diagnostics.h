/* Tests on a least-squares model, by name:
 *
 *   breusch-pagan      heteroskedasticity, studentised: n R² of e² on the regressors
 *   breusch-godfrey:P  serial correlation up to order P, default 1: n R² of e on the
 *                      regressors and e's first P lags, 0 before the first row
 *   durbin-watson      d = Σ (e_i - e_{i-1})² / Σ e_i²; p against positive
 *                      correlation by the normal approximation to d's first two moments
 *   reset              F of the fitted values' square and cube as further regressors
 *   vif                variance inflation, one row per term; for a term of several
 *                      columns the generalised factor det R11 det R22 / det R
 *
 * Rows are taken in their order, so a series must be sorted by time. With weights, as
 * R's packages have it: reset and breusch-godfrey are of the unweighted fit;
 * breusch-pagan regresses e² - Σ w e²/n with the weights and is n Σ w f² / Σ z² of its
 * fitted values f and outcome z; durbin-watson has no p value.
 *
 * Source:  Koenker (1981), J. Econometrics 17, 107-112; Breusch (1978), Austr. Econ.
 *          Papers 17; Godfrey (1978), Econometrica 46; Durbin and Watson (1950),
 *          Biometrika 37, section 4; Ramsey (1969), J. R. Statist. Soc. B 31; Fox and
 *          Monette (1992), J. Am. Stat. Assoc. 87.
 * Matches: R lmtest 0.9-40 bptest(), bgtest(), dwtest(exact = FALSE), resettest(); car
 *          vif().
 */
#ifndef NP_STATS_DIAGNOSTICS_H
#define NP_STATS_DIAGNOSTICS_H

#include "stats/linear.h"

bool np_diagnostic_is_known(const char *name);

/* tests [n_tests] in the arena: one, but for vif one per term (`detail` names it,
 * statistic is the factor, df1 its columns, p_value NaN). `linear` must carry its
 * residuals.
 * NP_E_UNKNOWN_NAME    not one of these
 * NP_E_USAGE           instruments, or an order that is no whole number from 1
 * NP_E_NOT_IDENTIFIED  too few rows for the auxiliary regression; vif of one term */
np_status np_diagnostic_test(const np_test **tests, size_t *n_tests, const char *name,
                             const np_design *design, const np_linear *linear,
                             np_arena *arena, np_error *err);

#endif
