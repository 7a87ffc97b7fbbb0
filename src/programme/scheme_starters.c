#include "programme/scheme_starters.h"

#include <stdbool.h>
#include <string.h>

#include "base/language.h"

/* Made from starters/schemes.yaml at build time. */
extern const char np_starter_schemes[];

enum { MOST_SCHEMES = 128, LONGEST_NAME = 64 };

/* A scheme begins with this line and ends where the next one, or a comment, begins. */
static const char start[] = "- id: ";

typedef struct {
    char id[LONGEST_NAME];
    const char *text;
    size_t length;
} starter;

static size_t line_length(const char *line)
{
    size_t n = strcspn(line, "\n");
    return n + (line[n] == '\n');
}

static size_t find_starters(starter *out)
{
    size_t n = 0;
    bool within = false;
    for (const char *line = np_starter_schemes; *line != '\0';
         line += line_length(line)) {
        if (strncmp(line, start, sizeof start - 1) == 0 && n < MOST_SCHEMES) {
            const char *id = line + sizeof start - 1;
            np_text_format(out[n].id, LONGEST_NAME, "%.*s", (int)strcspn(id, "\n"), id);
            out[n].text = line;
            out[n].length = 0;
            n++;
            within = true;
        } else if (line[0] == '#') {
            within = false;
        }
        if (within)
            out[n - 1].length += line_length(line);
    }
    return n;
}

/* The name in the language of the thread, from "  name: {en: …, nb: …, nn: …}". */
static void add_name(np_buf *out, const starter *s)
{
    char key[8];
    np_text_format(key, sizeof key, "%s: ", np_language_code(np_language_get()));
    const char *line = strstr(s->text, "name: {");
    const char *at = line == NULL ? NULL : strstr(line, key);
    if (at == NULL || at >= s->text + s->length)
        return;
    at += strlen(key);
    bool quoted = *at == '"';
    at += quoted;
    np_buf_add_bytes(out, at, strcspn(at, quoted ? "\"" : ",}"));
}

static np_status no_starter(const starter *all, size_t n, const char *name, np_error *err)
{
    const char *names[MOST_SCHEMES];
    for (size_t i = 0; i < n; i++)
        names[i] = all[i].id;
    np_fail(err, NP_E_UNKNOWN_NAME, _("there is no scheme %s to begin with"), name);
    const char *near = np_nearest_name(name, names, n);
    return near != NULL ? np_error_hint(err, _("did you mean %s?"), near)
                        : np_error_hint(err, _("nullpunkt coding starters lists them"));
}

np_status np_scheme_starters_print(np_buf *out, const char *name, np_error *err)
{
    starter all[MOST_SCHEMES];
    size_t n = find_starters(all);
    if (name != NULL && strcmp(name, "all") == 0) {
        np_buf_add(out, np_starter_schemes);
        return NP_OK;
    }
    for (size_t i = 0; i < n; i++) {
        if (name == NULL) {
            np_buf_format(out, "%-34s", all[i].id);
            add_name(out, &all[i]);
            np_buf_add_char(out, '\n');
        } else if (strcmp(all[i].id, name) == 0) {
            np_buf_add_bytes(out, all[i].text, all[i].length);
            return NP_OK;
        }
    }
    return name == NULL ? NP_OK : no_starter(all, n, name, err);
}
