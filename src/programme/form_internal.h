/* What the writing and the reading of forms share; nobody else includes this. */
#ifndef NP_PROGRAMME_FORM_INTERNAL_H
#define NP_PROGRAMME_FORM_INTERNAL_H

#include "programme/form.h"
#include "programme/value.h"
#include "store/query.h"

typedef enum {
    FORM_TEXT = 0,
    FORM_INTEGER,
    FORM_NUMBER,
    FORM_DATE,
    FORM_YES_NO,
    FORM_CATEGORY,
    FORM_GOALS,
    FORM_MEASURES,
    FORM_MEASUREMENT,
    FORM_ITEMS
} form_answer;

typedef struct {
    const char *id, *code, *text, *help, *scheme, *indicator, *item_sort, *theme;
    form_answer answer;
    bool required, repeats;
} form_question;

/* The questions of a template that are asked of the project (those of a theme only where
 * it takes part in it), in their order; texts in the thread's language. */
np_status form_questions(const form_question **out, size_t *n, np_store *store,
                         const char *template, const char *project, np_arena *arena,
                         np_error *err);

/* Measures of the project that a report of the period must account for: those that were
 * not finished or shelved before it. `status` is the last one known at the end of the
 * period, and `since` its day; NULL: none is known. */
typedef struct {
    const char *id, *name, *starts, *status, *since;
    int64_t n_covered; /* -1: not known */
} form_measure;
np_status form_measures(const form_measure **out, size_t *n, np_store *store,
                        const char *project, np_period period, np_arena *arena,
                        np_error *err);

#endif
