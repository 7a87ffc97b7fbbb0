#include <math.h>
#include <string.h>

#include "report/did_doc.h"
#include "report/number.h"

static bool are_weights(const np_estimate_table *e)
{
    size_t length = strlen(e->name), end = strlen("_weights");
    return length > end && strcmp(e->name + length - end, "_weights") == 0;
}

static void number(np_table_builder *t, double value, double std_error, np_arena *arena,
                   np_language language)
{
    np_table_builder_number(t, np_number_with_error(arena, value, std_error, language),
                            value);
}

static void head(np_table_builder *t, const np_estimate_table *e, double conf_level,
                 np_arena *arena)
{
    np_table_builder_head(t);
    np_table_builder_cell(t, "");
    np_table_builder_cell(t, are_weights(e) ? _("Weight") : _("Estimate"));
    if (e->std_error != NULL)
        np_table_builder_cell(t, _("Std. error"));
    if (e->p_value != NULL)
        np_table_builder_cell(t, "p");
    if (e->conf_low != NULL)
        np_table_builder_span(
            t, np_arena_format(arena, _("%g %% interval"), 100 * conf_level), 2);
}

static void row(np_table_builder *t, const np_estimate_table *e, size_t i,
                np_arena *arena, np_language language)
{
    double error = e->std_error == NULL ? NAN : e->std_error[i];
    np_table_builder_row(t);
    np_table_builder_row_header(t, e->term[i], 0);
    number(t, e->estimate[i], error, arena, language);
    if (e->std_error != NULL)
        number(t, error, error, arena, language);
    if (e->p_value != NULL)
        np_table_builder_number(t, np_number_p(arena, e->p_value[i], language),
                                e->p_value[i]);
    if (e->conf_low != NULL) {
        number(t, e->conf_low[i], error, arena, language);
        number(t, e->conf_high[i], error, arena, language);
    }
}

const np_doc_table *np_did_estimate_table(const np_estimate_table *e, double conf_level,
                                          np_arena *arena, np_language language)
{
    size_t n_columns = 2, n_zero = 0;
    n_columns += e->std_error != NULL ? 1 : 0;
    n_columns += e->p_value != NULL ? 1 : 0;
    n_columns += e->conf_low != NULL ? 2 : 0;
    const char *id = np_arena_format(arena, "did-%s", e->name);
    if (id == NULL)
        return NULL;
    np_table_builder *t = np_table_builder_new(arena, id, _(e->title), n_columns);
    head(t, e, conf_level == 0 ? 0.95 : conf_level, arena);
    for (size_t i = 0; i < e->n; i++) {
        bool shown = !are_weights(e) || e->estimate[i] != 0;
        n_zero += !shown;
        if (shown)
            row(t, e, i, arena, language);
    }
    if (n_zero > 0)
        np_table_builder_note(t, _("Those with weight 0 are not shown: %zu."), n_zero);
    return np_table_builder_done(t);
}
