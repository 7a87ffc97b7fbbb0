/* Makes the folder of a large simulated programme, for measuring and for tests of scale:
 * organisations, units, people in roles, goals, measures, reports with answers and
 * events, items coded twice, measurements by unit, month and indicator.
 *
 * usage: simulate-programme FOLDER [--projects 400] [--reports 20]
 *            [--measurements 2000000] [--written 2000000] [--seed 1]
 *
 * Nothing here was measured. The same options give the same records. Where there are too
 * few measurements for months, they are of half-years; with
 * fewer written the rest is left to an import. What was written, the size of the
 * file and the seconds are told on standard output.
 */
#include "simulate_programme.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/decimal.h"
#include "programme/create.h"
#include "programme/programme.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static np_status in_an_entry(simulation *s, const char *why, simulation_part *part)
{
    np_store_entry entry = {.who = "kari", .action = "import", .why = why};
    size_t before = s->n_records;
    double start = seconds();
    np_status status = np_store_begin(s->store, &entry, &s->err);
    if (status == NP_OK)
        status = part(s);
    if (status == NP_OK)
        status = np_store_commit(s->store, &s->err);
    double took = seconds() - start;
    if (status == NP_OK)
        printf("%-28s %9zu records %8.2f s %8.0f a second\n", why, s->n_records - before,
               took, (double)(s->n_records - before) / took);
    return status;
}

static np_status write_all(simulation *s)
{
    static const struct {
        const char *why;
        simulation_part *part;
    } part[] = {{"organisations and projects", simulate_projects},
                {"reports and coding", simulate_reports}};
    np_status status = NP_OK;
    for (size_t i = 0; i < LENGTH(part) && status == NP_OK; i++)
        status = in_an_entry(s, part[i].why, part[i].part);
    while (status == NP_OK && s->n_measured < s->n_written)
        status = in_an_entry(s, "measurements", simulate_measurements);
    return status;
}

static bool read_options(simulation *s, int argc, char *argv[])
{
    const struct {
        const char *name;
        int64_t *value, least, most;
    } option[] = {{"--projects", &s->n_projects, 1, 5000},
                  {"--reports", &s->n_reports, 0, 2 * SIMULATED_YEARS},
                  {"--measurements", &s->n_measurements, 0, 100000000},
                  {"--written", &s->n_written, 0, 100000000},
                  {"--seed", &s->seed, 0, INT64_MAX}};
    if (argc < 2 || argc % 2 != 0)
        return false;
    for (int i = 2; i < argc; i += 2) {
        bool known = false;
        for (size_t o = 0; o < LENGTH(option); o++)
            if (strcmp(argv[i], option[o].name) == 0)
                known =
                    np_integer_parse(option[o].value, argv[i + 1], strlen(argv[i + 1])) &&
                    *option[o].value >= option[o].least &&
                    *option[o].value <= option[o].most;
        if (!known)
            return false;
    }
    if (s->n_written < 0 || s->n_written > s->n_measurements)
        s->n_written = s->n_measurements;
    return true;
}

/* The folder with its texts, the definition and one user in its records. */
static np_status make_folder(np_programme **out, simulation *s, const char *folder,
                             np_arena *arena)
{
    np_error *err = &s->err;
    np_programme_new spec = {
        .folder = folder, .starter = "minimal", .user = "kari", .user_name = "Kari"};
    np_programme_made made;
    if (mkdir(folder, 0777) != 0)
        return np_fail(err, NP_E_IO, "%s cannot be made", folder);
    np_status status = simulate_texts(s, folder);
    if (status == NP_OK)
        status = np_programme_create(&made, &spec, arena, err);
    return status == NP_OK
               ? np_programme_open(out, folder, NP_STORE_WRITE, "kari", arena, err)
               : status;
}

int main(int argc, char *argv[])
{
    simulation s = {.n_projects = 400,
                    .n_reports = 20,
                    .n_measurements = 2000000,
                    .n_written = -1,
                    .seed = 1};
    if (!read_options(&s, argc, argv)) {
        fputs("usage: simulate-programme FOLDER [--projects N] [--reports N] "
              "[--measurements N] [--written N] [--seed N]\n",
              stderr);
        return 2;
    }
    double start = seconds();
    np_arena *arena = np_arena_new(0);
    np_programme *programme = NULL;
    np_status status = make_folder(&programme, &s, argv[1], arena);
    if (status == NP_OK) {
        s.store = programme->store;
        status = write_all(&s);
    }
    np_programme_close(programme);
    np_arena_free(arena);
    if (status != NP_OK) {
        char line[640];
        np_error_format(&s.err, line, sizeof line);
        fprintf(stderr, "simulate-programme: %s\n", line);
        return 2;
    }
    struct stat file;
    char path[1024];
    np_text_format(path, sizeof path, "%s/programme.db", argv[1]);
    if (stat(path, &file) != 0)
        return 2;
    printf("%-28s %9zu records %8.2f s, %.1f MB\n", argv[1], s.n_records,
           seconds() - start, (double)file.st_size / 1e6);
    return 0;
}
