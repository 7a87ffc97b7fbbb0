/* A record that is being made, field by field by name. */
#ifndef NP_PROGRAMME_DRAFT_H
#define NP_PROGRAMME_DRAFT_H

#include "store/kind.h"

typedef struct {
    np_value value[NP_MOST_FIELDS];
    np_record record; /* its values are the draft's: do not copy the draft */
} np_draft;

/* Empty. `id` may be NULL (kind.h). Texts are borrowed. */
void np_draft_start(np_draft *draft, const char *kind, const char *id);
/* With the values of another record of the kind. */
void np_draft_of(np_draft *draft, const np_record *record);
/* The field must be one of the kind. NULL and NaN: absent. */
void np_draft_text(np_draft *draft, const char *field, const char *text);
void np_draft_number(np_draft *draft, const char *field, double number);
void np_draft_integer(np_draft *draft, const char *field, int64_t integer);
void np_draft_value(np_draft *draft, const char *field, np_value value);

#endif
