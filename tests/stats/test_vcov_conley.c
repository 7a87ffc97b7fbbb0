#include "stats/vcov_conley.h"

#include <string.h>

#include "base/rng.h"
#include "stats/linear.h"
#include "support/check.h"

/* Places in the north and about the date line, each with a few rows. */
enum { PLACES = 120, ROWS = 3 * PLACES, UNITS = 20 };

typedef struct {
    np_arena *arena;
    double y[ROWS], x[ROWS], z[ROWS], latitude[ROWS], longitude[ROWS], weight[ROWS],
        unit[ROWS];
    np_column column[7];
    np_table table;
} sample;

static const char *const names[] = {"y", "x", "z", "lat", "lon", "w", "unit"};

static void sample_new(sample *s, double west, double south)
{
    *s = (sample){.arena = np_arena_new(0)};
    np_rng rng = np_rng_stream(5, 1);
    for (size_t i = 0; i < ROWS; i++) {
        np_rng at = np_rng_stream(6, i % PLACES);
        s->latitude[i] = south + 25 * np_rng_uniform(&at);
        s->longitude[i] = west + 40 * np_rng_uniform(&at);
        if (s->longitude[i] > 180)
            s->longitude[i] -= 360;
        s->x[i] = np_rng_uniform(&rng) + s->latitude[i] / 50;
        s->z[i] = np_rng_uniform(&rng);
        s->y[i] = s->x[i] - s->z[i] + np_rng_uniform(&rng) + s->longitude[i] / 90;
        s->weight[i] = 1 + np_rng_uniform(&rng);
        s->unit[i] = (double)(i % UNITS);
    }
    const double *values[] = {s->y,         s->x,      s->z,   s->latitude,
                              s->longitude, s->weight, s->unit};
    for (size_t j = 0; j < 7; j++)
        s->column[j] = (np_column){
            .name = names[j], .uom = "", .type = NP_COLUMN_F64, .f64 = values[j]};
    s->table = (np_table){.n_rows = ROWS, .n_columns = 7, .column = s->column};
}

static np_status estimate(np_linear *l, np_vcov *v, const sample *s, const char *formula,
                          const char *weights, const char *vcov, np_error *err)
{
    np_vcov_spec spec = {0};
    np_design design;
    np_linear_spec linear = {0};
    np_status status = np_vcov_parse(&spec, vcov, s->arena, err);
    np_design_spec d = {
        .formula = formula, .weights = weights, .key = spec.key, .n_keys = spec.n_keys};
    np_design *kept = np_arena_array(s->arena, np_design, 1);
    if (status == NP_OK)
        status = np_design_build(&design, &s->table, &d, s->arena, err);
    if (status == NP_OK) {
        *kept = design;
        status = np_linear_estimate(l, kept, &linear, s->arena, err);
    }
    return status == NP_OK ? np_vcov_estimate(v, &l->fit, &spec, s->arena, err) : status;
}

/* By the formulas, written out again: the chord's half by vectors, not by haversines. */
static double distance(bool spherical, double a, double b, double c, double d)
{
    const double rad = acos(-1) / 180;
    if (!spherical) {
        double east = fmod(fabs(b - d), 360);
        east = fmin(east, 360 - east) * cos((a + c) / 2 * rad);
        return 111 * (acos(-1) / 3.14159) * hypot(a - c, east);
    }
    double p[3] = {cos(a * rad) * cos(b * rad), cos(a * rad) * sin(b * rad),
                   sin(a * rad)};
    double q[3] = {cos(c * rad) * cos(d * rad), cos(c * rad) * sin(d * rad),
                   sin(c * rad)};
    double chord = sqrt(pow(p[0] - q[0], 2) + pow(p[1] - q[1], 2) + pow(p[2] - q[2], 2));
    return 2 * 6376 * asin(chord / 2);
}

static void by_definition(double *V, const np_linear *l, const sample *s, double cutoff,
                          bool spherical, bool bartlett)
{
    const size_t k = l->fit.k;
    double *x = np_arena_array(s->arena, double, ROWS *k);
    double *score = np_arena_array(s->arena, double, ROWS);
    double *weight = np_arena_array(s->arena, double, ROWS);
    double *meat = np_arena_array(s->arena, double, k *k);
    double *half = np_arena_array(s->arena, double, k *k);
    l->fit.rows(&l->fit, 0, ROWS, x, score, weight);
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < ROWS; j++) {
            double d = distance(spherical, s->latitude[i], s->longitude[i],
                                s->latitude[j], s->longitude[j]);
            double K = d > cutoff ? 0 : bartlett ? 1 - d / cutoff : 1;
            for (size_t a = 0; a < k * k; a++)
                meat[a] += K * score[i] * x[i * k + a / k] * score[j] * x[j * k + a % k];
        }
    for (size_t a = 0; a < k * k; a++)
        for (size_t b = 0; b < k; b++)
            half[a] += l->fit.bread[a / k * k + b] * meat[b * k + a % k];
    for (size_t a = 0; a < k * k; a++) {
        V[a] = 0;
        for (size_t b = 0; b < k; b++)
            V[a] += half[a / k * k + b] * l->fit.bread[b * k + a % k];
    }
}

static void assert_by_definition(const sample *s, const char *formula,
                                 const char *weights)
{
    static const double cutoff[] = {0.001, 150, 700, 3000, 15000};
    double scale = 0;
    for (size_t c = 0; c < sizeof cutoff / sizeof *cutoff; c++)
        for (int choice = 0; choice < 4; choice++) {
            bool spherical = choice & 1, bartlett = choice & 2;
            char vcov[80];
            snprintf(vcov, sizeof vcov, "conley(%g, %s, %s) ~ lat + lon", cutoff[c],
                     spherical ? "spherical" : "triangular",
                     bartlett ? "bartlett" : "uniform");
            np_linear l;
            np_vcov v;
            np_error err = {0};
            if (estimate(&l, &v, s, formula, weights, vcov, &err) != NP_OK)
                fail_msg("%s", err.message);
            double want[9];
            by_definition(want, &l, s, cutoff[c], spherical, bartlett);
            double factor = (ROWS - 1) / (ROWS - v.df_k);
            /* over all pairs scores sum to 0: digits count from the nearest pairs' sum */
            for (size_t a = 0; a < l.fit.k && c == 0; a++)
                scale = fmax(scale, v.vcov[a * l.fit.k + a]);
            for (size_t a = 0; a < l.fit.k * l.fit.k; a++)
                assert_true(fabs(v.vcov[a] - factor * want[a]) < 1e-11 * scale);
            assert_digits(v.df_t, ROWS - v.df_k, 15);
        }
}

static void every_near_pair_and_no_other_counts(void **state)
{
    (void)state;
    sample s;
    sample_new(&s, 5, 45);
    assert_by_definition(&s, "y ~ x + z - 1", NULL);
    assert_by_definition(&s, "y ~ x + z | unit", NULL);
    assert_by_definition(&s, "y ~ x + z | unit", "w");
    np_arena_free(s.arena);
}

static void the_date_line_and_the_pole_are_no_borders(void **state)
{
    (void)state;
    sample s;
    sample_new(&s, 160, 64.9);
    assert_by_definition(&s, "y ~ x + z - 1", NULL);
    np_arena_free(s.arena);
    sample_new(&s, 160, -89);
    assert_by_definition(&s, "y ~ x + z - 1", NULL);
    np_arena_free(s.arena);
}

/* Oslo (59.9139 N, 10.7522 E) to Bergen (60.3913 N, 5.3221 E): on a sphere of 6376 km,
 * 6376 times the angle acos(sin φ1 sin φ2 + cos φ1 cos φ2 cos Δλ) = 0.0478764, 305.260.
 */
static void distances_are_in_kilometres(void **state)
{
    (void)state;
    assert_digits(
        np_distance_km(NP_DISTANCE_SPHERICAL, 59.9139, 10.7522, 60.3913, 5.3221),
        6376 * acos(sin(59.9139 * M_PI / 180) * sin(60.3913 * M_PI / 180) +
                    cos(59.9139 * M_PI / 180) * cos(60.3913 * M_PI / 180) *
                        cos(5.4301 * M_PI / 180)),
        9);
    assert_digits(np_distance_km(NP_DISTANCE_TRIANGULAR, 10, 20, 12, 20), 222, 5);
    assert_digits(np_distance_km(NP_DISTANCE_TRIANGULAR, 60, 179.5, 60, -179.5), 55.5, 5);
}

static void refusals_say_which_and_why(void **state)
{
    (void)state;
    sample s;
    sample_new(&s, 5, 45);
    const struct {
        const char *vcov, *words;
    } refused[] = {
        {"conley ~ lat + lon", "how far"},          {"conley(0) ~ lat + lon", "cutoff"},
        {"conley(10, cubic) ~ lat + lon", "cubic"}, {"conley(10) ~ lat", "variables"},
        {"conley(10) ~ lat + town", "town"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        np_linear l;
        np_vcov v;
        np_error err = {0};
        assert_true(estimate(&l, &v, &s, "y ~ x", NULL, refused[i].vcov, &err) != NP_OK);
        assert_non_null(strstr(err.message, refused[i].words));
    }
    np_error err = {0};
    np_linear l;
    np_vcov v;
    s.latitude[7] = 91;
    assert_int_equal(estimate(&l, &v, &s, "y ~ x", NULL, "conley(10) ~ lat + lon", &err),
                     NP_E_RANGE);
    assert_non_null(strstr(err.message, "91"));
    np_arena_free(s.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_near_pair_and_no_other_counts),
        cmocka_unit_test(the_date_line_and_the_pole_are_no_borders),
        cmocka_unit_test(distances_are_in_kilometres),
        cmocka_unit_test(refusals_say_which_and_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
