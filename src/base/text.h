/* Strings: borrowed (np_str: pointer and length) or grown (np_buf). */
#ifndef NP_BASE_TEXT_H
#define NP_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *text; /* not necessarily 0-terminated; borrowed */
    size_t length;
} np_str;

np_str np_str_of(const char *text); /* NULL gives the empty string */
bool np_str_equal(np_str a, np_str b);
bool np_str_equals(np_str a, const char *text);
np_str np_str_trim(np_str s); /* ASCII white space at both ends */

/* 0 … 9, whatever the locale says. */
static inline bool np_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Into an array of the caller's, cut to `size` with its 0. */
void np_text_format(char *out, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void np_text_vformat(char *out, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/* A string that grows. Writes return nothing; the first failure sticks, and
 * np_buf_done() tells. Zero-initialise; the caller frees. */
typedef struct {
    char *text; /* 0-terminated once anything was written; owned */
    size_t length, capacity;
    bool failed;
} np_buf;

void np_buf_add(np_buf *buf, const char *text);
void np_buf_add_bytes(np_buf *buf, const char *text, size_t length);
void np_buf_add_char(np_buf *buf, char c);
/* As one line that a terminal can be shown: line ends and tabs become blanks, other
 * control characters "?". */
void np_buf_add_line(np_buf *buf, const char *text);
void np_buf_add_times(np_buf *buf, char c, size_t n);
void np_buf_format(np_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The whole text, "" when empty; NULL when a write failed. Still owned by buf. */
const char *np_buf_done(np_buf *buf);
void np_buf_free(np_buf *buf); /* and back to empty */

#endif
