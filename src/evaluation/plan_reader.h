/* What the files that read a plan share; nobody else includes this. */
#ifndef NP_EVALUATION_PLAN_READER_H
#define NP_EVALUATION_PLAN_READER_H

#include "evaluation/plan.h"
#include "io/yaml_reader.h"

enum { PLAN_MOST_QUESTIONS = 1000 };

np_plan_name plan_name(np_reader *r, np_reader_key key);
/* The items of a list, or the one that is given without a list. */
const np_plan_name *plan_names(np_reader *r, np_reader_key key, size_t *n);

/* Parts that several places of a plan use. */
np_plan_data plan_data(np_reader *r, np_reader_key key);
const np_condition *plan_conditions(np_reader *r, np_reader_key key, size_t *n);
const np_plan_attribute *plan_attributes(np_reader *r, np_reader_key key, size_t *n);
np_plan_subgroup *plan_values(np_reader *r, np_reader_key key, size_t *n);

/* The keys of change scores, from the question's mapping or the defaults'. */
typedef np_reader_key plan_finder(const void *context, const char *name);
void plan_change_scores(np_reader *r, np_plan_question *q, plan_finder *find,
                        const void *context, const np_yaml *own);
/* The keys `inference` and `sensitivity` of a panel question. */
void plan_inference(np_reader *r, np_plan_question *q, np_reader_key key);
void plan_sensitivity(np_reader *r, np_plan_question *q, np_reader_key key);
np_plan_question plan_question(np_reader *r, const np_yaml *node,
                               const np_yaml *defaults);
bool plan_check_defaults(np_reader *r, const np_yaml *defaults);

#define PLAN_COUNT(array) (sizeof(array) / sizeof *(array))

#endif
