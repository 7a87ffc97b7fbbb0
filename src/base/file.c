#include "base/file.h"

#include <stdio.h>

np_status np_file_read(np_buf *out, const char *path, size_t longest, np_error *err)
{
    FILE *file = fopen(path, "rb");
    char block[1 << 14];
    size_t n;
    if (file == NULL) {
        np_fail(err, NP_E_IO, _("cannot be read: %m"));
        return np_error_file(err, path);
    }
    while (out->length <= longest && (n = fread(block, 1, sizeof block, file)) > 0)
        np_buf_add_bytes(out, block, n);
    np_status status = NP_OK;
    if (ferror(file))
        status = np_fail(err, NP_E_IO, _("cannot be read: %m"));
    fclose(file);
    if (status == NP_OK && np_buf_done(out) == NULL)
        status = np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (status != NP_OK)
        np_error_file(err, path);
    return status;
}
