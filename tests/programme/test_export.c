/* What is exported makes the same store again, byte by byte, and what was changed shows.
 */
#include "base/rng.h"
#include "programme/export.h"
#include "programme/folder.h"

static np_problems problems;

/* Texts that a file of rows could lose: quotes, line ends, blanks, symbols. */
static void put_history(a_programme *f)
{
    import_text(f, "project", PROJECTS);
    import_text(f, "project",
                "id,name,cohort,note\n"
                "halden,Halden,2012,\"says \"\"so\"\",\nand more\"\n"
                "moss,  Moss by,2012,-\n"
                "aas,Ås,2012,NA\n");
    np_store_entry entry = {
        .who = "kåre", .action = "correct", .why = "two\nlines, \"q\""};
    assert_ok(f, np_store_begin(f->store, &entry, &f->err));
    put_record(f, "network", "n1", "name", " blanks around ", "cohort", "2012", NULL);
    put_record(f, "network", "n2", "name", "\r\n\t", NULL);
    put_record(f, "measurement", "m1", "indicator", "sick_leave", "project", "moss",
               "period", "2012", "value", "0.1", NULL);
    put_record(f, "measurement", "m2", "indicator", "sick_leave", "project", "moss",
               "period", "2013", "value", "1e300", NULL);
    put_record(f, "measurement", "m3", "indicator", "sick_leave", "project", "moss",
               "period", "2014", "value", "4611686018427387904", NULL);
    assert_ok(f, np_store_commit(f->store, &f->err));
    assert_ok(f, np_store_begin(f->store, &entry, &f->err));
    assert_ok(f, np_store_retract(f->store, np_kind_find("network"), "n1", &f->err));
    assert_ok(f, np_store_commit(f->store, &f->err));
}

static np_export export_to(a_programme *f, np_store *store, const char *programme,
                           const char *folder)
{
    np_export done = {0};
    assert_ok(f, np_export_everything(&done, store, programme, folder, &f->err));
    return done;
}

static np_status restore_to(a_programme *f, np_export *out, const char *from,
                            const char *programme, bool replace)
{
    np_restore_spec spec = {
        .programme = programme, .replace = replace, .day = "2026-12-01"};
    problems = (np_problems){0};
    f->err = (np_error){0};
    return np_restore(out, from, &spec, f->arena, &problems, &f->err);
}

static int differ(const char *a, const char *b)
{
    char command[600];
    snprintf(command, sizeof command, "diff -r '%s' '%s' > /dev/null", a, b);
    return system(command);
}

static void export_restore_export_gives_the_same_bytes(void **state)
{
    a_programme *f = *state;
    np_export restored;
    put_history(f);
    write_file(f, "programme.yaml", "programme: {}\n");
    assert_int_equal(mkdir(path_of(f, "mappings"), 0777), 0);
    write_file(f, "mappings/roster.yaml", "kind: project\n");
    write_file(f, "tables.yaml", "tables: []\n");
    write_file(f, "evaluation.yaml", "title: T\n");
    np_export first = export_to(f, f->store, f->folder, path_of(f, "one"));
    assert_int_equal(first.n_entries, 5);
    assert_ok(f, restore_to(f, &restored, path_of(f, "one"), path_of(f, "again"), false));
    assert_int_equal(problems.n_seen, 0);
    assert_string_equal(restored.head, first.head);
    assert_int_equal(restored.n_records, first.n_records);
    np_store *again = NULL;
    assert_ok(f, np_store_open(&again, path_of(f, "again/programme.db"), NP_STORE_READ,
                               &f->err));
    char head[NP_HASH_LENGTH];
    assert_ok(f, np_log_head(head, again, &f->err));
    assert_string_equal(head, first.head);
    export_to(f, again, path_of(f, "again"), path_of(f, "two"));
    np_store_close(again);
    assert_int_equal(differ(path_of(f, "one"), path_of(f, "two")), 0);
    assert_int_equal(access(path_of(f, "two/tables.yaml"), F_OK), 0);
    assert_int_equal(access(path_of(f, "two/evaluation.yaml"), F_OK), 0);
}

static void a_backup_restores_to_the_same_log(void **state)
{
    a_programme *f = *state;
    np_export restored;
    char head[NP_HASH_LENGTH];
    put_history(f);
    assert_ok(f, np_store_backup(f->store, path_of(f, "copy.db"), &f->err));
    assert_ok(
        f, restore_to(f, &restored, path_of(f, "copy.db"), path_of(f, "again"), false));
    assert_ok(f, np_log_head(head, f->store, &f->err));
    assert_string_equal(restored.head, head);
}

static void nothing_is_written_over_unless_it_is_said_and_then_it_is_kept(void **state)
{
    a_programme *f = *state;
    np_export restored;
    put_history(f);
    export_to(f, f->store, NULL, path_of(f, "one"));
    assert_int_equal(restore_to(f, &restored, path_of(f, "one"), f->folder, false),
                     NP_E_DUPLICATE);
    assert_int_equal(restore_to(f, &restored, path_of(f, "one"), f->folder, true),
                     NP_E_BUSY);
    np_store_close(f->store);
    f->store = NULL;
    assert_ok(f, restore_to(f, &restored, path_of(f, "one"), f->folder, true));
    assert_int_equal(access(path_of(f, "programme.db.before-2026-12-01"), F_OK), 0);
    assert_ok(f, np_store_open(&f->store, path_of(f, "programme.db.before-2026-12-01"),
                               NP_STORE_READ, &f->err));
    char head[NP_HASH_LENGTH];
    assert_ok(f, np_log_head(head, f->store, &f->err));
    assert_string_equal(head, restored.head);
    assert_int_equal(
        np_export_everything(&restored, f->store, NULL, path_of(f, "one"), &f->err),
        NP_E_DUPLICATE);
}

static size_t list_files(a_programme *f, char (*name)[200], size_t most)
{
    char command[300];
    size_t n = 0;
    snprintf(command, sizeof command, "find '%s' -type f | sort", path_of(f, "one"));
    FILE *list = popen(command, "r");
    assert_non_null(list);
    while (n < most && fgets(name[n], sizeof *name, list) != NULL)
        name[n][strcspn(name[n], "\n")] = '\0', n++;
    pclose(list);
    return n;
}

/* Changes a byte of the file, as a hand on a keyboard would; returns what it was. */
static int change_byte(const char *path, long at, int value)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, at, SEEK_SET);
    int before = fgetc(file);
    fseek(file, at, SEEK_SET);
    fputc(value, file);
    fclose(file);
    return before;
}

static void a_changed_byte_anywhere_is_found(void **state)
{
    enum { CHANGES = 400, MOST = 100 };
    a_programme *f = *state;
    static char name[MOST][200];
    np_export restored;
    np_rng rng = np_rng_stream(7, 1);
    put_history(f);
    write_file(f, "programme.yaml", "programme: {id: p}\n");
    export_to(f, f->store, f->folder, path_of(f, "one"));
    size_t n = list_files(f, name, MOST);
    assert_true(n > 60);
    for (size_t i = 0; i < CHANGES; i++) {
        /* The small files that matter most get their share. */
        const char *path = name[i % n];
        if (i % 4 == 0)
            path = path_of(f, i % 8 == 0 ? "one/manifest.yaml" : "one/versions.csv");
        struct stat s;
        assert_int_equal(stat(path, &s), 0);
        long at = (long)np_rng_below(&rng, (uint64_t)s.st_size);
        int before = change_byte(path, at, 0);
        change_byte(path, at, before == '1' ? '2' : '1');
        np_status status =
            restore_to(f, &restored, path_of(f, "one"), path_of(f, "again"), false);
        if (status == NP_OK && problems.n_seen == 0)
            print_error("%s at %ld: not found\n", path, at);
        assert_true(status != NP_OK || problems.n_seen > 0);
        assert_int_not_equal(access(path_of(f, "again/programme.db"), F_OK), 0);
        change_byte(path, at, before);
    }
    assert_ok(f, restore_to(f, &restored, path_of(f, "one"), path_of(f, "again"), false));
}

static void name_the_file(a_programme *f, const char *name)
{
    np_export restored;
    np_status status =
        restore_to(f, &restored, path_of(f, "one"), path_of(f, "again"), false);
    bool named = strstr(f->err.file, name) != NULL;
    for (size_t i = 0; i < problems.n; i++)
        named = named || strstr(problems.item[i].file, name) != NULL;
    assert_true(status != NP_OK || problems.n_seen > 0);
    assert_true(named);
}

static void the_file_that_was_changed_is_named(void **state)
{
    a_programme *f = *state;
    put_history(f);
    export_to(f, f->store, NULL, path_of(f, "one"));
    change_byte(path_of(f, "one/records/project.csv"), 40, '!');
    name_the_file(f, "records/project.csv");
    export_to(f, f->store, NULL, path_of(f, "two"));
    remove_folder(path_of(f, "one"));
    assert_int_equal(rename(path_of(f, "two"), path_of(f, "one")), 0);
    write_file(f, "one/records/extra.csv", "id\n");
    name_the_file(f, "records/extra.csv");
    unlink(path_of(f, "one/records/extra.csv"));
    unlink(path_of(f, "one/records/goal.csv"));
    name_the_file(f, "records/goal.csv");
}

/* Whoever changes a file and its SHA-256 in the manifest meets the hashes of the log. */
static void a_version_that_was_changed_with_the_manifest_is_found(void **state)
{
    a_programme *f = *state;
    char command[800], hash[NP_HASH_LENGTH], before[NP_HASH_LENGTH];
    put_history(f);
    export_to(f, f->store, NULL, path_of(f, "one"));
    const char *const changed[][2] = {{"versions.csv", "s/Moss by/Moss bx/"},
                                      {"log.csv", "s/correct/corrext/"},
                                      {"records/project.csv", "s/Moss by/Moss bx/"}};
    for (size_t i = 0; i < 3; i++) {
        char path[200];
        snprintf(path, sizeof path, "%s/one/%s", f->folder, changed[i][0]);
        assert_ok(f, np_hash_file(before, path, &f->err));
        snprintf(command, sizeof command, "cp '%s' '%s.kept' && sed -i '%s' '%s'", path,
                 f->folder, changed[i][1], path);
        assert_int_equal(system(command), 0);
        assert_ok(f, np_hash_file(hash, path, &f->err));
        assert_string_not_equal(hash, before);
        snprintf(command, sizeof command, "sed -i 's/%s/%s/' '%s'", before, hash,
                 path_of(f, "one/manifest.yaml"));
        assert_int_equal(system(command), 0);
        /* An entry of the log that does not fit: it may be the log or its versions. */
        name_the_file(f, i < 2 ? "log.csv" : "project.csv");
        snprintf(command, sizeof command, "mv '%s.kept' '%s' && sed -i 's/%s/%s/' '%s'",
                 f->folder, path, hash, before, path_of(f, "one/manifest.yaml"));
        assert_int_equal(system(command), 0);
    }
    np_export restored;
    assert_ok(f, restore_to(f, &restored, path_of(f, "one"), path_of(f, "again"), false));
}

static void records_are_exported_as_they_were_after_an_entry(void **state)
{
    a_programme *f = *state;
    np_export done;
    const np_kind *project = np_kind_find("project");
    put_history(f);
    assert_ok(f, np_export_records(&done, f->store, &project, 1, 2, path_of(f, "then"),
                                   &f->err));
    assert_int_equal(done.n_records, 2);
    char text[200] = "";
    FILE *file = fopen(path_of(f, "then/project.csv"), "rb");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    assert_non_null(strstr(text, "moss,Moss,2012"));
    assert_int_equal(
        np_export_records(&done, f->store, &project, 1, 99, path_of(f, "later"), &f->err),
        NP_E_RANGE);
}

static void exported_records_are_imported_to_the_same_again(void **state)
{
    a_programme *f = *state;
    np_export done;
    np_import_source *source = NULL;
    size_t n = 0, n_defined = 0;
    import_text(f, "project", PROJECTS);
    assert_ok(f,
              np_export_records(&done, f->store, NULL, 0, 0, path_of(f, "now"), &f->err));
    assert_ok(f, np_import_folder(&source, &n, &n_defined, path_of(f, "now"),
                                  note_problem, f, f->arena, &f->err));
    assert_ok(f, import_sources(f, source, n, false));
    assert_int_equal(f->import.n_problems, 0);
    assert_false(f->import.written);
}

static void a_folder_that_is_no_export_is_refused_in_words(void **state)
{
    a_programme *f = *state;
    np_export restored;
    assert_int_equal(mkdir(path_of(f, "empty"), 0777), 0);
    assert_int_equal(
        restore_to(f, &restored, path_of(f, "empty"), path_of(f, "again"), false),
        NP_E_UNKNOWN_NAME);
    write_file(f, "no.db", "this is no database at all, as anybody can see who looks");
    assert_int_equal(
        restore_to(f, &restored, path_of(f, "no.db"), path_of(f, "again"), false),
        NP_E_DAMAGED);
    assert_non_null(strstr(f->err.file, "no.db"));
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(export_restore_export_gives_the_same_bytes),
        test(a_backup_restores_to_the_same_log),
        test(nothing_is_written_over_unless_it_is_said_and_then_it_is_kept),
        test(a_changed_byte_anywhere_is_found),
        test(the_file_that_was_changed_is_named),
        test(a_version_that_was_changed_with_the_manifest_is_found),
        test(records_are_exported_as_they_were_after_an_entry),
        test(exported_records_are_imported_to_the_same_again),
        test(a_folder_that_is_no_export_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
