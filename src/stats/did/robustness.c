#include "stats/did/robustness.h"

#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "stats/did/did_negligible.h"

/* One estimation: the panel's units and periods that are kept, and their starts. */
typedef struct {
    size_t unit;    /* left out; SIZE_MAX: none */
    int32_t cohort; /* index; -1: none */
    size_t date;    /* placebo: index of the made-up start; SIZE_MAX: leaving out */
    size_t last;    /* placebo: last period kept */
} plan;

typedef struct {
    const np_did_panel *panel;
    np_did_spec spec;
    np_did_estimator estimator;
    np_language language;
    const plan *plan;
    np_robustness_row *row;
    char (*reason)[256];
    bool *no_memory;
} job;

void np_did_overall(double *estimate, double *std_error, const np_did_result *r)
{
    const np_did_aggregate *simple = np_did_aggregate_of(r, "simple");
    *estimate = *std_error = NAN;
    if (simple != NULL) {
        *estimate = simple->estimate;
        *std_error = simple->std_error;
    } else if (r->estimates.k > 0) {
        *estimate = r->estimates.estimate[0];
        *std_error = r->estimates.std_error == NULL ? NAN : r->estimates.std_error[0];
    }
}

/* The estimator's own inference; its first coefficient's where it has no average. */
static void infer(np_robustness_row *row, const np_did_result *r, double conf_level)
{
    const np_did_aggregate *simple = np_did_aggregate_of(r, "simple");
    np_did_overall(&row->estimate, &row->std_error, r);
    if (simple == NULL) {
        np_did_infer(&row->statistic, &row->p_value, &row->conf_low, &row->conf_high,
                     row->estimate, row->std_error, conf_level,
                     r->estimates.normal ? INFINITY : r->estimates.df_t);
        return;
    }
    row->statistic = simple->statistic;
    row->p_value = simple->p_value;
    row->conf_low = simple->conf_low;
    row->conf_high = simple->conf_high;
}

/* Who stays and when they start, for one plan. */
static void fill(uint8_t *keep, double *cohort, const job *j, const plan *p)
{
    const np_did_panel *panel = j->panel;
    for (size_t i = 0; i < panel->n_units; i++) {
        int32_t c = panel->cohort_of[i];
        bool placebo = p->date != SIZE_MAX;
        keep[i] = placebo || (i != p->unit && (p->cohort < 0 || c != p->cohort));
        cohort[i] = c < 0 ? INFINITY : panel->cohort[c];
        if (!placebo)
            continue;
        bool mine = c >= 0 && (p->cohort < 0 || c == p->cohort);
        /* Those who start before the window ends are treated in it. */
        keep[i] = mine || c < 0 || panel->cohort_start[c] > p->last;
        cohort[i] = mine ? panel->period[p->date] : INFINITY;
    }
}

static np_status run(np_robustness_row *row, const job *j, const plan *p, np_arena *arena,
                     np_error *err)
{
    np_did_panel changed;
    np_did_result result = {0};
    uint8_t *keep = np_arena_array(arena, uint8_t, j->panel->n_units);
    double *cohort = np_arena_array(arena, double, j->panel->n_units);
    if (keep == NULL || cohort == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    fill(keep, cohort, j, p);
    np_did_change change = {.keep = keep};
    if (p->date != SIZE_MAX) {
        change.cohort = cohort;
        change.some_periods = true;
        change.last_period = p->last;
    }
    np_status status = np_did_panel_change(&changed, j->panel, &change, arena, err);
    if (status == NP_OK && changed.n_cohorts == 0)
        status = np_fail(err, NP_E_NOT_IDENTIFIED, _("nobody treated is left"));
    if (status == NP_OK)
        status = np_did_estimate(&result, &changed, &j->spec, j->estimator, arena, err);
    if (status == NP_OK)
        status = np_did_drop_negligible(&result, &changed, arena, err);
    if (status == NP_OK)
        infer(row, &result, j->spec.conf_level);
    return status;
}

static void task(void *context, size_t number, unsigned thread)
{
    (void)thread;
    const job *j = context;
    np_robustness_row *row = &j->row[number];
    np_arena *arena = np_arena_new(0);
    np_error err = {0};
    np_language_set(j->language);
    np_status status = arena == NULL ? np_fail(&err, NP_E_NO_MEMORY, _("no memory left"))
                                     : run(row, j, &j->plan[number], arena, &err);
    np_arena_free(arena);
    if (status == NP_OK && isnan(row->estimate))
        status = np_fail(&err, NP_E_NOT_IDENTIFIED, _("the effect is not identified"));
    if (status == NP_OK)
        return;
    memcpy(j->reason[number], err.message, sizeof err.message);
    row->refused = j->reason[number];
    j->no_memory[number] = status == NP_E_NO_MEMORY;
}

/* Without draws, which no row waits for, and with the one average that is compared,
 * whichever are printed. */
static np_did_spec spec_of_rows(const np_did_spec *spec)
{
    np_did_spec s = *spec;
    s.draws = 0;
    s.aggregates = NP_AGGREGATE_SIMPLE;
    return s;
}

static np_robustness_row empty_row(void)
{
    return (np_robustness_row){"", NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NULL};
}

static np_status run_all(job *j, size_t n, np_arena *arena, np_error *err)
{
    unsigned n_threads = j->spec.n_threads;
    j->language = np_language_get();
    j->spec.n_threads = 1;
    j->spec.conf_level = j->spec.conf_level > 0 ? j->spec.conf_level : 0.95;
    j->reason = np_arena_alloc(arena, n, sizeof *j->reason);
    j->no_memory = np_arena_array(arena, bool, n);
    if (j->reason == NULL || j->no_memory == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_parallel_for(n, n_threads, task, j);
    for (size_t i = 0; i < n; i++)
        if (j->no_memory[i])
            return np_fail(err, NP_E_NO_MEMORY, "%s", j->row[i].refused);
    return NP_OK;
}

static void summarise(np_robustness *out)
{
    size_t n = out->n_rows, n_tested = 0;
    out->lowest = out->highest = out->farthest = n;
    double smallest = INFINITY;
    for (size_t i = 0; i < n; i++) {
        const np_robustness_row *row = &out->row[i];
        out->n_refused += row->refused != NULL;
        if (row->refused != NULL)
            continue;
        if (out->lowest == n || row->estimate < out->row[out->lowest].estimate)
            out->lowest = i;
        if (out->highest == n || row->estimate > out->row[out->highest].estimate)
            out->highest = i;
        if (!isnan(row->change) &&
            (out->farthest == n ||
             fabs(row->change) > fabs(out->row[out->farthest].change)))
            out->farthest = i;
        out->n_rejected += row->conf_low > 0 || row->conf_high < 0;
        if (isnan(row->p_value))
            continue;
        n_tested++;
        smallest = fmin(smallest, row->p_value);
    }
    out->smallest_p = n_tested == 0 ? NAN : fmin(1, smallest * (double)n_tested);
}

static np_status whole(np_robustness *out, const job *j, np_arena *arena, np_error *err)
{
    np_did_result result = {0};
    np_arena_mark mark = np_arena_set_mark(arena);
    np_status status =
        np_did_estimate(&result, j->panel, &j->spec, j->estimator, arena, err);
    if (status == NP_OK)
        status = np_did_drop_negligible(&result, j->panel, arena, err);
    if (status == NP_OK)
        np_did_overall(&out->estimate, &out->std_error, &result);
    np_arena_release(arena, mark);
    if (status == NP_OK && isnan(out->estimate))
        status = np_fail(err, NP_E_NOT_IDENTIFIED, _("the effect is not identified"));
    return status;
}

static np_status name_row(np_robustness_row *row, plan *p, const np_did_panel *panel,
                          np_leave_out what, size_t i, np_arena *arena)
{
    *row = empty_row();
    *p = (plan){SIZE_MAX, -1, SIZE_MAX, 0};
    if (what == NP_LEAVE_OUT_UNIT) {
        p->unit = i;
        row->left_out = np_did_unit_label(panel, i, arena);
        if (panel->cohort_of[i] >= 0)
            row->cohort = panel->cohort[panel->cohort_of[i]];
    } else {
        p->cohort = (int32_t)i;
        row->left_out = np_arena_format(arena, "%.15g", panel->cohort[i]);
        row->cohort = panel->cohort[i];
    }
    return row->left_out == NULL ? NP_E_NO_MEMORY : NP_OK;
}

np_status np_leave_one_out(np_robustness *out, const np_did_panel *panel,
                           const np_did_spec *spec, np_did_estimator estimator,
                           np_leave_out what, np_arena *arena, np_error *err)
{
    size_t n = what == NP_LEAVE_OUT_UNIT ? panel->n_units : panel->n_cohorts;
    plan *plans = np_arena_array(arena, plan, n);
    np_robustness_row *row = np_arena_array(arena, np_robustness_row, n);
    job j = {.panel = panel,
             .spec = spec_of_rows(spec),
             .estimator = estimator,
             .plan = plans,
             .row = row};
    if (plans == NULL || row == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu rows"), n);
    if (what == NP_LEAVE_OUT_COHORT && n < 2)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("there is one cohort: it cannot be left out"));
    np_robustness result = {.n_rows = n, .row = row};
    np_status status = whole(&result, &j, arena, err);
    for (size_t i = 0; status == NP_OK && i < n; i++)
        if (name_row(&row[i], &plans[i], panel, what, i, arena) != NP_OK)
            status = np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu rows"), n);
    if (status == NP_OK)
        status = run_all(&j, n, arena, err);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        row[i].change = row[i].estimate - result.estimate;
    result.conf_level = j.spec.conf_level;
    summarise(&result);
    *out = result;
    return NP_OK;
}

/* Placebo dates before period `start`: those with a period before them that the
 * anticipation leaves. Returns how many; writes where plans is not NULL. */
static size_t dates_before(plan *plans, size_t start, int32_t cohort, size_t ahead)
{
    size_t n = 0;
    if (start < ahead + 1)
        return 0;
    size_t last = start - ahead - 1;
    for (size_t date = ahead + 1; date <= last; date++, n++)
        if (plans != NULL)
            plans[n] = (plan){SIZE_MAX, cohort, date, last};
    return n;
}

static size_t all_dates(plan *plans, const np_did_panel *panel, size_t ahead)
{
    size_t n = dates_before(plans, panel->cohort_start[0], -1, ahead);
    for (size_t c = 0; c < panel->n_cohorts && panel->n_cohorts > 1; c++)
        n += dates_before(plans == NULL ? NULL : plans + n, panel->cohort_start[c],
                          (int32_t)c, ahead);
    return n;
}

np_status np_placebo_dates(np_robustness *out, const np_did_panel *panel,
                           const np_did_spec *spec, np_did_estimator estimator,
                           np_arena *arena, np_error *err)
{
    size_t ahead = (size_t)spec->anticipation;
    size_t n = panel->n_cohorts == 0 ? 0 : all_dates(NULL, panel, ahead);
    plan *plans = np_arena_array(arena, plan, n);
    np_robustness_row *row = np_arena_array(arena, np_robustness_row, n);
    job j = {.panel = panel,
             .spec = spec_of_rows(spec),
             .estimator = estimator,
             .plan = plans,
             .row = row};
    if (plans == NULL || row == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu rows"), n);
    if (n == 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("no cohort has two periods before its start: there is no date "
                         "for a placebo"));
    all_dates(plans, panel, ahead);
    for (size_t i = 0; i < n; i++) {
        row[i] = empty_row();
        row[i].date = panel->period[plans[i].date];
        if (plans[i].cohort >= 0)
            row[i].cohort = panel->cohort[plans[i].cohort];
    }
    np_status status = run_all(&j, n, arena, err);
    if (status != NP_OK)
        return status;
    np_robustness result = {.estimate = NAN,
                            .std_error = NAN,
                            .n_rows = n,
                            .row = row,
                            .conf_level = j.spec.conf_level};
    summarise(&result);
    *out = result;
    return NP_OK;
}
