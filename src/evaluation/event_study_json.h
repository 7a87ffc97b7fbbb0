/* Reads the event study out of a result in our JSON shape (estimates_json.h, and that of
 * `did`), for what is computed from its coefficients and their covariance. */
#ifndef NP_EVALUATION_EVENT_STUDY_JSON_H
#define NP_EVALUATION_EVENT_STUDY_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

/* Largest file, periods and coefficients that are read. */
enum {
    NP_EVENT_STUDY_LONGEST = 64 << 20,
    NP_EVENT_STUDY_MOST_PERIODS = 1000,
    NP_EVENT_STUDY_MOST_TERMS = 4096
};

/* A zeroed field is its default. */
typedef struct {
    const char *variable;  /* of the terms "variable::-2"; NULL: the only one there is */
    const char *estimator; /* of a result with several; NULL: the first */
    /* Which periods stand before and after the start: a range of event times "-5..-2",
     * or an extended regular expression of terms. NULL: all before and after the one
     * that is left out. */
    const char *pre, *post;
} np_event_study_spec;

typedef struct {
    size_t n_pre, n_post;
    const double *time;      /* [n_pre + n_post] event times, rising; NaN: no number */
    const char *const *term; /* [same] */
    const double *estimate, *std_error, *conf_low, *conf_high; /* [same] NaN: not there */
    const double *vcov;                                        /* [same × same] */
    double reference;     /* the event time left out; NaN: not known */
    double conf_level;    /* as the result says; NaN: it does not */
    const char *variable; /* "rel", or "dynamic" for an aggregate of `did` */
} np_event_coefficients;

/* `path` "-" reads standard input. *out is written only on success.
 * NP_E_IO, NP_E_LIMIT      the file cannot be read, or is too large
 * NP_E_PARSE               no JSON, or not our shape
 * NP_E_UNKNOWN_NAME        no such variable, estimator or term
 * NP_E_NOT_IDENTIFIED      no covariance; no period left out; gaps between periods */
np_status np_event_study_read(np_event_coefficients *out, const char *path,
                              const np_event_study_spec *spec, np_arena *arena,
                              np_error *err);
np_status np_event_study_read_text(np_event_coefficients *out, const char *text,
                                   size_t length, const np_event_study_spec *spec,
                                   np_arena *arena, np_error *err);

#endif
