#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "base/rng.h"
#include "stats/did/efficient_internal.h"

/* Draws per task: some milliseconds' work on a panel of usual size. */
enum { TASK_DRAWS = 16 };

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the randomisation test"));
}

typedef struct {
    np_cohort_moments moments;
    np_comparisons comparisons;
    np_adjustment adjustment;
    np_contrast contrast;
    int32_t *code, *used;
    double *scratch;
} thread_scratch;

typedef struct {
    const np_efficient *w;
    size_t n_rows;
    uint32_t *row;           /* [n_rows] of the plan */
    np_contrast *contrast;   /* [n_rows] A, A0 and first as found */
    const double *statistic; /* [plan rows] */
    thread_scratch *thread;
    uint32_t *larger; /* [n_tasks × n_rows] draws that are larger */
} fisher;

static void permute(thread_scratch *s, const np_efficient *w, size_t draw)
{
    size_t n = 0;
    np_rng rng = np_rng_stream(w->spec->seed, draw);
    for (size_t u = 0; u < w->panel->n_units; u++)
        if (w->code[u] >= 0)
            s->used[n++] = w->code[u];
    np_rng_shuffle(&rng, s->used, n);
    n = 0;
    for (size_t u = 0; u < w->panel->n_units; u++)
        s->code[u] = w->code[u] < 0 ? -1 : s->used[n++];
}

static void one_draw(const fisher *f, thread_scratch *s, size_t draw, uint32_t *larger)
{
    const np_efficient *w = f->w;
    permute(s, w, draw);
    np_cohort_moments_fill(&s->moments, w->panel->y, s->code, w->panel->n_units,
                           s->scratch);
    if (w->all_comparisons)
        np_comparisons_factor(&s->comparisons, &s->moments, s->scratch);
    size_t filled = SIZE_MAX;
    for (size_t i = 0; i < f->n_rows; i++) {
        np_contrast *c = &s->contrast;
        c->A = f->contrast[i].A;
        c->A0 = f->contrast[i].A0;
        c->first = f->contrast[i].first;
        np_contrast_estimate(c, &s->moments, w->spec->efficient_beta,
                             w->all_comparisons ? &s->comparisons : NULL, s->scratch);
        if (!w->spec->neyman_errors) {
            if (c->first != filled)
                np_adjustment_fill(&s->adjustment, &s->moments, c->first,
                                   w->start[c->first], NULL);
            filled = c->first;
            np_contrast_adjust(c, &s->moments, &s->adjustment, s->scratch);
        }
        double statistic = fabs(c->estimate) / sqrt(c->adjusted);
        larger[i] += statistic > fabs(f->statistic[f->row[i]]);
    }
}

static void task(void *context, size_t t, unsigned thread)
{
    const fisher *f = context;
    size_t last = (t + 1) * TASK_DRAWS;
    if (last > f->w->spec->draws)
        last = f->w->spec->draws;
    for (size_t draw = t * TASK_DRAWS; draw < last; draw++)
        one_draw(f, &f->thread[thread], draw, f->larger + t * f->n_rows);
}

static np_status thread_new(thread_scratch *s, const np_efficient *w)
{
    np_status status = np_cohort_moments_new(&s->moments, w->G, w->T, w->arena, w->err);
    if (status == NP_OK && w->all_comparisons)
        status =
            np_comparisons_new(&s->comparisons, w->start, w->G, w->T, w->arena, w->err);
    if (status == NP_OK)
        status = np_adjustment_new(&s->adjustment, w->G, w->T, w->arena, w->err);
    if (status == NP_OK)
        status = np_contrast_new(&s->contrast, w->G, w->T, w->arena, w->err);
    s->code = np_arena_array(w->arena, int32_t, w->panel->n_units);
    s->used = np_arena_array(w->arena, int32_t, w->panel->n_units);
    s->scratch = np_arena_array(w->arena, double, w->scratch_size);
    return status == NP_OK && (s->code == NULL || s->used == NULL || s->scratch == NULL)
               ? no_memory(w->err)
               : status;
}

/* Overall numbers and the dynamic rows with an error. */
static np_status choose_rows(fisher *f)
{
    const np_efficient *w = f->w;
    const np_did_plan *p = &w->plan;
    f->row = np_arena_array(w->arena, uint32_t, p->n_rows);
    f->contrast = np_arena_array(w->arena, np_contrast, p->n_rows);
    if (f->row == NULL || f->contrast == NULL)
        return no_memory(w->err);
    for (size_t k = 0; k < p->n_kinds; k++) {
        f->row[f->n_rows++] = (uint32_t)p->kind[k].overall;
        for (size_t i = 0; i < p->kind[k].n; i++)
            if (strcmp(p->kind[k].kind, "dynamic") == 0)
                f->row[f->n_rows++] = (uint32_t)(p->kind[k].first + i);
    }
    for (size_t i = 0; i < f->n_rows; i++) {
        uint32_t first = p->start[f->row[i]], n = p->start[f->row[i] + 1] - first;
        np_status status = np_contrast_new(&f->contrast[i], w->G, w->T, w->arena, w->err);
        if (status != NP_OK)
            return status;
        np_efficient_contrast(&f->contrast[i], w, p->index + first, p->share + first, n);
    }
    return NP_OK;
}

static np_status collect(np_estimate_table *out, const fisher *f, size_t n_tasks,
                         const double *estimate)
{
    const np_efficient *w = f->w;
    const char **term = np_arena_array(w->arena, const char *, f->n_rows);
    double *number = np_arena_array(w->arena, double, 3 * f->n_rows);
    if (term == NULL || number == NULL)
        return no_memory(w->err);
    double *p_value = number + f->n_rows, *statistic = number + 2 * f->n_rows;
    for (size_t i = 0; i < f->n_rows; i++) {
        size_t larger = 0;
        for (size_t t = 0; t < n_tasks; t++)
            larger += f->larger[t * f->n_rows + i];
        term[i] = np_efficient_row_name(w, f->row[i]);
        number[i] = estimate[f->row[i]];
        statistic[i] = f->statistic[f->row[i]];
        p_value[i] = isnan(statistic[i]) ? NAN : (double)larger / (double)w->spec->draws;
        if (term[i] == NULL)
            return no_memory(w->err);
    }
    *out = (np_estimate_table){.name = "fisher",
                               .title = N_("Randomisation test of the starts"),
                               .n = f->n_rows,
                               .term = term,
                               .estimate = number,
                               .statistic = statistic,
                               .p_value = p_value};
    return NP_OK;
}

np_status np_efficient_fisher(np_estimate_table *out, const np_efficient *w,
                              const double *statistic, const double *estimate)
{
    fisher f = {.w = w, .statistic = statistic};
    unsigned n_threads = np_parallel_threads(w->spec->n_threads);
    size_t n_tasks = (w->spec->draws + TASK_DRAWS - 1) / TASK_DRAWS;
    np_status status = choose_rows(&f);
    if (status != NP_OK)
        return status;
    f.larger = np_arena_array(w->arena, uint32_t, n_tasks * f.n_rows);
    f.thread = np_arena_array(w->arena, thread_scratch, n_threads);
    if (f.larger == NULL || f.thread == NULL)
        return no_memory(w->err);
    for (unsigned i = 0; i < n_threads && status == NP_OK; i++)
        status = thread_new(&f.thread[i], w);
    if (status != NP_OK)
        return status;
    np_parallel_for(n_tasks, w->spec->n_threads, task, &f);
    return collect(out, &f, n_tasks, estimate);
}
