#include <math.h>

#include "report/did_doc.h"
#include "report/number.h"

const char *np_did_period_text(const np_did_panel *p, double period, np_arena *arena,
                               np_language language)
{
    if (!isfinite(period))
        return _("never");
    for (size_t t = 0; t < p->n_periods; t++)
        if (p->period[t] == period)
            return p->period_label[t];
    (void)language;
    return np_arena_format(arena, "%.10g", period);
}

static void head(np_table_builder *t)
{
    static const char *const name[] = {"estimator",  "kind",     "cohort",    "time",
                                       "event_time", "estimate", "std_error", "statistic",
                                       "p_value",    "conf_low", "conf_high", "band_low",
                                       "band_high"};
    np_table_builder_head(t);
    for (size_t i = 0; i < sizeof name / sizeof *name; i++)
        np_table_builder_cell(t, name[i]);
}

static void numbers(np_table_builder *t, const double *value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        np_table_builder_number(t, "", value[i]);
}

static void aggregate_rows(np_table_builder *t, const char *code,
                           const np_did_aggregate *a)
{
    np_table_builder_row(t);
    np_table_builder_cell(t, code);
    np_table_builder_cell(t, a->kind);
    const double overall[] = {NAN,          NAN,          NAN,        a->estimate,
                              a->std_error, a->statistic, a->p_value, a->conf_low,
                              a->conf_high, NAN,          NAN};
    numbers(t, overall, sizeof overall / sizeof *overall);
    for (size_t i = 0; i < a->n_rows; i++) {
        const np_aggregate_row *r = &a->row[i];
        double cohort = a->kind[0] == 'g' ? r->value : NAN;
        double time = a->kind[0] == 'c' ? r->value : NAN;
        double event = a->kind[0] == 'd' ? r->value : NAN;
        const double row[] = {cohort,       time,         event,       r->estimate,
                              r->std_error, r->statistic, r->p_value,  r->conf_low,
                              r->conf_high, r->band_low,  r->band_high};
        np_table_builder_row(t);
        np_table_builder_cell(t, code);
        np_table_builder_cell(t, a->kind);
        numbers(t, row, sizeof row / sizeof *row);
    }
}

const np_doc_table *np_did_rows_table(const np_did_result *result, size_t n_results,
                                      np_arena *arena)
{
    np_table_builder *t = np_table_builder_new(arena, "did", "", 13);
    head(t);
    for (size_t e = 0; e < n_results; e++) {
        const char *code = np_did_estimator_code(result[e].estimator);
        for (size_t i = 0; i < result[e].n_aggregates; i++)
            aggregate_rows(t, code, &result[e].aggregate[i]);
        for (size_t i = 0; i < result[e].n_group_time; i++) {
            const np_group_time_row *r = &result[e].group_time[i];
            const double row[] = {r->cohort,    r->time,      r->event_time, r->estimate,
                                  r->std_error, r->statistic, r->p_value,    r->conf_low,
                                  r->conf_high, r->band_low,  r->band_high};
            np_table_builder_row(t);
            np_table_builder_cell(t, code);
            np_table_builder_cell(t, "group-time");
            numbers(t, row, sizeof row / sizeof *row);
        }
    }
    return np_table_builder_done(t);
}
