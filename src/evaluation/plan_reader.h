/* Typed access to the plan's YAML that collects problems instead of stopping:
 * internal to the plan. A NULL node is a key that is not given and yields the
 * default; a wrong one adds a problem and yields the default too. */
#ifndef NP_EVALUATION_PLAN_READER_H
#define NP_EVALUATION_PLAN_READER_H

#include "evaluation/plan.h"
#include "io/yaml.h"

typedef struct {
    np_arena *arena;
    np_problems *problems;
    const char *file;
    bool no_memory;
} plan_reader;

/* Adds a problem at the node; `key` may be "". A problem that is already there (a
 * default read once per question) is not added again. */
void plan_problem(plan_reader *r, const np_yaml *node, const char *key, np_status status,
                  const char *hint, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Zeroed memory; NULL sets no_memory. */
void *plan_alloc(plan_reader *r, size_t n, size_t size);
#define plan_array(r, type, n) ((type *)plan_alloc((r), (n), sizeof(type)))

/* A key with the value it has in `node`. */
typedef struct {
    const char *name;
    const np_yaml *node;
} plan_key;

/* True where node is a mapping; a problem for each key of it that is not in names[n]:
 * "`what` has no key populaton; did you mean population? Allowed are: …" */
bool plan_check_keys(plan_reader *r, const np_yaml *node, const char *what,
                     const char *const *names, size_t n);
plan_key plan_get(const np_yaml *mapping, const char *name);
void plan_require(plan_reader *r, const np_yaml *mapping, plan_key key, const char *what);

const char *plan_text(plan_reader *r, plan_key key); /* NULL: not given */
const char *plan_identifier(plan_reader *r, plan_key key);
np_plan_name plan_name(plan_reader *r, plan_key key);
np_localised plan_localised(plan_reader *r, plan_key key);
double plan_number(plan_reader *r, plan_key key, double otherwise);
double plan_number_between(plan_reader *r, plan_key key, double low, double high,
                           double otherwise);
bool plan_bool(plan_reader *r, plan_key key, bool otherwise);
/* The index of the word in choices[n], else `otherwise`. */
int plan_choice(plan_reader *r, plan_key key, const char *const *choices, size_t n,
                int otherwise);

/* Items of a list, or the one value itself; NULL and 0 where nothing is given. */
/* The items of a list, or the one that is given without a list; none of a list that
 * is longer than PLAN_MOST_ITEMS, which is a problem. */
enum { PLAN_MOST_ITEMS = 10000, PLAN_MOST_QUESTIONS = 1000 };
const np_yaml *plan_items(plan_reader *r, plan_key key, size_t *n);
const np_plan_name *plan_names(plan_reader *r, plan_key key, size_t *n);
const double *plan_numbers(plan_reader *r, plan_key key, size_t *n);

/* Parts that several places of a plan use. */
np_plan_data plan_data(plan_reader *r, plan_key key);
const np_condition *plan_conditions(plan_reader *r, plan_key key, size_t *n);
const np_plan_attribute *plan_attributes(plan_reader *r, plan_key key, size_t *n);
np_plan_subgroup *plan_values(plan_reader *r, plan_key key, size_t *n);

/* The keys of change scores, from the question's mapping or the defaults'. */
typedef plan_key plan_finder(const void *context, const char *name);
void plan_change_scores(plan_reader *r, np_plan_question *q, plan_finder *find,
                        const void *context, const np_yaml *own);
/* The keys `inference` and `sensitivity` of a panel question. */
void plan_inference(plan_reader *r, np_plan_question *q, plan_key key);
void plan_sensitivity(plan_reader *r, np_plan_question *q, plan_key key);
np_plan_question plan_question(plan_reader *r, const np_yaml *node,
                               const np_yaml *defaults);
bool plan_check_defaults(plan_reader *r, const np_yaml *defaults);

#define PLAN_COUNT(array) (sizeof(array) / sizeof *(array))

#endif
