/* Robust intervals of an event study (stats/did/honest.h) in words, as a table and as a
 * figure: for the command, for `did` and for the evaluation's report. All texts live in
 * the arena, in `language`. NULL: no memory. */
#ifndef NP_REPORT_SENSITIVITY_H
#define NP_REPORT_SENSITIVITY_H

#include "report/doc.h"
#include "report/figure.h"
#include "stats/did/honest.h"

/* What was asked, beside the result. */
typedef struct {
    const np_honest *result;
    np_honest_restriction restriction;
    np_honest_shape shape;
    np_honest_convention convention;
    const char *target; /* what theta is, in words; NULL: the first period's effect */
    const char *title;  /* of table and figure; NULL: a general one */
    const char *uom;    /* of the outcome; NULL or "": none */
    const char *id;     /* of table and figure; NULL: "sensitivity" */
} np_sensitivity;

/* "The conclusion holds until the trends after the start differ by more than 0.8 times
 * what they did before." */
const char *np_sensitivity_sentence(const np_sensitivity *s, np_arena *arena,
                                    np_language language);

/* The original interval, then one row a bound; notes: sentence, restriction, method. */
const np_doc_table *np_sensitivity_table(const np_sensitivity *s, np_arena *arena,
                                         np_language language);
/* Intervals by bound, the original one at the left. */
const np_figure *np_sensitivity_figure(const np_sensitivity *s, np_arena *arena,
                                       np_language language);

#endif
