/* What several subcommands share: options of data files and of printing, and the
 * writing of a page. One description each, so that they are the same everywhere. */
#ifndef NP_CLI_COMMON_H
#define NP_CLI_COMMON_H

#include "cli/command.h"
#include "io/csv.h"
#include "report/doc.h"

/* Of a command that reads a data file; np_data_spec takes them. */
/* clang-format off */
#define NP_DATA_OPTIONS                                                                  \
    {"threads", "N", N_("Default: all processors. The numbers do not depend on it."),    \
     NULL, false},                                                                       \
    {"separator", "CHARACTER",                                                           \
     N_("Between the columns of the data: , ; | or tab. Default: "                       \
        "found by looking."),                                                            \
     NULL, false},                                                                       \
    {"decimal", "CHARACTER",                                                             \
     N_("The decimal sign of the data. Default: found by looking."), ".|,", false},      \
    {"encoding", "ENCODING", N_("Of the data. Default: found by looking."),              \
     "utf-8|windows-1252|latin1", false},                                                \
    {"dash-is-zero", NULL,                                                               \
     N_("A lone \"-\" is zero and not missing, as Statistics Norway "                    \
        "prints it."),                                                                   \
     NULL, false},                                                                       \
    {"text", "COLUMN",                                                                   \
     N_("Keeps a column as text whatever it looks like. May be "                         \
        "repeated."),                                                                    \
     NULL, true}

#define NP_FORMAT_OPTION                                                                 \
    {"format", "FORMAT", N_("How the result is printed. Default: text."),                \
     "text|json|csv|markdown|latex", false}
/* clang-format on */

/* How the file is to be read; the columns are the caller's to set. */
np_status np_data_spec(np_csv_spec *out, const np_call *call, np_error *err);

bool np_wants_json(const np_arguments *a);
/* Of --format, where JSON is not wanted. */
np_doc_format np_wanted_format(const np_arguments *a);

/* The values of an option that takes a list: "a, log(b, 2)" is two, and the option may
 * be repeated. Commas in brackets, quotes and backticks belong to the value.
 * NP_E_USAGE  an empty place in the list */
np_status np_argument_list(const char *const **out, size_t *n, const np_call *call,
                           const char *option, np_error *err);

/* The numbers of an option's value: "0,0.5,1".
 * NP_E_USAGE  one that is none */
np_status np_argument_numbers(const double **out, size_t *n, const char *option,
                              const char *text, np_arena *arena, np_error *err);

/* --level, 0.95 where it is not given.
 * NP_E_USAGE  not between 0 and 1 */
np_status np_level_option(double *out, const np_arguments *a, np_error *err);

/* The problems from number `first` (0: all) on standard error, a line each, and how many
 * more were seen than are kept. */
void np_problems_print(const np_call *call, const np_problems *problems, size_t first);

/* The bytes in a file that an option names; beside it first, so that a full disk leaves
 * no half of it. NP_E_IO, which says the option. */
np_status np_output_write(const char *option, const char *path, const np_buf *bytes,
                          np_arena *arena, np_error *err);

/* The document as an HTML page in the file that --plot names.
 * NP_E_IO  it cannot be written; what was there before is left alone */
np_status np_page_write(const char *path, const np_doc *doc, np_arena *arena,
                        np_error *err);

#endif
