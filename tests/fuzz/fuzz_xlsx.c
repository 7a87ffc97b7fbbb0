/* The .xlsx reader: any bytes give a table that holds its promises or an error that
 * says what is wrong. */
#include "fuzz/fuzz.h"

#include <stdlib.h>

#include "io/xlsx.h"

enum { BUDGET = 64 << 20 };

static void demand(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    np_arena *arena = np_arena_new(BUDGET);
    np_xlsx xlsx;
    np_error err = {0};
    np_xlsx_spec spec = {.errors_are_blank = length % 2 == 1};
    np_status status =
        np_xlsx_read_bytes(&xlsx, bytes, length, "fuzz", &spec, arena, &err);
    demand(status == err.status && (status != NP_OK) == (err.message[0] != '\0'));
    if (status == NP_OK)
        demand(np_table_check(&xlsx.csv.table, &err) == NP_OK && xlsx.header_row >= 1);
    np_arena_free(arena);
    return 0;
}
