/* Units over windows (M6): unit effects, time linear between knots, exposure as a
 * part of the window:
 *
 *   y_it = a_i + Σ_k b_k s_k(t) + c D_it + e_it
 *
 * s_1 is the time since the first window up to the first knot, s_2 from there to the
 * next, and so on. The constant printed is the mean of the unit effects at the first
 * window. */
#include <math.h>
#include <string.h>

#include "base/decimal.h"
#include "evaluation/change.h"
#include "evaluation/quarters.h"
#include "table/group.h"

static const char *const assumption = N_(
    "Without the programme, exposed and other units would have developed alike between "
    "the windows; the effect is proportional to the part of the window after the "
    "start. What is constant in each unit drops out.");

enum reason { NO_UNIT = 1, OTHER_WINDOW, NO_OUTCOME, NO_EXPOSURE, NO_WEIGHT, ALONE };
static const char *const reason_text[] = {N_("missing unit"),
                                          N_("windows that the question leaves out"),
                                          N_("missing outcome"),
                                          N_("missing exposure"),
                                          N_("missing weights, or a weight of zero"),
                                          N_("only one window of the unit")};
enum { N_REASONS = sizeof reason_text / sizeof *reason_text };

typedef struct {
    np_work *w;
    const np_plan_unit_panel *plan;
    const np_table *table;
    const np_column *unit, *time, *start, *exposure;
    const double *y, *weight;
    uint8_t *why;     /* [n_rows] without weights */
    int32_t *code;    /* [n_rows] units, -1 */
    int64_t *cluster; /* [n_rows] */
    double *t, *d;    /* [n_rows] time, exposure */
    size_t n_units;
    const char **unit_name;
} panel;

static np_status at_plan(const panel *p, np_plan_name name)
{
    np_error_file(p->w->err, p->w->plan->path);
    return np_error_at(p->w->err, name.line, name.column);
}

static np_status column_of(const panel *p, const np_column **out, np_plan_name name,
                           const char *role)
{
    if (name.text == NULL)
        return NP_OK;
    return np_plan_column(out, p->table, name, role, p->w->plan, p->w->err);
}

static np_status numbers_of(const panel *p, const double **out, np_plan_name name,
                            const char *role)
{
    const np_column *column = NULL;
    np_status status = column_of(p, &column, name, role);
    if (status != NP_OK || column == NULL)
        return status;
    if (column->type == NP_COLUMN_TEXT) {
        np_fail(p->w->err, NP_E_RANGE, _("%s holds text where numbers are needed"),
                column->name);
        return at_plan(p, name);
    }
    return np_column_as_numbers(out, column, p->table->n_rows, p->w->scratch, p->w->err);
}

/* Codes of a column's cells that are there; -1 for the others. */
static np_status codes_of(const panel *p, int32_t *code, const np_column *column,
                          np_groups *groups, uint32_t **rows_out)
{
    size_t n = 0;
    uint32_t *rows = np_arena_array(p->w->scratch, uint32_t, p->table->n_rows);
    if (rows == NULL)
        return np_work_no_memory(p->w);
    for (size_t i = 0; i < p->table->n_rows; i++) {
        code[i] = -1;
        if (np_column_missing(column, i) == NP_PRESENT)
            rows[n++] = (uint32_t)i;
    }
    np_status status =
        np_group_columns(groups, p->table, &column, 1, rows, n, p->w->scratch, p->w->err);
    for (size_t i = 0; status == NP_OK && i < n; i++)
        code[rows[i]] = groups->code[i];
    *rows_out = rows;
    return status;
}

static np_status code_units(panel *p)
{
    np_groups groups;
    uint32_t *rows;
    int32_t *cluster = np_arena_array(p->w->scratch, int32_t, p->table->n_rows);
    np_status status = codes_of(p, p->code, p->unit, &groups, &rows);
    if (status != NP_OK)
        return status;
    p->n_units = groups.n_groups;
    p->unit_name = np_arena_array(p->w->arena, const char *, p->n_units);
    if (p->unit_name == NULL || cluster == NULL)
        return np_work_no_memory(p->w);
    for (size_t u = 0; u < p->n_units; u++) {
        char scratch[64];
        const char *text =
            np_column_text(p->unit, rows[groups.first_row[u]], scratch, sizeof scratch);
        p->unit_name[u] = np_arena_copy_text(p->w->arena, text, strlen(text));
        if (p->unit_name[u] == NULL)
            return np_work_no_memory(p->w);
    }
    const np_column *by = p->unit;
    status = column_of(p, &by, p->plan->cluster, _("cluster"));
    if (status == NP_OK)
        status = codes_of(p, cluster, by, &groups, &rows);
    for (size_t i = 0; status == NP_OK && i < p->table->n_rows; i++)
        p->cluster[i] = cluster[i];
    return status;
}

static np_status no_window(const panel *p, const char *text)
{
    np_fail(p->w->err, NP_E_RANGE, _("%s: \"%s\" is no window of four quarters"),
            p->time->name, text);
    np_error_hint(p->w->err, _("4.06-3.07 is the fourth quarter of 2006 to the third of "
                               "2007"));
    return at_plan(p, p->plan->time);
}

static bool is_wanted(const panel *p, const char *period)
{
    bool wanted = p->plan->n_periods == 0;
    for (size_t k = 0; k < p->plan->n_periods; k++)
        wanted |= strcmp(p->plan->period[k], period) == 0;
    return wanted;
}

/* When the unit's treatment starts; INFINITY: never. */
static np_status start_of(const panel *p, double *start, size_t row)
{
    char scratch[64];
    const char *text = np_column_text(p->start, row, scratch, sizeof scratch);
    *start = INFINITY;
    if (np_column_missing(p->start, row) != NP_PRESENT || strcmp(text, "0") == 0 ||
        strcmp(text, "never") == 0 || np_quarter_parse(start, text))
        return NP_OK;
    np_fail(p->w->err, NP_E_RANGE, _("%s: \"%s\" is no quarter"), p->start->name, text);
    np_error_hint(p->w->err, _("3.08 is the third quarter of 2008"));
    return at_plan(p, p->plan->start);
}

static np_status date_row(panel *p, size_t i)
{
    char scratch[64];
    const char *text = np_column_text(p->time, i, scratch, sizeof scratch);
    double begins = NAN, start;
    if (np_column_missing(p->time, i) != NP_PRESENT || !is_wanted(p, text)) {
        p->why[i] = OTHER_WINDOW;
        return NP_OK;
    }
    if (!p->plan->four_quarters) {
        p->t[i] = np_column_number(p->time, i);
        p->d[i] = np_column_number(p->exposure, i);
        return NP_OK;
    }
    if (!np_window_parse(&begins, text))
        return no_window(p, text);
    p->t[i] = np_window_time(begins);
    if (p->exposure != NULL) {
        p->d[i] = np_column_number(p->exposure, i);
        return NP_OK;
    }
    np_status status = start_of(p, &start, i);
    p->d[i] = np_window_exposure(begins, start);
    return status;
}

static np_status read_rows(panel *p)
{
    size_t n = p->table->n_rows;
    p->why = np_arena_array(p->w->scratch, uint8_t, n + 1);
    p->code = np_arena_array(p->w->scratch, int32_t, n);
    p->cluster = np_arena_array(p->w->scratch, int64_t, n);
    p->t = np_arena_array(p->w->scratch, double, n);
    p->d = np_arena_array(p->w->scratch, double, n);
    if (p->why == NULL || p->code == NULL || p->cluster == NULL || p->t == NULL ||
        p->d == NULL)
        return np_work_no_memory(p->w);
    const np_plan_unit_panel *plan = p->plan;
    np_status status = column_of(p, &p->unit, plan->unit, _("unit"));
    if (status == NP_OK)
        status = column_of(p, &p->time, plan->time, _("time"));
    if (status == NP_OK)
        status = column_of(p, &p->start, plan->start, _("start"));
    if (status == NP_OK)
        status = column_of(p, &p->exposure, plan->exposure, _("exposure"));
    if (status == NP_OK)
        status = numbers_of(p, &p->y, plan->outcome, _("outcome"));
    if (status == NP_OK)
        status = numbers_of(p, &p->weight, plan->weights, _("weights"));
    if (status == NP_OK)
        status = code_units(p);
    for (size_t i = 0; i < n && status == NP_OK; i++) {
        if (p->code[i] < 0)
            p->why[i] = NO_UNIT;
        else
            status = date_row(p, i);
        if (p->why[i] == 0 && !isfinite(p->y[i]))
            p->why[i] = NO_OUTCOME;
        if (p->why[i] == 0 && !(p->d[i] >= 0 && p->d[i] <= 1 && isfinite(p->t[i])))
            p->why[i] = NO_EXPOSURE;
    }
    return status;
}

/* One weighting's rows and columns. */
typedef struct {
    bool weighted;
    uint8_t *why;  /* [n_rows] */
    uint32_t *row; /* [n] */
    size_t n;
    np_derived derived;
    const char *formula;
} fit;

/* Time between the knots, one column per slope; the terms' text is added to. */
static np_status add_slopes(fit *f, panel *p, const char **terms)
{
    double first = INFINITY;
    for (size_t i = 0; i < f->n; i++)
        first = fmin(first, p->t[f->row[i]]);
    for (size_t k = 0; k <= p->plan->n_knots; k++) {
        double low = k == 0 ? first : p->plan->knot[k - 1];
        double high = k == p->plan->n_knots ? INFINITY : p->plan->knot[k];
        double *slope = np_arena_array(p->w->scratch, double, f->n);
        if (slope == NULL)
            return np_work_no_memory(p->w);
        for (size_t i = 0; i < f->n; i++)
            slope[i] = fmax(0, fmin(p->t[f->row[i]], high) - low);
        const char *name = np_work_text(p->w, "slope_%zu", k + 1);
        np_status status = np_derived_number(&f->derived, name, slope, p->w->err);
        if (status != NP_OK)
            return status;
        *terms = np_work_text(p->w, "%s + %s", *terms, name);
    }
    return NP_OK;
}

static np_status make_table(fit *f, panel *p)
{
    np_arena *arena = p->w->scratch;
    double *y = np_arena_array(arena, double, f->n);
    double *d = np_arena_array(arena, double, f->n);
    double *weight = np_arena_array(arena, double, f->n);
    int64_t *unit = np_arena_array(arena, int64_t, f->n);
    int64_t *cluster = np_arena_array(arena, int64_t, f->n);
    if (y == NULL || d == NULL || weight == NULL || unit == NULL || cluster == NULL)
        return np_work_no_memory(p->w);
    for (size_t i = 0; i < f->n; i++) {
        uint32_t row = f->row[i];
        y[i] = p->y[row];
        d[i] = p->d[row];
        weight[i] = f->weighted ? p->weight[row] : 1;
        unit[i] = p->code[row];
        cluster[i] = p->cluster[row];
    }
    const char *terms = "exposure";
    f->derived.n_rows = f->n;
    np_status status = np_derived_number(&f->derived, "outcome", y, p->w->err);
    if (status == NP_OK)
        status = np_derived_number(&f->derived, "exposure", d, p->w->err);
    if (status == NP_OK)
        status = np_derived_number(&f->derived, "weight", weight, p->w->err);
    if (status == NP_OK)
        status = np_derived_code(&f->derived, "unit", unit, p->w->err);
    if (status == NP_OK)
        status = np_derived_code(&f->derived, "cluster", cluster, p->w->err);
    if (status == NP_OK)
        status = add_slopes(f, p, &terms);
    f->formula = np_work_text(p->w, "outcome ~ %s | unit", terms);
    return status;
}

static np_status choose_rows(fit *f, panel *p)
{
    size_t n = p->table->n_rows;
    f->why = np_arena_array(p->w->scratch, uint8_t, n + 1);
    f->row = np_arena_array(p->w->scratch, uint32_t, n);
    if (f->why == NULL || f->row == NULL)
        return np_work_no_memory(p->w);
    for (size_t i = 0; i < n; i++) {
        f->why[i] = p->why[i];
        if (f->why[i] == 0 && f->weighted && p->weight[i] < 0) {
            np_fail(p->w->err, NP_E_RANGE, _("%s: %s has %g; weights must be positive"),
                    p->plan->weights.text, p->unit_name[p->code[i]], p->weight[i]);
            return at_plan(p, p->plan->weights);
        }
        if (f->why[i] == 0 && f->weighted && !(p->weight[i] > 0))
            f->why[i] = NO_WEIGHT;
        if (f->why[i] == 0)
            f->row[f->n++] = (uint32_t)i;
    }
    return NP_OK;
}

static np_status count(np_effect *e, const fit *f, const panel *p, const np_model *full)
{
    uint8_t *used = np_arena_array(p->w->scratch, uint8_t, f->n + 1);
    uint8_t *seen = np_arena_array(p->w->scratch, uint8_t, p->n_units + 1);
    uint8_t *groups = np_arena_array(p->w->scratch, uint8_t, p->table->n_rows + 1);
    if (used == NULL || seen == NULL || groups == NULL)
        return np_work_no_memory(p->w);
    for (size_t i = 0; i < full->design.n; i++)
        used[full->design.row == NULL ? i : full->design.row[i]] = 1;
    for (size_t i = 0; i < f->n; i++) {
        uint32_t row = f->row[i];
        if (!used[i]) {
            f->why[row] = ALONE;
            continue;
        }
        uint8_t kind = p->d[row] > 0 ? 3 : 1;
        seen[p->code[row]] |= kind;
        if (p->cluster[row] >= 0)
            groups[p->cluster[row]] |= kind;
    }
    for (size_t u = 0; u < p->n_units; u++) {
        e->n_units += seen[u] != 0;
        e->n_treated += (seen[u] & 2) != 0;
    }
    for (size_t c = 0; c < p->table->n_rows; c++) {
        e->n_clusters += groups[c] != 0;
        e->n_treated_clusters += (groups[c] & 2) != 0;
    }
    e->n = full->design.n;
    e->n_comparison = e->n_units - e->n_treated;
    e->obs_per_unit = (double)e->n / (double)e->n_units;
    return np_left_out_collect(&e->left_out, &e->n_left_out, f->why, p->code,
                               p->table->n_rows, reason_text, N_REASONS, p->unit_name,
                               p->n_units, p->w->arena, p->w->err);
}

static np_status fill(np_effect *e, const fit *f, const panel *p, const np_model *full,
                      const np_model *kept)
{
    np_caveat_list list = {0};
    int32_t *unit = np_arena_array(p->w->scratch, int32_t, full->design.n);
    np_panel_fit_measures m;
    if (unit == NULL)
        return np_work_no_memory(p->w);
    for (size_t i = 0; i < full->design.n; i++)
        unit[i] = p->code[f->row[full->design.row == NULL ? i : full->design.row[i]]];
    np_status status =
        np_panel_fit_measures_of(&m, full, unit, p->n_units, p->w->scratch, p->w->err);
    if (status == NP_OK)
        status = count(e, f, p, full);
    if (status != NP_OK)
        return status;
    e->r2_within = m.within;
    e->r2_between = m.between;
    e->r2_overall = m.overall;
    e->constant = m.constant;
    e->assumption = np_work_statement(p->w, assumption, NULL, 0);
    status = np_caveats_clusters(p->w, &list, e->n_clusters, e->n_treated_clusters);
    if (status == NP_OK)
        status = np_caveats_model(p->w, &list, kept);
    e->caveat = list.item;
    e->n_caveats = list.n;
    return status;
}

static np_effect labelled(const panel *p, bool weighted)
{
    np_effect e = np_effect_none();
    e.id = np_work_text(p->w, "%s/unit-panel/%s/%s", p->w->q->id, p->plan->id,
                        weighted ? "weighted" : "unweighted");
    e.estimator = NP_ESTIMATOR_UNIT_PANEL;
    e.scope = NP_SCOPE_SUBGROUP;
    e.dependent = NP_DEPENDENT_LEVEL;
    e.weighted = weighted;
    e.weights = weighted ? p->plan->weights.text : "";
    e.group_id = "unit-panel";
    e.scope_id = p->plan->id;
    e.label = p->plan->label;
    e.outcome = p->plan->outcome.text;
    return e;
}

static np_status estimate(np_work *w, np_effect_list *list, panel *p, bool weighted)
{
    fit f = {.weighted = weighted};
    np_effect e = labelled(p, weighted);
    np_model full;
    const np_model *kept;
    np_error failure = {0};
    np_status status = choose_rows(&f, p);
    if (status == NP_OK)
        status = make_table(&f, p);
    if (status != NP_OK)
        return status;
    np_table table = np_derived_table(&f.derived);
    np_model_spec spec = {
        .design = {.formula = f.formula, .weights = weighted ? "weight" : NULL},
        .vcov = {.kind = NP_VCOV_CLUSTER, .n_keys = 1, .key = {"cluster"}},
        .conf_level = 1 - w->q->decision.level,
        .n_threads = 1};
    if (w->q->vcov != NULL && strcmp(w->q->vcov, "cluster") != 0)
        status = np_vcov_parse(&spec.vcov, w->q->vcov, w->scratch, &failure);
    e.formula = f.formula;
    if (status == NP_OK)
        status = np_work_estimate(w, e.id, &table, &spec, &full, &kept, &e.model_index,
                                  &failure);
    if (status == NP_OK)
        status = np_effect_fill(&e, kept, "exposure", &w->q->decision, w->q->direction,
                                &failure);
    if (status == NP_E_NO_MEMORY)
        return np_work_no_memory(w);
    if (status != NP_OK) {
        e.model_index = SIZE_MAX;
        status = np_effect_refuse(&e, w, &failure);
    } else {
        status = fill(&e, &f, p, &full, kept);
    }
    return status == NP_OK ? np_effects_add(w, list, &e) : status;
}

np_status np_unit_panel_estimate(np_work *w, np_effect_list *list,
                                 const np_plan_unit_panel *plan, const np_table *table)
{
    panel p = {.w = w, .plan = plan, .table = table};
    np_arena_mark mark = np_arena_set_mark(w->scratch);
    np_status status = read_rows(&p);
    if (status == NP_OK && w->q->unweighted)
        status = estimate(w, list, &p, false);
    if (status == NP_OK && p.weight != NULL)
        status = estimate(w, list, &p, true);
    np_arena_release(w->scratch, mark);
    return status;
}
