/* The reports that are owed, as records, so that one that does not come is a row and not
 * an absence.
 *
 * Who owes what: every project that was admitted (its last decision admits it, or it has
 * no application, as in rosters of programmes that began elsewhere) owes, between its
 * first and its last day,
 *   start_up   one report, of the year in which it starts
 *   half_year  one of the first half of each year, unless it starts after the day on
 *              which that report is due
 *   annual     one of each year
 *   final      one, of the year in which it ends
 * by the template of the sort that is in force in the period, due on the template's day
 * of the period's year plus due_years_after. A project that withdraws owes no report
 * that is due after its withdrawal.
 */
#ifndef NP_PROGRAMME_OBLIGATION_H
#define NP_PROGRAMME_OBLIGATION_H

#include "programme/entry.h"

/* Puts the obligations that are not there yet into an entry that is begun, and waives
 * those without a report that are owed no longer (withdrawn, the project ends earlier),
 * with the reason. What was moved or waived by hand stays. */
np_status np_obligations_put(np_entry *entry, np_store *store, np_error *err);
/* How many there would be to put or to waive. */
np_status np_obligations_missing(size_t *out, np_store *store, np_error *err);

typedef enum {
    NP_OWED_NOT_DUE = 0, /* nothing has come, and need not have */
    NP_OWED_OVERDUE,     /* not submitted, and the day has passed */
    NP_OWED_DRAFT,       /* begun, not due yet */
    NP_OWED_RETURNED,    /* sent back, not due yet or submitted in time before */
    NP_OWED_SUBMITTED,
    NP_OWED_APPROVED,
    NP_OWED_WAIVED,
    NP_N_OWED
} np_owed_state;
const char *np_owed_word(np_owed_state state); /* "not_due", "overdue" … */
const char *np_owed_text(np_owed_state state); /* for _() */

typedef struct {
    const char *id; /* project/template/period: the obligation's and the report's */
    const char *project, *project_name, *cohort, *template, *template_name, *period;
    const char *due;      /* "2014-02-01" */
    const char *received; /* NULL: never submitted */
    const char *reason;   /* why it is waived or was moved; NULL */
    bool locked;
    np_owed_state state;
    int32_t days; /* OVERDUE: since it was due; else how late it was received, 0 or less
                     where it came in time; 0 where nothing was received */
} np_owed;

typedef struct {
    const np_owed *item; /* [n], by due day, then project */
    size_t n;
    size_t n_by_state[NP_N_OWED];
} np_owed_list;

/* Which are wanted; NULL and false: all. */
typedef struct {
    const char *project, *cohort, *template;
    bool overdue; /* only these */
    bool open;    /* only those that are neither approved nor waived nor submitted */
} np_owed_filter;

/* As of a day ("2014-03-01"). Two questions to the store, whatever its size.
 * NP_E_RANGE  the day is none; NP_E_UNKNOWN_NAME  the filter names what is not there */
np_status np_obligations_list(np_owed_list *out, np_store *store, const char *as_of,
                              const np_owed_filter *filter, np_arena *arena,
                              np_error *err);

#endif
