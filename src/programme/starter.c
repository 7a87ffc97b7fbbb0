#include "programme/starter.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Made from starters/NAME.yaml at build time. */
extern const char np_starter_minimal[], np_starter_municipal[];
extern const char np_starter_tables[], np_starter_tables_municipal[];

/* "{year}" and "{year+3}" in the text are years. */
void np_starter_text(np_buf *out, const char *name, int year)
{
    static const char mark[] = "{year";
    const char *text =
        strcmp(name, "municipal") == 0 ? np_starter_municipal : np_starter_minimal;
    for (const char *at; (at = strstr(text, mark)) != NULL;) {
        char *end = NULL;
        long later = strtol(at + strlen(mark), &end, 10);
        assert(*end == '}');
        np_buf_add_bytes(out, text, (size_t)(at - text));
        np_buf_format(out, "%ld", year + later);
        text = end + 1;
    }
    np_buf_add(out, text);
}

void np_starter_tables_text(np_buf *out, const char *name)
{
    np_buf_add(out, np_starter_tables);
    if (strcmp(name, "municipal") == 0)
        np_buf_add(out, np_starter_tables_municipal);
}
