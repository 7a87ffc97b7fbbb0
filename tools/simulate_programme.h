/* The parts of simulate_programme.c. */
#ifndef NP_TOOLS_SIMULATE_PROGRAMME_H
#define NP_TOOLS_SIMULATE_PROGRAMME_H

#include "base/rng.h"
#include "base/text.h"
#include "store/store.h"

enum {
    SIMULATED_FROM = 2011,
    SIMULATED_YEARS = 10,
    SIMULATED_INDICATORS = 3,
    SIMULATED_SORTS = 4,
    SIMULATED_CATEGORIES = 8,
    SIMULATED_QUESTIONS = 12,
    SIMULATED_MEASURES = 4
};

typedef struct {
    np_store *store;
    np_error err;
    int64_t n_projects, n_reports, n_measurements, seed;
    int64_t n_written; /* of the measurements; -1: all */
    size_t n_records;
    int64_t n_measured; /* so far: the next entry goes on from here */
} simulation;

/* Writes its records into the entry that is begun. */
typedef np_status simulation_part(simulation *s);
simulation_part simulate_projects, simulate_reports, simulate_measurements;

/* Writes programme.yaml and tables.yaml into the folder. */
np_status simulate_texts(simulation *s, const char *folder);

/* A field and its value; the list ends with a NULL name. */
typedef struct {
    const char *name;
    np_value value;
} simulated_field;

np_status simulate_put(simulation *s, const char *kind, const char *id,
                       const simulated_field *field);
/* Returns from the function that calls it where something fails. */
#define TRY(call)                                                                        \
    do {                                                                                 \
        np_status status_ = (call);                                                      \
        if (status_ != NP_OK)                                                            \
            return status_;                                                              \
    } while (0)
/* `put(s, "theme", "absence", {"name", T("Absence")})`. */
#define put(s, kind, id, ...)                                                            \
    simulate_put((s), (kind), (id), (const simulated_field[]){__VA_ARGS__, {NULL, {0}}})
#define T(text) NP_VALUE_OF_TEXT(text)
#define N(n)    NP_VALUE_OF_INTEGER(n)
#define X(x)    NP_VALUE_OF_NUMBER(x)

/* How many units each project has. */
int64_t simulated_units(const simulation *s);
/* Whether measurements are of months, and not of half-years. */
bool simulated_monthly(const simulation *s);

typedef struct {
    char text[48];
} simulated_name;

/* The names of things, from their numbers. */
simulated_name project_of(int64_t p);            /* "p0001" */
simulated_name organisation_of(int64_t p);       /* "0101" */
simulated_name unit_of(int64_t p, int64_t u);    /* nine digits that check */
simulated_name measure_of(int64_t p, int64_t m); /* "p0001-m3" */
simulated_name period_of(int64_t r);             /* "2011S1", "2011", "2012S1" … */
simulated_name due_of(int64_t r);                /* the day on which it is due */
simulated_name report_of(int64_t p, int64_t r);
const char *simulated_indicator(int64_t i);
const char *simulated_theme(int64_t i);
const char *simulated_cohort(int64_t p);
const char *simulated_template(int64_t r);
const char *simulated_sort(int64_t i); /* of items */
const char *simulated_scheme(int64_t i);

#endif
