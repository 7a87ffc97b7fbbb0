/* Texts as values of a field: any bytes, read as every type with either decimal sign,
 * give a value that is written and read back as itself, or an error that names the field.
 */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "programme/value.h"

enum { BUDGET = 16 << 20 };

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void check_type(np_field_type type, char decimal, const char *text, size_t length)
{
    const np_field field = {
        .name = "field", .type = type, .among = "main|additional|tillegg"};
    np_arena *arena = np_arena_new(BUDGET);
    np_value value = {0}, again = {0};
    np_error err = {0};
    np_status status = np_value_parse(&value, &field, text, length, decimal, arena, &err);
    demand(status == err.status && (status != NP_OK) == (err.message[0] != '\0'));
    if (status == NP_E_RANGE)
        demand(strcmp(err.field, "field") == 0 && err.hint[0] != '\0');
    demand(np_utf8_invalid(err.message, strlen(err.message)) == strlen(err.message));
    if (status == NP_OK) {
        char scratch[NP_VALUE_SCRATCH];
        const char *written = np_value_format(scratch, &field, value);
        demand(np_value_parse(&again, &field, written, strlen(written), '.', arena,
                              &err) == NP_OK);
        demand(np_value_equal(value, again));
    }
    np_arena_free(arena);
}

static void check_period(const char *text, size_t length)
{
    np_period period, again;
    if (!np_period_parse(&period, text, length))
        return;
    char written[NP_PERIOD_TEXT];
    np_period_format(written, period);
    demand(np_period_parse(&again, written, strlen(written)));
    demand(np_period_compare(period, again) == 0);
    demand(np_period_first_day(period) <= np_period_last_day(period));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const char *text = (const char *)bytes;
    for (int type = NP_FIELD_TEXT; type <= NP_FIELD_REFERENCE; type++) {
        check_type((np_field_type)type, '.', text, length);
        check_type((np_field_type)type, ',', text, length);
    }
    check_period(text, length);
    return 0;
}
