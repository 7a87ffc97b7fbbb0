/* Robust intervals of event studies: their parts against R's own numbers and against
 * closed forms, the whole against what must hold whatever the data. The intervals of
 * HonestDiD are compared in tests/reference. */
#include "support/check.h"

#include <Rmath.h>
#include <stdlib.h>
#include <string.h>

#include "stats/did/honest_internal.h"
#include "stats/linalg.h"

enum { PRE = 3, POST = 2, N = PRE + POST };

/* Five periods with an AR(1)-like covariance: variance 0.04, correlation 0.6^|i-j|. */
static const double coefficient[N] = {0.05, -0.1, 0.08, 0.9, 1.1};
static double vcov[N * N];
static np_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = np_arena_new(0);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            vcov[i * N + j] = 0.04 * pow(0.6, abs(i - j));
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    np_arena_free(arena);
    return 0;
}

static np_honest_spec spec_of(np_honest_restriction restriction)
{
    return (np_honest_spec){.n_pre = PRE,
                            .n_post = POST,
                            .estimate = coefficient,
                            .vcov = vcov,
                            .restriction = restriction};
}

static np_honest estimate(const np_honest_spec *spec)
{
    np_honest out;
    np_error err = {0};
    if (np_honest_estimate(&out, spec, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    return out;
}

static np_honest_interval interval_at(np_honest_spec spec, double bound)
{
    spec.bound = &bound;
    spec.n_bounds = 1;
    spec.no_breakdown = true;
    return estimate(&spec).interval[0];
}

/* R 4.2: set.seed(0); rnorm(10^6)[c(1, 2, 1000, 10^6)]; set.seed(42); rnorm(5)[c(1, 5)]
 */
static void the_generator_is_that_of_r(void **state)
{
    (void)state;
    static const struct {
        int place;
        double value;
    } want[] = {{1, 1.26295428488079331},
                {2, -0.32623336070564940},
                {1000, -0.70325229421080604},
                {1000000, 2.06433914134427487}};
    honest_r_generator g = honest_r_seed(0);
    for (int i = 1, k = 0; i <= 1000000; i++) {
        double u = honest_r_probability(&g);
        if (i == want[k].place)
            assert_digits(qnorm5(u, 0, 1, 1, 0), want[k++].value, 15);
    }
    g = honest_r_seed(42);
    double first = qnorm5(honest_r_probability(&g), 0, 1, 1, 0), fifth = 0;
    for (int i = 2; i <= 5; i++)
        fifth = qnorm5(honest_r_probability(&g), 0, 1, 1, 0);
    assert_digits(first, 1.37095844714666848, 15);
    assert_digits(fifth, 0.40426832314099903, 15);
}

/* R: quantile(abs(x + mu), p) with the million draws above. */
static void simulated_folded_quantiles_are_those_of_r(void **state)
{
    (void)state;
    honest_job job = {.alpha = 0.05, .kappa = 0.005};
    honest_folded f;
    assert_int_equal(honest_folded_new(&f, &job, arena, NULL), NP_OK);
    assert_digits(honest_folded_quantile(&f, 0.95, 0), 1.9622386669815701, 15);
    assert_digits(honest_folded_quantile(&f, 0.95, 0.3), 2.0442626703849771, 15);
    assert_digits(honest_folded_quantile(&f, 0.95, 1), 2.6446274665669129, 15);
    assert_digits(honest_folded_quantile(&f, 0.95, 2.5), 4.1433254243444813, 15);
    assert_digits(honest_folded_quantile(&f, 0.95, 10), 11.64332542434448, 14);
    assert_digits(honest_folded_quantile(&f, 0.995, 0.3), 2.9255657855414272, 15);
}

static void exact_folded_quantiles_have_their_probability(void **state)
{
    (void)state;
    honest_folded f = {.simulated = false};
    static const double mu[] = {0, 0.01, 0.5, 2, 30};
    for (size_t i = 0; i < sizeof mu / sizeof *mu; i++) {
        double q = honest_folded_quantile(&f, 0.95, mu[i]);
        double p = pnorm5(q - mu[i], 0, 1, 1, 0) - pnorm5(-q - mu[i], 0, 1, 1, 0);
        assert_digits(p, 0.95, 13);
    }
    assert_digits(honest_folded_quantile(&f, 0.95, 0), qnorm5(0.975, 0, 1, 1, 0), 14);
}

/* R: qnorm(pnorm(l) + p (pnorm(u) - pnorm(l))), and its upper tail for l > 0. */
static void truncated_quantiles_hold_in_both_tails(void **state)
{
    (void)state;
    assert_digits(honest_truncated_quantile(0.95, -1, 2), 1.5245966827759772, 14);
    assert_digits(honest_truncated_quantile(0.95, 3, INFINITY), 3.8171724833936991, 14);
    assert_digits(honest_truncated_quantile(0.95, -3, -2.5), -2.5141090175008149, 14);
    assert_digits(honest_truncated_quantile(0.95, 5, 5.01), 5.0094879292308114, 13);
    assert_digits(honest_truncated_quantile(0.95, -INFINITY, INFINITY),
                  qnorm5(0.95, 0, 1, 1, 0), 14);
    /* 40 standard deviations out, where the density is exp(-40 x) beyond 40 */
    assert_digits(honest_truncated_quantile(0.95, 40, INFINITY) - 40, -log(0.05) / 40, 2);
}

/* max 3x + 2y, x + y <= 4, x + 3y <= 6, x <= 3: x = 3, y = 1, value 11. */
static void the_simplex_finds_a_known_vertex(void **state)
{
    (void)state;
    static const double E[] = {1, 1, 1, 0, 0, 1, 3, 0, 1, 0, 1, 0, 0, 0, 1};
    static const double f[] = {4, 6, 3}, c[] = {3, 2, 0, 0, 0};
    double x[5], value;
    np_simplex s;
    assert_true(np_simplex_new(&s, 3, 5, arena));
    assert_int_equal(np_simplex_start(&s, E, f, 3, 5), NP_SIMPLEX_OPTIMAL);
    assert_int_equal(np_simplex_maximise(&s, x, &value, c), NP_SIMPLEX_OPTIMAL);
    assert_digits(value, 11, 14);
    assert_digits(x[0], 3, 14);
    assert_digits(x[1], 1, 14);
}

static void the_simplex_tells_what_has_no_solution(void **state)
{
    (void)state;
    static const double E[] = {1, 1, 1, 1}, contradicting[] = {1, 2};
    static const double loose[] = {1, -1}, one[] = {1}, c[] = {1, 1};
    double x[2], value;
    np_simplex s;
    assert_true(np_simplex_new(&s, 2, 2, arena));
    assert_int_equal(np_simplex_start(&s, E, contradicting, 2, 2), NP_SIMPLEX_INFEASIBLE);
    assert_int_equal(np_simplex_start(&s, loose, one, 1, 2), NP_SIMPLEX_OPTIMAL);
    assert_int_equal(np_simplex_maximise(&s, x, &value, c), NP_SIMPLEX_UNBOUNDED);
}

/* A row that is the sum of two others. */
static void the_simplex_leaves_dependent_rows_out(void **state)
{
    (void)state;
    static const double E[] = {1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1}, f[] = {2, 3, 5};
    static const double c[] = {1, 0, 0, 2};
    double x[4], value;
    np_simplex s;
    assert_true(np_simplex_new(&s, 3, 4, arena));
    assert_int_equal(np_simplex_start(&s, E, f, 3, 4), NP_SIMPLEX_OPTIMAL);
    assert_int_equal(s.m, 2);
    assert_int_equal(np_simplex_maximise(&s, x, &value, c), NP_SIMPLEX_OPTIMAL);
    assert_digits(value, 8, 14);
}

/* At M = 0 trends differ along a line g t, and generalised least squares is the best:
 * g = t'S^-1 b / t'S^-1 t over the periods before, and the effect's period corrected by
 * its covariance with them. */
static void at_zero_smoothness_the_flci_is_generalised_least_squares(void **state)
{
    (void)state;
    static const double t[PRE] = {-3, -2, -1};
    double S[PRE * PRE], x[PRE], y[PRE], c[PRE], copy[PRE * PRE];
    double tt = 0, tb = 0, corrected = coefficient[PRE], variance = vcov[PRE * N + PRE];
    for (int i = 0; i < PRE; i++) {
        x[i] = t[i];
        y[i] = coefficient[i];
        c[i] = vcov[i * N + PRE];
        for (int j = 0; j < PRE; j++)
            S[i * PRE + j] = vcov[i * N + j];
    }
    double *of[] = {x, y, c};
    for (int k = 0; k < 3; k++) {
        memcpy(copy, S, sizeof S);
        assert_int_equal(np_matrix_solve(copy, of[k], PRE, arena, NULL), NP_OK);
    }
    double ct = 0;
    for (int i = 0; i < PRE; i++) {
        tt += t[i] * x[i];
        tb += t[i] * y[i];
        ct += c[i] * t[i];
    }
    double g = tb / tt;
    for (int i = 0; i < PRE; i++) {
        corrected -= c[i] * (coefficient[i] - g * t[i]);
        variance -= c[i] * vcov[i * N + PRE];
    }
    corrected -= g;
    variance += (1 - ct) * (1 - ct) / tt;
    np_honest_spec s = spec_of(NP_HONEST_SMOOTHNESS);
    s.convention = NP_HONEST_EXACT;
    np_honest_interval got = interval_at(s, 0);
    double half = qnorm5(0.975, 0, 1, 1, 0) * sqrt(variance);
    assert_digits(got.conf_low, corrected - half, 11);
    assert_digits(got.conf_high, corrected + half, 11);
}

/* Half the length of the interval of any weights that a straight line leaves alone. */
static double half_length_of(const double *weight, double M)
{
    honest_folded f = {.simulated = false};
    double variance = 0, bias = 1, sum = 0, before = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            variance += weight[i] * vcov[i * N + j] * weight[j];
    for (int i = 0; i < PRE - 1; i++) { /* sums of sums of the weights */
        before += weight[i];
        sum += before;
        bias += fabs(sum);
    }
    double h = sqrt(variance);
    return h * honest_folded_quantile(&f, 0.95, M * bias / h);
}

/* The problem is convex: where no small step shortens, nothing does. Steps keep the
 * weights orthogonal to the line: (1, -2, 1) over the periods -3, -2, -1 and
 * (0, 1, -2) over -2, -1 and the period left out. */
static void no_other_weights_have_a_shorter_interval(void **state)
{
    (void)state;
    static const double step[2][PRE] = {{1, -2, 1}, {0, 1, -2}};
    static const double bounds[] = {0.005, 0.02, 0.05, 0.1, 0.3};
    for (size_t k = 0; k < sizeof bounds / sizeof *bounds; k++) {
        np_honest_spec s = spec_of(NP_HONEST_SMOOTHNESS);
        honest_job job;
        honest_frontier frontier;
        honest_folded folded;
        double weight[N], other[N];
        honest_flci best = {.weight = weight};
        s.convention = NP_HONEST_EXACT;
        assert_int_equal(honest_job_new(&job, &s, arena, NULL), NP_OK);
        assert_int_equal(honest_folded_new(&folded, &job, arena, NULL), NP_OK);
        assert_int_equal(honest_frontier_new(&frontier, &job, arena, NULL), NP_OK);
        honest_flci_find(&best, &frontier, &folded, &job, bounds[k], 0.05);
        assert_digits(best.half_length, half_length_of(weight, bounds[k]), 12);
        for (int direction = 0; direction < 64; direction++)
            for (double size = 1e-4; size < 1; size *= 10) {
                double a = size * cos(direction * M_PI / 32);
                double b = size * sin(direction * M_PI / 32);
                memcpy(other, weight, sizeof other);
                for (int i = 0; i < PRE; i++)
                    other[i] += a * step[0][i] + b * step[1][i];
                assert_true(half_length_of(other, bounds[k]) >=
                            best.half_length * (1 - 1e-12));
            }
    }
}

/* HonestDiD's search ends within its step, 6e-6 of the standard deviation, of the
 * optimum, and a million draws are off by some 2e-3 in the quantile. */
static void both_conventions_say_the_same_but_for_their_draws(void **state)
{
    (void)state;
    static const double bounds[] = {0, 0.02, 0.1, 1};
    for (size_t k = 0; k < sizeof bounds / sizeof *bounds; k++) {
        np_honest_spec s = spec_of(NP_HONEST_SMOOTHNESS);
        np_honest_interval simulated = interval_at(s, bounds[k]);
        s.convention = NP_HONEST_EXACT;
        np_honest_interval exact = interval_at(s, bounds[k]);
        double half = (exact.conf_high - exact.conf_low) / 2;
        assert_true(fabs(simulated.conf_high - exact.conf_high) < 0.01 * half);
        assert_true(fabs(simulated.conf_low - exact.conf_low) < 0.01 * half);
    }
}

static void intervals_widen_with_the_bound(void **state)
{
    (void)state;
    for (int r = 0; r < NP_N_HONEST_RESTRICTIONS; r++) {
        np_honest_spec s = spec_of((np_honest_restriction)r);
        static const double bounds[] = {0, 0.5, 1, 2};
        s.bound = bounds;
        s.n_bounds = 4;
        s.convention = NP_HONEST_EXACT;
        np_honest h = estimate(&s);
        for (size_t i = 1; i < 4; i++) {
            assert_true(h.interval[i].conf_low < h.interval[i - 1].conf_low);
            assert_true(h.interval[i].conf_high > h.interval[i - 1].conf_high);
        }
    }
}

/* At Mbar = 0 trends do not differ after the start. The moments that bind are then
 * +-(b - theta), the largest of them is |b - theta| with nothing but 0 below it, and the
 * 95 % quantile of a normal cut at 0 is the 97.5 % one of the normal. */
static void without_a_violation_the_conditional_interval_is_the_original(void **state)
{
    (void)state;
    np_honest_spec spec = spec_of(NP_HONEST_RELATIVE_MAGNITUDES);
    spec.convention = NP_HONEST_EXACT;
    spec.method = NP_HONEST_CONDITIONAL;
    np_honest_interval got = interval_at(spec, 0);
    np_honest h = estimate(&spec);
    assert_digits(got.conf_low, h.conf_low, 8);
    assert_digits(got.conf_high, h.conf_high, 8);
}

static void at_the_breakdown_value_the_interval_reaches_zero(void **state)
{
    (void)state;
    static const np_honest_method methods[] = {NP_HONEST_FLCI, NP_HONEST_C_LF,
                                               NP_HONEST_C_F, NP_HONEST_CONDITIONAL};
    for (int r = 0; r < NP_N_HONEST_RESTRICTIONS; r++)
        for (size_t m = 0; m < 4; m++) {
            np_honest_spec s = spec_of((np_honest_restriction)r);
            bool smooth = s.restriction == NP_HONEST_SMOOTHNESS;
            s.method = methods[m];
            s.convention = NP_HONEST_EXACT;
            s.draws = 1000;
            if (!smooth && (s.method == NP_HONEST_FLCI || s.method == NP_HONEST_C_F))
                continue;
            np_honest h = estimate(&s);
            assert_int_equal(h.verdict, NP_HONEST_HOLDS_UNTIL);
            assert_true(interval_at(s, h.breakdown * (1 - 1e-5)).conf_low > 0);
            assert_true(interval_at(s, h.breakdown * (1 + 1e-5)).conf_low <= 0);
        }
}

static void a_small_effect_gives_no_conclusion(void **state)
{
    (void)state;
    double small[N];
    np_honest_spec s = spec_of(NP_HONEST_RELATIVE_MAGNITUDES);
    memcpy(small, coefficient, sizeof small);
    small[PRE] = 0.1;
    s.estimate = small;
    np_honest h = estimate(&s);
    assert_int_equal(h.verdict, NP_HONEST_NO_CONCLUSION);
    assert_true(isnan(h.breakdown));
}

/* In another unit of measure, with the sign turned. */
static void intervals_follow_the_unit_and_the_sign(void **state)
{
    (void)state;
    double scaled[N], V[N * N];
    for (int i = 0; i < N; i++)
        scaled[i] = -1000 * coefficient[i];
    for (int i = 0; i < N * N; i++)
        V[i] = 1e6 * vcov[i];
    np_honest_spec s = spec_of(NP_HONEST_SMOOTHNESS), t = s;
    s.convention = t.convention = NP_HONEST_EXACT;
    t.estimate = scaled;
    t.vcov = V;
    for (int m = NP_HONEST_FLCI; m <= NP_HONEST_C_F; m++) {
        s.method = t.method = (np_honest_method)m;
        if (s.method == NP_HONEST_C_LF)
            continue; /* its draws are not symmetric */
        np_honest_interval a = interval_at(s, 0.1), b = interval_at(t, 100);
        assert_digits(b.conf_low, -1000 * a.conf_high, 8);
        assert_digits(b.conf_high, -1000 * a.conf_low, 8);
    }
}

static void threads_do_not_change_a_digit(void **state)
{
    (void)state;
    np_honest_spec s = spec_of(NP_HONEST_RELATIVE_MAGNITUDES);
    s.n_threads = 1;
    np_honest one = estimate(&s);
    s.n_threads = 5;
    np_honest five = estimate(&s);
    assert_int_equal(one.n_intervals, five.n_intervals);
    for (size_t i = 0; i < one.n_intervals; i++) {
        assert_true(one.interval[i].conf_low == five.interval[i].conf_low);
        assert_true(one.interval[i].conf_high == five.interval[i].conf_high);
    }
    assert_true(one.breakdown == five.breakdown);
}

static void a_target_is_any_weights(void **state)
{
    (void)state;
    static const double average[POST] = {0.5, 0.5}, last[POST] = {0, 1};
    np_honest_spec s = spec_of(NP_HONEST_SMOOTHNESS);
    s.target = average;
    np_honest h = estimate(&s);
    assert_digits(h.estimate, 1.0, 14);
    /* 0.25 (0.04 + 0.04 + 2 × 0.024) */
    assert_digits(h.std_error, sqrt(0.032), 14);
    s.target = last;
    s.method = NP_HONEST_C_LF;
    np_honest_interval v = interval_at(s, 0.05);
    assert_true(v.conf_low < v.conf_high);
    assert_digits(estimate(&s).estimate, 1.1, 14);
}

/* The test without nuisance, followed in R 4.2 step by step as Andrews, Roth and Pakes
 * and HonestDiD have it, with mvtnorm's draws after set.seed(0). */
static void without_nuisance_the_ends_are_those_of_r(void **state)
{
    (void)state;
    static const struct {
        np_honest_restriction restriction;
        double bound, low, high;
    } want[] = {
        {NP_HONEST_RELATIVE_MAGNITUDES, 0.5, 0.412412412412412, 1.405405405405405},
        {NP_HONEST_RELATIVE_MAGNITUDES, 2, -0.132132132132132, 2.022022022022022},
        {NP_HONEST_SMOOTHNESS, 0.1, 0.0697697697697697, 2.0479479479479474}};
    double V[16];
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            V[i * 4 + j] = vcov[i * N + j];
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        np_honest_spec s = spec_of(want[i].restriction);
        s.n_post = 1;
        s.vcov = V;
        s.method = NP_HONEST_C_LF;
        np_honest_interval got = interval_at(s, want[i].bound);
        assert_digits(got.conf_low, want[i].low, 13);
        assert_digits(got.conf_high, want[i].high, 13);
    }
}

/* One period after the start has no nuisance, and every method its interval. */
static void one_period_after_the_start_is_enough(void **state)
{
    (void)state;
    double V[16];
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++)
            V[i * 4 + j] = vcov[i * N + j];
    for (int r = 0; r < NP_N_HONEST_RESTRICTIONS; r++)
        for (int c = NP_HONEST_AS_HONESTDID; c <= NP_HONEST_EXACT; c++) {
            np_honest_spec s = spec_of((np_honest_restriction)r);
            s.n_post = 1;
            s.vcov = V;
            s.convention = (np_honest_convention)c;
            s.method = NP_HONEST_C_LF;
            np_honest_interval v = interval_at(s, 0.1);
            assert_true(v.conf_low > 0 && v.conf_high < 2.5);
        }
}

static void shapes_shorten_the_interval(void **state)
{
    (void)state;
    np_honest_spec s = spec_of(NP_HONEST_RELATIVE_MAGNITUDES);
    s.convention = NP_HONEST_EXACT;
    np_honest_interval any = interval_at(s, 1);
    s.shape = NP_HONEST_BIAS_POSITIVE; /* the effect is at most the estimate */
    np_honest_interval positive = interval_at(s, 1);
    s.shape = NP_HONEST_BIAS_NEGATIVE;
    np_honest_interval negative = interval_at(s, 1);
    assert_true(positive.conf_high < any.conf_high - 0.05);
    assert_true(negative.conf_low > any.conf_low + 0.05);
    s.shape = NP_HONEST_TREND_INCREASING;
    np_honest_interval rising = interval_at(s, 1);
    assert_true(rising.conf_high < any.conf_high);
}

typedef struct {
    const char *says;
    np_status status;
    void (*spoil)(np_honest_spec *s, double *V, double *b);
} refusal;

static void no_pre(np_honest_spec *s, double *V, double *b)
{
    (void)V;
    (void)b;
    s->n_pre = 0;
    s->n_post = N;
}

static void asymmetric(np_honest_spec *s, double *V, double *b)
{
    (void)s;
    (void)b;
    V[1] += 0.001;
}

static void indefinite(np_honest_spec *s, double *V, double *b)
{
    (void)s;
    (void)b;
    V[1] = V[N] = 0.05;
}

static void not_a_number(np_honest_spec *s, double *V, double *b)
{
    (void)s;
    (void)V;
    b[2] = NAN;
}

static void zero_variance(np_honest_spec *s, double *V, double *b)
{
    (void)s;
    (void)b;
    V[0] = 0;
}

static void perfectly_correlated(np_honest_spec *s, double *V, double *b)
{
    (void)s;
    (void)b;
    for (int i = 0; i < N * N; i++)
        V[i] = 0.04;
}

static void wrong_method(np_honest_spec *s, double *V, double *b)
{
    (void)V;
    (void)b;
    s->method = NP_HONEST_FLCI;
}

static void bad_level(np_honest_spec *s, double *V, double *b)
{
    (void)V;
    (void)b;
    s->conf_level = 1.5;
}

static void falling_bounds(np_honest_spec *s, double *V, double *b)
{
    static const double bounds[] = {1, 0.5};
    (void)V;
    (void)b;
    s->bound = bounds;
    s->n_bounds = 2;
}

static void no_weight(np_honest_spec *s, double *V, double *b)
{
    static const double zero[POST] = {0, 0};
    (void)V;
    (void)b;
    s->target = zero;
}

static void what_cannot_be_is_refused_in_words(void **state)
{
    (void)state;
    static const refusal refusals[] = {
        {"0 periods before the start", NP_E_NOT_IDENTIFIED, no_pre},
        {"not symmetric: row 1, column 2", NP_E_RANGE, asymmetric},
        {"not positive semidefinite", NP_E_RANGE, indefinite},
        {"coefficient 3 is not a number", NP_E_RANGE, not_a_number},
        {"coefficient 1 has variance 0", NP_E_RANGE, zero_variance},
        {"known without error", NP_E_NOT_IDENTIFIED, perfectly_correlated},
        {"no interval of the method flci", NP_E_USAGE, wrong_method},
        {"between 0 and 1, not 1.5", NP_E_RANGE, bad_level},
        {"0.5 follows 1", NP_E_RANGE, falling_bounds},
        {"no positive variance", NP_E_RANGE, no_weight},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        double V[N * N], b[N];
        np_honest_spec s = spec_of(NP_HONEST_RELATIVE_MAGNITUDES);
        np_honest out;
        np_error err = {0};
        memcpy(V, vcov, sizeof V);
        memcpy(b, coefficient, sizeof b);
        s.vcov = V;
        s.estimate = b;
        refusals[i].spoil(&s, V, b);
        assert_int_equal(np_honest_estimate(&out, &s, arena, &err), refusals[i].status);
        if (strstr(err.message, refusals[i].says) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", err.message, refusals[i].says);
    }
}

/* As many periods as clusters and more: the flci still has its optimum. */
static void a_singular_covariance_has_an_interval_of_fixed_length(void **state)
{
    (void)state;
    double V[N * N];
    static const double score[2][N] = {{0.1, -0.2, 0.05, 0.1, 0.2},
                                       {-0.05, 0.1, 0.2, -0.1, 0.1}};
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            V[i * N + j] = score[0][i] * score[0][j] + score[1][i] * score[1][j];
    np_honest_spec s = spec_of(NP_HONEST_SMOOTHNESS);
    s.vcov = V;
    s.convention = NP_HONEST_EXACT;
    np_honest_interval v = interval_at(s, 0.1);
    assert_true(v.conf_low < v.conf_high && isfinite(v.conf_low));
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    np_honest_spec s = spec_of(NP_HONEST_SMOOTHNESS);
    s.method = NP_HONEST_C_F;
    s.n_threads = 2;
    s.no_breakdown = true;
    for (size_t n = 1;; n++) {
        np_arena *own = np_arena_new(0);
        np_honest out;
        np_error err = {0};
        np_arena_fail_at(own, n);
        np_status status = np_honest_estimate(&out, &s, own, &err);
        np_arena_free(own);
        if (status == NP_OK) {
            assert_true(n > 40);
            break;
        }
        assert_int_equal(status, NP_E_NO_MEMORY);
        assert_int_equal(err.status, NP_E_NO_MEMORY);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_generator_is_that_of_r),
        TEST(simulated_folded_quantiles_are_those_of_r),
        TEST(exact_folded_quantiles_have_their_probability),
        TEST(truncated_quantiles_hold_in_both_tails),
        TEST(the_simplex_finds_a_known_vertex),
        TEST(the_simplex_tells_what_has_no_solution),
        TEST(the_simplex_leaves_dependent_rows_out),
        TEST(at_zero_smoothness_the_flci_is_generalised_least_squares),
        TEST(no_other_weights_have_a_shorter_interval),
        TEST(both_conventions_say_the_same_but_for_their_draws),
        TEST(intervals_widen_with_the_bound),
        TEST(without_a_violation_the_conditional_interval_is_the_original),
        TEST(at_the_breakdown_value_the_interval_reaches_zero),
        TEST(a_small_effect_gives_no_conclusion),
        TEST(intervals_follow_the_unit_and_the_sign),
        TEST(threads_do_not_change_a_digit),
        TEST(a_target_is_any_weights),
        TEST(without_nuisance_the_ends_are_those_of_r),
        TEST(one_period_after_the_start_is_enough),
        TEST(shapes_shorten_the_interval),
        TEST(what_cannot_be_is_refused_in_words),
        TEST(a_singular_covariance_has_an_interval_of_fixed_length),
        TEST(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests_name("honest", tests, NULL, NULL);
}
