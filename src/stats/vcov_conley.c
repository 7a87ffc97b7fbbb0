#include "stats/vcov_conley.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "stats/vcov_meat.h"

static const double pi = 3.14159265358979323846;
/* fixest's: the diameter for the spherical distance, and a degree in km with its pi. */
static const double diameter_km = 12752, degree_km = 111, short_pi = 3.14159;
/* What a bound on a window may be wrong by, relative. */
static const double slack = 1e-6;

/* Places per task. */
enum { BLOCK = 256 };

typedef struct {
    double latitude, longitude; /* degrees; longitude in [-180, 180) */
    size_t band, group;
} place;

typedef struct {
    const np_vcov_spec *spec;
    size_t k, n;         /* places */
    place *place;        /* [n] by band, then longitude */
    const size_t *start; /* [n_bands + 1] */
    size_t n_bands;
    double height, south; /* of bands, and where the first begins; degrees */
    double *score;        /* [n × k] */
    double *partial;      /* [n_blocks][k × k] */
    double *near;         /* per thread [k] */
} work;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for a covariance matrix"));
}

static double square(double x)
{
    return x * x;
}

double np_distance_km(np_distance distance, double latitude, double longitude,
                      double other_latitude, double other_longitude)
{
    const double rad = pi / 180;
    double east = fabs(longitude - other_longitude);
    double north = fabs(latitude - other_latitude);
    if (east > 180)
        east = 360 - east;
    if (distance == NP_DISTANCE_SPHERICAL) {
        double a = square(sin(north * rad / 2)) + cos(latitude * rad) *
                                                      cos(other_latitude * rad) *
                                                      square(sin(east * rad / 2));
        return diameter_km * asin(fmin(1, sqrt(a)));
    }
    double mean = (latitude + other_latitude) / 2;
    return degree_km * (pi / short_pi) *
           sqrt(square(north) + square(cos(mean * rad) * east));
}

/* A key's number in each of its groups. */
static np_status numbers_of(const double **out, const np_design *d, const np_groups *key,
                            const char *name, np_arena *arena, np_error *err)
{
    const np_column *column = NULL;
    if (d->table == NULL)
        return np_fail(err, NP_E_USAGE,
                       _("spatial errors need the columns of degrees, not groups alone"));
    double *value = np_arena_array(arena, double, key->n_groups);
    if (value == NULL)
        return no_memory(err);
    np_status status = np_table_column(&column, d->table, name, "vcov", err);
    if (status != NP_OK)
        return status;
    if (column->type != NP_COLUMN_F64 && column->type != NP_COLUMN_I64) {
        np_fail(err, NP_E_USAGE, _("%s is no column of degrees but of type %s"), name,
                np_column_type_name(column->type));
        return np_error_hint(err, _("conley(100) ~ latitude + longitude"));
    }
    for (size_t i = 0; i < key->n; i++)
        value[key->code[i]] = np_column_number(column, d->row == NULL ? i : d->row[i]);
    *out = value;
    return NP_OK;
}

static np_status check_degrees(const double *value, const np_groups *key, double most,
                               const char *name, np_error *err)
{
    for (size_t i = 0; i < key->n; i++)
        if (!(fabs(value[key->code[i]]) <= most))
            return np_fail(err, NP_E_RANGE,
                           _("%s: %g is outside the %g to %g degrees there are"), name,
                           value[key->code[i]], -most, most);
    return NP_OK;
}

static int by_band(const void *a, const void *b)
{
    const place *x = a, *y = b;
    if (x->band != y->band)
        return x->band < y->band ? -1 : 1;
    if (x->longitude != y->longitude)
        return x->longitude < y->longitude ? -1 : 1;
    if (x->latitude != y->latitude)
        return x->latitude < y->latitude ? -1 : 1;
    return x->group < y->group ? -1 : x->group > y->group;
}

/* The places with rows, in their order; *group_of is what the scores are summed by. */
static np_status list_places(work *w, np_groups *group_of, const np_fit *fit,
                             const np_groups *key, np_arena *arena, np_error *err)
{
    const double *latitude = NULL, *longitude = NULL;
    const np_design *d = fit->design;
    np_status status = numbers_of(&latitude, d, &key[0], w->spec->key[0], arena, err);
    if (status == NP_OK)
        status = numbers_of(&longitude, d, &key[1], w->spec->key[1], arena, err);
    if (status == NP_OK)
        status = check_degrees(latitude, &key[0], 90, w->spec->key[0], err);
    if (status == NP_OK)
        status = check_degrees(longitude, &key[1], 360, w->spec->key[1], err);
    if (status == NP_OK)
        status = np_groups_cross(group_of, &key[0], &key[1], arena, err);
    if (status != NP_OK)
        return status;
    w->n = group_of->n_groups; /* numbered as they occur: each has rows */
    w->place = np_arena_array(arena, place, w->n);
    if (w->place == NULL)
        return no_memory(err);
    w->south = 90;
    for (size_t i = 0; i < group_of->n; i++) {
        size_t g = (size_t)group_of->code[i];
        double lat = latitude[key[0].code[i]], lon = longitude[key[1].code[i]];
        lon -= 360 * floor((lon + 180) / 360);
        w->place[g] = (place){.latitude = lat, .longitude = lon, .group = g};
        w->south = fmin(w->south, lat);
    }
    return NP_OK;
}

static np_status make_bands(work *w, np_arena *arena, np_error *err)
{
    double north = -90;
    for (size_t l = 0; l < w->n; l++)
        north = fmax(north, w->place[l].latitude);
    /* no more bands than places, however short the cutoff */
    w->height = fmax(w->spec->cutoff / degree_km * (1 + slack),
                     (north - w->south) / (double)w->n);
    for (size_t l = 0; l < w->n; l++) {
        place *p = &w->place[l];
        p->band = (size_t)((p->latitude - w->south) / w->height);
        if (p->band + 1 > w->n_bands)
            w->n_bands = p->band + 1;
    }
    size_t *start = np_arena_array(arena, size_t, w->n_bands + 1);
    if (start == NULL)
        return no_memory(err);
    qsort(w->place, w->n, sizeof *w->place, by_band);
    for (size_t l = 0; l < w->n; l++)
        start[w->place[l].band + 1]++;
    for (size_t b = 0; b < w->n_bands; b++)
        start[b + 1] += start[b];
    w->start = start;
    return NP_OK;
}

/* A difference of longitude beyond which nothing in the place's band and the next one is
 * within the cutoff; 360: no such bound. */
static double widest(const work *w, size_t band)
{
    const double rad = pi / 180;
    double low = w->south + (double)band * w->height, high = low + 2 * w->height;
    double farthest = fmin(90, fmax(fabs(low), fabs(high)));
    double narrow = cos(farthest * rad), width;
    if (w->spec->distance == NP_DISTANCE_SPHERICAL) {
        double ratio = sin(fmin(w->spec->cutoff / diameter_km, pi / 2)) / narrow;
        width = ratio < 1 ? 2 * asin(ratio) / rad : 360;
    } else {
        width = w->spec->cutoff / degree_km / narrow;
    }
    width *= 1 + slack;
    return width < 180 ? width : 360;
}

/* The first place of [from, end) whose longitude is not below the one given. */
static size_t first_from(const work *w, size_t from, size_t end, double longitude)
{
    while (from < end) {
        size_t middle = from + (end - from) / 2;
        if (w->place[middle].longitude < longitude)
            from = middle + 1;
        else
            end = middle;
    }
    return from;
}

/* near [k] += K s of the places of [from, end) up to the longitude given. */
static void add_stretch(double *near, const work *w, const place *p, size_t from,
                        size_t end, double up_to)
{
    for (size_t j = from; j < end && w->place[j].longitude <= up_to; j++) {
        const place *o = &w->place[j];
        double d = np_distance_km(w->spec->distance, p->latitude, p->longitude,
                                  o->latitude, o->longitude);
        if (!(d <= w->spec->cutoff))
            continue;
        double K = w->spec->kernel == NP_KERNEL_BARTLETT ? 1 - d / w->spec->cutoff : 1;
        for (size_t a = 0; a < w->k; a++)
            near[a] += K * w->score[j * w->k + a];
    }
}

/* Of the places after l: those of its band, and all of the next; across the date line. */
static void add_near(double *near, const work *w, size_t l)
{
    const place *p = &w->place[l];
    double width = widest(w, p->band), west = p->longitude - width;
    double east = p->longitude + width;
    for (size_t b = p->band; b < p->band + 2 && b < w->n_bands; b++) {
        size_t from = b == p->band ? l + 1 : w->start[b], end = w->start[b + 1];
        if (width >= 180) {
            add_stretch(near, w, p, from, end, 360);
            continue;
        }
        add_stretch(near, w, p, first_from(w, from, end, west), end, east);
        if (west < -180)
            add_stretch(near, w, p, first_from(w, from, end, west + 360), end, 360);
        if (east >= 180)
            add_stretch(near, w, p, from, end, east - 360);
    }
}

static void pair_task(void *context, size_t task, unsigned thread)
{
    const work *w = context;
    const size_t k = w->k, first = task * BLOCK;
    size_t end = first + BLOCK < w->n ? first + BLOCK : w->n;
    double *near = w->near + (size_t)thread * k, *sum = w->partial + task * k * k;
    for (size_t l = first; l < end; l++) {
        const double *s = w->score + l * k;
        for (size_t a = 0; a < k; a++)
            near[a] = s[a] / 2;
        add_near(near, w, l);
        for (size_t a = 0; a < k; a++)
            for (size_t b = 0; b < k; b++)
                sum[a * k + b] += s[a] * near[b];
    }
}

static np_status sum_scores(work *w, const np_fit *fit, const np_groups *group_of,
                            np_arena *arena, np_error *err)
{
    double *column = NULL;
    w->score = np_arena_array(arena, double, w->n * w->k);
    if (w->score == NULL)
        return no_memory(err);
    np_status status = np_meat_group_sums(&column, fit, group_of, arena, err);
    for (size_t l = 0; status == NP_OK && l < w->n; l++)
        for (size_t a = 0; a < w->k; a++)
            w->score[l * w->k + a] = column[a * w->n + w->place[l].group];
    return status;
}

static np_status sum_pairs(double *meat, work *w, unsigned n_threads, np_arena *arena,
                           np_error *err)
{
    const size_t k = w->k, n_blocks = (w->n + BLOCK - 1) / BLOCK;
    w->partial = np_arena_array(arena, double, n_blocks *k *k);
    w->near = np_arena_array(arena, double, (size_t)np_parallel_threads(n_threads) * k);
    if (w->partial == NULL || w->near == NULL)
        return no_memory(err);
    np_parallel_for(n_blocks, n_threads, pair_task, w);
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++) {
            meat[a * k + b] = 0;
            for (size_t block = 0; block < n_blocks; block++)
                meat[a * k + b] += w->partial[(block * k + a) * k + b] +
                                   w->partial[(block * k + b) * k + a];
        }
    return NP_OK;
}

np_status np_meat_conley(double *meat, const np_fit *fit, const np_vcov_spec *spec,
                         const np_groups *key, np_arena *arena, np_error *err)
{
    work w = {.spec = spec, .k = fit->k};
    np_groups group_of = {0};
    np_arena_mark mark = np_arena_set_mark(arena);
    np_status status = list_places(&w, &group_of, fit, key, arena, err);
    if (status == NP_OK)
        status = make_bands(&w, arena, err);
    if (status == NP_OK)
        status = sum_scores(&w, fit, &group_of, arena, err);
    if (status == NP_OK)
        status = sum_pairs(meat, &w, fit->n_threads, arena, err);
    np_arena_release(arena, mark);
    return status;
}
