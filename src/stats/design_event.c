#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/parallel.h"
#include "stats/design_internal.h"

/* Which levels of a variable are kept: ref = …, keep = …. */
typedef struct {
    np_formula_value *reference, *keep;
    size_t n_references, n_keep;
    bool first_is_reference; /* ref = TRUE */
    const np_expr *reference_at;
} selection;

struct np_event_term {
    np_design_builder *b;
    const np_expr *e, *factor_at, *second_at;
    const char *name, *second_name;
    np_formula_value factor, second;
    bool has_second, second_is_factor;
    selection of_factor, of_second;
};

static np_status selection_new(selection *s, np_design_builder *b, const np_expr *call,
                               const char *reference, size_t position, const char *keep)
{
    const np_expr *r = np_expr_argument(call, reference, position);
    const np_expr *k = np_expr_argument(call, keep, SIZE_MAX);
    np_status status = NP_OK;
    s->reference_at = r;
    if (r != NULL && r->kind == NP_EXPR_LOGICAL)
        s->first_is_reference = r->number != 0;
    else if (r != NULL && r->kind != NP_EXPR_NULL)
        status = np_evaluate_list(&s->reference, &s->n_references, &b->v, r);
    if (status == NP_OK && k != NULL)
        status = np_evaluate_list(&s->keep, &s->n_keep, &b->v, k);
    return status;
}

static np_status check_arguments(np_design_builder *b, const np_expr *e)
{
    static const char *const known[] = {"ref",   "keep",       "ref2",
                                        "keep2", "factor_var", "var"};
    if (e->n == 0)
        return np_expr_fail(b->err, NP_E_PARSE, e,
                            _("i() takes a variable, as in i(year, ref = 2010)"));
    for (size_t i = 0; i < e->n; i++) {
        const char *name = e->argument_name[i];
        bool found = name == NULL;
        for (size_t j = 0; !found && j < sizeof known / sizeof *known; j++)
            found = strcmp(name, known[j]) == 0;
        if (!found)
            return np_expr_fail(b->err, NP_E_PARSE, e->argument[i],
                                _("i() has no argument %s; it has ref, keep, ref2 and "
                                  "keep2"),
                                name);
    }
    return NP_OK;
}

/* "i.year": year, as a factor although it is a number. */
static np_status second_variable(np_event_term *term, const np_expr *e)
{
    np_design_builder *b = term->b;
    bool prefixed = e->kind == NP_EXPR_NAME && strncmp(e->text, "i.", 2) == 0;
    if (prefixed) {
        np_expr *plain = np_arena_array(b->arena, np_expr, 1);
        if (plain == NULL)
            return np_builder_no_memory(b);
        *plain = *e;
        plain->text += 2;
        e = plain;
    }
    term->has_second = true;
    term->second_at = e;
    term->second_name = np_expr_text(e, b->arena);
    np_status status = term->second_name == NULL ? np_builder_no_memory(b)
                                                 : np_evaluate(&term->second, &b->v, e);
    if (status != NP_OK)
        return status;
    term->second_is_factor =
        prefixed || term->second.is_factor || term->second.kind == NP_FORMULA_TEXT;
    return np_rows_require(b, &term->second, e);
}

np_status np_event_term_new(np_event_term **out, np_design_builder *b, const np_expr *e)
{
    np_event_term *term = np_arena_array(b->arena, np_event_term, 1);
    np_status status = check_arguments(b, e);
    if (term == NULL || status != NP_OK)
        return status != NP_OK ? status : np_builder_no_memory(b);
    *term = (np_event_term){.b = b, .e = e};
    term->factor_at = np_expr_argument(e, "factor_var", 0);
    if (term->factor_at == NULL)
        return np_expr_fail(b->err, NP_E_PARSE, e,
                            _("i() takes a variable, as in i(year, ref = 2010)"));
    term->name = np_expr_text(term->factor_at, b->arena);
    if (term->name == NULL)
        return np_builder_no_memory(b);
    status = np_evaluate(&term->factor, &b->v, term->factor_at);
    if (status == NP_OK && term->factor.is_scalar)
        status =
            np_expr_fail(b->err, NP_E_PARSE, term->factor_at, _("this is no variable"));
    if (status == NP_OK)
        status = np_rows_require(b, &term->factor, term->factor_at);
    const np_expr *second = np_expr_argument(e, "var", 1);
    if (status == NP_OK && second != NULL)
        status = second_variable(term, second);
    if (status == NP_OK)
        status = selection_new(&term->of_factor, b, e, "ref", 2, "keep");
    if (status == NP_OK)
        status = selection_new(&term->of_second, b, e, "ref2", SIZE_MAX, "keep2");
    if (status == NP_OK)
        *out = term;
    return status;
}

static size_t table_row(const np_design_builder *b, const np_groups *g, size_t level)
{
    size_t i = (size_t)g->first_row[level];
    return b->row == NULL ? i : b->row[i];
}

/* kept[level] of the groups' first column (or second). */
static np_status select_levels(np_design_builder *b, bool *kept, const selection *s,
                               const np_groups *g, const np_column *c, const char *name)
{
    size_t n_found = 0;
    const char *first = NULL;
    char scratch[64];
    for (size_t l = 0; l < g->n_groups; l++) {
        size_t row = table_row(b, g, l);
        const char *label = np_column_text(c, row, scratch, sizeof scratch);
        if (s->first_is_reference && first == NULL)
            first = np_arena_copy_text(b->arena, label, strlen(label));
        if (first != NULL && strcmp(first, label) == 0)
            kept[l] = false;
        for (size_t r = 0; r < s->n_references; r++)
            if (np_formula_value_equals(c, row, &s->reference[r])) {
                kept[l] = false;
                n_found++;
            }
        bool wanted = s->n_keep == 0;
        for (size_t r = 0; r < s->n_keep; r++)
            wanted |= np_formula_value_equals(c, row, &s->keep[r]);
        kept[l] &= wanted;
    }
    if (s->n_references > 0 && n_found == 0)
        return np_expr_fail(b->err, NP_E_RANGE, s->reference_at,
                            _("%s has none of the reference values"), name);
    return NP_OK;
}

static np_status level_names(np_event_term *term, const char **name, double *level,
                             const np_groups *g, const np_column *const *c,
                             const bool *kept)
{
    np_design_builder *b = term->b;
    char first[64], second[64];
    for (size_t l = 0, j = 0; l < g->n_groups; l++) {
        if (!kept[l])
            continue;
        size_t row = table_row(b, g, l);
        const char *label = np_column_text(c[0], row, first, sizeof first);
        level[j] = np_column_number(c[0], row);
        if (!term->has_second)
            name[j] = np_arena_format(b->arena, "%s::%s", term->name, label);
        else if (!term->second_is_factor)
            name[j] = np_arena_format(b->arena, "%s::%s:%s", term->name, label,
                                      term->second_name);
        else
            name[j] = np_arena_format(b->arena, "%s::%s:%s::%s", term->name, label,
                                      term->second_name,
                                      np_column_text(c[1], row, second, sizeof second));
        if (name[j++] == NULL)
            return np_builder_no_memory(b);
    }
    return NP_OK;
}

typedef struct {
    int32_t *code;
    const int32_t *new_code;
    size_t n;
} replacement;

static void replace(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const replacement *r = context;
    size_t first = task * NP_PARALLEL_ROWS, last = first + NP_PARALLEL_ROWS;
    for (size_t i = first; i < last && i < r->n; i++)
        r->code[i] = r->new_code[r->code[i]];
}

/* The groups' codes become the dummies' columns where they lie: they are the term's
 * own, and a second array would be a tenth of an event study's memory. */
static np_status recode(np_event_term *term, np_dummies *out, const np_groups *g,
                        int32_t *code, const np_column *const *c, const bool *kept)
{
    np_design_builder *b = term->b;
    int32_t *new_code = np_arena_array(b->arena, int32_t, g->n_groups);
    const char **name = np_arena_array(b->arena, const char *, g->n_groups);
    double *level = np_arena_array(b->arena, double, g->n_groups);
    if (new_code == NULL || name == NULL || level == NULL)
        return np_builder_no_memory(b);
    int32_t n = 0;
    for (size_t l = 0; l < g->n_groups; l++)
        new_code[l] = kept[l] ? n++ : -1;
    replacement r = {code, new_code, b->n};
    np_parallel_for((b->n + NP_PARALLEL_ROWS - 1) / NP_PARALLEL_ROWS, 0, replace, &r);
    if (n == 0)
        return np_expr_fail(b->err, NP_E_NOT_IDENTIFIED, term->e,
                            _("no level of %s is left beside the reference"), term->name);
    bool numeric = c[0]->type != NP_COLUMN_TEXT;
    *out = (np_dummies){code, (size_t)n, name, numeric ? level : NULL, NULL, term->name};
    return level_names(term, name, level, g, c, kept);
}

np_status np_event_term_build(np_dummies *out, np_event_term *term, bool constant)
{
    np_design_builder *b = term->b;
    const np_column *c[2];
    np_groups g;
    size_t n_columns = term->second_is_factor ? 2 : 1;
    np_status status =
        np_formula_value_column(&c[0], &term->factor, term->factor_at, &b->v);
    if (status == NP_OK && n_columns == 2)
        status = np_formula_value_column(&c[1], &term->second, term->second_at, &b->v);
    if (status == NP_OK)
        status =
            np_group_columns(&g, b->table, c, n_columns, b->row, b->n, b->arena, b->err);
    if (status != NP_OK)
        return status;
    bool *kept = np_arena_array(b->arena, bool, g.n_groups);
    if (kept == NULL)
        return np_builder_no_memory(b);
    for (size_t l = 0; l < g.n_groups; l++)
        kept[l] = true;
    selection s = term->of_factor;
    if (s.reference_at == NULL && s.n_keep == 0 && !term->has_second && constant)
        s.first_is_reference = true;
    status = select_levels(b, kept, &s, &g, c[0], term->name);
    if (status == NP_OK && n_columns == 2)
        status = select_levels(b, kept, &term->of_second, &g, c[1], term->second_name);
    if (status == NP_OK)
        status = recode(term, out, &g, (int32_t *)g.code, c, kept);
    if (status != NP_OK || !term->has_second || term->second_is_factor)
        return status;
    const double *x;
    status = np_formula_value_numbers(&x, &term->second, term->second_at, &b->v);
    return status == NP_OK ? np_rows_pick(b, &out->value, x) : status;
}

struct np_sunab_term {
    np_design_builder *b;
    const np_expr *e;
    const char *period_name;
    const double *cohort; /* [table rows] */
    double *relative;     /* [table rows]; NaN: missing or always treated */
    uint8_t *reference;   /* [table rows] never treated, or a reference period */
    bool att, no_aggregation;
};

static bool is_true(const np_expr *call, const char *name)
{
    const np_expr *a = np_expr_argument(call, name, SIZE_MAX);
    return a != NULL && a->kind == NP_EXPR_LOGICAL && a->number == 1;
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The distinct values that are finite, ascending. */
static size_t distinct(double *out, const double *x, size_t n)
{
    size_t m = 0, k = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(x[i]) && (m == 0 || x[i] != out[m - 1]))
            out[m++] = x[i];
    qsort(out, m, sizeof *out, ascending);
    for (size_t i = 0; i < m; i++)
        if (k == 0 || out[i] != out[k - 1])
            out[k++] = out[i];
    return k;
}

static bool is_among(const double *sorted, size_t n, double value)
{
    return bsearch(&value, sorted, n, sizeof *sorted, ascending) != NULL;
}

/* Periods that straddle 0 are relative already; else a cohort is the period of first
 * treatment, and one that is no period of the data is never treated. */
static np_status relative_periods(np_sunab_term *t, const double *period,
                                  const double *cohorts, size_t n_cohorts)
{
    np_design_builder *b = t->b;
    size_t n = b->table->n_rows, n_found = 0;
    double *periods = np_arena_array(b->arena, double, n);
    if (periods == NULL)
        return np_builder_no_memory(b);
    size_t n_periods = distinct(periods, period, n);
    bool relative = n_periods > 0 && periods[0] < 0 && periods[n_periods - 1] > 0 &&
                    is_among(periods, n_periods, 0);
    for (size_t i = 0; i < n_cohorts; i++)
        n_found += is_among(periods, n_periods, cohorts[i]);
    if (!relative && n_found == 0)
        return np_expr_fail(b->err, NP_E_NOT_IDENTIFIED, t->e,
                            _("no cohort of sunab() is a period of the data: the cohort "
                              "is the period of first treatment"));
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(period[i]) || !isfinite(t->cohort[i]))
            t->relative[i] = NAN;
        else if (relative)
            t->relative[i] = period[i];
        else if (is_among(periods, n_periods, t->cohort[i]))
            t->relative[i] = period[i] - t->cohort[i];
        else
            t->relative[i] = -1; /* never treated: like every cohort's reference */
    }
    return NP_OK;
}

static np_status classify(np_sunab_term *t, const double *cohorts, size_t n_cohorts,
                          const np_formula_value *reference, size_t n_references)
{
    np_design_builder *b = t->b;
    bool *before = np_arena_array(b->arena, bool, n_cohorts);
    bool *after = np_arena_array(b->arena, bool, n_cohorts);
    if (before == NULL || after == NULL)
        return np_builder_no_memory(b);
    np_status status = NP_OK;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; status == NP_OK && i < b->table->n_rows; i++) {
            if (isnan(t->relative[i]))
                continue;
            size_t g = (size_t)((const double *)bsearch(&t->cohort[i], cohorts, n_cohorts,
                                                        sizeof *cohorts, ascending) -
                                cohorts);
            before[g] |= pass == 0 && t->relative[i] < 0;
            after[g] |= pass == 0 && t->relative[i] >= 0;
            if (pass == 0)
                continue;
            t->reference[i] = !after[g];
            for (size_t r = 0; r < n_references; r++)
                t->reference[i] |= t->relative[i] == reference[r].number;
            if (!before[g])
                status = np_rows_leave_out(b, i, _("always treated (sunab)"));
        }
    return status;
}

static np_status sunab_numbers(np_design_builder *b, const double **out, const np_expr *e,
                               const np_expr *call)
{
    np_formula_value value;
    if (e == NULL)
        return np_expr_fail(b->err, NP_E_PARSE, call,
                            _("sunab() takes the cohort and the period"));
    np_status status = np_evaluate(&value, &b->v, e);
    if (status == NP_OK)
        status = np_formula_value_numbers(out, &value, e, &b->v);
    return status == NP_OK ? np_rows_require(b, &value, e) : status;
}

np_status np_sunab_term_new(np_sunab_term **out, np_design_builder *b, const np_expr *e)
{
    size_t n = b->table->n_rows, n_references = 1;
    np_formula_value minus_one = {.is_scalar = true, .number = -1},
                     *reference = &minus_one;
    const np_expr *period_at = np_expr_argument(e, "period", 1);
    const np_expr *reference_at = np_expr_argument(e, "ref.p", SIZE_MAX);
    const double *period;
    np_sunab_term *t = np_arena_array(b->arena, np_sunab_term, 1);
    double *cohorts = np_arena_array(b->arena, double, n);
    if (t == NULL || cohorts == NULL)
        return np_builder_no_memory(b);
    *t = (np_sunab_term){.b = b,
                         .e = e,
                         .relative = np_arena_array(b->arena, double, n),
                         .reference = np_arena_array(b->arena, uint8_t, n),
                         .att = is_true(e, "att") || strcmp(e->text, "sunab_att") == 0,
                         .no_aggregation = is_true(e, "no_agg")};
    if (t->relative == NULL || t->reference == NULL)
        return np_builder_no_memory(b);
    np_status status = sunab_numbers(b, &t->cohort, np_expr_argument(e, "cohort", 0), e);
    if (status == NP_OK)
        status = sunab_numbers(b, &period, period_at, e);
    if (status == NP_OK && reference_at != NULL)
        status = np_evaluate_list(&reference, &n_references, &b->v, reference_at);
    if (status != NP_OK)
        return status;
    t->period_name = np_expr_text(period_at, b->arena);
    size_t n_cohorts = distinct(cohorts, t->cohort, n);
    status = t->period_name == NULL ? np_builder_no_memory(b)
                                    : relative_periods(t, period, cohorts, n_cohorts);
    if (status == NP_OK)
        status = classify(t, cohorts, n_cohorts, reference, n_references);
    if (status == NP_OK)
        *out = t;
    return status;
}

/* Codes of (relative period, cohort) for the rows that are no reference. */
static np_status sunab_groups(np_sunab_term *t, np_groups *g, int32_t *code)
{
    np_design_builder *b = t->b;
    uint32_t *rows = np_arena_array(b->arena, uint32_t, b->n);
    np_column *columns = np_arena_array(b->arena, np_column, 2);
    if (rows == NULL || columns == NULL)
        return np_builder_no_memory(b);
    columns[0] = (np_column){.name = "", .type = NP_COLUMN_F64, .f64 = t->relative};
    columns[1] = (np_column){.name = "", .type = NP_COLUMN_F64, .f64 = t->cohort};
    const np_column *pair[] = {&columns[0], &columns[1]};
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        size_t row = b->row == NULL ? i : b->row[i];
        if (!t->reference[row])
            rows[n++] = (uint32_t)row;
    }
    if (n == 0)
        return np_expr_fail(b->err, NP_E_NOT_IDENTIFIED, t->e,
                            _("nobody is treated within the periods of the data"));
    np_status status = np_group_columns(g, b->table, pair, 2, rows, n, b->arena, b->err);
    if (status != NP_OK)
        return status;
    n = 0;
    for (size_t i = 0; i < b->n; i++)
        code[i] = t->reference[b->row == NULL ? i : b->row[i]] ? -1 : g->code[n++];
    /* first_row counts among `rows`; make it the table's row */
    int32_t *first = np_arena_array(b->arena, int32_t, g->n_groups);
    if (first == NULL)
        return np_builder_no_memory(b);
    for (size_t l = 0; l < g->n_groups; l++)
        first[l] = (int32_t)rows[g->first_row[l]];
    g->first_row = first;
    return NP_OK;
}

np_status np_sunab_term_build(np_dummies *out, np_sunab_term *t, np_sunab *sunab)
{
    np_design_builder *b = t->b;
    np_groups g;
    int32_t *code = np_arena_array(b->arena, int32_t, b->n);
    np_status status = code == NULL ? np_builder_no_memory(b) : sunab_groups(t, &g, code);
    if (status != NP_OK)
        return status;
    double *relative = np_arena_array(b->arena, double, g.n_groups);
    double *cohort = np_arena_array(b->arena, double, g.n_groups);
    const char **name = np_arena_array(b->arena, const char *, g.n_groups);
    if (relative == NULL || cohort == NULL || name == NULL)
        return np_builder_no_memory(b);
    for (size_t l = 0; l < g.n_groups; l++) {
        char r[NP_DECIMAL_LENGTH], c[NP_DECIMAL_LENGTH];
        relative[l] = t->relative[g.first_row[l]];
        cohort[l] = t->cohort[g.first_row[l]];
        np_decimal_format(r, relative[l]);
        np_decimal_format(c, cohort[l]);
        name[l] = np_arena_format(b->arena, "%s::%s:cohort::%s", t->period_name, r, c);
        if (name[l] == NULL)
            return np_builder_no_memory(b);
    }
    *sunab = (np_sunab){.n_columns = g.n_groups,
                        .column = code,
                        .relative = relative,
                        .cohort = cohort,
                        .period_name = t->period_name,
                        .att = t->att,
                        .no_aggregation = t->no_aggregation};
    *out = (np_dummies){code, g.n_groups, name, relative, NULL, t->period_name};
    return NP_OK;
}
