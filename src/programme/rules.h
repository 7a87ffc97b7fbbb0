/* What the records of a programme must keep to, whoever writes them and however.
 *
 * Rules look at the store as it is within the entry that is begun and not yet committed,
 * so that they see all of an import at once; who writes commits when there is no
 * objection and rolls back when there is one (entry.h).
 */
#ifndef NP_PROGRAMME_RULES_H
#define NP_PROGRAMME_RULES_H

#include "base/arena.h"
#include "base/error.h"
#include "store/store.h"

typedef struct {
    const char *kind, *id;
    const char *field; /* "" where it is about the record as a whole */
    const char *rule; /* the rule's word, as docs/rules.md lists it: "zero_denominator" */
    const char *message; /* what is wrong, with the values */
    const char *hint;    /* what to do; may be "" */
    bool warning;        /* may be written all the same */
} np_objection;

/* The texts live for the call. */
typedef void np_objection_sink(void *context, const np_objection *objection);

/* A rule as the documentation lists it. */
typedef struct {
    const char *word, *kind; /* the kind that it is about */
    const char *text;        /* what must hold, for _() */
    bool warning;
} np_rule;
const np_rule *np_rule_list(size_t *n);

/* Judges one record against the store. */
np_status np_rules_record(np_store *store, const np_record *record,
                          np_objection_sink *sink, void *context, np_error *err);
/* What holds across records: judges the projects, goals, reports, grants … that `touched`
 * belong to. With n = 0 and touched = NULL: every record of the store, one by one and
 * across. `id` of each touched record must be filled. Records that were retracted are
 * touched too. */
typedef struct {
    const np_kind *kind;
    const char *id;
} np_touched;
np_status np_rules_together(np_store *store, const np_touched *touched, size_t n,
                            np_objection_sink *sink, void *context, np_error *err);
/* Both for what was touched: each record that is still there, and what they belong to.
 * One judge for all, so that what they refer to is looked up once. */
np_status np_rules_touched(np_store *store, const np_touched *touched, size_t n,
                           np_objection_sink *sink, void *context, np_error *err);

#endif
