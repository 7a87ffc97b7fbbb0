/* What a project is promised for a year by the scheme's rule:
 *
 *   amount = kroner for a municipality in a year
 *            · Σ over the project's organisations of
 *              municipalities that the organisation counts as · months in the project
 *            / 12
 *
 * rounded to whole kroner, half away from zero. A month counts where the organisation is
 * in the project on one of its days; the project lasts from its first day to its last or
 * the day before it withdrew. An organisation without n_members counts as one.
 */
#ifndef NP_PROGRAMME_GRANT_AMOUNT_H
#define NP_PROGRAMME_GRANT_AMOUNT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "store/store.h"

/* Texts in the arena; the explanation in the present language. */
typedef struct {
    double amount, per_year;
    double before_withdrawal; /* the amount had the project not withdrawn */
    int64_t n_municipalities; /* that are in it in some month of the year */
    int64_t n_months;         /* municipality months */
    const char *last;         /* the last day of the year in the project */
    const char *withdrawn;    /* the first day it is out; NULL: it did not withdraw */
    const char *explanation;  /* "300,000 kroner a year for a municipality; Halden, 12 of
                                 12 months: 300,000" */
} np_grant_amount;

/* NP_E_UNKNOWN_NAME: there is no such scheme or project */
np_status np_grant_amount_of(np_grant_amount *out, np_store *store, const char *scheme,
                             const char *project, int64_t year, np_arena *arena,
                             np_error *err);

#endif
