#include <string.h>

#include "store/search_internal.h"

/* Where a word stands, as a number that does not depend on the order of what is added. */
static uint64_t occurrence(const char *word, size_t length, int64_t text, int64_t offset)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)word[i]) * 0x100000001b3u;
    hash ^= (uint64_t)text * 0x9e3779b97f4a7c15u + (uint64_t)offset;
    hash ^= hash >> 31;
    return hash * 0xbf58476d1ce4e5b9u;
}

typedef struct {
    uint64_t sum, n;
} occurrences;

static np_status sum_of_index(occurrences *out, np_store *store, np_error *err)
{
    sqlite3_stmt *s = NULL;
    bool row;
    np_status status =
        store_execute(store,
                      "CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_words USING "
                      "fts5vocab('main', 'search_index', 'instance')",
                      _("checking"), err);
    if (status == NP_OK)
        status = store_prepare(
            &s, store, "SELECT term, doc, \"offset\" FROM temp.search_words", err);
    row = status == NP_OK;
    while (row) {
        status = store_step(&row, store, s, _("checking"), err);
        if (!row)
            break;
        out->sum += occurrence((const char *)sqlite3_column_text(s, 0),
                               (size_t)sqlite3_column_bytes(s, 0),
                               sqlite3_column_int64(s, 1), sqlite3_column_int64(s, 2));
        out->n++;
    }
    sqlite3_finalize(s);
    return status;
}

static np_status sum_of_texts(occurrences *out, np_store *store, np_error *err)
{
    sqlite3_stmt *s = NULL;
    np_status status =
        store_prepare(&s, store, "SELECT number, stems FROM search_text", err);
    bool row = status == NP_OK;
    while (row) {
        status = store_step(&row, store, s, _("checking"), err);
        if (!row)
            break;
        const char *text = (const char *)sqlite3_column_text(s, 1);
        for (int64_t offset = 0; *text != '\0'; offset++) {
            size_t length = strcspn(text, " ");
            out->sum += occurrence(text, length, sqlite3_column_int64(s, 0), offset);
            out->n++;
            text += length + (text[length] == ' ');
        }
    }
    sqlite3_finalize(s);
    return status;
}

/* What the records say now against what the table has. */
typedef struct {
    np_store *store;
    sqlite3_stmt *stems;
    size_t place;
    int64_t n, n_other;
} comparison;

static np_status compare_record(void *context, const np_record *record, np_error *err)
{
    comparison *c = context;
    const char *stems = search_stems(c->store, record, c->place);
    if (stems == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    sqlite3_reset(c->stems);
    sqlite3_bind_text(c->stems, 1, record->kind->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(c->stems, 2, record->id, -1, SQLITE_TRANSIENT);
    bool row;
    np_status status = store_step(&row, c->store, c->stems, _("checking"), err);
    if (status != NP_OK)
        return status;
    bool same = row ? strcmp((const char *)sqlite3_column_text(c->stems, 0), stems) == 0
                    : stems[0] == '\0';
    c->n_other += !same;
    c->n += row;
    return NP_OK;
}

static np_status compare_texts(int64_t *n_other, np_store *store, np_error *err)
{
    comparison c = {.store = store};
    int64_t n = 0;
    np_status status = search_ready(store, err);
    if (status == NP_OK)
        status = store_prepare(
            &c.stems, store, "SELECT stems FROM search_text WHERE kind = ?1 AND id = ?2",
            err);
    for (c.place = 0; c.place < SEARCH_KINDS && status == NP_OK; c.place++)
        status = np_store_each(store, np_kind_find(search_text_of[c.place].kind),
                               compare_record, &c, err);
    sqlite3_finalize(c.stems);
    if (status == NP_OK)
        status = store_number(&n, store, "SELECT count(*) FROM search_text", NULL, err);
    *n_other = c.n_other + (n - c.n);
    return status;
}

np_status search_check(np_problems *problems, np_store *store, np_error *err)
{
    int64_t n_other = 0;
    occurrences index = {0}, texts = {0};
    np_status status = compare_texts(&n_other, store, err);
    if (status == NP_OK)
        status = sum_of_index(&index, store, err);
    if (status == NP_OK)
        status = sum_of_texts(&texts, store, err);
    if (status != NP_OK)
        return status;
    np_error problem = {0};
    if (n_other > 0)
        np_fail(&problem, NP_E_DAMAGED,
                _("the search index says something else of %lld texts than the records"),
                (long long)n_other);
    else if (index.sum != texts.sum || index.n != texts.n)
        np_fail(&problem, NP_E_DAMAGED, _("the search index lacks words of its texts"));
    else
        return NP_OK;
    np_error_hint(&problem, _("make it anew: nullpunkt find --rebuild"));
    np_error_file(&problem, store->path);
    np_problems_add(problems, &problem);
    return NP_OK;
}
