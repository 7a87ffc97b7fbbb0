#include "store/kind.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "store/kind_internal.h"

static np_kind all[NP_MOST_KINDS];
static size_t n_all;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void collect(void)
{
    const np_kind_area *const areas[] = {
        &np_kinds_definition, &np_kinds_organisation, &np_kinds_project,
        &np_kinds_admission,  &np_kinds_goal,         &np_kinds_network,
        &np_kinds_report,     &np_kinds_grant,        &np_kinds_coding,
        &np_kinds_survey,
    };
    for (size_t a = 0; a < sizeof areas / sizeof *areas; a++)
        for (size_t k = 0; k < areas[a]->n; k++) {
            assert(n_all < NP_MOST_KINDS && areas[a]->kind[k].n_fields <= NP_MOST_FIELDS);
            all[n_all++] = areas[a]->kind[k];
        }
}

const np_kind *np_kinds(size_t *n)
{
    pthread_once(&once, collect);
    *n = n_all;
    return all;
}

const np_kind *np_kind_find(const char *name)
{
    size_t n;
    const np_kind *kind = np_kinds(&n);
    for (size_t k = 0; k < n; k++)
        if (strcmp(kind[k].name, name) == 0)
            return &kind[k];
    return NULL;
}

size_t np_kind_field(const np_kind *kind, const char *name)
{
    for (size_t f = 0; f < kind->n_fields; f++)
        if (strcmp(kind->field[f].name, name) == 0)
            return f;
    return kind->n_fields;
}

int np_field_choice(const np_field *field, const char *word)
{
    size_t length = strlen(word);
    const char *p = field->among;
    for (int i = 0; p != NULL && length > 0; i++) {
        const char *end = strchrnul(p, '|');
        if ((size_t)(end - p) == length && memcmp(p, word, length) == 0)
            return i;
        p = *end == '|' ? end + 1 : NULL;
    }
    return -1;
}

const char *np_field_type_name(np_field_type type)
{
    switch (type) {
    case NP_FIELD_TEXT:
        return N_("text");
    case NP_FIELD_INTEGER:
        return N_("integer");
    case NP_FIELD_NUMBER:
        return N_("number");
    case NP_FIELD_DATE:
        return N_("date");
    case NP_FIELD_PERIOD:
        return N_("period");
    case NP_FIELD_YES_NO:
        return N_("yes or no");
    case NP_FIELD_CHOICE:
        return N_("choice");
    case NP_FIELD_REFERENCE:
        return N_("reference");
    }
    return "";
}

np_value np_record_value(const np_record *record, const char *field)
{
    size_t f = np_kind_field(record->kind, field);
    return f < record->kind->n_fields ? record->value[f] : (np_value){0};
}

const char *np_record_text(const np_record *record, const char *field)
{
    np_value value = np_record_value(record, field);
    return value.type == NP_VALUE_TEXT ? value.text : NULL;
}

double np_record_number(const np_record *record, const char *field)
{
    np_value value = np_record_value(record, field);
    if (value.type == NP_VALUE_INTEGER)
        return (double)value.integer;
    return value.type == NP_VALUE_NUMBER ? value.number : NAN;
}

int64_t np_record_integer(const np_record *record, const char *field, int64_t otherwise)
{
    np_value value = np_record_value(record, field);
    return value.type == NP_VALUE_INTEGER ? value.integer : otherwise;
}

bool np_value_equal(np_value a, np_value b)
{
    if (a.type != b.type)
        return false;
    switch (a.type) {
    case NP_VALUE_NONE:
        return true;
    case NP_VALUE_TEXT:
        return strcmp(a.text, b.text) == 0;
    case NP_VALUE_INTEGER:
        return a.integer == b.integer;
    case NP_VALUE_NUMBER:
        return a.number == b.number;
    }
    return false;
}
