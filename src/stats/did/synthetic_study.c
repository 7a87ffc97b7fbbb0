#include "stats/did/synthetic_study.h"

#include <math.h>
#include <string.h>

#include "base/parallel.h"
#include "base/rng.h"

static np_status no_memory(const np_synthetic_study *s, np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for weights of %zu units"),
                   s->panel.n_units);
}

static bool is_projected(const np_synthetic_study *s)
{
    return s->panel.n_covariates > 0 && s->options->covariates == NP_SYNTHETIC_PROJECTED;
}

/* The panel whose outcome is freed of the covariates, in memory of its own. */
typedef struct {
    np_synthetic_panel panel;
    double *y, *beta, *scratch;
} adjustment;

static bool adjustment_make(adjustment *a, const np_synthetic_study *s, np_arena *arena)
{
    *a = (adjustment){.panel = s->panel};
    if (!is_projected(s))
        return true;
    a->y = np_arena_array(arena, double, s->panel.n_units * s->panel.n_periods);
    a->beta = np_arena_array(arena, double, s->panel.n_covariates);
    a->scratch = np_arena_array(arena, double, np_synthetic_project_scratch(&s->panel));
    a->panel.y = a->y;
    a->panel.n_covariates = 0;
    return a->y != NULL && a->beta != NULL && a->scratch != NULL;
}

static void adjust(adjustment *a, const np_synthetic_study *s, const int32_t *donor,
                   size_t n_donors)
{
    if (is_projected(s))
        np_synthetic_project(a->y, a->beta, &s->panel, donor, n_donors, a->scratch);
}

static bool fit_make(np_synthetic_fit *f, const np_synthetic_panel *p, size_t n_donors,
                     bool optimize, np_arena *arena)
{
    f->omega = np_arena_array(arena, double, n_donors);
    f->lambda = np_arena_array(arena, double, p->n_periods);
    f->gap = np_arena_array(arena, double, p->n_periods);
    f->curve = np_arena_array(arena, double, p->n_periods);
    f->beta = optimize ? np_arena_array(arena, double, p->n_covariates) : NULL;
    return f->omega != NULL && f->lambda != NULL && f->gap != NULL && f->curve != NULL &&
           (!optimize || f->beta != NULL);
}

static bool is_optimized(const np_synthetic_study *s)
{
    return s->panel.n_covariates > 0 && !is_projected(s);
}

np_status np_synthetic_study_solve(np_synthetic_answer *out, const np_synthetic_study *s,
                                   np_arena *arena, np_error *err)
{
    adjustment a;
    np_synthetic_fit *fit = np_arena_array(arena, np_synthetic_fit, s->n_cohorts);
    np_synthetic_tuning *tuning =
        np_arena_array(arena, np_synthetic_tuning, s->n_cohorts);
    if (!adjustment_make(&a, s, arena) || fit == NULL || tuning == NULL)
        return no_memory(s, err);
    np_synthetic_scratch *scratch = np_synthetic_scratch_new(&s->panel, s->panel.n_units);
    np_status status = scratch == NULL ? no_memory(s, err) : NP_OK;
    adjust(&a, s, s->block[0].control, s->block[0].n_controls);
    for (size_t g = 0; status == NP_OK && g < s->n_cohorts; g++) {
        const np_synthetic_block *b = &s->block[g];
        if (!fit_make(&fit[g], &s->panel, b->n_controls, is_optimized(s), arena))
            status = no_memory(s, err);
        else
            status =
                np_synthetic_tune(&tuning[g], &a.panel, b, s->control, s->options, err);
        if (status == NP_OK) {
            np_synthetic_start(&fit[g], b, &tuning[g]);
            status = np_synthetic_solve(&fit[g], &a.panel, b, &tuning[g], scratch, err);
        }
    }
    np_synthetic_scratch_free(scratch);
    if (status == NP_OK)
        *out = (np_synthetic_answer){.fit = fit, .tuning = tuning, .beta = a.beta};
    return status;
}

/* Memory of one thread. */
typedef struct {
    np_synthetic_scratch *scratch;
    adjustment adjusted;
    np_synthetic_fit fit;
    int32_t *donor, *treated; /* [n_units] lists of a draw */
    int32_t *item;            /* [n_units] what is drawn from */
    size_t *size;             /* [n_cohorts] treated of each in the draw, in order */
    size_t failed_at;         /* first draw that failed */
    np_error error;
} worker;

typedef struct {
    const np_synthetic_study *s;
    const np_synthetic_answer *answer;
    np_synthetic_errors errors;
    uint64_t seed;
    size_t n_draws, n_treated;
    int32_t *place;      /* [n_units] in the donors' list; -1: treated */
    int32_t *cluster_of; /* [n_units] */
    size_t n_clusters;
    uint8_t *seen; /* [n_clusters] */
    size_t room;   /* units that a draw may bring */
    double *cell, *count;
    double *estimate, *ratio; /* in space */
    worker *worker;
    unsigned n_workers;
} drawing;

static bool workers_make(drawing *d, unsigned n_threads, np_arena *arena)
{
    const np_synthetic_study *s = d->s;
    d->n_workers = np_parallel_threads(n_threads);
    d->worker = np_arena_array(arena, worker, d->n_workers);
    for (unsigned w = 0; d->worker != NULL && w < d->n_workers; w++) {
        worker *k = &d->worker[w];
        k->donor = np_arena_array(arena, int32_t, d->room);
        k->treated = np_arena_array(arena, int32_t, d->room);
        k->item = np_arena_array(arena, int32_t, s->panel.n_units);
        k->size = np_arena_array(arena, size_t, s->n_cohorts);
        k->failed_at = SIZE_MAX;
        if (k->donor == NULL || k->treated == NULL || k->item == NULL ||
            k->size == NULL || !adjustment_make(&k->adjusted, s, arena) ||
            !fit_make(&k->fit, &s->panel, d->room, is_optimized(s), arena))
            return false;
        k->scratch = np_synthetic_scratch_new(&s->panel, d->room);
        if (k->scratch == NULL)
            return false;
    }
    return d->worker != NULL;
}

static void workers_free(drawing *d)
{
    for (unsigned w = 0; d->worker != NULL && w < d->n_workers; w++)
        np_synthetic_scratch_free(d->worker[w].scratch);
}

/* The first failure in the order of the draws. */
static np_status failure_of(const drawing *d, np_error *err)
{
    const worker *first = NULL;
    for (unsigned w = 0; w < d->n_workers; w++)
        if (d->worker[w].failed_at != SIZE_MAX &&
            (first == NULL || d->worker[w].failed_at < first->failed_at))
            first = &d->worker[w];
    if (first == NULL)
        return NP_OK;
    return np_fail(err, first->error.status, "%s", first->error.message);
}

static void note_failure(worker *k, size_t draw, const np_error *error)
{
    if (draw < k->failed_at) {
        k->failed_at = draw;
        k->error = *error;
    }
}

static void start_from(np_synthetic_fit *fit, const np_synthetic_fit *from,
                       const drawing *d, const int32_t *donor, size_t n, size_t n_before)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += fit->omega[i] = from->omega[d->place[donor[i]]];
    for (size_t i = 0; i < n; i++)
        fit->omega[i] = sum > 0 ? fit->omega[i] / sum : 1 / (double)n;
    memcpy(fit->lambda, from->lambda, n_before * sizeof *fit->lambda);
}

/* Estimates with the lists that the worker holds. */
static void estimate_draw(drawing *d, worker *k, size_t r, size_t n_donors, bool fixed)
{
    const np_synthetic_study *s = d->s;
    const size_t T = s->panel.n_periods;
    size_t at = 0;
    adjust(&k->adjusted, s, k->donor, n_donors);
    for (size_t g = 0; g < s->n_cohorts; g++) {
        double *cell = d->cell + (r * s->n_cohorts + g) * T;
        np_error error = {0};
        np_synthetic_tuning t = d->answer->tuning[g];
        np_synthetic_block b = s->block[g];
        b.control = k->donor;
        b.n_controls = n_donors;
        b.treated = k->treated + at;
        b.n_treated = k->size[g];
        at += k->size[g];
        t.update_omega = t.update_omega && !fixed;
        t.update_lambda = t.update_lambda && !fixed;
        start_from(&k->fit, &d->answer->fit[g], d, k->donor, n_donors, b.n_before);
        if (b.n_treated > 0 && np_synthetic_solve(&k->fit, &k->adjusted.panel, &b, &t,
                                                  k->scratch, &error) != NP_OK)
            note_failure(k, r, &error);
        for (size_t l = 0; l < T; l++)
            cell[l] = b.n_treated > 0 ? k->fit.curve[l] : NAN;
        d->count[r * s->n_cohorts + g] = (double)b.n_treated;
    }
}

static void placebo_task(void *context, size_t r, unsigned thread)
{
    drawing *d = context;
    worker *k = &d->worker[thread];
    const np_synthetic_block *b = d->s->block;
    size_t n_donors = b->n_controls - d->n_treated;
    np_rng rng = np_rng_stream(d->seed, r);
    memcpy(k->item, b->control, b->n_controls * sizeof *k->item);
    np_rng_shuffle(&rng, k->item, b->n_controls);
    memcpy(k->donor, k->item, n_donors * sizeof *k->donor);
    memcpy(k->treated, k->item + n_donors, d->n_treated * sizeof *k->treated);
    for (size_t g = 0; g < d->s->n_cohorts; g++)
        k->size[g] = b[g].n_treated;
    estimate_draw(d, k, r, n_donors, false);
}

/* Lists of the units whose cluster is in the draw `times` times; the number of donors. */
static size_t list_units(const drawing *d, worker *k, const int32_t *times)
{
    const size_t N = d->s->panel.n_units;
    size_t n_donors = 0, n_treated = 0;
    for (size_t u = 0; u < N; u++)
        for (int32_t l = 0; d->place[u] >= 0 && l < times[d->cluster_of[u]]; l++)
            k->donor[n_donors++] = (int32_t)u;
    for (size_t g = 0; g < d->s->n_cohorts; g++) {
        size_t before = n_treated;
        const np_synthetic_block *b = &d->s->block[g];
        for (size_t i = 0; i < b->n_treated; i++)
            for (int32_t l = 0; l < times[d->cluster_of[b->treated[i]]]; l++)
                k->treated[n_treated++] = b->treated[i];
        k->size[g] = n_treated - before;
    }
    return n_treated == 0 ? 0 : n_donors;
}

static size_t units_drawn(const drawing *d, const int32_t *times)
{
    size_t n = 0;
    for (size_t u = 0; u < d->s->panel.n_units; u++)
        n += (size_t)times[d->cluster_of[u]];
    return n;
}

/* Clusters of unequal sizes can bring more units than there are; draws of more than the
 * lists' room, four times as many, are next to impossible and drawn again. */
static void bootstrap_task(void *context, size_t r, unsigned thread)
{
    drawing *d = context;
    worker *k = &d->worker[thread];
    np_rng rng = np_rng_stream(d->seed, r);
    size_t n_donors = 0;
    while (n_donors == 0) {
        memset(k->item, 0, d->n_clusters * sizeof *k->item);
        for (size_t c = 0; c < d->n_clusters; c++)
            k->item[np_rng_below(&rng, d->n_clusters)]++;
        if (units_drawn(d, k->item) <= d->room)
            n_donors = list_units(d, k, k->item);
    }
    estimate_draw(d, k, r, n_donors, false);
}

static void jackknife_task(void *context, size_t r, unsigned thread)
{
    drawing *d = context;
    worker *k = &d->worker[thread];
    for (size_t c = 0; c < d->n_clusters; c++)
        k->item[c] = c != r;
    estimate_draw(d, k, r, list_units(d, k, k->item), true);
}

/* Who is drawn from, and how many units a draw may bring. */
static bool sides_make(drawing *d, np_arena *arena)
{
    const np_synthetic_study *s = d->s;
    const size_t N = s->panel.n_units;
    bool clustered = s->cluster_of != NULL && d->errors != NP_SYNTHETIC_PLACEBO;
    d->place = np_arena_array(arena, int32_t, N);
    int32_t *cluster_of = np_arena_array(arena, int32_t, N);
    size_t *size = np_arena_array(arena, size_t, N + 1);
    d->seen = np_arena_array(arena, uint8_t, N);
    if (d->place == NULL || cluster_of == NULL || size == NULL || d->seen == NULL)
        return false;
    size_t largest = 0;
    for (size_t u = 0; u < N; u++) {
        cluster_of[u] = clustered ? s->cluster_of[u] : (int32_t)u;
        d->place[u] = -1;
        size_t n = ++size[cluster_of[u]];
        largest = n > largest ? n : largest;
    }
    for (size_t i = 0; i < s->block[0].n_controls; i++)
        d->place[s->block[0].control[i]] = (int32_t)i;
    for (size_t g = 0; g < s->n_cohorts; g++)
        d->n_treated += s->block[g].n_treated;
    d->cluster_of = cluster_of;
    d->n_clusters = clustered ? s->n_clusters : N;
    d->room = d->n_clusters * largest < 4 * N ? d->n_clusters * largest : 4 * N;
    return true;
}

/* Clusters (units) in which cohorts first … last are treated. */
static size_t treated_clusters(const drawing *d, size_t first, size_t last)
{
    size_t n = 0;
    memset(d->seen, 0, d->n_clusters);
    for (size_t g = first; g <= last; g++)
        for (size_t i = 0; i < d->s->block[g].n_treated; i++) {
            uint8_t *seen = &d->seen[d->cluster_of[d->s->block[g].treated[i]]];
            n += !*seen;
            *seen = 1;
        }
    return n;
}

static size_t n_weights(const np_synthetic_fit *fit, size_t n_donors)
{
    size_t n = 0;
    for (size_t i = 0; i < n_donors; i++)
        n += fit->omega[i] != 0;
    return n;
}

static np_status refuse_jackknife(const drawing *d, np_error *err)
{
    for (size_t g = 0; g < d->s->n_cohorts; g++) {
        if (treated_clusters(d, g, g) < 2) {
            np_fail(err, NP_E_NOT_IDENTIFIED,
                    _("the jackknife leaves out treated units one at a time, and cohort "
                      "%zu of %zu has a single one"),
                    g + 1, d->s->n_cohorts);
            return np_error_hint(err, _("placebo errors need one treated unit only"));
        }
        if (n_weights(&d->answer->fit[g], d->s->block[g].n_controls) < 2)
            return np_fail(
                err, NP_E_NOT_IDENTIFIED,
                _("the jackknife leaves out donors one at a time, and a single "
                  "one has weight"));
    }
    return NP_OK;
}

static np_status refuse(const drawing *d, np_error *err)
{
    size_t n_donors = d->s->block[0].n_controls;
    switch (d->errors) {
    case NP_SYNTHETIC_NO_ERRORS:
        break;
    case NP_SYNTHETIC_PLACEBO:
        if (n_donors <= d->n_treated)
            return np_fail(
                err, NP_E_NOT_IDENTIFIED,
                _("placebo errors need more donors than treated units: %zu and "
                  "%zu"),
                n_donors, d->n_treated);
        break;
    case NP_SYNTHETIC_BOOTSTRAP:
        if (treated_clusters(d, 0, d->s->n_cohorts - 1) < 2) {
            np_fail(err, NP_E_NOT_IDENTIFIED,
                    _("the bootstrap draws treated units, and there is a single one"));
            return np_error_hint(err, _("placebo errors need one treated unit only"));
        }
        break;
    case NP_SYNTHETIC_JACKKNIFE:
        return refuse_jackknife(d, err);
    }
    return NP_OK;
}

np_status np_synthetic_draw(np_synthetic_draws *out, const np_synthetic_study *s,
                            const np_synthetic_answer *answer, np_synthetic_errors errors,
                            size_t n_draws, uint64_t seed, unsigned n_threads,
                            np_arena *arena, np_error *err)
{
    static np_parallel_task *const task[] = {
        [NP_SYNTHETIC_PLACEBO] = placebo_task,
        [NP_SYNTHETIC_BOOTSTRAP] = bootstrap_task,
        [NP_SYNTHETIC_JACKKNIFE] = jackknife_task,
    };
    drawing d = {
        .s = s, .answer = answer, .errors = errors, .seed = seed, .n_draws = n_draws};
    if (errors == NP_SYNTHETIC_NO_ERRORS)
        return np_fail(err, NP_E_USAGE, _("no kind of standard error was chosen"));
    if (!sides_make(&d, arena))
        return no_memory(s, err);
    np_status status = refuse(&d, err);
    if (status != NP_OK)
        return status;
    if (errors == NP_SYNTHETIC_JACKKNIFE)
        d.n_draws = d.n_clusters;
    d.cell = np_arena_array(arena, double, d.n_draws * s->n_cohorts * s->panel.n_periods);
    d.count = np_arena_array(arena, double, d.n_draws * s->n_cohorts);
    if (!workers_make(&d, n_threads, arena) || d.cell == NULL || d.count == NULL) {
        workers_free(&d);
        return no_memory(s, err);
    }
    np_parallel_for(d.n_draws, n_threads, task[errors], &d);
    workers_free(&d);
    status = failure_of(&d, err);
    double n = (double)d.n_draws;
    if (status == NP_OK)
        *out = (np_synthetic_draws){
            .n = d.n_draws,
            .cell = d.cell,
            .n_treated = d.count,
            .scale = errors == NP_SYNTHETIC_JACKKNIFE ? (n - 1) / n : 1 / n};
    return status;
}

static double ratio_of(const np_synthetic_fit *fit, const np_synthetic_block *b, size_t T)
{
    double squares = 0;
    for (size_t t = b->first_after; t < T; t++)
        squares += fit->curve[t] * fit->curve[t];
    return sqrt(squares / (double)(T - b->first_after)) / fit->rmse_before;
}

static void in_space_task(void *context, size_t r, unsigned thread)
{
    drawing *d = context;
    worker *k = &d->worker[thread];
    const np_synthetic_study *s = d->s;
    np_synthetic_block b = s->block[0];
    np_synthetic_tuning t;
    np_error error = {0};
    b.n_controls = 0;
    for (size_t i = 0; i < s->block[0].n_controls; i++)
        if (i != r)
            k->donor[b.n_controls++] = s->block[0].control[i];
    k->treated[0] = s->block[0].control[r];
    b.control = k->donor;
    b.treated = k->treated;
    b.n_treated = 1;
    adjust(&k->adjusted, s, k->donor, b.n_controls);
    if (np_synthetic_tune(&t, &k->adjusted.panel, &b, s->control, s->options, &error) ==
        NP_OK) {
        np_synthetic_start(&k->fit, &b, &t);
        np_synthetic_solve(&k->fit, &k->adjusted.panel, &b, &t, k->scratch, &error);
    }
    if (error.status != NP_OK) {
        note_failure(k, r, &error);
        return;
    }
    d->estimate[r] = k->fit.estimate;
    d->ratio[r] = ratio_of(&k->fit, &b, s->panel.n_periods);
}

np_status np_synthetic_in_space(np_synthetic_placebos *out, const np_synthetic_study *s,
                                const np_synthetic_answer *answer, unsigned n_threads,
                                np_arena *arena, np_error *err)
{
    drawing d = {.s = s, .answer = answer, .errors = NP_SYNTHETIC_PLACEBO};
    size_t n = s->block[0].n_controls;
    if (!sides_make(&d, arena))
        return no_memory(s, err);
    d.estimate = np_arena_array(arena, double, n);
    d.ratio = np_arena_array(arena, double, n);
    if (!workers_make(&d, n_threads, arena) || d.estimate == NULL || d.ratio == NULL) {
        workers_free(&d);
        return no_memory(s, err);
    }
    np_parallel_for(n, n_threads, in_space_task, &d);
    workers_free(&d);
    np_status status = failure_of(&d, err);
    if (status == NP_OK)
        *out = (np_synthetic_placebos){
            .estimate = d.estimate,
            .ratio = d.ratio,
            .own_ratio = ratio_of(&answer->fit[0], &s->block[0], s->panel.n_periods)};
    return status;
}

double np_synthetic_rank(double value, const double *placebo, size_t n)
{
    size_t larger = 0;
    for (size_t i = 0; i < n; i++)
        larger += fabs(placebo[i]) >= fabs(value);
    return (1 + (double)larger) / (1 + (double)n);
}
