#include <math.h>
#include <string.h>

#include "cli/cmd_estimate.h"
#include "report/estimate_notes.h"
#include "report/number.h"

enum { DIGITS = 4 };
static const double star_levels[3] = {0.05, 0.01, 0.001};

typedef struct {
    np_arena *arena;
    np_language language;
    const np_term_filter *filter;
} printer;

static const char *number(const printer *p, double value)
{
    return isnan(value) ? ""
                        : np_number_significant(p->arena, value, DIGITS, p->language);
}

static const char *count(const printer *p, size_t n)
{
    return np_number_fixed(p->arena, (double)n, 0, p->language);
}

static const char *with_error(const printer *p, double value, double std_error)
{
    return np_number_with_error(p->arena, value, std_error, p->language);
}

/* How statistics are called in tables, in the order to print. */
static const struct {
    const char *name, *label;
} shown_statistics[] = {
    {"r2", N_("R²")},
    {"adj_r2", N_("Adjusted R²")},
    {"within_r2", N_("Within R²")},
    {"r2_within", N_("R² within")},
    {"r2_between", N_("R² between")},
    {"r2_overall", N_("R² overall")},
    {"pseudo_r2", N_("Pseudo R²")},
    {"rmse", N_("RMSE")},
    {"log_likelihood", N_("Log-likelihood")},
    {"aic", N_("AIC")},
    {"bic", N_("BIC")},
    {"theta", N_("Theta")},
};
enum { N_SHOWN = sizeof shown_statistics / sizeof *shown_statistics };

/* Least squares are told by R² and RMSE, likelihoods by their likelihood. */
static bool is_shown(const np_model *m, size_t s)
{
    bool likelihood = strcmp(m->family_name, "gaussian") != 0;
    const char *name = shown_statistics[s].name;
    if (strcmp(name, "log_likelihood") == 0 || strcmp(name, "aic") == 0 ||
        strcmp(name, "bic") == 0 || strcmp(name, "pseudo_r2") == 0)
        return likelihood;
    if (strcmp(name, "r2") == 0 || strcmp(name, "adj_r2") == 0 ||
        strcmp(name, "rmse") == 0 || strcmp(name, "within_r2") == 0)
        return !likelihood;
    return true;
}

static void note_sample(np_table_builder *t, const printer *p, const np_model *m)
{
    const np_estimates *e = &m->estimates;
    np_buf text = {0};
    np_buf_format(&text, _("%s rows"), count(p, e->n));
    if (e->n_table_rows != e->n)
        np_buf_format(&text, _(" of %s"), count(p, e->n_table_rows));
    for (size_t i = 0; i < e->n_dropped; i++)
        np_buf_format(&text, "%s%s (%s)", i == 0 ? _("; left out: ") : ", ",
                      count(p, e->dropped[i].n_rows), e->dropped[i].reason);
    for (size_t i = 0; i < m->n_fe; i++)
        np_buf_format(&text, "%s%s (%s)", i == 0 ? _(". Fixed effects: ") : ", ",
                      m->fe_name[i], count(p, m->fe_levels[i]));
    if (np_buf_done(&text) != NULL)
        np_table_builder_note(t, "%s.", text.text);
    np_buf_free(&text);
}

static void note_covariance(np_table_builder *t, const printer *p, const np_model *m)
{
    const np_estimates *e = &m->estimates;
    const char *label = e->vcov_label == NULL ? "" : e->vcov_label;
    if (e->df != NULL)
        np_table_builder_note(t,
                              _("Standard errors: %s; t with degrees of freedom by "
                                "coefficient."),
                              label);
    else if (e->normal)
        np_table_builder_note(t, _("Standard errors: %s; normal distribution."), label);
    else
        np_table_builder_note(t, _("Standard errors: %s; t with %s degrees of freedom."),
                              label, number(p, e->df_t));
    if (e->ssc_label != NULL && e->ssc_label[0] != '\0')
        np_table_builder_note(t, _("Small-sample choices: %s."), e->ssc_label);
}

static void note_statistics(np_table_builder *t, const printer *p, const np_model *m)
{
    np_buf text = {0};
    for (size_t s = 0; s < N_SHOWN; s++) {
        double value = np_estimates_stat(&m->estimates, shown_statistics[s].name);
        if (!isnan(value) && is_shown(m, s))
            np_buf_format(&text, "%s%s %s", text.length > 0 ? ", " : "",
                          _(shown_statistics[s].label), number(p, value));
    }
    if (text.length > 0 && np_buf_done(&text) != NULL)
        np_table_builder_note(t, "%s.", text.text);
    np_buf_free(&text);
}

static void notes(np_table_builder *t, const printer *p, const np_model *m)
{
    const np_estimates *e = &m->estimates;
    note_sample(t, p, m);
    note_statistics(t, p, m);
    note_covariance(t, p, m);
    for (size_t i = 0; i < e->n_tests; i++)
        np_note_test(t, &e->test[i], p->arena, p->language);
    for (size_t i = 0; i < e->n_warnings; i++)
        np_table_builder_note(t, _("Note: %s"), e->warning[i]);
    np_table_builder_note(t, "*** p < %g, ** p < %g, * p < %g.", star_levels[2],
                          star_levels[1], star_levels[0]);
}

static void coefficient_row(np_table_builder *t, const printer *p, const np_estimates *e,
                            size_t i)
{
    double se = e->std_error[i];
    np_table_builder_row(t);
    np_table_builder_row_header(t, e->term[i], 0);
    np_table_builder_number(t, with_error(p, e->estimate[i], se), e->estimate[i]);
    np_table_builder_number(t, with_error(p, se, se), se);
    np_table_builder_number(
        t,
        isnan(e->statistic[i])
            ? ""
            : np_number_fixed(p->arena, e->statistic[i], 2, p->language),
        e->statistic[i]);
    np_table_builder_number(t, np_number_p(p->arena, e->p_value[i], p->language),
                            e->p_value[i]);
    np_table_builder_cell(t, np_number_stars(e->p_value[i], star_levels));
    np_table_builder_number(t, with_error(p, e->conf_low[i], se), e->conf_low[i]);
    np_table_builder_number(t, with_error(p, e->conf_high[i], se), e->conf_high[i]);
}

static const np_doc_table *one_model(const printer *p, const np_model *m,
                                     const char *formula)
{
    const np_estimates *e = &m->estimates;
    const char *title = np_arena_format(p->arena, "%s: %s", m->title, formula);
    np_table_builder *t = np_table_builder_new(p->arena, "estimates", title, 8);
    np_table_builder_align(t, 5, NP_ALIGN_LEFT);
    np_table_builder_head(t);
    np_table_builder_cell(t, _("Term"));
    np_table_builder_cell(t, _("Estimate"));
    np_table_builder_cell(t, _("Std. error"));
    np_table_builder_cell(t, e->normal ? "z" : "t");
    np_table_builder_cell(t, "p");
    np_table_builder_cell(t, "");
    np_table_builder_span(
        t, np_arena_format(p->arena, _("%g %% interval"), 100 * e->conf_level), 2);
    for (size_t i = 0; i < e->k; i++)
        if (np_term_is_shown(p->filter, e->term[i]))
            coefficient_row(t, p, e, i);
    notes(t, p, m);
    return np_table_builder_done(t);
}

/* The same for machines: a column each, names as in the JSON. */
static const np_doc_table *as_columns(const printer *p, const np_estimation *all)
{
    static const char *const names[] = {"model",    "outcome",   "term",
                                        "estimate", "std_error", "statistic",
                                        "p_value",  "conf_low",  "conf_high"};
    size_t n_names = sizeof names / sizeof *names, skip = all->n_models == 1 ? 2 : 0;
    np_table_builder *t = np_table_builder_new(p->arena, "estimates", "", n_names - skip);
    np_table_builder_head(t);
    for (size_t i = skip; i < n_names; i++)
        np_table_builder_cell(t, names[i]);
    for (size_t m = 0; m < all->n_models; m++) {
        const np_estimates *e = &all->model[m].estimates;
        for (size_t i = 0; i < e->k; i++) {
            if (!np_term_is_shown(p->filter, e->term[i]))
                continue;
            const double *const column[] = {e->estimate, e->std_error, e->statistic,
                                            e->p_value,  e->conf_low,  e->conf_high};
            np_table_builder_row(t);
            if (skip == 0) {
                np_table_builder_number(t, count(p, m + 1), (double)(m + 1));
                np_table_builder_cell(t, all->model[m].design.y_name);
            }
            np_table_builder_cell(t, e->term[i]);
            for (size_t j = 0; j < sizeof column / sizeof *column; j++)
                np_table_builder_number(t, "", column[j][i]);
        }
    }
    return np_table_builder_done(t);
}

static size_t union_of_terms(const char ***out, const printer *p,
                             const np_estimation *all)
{
    size_t most = 0, n = 0;
    for (size_t m = 0; m < all->n_models; m++)
        most += all->model[m].estimates.k;
    const char **term = np_arena_array(p->arena, const char *, most);
    for (size_t m = 0; term != NULL && m < all->n_models; m++) {
        const np_estimates *e = &all->model[m].estimates;
        for (size_t i = 0; i < e->k; i++) {
            size_t j = 0;
            while (j < n && strcmp(term[j], e->term[i]) != 0)
                j++;
            if (j == n && np_term_is_shown(p->filter, e->term[i]))
                term[n++] = e->term[i];
        }
    }
    *out = term;
    return n;
}

/* The estimate with its stars, and below it the error in brackets. */
static void term_rows(np_table_builder *t, const printer *p, const np_estimation *all,
                      const char *term)
{
    for (int line = 0; line < 2; line++) {
        np_table_builder_row(t);
        np_table_builder_row_header(t, line == 0 ? term : "", 0);
        for (size_t m = 0; m < all->n_models; m++) {
            const np_estimates *e = &all->model[m].estimates;
            size_t i = np_estimates_find(e, term);
            if (i == e->k) {
                np_table_builder_cell(t, "");
                continue;
            }
            double se = e->std_error[i], value = line == 0 ? e->estimate[i] : se;
            const char *text = with_error(p, value, se);
            np_table_builder_number(
                t,
                line == 0   ? np_arena_format(p->arena, "%s%s", text,
                                              np_number_stars(e->p_value[i], star_levels))
                : isnan(se) ? ""
                            : np_arena_format(p->arena, "(%s)", text),
                value);
        }
    }
}

static void fixed_effect_rows(np_table_builder *t, const printer *p,
                              const np_estimation *all)
{
    const char *seen[64];
    size_t n_seen = 0;
    for (size_t m = 0; m < all->n_models; m++)
        for (size_t f = 0; f < all->model[m].n_fe && n_seen < 64; f++) {
            const char *name = all->model[m].fe_name[f];
            size_t s = 0;
            while (s < n_seen && strcmp(seen[s], name) != 0)
                s++;
            if (s < n_seen)
                continue;
            if (n_seen == 0)
                np_table_builder_rule(t);
            seen[n_seen++] = name;
            np_table_builder_row(t);
            np_table_builder_row_header(
                t, np_arena_format(p->arena, _("Fixed effects: %s"), name), 0);
            for (size_t j = 0; j < all->n_models; j++) {
                bool has = false;
                for (size_t g = 0; g < all->model[j].n_fe; g++)
                    has |= strcmp(all->model[j].fe_name[g], name) == 0;
                np_table_builder_cell(t, has ? _("yes") : "");
            }
        }
}

static void statistic_rows(np_table_builder *t, const printer *p,
                           const np_estimation *all)
{
    np_table_builder_rule(t);
    np_table_builder_row(t);
    np_table_builder_row_header(t, _("Rows"), 0);
    for (size_t m = 0; m < all->n_models; m++)
        np_table_builder_number(t, count(p, all->model[m].estimates.n),
                                (double)all->model[m].estimates.n);
    for (size_t s = 0; s < N_SHOWN; s++) {
        bool any = false;
        for (size_t m = 0; m < all->n_models; m++)
            any |= is_shown(&all->model[m], s) &&
                   !isnan(np_estimates_stat(&all->model[m].estimates,
                                            shown_statistics[s].name));
        if (!any)
            continue;
        np_table_builder_row(t);
        np_table_builder_row_header(t, _(shown_statistics[s].label), 0);
        for (size_t m = 0; m < all->n_models; m++) {
            double value =
                np_estimates_stat(&all->model[m].estimates, shown_statistics[s].name);
            np_table_builder_number(
                t, isnan(value) ? "" : np_number_fixed(p->arena, value, 4, p->language),
                value);
        }
    }
}

static void model_notes(np_table_builder *t, const printer *p, const np_estimation *all)
{
    for (size_t m = 0; m < all->n_models; m++) {
        const np_estimates *e = &all->model[m].estimates;
        np_buf text = {0};
        np_buf_format(&text, "(%zu) %s. ", m + 1, all->model[m].title);
        np_buf_format(&text, _("Standard errors: %s"), e->vcov_label);
        if (!e->normal && e->df == NULL)
            np_buf_format(&text, _("; t with %s degrees of freedom"), number(p, e->df_t));
        for (size_t i = 0; i < e->n_dropped; i++)
            np_buf_format(&text, "%s%s (%s)", i == 0 ? _(". Left out: ") : ", ",
                          count(p, e->dropped[i].n_rows), e->dropped[i].reason);
        if (np_buf_done(&text) != NULL)
            np_table_builder_note(t, "%s.", text.text);
        np_buf_free(&text);
        for (size_t i = 0; i < e->n_tests; i++)
            np_note_test(t, &e->test[i], p->arena, p->language);
        for (size_t i = 0; i < e->n_warnings; i++)
            np_table_builder_note(t, _("(%zu) Note: %s"), m + 1, e->warning[i]);
    }
    if (all->n_models > 0 && all->model[0].estimates.ssc_label != NULL)
        np_table_builder_note(t, _("Small-sample choices: %s."),
                              all->model[0].estimates.ssc_label);
    np_table_builder_note(t,
                          _("Standard errors in brackets. *** p < %g, ** p < %g, "
                            "* p < %g."),
                          star_levels[2], star_levels[1], star_levels[0]);
}

static const np_doc_table *side_by_side(const printer *p, const np_estimation *all)
{
    const char **term;
    size_t n = union_of_terms(&term, p, all);
    np_table_builder *t =
        np_table_builder_new(p->arena, "estimates", "", all->n_models + 1);
    np_table_builder_head(t);
    np_table_builder_cell(t, "");
    for (size_t m = 0; m < all->n_models; m++)
        np_table_builder_cell(t, np_arena_format(p->arena, "(%zu)", m + 1));
    np_table_builder_head(t);
    np_table_builder_cell(t, _("Outcome"));
    for (size_t m = 0; m < all->n_models; m++)
        np_table_builder_cell(t, all->model[m].design.y_name);
    for (size_t i = 0; i < n; i++)
        term_rows(t, p, all, term[i]);
    fixed_effect_rows(t, p, all);
    statistic_rows(t, p, all);
    model_notes(t, p, all);
    return np_table_builder_done(t);
}

static double more_of(const np_estimate_table *table, const char *key, size_t i)
{
    for (size_t c = 0; c < table->n_more; c++)
        if (strcmp(table->more[c].key, key) == 0)
            return table->more[c].value[i];
    return NAN;
}

/* What the wild bootstrap was: vectors, clusters, whether the null was imposed. */
static void note_bootstrap(np_table_builder *t, const printer *p,
                           const np_estimate_table *table, const np_wild_request *ask)
{
    static const char *const weights[] = {N_("Rademacher"), N_("Webb"), N_("Mammen"),
                                          N_("normal")};
    static const char *const kind[] = {N_("symmetric"), N_("equal-tailed"),
                                       N_("one-sided, greater"), N_("one-sided, less")};
    size_t draws = (size_t)more_of(table, "draws", 0);
    size_t clusters = (size_t)more_of(table, "n_clusters", 0);
    bool all = more_of(table, "enumerated", 0) != 0;
    np_table_builder_note(
        t,
        all ? _("%s weights, all %s vectors of %s clusters; %s; p values are %s.")
            : _("%s weights, %s vectors of %s clusters; %s; p values are %s."),
        _(weights[ask->weights]), count(p, draws), count(p, clusters),
        ask->null == NP_WILD_NULL_IMPOSED ? _("null imposed") : _("null not imposed"),
        _(kind[ask->p]));
    static const char *const type[] = {"11", "13", "31", "33"};
    if (ask->type != NP_WILD_11)
        np_table_builder_note(t, _("Bootstrap type %s."), type[ask->type]);
    if (!all)
        np_table_builder_note(t, _("Seed %s."), count(p, (size_t)ask->seed));
    np_table_builder_note(t,
                          _("p with ties counts the vectors whose t equals that of the "
                            "data, as well."));
}

static void bootstrap_row(np_table_builder *t, const printer *p,
                          const np_estimate_table *table, size_t i)
{
    double se = table->std_error[i];
    double ties = more_of(table, "p_value_ties", i);
    np_table_builder_row(t);
    np_table_builder_row_header(t, table->term[i], 0);
    np_table_builder_number(t, with_error(p, table->estimate[i], se), table->estimate[i]);
    np_table_builder_number(
        t, np_number_fixed(p->arena, table->statistic[i], 2, p->language),
        table->statistic[i]);
    np_table_builder_number(t, np_number_p(p->arena, table->p_value[i], p->language),
                            table->p_value[i]);
    np_table_builder_number(t, np_number_p(p->arena, ties, p->language), ties);
    const double bound[] = {table->conf_low[i], table->conf_high[i]};
    for (size_t side = 0; side < 2; side++)
        np_table_builder_number(t,
                                isinf(bound[side]) ? (bound[side] < 0 ? "-∞" : "∞")
                                                   : with_error(p, bound[side], se),
                                bound[side]);
}

static const np_doc_table *bootstrap_table(const printer *p, const np_model *m,
                                           const np_wild_request *ask)
{
    const np_estimates *e = &m->estimates;
    const np_estimate_table *table = NULL;
    for (size_t i = 0; i < e->n_tables; i++)
        if (strcmp(e->table[i].name, "wild_bootstrap") == 0)
            table = &e->table[i];
    if (table == NULL)
        return NULL;
    np_table_builder *t =
        np_table_builder_new(p->arena, "wild-bootstrap", _(table->title), 7);
    np_table_builder_head(t);
    np_table_builder_cell(t, _("Hypothesis"));
    np_table_builder_cell(t, _("Estimate"));
    np_table_builder_cell(t, "t");
    np_table_builder_cell(t, "p");
    np_table_builder_cell(t, _("p with ties"));
    np_table_builder_span(
        t, np_arena_format(p->arena, _("%g %% interval"), 100 * e->conf_level), 2);
    for (size_t i = 0; i < table->n; i++)
        bootstrap_row(t, p, table, i);
    note_bootstrap(t, p, table, ask);
    return np_table_builder_done(t);
}

/* Below the coefficients; a CSV has these alone. */
static np_status print_bootstrap(const np_call *call, const printer *p,
                                 const np_estimation *e, np_doc_format format,
                                 np_error *err)
{
    if (e->spec.wild.draws == 0 || format == NP_CSV)
        return NP_OK;
    for (size_t m = 0; m < e->n_models; m++) {
        const np_doc_table *table = bootstrap_table(p, &e->model[m], &e->spec.wild);
        if (table == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
        np_buf_add(call->out, "\n");
        np_doc_render_table(call->out, table, format, p->language);
    }
    return NP_OK;
}

const np_doc_table *np_estimate_table_of(const np_model *m, const char *formula,
                                         const np_term_filter *filter, np_arena *arena)
{
    printer p = {arena, np_language_get(), filter};
    return one_model(&p, m, formula);
}

np_status np_estimate_print(const np_call *call, const np_estimation *e,
                            const np_term_filter *filter, np_doc_format format,
                            np_error *err)
{
    printer p = {call->arena, np_language_get(), filter};
    const np_doc_table *table = format == NP_CSV ? as_columns(&p, e)
                                : e->n_models == 1
                                    ? one_model(&p, &e->model[0], e->formula[0])
                                    : side_by_side(&p, e);
    if (table == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_doc_render_table(call->out, table, format, p.language);
    return print_bootstrap(call, &p, e, format, err);
}
