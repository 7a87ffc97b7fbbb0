#include "store/summary.h"

#include <string.h>

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
    return store_execute(store, np_store_schema_summary_refresh,
                         _("writing the summary of measurements"), err);
}

np_status summary_check(np_problems *problems, np_store *store, np_error *err)
{
    int64_t n = 0;
    np_status status = store_number(&n, store, np_store_schema_summary_check, NULL, err);
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
