/* SHA-256 (FIPS 180-4) of files and texts, by libsodium: what a result was
 * computed from is named by it. */
#ifndef NP_BASE_HASH_H
#define NP_BASE_HASH_H

#include <stddef.h>

#include "base/error.h"

enum { NP_HASH_LENGTH = 65 }; /* 64 hexadecimal digits and the final 0 */

void np_hash_bytes(char out[NP_HASH_LENGTH], const void *bytes, size_t length);
/* NP_E_IO: the file cannot be read. */
np_status np_hash_file(char out[NP_HASH_LENGTH], const char *path, np_error *err);

#endif
