/* From an evaluation's result to its report: the document in a language, and the
 * files of the output folder. Every number printed comes from the result. */
#ifndef NP_REPORT_REPORT_H
#define NP_REPORT_REPORT_H

#include "evaluation/result.h"
#include "report/doc.h"

/* The document lives in the arena. NP_E_NO_MEMORY. */
np_status np_report_compose(np_doc *out, const np_evaluation *evaluation,
                            np_language language, np_arena *arena, np_error *err);

/* Writes into the folder `dir`, which must be there; folders below it are made:
 *   report.html             in the first language
 *   report.CODE.html        in each further language ("report.nn.html")
 *   tables/ID.csv           comma and decimal point, unrounded values
 *   tables/ID.excel.csv     semicolon, decimal comma, byte order mark: for Excel in
 *                           Norwegian
 *   figures/ID.svg, figures/ID.vl.json
 * Tables and figures in the first language. language NULL or n_languages 0: the
 * plan's. A file is written beside its place and moved there when it is whole.
 * NP_E_IO, NP_E_NO_MEMORY. */
np_status np_report_write(const char *dir, const np_evaluation *evaluation,
                          const np_language *language, size_t n_languages,
                          np_arena *arena, np_error *err);

#endif
