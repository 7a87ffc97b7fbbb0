/* What the files that read programme.yaml share; nobody else includes this. */
#ifndef NP_PROGRAMME_DEFINITION_INTERNAL_H
#define NP_PROGRAMME_DEFINITION_INTERNAL_H

#include "base/map.h"
#include "base/text.h"
#include "io/yaml_reader.h"
#include "programme/programme.h"

/* A part of programme.yaml: where the records of a kind stand in it. */
typedef struct {
    const char *key, *kind;
    const char *inside;    /* the kind in whose mapping it stands; NULL: at the top */
    const char *refers_by; /* the field that refers to that record; NULL: none */
    const char *what;      /* "a theme", for _() */
    bool is_link;          /* its identifier is made of what its references lead to */
} np_section;

/* A record while it is read. */
typedef struct {
    const np_kind *kind;
    const np_section *section;
    const np_yaml *node;   /* its mapping */
    const char *id;        /* NULL: it could not be made */
    np_value *value;       /* [kind->n_fields] */
    const np_yaml **given; /* [kind->n_fields] where the value stands; NULL: nowhere */
    int32_t enclosing;     /* the record in whose mapping it stands; -1: none */
} np_draft;

typedef struct {
    np_reader reader;
    np_draft *draft; /* [n]; the array moves when it grows */
    size_t n, room;
    np_text_map *names; /* "theme absence": names[i] is the draft of_name[i] */
    int32_t *of_name;   /* [room] */
    size_t n_names;
} np_drafts;

np_value draft_value(const np_draft *draft, const char *field);
const char *draft_text(const np_draft *draft, const char *field); /* NULL: absent */
double draft_number(const np_draft *draft, const char *field);    /* NaN: absent */
/* The record of that kind and identifier; NULL: there is none. */
const np_draft *draft_find(const np_drafts *drafts, const char *kind, const char *id);
/* The record that a reference of the draft leads to; NULL: it is absent, or to nothing.
 */
const np_draft *draft_referred(const np_drafts *drafts, const np_draft *draft,
                               const char *field);

/* A problem at the field's value, or at the record where it has none. */
#define draft_problem(drafts, draft, field, hint, ...)                                   \
    np_reader_problem(&(drafts)->reader, draft_place((draft), (field)), (field),         \
                      NP_E_RANGE, (hint), __VA_ARGS__)
const np_yaml *draft_place(const np_draft *draft, const char *field);

/* "did you mean absence?", or what there is. */
void draft_name_hint(const np_drafts *drafts, char *hint, size_t size, const char *kind,
                     const char *wanted);

/* Gives every draft what its references lead to, and the identifiers that are made of
 * references; problems where one leads nowhere. */
void np_draft_references(np_drafts *drafts);
/* Identifiers: false where it stands twice or cannot be made, which is a problem. */
bool np_draft_identify(np_drafts *drafts, size_t i);

/* What must hold within the file: dates in order, versions, answers and schemes. */
void np_draft_rules(np_drafts *drafts);

#endif
