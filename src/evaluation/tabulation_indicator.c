/* Measurements of a cell as one value, by their indicator's own rule: the same as
 * np_aggregate_parts() makes of them one by one (programme/aggregate.h), from sums. */
#include <math.h>
#include <string.h>

#include "evaluation/tabulation_internal.h"

static const char *const across[] = {"indicator.across_organisations",
                                     "indicator.across_units",
                                     "indicator.across_periods"};

static np_status need_dim(tab_facts *f, const char *text, np_error *err)
{
    np_tab_path path;
    size_t index;
    np_status status = tab_path_parse(&path, text, f->kind, f->arena, err);
    return status == NP_OK ? tab_facts_dim(&index, f, &path, err) : status;
}

static np_status need_number(tab_facts *f, const char *text, np_error *err)
{
    np_tab_path path;
    size_t index;
    np_status status = tab_path_parse(&path, text, f->kind, f->arena, err);
    return status == NP_OK ? tab_facts_number(&index, f, &path, err) : status;
}

/* Whether any indicator has the rule: how many people a value is of, and its period, tell
 * facts apart that are one otherwise, and are asked for only where they are needed. */
static np_status has_rule(bool *out, const tab_facts *f, const np_tab_statistic *s,
                          const char *rule, np_error *err)
{
    np_query_column column = {"id", NP_COUNT};
    np_value value = NP_VALUE_OF_TEXT(rule);
    np_where test = {strchr(across[s->across], '.') + 1, NP_WHERE_EQUAL, &value, 1};
    np_query query = {.kind = np_kind_find("indicator"),
                      .column = &column,
                      .n_columns = 1,
                      .where = &test,
                      .n_where = 1};
    np_rows rows;
    np_status status = np_store_query(&rows, f->store, &query, f->arena, err);
    *out = status == NP_OK && rows.n_rows == 1 && rows.cell[0].integer > 0;
    return status;
}

np_status tab_indicator_need(tab_facts *f, const np_tab_statistic *s, np_error *err)
{
    const char *const dims[] = {"indicator", across[s->across], "indicator.factor"};
    const char *const numbers[] = {"value", "numerator", "denominator"};
    bool weighted = false, latest = false;
    np_status status = NP_OK;
    for (size_t i = 0; i < 3 && status == NP_OK; i++)
        status = need_dim(f, dims[i], err);
    for (size_t i = 0; i < 3 && status == NP_OK; i++)
        status = need_number(f, numbers[i], err);
    if (status == NP_OK)
        status = has_rule(&weighted, f, s, "weighted_mean", err);
    if (status == NP_OK)
        status = has_rule(&latest, f, s, "latest", err);
    if (status == NP_OK && weighted)
        status = need_dim(f, "n_people", err);
    return status == NP_OK && latest ? need_dim(f, "period", err) : status;
}

static int dim_called(const tab_facts *f, const char *text)
{
    for (size_t d = 0; d < f->n_dims; d++)
        if (f->dim[d].sort == TAB_DIM_PATH && strcmp(f->dim[d].path.text, text) == 0)
            return (int)d;
    return -1;
}

static int number_called(const tab_facts *f, const char *text)
{
    for (size_t i = 0; i < f->n_numeric; i++)
        if (strcmp(f->numeric[i].text, text) == 0)
            return (int)i;
    return -1;
}

void tab_indicator_bind(tab_stat *out, const tab_facts *f)
{
    out->number = number_called(f, "value");
    out->above = number_called(f, "numerator");
    out->below = number_called(f, "denominator");
    out->indicator = dim_called(f, "indicator");
    out->rule = dim_called(f, across[out->s->across]);
    out->factor = dim_called(f, "indicator.factor");
    out->people = dim_called(f, "n_people");
    out->period = dim_called(f, "period");
}

static const tab_number *number_at(const tab_facts *f, size_t fact, int number)
{
    return &f->number[fact * f->n_numeric + (size_t)number];
}

/* The last period that has a value; there must be one value of it. */
static void note_latest(tab_sums *s, const tab_facts *f, const tab_stat *stat,
                        size_t fact, const tab_number *x)
{
    if (stat->period < 0)
        return;
    const tab_dim *dim = &f->dim[stat->period];
    int32_t code = dim->code[fact];
    int order = s->n_latest == 0 ? 1
                                 : strcmp(np_text_map_text(dim->words, code),
                                          np_text_map_text(dim->words, s->latest));
    if (order < 0)
        return;
    if (order > 0) {
        s->latest = code;
        s->n_latest = s->latest_sum = 0;
    }
    s->n_latest += x->n;
    s->latest_sum += x->sum;
}

static bool cannot_occur(const tab_facts *f, size_t fact)
{
    if (f->missing_dim < 0 || f->dim[f->missing_dim].code[fact] < 0)
        return false;
    const tab_dim *dim = &f->dim[f->missing_dim];
    return strcmp(np_text_map_text(dim->words, dim->code[fact]), "not_applicable") == 0;
}

void tab_indicator_add(tab_sums *s, const tab_facts *f, const tab_stat *stat, size_t fact)
{
    const tab_number *x = number_at(f, fact, stat->number);
    const tab_number *above = number_at(f, fact, stat->above);
    const tab_number *below = number_at(f, fact, stat->below);
    int32_t indicator = f->dim[stat->indicator].code[fact];
    s->indicator = s->n_indicators == 0 ? indicator : s->indicator;
    s->n_indicators += s->n_indicators == 0 || s->indicator != indicator;
    s->fact = fact;
    if (x->n < f->count[fact] && !cannot_occur(f, fact))
        s->missing += f->count[fact] - x->n;
    if (!(x->n > 0))
        return;
    double people = NAN;
    if (stat->people >= 0 && f->dim[stat->people].code[fact] >= 0)
        people =
            (double)f->dim[stat->people].value[f->dim[stat->people].code[fact]].integer;
    s->n_values += x->n;
    s->sum += x->sum;
    s->weighted_sum += people * x->sum;
    s->weight += people * x->n;
    s->above += above->sum;
    s->below += below->sum;
    s->n_below += above->n < below->n ? above->n : below->n;
    note_latest(s, f, stat, fact, x);
}

static np_tab_cell number_or_not(double value)
{
    return isfinite(value) ? (np_tab_cell){.sort = NP_TAB_NUMBER, .value = value}
                           : (np_tab_cell){.sort = NP_TAB_NOT_COMPUTABLE};
}

static double factor_of(const tab_facts *f, const tab_stat *stat, size_t fact)
{
    const tab_dim *dim = &f->dim[stat->factor];
    if (dim->code[fact] < 0)
        return 1;
    np_value v = dim->value[dim->code[fact]];
    return v.type == NP_VALUE_INTEGER ? (double)v.integer : v.number;
}

np_tab_cell tab_indicator_cell(const tab_facts *f, const tab_stat *stat,
                               const tab_sums *s)
{
    const tab_dim *rules = &f->dim[stat->rule];
    if (s->n_values == 0)
        return s->missing > 0
                   ? (np_tab_cell){.sort = NP_TAB_MISSING, .reason = "not_reported"}
                   : (np_tab_cell){.sort = NP_TAB_NOTHING};
    if (s->n_indicators > 1)
        return (np_tab_cell){.sort = NP_TAB_NOT_COMPUTABLE};
    if (s->n_values == 1 && s->missing == 0)
        return number_or_not(s->sum);
    const char *rule = rules->code[s->fact] < 0
                           ? "none"
                           : np_text_map_text(rules->words, rules->code[s->fact]);
    if (strcmp(rule, "sum") == 0) /* a sum with a missing part is missing */
        return s->missing > 0
                   ? (np_tab_cell){.sort = NP_TAB_MISSING, .reason = "not_reported"}
                   : number_or_not(s->sum);
    if (strcmp(rule, "ratio") == 0)
        return number_or_not(s->n_below < s->n_values
                                 ? NAN
                                 : factor_of(f, stat, s->fact) * s->above / s->below);
    if (strcmp(rule, "mean") == 0)
        return number_or_not(s->sum / s->n_values);
    if (strcmp(rule, "weighted_mean") == 0)
        return number_or_not(s->weighted_sum / s->weight);
    if (strcmp(rule, "latest") == 0)
        return number_or_not(s->n_latest == 1 ? s->latest_sum : NAN);
    return (np_tab_cell){.sort = NP_TAB_NOT_COMPUTABLE};
}
