#include "support/check.h"

#include <Rmath.h>
#include <string.h>

#include "stats/family.h"
#include "stats/glm.h"
#include "stats/separation.h"

enum { MOST = 64 };

/* A design by hand: columns in one array, at most one factor. */
typedef struct {
    np_design design;
    np_block block[4];
    const char *term[4];
    np_factor factor[2];
    np_arena *arena;
} hand;

static void add_column(hand *h, const char *name, const double *value)
{
    size_t j = h->design.x.k++;
    h->term[j] = name;
    h->block[j] = (np_block){.kind = NP_BLOCK_DENSE,
                             .first = j,
                             .n_columns = 1,
                             .value = value,
                             .variable = ""};
    h->design.x.n_blocks = j + 1;
    h->design.x.block = h->block;
    h->design.x.term = h->term;
}

static const double ones[MOST] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

static void by_hand(hand *h, const double *y, size_t n, bool intercept)
{
    *h = (hand){.arena = np_arena_new(0)};
    h->design = (np_design){.n = n, .n_table_rows = n, .y_name = "y", .y = y};
    h->design.has_intercept = intercept;
    if (intercept)
        add_column(h, "(Intercept)", ones);
}

static void add_factor(hand *h, const char *name, const int32_t *code, size_t n_levels)
{
    h->factor[h->design.n_fe++] = (np_factor){
        .name = name, .code = code, .n_levels = n_levels, .has_intercept = true};
    h->design.fe = h->factor;
}

static np_glm fitted(hand *h, np_family family)
{
    np_glm out = {0};
    np_error err = {0};
    np_status status =
        np_glm_estimate(&out, &h->design,
                        &(np_glm_spec){.family = family, .n_threads = 1}, h->arena, &err);
    if (status != NP_OK)
        print_error("%s\n", err.message);
    assert_int_equal(status, NP_OK);
    return out;
}

static double stat_of(const np_glm *g, const char *name)
{
    for (size_t i = 0; i < g->n_stats; i++)
        if (strcmp(g->stat[i].name, name) == 0)
            return g->stat[i].value;
    return NAN;
}

/* Two groups of counts: means 3 and 6. */
static const double count[8] = {2, 4, 3, 3, 5, 7, 9, 3};
static const double group[8] = {0, 0, 0, 0, 1, 1, 1, 1};

static void a_poisson_coefficient_of_two_groups_is_the_log_ratio_of_means(void **state)
{
    (void)state;
    hand h;
    by_hand(&h, count, 8, true);
    add_column(&h, "group", group);
    np_glm g = fitted(&h, NP_FAMILY_POISSON);
    /* means 12/4 and 24/4; variance of the log ratio 1/12 + 1/24 = 1/8 */
    assert_digits(g.coefficient[0], log(3), 12);
    assert_digits(g.coefficient[1], log(2), 12);
    assert_digits(g.fit.bread[3], 0.125, 11); /* the step at convergence is 1e-11 */
    /* log likelihood Σ y log mu - mu - log y! */
    double ll = 12 * log(3) + 24 * log(6) - 36;
    for (int i = 0; i < 8; i++)
        ll -= lgammafn(count[i] + 1);
    assert_digits(g.log_likelihood, ll, 13);
    assert_digits(stat_of(&g, "aic"), -2 * ll + 4, 13);
    /* against one mean of 4.5: twice 12 log(3/4.5) + 24 log(6/4.5) */
    assert_digits(g.test[0].statistic, 2 * (12 * log(3 / 4.5) + 24 * log(6 / 4.5)), 12);
    assert_true(g.test[0].df1 == 1);
    np_arena_free(h.arena);
}

static void a_logit_of_a_fourfold_table_is_its_log_odds_ratio(void **state)
{
    (void)state;
    /* x=0: 3 of 10; x=1: 8 of 12 */
    double y[22] = {0}, x[22] = {0};
    for (int i = 0; i < 22; i++) {
        x[i] = i >= 10;
        y[i] = i < 3 || (i >= 10 && i < 18);
    }
    hand h;
    by_hand(&h, y, 22, true);
    add_column(&h, "x", x);
    np_glm g = fitted(&h, NP_FAMILY_LOGIT);
    assert_digits(g.coefficient[1], log(8. / 4) - log(3. / 7), 12);
    assert_digits(g.fit.bread[3], 1. / 3 + 1. / 7 + 1. / 8 + 1. / 4, 11);
    assert_digits(g.deviance,
                  -2 * (3 * log(.3) + 7 * log(.7) + 8 * log(2. / 3) + 4 * log(1. / 3)),
                  12);
    /* probit and complementary log-log reproduce the same two shares */
    np_glm probit = fitted(&h, NP_FAMILY_PROBIT), cloglog = fitted(&h, NP_FAMILY_CLOGLOG);
    assert_digits(probit.coefficient[0], qnorm(.3, 0, 1, 1, 0), 10);
    assert_digits(probit.coefficient[0] + probit.coefficient[1],
                  qnorm(2. / 3, 0, 1, 1, 0), 10);
    assert_digits(cloglog.coefficient[0], log(-log(.7)), 10);
    assert_digits(probit.deviance, g.deviance, 12);
    np_arena_free(h.arena);
}

static void the_marginal_effect_is_the_coefficient_times_the_mean_slope(void **state)
{
    (void)state;
    double y[22] = {0}, x[22] = {0};
    for (int i = 0; i < 22; i++) {
        x[i] = i >= 10;
        y[i] = i < 3 || (i >= 10 && i < 18);
    }
    hand h;
    by_hand(&h, y, 22, true);
    add_column(&h, "x", x);
    np_glm g = fitted(&h, NP_FAMILY_LOGIT);
    double effect[2], std_error[2], b = log(8. / 4) - log(3. / 7);
    assert_int_equal(np_glm_margins(effect, std_error, &g, g.fit.bread, h.arena, NULL),
                     NP_OK);
    assert_digits(effect[1], b * (10 * .3 * .7 + 12 * 2. / 9) / 22, 12);
    /* delta method in the two shares' log odds u, v with b = v - u:
     * effect = (v - u)(10 s(u) + 12 s(v))/22, ds/du = s (1 - 2p) */
    double su = .21, sv = 2. / 9, mean = (10 * su + 12 * sv) / 22;
    double du = -mean + b * 10 * su * (1 - .6) / 22;
    double dv = mean + b * 12 * sv * (1 - 4. / 3) / 22;
    double variance = du * du * (1. / 3 + 1. / 7) + dv * dv * (1. / 8 + 1. / 4);
    assert_digits(std_error[1], sqrt(variance), 10);
    np_arena_free(h.arena);
}

static void gamma_models_reproduce_group_means_and_pearsons_dispersion(void **state)
{
    (void)state;
    hand h;
    by_hand(&h, count, 8, true);
    add_column(&h, "group", group);
    np_glm log_link = fitted(&h, NP_FAMILY_GAMMA_LOG);
    np_glm inverse = fitted(&h, NP_FAMILY_GAMMA_INVERSE);
    assert_digits(log_link.coefficient[1], log(2), 12);
    assert_digits(inverse.coefficient[0], 1. / 3, 12);
    assert_digits(inverse.coefficient[1], 1. / 6 - 1. / 3, 12);
    /* Σ ((y - mu)/mu)² = (1 + 1 + 0 + 0)/9 + (1 + 1 + 9 + 9)/36, 8 - 2 df */
    double phi = (2. / 9 + 20. / 36) / 6;
    assert_digits(log_link.dispersion, phi, 12);
    assert_digits(inverse.fit.sigma2, phi, 12);
    np_arena_free(h.arena);
}

static void an_absorbed_factor_gives_what_its_dummies_give(void **state)
{
    (void)state;
    const double y[12] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8};
    const double x[12] = {.2, 1.1, -.4, .9, .3, -1.2, .8, .1, -.5, 1.4, .6, -.7};
    const int32_t unit[12] = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2};
    double second[12], third[12];
    for (int i = 0; i < 12; i++) {
        second[i] = unit[i] == 1;
        third[i] = unit[i] == 2;
    }
    np_family family[] = {NP_FAMILY_POISSON, NP_FAMILY_NEGBIN, NP_FAMILY_GAMMA_LOG,
                          NP_FAMILY_QUASIPOISSON};
    for (size_t f = 0; f < 4; f++) {
        if (family[f] == NP_FAMILY_NEGBIN)
            continue; /* these counts are not overdispersed: tested below */
        hand dummies, absorbed;
        by_hand(&dummies, y, 12, true);
        add_column(&dummies, "x", x);
        add_column(&dummies, "second", second);
        add_column(&dummies, "third", third);
        by_hand(&absorbed, y, 12, false);
        add_column(&absorbed, "x", x);
        add_factor(&absorbed, "unit", unit, 3);
        np_glm a = fitted(&dummies, family[f]), b = fitted(&absorbed, family[f]);
        assert_digits(b.coefficient[0], a.coefficient[1], 11);
        assert_digits(b.fit.bread[0], a.fit.bread[5], 11);
        assert_digits(b.deviance, a.deviance, 12);
        assert_digits(b.dispersion, a.dispersion, 12);
        assert_int_equal(b.n_parameters, a.n_parameters);
        assert_true(b.effects_log_likelihood < b.log_likelihood ||
                    family[f] == NP_FAMILY_QUASIPOISSON);
        np_arena_free(dummies.arena);
        np_arena_free(absorbed.arena);
    }
}

static void a_negative_binomial_stands_at_the_top_of_its_likelihood(void **state)
{
    (void)state;
    const double y[12] = {0, 0, 1, 12, 3, 0, 30, 2, 7, 0, 18, 1};
    const double x[12] = {0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1};
    hand h;
    by_hand(&h, y, 12, true);
    add_column(&h, "x", x);
    np_glm g = fitted(&h, NP_FAMILY_NEGBIN);
    /* given theta the means of two groups are their averages, 16/6 and 58/6 */
    assert_digits(g.coefficient[0], log(16. / 6), 11);
    assert_digits(g.coefficient[1], log(58. / 16), 11);
    /* variance of a group's log mean: (1/mu + 1/theta)/6 */
    double v = (6. / 16 + 1 / g.theta) / 6 + (6. / 58 + 1 / g.theta) / 6;
    assert_digits(g.fit.bread[3], v, 11);
    double ll[3];
    for (int side = -1; side <= 1; side++) {
        double theta = g.theta * (1 + 1e-4 * side);
        ll[side + 1] = 0;
        for (int i = 0; i < 12; i++)
            ll[side + 1] += dnbinom_mu(y[i], theta, i < 6 ? 16. / 6 : 58. / 6, 1);
    }
    assert_digits(g.log_likelihood, ll[1], 12);
    assert_true(ll[0] < ll[1] && ll[2] < ll[1]);
    /* the derivative at the top is 0: both sides fall alike, to third order */
    assert_true(fabs(ll[0] - ll[2]) < 1e-3 * (ll[1] - ll[0]));
    /* curvature in theta from the same three points, relative error of order h² */
    double h2 = g.theta * 1e-4, second = (ll[0] - 2 * ll[1] + ll[2]) / (h2 * h2);
    assert_digits(g.theta_std_error, 1 / sqrt(-second), 4);
    np_arena_free(h.arena);
}

static double negbin_log_likelihood(const double *y, const double *x, const double *at)
{
    double sum = 0;
    for (int i = 0; i < 12; i++)
        sum += dnbinom_mu(y[i], at[2], exp(at[0] + at[1] * x[i]), 1);
    return sum;
}

static const double overdispersed[12] = {0, 0, 1, 12, 3, 0, 30, 2, 7, 0, 18, 1};
static const double regressor[12] = {1, 2, 0, 4, 3, 1, 6, 2, 3, 5, 2, 4};

/* Second differences of the log likelihood in (a, b, theta) against the bread: minus the
 * Hessian times its inverse is the unit matrix. Steps of 1e-3 leave errors of order
 * 1e-6. */
static void the_joint_information_is_the_likelihoods_curvature(void **state)
{
    (void)state;
    hand h;
    by_hand(&h, overdispersed, 12, true);
    add_column(&h, "x", regressor);
    const np_glm_spec spec = {.family = NP_FAMILY_NEGBIN,
                              .information = NP_INFORMATION_OBSERVED};
    np_glm g;
    assert_int_equal(np_glm_estimate(&g, &h.design, &spec, h.arena, NULL), NP_OK);
    assert_int_equal(g.fit.k, 3);
    assert_string_equal(g.term[2], ".theta");
    double step[3] = {1e-3, 1e-3 / 3, 1e-3 * g.theta}, hessian[3][3];
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            double sum = 0;
            for (int corner = 0; corner < 4; corner++) {
                double at[3] = {g.coefficient[0], g.coefficient[1], g.coefficient[2]};
                int up = corner / 2, right = corner % 2;
                at[a] += up ? step[a] : -step[a];
                at[b] += right ? step[b] : -step[b];
                sum += (up == right ? 1 : -1) *
                       negbin_log_likelihood(overdispersed, regressor, at);
            }
            hessian[a][b] = sum / (4 * step[a] * step[b]);
        }
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            double product = 0;
            for (int c = 0; c < 3; c++)
                product -= hessian[a][c] * g.fit.bread[c * 3 + b];
            double scale = sqrt(g.fit.bread[b * 4] / g.fit.bread[a * 4]);
            assert_true(fabs(product - (a == b)) < 1e-4 * scale);
        }
    np_arena_free(h.arena);
}

static void absorbed_factors_are_concentrated_out_of_the_joint_information(void **state)
{
    (void)state;
    const int32_t unit[12] = {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2};
    double second[12], third[12];
    for (int i = 0; i < 12; i++) {
        second[i] = unit[i] == 1;
        third[i] = unit[i] == 2;
    }
    hand dummies, absorbed;
    by_hand(&dummies, overdispersed, 12, true);
    add_column(&dummies, "x", regressor);
    add_column(&dummies, "second", second);
    add_column(&dummies, "third", third);
    by_hand(&absorbed, overdispersed, 12, false);
    add_column(&absorbed, "x", regressor);
    add_factor(&absorbed, "unit", unit, 3);
    const np_glm_spec spec = {.family = NP_FAMILY_NEGBIN,
                              .information = NP_INFORMATION_OBSERVED};
    np_glm a, b = fitted(&absorbed, NP_FAMILY_NEGBIN); /* observed is its default */
    assert_int_equal(np_glm_estimate(&a, &dummies.design, &spec, dummies.arena, NULL),
                     NP_OK);
    assert_int_equal(a.fit.k, 5);
    assert_int_equal(b.fit.k, 2);
    assert_digits(b.coefficient[0], a.coefficient[1], 9);
    assert_digits(b.coefficient[1], a.coefficient[4], 9);
    assert_digits(b.fit.bread[0], a.fit.bread[1 * 5 + 1], 9);
    assert_digits(b.fit.bread[1], a.fit.bread[1 * 5 + 4], 8);
    assert_digits(b.fit.bread[3], a.fit.bread[4 * 5 + 4], 9);
    /* the scores of the rows sum to 0 at the top */
    double x[24], score[12], sum[2] = {0};
    b.fit.rows(&b.fit, 0, 12, x, score, NULL);
    for (int i = 0; i < 12; i++)
        for (int j = 0; j < 2; j++)
            sum[j] += x[2 * i + j] * score[i];
    assert_true(fabs(sum[0]) < 1e-8 && fabs(sum[1]) < 1e-8);
    np_arena_free(dummies.arena);
    np_arena_free(absorbed.arena);
}

static void counts_without_overdispersion_have_no_theta(void **state)
{
    (void)state;
    const double y[6] = {3, 3, 3, 3, 3, 4};
    hand h;
    by_hand(&h, y, 6, true);
    np_glm g;
    np_error err = {0};
    assert_int_equal(np_glm_estimate(&g, &h.design,
                                     &(np_glm_spec){.family = NP_FAMILY_NEGBIN}, h.arena,
                                     &err),
                     NP_E_NOT_CONVERGED);
    assert_non_null(strstr(err.hint, "poisson"));
    np_arena_free(h.arena);
}

static void an_offset_turns_counts_into_rates(void **state)
{
    (void)state;
    const double exposure[8] = {1, 2, 1, 2, 3, 3, 4, 2};
    double offset[8];
    for (int i = 0; i < 8; i++)
        offset[i] = log(exposure[i]);
    hand h;
    by_hand(&h, count, 8, true);
    add_column(&h, "group", group);
    h.design.offset = offset;
    np_glm g = fitted(&h, NP_FAMILY_POISSON);
    /* 12 events in 6, 24 in 12: the same rate */
    assert_digits(g.coefficient[0], log(2), 12);
    assert_true(fabs(g.coefficient[1]) < 1e-12);
    assert_digits(g.null_deviance, g.deviance, 12);
    np_arena_free(h.arena);
}

static void a_weight_of_two_is_the_row_twice(void **state)
{
    (void)state;
    const double weight[8] = {2, 1, 1, 2, 1, 1, 2, 1};
    double y[11], x[11];
    size_t n = 0;
    for (int i = 0; i < 8; i++)
        for (int r = 0; r < weight[i]; r++) {
            y[n] = count[i];
            x[n++] = group[i] + .1 * i;
        }
    double value[8];
    for (int i = 0; i < 8; i++)
        value[i] = group[i] + .1 * i;
    hand weighted, twice;
    by_hand(&weighted, count, 8, true);
    weighted.design.weight = weight;
    add_column(&weighted, "x", value);
    by_hand(&twice, y, n, true);
    add_column(&twice, "x", x);
    np_glm a = fitted(&weighted, NP_FAMILY_POISSON),
           b = fitted(&twice, NP_FAMILY_POISSON);
    assert_digits(a.coefficient[1], b.coefficient[1], 12);
    assert_digits(a.fit.bread[3], b.fit.bread[3], 12);
    assert_digits(a.log_likelihood, b.log_likelihood, 12);
    assert_digits(a.null_deviance, b.null_deviance, 12);
    np_arena_free(weighted.arena);
    np_arena_free(twice.arena);
}

static void a_profile_bound_lies_where_the_deviance_has_risen_by_the_quantile(
    void **state)
{
    (void)state;
    /* 4 events in 10 rows, intercept alone: the deviance at p is
     * -2 (4 log p + 6 log(1-p)) */
    const double y[10] = {1, 1, 1, 1};
    hand h;
    by_hand(&h, y, 10, true);
    np_glm g = fitted(&h, NP_FAMILY_LOGIT);
    double low, high, q = qnorm(.975, 0, 1, 1, 0);
    assert_int_equal(
        np_glm_profile(&low, &high, &g, .95, NP_PROFILE_EXACT, h.arena, NULL), NP_OK);
    double bound[] = {low, high};
    for (int i = 0; i < 2; i++) {
        double p = 1 / (1 + exp(-bound[i]));
        assert_digits(-2 * (4 * log(p) + 6 * log1p(-p)) - g.deviance, q * q, 9);
    }
    assert_true(low < g.coefficient[0] && g.coefficient[0] < high);
    /* R's interpolated grid comes near it */
    double r_low, r_high;
    assert_int_equal(
        np_glm_profile(&r_low, &r_high, &g, .95, NP_PROFILE_R_GRID, h.arena, NULL),
        NP_OK);
    assert_true(fabs(r_low - low) < 5e-3 && fabs(r_high - high) < 5e-3);
    assert_true(r_low != low);
    np_arena_free(h.arena);
}

static void refused(const double *y, const double *x, size_t n, np_family family,
                    np_status status, const char *word)
{
    hand h;
    by_hand(&h, y, n, true);
    add_column(&h, "dose", x);
    np_glm g;
    np_error err = {0};
    assert_int_equal(
        np_glm_estimate(&g, &h.design, &(np_glm_spec){.family = family}, h.arena, &err),
        status);
    if (strstr(err.message, word) == NULL)
        print_error("%s\n", err.message);
    assert_non_null(strstr(err.message, word));
    np_arena_free(h.arena);
}

static void separated_outcomes_are_refused_and_the_regressor_is_named(void **state)
{
    (void)state;
    const double x[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    const double complete[8] = {0, 0, 0, 0, 1, 1, 1, 1};
    refused(complete, x, 8, NP_FAMILY_LOGIT, NP_E_NOT_IDENTIFIED, "dose");
    refused(complete, x, 8, NP_FAMILY_PROBIT, NP_E_NOT_IDENTIFIED, "dose");
    /* quasi-complete: a dummy whose rows are all successes */
    const double dummy[8] = {0, 0, 0, 0, 0, 0, 1, 1};
    const double quasi[8] = {0, 1, 0, 1, 0, 1, 1, 1};
    refused(quasi, dummy, 8, NP_FAMILY_LOGIT, NP_E_NOT_IDENTIFIED, "2 rows");
    /* counts: every row with the dummy is 0 */
    const double zero[8] = {3, 1, 0, 2, 5, 1, 0, 0};
    refused(zero, dummy, 8, NP_FAMILY_POISSON, NP_E_NOT_IDENTIFIED, "dose");
}

static void overlapping_outcomes_are_not_called_separated(void **state)
{
    (void)state;
    const double x[8] = {1, 2, 3, 4, 5, 6, 7, 8}, y[8] = {0, 0, 0, 1, 0, 1, 1, 1};
    hand h;
    by_hand(&h, y, 8, true);
    add_column(&h, "x", x);
    np_separation s;
    assert_int_equal(np_separation_find(&s, NP_FAMILY_LOGIT, &h.design,
                                        (const double *const[]){ones, x}, 2, NULL,
                                        h.arena, NULL),
                     NP_OK);
    assert_int_equal(s.n_rows, 0);
    np_arena_free(h.arena);
}

static void outcomes_that_the_family_cannot_have_are_refused(void **state)
{
    (void)state;
    const double x[4] = {1, 2, 3, 4}, bad[4] = {1, 0, -2, 1}, zero[4] = {1, 2, 0, 3};
    refused(bad, x, 4, NP_FAMILY_POISSON, NP_E_RANGE, "row 3 is -2");
    refused(bad, x, 4, NP_FAMILY_LOGIT, NP_E_RANGE, "row 3");
    refused(zero, x, 4, NP_FAMILY_GAMMA_LOG, NP_E_RANGE, "row 3 is 0");
}

static void a_deviance_tolerance_stops_a_step_short_of_the_exact_covariance(void **state)
{
    (void)state;
    hand h;
    by_hand(&h, count, 8, true);
    add_column(&h, "group", group);
    np_glm exact = fitted(&h, NP_FAMILY_POISSON), early;
    const np_glm_spec spec = {.family = NP_FAMILY_POISSON, .deviance_tolerance = 1e-8};
    assert_int_equal(np_glm_estimate(&early, &h.design, &spec, h.arena, NULL), NP_OK);
    assert_true(early.iterations < exact.iterations);
    /* a move d of the last step leaves d² in the coefficients and d in the weights,
     * with d² n about 1e-8 of the deviance at most */
    assert_digits(early.coefficient[1], exact.coefficient[1], 8);
    double digits = np_digits(early.fit.bread[3], exact.fit.bread[3]);
    assert_true(digits > 4 && digits < 15);
    np_arena_free(h.arena);
}

static void allocations_fail_one_by_one(np_family family)
{
    const int32_t unit[12] = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
    np_status status = NP_E_NO_MEMORY;
    for (size_t n = 1; status != NP_OK; n++) {
        hand h;
        by_hand(&h, overdispersed, 12, false);
        add_column(&h, "x", regressor);
        add_factor(&h, "unit", unit, 2);
        np_glm g;
        np_error err = {0};
        np_arena_fail_at(h.arena, n);
        status = np_glm_estimate(&g, &h.design,
                                 &(np_glm_spec){.family = family, .n_threads = 1},
                                 h.arena, &err);
        if (status != NP_OK)
            assert_int_equal(status, NP_E_NO_MEMORY);
        np_arena_free(h.arena);
        assert_true(n < 10000);
    }
}

static void every_failing_allocation_is_reported(void **state)
{
    (void)state;
    allocations_fail_one_by_one(NP_FAMILY_POISSON);
    allocations_fail_one_by_one(NP_FAMILY_NEGBIN);
}

static void collinear_terms_are_named_and_left_out(void **state)
{
    (void)state;
    double twice[8];
    for (int i = 0; i < 8; i++)
        twice[i] = 3 - 2 * group[i];
    hand h;
    by_hand(&h, count, 8, true);
    add_column(&h, "group", group);
    add_column(&h, "again", twice);
    np_glm g = fitted(&h, NP_FAMILY_POISSON);
    assert_int_equal(g.fit.k, 2);
    assert_int_equal(g.n_collinear, 1);
    assert_string_equal(g.collinear[0], "again");
    np_arena_free(h.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_poisson_coefficient_of_two_groups_is_the_log_ratio_of_means),
        cmocka_unit_test(a_logit_of_a_fourfold_table_is_its_log_odds_ratio),
        cmocka_unit_test(the_marginal_effect_is_the_coefficient_times_the_mean_slope),
        cmocka_unit_test(gamma_models_reproduce_group_means_and_pearsons_dispersion),
        cmocka_unit_test(an_absorbed_factor_gives_what_its_dummies_give),
        cmocka_unit_test(a_negative_binomial_stands_at_the_top_of_its_likelihood),
        cmocka_unit_test(the_joint_information_is_the_likelihoods_curvature),
        cmocka_unit_test(absorbed_factors_are_concentrated_out_of_the_joint_information),
        cmocka_unit_test(counts_without_overdispersion_have_no_theta),
        cmocka_unit_test(an_offset_turns_counts_into_rates),
        cmocka_unit_test(a_weight_of_two_is_the_row_twice),
        cmocka_unit_test(
            a_profile_bound_lies_where_the_deviance_has_risen_by_the_quantile),
        cmocka_unit_test(separated_outcomes_are_refused_and_the_regressor_is_named),
        cmocka_unit_test(overlapping_outcomes_are_not_called_separated),
        cmocka_unit_test(outcomes_that_the_family_cannot_have_are_refused),
        cmocka_unit_test(a_deviance_tolerance_stops_a_step_short_of_the_exact_covariance),
        cmocka_unit_test(every_failing_allocation_is_reported),
        cmocka_unit_test(collinear_terms_are_named_and_left_out),
    };
    return cmocka_run_group_tests_name("glm", tests, NULL, NULL);
}
