/* Whole files as bytes. */
#ifndef NP_BASE_FILE_H
#define NP_BASE_FILE_H

#include "base/error.h"
#include "base/text.h"

/* Adds the file's bytes to `out`, which the caller frees in every case. Reading ends soon
 * after `longest` bytes, so that out->length > longest tells of a file that is longer.
 * NP_E_IO, with the file's name. */
np_status np_file_read(np_buf *out, const char *path, size_t longest, np_error *err);

#endif
