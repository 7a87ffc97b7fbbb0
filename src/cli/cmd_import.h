/* What the parts of `nullpunkt import` share. */
#ifndef NP_CLI_CMD_IMPORT_H
#define NP_CLI_CMD_IMPORT_H

#include "cli/command.h"
#include "programme/import.h"

enum { IMPORT_SHOWN = 50, IMPORT_WARNINGS_SHOWN = 10, IMPORT_RULES = 256 };

/* What was told, as it came. */
typedef struct {
    const np_call *call;
    const np_import_source *source;
    size_t n_sources;
    np_buf shown; /* the first IMPORT_SHOWN, a line each */
    size_t n_shown, n_warnings_shown, n_told, n_warnings;
    struct {
        char word[64];
        size_t n;
    } rule[IMPORT_RULES];
    size_t n_rules;
    bool wants_file;
    np_buf file; /* all of them, as CSV */
} import_telling;

void import_tell(void *context, const np_import_problem *problem);
void import_tell_progress(void *context, size_t i, double share);
/* The first problems and how many there are by rule on the messages, and all of them in
 * the file of --problems. NP_E_IO: it cannot be written. */
np_status import_print_problems(import_telling *t, np_error *err);
/* Counts, changes and what became of it. */
np_status import_print(const np_call *call, const np_import *import, size_t n_defined,
                       np_error *err);

#endif
