/* Which of a result's rows are the periods of the event study, and which of them stand
 * before and after the start. */
#ifndef NP_EVALUATION_EVENT_STUDY_PERIODS_H
#define NP_EVALUATION_EVENT_STUDY_PERIODS_H

#include "evaluation/event_study_json.h"

typedef struct {
    const char *term;
    double time; /* NaN: the term has none */
    size_t place;
    double estimate, std_error, conf_low, conf_high;
} np_event_row;

typedef struct {
    np_event_row *row; /* [n] in the result's order */
    size_t n;
    double *vcov;     /* [n × n] */
    double reference; /* NaN: to be found as the gap */
    double conf_level;
    const char *variable;
} np_event_rows;

/* Whether --pre or --post is a pattern of terms and no range "-5..-2"; NULL is none. */
bool np_event_is_pattern(const char *text);
np_status np_event_study_of_rows(np_event_coefficients *out, const np_event_rows *rows,
                                 const np_event_study_spec *spec, np_arena *arena,
                                 np_error *err);

#endif
