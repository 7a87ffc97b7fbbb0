/* The language of messages and pages. Catalogues are compiled in from po/;
 * the language is a property of the calling thread and starts as English. */
#ifndef NP_BASE_LANGUAGE_H
#define NP_BASE_LANGUAGE_H

#include <stdbool.h>

typedef enum { NP_ENGLISH = 0, NP_BOKMAAL, NP_NYNORSK } np_language;

void np_language_set(np_language language);
np_language np_language_get(void);

/* From "en", "nb", "nn" (also "no", and with a region: "nb_NO.UTF-8").
 * Returns 0 and leaves *out when the code is none of these. */
int np_language_from_code(np_language *out, const char *code);
const char *np_language_code(np_language language); /* "en", "nb", "nn" */

/* The text in the thread's language, or msgid itself where the catalogue has
 * none. Static storage. */
const char *np_translate(const char *msgid) __attribute__((format_arg(1)));
/* The same in a named language. */
const char *np_translate_to(np_language language, const char *msgid)
    __attribute__((format_arg(2)));

#define _(msgid)  np_translate(msgid)
#define N_(msgid) (msgid) /* marked for the catalogue, translated where used */

/* A text that people wrote, per language; NULL where there is none in it. */
typedef struct {
    const char *text[3]; /* by np_language */
} np_localised;

/* The text in that language, else in the first there is of nb, nn, en; "" when
 * there is none. */
const char *np_localised_text(const np_localised *text, np_language language);
bool np_localised_is_empty(const np_localised *text);

#endif
