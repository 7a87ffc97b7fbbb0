/* The CSV reader: any bytes give a sound table or an error that says something; the
 * number of threads makes no difference; what is written again has the same shape. */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "io/csv.h"

enum { BUDGET = 64 << 20 };

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static np_status read_with(np_csv *csv, const char *text, size_t length,
                           const np_csv_spec *spec, np_arena *arena)
{
    np_error err = {0};
    np_status status = np_csv_read_text(csv, text, length, "fuzz", spec, arena, &err);
    demand(status == err.status);
    demand((status != NP_OK) == (err.message[0] != '\0'));
    if (status == NP_OK)
        demand(np_table_check(&csv->table, &err) == NP_OK);
    return status;
}

static void write_and_read(const np_table *table, np_arena *arena)
{
    np_buf text = {0};
    np_csv again;
    demand(np_csv_write(&text, table, NULL, NULL) == NP_OK);
    if (read_with(&again, text.text, text.length, NULL, arena) == NP_OK) {
        demand(again.table.n_rows == table->n_rows);
        demand(again.table.n_columns == table->n_columns);
    }
    np_buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const char *text = (const char *)bytes;
    np_arena *arena = np_arena_new(BUDGET);
    np_csv csv = {0}, other = {0};
    const np_csv_spec one_thread = {.n_threads = 1};
    const np_csv_spec odd = {.n_threads = 1,
                             .separator = ';',
                             .decimal = ',',
                             .encoding = "latin1",
                             .dash_is_zero = true,
                             .no_header = true,
                             .skip_lines = length % 3};
    if (read_with(&csv, text, length, &one_thread, arena) == NP_OK)
        write_and_read(&csv.table, arena);
    if (read_with(&other, text, length, &odd, arena) == NP_OK)
        write_and_read(&other.table, arena);
    np_arena_free(arena);
    return 0;
}
