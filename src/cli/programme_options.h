/* What the commands share that work with a programme's folder: their options, opening
 * the programme, who writes, and how objections are told. */
#ifndef NP_CLI_PROGRAMME_OPTIONS_H
#define NP_CLI_PROGRAMME_OPTIONS_H

#include "cli/command.h"
#include "programme/entry.h"
#include "programme/programme.h"

/* clang-format off */
#define NP_PROGRAMME_OPTION                                                              \
    {"programme", "DIR", N_("The programme's folder. Default: the present one."),        \
     NULL, false}

/* Of a command that writes; np_writing_options() takes them. */
#define NP_WRITING_OPTIONS                                                               \
    {"by", "USER",                                                                       \
     N_("Who writes. Default: $NULLPUNKT_USER, else the name that you are logged in "    \
        "by."),                                                                          \
     NULL, false},                                                                       \
    {"why", "TEXT", N_("Why, for the log."), NULL, false},                               \
    {"dry-run", NULL, N_("Says what would be written, and writes nothing."), NULL,       \
     false}
/* clang-format on */

/* --by, $NULLPUNKT_USER, the login name; never NULL.
 * NP_E_USAGE: there is none of them */
np_status np_writer(const char **out, const np_call *call, np_error *err);

/* The programme of --programme. With WRITE, programme.yaml is taken over where it is
 * new, by the writer; a dry run does not do that, and refuses to go on where it would be
 * needed (NP_E_USAGE), since it would judge by a definition that is not the file's. */
np_status np_programme_of_call(np_programme **out, const np_call *call,
                               np_store_mode mode, np_error *err);

/* Tells each objection on standard error, a line each:
 * "measurement 17: value: 120 is above 100; … [range]". `context` is the np_call. */
void np_objection_print(void *context, const np_objection *objection);

/* The options of an entry from the command line: who, why, dry run, and objections that
 * are printed. `action` is the entry's word in the log. */
np_status np_writing_options(np_entry_options *out, const np_call *call,
                             const char *action, np_error *err);

#endif
