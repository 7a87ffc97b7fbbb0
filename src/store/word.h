/* The words of a text as the search sees them: folded to small letters and cut to their
 * stem, so that "Tiltakene" and "tiltak" are one word.
 *
 * A word is a run of letters and digits; what stands between divides words ("HMS-arbeid"
 * is two), but a soft hyphen does not. Letters of Latin, Greek and Cyrillic script are
 * made small; æ, ø, å and the letters of Sámi stay what they are, accents that only mark
 * stress (é, ò, ü …) are dropped, and a letter with a combining mark is the letter that
 * has it (a + ring is å). Stems are those of Snowball's Norwegian algorithm.
 */
#ifndef NP_STORE_WORD_H
#define NP_STORE_WORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct np_stemmer np_stemmer;
np_stemmer *np_stemmer_new(void); /* NULL: no memory */
void np_stemmer_free(np_stemmer *stemmer);

enum { NP_WORD_BYTES = 256 }; /* longer words are cut */

typedef struct {
    char folded[NP_WORD_BYTES], stem[NP_WORD_BYTES]; /* 0-terminated, never empty */
    size_t start, end; /* where it stands in the text, in bytes */
} np_word;

/* The next word from *at on, which moves past it; false: there is none. What follows
 * bytes that are no UTF-8 is not read. */
bool np_word_next(np_word *out, np_stemmer *stemmer, const char *text, size_t length,
                  size_t *at);

/* All words of a text. */
typedef struct {
    const char *stem;
    size_t start, end;
} np_stem;

typedef struct {
    const np_stem *item; /* [n] */
    size_t n;
} np_words;

np_status np_words_of(np_words *out, np_stemmer *stemmer, const char *text, size_t length,
                      np_arena *arena, np_error *err);

/* What is looked for: words one after the other, the last of which may be the beginning
 * of a word ("lite tid", "kommun*"). n = 0: the text has no words. */
typedef struct {
    const char *const *stem; /* [n] */
    const char *beginning;   /* of the last word; NULL: it is whole */
    size_t n;
} np_phrase;

np_status np_phrase_parse(np_phrase *out, np_stemmer *stemmer, const char *text,
                          size_t length, np_arena *arena, np_error *err);
/* Whether the phrase stands at the word i of the text. The beginning of a word is held
 * to stems, and its own stem counts too: "tiltakene*" finds "tiltak". */
bool np_phrase_at(const np_phrase *phrase, const np_words *words, size_t i);
bool np_phrase_in(const np_phrase *phrase, const np_words *words);

#endif
