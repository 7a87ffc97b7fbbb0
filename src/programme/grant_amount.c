#include "programme/grant_amount.h"

#include <string.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/language.h"
#include "programme/grant_internal.h"

enum { MONTHS = 12 };

static int32_t earlier(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t later(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* The months of the year with a day from `first` to `last`. */
static int months_with(int32_t first, int32_t last, int64_t year)
{
    int months = 0;
    for (int month = 1; month <= MONTHS; month++) {
        int32_t next = month < MONTHS ? np_date_of((int)year, month + 1, 1)
                                      : np_date_of((int)year + 1, 1, 1);
        months +=
            later(first, np_date_of((int)year, month, 1)) <= earlier(last, next - 1);
    }
    return months;
}

typedef struct {
    int32_t first, last, last_planned; /* last_planned: had it not withdrawn */
    int64_t year, n_planned;           /* municipality months, likewise */
    size_t n_owners;                   /* of the list */
    const char *list;                  /* "Halden, 12 of 12 months: 300,000" */
} amount_work;

static void add_owner(np_grant_amount *out, amount_work *w, const grant_owner *owner,
                      np_arena *arena)
{
    int64_t n = owner->n_municipalities;
    int32_t first = later(w->first, owner->joined);
    int planned = months_with(first, earlier(w->last_planned, owner->left_on), w->year);
    int months = months_with(first, earlier(w->last, owner->left_on), w->year);
    w->n_planned += n * planned;
    out->n_months += n * months;
    out->n_municipalities += months > 0 ? n : 0;
    if (planned == 0)
        return;
    const char *name = owner->name;
    if (n > 1)
        name = np_arena_format(arena, _("%s (%lld municipalities)"), name, (long long)n);
    const char *part = np_arena_format(
        arena, _("%s, %d of 12 months: %s"), name != NULL ? name : "", months,
        grant_kroner(arena, out->per_year * (double)(n * months) / MONTHS));
    w->list = grant_join(arena, w->list, "; ", part);
    w->n_owners++;
}

static const char *explain(const np_grant_amount *amount, const amount_work *w,
                           const grant_project *project, np_arena *arena)
{
    if (project->n_owners == 0)
        return np_arena_format(
            arena, _("the records name no organisation of the project %s"), project->id);
    if (w->n_owners == 0)
        return np_arena_format(arena, _("the project %s does not take part in %lld"),
                               project->id, (long long)w->year);
    const char *text =
        np_arena_format(arena, _("%s kroner a year for a municipality; %s"),
                        grant_kroner(arena, amount->per_year), w->list);
    if (w->n_owners > 1)
        text = grant_join(arena, text, "; ",
                          np_arena_format(arena, _("together %s"),
                                          grant_kroner(arena, amount->amount)));
    if (amount->n_months < w->n_planned)
        text =
            grant_join(arena, text, "; ",
                       np_arena_format(arena, _("it withdrew on %s"), amount->withdrawn));
    return text;
}

static const char *day_text(np_arena *arena, int32_t day)
{
    char text[NP_DATE_LENGTH];
    np_date_format(text, day);
    return np_arena_copy_text(arena, text, strlen(text));
}

np_status grant_amount_by_rule(np_grant_amount *out, const grant_facts *facts,
                               const grant_scheme *scheme, const grant_project *project,
                               int64_t year, np_arena *arena, np_error *err)
{
    bool withdrew = project->withdrawn != INT32_MAX;
    amount_work w = {.first = project->starts,
                     .last_planned = project->ends,
                     .last = withdrew ? earlier(project->ends, project->withdrawn - 1)
                                      : project->ends,
                     .year = year};
    np_grant_amount amount = {.per_year = scheme->amount_per_year};
    for (size_t i = 0; i < project->n_owners; i++)
        add_owner(&amount, &w, &facts->owner[project->first_owner + i], arena);
    amount.amount =
        np_round_half_away(amount.per_year * (double)amount.n_months / MONTHS, 0);
    amount.before_withdrawal =
        np_round_half_away(amount.per_year * (double)w.n_planned / MONTHS, 0);
    amount.last = day_text(arena, earlier(w.last, np_date_of((int)year, 12, 31)));
    amount.withdrawn = withdrew ? day_text(arena, project->withdrawn) : NULL;
    amount.explanation = explain(&amount, &w, project, arena);
    if (amount.last == NULL || amount.explanation == NULL)
        return grant_no_memory(err);
    *out = amount;
    return NP_OK;
}

np_status np_grant_amount_of(np_grant_amount *out, np_store *store, const char *scheme_id,
                             const char *project_id, int64_t year, np_arena *arena,
                             np_error *err)
{
    grant_facts facts;
    const grant_scheme *scheme = NULL;
    np_status status = grant_facts_read(&facts, store, project_id, arena, err);
    if (status == NP_OK)
        status = grant_facts_scheme(&scheme, &facts, scheme_id, err);
    if (status != NP_OK)
        return status;
    const grant_project *project = grant_facts_project(&facts, project_id);
    if (project == NULL)
        return np_fail(err, NP_E_UNKNOWN_NAME, _("there is no project %s"), project_id);
    return grant_amount_by_rule(out, &facts, scheme, project, year, arena, err);
}
