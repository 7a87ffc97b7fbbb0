/* Results that do not exclude each other: a project's measurement of an indicator in a
 * period against its target, the period before, and the start. */
#include <math.h>
#include <string.h>

#include "evaluation/tabulation_internal.h"
#include "programme/value.h"

enum {
    REACHED_TARGET = 0,
    BETTER_THAN_LAST,
    WORSE_THAN_LAST,
    SAME_AS_LAST,
    BETTER_THAN_START,
    WORSE_THAN_START,
    SAME_AS_START,
    NO_TARGET,
    NO_LAST,
    NO_START
};

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
}

/* Values by "project\nindicator\nperiod"; the period is "" for the start and the target.
 */
typedef struct {
    np_text_map *keys;
    double *value; /* NaN: several that do not make one */
    size_t room;
} flag_values;

static np_status put(flag_values *v, const char *project, const char *indicator,
                     const char *period, double value, np_arena *arena, np_error *err)
{
    char key[512];
    np_text_format(key, sizeof key, "%s\n%s\n%s", project, indicator, period);
    int32_t at = np_text_map_add(v->keys, key, strlen(key));
    if (at < 0)
        return no_memory(err);
    if ((size_t)at == v->room) {
        size_t room = v->room == 0 ? 64 : 2 * v->room;
        double *more = np_arena_array(arena, double, room);
        if (more == NULL)
            return no_memory(err);
        if (v->room > 0)
            memcpy(more, v->value, v->room * sizeof *more);
        v->value = more;
        v->room = room;
    }
    v->value[at] = value;
    return NP_OK;
}

static double get(const flag_values *v, const char *project, const char *indicator,
                  const char *period)
{
    char key[512];
    np_text_format(key, sizeof key, "%s\n%s\n%s", project, indicator, period);
    int32_t at = np_text_map_find(v->keys, key, strlen(key));
    return at < 0 ? NAN : v->value[at];
}

typedef struct {
    flag_values measured, start, target, step;
    np_text_map *lower; /* indicators, and "project\nindicator", where lower is better */
    np_text_map *higher;
} flag_data;

static double number_of(np_value v)
{
    return v.type == NP_VALUE_INTEGER  ? (double)v.integer
           : v.type == NP_VALUE_NUMBER ? v.number
                                       : NAN;
}

/* One value of what the units of a project measured, by the indicator's rule; NaN where
 * there is none. Ratios are recomputed from their parts. */
static double combined(const np_value *cell)
{
    double n = number_of(cell[0]), sum = number_of(cell[1]);
    double numerator = number_of(cell[2]), denominator = number_of(cell[3]);
    double n_ratio = number_of(cell[4]), factor = number_of(cell[5]);
    const char *rule = cell[6].type == NP_VALUE_TEXT ? cell[6].text : "none";
    if (!(n > 0))
        return NAN;
    if (n == 1 || strcmp(rule, "sum") == 0)
        return sum;
    if (strcmp(rule, "ratio") == 0 && n_ratio == n && denominator > 0)
        return (isnan(factor) ? 1 : factor) * numerator / denominator;
    return strcmp(rule, "mean") == 0 ? sum / n : NAN;
}

/* All periods, not those of the scope alone: the one before is needed, and the start. */
static np_status ask_measurements(np_rows *out, tab_facts *f, np_error *err)
{
    np_query_column column[] = {{"project", NP_VALUES},
                                {"indicator", NP_VALUES},
                                {"period", NP_VALUES},
                                {"baseline", NP_VALUES},
                                {"value", NP_COUNT},
                                {"value", NP_SUM},
                                {"numerator", NP_SUM},
                                {"denominator", NP_SUM},
                                {"denominator", NP_COUNT},
                                {"indicator.factor", NP_VALUES},
                                {"indicator.across_units", NP_VALUES}};
    size_t room = 0, n = 0;
    for (size_t s = 0; s < 2; s++)
        room += f->scope[s] == NULL ? 0 : f->scope[s]->n;
    np_where *test = np_arena_array(f->arena, np_where, room + 1);
    if (test == NULL)
        return no_memory(err);
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; f->scope[s] != NULL && i < f->scope[s]->n; i++) {
            const np_tab_condition *c = &f->scope[s]->item[i];
            bool time = c->path.n != 1 || c->path.sort != NP_TAB_FIELD ||
                        strcmp(c->path.path[0], "period") == 0 ||
                        strcmp(c->path.path[0], "baseline") == 0;
            if (!time)
                test[n++] = (np_where){c->path.path[0], c->sort, c->value, c->n};
        }
    np_query query = {.kind = f->kind,
                      .column = column,
                      .n_columns = PLAN_COUNT(column),
                      .where = test,
                      .n_where = n};
    return np_store_query(out, f->store, &query, f->arena, err);
}

static np_status read_measurements(flag_data *d, tab_facts *f, np_error *err)
{
    np_rows rows;
    np_status status = ask_measurements(&rows, f, err);
    for (size_t i = 0; status == NP_OK && i < rows.n_rows; i++) {
        const np_value *cell = &rows.cell[i * rows.n_columns];
        if (cell[0].type != NP_VALUE_TEXT)
            continue;
        bool start = cell[3].type == NP_VALUE_INTEGER && cell[3].integer == 1;
        status = put(start ? &d->start : &d->measured, cell[0].text, cell[1].text,
                     start ? "" : cell[2].text, combined(&cell[4]), f->arena, err);
    }
    return status;
}

static np_status note_direction(flag_data *d, const char *key, np_value direction,
                                np_error *err)
{
    if (direction.type != NP_VALUE_TEXT)
        return NP_OK;
    np_text_map *map = strcmp(direction.text, "lower") == 0 ? d->lower : d->higher;
    return np_text_map_add(map, key, strlen(key)) < 0 ? no_memory(err) : NP_OK;
}

static np_status read_indicators(flag_data *d, tab_facts *f, np_error *err)
{
    np_query_column column[] = {{"id", NP_VALUES}, {"direction", NP_VALUES}};
    np_query query = {
        .kind = np_kind_find("indicator"), .column = column, .n_columns = 2};
    np_rows rows;
    np_status status = np_store_query(&rows, f->store, &query, f->arena, err);
    for (size_t i = 0; status == NP_OK && i < rows.n_rows; i++)
        status = note_direction(d, rows.cell[2 * i].text, rows.cell[2 * i + 1], err);
    return status;
}

static np_status take_goal(flag_data *d, const np_value *cell, np_arena *arena,
                           np_error *err)
{
    const char *project = cell[0].text, *indicator = cell[1].text;
    char key[512];
    np_text_format(key, sizeof key, "%s\n%s", project, indicator);
    np_status status = note_direction(d, key, cell[2], err);
    double baseline = number_of(cell[3]), target = number_of(cell[4]);
    if (status == NP_OK && !isnan(baseline) &&
        isnan(get(&d->start, project, indicator, "")))
        status = put(&d->start, project, indicator, "", baseline, arena, err);
    if (status == NP_OK && !isnan(target))
        status = put(&d->target, project, indicator, "", target, arena, err);
    return status;
}

static np_status read_goals(flag_data *d, tab_facts *f, np_error *err)
{
    np_query_column column[] = {{"project", NP_VALUES},   {"indicator", NP_VALUES},
                                {"direction", NP_VALUES}, {"baseline", NP_VALUES},
                                {"target", NP_VALUES},    {"status", NP_VALUES}};
    np_value level = NP_VALUE_OF_TEXT("result");
    np_where test[] = {{"level", NP_WHERE_EQUAL, &level, 1},
                       {"indicator", NP_WHERE_PRESENT, NULL, 0}};
    np_query query = {.kind = np_kind_find("goal"),
                      .column = column,
                      .n_columns = 6,
                      .where = test,
                      .n_where = 2};
    np_rows rows;
    np_status status = np_store_query(&rows, f->store, &query, f->arena, err);
    for (size_t i = 0; status == NP_OK && i < rows.n_rows; i++) {
        const np_value *cell = &rows.cell[6 * i];
        bool dropped =
            cell[5].type == NP_VALUE_TEXT && strcmp(cell[5].text, "dropped") == 0;
        if (!dropped)
            status = take_goal(d, cell, f->arena, err);
    }
    return status;
}

static np_status read_steps(flag_data *d, tab_facts *f, np_error *err)
{
    np_query_column column[] = {{"goal.project", NP_VALUES},
                                {"goal.indicator", NP_VALUES},
                                {"period", NP_VALUES},
                                {"target", NP_VALUES}};
    np_value level = NP_VALUE_OF_TEXT("result");
    np_where test[] = {{"goal.level", NP_WHERE_EQUAL, &level, 1},
                       {"goal.indicator", NP_WHERE_PRESENT, NULL, 0}};
    np_query query = {.kind = np_kind_find("goal_target"),
                      .column = column,
                      .n_columns = 4,
                      .where = test,
                      .n_where = 2};
    np_rows rows;
    np_status status = np_store_query(&rows, f->store, &query, f->arena, err);
    for (size_t i = 0; status == NP_OK && i < rows.n_rows; i++) {
        const np_value *cell = &rows.cell[4 * i];
        status = put(&d->step, cell[0].text, cell[1].text, cell[2].text,
                     number_of(cell[3]), f->arena, err);
    }
    return status;
}

static bool lower_is_better(const flag_data *d, const char *project,
                            const char *indicator)
{
    char key[512];
    np_text_format(key, sizeof key, "%s\n%s", project, indicator);
    if (np_text_map_find(d->lower, key, strlen(key)) >= 0)
        return true;
    if (np_text_map_find(d->higher, key, strlen(key)) >= 0)
        return false;
    return np_text_map_find(d->lower, indicator, strlen(indicator)) >= 0;
}

/* The period of the same length that ends the day before. */
static void period_before(char out[NP_PERIOD_TEXT], const char *text)
{
    np_period p;
    out[0] = '\0';
    if (!np_period_parse(&p, text, strlen(text)))
        return;
    static const int parts[] = {
        [NP_YEAR] = 1, [NP_HALF_YEAR] = 2, [NP_QUARTER] = 4, [NP_MONTH] = 12};
    if (p.part > 1) {
        p.part--;
    } else {
        p.part = parts[p.length];
        p.year--;
    }
    np_period_format(out, p);
}

static unsigned against(double value, double other, bool lower, int better)
{
    if (value == other)
        return 1u << (better + 2);
    return 1u << ((lower ? value < other : value > other) ? better : better + 1);
}

static unsigned flags_of(const flag_data *d, const char *project, const char *indicator,
                         const char *period)
{
    double value = get(&d->measured, project, indicator, period);
    if (isnan(value))
        return 0;
    char before[NP_PERIOD_TEXT];
    period_before(before, period);
    bool lower = lower_is_better(d, project, indicator);
    double target = get(&d->step, project, indicator, period);
    if (isnan(target))
        target = get(&d->target, project, indicator, "");
    double last = get(&d->measured, project, indicator, before);
    double start = get(&d->start, project, indicator, "");
    unsigned flags = 0;
    if (isnan(target))
        flags |= 1u << NO_TARGET;
    else if (lower ? value <= target : value >= target)
        flags |= 1u << REACHED_TARGET;
    flags |= isnan(last) ? 1u << NO_LAST : against(value, last, lower, BETTER_THAN_LAST);
    flags |=
        isnan(start) ? 1u << NO_START : against(value, start, lower, BETTER_THAN_START);
    return flags;
}

static const tab_dim *dim_called(const tab_facts *f, const char *text)
{
    for (size_t d = 0; d < f->n_dims; d++)
        if (f->dim[d].sort == TAB_DIM_PATH && strcmp(f->dim[d].path.text, text) == 0)
            return &f->dim[d];
    return NULL;
}

static void flag_facts(tab_facts *f, tab_dim *dim, const flag_data *d)
{
    const tab_dim *project = dim_called(f, "project"), *period = dim_called(f, "period");
    const tab_dim *indicator = dim_called(f, "indicator");
    const tab_dim *baseline = dim_called(f, "baseline");
    uint32_t at = 0;
    for (size_t i = 0; i < f->n; i++) {
        dim->start[i] = at;
        int32_t start = baseline->code[i];
        if (start >= 0 && baseline->value[start].integer == 1) {
            f->count[i] = 0; /* the start is what is compared with, and no result */
            continue;
        }
        if (project->code[i] < 0)
            continue;
        unsigned flags = flags_of(d, np_text_map_text(project->words, project->code[i]),
                                  np_text_map_text(indicator->words, indicator->code[i]),
                                  np_text_map_text(period->words, period->code[i]));
        for (int k = 0; k < NP_TAB_N_FLAGS; k++)
            if ((flags >> k & 1u) != 0)
                dim->codes[at++] = k;
    }
    dim->start[f->n] = at;
}

np_status tab_load_flags(tab_facts *f, tab_dim *dim, np_error *err)
{
    flag_data d = {.lower = np_text_map_new(f->arena),
                   .higher = np_text_map_new(f->arena)};
    flag_values *maps[] = {&d.measured, &d.start, &d.target, &d.step};
    bool memory = d.lower != NULL && d.higher != NULL;
    for (size_t i = 0; i < PLAN_COUNT(maps) && memory; i++)
        memory = (maps[i]->keys = np_text_map_new(f->arena)) != NULL;
    dim->start = np_arena_array(f->arena, uint32_t, f->n + 1);
    dim->codes = np_arena_array(f->arena, int32_t, f->n * NP_TAB_N_FLAGS + 1);
    if (!memory || dim->start == NULL || dim->codes == NULL)
        return no_memory(err);
    np_status status = NP_OK;
    for (int k = 0; k < NP_TAB_N_FLAGS && status == NP_OK; k++) {
        int32_t code;
        status = tab_dim_add(&code, dim, np_tab_flag_names[k],
                             NP_VALUE_OF_TEXT(np_tab_flag_names[k]), f->arena, err);
    }
    if (status == NP_OK)
        status = read_measurements(&d, f, err);
    if (status == NP_OK)
        status = read_indicators(&d, f, err);
    if (status == NP_OK)
        status = read_goals(&d, f, err);
    if (status == NP_OK)
        status = read_steps(&d, f, err);
    if (status == NP_OK)
        flag_facts(f, dim, &d);
    return status;
}
