/* Coding: items of free text put into the categories of a scheme by coders who do not
 * see each other's labels, and what their labels come to.
 *
 * The settled categories of an item within a scheme are
 *   1. what was adjudicated, where somebody did;
 *   2. else the categories that every coder of the item gave it: with one coder all of
 *      that coder's, with several those on which all agree;
 *   3. else none.
 * A coder of an item is who gave it at least one category of the scheme.
 */
#ifndef NP_PROGRAMME_CODING_H
#define NP_PROGRAMME_CODING_H

#include "base/arena.h"
#include "base/error.h"
#include "store/store.h"

typedef enum {
    NP_SETTLED_ADJUDICATED = 0,
    NP_SETTLED_ONE_CODER,
    NP_SETTLED_AGREED, /* several coders, and all gave the same categories */
    NP_SETTLED_PARTLY, /* several coders agree on some categories and not on others */
    NP_SETTLED_NOT     /* several coders, and no category on which all agree */
} np_settled_how;

/* Of every item that has a label or an adjudication within the scheme. */
typedef struct {
    size_t n_items;
    const char *const *item;     /* [n_items] identifiers, ascending (strcmp) */
    const np_settled_how *how;   /* [n_items] */
    const size_t *first;         /* [n_items + 1] into category */
    const char *const *category; /* [first[n_items]] identifiers, ascending in an item */
} np_settled;

/* The place of an item among the settled ones; n_items where nobody has coded it. */
size_t np_settled_find(const np_settled *settled, const char *item);

/* `scheme`: the identifier of a scheme. Two questions to the store however many items
 * there are. Texts and arrays in the arena.
 * NP_E_UNKNOWN_NAME  there is no such scheme */
np_status np_item_settled(np_settled *out, np_store *store, const char *scheme,
                          np_arena *arena, np_error *err);

#endif
