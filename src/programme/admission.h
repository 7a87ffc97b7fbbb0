/* What an application lacks to be admitted.
 *
 * Admission needs the word of the three local parties, at least one main theme, and for
 * each main theme at least one result goal with indicator, baseline (value, date, source
 * and scope) and target with date: or an exception by name for exactly that demand.
 *
 * Source: design, section 1 ("No measurable baseline, so no effect could be claimed").
 */
#ifndef NP_PROGRAMME_ADMISSION_H
#define NP_PROGRAMME_ADMISSION_H

#include "base/arena.h"
#include "base/error.h"
#include "store/store.h"

typedef enum { NP_DEMAND_MET = 0, NP_DEMAND_EXCEPTED, NP_DEMAND_MISSING } np_demand_state;

typedef struct {
    const char *demand; /* "commitment_unions", "main_theme", "result_goal", "indicator",
                           "baseline", "target"; all but main_theme are words of
                           exception.rule */
    const char *theme;  /* identifier; NULL: of the project */
    np_demand_state state;
    const char *detail;     /* what meets it, or what is missing, translated */
    const char *granted_by; /* of the exception; NULL: none */
} np_demand;

typedef struct {
    const char *application, *project, *project_name, *call, *received, *deadline;
    bool late;
    const char *outcome, *decided; /* of the last decision and its date; NULL: none */
    const np_demand *demand;       /* [n_demands] */
    size_t n_demands, n_missing, n_excepted;
} np_admission;

/* NP_E_UNKNOWN_NAME: there is no such application. Texts live in the arena. */
np_status np_admission_review(np_admission *out, np_store *store, const char *application,
                              np_arena *arena, np_error *err);

/* All applications, those to one call where `call` is not NULL, by call and project. */
np_status np_admission_list(const np_admission **out, size_t *n, np_store *store,
                            const char *call, np_arena *arena, np_error *err);

#endif
