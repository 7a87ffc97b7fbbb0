/* What the designs share while a question is worked on: where results live,
 * scratch memory, the models so far; internal to the evaluation. */
#ifndef NP_EVALUATION_WORK_H
#define NP_EVALUATION_WORK_H

#include "evaluation/plan.h"
#include "evaluation/result.h"
#include "evaluation/sample.h"

typedef struct {
    const np_model **model; /* [n] */
    const char **id;        /* [n] */
    size_t n, capacity;
} np_model_list;

typedef struct {
    np_arena *arena;   /* results */
    np_arena *scratch; /* given back after each model */
    const np_plan *plan;
    const np_plan_question *q;
    const np_table *table;
    np_model_list *models;
    np_error *err; /* never NULL */
} np_work;

np_status np_work_no_memory(const np_work *w);

/* Estimates in scratch memory and keeps a copy of the estimates under `id`. *full is
 * the scratch model with its design. A failure is written to *failure, not to the
 * work's error, so that the caller may go on. */
np_status np_work_estimate(np_work *w, const char *id, const np_table *table,
                           const np_model_spec *spec, np_model *full,
                           const np_model **kept, size_t *index, np_error *failure);

/* A sentence with its values copied; `text` is a msgid (mark it with N_). */
np_statement np_work_statement(const np_work *w, const char *text,
                               const np_quantity *value, size_t n_values);
#define NP_COUNT(name_, n)                                                               \
    ((np_quantity){.name = name_, .kind = NP_QUANTITY_COUNT, .number = (double)(n)})
#define NP_NUMBER(name_, k, x)                                                           \
    ((np_quantity){.name = name_, .kind = NP_QUANTITY_##k, .number = (x)})
#define NP_WORD(name_, t)                                                                \
    ((np_quantity){.name = name_, .kind = NP_QUANTITY_TEXT, .text = (t)})
#define NP_COLUMN_NAME(name_, t)                                                         \
    ((np_quantity){.name = name_, .kind = NP_QUANTITY_COLUMN, .text = (t)})

/* The texts joined in the arena; "" when memory is spent (and the work's error set). */
const char *np_work_text(const np_work *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A name as it stands in a formula: in backticks where it must. */
const char *np_work_quoted(const np_work *w, const char *name);

/* Letters and digits as they are, "_" for the rest: a name that no formula mistakes. */
const char *np_work_identifier(const np_work *w, const char *text);

/* A grown list of caveats. */
typedef struct {
    np_caveat *item;
    size_t n, capacity;
} np_caveat_list;

np_status np_caveats_add(const np_work *w, np_caveat_list *list, np_caveat_kind kind,
                         np_statement statement);

/* A derived table: columns are borrowed and must outlive it. */
enum { NP_MOST_DERIVED = 64 };

typedef struct {
    np_column column[NP_MOST_DERIVED];
    size_t n, n_rows;
} np_derived;

/* A column of that name is added once; NP_E_LIMIT when there are too many. */
np_status np_derived_number(np_derived *d, const char *name, const double *value,
                            np_error *err);
np_status np_derived_code(np_derived *d, const char *name, const int64_t *value,
                          np_error *err);
/* `wanted`, with as many "_" after it as make it new. In the arena. */
const char *np_derived_free_name(const np_derived *d, const char *wanted,
                                 np_arena *arena);
np_table np_derived_table(const np_derived *d);

#endif
