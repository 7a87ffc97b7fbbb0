#include "stats/infer/randomisation_statistic.h"

#include <math.h>
#include <string.h>

static bool is_compared(const np_randomised *r, size_t h, size_t g, size_t t)
{
    if (h == g)
        return false;
    if ((size_t)r->start[h] == r->T)
        return true;
    return r->spec->comparison == NP_COMPARISON_NOT_YET &&
           (size_t)r->start[h] > t + (size_t)r->spec->anticipation;
}

/* a[g × T] of the group-time average for the sizes n. Returns false where no ATT(g,t) is
 * identified. */
static bool group_time_weights(double *a, const np_randomised *r, const double *n)
{
    size_t T = r->T, ahead = 1 + (size_t)r->spec->anticipation;
    double total = 0;
    memset(a, 0, r->n_starts * T * sizeof *a);
    for (size_t g = 0; g < r->n_starts; g++) {
        size_t first = (size_t)r->start[g];
        if (n[g] == 0 || first == T || first < ahead)
            continue;
        for (size_t t = first; t < T; t++) {
            double others = 0;
            for (size_t h = 0; h < r->n_starts; h++)
                others += is_compared(r, h, g, t) ? n[h] : 0;
            if (others == 0)
                continue;
            total += n[g];
            a[g * T + t] += n[g];
            a[g * T + first - ahead] -= n[g];
            for (size_t h = 0; h < r->n_starts; h++) {
                if (!is_compared(r, h, g, t))
                    continue;
                a[h * T + t] -= n[g] * n[h] / others;
                a[h * T + first - ahead] += n[g] * n[h] / others;
            }
        }
    }
    for (size_t i = 0; i < r->n_starts * T; i++)
        a[i] /= total;
    return total > 0;
}

static bool after_weights(double *a, const np_randomised *r)
{
    size_t T = r->T, first = (size_t)r->start[0];
    memset(a, 0, r->n_starts * T * sizeof *a);
    if (r->n_starts != 2 || first >= T || (size_t)r->start[1] != T)
        return false;
    for (size_t t = first; t < T; t++) {
        a[t] = 1 / (double)(T - first);
        a[T + t] = -a[t];
    }
    return true;
}

static bool weights(double *a, const np_randomised *r, const double *n)
{
    return r->spec->statistic == NP_RANDOMISE_AFTER ? after_weights(a, r)
                                                    : group_time_weights(a, r, n);
}

static double dot(const double *a, const double *y, size_t T)
{
    double sum = 0;
    for (size_t t = 0; t < T; t++)
        sum += a[t] * y[t];
    return sum;
}

size_t np_randomised_scratch(const np_randomised *r)
{
    size_t of_two_way = 4 * (r->T + 1) + r->n_clusters;
    size_t of_weights = r->n_starts * r->T + 3 * r->n_starts + 2 * r->N + r->n_clusters;
    return of_two_way > of_weights ? of_two_way : of_weights;
}

static np_status prepare_weighted(np_randomised *r, np_arena *arena, np_error *err)
{
    size_t T = r->T;
    double *a = np_arena_array(arena, double, r->n_starts *T);
    r->zy = np_arena_array(arena, double, r->N * r->n_starts);
    r->zd = np_arena_array(arena, double, r->N * r->n_starts);
    if (a == NULL || r->zy == NULL || r->zd == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu units"), r->N);
    if (!weights(a, r, r->n_units))
        return np_fail(
            err, NP_E_NOT_IDENTIFIED,
            r->spec->statistic == NP_RANDOMISE_AFTER
                ? _("the difference of means after is for one cohort and units "
                    "that are never treated")
                : _("no cohort has a period before its start and units to "
                    "compare with"));
    for (size_t i = 0; i < r->N; i++)
        for (size_t g = 0; g < r->n_starts; g++) {
            r->zy[i * r->n_starts + g] = dot(a + g * T, r->y + i * T, T);
            r->zd[i * r->n_starts + g] = dot(a + g * T, r->d + i * T, T);
        }
    return NP_OK;
}

np_status np_randomised_prepare(np_randomised *r, np_arena *arena, np_error *err)
{
    if (r->spec->statistic != NP_RANDOMISE_TWO_WAY)
        return prepare_weighted(r, arena, err);
    np_status status = np_two_way_cells_new(&r->of_y, r->y, r->N, r->T, arena, err);
    return status == NP_OK ? np_two_way_cells_new(&r->of_d, r->d, r->N, r->T, arena, err)
                           : status;
}

static np_randomised_value two_way(const np_randomised *r, const int32_t *start,
                                   double *scratch)
{
    const int32_t *cluster = r->spec->studentised ? r->cluster : NULL;
    np_two_way_result y =
        np_two_way_cells_estimate(&r->of_y, start, cluster, r->n_clusters, scratch);
    double of_d = 0;
    for (size_t i = 0; i < r->N; i++)
        of_d += r->of_d.tail[i * (r->T + 1) + (size_t)start[i]];
    return (np_randomised_value){y.estimate, of_d / y.squares,
                                 r->spec->studentised ? y.std_error : NAN};
}

/* sum_g s_g²/n_g of z [N] about its cohort's mean, where clusters are assigned of the
 * sums by cluster. assigned and mean are by cohort. NaN with a cohort of one. */
static double neyman(const np_randomised *r, const int32_t *start, const double *z,
                     const double *n, const double *mean, double *assigned,
                     double *by_cluster)
{
    size_t G = r->cluster == NULL ? r->N : r->n_clusters;
    double variance = 0;
    memset(assigned, 0, r->n_starts * sizeof *assigned);
    memset(by_cluster, 0, G * sizeof *by_cluster);
    for (size_t i = 0; i < r->N; i++) {
        size_t g = (size_t)r->place[start[i]];
        by_cluster[r->cluster == NULL ? i : (size_t)r->cluster[i]] +=
            (z[i] - mean[g]) / n[g];
    }
    for (size_t c = 0; c < G; c++)
        assigned[r->place[start[r->cluster == NULL ? c : r->first_unit[c]]]] += 1;
    for (size_t c = 0; c < G; c++) {
        double G_g = assigned[r->place[start[r->cluster == NULL ? c : r->first_unit[c]]]];
        variance += G_g / (G_g - 1) * by_cluster[c] * by_cluster[c];
    }
    return variance;
}

np_randomised_value np_randomised_at(const np_randomised *r, const int32_t *start,
                                     double *scratch)
{
    if (r->spec->statistic == NP_RANDOMISE_TWO_WAY)
        return two_way(r, start, scratch);
    size_t C = r->n_starts, T = r->T;
    double *a = scratch, *n = a + C * T, *mean = n + C, *assigned = mean + C;
    double *z = assigned + C, *by_cluster = z + r->N, of_d = 0, of_y = 0;
    const double *sizes = r->n_units;
    if (!r->sizes_are_fixed) {
        memset(n, 0, C * sizeof *n);
        for (size_t i = 0; i < r->N; i++)
            n[r->place[start[i]]] += 1;
        sizes = n;
        if (!weights(a, r, n))
            return (np_randomised_value){NAN, NAN, NAN};
    }
    memset(mean, 0, C * sizeof *mean);
    for (size_t i = 0; i < r->N; i++) {
        size_t g = (size_t)r->place[start[i]];
        z[i] = r->sizes_are_fixed ? r->zy[i * C + g] : dot(a + g * T, r->y + i * T, T);
        mean[g] += z[i] / sizes[g];
        of_d +=
            (r->sizes_are_fixed ? r->zd[i * C + g] : dot(a + g * T, r->d + i * T, T)) /
            sizes[g];
    }
    for (size_t g = 0; g < C; g++)
        of_y += mean[g];
    double variance = r->spec->studentised
                          ? neyman(r, start, z, sizes, mean, assigned, by_cluster)
                          : NAN;
    return (np_randomised_value){of_y, of_d, sqrt(variance)};
}
