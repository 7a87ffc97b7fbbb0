#include <math.h>

#include <Rmath.h>

#include "stats/agreement.h"

typedef struct {
    const int32_t *label;
    size_t n_items, n_coders, n_categories;
    double *share; /* p_c [n_categories] */
    double *count; /* m_uc of one item [n_categories] */
    size_t n_labelled, n_twice;
    double observed, expected;
} fleiss;

/* The counts of an item; returns m_u. */
static size_t count_labels(fleiss *f, size_t item)
{
    size_t m = 0;
    for (size_t c = 0; c < f->n_categories; c++)
        f->count[c] = 0;
    for (size_t i = 0; i < f->n_coders; i++) {
        int32_t label = f->label[item * f->n_coders + i];
        if (label < 0)
            continue;
        f->count[label]++;
        m++;
    }
    return m;
}

static double item_agreement(const fleiss *f, size_t m)
{
    double sum = 0;
    for (size_t c = 0; c < f->n_categories; c++)
        sum += f->count[c] * (f->count[c] - 1);
    return m < 2 ? 0 : sum / ((double)m * (double)(m - 1));
}

static double item_expected(const fleiss *f, size_t m)
{
    double sum = 0;
    for (size_t c = 0; c < f->n_categories; c++)
        sum += f->share[c] * f->count[c] / (double)m;
    return sum;
}

static np_status check(const fleiss *f, double level, np_error *err)
{
    if (!(level > 0 && level < 1))
        return np_fail(err, NP_E_RANGE, _("confidence level %g is not between 0 and 1"),
                       level);
    if (f->n_categories == 0 || f->n_categories > INT32_MAX)
        return np_fail(err, NP_E_RANGE, _("kappa: %zu categories"), f->n_categories);
    for (size_t i = 0; i < f->n_items * f->n_coders; i++)
        if (f->label[i] < -1 ||
            (f->label[i] >= 0 && (size_t)f->label[i] >= f->n_categories))
            return np_fail(err, NP_E_RANGE,
                           _("item %zu: label %d; categories are 0 to %zu, -1 none"),
                           i / f->n_coders + 1, f->label[i], f->n_categories - 1);
    return NP_OK;
}

/* Shares, observed and expected agreement. */
static np_status sum_up(fleiss *f, np_error *err)
{
    for (size_t u = 0; u < f->n_items; u++) {
        size_t m = count_labels(f, u);
        f->n_labelled += m > 0;
        f->n_twice += m > 1;
        f->observed += item_agreement(f, m);
        for (size_t c = 0; c < f->n_categories && m > 0; c++)
            f->share[c] += f->count[c] / (double)m;
    }
    if (f->n_twice == 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("kappa: no item was labelled by two coders"));
    f->observed /= (double)f->n_twice;
    size_t used = 0;
    for (size_t c = 0; c < f->n_categories; c++) {
        used += f->share[c] > 0;
        f->share[c] /= (double)f->n_labelled;
        f->expected += f->share[c] * f->share[c];
    }
    if (used < 2)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("kappa: all coders used one and the same category for all %zu "
                         "items, so agreement by chance is complete"),
                       f->n_labelled);
    return NP_OK;
}

static double std_error(fleiss *f, double kappa)
{
    double n = (double)f->n_labelled, sum = 0, beyond = 1 - f->expected;
    for (size_t u = 0; u < f->n_items; u++) {
        size_t m = count_labels(f, u);
        if (m == 0)
            continue;
        double agreed =
            m > 1 ? n / (double)f->n_twice * (item_agreement(f, m) - f->expected) : 0;
        double chance = item_expected(f, m) - f->expected;
        double k = agreed / beyond - 2 * (1 - kappa) * chance / beyond;
        sum += (k - kappa) * (k - kappa);
    }
    return n > 1 ? sqrt(sum / (n * (n - 1))) : NAN;
}

static np_status kappa_of(np_kappa *out, fleiss *f, double level, np_error *err)
{
    np_status status = sum_up(f, err);
    if (status != NP_OK)
        return status;
    np_kappa k = {.n = f->n_twice, .observed = f->observed, .expected = f->expected};
    k.kappa = (k.observed - k.expected) / (1 - k.expected);
    k.std_error = std_error(f, k.kappa);
    double reach =
        f->n_labelled > 1
            ? qt((1 + level) / 2, (double)(f->n_labelled - 1), 1, 0) * k.std_error
            : NAN;
    k.conf_low = k.kappa - reach;
    k.conf_high = isnan(reach) ? NAN : fmin(1, k.kappa + reach);
    *out = k;
    return NP_OK;
}

np_status np_fleiss_kappa(np_kappa *out, const int32_t *label, size_t n_items,
                          size_t n_coders, size_t n_categories, double conf_level,
                          np_arena *arena, np_error *err)
{
    fleiss f = {.label = label,
                .n_items = n_items,
                .n_coders = n_coders,
                .n_categories = n_categories};
    double level = conf_level == 0 ? 0.95 : conf_level;
    np_status status = check(&f, level, err);
    if (status != NP_OK)
        return status;
    np_arena_mark mark = np_arena_set_mark(arena);
    f.share = np_arena_array(arena, double, n_categories);
    f.count = np_arena_array(arena, double, n_categories);
    status =
        f.share == NULL || f.count == NULL
            ? np_fail(err, NP_E_NO_MEMORY, _("no memory for the agreement of coders"))
            : kappa_of(out, &f, level, err);
    np_arena_release(arena, mark);
    return status;
}
