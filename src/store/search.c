#include "store/search.h"

#include <stdlib.h>
#include <string.h>

#include "store/search_internal.h"

/* The fields that are searched, in the order in which a snippet shows them. */
const search_texts search_text_of[SEARCH_KINDS] = {
    {"item", {"text"}},
    {"answer", {"text"}},
    {"goal", {"text", "reference", "note"}},
    {"measure", {"name", "description", "covered", "note"}},
    {"project", {"name", "purpose", "organising", "note"}},
    {"benefit", {"text", "how"}},
    {"risk", {"text", "action"}},
    {"milestone", {"text", "note"}},
};

size_t search_place(const np_kind *kind)
{
    size_t i = 0;
    while (i < SEARCH_KINDS && strcmp(search_text_of[i].kind, kind->name) != 0)
        i++;
    return i;
}

bool np_kind_is_searched(const np_kind *kind)
{
    return search_place(kind) < SEARCH_KINDS;
}

np_status search_ready(np_store *store, np_error *err)
{
    if (store->stemmer == NULL)
        store->stemmer = np_stemmer_new();
    return store->stemmer != NULL ? NP_OK
                                  : np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
}

/* What stands between fields, so that no phrase goes over the end of one; no word of a
 * query is this. */
#define END_OF_FIELD "¶"

const char *search_stems(np_store *store, const np_record *record, size_t place)
{
    np_buf *buf = &store->stems;
    np_word word;
    np_buf_free(buf);
    for (size_t f = 0; f < SEARCH_MOST_FIELDS && search_text_of[place].field[f] != NULL;
         f++) {
        const char *text = np_record_text(record, search_text_of[place].field[f]);
        size_t at = 0, length = text == NULL ? 0 : strlen(text);
        bool first = true;
        for (; np_word_next(&word, store->stemmer, text, length, &at); first = false) {
            if (buf->length > 0)
                np_buf_add(buf, first ? " " END_OF_FIELD " " : " ");
            np_buf_add(buf, word.stem);
        }
    }
    return np_buf_done(buf);
}

static const char *const statement_sql[SEARCH_STATEMENTS] = {
    [SEARCH_FIND] = "SELECT number, stems FROM search_text WHERE kind = ?1 AND id = ?2",
    [SEARCH_PUT] = "INSERT INTO search_text (kind, id, stems) VALUES (?1, ?2, ?3) "
                   "ON CONFLICT (kind, id) DO UPDATE SET stems = excluded.stems "
                   "RETURNING number",
    [SEARCH_REMOVE] = "DELETE FROM search_text WHERE kind = ?1 AND id = ?2",
    [SEARCH_INDEX] = "INSERT INTO search_index (rowid, stems) VALUES (?1, ?2)",
    [SEARCH_UNINDEX] = ("INSERT INTO search_index (search_index, rowid, stems) VALUES "
                        "('delete', ?1, ?2)"),
};

/* Ready to be bound and stepped. */
static np_status prepared(sqlite3_stmt **out, np_store *store, int which, np_error *err)
{
    sqlite3_stmt **s = &store->search[which];
    np_status status =
        *s == NULL ? store_prepare(s, store, statement_sql[which], err) : NP_OK;
    *out = *s;
    return status;
}

static np_status finish(np_store *store, sqlite3_stmt *s, np_status status, np_error *err)
{
    bool row = true;
    while (status == NP_OK && row)
        status = store_step(&row, store, s, _("writing the search index"), err);
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    return status;
}

/* Adds a text to the index, or takes it out: SEARCH_INDEX, SEARCH_UNINDEX. */
static np_status index_text(np_store *store, int which, int64_t number, const char *stems,
                            np_error *err)
{
    sqlite3_stmt *s;
    np_status status = prepared(&s, store, which, err);
    if (status != NP_OK)
        return status;
    sqlite3_bind_int64(s, 1, number);
    sqlite3_bind_text(s, 2, stems, -1, SQLITE_STATIC);
    return finish(store, s, status, err);
}

/* Takes what the index has of the record out of it. *same: it has these very stems, and
 * nothing was done. */
static np_status unindex(bool *there, bool *same, np_store *store, const np_kind *kind,
                         const char *id, const char *stems, np_error *err)
{
    sqlite3_stmt *s;
    np_status status = prepared(&s, store, SEARCH_FIND, err);
    if (status != NP_OK)
        return status;
    sqlite3_bind_text(s, 1, kind->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, id, -1, SQLITE_STATIC);
    status = store_step(there, store, s, _("writing the search index"), err);
    const char *before = *there ? (const char *)sqlite3_column_text(s, 1) : NULL;
    *same = before != NULL && strcmp(before, stems) == 0;
    if (before != NULL && !*same)
        status =
            index_text(store, SEARCH_UNINDEX, sqlite3_column_int64(s, 0), before, err);
    return finish(store, s, status, err);
}

static np_status remove_text(np_store *store, const np_kind *kind, const char *id,
                             np_error *err)
{
    bool there = false, same;
    sqlite3_stmt *s;
    np_status status = unindex(&there, &same, store, kind, id, "", err);
    if (status != NP_OK || !there)
        return status;
    status = prepared(&s, store, SEARCH_REMOVE, err);
    if (status != NP_OK)
        return status;
    sqlite3_bind_text(s, 1, kind->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, id, -1, SQLITE_STATIC);
    return finish(store, s, status, err);
}

static np_status put_text(np_store *store, const np_kind *kind, const char *id,
                          const char *stems, np_error *err)
{
    bool there = false, same = false, row = false;
    sqlite3_stmt *s;
    np_status status = unindex(&there, &same, store, kind, id, stems, err);
    if (status != NP_OK || same)
        return status;
    status = prepared(&s, store, SEARCH_PUT, err);
    if (status != NP_OK)
        return status;
    sqlite3_bind_text(s, 1, kind->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, id, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 3, stems, -1, SQLITE_STATIC);
    status = store_step(&row, store, s, _("writing the search index"), err);
    int64_t number = row ? sqlite3_column_int64(s, 0) : 0;
    status = finish(store, s, status, err);
    return status == NP_OK ? index_text(store, SEARCH_INDEX, number, stems, err) : status;
}

np_status search_put(np_store *store, const np_record *record, const char *id,
                     np_error *err)
{
    size_t place = search_place(record->kind);
    if (place == SEARCH_KINDS)
        return NP_OK;
    np_status status = search_ready(store, err);
    if (status != NP_OK)
        return status;
    const char *stems = search_stems(store, record, place);
    if (stems == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    return stems[0] == '\0' ? remove_text(store, record->kind, id, err)
                            : put_text(store, record->kind, id, stems, err);
}

np_status search_retract(np_store *store, const np_kind *kind, const char *id,
                         np_error *err)
{
    return np_kind_is_searched(kind) ? remove_text(store, kind, id, err) : NP_OK;
}

void search_free(np_store *store)
{
    for (size_t i = 0; i < SEARCH_STATEMENTS; i++) {
        sqlite3_finalize(store->search[i]);
        store->search[i] = NULL;
    }
    np_stemmer_free(store->stemmer);
    store->stemmer = NULL;
    np_buf_free(&store->stems);
}

static np_status add_record(void *context, const np_record *record, np_error *err)
{
    return search_put(context, record, record->id, err);
}

np_status search_rebuild(np_store *store, np_error *err)
{
    /* Statements of the tables before would be of no use. */
    search_free(store);
    np_status status =
        store_execute(store, np_store_schema_search, _("making the search index"), err);
    for (size_t i = 0; i < SEARCH_KINDS && status == NP_OK; i++)
        status = np_store_each(store, np_kind_find(search_text_of[i].kind), add_record,
                               store, err);
    return status;
}

np_status np_store_search_rebuild(np_store *store, np_error *err)
{
    if (store->mode == NP_STORE_READ || store->writing)
        return np_fail(err, NP_E_USAGE,
                       _("the search index is made anew where the records are open to "
                         "write, and between entries"));
    np_status status =
        store_execute(store, "BEGIN IMMEDIATE", _("making the search index"), err);
    if (status != NP_OK)
        return status;
    status = search_rebuild(store, err);
    if (status == NP_OK)
        status = store_execute(store, "COMMIT", _("making the search index"), err);
    if (status != NP_OK)
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

/* What the index gives: numbers of texts, not yet what they are of. */
typedef struct {
    int64_t number;
    double rank;
} match;

typedef struct {
    match *item; /* [n] */
    size_t n;
    bool ranked;
} matches;

static int by_rank(const void *left, const void *right)
{
    const match *a = left, *b = right;
    if (a->rank != b->rank)
        return a->rank > b->rank ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

/* FTS5 refuses what is too deep for it; its words are not for people. */
static np_status search_failed(np_store *store, int code, np_error *err)
{
    if ((code & 0xff) != SQLITE_ERROR)
        return store_fail(store, code, _("searching"), err);
    np_fail(err, NP_E_LIMIT, _("the search is too complicated"));
    return np_error_hint(err, _("search for fewer words at once"));
}

static np_status count_matches(size_t *out, np_store *store, const char *expression,
                               np_error *err)
{
    sqlite3_stmt *s = NULL;
    np_status status = store_prepare(
        &s, store, "SELECT count(*) FROM search_index WHERE search_index MATCH ?1", err);
    if (status != NP_OK)
        return status;
    sqlite3_bind_text(s, 1, expression, -1, SQLITE_STATIC);
    int code = sqlite3_step(s);
    if (code == SQLITE_ROW)
        *out = (size_t)sqlite3_column_int64(s, 0);
    else
        status = search_failed(store, code, err);
    sqlite3_finalize(s);
    return status;
}

/* At most as many as were counted: another may write between. */
static np_status read_matches(matches *out, np_store *store, const char *expression,
                              size_t n_counted, np_error *err)
{
    sqlite3_stmt *s = NULL;
    np_status status = store_prepare(
        &s, store,
        out->ranked ? "SELECT rowid, - rank FROM search_index WHERE search_index MATCH ?1"
                    : "SELECT rowid, 0.0 FROM search_index WHERE search_index MATCH ?1",
        err);
    if (status != NP_OK)
        return status;
    sqlite3_bind_text(s, 1, expression, -1, SQLITE_STATIC);
    int code = SQLITE_DONE;
    while (out->n < n_counted && (code = sqlite3_step(s)) == SQLITE_ROW)
        out->item[out->n++] = (match){.number = sqlite3_column_int64(s, 0),
                                      .rank = sqlite3_column_double(s, 1)};
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        status = search_failed(store, code, err);
    sqlite3_finalize(s);
    return status;
}

static np_status find_matches(matches *out, np_store *store, const char *expression,
                              np_arena *arena, np_error *err)
{
    size_t n = 0;
    np_status status = count_matches(&n, store, expression, err);
    if (status != NP_OK)
        return status;
    out->ranked = n <= NP_SEARCH_MOST_RANKED;
    out->item = np_arena_array(arena, match, n + 1);
    if (out->item == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    status = read_matches(out, store, expression, n, err);
    if (out->ranked)
        qsort(out->item, out->n, sizeof *out->item, by_rank);
    return status;
}

static bool is_wanted(const np_search_options *options, const np_kind *kind,
                      const char *id)
{
    bool of_kind = options->n_kinds == 0;
    for (size_t k = 0; k < options->n_kinds && !of_kind; k++)
        of_kind = options->kind[k] == kind;
    return of_kind &&
           (options->wanted == NULL || options->wanted(options->context, kind, id));
}

static np_status keep_hit(np_search *out, np_search_hit *room, const np_kind *kind,
                          const char *id, double rank, np_arena *arena, np_error *err)
{
    char *copy = np_arena_copy_text(arena, id, strlen(id));
    if (copy == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    room[out->n++] =
        (np_search_hit){.kind = kind, .id = copy, .rank = rank, .snippet = ""};
    return NP_OK;
}

/* Of the matches those that are wanted, up to the limit. */
static np_status find_hits(np_search *out, np_search_hit *room, np_store *store,
                           const matches *found, const np_search_options *options,
                           np_arena *arena, np_error *err)
{
    sqlite3_stmt *s = NULL;
    bool all = options->n_kinds == 0 && options->wanted == NULL;
    np_status status = store_prepare(
        &s, store, "SELECT kind, id FROM search_text WHERE number = ?1", err);
    for (size_t i = 0; i < found->n && status == NP_OK; i++) {
        bool row, within = options->limit == 0 || out->n < options->limit;
        if (all && !within)
            break;
        sqlite3_reset(s);
        sqlite3_bind_int64(s, 1, found->item[i].number);
        status = store_step(&row, store, s, _("searching"), err);
        const np_kind *kind =
            row ? np_kind_find((const char *)sqlite3_column_text(s, 0)) : NULL;
        const char *id = row ? (const char *)sqlite3_column_text(s, 1) : NULL;
        if (kind == NULL || id == NULL || !is_wanted(options, kind, id))
            continue;
        out->n_found++;
        if (within)
            status = keep_hit(out, room, kind, id, found->item[i].rank, arena, err);
    }
    sqlite3_finalize(s);
    if (all)
        out->n_found = found->n;
    return status;
}

np_status np_store_search(np_search *out, np_store *store, const char *query,
                          const np_search_options *options, np_arena *arena,
                          np_error *err)
{
    search_query *parsed = np_arena_array(arena, search_query, 1);
    matches found = {0};
    if (parsed == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = search_ready(store, err);
    if (status == NP_OK)
        status = search_query_parse(parsed, store->stemmer, query, arena, err);
    if (status == NP_OK)
        status = find_matches(&found, store, parsed->expression, arena, err);
    if (status != NP_OK)
        return status;
    size_t most =
        options->limit > 0 && options->limit < found.n ? options->limit : found.n;
    np_search_hit *room = np_arena_array(arena, np_search_hit, most + 1);
    if (room == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_search got = {.hit = room, .ranked = found.ranked};
    status = find_hits(&got, room, store, &found, options, arena, err);
    for (size_t i = 0; i < got.n && options->snippet_words > 0 && status == NP_OK; i++)
        status = search_snippet(&room[i], store, parsed, options, arena, err);
    if (status == NP_OK)
        *out = got;
    return status;
}
