/* The formula language: any text gives a design that holds together or an error that
 * says something, on a small table with every type of column. */
#include "fuzz/fuzz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats/design.h"

enum { BUDGET = 64 << 20, N = 12, LONGEST = 2000 };

static const double y[N] = {1, 2, 4, 8, 3, 9, 27, 1, 0, 5, 6, 7};
static const double x[N] = {1, 2, 3, 4, 5, NAN, 7, 8, 0, -1, 2.5, 1e300};
static const uint8_t x_missing[N] = {[5] = NP_MISSING_BLANK};
static const int64_t year[N] = {1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3};
static const int64_t cohort[N] = {2, 2, 2, 3, 3, 3, 9, 9, 9, 2, 2, 2};
static const int32_t day[N] = {0, 1, 2, 3, 4, NP_DATE_MISSING, 6, 7, 8, 9, 10, 11};
static const uint8_t day_missing[N] = {[5] = NP_MISSING_NOT_REPORTED};
static const int32_t unit[N] = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3};
static const char *const label[] = {"a", "b", "10", "ø"};
static const np_dict dict = {4, label};

static const np_column column[] = {
    {.name = "y", .uom = "", .type = NP_COLUMN_F64, .f64 = y},
    {.name = "x", .uom = "", .type = NP_COLUMN_F64, .f64 = x, .missing = x_missing},
    {.name = "t", .uom = "", .type = NP_COLUMN_I64, .i64 = year},
    {.name = "g", .uom = "", .type = NP_COLUMN_I64, .i64 = cohort},
    {.name = "d", .uom = "", .type = NP_COLUMN_DATE, .date = day, .missing = day_missing},
    {.name = "u", .uom = "", .type = NP_COLUMN_TEXT, .code = unit, .dict = &dict},
};
static const np_table table = {N, sizeof column / sizeof *column, column};

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void check_regressors(const np_regressors *r, size_t n)
{
    size_t k = 0;
    for (size_t j = 0; j < r->n_blocks; j++) {
        const np_block *b = &r->block[j];
        demand(b->first == k);
        k += b->n_columns;
        demand(b->kind == NP_BLOCK_DUMMIES || (b->n_columns == 1 && b->value != NULL));
        for (size_t i = 0; b->kind == NP_BLOCK_DUMMIES && i < n; i++)
            demand(b->column[i] >= -1 && b->column[i] < (int32_t)b->n_columns);
    }
    demand(k == r->k);
    for (size_t j = 0; j < r->k; j++)
        demand(r->term[j] != NULL);
}

static void check_design(const np_design *d)
{
    demand(d->n > 0 && d->n <= N);
    for (size_t i = 0; i < d->n; i++) {
        demand(isfinite(d->y[i]));
        demand(d->row == NULL || d->row[i] < N);
        demand(d->weight == NULL || d->weight[i] > 0);
    }
    check_regressors(&d->x, d->n);
    check_regressors(&d->endogenous, d->n);
    check_regressors(&d->instruments, d->n);
    for (size_t j = 0; j < d->n_fe; j++)
        for (size_t i = 0; i < d->n; i++)
            demand(d->fe[j].code[i] >= 0 &&
                   d->fe[j].code[i] < (int32_t)d->fe[j].n_levels);
    size_t n_dropped = 0;
    for (size_t j = 0; j < d->n_dropped; j++)
        n_dropped += d->dropped[j].n_rows;
    demand(n_dropped + d->n == N);
}

/* The first line is the formula, a second one the condition of a subset, a third the
 * weights, a fourth a cluster. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    np_arena *arena = np_arena_new(BUDGET);
    char text[LONGEST + 1];
    const char *line[4] = {text};
    if (length > LONGEST)
        length = LONGEST;
    memcpy(text, bytes, length);
    text[length] = '\0';
    for (int i = 1; i < 4 && line[i - 1] != NULL; i++) {
        char *end = strchr(line[i - 1], '\n');
        if (end != NULL)
            *end = '\0';
        line[i] = end == NULL ? NULL : end + 1;
    }
    const np_design_spec spec = {.formula = line[0],
                                 .subset = line[1],
                                 .weights = line[2],
                                 .key = &line[3],
                                 .n_keys = line[3] != NULL,
                                 .panel_unit = "u",
                                 .panel_time = "t"};
    np_error err = {0};
    np_design design;
    const char *const *names, *const *labels;
    size_t n_names;
    np_status status = np_design_variables(&names, &n_names, &spec, arena, &err);
    demand(status == err.status);
    err = (np_error){0};
    status = np_design_build(&design, &table, &spec, arena, &err);
    demand(status == err.status);
    demand((status != NP_OK) == (err.message[0] != '\0'));
    if (status == NP_OK)
        check_design(&design);
    for (size_t j = 0; status == NP_OK && j < design.n_fe; j++)
        status = np_design_factor_labels(&labels, &design, j, arena, &err);
    np_arena_free(arena);
    return 0;
}
