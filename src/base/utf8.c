#include "base/utf8.h"

/* Length of the sequence that a first byte starts; 0: it starts none. */
static size_t sequence_length(unsigned char c)
{
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c <= 0xdf)
        return 2;
    if (c >= 0xe0 && c <= 0xef)
        return 3;
    return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

/* RFC 3629, section 4: the second byte's range depends on the first. */
static bool second_byte_fits(unsigned char first, unsigned char second)
{
    switch (first) {
    case 0xe0:
        return second >= 0xa0 && second <= 0xbf;
    case 0xed:
        return second >= 0x80 && second <= 0x9f;
    case 0xf0:
        return second >= 0x90 && second <= 0xbf;
    case 0xf4:
        return second >= 0x80 && second <= 0x8f;
    default:
        return second >= 0x80 && second <= 0xbf;
    }
}

size_t np_utf8_invalid(const char *text, size_t length)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t i = 0;
    while (i < length) {
        size_t n = sequence_length(s[i]);
        if (n == 0 || n > length - i || (n > 1 && !second_byte_fits(s[i], s[i + 1])))
            return i;
        for (size_t k = 2; k < n; k++)
            if ((s[i + k] & 0xc0) != 0x80)
                return i;
        i += n;
    }
    return length;
}

size_t np_utf8_decode(uint32_t *out, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t n = sequence_length(s[0]);
    if (n <= 1) {
        *out = s[0];
        return 1;
    }
    uint32_t c = s[0] & (0xffU >> (n + 1));
    for (size_t k = 1; k < n; k++)
        c = (c << 6) | (s[k] & 0x3fU);
    *out = c;
    return n;
}

size_t np_utf8_encode(char out[4], uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t k = n - 1; k > 0; k--) {
        out[k] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    out[0] = (char)((0xf00U >> n) | c);
    return n;
}

size_t np_utf8_width(const char *text, size_t length)
{
    size_t width = 0;
    for (size_t i = 0; i < length;) {
        uint32_t c;
        i += np_utf8_decode(&c, text + i);
        width += !(c >= 0x300 && c <= 0x36f) && c != 0x200b && c != 0xfeff;
    }
    return width;
}

/* Unicode Consortium, CP1252.TXT: 0x80 to 0x9f. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd,
    0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178};

void np_utf8_from_windows_1252(np_buf *buf, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        char sequence[4];
        uint32_t point = c >= 0x80 && c < 0xa0 ? windows_1252[c - 0x80] : c;
        np_buf_add_bytes(buf, sequence, np_utf8_encode(sequence, point));
    }
}
