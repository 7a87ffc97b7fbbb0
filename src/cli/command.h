/* How the subcommands plug in, and the one option parser. A command is a
 * description, from which parsing, help and its page are made, and a function.
 * It writes results to `out` and messages to `messages`, so that tests run it
 * in process; main prints both. */
#ifndef NP_CLI_COMMAND_H
#define NP_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

typedef struct {
    const char *name;     /* "weights" for --weights */
    const char *argument; /* "COLUMN"; NULL: a switch */
    const char *help;     /* one or several sentences, for _() */
    const char *choices;  /* "text|json|csv": checked; NULL: anything */
    bool repeats;
} np_option;

typedef struct np_arguments np_arguments;

/* Values in the order given. NULL / 0 where the option was not given. */
const char *np_argument(const np_arguments *a,
                        const char *option); /* the last one given */
bool np_argument_given(const np_arguments *a, const char *option);
size_t np_argument_count(const np_arguments *a, const char *option);
const char *np_argument_at(const np_arguments *a, const char *option, size_t i);
/* The place of the last value given among the option's choices. */
size_t np_argument_choice(const np_arguments *a, const char *option, size_t otherwise);
size_t np_positional_count(const np_arguments *a);
const char *np_positional(const np_arguments *a, size_t i); /* NULL when not given */
/* NP_E_USAGE when the option's value is no integer (number) in the range. */
np_status np_argument_integer(int64_t *out, const np_arguments *a, const char *option,
                              int64_t low, int64_t high, np_error *err);
np_status np_argument_number(double *out, const np_arguments *a, const char *option,
                             np_error *err);

typedef struct {
    const np_arguments *arguments;
    np_arena *arena;
    np_buf *out;      /* standard output */
    np_buf *messages; /* standard error: warnings, one line each */
    bool progress; /* standard error is a terminal: long work may show progress there */
} np_call;

typedef struct {
    const char *name, *summary; /* "estimate", one line */
    const char *synopsis;       /* "FORMULA DATA [options]" */
    const char *description;    /* paragraphs separated by an empty line */
    const char *examples;       /* lines of commands and comments */
    size_t n_positional_min, n_positional_max;
    const np_option *option;
    size_t n_options;
    /* NP_OK: done, exit 0. An error that err carries: exit 2. *answer_no set: exit 1. */
    np_status (*run)(const np_call *call, bool *answer_no, np_error *err);
} np_command;

/* What long work is doing, on a line of the terminal that the next one takes the place
 * of; NULL: nothing any more. Does nothing where standard error is no terminal. */
void np_progress(const np_call *call, const char *text);

extern const np_command np_command_estimate, np_command_evaluate;
extern const np_command np_command_grant;
extern const np_command np_command_power, np_command_did;
extern const np_command np_command_sensitivity;
extern const np_command np_command_find, np_command_coding;
extern const np_command np_command_check;
extern const np_command np_command_init;
extern const np_command np_command_user;
extern const np_command np_command_obligations, np_command_form, np_command_submit;
extern const np_command np_command_review;
extern const np_command np_command_import;
extern const np_command np_command_export;
extern const np_command np_command_backup;
extern const np_command np_command_restore;
extern const np_command np_command_table;
extern const np_command np_command_admit, np_command_assess, np_command_turnover;
extern const np_command np_command_goals, np_command_indicator;

/* The whole program, for main() and tests: returns the exit code. */
int np_main(int argc, char *const argv[], np_buf *out, np_buf *messages, bool progress);

np_status np_arguments_parse(const np_arguments **out, const np_command *command,
                             int argc, char *const argv[], np_arena *arena,
                             np_error *err);
void np_command_help(np_buf *out, const np_command *command); /* like a man page */

#endif
