#include "store/word.h"

#include <libstemmer.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

struct np_stemmer {
    struct sb_stemmer *norwegian;
};

np_stemmer *np_stemmer_new(void)
{
    np_stemmer *stemmer = calloc(1, sizeof *stemmer);
    if (stemmer == NULL)
        return NULL;
    stemmer->norwegian = sb_stemmer_new("norwegian", "UTF_8");
    if (stemmer->norwegian == NULL) {
        free(stemmer);
        return NULL;
    }
    return stemmer;
}

void np_stemmer_free(np_stemmer *stemmer)
{
    if (stemmer == NULL)
        return;
    sb_stemmer_delete(stemmer->norwegian);
    free(stemmer);
}

enum { SOFT_HYPHEN = 0xad, FIRST_MARK = 0x300, LAST_MARK = 0x36f };

/* Letters whose accent only marks stress, or the way of spelling a foreign name. */
static const struct {
    uint32_t letter;
    char plain;
} accents[] = {
    {0xe0, 'a'}, {0xe1, 'a'}, {0xe2, 'a'}, {0xe3, 'a'}, {0xe7, 'c'}, {0xe8, 'e'},
    {0xe9, 'e'}, {0xea, 'e'}, {0xeb, 'e'}, {0xec, 'i'}, {0xed, 'i'}, {0xee, 'i'},
    {0xef, 'i'}, {0xf1, 'n'}, {0xf2, 'o'}, {0xf3, 'o'}, {0xf4, 'o'}, {0xf5, 'o'},
    {0xf9, 'u'}, {0xfa, 'u'}, {0xfb, 'u'}, {0xfc, 'u'}, {0xfd, 'y'}, {0xff, 'y'},
};

/* Letters that decomposed text (as some systems name files) writes as two code points,
 * and that are letters of their own. */
static const struct {
    char base;
    uint16_t mark, letter;
} compositions[] = {
    {'a', 0x30a, 0xe5},  {'a', 0x308, 0xe4},  {'o', 0x308, 0xf6},
    {'c', 0x30c, 0x10d}, {'s', 0x30c, 0x161}, {'z', 0x30c, 0x17e},
};

static bool is_letter(uint32_t c)
{
    if (c < 0x80)
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (c < 0xc0)
        return c == 0xaa || c == 0xb5 || c == 0xba;
    if (c == 0xd7 || c == 0xf7)
        return false;
    /* Punctuation, currencies, symbols, arrows, box drawing … up to the Glagolitic. */
    if (c >= 0x2000 && c < 0x2c00)
        return false;
    /* CJK punctuation, private use, presentation forms, specials, emoji. */
    return !((c >= 0x2e00 && c < 0x2e80) || (c >= 0x3000 && c < 0x3040) ||
             (c >= 0xe000 && c < 0xf900) || (c >= 0xfe00 && c < 0xfe70) ||
             (c >= 0xff00 && c < 0xff10) || c >= 0xfff0) ||
           (c >= 0x10000 && c < 0x1f000) || (c >= 0x20000 && c < 0xe0000);
}

static uint32_t small_letter(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    if ((c >= 0xc0 && c <= 0xde) || (c >= 0x391 && c <= 0x3a9) ||
        (c >= 0x410 && c <= 0x42f))
        return c + 32;
    /* Latin Extended-A: capitals are even up to Ķ and from Ŋ on, odd between. */
    if ((c >= 0x100 && c <= 0x137) || (c >= 0x14a && c <= 0x177))
        return c | 1;
    if (((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e)) && c % 2 == 1)
        return c + 1;
    return c == 0x178 ? 0xff : c >= 0x400 && c <= 0x40f ? c + 80 : c;
}

static uint32_t fold(uint32_t c)
{
    c = small_letter(c);
    for (size_t i = 0; i < sizeof accents / sizeof *accents; i++)
        if (accents[i].letter == c)
            return (uint32_t)(unsigned char)accents[i].plain;
    return c;
}

/* A letter of its own of a plain letter before and a mark; the plain letter where the
 * mark only marks stress. */
static uint32_t with_mark(char base, uint32_t mark)
{
    for (size_t i = 0; i < sizeof compositions / sizeof *compositions; i++)
        if (compositions[i].base == base && compositions[i].mark == mark)
            return compositions[i].letter;
    return (uint32_t)(unsigned char)base;
}

typedef struct {
    char *text;
    size_t length;
} folded;

static void add_letter(folded *out, uint32_t c)
{
    char bytes[4];
    size_t n = np_utf8_encode(bytes, c);
    if (out->length + n >= NP_WORD_BYTES)
        return;
    memcpy(out->text + out->length, bytes, n);
    out->length += n;
}

static void add_mark(folded *out, uint32_t mark)
{
    if (out->length == 0 || (signed char)out->text[out->length - 1] < 0)
        return;
    add_letter(out, with_mark(out->text[--out->length], mark));
}

static void stem_of(char out[NP_WORD_BYTES], np_stemmer *stemmer, const char *word,
                    size_t length)
{
    const sb_symbol *stem =
        sb_stemmer_stem(stemmer->norwegian, (const sb_symbol *)word, (int)length);
    int n = stem == NULL ? 0 : sb_stemmer_length(stemmer->norwegian);
    /* Without memory for the stem the word stands for itself. */
    const char *text = n > 0 && n < NP_WORD_BYTES ? (const char *)stem : word;
    size_t n_text = text == word ? length : (size_t)n;
    memcpy(out, text, n_text);
    out[n_text] = '\0';
}

bool np_word_next(np_word *out, np_stemmer *stemmer, const char *text, size_t length,
                  size_t *at)
{
    folded word = {.text = out->folded};
    size_t i = *at;
    for (uint32_t c; i < length;) {
        /* At most four bytes are looked at, so that a text is not read once a word. */
        size_t ahead = length - i < 4 ? length - i : 4;
        if (np_utf8_invalid(text + i, ahead) == 0) {
            length = i;
            break;
        }
        size_t n = np_utf8_decode(&c, text + i);
        bool mark = c >= FIRST_MARK && c <= LAST_MARK;
        bool within = word.length > 0 && (mark || c == SOFT_HYPHEN);
        if (!within && (mark || !is_letter(c)) && word.length > 0)
            break;
        if (word.length == 0 && !mark && is_letter(c))
            out->start = i;
        i += n;
        if (mark)
            add_mark(&word, c);
        else if (!within && is_letter(c))
            add_letter(&word, fold(c));
        if (word.length > 0)
            out->end = i;
    }
    *at = i;
    if (word.length == 0)
        return false;
    out->folded[word.length] = '\0';
    stem_of(out->stem, stemmer, out->folded, word.length);
    return true;
}

np_status np_words_of(np_words *out, np_stemmer *stemmer, const char *text, size_t length,
                      np_arena *arena, np_error *err)
{
    np_word word;
    size_t n = 0, at = 0;
    while (np_word_next(&word, stemmer, text, length, &at))
        n++;
    np_stem *item = np_arena_array(arena, np_stem, n + 1);
    if (item == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    at = n = 0;
    while (np_word_next(&word, stemmer, text, length, &at)) {
        item[n] =
            (np_stem){.stem = np_arena_copy_text(arena, word.stem, strlen(word.stem)),
                      .start = word.start,
                      .end = word.end};
        if (item[n++].stem == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    }
    *out = (np_words){item, n};
    return NP_OK;
}

np_status np_phrase_parse(np_phrase *out, np_stemmer *stemmer, const char *text,
                          size_t length, np_arena *arena, np_error *err)
{
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL)
        length--;
    np_words words;
    np_word last = {.folded = ""};
    size_t at = 0;
    np_status status = np_words_of(&words, stemmer, text, length, arena, err);
    if (status != NP_OK)
        return status;
    const char **stem = np_arena_array(arena, const char *, words.n + 1);
    for (size_t i = 0; stem != NULL && i < words.n; i++)
        stem[i] = words.item[i].stem;
    bool prefix = words.n > 0 && text[length - 1] == '*';
    while (prefix && np_word_next(&last, stemmer, text, length, &at))
        continue;
    const char *beginning =
        prefix ? np_arena_copy_text(arena, last.folded, strlen(last.folded)) : NULL;
    if (stem == NULL || (prefix && beginning == NULL))
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    *out = (np_phrase){.stem = stem, .beginning = beginning, .n = words.n};
    return NP_OK;
}

bool np_phrase_at(const np_phrase *phrase, const np_words *words, size_t i)
{
    if (phrase->n == 0 || phrase->n > words->n - i)
        return false;
    for (size_t j = 0; j < phrase->n; j++) {
        const char *stem = words->item[i + j].stem;
        bool begins = j + 1 == phrase->n && phrase->beginning != NULL &&
                      strncmp(stem, phrase->beginning, strlen(phrase->beginning)) == 0;
        if (!begins && strcmp(stem, phrase->stem[j]) != 0)
            return false;
    }
    return true;
}

bool np_phrase_in(const np_phrase *phrase, const np_words *words)
{
    for (size_t i = 0; i < words->n; i++)
        if (np_phrase_at(phrase, words, i))
            return true;
    return false;
}
