/* What the files that read forms share; nobody else includes this. */
#ifndef NP_PROGRAMME_FORM_READER_H
#define NP_PROGRAMME_FORM_READER_H

#include "io/yaml_reader.h"
#include "programme/draft.h"
#include "programme/form_internal.h"

typedef struct {
    np_reader r;
    np_store *store;
    np_arena *arena;
    np_error *err;
    np_status status; /* the first failure of the store or of memory */
    np_form form;
    np_form_record *item;
    size_t room;
    np_period period;
    const char *period_end; /* the last day */
    np_rows goal;           /* id indicator measure */
    np_rows measure;        /* id name, all of the project's */
    const form_measure *account;
    size_t n_accounts, n_new_measures;
} form_reader;

#define LENGTH(array) (sizeof(array) / sizeof *(array))

void form_fail_memory(form_reader *f);
/* Keeps what the draft says as a record of the form, at the line of the node. */
void form_keep(form_reader *f, const np_draft *draft, const np_yaml *node);

/* A value as people write it; a decimal comma is one where there is no point. Absent
 * after a problem. */
np_value form_value(form_reader *f, const np_yaml *node, const np_field *field,
                    const char *key);
/* A key of the mapping into the field of the same name; absent where it is not given. */
void form_field(form_reader *f, np_draft *draft, const np_yaml *mapping,
                const char *name);
bool form_is_given(const np_yaml *mapping, const char *key);

/* The answers to a question, by its sort: of one value or several, items, and one entry
 * of the lists of goals and measures. */
void form_read_answers(form_reader *f, const form_question *q, const np_yaml *node);
void form_read_items(form_reader *f, const form_question *q, const np_yaml *node);
void form_read_measurement(form_reader *f, const form_question *q, const np_yaml *node);
void form_read_goal(form_reader *f, const form_question *q, const np_yaml *node);
void form_read_measure(form_reader *f, const form_question *q, const np_yaml *node);

#endif
