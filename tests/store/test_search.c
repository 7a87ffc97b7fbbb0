/* The search finds what the records say, and nothing that they no longer say. */
#include "store/search.h"

#include <sqlite3.h>

#include "store/folder.h"

static void put_item(a_folder *f, const char *id, const char *text)
{
    assert_ok(f, put_texts(f, NULL, "item", id, "sort", "hindrance_local", "text", text,
                           "period", "2014", NULL));
}

static void put_project(a_folder *f, const char *id, const char *name,
                        const char *purpose)
{
    assert_ok(f, put_texts(f, NULL, "cohort", "first", "name", "First", "starts",
                           "2012-01-01", "ends", "2014-12-31", NULL));
    assert_ok(f, put_texts(f, NULL, "project", id, "name", name, "cohort", "first",
                           "purpose", purpose, NULL));
}

static void put_all(a_folder *f)
{
    begin(f);
    put_item(f, "1", "For lite tid til kompetanseheving");
    put_item(f, "2", "Tiltakene kom sent i gang; ledelsen hadde ikke tid");
    put_item(f, "3", "Uklare roller mellom HMS-arbeid og ledelse");
    put_item(f, "4", "Økonomien i kommunen er svak");
    put_project(f, "halden", "Halden", "Lavere sykefravær gjennom bedre ledelse");
    assert_ok(f, np_store_commit(f->store, &f->err));
}

static void search(a_folder *f, np_search *out, const char *query, size_t limit)
{
    np_search_options options = {
        .limit = limit, .snippet_words = 5, .before = "[", .after = "]"};
    f->err = (np_error){0};
    assert_ok(f, np_store_search(out, f->store, query, &options, f->arena, &f->err));
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The identifiers found, in alphabetic order and divided by blanks. */
static void check_found(a_folder *f, const char *query, const char *wanted)
{
    np_search found;
    const char *id[16];
    char got[256] = "";
    search(f, &found, query, 0);
    assert_true(found.n <= 16 && found.n == found.n_found);
    for (size_t i = 0; i < found.n; i++)
        id[i] = found.hit[i].id;
    qsort(id, found.n, sizeof *id, by_text);
    for (size_t i = 0; i < found.n; i++)
        strcat(strcat(got, i == 0 ? "" : " "), id[i]);
    if (strcmp(got, wanted) != 0)
        print_error("%s\n", query);
    assert_string_equal(got, wanted);
}

static void words_are_found_in_any_form(void **state)
{
    put_all(*state);
    check_found(*state, "tiltak", "2");
    check_found(*state, "TIDEN", "1 2");
    check_found(*state, "ledelsen", "2 3 halden");
    check_found(*state, "økonomi", "4");
    check_found(*state, "fravær", "");
}

/* Forms whose stems differ, since the stemmer takes off one ending alone. */
static void a_word_finds_forms_that_have_another_stem(void **state)
{
    a_folder *f = *state;
    begin(f);
    put_item(f, "1", "For få ressurser");
    put_item(f, "2", "Prosjektlederen sluttet");
    put_item(f, "3", "Svak forankring hos lederne");
    assert_ok(f, np_store_commit(f->store, &f->err));
    check_found(f, "ressurs", "1");
    check_found(f, "prosjektleder", "2");
    check_found(f, "prosjektlederne", "2");
    check_found(f, "leder", "3");
    check_found(f, "-leder ressurs", "1");
    check_found(f, "prosjekt", "");
}

static void queries_have_phrases_beginnings_and_operators(void **state)
{
    static const char *const query_and_found[][2] = {
        {"tid ledelse", "2"},
        {"tid AND ledelse", "2"},
        {"tid og ledelse", ""}, /* "og" in small letters is a word */
        {"tid OR økonomi", "1 2 4"},
        {"tid ELLER økonomi", "1 2 4"},
        {"tid -ledelse", "1"},
        {"ledelse NOT tid", "3 halden"},
        {"ledelse IKKE (tid OR roller)", "halden"},
        {"ledelse IKKJE tid", "3 halden"},
        {"-tid ledelse", "3 halden"},
        {"\"lite tid\"", "1"},
        {"«lite tid»", "1"},
        {"\"tid lite\"", ""},
        {"kompetanse*", "1"},
        {"kompetanse", ""},
        {"\"til kompet*\"", "1"},
        {"tiltakene*", "2"},
        {"HMS-arbeid", "3"},
        {"arbeid-HMS", ""},
        {"(tid OR roller) ledelse", "2 3"},
        {"tid OR roller ledelse", "1 2 3"},
        {"tid & ledelse", "2"},
        {"((((tid))))", "1 2"},
        {"text:tid", ""},
        {"syke* -tid -økonomi", "halden"},
    };
    put_all(*state);
    for (size_t i = 0; i < sizeof query_and_found / sizeof *query_and_found; i++)
        check_found(*state, query_and_found[i][0], query_and_found[i][1]);
}

static void a_query_that_is_none_gets_a_message_with_its_place(void **state)
{
    static const struct {
        const char *query, *says;
        unsigned column;
    } bad[] = {
        {"", "no word", 1},
        {"   ", "no word", 1},
        {"& %", "no word", 1},
        {"-tid", "not occur", 1},
        {"tid OR -ledelse", "not occur", 7},
        {"\"lite tid", "not closed", 1},
        {"på \"lite tid", "not closed", 4},
        {"(tid", "not closed", 1},
        {"tid)", "not opened", 4},
        {"()", "no word", 2},
        {"tid OR", "no word", 7},
        {"OR tid", "no word", 1},
        {"tid AND", "AND", 8},
        {"AND tid", "AND", 1},
        {"tid AND AND ledelse", "AND", 9},
        {"tid NOT", "NOT", 8},
        {"kom*une", "within", 4},
        {"*", "no letters", 1},
        {"\"lite ti\"*", "after a phrase", 10},
        {"((((((((((tid))))))))))", "brackets in brackets", 9},
    };
    a_folder *f = *state;
    np_search_options options = {0};
    np_search found;
    put_all(f);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        f->err = (np_error){0};
        np_status status =
            np_store_search(&found, f->store, bad[i].query, &options, f->arena, &f->err);
        if (strstr(f->err.message, bad[i].says) == NULL || f->err.column != bad[i].column)
            print_error("%s: %s, %u\n", bad[i].query, f->err.message, f->err.column);
        assert_true(status == NP_E_PARSE || status == NP_E_LIMIT);
        assert_non_null(strstr(f->err.message, bad[i].says));
        assert_int_equal(f->err.column, bad[i].column);
        assert_string_not_equal(f->err.hint, "");
    }
}

static void the_deepest_and_longest_query_that_is_read_can_be_searched(void **state)
{
    a_folder *f = *state;
    char query[2048] = "";
    put_all(f);
    for (int i = 0; i < 8; i++)
        strcat(query, "tid* OR roller -(");
    strcat(query, "tiltakene*");
    for (int i = 0; i < 8; i++)
        strcat(query, ")");
    np_search found;
    search(f, &found, query, 0);
    query[0] = '\0';
    for (int i = 0; i < 64; i++)
        strcat(query, i % 2 == 0 ? "tiden* OR " : "roller ");
    search(f, &found, query, 0);
    assert_true(found.n > 0);
    strcat(query, "en til");
    f->err = (np_error){0};
    assert_int_equal(np_store_search(&found, f->store, query, &(np_search_options){0},
                                     f->arena, &f->err),
                     NP_E_LIMIT);
}

static void the_nearest_comes_first_and_the_limit_is_kept(void **state)
{
    a_folder *f = *state;
    np_search found;
    put_all(f);
    begin(f);
    put_item(f, "5", "Ledelse, ledelse og ledelse");
    assert_ok(f, np_store_commit(f->store, &f->err));
    search(f, &found, "ledelse", 2);
    assert_int_equal(found.n, 2);
    assert_int_equal(found.n_found, 4);
    assert_string_equal(found.hit[0].id, "5");
    assert_true(found.hit[0].rank > found.hit[1].rank && found.hit[1].rank > 0);
}

static void what_nearly_everything_has_is_found_without_ranks(void **state)
{
    a_folder *f = *state;
    char id[32];
    begin(f);
    for (int i = 0; i <= NP_SEARCH_MOST_RANKED; i++) {
        snprintf(id, sizeof id, "%d", i);
        put_item(f, id, i == 77 ? "Lite tid" : "Tid");
    }
    assert_ok(f, np_store_commit(f->store, &f->err));
    np_search found;
    search(f, &found, "tid", 3);
    assert_false(found.ranked);
    assert_int_equal(found.n_found, NP_SEARCH_MOST_RANKED + 1);
    assert_int_equal(found.n, 3);
    assert_string_equal(found.hit[2].id, "2");
    search(f, &found, "lite tid", 3);
    assert_true(found.ranked);
    assert_int_equal(found.n, 1);
}

static bool not_2(void *context, const np_kind *kind, const char *id)
{
    (void)context;
    (void)kind;
    return strcmp(id, "2") != 0;
}

static void only_the_kinds_and_records_that_are_wanted_are_found(void **state)
{
    a_folder *f = *state;
    const np_kind *project = np_kind_find("project");
    np_search_options options = {.kind = &project, .n_kinds = 1};
    np_search found;
    put_all(f);
    assert_ok(f,
              np_store_search(&found, f->store, "ledelse", &options, f->arena, &f->err));
    assert_int_equal(found.n, 1);
    assert_ptr_equal(found.hit[0].kind, project);
    assert_string_equal(found.hit[0].snippet, "");
    options = (np_search_options){.wanted = not_2};
    assert_ok(f,
              np_store_search(&found, f->store, "ledelse", &options, f->arena, &f->err));
    assert_int_equal(found.n_found, 2);
}

static void a_snippet_shows_what_was_found_with_its_marks(void **state)
{
    a_folder *f = *state;
    np_search found;
    put_all(f);
    search(f, &found, "hms ledelse", 0);
    assert_string_equal(found.hit[0].snippet, "… mellom [HMS]-arbeid og [ledelse]");
    search(f, &found, "\"lite tid\"", 0);
    assert_string_equal(found.hit[0].snippet, "For [lite tid] til kompetanseheving");
    search(f, &found, "sykefravær", 0);
    assert_string_equal(found.hit[0].snippet,
                        "Lavere [sykefravær] gjennom bedre ledelse");
    begin(f);
    put_item(f, "6", "En\n\n  svømmehall\tble bygget i det tredje av de fire årene");
    assert_ok(f, np_store_commit(f->store, &f->err));
    search(f, &found, "svømmehallen", 0);
    assert_string_equal(found.hit[0].snippet, "En [svømmehall] ble bygget i …");
}

static void a_phrase_does_not_go_over_the_end_of_a_field(void **state)
{
    a_folder *f = *state;
    put_all(f);
    check_found(f, "\"halden lavere\"", "");
    check_found(f, "halden lavere", "halden");
}

static void what_changed_or_was_retracted_is_found_no_more(void **state)
{
    a_folder *f = *state;
    put_all(f);
    begin(f);
    put_item(f, "1", "Nå går det bra");
    assert_ok(f, np_store_retract(f->store, np_kind_find("item"), "2", &f->err));
    check_found(f, "tid", "");
    np_store_rollback(f->store);
    check_found(f, "tid", "1 2");
    begin(f);
    put_item(f, "1", "Nå går det bra");
    assert_ok(f, np_store_retract(f->store, np_kind_find("item"), "2", &f->err));
    assert_ok(f, np_store_commit(f->store, &f->err));
    check_found(f, "tid", "");
    check_found(f, "bra", "1");
    begin(f);
    assert_ok(f, put_texts(f, NULL, "item", "1", "sort", "hindrance_local", "period",
                           "2014", NULL));
    assert_ok(f, np_store_commit(f->store, &f->err));
    check_found(f, "bra", "");
}

static size_t n_problems(a_folder *f, np_store *store, const char *says)
{
    static np_problems problems;
    problems = (np_problems){0};
    assert_ok(f, np_store_check(&problems, store, &f->err));
    assert_ok(f, np_log_check(&problems, store, NULL, &f->err));
    if (problems.n_seen > 0 && strstr(problems.item[0].message, says) == NULL)
        print_error("%s\n", problems.item[0].message);
    if (problems.n_seen > 0)
        assert_non_null(strstr(problems.item[0].message, says));
    return problems.n_seen;
}

static void raw_sql(a_folder *f, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    sqlite3_exec(db, sql, NULL, NULL, &message);
    if (message != NULL)
        print_error("%s\n", message);
    assert_null(message);
    sqlite3_close(db);
}

static void the_check_finds_an_index_that_is_not_what_the_records_say(void **state)
{
    static const char *const harm[] = {
        "DELETE FROM search_text WHERE id = '3'",
        "UPDATE search_text SET stems = 'noe ann' WHERE id = '3'",
        "INSERT INTO search_text (kind, id, stems) VALUES ('item', '99', 'noe')",
        "INSERT INTO search_index (search_index, rowid, stems) SELECT 'delete', number, "
        "stems FROM search_text WHERE id = '3'",
        "INSERT INTO search_index (rowid, stems) SELECT number, 'noe ann' FROM "
        "search_text WHERE id = '3'",
        "INSERT INTO search_index (search_index) VALUES ('delete-all')",
    };
    a_folder *f = *state;
    put_all(f);
    assert_int_equal(n_problems(f, f->store, "nothing"), 0);
    for (size_t i = 0; i < sizeof harm / sizeof *harm; i++) {
        np_store *reader = NULL;
        raw_sql(f, harm[i]);
        assert_ok(f, np_store_open(&reader, f->path, NP_STORE_READ, &f->err));
        assert_int_equal(n_problems(f, reader, "search index"), 1);
        np_store_close(reader);
        assert_ok(f, np_store_search_rebuild(f->store, &f->err));
        assert_int_equal(n_problems(f, f->store, "nothing"), 0);
        check_found(f, "rollene", "3");
    }
}

static void the_index_is_no_part_of_the_log(void **state)
{
    a_folder *f = *state;
    char before[NP_HASH_LENGTH], after[NP_HASH_LENGTH];
    put_all(f);
    assert_ok(f, np_log_head(before, f->store, &f->err));
    raw_sql(f, "DELETE FROM search_text");
    assert_ok(f, np_store_search_rebuild(f->store, &f->err));
    assert_ok(f, np_log_head(after, f->store, &f->err));
    assert_string_equal(before, after);
    check_found(f, "tid", "1 2");
}

static void an_index_is_made_anew_only_between_entries(void **state)
{
    a_folder *f = *state;
    begin(f);
    assert_int_equal(np_store_search_rebuild(f->store, &f->err), NP_E_USAGE);
    np_store_rollback(f->store);
}

static void any_sqlite_reads_and_checks_the_index(void **state)
{
    a_folder *f = *state;
    put_all(f);
    raw_sql(f, "INSERT INTO search_index (search_index) VALUES ('integrity-check');"
               "INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', "
               "1); INSERT INTO search_index (search_index) VALUES ('rebuild');"
               "INSERT INTO search_index (search_index) VALUES ('optimize')");
    check_found(f, "tid", "1 2");
    assert_int_equal(n_problems(f, f->store, "nothing"), 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(words_are_found_in_any_form),
        test(a_word_finds_forms_that_have_another_stem),
        test(queries_have_phrases_beginnings_and_operators),
        test(a_query_that_is_none_gets_a_message_with_its_place),
        test(the_deepest_and_longest_query_that_is_read_can_be_searched),
        test(the_nearest_comes_first_and_the_limit_is_kept),
        test(what_nearly_everything_has_is_found_without_ranks),
        test(only_the_kinds_and_records_that_are_wanted_are_found),
        test(a_snippet_shows_what_was_found_with_its_marks),
        test(a_phrase_does_not_go_over_the_end_of_a_field),
        test(what_changed_or_was_retracted_is_found_no_more),
        test(the_check_finds_an_index_that_is_not_what_the_records_say),
        test(the_index_is_no_part_of_the_log),
        test(an_index_is_made_anew_only_between_entries),
        test(any_sqlite_reads_and_checks_the_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
