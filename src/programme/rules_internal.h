/* What the files of rules share; nobody else includes this. */
#ifndef NP_PROGRAMME_RULES_INTERNAL_H
#define NP_PROGRAMME_RULES_INTERNAL_H

#include "programme/rules.h"

typedef struct {
    np_store *store;
    np_objection_sink *sink;
    void *context;
    np_arena *arena; /* scratch: given back after each record */
} np_judge;

/* Objects to a record; `rule` is a word of np_rule_list(), which says whether it is a
 * warning. `hint` may be NULL. */
void judge_object(np_judge *judge, const np_record *record, const char *field,
                  const char *rule, const char *hint, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

#endif
