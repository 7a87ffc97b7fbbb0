/* Grants: what a project is promised for a year, what is paid, held back and claimed
 * back, and what the next payment waits for, each with its reason in words. The amount by
 * rule: grant_amount.h.
 *
 * Payments. A promise is paid in two: an instalment, and a final payment of what was held
 * back (the scheme's share of the promise, and what was held back by decision). A
 * condition names the payment that waits for it, or every payment. Where nothing is held
 * back by the scheme there is one payment, which waits for all conditions.
 *
 *   entitled   the promise, less the months after a withdrawal
 *   left       entitled - paid; 0 after the final payment
 *   instalment left - held back, once its conditions are met
 *   final      min(entitled, used) - paid, once all conditions are met
 *   recover    paid - recovered - min(entitled, used), once the final payment is decided
 *              or the project has withdrawn
 *
 * where `used` is the last statement of use: how much was used altogether. The statement
 * that the final payment waits for is made when the year (or the project) is over, and
 * not before what was paid last.
 */
#ifndef NP_PROGRAMME_GRANT_H
#define NP_PROGRAMME_GRANT_H

#include "programme/entry.h"
#include "programme/grant_amount.h"

typedef struct {
    const char *id, *code, *sort, *text;
    const char *template, *period; /* NULL where it is not about a report */
    const char *releases;          /* NULL: every payment */
    bool met;
    const char *why; /* what it is judged by, in words */
} np_grant_condition;

typedef struct {
    const char *id, *date, *requested_by, *text;
    double amount;
    bool answered; /* by a payment or a refusal */
} np_grant_request;

typedef struct {
    const char *id, *date, *text, *attested_by;
    double used;
} np_grant_use;

typedef struct {
    const char *id, *sort, *date, *reason, *decided_by, *request;
    const char *attested_by; /* NULL: nobody yet */
    double amount;
} np_grant_payment;

typedef enum {
    NP_GRANT_INSTALMENT = 0, /* may be paid now */
    NP_GRANT_FINAL,          /* the final payment may be made now; may be of 0 */
    NP_GRANT_WAITS,          /* for the conditions that are not met */
    NP_GRANT_RECOVER,        /* money is to be claimed back */
    NP_GRANT_SETTLED,        /* nothing is to be done any more */
    NP_N_GRANT_STEPS
} np_grant_step;
const char *np_grant_step_word(np_grant_step step); /* "instalment", "final_payment" … */
const char *np_grant_step_text(np_grant_step step); /* for _() */

typedef struct {
    const char *commitment, *scheme, *project, *project_name;
    int64_t year;
    const char *date, *reason, *decided_by; /* of the promise */
    double promised, entitled, paid, held_back, recovered, refused, left;
    double not_attested;                 /* of what was paid */
    double used;                         /* NaN: no statement of use */
    double lapsed;                       /* of the promise, after the final payment */
    bool settled;                        /* the final payment is decided */
    const np_grant_condition *condition; /* [n_conditions] by code */
    size_t n_conditions;
    const np_grant_request *request; /* [n_requests] by date; so the others */
    size_t n_requests;
    const np_grant_use *use;
    size_t n_uses;
    const np_grant_payment *payment;
    size_t n_payments;
    np_grant_step step;
    double step_amount;    /* INSTALMENT, FINAL, RECOVER: by rule; WAITS: what waits */
    const char *why;       /* what releases, blocks or causes the step, in words */
    const char *waits_for; /* WAITS: the codes of what is not met; else NULL */
} np_grant_account;

typedef struct {
    const np_grant_account *account; /* [n] by year, then project */
    size_t n;
} np_grant_accounts;

typedef struct {
    const char *commitment, *scheme, *project; /* NULL: all */
    int64_t year;                              /* 0: all */
} np_grant_filter;

/* As of a day, which says what is overdue. A dozen questions to the store, however many
 * promises there are. */
np_status np_grant_accounts_read(np_grant_accounts *out, np_store *store,
                                 const np_grant_filter *filter, const char *as_of,
                                 np_arena *arena, np_error *err);
/* NP_E_UNKNOWN_NAME: there is no such promise */
np_status np_grant_account_of(np_grant_account *out, np_store *store,
                              const char *commitment, const char *as_of, np_arena *arena,
                              np_error *err);

/* What may be promised in a year by a grant, and what is. */
typedef struct {
    const char *scheme;
    int64_t year;
    double amount, promised;
} np_grant_frame;

typedef struct {
    const np_grant_frame *frame; /* [n] by year, then scheme */
    size_t n;
} np_grant_frames;

/* Of the filter's year and scheme; its other fields are not looked at. */
np_status np_grant_frames_read(np_grant_frames *out, np_store *store,
                               const np_grant_filter *filter, np_arena *arena,
                               np_error *err);

typedef struct {
    const char *scheme; /* NULL: the only one */
    int64_t year;
    const char *project; /* NULL: every admitted project that has no promise */
    double amount;       /* NaN: by rule. Else an exception, which needs options.why */
    bool revise;         /* change promises that are there to what the rule says */
    const char *date;
} np_grant_commit_spec;

typedef struct {
    const char *project, *reason;
    double amount, before; /* before: NaN where there was no promise */
    double by_rule;        /* what the rule says now */
    bool changed;
} np_grant_promise;

typedef struct {
    const np_grant_promise *promise; /* [n], also those that stay as they were */
    size_t n;
    double frame, promised; /* promised: altogether, with these */
    np_entry_result written;
} np_grant_commit_result;

/* Promises by rule, with the reason, and the conditions: each report that the project
 * owes for a period of the year is approved, and a statement of use. Conditions that
 * came later (a report that is owed now) are added to promises that are there.
 * All or nothing: where the frame of the year is too small, an objection ("over_frame")
 * says by how much, and "below_paid" one where a promise would be less than what is paid.
 * NP_E_RANGE  there is no frame for the year, or the project is not admitted
 * NP_E_USAGE  an amount without a project or a reason, or who writes may not decide */
np_status np_grant_commit(np_grant_commit_result *out, np_store *store,
                          const np_grant_commit_spec *spec,
                          const np_entry_options *options, np_arena *arena,
                          np_error *err);

/* What may be promised in a year. */
np_status np_grant_set_frame(np_entry_result *out, np_store *store, const char *scheme,
                             int64_t year, double amount, const np_entry_options *options,
                             np_arena *arena, np_error *err);

typedef enum {
    NP_GRANT_REQUEST = 0, /* the project asks to be paid */
    NP_GRANT_USE,         /* the project says what it used */
    NP_GRANT_PAY,
    NP_GRANT_HOLD,      /* more is held back until the final payment */
    NP_GRANT_CLAIM,     /* money is claimed back */
    NP_GRANT_REFUSE,    /* a request is refused */
    NP_GRANT_CONDITION, /* a condition of its own is set */
    NP_GRANT_MEET,      /* it is met */
    NP_N_GRANT_ACTS
} np_grant_act;

typedef struct {
    np_grant_act act;
    const char *commitment;
    double amount;    /* NaN: by rule; USE: kroner used, required */
    const char *date; /* required */
    const char *name; /* who asks (REQUEST), attests what was used (USE) or attests the
                         decision (PAY, CLAIM: required, another than who decides); NULL:
                         who writes */
    const char *text; /* what for; CONDITION: the condition, required */
    const char *code; /* CONDITION, MEET: its word */
    const char *releases; /* CONDITION: the payment that waits for it; NULL: every one */
} np_grant_decision;

typedef struct {
    bool refused;     /* the rules do not allow it: `reason` says why; nothing written */
    const char *id;   /* of the record */
    const char *sort; /* PAY: "instalment" or "final_payment" */
    double amount;
    const char *reason; /* as it is recorded */
    np_entry_result written;
} np_grant_decided;

/* Judges and writes within one entry, so that two who decide at once cannot both pay.
 * The reason that is recorded says the rule and the facts; options.why is added to it.
 * NP_E_RANGE: an amount that is negative or missing, a date that is none
 * NP_E_USAGE: options.why is missing where a decision does not follow from the rules */
np_status np_grant_decide(np_grant_decided *out, np_store *store,
                          const np_grant_decision *decision,
                          const np_entry_options *options, np_arena *arena,
                          np_error *err);

/* The promise that is meant: of the project, in the year (0: the only one that is not
 * settled), by the scheme (NULL: any).
 * NP_E_UNKNOWN_NAME: there is none; NP_E_USAGE: several */
np_status np_grant_find(const char **commitment, np_store *store, const char *project,
                        const char *scheme, int64_t year, const char *as_of,
                        np_arena *arena, np_error *err);

#endif
