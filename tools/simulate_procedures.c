#include "simulate_procedures.h"

#include <math.h>

#include "base/text.h"
#include "stats/did/did.h"
#include "stats/infer/randomisation.h"
#include "stats/model.h"

bool simulated_new(simulated *out, size_t most_rows, np_arena *arena)
{
    *out = (simulated){.unit = np_arena_array(arena, int64_t, most_rows),
                       .period = np_arena_array(arena, int64_t, most_rows),
                       .start = np_arena_array(arena, double, most_rows),
                       .treated = np_arena_array(arena, double, most_rows),
                       .y = np_arena_array(arena, double, most_rows)};
    return out->unit != NULL && out->period != NULL && out->start != NULL &&
           out->treated != NULL && out->y != NULL;
}

enum { WILD_DRAWS = 399, LOTS = 199 };

static answer refused(const np_error *err)
{
    answer a = {.given = false};
    np_text_format(a.reason, sizeof a.reason, "%s", err->message);
    return a;
}

enum { COLUMNS = 5 };

static np_table table_of(const simulated *d, np_column column[COLUMNS])
{
    column[0] =
        (np_column){.name = "unit", .uom = "", .type = NP_COLUMN_I64, .i64 = d->unit};
    column[1] =
        (np_column){.name = "period", .uom = "", .type = NP_COLUMN_I64, .i64 = d->period};
    column[2] =
        (np_column){.name = "start", .uom = "", .type = NP_COLUMN_F64, .f64 = d->start};
    column[3] = (np_column){
        .name = "treated", .uom = "", .type = NP_COLUMN_F64, .f64 = d->treated};
    column[4] = (np_column){.name = "y", .uom = "", .type = NP_COLUMN_F64, .f64 = d->y};
    return (np_table){d->n, COLUMNS, column};
}

/* One coefficient of two-way effects with the covariance that `vcov` names; by the wild
 * bootstrap where draws > 0. */
static answer two_way(const simulated *d, const char *vcov, size_t draws, uint64_t seed,
                      np_arena *arena)
{
    np_column column[COLUMNS];
    np_table table = table_of(d, column);
    np_error err = {0};
    np_model m;
    np_model_spec spec = {.design = {.formula = "y ~ treated | unit + period"},
                          .wild = {.draws = draws, .seed = seed},
                          .n_threads = 1};
    if (np_vcov_parse(&spec.vcov, vcov, arena, &err) != NP_OK ||
        np_model_estimate(&m, &table, &spec, arena, &err) != NP_OK)
        return refused(&err);
    const np_estimates *e = &m.estimates;
    answer a = {.given = true,
                .estimate = e->estimate[0],
                .std_error = e->std_error[0],
                .low = e->conf_low[0],
                .high = e->conf_high[0],
                .p = e->p_value[0],
                .truth = d->truth};
    if (draws > 0) {
        a.low = e->table[0].conf_low[0];
        a.high = e->table[0].conf_high[0];
        a.p = e->table[0].p_value[0];
    }
    return a;
}

static np_status panel_of(np_did_panel *panel, const simulated *d, np_arena *arena,
                          np_error *err)
{
    np_column *column = np_arena_array(arena, np_column, COLUMNS);
    if (column == NULL)
        return np_fail(err, NP_E_NO_MEMORY, "no memory left");
    np_table table = table_of(d, column);
    np_did_panel_spec columns = {
        .outcome = "y", .unit = "unit", .time = "period", .cohort = "start"};
    return np_did_panel_build(panel, &table, &columns, arena, err);
}

static answer staggered(const simulated *d, np_did_estimator estimator,
                        const np_did_spec *spec, np_arena *arena)
{
    np_did_panel panel;
    np_did_result result;
    np_error err = {0};
    if (panel_of(&panel, d, arena, &err) != NP_OK ||
        np_did_estimate(&result, &panel, spec, estimator, arena, &err) != NP_OK)
        return refused(&err);
    const np_did_aggregate *a = np_did_aggregate_of(&result, "simple");
    if (a == NULL || isnan(a->estimate)) {
        np_fail(&err, NP_E_NOT_IDENTIFIED, "no average over all treated");
        return refused(&err);
    }
    return (answer){.given = true,
                    .estimate = a->estimate,
                    .std_error = a->std_error,
                    .low = a->conf_low,
                    .high = a->conf_high,
                    .p = a->p_value,
                    .truth = d->truth};
}

/* The two-way coefficient against other draws of who starts when. */
static answer by_lot(const simulated *d, uint64_t seed, np_arena *arena)
{
    np_did_panel panel;
    np_randomisation r;
    np_error err = {0};
    np_randomisation_spec spec = {
        .studentised = true, .draws = LOTS, .seed = seed, .n_threads = 1};
    if (panel_of(&panel, d, arena, &err) != NP_OK ||
        np_randomisation_estimate(&r, &panel, &spec, arena, &err) != NP_OK)
        return refused(&err);
    return (answer){.given = true,
                    .estimate = r.estimate,
                    .std_error = r.std_error,
                    .low = r.conf_low,
                    .high = r.conf_high,
                    .p = r.p_value,
                    .truth = d->truth};
}

typedef struct {
    const char *name, *vcov; /* vcov: two-way effects with it */
    size_t wild_draws;
    bool by_lot;
    np_did_estimator estimator;
    np_did_spec spec;
} procedure;

static const procedure all[N_PROCEDURES] = {
    {.name = "two-way, CR1, t(G-1)", .vcov = "~unit"},
    {.name = "two-way, CR2, Satterthwaite", .vcov = "CR2 ~ unit"},
    {.name = "two-way, CR3, t(G-1)", .vcov = "CR3 ~ unit"},
    {.name = "two-way, wild cluster bootstrap of 399 draws",
     .vcov = "~unit",
     .wild_draws = WILD_DRAWS},
    {.name = "two-way, randomisation of 199 draws", .by_lot = true},
    {.name = "group-time, never treated", .estimator = NP_DID_GROUP_TIME},
    {.name = "group-time, not yet treated",
     .estimator = NP_DID_GROUP_TIME,
     .spec = {.comparison = NP_COMPARISON_NOT_YET}},
    {.name = "group-time, not yet, multiplier bootstrap of 399 draws",
     .estimator = NP_DID_GROUP_TIME,
     .spec = {.comparison = NP_COMPARISON_NOT_YET, .draws = 399}},
    {.name = "sun-abraham", .estimator = NP_DID_SUN_ABRAHAM},
    {.name = "imputation", .estimator = NP_DID_IMPUTATION},
    {.name = "extended-two-way", .estimator = NP_DID_EXTENDED_TWO_WAY},
    {.name = "stacked", .estimator = NP_DID_STACKED},
    {.name = "switchers", .estimator = NP_DID_SWITCHERS},
    {.name = "efficient", .estimator = NP_DID_EFFICIENT},
    {.name = "synthetic-did, placebo of 50 draws",
     .estimator = NP_DID_SYNTHETIC_DID,
     .spec = {.synthetic_errors = NP_SYNTHETIC_PLACEBO, .draws = 50}},
    {.name = "synthetic-did, jackknife",
     .estimator = NP_DID_SYNTHETIC_DID,
     .spec = {.synthetic_errors = NP_SYNTHETIC_JACKKNIFE}},
};

const char *procedure_name(size_t p)
{
    return all[p].name;
}

answer procedure_run(size_t p, const simulated *d, uint64_t seed, np_arena *arena)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    np_did_spec spec = all[p].spec;
    spec.seed = seed;
    spec.n_threads = 1;
    answer a;
    if (all[p].by_lot)
        a = by_lot(d, seed, arena);
    else if (all[p].vcov != NULL)
        a = two_way(d, all[p].vcov, all[p].wild_draws, seed, arena);
    else
        a = staggered(d, all[p].estimator, &spec, arena);
    np_arena_release(arena, mark);
    return a;
}
