/* The exposure panel: which units were reached by measures, in which part of each period.
 *
 * A measure reaches a unit on a day when
 *   - it is carried out there: a measure_unit says so, or the measure covers the whole
 *     organisation and the unit is of an organisation of its project on that day;
 *   - the day is not before the start (the measure_unit's, else the measure's, else the
 *     first day on which its history has it under way) and not after the end (likewise,
 *     else none);
 *   - its history, where it has begun by then, has it under way (planned, finished and
 *     shelved measures reach nobody);
 *   - its project has not withdrawn from the programme or from the measure's theme.
 *
 * Of a unit and a period:
 *   exposure   days on which any measure reached it, of the days on which it exists; days
 *              with several measures count once
 *   dose       the same with each day counted as the largest share of those who work
 * there that a measure covers (1 where nobody says how many it covers): who is covered by
 * several is not known, so that shares are not added cumulative years of exposure from
 * the first period to this period's end first_period  the first period with exposure,
 * empty where there is none: the cohort
 *
 * Of an organisation or project: exposure is the mean over its units, or with people the
 * mean of doses, weighted by how many work there. An organisation that has no units in
 * the records counts as one, which measures of the whole organisation reach.
 *
 * With windows the periods are four quarters in a row, one beginning with each quarter
 * ("3.07-2.08"), as absence statistics have them; a quarter with any day of exposure
 * counts whole, so that exposure is 0, 1/4, 1/2, 3/4 or 1, as the evaluation's unit panel
 * has it.
 */
#ifndef NP_PROGRAMME_EXPOSURE_H
#define NP_PROGRAMME_EXPOSURE_H

#include "programme/value.h"
#include "store/store.h"
#include "table/table.h"

typedef enum {
    NP_EXPOSURE_UNIT = 0,
    NP_EXPOSURE_ORGANISATION,
    NP_EXPOSURE_PROJECT
} np_exposure_level;

/* A zeroed field is its default. */
typedef struct {
    np_exposure_level level;
    np_period_length by;
    bool windows;          /* of four quarters; `by` means nothing then */
    bool people;           /* weights of organisations and projects */
    const char *theme;     /* of measures of this theme alone; NULL: of all */
    const char *from, *to; /* days or periods: "2012-01-01", "2012Q1"; NULL: the
                              programme's */
} np_exposure_spec;

typedef struct {
    np_table table; /* in the order of identifiers, then periods */
    size_t n_entities, n_treated, n_periods;
    size_t n_measures;      /* that reach somebody */
    size_t n_without_start; /* measures that nobody dated: left out */
    size_t n_without_units; /* measures of which nobody says where: left out */
} np_exposure;

/* Texts and columns live in the arena. NP_E_UNKNOWN_NAME: no such theme, no programme in
 * the records; NP_E_RANGE: the days are none, or in the wrong order; NP_E_LIMIT: more
 * than NP_EXPOSURE_MOST_ROWS rows. */
enum { NP_EXPOSURE_MOST_ROWS = 20000000 };
np_status np_exposure_make(np_exposure *out, np_store *store,
                           const np_exposure_spec *spec, np_arena *arena, np_error *err);

#endif
