/* What the parts of np_group_time_estimate() share; nobody else includes this. */
#ifndef NP_STATS_DID_GROUP_TIME_INTERNAL_H
#define NP_STATS_DID_GROUP_TIME_INTERNAL_H

#include "stats/did/group_time.h"
#include "stats/did/influence.h"

/* The influence of one row of side s (psi, on the scale of n_units):
 *   scale W (y - z'outcome - centre) + w z'shift + w (y - z'fitted) (z'slope)
 *   - w (D - p) z'score + constant
 * with W = w for the treated and w p/(1-p), or 0 where trimmed, for the comparison; y is
 * the change (panels) or the outcome (cross-sections); z the standardised controls.
 * NULL vectors are 0. */
typedef struct {
    double scale, centre, constant;
    const double *outcome, *fitted, *slope, *shift; /* [k] */
} np_pair_side;

/* Panels: 0 comparison, 1 treated. Cross-sections: + 2 in the later period. */
enum { NP_PAIR_TREATED = 1, NP_PAIR_LATER = 2, NP_PAIR_SIDES = 4 };

typedef struct {
    double estimate;
    np_pair_side side[NP_PAIR_SIDES];
    const double *propensity; /* [k] gamma; NULL: no weights */
    const double *score;      /* [k] */
} np_pair_fit;

typedef struct {
    size_t cohort, time, base;
    size_t first_later; /* cohorts from this index on compare, besides the never */
    bool at_base;       /* t = b: 0 by construction */
    const char *reason; /* translated; why there is no estimate, NULL: there is */
    size_t n_treated, n_comparison;
    bool single; /* a side has one unit (a row in one of the two periods) */
    np_pair_fit fit;
} np_group_time_cell;

typedef struct {
    const np_did_panel *panel;
    const np_did_spec *spec;
    np_did_method method;
    bool sections; /* rows are compared, not changes */
    bool fixed;    /* controls and weights do not change within a unit */
    size_t k;
    const double *centre, *unit_scale; /* [k] of the standardisation */
    const uint32_t *order;             /* [n_units] by cohort, the never last */
    const size_t *first; /* [n_cohorts + 2] where each cohort starts in order */
    size_t n_cells;
    np_group_time_cell *cell;
    np_arena *arena, *scratch; /* scratch: the sample */
    np_error *err;
} np_group_time_work;

/* Rows of one comparison (or of several with the same rows, one y each). */
typedef struct {
    size_t n, k, m;
    uint8_t *side;      /* [n] NP_PAIR_… */
    double *weight;     /* [n] */
    double *z;          /* [n × k] */
    double *y;          /* [n × m] */
    double *odds;       /* [n] W, once known */
    double *propensity; /* [n] p */
} np_pair_sample;

enum { NP_NO_ROW = UINT32_MAX };

/* The row of unit u in period t, or NP_NO_ROW. */
static inline uint32_t np_did_row_at(const np_did_panel *p, size_t u, size_t t)
{
    if (p->balanced)
        return p->start[u] + (uint32_t)t;
    for (uint32_t r = p->start[u]; r < p->start[u + 1]; r++)
        if ((size_t)p->period_of[r] == t)
            return r;
    return NP_NO_ROW;
}

/* z [k] of a row. */
static inline void np_group_time_controls(double *z, const np_group_time_work *w,
                                          size_t row)
{
    z[0] = 1;
    for (size_t j = 1; j < w->k; j++)
        z[j] = (w->panel->x[j][row] - w->centre[j]) * w->unit_scale[j];
}

/* In two halves, which do not wait for each other. */
static inline double np_dot(const double *a, const double *b, size_t k)
{
    double even = 0, odd = 0;
    for (size_t j = 0; j + 1 < k; j += 2) {
        even += a[j] * b[j];
        odd += a[j + 1] * b[j + 1];
    }
    return k % 2 ? even + odd + a[k - 1] * b[k - 1] : even + odd;
}

/* W of a comparison row: w p/(1-p), 0 from p = 0.995 on (DRDID's trim.level). */
static inline double np_pair_odds(double p, double weight)
{
    return p < 0.995 ? weight * p / (1 - p) : 0;
}

np_status np_group_time_no_memory(np_error *err);

/* group_time_cells.c: fills everything but the cells' fits. */
np_status np_group_time_prepare(np_group_time_work *w);
/* Whether cohort c (n_cohorts: never treated) is the cell's comparison. */
bool np_group_time_compares(const np_group_time_work *w, const np_group_time_cell *cell,
                            size_t c);

/* group_time_sample.c: room in the work's scratch for the largest sample, of at most so
 * many cells. */
np_status np_pair_room(np_pair_sample *out, size_t most_cells,
                       const np_group_time_work *w);
/* The rows of the cells that share one sample, with counts and, where a side is empty,
 * the reason, set in each. */
np_status np_group_time_gather(np_pair_sample *sample, np_group_time_work *w,
                               np_group_time_cell *const *cell, size_t m);

/* sum [n_sums] := add over the rows, cut by their number alone. */
typedef void np_pair_add(double *sum, const void *context, size_t first, size_t last);
np_status np_pair_sums(double *sum, size_t n_sums, np_pair_add *add, const void *context,
                       size_t n, const np_group_time_work *w);

/* group_time_propensity.c: gamma [k] by maximum likelihood, or by tilting, and the
 * inverse [k × k] of the information; fills the sample's propensity and odds. *reason is
 * set, translated, where there is none. */
np_status np_pair_propensity(double *gamma, double *inverse, const char **reason,
                             np_pair_sample *sample, bool tilting,
                             const np_group_time_work *w);

/* group_time_panel.c, group_time_sections.c: the fits of cells with one sample. */
np_status np_pair_panel(np_group_time_cell *const *cell, np_pair_sample *sample,
                        const np_group_time_work *w);
np_status np_pair_sections(np_group_time_cell *cell, np_pair_sample *sample,
                           const np_group_time_work *w);
/* A^-1 [k × k] of cross products, or the reason, naming a control. */
np_status np_pair_inverse(double *inverse, const char **reason, const double *A,
                          const char *rows, const np_group_time_work *w);

/* group_time_influence.c: columns are the cells with an estimate that are not at their
 * base, in order, then the weight of the unit in each cohort. cell_column [n_cells]:
 * n_columns where there is none. unit_weight [n_units] is what cohorts are weighted
 * by. */
np_status np_group_time_influence(np_influence *out, size_t **cell_column,
                                  const double *unit_weight, const np_group_time_work *w);

#endif
