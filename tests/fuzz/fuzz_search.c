/* The search: any bytes are a query that is searched, or an error with its place; and any
 * bytes are a text whose words lie within it, in order. The query's first line is asked,
 * the rest is the text that is searched. */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "store/search.h"
#include "store/word.h"

enum { BUDGET = 64 << 20 };

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static char folder[64], path[96];
static np_store *store;

static void remove_store(void)
{
    np_store_close(store);
    unlink(path);
    rmdir(folder);
}

static void make_store(void)
{
    np_error err = {0};
    strcpy(folder, "/tmp/nullpunkt-fuzz-XXXXXX");
    demand(mkdtemp(folder) != NULL);
    np_text_format(path, sizeof path, "%s/programme.db", folder);
    demand(np_store_open(&store, path, NP_STORE_CREATE, &err) == NP_OK);
    atexit(remove_store);
}

static void check_words(const char *text, size_t length)
{
    np_stemmer *stemmer = np_stemmer_new();
    np_word word;
    size_t at = 0, end = 0;
    while (np_word_next(&word, stemmer, text, length, &at)) {
        demand(word.start >= end && word.start < word.end && word.end <= length);
        demand(word.folded[0] != '\0' && word.stem[0] != '\0');
        demand(strlen(word.folded) < NP_WORD_BYTES && strlen(word.stem) < NP_WORD_BYTES);
        demand(strpbrk(word.stem, " \"*()\n") == NULL);
        end = word.end;
    }
    np_stemmer_free(stemmer);
}

static void put_text(const char *text)
{
    np_value value[NP_MOST_FIELDS] = {{0}};
    np_record record = {.kind = np_kind_find("item"), .id = "item", .value = value};
    np_error err = {0};
    value[np_kind_field(record.kind, "sort")] = NP_VALUE_OF_TEXT("result");
    value[np_kind_field(record.kind, "period")] = NP_VALUE_OF_TEXT("2014");
    value[np_kind_field(record.kind, "text")] = NP_VALUE_OF_TEXT(text);
    demand(np_store_begin(store, &(np_store_entry){.who = "kari", .action = "import"},
                          &err) == NP_OK);
    demand(np_store_put(store, &record, NULL, &err) == NP_OK);
}

static void ask(const char *query)
{
    np_arena *arena = np_arena_new(BUDGET);
    np_search_options options = {.snippet_words = 8, .before = "[", .after = "]"};
    np_error err = {0};
    np_search found;
    np_status status = np_store_search(&found, store, query, &options, arena, &err);
    demand(status == NP_OK || status == NP_E_PARSE || status == NP_E_LIMIT ||
           status == NP_E_ENCODING);
    if (status == NP_OK)
        demand(found.n == found.n_found && found.n <= 1);
    else
        demand(err.message[0] != '\0' &&
               np_utf8_invalid(err.message, strlen(err.message)) == strlen(err.message));
    np_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (store == NULL)
        make_store();
    char *text = malloc(length + 1);
    demand(text != NULL);
    memcpy(text, bytes, length);
    text[length] = '\0';
    check_words(text, length);
    char *line = strchr(text, '\n');
    if (line != NULL)
        *line = '\0';
    const char *rest = line != NULL ? line + 1 : "lite tid til tiltakene";
    if (np_utf8_invalid(rest, strlen(rest)) == strlen(rest)) {
        put_text(rest);
        ask(text);
        np_store_rollback(store);
    }
    free(text);
    return 0;
}
