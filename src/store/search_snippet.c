#include <string.h>

#include "store/search_internal.h"

/* How many different phrases of the query stand in the words from `start` on, and how
 * many words begin one. */
static size_t weigh(const search_query *query, const np_words *words, size_t start,
                    size_t n)
{
    size_t different = 0, all = 0;
    for (size_t p = 0; p < query->n_phrases; p++) {
        size_t here = 0;
        for (size_t i = start; i < start + n; i++)
            here += i + query->phrase[p].n <= start + n &&
                    np_phrase_at(&query->phrase[p], words, i);
        different += here > 0;
        all += here;
    }
    return different * 1000 + (all < 1000 ? all : 999);
}

/* The first word of the best window; *weight is 0 where nothing of the query stands in
 * the text. */
static size_t best_window(size_t *weight, const search_query *query,
                          const np_words *words, size_t n)
{
    enum { LOOKED_AT = 2000 };
    size_t best = 0;
    *weight = 0;
    for (size_t i = 0; i < words->n && i < LOOKED_AT; i++) {
        bool begins = false;
        for (size_t p = 0; p < query->n_phrases && !begins; p++)
            begins = np_phrase_at(&query->phrase[p], words, i);
        if (!begins)
            continue;
        /* A few words before what was found tell what it is about. */
        size_t start = i < n / 4 ? 0 : i - n / 4;
        size_t length = words->n - start < n ? words->n - start : n;
        size_t here = weigh(query, words, start, length);
        if (here > *weight) {
            *weight = here;
            best = start;
        }
    }
    return best;
}

/* Text in one line: blanks and control characters are one space. */
static void add_line(np_buf *out, const char *text, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++) {
        bool blank = (unsigned char)text[i] <= ' ' || text[i] == 0x7f;
        if (!blank)
            np_buf_add_char(out, text[i]);
        else if (out->length > 0 && out->text[out->length - 1] != ' ')
            np_buf_add_char(out, ' ');
    }
}

/* How many words from i on were asked for. */
static size_t found_at(const search_query *query, const np_words *words, size_t i)
{
    size_t longest = 0;
    for (size_t p = 0; p < query->n_phrases; p++)
        if (query->phrase[p].n > longest && np_phrase_at(&query->phrase[p], words, i))
            longest = query->phrase[p].n;
    return longest;
}

/* Without the blanks at its end. */
static size_t end_of_text(const char *text)
{
    size_t end = strlen(text);
    while (end > 0 && (unsigned char)text[end - 1] <= ' ')
        end--;
    return end;
}

static void write_window(np_buf *out, const search_query *query, const char *text,
                         const np_words *words, size_t start, size_t n,
                         const np_search_options *options)
{
    size_t end = start + n < words->n ? start + n : words->n;
    size_t at = start == 0 ? 0 : words->item[start].start;
    if (start > 0)
        np_buf_add(out, "… ");
    for (size_t i = start; i < end;) {
        size_t found = found_at(query, words, i);
        if (found > end - i)
            found = end - i;
        size_t last = found > 0 ? i + found - 1 : i;
        add_line(out, text, at, words->item[i].start);
        np_buf_add(out, found > 0 && options->before != NULL ? options->before : "");
        add_line(out, text, words->item[i].start, words->item[last].end);
        np_buf_add(out, found > 0 && options->after != NULL ? options->after : "");
        at = words->item[last].end;
        i = last + 1;
    }
    if (end < words->n)
        np_buf_add(out, " …");
    else
        add_line(out, text, at, end_of_text(text));
}

/* Of the field in which most of the query stands. */
static np_status snippet_of(np_buf *out, np_store *store, const search_query *query,
                            const np_record *record, const np_search_options *options,
                            np_arena *arena, np_error *err)
{
    size_t place = search_place(record->kind), best = 0, best_start = 0;
    const char *best_text = NULL;
    np_words best_words = {0};
    for (size_t f = 0; f < SEARCH_MOST_FIELDS && search_text_of[place].field[f] != NULL;
         f++) {
        const char *text = np_record_text(record, search_text_of[place].field[f]);
        np_words words;
        size_t weight;
        if (text == NULL)
            continue;
        np_status status =
            np_words_of(&words, store->stemmer, text, strlen(text), arena, err);
        if (status != NP_OK)
            return status;
        size_t start = best_window(&weight, query, &words, options->snippet_words);
        if (best_text != NULL && weight <= best)
            continue;
        best = weight;
        best_start = start;
        best_text = text;
        best_words = words;
    }
    if (best_text != NULL)
        write_window(out, query, best_text, &best_words, best_start,
                     options->snippet_words, options);
    return NP_OK;
}

np_status search_snippet(np_search_hit *hit, np_store *store, const search_query *query,
                         const np_search_options *options, np_arena *arena, np_error *err)
{
    np_arena *scratch = np_arena_new(0);
    np_buf buf = {0};
    np_record record;
    np_status status =
        scratch == NULL ? np_fail(err, NP_E_NO_MEMORY, _("no memory left"))
                        : np_store_get(&record, store, hit->kind, hit->id, scratch, err);
    if (status == NP_OK)
        status = snippet_of(&buf, store, query, &record, options, scratch, err);
    const char *text = np_buf_done(&buf);
    hit->snippet = text == NULL ? NULL : np_arena_copy_text(arena, text, buf.length);
    if (status == NP_OK && hit->snippet == NULL)
        status = np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_buf_free(&buf);
    np_arena_free(scratch);
    return status;
}
