#include "stats/agreement.h"

#include <math.h>
#include <stdbool.h>

#include <Rmath.h>

#include "base/rng.h"
#include "stats/sorted.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory for the agreement of coders"));
}

static np_status check_level(double level, np_error *err)
{
    if (level > 0 && level < 1)
        return NP_OK;
    return np_fail(err, NP_E_RANGE, _("confidence level %g is not between 0 and 1"),
                   level);
}

typedef struct {
    size_t k, n;
    np_kappa_weights weights;
    double *p, *row, *column; /* shares [k × k], [k], [k] */
    double *a, *b;            /* weights expected of a row, of a column [k] */
} kappa_table;

static double weight(const kappa_table *t, size_t i, size_t j)
{
    if (t->weights == NP_KAPPA_NOMINAL || t->k < 2)
        return i == j;
    double far = fabs((double)i - (double)j) / (double)(t->k - 1);
    return 1 - (t->weights == NP_KAPPA_LINEAR ? far : far * far);
}

static np_status count_pairs(kappa_table *t, const int32_t *first, const int32_t *second,
                             size_t n, np_error *err)
{
    for (size_t u = 0; u < n; u++) {
        int32_t x = first[u], y = second[u];
        if (x < -1 || y < -1 || (x >= 0 && (size_t)x >= t->k) ||
            (y >= 0 && (size_t)y >= t->k))
            return np_fail(
                err, NP_E_RANGE,
                _("item %zu: labels %d and %d; categories are 0 to %zu, -1 none"), u + 1,
                x, y, t->k - 1);
        if (x < 0 || y < 0)
            continue;
        t->p[(size_t)x * t->k + (size_t)y]++;
        t->n++;
    }
    if (t->n == 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("kappa: no item was labelled by both coders"));
    for (size_t i = 0; i < t->k; i++)
        for (size_t j = 0; j < t->k; j++) {
            double share = t->p[i * t->k + j] /= (double)t->n;
            t->row[i] += share;
            t->column[j] += share;
        }
    return NP_OK;
}

static void agreement_of(np_kappa *out, kappa_table *t)
{
    for (size_t i = 0; i < t->k; i++)
        for (size_t j = 0; j < t->k; j++) {
            double w = weight(t, i, j);
            out->observed += w * t->p[i * t->k + j];
            out->expected += w * t->row[i] * t->column[j];
            t->a[i] += w * t->column[j];
            t->b[j] += w * t->row[i];
        }
}

static double kappa_std_error(const np_kappa *k, const kappa_table *t)
{
    double po = k->observed, pe = k->expected, sum = 0;
    for (size_t i = 0; i < t->k; i++)
        for (size_t j = 0; j < t->k; j++) {
            double e = weight(t, i, j) * (1 - pe) - (t->a[i] + t->b[j]) * (1 - po);
            sum += t->p[i * t->k + j] * e * e;
        }
    double centre = po * pe - 2 * pe + po;
    return sqrt(fmax(0, sum - centre * centre) / (double)t->n) / ((1 - pe) * (1 - pe));
}

/* Both coders put everything in the same one category. */
static bool one_category(const kappa_table *t)
{
    size_t used = 0;
    for (size_t i = 0; i < t->k; i++)
        used += t->row[i] > 0 || t->column[i] > 0;
    return used < 2;
}

static np_status kappa_of_table(np_kappa *out, kappa_table *t, const int32_t *first,
                                const int32_t *second, size_t n, double level,
                                np_error *err)
{
    np_status status = count_pairs(t, first, second, n, err);
    if (status != NP_OK)
        return status;
    if (one_category(t))
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("kappa: both coders used one and the same category for all %zu "
                         "items, so agreement by chance is complete"),
                       t->n);
    np_kappa k = {.n = t->n};
    agreement_of(&k, t);
    k.kappa = (k.observed - k.expected) / (1 - k.expected);
    k.std_error = kappa_std_error(&k, t);
    double reach = qnorm((1 + level) / 2, 0, 1, 1, 0) * k.std_error;
    k.conf_low = k.kappa - reach;
    k.conf_high = k.kappa + reach;
    *out = k;
    return NP_OK;
}

np_status np_cohen_kappa(np_kappa *out, const int32_t *first, const int32_t *second,
                         size_t n, size_t n_categories, np_kappa_weights weights,
                         double conf_level, np_arena *arena, np_error *err)
{
    np_status status = check_level(conf_level, err);
    if (status != NP_OK)
        return status;
    if (n_categories == 0 || n_categories > INT32_MAX)
        return np_fail(err, NP_E_RANGE, _("kappa: %zu categories"), n_categories);
    np_arena_mark mark = np_arena_set_mark(arena);
    size_t k = n_categories;
    kappa_table t = {.k = k, .weights = weights};
    t.p = np_arena_array(arena, double, k *k);
    double *margin = np_arena_array(arena, double, 4 * k);
    if (t.p == NULL || margin == NULL) {
        np_arena_release(arena, mark);
        return no_memory(err);
    }
    t.row = margin;
    t.column = margin + k;
    t.a = margin + 2 * k;
    t.b = margin + 3 * k;
    status = kappa_of_table(out, &t, first, second, n, conf_level, err);
    np_arena_release(arena, mark);
    return status;
}

/* Items with two labels or more: item u has code[start[u]] … code[start[u + 1] - 1],
 * places among the distinct values. */
typedef struct {
    size_t n_items, n_labels, n_values;
    size_t *start, *code;
    double *value;
    double *count, *middle; /* of a draw [n_values]: labels, and their middle rank */
    size_t *times;          /* of a draw [n_items] */
    np_alpha_metric metric;
} alpha_data;

static bool of_sets(np_alpha_metric metric)
{
    return metric == NP_ALPHA_JACCARD || metric == NP_ALPHA_MASI;
}

/* Of two different sets, so that their union is not empty. */
static double set_distance(np_alpha_metric metric, uint64_t a, uint64_t b)
{
    double shared = __builtin_popcountll(a & b), all = __builtin_popcountll(a | b);
    bool contains = (a & b) == a || (a & b) == b;
    double monotone = contains ? 2.0 / 3 : 1.0 / 3;
    return 1 - shared / all * (metric == NP_ALPHA_MASI ? monotone : 1);
}

static double distance(const alpha_data *d, size_t c, size_t k)
{
    if (c == k)
        return 0;
    if (d->metric == NP_ALPHA_NOMINAL)
        return 1;
    if (of_sets(d->metric))
        return set_distance(d->metric, (uint64_t)d->value[c], (uint64_t)d->value[k]);
    if (d->metric == NP_ALPHA_ORDINAL)
        return (d->middle[c] - d->middle[k]) * (d->middle[c] - d->middle[k]);
    double apart = d->value[c] - d->value[k];
    if (d->metric == NP_ALPHA_RATIO)
        apart /= d->value[c] + d->value[k];
    return apart * apart;
}

/* The counts of the values, with each item as often as the draw has it. Returns n. */
static double count_values(alpha_data *d)
{
    double n = 0;
    for (size_t c = 0; c < d->n_values; c++)
        d->count[c] = 0;
    for (size_t u = 0; u < d->n_items; u++)
        for (size_t i = d->start[u]; i < d->start[u + 1]; i++)
            d->count[d->code[i]] += (double)d->times[u];
    for (size_t c = 0; c < d->n_values; c++) {
        d->middle[c] = n + d->count[c] / 2;
        n += d->count[c];
    }
    return n;
}

static double item_disagreement(const alpha_data *d, size_t u)
{
    double sum = 0;
    for (size_t i = d->start[u]; i < d->start[u + 1]; i++)
        for (size_t j = d->start[u]; j < i; j++)
            sum += 2 * distance(d, d->code[i], d->code[j]);
    return sum / (double)(d->start[u + 1] - d->start[u] - 1);
}

static void disagreement(double *observed, double *expected, alpha_data *d)
{
    double n = count_values(d), within = 0, between = 0;
    for (size_t u = 0; u < d->n_items; u++)
        if (d->times[u] > 0)
            within += (double)d->times[u] * item_disagreement(d, u);
    for (size_t c = 0; c < d->n_values; c++)
        for (size_t k = 0; k < c; k++)
            between += 2 * d->count[c] * d->count[k] * distance(d, c, k);
    *observed = within / n;
    *expected = between / (n * (n - 1));
}

static np_status bootstrap(np_alpha *out, alpha_data *d, const np_alpha_options *o,
                           np_arena *arena, np_error *err)
{
    double *drawn = np_arena_array(arena, double, o->n_draws);
    if (drawn == NULL)
        return no_memory(err);
    size_t used = 0;
    for (size_t r = 0; r < o->n_draws; r++) {
        np_rng rng = np_rng_stream(o->seed, r);
        for (size_t u = 0; u < d->n_items; u++)
            d->times[u] = 0;
        for (size_t u = 0; u < d->n_items; u++)
            d->times[np_rng_below(&rng, d->n_items)]++;
        double within, between;
        disagreement(&within, &between, d);
        if (between > 0)
            drawn[used++] = 1 - within / between;
    }
    if (2 * used < o->n_draws)
        return np_fail(
            err, NP_E_NOT_IDENTIFIED,
            _("alpha: in %zu of %zu draws all labels are the same; too few items "
              "for a bootstrap interval"),
            o->n_draws - used, o->n_draws);
    np_sort_numbers(drawn, used);
    out->conf_low = np_sorted_quantile(drawn, used, (1 - o->conf_level) / 2);
    out->conf_high = np_sorted_quantile(drawn, used, (1 + o->conf_level) / 2);
    out->n_draws_used = used;
    return NP_OK;
}

static np_status check_labels(const double *label, size_t n, np_alpha_metric metric,
                              np_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (isinf(label[i]) || (metric == NP_ALPHA_RATIO && label[i] < 0))
            return np_fail(err, NP_E_RANGE, _("alpha: label %g is %s"), label[i],
                           isinf(label[i]) ? _("not finite")
                                           : _("negative on a ratio scale"));
    for (size_t i = 0; of_sets(metric) && i < n; i++)
        if (!isnan(label[i]) &&
            !(label[i] >= 0 && label[i] < 0x1p53 && label[i] == floor(label[i])))
            return np_fail(err, NP_E_RANGE,
                           _("alpha: label %g is no set of up to 53 categories"),
                           label[i]);
    return NP_OK;
}

static np_status take_memory(alpha_data *d, size_t n_items, size_t n, np_arena *arena,
                             np_error *err)
{
    d->start = np_arena_array(arena, size_t, n_items + 1);
    d->times = np_arena_array(arena, size_t, n_items);
    d->code = np_arena_array(arena, size_t, n);
    d->value = np_arena_array(arena, double, n);
    d->count = np_arena_array(arena, double, n);
    d->middle = np_arena_array(arena, double, n);
    bool all = d->start != NULL && d->times != NULL && d->code != NULL &&
               d->value != NULL && d->count != NULL && d->middle != NULL;
    return all ? NP_OK : no_memory(err);
}

static void collect(alpha_data *d, double *kept, const double *label, size_t n_items,
                    size_t n_coders)
{
    for (size_t u = 0; u < n_items; u++) {
        size_t end = d->n_labels;
        for (size_t i = 0; i < n_coders; i++)
            if (!isnan(label[u * n_coders + i]))
                kept[end++] = label[u * n_coders + i];
        if (end < d->n_labels + 2)
            continue;
        d->times[d->n_items++] = 1;
        d->start[d->n_items] = d->n_labels = end;
    }
    for (size_t i = 0; i < d->n_labels; i++)
        d->value[i] = kept[i];
    d->n_values = np_sort_distinct(d->value, d->n_labels);
    for (size_t i = 0; i < d->n_labels; i++)
        d->code[i] = np_sorted_place(d->value, d->n_values, kept[i]);
}

static np_status alpha_of(np_alpha *out, const double *label, size_t n_items,
                          size_t n_coders, const np_alpha_options *o, np_arena *arena,
                          np_error *err)
{
    size_t n = n_items * n_coders;
    alpha_data d = {.metric = o->metric};
    double *kept = np_arena_array(arena, double, n);
    if (kept == NULL)
        return no_memory(err);
    np_status status = take_memory(&d, n_items, n, arena, err);
    if (status != NP_OK)
        return status;
    collect(&d, kept, label, n_items, n_coders);
    if (d.n_items == 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("alpha: no item has two labels or more"));
    if (d.n_values < 2)
        return np_fail(
            err, NP_E_NOT_IDENTIFIED,
            _("alpha: all %zu labels are %g; without variation agreement cannot "
              "be told from chance"),
            d.n_labels, d.value[0]);
    np_alpha a = {
        .n_items = d.n_items, .n_labels = d.n_labels, .conf_low = NAN, .conf_high = NAN};
    disagreement(&a.observed, &a.expected, &d);
    a.alpha = 1 - a.observed / a.expected;
    if (o->n_draws > 0)
        status = bootstrap(&a, &d, o, arena, err);
    if (status == NP_OK)
        *out = a;
    return status;
}

np_status np_krippendorff_alpha(np_alpha *out, const double *label, size_t n_items,
                                size_t n_coders, const np_alpha_options *options,
                                np_arena *arena, np_error *err)
{
    np_alpha_options o = *options;
    if (o.conf_level == 0)
        o.conf_level = 0.95;
    np_status status = check_level(o.conf_level, err);
    if (status == NP_OK)
        status = check_labels(label, n_items * n_coders, o.metric, err);
    if (status != NP_OK)
        return status;
    np_arena_mark mark = np_arena_set_mark(arena);
    status = alpha_of(out, label, n_items, n_coders, &o, arena, err);
    np_arena_release(arena, mark);
    return status;
}
