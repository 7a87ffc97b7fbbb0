#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

np_str np_str_of(const char *text)
{
    return (np_str){text == NULL ? "" : text, text == NULL ? 0 : strlen(text)};
}

bool np_str_equal(np_str a, np_str b)
{
    return a.length == b.length &&
           (a.length == 0 || memcmp(a.text, b.text, a.length) == 0);
}

bool np_str_equals(np_str a, const char *text)
{
    return np_str_equal(a, np_str_of(text));
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

np_str np_str_trim(np_str s)
{
    while (s.length > 0 && is_space(s.text[0]))
        s = (np_str){s.text + 1, s.length - 1};
    while (s.length > 0 && is_space(s.text[s.length - 1]))
        s.length--;
    return s;
}

void np_text_vformat(char *out, size_t size, const char *format, va_list args)
{
    if (vsnprintf(out, size, format, args) < 0 && size > 0)
        out[0] = '\0';
}

void np_text_format(char *out, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    np_text_vformat(out, size, format, args);
    va_end(args);
}

static bool reserve(np_buf *buf, size_t more)
{
    if (buf->failed)
        return false;
    if (buf->capacity - buf->length > more)
        return true;
    size_t capacity = buf->capacity < 128 ? 128 : buf->capacity;
    while (capacity - buf->length <= more)
        capacity *= 2;
    char *text = realloc(buf->text, capacity);
    if (text == NULL) {
        buf->failed = true;
        return false;
    }
    buf->text = text;
    buf->capacity = capacity;
    return true;
}

void np_buf_add_bytes(np_buf *buf, const char *text, size_t length)
{
    if (!reserve(buf, length))
        return;
    memcpy(buf->text + buf->length, text, length);
    buf->length += length;
    buf->text[buf->length] = '\0';
}

void np_buf_add(np_buf *buf, const char *text)
{
    np_buf_add_bytes(buf, text, strlen(text));
}

void np_buf_add_line(np_buf *buf, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        bool control = (unsigned char)*c < ' ' || *c == 0x7f;
        bool blank = *c == '\n' || *c == '\r' || *c == '\t';
        np_buf_add_char(buf, blank ? ' ' : control ? '?' : *c);
    }
}

void np_buf_add_char(np_buf *buf, char c)
{
    np_buf_add_bytes(buf, &c, 1);
}

void np_buf_add_times(np_buf *buf, char c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        np_buf_add_char(buf, c);
}

void np_buf_format(np_buf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0)
        buf->failed = true;
    else if (reserve(buf, (size_t)length)) {
        vsnprintf(buf->text + buf->length, (size_t)length + 1, format, again);
        buf->length += (size_t)length;
    }
    va_end(again);
}

const char *np_buf_done(np_buf *buf)
{
    if (buf->failed)
        return NULL;
    return buf->text == NULL ? "" : buf->text;
}

void np_buf_free(np_buf *buf)
{
    free(buf->text);
    *buf = (np_buf){0};
}
