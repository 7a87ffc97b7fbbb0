/* The one JSON shape of estimates, shared by `estimate` and `evaluate`, so that
 * one reader serves both. */
#ifndef NP_EVALUATION_ESTIMATES_JSON_H
#define NP_EVALUATION_ESTIMATES_JSON_H

#include "base/json.h"
#include "stats/model.h"

/* The members of an object that the caller has opened:
 *   "n", "n_table_rows", "dropped": [{"reason", "rows"}],
 *   "coefficients": [{"term", "estimate", "std_error", "statistic", "p_value",
 *      "conf_low", "conf_high", "df" (only where it differs by coefficient)}],
 *   "vcov": [[…]], "stats": {…},
 *   "tests": [{"name", "title", "detail", "distribution", "statistic", "df1", "df2",
 *      "p_value"}],
 *   "tables": {name: [{"term", "estimate", …}]}, "collinear": […], "warnings": […]
 * Numbers round-trip; what is not defined is null. */
void np_estimates_json_members(np_json *j, const np_estimates *estimates);
/* Those from "coefficients" on: what was found, without the sample. */
void np_estimates_json_findings(np_json *j, const np_estimates *estimates);

/* A whole object: "nullpunkt" (the version), "model" {"formula", "title", "family",
 * "outcome", "fixed_effects": [{"name", "levels"}], "clusters": [{"name", "number"}],
 * "vcov", "vcov_label", "ssc", "conf_level", "df_t"} and the members above. `formula`
 * may be NULL. */
void np_model_json(np_json *j, const np_model *model, const char *formula);
/* Its members, in an object that the caller has opened and may add to. */
void np_model_json_members(np_json *j, const np_model *model, const char *formula);

#endif
