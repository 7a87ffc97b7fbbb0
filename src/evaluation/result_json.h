/* results.json: the whole result tree, and every model in the shape that
 * `estimate` writes too. */
#ifndef NP_EVALUATION_RESULT_JSON_H
#define NP_EVALUATION_RESULT_JSON_H

#include "base/json.h"
#include "evaluation/result.h"

/* One object. Numbers are unrounded and round-trip; what is not defined is null. A text
 * of the plan is {"nb": …, "nn": …, "en": …}; a generated sentence is {"text", "values"}
 * with the English msgid. */
void np_evaluation_json(np_buf *out, const np_evaluation *evaluation);

#endif
