#include <string.h>

#include "base/utf8.h"
#include "cli/command.h"

enum { TEXT_WIDTH = 78 };

/* One paragraph, broken between words. */
static void wrap(np_buf *out, const char *text, size_t length, size_t indent)
{
    size_t column = 0;
    for (const char *p = text, *end = text + length; p < end;) {
        while (p < end && (*p == ' ' || *p == '\n'))
            p++;
        const char *word = p;
        while (p < end && *p != ' ' && *p != '\n')
            p++;
        size_t width = np_utf8_width(word, (size_t)(p - word));
        if (width == 0)
            break;
        if (column > 0 && column + 1 + width > TEXT_WIDTH) {
            np_buf_add_char(out, '\n');
            column = 0;
        }
        if (column == 0)
            np_buf_add_times(out, ' ', indent);
        else
            np_buf_add_char(out, ' ');
        column = column == 0 ? indent + width : column + 1 + width;
        np_buf_add_bytes(out, word, (size_t)(p - word));
    }
    np_buf_add_char(out, '\n');
}

static void paragraphs(np_buf *out, const char *text, size_t indent)
{
    while (*text != '\0') {
        const char *end = strstr(text, "\n\n");
        size_t length = end == NULL ? strlen(text) : (size_t)(end - text);
        wrap(out, text, length, indent);
        text += length;
        while (*text == '\n')
            text++;
        if (*text != '\0')
            np_buf_add_char(out, '\n');
    }
}

static void lines(np_buf *out, const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        np_buf_add(out, "    ");
        np_buf_add_bytes(out, text, length);
        np_buf_add_char(out, '\n');
        text += length + (text[length] == '\n');
    }
}

static void option_help(np_buf *out, const np_option *o)
{
    np_buf_format(out, "    --%s", o->name);
    if (o->argument != NULL)
        np_buf_format(out, " %s", o->choices != NULL ? o->choices : o->argument);
    np_buf_add_char(out, '\n');
    paragraphs(out, _(o->help), 8);
}

void np_command_help(np_buf *out, const np_command *c)
{
    np_buf_format(out, "%s\n    nullpunkt %s - %s\n\n", _("NAME"), c->name,
                  _(c->summary));
    np_buf_format(out, "%s\n    nullpunkt %s %s\n\n", _("SYNOPSIS"), c->name,
                  c->synopsis);
    np_buf_format(out, "%s\n", _("DESCRIPTION"));
    paragraphs(out, _(c->description), 4);
    if (c->n_options > 0)
        np_buf_format(out, "\n%s\n", _("OPTIONS"));
    for (size_t i = 0; i < c->n_options; i++) {
        option_help(out, &c->option[i]);
        np_buf_add(out, i + 1 < c->n_options ? "\n" : "");
    }
    if (c->examples != NULL) {
        np_buf_format(out, "\n%s\n", _("EXAMPLES"));
        lines(out, c->examples);
    }
    np_buf_format(
        out, "\n%s\n    %s\n", _("EXIT STATUS"),
        _("0 done; 1 the answer is no (a check failed); 2 usage or input error"));
}
