/* The ten criteria of the start-up assessment of a project's plan: computed where the
 * records say it, left to an analyst where they do not, and both kept.
 *
 *   criterion      met where
 *   purpose        a purpose is written and there is an effect goal; whether it is clear
 *                  is an analyst's to say, so that it is computed only where it is
 * lacking baseline       every result goal has a baseline with value, date, source and
 * scope result_goals   there is one for each main theme, and each has indicator, target,
 * date driver_goals   there is one, and each serves a goal above and has indicator and
 * target measures       there is one, and each has a start, and units or a number covered
 *   measure_goals  each measure that is not shelved has a goal with a target and a date
 *   organising     the three parties' word, a project leader, a local steering group with
 *                  the three parties
 *   milestones     there are two or more
 *   risks          there is one, and each has an action
 *   benefits       there is one, and each says how it is realised and who answers for it
 *
 * Goals that were dropped do not count.
 * Source: the start-up reports' ten criteria (two verdicts), notes of 2014, section 2.2.
 */
#ifndef NP_PROGRAMME_ASSESSMENT_H
#define NP_PROGRAMME_ASSESSMENT_H

#include "programme/entry.h"

enum { NP_N_CRITERIA = 10 };

typedef enum { NP_VERDICT_NONE = 0, NP_VERDICT_MET, NP_VERDICT_TO_IMPROVE } np_verdict;
const char *np_verdict_word(np_verdict verdict); /* "met", "to_improve", "" */

typedef struct {
    const char *criterion;
    np_verdict computed; /* NONE: an analyst's to say */
    const char *finding; /* what was found, translated */
    np_verdict analyst;  /* NONE: nobody has said yet */
    const char *analyst_name, *analyst_reason, *analyst_date; /* NULL: not said */
} np_assessed;

/* In the order above. `theme` NULL: the whole project; else its goals and measures of the
 * theme (the rest of the plan is the project's).
 * NP_E_UNKNOWN_NAME: there is no such project; NP_E_RANGE: it does not take part in the
 * theme */
np_status np_assess(np_assessed out[NP_N_CRITERIA], np_store *store, const char *project,
                    const char *theme, np_arena *arena, np_error *err);

/* Puts the computed verdicts as records (basis computed, of the day) into an entry. */
np_status np_assessment_put(np_entry *entry, const np_assessed assessed[NP_N_CRITERIA],
                            const char *project, const char *theme, const char *day,
                            np_error *err);

#endif
