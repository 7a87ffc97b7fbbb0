#include "base/hash.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static void to_hex(char out[NP_HASH_LENGTH], const unsigned char *digest)
{
    sodium_bin2hex(out, NP_HASH_LENGTH, digest, crypto_hash_sha256_BYTES);
}

void np_hash_bytes(char out[NP_HASH_LENGTH], const void *bytes, size_t length)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, bytes, length);
    to_hex(out, digest);
}

np_status np_hash_file(char out[NP_HASH_LENGTH], const char *path, np_error *err)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        np_fail(err, NP_E_IO, _("cannot be read: %s"), strerror(errno));
        return np_error_file(err, path);
    }
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    unsigned char bytes[1 << 16];
    size_t n;
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0)
        crypto_hash_sha256_update(&state, bytes, n);
    int failed = ferror(file);
    fclose(file);
    if (failed) {
        np_fail(err, NP_E_IO, _("cannot be read to its end"));
        return np_error_file(err, path);
    }
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&state, digest);
    to_hex(out, digest);
    return NP_OK;
}
