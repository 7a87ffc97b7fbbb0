#include "support/check.h"

#include <Rmath.h>
#include <string.h>

#include "stats/diagnostics.h"
#include "stats/linalg.h"

enum { MOST_COLUMNS = 4 };

typedef struct {
    np_design design;
    np_block block[MOST_COLUMNS];
    const char *term[MOST_COLUMNS];
    np_groups key[1];
    const char *key_name[1];
    np_linear linear;
    np_arena *arena;
} model;

static const double ones[16] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

static void add_column(model *m, const char *name, const double *value)
{
    size_t j = m->design.x.k++;
    m->term[j] = name;
    m->block[m->design.x.n_blocks++] = (np_block){.kind = NP_BLOCK_DENSE,
                                                  .first = j,
                                                  .n_columns = 1,
                                                  .value = value,
                                                  .variable = ""};
    m->design.x.block = m->block;
    m->design.x.term = m->term;
}

static void begin(model *m, const double *y, size_t n)
{
    *m = (model){.arena = np_arena_new(0)};
    m->design = (np_design){
        .n = n, .n_table_rows = n, .y_name = "y", .y = y, .has_intercept = true};
    add_column(m, "(Intercept)", ones);
}

static void estimate(model *m)
{
    np_error err = {0};
    np_status status =
        np_linear_estimate(&m->linear, &m->design,
                           &(np_linear_spec){.want_residuals = true}, m->arena, &err);
    if (status != NP_OK)
        print_error("%s\n", err.message);
    assert_int_equal(status, NP_OK);
}

static np_test test_of(model *m, const char *name)
{
    const np_test *test = NULL;
    size_t n = 0;
    assert_int_equal(
        np_diagnostic_test(&test, &n, name, &m->design, &m->linear, m->arena, NULL),
        NP_OK);
    assert_int_equal(n, 1);
    return test[0];
}

static void breusch_pagan_is_n_times_the_share_of_squared_residuals_explained(void **s)
{
    (void)s;
    /* group means 2 and 3, e² = 1 1 0 0 | 9 9 0 0 with means .5 and 4.5 about 2.5:
     * explained 8 × 4, in all 164 - 8 × 6.25 */
    const double y[8] = {1, 3, 2, 2, 0, 6, 3, 3}, x[8] = {0, 0, 0, 0, 1, 1, 1, 1};
    model m;
    begin(&m, y, 8);
    add_column(&m, "x", x);
    estimate(&m);
    np_test t = test_of(&m, "breusch-pagan");
    assert_digits(t.statistic, 8 * 32. / 114, 12);
    assert_true(t.df1 == 1);
    assert_digits(t.p_value, pchisq(8 * 32. / 114, 1, 0, 0), 12);
    np_arena_free(m.arena);
}

static void alternating_residuals_are_seen_by_durbin_watson_and_breusch_godfrey(void **s)
{
    (void)s;
    const double y[4] = {1, -1, 1, -1};
    model m;
    begin(&m, y, 4);
    estimate(&m);
    /* d = (4 + 4 + 4) / 4; about a mean alone d has mean 2 and variance
     * 4 (n - 2) / ((n - 1)(n + 1)) = 8/15 */
    np_test d = test_of(&m, "durbin-watson");
    assert_digits(d.statistic, 3, 14);
    assert_digits(d.p_value, pnorm(3, 2, sqrt(8. / 15), 1, 0), 12);
    /* lags 0 1 -1 1: product with e -3, centred square 3 - 1/4; n R² with e'e = n */
    np_test g = test_of(&m, "breusch-godfrey");
    assert_digits(g.statistic, 9 / 2.75, 12);
    assert_true(g.df1 == 1);
    assert_digits(test_of(&m, "breusch-godfrey:1").statistic, g.statistic, 14);
    np_arena_free(m.arena);
}

static void reset_with_one_regressor_tests_its_square_and_cube(void **s)
{
    (void)s;
    const double y[8] = {2, 1, 4, 3, 7, 5, 11, 16}, x[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    double square[8], cube[8];
    for (int i = 0; i < 8; i++) {
        square[i] = x[i] * x[i];
        cube[i] = square[i] * x[i];
    }
    model m, wide;
    begin(&m, y, 8);
    add_column(&m, "x", x);
    estimate(&m);
    begin(&wide, y, 8);
    add_column(&wide, "x", x);
    add_column(&wide, "square", square);
    add_column(&wide, "cube", cube);
    estimate(&wide);
    double f = (m.linear.rss - wide.linear.rss) / 2 / (wide.linear.rss / 4);
    np_test t = test_of(&m, "reset");
    assert_digits(t.statistic, f, 9);
    assert_true(t.df1 == 2 && t.df2 == 4);
    assert_digits(t.p_value, pf(f, 2, 4, 0, 0), 8);
    np_arena_free(m.arena);
    np_arena_free(wide.arena);
}

static void reset_is_refused_where_the_fitted_values_are_constant(void **s)
{
    (void)s;
    const double y[5] = {4, 1, 0, 1, 4}, x[5] = {-2, -1, 0, 1, 2};
    model m;
    begin(&m, y, 5);
    add_column(&m, "x", x);
    estimate(&m);
    const np_test *test;
    size_t n;
    assert_int_equal(
        np_diagnostic_test(&test, &n, "reset", &m.design, &m.linear, m.arena, NULL),
        NP_E_NOT_IDENTIFIED);
    np_arena_free(m.arena);
}

static void variance_inflation_is_one_over_one_less_the_squared_correlation(void **s)
{
    (void)s;
    /* centred b: -1.5 .5 .5 .5; r² = 2² / (4 × 3) = 1/3 */
    const double y[4] = {1, 2, 4, 3}, a[4] = {-1, -1, 1, 1}, b[4] = {-1, 1, 1, 1};
    model m;
    begin(&m, y, 4);
    add_column(&m, "a", a);
    add_column(&m, "b", b);
    estimate(&m);
    const np_test *test;
    size_t n;
    assert_int_equal(
        np_diagnostic_test(&test, &n, "vif", &m.design, &m.linear, m.arena, NULL), NP_OK);
    assert_int_equal(n, 2);
    assert_string_equal(test[1].detail, "b");
    assert_digits(test[0].statistic, 1.5, 12);
    assert_digits(test[1].statistic, 1.5, 12);
    np_arena_free(m.arena);
}

static void unknown_tests_and_orders_are_refused(void **s)
{
    (void)s;
    const double y[4] = {1, -1, 1, -1};
    model m;
    begin(&m, y, 4);
    estimate(&m);
    const np_test *test;
    size_t n;
    const char *bad[] = {"breusch-godfrey:0", "breusch-godfrey:x", "breusch-godfrey:9"};
    for (int i = 0; i < 3; i++)
        assert_int_equal(
            np_diagnostic_test(&test, &n, bad[i], &m.design, &m.linear, m.arena, NULL),
            NP_E_USAGE);
    assert_false(np_diagnostic_is_known("breusch"));
    assert_int_equal(
        np_diagnostic_test(&test, &n, "breusch", &m.design, &m.linear, m.arena, NULL),
        NP_E_UNKNOWN_NAME);
    np_arena_free(m.arena);
}

/* Twelve rows in four clusters of unequal size. */
static const double y12[12] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8};
static const double x12[12] = {.2, 1.1, -.4, .9, .3, -1.2, .8, .1, -.5, 1.4, .6, -.7};
static const double z12[12] = {1, 0, 2, 0, 1, 3, 0, 1, 1, 0, 2, 1};
static const int32_t firm[12] = {0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3};

static void clustered(model *m, const double *weight)
{
    begin(m, y12, 12);
    add_column(m, "x", x12);
    add_column(m, "z", z12);
    m->key[0] = (np_groups){.code = firm, .n = 12, .n_groups = 4};
    m->key_name[0] = "firm";
    m->design.key = m->key;
    m->design.key_name = m->key_name;
    m->design.n_keys = 1;
    m->design.weight = weight;
    estimate(m);
}

static np_vcov covariance(model *m, const char *text)
{
    np_vcov_spec spec = {0};
    np_vcov v = {0};
    np_error err = {0};
    assert_int_equal(np_vcov_parse(&spec, text, m->arena, &err), NP_OK);
    np_status status = np_vcov_estimate(&v, &m->linear.fit, &spec, m->arena, &err);
    if (status != NP_OK)
        print_error("%s\n", err.message);
    assert_int_equal(status, NP_OK);
    return v;
}

/* The definition with n × n matrices: rows times the square root of the weight. */
static void by_definition(double *V, double *df, const double *weight)
{
    enum { n = 12, k = 3, G = 4 };
    double X[n][k], e[n], A[k * k] = {0}, R[k * k], B[k * k], b[k] = {0}, H[n][n];
    bool kept[k];
    for (int i = 0; i < n; i++) {
        double root = weight == NULL ? 1 : sqrt(weight[i]);
        double row[k] = {1, x12[i], z12[i]};
        for (int a = 0; a < k; a++)
            X[i][a] = root * row[a];
        e[i] = root * y12[i];
        for (int a = 0; a < k; a++) {
            b[a] += X[i][a] * e[i];
            for (int c = 0; c < k; c++)
                A[a * k + c] += X[i][a] * X[i][c];
        }
    }
    np_cholesky(R, kept, A, NULL, k, 0);
    np_cholesky_inverse(B, R, kept, k);
    np_cholesky_solve(b, R, kept, k);
    for (int i = 0; i < n; i++) {
        for (int a = 0; a < k; a++)
            e[i] -= X[i][a] * b[a];
        for (int j = 0; j < n; j++) {
            H[i][j] = 0;
            for (int a = 0; a < k; a++)
                for (int c = 0; c < k; c++)
                    H[i][j] += X[i][a] * B[a * k + c] * X[j][c];
        }
    }
    /* S[i][j]: block diagonal (1 - H_gg)^-1/2 */
    double S[n][n] = {{0}};
    for (int g = 0; g < G; g++) {
        int row[n], m = 0;
        for (int i = 0; i < n; i++)
            if (firm[i] == g)
                row[m++] = i;
        double M[n * n], Q[n * n], value[n];
        for (int i = 0; i < m; i++)
            for (int j = 0; j < m; j++)
                M[i * m + j] = (i == j) - H[row[i]][row[j]];
        assert_int_equal(np_symmetric_eigen(value, Q, M, (size_t)m, NULL), NP_OK);
        for (int i = 0; i < m; i++)
            for (int j = 0; j < m; j++)
                for (int l = 0; l < m; l++)
                    S[row[i]][row[j]] += Q[i * m + l] * Q[j * m + l] / sqrt(value[l]);
    }
    for (int c = 0; c < k; c++) {
        /* column g: (1 - H) S_g X_g B c */
        double P[G][n] = {{0}}, trace = 0, squares = 0, variance = 0;
        for (int g = 0; g < G; g++) {
            double a[n] = {0}, score = 0;
            for (int i = 0; i < n; i++)
                for (int j = 0; j < n && firm[i] == g; j++)
                    for (int l = 0; l < k; l++)
                        a[i] += S[i][j] * X[j][l] * B[l * k + c];
            for (int i = 0; i < n; i++)
                score += a[i] * e[i];
            variance += score * score;
            for (int i = 0; i < n; i++) {
                P[g][i] = a[i];
                for (int j = 0; j < n; j++)
                    P[g][i] -= H[i][j] * a[j];
            }
        }
        for (int g = 0; g < G; g++)
            for (int h = 0; h < G; h++) {
                double sum = 0;
                for (int i = 0; i < n; i++)
                    sum += P[g][i] * P[h][i];
                trace += g == h ? sum : 0;
                squares += sum * sum;
            }
        V[c] = variance;
        df[c] = trace * trace / squares;
    }
}

static void cr2_and_its_degrees_of_freedom_follow_the_definition(void **s)
{
    (void)s;
    static const double weight[12] = {1, 2, 1, 3, 1, 1, 2, 1, 1, 1, 4, 1};
    for (int weighted = 0; weighted < 2; weighted++) {
        model m;
        clustered(&m, weighted ? weight : NULL);
        np_vcov v = covariance(&m, "CR2 ~ firm");
        double V[3], df[3];
        by_definition(V, df, weighted ? weight : NULL);
        for (int j = 0; j < 3; j++) {
            assert_digits(v.vcov[j * 3 + j], V[j], 10);
            assert_digits(v.df[j], df[j], 10);
        }
        np_arena_free(m.arena);
    }
}

static void cr3_is_the_jackknife_over_clusters(void **s)
{
    (void)s;
    model m;
    clustered(&m, NULL);
    np_vcov v = covariance(&m, "CR3 ~ firm");
    double sum[9] = {0};
    for (int32_t g = 0; g < 4; g++) {
        double y[12], x[12], z[12];
        size_t n = 0;
        for (int i = 0; i < 12; i++)
            if (firm[i] != g) {
                y[n] = y12[i];
                x[n] = x12[i];
                z[n++] = z12[i];
            }
        model left;
        begin(&left, y, n);
        add_column(&left, "x", x);
        add_column(&left, "z", z);
        estimate(&left);
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++)
                sum[a * 3 + b] += (left.linear.coefficient[a] - m.linear.coefficient[a]) *
                                  (left.linear.coefficient[b] - m.linear.coefficient[b]);
        np_arena_free(left.arena);
    }
    for (int i = 0; i < 9; i++)
        assert_digits(v.vcov[i], sum[i], 9);
    assert_true(v.df[0] == 3);
    np_arena_free(m.arena);
}

static void the_plain_kinds_differ_by_their_factors(void **s)
{
    (void)s;
    model m;
    clustered(&m, NULL);
    double cr0 = covariance(&m, "CR0 ~ firm").vcov[4];
    assert_digits(covariance(&m, "CR1 ~ firm").vcov[4], cr0 * 4 / 3, 12);
    assert_digits(covariance(&m, "CR1S ~ firm").vcov[4], cr0 * 4 / 3 * 11 / 9, 12);
    assert_digits(covariance(&m, "~firm").vcov[4], cr0 * 4 / 3 * 11 / 9, 12);
    np_arena_free(m.arena);
}

static void a_mean_of_equal_clusters_has_g_less_one_degrees_of_freedom(void **s)
{
    (void)s;
    /* H_gg = 11'/n: CR2 is CR1, and df is that of the clusters' means */
    static const int32_t equal[12] = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3};
    model m;
    begin(&m, y12, 12);
    m.key[0] = (np_groups){.code = equal, .n = 12, .n_groups = 4};
    m.key_name[0] = "firm";
    m.design.key = m.key;
    m.design.key_name = m.key_name;
    m.design.n_keys = 1;
    estimate(&m);
    np_vcov v = covariance(&m, "CR2 ~ firm");
    assert_digits(v.vcov[0], covariance(&m, "CR1 ~ firm").vcov[0], 12);
    assert_digits(v.df[0], 3, 12);
    np_arena_free(m.arena);
}

static void cr3_is_refused_where_a_cluster_determines_a_coefficient(void **s)
{
    (void)s;
    double dummy[12];
    for (int i = 0; i < 12; i++)
        dummy[i] = firm[i] == 3;
    model m;
    begin(&m, y12, 12);
    add_column(&m, "dummy", dummy);
    m.key[0] = (np_groups){.code = firm, .n = 12, .n_groups = 4};
    m.key_name[0] = "firm";
    m.design.key = m.key;
    m.design.key_name = m.key_name;
    m.design.n_keys = 1;
    estimate(&m);
    np_vcov_spec spec = {.kind = NP_VCOV_CR3, .n_keys = 1, .key = {"firm"}};
    np_vcov v;
    np_error err = {0};
    assert_int_equal(np_vcov_estimate(&v, &m.linear.fit, &spec, m.arena, &err),
                     NP_E_RANGE);
    assert_true(isfinite(covariance(&m, "CR2 ~ firm").vcov[3]));
    np_arena_free(m.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            breusch_pagan_is_n_times_the_share_of_squared_residuals_explained),
        cmocka_unit_test(
            alternating_residuals_are_seen_by_durbin_watson_and_breusch_godfrey),
        cmocka_unit_test(reset_with_one_regressor_tests_its_square_and_cube),
        cmocka_unit_test(reset_is_refused_where_the_fitted_values_are_constant),
        cmocka_unit_test(variance_inflation_is_one_over_one_less_the_squared_correlation),
        cmocka_unit_test(unknown_tests_and_orders_are_refused),
        cmocka_unit_test(cr2_and_its_degrees_of_freedom_follow_the_definition),
        cmocka_unit_test(cr3_is_the_jackknife_over_clusters),
        cmocka_unit_test(the_plain_kinds_differ_by_their_factors),
        cmocka_unit_test(a_mean_of_equal_clusters_has_g_less_one_degrees_of_freedom),
        cmocka_unit_test(cr3_is_refused_where_a_cluster_determines_a_coefficient),
    };
    return cmocka_run_group_tests_name("diagnostics", tests, NULL, NULL);
}
