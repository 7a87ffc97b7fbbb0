#include "base/json.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"

static void before_item(np_json *j)
{
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    if (j->depth == 0)
        return;
    bool *has = &j->has_items[j->depth];
    if (*has)
        np_buf_add(j->buf, ",");
    if (!j->inline_items[j->depth]) {
        np_buf_add(j->buf, "\n");
        np_buf_add_times(j->buf, ' ', (size_t)j->depth * 2);
    } else if (*has) {
        np_buf_add(j->buf, " ");
    }
    *has = true;
}

static void open_level(np_json *j, char c, bool inline_items)
{
    before_item(j);
    np_buf_add_char(j->buf, c);
    assert(j->depth + 1 < NP_JSON_DEPTH);
    j->depth++;
    j->has_items[j->depth] = false;
    j->inline_items[j->depth] = inline_items;
}

static void close_level(np_json *j, char c)
{
    bool broken = j->has_items[j->depth] && !j->inline_items[j->depth];
    j->depth--;
    if (broken) {
        np_buf_add(j->buf, "\n");
        np_buf_add_times(j->buf, ' ', (size_t)j->depth * 2);
    }
    np_buf_add_char(j->buf, c);
    if (j->depth == 0)
        np_buf_add(j->buf, "\n");
}

void np_json_object(np_json *j)
{
    open_level(j, '{', false);
}

void np_json_array(np_json *j)
{
    open_level(j, '[', false);
}

void np_json_array_inline(np_json *j)
{
    open_level(j, '[', true);
}

void np_json_end_object(np_json *j)
{
    close_level(j, '}');
}

void np_json_end_array(np_json *j)
{
    close_level(j, ']');
}

static void quoted(np_buf *buf, const char *text)
{
    np_buf_add_char(buf, '"');
    for (const char *p = text; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        const char *escape = c == '"'    ? "\\\""
                             : c == '\\' ? "\\\\"
                             : c == '\n' ? "\\n"
                             : c == '\t' ? "\\t"
                             : c == '\r' ? "\\r"
                                         : NULL;
        if (escape != NULL)
            np_buf_add(buf, escape);
        else if (c < 0x20)
            np_buf_format(buf, "\\u%04x", c);
        else
            np_buf_add_char(buf, *p);
    }
    np_buf_add_char(buf, '"');
}

void np_json_key(np_json *j, const char *key)
{
    before_item(j);
    quoted(j->buf, key);
    np_buf_add(j->buf, ": ");
    j->after_key = true;
}

void np_json_text(np_json *j, const char *text)
{
    if (text == NULL) {
        np_json_null(j);
        return;
    }
    before_item(j);
    quoted(j->buf, text);
}

void np_json_number(np_json *j, double value)
{
    before_item(j);
    if (isfinite(value))
        np_buf_add_double(j->buf, value);
    else
        np_buf_add(j->buf, "null");
}

void np_json_integer(np_json *j, int64_t value)
{
    before_item(j);
    np_buf_format(j->buf, "%lld", (long long)value);
}

void np_json_bool(np_json *j, bool value)
{
    before_item(j);
    np_buf_add(j->buf, value ? "true" : "false");
}

void np_json_null(np_json *j)
{
    before_item(j);
    np_buf_add(j->buf, "null");
}

void np_json_put_text(np_json *j, const char *key, const char *text)
{
    np_json_key(j, key);
    np_json_text(j, text);
}

void np_json_put_number(np_json *j, const char *key, double value)
{
    np_json_key(j, key);
    np_json_number(j, value);
}

void np_json_put_integer(np_json *j, const char *key, int64_t value)
{
    np_json_key(j, key);
    np_json_integer(j, value);
}

void np_json_put_bool(np_json *j, const char *key, bool value)
{
    np_json_key(j, key);
    np_json_bool(j, value);
}

void np_json_put_numbers(np_json *j, const char *key, const double *value, size_t n)
{
    np_json_key(j, key);
    np_json_array_inline(j);
    for (size_t i = 0; i < n; i++)
        np_json_number(j, value[i]);
    np_json_end_array(j);
}
