#include <math.h>
#include <string.h>

#include "stats/did/did_panel_internal.h"

size_t np_did_period_of_row(const np_did_panel *p, const np_column *time, size_t row)
{
    char scratch[64];
    const char *text = np_column_text(time, row, scratch, sizeof scratch);
    size_t t = 0;
    while (t < p->n_periods && strcmp(p->period_label[t], text) != 0)
        t++;
    return t;
}

np_text_map *np_did_units_by_text(np_did_builder *b)
{
    const np_did_panel *p = b->out;
    np_text_map *map = np_text_map_new(b->arena);
    char scratch[64];
    for (size_t u = 0; map != NULL && u < p->n_units; u++) {
        const char *text = np_column_text(p->unit_column, p->table_row[p->start[u]],
                                          scratch, sizeof scratch);
        if (np_text_map_add(map, text, strlen(text)) == NP_MAP_NO_MEMORY)
            return NULL;
    }
    return map;
}

/* Rows that were left out because another variable is missing. */
static np_status add_lost_rows(double *path, np_did_builder *b, const double *value)
{
    const np_did_panel *p = b->out;
    uint8_t *lost;
    const np_column *time = NULL;
    char scratch[64];
    np_status status = np_did_lost_rows(&lost, b);
    if (status == NP_OK)
        status = np_did_column_of(&time, b, b->spec->time);
    np_text_map *units = status == NP_OK ? np_did_units_by_text(b) : NULL;
    if (status == NP_OK && units == NULL)
        return np_did_no_memory(b->err);
    for (size_t i = 0; status == NP_OK && i < b->table->n_rows; i++) {
        if (!lost[i] || !isfinite(value[i]) ||
            np_column_missing(p->unit_column, i) != NP_PRESENT ||
            np_column_missing(time, i) != NP_PRESENT)
            continue;
        const char *text = np_column_text(p->unit_column, i, scratch, sizeof scratch);
        int32_t u = np_text_map_find(units, text, strlen(text));
        size_t t = np_did_period_of_row(p, time, i);
        if (u >= 0 && t < p->n_periods && isnan(path[(size_t)u * p->n_periods + t]))
            path[(size_t)u * p->n_periods + t] = value[i];
    }
    return status;
}

np_status np_did_fill_path(np_did_builder *b, const double *value)
{
    np_did_panel *p = b->out;
    const size_t n = p->n_units * p->n_periods;
    if (p->cross_sections)
        return NP_OK;
    double *path = np_arena_array(b->arena, double, n);
    if (path == NULL)
        return np_did_no_memory(b->err);
    for (size_t i = 0; i < n; i++)
        path[i] = NAN;
    for (size_t r = 0; r < p->n; r++)
        path[(size_t)p->unit_of[r] * p->n_periods + (size_t)p->period_of[r]] =
            value[p->table_row[r]];
    p->path = path;
    if (b->design.row == NULL || b->design.n_dropped == 0 || p->unit_column == NULL)
        return NP_OK;
    return add_lost_rows(path, b, value);
}
