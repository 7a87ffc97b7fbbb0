#include "store/summary.h"

#include <string.h>

/* Of a measurement m and its unit u, which may be absent. */
#define GROUPS                                                                           \
    "m.\"project\", m.\"organisation\", u.\"organisation\", m.\"measure\", "             \
    "m.\"indicator\", m.\"indicator_version\", m.\"period\", m.\"missing\", "            \
    "m.\"baseline\", m.\"break_in_series\", m.\"value\" IS NOT NULL"
#define NUMBER(f)                                                                        \
    "count(m.\"" f "\"), sum(m.\"" f "\"), min(m.\"" f "\"), max(m.\"" f "\")"
#define NUMBERS                                                                          \
    "count(*), " NUMBER("value") ", " NUMBER("numerator") ", " NUMBER(                   \
        "denominator") ", " NUMBER("n_people")
#define BY_GROUPS " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"
/* The group t of measurement_touched, but for its units. */
#define OF_GROUP(table)                                                                  \
    table ".\"indicator\" = t.\"indicator\" AND " table                                  \
          ".\"project\" IS nullif(t.\"project\", '') AND " table                         \
          ".\"organisation\" IS nullif(t.\"organisation\", '')"

static bool is_among(const char *const *word, size_t n, const char *text)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(word[i], text) == 0)
            return true;
    return false;
}

bool summary_has_kind(const np_kind *kind)
{
    return strcmp(kind->name, "measurement") == 0;
}

bool summary_has_number(const char *field)
{
    static const char *const number[] = {"value", "numerator", "denominator", "n_people"};
    return is_among(number, sizeof number / sizeof *number, field);
}

bool summary_has_group(const char *field)
{
    static const char *const group[] = {
        "project", "organisation", "measure",  "indicator",      "indicator_version",
        "period",  "missing",      "baseline", "break_in_series"};
    return is_among(group, sizeof group / sizeof *group, field);
}

/* Of a row s of the summary. */
#define NUMBER_OF_YEAR(f)                                                                \
    "sum(s." f "_n), sum(s." f "_sum), min(s." f "_min), max(s." f "_max)"
#define YEARS                                                                            \
    "s.\"project\", s.\"organisation\", s.unit_organisation, s.\"measure\", "            \
    "s.\"indicator\", s.\"indicator_version\", substr(s.\"period\", 1, 4), "             \
    "s.\"missing\", s.\"baseline\", s.\"break_in_series\", s.measured, "                 \
    "sum(s.n), " NUMBER_OF_YEAR("value") ", " NUMBER_OF_YEAR(                            \
        "numerator") ", " NUMBER_OF_YEAR("denominator") ", " NUMBER_OF_YEAR("n_people")
#define TOUCHED(table)                                                                   \
    "measurement_touched AS t CROSS JOIN " table " AS s ON s.unit_organisation IS "      \
    "nullif(t.unit_organisation, '') AND " OF_GROUP("s")

static const char refresh_sql[] =
    "DELETE FROM measurement_summary WHERE rowid IN "
    "(SELECT s.rowid FROM " TOUCHED(
        "measurement_summary") ");"
                               "DELETE FROM measurement_summary_year WHERE rowid IN "
                               "(SELECT s.rowid FROM " TOUCHED(
                                   "measurement_summary_year") ");"
                                                               /* Of no unit. */
                                                               "INSERT INTO "
                                                               "measurement_summary "
                                                               "SELECT " GROUPS
                                                               ", " NUMBERS " FROM "
                                                               "measurement_touched AS t "
                                                               "CROSS JOIN "
                                                               "\"measurement\" AS m "
                                                               "ON " OF_GROUP(
                                                                   "m") " AND m.\"unit\" "
                                                                        "IS NULL LEFT "
                                                                        "JOIN \"unit\" "
                                                                        "AS u ON u.id = "
                                                                        "m.\"unit\" "
                                                                        "WHERE "
                                                                        "t.unit_"
                                                                        "organisation = "
                                                                        "''" BY_GROUPS ";"
                                                                        /* Of an
                                                                           organisation's
                                                                           units. */
                                                                        "INSERT INTO "
                                                                        "measurement_"
                                                                        "summary "
                                                                        "SELECT " GROUPS
                                                                        ", " NUMBERS
                                                                        " FROM "
                                                                        "measurement_"
                                                                        "touched AS t "
                                                                        "CROSS JOIN "
                                                                        "\"unit\" AS u "
                                                                        "ON "
                                                                        "u."
                                                                        "\"organisation\""
                                                                        " = "
                                                                        "t.unit_"
                                                                        "organisation "
                                                                        "CROSS JOIN "
                                                                        "\"measurement\" "
                                                                        "AS m ON "
                                                                        "m.\"unit\" = "
                                                                        "u.id "
                                                                        "AND " OF_GROUP(
                                                                            "m") " WHERE "
                                                                                 "t.unit_"
                                                                                 "organis"
                                                                                 "ation "
                                                                                 "<> "
                                                                                 "'"
                                                                                 "'" BY_GROUPS
                                                                                 ";"
                                                                                 "INSERT "
                                                                                 "INTO "
                                                                                 "measure"
                                                                                 "ment_"
                                                                                 "summary"
                                                                                 "_year "
                                                                                 "SELECT"
                                                                                 " " YEARS
                                                                                 " FROM"
                                                                                 " " TOUCHED(
                                                                                     "mea"
                                                                                     "sur"
                                                                                     "eme"
                                                                                     "nt_"
                                                                                     "sum"
                                                                                     "mar"
                                                                                     "y")
                                                                                     BY_GROUPS
    ";"
    "DELETE FROM measurement_touched";

np_status summary_refresh(np_store *store, np_error *err)
{
    return store_execute(store, refresh_sql, _("writing the summary of measurements"),
                         err);
}

/* Sums of the same numbers in another order may differ in their last digits. */
#define DIFFERS(sum)                                                                     \
    " OR abs(ifnull(sum(" sum "), 0)) > 1e-9 * (1 + ifnull(sum(abs(" sum ")), 0))"
#define ANY_DIFFERS                                                                      \
    "sum(n) <> 0 OR sum(value_n) <> 0" DIFFERS("value_sum") DIFFERS("numerator_sum")     \
        DIFFERS("denominator_sum") DIFFERS("n_people_sum")

#define COLUMNS                                                                          \
    "\"project\" AS a, \"organisation\" AS b, unit_organisation AS c, "                  \
    "\"measure\" AS d, \"indicator\" AS e, \"indicator_version\" AS f, "                 \
    "\"missing\" AS h, \"baseline\" AS i, \"break_in_series\" AS j, measured AS k"
#define SUMS(sign)                                                                       \
    sign "n AS n, " sign "value_n AS value_n, " sign "value_sum AS value_sum, " sign     \
         "numerator_sum AS numerator_sum, " sign                                         \
         "denominator_sum AS denominator_sum, " sign "n_people_sum AS n_people_sum"
#define N_DIFFERENT(kept, made)                                                          \
    "SELECT count(*) FROM (SELECT 1 FROM (" kept " UNION ALL " made                      \
    ") GROUP BY a, b, c, d, e, f, g, h, i, j, k HAVING " ANY_DIFFERS ")"

static const char summary_sql[] = N_DIFFERENT(
    "SELECT " COLUMNS ", \"period\" AS g, " SUMS("") " FROM measurement_summary",
    "SELECT m.\"project\", m.\"organisation\", u.\"organisation\", m.\"measure\", "
    "m.\"indicator\", m.\"indicator_version\", m.\"missing\", m.\"baseline\", "
    "m.\"break_in_series\", m.\"value\" IS NOT NULL, m.\"period\", -count(*), "
    "-count(m.\"value\"), -sum(m.\"value\"), -sum(m.\"numerator\"), "
    "-sum(m.\"denominator\"), -sum(m.\"n_people\") FROM \"measurement\" AS m "
    "LEFT JOIN \"unit\" AS u ON u.id = m.\"unit\"" BY_GROUPS);
static const char years_sql[] = N_DIFFERENT(
    "SELECT " COLUMNS ", year AS g, " SUMS("") " FROM measurement_summary_year",
    "SELECT " COLUMNS
    ", substr(\"period\", 1, 4) AS g, " SUMS("-") " FROM measurement_summary");

np_status summary_check(np_problems *problems, np_store *store, np_error *err)
{
    int64_t n = 0, n_years = 0;
    np_status status = store_number(&n, store, summary_sql, NULL, err);
    if (status == NP_OK)
        status = store_number(&n_years, store, years_sql, NULL, err);
    if (status != NP_OK || n + n_years == 0)
        return status;
    np_error problem = {0};
    np_fail(&problem, NP_E_DAMAGED,
            _("the summary of measurements differs from them in %lld groups"),
            (long long)(n > 0 ? n : n_years));
    np_error_hint(&problem,
                  _("the file was changed beside the program; restore a backup, "
                    "or export the records and import them into a new folder"));
    np_error_file(&problem, store->path);
    np_problems_add(problems, &problem);
    return NP_OK;
}
