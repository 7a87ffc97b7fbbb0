#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* One line of UTF-8; `size` is the buffer's, which a text that was cut fills. */
static void tidy(char *text, size_t size)
{
    size_t length = strlen(text), bad;
    bool cut = length + 1 == size;
    while ((bad = np_utf8_invalid(text, length)) < length) {
        if (cut && length - bad < 4)
            text[length = bad] = '\0'; /* a part of a character */
        else
            text[bad] = '?';
    }
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = *c == '\n' || *c == '\t' ? ' ' : '?';
}

np_status np_fail_at(np_error *err, np_status status, const char *src_file,
                     const char *src_func, int src_line, const char *format, ...)
{
    if (err == NULL || err->status != NP_OK)
        return err == NULL ? status : err->status;
    err->status = status;
    err->src_file = src_file;
    err->src_func = src_func;
    err->src_line = src_line;
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    tidy(err->message, sizeof err->message);
    return status;
}

np_status np_error_hint(np_error *err, const char *format, ...)
{
    if (err == NULL)
        return NP_E_USAGE;
    if (err->status != NP_OK && err->hint[0] == '\0') {
        va_list args;
        va_start(args, format);
        vsnprintf(err->hint, sizeof err->hint, format, args);
        va_end(args);
        tidy(err->hint, sizeof err->hint);
    }
    return err->status;
}

np_status np_error_file(np_error *err, const char *file)
{
    if (err == NULL)
        return NP_E_USAGE;
    if (err->status != NP_OK && err->file[0] == '\0') {
        snprintf(err->file, sizeof err->file, "%s", file);
        tidy(err->file, sizeof err->file);
    }
    return err->status;
}

np_status np_error_at(np_error *err, uint32_t line, uint32_t column)
{
    if (err == NULL)
        return NP_E_USAGE;
    if (err->status != NP_OK && err->line == 0) {
        err->line = line;
        err->column = column;
    }
    return err->status;
}

np_status np_error_field(np_error *err, const char *field, size_t length)
{
    if (err == NULL)
        return NP_E_USAGE;
    if (err->status != NP_OK && err->field[0] == '\0') {
        snprintf(err->field, sizeof err->field, "%.*s", (int)length, field);
        tidy(err->field, sizeof err->field);
    }
    return err->status;
}

void np_error_format(const np_error *err, char *out, size_t size)
{
    char place[sizeof err->file + 32] = "";
    if (err->file[0] != '\0' && err->line > 0 && err->column > 0)
        snprintf(place, sizeof place, "%s:%u:%u: ", err->file, err->line, err->column);
    else if (err->file[0] != '\0' && err->line > 0)
        snprintf(place, sizeof place, "%s:%u: ", err->file, err->line);
    else if (err->file[0] != '\0')
        snprintf(place, sizeof place, "%s: ", err->file);
    snprintf(out, size, "%s%s%s%s%s%s", place, err->field, err->field[0] ? ": " : "",
             err->message, err->hint[0] ? "; " : "", err->hint);
}

enum { LONGEST_NAME = 64 };

/* Levenshtein (1966); both names are at most LONGEST_NAME bytes. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[LONGEST_NAME + 1];
    size_t n = strlen(a), m = strlen(b);
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t substitute = diagonal + (a[i - 1] != b[j - 1]);
            size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            diagonal = row[j];
            row[j] = least < substitute ? least : substitute;
        }
    }
    return row[m];
}

const char *np_nearest_name(const char *wanted, const char *const *names, size_t n)
{
    size_t length = strlen(wanted);
    if (length > LONGEST_NAME)
        return NULL;
    size_t nearest = length / 3 + 2;
    const char *best = NULL;
    for (size_t i = 0; i < n; i++) {
        if (strlen(names[i]) > LONGEST_NAME)
            continue;
        size_t distance = edit_distance(wanted, names[i]);
        if (distance < nearest) {
            nearest = distance;
            best = names[i];
        }
    }
    return best;
}

void np_problems_add(np_problems *problems, const np_error *err)
{
    if (problems->n < NP_PROBLEMS_KEPT)
        problems->item[problems->n++] = *err;
    problems->n_seen++;
    if (problems->sink != NULL)
        problems->sink(problems->context, err);
}
