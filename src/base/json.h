/* Writes JSON into a np_buf: indented, keys in the order given, numbers that
 * round-trip, NaN and infinities as null. Reading is jansson's. */
#ifndef NP_BASE_JSON_H
#define NP_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum { NP_JSON_DEPTH = 64 };

/* Zero-initialise with the buffer: np_json j = {.buf = &buf}; */
typedef struct {
    np_buf *buf; /* borrowed */
    int depth;
    bool has_items[NP_JSON_DEPTH], inline_items[NP_JSON_DEPTH], after_key;
} np_json;

void np_json_object(np_json *j); /* opens; np_json_end closes */
void np_json_array(np_json *j);
void np_json_array_inline(np_json *j); /* its items on one line */
void np_json_end_object(np_json *j);
void np_json_end_array(np_json *j);

void np_json_key(np_json *j, const char *key);
void np_json_text(np_json *j, const char *text); /* NULL gives null */
void np_json_number(np_json *j, double value);
void np_json_integer(np_json *j, int64_t value);
void np_json_bool(np_json *j, bool value);
void np_json_null(np_json *j);

/* key and value in one call */
void np_json_put_text(np_json *j, const char *key, const char *text);
void np_json_put_number(np_json *j, const char *key, double value);
void np_json_put_integer(np_json *j, const char *key, int64_t value);
void np_json_put_bool(np_json *j, const char *key, bool value);
void np_json_put_numbers(np_json *j, const char *key, const double *value, size_t n);

#endif
