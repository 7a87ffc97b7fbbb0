/* The printing of `nullpunkt grant`; cmd_grant.c dispatches. */
#ifndef NP_CLI_CMD_GRANT_H
#define NP_CLI_CMD_GRANT_H

#include "cli/command.h"
#include "programme/grant.h"

/* "300,000 kroner" as the present language writes it. */
const char *grant_amount_text(np_arena *arena, double amount);

/* A table of all accounts with the frames of their years. */
np_status grant_print_accounts(const np_call *call, const np_grant_accounts *accounts,
                               const np_grant_frames *frames, const char *as_of,
                               np_error *err);
/* One account whole: conditions, requests, statements and decisions with their reasons.
 */
np_status grant_print_account(const np_call *call, const np_grant_account *account,
                              const char *as_of, np_error *err);
/* Everything of every account. */
void grant_print_json(const np_call *call, const np_grant_accounts *accounts,
                      const np_grant_frames *frames, const char *as_of);
/* What was promised by one command. */
np_status grant_print_promises(const np_call *call, const np_grant_commit_result *result,
                               int64_t year, np_error *err);

#endif
