#include "programme/goal.h"

#include <math.h>
#include <string.h>

#include "programme/rows.h"
#include "programme/value.h"

static np_direction direction_in(const np_record *record)
{
    const char *word = record != NULL ? np_record_text(record, "direction") : NULL;
    if (word == NULL)
        return NP_DIRECTION_UNKNOWN;
    return strcmp(word, "lower") == 0 ? NP_LOWER_IS_BETTER : NP_HIGHER_IS_BETTER;
}

np_direction np_goal_direction(const np_record *goal, const np_record *indicator)
{
    np_direction own = direction_in(goal);
    return own != NP_DIRECTION_UNKNOWN ? own : direction_in(indicator);
}

bool np_is_better(double value, double than, np_direction direction)
{
    switch (direction) {
    case NP_HIGHER_IS_BETTER:
        return value > than;
    case NP_LOWER_IS_BETTER:
        return value < than;
    case NP_DIRECTION_UNKNOWN:
        break;
    }
    return false;
}

np_achieved np_goal_achieved(double baseline, double target, double value,
                             np_direction direction)
{
    np_achieved out = {.per_cent = NAN};
    if (isnan(target) || isnan(value)) {
        out.sort = isnan(target) ? NP_ACHIEVED_NO_TARGET : NP_ACHIEVED_NO_VALUE;
        return out;
    }
    if (direction == NP_DIRECTION_UNKNOWN && !isnan(baseline) && target != baseline)
        direction = target > baseline ? NP_HIGHER_IS_BETTER : NP_LOWER_IS_BETTER;
    out.reached = value == target || np_is_better(value, target, direction);
    if (isnan(baseline))
        out.sort = NP_ACHIEVED_NO_BASELINE;
    else if (target == baseline || !np_is_better(target, baseline, direction))
        out.sort = out.reached ? NP_ACHIEVED_HELD : NP_ACHIEVED_NOT_HELD;
    else
        out.per_cent = (value - baseline) / (target - baseline) * 100;
    return out;
}

const char *np_achieved_word(np_achieved_sort sort)
{
    switch (sort) {
    case NP_ACHIEVED_PER_CENT:
        return N_("per cent");
    case NP_ACHIEVED_HELD:
        return N_("held");
    case NP_ACHIEVED_NOT_HELD:
        return N_("not held");
    case NP_ACHIEVED_NO_BASELINE:
        return N_("no baseline");
    case NP_ACHIEVED_NO_TARGET:
        return N_("no target");
    case NP_ACHIEVED_NO_VALUE:
        return N_("no value");
    }
    return "";
}

typedef struct {
    double value;
    const char *period;
} dated;

/* The value of the latest period that ends by `limit`: rows of period, value, and whether
 * it is a baseline. */
static dated latest_by(const np_rows *rows, int32_t limit)
{
    dated out = {.value = NAN};
    int32_t best = INT32_MIN;
    for (size_t r = 0; r < rows->n_rows; r++) {
        const char *text = np_rows_text(rows, r, 0);
        np_period period;
        bool baseline = rows->n_columns > 2 && np_rows_integer(rows, r, 2, 0) == 1;
        if (baseline || text == NULL || !np_period_parse(&period, text, strlen(text)))
            continue;
        int32_t last = np_period_last_day(period);
        if (last > limit || last <= best)
            continue;
        best = last;
        out = (dated){.value = np_rows_number(rows, r, 1), .period = text};
    }
    return out;
}

static np_status find_value(dated *out, np_store *store, const np_record *goal,
                            int32_t limit, np_arena *arena, np_error *err)
{
    const char *indicator = np_record_text(goal, "indicator");
    const char *measure = np_record_text(goal, "measure");
    *out = (dated){.value = NAN};
    if (indicator == NULL)
        return NP_OK;
    np_where where[] = {
        NP_IS("indicator", indicator),
        measure != NULL ? NP_IS("measure", measure)
                        : NP_IS("project", np_record_text(goal, "project")),
        {.path = "value", .sort = NP_WHERE_PRESENT},
    };
    np_rows rows;
    np_status status = np_rows_ask(&rows, store, "measurement", "period value baseline",
                                   where, 3, arena, err);
    if (status == NP_OK)
        *out = latest_by(&rows, limit);
    return status;
}

static np_status find_step(dated *out, np_store *store, const char *goal, int32_t limit,
                           np_arena *arena, np_error *err)
{
    np_rows rows;
    np_status status = np_rows_ask(&rows, store, "goal_target", "period target",
                                   &NP_IS("goal", goal), 1, arena, err);
    if (status == NP_OK)
        *out = latest_by(&rows, limit);
    return status;
}

static np_status last_day_of(int32_t *out, const char *period, np_error *err)
{
    np_period parsed;
    if (!np_period_parse(&parsed, period, strlen(period)))
        return np_fail(err, NP_E_RANGE, _("\"%s\" is no period"), period);
    *out = np_period_last_day(parsed);
    return NP_OK;
}

np_status np_goal_progress_of(np_goal_progress *out, np_store *store, const char *goal,
                              const char *period, np_arena *arena, np_error *err)
{
    np_record record, indicator = {0};
    int32_t limit = INT32_MAX;
    np_status status =
        np_store_get(&record, store, np_kind_find("goal"), goal, arena, err);
    if (status == NP_OK && period != NULL)
        status = last_day_of(&limit, period, err);
    const char *measured_by =
        status == NP_OK ? np_record_text(&record, "indicator") : NULL;
    if (measured_by != NULL)
        status = np_store_get(&indicator, store, np_kind_find("indicator"), measured_by,
                              arena, err);
    dated value = {.value = NAN}, step = {.value = NAN};
    if (status == NP_OK)
        status = find_value(&value, store, &record, limit, arena, err);
    if (status == NP_OK && period == NULL && value.period != NULL)
        status = last_day_of(&limit, value.period, err);
    if (status == NP_OK)
        status = find_step(&step, store, goal, limit, arena, err);
    if (status != NP_OK)
        return status;
    np_direction direction =
        np_goal_direction(&record, measured_by != NULL ? &indicator : NULL);
    double baseline = np_record_number(&record, "baseline");
    double target = np_record_number(&record, "target");
    *out = (np_goal_progress){
        .baseline = baseline,
        .target = target,
        .value = value.value,
        .value_period = value.period,
        .end = np_goal_achieved(baseline, target, value.value, direction),
        .step_target = step.value,
        .step_period = step.period,
        .step = np_goal_achieved(baseline, step.value, value.value, direction),
    };
    return NP_OK;
}
