#include "evaluation/estimates_json.h"

#include <math.h>

static void put_dropped(np_json *j, const np_estimates *e)
{
    np_json_key(j, "dropped");
    np_json_array(j);
    for (size_t i = 0; i < e->n_dropped; i++) {
        np_json_object(j);
        np_json_put_text(j, "reason", e->dropped[i].reason);
        np_json_put_integer(j, "rows", (int64_t)e->dropped[i].n_rows);
        np_json_end_object(j);
    }
    np_json_end_array(j);
}

static void put_coefficients(np_json *j, const np_estimates *e)
{
    np_json_key(j, "coefficients");
    np_json_array(j);
    for (size_t i = 0; i < e->k; i++) {
        np_json_object(j);
        np_json_put_text(j, "term", e->term[i]);
        np_json_put_number(j, "estimate", e->estimate[i]);
        np_json_put_number(j, "std_error", e->std_error[i]);
        np_json_put_number(j, "statistic", e->statistic[i]);
        np_json_put_number(j, "p_value", e->p_value[i]);
        np_json_put_number(j, "conf_low", e->conf_low[i]);
        np_json_put_number(j, "conf_high", e->conf_high[i]);
        if (e->df != NULL)
            np_json_put_number(j, "df", e->df[i]);
        np_json_end_object(j);
    }
    np_json_end_array(j);
}

static void put_vcov(np_json *j, const np_estimates *e)
{
    np_json_key(j, "vcov");
    np_json_array(j);
    for (size_t i = 0; i < e->k; i++) {
        np_json_array_inline(j);
        for (size_t l = 0; l < e->k; l++)
            np_json_number(j, e->vcov[i * e->k + l]);
        np_json_end_array(j);
    }
    np_json_end_array(j);
}

static void put_test(np_json *j, const np_test *t)
{
    np_json_object(j);
    np_json_put_text(j, "name", t->name);
    np_json_put_text(j, "title", t->title);
    np_json_put_text(j, "detail", t->detail);
    np_json_put_text(j, "distribution", t->distribution);
    np_json_put_number(j, "statistic", t->statistic);
    np_json_put_number(j, "df1", t->df1);
    np_json_put_number(j, "df2", t->df2);
    np_json_put_number(j, "p_value", t->p_value);
    np_json_end_object(j);
}

static void put_table(np_json *j, const np_estimate_table *t)
{
    const struct {
        const char *key;
        const double *value;
    } column[] = {{"estimate", t->estimate},
                  {"std_error", t->std_error},
                  {"statistic", t->statistic},
                  {"p_value", t->p_value},
                  {"conf_low", t->conf_low},
                  {"conf_high", t->conf_high},
                  {"n", t->n_rows}};
    np_json_key(j, t->name);
    np_json_array(j);
    for (size_t i = 0; i < t->n; i++) {
        np_json_object(j);
        np_json_put_text(j, "term", t->term[i]);
        for (size_t c = 0; c < sizeof column / sizeof *column; c++)
            if (column[c].value != NULL)
                np_json_put_number(j, column[c].key, column[c].value[i]);
        for (size_t c = 0; c < t->n_more; c++)
            np_json_put_number(j, t->more[c].key, t->more[c].value[i]);
        for (size_t c = 0; c < t->n_texts; c++)
            np_json_put_text(j, t->text[c].key, t->text[c].text[i]);
        np_json_end_object(j);
    }
    np_json_end_array(j);
}

static void put_texts(np_json *j, const char *key, const char *const *text, size_t n)
{
    np_json_key(j, key);
    np_json_array(j);
    for (size_t i = 0; i < n; i++)
        np_json_text(j, text[i]);
    np_json_end_array(j);
}

void np_estimates_json_members(np_json *j, const np_estimates *e)
{
    np_json_put_integer(j, "n", (int64_t)e->n);
    np_json_put_integer(j, "n_table_rows", (int64_t)e->n_table_rows);
    put_dropped(j, e);
    np_estimates_json_findings(j, e);
}

void np_estimates_json_findings(np_json *j, const np_estimates *e)
{
    put_coefficients(j, e);
    put_vcov(j, e);
    np_json_key(j, "stats");
    np_json_object(j);
    for (size_t i = 0; i < e->n_stats; i++)
        np_json_put_number(j, e->stat[i].name, e->stat[i].value);
    np_json_end_object(j);
    np_json_key(j, "tests");
    np_json_array(j);
    for (size_t i = 0; i < e->n_tests; i++)
        put_test(j, &e->test[i]);
    np_json_end_array(j);
    np_json_key(j, "tables");
    np_json_object(j);
    for (size_t i = 0; i < e->n_tables; i++)
        put_table(j, &e->table[i]);
    np_json_end_object(j);
    put_texts(j, "collinear", e->collinear, e->n_collinear);
    put_texts(j, "warnings", e->warning, e->n_warnings);
}

static void put_model(np_json *j, const np_model *m, const char *formula)
{
    const np_estimates *e = &m->estimates;
    np_json_key(j, "model");
    np_json_object(j);
    if (formula != NULL)
        np_json_put_text(j, "formula", formula);
    np_json_put_text(j, "title", m->title);
    np_json_put_text(j, "family", m->family_name);
    np_json_put_text(j, "outcome", m->design.y_name);
    np_json_key(j, "fixed_effects");
    np_json_array(j);
    for (size_t i = 0; i < m->n_fe; i++) {
        np_json_object(j);
        np_json_put_text(j, "name", m->fe_name[i]);
        np_json_put_integer(j, "levels", (int64_t)m->fe_levels[i]);
        np_json_end_object(j);
    }
    np_json_end_array(j);
    np_json_key(j, "clusters");
    np_json_array(j);
    for (size_t i = 0; i < m->n_cluster_keys; i++) {
        np_json_object(j);
        np_json_put_text(j, "name", m->cluster_name[i]);
        np_json_put_integer(j, "number", (int64_t)m->n_clusters[i]);
        np_json_end_object(j);
    }
    np_json_end_array(j);
    np_json_put_text(j, "vcov", e->vcov_call);
    np_json_put_text(j, "vcov_label", e->vcov_label);
    np_json_put_text(j, "ssc", e->ssc_label);
    np_json_put_number(j, "conf_level", e->conf_level);
    np_json_put_number(j, "df_t", e->normal ? NAN : e->df_t);
    np_json_end_object(j);
}

void np_model_json_members(np_json *j, const np_model *model, const char *formula)
{
    np_json_put_text(j, "nullpunkt", NP_VERSION);
    put_model(j, model, formula);
    np_estimates_json_members(j, &model->estimates);
}

void np_model_json(np_json *j, const np_model *model, const char *formula)
{
    np_json_object(j);
    np_model_json_members(j, model, formula);
    np_json_end_object(j);
}
