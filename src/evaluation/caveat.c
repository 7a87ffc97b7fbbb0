#include "evaluation/caveat.h"

#include <Rmath.h>
#include <math.h>
#include <string.h>

/* A finding must be unlikely by chance at the usual level before it is a caveat. */
static const double finding_level = 0.05;
/* Measures need some years to work; the evaluations themselves call 3 years short. */
enum { SHORT_POST_PERIODS = 4 };
/* Below these cluster-robust errors are known to be too small: Cameron, Gelbach and
 * Miller (2008), Rev. of Economics and Statistics 90(3). */
enum { FEW_CLUSTERS = 30, FEW_TREATED_CLUSTERS = 10 };

typedef struct {
    size_t n;
    double mean, squares; /* Welford (1962) */
} moments;

static void moments_add(moments *m, double x)
{
    double d = x - m->mean;
    m->n++;
    m->mean += d / (double)m->n;
    m->squares += d * (x - m->mean);
}

np_two_means np_two_means_of(const double *value, const uint8_t *treated, size_t n)
{
    moments side[2] = {{0}};
    for (size_t i = 0; i < n; i++)
        if (isfinite(value[i]))
            moments_add(&side[treated[i] != 0], value[i]);
    np_two_means t = {.n = {side[0].n, side[1].n},
                      .mean = {side[0].mean, side[1].mean},
                      .difference = side[1].mean - side[0].mean,
                      .statistic = NAN,
                      .df = NAN,
                      .p_value = NAN};
    if (side[0].n < 2 || side[1].n < 2)
        return t;
    double v[2], n_less_one[2];
    for (int g = 0; g < 2; g++) {
        n_less_one[g] = (double)side[g].n - 1;
        v[g] = side[g].squares / n_less_one[g] / (double)side[g].n;
    }
    if (!(v[0] + v[1] > 0))
        return t;
    t.statistic = t.difference / sqrt(v[0] + v[1]);
    t.df = (v[0] + v[1]) * (v[0] + v[1]) /
           (v[0] * v[0] / n_less_one[0] + v[1] * v[1] / n_less_one[1]);
    t.p_value = 2 * pt(-fabs(t.statistic), t.df, 1, 0);
    return t;
}

np_correlation np_correlation_of(const double *x, const double *y, size_t n)
{
    moments mx = {0}, my = {0};
    double sxy = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i]) || !isfinite(y[i]))
            continue;
        double dx = x[i] - mx.mean;
        moments_add(&mx, x[i]);
        moments_add(&my, y[i]);
        sxy += dx * (y[i] - my.mean);
    }
    np_correlation c = {.n = mx.n, .r = NAN, .slope = NAN, .p_value = NAN};
    if (mx.n < 3 || !(mx.squares > 0) || !(my.squares > 0))
        return c;
    c.r = sxy / sqrt(mx.squares * my.squares);
    c.slope = sxy / mx.squares;
    double df = (double)mx.n - 2;
    double t = c.r * sqrt(df / fmax(1e-300, 1 - c.r * c.r));
    c.p_value = 2 * pt(-fabs(t), df, 1, 0);
    return c;
}

#define ADD(kind, text, ...)                                                             \
    np_caveats_add(                                                                      \
        w, list, (kind),                                                                 \
        np_work_statement(w, (text), (np_quantity[]){__VA_ARGS__},                       \
                          sizeof((np_quantity[]){__VA_ARGS__}) / sizeof(np_quantity)))

static np_status regression_to_mean(const np_work *w, np_caveat_list *list,
                                    const double *before, const double *change,
                                    const uint8_t *treated, size_t n, double difference)
{
    double *level = np_arena_array(w->scratch, double, n);
    if (level == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < n; i++)
        level[i] = treated[i] ? NAN : before[i];
    np_correlation c = np_correlation_of(level, change, n);
    if (!(c.p_value < finding_level && c.r < 0))
        return NP_OK;
    return ADD(NP_CAVEAT_REGRESSION_TO_MEAN,
               N_("Among the {n} others, those with a high level before changed less "
                  "upwards or more downwards (r = {r}, p {p}): regression to the mean. "
                  "The participants' start level alone would let expect a change of "
                  "{expected} more than the others'."),
               NP_COUNT("n", c.n), NP_NUMBER("r", STATISTIC, c.r),
               NP_NUMBER("p", P, c.p_value), NP_NUMBER("slope", STATISTIC, c.slope),
               NP_NUMBER("expected", OUTCOME, c.slope * difference));
}

np_status np_caveats_levels(const np_work *w, np_caveat_list *list, const double *before,
                            const double *change, const uint8_t *treated, size_t n)
{
    np_two_means t = np_two_means_of(before, treated, n);
    np_status status = NP_OK;
    if (t.p_value < finding_level)
        status = ADD(NP_CAVEAT_SELECTION_ON_LEVEL,
                     N_("Participants did not start where the others did: their mean "
                        "before was {participants}, the others' {others}, a difference "
                        "of {difference} (t = {t}, p {p})."),
                     NP_NUMBER("participants", OUTCOME, t.mean[1]),
                     NP_NUMBER("others", OUTCOME, t.mean[0]),
                     NP_NUMBER("difference", OUTCOME, t.difference),
                     NP_NUMBER("t", STATISTIC, t.statistic), NP_NUMBER("p", P, t.p_value),
                     NP_COUNT("n_participants", t.n[1]), NP_COUNT("n_others", t.n[0]));
    if (status != NP_OK)
        return status;
    return regression_to_mean(w, list, before, change, treated, n, t.difference);
}

np_status np_caveats_attrition(const np_work *w, np_caveat_list *list,
                               const double *share_missing, const uint8_t *treated,
                               size_t n)
{
    np_two_means t = np_two_means_of(share_missing, treated, n);
    if (!(t.p_value < finding_level))
        return NP_OK;
    return ADD(NP_CAVEAT_ATTRITION,
               N_("Outcomes are missing in {participants} of the participants' "
                  "observations and in {others} of the others' (p {p}): those who are "
                  "left may differ."),
               NP_NUMBER("participants", SHARE, t.mean[1]),
               NP_NUMBER("others", SHARE, t.mean[0]), NP_NUMBER("p", P, t.p_value));
}

np_status np_caveats_clusters(const np_work *w, np_caveat_list *list, size_t n_clusters,
                              size_t n_treated_clusters)
{
    np_status status = NP_OK;
    if (n_clusters > 0 && n_clusters < FEW_CLUSTERS)
        status = ADD(NP_CAVEAT_FEW_CLUSTERS,
                     N_("The standard errors rest on {clusters} clusters; below {limit} "
                        "they tend to be too small."),
                     NP_COUNT("clusters", n_clusters), NP_COUNT("limit", FEW_CLUSTERS));
    if (status == NP_OK && n_clusters > 0 && n_treated_clusters < FEW_TREATED_CLUSTERS)
        status =
            ADD(NP_CAVEAT_FEW_TREATED_CLUSTERS,
                N_("Only {treated} of the {clusters} clusters take part; below "
                   "{limit} the standard errors tend to be too small."),
                NP_COUNT("treated", n_treated_clusters), NP_COUNT("clusters", n_clusters),
                NP_COUNT("limit", FEW_TREATED_CLUSTERS));
    return status;
}

/* Units' means before and after. For others the split is the first start. */
typedef struct {
    double *before, *after, *share_missing; /* [n_units] */
    double *sum_before, *sum_after, *n_before, *n_after, *n_missing, *n_all;
    uint8_t *treated;
} unit_values;

static np_status unit_values_of(const np_work *w, unit_values *u, const np_panel_rows *r)
{
    size_t n = r->sample->n_units;
    double *room = np_arena_array(w->scratch, double, 9 * n);
    u->treated = np_arena_array(w->scratch, uint8_t, n + 1);
    if (room == NULL || u->treated == NULL)
        return np_work_no_memory(w);
    double **const part[] = {&u->before,     &u->after,     &u->share_missing,
                             &u->sum_before, &u->sum_after, &u->n_before,
                             &u->n_after,    &u->n_missing, &u->n_all};
    for (size_t k = 0; k < 9; k++)
        *part[k] = room + k * n;
    double first_start = r->n_starts > 0 ? r->start[0] : INFINITY;
    for (size_t i = 0; i < r->n; i++) {
        size_t unit = (size_t)r->unit[i];
        bool treated = r->participant[i] != 0;
        bool after = treated ? r->post[i] != 0 : r->time[i] >= first_start;
        u->treated[unit] = treated;
        *(after ? &u->sum_after[unit] : &u->sum_before[unit]) += r->y[i];
        *(after ? &u->n_after[unit] : &u->n_before[unit]) += 1;
    }
    for (size_t c = 0; c < r->n_candidates; c++) {
        size_t unit = (size_t)r->candidate[c];
        u->treated[unit] = r->candidate_treated[c];
        u->n_all[unit] += 1;
        u->n_missing[unit] += !isfinite(r->candidate_y[c]);
    }
    for (size_t i = 0; i < n; i++) {
        u->before[i] = u->sum_before[i] / u->n_before[i];
        u->after[i] = u->sum_after[i] / u->n_after[i];
        u->share_missing[i] = u->n_missing[i] / u->n_all[i];
    }
    return NP_OK;
}

/* How many periods with outcomes a cohort has from its start on. */
static size_t periods_after(const np_panel_rows *r, double start)
{
    size_t n = 0;
    for (size_t t = 0; t < r->n_periods; t++) {
        bool seen = false;
        for (size_t i = 0; i < r->n && r->period[t] >= start && !seen; i++)
            seen = r->time[i] == r->period[t] && r->post[i] != 0 &&
                   r->time[i] - r->event_time[i] == start;
        n += seen;
    }
    return n;
}

static np_status cohort_caveats(const np_work *w, np_caveat_list *list,
                                const np_panel_rows *r)
{
    np_status status = NP_OK;
    for (size_t k = 0; k < r->n_starts && status == NP_OK; k++) {
        size_t n = periods_after(r, r->start[k]);
        if (n < SHORT_POST_PERIODS)
            status = ADD(NP_CAVEAT_SHORT_POST_PERIOD,
                         N_("Those who started in {start} are followed for {periods} "
                            "periods, the first included: too short for effects that "
                            "take time."),
                         NP_NUMBER("start", PERIOD, r->start[k]), NP_COUNT("periods", n));
    }
    const np_sample *s = r->sample;
    for (size_t k = 0; k < r->n_starts && status == NP_OK; k++) {
        size_t n = 0, one = 0;
        for (size_t u = 0; u < s->n_units; u++)
            if (s->cohort[u] == r->start[k]) {
                n++;
                one = u;
            }
        if (n != 1)
            continue;
        status = ADD(NP_CAVEAT_ONE_UNIT_COHORT,
                     N_("{unit} alone started in {start}: what happened there cannot be "
                        "told from what the programme did."),
                     NP_WORD("unit", s->unit_name[one]),
                     NP_NUMBER("start", PERIOD, r->start[k]));
    }
    if (status == NP_OK && r->n_starts > 1)
        status =
            ADD(NP_CAVEAT_STAGGERED_TWO_WAY,
                N_("{cohorts} cohorts start between {first} and {last}: one common "
                   "effect also compares later with earlier participants, and is "
                   "off where effects grow or differ between cohorts."),
                NP_COUNT("cohorts", r->n_starts), NP_NUMBER("first", PERIOD, r->start[0]),
                NP_NUMBER("last", PERIOD, r->start[r->n_starts - 1]));
    return status;
}

static np_status unbalanced(const np_work *w, np_caveat_list *list,
                            const np_panel_rows *r)
{
    size_t *rows_of = np_arena_array(w->scratch, size_t, r->sample->n_units);
    size_t units = 0, incomplete = 0;
    if (rows_of == NULL)
        return np_work_no_memory(w);
    for (size_t i = 0; i < r->n; i++)
        rows_of[r->unit[i]]++;
    for (size_t u = 0; u < r->sample->n_units; u++) {
        units += rows_of[u] > 0;
        incomplete += rows_of[u] > 0 && rows_of[u] < r->n_periods;
    }
    if (incomplete == 0)
        return NP_OK;
    return ADD(NP_CAVEAT_UNBALANCED,
               N_("{incomplete} of {units} units lack one or more of the {periods} "
                  "periods; {share} of the cells are empty."),
               NP_COUNT("incomplete", incomplete), NP_COUNT("units", units),
               NP_COUNT("periods", r->n_periods),
               NP_NUMBER("share", SHARE,
                         1 - (double)r->n / ((double)units * (double)r->n_periods)));
}

/* A control that the programme may have moved: it changes otherwise among participants
 * after the start than among the others. */
static np_status moving_controls(const np_work *w, np_caveat_list *list,
                                 const np_panel_rows *r)
{
    for (size_t k = 0; k < w->q->n_controls; k++) {
        np_error failure = {0};
        np_model model;
        np_table table = np_derived_table(&r->derived);
        np_model_spec spec = {
            .design = {.formula = np_work_text(w, "%s ~ %s | %s + %s", r->control_name[k],
                                               r->post_name, r->unit_name, r->time_name),
                       .weights = r->weight_name},
            .vcov = {.kind = NP_VCOV_CLUSTER, .n_keys = 1, .key = {r->unit_name}},
            .n_threads = 1};
        if (np_model_estimate(&model, &table, &spec, w->scratch, &failure) != NP_OK)
            continue; /* it does not vary over time: nothing to say */
        const np_estimates *e = &model.estimates;
        size_t post = np_estimates_find(e, r->post_name);
        if (post == e->k || !(e->p_value[post] < finding_level))
            continue;
        np_status status =
            ADD(NP_CAVEAT_CONTROLS_AFTER_START,
                N_("{control} is measured after the start too, and changed by {change} "
                   "more among participants than among the others (p {p}): if the "
                   "programme moved it, holding it constant hides a part of the effect."),
                NP_COLUMN_NAME("control", w->q->control[k].text),
                NP_NUMBER("change", STATISTIC, e->estimate[post]),
                NP_NUMBER("p", P, e->p_value[post]));
        if (status != NP_OK)
            return status;
    }
    return NP_OK;
}

np_status np_caveats_panel(const np_work *w, np_caveat_list *list, const np_panel_rows *r)
{
    unit_values u = {0};
    np_status status = unit_values_of(w, &u, r);
    if (status != NP_OK)
        return status;
    size_t n = r->sample->n_units;
    double *change = u.after; /* in place: after is not needed by itself */
    for (size_t i = 0; i < n; i++)
        change[i] = u.after[i] - u.before[i];
    status = np_caveats_levels(w, list, u.before, change, u.treated, n);
    if (status == NP_OK)
        status = cohort_caveats(w, list, r);
    if (status == NP_OK)
        status = unbalanced(w, list, r);
    if (status == NP_OK)
        status = np_caveats_attrition(w, list, u.share_missing, u.treated, n);
    return status == NP_OK ? moving_controls(w, list, r) : status;
}

np_status np_caveats_pre_trend(const np_work *w, np_caveat_list *list,
                               const np_test *test, double level)
{
    if (test == NULL)
        return np_caveats_add(
            w, list, NP_CAVEAT_NO_PRE_TREND_TEST,
            np_work_statement(w,
                              N_("Whether participants and others developed alike before "
                                 "the start cannot be tested with these periods."),
                              NULL, 0));
    if (!(test->p_value < level))
        return NP_OK;
    return ADD(NP_CAVEAT_PRE_TREND,
               N_("Participants and others developed differently before the start "
                  "already (joint test of {terms} pre-period terms: {statistic}, p {p}): "
                  "the identifying assumption is in doubt."),
               NP_NUMBER("terms", COUNT, test->df1),
               NP_NUMBER("statistic", STATISTIC, test->statistic),
               NP_NUMBER("p", P, test->p_value));
}

np_status np_caveats_model(const np_work *w, np_caveat_list *list, const np_model *model)
{
    for (size_t i = 0; i < model->estimates.n_collinear; i++) {
        np_status status =
            ADD(NP_CAVEAT_WARNING,
                N_("{term} cannot be told apart from the other terms and is left out."),
                NP_WORD("term", model->estimates.collinear[i]));
        if (status != NP_OK)
            return status;
    }
    return NP_OK;
}
