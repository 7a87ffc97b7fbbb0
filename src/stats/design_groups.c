#include <string.h>

#include "stats/design_internal.h"

static np_status add_column(np_design_builder *b, np_grouping *g, const np_expr *e)
{
    np_formula_value value;
    if (g->n_columns == NP_MOST_GROUPED)
        return np_expr_fail(b->err, NP_E_LIMIT, e,
                            _("more than %d variables joined by ^"), NP_MOST_GROUPED);
    np_status status = np_evaluate(&value, &b->v, e);
    if (status == NP_OK)
        status = np_formula_value_column(&g->column[g->n_columns], &value, e, &b->v);
    if (status != NP_OK)
        return status;
    g->n_columns++;
    return np_rows_require(b, &value, e);
}

/* a^b^c joins columns; (a^b) as well. */
static np_status add_columns(np_design_builder *b, np_grouping *g, const np_expr *e)
{
    if (e->kind == NP_EXPR_BRACKET && e->text[0] == '(')
        return add_columns(b, g, e->argument[0]);
    if (!np_expr_is_operator(e, "^"))
        return add_column(b, g, e);
    np_status status = add_columns(b, g, e->argument[0]);
    return status == NP_OK ? add_columns(b, g, e->argument[1]) : status;
}

np_status np_grouping_add(np_design_builder *b, size_t *out, const np_expr *e)
{
    const char *name = np_expr_text(e, b->arena);
    if (name == NULL)
        return np_builder_no_memory(b);
    for (size_t i = 0; i < b->n_groupings; i++)
        if (strcmp(b->grouping[i].name, name) == 0) {
            *out = i;
            return NP_OK;
        }
    if (b->n_groupings == b->grouping_capacity) {
        size_t capacity = b->grouping_capacity == 0 ? 8 : 2 * b->grouping_capacity;
        np_grouping *grown = np_arena_array(b->arena, np_grouping, capacity);
        if (grown == NULL)
            return np_builder_no_memory(b);
        for (size_t i = 0; i < b->n_groupings; i++)
            grown[i] = b->grouping[i];
        b->grouping = grown;
        b->grouping_capacity = capacity;
    }
    np_grouping *g = &b->grouping[b->n_groupings];
    *g = (np_grouping){.name = name};
    np_status status = add_columns(b, g, e);
    if (status == NP_OK)
        *out = b->n_groupings++;
    return status;
}

np_status np_grouping_code(np_design_builder *b, np_grouping *g)
{
    if (g->is_coded)
        return NP_OK;
    g->is_coded = true;
    return np_group_columns(&g->groups, b->table, g->column, g->n_columns, b->row, b->n,
                            b->arena, b->err);
}

static np_fe_part *part_of(np_design_builder *b, size_t grouping)
{
    for (size_t i = 0; i < b->n_fe; i++)
        if (b->fe[i].grouping == grouping)
            return &b->fe[i];
    b->fe[b->n_fe] = (np_fe_part){.grouping = grouping};
    return &b->fe[b->n_fe++];
}

static np_status add_slopes(np_design_builder *b, np_fe_part *part, const np_expr *e)
{
    size_t n = part->n_slopes + e->n - 1;
    const np_expr **slope = np_arena_array(b->arena, const np_expr *, n);
    const double **value = np_arena_array(b->arena, const double *, n);
    if (slope == NULL || value == NULL)
        return np_builder_no_memory(b);
    for (size_t i = 0; i < part->n_slopes; i++) {
        slope[i] = part->slope[i];
        value[i] = part->slope_value[i];
    }
    np_status status = NP_OK;
    for (size_t i = 1; status == NP_OK && i < e->n; i++) {
        np_formula_value v;
        slope[part->n_slopes] = e->argument[i];
        status = np_evaluate(&v, &b->v, e->argument[i]);
        if (status == NP_OK)
            status = np_formula_value_numbers(&value[part->n_slopes++], &v,
                                              e->argument[i], &b->v);
        if (status == NP_OK)
            status = np_rows_require(b, &v, e->argument[i]);
    }
    part->slope = slope;
    part->slope_value = value;
    return status;
}

static np_status add_part(np_design_builder *b, const np_expr *e)
{
    bool has_slopes = e->kind == NP_EXPR_BRACKET && e->text[0] == '[';
    bool slopes_only = has_slopes && e->text[1] == '[';
    size_t grouping;
    np_status status = np_grouping_add(b, &grouping, has_slopes ? e->argument[0] : e);
    if (status != NP_OK)
        return status;
    np_fe_part *part = part_of(b, grouping);
    if (!slopes_only) {
        part->has_intercept = true;
        b->grouping[grouping].is_fixed_effect = true;
    }
    return has_slopes ? add_slopes(b, part, e) : NP_OK;
}

static size_t count_parts(const np_expr *e)
{
    return np_expr_is_operator(e, "+")
               ? count_parts(e->argument[0]) + count_parts(e->argument[1])
               : 1;
}

static np_status walk(np_design_builder *b, const np_expr *e)
{
    if (np_expr_is_operator(e, "+")) {
        np_status status = walk(b, e->argument[0]);
        return status == NP_OK ? walk(b, e->argument[1]) : status;
    }
    if (e->kind == NP_EXPR_NUMBER && e->number == 0)
        return NP_OK; /* "| 0 |": no fixed effects */
    if (e->kind == NP_EXPR_NUMBER || e->kind == NP_EXPR_TEXT ||
        np_expr_is_operator(e, "*") || np_expr_is_operator(e, ":") ||
        np_expr_is_operator(e, "-"))
        return np_expr_fail(b->err, NP_E_PARSE, e,
                            _("fixed effects are variables joined by + and ^, with "
                              "slopes as in unit[trend]"));
    return add_part(b, e);
}

np_status np_fixed_effects_collect(np_design_builder *b, const np_expr *e)
{
    if (e == NULL)
        return NP_OK;
    b->fe = np_arena_array(b->arena, np_fe_part, count_parts(e));
    return b->fe == NULL ? np_builder_no_memory(b) : walk(b, e);
}

static np_status fill_slopes(np_design_builder *b, np_factor *f, np_fe_part *part)
{
    const double **slope = np_arena_array(b->arena, const double *, part->n_slopes);
    const char **name = np_arena_array(b->arena, const char *, part->n_slopes);
    if (slope == NULL || name == NULL)
        return np_builder_no_memory(b);
    np_status status = NP_OK;
    for (size_t i = 0; status == NP_OK && i < part->n_slopes; i++) {
        status = np_rows_pick(b, &slope[i], part->slope_value[i]);
        name[i] = np_expr_text(part->slope[i], b->arena);
        if (name[i] == NULL)
            return np_builder_no_memory(b);
    }
    f->n_slopes = part->n_slopes;
    f->slope = slope;
    f->slope_name = name;
    return status;
}

np_status np_fixed_effects_fill(np_design_builder *b, np_design *out)
{
    np_factor *fe = np_arena_array(b->arena, np_factor, b->n_fe);
    if (fe == NULL)
        return np_builder_no_memory(b);
    np_status status = NP_OK;
    for (size_t j = 0; status == NP_OK && j < b->n_fe; j++) {
        const np_grouping *g = &b->grouping[b->fe[j].grouping];
        fe[j] = (np_factor){.name = g->name,
                            .code = g->groups.code,
                            .n_levels = g->groups.n_groups,
                            .has_intercept = b->fe[j].has_intercept};
        status = fill_slopes(b, &fe[j], &b->fe[j]);
    }
    out->fe = fe;
    out->n_fe = b->n_fe;
    return status;
}

/* The factor's columns are evaluated again from its name, on the design's table. */
np_status np_design_factor_labels(const char *const **labels, const np_design *design,
                                  size_t factor, np_arena *arena, np_error *err)
{
    const np_factor *f = &design->fe[factor];
    np_design_builder b = {.table = design->table, .arena = arena, .err = err};
    np_grouping g = {.name = f->name};
    const np_expr *e;
    b.v = (np_evaluator){.table = design->table, .arena = arena, .err = err};
    np_status status = np_expr_parse(&e, f->name, arena, err);
    if (status == NP_OK)
        status = add_columns(&b, &g, e);
    if (status != NP_OK)
        return status;
    const char **label = np_arena_array(arena, const char *, f->n_levels);
    int32_t *first_row = np_arena_array(arena, int32_t, f->n_levels);
    if (label == NULL || first_row == NULL)
        return np_builder_no_memory(&b);
    for (size_t i = design->n; i-- > 0;)
        first_row[f->code[i]] = (int32_t)i;
    np_groups groups = {f->code, design->n, f->n_levels, first_row};
    for (size_t l = 0; l < f->n_levels; l++) {
        label[l] = np_group_label(&groups, g.column, g.n_columns, design->row, (int32_t)l,
                                  arena);
        if (label[l] == NULL)
            return np_builder_no_memory(&b);
    }
    *labels = label;
    return NP_OK;
}
