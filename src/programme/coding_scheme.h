/* A scheme with its categories, as coders use it. */
#ifndef NP_PROGRAMME_CODING_SCHEME_H
#define NP_PROGRAMME_CODING_SCHEME_H

#include "base/arena.h"
#include "base/error.h"
#include "base/language.h"
#include "store/store.h"
#include "store/word.h"

typedef struct {
    const char *id, *code;             /* "hindrances/time", "time" */
    const char *name;                  /* in the thread's language */
    np_localised names;                /* in all of them */
    const char *definition, *keywords; /* "" where there are none */
    const np_phrase *phrase;           /* [n_phrases] the keywords */
    size_t n_phrases;
} np_coding_category;

typedef struct {
    const char *id, *name;
    const char *sort, *theme; /* of the items that are coded by it; NULL: any */
    const char *definition;   /* "" */
    const char *previous;     /* the scheme that it takes the place of; NULL */
    bool several;
    const np_coding_category *category; /* [n] by position, then code */
    size_t n;
} np_coding_scheme;

/* NP_E_UNKNOWN_NAME: there is no such scheme, with the nearest as hint. */
np_status np_coding_scheme_read(np_coding_scheme *out, np_store *store, const char *id,
                                np_arena *arena, np_error *err);

/* The place of the category that a coder wrote: its code, its identifier or its name in
 * any language, whatever the case of letters; n where there is none. */
size_t np_coding_scheme_find(const np_coding_scheme *scheme, const char *text,
                             size_t length);
/* The place of the category with the identifier; n where it is of another scheme. */
size_t np_coding_scheme_place(const np_coding_scheme *scheme, const char *id);

/* Which categories the keywords suggest for a text: suggested[n] is set. */
np_status np_coding_suggest(bool *suggested, const np_coding_scheme *scheme,
                            np_stemmer *stemmer, const char *text, np_arena *scratch,
                            np_error *err);

#endif
