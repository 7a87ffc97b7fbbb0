/* Rules of users. */
#include <string.h>

#include "programme/rules_internal.h"

static const np_rule rules[] = {
    {"last_administrator", "user",
     N_("A programme that had an administrator has one who is not closed."), false},
};

static bool administers(const np_record *user)
{
    return user != NULL && has_word(user, "role", "administrator") &&
           np_record_integer(user, "closed", 0) == 0;
}

static void last_administrator(np_judge *judge, const np_record *now,
                               const np_record *past)
{
    if (!administers(past) || administers(now))
        return;
    np_rows rows = ROWS_OF(judge, "user", "id closed", "role", "administrator");
    for (size_t r = 0; r < rows.n_rows; r++)
        if (np_rows_integer(&rows, r, 1, 0) == 0)
            return;
    judge_object_to(judge, "user", past->id, now == NULL ? "" : "role",
                    "last_administrator", _("make somebody else administrator first"),
                    _("%s is the last administrator who is not closed"), past->id);
}

static const rule_of_change changes[] = {{"user", last_administrator, true}};

const rule_area rules_of_user = {
    .rule = rules, .n_rules = sizeof rules / sizeof *rules, .change = RULES_OF(changes)};
