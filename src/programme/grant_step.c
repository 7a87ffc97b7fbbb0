/* What is to be done next with a promise, and why. */
#include <math.h>
#include <string.h>

#include "base/language.h"
#include "programme/grant_internal.h"

static const struct {
    const char *word, *text;
} steps[NP_N_GRANT_STEPS] = {
    [NP_GRANT_INSTALMENT] = {"instalment", N_("an instalment may be paid")},
    [NP_GRANT_FINAL] = {"final_payment", N_("the final payment may be made")},
    [NP_GRANT_WAITS] = {"waits", N_("waits")},
    [NP_GRANT_RECOVER] = {"recovery", N_("money is to be claimed back")},
    [NP_GRANT_SETTLED] = {"settled", N_("settled")},
};

const char *np_grant_step_word(np_grant_step step)
{
    return steps[step].word;
}

const char *np_grant_step_text(np_grant_step step)
{
    return steps[step].text;
}

/* The promise was made for the time until a withdrawal, or is cut down to it. */
static double entitled_to(double promised, const np_grant_amount *by_rule)
{
    if (by_rule->withdrawn == NULL || promised <= by_rule->amount)
        return promised;
    if (!(by_rule->before_withdrawal > 0))
        return 0;
    return grant_round(promised * by_rule->amount / by_rule->before_withdrawal);
}

static bool is_for_final(const np_grant_condition *c)
{
    return c->releases != NULL && strcmp(c->releases, "final_payment") == 0;
}

/* The conditions that are met (or not), "text (why)" after one another; those of the
 * final payment too where they are asked for. */
static const char *conditions(const np_grant_account *a, bool met, bool with_final,
                              np_arena *arena, size_t *n)
{
    const char *list = "";
    *n = 0;
    for (size_t i = 0; i < a->n_conditions; i++) {
        const np_grant_condition *c = &a->condition[i];
        if (c->met != met || (is_for_final(c) && !with_final))
            continue;
        list = grant_join(arena, list, "; ",
                          np_arena_format(arena, "%s (%s)", c->text, c->why));
        ++*n;
    }
    return list;
}

static bool is_paid_in_two(const np_grant_account *a)
{
    for (size_t i = 0; i < a->n_conditions; i++)
        if (is_for_final(&a->condition[i]))
            return true;
    return false;
}

static void take(np_grant_account *a, np_grant_step step, double amount, const char *why)
{
    a->step = step;
    a->step_amount = grant_round(amount);
    a->why = why;
}

static const char *basis_in_words(const np_grant_account *a,
                                  const np_grant_amount *by_rule, np_arena *arena)
{
    const char *text =
        np_arena_format(arena, _("promised %s kroner"), grant_kroner(arena, a->promised));
    if (a->entitled < a->promised)
        text = grant_join(
            arena, text, ", ",
            np_arena_format(arena, _("of which %s for the time until it withdrew on %s"),
                            grant_kroner(arena, a->entitled), by_rule->withdrawn));
    if (!isnan(a->used))
        text = grant_join(
            arena, text, ", ",
            np_arena_format(arena, _("used %s"), grant_kroner(arena, a->used)));
    text = grant_join(arena, text, ", ",
                      np_arena_format(arena, _("paid %s"), grant_kroner(arena, a->paid)));
    if (a->recovered > 0)
        text = grant_join(arena, text, ", ",
                          np_arena_format(arena, _("claimed back %s"),
                                          grant_kroner(arena, a->recovered)));
    return text;
}

static void settled_or_recover(np_grant_account *a, double over,
                               const np_grant_amount *by_rule, np_arena *arena)
{
    const char *basis = basis_in_words(a, by_rule, arena);
    if (over > 0) {
        take(a, NP_GRANT_RECOVER, over,
             np_arena_format(arena, _("%s: %s kroner too much"), basis,
                             grant_kroner(arena, over)));
        return;
    }
    a->lapsed = grant_round(fmax(0, a->promised - a->paid));
    take(a, NP_GRANT_SETTLED, 0,
         a->lapsed > 0
             ? np_arena_format(arena, _("%s: %s kroner of the promise are not paid out"),
                               basis, grant_kroner(arena, a->lapsed))
             : basis);
}

static void final_payment(np_grant_account *a, const np_grant_amount *by_rule,
                          np_arena *arena)
{
    double most = isnan(a->used) ? a->entitled : fmin(a->entitled, a->used);
    size_t n;
    const char *met = conditions(a, true, true, arena, &n);
    take(a, NP_GRANT_FINAL, fmax(0, most - a->paid),
         np_arena_format(arena, _("%s; all conditions are met: %s"),
                         basis_in_words(a, by_rule, arena), met));
}

static void instalment(np_grant_account *a, double available, np_arena *arena)
{
    size_t n;
    const char *met = conditions(a, true, false, arena, &n);
    const char *why = n > 0 ? np_arena_format(arena, _("its conditions are met: %s"), met)
                            : _("nothing is asked for before it");
    if (a->held_back > 0)
        why = grant_join(
            arena, why, "; ",
            np_arena_format(arena, _("%s kroner are held back until the final payment"),
                            grant_kroner(arena, a->held_back)));
    take(a, NP_GRANT_INSTALMENT, available, why);
}

static void waits(np_grant_account *a, double available, bool for_final, np_arena *arena)
{
    size_t n;
    const char *missing = conditions(a, false, for_final, arena, &n);
    if (a->n_conditions == 0)
        missing = _("no condition is in the records, and nothing is paid without one");
    a->waits_for = a->n_conditions == 0 ? _("conditions") : "";
    for (size_t i = 0; i < a->n_conditions; i++)
        if (!a->condition[i].met && (for_final || !is_for_final(&a->condition[i])))
            a->waits_for = grant_join(arena, a->waits_for, ", ", a->condition[i].code);
    take(a, NP_GRANT_WAITS, for_final ? a->left : available, missing);
}

np_status grant_judge_step(np_grant_account *a, const grant_scheme *scheme,
                           const np_grant_amount *by_rule, np_arena *arena, np_error *err)
{
    size_t missing_all, missing_first;
    a->entitled = entitled_to(a->promised, by_rule);
    a->paid = grant_round(a->paid);
    a->recovered = grant_round(a->recovered);
    a->left = a->settled ? 0 : grant_round(fmax(0, a->entitled - a->paid));
    bool in_two = is_paid_in_two(a);
    if (in_two)
        a->held_back += grant_round(scheme->hold_back_share * a->promised);
    a->held_back = fmin(a->held_back, a->left);
    double available = grant_round(a->left - a->held_back);
    double basis =
        a->settled && !isnan(a->used) ? fmin(a->entitled, a->used) : a->entitled;
    double over = grant_round(a->paid - a->recovered - basis);
    conditions(a, false, true, arena, &missing_all);
    conditions(a, false, false, arena, &missing_first);
    if (over > 0 || a->settled || !(a->entitled > 0))
        settled_or_recover(a, over, by_rule, arena);
    else if (a->n_conditions > 0 && missing_all == 0)
        final_payment(a, by_rule, arena);
    else if (in_two && missing_first == 0 && available > 0)
        instalment(a, available, arena);
    else
        waits(a, available, !in_two || missing_first == 0 || !(available > 0), arena);
    return a->why != NULL ? NP_OK : grant_no_memory(err);
}
