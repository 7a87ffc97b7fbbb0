#include "stats/did/did_design.h"

#include <math.h>

#include "base/text.h"

/* Below thirty clustered errors are too small more often than not. Source: Cameron and
 * Miller (2015), J. Human Resources 50(2). */
enum { FEW_CLUSTERS = 30 };

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the design"));
}

/* Units other than the cohort's that are untreated in period t, anticipation included. */
static size_t untreated_at(const np_did_panel *p, size_t t, int anticipation)
{
    size_t n = p->n_never;
    for (size_t g = 0; g < p->n_cohorts; g++)
        if (p->cohort[g] - anticipation > p->period[t])
            n += p->cohort_size[g];
    return n;
}

static np_did_cohort cohort_row(const np_did_panel *p, size_t g, int anticipation)
{
    np_did_cohort row = {.cohort = p->cohort[g], .n_units = p->cohort_size[g]};
    for (size_t t = 0; t < p->n_periods; t++) {
        row.n_before += p->period[t] < p->cohort[g] - anticipation;
        row.n_after += p->period[t] >= p->cohort[g];
    }
    size_t last = p->n_periods - 1;
    size_t first = p->cohort_start[g] < p->n_periods ? p->cohort_start[g] : last;
    row.n_not_yet_at_start = untreated_at(p, first, anticipation);
    row.n_not_yet_at_end = untreated_at(p, last, anticipation);
    return row;
}

static np_status rows(np_did_design *d, const np_did_panel *p, int anticipation,
                      np_arena *arena, np_error *err)
{
    size_t T = p->n_periods;
    d->n_rows = p->n_cohorts + (p->n_never > 0);
    np_did_cohort *row = np_arena_array(arena, np_did_cohort, d->n_rows);
    size_t *seen = np_arena_array(arena, size_t, (p->n_cohorts + 1) * T);
    if (row == NULL || seen == NULL)
        return no_memory(err);
    for (size_t g = 0; g < p->n_cohorts; g++)
        row[g] = cohort_row(p, g, anticipation);
    if (p->n_never > 0)
        row[p->n_cohorts] = (np_did_cohort){.cohort = INFINITY,
                                            .n_units = p->n_never,
                                            .n_before = T,
                                            .n_not_yet_at_start = p->n_never,
                                            .n_not_yet_at_end = p->n_never};
    for (size_t r = 0; r < p->n; r++) {
        int32_t g = p->cohort_of[p->unit_of[r]];
        size_t at = g == NP_NEVER_TREATED ? p->n_cohorts : (size_t)g;
        seen[at * T + (size_t)p->period_of[r]]++;
    }
    for (size_t g = 0; g < d->n_rows; g++)
        row[g].seen = seen + g * T;
    d->row = row;
    return NP_OK;
}

/* What several estimators ask. */
typedef struct {
    const np_did_panel *p;
    const np_did_spec *spec;
    bool any_not_yet; /* some cohort has somebody untreated to compare with */
    bool any_before;  /* some cohort has a period before */
    bool no_gaps;
    size_t n_complete_never; /* never treated units seen in each period */
} facts;

static void fail(np_did_verdict *v, const char *reason)
{
    if (!v->identified)
        return;
    v->identified = false;
    np_text_format(v->reason, sizeof v->reason, "%s", reason);
}

static void needs_absorbing(np_did_verdict *v, const facts *f)
{
    if (!f->p->absorbing)
        fail(v, _("the treatment ends or changes in some units; switchers can be "
                  "estimated"));
}

static void needs_units(np_did_verdict *v, const facts *f)
{
    if (f->p->cross_sections)
        fail(v, _("it follows units over time, and the data are cross-sections"));
}

static void needs_never(np_did_verdict *v, const facts *f)
{
    if (f->p->n_never == 0)
        fail(v, _("no unit is never treated; those not treated yet can be the "
                  "comparison with --comparison not-yet"));
}

static void needs_not_yet(np_did_verdict *v, const facts *f)
{
    if (!f->any_not_yet)
        fail(v, _("all units start in the same period: nobody is untreated then"));
}

static void needs_before(np_did_verdict *v, const facts *f)
{
    if (!f->any_before)
        fail(v, _("no cohort is seen before its start"));
}

static void needs_complete(np_did_verdict *v, const facts *f)
{
    if (!f->no_gaps)
        fail(v, _("it needs every unit in every period: --unbalanced balance"));
}

static void judge_group_time(np_did_verdict *v, const facts *f)
{
    needs_absorbing(v, f);
    needs_before(v, f);
    if (f->spec->comparison == NP_COMPARISON_NEVER)
        needs_never(v, f);
    else
        needs_not_yet(v, f);
}

static void judge_fixed_effects(np_did_verdict *v, const facts *f)
{
    needs_absorbing(v, f);
    needs_units(v, f);
    needs_before(v, f);
    needs_not_yet(v, f);
}

static void judge_switchers(np_did_verdict *v, const facts *f)
{
    needs_units(v, f);
    needs_before(v, f);
    needs_not_yet(v, f);
}

static void judge_efficient(np_did_verdict *v, const facts *f)
{
    judge_fixed_effects(v, f);
    needs_complete(v, f);
    size_t n_variances = f->p->n_never > 1;
    for (size_t g = 0; g < f->p->n_cohorts; g++)
        n_variances += f->p->cohort_size[g] > 1;
    if (n_variances < 2)
        fail(v, _("fewer than two cohorts have two units: variances within cohorts are "
                  "not known"));
}

static void judge_synthetic(np_did_verdict *v, const facts *f)
{
    needs_absorbing(v, f);
    needs_units(v, f);
    needs_before(v, f);
    if (f->n_complete_never < 2)
        fail(v, _("fewer than two never treated units are seen in every period"));
}

static void judge(np_did_verdict *v, np_did_estimator estimator, const facts *f)
{
    v->identified = true;
    switch (estimator) {
    case NP_DID_GROUP_TIME:
        judge_group_time(v, f);
        break;
    case NP_DID_SUN_ABRAHAM:
    case NP_DID_IMPUTATION:
    case NP_DID_EXTENDED_TWO_WAY:
    case NP_DID_STACKED:
        judge_fixed_effects(v, f);
        break;
    case NP_DID_TWO_WAY:
        needs_units(v, f);
        needs_not_yet(v, f);
        break;
    case NP_DID_SWITCHERS:
        judge_switchers(v, f);
        break;
    case NP_DID_EFFICIENT:
        judge_efficient(v, f);
        break;
    case NP_DID_SYNTHETIC_DID:
    case NP_DID_SYNTHETIC_CONTROL:
        judge_synthetic(v, f);
        break;
    case NP_N_DID_ESTIMATORS:
        break;
    }
}

static size_t complete_never(const np_did_panel *p)
{
    size_t n = 0;
    for (size_t u = 0; u < p->n_units; u++)
        n += p->cohort_of[u] == NP_NEVER_TREATED &&
             p->start[u + 1] - p->start[u] == p->n_periods;
    return n;
}

static np_status verdicts(np_did_design *d, const np_did_panel *p,
                          const np_did_spec *spec, np_arena *arena, np_error *err)
{
    np_did_verdict *v = np_arena_array(arena, np_did_verdict, NP_N_DID_ESTIMATORS);
    if (v == NULL)
        return no_memory(err);
    facts f = {.p = p,
               .spec = spec,
               .no_gaps = p->balanced,
               .n_complete_never = p->cross_sections ? 0 : complete_never(p)};
    for (size_t g = 0; g < p->n_cohorts; g++) {
        f.any_not_yet = f.any_not_yet || d->row[g].n_not_yet_at_start > 0;
        f.any_before = f.any_before || d->row[g].n_before > 0;
    }
    for (np_did_estimator e = 0; e < NP_N_DID_ESTIMATORS; e++)
        judge(&v[e], e, &f);
    d->verdict = v;
    return NP_OK;
}

/* Clusters that treated units, or those never treated, lie in. */
static np_status count_clusters(size_t n[2], const np_did_panel *p, np_arena *arena,
                                np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    bool *seen = np_arena_array(arena, bool, 2 * p->n_clusters);
    if (seen == NULL)
        return no_memory(err);
    for (size_t u = 0; u < p->n_units; u++) {
        size_t side = p->cohort_of[u] == NP_NEVER_TREATED ? 0 : 1;
        bool *is = &seen[2 * (size_t)p->cluster_of[u] + side];
        n[side] += !*is;
        *is = true;
    }
    np_arena_release(arena, mark);
    return NP_OK;
}

/* Clustered errors that rest on few clusters, or on one on a side. */
static np_status warn_of_clusters(np_did_design *d, const char **warning,
                                  const np_did_panel *p, np_arena *arena, np_error *err)
{
    size_t n[2] = {0};
    if (p->cluster_of == NULL)
        return NP_OK;
    np_status status = count_clusters(n, p, arena, err);
    if (status != NP_OK)
        return status;
    if (p->n_clusters < FEW_CLUSTERS)
        warning[d->n_warnings++] = np_arena_format(
            arena,
            _("There are only %zu clusters of %s: with fewer than %d, clustered "
              "standard errors tend to be too small and intervals too narrow."),
            p->n_clusters, p->cluster_name, FEW_CLUSTERS);
    if (n[0] == 1 || n[1] == 1)
        warning[d->n_warnings++] = np_arena_format(
            arena,
            n[1] == 1 ? _("All treated units are in one cluster of %s: its own variation "
                          "is not known, and the standard errors leave it out.")
                      : _("All units that are never treated are in one cluster of %s: "
                          "its own variation is not known, and the standard errors "
                          "leave it out."),
            p->cluster_name);
    return NP_OK;
}

/* One sentence per cohort that says less than the reader may think. */
static np_status warnings(np_did_design *d, const np_did_panel *p, np_arena *arena,
                          np_error *err)
{
    const char **warning = np_arena_array(arena, const char *, p->n_cohorts + 3);
    if (warning == NULL)
        return no_memory(err);
    for (size_t g = 0; g < p->n_cohorts; g++)
        if (p->cohort_size[g] == 1 && !p->cross_sections)
            warning[d->n_warnings++] = np_arena_format(
                arena,
                _("Cohort %.10g is a single unit: its effects have no standard error of "
                  "their own, and those of averages leave its variation out."),
                p->cohort[g]);
    if (p->n_never == 1 && !p->cross_sections)
        warning[d->n_warnings++] = np_arena_format(
            arena, _("A single unit is never treated: comparisons with it alone have no "
                     "standard error."));
    np_status status = warn_of_clusters(d, warning, p, arena, err);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < d->n_warnings; i++)
        if (warning[i] == NULL)
            return no_memory(err);
    d->warning = warning;
    return NP_OK;
}

np_status np_did_design_examine(np_did_design *out, const np_did_panel *p,
                                const np_did_spec *spec, np_arena *arena, np_error *err)
{
    np_did_design d = {.n_units = p->n_units,
                       .n_never = p->n_never,
                       .n_periods = p->n_periods,
                       .n = p->n};
    np_status status = rows(&d, p, spec->anticipation, arena, err);
    if (status == NP_OK)
        status = verdicts(&d, p, spec, arena, err);
    if (status == NP_OK)
        status = warnings(&d, p, arena, err);
    if (status == NP_OK)
        *out = d;
    return status;
}
