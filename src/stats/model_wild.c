#include <math.h>
#include <string.h>

#include "base/text.h"
#include "stats/infer/hypothesis.h"
#include "stats/model_internal.h"
#include "stats/sorted.h"

/* The columns beside those that all tables of estimates have. */
enum {
    P_TIES,
    LOW_TIES,
    HIGH_TIES,
    NULL_VALUE,
    DRAWS,
    ENUMERATED,
    SEED,
    CLUSTERS,
    TIES,
    UNDEFINED,
    INTERVALS,
    N_MORE
};
static const char *const more_name[N_MORE] = {
    "p_value_ties", "conf_low_ties", "conf_high_ties", "null_value",
    "draws",        "enumerated",    "seed",           "n_clusters",
    "n_ties",       "n_undefined",   "n_intervals"};

/* Of which the table "wild_bootstrap_t" has the quantiles of t*. */
static const double probability[] = {0.005, 0.025, 0.05, 0.1,   0.25, 0.5,
                                     0.75,  0.9,   0.95, 0.975, 0.995};
enum { N_QUANTILES = sizeof probability / sizeof *probability };

typedef struct {
    np_model_builder *b;
    size_t n; /* hypotheses */
    const char **name;
    double *estimate, *std_error, *statistic, *p, *low, *high, *more[N_MORE];
    np_wild *result; /* [n] */
} rows;

static bool is_nuisance(const char *term)
{
    return strcmp(term, "(Intercept)") == 0 || strncmp(term, "factor(", 7) == 0 ||
           strncmp(term, "as.factor(", 10) == 0;
}

/* The hypotheses asked for, or every term of interest. */
static np_status list_hypotheses(rows *r)
{
    np_model_builder *b = r->b;
    const np_wild_request *ask = &b->spec->wild;
    const np_estimates *e = &b->out->estimates;
    r->name = np_arena_array(b->arena, const char *, e->k + ask->n_hypotheses);
    if (r->name == NULL)
        return np_model_no_memory(b);
    for (size_t i = 0; i < ask->n_hypotheses; i++)
        r->name[r->n++] = ask->hypothesis[i];
    for (size_t j = 0; j < e->k && ask->n_hypotheses == 0; j++)
        if (!is_nuisance(e->term[j]))
            r->name[r->n++] = e->term[j];
    if (r->n == 0)
        return np_fail(b->err, NP_E_USAGE,
                       _("the wild bootstrap tests terms other than the intercept and "
                         "factor(), and there is none: name one"));
    return NP_OK;
}

static np_status allocate(rows *r)
{
    np_arena *arena = r->b->arena;
    double **column[] = {&r->estimate, &r->std_error, &r->statistic,
                         &r->p,        &r->low,       &r->high};
    bool ok = true;
    for (size_t c = 0; c < sizeof column / sizeof *column; c++)
        ok = (*column[c] = np_arena_array(arena, double, r->n)) != NULL && ok;
    for (size_t c = 0; c < N_MORE; c++)
        ok = (r->more[c] = np_arena_array(arena, double, r->n)) != NULL && ok;
    r->result = np_arena_array(arena, np_wild, r->n);
    return ok && r->result != NULL ? NP_OK : np_model_no_memory(r->b);
}

static void take_result(rows *r, size_t i)
{
    const np_wild *w = &r->result[i];
    size_t last = w->n_set - 1, last_tied = w->n_set_ties - 1;
    r->estimate[i] = w->estimate;
    r->std_error[i] = w->std_error;
    r->statistic[i] = w->statistic;
    r->p[i] = w->p_value;
    r->low[i] = w->n_set > 0 ? w->set[0].low : NAN;
    r->high[i] = w->n_set > 0 ? w->set[last].high : NAN;
    const double more[N_MORE] = {
        [P_TIES] = w->p_value_ties,
        [LOW_TIES] = w->n_set_ties > 0 ? w->set_ties[0].low : NAN,
        [HIGH_TIES] = w->n_set_ties > 0 ? w->set_ties[last_tied].high : NAN,
        [NULL_VALUE] = w->value,
        [DRAWS] = (double)w->draws,
        [ENUMERATED] = w->enumerated,
        [SEED] = (double)r->b->spec->wild.seed,
        [CLUSTERS] = (double)w->n_clusters,
        [TIES] = (double)w->n_ties,
        [UNDEFINED] = (double)w->n_undefined,
        [INTERVALS] = (double)w->n_set};
    for (size_t c = 0; c < N_MORE; c++)
        r->more[c][i] = more[c];
}

/* A hypothesis on the terms printed, as one on the coefficients estimated. */
static np_status read_hypothesis(double *R, np_wild_spec *spec, const rows *r, size_t i)
{
    const np_model_builder *b = r->b;
    const np_estimates *e = &b->out->estimates;
    const size_t k = b->linear.fit.k;
    double *of_terms = np_arena_array(b->arena, double, e->k);
    if (of_terms == NULL)
        return np_fail(b->err, NP_E_NO_MEMORY, _("no memory left for the model"));
    np_status status =
        np_hypothesis_parse(of_terms, &spec->value, r->name[i], e->term, e->k, b->err);
    memset(R, 0, k * sizeof *R);
    spec->estimate = 0;
    for (size_t j = 0; status == NP_OK && j < e->k; j++) {
        if (of_terms[j] == 0)
            continue;
        spec->estimate += of_terms[j] * e->estimate[j];
        for (size_t l = 0; l < k; l++)
            R[l] += of_terms[j] * (e->combination == NULL ? (double)(j == l)
                                                          : e->combination[j * k + l]);
    }
    return status;
}

/* One pattern's terms, tested to be zero together. */
static np_status joint_test(np_model_builder *b, np_wild_plan *plan,
                            const np_wild_spec *spec, const char *pattern)
{
    const np_estimates *e = &b->out->estimates;
    const size_t k = b->linear.fit.k;
    size_t q = 0, *index = np_arena_array(b->arena, size_t, e->k);
    np_buf names = {0};
    np_wild_joint joint;
    if (index == NULL)
        return np_model_no_memory(b);
    np_status status = np_estimates_matching(index, &q, &names, e, pattern, b->err);
    double *R = np_arena_array(b->arena, double, q *k);
    double *difference = np_arena_array(b->arena, double, q);
    const char *detail = status == NP_OK && np_buf_done(&names) != NULL
                             ? np_arena_copy_text(b->arena, names.text, names.length)
                             : NULL;
    np_buf_free(&names);
    if (status == NP_OK && (R == NULL || difference == NULL || detail == NULL))
        return np_model_no_memory(b);
    for (size_t i = 0; status == NP_OK && i < q; i++) {
        difference[i] = e->estimate[index[i]];
        for (size_t l = 0; l < k; l++)
            R[i * k + l] = e->combination == NULL ? (double)(index[i] == l)
                                                  : e->combination[index[i] * k + l];
    }
    if (status == NP_OK)
        status = np_wild_plan_joint(&joint, plan, spec, R, q, difference, b->err);
    if (status != NP_OK)
        return status;
    const np_test test = {.name = "wild_bootstrap",
                          .title = N_("Wild bootstrap of the Wald test"),
                          .detail = detail,
                          .distribution = "",
                          .statistic = joint.F,
                          .df1 = (double)q,
                          .df2 = NAN,
                          .p_value = joint.p_value};
    return np_model_add_test(b, &test);
}

static np_status estimate(rows *r)
{
    np_model_builder *b = r->b;
    const np_linear *l = &b->linear;
    const np_wild_request *ask = &b->spec->wild;
    double *R = np_arena_array(b->arena, double, l->fit.k);
    if (R == NULL)
        return np_model_no_memory(b);
    np_wild_spec spec = {.R = R,
                         .vcov = &b->own.vcov,
                         .cluster = ask->cluster,
                         .draws = ask->draws,
                         .seed = ask->seed,
                         .weights = ask->weights,
                         .null = ask->null,
                         .type = ask->type,
                         .p = ask->p,
                         .conf_level = b->spec->conf_level,
                         .want_draws = true,
                         .joint = ask->n_joint > 0,
                         .n_threads = b->spec->n_threads};
    np_wild_plan *plan = NULL;
    np_status status = np_wild_plan_new(&plan, &l->fit, &spec, r->n, b->arena, b->err);
    for (size_t i = 0; status == NP_OK && i < r->n; i++) {
        status = read_hypothesis(R, &spec, r, i);
        if (status == NP_OK)
            status = np_wild_plan_estimate(&r->result[i], plan, &spec, b->arena, b->err);
        if (status == NP_OK)
            take_result(r, i);
    }
    for (size_t i = 0; status == NP_OK && i < ask->n_joint; i++)
        status = joint_test(b, plan, &spec, ask->joint[i]);
    return status;
}

/* p(r) is a step function of finitely many draws: where it crosses the level the set is
 * frayed. A gap is told from this share of the whole set on. */
static const double gap_worth_telling = 0.02;

static bool is_plain_interval(const np_wild *w)
{
    if (w->n_set == 0)
        return false;
    double width = w->set[w->n_set - 1].high - w->set[0].low;
    for (size_t i = 1; i < w->n_set; i++)
        if (!(w->set[i].low - w->set[i - 1].high < gap_worth_telling * width))
            return false;
    return isfinite(width);
}

/* A set that is not one bounded interval is told, interval by interval. */
static np_status warn_of_set(np_model_builder *b, const char *name, const np_wild *w)
{
    char text[256] = "";
    size_t length = 0;
    if (is_plain_interval(w))
        return NP_OK;
    if (w->n_set == 0)
        return np_model_warn(b,
                             _("Wild bootstrap of %s: no value is compatible with the "
                               "data at this level; the confidence set is empty."),
                             name);
    for (size_t i = 0; i < w->n_set && length + 64 < sizeof text; i++) {
        np_text_format(text + length, sizeof text - length, "%s[%.6g, %.6g]",
                       i > 0 ? ", " : "", w->set[i].low, w->set[i].high);
        length += strlen(text + length);
    }
    return np_model_warn(b,
                         _("Wild bootstrap of %s: the confidence set is not a bounded "
                           "interval, but %s."),
                         name, text);
}

/* With 2^H vectors, p is never below that of the two that tie. */
static np_status warn_of_few_vectors(np_model_builder *b, const np_wild *w)
{
    double least = 2 / (double)w->draws;
    if (!w->enumerated || least < 1 - w->conf_level)
        return NP_OK;
    return np_model_warn(
        b,
        _("%zu clusters of %s give only %zu vectors of signs, so that no "
          "p value below %.3g is possible: Webb's weights give more."),
        w->n_clusters, w->cluster, w->draws, least);
}

/* Hyndman and Fan's (1996) seventh definition, R's default; of the draws defined. */
static np_status quantiles(double *out, const np_wild *w, np_model_builder *b)
{
    np_arena_mark mark = np_arena_set_mark(b->arena);
    double *t = np_arena_array(b->arena, double, w->draws);
    size_t n = 0;
    if (t == NULL)
        return np_model_no_memory(b);
    for (size_t d = 0; d < w->draws; d++)
        if (!isnan(w->t[d]))
            t[n++] = w->t[d];
    np_sort_numbers(t, n);
    for (size_t i = 0; i < N_QUANTILES; i++) {
        double at = (double)(n - 1) * probability[i];
        size_t below = (size_t)at, above = below + 1 < n ? below + 1 : below;
        out[i] = t[below] + (at - (double)below) * (t[above] - t[below]);
    }
    np_arena_release(b->arena, mark);
    return NP_OK;
}

static np_status quantile_table(np_estimate_table *out, const rows *r)
{
    np_model_builder *b = r->b;
    const size_t n = r->n * N_QUANTILES;
    const char **term = np_arena_array(b->arena, const char *, n);
    double *at = np_arena_array(b->arena, double, n);
    double *quantile = np_arena_array(b->arena, double, n);
    np_estimate_column *more = np_arena_array(b->arena, np_estimate_column, 2);
    if (term == NULL || at == NULL || quantile == NULL || more == NULL)
        return np_model_no_memory(b);
    np_status status = NP_OK;
    for (size_t i = 0; i < r->n && status == NP_OK; i++) {
        status = quantiles(quantile + i * N_QUANTILES, &r->result[i], b);
        for (size_t l = 0; l < N_QUANTILES; l++) {
            term[i * N_QUANTILES + l] = r->name[i];
            at[i * N_QUANTILES + l] = probability[l];
        }
    }
    more[0] = (np_estimate_column){"probability", at};
    more[1] = (np_estimate_column){"quantile", quantile};
    *out = (np_estimate_table){.name = "wild_bootstrap_t",
                               .title = N_("Quantiles of the bootstrap's t"),
                               .n = n,
                               .term = term,
                               .more = more,
                               .n_more = 2};
    return status;
}

/* Every interval of every set. */
static np_status set_table(np_estimate_table *out, const rows *r)
{
    np_model_builder *b = r->b;
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        n += r->result[i].n_set;
    const char **term = np_arena_array(b->arena, const char *, n);
    double *low = np_arena_array(b->arena, double, n);
    double *high = np_arena_array(b->arena, double, n);
    if (term == NULL || low == NULL || high == NULL)
        return np_model_no_memory(b);
    *out = (np_estimate_table){.name = "wild_bootstrap_set",
                               .title = N_("Confidence sets of the bootstrap"),
                               .term = term,
                               .conf_low = low,
                               .conf_high = high};
    for (size_t i = 0; i < r->n; i++)
        for (size_t l = 0; l < r->result[i].n_set; l++, out->n++) {
            term[out->n] = r->name[i];
            low[out->n] = r->result[i].set[l].low;
            high[out->n] = r->result[i].set[l].high;
        }
    return NP_OK;
}

static np_status add_table(rows *r)
{
    np_model_builder *b = r->b;
    np_estimates *e = &b->out->estimates;
    np_estimate_table *table =
        np_arena_array(b->arena, np_estimate_table, e->n_tables + 3);
    np_estimate_column *more = np_arena_array(b->arena, np_estimate_column, N_MORE);
    if (table == NULL || more == NULL)
        return np_model_no_memory(b);
    for (size_t c = 0; c < N_MORE; c++)
        more[c] = (np_estimate_column){more_name[c], r->more[c]};
    for (size_t i = 0; i < e->n_tables; i++)
        table[i] = e->table[i];
    table[e->n_tables++] = (np_estimate_table){.name = "wild_bootstrap",
                                               .title = N_("Wild cluster bootstrap"),
                                               .n = r->n,
                                               .term = r->name,
                                               .estimate = r->estimate,
                                               .std_error = r->std_error,
                                               .statistic = r->statistic,
                                               .p_value = r->p,
                                               .conf_low = r->low,
                                               .conf_high = r->high,
                                               .more = more,
                                               .n_more = N_MORE};
    e->table = table;
    np_status status = set_table(&table[e->n_tables++], r);
    return status == NP_OK ? quantile_table(&table[e->n_tables++], r) : status;
}

np_status np_model_wild_bootstrap(np_model_builder *b)
{
    rows r = {.b = b};
    np_status status = list_hypotheses(&r);
    if (status == NP_OK)
        status = allocate(&r);
    if (status == NP_OK)
        status = estimate(&r);
    for (size_t i = 0; status == NP_OK && i < r.n; i++)
        status = warn_of_set(b, r.name[i], &r.result[i]);
    if (status == NP_OK)
        status = warn_of_few_vectors(b, &r.result[0]);
    b->out->wild = r.result;
    b->out->wild_hypothesis = r.name;
    b->out->n_wild = r.n;
    return status == NP_OK ? add_table(&r) : status;
}
