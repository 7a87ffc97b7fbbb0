#include "report/estimate_notes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/number.h"

enum { DIGITS = 4 };

static const char *number(np_arena *arena, np_language language, double value)
{
    return isnan(value) ? "" : np_number_significant(arena, value, DIGITS, language);
}

/* A number without a distribution of its own, with a p value where there is one. */
static void note_measure(np_table_builder *t, const np_test *test, np_arena *arena,
                         np_language language)
{
    const char *dot = test->detail[0] != '\0' ? " · " : "";
    if (isnan(test->p_value)) {
        np_table_builder_note(t, "%s%s%s: %s.", _(test->title), dot, test->detail,
                              number(arena, language, test->statistic));
        return;
    }
    const char *pv = np_number_p(arena, test->p_value, language);
    np_table_builder_note(t, "%s%s%s: %s, p %s%s.", _(test->title), dot, test->detail,
                          number(arena, language, test->statistic),
                          pv[0] == '<' ? "" : "= ", pv);
}

void np_note_test(np_table_builder *t, const np_test *test, np_arena *arena,
                  np_language language)
{
    char df[96] = "";
    if (test->distribution[0] == '\0') {
        note_measure(t, test, arena, language);
        return;
    }
    if (strcmp(test->distribution, "F") == 0)
        snprintf(df, sizeof df, "(%s, %s)", number(arena, language, test->df1),
                 number(arena, language, test->df2));
    else if (!isnan(test->df1))
        snprintf(df, sizeof df, "(%s)", number(arena, language, test->df1));
    const char *sign = strcmp(test->distribution, "F") == 0        ? "F"
                       : strcmp(test->distribution, "chisq") == 0  ? "χ²"
                       : strcmp(test->distribution, "normal") == 0 ? "z"
                                                                   : test->distribution;
    const char *pv = np_number_p(arena, test->p_value, language);
    np_table_builder_note(t, "%s%s%s: %s%s = %s, p %s%s.", _(test->title),
                          test->detail[0] != '\0' ? " · " : "", test->detail, sign, df,
                          number(arena, language, test->statistic),
                          pv[0] == '<' ? "" : "= ", pv);
}

/* Years and other codes have no thousands sign. */
static const char *plain(np_arena *arena, np_language language, double value)
{
    if (value == floor(value) && fabs(value) < 1e6) {
        const char *text = np_arena_format(arena, "%.0f", value);
        return text == NULL ? "" : text;
    }
    return number(arena, language, value);
}

typedef struct {
    const char *label;
    const double *value; /* [n] */
    int digits;          /* 0: as a code or count */
    bool is_p;
} column;

enum { MOST_COLUMNS = 16, SHARED = 7 };

static bool are_weights(const np_estimate_table *table)
{
    size_t length = strlen(table->name), end = strlen("_weights");
    return length > end && strcmp(table->name + length - end, "_weights") == 0;
}

static size_t columns_of(column *out, const np_estimate_table *table)
{
    const column shared[SHARED] = {{N_("Estimate"), table->estimate, DIGITS, false},
                                   {N_("Std. error"), table->std_error, DIGITS, false},
                                   {N_("Statistic"), table->statistic, DIGITS, false},
                                   {"p", table->p_value, DIGITS, true},
                                   {N_("from"), table->conf_low, DIGITS, false},
                                   {N_("to"), table->conf_high, DIGITS, false},
                                   {N_("Rows"), table->n_rows, 0, false}};
    size_t n = 0;
    for (size_t i = 0; i < SHARED; i++)
        if (shared[i].value != NULL)
            out[n++] = shared[i];
    if (are_weights(table))
        out[0].label = N_("Weight");
    for (size_t i = 0; i < table->n_more && n < MOST_COLUMNS; i++)
        out[n++] = (column){table->more[i].key, table->more[i].value, 0, false};
    return n;
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* The rows to print, in their order: all, or the largest; weights of 0 never. */
static size_t choose(size_t *row, const np_estimate_table *table, size_t most,
                     np_arena *arena)
{
    double least = -INFINITY;
    double *size = np_arena_array(arena, double, table->n);
    if (size == NULL)
        return 0;
    for (size_t i = 0; i < table->n; i++)
        size[i] = table->estimate == NULL || isnan(table->estimate[i])
                      ? 0
                      : fabs(table->estimate[i]);
    if (table->n > most) {
        double *sorted = np_arena_array(arena, double, table->n);
        if (sorted == NULL)
            return 0;
        memcpy(sorted, size, table->n * sizeof *size);
        qsort(sorted, table->n, sizeof *sorted, descending);
        least = sorted[most - 1];
    }
    size_t n = 0;
    for (size_t i = 0; i < table->n && n < most; i++)
        if (size[i] >= least && (size[i] > 0 || !are_weights(table)))
            row[n++] = i;
    return n;
}

static void further_row(np_table_builder *t, const np_estimate_table *table, size_t i,
                        const column *col, size_t n_columns, np_arena *arena,
                        np_language language)
{
    np_table_builder_row(t);
    np_table_builder_row_header(t, table->term[i], 0);
    for (size_t j = 0; j < n_columns; j++) {
        double value = col[j].value[i];
        const char *text = isnan(value)    ? ""
                           : col[j].is_p   ? np_number_p(arena, value, language)
                           : col[j].digits ? number(arena, language, value)
                                           : plain(arena, language, value);
        np_table_builder_number(t, text, value);
    }
}

const np_doc_table *np_further_table(const np_estimate_table *table, size_t most,
                                     np_arena *arena, np_language language)
{
    column col[MOST_COLUMNS];
    size_t n_columns = columns_of(col, table);
    size_t *row = np_arena_array(arena, size_t, table->n);
    if (row == NULL)
        return NULL;
    np_table_builder *t =
        np_table_builder_new(arena, table->name, _(table->title), n_columns + 1);
    np_table_builder_head(t);
    np_table_builder_cell(t, "");
    for (size_t j = 0; j < n_columns; j++)
        np_table_builder_cell(t, _(col[j].label));
    size_t n = choose(row, table, most, arena);
    for (size_t i = 0; i < n; i++)
        further_row(t, table, row[i], col, n_columns, arena, language);
    size_t n_zero = 0;
    for (size_t i = 0; i < table->n && are_weights(table); i++)
        n_zero += table->estimate[i] == 0;
    if (n + n_zero < table->n)
        np_table_builder_note(t, _("The largest %s of %s rows."),
                              np_number_count(arena, n, language),
                              np_number_count(arena, table->n, language));
    if (n_zero > 0)
        np_table_builder_note(t, _("Those with weight 0 are not shown: %zu."), n_zero);
    return np_table_builder_done(t);
}
