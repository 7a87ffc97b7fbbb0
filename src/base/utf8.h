/* UTF-8 (RFC 3629) and the two single-byte encodings that agencies still send. */
#ifndef NP_BASE_UTF8_H
#define NP_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* The offset of the first byte that is not UTF-8; `length` when all is well. */
size_t np_utf8_invalid(const char *text, size_t length);

/* One code point; returns its length in bytes. The text must be valid. */
size_t np_utf8_decode(uint32_t *out, const char *text);
/* Returns the number of bytes written, 1 to 4. */
size_t np_utf8_encode(char out[4], uint32_t code_point);

/* Columns a text takes on a terminal or in a text table, combining marks not
 * counted and East Asian wide letters counted as one. */
size_t np_utf8_width(const char *text, size_t length);

/* Windows-1252, which contains ISO-8859-1's letters; its five unused bytes
 * become U+FFFD. Appends to buf. */
void np_utf8_from_windows_1252(np_buf *buf, const char *bytes, size_t length);

#endif
