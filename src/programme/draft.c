#include "programme/draft.h"

#include <assert.h>
#include <math.h>
#include <string.h>

void np_draft_start(np_draft *draft, const char *kind, const char *id)
{
    memset(draft->value, 0, sizeof draft->value);
    draft->record =
        (np_record){.kind = np_kind_find(kind), .id = id, .value = draft->value};
    assert(draft->record.kind != NULL);
}

void np_draft_of(np_draft *draft, const np_record *record)
{
    np_draft_start(draft, record->kind->name, record->id);
    memcpy(draft->value, record->value, record->kind->n_fields * sizeof *draft->value);
}

void np_draft_value(np_draft *draft, const char *field, np_value value)
{
    size_t place = np_kind_field(draft->record.kind, field);
    assert(place < draft->record.kind->n_fields);
    draft->value[place] = value;
}

void np_draft_text(np_draft *draft, const char *field, const char *text)
{
    np_draft_value(draft, field, text == NULL ? (np_value){0} : NP_VALUE_OF_TEXT(text));
}

void np_draft_number(np_draft *draft, const char *field, double number)
{
    np_draft_value(draft, field,
                   isnan(number) ? (np_value){0} : NP_VALUE_OF_NUMBER(number));
}

void np_draft_integer(np_draft *draft, const char *field, int64_t integer)
{
    np_draft_value(draft, field, NP_VALUE_OF_INTEGER(integer));
}
