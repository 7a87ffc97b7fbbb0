/* The first user of a programme that has none, as one that was opened by a library. */
#include "support/check.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "programme/programme.h"

static char folder[64];

static int remove_one(const char *path, const struct stat *info, int flag,
                      struct FTW *walk)
{
    (void)info, (void)flag, (void)walk;
    return remove(path);
}

static int set_up_folder(void **state)
{
    char path[96];
    (void)state;
    strcpy(folder, "/tmp/nullpunkt-user-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return 1;
    snprintf(path, sizeof path, "%s/programme.yaml", folder);
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return 1;
    fputs("programme: {id: p, name: P, starts: 2011-01-01, ends: 2015-12-31}\n", file);
    fclose(file);
    np_arena *arena = np_arena_new(0);
    np_programme *programme = NULL;
    np_status status =
        np_programme_open(&programme, folder, NP_STORE_CREATE, "somebody", arena, NULL);
    np_programme_close(programme);
    np_arena_free(arena);
    return status != NP_OK;
}

static int tear_down_folder(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* The exit code; what is printed must have the part. */
static int run(const char *part, char *verb, char *name, char *option, char *value)
{
    char *argv[] = {"nullpunkt", "user",     verb,   name,  "--programme", folder,
                    "--by",      "somebody", option, value, NULL};
    np_buf out = {0}, messages = {0};
    int code = np_main(option == NULL ? 8 : 10, argv, &out, &messages, false);
    np_buf_add(&out, np_buf_done(&messages));
    if (strstr(np_buf_done(&out), part) == NULL)
        print_error("%s", np_buf_done(&out));
    assert_non_null(strstr(np_buf_done(&out), part));
    np_buf_free(&out);
    np_buf_free(&messages);
    return code;
}

static void the_first_user_is_administrator(void **state)
{
    (void)state;
    assert_int_equal(
        run("the first user is administrator", "add", "kari", "--role", "reader"), 2);
    assert_int_equal(run("kari is a user now", "add", "kari", NULL, NULL), 0);
    /* and now only users write */
    assert_int_equal(run("somebody is no user", "add", "ola", NULL, NULL), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_user_is_administrator, set_up_folder,
                                        tear_down_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
