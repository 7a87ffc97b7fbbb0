#include "programme/permission.h"

#include <string.h>

#include "base/text.h"

static bool is_any(const char *word, const char *const *of, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(word, of[i]) == 0)
            return true;
    return false;
}

#define IS_ANY(word, of) is_any(word, of, sizeof(of) / sizeof *(of))

static const char *const leaders[] = {"project_leader", "network_leader"};
/* What the programme decides about those who lead its projects. */
static const char *const decisions[] = {
    "decision",         "exception",       "score",      "grant_frame", "payment",
    "grant_commitment", "grant_condition", "obligation", "withdrawal"};
static const char *const own_events[] = {"opened", "submitted"};

bool np_role_may_write(const char *role, const np_kind *kind, const np_record *record)
{
    if (strcmp(kind->name, "user") == 0)
        return strcmp(role, "administrator") == 0;
    if (!IS_ANY(role, leaders))
        return true;
    if (kind->defined || IS_ANY(kind->name, decisions))
        return false;
    if (strcmp(kind->name, "report_event") != 0)
        return true;
    return record != NULL && IS_ANY(np_record_text(record, "event"), own_events);
}

const char *np_who_may_write(const np_kind *kind)
{
    return strcmp(kind->name, "user") == 0
               ? _("an administrator may")
               : _("the secretariat, an analyst or an administrator may");
}
