/* What kinds of records a programme has, and their fields: the one place where it is
 * said. Import, export, checks, forms and the documentation are made from it.
 *
 * A record is an identifier and values for the fields of its kind. Identifiers are texts
 * that stay (never given to something else); where the kind has a key and no identifier
 * is given, it is the key's values joined with "/", "-" for an empty one.
 */
#ifndef NP_STORE_KIND_H
#define NP_STORE_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    NP_FIELD_TEXT = 0,
    NP_FIELD_INTEGER,
    NP_FIELD_NUMBER,
    NP_FIELD_DATE,     /* kept as the text "2014-02-01" */
    NP_FIELD_PERIOD,   /* kept as "2014", "2014S1", "2014Q1" or "201401" */
    NP_FIELD_YES_NO,   /* 1 and 0 */
    NP_FIELD_CHOICE,   /* one of the words of `among`, which are divided by "|" */
    NP_FIELD_REFERENCE /* the identifier of a record of the kind `among` */
} np_field_type;
const char *np_field_type_name(np_field_type type); /* "text", "integer" … */

typedef struct {
    const char *name;
    np_field_type type;
    bool required;
    const char *among; /* CHOICE: "main|additional"; REFERENCE: "theme"; else NULL */
    const char *help;  /* one sentence, for _() */
} np_field;

typedef struct {
    const char *name; /* "goal": the table, the file goal.csv, `import --as goal` */
    const char *help; /* one or several sentences, for _() */
    const char *key;  /* "project/theme": fields that make the identifier; NULL: none */
    bool defined;     /* comes from programme.yaml and from nowhere else */
    const np_field *field; /* [n_fields] */
    size_t n_fields;
} np_kind;

enum { NP_MOST_KINDS = 96, NP_MOST_FIELDS = 64 }; /* room for more than there are */

/* In an order in which a record's references come before it (references to its own
 * kind apart). */
const np_kind *np_kinds(size_t *n);
const np_kind *np_kind_find(const char *name); /* NULL: there is none */
/* The place of the field, or kind->n_fields. */
size_t np_kind_field(const np_kind *kind, const char *name);
/* The place of a word among the choices of a field; -1: it is none of them. */
int np_field_choice(const np_field *field, const char *word);

/* A value: absent, or what its field's type says. */
typedef enum {
    NP_VALUE_NONE = 0,
    NP_VALUE_TEXT,    /* text, date, period, choice, reference */
    NP_VALUE_INTEGER, /* integer, yes_no */
    NP_VALUE_NUMBER
} np_value_type;

typedef struct {
    np_value_type type;
    union {
        const char *text; /* 0-terminated UTF-8; borrowed */
        int64_t integer;
        double number; /* finite */
    };
} np_value;

typedef struct {
    const np_kind *kind;
    const char *id;        /* NULL: made of the key */
    const np_value *value; /* [kind->n_fields] */
} np_record;

/* The value of a field of the record; absent where there is no such field. */
np_value np_record_value(const np_record *record, const char *field);
const char *np_record_text(const np_record *record, const char *field); /* NULL: absent */
double np_record_number(const np_record *record, const char *field);    /* NaN: absent;
                                                                            integers too */
int64_t np_record_integer(const np_record *record, const char *field, int64_t otherwise);
bool np_value_equal(np_value a, np_value b);

#define NP_VALUE_OF_TEXT(t)    ((np_value){.type = NP_VALUE_TEXT, .text = (t)})
#define NP_VALUE_OF_INTEGER(i) ((np_value){.type = NP_VALUE_INTEGER, .integer = (i)})
#define NP_VALUE_OF_NUMBER(x)  ((np_value){.type = NP_VALUE_NUMBER, .number = (x)})

#endif
