/* The JSON of what an estimate is tried against, shared by the commands and by
 * results.json: members of an object that the caller has opened. */
#ifndef NP_EVALUATION_TRIAL_JSON_H
#define NP_EVALUATION_TRIAL_JSON_H

#include "base/json.h"
#include "stats/did/honest.h"
#include "stats/did/robustness.h"
#include "stats/infer/randomisation.h"

/* "original": {"estimate", "std_error", "conf_low", "conf_high"}, "intervals": [{"bound",
 * "conf_low", "conf_high", "open_low", "open_high"}], "breakdown": {"verdict", "value",
 * "sentence" (where not NULL)} */
void np_honest_json_members(np_json *j, const np_honest *h, const char *sentence);

/* "estimate", "std_error", "rows": [{"left_out", "cohort", "date", "estimate",
 * "std_error", "p_value", "conf_low", "conf_high", "change", "refused"}] */
void np_robustness_json_members(np_json *j, const np_robustness *r);

/* "estimate", "statistic", "p_value", "draws", "enumerated", "n_reached", "n_assigned",
 * "conf_low", "conf_high" */
void np_randomisation_json_members(np_json *j, const np_randomisation *r);

#endif
