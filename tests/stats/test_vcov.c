#include "stats/estimates.h"
#include "stats/linear_panel.h"

/* y = 1.1 x: residuals -0.1, 0.8, -1.3, 0.6; x about its mean -1.5, -0.5, 0.5, 1.5;
 * scores of the slope 0.15, -0.4, -0.65, 0.9; Sxx = 5. */
static const double four_y[] = {1, 3, 2, 5}, four_x[] = {1, 2, 3, 4},
                    four_one[] = {1, 1, 1, 1};
static const int32_t pairs[] = {0, 0, 1, 1}, all_own[] = {0, 1, 2, 3},
                     all_one[] = {0, 0, 0, 0};
static const char *const four_term[] = {"(Intercept)", "x"};
static const char *const four_key[] = {"pair", "time", "same", "one"};

typedef struct {
    np_block block[2];
    np_groups key[4];
    np_design design;
} four;

static void four_new(four *f)
{
    f->block[0] = (np_block){.n_columns = 1, .value = four_one, .variable = ""};
    f->block[1] = (np_block){.first = 1, .n_columns = 1, .value = four_x, .variable = ""};
    f->key[0] = (np_groups){.code = pairs, .n = 4, .n_groups = 2};
    f->key[1] = (np_groups){.code = all_own, .n = 4, .n_groups = 4};
    f->key[2] = (np_groups){.code = pairs, .n = 4, .n_groups = 2};
    f->key[3] = (np_groups){.code = all_one, .n = 4, .n_groups = 1};
    f->design =
        (np_design){.n = 4,
                    .y_name = "y",
                    .y = four_y,
                    .x = {.k = 2, .n_blocks = 2, .block = f->block, .term = four_term},
                    .has_intercept = true,
                    .n_keys = 4,
                    .key = f->key,
                    .key_name = four_key};
}

static double slope_variance(const char *vcov, const char *ssc, np_arena *arena)
{
    four f;
    four_new(&f);
    np_linear fit;
    np_linear_spec spec = {0};
    np_vcov_spec v = {0};
    np_vcov out;
    np_error err = {0};
    if (np_ssc_parse(&v.ssc, ssc, &err) != NP_OK ||
        np_vcov_parse(&v, vcov, arena, &err) != NP_OK ||
        np_linear_estimate(&fit, &f.design, &spec, arena, &err) != NP_OK ||
        np_vcov_estimate(&out, &fit.fit, &v, arena, &err) != NP_OK)
        fail_msg("%s", err.message);
    return out.vcov[3];
}

static np_error refusal(const char *vcov, np_arena *arena)
{
    four f;
    four_new(&f);
    np_linear fit;
    np_linear_spec spec = {0};
    np_vcov_spec v = {0};
    np_vcov out;
    np_error err = {0};
    assert_int_equal(np_linear_estimate(&fit, &f.design, &spec, arena, &err), NP_OK);
    if (np_vcov_parse(&v, vcov, arena, &err) == NP_OK)
        np_vcov_estimate(&out, &fit.fit, &v, arena, &err);
    assert_int_not_equal(err.status, NP_OK);
    return err;
}

static void robust_variances_are_those_by_hand(void **state)
{
    np_arena *arena = *state;
    /* Σ s² = 0.0225 + 0.16 + 0.4225 + 0.81; leverages 1/4 + x²/5 = 0.7, 0.3, 0.3, 0.7 */
    assert_digits(slope_variance("HC0", "", arena), 1.415 / 25, 14);
    assert_digits(slope_variance("hetero", "", arena), 1.415 / 25 * 2, 14);
    assert_digits(slope_variance("HC1", "K.adj=FALSE", arena), 1.415 / 25, 14);
    assert_digits(slope_variance("HC2", "", arena),
                  (0.0225 / 0.3 + 0.16 / 0.7 + 0.4225 / 0.7 + 0.81 / 0.3) / 25, 13);
    assert_digits(slope_variance("HC3", "", arena),
                  (0.0225 / 0.09 + 0.16 / 0.49 + 0.4225 / 0.49 + 0.81 / 0.09) / 25, 13);
    /* HC4: exponents min(4, n h / k) = 1.4 and 0.6 */
    assert_digits(
        slope_variance("HC4", "", arena),
        ((0.0225 + 0.81) / pow(0.3, 1.4) + (0.16 + 0.4225) / pow(0.7, 0.6)) / 25, 13);
}

static void clustered_variances_are_those_by_hand(void **state)
{
    np_arena *arena = *state;
    /* sums -0.25 and 0.25; G/(G-1) = 2, (n-1)/(n-K) = 3/2 */
    assert_digits(slope_variance("~pair", "", arena), 0.125 / 25 * 2 * 1.5, 14);
    assert_digits(slope_variance("~pair", "G.adj=FALSE", arena), 0.125 / 25 * 1.5, 14);
    assert_digits(slope_variance("~pair", "ssc(K.adj = FALSE)", arena), 0.125 / 25 * 2,
                  14);
    /* twice the same variable is the one variable */
    assert_digits(slope_variance("~pair + same", "", arena), 0.125 / 25 * 2 * 1.5, 14);
    /* pairs and single rows: V_pair + V_row - V_row, each with its own factor or the
     * smaller number of clusters for all */
    assert_digits(slope_variance("~pair + time", "", arena), 0.125 / 25 * 2 * 1.5, 13);
    assert_digits(slope_variance("~pair + time", "G.df=conventional", arena),
                  0.125 / 25 * 2 * 1.5, 13);
}

static void serial_correlation_is_weighted_by_hand(void **state)
{
    np_arena *arena = *state;
    /* lag 1, weight 1/2, both ways: s1 s2 + s2 s3 + s3 s4 = -0.06 + 0.26 - 0.585;
     * T/(T-1) = 4/3, (n-1)/(n-K) = 3/2 */
    double want = (1.415 - 0.385) / 25 * 2;
    assert_digits(slope_variance("NW(1) ~ time", "", arena), want, 13);
    assert_digits(slope_variance("DK(1) ~ time", "", arena), want, 13);
    assert_digits(slope_variance("NW(1) ~ one + time", "", arena), want, 13);
    /* within pairs: s2 s3 falls away */
    assert_digits(slope_variance("NW(1) ~ pair + time", "", arena),
                  (1.415 - 0.645) / 25 * 2, 13);
}

static void what_cannot_be_estimated_is_refused_in_words(void **state)
{
    np_arena *arena = *state;
    np_error err = refusal("~one", arena);
    assert_int_equal(err.status, NP_E_NOT_IDENTIFIED);
    assert_non_null(strstr(err.message, "one"));
    assert_int_equal(refusal("~nowhere", arena).status, NP_E_UNKNOWN_NAME);
    assert_int_equal(refusal("NW(1) ~ pair", arena).status, NP_E_NOT_IDENTIFIED);
    assert_int_equal(refusal("cluster", arena).status, NP_E_NOT_IDENTIFIED);
    assert_int_equal(refusal("NW ~ time", arena).status, NP_E_USAGE);
}

static void texts_that_are_no_covariance_are_refused(void **state)
{
    np_arena *arena = *state;
    static const char *const bad[] = {"",        "HC9",        "~",       "~a +",
                                      "iid ~ a", "NW(0) ~ a",  "NW(x)~a", "DK ~ a + b",
                                      "HC1(2)",  "twoway ~ a", "NW(1 ~ a"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        np_vcov_spec v = {0};
        np_error err = {0};
        assert_int_equal(np_vcov_parse(&v, bad[i], arena, &err), NP_E_PARSE);
        assert_string_not_equal(err.message, "");
    }
    np_ssc ssc = {0};
    assert_int_equal(np_ssc_parse(&ssc, "K.adj=MAYBE", NULL), NP_E_PARSE);
    assert_int_equal(np_ssc_parse(&ssc, "k=1", NULL), NP_E_PARSE);
    assert_int_equal(np_ssc_parse(&ssc, "t.df=-3", NULL), NP_E_PARSE);
}

static void covariances_are_read_as_fixest_writes_them(void **state)
{
    np_arena *arena = *state;
    np_vcov_spec v = {0};
    assert_int_equal(np_vcov_parse(&v, " ~ sid^year + state ", arena, NULL), NP_OK);
    assert_int_equal(v.kind, NP_VCOV_CLUSTER);
    assert_int_equal(v.n_keys, 2);
    assert_string_equal(v.key[0], "sid^year");
    assert_string_equal(v.key[1], "state");
    assert_int_equal(np_vcov_parse(&v, "NW(2) ~ firm + year", arena, NULL), NP_OK);
    assert_int_equal(v.kind, NP_VCOV_NEWEY_WEST);
    assert_int_equal(v.lag, 2);
    assert_int_equal(np_vcov_parse(&v, "cluster ~ a + ssc(G.adj=FALSE)", arena, NULL),
                     NP_OK);
    assert_int_equal(v.n_keys, 1);
    assert_int_equal(v.ssc.g_adj, NP_NO);
    assert_int_equal(np_vcov_parse(&v, "vcov = ~ firm", arena, NULL), NP_OK);
    assert_true(v.kind == NP_VCOV_CLUSTER && v.n_keys == 1);
    assert_string_equal(v.key[0], "firm");
    assert_int_equal(np_vcov_parse(&v, "vcov=\"hetero\"", arena, NULL), NP_OK);
    assert_int_equal(v.kind, NP_VCOV_HC1);
    assert_int_equal(np_vcov_parse(&v, "DK(1)", arena, NULL), NP_OK);
    assert_true(v.kind == NP_VCOV_DRISCOLL_KRAAY && v.n_keys == 0);
    np_ssc ssc = {0};
    assert_int_equal(
        np_ssc_parse(&ssc, "ssc(adj = FALSE, fixef.K = \"none\", t.df = 12)", NULL),
        NP_OK);
    assert_int_equal(ssc.k_adj, NP_NO);
    assert_int_equal(ssc.k_fixef, NP_K_NONE);
    assert_true(ssc.t_df == NP_T_VALUE && ssc.t_df_value == 12);
}

/* A unit with one row has leverage one when its effect is absorbed. */
static void a_leverage_of_one_is_refused(void **state)
{
    np_arena *arena = *state;
    panel p = panel_new(arena, 10, 5, 3);
    panel_link(&p, 1, false);
    p.unit[0] = 10;
    p.fe[0].n_levels = 11;
    np_linear fit;
    np_linear_spec spec = {0};
    np_vcov out;
    np_error err = {0};
    np_vcov_spec v = {.kind = NP_VCOV_HC2};
    assert_int_equal(np_linear_estimate(&fit, &p.design, &spec, arena, &err), NP_OK);
    assert_int_equal(np_vcov_estimate(&out, &fit.fit, &v, arena, &err), NP_E_RANGE);
    assert_non_null(strstr(err.message, "leverage"));
}

/* K: 3 regressors, 40 units, 6 periods, less one; nested units count 1. */
static void parameters_are_counted_by_what_is_nested(void **state)
{
    np_arena *arena = *state;
    static const struct {
        const char *vcov, *ssc;
        double K, df;
    } row[] = {{"iid", "", 3 + 45, 0},
               {"~unit", "", 3 + 6, 39},
               {"~unit", "K.fixef=full", 3 + 45, 39},
               {"~unit", "K.fixef=none", 3, 39},
               {"~state", "", 3 + 6, 6},
               {"~unit + period", "", 4, 5},
               {"~period", "", 3 + 40, 5},
               {"~unit", "t.df=7", 3 + 6, 7},
               {"DK(1) ~ period", "", 3 + 45, 5},
               {"NW(1) ~ unit + period", "", 3 + 45, 5}};
    panel p = panel_new(arena, 40, 6, 5);
    panel_link(&p, 2, false);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        np_linear fit;
        np_linear_spec spec = {0};
        np_vcov_spec v = {0};
        np_vcov out;
        np_error err = {0};
        assert_int_equal(np_ssc_parse(&v.ssc, row[i].ssc, &err), NP_OK);
        assert_int_equal(np_vcov_parse(&v, row[i].vcov, arena, &err), NP_OK);
        assert_int_equal(np_linear_estimate(&fit, &p.design, &spec, arena, &err), NP_OK);
        assert_int_equal(np_vcov_estimate(&out, &fit.fit, &v, arena, &err), NP_OK);
        assert_true(out.df_k == row[i].K);
        assert_true(out.df_t == (row[i].df > 0 ? row[i].df : (double)p.n - row[i].K));
    }
}

static void relabelled_clusters_change_nothing(void **state)
{
    np_arena *arena = *state;
    panel p = panel_new(arena, 60, 6, 43);
    panel_link(&p, 2, true);
    outcome a = estimated(&p.design, &(np_linear_spec){0}, "~state", arena);
    for (size_t i = 0; i < p.n; i++)
        p.state[i] = 6 - p.state[i];
    outcome b = estimated(&p.design, &(np_linear_spec){0}, "~state", arena);
    assert_same_outcome(&a, &b, 12);
}

/* Few clusters in both directions give a difference that is not positive definite. */
static void a_matrix_that_is_not_positive_definite_is_repaired_beside_it(void **state)
{
    np_arena *arena = *state;
    panel p = panel_new(arena, 40, 4, 47);
    panel_link(&p, 1, true);
    outcome o = {0};
    size_t k = 0;
    for (uint64_t seed = 0; seed < 50 && (k == 0 || o.vcov.positive_definite); seed++) {
        p = panel_new(arena, 40, 4, seed);
        panel_link(&p, 1, true);
        o = estimated(&p.design, &(np_linear_spec){0}, "~state + period", arena);
        k = o.fit.fit.k;
    }
    assert_false(o.vcov.positive_definite);
    assert_non_null(o.vcov.repaired);
    for (size_t i = 0; i < k; i++)
        assert_true(o.vcov.repaired[i * k + i] >= 0);
}

static void a_joint_test_of_one_term_is_its_t_squared(void **state)
{
    np_arena *arena = *state;
    panel p = panel_new(arena, 60, 6, 53);
    panel_link(&p, 2, true);
    outcome o = estimated(&p.design, &(np_linear_spec){0}, "~unit", arena);
    np_estimates e = {.k = o.fit.fit.k,
                      .term = o.fit.term,
                      .estimate = o.fit.coefficient,
                      .vcov = o.vcov.vcov,
                      .df_t = o.vcov.df_t};
    np_test test;
    assert_int_equal(np_estimates_infer(&e, arena, NULL), NP_OK);
    assert_int_equal(np_wald_test(&test, &e, "^x2$", arena, NULL), NP_OK);
    assert_digits(test.statistic, e.statistic[1] * e.statistic[1], 12);
    assert_digits(test.p_value, e.p_value[1], 9);
    assert_int_equal(np_wald_test(&test, &e, "ev::", arena, NULL), NP_OK);
    assert_string_equal(test.detail, "ev::0, ev::1, ev::2");
    assert_true(test.df1 == 3 && test.df2 == 59);
    assert_int_equal(np_wald_test(&test, &e, "nothing", arena, NULL), NP_E_UNKNOWN_NAME);
    assert_int_equal(np_wald_test(&test, &e, "(", arena, NULL), NP_E_PARSE);
}

/* t quantile 12.7062 with one degree of freedom; P(|t| > 1) = 1/2. */
static void intervals_and_p_values_follow_the_distribution(void **state)
{
    np_arena *arena = *state;
    const char *const term[] = {"a", "b"};
    const double estimate[] = {2, 3}, vcov[] = {4, 0, 0, -1};
    np_estimates e = {
        .k = 2, .term = term, .estimate = estimate, .vcov = vcov, .df_t = 1};
    assert_int_equal(np_estimates_infer(&e, arena, NULL), NP_OK);
    assert_digits(e.p_value[0], 0.5, 14);
    assert_digits(e.conf_high[0], 2 + 2 * tan(M_PI * 0.475), 13);
    assert_true(isnan(e.std_error[1]) && isnan(e.p_value[1]) && isnan(e.conf_low[1]));
    e.normal = true;
    e.conf_level = 0.9;
    assert_int_equal(np_estimates_infer(&e, arena, NULL), NP_OK);
    assert_digits(e.p_value[0], erfc(1 / sqrt(2)), 13);
    assert_digits(e.conf_low[0], 2 - 2 * 1.6448536269514722, 12);
}

static int new_arena(void **state)
{
    *state = np_arena_new(0);
    return *state == NULL;
}

static int free_arena(void **state)
{
    np_arena_free(*state);
    return 0;
}

#define with_arena(test) cmocka_unit_test_setup_teardown(test, new_arena, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(robust_variances_are_those_by_hand),
        with_arena(clustered_variances_are_those_by_hand),
        with_arena(serial_correlation_is_weighted_by_hand),
        with_arena(what_cannot_be_estimated_is_refused_in_words),
        with_arena(texts_that_are_no_covariance_are_refused),
        with_arena(covariances_are_read_as_fixest_writes_them),
        with_arena(a_leverage_of_one_is_refused),
        with_arena(parameters_are_counted_by_what_is_nested),
        with_arena(relabelled_clusters_change_nothing),
        with_arena(a_matrix_that_is_not_positive_definite_is_repaired_beside_it),
        with_arena(a_joint_test_of_one_term_is_its_t_squared),
        with_arena(intervals_and_p_values_follow_the_distribution),
    };
    return cmocka_run_group_tests_name("vcov", tests, NULL, NULL);
}
