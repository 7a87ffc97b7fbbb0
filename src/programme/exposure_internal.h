/* What the reading of measures and the making of the panel share. */
#ifndef NP_PROGRAMME_EXPOSURE_INTERNAL_H
#define NP_PROGRAMME_EXPOSURE_INTERNAL_H

#include "base/map.h"
#include "programme/exposure.h"

enum { EXPOSURE_NEVER = INT32_MAX, EXPOSURE_EVER = INT32_MIN };

typedef struct {
    const char *id;
    int32_t from, to; /* days; EVER and NEVER where it is not bounded */
    size_t n_units;
} exposure_organisation;

typedef struct {
    const char *id;       /* "" for the one of an organisation without units */
    int32_t organisation; /* its place */
    double n_employees;   /* NaN: not known */
    int32_t from, to;
} exposure_unit;

typedef struct {
    int32_t project, organisation, from, to;
} exposure_member;

typedef struct {
    int32_t measure, day;
    bool under_way;
} exposure_status;

typedef struct {
    int32_t measure, unit, from, to;
    double n_covered;
} exposure_place;

typedef struct {
    const char *id;
    int32_t project, from, to, left; /* left: the project withdrew */
    bool whole, counts;              /* counts: is of the theme asked for */
    bool dated, placed;
} exposure_measure;

/* Days on which a measure reaches a unit. */
typedef struct {
    int32_t unit, project, measure, from, to;
    double share, n_covered; /* NaN: not known */
} exposure_spell;

typedef struct {
    np_store *store;
    const np_exposure_spec *spec;
    np_arena *arena;
    np_text_map *organisations, *units, *projects, *measures;
    exposure_organisation *organisation;
    exposure_unit *unit; /* then one for each organisation without units */
    size_t n_units, n_real_units;
    exposure_member *member;
    size_t n_members;
    exposure_measure *measure;
    exposure_status *status; /* by measure, then day */
    size_t n_statuses;
    exposure_place *place; /* by measure */
    size_t n_places;
    exposure_spell *spell; /* by unit, then first day */
    size_t n_spells;
    int32_t first, last; /* days of the programme */
} exposure_data;

/* What is known of a unit, an organisation or a project in a period. */
typedef struct {
    double exposure, dose; /* NaN: it does not exist then, or is not known */
    double n_covered, n_employees;
    double units, units_reached, measures;
    double weight; /* of the doses: those who work in units whose dose is known */
} exposure_cell;

typedef struct {
    const char *label;
    int32_t first, last;
    double years;
} exposure_period;

typedef struct {
    exposure_data d;
    exposure_period *base; /* [n_base] what is computed … */
    size_t n_base;
    exposure_period *shown; /* [n_shown] … and printed: the same, or windows of four */
    size_t n_shown;
    exposure_cell *unit, *entity; /* [n_base] of one unit; of one entity */
    int32_t *edge;                /* scratch of the sweep */
    size_t n_rows;
    /* The columns. */
    int32_t *who, *owner, *when, *first_period, *start;
    int32_t *first_day, *last_day;
    double *number[9];
    int64_t *treated;
    np_text_map *starts;
    np_exposure out;
} exposure_panel;

typedef struct {
    const exposure_spell *spell;
    size_t n;
    int32_t project; /* -1: of all */
} exposure_spells;

np_status exposure_read(exposure_data *d, np_error *err);

/* exposure_unit.c: the unit's cells in every base period into p->unit, of one project or
 * of all (-1). */
void exposure_take_unit(exposure_panel *p, size_t unit, int32_t project);
exposure_spells exposure_spells_of(const exposure_panel *p, size_t unit, int32_t project);
/* Whether it is of the project, and holds on any day. */
bool exposure_counts(const exposure_spells *s, size_t i);

#endif
