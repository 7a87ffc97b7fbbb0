#include <math.h>
#include <string.h>

#include "base/json.h"
#include "report/tabulation_notes.h"

typedef struct {
    np_json *j;
    np_language language;
    np_arena *arena;
} writer;

static void put_labels(writer *x, const np_tab_header *h)
{
    np_json_key(x->j, "labels");
    np_json_array_inline(x->j);
    for (size_t l = 0; l < h->n_labels; l++)
        np_json_text(x->j, np_localised_text(&h->label[l], x->language));
    np_json_end_array(x->j);
}

static void put_headers(writer *x, const char *key, const np_tab_header *h, size_t n)
{
    static const char *const sorts[] = {"entry", "group",  "sum",  "not_stated",
                                        "all",   "change", "total"};
    np_json_key(x->j, key);
    np_json_array(x->j);
    for (size_t i = 0; i < n; i++) {
        np_json_object(x->j);
        np_json_put_text(x->j, "key", h[i].key);
        np_json_put_text(x->j, "sort", sorts[h[i].sort]);
        put_labels(x, &h[i]);
        np_json_end_object(x->j);
    }
    np_json_end_array(x->j);
}

static void put_cell(writer *x, const np_tab_cell *cell)
{
    np_json_object(x->j);
    np_json_put_text(x->j, "text", np_tabulation_cell_text(cell, x->language, x->arena));
    if (cell->sort == NP_TAB_NUMBER) {
        np_json_put_number(x->j, "value", cell->value);
        np_json_put_number(x->j, "printed", cell->rounded);
        if (cell->range)
            np_json_put_number(x->j, "largest", cell->second);
        if (cell->of || cell->percent)
            np_json_put_number(x->j, "base", cell->second);
    }
    if (cell->sort == NP_TAB_MISSING || cell->sort == NP_TAB_ASKED_NOT)
        np_json_put_text(x->j, "missing", cell->reason);
    if (cell->sort == NP_TAB_NOT_COMPUTABLE)
        np_json_put_text(x->j, "missing", "not_computable");
    np_json_end_object(x->j);
}

static void put_cells(writer *x, const np_tabulation_result *r)
{
    np_json_key(x->j, "cells");
    np_json_array(x->j);
    for (size_t i = 0; i < r->n_rows; i++) {
        np_json_array(x->j);
        for (size_t c = 0; c < r->n_columns; c++)
            put_cell(x, &r->cell[i * r->n_columns + c]);
        np_json_end_array(x->j);
    }
    np_json_end_array(x->j);
}

static void put_left_out(writer *x, const np_tabulation_result *r)
{
    np_json_key(x->j, "left_out");
    np_json_array(x->j);
    for (size_t i = 0; i < r->n_left_out; i++) {
        const np_tab_left_out *one = &r->left_out[i];
        np_json_object(x->j);
        np_json_put_text(x->j, "reason", one->reason);
        np_json_put_number(x->j, "n", one->n);
        np_json_put_text(x->j, "of", one->unit);
        np_json_put_text(x->j, "column", one->column);
        np_json_key(x->j, "names");
        np_json_array_inline(x->j);
        for (size_t k = 0; k < one->n_names; k++)
            np_json_text(x->j, one->name[k]);
        np_json_end_array(x->j);
        np_json_end_object(x->j);
    }
    np_json_end_array(x->j);
}

static void put_checks(writer *x, const np_tabulation_result *r)
{
    np_json_key(x->j, "checks");
    np_json_array(x->j);
    for (size_t i = 0; i < r->n_checks; i++) {
        np_json_object(x->j);
        np_json_put_bool(x->j, "holds", r->check[i].holds);
        np_json_put_bool(x->j, "of_source", r->check[i].of_source);
        np_json_put_text(x->j, "text", r->check[i].text);
        np_json_end_object(x->j);
    }
    np_json_end_array(x->j);
}

static void put_table(writer *x, const np_tabulation_result *r)
{
    const np_tabulation *t = r->table;
    np_json_object(x->j);
    np_json_put_text(x->j, "id", t->id);
    np_json_put_text(x->j, "title", np_localised_text(&t->title, x->language));
    np_json_put_text(x->j, "of", t->kind->name);
    np_json_put_text(x->j, "unit", np_localised_text(&t->unit, x->language));
    np_json_put_number(x->j, "n", r->n_records);
    np_json_put_number(x->j, "reconstructed", r->n_reconstructed);
    np_json_put_text(x->j, "scope", np_tabulation_scope_text(&t->where, x->arena));
    np_json_put_text(x->j, "ad_hoc", np_tabulation_scope_text(&r->ad_hoc, x->arena));
    np_json_put_text(x->j, "response", r->multiple ? "multiple" : "single");
    np_json_put_text(x->j, "base", t->base_all ? "all" : "valid");
    np_json_put_text(x->j, "compare", t->matched ? "matched" : "cross_section");
    static const char *const roundings[] = {"half_away", "half_even",
                                            "largest_remainder"};
    np_json_put_text(x->j, "rounding", roundings[t->rounding]);
    np_json_put_text(x->j, "rule",
                     r->all_rules      ? "all"
                     : r->rule == NULL ? NULL
                                       : r->rule->id);
    np_json_put_text(x->j, "as_of", r->as_of);
    put_headers(x, "columns", r->column, r->n_columns);
    put_headers(x, "rows", r->row, r->n_rows);
    put_cells(x, r);
    put_left_out(x, r);
    put_checks(x, r);
    np_json_end_object(x->j);
}

void np_tabulation_json(np_buf *out, const np_tabulation_result *const *result, size_t n,
                        np_language language, np_arena *arena)
{
    np_json j = {.buf = out};
    writer x = {&j, language, arena};
    np_json_object(&j);
    np_json_put_text(&j, "nullpunkt", NP_VERSION);
    np_json_key(&j, "tables");
    np_json_array(&j);
    for (size_t i = 0; i < n; i++)
        put_table(&x, result[i]);
    np_json_end_array(&j);
    np_json_end_object(&j);
    np_buf_add_char(out, '\n');
}
