/* What the files of the search share; nobody else includes this. */
#ifndef NP_STORE_SEARCH_INTERNAL_H
#define NP_STORE_SEARCH_INTERNAL_H

#include "store/search.h"
#include "store/store_internal.h"

/* What is searched: the text fields of some kinds. */
enum { SEARCH_KINDS = 8, SEARCH_MOST_FIELDS = 4 };
typedef struct {
    const char *kind, *field[SEARCH_MOST_FIELDS]; /* NULL after the last */
} search_texts;
extern const search_texts search_text_of[SEARCH_KINDS];
/* The place of the kind; SEARCH_KINDS: it is not searched. */
size_t search_place(const np_kind *kind);

/* Makes the stemmer, which the functions below need. */
np_status search_ready(np_store *store, np_error *err);
/* The stems of a record's texts, divided by spaces, in store->stems. */
const char *search_stems(np_store *store, const np_record *record, size_t place);

/* The query in our words and in those of FTS5. */
enum {
    NP_QUERY_MOST_PHRASES = 64,
    NP_QUERY_MOST_FORMS = 12, /* of one word */
    NP_QUERY_DEEPEST_BRACKETS = 8
};

typedef struct {
    const char *expression; /* for FTS5's MATCH: every word in quotation marks */
    np_phrase phrase[NP_QUERY_MOST_PHRASES * NP_QUERY_MOST_FORMS]; /* wanted: snippets */
    size_t n_phrases;
} search_query;

/* NP_E_PARSE, NP_E_ENCODING, NP_E_LIMIT, with err->column in characters. */
np_status search_query_parse(search_query *out, np_stemmer *stemmer, const char *text,
                             np_arena *arena, np_error *err);

/* The part of the record's texts in which most of the query stands. */
np_status search_snippet(np_search_hit *hit, np_store *store, const search_query *query,
                         const np_search_options *options, np_arena *arena,
                         np_error *err);

#endif
