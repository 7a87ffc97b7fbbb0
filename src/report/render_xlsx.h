/* A document's tables as an .xlsx workbook: one worksheet per table, named by its id.
 *
 * Title in row 1, the head from row 3 in bold with the panes frozen below it, notes
 * under the rows. A cell with a value is that number, unrounded, with a number format
 * that shows what is printed: its decimals, signs and stars. All others are text, also
 * those that begin with "=". Documents of more than one table begin with a sheet of
 * their titles and notes. The same document gives the same bytes. */
#ifndef NP_REPORT_RENDER_XLSX_H
#define NP_REPORT_RENDER_XLSX_H

#include "report/doc.h"

/* Written beside its place, then moved there. NP_E_RANGE the document has no table;
 * NP_E_IO; NP_E_NO_MEMORY. */
np_status np_doc_write_xlsx(const char *path, const np_doc *doc, np_arena *arena,
                            np_error *err);

#endif
