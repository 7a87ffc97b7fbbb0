#include <string.h>

#include "base/text.h"
#include "base/utf8.h"
#include "store/search_internal.h"

typedef struct {
    search_query *query;
    np_stemmer *stemmer;
    np_arena *arena;
    np_error *err;
    const char *text;
    size_t length, at, depth, n_phrases;
} parser;

static np_status parse_or(parser *p, np_buf *out, bool wanted);

static np_status fail_at(parser *p, size_t at, np_status status, const char *message,
                         const char *hint)
{
    uint32_t column = 1;
    for (size_t i = 0; i < at; i++)
        column += ((unsigned char)p->text[i] & 0xc0) != 0x80;
    np_fail(p->err, status, "%s", message);
    np_error_hint(p->err, "%s", hint);
    np_error_at(p->err, 1, column);
    return status;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

/* The length of a quotation mark at the place, 0: there is none. */
static size_t quotation_mark(const parser *p, size_t at)
{
    static const char *const mark[] = {"\"", "«", "»", "“", "”", "„"};
    for (size_t i = 0; i < sizeof mark / sizeof *mark; i++) {
        size_t n = strlen(mark[i]);
        if (n <= p->length - at && memcmp(p->text + at, mark[i], n) == 0)
            return n;
    }
    return 0;
}

static bool ends_word(const parser *p, size_t at)
{
    return at >= p->length || is_blank(p->text[at]) || p->text[at] == '(' ||
           p->text[at] == ')' || quotation_mark(p, at) > 0;
}

static void skip_blanks(parser *p)
{
    while (p->at < p->length && is_blank(p->text[p->at]))
        p->at++;
}

/* Whether one of the words for an operator comes next: English, bokmål, nynorsk. */
static bool comes(const parser *p, const char *const word[3])
{
    for (size_t i = 0; i < 3; i++) {
        size_t n = strlen(word[i]);
        if (n <= p->length - p->at && memcmp(p->text + p->at, word[i], n) == 0 &&
            ends_word(p, p->at + n))
            return true;
    }
    return false;
}

static void skip_word(parser *p)
{
    while (!ends_word(p, p->at))
        p->at++;
}

static bool comes_or(const parser *p)
{
    return comes(p, (const char *const[]){"OR", "ELLER", "ELLER"});
}

static bool comes_and(const parser *p)
{
    return comes(p, (const char *const[]){"AND", "OG", "OG"});
}

static bool comes_not(const parser *p)
{
    return comes(p, (const char *const[]){"NOT", "IKKE", "IKKJE"});
}

static void write_words(np_buf *out, const np_phrase *phrase, const char *last)
{
    np_buf_add_char(out, '"');
    for (size_t i = 0; i < phrase->n; i++) {
        if (i > 0)
            np_buf_add_char(out, ' ');
        np_buf_add(out, i + 1 == phrase->n ? last : phrase->stem[i]);
    }
    np_buf_add_char(out, '"');
}

/* Words are letters and digits, so that nothing in them can end the quotation. */
static void write_phrase(np_buf *out, const np_phrase *phrase)
{
    const char *stem = phrase->stem[phrase->n - 1], *beginning = phrase->beginning;
    if (beginning == NULL || strcmp(beginning, stem) == 0) {
        write_words(out, phrase, stem);
        np_buf_add(out, beginning != NULL ? " *" : "");
        return;
    }
    np_buf_add_char(out, '(');
    write_words(out, phrase, beginning);
    np_buf_add(out, " * OR ");
    write_words(out, phrase, stem);
    np_buf_add_char(out, ')');
}

/* The stems of a word in its other forms. The Norwegian stemmer takes off one ending, so
 * that "prosjektleder" and "prosjektlederen", "ressurs" and "ressurser" have different
 * stems; in the index they stay apart, and who searches for one means both. */
typedef struct {
    np_phrase form[NP_QUERY_MOST_FORMS];
    size_t n;
} word_forms;

static np_status add_form(parser *p, word_forms *forms, const char *word)
{
    np_phrase phrase;
    np_status status =
        np_phrase_parse(&phrase, p->stemmer, word, strlen(word), p->arena, p->err);
    if (status != NP_OK || phrase.n != 1 || forms->n == NP_QUERY_MOST_FORMS)
        return status;
    for (size_t i = 0; i < forms->n; i++)
        if (strcmp(forms->form[i].stem[0], phrase.stem[0]) == 0)
            return NP_OK;
    forms->form[forms->n++] = phrase;
    return NP_OK;
}

/* The word with each ending. */
static np_status add_endings(parser *p, word_forms *forms, const char *word,
                             size_t length)
{
    static const char *const ending[] = {"", "en", "er", "ne", "ene", "et", "e"};
    char form[96];
    np_status status = NP_OK;
    for (size_t i = 0; i < sizeof ending / sizeof *ending && status == NP_OK; i++) {
        np_text_format(form, sizeof form, "%.*s%s", (int)length, word, ending[i]);
        status = add_form(p, forms, form);
    }
    return status;
}

static np_status find_forms(parser *p, word_forms *forms, const char *word, size_t length)
{
    enum { SHORTEST = 4, LONGEST = 80 };
    static const char *const ending[] = {"ene", "ane", "en", "er", "ar", "et", "ne"};
    if (length < SHORTEST || length > LONGEST)
        return NP_OK;
    np_status status = add_endings(p, forms, word, length);
    for (size_t i = 0; i < sizeof ending / sizeof *ending && status == NP_OK; i++) {
        size_t n = strlen(ending[i]);
        if (length >= SHORTEST + n && memcmp(word + length - n, ending[i], n) == 0)
            status = add_endings(p, forms, word, length - n);
    }
    return status;
}

static np_status write_forms(parser *p, np_buf *out, size_t start, size_t end,
                             bool wanted)
{
    word_forms forms = {.n = 0};
    np_status status = find_forms(p, &forms, p->text + start, end - start);
    for (size_t i = 1; i < forms.n && status == NP_OK; i++) {
        np_buf_add(out, " OR ");
        write_phrase(out, &forms.form[i]);
        if (wanted)
            p->query->phrase[p->query->n_phrases++] = forms.form[i];
    }
    return status;
}

static np_status add_phrase(parser *p, np_buf *out, size_t start, size_t end, bool wanted)
{
    np_phrase phrase;
    np_status status = np_phrase_parse(&phrase, p->stemmer, p->text + start, end - start,
                                       p->arena, p->err);
    if (status != NP_OK || phrase.n == 0)
        return status;
    if (++p->n_phrases > NP_QUERY_MOST_PHRASES)
        return fail_at(p, start, NP_E_LIMIT, _("the search has too many words"),
                       _("at most 64 words and phrases are searched at once"));
    if (wanted)
        p->query->phrase[p->query->n_phrases++] = phrase;
    if (phrase.n > 1 || phrase.beginning != NULL) {
        write_phrase(out, &phrase);
        return NP_OK;
    }
    np_buf_add_char(out, '(');
    write_phrase(out, &phrase);
    status = write_forms(p, out, start, end, wanted);
    np_buf_add_char(out, ')');
    return status;
}

static np_status parse_quotation(parser *p, np_buf *out, bool wanted)
{
    size_t opens = p->at, start = opens + quotation_mark(p, opens), end = start;
    while (end < p->length && quotation_mark(p, end) == 0)
        end++;
    if (end == p->length)
        return fail_at(p, opens, NP_E_PARSE, _("the quotation mark is not closed"),
                       _("put one after the last word of the phrase"));
    p->at = end + quotation_mark(p, end);
    if (p->at < p->length && p->text[p->at] == '*') {
        /* "lite ti"* : the star is the phrase's. */
        return fail_at(p, p->at, NP_E_PARSE, _("the star stands after a phrase"),
                       _("put it within the quotation marks: \"lack of ti*\""));
    }
    return add_phrase(p, out, start, end, wanted);
}

static np_status parse_word(parser *p, np_buf *out, bool wanted)
{
    size_t start = p->at;
    skip_word(p);
    const char *star = memchr(p->text + start, '*', p->at - start);
    if (star != NULL && star != p->text + p->at - 1)
        return fail_at(p, (size_t)(star - p->text), NP_E_PARSE,
                       _("the star stands within a word"),
                       _("it stands at the end, for every word that begins so"));
    if (star != NULL && star == p->text + start)
        return fail_at(p, start, NP_E_PARSE, _("the star has no letters before it"),
                       _("it stands at the end of a word's beginning: munici*"));
    return add_phrase(p, out, start, p->at, wanted);
}

static np_status parse_brackets(parser *p, np_buf *out, bool wanted)
{
    size_t opens = p->at++;
    if (++p->depth > NP_QUERY_DEEPEST_BRACKETS)
        return fail_at(p, opens, NP_E_LIMIT, _("there are too many brackets in brackets"),
                       _("at most 8 are read"));
    np_status status = parse_or(p, out, wanted);
    p->depth--;
    if (status != NP_OK)
        return status;
    if (p->at >= p->length)
        return fail_at(p, opens, NP_E_PARSE, _("the bracket is not closed"),
                       _("put ) where it ends"));
    p->at++;
    return NP_OK;
}

/* A word, phrase or bracket into `all` or, where it is not wanted, `none`. */
static np_status parse_part(parser *p, np_buf *all, np_buf *none, bool wanted)
{
    bool negative = false;
    if (comes_not(p)) {
        negative = true;
        skip_word(p);
        skip_blanks(p);
    } else if (p->text[p->at] == '-') {
        negative = true;
        p->at++;
    }
    if (p->at >= p->length || p->text[p->at] == ')' ||
        (negative && (comes_or(p) || comes_and(p))))
        return negative ? fail_at(p, p->at, NP_E_PARSE,
                                  _("nothing stands after what says NOT"),
                                  _("put the word there that must not occur"))
                        : NP_OK;
    np_buf part = {0};
    np_status status =
        p->text[p->at] == '('          ? parse_brackets(p, &part, wanted != negative)
        : quotation_mark(p, p->at) > 0 ? parse_quotation(p, &part, wanted != negative)
                                       : parse_word(p, &part, wanted != negative);
    np_buf *out = negative ? none : all;
    if (status == NP_OK && part.length > 0) {
        if (out->length > 0)
            np_buf_add(out, negative ? " OR " : " AND ");
        np_buf_add(out, np_buf_done(&part));
    }
    if (part.failed)
        status = np_fail(p->err, NP_E_NO_MEMORY, _("no memory left"));
    np_buf_free(&part);
    return status;
}

static np_status write_group(parser *p, np_buf *out, const np_buf *all,
                             const np_buf *none, size_t start)
{
    if (all->length == 0 && none->length > 0)
        return fail_at(p, start, NP_E_PARSE,
                       _("the search says only what must not occur"),
                       _("add a word that must occur"));
    if (all->length == 0)
        return fail_at(p, start, NP_E_PARSE, _("there is no word to search for"),
                       _("give words, a \"phrase\" or the beginning of a word: munici*"));
    np_buf_add(out, none->length > 0 ? "((" : "(");
    np_buf_add_bytes(out, all->text, all->length);
    if (none->length > 0) {
        np_buf_add(out, ") NOT (");
        np_buf_add_bytes(out, none->text, none->length);
        np_buf_add_char(out, ')');
    }
    np_buf_add_char(out, ')');
    return NP_OK;
}

static np_status parse_and(parser *p, np_buf *out, bool wanted)
{
    np_buf all = {0}, none = {0};
    np_status status = NP_OK;
    size_t start = p->at;
    bool joined = false; /* an AND waits for what comes after it */
    for (skip_blanks(p);
         status == NP_OK && p->at < p->length && !comes_or(p) && p->text[p->at] != ')';
         skip_blanks(p)) {
        if (comes_and(p)) {
            if (joined || all.length + none.length == 0)
                status =
                    fail_at(p, p->at, NP_E_PARSE, _("AND needs something on both sides"),
                            _("put it in quotation marks where it is a word"));
            joined = true;
            skip_word(p);
            continue;
        }
        joined = false;
        status = parse_part(p, &all, &none, wanted);
    }
    if (status == NP_OK && joined)
        status = fail_at(p, p->at, NP_E_PARSE, _("AND needs something on both sides"),
                         _("put it in quotation marks where it is a word"));
    if (status == NP_OK)
        status = write_group(p, out, &all, &none, start);
    if (all.failed || none.failed)
        status = np_fail(p->err, NP_E_NO_MEMORY, _("no memory left"));
    np_buf_free(&all);
    np_buf_free(&none);
    return status;
}

static np_status parse_or(parser *p, np_buf *out, bool wanted)
{
    np_buf_add_char(out, '(');
    np_status status = parse_and(p, out, wanted);
    while (status == NP_OK && p->at < p->length && comes_or(p)) {
        skip_word(p);
        np_buf_add(out, " OR ");
        status = parse_and(p, out, wanted);
    }
    np_buf_add_char(out, ')');
    return status;
}

static np_status parse_all(parser *p, np_buf *out)
{
    np_status status = parse_or(p, out, true);
    if (status == NP_OK && p->at < p->length)
        return fail_at(p, p->at, NP_E_PARSE, _("a bracket is closed that was not opened"),
                       _("take it away or open one before it"));
    return status;
}

np_status search_query_parse(search_query *out, np_stemmer *stemmer, const char *text,
                             np_arena *arena, np_error *err)
{
    size_t length = strlen(text);
    if (np_utf8_invalid(text, length) < length)
        return np_fail(err, NP_E_ENCODING, _("the words to search for are no UTF-8"));
    *out = (search_query){0};
    np_buf buf = {0};
    parser p = {.query = out,
                .stemmer = stemmer,
                .arena = arena,
                .err = err,
                .text = text,
                .length = length};
    np_status status = parse_all(&p, &buf);
    const char *done = np_buf_done(&buf);
    char *copy = done == NULL ? NULL : np_arena_copy_text(arena, done, buf.length);
    if (status == NP_OK && copy == NULL)
        status = np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_buf_free(&buf);
    out->expression = copy;
    return status;
}
