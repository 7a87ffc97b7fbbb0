#include "programme/goal.h"

#include <math.h>
#include <string.h>

#include "programme/value.h"
#include "store/query.h"

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

/* ---- in the records -------------------------------------------------------------- */

typedef struct {
    double value;
    const char *period;
} dated;

/* The value of the latest period that ends by `limit`. */
static dated latest_by(const np_rows *rows, int32_t limit)
{
    dated out = {.value = NAN};
    np_period best = {0};
    for (size_t r = 0; r < rows->n_rows; r++) {
        const np_value *cell = &rows->cell[r * rows->n_columns];
        np_period period;
        bool baseline = rows->n_columns > 2 && cell[2].type == NP_VALUE_INTEGER &&
                        cell[2].integer == 1;
        if (baseline || cell[0].type != NP_VALUE_TEXT ||
            !np_period_parse(&period, cell[0].text, strlen(cell[0].text)) ||
            np_period_last_day(period) > limit)
            continue;
        if (out.period != NULL && np_period_last_day(period) <= np_period_last_day(best))
            continue;
        best = period;
        out = (dated){.value = cell[1].type == NP_VALUE_INTEGER ? (double)cell[1].integer
                                                                : cell[1].number,
                      .period = cell[0].text};
    }
    return out;
}

static np_status find_value(dated *out, np_store *store, const np_record *goal,
                            int32_t limit, np_arena *arena, np_error *err)
{
    *out = (dated){.value = NAN};
    np_value indicator = np_record_value(goal, "indicator");
    if (indicator.type == NP_VALUE_NONE)
        return NP_OK;
    np_value measure = np_record_value(goal, "measure");
    bool of_measure = measure.type != NP_VALUE_NONE;
    np_value whose = of_measure ? measure : np_record_value(goal, "project");
    np_where where[] = {
        {.path = "indicator", .value = &indicator, .n = 1},
        {.path = of_measure ? "measure" : "project", .value = &whose, .n = 1},
        {.path = "value", .sort = NP_WHERE_PRESENT},
    };
    np_query query = {.kind = np_kind_find("measurement"),
                      .column = (const np_query_column[]){{.path = "period"},
                                                          {.path = "value"},
                                                          {.path = "baseline"}},
                      .n_columns = 3,
                      .where = where,
                      .n_where = 3};
    np_rows rows;
    np_status status = np_store_query(&rows, store, &query, arena, err);
    if (status == NP_OK)
        *out = latest_by(&rows, limit);
    return status;
}

static np_status find_step(dated *out, np_store *store, const char *goal, int32_t limit,
                           np_arena *arena, np_error *err)
{
    np_value whose = NP_VALUE_OF_TEXT(goal);
    np_where where[] = {{.path = "goal", .value = &whose, .n = 1}};
    np_query query = {
        .kind = np_kind_find("goal_target"),
        .column = (const np_query_column[]){{.path = "period"}, {.path = "target"}},
        .n_columns = 2,
        .where = where,
        .n_where = 1};
    np_rows rows;
    np_status status = np_store_query(&rows, store, &query, arena, err);
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
