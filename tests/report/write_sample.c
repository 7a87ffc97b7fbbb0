/* Writes the sample evaluation's report into a folder, for tests that read files.
 * Usage: write_sample DIR */
#include <stdio.h>

#include "base/arena.h"
#include "report/report.h"
#include "sample_result.h"

int main(int argc, char **argv)
{
    np_arena *arena = np_arena_new(0);
    np_error err = {0};
    if (argc != 2 || arena == NULL)
        return 2;
    np_status status = np_report_write(argv[1], sample_result(), NULL, 0, arena, &err);
    if (status != NP_OK)
        fprintf(stderr, "%s\n", err.message);
    np_arena_free(arena);
    return status != NP_OK;
}
