#include "cli/common.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/decimal.h"

np_status np_data_spec(np_csv_spec *out, const np_call *call, np_error *err)
{
    const np_arguments *a = call->arguments;
    const char *separator = np_argument(a, "separator"),
               *decimal = np_argument(a, "decimal");
    size_t n = np_argument_count(a, "text");
    const char **text = np_arena_array(call->arena, const char *, n);
    int64_t threads = 0;
    if (text == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < n; i++)
        text[i] = np_argument_at(a, "text", i);
    np_csv_spec s = {.text_columns = text,
                     .n_text_columns = n,
                     .decimal = decimal == NULL ? '\0' : decimal[0],
                     .encoding = np_argument(a, "encoding"),
                     .dash_is_zero = np_argument_given(a, "dash-is-zero")};
    if (separator != NULL &&
        (strcmp(separator, "tab") == 0 || strcmp(separator, "\\t") == 0))
        separator = "\t";
    if (separator != NULL &&
        (strlen(separator) != 1 || strchr(",;|\t", *separator) == NULL))
        return np_fail(err, NP_E_USAGE, _("--separator %s: it is one of , ; | and tab"),
                       separator);
    s.separator = separator == NULL ? '\0' : *separator;
    np_status status = np_argument_integer(&threads, a, "threads", 1, 64, err);
    s.n_threads = (unsigned)threads;
    if (status == NP_OK)
        *out = s;
    return status;
}

bool np_wants_json(const np_arguments *a)
{
    const char *wanted = np_argument(a, "format");
    return wanted != NULL && strcmp(wanted, "json") == 0;
}

np_doc_format np_wanted_format(const np_arguments *a)
{
    /* in the order of NP_FORMAT_OPTION's choices */
    static const np_doc_format format[] = {NP_TEXT, NP_TEXT, NP_CSV, NP_MARKDOWN,
                                           NP_LATEX};
    return format[np_argument_choice(a, "format", 0)];
}

/* Where the value that begins at `text` ends: at a comma of the list, or its end. */
static const char *value_end(const char *text)
{
    int depth = 0;
    char quote = '\0';
    for (; *text != '\0'; text++) {
        if (quote != '\0')
            quote = *text == quote ? '\0' : quote;
        else if (strchr("`'\"", *text) != NULL)
            quote = *text;
        else if (strchr("([{", *text) != NULL)
            depth++;
        else if (strchr(")]}", *text) != NULL)
            depth--;
        else if (*text == ',' && depth <= 0)
            break;
    }
    return text;
}

np_status np_argument_list(const char *const **out, size_t *n, const np_call *call,
                           const char *option, np_error *err)
{
    const np_arguments *a = call->arguments;
    size_t n_given = np_argument_count(a, option), most = 0, found = 0;
    for (size_t i = 0; i < n_given; i++)
        most += strlen(np_argument_at(a, option, i)) + 1;
    const char **value = np_arena_array(call->arena, const char *, most + 1);
    for (size_t i = 0; value != NULL && i < n_given; i++) {
        const char *given = np_argument_at(a, option, i);
        for (const char *end, *start = given;; start = end + 1) {
            end = value_end(start);
            while (start < end && *start == ' ')
                start++;
            size_t length = (size_t)(end - start);
            while (length > 0 && start[length - 1] == ' ')
                length--;
            if (length == 0)
                return np_fail(err, NP_E_USAGE,
                               _("--%s %s: a place in the list is empty"), option, given);
            value[found] = np_arena_copy_text(call->arena, start, length);
            if (value[found++] == NULL)
                return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
            if (*end == '\0')
                break;
        }
    }
    if (value == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    *out = value;
    *n = found;
    return NP_OK;
}

np_status np_argument_numbers(const double **out, size_t *n, const char *option,
                              const char *text, np_arena *arena, np_error *err)
{
    size_t commas = 0;
    for (const char *c = text; *c != '\0'; c++)
        commas += *c == ',';
    double *value = np_arena_array(arena, double, commas + 1);
    if (value == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    const char *from = text;
    for (size_t i = 0; i <= commas; i++) {
        np_str part = np_str_trim((np_str){from, strcspn(from, ",")});
        if (!np_decimal_parse(&value[i], part.text, part.length, '.'))
            return np_fail(err, NP_E_USAGE,
                           _("--%s %s: \"%.*s\" is no number; numbers are separated by "
                             "commas"),
                           option, text, (int)part.length, part.text);
        from += strcspn(from, ",") + 1;
    }
    *out = value;
    *n = commas + 1;
    return NP_OK;
}

np_status np_level_option(double *out, const np_arguments *a, np_error *err)
{
    double level = 0.95;
    np_status status = np_argument_number(&level, a, "level", err);
    if (status == NP_OK && !(level > 0 && level < 1))
        return np_fail(err, NP_E_USAGE,
                       _("--level %s: it lies between 0 and 1, as 0.95 does"),
                       np_argument(a, "level"));
    if (status == NP_OK)
        *out = level;
    return status;
}

/* A file moved to where a device or a pipe stands would take its place. */
static bool is_no_file(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode);
}

np_status np_output_write(const char *option, const char *path, const np_buf *page,
                          np_arena *arena, np_error *err)
{
    bool in_place = is_no_file(path);
    const char *part = in_place ? path : np_arena_format(arena, "%s.part", path);
    if (part == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    FILE *file = fopen(part, "wb");
    bool written = file != NULL;
    if (written) {
        written = fwrite(page->text, 1, page->length, file) == page->length;
        written = fclose(file) == 0 && written;
    }
    if (written && (in_place || rename(part, path) == 0))
        return NP_OK;
    np_fail(err, NP_E_IO, _("%s %s: it cannot be written: %s"), option, path,
            strerror(errno));
    if (file != NULL && !in_place)
        remove(part);
    return NP_E_IO;
}

np_status np_page_write(const char *path, const np_doc *doc, np_arena *arena,
                        np_error *err)
{
    np_status status = NP_OK;
    np_buf page = {0};
    np_doc_render(&page, doc, NP_HTML);
    if (np_buf_done(&page) == NULL)
        status = np_fail(err, NP_E_NO_MEMORY, _("no memory left for the figure"));
    if (status == NP_OK)
        status = np_output_write("--plot", path, &page, arena, err);
    np_buf_free(&page);
    return status;
}

void np_problems_print(const np_call *call, const np_problems *problems, size_t first)
{
    for (size_t i = first; i < problems->n; i++) {
        char line[2048];
        np_error_format(&problems->item[i], line, sizeof line);
        np_buf_format(call->messages, "%s\n", line);
    }
    if (problems->n_seen > problems->n)
        np_buf_format(call->messages, _("and %zu more\n"),
                      problems->n_seen - problems->n);
}
