#include "programme/grant_amount.h"

#include <string.h>

#include "base/decimal.h"
#include "base/text.h"
#include "programme/rows.h"

typedef struct {
    const char *starts, *ends, *withdrawn; /* ends: last day; withdrawn: first day out */
} project_days;

static bool in_month(const project_days *days, const char *joined, const char *left,
                     int64_t year, int month)
{
    char first[16], last[16];
    np_text_format(first, sizeof first, "%04lld-%02d-01", (long long)year, month);
    np_text_format(last, sizeof last, "%04lld-%02d-31", (long long)year, month);
    return !(days->starts != NULL && strcmp(days->starts, last) > 0) &&
           !(days->ends != NULL && strcmp(days->ends, first) < 0) &&
           !(days->withdrawn != NULL && strcmp(days->withdrawn, first) <= 0) &&
           !(joined != NULL && strcmp(joined, last) > 0) &&
           !(left != NULL && strcmp(left, first) < 0);
}

static np_status read_days(project_days *out, np_store *store, const char *project,
                           np_arena *arena, np_error *err)
{
    np_rows rows;
    np_status status =
        np_rows_ask(&rows, store, "project", "starts cohort.starts ends cohort.ends",
                    &NP_IS("id", project), 1, arena, err);
    if (status != NP_OK)
        return status;
    if (rows.n_rows == 0)
        return np_fail(err, NP_E_UNKNOWN_NAME, _("there is no project %s"), project);
    *out = (project_days){
        .starts = np_row_text(&rows, 0, np_row_present(&rows, 0, 0) ? 0 : 1),
        .ends = np_row_text(&rows, 0, np_row_present(&rows, 0, 2) ? 2 : 3)};
    np_where left[] = {NP_IS("project", project),
                       {.path = "theme", .sort = NP_WHERE_ABSENT}};
    status = np_rows_ask(&rows, store, "withdrawal", "date", left, 2, arena, err);
    if (status == NP_OK && rows.n_rows > 0)
        out->withdrawn = np_row_text(&rows, 0, 0);
    return status;
}

static void add_organisation(np_grant_amount *out, const np_rows *rows, size_t row,
                             const project_days *days, int64_t year)
{
    int64_t n = np_row_integer(rows, row, 2, 1);
    int64_t months = 0;
    for (int month = 1; month <= 12; month++)
        if (in_month(days, np_row_text(rows, row, 0), np_row_text(rows, row, 1), year,
                     month))
            months++;
    out->n_months += n * months;
    out->n_municipalities += months > 0 ? n : 0;
}

static np_status explain(np_grant_amount *out, np_arena *arena, np_error *err)
{
    char per_year[NP_DECIMAL_LENGTH];
    np_decimal_format(per_year, out->per_year);
    out->explanation = np_arena_format(
        arena, _("%s · %lld months of %lld municipalities / 12"), per_year,
        (long long)out->n_months, (long long)out->n_municipalities);
    if (out->explanation == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    return NP_OK;
}

np_status np_grant_amount_of(np_grant_amount *out, np_store *store, const char *scheme,
                             const char *project, int64_t year, np_arena *arena,
                             np_error *err)
{
    np_record rule;
    project_days days = {0};
    np_rows rows = {0};
    np_status status =
        np_store_get(&rule, store, np_kind_find("grant_scheme"), scheme, arena, err);
    if (status == NP_OK)
        status = read_days(&days, store, project, arena, err);
    if (status == NP_OK)
        status = np_rows_ask(&rows, store, "project_organisation",
                             "joined left_on organisation.n_members",
                             &NP_IS("project", project), 1, arena, err);
    if (status != NP_OK)
        return status;
    np_grant_amount amount = {.per_year = np_record_number(&rule, "amount_per_year")};
    for (size_t r = 0; r < rows.n_rows; r++)
        add_organisation(&amount, &rows, r, &days, year);
    amount.amount = amount.per_year * (double)amount.n_months / 12;
    status = explain(&amount, arena, err);
    if (status == NP_OK)
        *out = amount;
    return status;
}
