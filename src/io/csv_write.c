#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/decimal.h"
#include "io/csv_field.h"

typedef struct {
    np_buf *out;
    char separator, decimal;
    const char *line_end;
    bool one_column;
} writer;

/* What a reader would take for something else than this text: structure, blanks
 * that get lost, symbols of missing values; every separator that a reader may look
 * for, not ours alone. */
static bool needs_quotes(const char *text, size_t length)
{
    if (length == 0 || strpbrk(text, "\",;\t|\r\n") != NULL)
        return true;
    return text[0] == ' ' || strncmp(text, "\xef\xbb\xbf", 3) == 0 ||
           text[length - 1] == ' ' ||
           csv_missing_symbol((np_str){text, length}) != NP_PRESENT;
}

void np_csv_put_text(np_buf *out, const char *text)
{
    size_t length = strlen(text);
    if (!needs_quotes(text, length)) {
        np_buf_add_bytes(out, text, length);
        return;
    }
    np_buf_add_char(out, '"');
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"')
            np_buf_add_char(out, '"');
        np_buf_add_char(out, *p);
    }
    np_buf_add_char(out, '"');
}

static void put_number(writer *w, double value)
{
    char text[NP_DECIMAL_LENGTH];
    if (isinf(value)) {
        np_buf_add(w->out, value > 0 ? "Inf" : "-Inf");
        return;
    }
    size_t length = np_decimal_format(text, value);
    char *point = memchr(text, '.', length);
    bool quote = point != NULL && w->decimal == w->separator;
    if (point != NULL)
        *point = w->decimal;
    if (quote)
        np_buf_add_char(w->out, '"');
    np_buf_add_bytes(w->out, text, length);
    if (quote)
        np_buf_add_char(w->out, '"');
}

static void put_cell(writer *w, const np_column *column, size_t row)
{
    char date[NP_DATE_LENGTH];
    if (np_column_missing(column, row) != NP_PRESENT) {
        if (w->one_column) /* an empty line would be none */
            np_buf_add(w->out, "\"\"");
        return;
    }
    switch (column->type) {
    case NP_COLUMN_F64:
        put_number(w, column->f64[row]);
        break;
    case NP_COLUMN_I64:
        np_buf_format(w->out, "%" PRId64, column->i64[row]);
        break;
    case NP_COLUMN_DATE:
        np_date_format(date, column->date[row]);
        np_buf_add(w->out, date);
        break;
    case NP_COLUMN_TEXT:
        np_csv_put_text(w->out, column->dict->label[column->code[row]]);
        break;
    }
}

np_status np_csv_write(np_buf *out, const np_table *table, const np_csv_write_spec *spec,
                       np_error *err)
{
    static const np_csv_write_spec defaults = {0};
    if (spec == NULL)
        spec = &defaults;
    writer w = {.out = out,
                .separator = spec->separator == 0 ? ',' : spec->separator,
                .decimal = spec->decimal == 0 ? '.' : spec->decimal,
                .line_end = spec->for_excel ? "\r\n" : "\n",
                .one_column = table->n_columns == 1};
    if (spec->for_excel)
        np_buf_add(out, "\xef\xbb\xbf");
    for (size_t j = 0; j < table->n_columns; j++) {
        if (j > 0)
            np_buf_add_char(out, w.separator);
        np_csv_put_text(w.out, table->column[j].name);
    }
    np_buf_add(out, w.line_end);
    for (size_t i = 0; i < table->n_rows; i++) {
        for (size_t j = 0; j < table->n_columns; j++) {
            if (j > 0)
                np_buf_add_char(out, w.separator);
            put_cell(&w, &table->column[j], i);
        }
        np_buf_add(out, w.line_end);
    }
    if (np_buf_done(out) == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left for %zu rows"),
                       table->n_rows);
    return NP_OK;
}
