#include "stats/design.h"

#include <math.h>
#include <string.h>

#include "stats/design_internal.h"
#include "stats/formula_panel.h"

/* Sums of products of weights and squared outcomes stay within a double's range. */
#define LEAST_WEIGHT  1e-100
#define LEAST_OUTCOME 1e-120

static np_status add_text_variables(np_names *names, const char *text, np_arena *arena,
                                    np_error *err)
{
    const np_expr *e;
    if (text == NULL)
        return NP_OK;
    np_status status = np_expr_parse(&e, text, arena, err);
    return status == NP_OK ? np_expr_variables(names, e, arena, err) : status;
}

np_status np_design_variables(const char *const **names, size_t *n_names,
                              const np_design_spec *spec, np_arena *arena, np_error *err)
{
    np_names all = {0};
    np_formula f;
    np_status status = np_formula_parse(&f, spec->formula, arena, err);
    const np_expr *parts[5];
    if (status == NP_OK)
        memcpy(parts,
               (const np_expr *[]){f.outcome, f.terms, f.fixed_effects, f.endogenous,
                                   f.instrument},
               sizeof parts);
    for (size_t i = 0; status == NP_OK && i < 5; i++)
        status = np_expr_variables(&all, parts[i], arena, err);
    const char *texts[] = {spec->weights, spec->offset, spec->subset};
    for (size_t i = 0; status == NP_OK && i < 3; i++)
        status = add_text_variables(&all, texts[i], arena, err);
    for (size_t i = 0; status == NP_OK && i < spec->n_keys; i++)
        status = add_text_variables(&all, spec->key[i], arena, err);
    if (status == NP_OK && spec->panel_unit != NULL)
        status = np_names_add(&all, spec->panel_unit, arena, err);
    if (status == NP_OK && spec->panel_time != NULL)
        status = np_names_add(&all, spec->panel_time, arena, err);
    if (status == NP_OK) {
        *names = all.name;
        *n_names = all.n;
    }
    return status;
}

static np_status apply_subset(np_design_builder *b)
{
    const np_expr *e;
    np_formula_value value;
    const double *x;
    if (b->spec->subset == NULL)
        return NP_OK;
    np_status status = np_expr_parse(&e, b->spec->subset, b->arena, b->err);
    if (status == NP_OK)
        status = np_evaluate(&value, &b->v, e);
    if (status == NP_OK)
        status = np_formula_value_numbers(&x, &value, e, &b->v);
    const char *text = status == NP_OK ? np_expr_text(e, b->arena) : "";
    const char *reason =
        text == NULL ? NULL : np_arena_format(b->arena, _("outside the subset %s"), text);
    if (status == NP_OK && reason == NULL)
        return np_builder_no_memory(b);
    for (size_t i = 0; status == NP_OK && i < b->table->n_rows; i++)
        if (!(fabs(x[i]) > 0))
            status = np_rows_leave_out(b, i, reason);
    return status;
}

/* A text outcome is 0 at its first level and 1 elsewhere, as in R's glm(). */
static np_status text_outcome(np_design_builder *b, const np_expr *e)
{
    if (!b->spec->outcome_as_success) {
        np_expr_fail(b->err, NP_E_RANGE, e,
                     _("the outcome %s is text; write %s == \"…\" for a share"),
                     b->outcome.column->name, b->outcome.column->name);
        return np_column_hint_text(b->err, b->outcome.column, b->table->n_rows);
    }
    np_status status = np_rows_require(b, &b->outcome, e);
    const np_column *c = b->outcome.column;
    double *y = np_arena_array(b->arena, double, b->table->n_rows);
    const char *first = NULL;
    if (y == NULL)
        return np_builder_no_memory(b);
    for (size_t i = 0; i < b->table->n_rows; i++)
        if (c->code[i] >= 0 && (b->gone == NULL || !b->gone[i]) &&
            (first == NULL || strcmp(c->dict->label[c->code[i]], first) < 0))
            first = c->dict->label[c->code[i]];
    for (size_t i = 0; first != NULL && i < b->table->n_rows; i++)
        y[i] = c->code[i] < 0 ? NAN : strcmp(c->dict->label[c->code[i]], first) != 0;
    b->y = y;
    return status;
}

static np_status take_outcome(np_design_builder *b, np_design *out)
{
    const np_expr *e = b->formula.outcome;
    if (e == NULL) {
        np_fail(b->err, NP_E_PARSE, _("the formula has no outcome before \"~\""));
        return np_error_hint(b->err, _("write outcome ~ terms"));
    }
    if (np_expr_is_call(e, "c"))
        return np_expr_fail(b->err, NP_E_PARSE, e,
                            _("one outcome at a time; give further formulas with --and"));
    out->y_name = np_expr_text(e, b->arena);
    np_status status = out->y_name == NULL ? np_builder_no_memory(b)
                                           : np_evaluate(&b->outcome, &b->v, e);
    if (status == NP_OK && b->outcome.is_scalar)
        return np_expr_fail(b->err, NP_E_PARSE, e, _("the outcome is no variable"));
    if (status == NP_OK && b->outcome.kind == NP_FORMULA_TEXT)
        return text_outcome(b, e);
    if (status == NP_OK)
        status = np_formula_value_numbers(&b->y, &b->outcome, e, &b->v);
    return status == NP_OK ? np_rows_require(b, &b->outcome, e) : status;
}

static np_status take_weights(np_design_builder *b)
{
    const np_expr *e;
    np_formula_value value;
    if (b->spec->weights == NULL)
        return NP_OK;
    np_status status = np_expr_parse(&e, b->spec->weights, b->arena, b->err);
    if (status == NP_OK)
        status = np_evaluate(&value, &b->v, e);
    if (status == NP_OK)
        status = np_formula_value_numbers(&b->weight, &value, e, &b->v);
    if (status == NP_OK)
        status = np_rows_require(b, &value, e);
    for (size_t i = 0; status == NP_OK && i < b->table->n_rows; i++) {
        if (b->weight[i] < 0 && (b->gone == NULL || !b->gone[i])) {
            status = np_fail(b->err, NP_E_RANGE, _("row %zu is %g"), i + 1, b->weight[i]);
            np_error_field(b->err, b->spec->weights, strlen(b->spec->weights));
            np_error_hint(b->err, _("weights must be positive"));
        } else if (isfinite(b->weight[i]) && b->weight[i] > 0 &&
                   !(b->weight[i] >= LEAST_WEIGHT && b->weight[i] <= 1 / LEAST_WEIGHT) &&
                   (b->gone == NULL || !b->gone[i])) {
            status = np_fail(b->err, NP_E_RANGE, _("row %zu is %g"), i + 1, b->weight[i]);
            np_error_field(b->err, b->spec->weights, strlen(b->spec->weights));
            np_error_hint(b->err, _("weights lie between 1e-100 and 1e100: give them in "
                                    "another unit"));
        } else if (b->weight[i] == 0) {
            status = np_rows_leave_out(b, i, _("weight 0"));
        }
    }
    return status;
}

static np_status add_offset(np_design_builder *b, const np_expr *e)
{
    np_formula_value value;
    const double *x;
    np_status status = np_evaluate(&value, &b->v, e);
    if (status == NP_OK)
        status = np_formula_value_numbers(&x, &value, e, &b->v);
    if (status == NP_OK)
        status = np_rows_require(b, &value, e);
    if (status != NP_OK || b->offset == NULL) {
        b->offset = status == NP_OK ? x : NULL;
        return status;
    }
    double *sum = np_arena_array(b->arena, double, b->table->n_rows);
    if (sum == NULL)
        return np_builder_no_memory(b);
    for (size_t i = 0; i < b->table->n_rows; i++)
        sum[i] = b->offset[i] + x[i];
    b->offset = sum;
    return NP_OK;
}

static np_status take_offset(np_design_builder *b)
{
    const np_expr *e;
    np_status status = NP_OK;
    if (b->terms.offset != NULL)
        status = add_offset(b, b->terms.offset);
    if (status != NP_OK || b->spec->offset == NULL)
        return status;
    status = np_expr_parse(&e, b->spec->offset, b->arena, b->err);
    return status == NP_OK ? add_offset(b, e) : status;
}

static np_status take_keys(np_design_builder *b)
{
    const np_expr *e;
    b->key = np_arena_array(b->arena, size_t, b->spec->n_keys);
    if (b->key == NULL)
        return np_builder_no_memory(b);
    np_status status = NP_OK;
    for (size_t i = 0; status == NP_OK && i < b->spec->n_keys; i++) {
        status = np_expr_parse(&e, b->spec->key[i], b->arena, b->err);
        if (status == NP_OK)
            status = np_grouping_add(b, &b->key[i], e);
    }
    const char *panel[] = {b->spec->panel_unit, b->spec->panel_time};
    for (size_t i = 0; status == NP_OK && i < 2 && panel[0] != NULL && panel[1] != NULL;
         i++) {
        np_expr *name = np_arena_array(b->arena, np_expr, 1);
        if (name == NULL)
            return np_builder_no_memory(b);
        *name = (np_expr){.kind = NP_EXPR_NAME, .text = panel[i], .column = 1};
        status = np_grouping_add(b, &b->panel[i], name);
    }
    return status;
}

static np_status fill_keys(np_design_builder *b, np_design *out)
{
    np_groups *key = np_arena_array(b->arena, np_groups, b->spec->n_keys);
    const char **name = np_arena_array(b->arena, const char *, b->spec->n_keys);
    np_groups *panel = np_arena_array(b->arena, np_groups, 2);
    np_status status = NP_OK;
    if (key == NULL || name == NULL || panel == NULL)
        return np_builder_no_memory(b);
    for (size_t i = 0; status == NP_OK && i < b->spec->n_keys; i++) {
        np_grouping *g = &b->grouping[b->key[i]];
        status = np_grouping_code(b, g);
        key[i] = g->groups;
        name[i] = b->spec->key[i];
    }
    out->key = key;
    out->key_name = name;
    out->n_keys = b->spec->n_keys;
    if (b->spec->panel_unit == NULL || b->spec->panel_time == NULL)
        return status;
    for (size_t i = 0; status == NP_OK && i < 2; i++) {
        status = np_grouping_code(b, &b->grouping[b->panel[i]]);
        panel[i] = b->grouping[b->panel[i]].groups;
    }
    out->panel = panel;
    return status;
}

/* Times as numbers; texts by their order. */
static np_status fill_time(np_design_builder *b, np_design *out)
{
    if (out->panel == NULL)
        return NP_OK;
    const np_column *c = b->grouping[b->panel[1]].column[0];
    double *time = np_arena_array(b->arena, double, b->n);
    if (time == NULL)
        return np_builder_no_memory(b);
    for (size_t i = 0; i < b->n; i++)
        time[i] = c->type == NP_COLUMN_TEXT
                      ? out->panel[1].code[i]
                      : np_column_number(c, b->row == NULL ? i : b->row[i]);
    out->key_time = time;
    return NP_OK;
}

/* Each unit once in a period: hashing pairs of codes into a bit per cell where the
 * panel is not much sparser than its rows, else by sorting (the lag index). */
static np_status check_panel(np_design_builder *b, const np_design *d)
{
    if (d->panel == NULL)
        return NP_OK;
    size_t n_periods = d->panel[1].n_groups;
    if (d->panel[0].n_groups > (size_t)1 << 40 ||
        d->panel[0].n_groups * n_periods / 64 > d->n) {
        const np_panel_index *index;
        return b->v.panel != NULL ? NP_OK : np_panel_index_build(&index, &b->v);
    }
    uint8_t *seen = np_arena_array(b->arena, uint8_t, d->panel[0].n_groups * n_periods);
    if (seen == NULL)
        return np_builder_no_memory(b);
    for (size_t i = 0; i < d->n; i++) {
        size_t cell =
            (size_t)d->panel[0].code[i] * n_periods + (size_t)d->panel[1].code[i];
        if (seen[cell]++ == 0)
            continue;
        char unit[64], time[64];
        size_t row = b->row == NULL ? i : b->row[i];
        const np_column *u = b->grouping[b->panel[0]].column[0];
        const np_column *t = b->grouping[b->panel[1]].column[0];
        np_fail(b->err, NP_E_DUPLICATE, _("%s %s is twice in %s %s, again in row %zu"),
                u->name, np_column_text(u, row, unit, sizeof unit), t->name,
                np_column_text(t, row, time, sizeof time), row + 1);
        return np_error_hint(b->err, _("a panel has each unit once in a period"));
    }
    return NP_OK;
}

/* Squares of the outcome, and their products with weights, must be numbers. */
static np_status check_size(np_design_builder *b, const np_design *d)
{
    size_t largest = 0;
    for (size_t i = 1; i < d->n; i++)
        if (fabs(d->y[i]) > fabs(d->y[largest]))
            largest = i;
    double size = d->n == 0 ? 0 : fabs(d->y[largest]);
    if (size == 0 || (size >= LEAST_OUTCOME && size <= 1 / LEAST_OUTCOME))
        return NP_OK;
    np_fail(b->err, NP_E_RANGE,
            size > 1 ? _("the outcome %s is %g in row %zu, too large to be squared")
                     : _("the outcome %s is nowhere larger than %g (row %zu), too small "
                         "to be squared"),
            d->y_name, d->y[largest], (b->row == NULL ? largest : b->row[largest]) + 1);
    return np_error_hint(b->err, _("give it in another unit"));
}

static np_status check_outcome(np_design_builder *b, const np_design *d)
{
    size_t i = 1;
    while (i < d->n && d->y[i] == d->y[0])
        i++;
    if (i < d->n)
        return check_size(b, d);
    np_fail(b->err, NP_E_NOT_IDENTIFIED, _("the outcome %s is %g in all %zu rows used"),
            d->y_name, d->y[0], d->n);
    return np_error_hint(b->err,
                         _("an outcome that does not vary has no effect to find"));
}

static np_status expand_terms(np_design_builder *b)
{
    np_status status = np_terms_expand(&b->terms, b->formula.terms, b->arena, b->err);
    if (status == NP_OK)
        status = np_terms_expand(&b->endogenous, b->formula.endogenous, b->arena, b->err);
    if (status == NP_OK)
        status =
            np_terms_expand(&b->instruments, b->formula.instrument, b->arena, b->err);
    return status;
}

typedef struct {
    np_term_set *x, *endogenous, *instruments;
} term_sets;

static np_status take_variables(np_design_builder *b, np_design *out, term_sets *sets)
{
    np_status status = apply_subset(b);
    if (status == NP_OK)
        status = take_outcome(b, out);
    if (status == NP_OK)
        status = np_term_set_new(&sets->x, b, &b->terms);
    if (status == NP_OK)
        status = np_fixed_effects_collect(b, b->formula.fixed_effects);
    if (status == NP_OK)
        status = np_term_set_new(&sets->endogenous, b, &b->endogenous);
    if (status == NP_OK)
        status = np_term_set_new(&sets->instruments, b, &b->instruments);
    if (status == NP_OK)
        status = take_weights(b);
    if (status == NP_OK)
        status = take_offset(b);
    return status == NP_OK ? take_keys(b) : status;
}

static np_status settle_rows(np_design_builder *b)
{
    np_status status = np_rows_settle(b);
    for (size_t i = 0; status == NP_OK && i < b->n_fe; i++)
        status = np_grouping_code(b, &b->grouping[b->fe[i].grouping]);
    return status == NP_OK ? np_rows_drop_uninformative(b) : status;
}

static np_status fill(np_design_builder *b, np_design *out, term_sets *sets)
{
    bool absorbed = b->n_fe > 0;
    out->has_intercept = b->terms.intercept && !absorbed;
    bool constant = b->terms.intercept || absorbed;
    np_status status = np_rows_pick(b, &out->y, b->y);
    if (status == NP_OK)
        status = check_outcome(b, out);
    if (status == NP_OK)
        status = np_term_set_build(&out->x, sets->x, out->has_intercept, constant);
    if (status == NP_OK)
        status = np_term_set_build(&out->endogenous, sets->endogenous, false, true);
    if (status == NP_OK)
        status = np_term_set_build(&out->instruments, sets->instruments, false, true);
    if (status == NP_OK)
        status = np_fixed_effects_fill(b, out);
    if (status == NP_OK && b->weight != NULL)
        status = np_rows_pick(b, &out->weight, b->weight);
    if (status == NP_OK && b->offset != NULL)
        status = np_rows_pick(b, &out->offset, b->offset);
    if (status == NP_OK)
        status = fill_keys(b, out);
    if (status == NP_OK)
        status = fill_time(b, out);
    return status == NP_OK ? check_panel(b, out) : status;
}

np_status np_design_build(np_design *out, const np_table *table,
                          const np_design_spec *spec, np_arena *arena, np_error *err)
{
    np_design design = {.table = table, .n_table_rows = table->n_rows};
    np_design_builder b = {.spec = spec, .table = table, .arena = arena, .err = err};
    term_sets sets = {0};
    b.v = (np_evaluator){.table = table,
                         .panel_unit = spec->panel_unit,
                         .panel_time = spec->panel_time,
                         .arena = arena,
                         .err = err};
    np_status status = np_formula_parse(&b.formula, spec->formula, arena, err);
    if (status == NP_OK)
        status = expand_terms(&b);
    if (status == NP_OK)
        status = take_variables(&b, &design, &sets);
    if (status == NP_OK)
        status = settle_rows(&b);
    if (status == NP_OK) {
        design.n = b.n;
        status = fill(&b, &design, &sets);
    }
    if (status != NP_OK)
        return status;
    design.row = b.row;
    design.sunab = b.sunab;
    design.dropped = b.reasons.item;
    design.n_dropped = b.reasons.n;
    *out = design;
    return NP_OK;
}

np_status np_regressors_spread(const double *const **columns, const np_regressors *x,
                               size_t n, np_arena *arena, np_error *err)
{
    const double **column = np_arena_array(arena, const double *, x->k);
    if (column == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t j = 0; j < x->n_blocks; j++) {
        const np_block *block = &x->block[j];
        if (block->kind == NP_BLOCK_DENSE) {
            column[block->first] = block->value;
            continue;
        }
        double **spread = np_arena_array(arena, double *, block->n_columns);
        if (spread == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
        for (size_t c = 0; c < block->n_columns; c++) {
            spread[c] = np_arena_array(arena, double, n);
            if (spread[c] == NULL)
                return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu columns"),
                               block->n_columns);
            column[block->first + c] = spread[c];
        }
        for (size_t i = 0; i < n; i++)
            if (block->column[i] >= 0)
                spread[block->column[i]][i] = block->value == NULL ? 1 : block->value[i];
    }
    *columns = column;
    return NP_OK;
}
