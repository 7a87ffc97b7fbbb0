#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "stats/model_internal.h"

/* Clustered standard errors rely on many clusters; below thirty they are too small
 * more often than not. Source: Cameron and Miller (2015), J. Human Resources 50(2). */
enum { FEW_CLUSTERS = 30, MOST_COUNTED = 1 << 22 };

np_status np_model_warn(np_model_builder *b, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    np_text_vformat(text, sizeof text, format, args);
    va_end(args);
    if (b->n_warnings == b->warning_capacity) {
        size_t capacity = b->warning_capacity == 0 ? 8 : 2 * b->warning_capacity;
        const char **grown = np_arena_array(b->arena, const char *, capacity);
        if (grown == NULL)
            return np_model_no_memory(b);
        for (size_t i = 0; i < b->n_warnings; i++)
            grown[i] = b->warning[i];
        b->warning = grown;
        b->warning_capacity = capacity;
    }
    const char *copy = np_arena_copy_text(b->arena, text, strlen(text));
    if (copy == NULL)
        return np_model_no_memory(b);
    b->warning[b->n_warnings++] = copy;
    return NP_OK;
}

static np_status warn_of_few_clusters(np_model_builder *b)
{
    np_status status = NP_OK;
    for (size_t i = 0; status == NP_OK && i < b->out->n_cluster_keys; i++)
        if (b->out->n_clusters[i] < FEW_CLUSTERS)
            status = np_model_warn(
                b,
                _("There are only %zu clusters of %s: with fewer than %d, clustered "
                  "standard errors tend to be too small and intervals too narrow."),
                b->out->n_clusters[i], b->out->cluster_name[i], FEW_CLUSTERS);
    return status;
}

static np_status warn_of_collinear(np_model_builder *b)
{
    const np_estimates *e = &b->out->estimates;
    np_buf names = {0};
    if (e->n_collinear == 0)
        return NP_OK;
    for (size_t i = 0; i < e->n_collinear && i < 10; i++)
        np_buf_format(&names, "%s%s", i == 0 ? "" : ", ", e->collinear[i]);
    if (e->n_collinear > 10)
        np_buf_add(&names, " …");
    const char *list = np_buf_done(&names);
    np_status status = list == NULL ? np_model_no_memory(b)
                       : e->n_collinear == 1
                           ? np_model_warn(b,
                                           _("%s was left out: it is collinear with "
                                             "other terms or the fixed effects."),
                                           list)
                           : np_model_warn(b,
                                           _("%zu terms were left out, being collinear "
                                             "with other terms or the fixed effects: "
                                             "%s."),
                                           e->n_collinear, list);
    np_buf_free(&names);
    return status;
}

/* The rows of each cluster where the indicator is 1: does one hold most of them? */
static np_status warn_of_concentration(np_model_builder *b, const char *term,
                                       const size_t *count, const np_groups *clusters,
                                       const char *name, const np_column *column)
{
    size_t all = 0, most = 0, n_with = 0;
    for (size_t g = 0; g < clusters->n_groups; g++) {
        all += count[g];
        n_with += count[g] > 0;
        if (count[g] > count[most])
            most = g;
    }
    if (all == 0 || 2 * count[most] <= all)
        return NP_OK;
    const np_design *d = &b->out->design;
    const char *label = "";
    if (column != NULL)
        label = np_group_label(clusters, &column, 1, d->row, (int32_t)most, b->arena);
    if (label == NULL)
        return np_model_no_memory(b);
    if (n_with == 1)
        return np_model_warn(b,
                             _("%s is 1 in a single cluster (%s %s): its standard error "
                               "cannot be trusted."),
                             term, name, label);
    return np_model_warn(b,
                         _("One cluster (%s %s) holds %.0f %% of the rows where %s is 1: "
                           "the standard error leans on it."),
                         name, label, 100 * (double)count[most] / (double)all, term);
}

static bool is_indicator(const double *x, size_t n)
{
    bool varies = false;
    for (size_t i = 0; i < n; i++) {
        if (x[i] != 0 && x[i] != 1)
            return false;
        varies |= x[i] != x[0];
    }
    return varies;
}

static np_status warn_of_block(np_model_builder *b, const np_block *block,
                               const np_groups *clusters, const char *name,
                               const np_column *column, size_t *count)
{
    const np_design *d = &b->out->design;
    size_t G = clusters->n_groups, k = block->n_columns;
    if (block->kind == NP_BLOCK_DENSE && !is_indicator(block->value, d->n))
        return NP_OK;
    if (block->kind == NP_BLOCK_DUMMIES &&
        ((block->value != NULL && !is_indicator(block->value, d->n)) ||
         k > MOST_COUNTED / G))
        return NP_OK;
    memset(count, 0, G * k * sizeof *count);
    for (size_t i = 0; i < d->n; i++) {
        size_t j = block->kind == NP_BLOCK_DENSE ? 0 : (size_t)block->column[i];
        if (block->kind == NP_BLOCK_DUMMIES && block->column[i] < 0)
            continue;
        if (block->value == NULL || block->value[i] != 0)
            count[j * G + (size_t)clusters->code[i]]++;
    }
    np_status status = NP_OK;
    for (size_t j = 0; status == NP_OK && j < k; j++)
        status = warn_of_concentration(b, d->x.term[block->first + j], count + j * G,
                                       clusters, name, column);
    return status;
}

/* Constant within clusters is what a treatment assigned to clusters is. */
static np_status warn_of_dominant_clusters(np_model_builder *b)
{
    const np_design *d = &b->out->design;
    np_status status = NP_OK;
    for (size_t c = 0; status == NP_OK && c < b->out->n_cluster_keys; c++) {
        const np_groups *clusters = NULL;
        for (size_t i = 0; i < d->n_keys; i++)
            if (strcmp(d->key_name[i], b->out->cluster_name[c]) == 0)
                clusters = &d->key[i];
        if (clusters == NULL || clusters->n_groups < 2)
            continue;
        size_t at = np_table_find(d->table, b->out->cluster_name[c]);
        const np_column *column = at < d->table->n_columns ? &d->table->column[at] : NULL;
        for (size_t j = 0; status == NP_OK && j < d->x.n_blocks; j++) {
            np_arena_mark mark = np_arena_set_mark(b->arena);
            size_t n = clusters->n_groups * d->x.block[j].n_columns;
            /* the count of an interaction that is not looked at is not needed */
            size_t *count = np_arena_array(b->arena, size_t,
                                           n > MOST_COUNTED + clusters->n_groups ? 1 : n);
            if (count == NULL)
                return np_model_no_memory(b);
            size_t before = b->n_warnings;
            status = warn_of_block(b, &d->x.block[j], clusters, b->out->cluster_name[c],
                                   column, count);
            if (b->n_warnings == before)
                np_arena_release(b->arena, mark);
        }
    }
    return status;
}

static np_status warn_of_covariance(np_model_builder *b)
{
    const np_estimates *e = &b->out->estimates;
    np_status status = NP_OK;
    if (b->vcov.vcov != NULL && !b->vcov.positive_definite)
        status = np_model_warn(b, _("The covariance matrix is not positive definite; the "
                                    "standard errors are those of the matrix as it is."));
    for (size_t i = 0; status == NP_OK && i < e->k; i++)
        if (isnan(e->std_error[i])) {
            status = np_model_warn(b,
                                   _("%s has no standard error: its variance is "
                                     "negative or not defined."),
                                   e->term[i]);
            break;
        }
    return status;
}

/* A t of a million is no finding: the terms fit the outcome all but exactly, or the
 * covariance cancels out, as Conley's does where errors reach all rows. */
static np_status warn_of_no_error(np_model_builder *b)
{
    const np_estimates *e = &b->out->estimates;
    for (size_t i = 0; i < e->k; i++)
        if (fabs(e->statistic[i]) > 1e6)
            return np_model_warn(b,
                                 _("%s has next to no standard error, which is rounding "
                                   "and no finding: the terms fit the outcome exactly, "
                                   "or the covariance cancels out."),
                                 e->term[i]);
    return NP_OK;
}

static np_status warn_of_singletons(np_model_builder *b)
{
    const np_design *d = &b->out->design;
    size_t n = 0;
    for (size_t i = 0; i < d->n_dropped; i++)
        if (strstr(d->dropped[i].reason, "singleton") != NULL)
            n += d->dropped[i].n_rows;
    return n == 0 ? NP_OK
                  : np_model_warn(b,
                                  _("%zu rows were left out because they are alone in a "
                                    "fixed effect and say nothing about the terms."),
                                  n);
}

np_status np_model_add_warnings(np_model_builder *b)
{
    np_status status = warn_of_collinear(b);
    if (status == NP_OK)
        status = warn_of_singletons(b);
    if (status == NP_OK)
        status = warn_of_few_clusters(b);
    if (status == NP_OK && b->spec->want_diagnostics)
        status = warn_of_dominant_clusters(b);
    if (status == NP_OK)
        status = warn_of_covariance(b);
    if (status == NP_OK)
        status = warn_of_no_error(b);
    np_estimates *e = &b->out->estimates;
    if (status != NP_OK)
        return status;
    size_t n = e->n_warnings + b->n_warnings;
    const char **all = np_arena_array(b->arena, const char *, n);
    if (all == NULL)
        return np_model_no_memory(b);
    for (size_t i = 0; i < n; i++)
        all[i] = i < b->n_warnings ? b->warning[i] : e->warning[i - b->n_warnings];
    e->warning = all;
    e->n_warnings = n;
    return NP_OK;
}
