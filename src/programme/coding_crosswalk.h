/* Carries labels to another version of a scheme.
 *
 * A line of a crosswalk says what its target is to its source. What was put into the
 * source belongs into the target where that is the same (exact) or wider (broader):
 * these are carried. Where the target is narrower than the source, only overlaps it, or
 * there is none, nobody can know from the label alone: a coder has to look again, and
 * counts before and after are not comparable.
 *
 * Of an item all is carried or nothing, so that what is settled does not change by what
 * happens to be carried: as long as one coder has to look again, the labels of the others
 * wait (and are carried when this is run again after that). Where the item's adjudication
 * is carried it settles the item, with as many labels as can be carried. Where it is not,
 * and the coders' labels would settle something else, they look again too.
 */
#ifndef NP_PROGRAMME_CODING_CROSSWALK_H
#define NP_PROGRAMME_CODING_CROSSWALK_H

#include "programme/coding_labels.h"
#include "programme/entry.h"

/* A category of the earlier scheme. */
typedef struct {
    np_category_set carried;   /* exact and broader targets */
    np_category_set to_decide; /* narrower and overlapping ones */
    bool exact;                /* carried by an exact line, and by nothing else */
    size_t n_labels;           /* that coders gave it */
} np_carried_category;

/* Labels that a coder has to look at, or what has to be settled again. */
typedef struct {
    np_coding_item item;
    const char *coder;        /* NULL: the adjudication */
    np_category_set before;   /* of the earlier scheme */
    np_category_set possible; /* of the later: what may be meant */
} np_uncarried;

typedef struct {
    np_coding_scheme from, to;
    const np_carried_category *category; /* [from.n] */
    size_t n_carried, n_already;   /* sets of an item and a coder, and adjudications */
    size_t n_waiting;              /* that could be carried, for another coder's */
    size_t n_settled;              /* that could not, of items that are settled */
    const np_uncarried *uncarried; /* [n_uncarried] */
    size_t n_uncarried;
    np_entry_result entry;
} np_coding_crosswalk;

/* Writes the labels as an entry of its own ("crosswalk"); what a coder has already given
 * the item in the later scheme stays. NP_E_UNKNOWN_NAME: no such scheme;
 * NP_E_NOT_IDENTIFIED: there is no crosswalk between the two. */
np_status np_coding_crosswalk_carry(np_coding_crosswalk *out, np_store *store,
                                    const char *from, const char *to,
                                    const np_entry_options *options, np_arena *arena,
                                    np_error *err);

#endif
