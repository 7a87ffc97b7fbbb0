#include "support/check.h"

#include <string.h>

#include "stats/did/synthetic_study.h"
#include "stats/prop99.h"

/* Expected numbers of California: R 4.2.2, synthdid 0.0.9, synthdid_estimate(),
 * sc_estimate() and did_estimate() of panel.matrices(california_prop99). */
static const double omega_sdid[38] = {0,
                                      0.003441829190054,
                                      0.0575127872420201,
                                      0.0782872884996787,
                                      0.0703681227256287,
                                      0.00158841055308396,
                                      0.0314682102294695,
                                      0.053387822698875,
                                      0.0101354850429156,
                                      0.0259386289609701,
                                      0.0216051714039695,
                                      0,
                                      0,
                                      0.0282110161048141,
                                      0.0394946446647215,
                                      0,
                                      0.00780250388658806,
                                      0.045135207774626,
                                      0.0478531913968808,
                                      0.124489227812917,
                                      0.105047578516295,
                                      0.0405682680545281,
                                      0.032805180316428,
                                      0,
                                      0.0314607672920637,
                                      0,
                                      0.0153521490259842,
                                      0.00104158777710277,
                                      0,
                                      0.00408709312137454,
                                      0,
                                      0.00977752994968436,
                                      0.0415176579779708,
                                      0,
                                      0,
                                      0.0335691131906583,
                                      0.0366670847907984,
                                      0.001386441799899};
static const double curve_sdid[12] = {
    -4.84497259309483, -4.32580722216105, -8.65354641328806, -8.41911775042674,
    -12.5454635622111, -16.1062256864386, -18.9057683504916, -19.350137104389,
    -20.8835155812634, -22.7815733146737, -25.9449251126919, -24.4848817816763};
static const double omega_control[38] = {0,
                                         0,
                                         0.0133158499706011,
                                         0.104467335733299,
                                         0.00405025978204405,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0.232272704391925,
                                         0,
                                         0.204426127993562,
                                         0.0453637093937014,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0.396104012734868,
                                         0,
                                         0,
                                         0,
                                         0,
                                         0};
static const double curve_control[12] = {
    -8.45886102361575, -9.24434579088471, -12.6664365157242, -13.7910188245135,
    -17.6341896031763, -22.1710013568664, -22.9714581216324, -24.1383902156036,
    -26.3958282447542, -23.4745517864966, -27.6963702794778, -26.7935098885827};
static const double curve_did[12] = {
    -12.9041538967728, -13.5067839167728, -21.2831051175623, -21.5357340459834,
    -24.9357320504571, -29.159419888615,  -32.398890002036,  -32.3252077278255,
    -33.6304717572992, -34.2988920354571, -36.0357331457202, -36.1752094188781};
static const double placebo_sdid[38] = {
    4.36377195310704,  1.60206184889054,  0.562007575316041,  -12.3361170284781,
    7.39750137576913,  -9.80559531373271, 6.79699133867736,   -10.3460924989235,
    13.6266582534657,  7.585227855093,    -1.32087517597818,  14.7208499650568,
    2.71841637688984,  -4.71357694087609, -2.16245927657517,  8.47511976806218,
    7.17981828628979,  11.6418331177539,  4.8627164682626,    -13.2728303263735,
    -4.7506830698638,  0.185053118219726, -1.16094126822459,  -0.310213572009511,
    0.367231315651606, 3.60909233627242,  -0.192611102995388, -31.7570434625255,
    2.13946102737167,  9.23262535864436,  5.033139727737,     -15.2184180161491,
    6.66871187489382,  -7.7837907741173,  -12.2431901914517,  14.861684390173,
    3.02294218851745,  5.55654479767092};
static const double placebo_control[38] = {
    2.30784597020509,   -0.872010362486257, -6.03009203009251, -13.3686790760322,
    9.80840235050817,   -8.82171271676517,  1.83636415641911,  -1.98497018748139,
    14.1188041549132,   4.06171750660892,   -1.34766236663546, 39.2815659741497,
    3.92453068713098,   -2.09322344002295,  -3.67340394228775, 5.14437263765076,
    9.09496948937525,   6.20203499727059,   5.78596582068947,  -7.80850861001315,
    0.282453316234715,  -2.16994238360678,  -3.00642711496055, -6.03602013375526,
    0.580749343155189,  7.46258338768712,   2.00657941279465,  -25.5072094597989,
    -0.585599742181663, 6.91932103568869,   9.86257009187534,  -14.1994769646354,
    -14.4583330158333,  -9.94126662808733,  -15.0757861812457, 12.0263264183043,
    7.9098507662481,    0.667237690992945};
static const double placebo_did[38] = {
    21.617128374936,   21.4635257793504,   -12.0225107138928, -4.22386239317212,
    6.84145134389995,  7.75451519209816,   -3.18106947366761, -12.3148520303343,
    12.1590205601162,  7.05902222939545,   -1.65088749772166, 2.53199830335943,
    2.86487671732338,  -3.4229597769559,   0.962172345566623, 17.3243363046657,
    15.4563177033594,  -0.714852789478424, 6.09280482362968,  -39.329718071055,
    -62.4017923786226, -0.991429777766712, -35.8103512642082, -3.56079967916311,
    11.7337955194405,  0.433346001647704,  8.40496655466572,  -17.4337716768208,
    15.2067688015576,  11.2986622700261,   26.7684800948009,  -11.6698078047937,
    9.00271502326931,  -9.09773628470364,  -6.95404323019914, 18.8828944757468,
    9.46532686642248,  -8.54368044272167};

enum { N = PROP99_STATES, T = PROP99_YEARS, N0 = PROP99_DONORS, T0 = PROP99_BEFORE };

typedef struct {
    np_synthetic_panel panel;
    np_synthetic_block block;
    np_synthetic_tuning tuning;
    np_synthetic_fit fit;
    np_synthetic_scratch *scratch;
    int32_t control[N], treated[N];
    double omega[N], lambda[T], gap[T], curve[T], beta[8];
} study;

typedef enum { SDID, CONTROL, DID } method;

/* Donors are all but California and `treated`. */
static void solve(study *s, int32_t treated, method m, np_synthetic_options o)
{
    memset(s, 0, sizeof *s);
    s->panel = (np_synthetic_panel){.n_units = N, .n_periods = T, .y = prop99_packs};
    s->block = (np_synthetic_block){.control = s->control,
                                    .treated = s->treated,
                                    .n_treated = 1,
                                    .n_before = T0,
                                    .first_after = T0};
    s->treated[0] = treated;
    for (int32_t i = 0; i < N0; i++)
        if (i != treated)
            s->control[s->block.n_controls++] = i;
    s->fit = (np_synthetic_fit){
        .omega = s->omega, .lambda = s->lambda, .gap = s->gap, .curve = s->curve};
    if (m == DID)
        o.omega = o.lambda = NP_SYNTHETIC_UNIFORM;
    s->scratch = np_synthetic_scratch_new(&s->panel, N);
    assert_non_null(s->scratch);
    np_error err = {0};
    assert_int_equal(
        np_synthetic_tune(&s->tuning, &s->panel, &s->block, m == CONTROL, &o, &err),
        NP_OK);
    np_synthetic_start(&s->fit, &s->block, &s->tuning);
    assert_int_equal(
        np_synthetic_solve(&s->fit, &s->panel, &s->block, &s->tuning, s->scratch, &err),
        NP_OK);
    np_synthetic_scratch_free(s->scratch);
}

static void same(const double *got, const double *want, size_t n, double digits)
{
    for (size_t i = 0; i < n; i++) {
        if (want[i] == 0)
            assert_true(fabs(got[i]) < 1e-14);
        else
            assert_digits(got[i], want[i], digits);
    }
}

static void california_is_as_in_r_synthdid(void **state)
{
    (void)state;
    study s;
    solve(&s, N0, SDID, (np_synthetic_options){0});
    assert_digits(s.fit.estimate, -15.6038278727339, 10);
    same(s.omega, omega_sdid, N0, 9);
    same(s.curve + T0, curve_sdid, T - T0, 10);
    assert_digits(s.lambda[T0 - 3], 0.366470631936465, 9);
    assert_digits(s.lambda[T0 - 2], 0.206453050560176, 9);
    assert_digits(s.lambda[T0 - 1], 0.427076317503359, 9);
    assert_digits(s.tuning.zeta_omega, 10.2262325714912, 13);
    assert_digits(s.tuning.zeta_lambda, 5.49440101857951e-06, 13);
    assert_digits(s.tuning.min_decrease, 5.49440101857951e-05, 13);
}

static void synthetic_california_is_as_in_r_synthdid(void **state)
{
    (void)state;
    study s;
    solve(&s, N0, CONTROL, (np_synthetic_options){0});
    assert_digits(s.fit.estimate, -19.619663470944, 10);
    same(s.omega, omega_control, N0, 8);
    same(s.curve + T0, curve_control, T - T0, 10);
}

static void equal_weights_are_difference_in_differences(void **state)
{
    (void)state;
    study s;
    solve(&s, N0, DID, (np_synthetic_options){0});
    assert_digits(s.fit.estimate, -27.349111083615, 13);
    same(s.curve + T0, curve_did, T - T0, 12);
}

static void each_donor_as_if_treated_is_as_in_r_synthdid(void **state)
{
    (void)state;
    study s;
    for (int32_t i = 0; i < N0; i++) {
        solve(&s, i, SDID, (np_synthetic_options){0});
        assert_digits(s.fit.estimate, placebo_sdid[i], 9);
        solve(&s, i, CONTROL, (np_synthetic_options){0});
        assert_digits(s.fit.estimate, placebo_control[i], 7);
        solve(&s, i, DID, (np_synthetic_options){0});
        assert_digits(s.fit.estimate, placebo_did[i], 11);
    }
}

/* The optimum of a weight problem: all columns with weight have the same gradient, and no
 * other a smaller one (Karush, Kuhn, Tucker); the largest violation over the scale. */
static double violation(const np_simplex_problem *p, const double *x)
{
    double r[N] = {0}, gradient[N], least = INFINITY, scale = 0, worst = 0, sum = 0;
    for (size_t l = 0; l < p->n_rows; l++) {
        r[l] = -p->b[l];
        for (size_t j = 0; j < p->n_columns; j++)
            r[l] += x[j] * p->A[j * p->n_rows + l];
    }
    for (size_t j = 0; j < p->n_columns; j++) {
        double size = 0;
        gradient[j] = (double)p->n_rows * p->zeta * p->zeta * x[j];
        for (size_t l = 0; l < p->n_rows; l++) {
            gradient[j] += r[l] * p->A[j * p->n_rows + l];
            size += p->A[j * p->n_rows + l] * p->A[j * p->n_rows + l];
        }
        least = gradient[j] < least ? gradient[j] : least;
        scale = size > scale ? size : scale;
        sum += x[j];
        assert_true(x[j] >= 0);
    }
    assert_digits(sum, 1, 12);
    for (size_t j = 0; j < p->n_columns; j++)
        if (x[j] > 0 && gradient[j] - least > worst)
            worst = gradient[j] - least;
    return worst / scale;
}

/* Donors' packs before 1989, each column's mean taken out where `centred`. */
static np_simplex_problem donors_before(double *A, double *b, double zeta, bool centred)
{
    for (size_t i = 0; i <= N0; i++) {
        double *column = i < N0 ? A + i * T0 : b, mean = 0;
        for (size_t t = 0; t < T0; t++)
            mean += prop99_packs[i * T + t] / T0;
        for (size_t t = 0; t < T0; t++)
            column[t] = prop99_packs[i * T + t] - (centred ? mean : 0);
    }
    return (np_simplex_problem){A, b, T0, N0, zeta};
}

static void the_exact_solver_is_at_the_optimum(void **state)
{
    (void)state;
    static double A[N * T], b[T], x[N];
    np_arena *arena = np_arena_new(0);
    const double zeta[] = {0, 5.49440101857951e-06, 0.5, 10.2262325714912, 1000};
    for (size_t i = 0; i < 10; i++) {
        np_simplex_problem p = donors_before(A, b, zeta[i / 2], i % 2 == 1);
        assert_int_equal(np_simplex_exact(x, &p, arena, NULL), NP_OK);
        assert_true(violation(&p, x) < 1e-11);
    }
    np_arena_free(arena);
}

/* Two columns (0, 1) and (2, 0), target (0, 0): the nearest point of the line between
 * them to the origin has weights 4/5 and 1/5. With a third column at the origin's other
 * side, (-1, 0), the origin is 1/3 (2, 0) + 2/3 (-1, 0). */
static void the_nearest_point_is_found_by_hand(void **state)
{
    (void)state;
    const double A[] = {0, 1, 2, 0, -1, 0}, b[] = {0, 0};
    double x[3];
    np_arena *arena = np_arena_new(0);
    np_simplex_problem p = {A, b, 2, 2, 0};
    assert_int_equal(np_simplex_exact(x, &p, arena, NULL), NP_OK);
    assert_digits(x[0], 0.8, 14);
    assert_digits(x[1], 0.2, 14);
    p.n_columns = 3;
    assert_int_equal(np_simplex_exact(x, &p, arena, NULL), NP_OK);
    assert_true(fabs(x[0]) < 1e-14);
    assert_digits(x[1], 1.0 / 3, 14);
    assert_digits(x[2], 2.0 / 3, 14);
    np_arena_free(arena);
}

/* A column twice, a column all of zeros and a target that a column meets exactly. */
static void degenerate_problems_end(void **state)
{
    (void)state;
    const double A[] = {1, 2, 1, 2, 0, 0, 5, 5}, b[] = {1, 2};
    double x[4];
    np_arena *arena = np_arena_new(0);
    np_simplex_scratch scratch;
    assert_int_equal(np_simplex_scratch_make(&scratch, 4, arena, NULL), NP_OK);
    np_simplex_problem p = {A, b, 2, 4, 0};
    assert_int_equal(np_simplex_exact(x, &p, arena, NULL), NP_OK);
    assert_digits(x[0] + x[1], 1, 12);
    for (size_t j = 0; j < 4; j++)
        x[j] = 0.25;
    np_simplex_report r = np_simplex_frank_wolfe(x, &p, 1e-6, 10000, &scratch);
    assert_true(r.converged && r.value < 1e-4);
    /* Nothing to choose between: all columns alike. */
    const double same_A[] = {1, 1, 1, 1}, same_b[] = {0, 0};
    np_simplex_problem flat = {same_A, same_b, 2, 2, 0};
    x[0] = x[1] = 0.5;
    np_simplex_forget(&scratch);
    r = np_simplex_frank_wolfe(x, &flat, 0, 100, &scratch);
    assert_true(r.converged && isfinite(x[0]) && isfinite(x[1]));
    assert_int_equal(np_simplex_exact(x, &flat, arena, NULL), NP_OK);
    assert_digits(x[0] + x[1], 1, 14);
    np_arena_free(arena);
}

/* How far the packages' early stop is from the optimum, for California: the estimate
 * moves in the fourth digit, synthetic control's in the second decimal. */
static void the_optimum_is_near_what_frank_wolfe_stops_at(void **state)
{
    (void)state;
    study s;
    solve(&s, N0, SDID, (np_synthetic_options){.solver = NP_SYNTHETIC_EXACT});
    assert_true(fabs(s.fit.estimate - -15.6038278727339) < 0.02);
    solve(&s, N0, CONTROL, (np_synthetic_options){.solver = NP_SYNTHETIC_EXACT});
    assert_true(fabs(s.fit.estimate - -19.619663470944) < 0.2);
}

/* Wisconsin, Wyoming and California as if all were treated from `start` on, beside 36
 * donors, with two made-up covariates. Expected numbers: a line by line transcript of
 * R synthdid 0.0.9 in another language, which gives California's numbers above. */
enum { DONORS = 36 };
static double covariate[2][N * T];
static const double *const covariates[2] = {covariate[0], covariate[1]};

typedef struct {
    np_synthetic_study study;
    np_synthetic_options options;
    np_synthetic_block block[2];
    np_synthetic_answer answer;
    int32_t list[N];
    np_arena *arena;
} several;

static void make_several(several *v, method m, size_t n_covariates, bool staggered)
{
    np_synthetic_options options = v->options;
    memset(v, 0, sizeof *v);
    v->options = options;
    if (m == DID)
        v->options.omega = v->options.lambda = NP_SYNTHETIC_UNIFORM;
    v->arena = np_arena_new(0);
    for (size_t i = 0; i < N; i++) {
        v->list[i] = (int32_t)i;
        for (size_t t = 0; t < T; t++) {
            covariate[0][i * T + t] = (double)((7 * i + 3 * t) % 11) / 10;
            covariate[1][i * T + t] = (double)((5 * i * t) % 13) / 12;
        }
    }
    np_synthetic_block both = {.n_controls = DONORS,
                               .control = v->list,
                               .treated = v->list + DONORS,
                               .n_treated = 3,
                               .n_before = T0,
                               .first_after = T0};
    v->block[0] = v->block[1] = both;
    if (staggered) {
        v->block[0].n_treated = 1;
        v->block[0].n_before = v->block[0].first_after = 15;
        v->block[1].treated++;
        v->block[1].n_treated = 2;
    }
    v->study =
        (np_synthetic_study){.panel = {N, T, n_covariates, prop99_packs, covariates},
                             .control = m == CONTROL,
                             .options = &v->options,
                             .n_cohorts = staggered ? 2 : 1,
                             .block = v->block};
    np_error err = {0};
    if (np_synthetic_study_solve(&v->answer, &v->study, v->arena, &err) != NP_OK)
        fail_msg("%s", err.message);
}

/* The standard error of the (first cohort's) estimate, that is of the mean after. */
static double error_of(several *v, np_synthetic_errors errors, size_t n, uint64_t seed,
                       unsigned n_threads)
{
    np_synthetic_draws d;
    np_error err = {0};
    if (np_synthetic_draw(&d, &v->study, &v->answer, errors, n, seed, n_threads, v->arena,
                          &err) != NP_OK)
        fail_msg("%s", err.message);
    double mean = 0, squares = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t r = 0; r < d.n; r++) {
            double estimate = 0;
            for (size_t t = T0; t < T; t++)
                estimate += d.cell[r * v->study.n_cohorts * T + t] / (T - T0);
            if (pass == 0)
                mean += estimate / (double)d.n;
            else
                squares += (estimate - mean) * (estimate - mean);
        }
    return sqrt(d.scale * squares);
}

static void several_treated_and_their_jackknife_are_as_in_r_synthdid(void **state)
{
    (void)state;
    static const double want[3][2] = {{-1.9231992156562034, 9.814343200814905},
                                      {-4.7307963647507485, 17.467308423989067},
                                      {-8.792311932988536, 13.09099030090798}};
    for (method m = SDID; m <= DID; m++) {
        several v = {0};
        make_several(&v, m, 0, false);
        assert_digits(v.answer.fit[0].estimate, want[m][0], m == CONTROL ? 7 : 9);
        assert_digits(error_of(&v, NP_SYNTHETIC_JACKKNIFE, 0, 0, 0), want[m][1],
                      m == CONTROL ? 7 : 9);
        np_arena_free(v.arena);
    }
}

static void optimised_covariates_are_as_in_r_synthdid(void **state)
{
    (void)state;
    static const double want[3][4] = {
        {-1.9477260933375313, -0.5298775500047848, 0.8204959521358393,
         10.019980019413563},
        {-4.946474680564728, 0.2559295155457785, 0.2332958873316977, 17.44616998230749},
        {-8.756917852088314, 0.11445223760761888, -0.9291065485323534,
         13.12225377407206}};
    for (method m = SDID; m <= DID; m++) {
        several v = {.options.covariates = NP_SYNTHETIC_OPTIMIZED};
        make_several(&v, m, 2, false);
        assert_digits(v.answer.fit[0].estimate, want[m][0], 8);
        assert_digits(v.answer.fit[0].beta[0], want[m][1], 8);
        assert_digits(v.answer.fit[0].beta[1], want[m][2], 8);
        assert_digits(error_of(&v, NP_SYNTHETIC_JACKKNIFE, 0, 0, 0), want[m][3], 8);
        np_arena_free(v.arena);
    }
}

static void projected_covariates_are_least_squares_among_the_donors(void **state)
{
    (void)state;
    several v = {0};
    make_several(&v, SDID, 2, false);
    assert_digits(v.answer.beta[0], -0.16067928491809627, 11);
    assert_digits(v.answer.beta[1], -0.7849641885461717, 11);
    assert_digits(v.answer.fit[0].estimate, -2.0552959255837004, 9);
    np_arena_free(v.arena);
    make_several(&v, CONTROL, 2, false);
    assert_digits(v.answer.fit[0].estimate, -5.155519327075839, 7);
    np_arena_free(v.arena);
}

static void each_cohort_has_its_own_weights(void **state)
{
    (void)state;
    several v = {0};
    make_several(&v, SDID, 0, true);
    assert_digits(v.answer.fit[0].estimate, 8.976700688095276, 9);
    assert_digits(v.answer.fit[1].estimate, -4.146030176703585, 9);
    np_arena_free(v.arena);
}

/* 400 draws of the transcript with a generator of its own gave 5.896 and 6.780; a
 * standard deviation of n draws is known to 1/sqrt(2 n): 4 % of each of both, three
 * times. */
static void draws_spread_as_those_of_r_synthdid(void **state)
{
    (void)state;
    several v = {0};
    make_several(&v, SDID, 0, false);
    double placebo = error_of(&v, NP_SYNTHETIC_PLACEBO, 400, 1, 0);
    double bootstrap = error_of(&v, NP_SYNTHETIC_BOOTSTRAP, 400, 1, 0);
    double most = 3 * sqrt(2.0 / 800);
    assert_true(fabs(log(placebo / 5.896370464025706)) < most);
    assert_true(fabs(log(bootstrap / 6.780399886237934)) < most);
    np_arena_free(v.arena);
}

static void draws_are_the_same_with_any_number_of_threads(void **state)
{
    (void)state;
    several v = {0};
    make_several(&v, SDID, 0, false);
    for (np_synthetic_errors e = NP_SYNTHETIC_PLACEBO; e <= NP_SYNTHETIC_BOOTSTRAP; e++) {
        double one = error_of(&v, e, 20, 7, 1);
        assert_true(one > 0);
        assert_true(one == error_of(&v, e, 20, 7, 2));
        assert_true(one == error_of(&v, e, 20, 7, 5));
        assert_true(one != error_of(&v, e, 20, 8, 1));
    }
    np_arena_free(v.arena);
}

/* synthdid's issue 4: an error that does not notice the treated says nothing of them. */
static void errors_move_when_the_treated_move(void **state)
{
    (void)state;
    static double moved[N * T];
    memcpy(moved, prop99_packs, sizeof moved);
    for (size_t t = T0; t < T; t++)
        moved[N0 * T + t] += 40;
    for (np_synthetic_errors e = NP_SYNTHETIC_BOOTSTRAP; e <= NP_SYNTHETIC_JACKKNIFE;
         e++) {
        several v = {0};
        make_several(&v, SDID, 0, false);
        double before = error_of(&v, e, 50, 3, 0);
        v.study.panel.y = moved;
        np_error err = {0};
        assert_int_equal(np_synthetic_study_solve(&v.answer, &v.study, v.arena, &err),
                         NP_OK);
        double after = error_of(&v, e, 50, 3, 0);
        assert_true(fabs(after / before - 1) > 0.05);
        np_arena_free(v.arena);
    }
}

static void refused(several *v, np_synthetic_errors errors, const char *words)
{
    np_synthetic_draws d;
    np_error err = {0};
    assert_int_equal(
        np_synthetic_draw(&d, &v->study, &v->answer, errors, 10, 1, 1, v->arena, &err),
        NP_E_NOT_IDENTIFIED);
    if (strstr(err.message, words) == NULL)
        fail_msg("%s", err.message);
}

static void a_single_treated_unit_has_no_jackknife_and_no_bootstrap(void **state)
{
    (void)state;
    several v = {0};
    make_several(&v, SDID, 0, true);
    refused(&v, NP_SYNTHETIC_JACKKNIFE, "cohort 1 of 2 has a single one");
    v.study.n_cohorts = 1;
    refused(&v, NP_SYNTHETIC_BOOTSTRAP, "there is a single one");
    v.block[0].n_controls = 1;
    refused(&v, NP_SYNTHETIC_PLACEBO, "more donors than treated units: 1 and 1");
    np_arena_free(v.arena);
}

/* Two clusters of the treated and each donor by itself. */
static void clusters_are_drawn_and_left_out_whole(void **state)
{
    (void)state;
    int32_t cluster[N];
    for (int32_t i = 0; i < N; i++)
        cluster[i] = i == N - 1 ? N - 2 : i;
    several v = {0};
    make_several(&v, SDID, 0, false);
    v.study.cluster_of = cluster;
    v.study.n_clusters = N - 1;
    np_synthetic_draws d;
    assert_int_equal(np_synthetic_draw(&d, &v.study, &v.answer, NP_SYNTHETIC_JACKKNIFE, 0,
                                       0, 1, v.arena, NULL),
                     NP_OK);
    assert_int_equal(d.n, N - 1);
    assert_true(d.n_treated[N - 2] == 1 && d.n_treated[N - 3] == 2);
    assert_int_equal(np_synthetic_draw(&d, &v.study, &v.answer, NP_SYNTHETIC_BOOTSTRAP,
                                       60, 2, 1, v.arena, NULL),
                     NP_OK);
    bool odd = false, more = false;
    for (size_t r = 0; r < d.n; r++) {
        assert_true(d.n_treated[r] >= 1);
        odd = odd || d.n_treated[r] == 1;
        more = more || d.n_treated[r] > 3;
    }
    assert_true(odd && more);
    for (int32_t i = DONORS; i < N; i++)
        cluster[i] = DONORS;
    v.study.n_clusters = DONORS + 1;
    refused(&v, NP_SYNTHETIC_BOOTSTRAP, "there is a single one");
    np_arena_free(v.arena);
}

static void placebos_in_space_rank_the_treated(void **state)
{
    (void)state;
    several v = {0};
    make_several(&v, SDID, 0, false);
    v.block[0].n_controls = N0;
    v.block[0].treated = v.list + N0;
    v.block[0].n_treated = 1;
    assert_int_equal(np_synthetic_study_solve(&v.answer, &v.study, v.arena, NULL), NP_OK);
    np_synthetic_placebos in;
    assert_int_equal(np_synthetic_in_space(&in, &v.study, &v.answer, 2, v.arena, NULL),
                     NP_OK);
    same(in.estimate, placebo_sdid, N0, 9);
    /* Rhode Island's -31.8 alone is larger than California's -15.6. */
    assert_digits(np_synthetic_rank(v.answer.fit[0].estimate, in.estimate, N0), 2.0 / 39,
                  14);
    np_arena_free(v.arena);
}

static void one_period_before_is_refused_in_words(void **state)
{
    (void)state;
    several v = {0};
    make_several(&v, SDID, 0, false);
    v.block[0].n_before = v.block[0].first_after = 1;
    np_error err = {0};
    assert_int_equal(np_synthetic_study_solve(&v.answer, &v.study, v.arena, &err),
                     NP_E_NOT_IDENTIFIED);
    assert_non_null(strstr(err.message, "two periods before the start"));
    np_arena_free(v.arena);
}

/* Differences-in-differences of a synthetic control with an intercept ("DIFP"): published
 * for California, table 1 of the American Economic Review's article, as -11.1. */
static void an_intercept_and_all_years_alike_are_as_published(void **state)
{
    (void)state;
    study s;
    solve(&s, N0, SDID,
          (np_synthetic_options){.lambda = NP_SYNTHETIC_UNIFORM,
                                 .eta_omega = {.given = true, .value = 1e-6}});
    assert_true(fabs(s.fit.estimate - -11.1) < 0.05);
}

static void options_are_read_by_name(void **state)
{
    (void)state;
    np_synthetic_options o = {0};
    np_error err = {0};
    assert_int_equal(
        np_synthetic_options_parse(
            &o,
            "eta.omega=1e-6, omega.intercept = FALSE,sparsify=NULL, max.iter=1e3, "
            "solver=exact, covariates=optimized-standardized, lambda=zero",
            &err),
        NP_OK);
    assert_true(o.eta_omega.given && o.eta_omega.value == 1e-6 && !o.zeta_omega.given);
    assert_int_equal(o.omega_intercept, NP_SYNTHETIC_NO);
    assert_int_equal(o.lambda_intercept, NP_SYNTHETIC_DEFAULT);
    assert_int_equal(o.sparsify, NP_SYNTHETIC_NO);
    assert_int_equal(o.max_iterations, 1000);
    assert_int_equal(o.solver, NP_SYNTHETIC_EXACT);
    assert_int_equal(o.covariates, NP_SYNTHETIC_OPTIMIZED_STANDARDIZED);
    assert_int_equal(o.lambda, NP_SYNTHETIC_ZERO);
    assert_int_equal(np_synthetic_options_parse(&o, "weights=uniform", &err), NP_OK);
    assert_int_equal(o.omega, NP_SYNTHETIC_UNIFORM);
    assert_int_equal(o.lambda, NP_SYNTHETIC_UNIFORM);
    const char *const bad[] = {"eta.omega=-1", "omega=zero",  "max.iter=0",
                               "solver=best",  "sparsify",    "eta=1",
                               "=1",           "max.iter=1.5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        np_synthetic_options before = o;
        err = (np_error){0};
        assert_int_equal(np_synthetic_options_parse(&o, bad[i], &err), NP_E_PARSE);
        assert_memory_equal(&before, &o, sizeof o);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(california_is_as_in_r_synthdid),
        cmocka_unit_test(synthetic_california_is_as_in_r_synthdid),
        cmocka_unit_test(equal_weights_are_difference_in_differences),
        cmocka_unit_test(each_donor_as_if_treated_is_as_in_r_synthdid),
        cmocka_unit_test(the_exact_solver_is_at_the_optimum),
        cmocka_unit_test(the_nearest_point_is_found_by_hand),
        cmocka_unit_test(degenerate_problems_end),
        cmocka_unit_test(the_optimum_is_near_what_frank_wolfe_stops_at),
        cmocka_unit_test(several_treated_and_their_jackknife_are_as_in_r_synthdid),
        cmocka_unit_test(optimised_covariates_are_as_in_r_synthdid),
        cmocka_unit_test(projected_covariates_are_least_squares_among_the_donors),
        cmocka_unit_test(each_cohort_has_its_own_weights),
        cmocka_unit_test(draws_spread_as_those_of_r_synthdid),
        cmocka_unit_test(draws_are_the_same_with_any_number_of_threads),
        cmocka_unit_test(errors_move_when_the_treated_move),
        cmocka_unit_test(a_single_treated_unit_has_no_jackknife_and_no_bootstrap),
        cmocka_unit_test(clusters_are_drawn_and_left_out_whole),
        cmocka_unit_test(placebos_in_space_rank_the_treated),
        cmocka_unit_test(one_period_before_is_refused_in_words),
        cmocka_unit_test(an_intercept_and_all_years_alike_are_as_published),
        cmocka_unit_test(options_are_read_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
