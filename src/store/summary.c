#include "store/summary.h"

#include <string.h>

#define GROUPS                                                                           \
    "\"project\", \"organisation\", \"indicator\", \"indicator_version\", \"period\", "  \
    "\"missing\", \"baseline\", \"break_in_series\""
#define MEASURED  "(\"value\" IS NOT NULL)"
#define NUMBER(f) "count(\"" f "\"), sum(\"" f "\"), min(\"" f "\"), max(\"" f "\")"
#define NUMBERS                                                                          \
    "count(*), " NUMBER("value") ", " NUMBER("numerator") ", " NUMBER(                   \
        "denominator") ", " NUMBER("n_people")
/* The rows of `table` in the group of the row `t` of measurement_touched; the index on
 * project, indicator and organisation finds them. */
#define OF_GROUP(table)                                                                  \
    table ".\"project\" IS nullif(t.\"project\", '') AND " table                         \
          ".\"indicator\" = t.\"indicator\" AND " table                                  \
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
        "project", "organisation", "indicator", "indicator_version",
        "period",  "missing",      "baseline",  "break_in_series"};
    return is_among(group, sizeof group / sizeof *group, field);
}

np_status summary_refresh(np_store *store, np_error *err)
{
    return store_execute(
        store,
        "DELETE FROM measurement_summary WHERE rowid IN (SELECT s.rowid FROM "
        "measurement_touched AS t CROSS JOIN measurement_summary AS s ON " OF_GROUP(
            "s") ");"
                 "INSERT INTO measurement_summary SELECT m.\"project\", "
                 "m.\"organisation\", "
                 "m.\"indicator\", \"indicator_version\", \"period\", \"missing\", "
                 "\"baseline\", "
                 "\"break_in_series\", " MEASURED ", " NUMBERS
                 " FROM measurement_touched AS t CROSS JOIN "
                 "\"measurement\" AS m ON " OF_GROUP(
                     "m") " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;"
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
        "SELECT " GROUPS ", measured, n, value_n, value_sum, numerator_sum, "
        "denominator_sum, n_people_sum FROM measurement_summary UNION ALL "
        "SELECT " GROUPS ", " MEASURED ", -count(*), -count(\"value\"), "
        "-sum(\"value\"), -sum(\"numerator\"), -sum(\"denominator\"), "
        "-sum(\"n_people\") FROM \"measurement\" GROUP BY " GROUPS ", " MEASURED
        ") GROUP BY " GROUPS ", measured HAVING " ANY_DIFFERS ")",
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
