#include "stats/agreement.h"

#include "support/check.h"

/* Cohen (1968), the worked example, as 200 items. */
static const int32_t cohen[3][3] = {{88, 10, 2}, {14, 40, 6}, {18, 10, 12}};

static size_t spread(int32_t *first, int32_t *second)
{
    size_t n = 0;
    for (int32_t i = 0; i < 3; i++)
        for (int32_t j = 0; j < 3; j++)
            for (int32_t m = 0; m < cohen[i][j]; m++, n++) {
                first[n] = i;
                second[n] = j;
            }
    return n;
}

static double weight_of(int i, int j, np_kappa_weights w)
{
    int far = i > j ? i - j : j - i;
    return w == NP_KAPPA_NOMINAL  ? far == 0
           : w == NP_KAPPA_LINEAR ? 1 - far / 2.0
                                  : 1 - far * far / 4.0;
}

static double kappa_at(double p[3][3], np_kappa_weights w)
{
    double po = 0, pe = 0, row[3] = {0}, column[3] = {0}, all = 0;
    for (int i = 0; i < 9; i++) {
        row[i / 3] += p[i / 3][i % 3];
        column[i % 3] += p[i / 3][i % 3];
        all += p[i / 3][i % 3];
    }
    for (int i = 0; i < 9; i++) {
        po += weight_of(i / 3, i % 3, w) * p[i / 3][i % 3] / all;
        pe += weight_of(i / 3, i % 3, w) * row[i / 3] * column[i % 3] / (all * all);
    }
    return (po - pe) / (1 - pe);
}

/* The delta method over the multinomial shares, by central differences. */
static double delta_std_error(np_kappa_weights w)
{
    double p[3][3], square = 0, mean = 0;
    for (int i = 0; i < 9; i++)
        p[i / 3][i % 3] = cohen[i / 3][i % 3] / 200.0;
    for (int i = 0; i < 9; i++) {
        double *x = &p[i / 3][i % 3], here = *x, step = 1e-5;
        *x = here + step;
        double up = kappa_at(p, w);
        *x = here - step;
        double slope = (up - kappa_at(p, w)) / (2 * step);
        *x = here;
        mean += here * slope;
        square += here * slope * slope;
    }
    return sqrt((square - mean * mean) / 200);
}

static void kappa_is_that_of_cohen_1968(void **state)
{
    int32_t first[200], second[200];
    assert_int_equal(spread(first, second), 200);
    np_kappa k;
    assert_int_equal(
        np_cohen_kappa(&k, first, second, 200, 3, NP_KAPPA_NOMINAL, 0.95, *state, NULL),
        NP_OK);
    assert_true(fabs(k.kappa - 0.492) < 0.0005);
    assert_digits(k.observed, 0.70, 12);
    assert_digits(k.expected, 0.41, 12);
    assert_digits(k.kappa, 29.0 / 59, 12);
    assert_digits(k.conf_high - k.kappa, 1.959963984540054 * k.std_error, 10);
    assert_digits(k.conf_low, 0.391563702053547, 8); /* R psych 2.2.9, cohen.kappa() */
    assert_digits(k.conf_high, 0.59148714540408, 8);
}

static void the_standard_error_is_that_of_the_delta_method(void **state)
{
    int32_t first[200], second[200];
    spread(first, second);
    for (int w = NP_KAPPA_NOMINAL; w <= NP_KAPPA_SQUARED; w++) {
        np_kappa k;
        assert_int_equal(np_cohen_kappa(&k, first, second, 200, 3, (np_kappa_weights)w,
                                        0.95, *state, NULL),
                         NP_OK);
        assert_digits(k.std_error, delta_std_error((np_kappa_weights)w), 6);
    }
}

/* The weights are 1, 1/2, 0 and 1, 3/4, 0; rows 2 2 1, columns 1 2 2. */
static void weighted_kappa_is_that_derived_by_hand(void **state)
{
    static const int32_t first[] = {0, 0, 1, 1, 2, -1}, second[] = {0, 1, 1, 2, 2, 0};
    np_kappa k;
    np_cohen_kappa(&k, first, second, 6, 3, NP_KAPPA_LINEAR, 0.9, *state, NULL);
    assert_int_equal(k.n, 5);
    assert_digits(k.observed, 4.0 / 5, 12);
    assert_digits(k.expected, 14.0 / 25, 12);
    assert_digits(k.kappa, 6.0 / 11, 12);
    np_cohen_kappa(&k, first, second, 6, 3, NP_KAPPA_SQUARED, 0.9, *state, NULL);
    assert_digits(k.kappa, (0.9 - 17.0 / 25) / (8.0 / 25), 12);
}

static void kappa_without_variation_or_pairs_is_refused(void **state)
{
    static const int32_t same[] = {1, 1, 1}, none[] = {-1, -1, -1}, wild[] = {0, 1, 2};
    np_kappa k;
    assert_int_equal(np_cohen_kappa(&k, same, same, 3, 2, 0, 0.95, *state, NULL),
                     NP_E_NOT_IDENTIFIED);
    assert_int_equal(np_cohen_kappa(&k, same, none, 3, 2, 0, 0.95, *state, NULL),
                     NP_E_NOT_IDENTIFIED);
    assert_int_equal(np_cohen_kappa(&k, same, wild, 3, 2, 0, 0.95, *state, NULL),
                     NP_E_RANGE);
    assert_int_equal(np_cohen_kappa(&k, same, wild, 3, 3, 0, 1, *state, NULL),
                     NP_E_RANGE);
}

#define N NAN
/* Krippendorff (2011): twelve items, four observers. */
static const double krippendorff[12][4] = {
    {1, 1, N, 1}, {2, 2, 3, 2}, {3, 3, 3, 3}, {3, 3, 3, 3}, {2, 2, 2, 2}, {1, 2, 3, 4},
    {4, 4, 4, 4}, {1, 1, 2, 1}, {2, 2, 2, 2}, {N, 5, 5, 5}, {N, N, 1, 1}, {N, 3, N, N}};
#undef N

/* Fleiss' table of ten items by fourteen coders: P = 0.378, Pe = 0.213, kappa 0.210. */
static void fleiss_kappa_is_that_of_a_full_table(void **state)
{
    static const int32_t table[10][5] = {
        {0, 0, 0, 0, 14}, {0, 2, 6, 4, 2}, {0, 0, 3, 5, 6}, {0, 3, 9, 2, 0},
        {2, 2, 8, 1, 1},  {7, 7, 0, 0, 0}, {3, 2, 6, 3, 0}, {2, 5, 3, 2, 2},
        {6, 5, 2, 1, 0},  {0, 2, 2, 3, 7}};
    int32_t label[10][14];
    for (size_t u = 0; u < 10; u++)
        for (int32_t c = 0, i = 0; c < 5; c++)
            for (int32_t k = 0; k < table[u][c]; k++)
                label[u][i++] = c;
    np_kappa k;
    assert_int_equal(np_fleiss_kappa(&k, &label[0][0], 10, 14, 5, 0, *state, NULL),
                     NP_OK);
    assert_int_equal(k.n, 10);
    /* sum of squares 20^2 + 28^2 + 39^2 + 21^2 + 32^2 = 4170 over 140^2; the items'
     * sums of squares are 828 in all, so that P = (828 - 140) / (10 14 13) */
    assert_digits(k.expected, 4170.0 / 19600, 12);
    assert_digits(k.observed, 688.0 / 1820, 12);
    assert_true(fabs(k.kappa - 0.210) < 0.0005);
}

/* irrCAC 1.0, fleiss.kappa.raw(cac.raw4raters): Krippendorff's data. */
static void fleiss_kappa_is_irrcac_s_where_labels_are_missing(void **state)
{
    int32_t label[48];
    for (size_t i = 0; i < 48; i++) {
        double x = krippendorff[i / 4][i % 4];
        label[i] = isnan(x) ? -1 : (int32_t)x - 1;
    }
    np_kappa k;
    assert_int_equal(np_fleiss_kappa(&k, label, 12, 4, 5, 0.95, *state, NULL), NP_OK);
    assert_int_equal(k.n, 11);
    assert_true(fabs(k.observed - 0.81818) < 5e-6);
    assert_true(fabs(k.expected - 0.23872) < 5e-6);
    assert_true(fabs(k.kappa - 0.76117) < 5e-6);
    assert_true(fabs(k.std_error - 0.15302) < 5e-6);
    assert_true(fabs(k.conf_low - 0.42438) < 5e-6);
    assert_true(k.conf_high == 1);
}

static void fleiss_kappa_without_variation_or_pairs_is_refused(void **state)
{
    static const int32_t same[] = {1, 1, 1, 1}, single[] = {0, -1, 1, -1},
                         wild[] = {0, 2, 1, 1};
    np_kappa k;
    assert_int_equal(np_fleiss_kappa(&k, same, 2, 2, 2, 0, *state, NULL),
                     NP_E_NOT_IDENTIFIED);
    assert_int_equal(np_fleiss_kappa(&k, single, 2, 2, 2, 0, *state, NULL),
                     NP_E_NOT_IDENTIFIED);
    assert_int_equal(np_fleiss_kappa(&k, wild, 2, 2, 2, 0, *state, NULL), NP_E_RANGE);
    assert_int_equal(np_fleiss_kappa(&k, same, 2, 2, 2, 1.5, *state, NULL), NP_E_RANGE);
}

static void an_alpha_without_level_has_that_of_95_per_cent(void **state)
{
    np_alpha_options o = {.n_draws = 200, .seed = 1}, same = o;
    np_alpha a, b;
    same.conf_level = 0.95;
    assert_int_equal(
        np_krippendorff_alpha(&a, &krippendorff[0][0], 12, 4, &o, *state, NULL), NP_OK);
    assert_int_equal(
        np_krippendorff_alpha(&b, &krippendorff[0][0], 12, 4, &same, *state, NULL),
        NP_OK);
    assert_true(a.conf_low == b.conf_low && a.conf_high == b.conf_high);
}

static void alpha_is_that_of_krippendorff_2011(void **state)
{
    static const double want[] = {0.743, 0.815, 0.849, 0.797};
    for (int m = NP_ALPHA_NOMINAL; m <= NP_ALPHA_RATIO; m++) {
        np_alpha_options o = {.metric = (np_alpha_metric)m, .conf_level = 0.95};
        np_alpha a;
        assert_int_equal(
            np_krippendorff_alpha(&a, &krippendorff[0][0], 12, 4, &o, *state, NULL),
            NP_OK);
        assert_int_equal(a.n_items, 11);
        assert_int_equal(a.n_labels, 40);
        assert_true(fabs(a.alpha - want[m]) < 0.0006);
        assert_true(isnan(a.conf_low));
    }
}

/* Labels 0 0 | 0 1 | 1 1: Do = 2/6, De = 18/30. */
static void alpha_is_that_derived_by_hand(void **state)
{
    static const double label[] = {0, 0, 0, 1, 1, 1};
    np_alpha_options o = {.metric = NP_ALPHA_INTERVAL, .conf_level = 0.95};
    np_alpha a;
    np_krippendorff_alpha(&a, label, 3, 2, &o, *state, NULL);
    assert_digits(a.observed, 1.0 / 3, 12);
    assert_digits(a.expected, 0.6, 12);
    assert_digits(a.alpha, 4.0 / 9, 12);
}

static void the_interval_covers_alpha_and_follows_the_seed(void **state)
{
    np_alpha_options o = {.conf_level = 0.95, .n_draws = 500, .seed = 7};
    np_alpha a, again, other;
    np_krippendorff_alpha(&a, &krippendorff[0][0], 12, 4, &o, *state, NULL);
    np_krippendorff_alpha(&again, &krippendorff[0][0], 12, 4, &o, *state, NULL);
    o.seed = 8;
    np_krippendorff_alpha(&other, &krippendorff[0][0], 12, 4, &o, *state, NULL);
    assert_true(a.conf_low < a.alpha && a.alpha < a.conf_high && a.conf_high <= 1);
    assert_true(a.conf_low == again.conf_low && a.conf_high == again.conf_high);
    assert_true(a.conf_low != other.conf_low || a.conf_high != other.conf_high);
    assert_int_equal(a.n_draws_used, 500);
}

/* Items {a},{a}; {a},{a,b}; {b},{b}: 3 times a, 2 b, 1 ab. Jaccard: d(a,ab) = d(b,ab) =
 * 1/2, d(a,b) = 1; Do = 1/6, De = 2 (3/2 + 6 + 1) / 30 = 17/30, alpha = 1 - 5/17.
 * MASI: 2/3 in place of 1/2; Do = 2/9, De = 2 (2 + 6 + 4/3) / 30 = 28/45, alpha 9/14. */
static void sets_are_apart_by_jaccard_and_masi(void **state)
{
    double label[] = {1, 1, 1, 3, 2, 2};
    np_alpha_options o = {.metric = NP_ALPHA_JACCARD, .conf_level = 0.95};
    np_alpha a;
    assert_int_equal(np_krippendorff_alpha(&a, label, 3, 2, &o, *state, NULL), NP_OK);
    assert_digits(a.alpha, 12.0 / 17, 12);
    o.metric = NP_ALPHA_MASI;
    assert_int_equal(np_krippendorff_alpha(&a, label, 3, 2, &o, *state, NULL), NP_OK);
    assert_digits(a.alpha, 9.0 / 14, 12);
    label[0] = 1.5;
    assert_int_equal(np_krippendorff_alpha(&a, label, 3, 2, &o, *state, NULL),
                     NP_E_RANGE);
}

static void alpha_without_variation_or_pairs_is_refused(void **state)
{
    static const double same[] = {2, 2, 2, 2}, below[] = {-1, 2, 1, 2};
    const double single[] = {1, NAN, NAN, 2};
    np_alpha_options o = {.metric = NP_ALPHA_RATIO, .conf_level = 0.95};
    np_alpha a;
    assert_int_equal(np_krippendorff_alpha(&a, same, 2, 2, &o, *state, NULL),
                     NP_E_NOT_IDENTIFIED);
    assert_int_equal(np_krippendorff_alpha(&a, single, 2, 2, &o, *state, NULL),
                     NP_E_NOT_IDENTIFIED);
    assert_int_equal(np_krippendorff_alpha(&a, below, 2, 2, &o, *state, NULL),
                     NP_E_RANGE);
}

static int with_arena(void **state)
{
    *state = np_arena_new(0);
    return *state == NULL;
}

static int without_arena(void **state)
{
    np_arena_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kappa_is_that_of_cohen_1968),
        cmocka_unit_test(the_standard_error_is_that_of_the_delta_method),
        cmocka_unit_test(weighted_kappa_is_that_derived_by_hand),
        cmocka_unit_test(kappa_without_variation_or_pairs_is_refused),
        cmocka_unit_test(fleiss_kappa_is_that_of_a_full_table),
        cmocka_unit_test(fleiss_kappa_is_irrcac_s_where_labels_are_missing),
        cmocka_unit_test(fleiss_kappa_without_variation_or_pairs_is_refused),
        cmocka_unit_test(an_alpha_without_level_has_that_of_95_per_cent),
        cmocka_unit_test(alpha_is_that_of_krippendorff_2011),
        cmocka_unit_test(alpha_is_that_derived_by_hand),
        cmocka_unit_test(the_interval_covers_alpha_and_follows_the_seed),
        cmocka_unit_test(sets_are_apart_by_jaccard_and_masi),
        cmocka_unit_test(alpha_without_variation_or_pairs_is_refused),
    };
    return cmocka_run_group_tests(tests, with_arena, without_arena);
}
