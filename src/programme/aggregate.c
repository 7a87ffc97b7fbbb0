#include "programme/aggregate.h"

#include <math.h>
#include <string.h>

#include "programme/rows.h"

static const char *rule_of(const np_record *indicator, np_across across)
{
    static const char *const field[] = {"across_organisations", "across_units",
                                        "across_periods"};
    const char *rule = np_record_text(indicator, field[across]);
    return rule != NULL ? rule : "none";
}

static int reason_place(const char *reason)
{
    const np_kind *kind = np_kind_find("measurement");
    return np_field_choice(&kind->field[np_kind_field(kind, "missing")], reason);
}

static bool has_value(const np_part *part)
{
    return part->missing == NULL && !isnan(part->value);
}

static void refuse(np_aggregated *out, const char *reason)
{
    out->computed = false;
    out->value = NAN;
    out->reason = reason;
}

static void compute(np_aggregated *out, double value)
{
    out->computed = isfinite(value);
    out->value = out->computed ? value : NAN;
    if (!out->computed)
        out->reason = _("the result is no number");
}

static size_t n_not_applicable(const np_aggregated *out)
{
    return out->n_missing[reason_place("not_applicable")];
}

static void add_up(np_aggregated *out, const np_part *part, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += has_value(&part[i]) ? part[i].value : 0;
    if (out->n_values + n_not_applicable(out) < n) {
        refuse(out, _("a part of the sum is missing"));
        out->partial = sum;
    } else {
        compute(out, sum);
    }
}

static void recompute_ratio(np_aggregated *out, const np_record *indicator,
                            const np_part *part, size_t n)
{
    double above = 0, below = 0, factor = np_record_number(indicator, "factor");
    for (size_t i = 0; i < n; i++) {
        if (!has_value(&part[i]))
            continue;
        if (isnan(part[i].numerator) || isnan(part[i].denominator)) {
            refuse(out, _("a ratio has no numerator and denominator"));
            return;
        }
        above += part[i].numerator;
        below += part[i].denominator;
    }
    out->numerator = above;
    out->denominator = below;
    if (below == 0)
        refuse(out, _("the denominators sum to zero"));
    else
        compute(out, (isnan(factor) ? 1 : factor) * above / below);
}

static void average(np_aggregated *out, const np_part *part, size_t n, bool weighted)
{
    double sum = 0, weights = 0;
    for (size_t i = 0; i < n; i++) {
        if (!has_value(&part[i]))
            continue;
        double weight = weighted ? part[i].weight : 1;
        if (isnan(weight)) {
            refuse(out, _("a value does not say how many people it is of"));
            return;
        }
        sum += weight * part[i].value;
        weights += weight;
    }
    if (weights == 0)
        refuse(out, _("the values are of nobody"));
    else
        compute(out, sum / weights);
}

static void take_latest(np_aggregated *out, const np_part *part, size_t n)
{
    const np_part *last = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!has_value(&part[i]))
            continue;
        int order = last != NULL ? np_period_compare(part[i].period, last->period) : 1;
        if (order == 0) {
            refuse(out, _("several values are of the last period"));
            return;
        }
        if (order > 0)
            last = &part[i];
    }
    compute(out, last->value);
}

static np_status count_parts(np_aggregated *out, const np_part *part, size_t n,
                             np_error *err)
{
    for (size_t i = 0; i < n; i++) {
        out->n_breaks += part[i].break_in_series;
        out->n_values += has_value(&part[i]);
        if (has_value(&part[i]))
            continue;
        int place = part[i].missing != NULL ? reason_place(part[i].missing) : 0;
        if (place < 0)
            return np_fail(err, NP_E_RANGE, _("\"%s\" is no reason for a missing value"),
                           part[i].missing);
        out->n_missing[place]++;
    }
    return NP_OK;
}

np_status np_aggregate_parts(np_aggregated *out, const np_record *indicator,
                             np_across across, const np_part *part, size_t n,
                             np_error *err)
{
    np_aggregated result = {.rule = rule_of(indicator, across),
                            .value = NAN,
                            .reason = "",
                            .partial = NAN,
                            .numerator = NAN,
                            .denominator = NAN,
                            .n = n};
    np_status status = count_parts(&result, part, n, err);
    if (status != NP_OK)
        return status;
    const char *rule = result.rule;
    bool has_parts = n == 1 && !isnan(part[0].denominator);
    if (n == 1 && has_value(&part[0]) && !(strcmp(rule, "ratio") == 0 && has_parts))
        compute(&result, part[0].value);
    else if (strcmp(rule, "none") == 0)
        refuse(&result, across == NP_ACROSS_PERIODS
                            ? _("values of several periods make no value together")
                            : _("values of several make no value together"));
    else if (result.n_values == 0)
        refuse(&result, _("there is no value"));
    else if (strcmp(rule, "sum") == 0)
        add_up(&result, part, n);
    else if (strcmp(rule, "ratio") == 0)
        recompute_ratio(&result, indicator, part, n);
    else if (strcmp(rule, "latest") == 0)
        take_latest(&result, part, n);
    else
        average(&result, part, n, strcmp(rule, "weighted_mean") == 0);
    *out = result;
    return NP_OK;
}

enum {
    M_PERIOD,
    M_VALUE,
    M_NUMERATOR,
    M_DENOMINATOR,
    M_PEOPLE,
    M_MISSING,
    M_BREAK,
    M_BASE
};

static bool read_part(np_part *out, const np_rows *rows, size_t row)
{
    const char *period = np_rows_text(rows, row, M_PERIOD);
    *out = (np_part){.value = np_rows_number(rows, row, M_VALUE),
                     .numerator = np_rows_number(rows, row, M_NUMERATOR),
                     .denominator = np_rows_number(rows, row, M_DENOMINATOR),
                     .weight = np_rows_number(rows, row, M_PEOPLE),
                     .missing = np_rows_text(rows, row, M_MISSING),
                     .break_in_series = np_rows_integer(rows, row, M_BREAK, 0) == 1};
    return np_period_parse(&out->period, period, strlen(period));
}

np_status np_aggregate_measurements(np_aggregated *out, np_store *store,
                                    const char *indicator, np_across across,
                                    const np_where *where, size_t n_where, bool baselines,
                                    np_arena *arena, np_error *err)
{
    np_record record;
    np_rows rows = {0};
    np_where *all = np_arena_array(arena, np_where, n_where + 1);
    if (all == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (n_where > 0)
        memcpy(all, where, n_where * sizeof *all);
    all[n_where] = NP_IS("indicator", indicator);
    np_status status =
        np_store_get(&record, store, np_kind_find("indicator"), indicator, arena, err);
    if (status == NP_OK)
        status = np_rows_ask(&rows, store, "measurement",
                             "period value numerator denominator n_people missing "
                             "break_in_series baseline",
                             all, n_where + 1, arena, err);
    if (status != NP_OK)
        return status;
    np_part *part = np_arena_array(arena, np_part, rows.n_rows);
    size_t n = 0;
    if (part == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t r = 0; r < rows.n_rows; r++)
        if (baselines || np_rows_integer(&rows, r, M_BASE, 0) != 1)
            n += read_part(&part[n], &rows, r);
    return np_aggregate_parts(out, &record, across, part, n, err);
}
