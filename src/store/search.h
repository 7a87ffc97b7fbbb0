/* Full-text search over the texts of records: items, answers, goals, measures, projects,
 * benefits, risks and milestones.
 *
 * A query is words, all of which must be there in any form ("tiltakene" finds "tiltak"):
 *   kurs ledelse      both; AND and OG may stand between
 *   kurs OR samling   either (ELLER); binds less than what stands side by side
 *   "lite tid"        these words one after the other
 *   kommun*           every word that begins so
 *   -møte             none that has it; NOT, IKKE or IKKJE may stand before
 *   ( … )             first what is within
 * Small and capital letters are the same, but for the words AND, OR, NOT.
 *
 * Ranked by BM25 (k1 = 1.2, b = 0.75) as SQLite's FTS5 computes it. Where more than
 * NP_SEARCH_MOST_RANKED records have what was asked for, a rank would say little and take
 * long: they stand in the order in which they were put.
 * Source: Robertson & Zaragoza (2009), The Probabilistic Relevance Framework.
 */
#ifndef NP_STORE_SEARCH_H
#define NP_STORE_SEARCH_H

#include "store/store.h"

typedef struct {
    const np_kind *const *kind; /* [n_kinds] search only these; none: all that are
                                   searched */
    size_t n_kinds;
    size_t limit; /* 0: all */
    /* Whether a hit is wanted; hits that are not are neither counted nor returned.
     * NULL: all are. `id` lives for the call. */
    bool (*wanted)(void *context, const np_kind *kind, const char *id);
    void *context;
    size_t snippet_words;       /* 0: no snippets */
    const char *before, *after; /* around what was found in a snippet; NULL: "" */
} np_search_options;

typedef struct {
    const np_kind *kind;
    const char *id;
    double rank;         /* higher is nearer; 0 where nothing is ranked */
    const char *snippet; /* in one line; "" without snippets */
} np_search_hit;

enum { NP_SEARCH_MOST_RANKED = 20000 };

typedef struct {
    const np_search_hit *hit; /* [n] the nearest first */
    size_t n, n_found;        /* n_found: without the limit */
    bool ranked;
} np_search;

/* Everything in the arena.
 * NP_E_PARSE  the query is no query; the message says what is wrong with it, and
 *             err->column where (in characters) */
np_status np_store_search(np_search *out, np_store *store, const char *query,
                          const np_search_options *options, np_arena *arena,
                          np_error *err);

/* Whether texts of the kind are searched. */
bool np_kind_is_searched(const np_kind *kind);

/* Makes the index anew from the records; the log is not touched.
 * NP_E_USAGE  the store is open to read, or an entry is begun */
np_status np_store_search_rebuild(np_store *store, np_error *err);

#endif
