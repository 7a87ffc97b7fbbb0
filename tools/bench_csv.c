/* Reads CSV files and says what was found and how long it took:
 * bench-csv [--columns a,b] [--threads N] [--plain] FILE …
 * --plain prints seconds and the peak memory in megabytes, for script/bench. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "io/csv.h"

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double peak_megabytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static size_t cut_names(const char **name, size_t most, char *list)
{
    size_t n = 0;
    for (char *s = strtok(list, ","); s != NULL && n < most; s = strtok(NULL, ","))
        name[n++] = s;
    return n;
}

static int read_one(const char *path, const np_csv_spec *spec, bool plain)
{
    np_arena *arena = np_arena_new(0);
    np_csv csv;
    np_error err = {0};
    double begin = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    np_status status = np_csv_read(&csv, path, spec, arena, &err);
    double took = seconds(CLOCK_MONOTONIC) - begin;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    if (status != NP_OK) {
        char line[700];
        np_error_format(&err, line, sizeof line);
        printf("%s\n", line);
    } else if (plain) {
        printf("%.4f %.1f\n", took, peak_megabytes());
    } else {
        printf("%s: %zu rows, %zu columns, %.3f s (%.3f s of processor time), %.1f "
               "million rows/s, peak %.0f MB, "
               "'%c' '%c' %s:",
               path, csv.table.n_rows, csv.table.n_columns, took, cpu,
               1e-6 * (double)csv.table.n_rows / took, peak_megabytes(),
               csv.separator == '\t' ? 't' : csv.separator, csv.decimal, csv.encoding);
        for (size_t j = 0; j < csv.table.n_columns && j < 12; j++)
            printf(" %s:%s%s", csv.table.column[j].name,
                   np_column_type_name(csv.table.column[j].type),
                   csv.table.column[j].missing == NULL ? "" : "?");
        printf("\n");
    }
    np_arena_free(arena);
    return status != NP_OK;
}

int main(int argc, char **argv)
{
    np_csv_spec spec = {0};
    const char *name[256];
    int failed = 0;
    bool plain = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--columns") == 0 && i + 1 < argc) {
            spec.n_columns = cut_names(name, 256, argv[++i]);
            spec.columns = name;
        } else if (strcmp(argv[i], "--threads") == 0 && i + 1 < argc) {
            spec.n_threads = (unsigned)atoi(argv[++i]);
        } else if (strcmp(argv[i], "--plain") == 0) {
            plain = true;
        } else {
            failed |= read_one(argv[i], &spec, plain);
        }
    }
    return failed;
}
