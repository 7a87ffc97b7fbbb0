#include "base/language.h"

#include <string.h>

#include "base/catalogue.h"

static _Thread_local np_language current = NP_ENGLISH;

void np_language_set(np_language language)
{
    current = language;
}

np_language np_language_get(void)
{
    return current;
}

int np_language_from_code(np_language *out, const char *code)
{
    if (strlen(code) < 2 || (code[2] != '\0' && strchr("_-.", code[2]) == NULL))
        return 0;
    if (strncmp(code, "en", 2) == 0)
        *out = NP_ENGLISH;
    else if (strncmp(code, "nb", 2) == 0 || strncmp(code, "no", 2) == 0)
        *out = NP_BOKMAAL;
    else if (strncmp(code, "nn", 2) == 0)
        *out = NP_NYNORSK;
    else
        return 0;
    return 1;
}

const char *np_language_code(np_language language)
{
    switch (language) {
    case NP_BOKMAAL:
        return "nb";
    case NP_NYNORSK:
        return "nn";
    case NP_ENGLISH:
        break;
    }
    return "en";
}

const char *np_translate_to(np_language language, const char *msgid)
{
    const np_catalogue *catalogue = np_catalogue_of(language);
    size_t low = 0, high = catalogue == NULL ? 0 : catalogue->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcmp(msgid, catalogue->entry[middle].msgid);
        if (order == 0)
            return catalogue->entry[middle].msgstr;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return msgid;
}

const char *np_translate(const char *msgid)
{
    return np_translate_to(current, msgid);
}

const char *np_localised_text(const np_localised *text, np_language language)
{
    static const np_language order[] = {NP_BOKMAAL, NP_NYNORSK, NP_ENGLISH};
    if (text->text[language] != NULL)
        return text->text[language];
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (text->text[order[i]] != NULL)
            return text->text[order[i]];
    return "";
}

bool np_localised_is_empty(const np_localised *text)
{
    return *np_localised_text(text, NP_ENGLISH) == '\0';
}
