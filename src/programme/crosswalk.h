/* How the answers of one version of a template carry over to another: along the
 * crosswalks of programme.yaml, over as many versions as lie between. */
#ifndef NP_PROGRAMME_CROSSWALK_H
#define NP_PROGRAMME_CROSSWALK_H

#include "base/arena.h"
#include "base/error.h"
#include "store/store.h"

typedef enum {
    NP_CARRIES_SAME = 0,
    NP_CARRIES_CONVERTED,
    NP_CARRIES_NOT /* the two cannot be compared */
} np_carries;

typedef struct {
    const char *source, *target; /* identifiers of questions */
    np_carries carries;          /* the worst of the steps on the way */
    const char *note;            /* of the last step that has one; NULL */
} np_carried;

/* The questions of `to` that stand for one of `from`. Where both are the same template
 * each stands for itself. A question that has no way to the other is not there.
 * Texts in the arena. */
np_status np_crosswalk_questions(const np_carried **out, size_t *n, np_store *store,
                                 const char *from, const char *to, np_arena *arena,
                                 np_error *err);

#endif
