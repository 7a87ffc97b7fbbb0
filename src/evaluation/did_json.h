/* The one JSON shape of difference-in-differences, shared by `did` and `evaluate`. */
#ifndef NP_EVALUATION_DID_JSON_H
#define NP_EVALUATION_DID_JSON_H

#include "base/json.h"
#include "stats/did/did_compare.h"
#include "stats/did/did_design.h"

/* What was asked of which panel; all estimators share it. */
typedef struct {
    const np_did_panel *panel;
    const np_did_panel_spec *panel_spec;
    const np_did_spec *spec;
} np_did_question;

/* The members of an object that the caller has opened:
 *   "model": {"estimator", "title", "source", "outcome", "unit", "time", "cohort",
 *      "weights", "cluster", "comparison", "method", "base", "anticipation",
 *      "unbalanced", "controls": [term], "conf_level", "draws", "seed",
 *      "comparison_used", "weighting", "controls_used", "base_used", "errors_used"},
 *   "n", "n_table_rows", "n_units", "n_treated_units", "n_periods",
 *   "dropped": [{"reason", "rows", "units": [name]}], the panel's and then the
 *      estimator's; "units" is empty where rows, not whole units, were left out
 *   "coefficients" … "warnings" as np_estimates_json_members() has them,
 *   "group_time": [{"cohort", "time", "event_time", "base_period", "estimate",
 *      "std_error", "statistic", "p_value", "conf_low", "conf_high", "band_low",
 *      "band_high", "n_treated", "n_comparison"}],
 *   "aggregates": [{"kind", "estimate" … "conf_high", "critical_value", "rows":
 *      [{"value", "estimate" … "band_high", "n_treated", "reference"}], "vcov": [[…]]}]
 * Numbers round-trip; what is not defined is null. */
void np_did_result_json_members(np_json *j, const np_did_question *question,
                                const np_did_result *result);

/* An object: {"n", "n_units", "n_never", "n_periods", "balanced", "absorbing",
 * "periods": [number], "period_labels": [text], "cohorts": [{"cohort" (null: never),
 * "units", "before", "after", "comparison_at_start", "comparison_at_end", "seen":
 * [units by period]}], "verdicts": [{"estimator", "identified", "reason"}],
 * "dropped" as above, "warnings": [text]} */
void np_did_design_json(np_json *j, const np_did_panel *panel,
                        const np_did_design *design);

/* An object: {"rows": [{"estimator", "title", "estimate", "std_error", "p_value",
 * "conf_low", "conf_high", "at_start", "at_start_error", "n_units", "n_treated_units",
 * "comparison_used", "weighting", "controls_used", "base_used", "errors_used"}],
 * "findings": [{"kind", "estimators": [code], "values": [number], "text"}]}; what each
 * kind's values are stands in stats/did/did_compare.h. Refused ones have no row. */
void np_did_comparison_json(np_json *j, const np_did_comparison *comparison);

#endif
