#include <math.h>

#include "base/decimal.h"
#include "stats/did/did_two_way_internal.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the tables"));
}

/* The label of a cohort; NULL: no memory. */
static const char *cohort_text(double cohort, np_arena *arena)
{
    char number[NP_DECIMAL_LENGTH];
    if (isinf(cohort))
        return N_("never");
    np_decimal_format(number, cohort);
    return np_arena_format(arena, "%s", number);
}

static np_status bacon_rows(np_two_way *w, const np_bacon *b)
{
    const size_t n = b->n_rows;
    const char **term = np_arena_array(w->arena, const char *, n);
    const char **type = np_arena_array(w->arena, const char *, n);
    double *number = np_arena_array(w->arena, double, 4 * n);
    np_estimate_column *more = np_arena_array(w->arena, np_estimate_column, 3);
    np_estimate_text *text = np_arena_array(w->arena, np_estimate_text, 1);
    if (term == NULL || type == NULL || number == NULL || more == NULL || text == NULL)
        return no_memory(w->err);
    double *treated = number, *comparison = number + n, *weight = number + 2 * n,
           *estimate = number + 3 * n;
    for (size_t i = 0; i < n; i++) {
        const np_bacon_row *r = &b->row[i];
        const char *left = cohort_text(r->treated, w->arena),
                   *right = cohort_text(r->comparison, w->arena);
        term[i] = left == NULL || right == NULL
                      ? NULL
                      : np_arena_format(w->arena, "%s - %s", left, right);
        if (term[i] == NULL)
            return no_memory(w->err);
        type[i] = np_bacon_type_title(r->type);
        treated[i] = r->treated;
        comparison[i] = isinf(r->comparison) ? NAN : r->comparison;
        weight[i] = r->weight;
        estimate[i] = r->estimate;
    }
    more[0] = (np_estimate_column){"treated", treated};
    more[1] = (np_estimate_column){"comparison", comparison};
    more[2] = (np_estimate_column){"weight", weight};
    *text = (np_estimate_text){"type", type};
    w->table[w->n_tables++] =
        (np_estimate_table){.name = "bacon",
                            .title = N_("What the two-way coefficient is an average of"),
                            .n = n,
                            .term = term,
                            .estimate = estimate,
                            .more = more,
                            .n_more = 3,
                            .text = text,
                            .n_texts = 1};
    return NP_OK;
}

static np_status bacon_types(np_two_way *w, const np_bacon *b)
{
    const char **term = np_arena_array(w->arena, const char *, NP_N_BACON_TYPES);
    double *number = np_arena_array(w->arena, double, 2 * NP_N_BACON_TYPES);
    np_estimate_column *more = np_arena_array(w->arena, np_estimate_column, 1);
    if (term == NULL || number == NULL || more == NULL)
        return no_memory(w->err);
    double *weight = number, *estimate = number + NP_N_BACON_TYPES;
    size_t n = 0;
    for (np_bacon_type type = 0; type < NP_N_BACON_TYPES; type++) {
        if (isnan(b->estimate[type]))
            continue;
        term[n] = np_bacon_type_title(type);
        weight[n] = b->weight[type];
        estimate[n++] = b->estimate[type];
    }
    *more = (np_estimate_column){"weight", weight};
    w->table[w->n_tables++] =
        (np_estimate_table){.name = "bacon_by_type",
                            .title = N_("The same by kind of comparison"),
                            .n = n,
                            .term = term,
                            .estimate = estimate,
                            .more = more,
                            .n_more = 1};
    return NP_OK;
}

np_status np_two_way_bacon_tables(np_two_way *w, const np_bacon *bacon)
{
    np_status status = bacon_rows(w, bacon);
    return status == NP_OK ? bacon_types(w, bacon) : status;
}

np_status np_two_way_weights_table(np_two_way *w, const np_two_way_weights *d)
{
    const size_t n = d->n_rows;
    const char **term = np_arena_array(w->arena, const char *, n);
    double *number = np_arena_array(w->arena, double, 5 * n);
    np_estimate_column *more = np_arena_array(w->arena, np_estimate_column, 4);
    if (term == NULL || number == NULL || more == NULL)
        return no_memory(w->err);
    double *cohort = number, *time = number + n, *weight = number + 2 * n,
           *negative = number + 3 * n, *rows = number + 4 * n;
    for (size_t i = 0; i < n; i++) {
        const np_two_way_weight_row *r = &d->row[i];
        char period[NP_DECIMAL_LENGTH];
        const char *text = cohort_text(r->cohort, w->arena);
        np_decimal_format(period, r->time);
        term[i] = text == NULL ? NULL : np_arena_format(w->arena, "%s, %s", text, period);
        if (term[i] == NULL)
            return no_memory(w->err);
        cohort[i] = isinf(r->cohort) ? NAN : r->cohort;
        time[i] = r->time;
        weight[i] = r->weight;
        negative[i] = (double)r->n_negative;
        rows[i] = (double)r->n;
    }
    more[0] = (np_estimate_column){"cohort", cohort};
    more[1] = (np_estimate_column){"time", time};
    more[2] = (np_estimate_column){"weight", weight};
    more[3] = (np_estimate_column){"n_negative", negative};
    w->table[w->n_tables++] =
        (np_estimate_table){.name = "cell_weights",
                            .title = N_("Weights of the effects by cohort and period"),
                            .n = n,
                            .term = term,
                            .estimate = weight,
                            .n_rows = rows,
                            .more = more,
                            .n_more = 4};
    return NP_OK;
}
