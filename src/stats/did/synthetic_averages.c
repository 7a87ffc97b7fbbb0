#include "stats/did/synthetic_averages.h"

#include <math.h>
#include <string.h>

#include "stats/sorted.h"

enum { SIMPLE, DYNAMIC, GROUP, CALENDAR };

/* What is filled while the values are listed one after the other. */
typedef struct {
    np_synthetic_layout *l;
    const np_did_panel *p;
    const np_synthetic_study *s;
    const np_did_spec *spec;
    double *row_value;
    size_t *first, *cell, n_listed;
} listing;

static void begin(listing *k, double row_value)
{
    k->row_value[k->l->n_values] = row_value;
    k->first[k->l->n_values++] = k->n_listed;
    k->first[k->l->n_values] = k->n_listed;
}

static void list(listing *k, size_t g, size_t t)
{
    k->cell[k->n_listed++] = g * k->l->n_periods + t;
    k->first[k->l->n_values] = k->n_listed;
}

static bool is_after(const listing *k, size_t g, size_t t)
{
    return t >= k->s->block[g].first_after;
}

/* With a balance, cohorts that are seen long enough, up to that event time. */
static bool is_in(const listing *k, size_t g, double e)
{
    const np_did_spec *spec = k->spec;
    if (spec->has_window && !(e >= spec->window_min && e <= spec->window_max))
        return false;
    double last = k->p->period[k->l->n_periods - 1] - k->p->cohort[g];
    return !spec->has_balance || (last >= spec->balance && e <= spec->balance);
}

static bool list_dynamic(listing *k, np_arena *arena)
{
    const size_t G = k->l->n_cohorts, T = k->l->n_periods;
    double *e = np_arena_array(arena, double, G *T);
    if (e == NULL)
        return false;
    size_t n = 0;
    for (size_t g = 0; g < G; g++)
        for (size_t t = 0; t < T; t++)
            if (is_in(k, g, k->p->period[t] - k->p->cohort[g]))
                e[n++] = k->p->period[t] - k->p->cohort[g];
    size_t kept = np_sort_distinct(e, n);
    for (size_t i = 0; i < kept; i++) {
        begin(k, e[i]);
        for (size_t g = 0; g < G; g++)
            for (size_t t = 0; t < T; t++)
                if (k->p->period[t] - k->p->cohort[g] == e[i] && is_in(k, g, e[i]))
                    list(k, g, t);
    }
    k->l->n_rows[DYNAMIC] = kept;
    return true;
}

static void list_group(listing *k)
{
    for (size_t g = 0; g < k->l->n_cohorts; g++) {
        begin(k, k->p->cohort[g]);
        for (size_t t = k->s->block[g].first_after; t < k->l->n_periods; t++)
            list(k, g, t);
    }
    k->l->n_rows[GROUP] = k->l->n_cohorts;
}

static void list_calendar(listing *k)
{
    for (size_t t = 0; t < k->l->n_periods; t++) {
        bool any = false;
        for (size_t g = 0; g < k->l->n_cohorts; g++)
            any = any || is_after(k, g, t);
        if (!any)
            continue;
        begin(k, k->p->period[t]);
        for (size_t g = 0; g < k->l->n_cohorts; g++)
            if (is_after(k, g, t))
                list(k, g, t);
        k->l->n_rows[CALENDAR]++;
    }
}

np_status np_synthetic_layout_make(np_synthetic_layout *out, const np_did_panel *p,
                                   const np_synthetic_study *s, const np_did_spec *spec,
                                   np_arena *arena, np_error *err)
{
    const size_t G = s->n_cohorts, T = s->panel.n_periods;
    np_synthetic_layout l = {.n_cells = G * T, .n_cohorts = G, .n_periods = T};
    size_t most = G * T + 4 + G * T + G + T;
    listing k = {.l = &l, .p = p, .s = s, .spec = spec};
    k.row_value = np_arena_array(arena, double, most);
    k.first = np_arena_array(arena, size_t, most + 1);
    k.cell = np_arena_array(arena, size_t, 5 * G * T);
    bool fits = k.row_value != NULL && k.first != NULL && k.cell != NULL;
    for (size_t i = 0; fits && i < G * T; i++) {
        begin(&k, p->period[i % T]);
        list(&k, i / T, i % T);
    }
    for (int kind = SIMPLE; fits && kind <= CALENDAR; kind++) {
        l.overall[kind] = l.n_values;
        begin(&k, NAN);
        if (kind == SIMPLE)
            for (size_t g = 0; g < G; g++)
                for (size_t t = s->block[g].first_after; t < T; t++)
                    list(&k, g, t);
        else if (kind == DYNAMIC)
            fits = list_dynamic(&k, arena);
        else if (kind == GROUP)
            list_group(&k);
        else
            list_calendar(&k);
    }
    if (!fits)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for averages of %zu cells"),
                       G * T);
    l.row_value = k.row_value;
    l.first = k.first;
    l.cell = k.cell;
    *out = l;
    return NP_OK;
}

double np_synthetic_count(const np_synthetic_layout *l, size_t v, const double *n_treated)
{
    double n = 0;
    size_t last = l->n_cohorts;
    for (size_t i = l->first[v]; i < l->first[v + 1]; i++) {
        size_t g = l->cell[i] / l->n_periods;
        n += g == last ? 0 : n_treated[g]; /* a cohort's cells stand together */
        last = g;
    }
    return n;
}

static double mean_of_rows(const double *value, const np_synthetic_layout *l, int kind,
                           const double *n_treated)
{
    double sum = 0, weight = 0;
    for (size_t i = 1; i <= l->n_rows[kind]; i++) {
        size_t v = l->overall[kind] + i;
        double w = kind == GROUP ? n_treated[i - 1] : 1;
        if (isnan(value[v]) || (kind == DYNAMIC && !(l->row_value[v] >= 0)))
            continue;
        sum += w * value[v];
        weight += w;
    }
    return sum / weight;
}

void np_synthetic_average(double *value, const np_synthetic_layout *l, const double *cell,
                          const double *n_treated)
{
    for (size_t v = 0; v < l->n_values; v++) {
        double sum = 0, weight = 0;
        for (size_t i = l->first[v]; i < l->first[v + 1]; i++) {
            double w = n_treated[l->cell[i] / l->n_periods];
            if (isnan(cell[l->cell[i]]))
                continue;
            sum += w * cell[l->cell[i]];
            weight += w;
        }
        value[v] = sum / weight;
    }
    for (int kind = DYNAMIC; kind <= CALENDAR; kind++)
        value[l->overall[kind]] = mean_of_rows(value, l, kind, n_treated);
}

/* Two passes; draws without the value are left out of its moments. */
static void moments(double *mean, double *std_error, const np_synthetic_spread *s,
                    size_t n_values, size_t v)
{
    double sum = 0, squares = 0, n = 0;
    for (size_t r = 0; r < s->n; r++)
        if (!isnan(s->value[r * n_values + v])) {
            sum += s->value[r * n_values + v];
            n++;
        }
    mean[v] = sum / n;
    for (size_t r = 0; r < s->n; r++) {
        double off = s->value[r * n_values + v] - mean[v];
        squares += isnan(off) ? 0 : off * off;
    }
    std_error[v] = n < 2 ? NAN : sqrt(s->scale * squares * (double)s->n / n);
}

np_status np_synthetic_spread_make(np_synthetic_spread *out, const np_synthetic_layout *l,
                                   const np_synthetic_draws *d, np_arena *arena,
                                   np_error *err)
{
    double *value = np_arena_array(arena, double, d->n * l->n_values);
    double *mean = np_arena_array(arena, double, l->n_values);
    double *std_error = np_arena_array(arena, double, l->n_values);
    if (value == NULL || mean == NULL || std_error == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu draws"), d->n);
    np_synthetic_spread s = {.n = d->n,
                             .value = value,
                             .mean = mean,
                             .std_error = std_error,
                             .scale = d->scale};
    for (size_t r = 0; r < d->n; r++)
        np_synthetic_average(value + r * l->n_values, l, d->cell + r * l->n_cells,
                             d->n_treated + r * l->n_cohorts);
    for (size_t v = 0; v < l->n_values; v++)
        moments(mean, std_error, &s, l->n_values, v);
    *out = s;
    return NP_OK;
}

double np_synthetic_covariance(const np_synthetic_spread *s, const np_synthetic_layout *l,
                               size_t a, size_t b)
{
    double sum = 0, n = 0;
    if (a == b)
        return s->n == 0 ? NAN : s->std_error[a] * s->std_error[a];
    for (size_t r = 0; r < s->n; r++) {
        const double *value = s->value + r * l->n_values;
        double product = (value[a] - s->mean[a]) * (value[b] - s->mean[b]);
        if (isnan(product))
            continue;
        sum += product;
        n++;
    }
    return n < 2 ? NAN : s->scale * sum * (double)s->n / n;
}

double np_synthetic_band(const np_synthetic_spread *s, const np_synthetic_layout *l,
                         size_t first, size_t n, double conf_level, np_arena *arena)
{
    np_arena_mark mark = np_arena_set_mark(arena);
    double *largest = np_arena_array(arena, double, s->n), critical = NAN;
    bool any = false;
    for (size_t r = 0; largest != NULL && r < s->n; r++)
        for (size_t v = first; v < first + n; v++) {
            double off = fabs(s->value[r * l->n_values + v] - s->mean[v]);
            double t = off / s->std_error[v];
            any = any || t > 0;
            largest[r] = t > largest[r] ? t : largest[r];
        }
    if (any) {
        np_sort_numbers(largest, s->n);
        size_t at = (size_t)ceil(conf_level * (double)s->n);
        critical = largest[at == 0 ? 0 : at - 1];
    }
    np_arena_release(arena, mark);
    return critical;
}
