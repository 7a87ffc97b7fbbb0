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

np_status summary_refresh(np_store *store, np_error *err)
{
    return store_execute(
        store,
        "DELETE FROM measurement_summary WHERE rowid IN (SELECT s.rowid FROM "
        "measurement_touched AS t CROSS JOIN measurement_summary AS s ON "
        "s.unit_organisation IS nullif(t.unit_organisation, '') AND " OF_GROUP(
            "s") ");"
                 "INSERT INTO measurement_summary SELECT " GROUPS ", " NUMBERS
                 " FROM measurement_touched AS t CROSS JOIN \"measurement\" AS m "
                 "ON " OF_GROUP(
                     "m") " AND m.\"unit\" IS NULL LEFT JOIN \"unit\" AS u ON u.id = "
                          "m.\"unit\" "
                          "WHERE t.unit_organisation = ''" BY_GROUPS ";"
                          "INSERT INTO measurement_summary SELECT " GROUPS ", " NUMBERS
                          " FROM measurement_touched AS t CROSS JOIN \"unit\" AS u ON "
                          "u.\"organisation\" = t.unit_organisation CROSS JOIN "
                          "\"measurement\" AS m ON "
                          "m.\"unit\" = u.id AND " OF_GROUP(
                              "m") " WHERE t.unit_organisation <> ''" BY_GROUPS ";"
                                   "DELETE FROM measurement_touched",
        _("writing the summary of measurements"), err);
}

/* Sums of the same numbers in another order may differ in their last digits. */
#define DIFFERS(sum)                                                                     \
    " OR abs(ifnull(sum(" sum "), 0)) > 1e-9 * (1 + ifnull(sum(abs(" sum ")), 0))"
#define ANY_DIFFERS                                                                      \
    "sum(n) <> 0 OR sum(value_n) <> 0" DIFFERS("value_sum") DIFFERS("numerator_sum")     \
        DIFFERS("denominator_sum") DIFFERS("n_people_sum")

np_status summary_check(np_problems *problems, np_store *store, np_error *err)
{
    int64_t n = 0;
    np_status status = store_number(
        &n, store,
        "SELECT count(*) FROM (SELECT 1 FROM ("
        "SELECT \"project\" AS a, \"organisation\" AS b, unit_organisation AS c, "
        "\"measure\" AS d, \"indicator\" AS e, \"indicator_version\" AS f, "
        "\"period\" AS g, \"missing\" AS h, \"baseline\" AS i, "
        "\"break_in_series\" AS j, measured AS k, n, value_n, value_sum, "
        "numerator_sum, denominator_sum, n_people_sum FROM measurement_summary "
        "UNION ALL SELECT " GROUPS ", -count(*), -count(m.\"value\"), "
        "-sum(m.\"value\"), -sum(m.\"numerator\"), -sum(m.\"denominator\"), "
        "-sum(m.\"n_people\") FROM \"measurement\" AS m LEFT JOIN \"unit\" AS u ON "
        "u.id = m.\"unit\"" BY_GROUPS
        ") GROUP BY a, b, c, d, e, f, g, h, i, j, k HAVING " ANY_DIFFERS ")",
        NULL, err);
    if (status != NP_OK || n == 0)
        return status;
    np_error problem = {0};
    np_fail(&problem, NP_E_DAMAGED,
            _("the summary of measurements differs from them in %lld groups"),
            (long long)n);
    np_error_hint(&problem,
                  _("the file was changed beside the program; restore a backup, "
                    "or export the records and import them into a new folder"));
    np_error_file(&problem, store->path);
    np_problems_add(problems, &problem);
    return NP_OK;
}
