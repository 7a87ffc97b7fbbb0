/* One field: where it ends, and what it is. */
#ifndef NP_IO_CSV_FIELD_H
#define NP_IO_CSV_FIELD_H

#include <string.h>

#include "io/csv_parts.h"

/* The value of a cell; which member counts is told by the kind. */
typedef struct {
    unsigned kind; /* one of CSV_INTEGER … CSV_MISSING */
    np_missing reason;
    int64_t integer;
    double number;
    int32_t date;
} csv_value;

/* Reads the field at `p`; returns where it ends: at a separator, a line end
 * (its '\r' where there is one) or the text's end. NULL: *trouble tells. */
const char *csv_take_field(csv_raw *out, const char *p, const csv_text *file,
                           csv_trouble *trouble);

/* Past the line end at `p`; `p` must stand on one or at the text's end. */
const char *csv_next_line(const char *p, const csv_text *file);

/* Whether `p` stands on a line end or at the text's end. */
static inline bool csv_at_line_end(const char *p, const csv_text *file)
{
    return *p == file->line_end || p >= file->text + file->length ||
           (*p == '\r' && file->line_end == '\n' &&
            (p[1] == '\n' || p + 1 == file->text + file->length));
}

/* The field's text in UTF-8 with doubled quotes undone: itself where it can be,
 * else in scratch (cleared first). text is NULL when memory is spent. */
np_str csv_field_text(const csv_raw *field, bool windows_1252, np_buf *scratch);

/* What the text says when it is no part of a text column. */
csv_value csv_classify(np_str text, const csv_text *file);
/* NP_PRESENT, or the reason that the symbol stands for. */
np_missing csv_missing_symbol(np_str text);

static inline uint64_t csv_load_word(const char *p)
{
    uint64_t word;
    memcpy(&word, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* Up to eight digits at `p`: their number in *n, their value returned.
 * Bytes above 9 after subtracting '0' set their high bit; a carry reaches only
 * bytes behind the first such, which do not count. Then three multiplications add
 * digits to pairs, pairs to fours, fours to eight. */
static inline uint64_t csv_eight_digits(const char *p, unsigned *n)
{
    uint64_t x = csv_load_word(p) ^ 0x3030303030303030U;
    uint64_t other = ((x + 0x7676767676767676U) | x) & 0x8080808080808080U;
    unsigned count = other == 0 ? 8 : (unsigned)__builtin_ctzll(other) / 8;
    *n = count;
    if (count == 0)
        return 0;
    x <<= 64 - 8 * count;
    x = x * 10 + (x >> 8);
    return (((x & 0x000000ff000000ffU) * 0x000f424000000064U) +
            (((x >> 16) & 0x000000ff000000ffU) * 0x0000271000000001U)) >>
           32;
}

/* A run of digits appended to *mantissa; returns how many. At most 24 are looked
 * at: the caller refuses more than 18 anyway. */
static inline unsigned csv_digits(const char *p, uint64_t *mantissa)
{
    static const uint64_t power[9] = {1,      10,      100,      1000,     10000,
                                      100000, 1000000, 10000000, 100000000};
    unsigned n, total = 0;
    do {
        uint64_t value = csv_eight_digits(p + total, &n);
        *mantissa = *mantissa * power[n] + value;
        total += n;
    } while (n == 8 && total < 24);
    return total;
}

#endif
