#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/cmd_estimate.h"
#include "cli/common.h"
#include "report/figure.h"

/* The terms of a block of dummies of a number: "rel::-5". NULL: the model has none. */
static const np_block *event_block(const np_model *m)
{
    const np_regressors *x = &m->design.x;
    for (size_t j = 0; j < x->n_blocks; j++) {
        const np_block *b = &x->block[j];
        if (b->kind == NP_BLOCK_DUMMIES && b->level != NULL && b->n_columns > 1 &&
            strstr(x->term[b->first], "::") != NULL)
            return b;
    }
    return NULL;
}

/* The number after the "::" of "rel::-5" and "rel::-5:treated". */
static bool event_time(double *out, const char *term, const char *variable)
{
    size_t length = strlen(variable);
    return strncmp(term, variable, length) == 0 && strncmp(term + length, "::", 2) == 0 &&
           sscanf(term + length + 2, "%lf", out) == 1;
}

static np_figure_series *event_series(const np_model *m, const np_block *block,
                                      const np_term_filter *filter, np_arena *arena)
{
    const np_estimates *e = &m->estimates;
    np_figure_series *s = np_arena_array(arena, np_figure_series, 1);
    double *value[4];
    for (int i = 0; i < 4; i++) {
        value[i] = np_arena_array(arena, double, e->k);
        if (value[i] == NULL)
            return NULL;
    }
    if (s == NULL)
        return NULL;
    for (size_t i = 0; i < e->k; i++) {
        double t;
        if (!event_time(&t, e->term[i], block->variable) ||
            !np_term_is_shown(filter, e->term[i]))
            continue;
        value[0][s->n] = t;
        value[1][s->n] = e->estimate[i];
        value[2][s->n] = e->conf_low[i];
        value[3][s->n++] = e->conf_high[i];
    }
    s->label = m->design.y_name;
    s->x = value[0];
    s->y = value[1];
    s->low = value[2];
    s->high = value[3];
    s->emphasis = true;
    return s;
}

static np_status event_study(np_figure *f, const np_model *m, const np_block *block,
                             const np_term_filter *filter, np_arena *arena)
{
    np_figure_series *s = event_series(m, block, filter, arena);
    np_figure_mark *mark = np_arena_array(arena, np_figure_mark, 1);
    if (s == NULL || mark == NULL)
        return NP_E_NO_MEMORY;
    *mark = (np_figure_mark){-0.5, _("start")};
    f->kind = NP_FIGURE_EVENT_STUDY;
    f->series = s;
    f->n_series = 1;
    f->x_title = m->design.sunab != NULL ? _("periods since the start") : block->variable;
    bool straddles = s->n > 0 && s->x[0] < 0 && s->x[s->n - 1] >= 0;
    f->mark = mark;
    f->n_marks = straddles ? 1 : 0;
    return NP_OK;
}

static np_status forest(np_figure *f, const np_model *m, const np_term_filter *filter,
                        np_arena *arena)
{
    const np_estimates *e = &m->estimates;
    np_figure_estimate *row = np_arena_array(arena, np_figure_estimate, e->k);
    if (row == NULL)
        return NP_E_NO_MEMORY;
    size_t n = 0;
    for (size_t i = 0; i < e->k; i++)
        if (strcmp(e->term[i], "(Intercept)") != 0 &&
            np_term_is_shown(filter, e->term[i]))
            row[n++] = (np_figure_estimate){.label = e->term[i],
                                            .estimate = e->estimate[i],
                                            .low = e->conf_low[i],
                                            .high = e->conf_high[i]};
    f->kind = NP_FIGURE_FOREST;
    f->estimate = row;
    f->n_estimates = n;
    f->x_title = m->design.y_name;
    return NP_OK;
}

static np_status add_model(np_doc *doc, const np_estimation *e, size_t i,
                           const np_term_filter *filter, np_arena *arena)
{
    const np_model *m = &e->model[i];
    np_figure *f = np_arena_array(arena, np_figure, 1);
    const char *title = np_arena_format(arena, _("Estimates for %s"), m->design.y_name);
    const char *description = np_arena_format(
        arena, _("%zu estimates with %g %% intervals; the table below has the numbers."),
        m->estimates.k, 100 * m->estimates.conf_level);
    const char *id = np_arena_format(arena, "figure-%zu", i + 1);
    if (f == NULL || title == NULL || description == NULL || id == NULL)
        return NP_E_NO_MEMORY;
    *f = (np_figure){.id = id,
                     .title = title,
                     .description = description,
                     .y_title = m->design.y_name,
                     .zero_line = true};
    const np_block *block = event_block(m);
    np_status status = block != NULL ? event_study(f, m, block, filter, arena)
                                     : forest(f, m, filter, arena);
    if (status != NP_OK)
        return status;
    const np_doc_table *table = np_estimate_table_of(m, e->formula[i], filter, arena);
    if (table == NULL)
        return NP_E_NO_MEMORY;
    np_doc_add_figure(doc, f, table);
    return NP_OK;
}

np_status np_estimate_plot(const np_call *call, const np_estimation *e,
                           const np_term_filter *filter, const char *path, np_error *err)
{
    np_doc doc = np_doc_new(call->arena, np_language_get(), e->formula[0], e->data);
    for (size_t i = 0; i < e->n_models; i++)
        if (add_model(&doc, e, i, filter, call->arena) != NP_OK)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the figure"));
    np_status status = np_doc_done(&doc, err);
    return status == NP_OK ? np_page_write(path, &doc, call->arena, err) : status;
}
