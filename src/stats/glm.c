#include "stats/glm.h"

#include <Rmath.h>
#include <math.h>
#include <string.h>

#include "stats/family.h"
#include "stats/glm_internal.h"
#include "stats/linalg.h"
#include "stats/separation.h"

/* Fisher scoring of a negative binomial only gains a constant share a step, as little as
 * 0.15 in overdispersed data of a dozen rows: 1e-11 then takes 160 steps. */
enum { MOST_STATISTICS = 24, MOST_THETA_ROUNDS = 200, MOST_ITERATIONS = 1000 };

/* feglm() fits the factors alone to 1e-2 where it fits the model to 1e-8. */
static const double effects_factor = 1e6;

typedef struct {
    const np_design *design;
    const np_glm_spec *spec;
    np_arena *arena;
    np_irls it;
    np_glm out;
    const double **x;  /* [k] kept columns */
    const char **term; /* [k] */
    bool has_effects, has_constant;
} work;

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the model"));
}

static np_status check(const work *w, np_error *err)
{
    const np_design *d = w->design;
    if (d->endogenous.k > 0)
        return np_fail(err, NP_E_USAGE,
                       _("instruments are for least squares; a %s model has none"),
                       np_family_name(w->spec->family));
    return np_family_check_outcome(w->spec->family, d, err);
}

/* Columns that depend on those before them are named and left out. */
static np_status choose_columns(work *w, np_error *err)
{
    const np_regressors *all = &w->design->x;
    const double *const *column = NULL;
    np_status status = np_regressors_spread(&column, all, w->design->n, w->arena, err);
    if (status == NP_OK)
        status = np_irls_new(&w->it, w->design, all->k, w->arena, err);
    if (status != NP_OK)
        return status;
    const char **collinear = np_arena_array(w->arena, const char *, all->k);
    w->x = np_arena_array(w->arena, const double *, all->k);
    w->term = np_arena_array(w->arena, const char *, all->k + 1); /* and .theta */
    if (collinear == NULL || w->x == NULL || w->term == NULL)
        return no_memory(err);
    w->it.family = w->spec->family == NP_FAMILY_NEGBIN && !(w->spec->theta > 0)
                       ? NP_FAMILY_POISSON
                       : w->spec->family;
    w->it.theta = w->spec->theta;
    w->it.x = column;
    w->it.k = all->k;
    w->it.absorber = NULL;
    if (w->design->n_fe > 0) {
        status = np_absorber_new(&w->it.absorber,
                                 &(np_absorb_spec){.n = w->design->n,
                                                   .n_fe = w->design->n_fe,
                                                   .fe = w->design->fe,
                                                   .n_threads = w->spec->n_threads},
                                 w->arena, err);
        if (status != NP_OK)
            return status;
    }
    double tolerance = w->spec->collinear_tolerance;
    status = np_irls_rank(&w->it, tolerance > 0 ? tolerance : 1e-10, w->arena, err);
    if (status != NP_OK)
        return status;
    size_t k = 0, n_collinear = 0;
    for (size_t j = 0; j < all->k; j++) {
        if (!w->it.kept[j]) {
            collinear[n_collinear++] = all->term[j];
            continue;
        }
        w->x[k] = column[j];
        w->term[k++] = all->term[j];
    }
    w->out.collinear = collinear;
    w->out.n_collinear = n_collinear;
    w->it.x = w->x;
    w->it.k = k;
    if (k == 0 && all->k > 0)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("no term is left: all are collinear with the fixed effects"));
    return NP_OK;
}

/* Alternates between the means given theta and theta given the means. */
static np_status fit_negbin(work *w, np_irls *it, double *std_error, np_error *err)
{
    const np_design *d = w->design;
    np_status status = np_irls_run(it, w->arena, err); /* Poisson */
    double theta = 1;
    unsigned rounds = it->iterations;
    it->family = NP_FAMILY_NEGBIN;
    for (int round = 0; status == NP_OK && round < MOST_THETA_ROUNDS; round++) {
        double before = theta;
        status = np_negbin_theta(&theta, std_error, d->y, it->mu, d->weight, it->n,
                                 before, err);
        if (status != NP_OK)
            return status;
        it->theta = theta;
        status = np_irls_continue(it, w->arena, err);
        rounds += it->iterations;
        if (fabs(theta - before) <= 1e-12 * theta) {
            it->iterations = rounds;
            return status;
        }
    }
    return status != NP_OK ? status
                           : np_fail(err, NP_E_NOT_CONVERGED,
                                     _("theta of the negative binomial model does not "
                                       "settle"));
}

static np_status refuse_separation(work *w, const np_separation *s, np_error *err)
{
    const np_design *d = w->design;
    size_t row = d->row == NULL ? s->first_row : d->row[s->first_row];
    np_fail(err, NP_E_NOT_IDENTIFIED,
            _("%s is predicted perfectly for %zu rows (the first is row %zu), by %s "
              "above all: no finite coefficients fit best"),
            d->y_name, s->n_rows, row + 1,
            s->column < w->it.k ? w->term[s->column] : _("the fixed effects"));
    return np_error_hint(err, _("leave out the term, or these rows with --subset"));
}

static np_status fit(work *w, np_error *err)
{
    np_irls *it = &w->it;
    np_error trouble = {0};
    np_status status = w->spec->family == NP_FAMILY_NEGBIN && !(w->spec->theta > 0)
                           ? fit_negbin(w, it, &w->out.theta_std_error, &trouble)
                           : np_irls_run(it, w->arena, &trouble);
    bool may_separate = np_family_is_binary(it->family) || np_family_is_count(it->family);
    if (may_separate && (status != NP_OK || np_irls_is_suspicious(it))) {
        np_separation found;
        np_status searched = np_separation_find(&found, it->family, w->design, w->x,
                                                it->k, it->absorber, w->arena, err);
        if (searched != NP_OK)
            return searched;
        if (found.n_rows > 0)
            return refuse_separation(w, &found, err);
        if (status == NP_OK && it->absorber != NULL) /* its weights were changed */
            status = np_absorber_reweight(it->absorber, it->omega, &trouble);
    }
    if (status != NP_OK && err != NULL)
        *err = trouble;
    return status;
}

static double weight_of(const np_design *d, size_t i)
{
    return d->weight == NULL ? 1 : d->weight[i];
}

/* The model of the intercept alone, with the offset where there is one; R's null
 * deviance keeps theta. */
static np_status fit_null(work *w, np_error *err)
{
    const np_design *d = w->design;
    double *one = np_arena_array(w->arena, double, d->n);
    np_irls it;
    np_status status = np_irls_new(&it, d, 1, w->arena, err);
    if (status != NP_OK)
        return status;
    if (one == NULL)
        return no_memory(err);
    it.family = w->it.family;
    it.theta = w->it.theta;
    it.tolerance = w->it.tolerance;
    it.max_iterations = w->it.max_iterations;
    it.offset = d->offset;
    double sum = 0, total = 0, deviance = 0;
    for (size_t i = 0; i < d->n; i++) {
        one[i] = 1;
        sum += weight_of(d, i) * d->y[i];
        total += weight_of(d, i);
    }
    if (w->has_constant && d->offset != NULL) {
        it.k = 1;
        it.x = (const double *const[]){one};
        status = np_irls_run(&it, w->arena, err);
        if (status != NP_OK)
            return status;
    } else {
        for (size_t i = 0; i < d->n; i++) {
            double offset = d->offset == NULL ? 0 : d->offset[i];
            it.mu[i] = w->has_constant ? sum / total
                                       : np_family_at(it.family, it.theta, offset).mu;
        }
    }
    for (size_t i = 0; i < d->n; i++)
        deviance +=
            weight_of(d, i) * np_family_deviance(it.family, it.theta, d->y[i], it.mu[i]);
    w->out.null_deviance = deviance;
    if (it.family == NP_FAMILY_NEGBIN && !(w->spec->theta > 0)) {
        double unused;
        status = np_negbin_theta(&it.theta, &unused, d->y, it.mu, d->weight, d->n,
                                 it.theta, err);
    }
    w->out.null_log_likelihood = np_glm_log_likelihood(&it, deviance / total);
    return status;
}

/* The likelihood of the factors alone, for the within pseudo-R². */
static np_status fit_effects(work *w, np_error *err)
{
    w->out.effects_log_likelihood = NAN;
    if (!w->has_effects)
        return NP_OK;
    np_irls it;
    np_status status = np_irls_new(&it, w->design, 0, w->arena, err);
    if (status != NP_OK)
        return status;
    it.family = w->it.family;
    it.theta = w->it.theta;
    it.tolerance = w->it.tolerance;
    it.max_iterations = w->it.max_iterations;
    it.deviance_tolerance = effects_factor * w->spec->deviance_tolerance;
    it.offset = w->design->offset;
    it.absorber = w->it.absorber;
    double unused;
    bool theta = it.family == NP_FAMILY_NEGBIN && !(w->spec->theta > 0);
    if (theta)
        it.family = NP_FAMILY_POISSON; /* to start from */
    status = theta ? fit_negbin(w, &it, &unused, err) : np_irls_run(&it, w->arena, err);
    if (status != NP_OK)
        return status;
    double total = 0;
    for (size_t i = 0; i < it.n; i++)
        total += weight_of(w->design, i);
    w->out.effects_log_likelihood = np_glm_log_likelihood(&it, it.deviance / total);
    return np_absorber_reweight(w->it.absorber, w->it.omega, err);
}

/* Rows for the covariance: the partialled columns at the last weights. */
static void rows(const np_fit *fit, size_t first, size_t count, double *x, double *score,
                 double *weight)
{
    const np_irls *it = fit->rows_context;
    for (size_t i = 0; i < count; i++) {
        size_t row = first + i;
        for (size_t j = 0; j < it->k; j++)
            x[i * it->k + j] = it->xt[j][row];
        score[i] = it->score[row];
        if (weight != NULL)
            weight[i] = it->weight[row];
    }
}

/* The same with theta as the last column. Its score is no multiple of the residual, so
 * the columns are the scores themselves. */
static void joint_rows(const np_fit *fit, size_t first, size_t count, double *x,
                       double *score, double *weight)
{
    const np_irls *it = fit->rows_context;
    for (size_t i = 0; i < count; i++) {
        size_t row = first + i;
        double *at = x + i * (it->k + 1);
        for (size_t j = 0; j < it->k; j++)
            at[j] = it->xt[j][row] * it->score[row];
        at[it->k] = it->theta_score[row];
        score[i] = 1;
        if (weight != NULL)
            weight[i] = 1;
    }
}

/* Theta becomes the last coefficient. */
static np_status join_theta(work *w, np_irls *it, np_error *err)
{
    np_glm *out = &w->out;
    const size_t k = it->k;
    double *coefficient = np_arena_array(w->arena, double, k + 1), *bread, *theta_score;
    if (coefficient == NULL)
        return no_memory(err);
    np_status status = np_negbin_joint(&bread, &theta_score, it, w->arena, err);
    if (status != NP_OK)
        return status;
    memcpy(coefficient, it->beta, k * sizeof *coefficient);
    coefficient[k] = it->theta;
    it->theta_score = theta_score;
    w->term[k] = ".theta";
    out->coefficient = coefficient;
    out->theta_std_error = sqrt(bread[(k + 1) * (k + 1) - 1]);
    out->information_is_observed = true;
    out->fit.bread = bread;
    out->fit.k = k + 1;
    out->fit.rows = joint_rows;
    return NP_OK;
}

static double pearson(const np_irls *it)
{
    double sum = 0;
    for (size_t i = 0; i < it->n; i++)
        sum += it->omega[i] * it->r[i] * it->r[i];
    return sum;
}

static np_status describe(work *w, np_error *err)
{
    const np_design *d = w->design;
    np_irls *it = np_arena_array(w->arena, np_irls, 1);
    double *residual = np_arena_array(w->arena, double, d->n);
    if (it == NULL || residual == NULL)
        return no_memory(err);
    *it = w->it;
    np_cholesky_inverse(it->bread, it->R, it->kept, it->k);
    /* glm() keeps the residuals after the last step, feglm() those of its regression;
     * they are the same where eta stands still */
    for (size_t i = 0; i < it->n && it->absorber == NULL; i++)
        it->score[i] = it->weight[i] * it->r[i];
    np_glm *out = &w->out;
    if (w->has_effects) {
        np_status status = np_absorber_rank(&out->rank, it->absorber, w->arena, err);
        if (status != NP_OK)
            return status;
    }
    bool theta = it->family == NP_FAMILY_NEGBIN && !(w->spec->theta > 0);
    size_t used = it->k + out->rank.nominal;
    double total = 0;
    for (size_t i = 0; i < d->n; i++) {
        residual[i] = d->y[i] - it->mu[i];
        total += weight_of(d, i);
    }
    if (d->n <= used)
        return np_fail(err, NP_E_NOT_IDENTIFIED,
                       _("%zu rows are too few for %zu parameters"), d->n, used);
    out->family = w->spec->family;
    out->term = w->term;
    out->coefficient = it->beta;
    out->deviance = it->deviance;
    out->df_residual = (double)(d->n - used);
    out->n_parameters = used + theta;
    out->dispersion =
        np_family_has_dispersion(it->family) ? pearson(it) / out->df_residual : 1;
    out->log_likelihood = np_glm_log_likelihood(it, it->deviance / total);
    out->theta = it->family == NP_FAMILY_NEGBIN ? it->theta : NAN;
    if (!theta)
        out->theta_std_error = NAN;
    out->fitted = it->mu;
    out->eta = it->eta;
    out->residual = residual;
    out->iterations = it->iterations;
    out->fit = (np_fit){.n = d->n,
                        .k = it->k,
                        .bread = it->bread,
                        .sigma2 = out->dispersion,
                        .sigma2_is_one = !np_family_has_dispersion(it->family),
                        .rows = rows,
                        .rows_context = it,
                        .working_weight = it->weight,
                        .design = d,
                        .fe_levels = out->rank.levels,
                        .k_regressors = it->k + theta,
                        .normal = true,
                        .n_threads = w->spec->n_threads};
    bool observed = w->spec->information == NP_INFORMATION_OBSERVED ||
                    (w->spec->information == NP_INFORMATION_DEFAULT && w->has_effects);
    return theta && observed ? join_theta(w, it, err) : NP_OK;
}

static double squared_correlation(const np_design *d, const double *mu)
{
    double n = (double)d->n, my = 0, mm = 0, yy = 0, ym = 0, cc = 0;
    for (size_t i = 0; i < d->n; i++) {
        my += d->y[i] / n;
        mm += mu[i] / n;
    }
    for (size_t i = 0; i < d->n; i++) {
        double a = d->y[i] - my, b = mu[i] - mm;
        yy += a * a;
        ym += a * b;
        cc += b * b;
    }
    return ym * ym / (yy * cc);
}

static double root_mean_square(const np_design *d, const double *residual)
{
    double sum = 0, total = 0;
    for (size_t i = 0; i < d->n; i++) {
        sum += weight_of(d, i) * residual[i] * residual[i];
        total += weight_of(d, i);
    }
    return sqrt(sum / total);
}

/* Likelihood statistics. The scale of a gamma model counts as a parameter in AIC and
 * BIC, as R has it; quasi-likelihoods have none of them. */
static np_status add_statistics(work *w, np_error *err)
{
    np_glm *g = &w->out;
    const np_design *d = w->design;
    double n = (double)d->n, parameters = (double)g->n_parameters;
    double ll = g->log_likelihood, ll0 = g->null_log_likelihood;
    bool gamma = g->family == NP_FAMILY_GAMMA_INVERSE || g->family == NP_FAMILY_GAMMA_LOG;
    double counted = parameters + (gamma ? 1 : 0);
    double cox_snell = 1 - exp(2 * (ll0 - ll) / n);
    bool binary = np_family_is_binary(g->family);
    const np_statistic all[] = {
        {"log_likelihood", ll},
        {"null_log_likelihood", ll0},
        {"deviance", g->deviance},
        {"null_deviance", g->null_deviance},
        {"dispersion", g->dispersion},
        {"aic", -2 * ll + 2 * counted},
        {"bic", -2 * ll + log(n) * counted},
        {"pseudo_r2", 1 - ll / ll0},
        {"adj_pseudo_r2", 1 - (ll - (parameters - 1)) / ll0},
        {"within_pseudo_r2", 1 - ll / g->effects_log_likelihood},
        {"deviance_r2", 1 - g->deviance / g->null_deviance},
        {"cox_snell_r2", binary ? cox_snell : NAN},
        {"nagelkerke_r2", binary ? cox_snell / (1 - exp(2 * ll0 / n)) : NAN},
        {"squared_correlation", squared_correlation(d, g->fitted)},
        {"rmse", root_mean_square(d, g->residual)},
        {"theta", g->theta},
        {"theta_std_error", g->theta_std_error},
        {"n_parameters", parameters},
        {"df_residual", g->df_residual},
    };
    np_statistic *stat = np_arena_array(w->arena, np_statistic, MOST_STATISTICS);
    np_test *test = np_arena_array(w->arena, np_test, 1);
    if (stat == NULL || test == NULL)
        return no_memory(err);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (isfinite(all[i].value))
            stat[g->n_stats++] = all[i];
    g->stat = stat;
    g->test = test;
    double df = parameters - 1 - (isnan(g->theta_std_error) ? 0 : 1);
    if (!np_family_has_dispersion(g->family) && w->has_constant && df > 0) {
        double lr = 2 * (ll - ll0);
        test[g->n_tests++] = (np_test){"likelihood-ratio",
                                       N_("Likelihood-ratio test"),
                                       "all terms",
                                       "chisq",
                                       lr,
                                       df,
                                       NAN,
                                       pchisq(lr, df, 0, 0)};
    }
    return NP_OK;
}

np_status np_glm_estimate(np_glm *out, const np_design *design, const np_glm_spec *spec,
                          np_arena *arena, np_error *err)
{
    work w = {.design = design, .spec = spec, .arena = arena};
    w.has_effects = design->n_fe > 0;
    w.has_constant = design->has_intercept || w.has_effects;
    np_status status = check(&w, err);
    if (status == NP_OK)
        status = choose_columns(&w, err);
    if (status != NP_OK)
        return status;
    w.it.offset = design->offset;
    w.it.tolerance = spec->tolerance > 0 ? spec->tolerance : 1e-11;
    w.it.deviance_tolerance = spec->deviance_tolerance;
    w.it.max_iterations =
        spec->max_iterations > 0 ? spec->max_iterations : MOST_ITERATIONS;
    status = fit(&w, err);
    if (status == NP_OK)
        status = fit_null(&w, err);
    if (status == NP_OK)
        status = fit_effects(&w, err);
    if (status == NP_OK)
        status = describe(&w, err);
    if (status == NP_OK)
        status = add_statistics(&w, err);
    if (status == NP_OK)
        *out = w.out;
    return status;
}
