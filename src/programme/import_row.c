/* A row becomes records: first the text of each field, then its value. */
#include <string.h>

#include "base/date.h"
#include "base/utf8.h"
#include "programme/import_internal.h"
#include "programme/value.h"
#include "store/query.h"

typedef struct {
    np_str text; /* length 0: blank */
    bool number; /* of a workbook's number cell */
    const char *reason;
} field_text;

typedef struct {
    importer *m;
    import_file *file;
    const import_record *r;
    const np_kind *kind;
    const np_table_cell *cell;
    /* Of a repetition: */
    const char *key; /* the text of repeat.field; NULL: there is none */
    np_table_cell repeated;
    int32_t column;
    field_text text[NP_MOST_FIELDS + 1];
    bool failed;
} row_work;

static const char *heading_of(const row_work *w, int32_t column)
{
    return column >= 0 ? w->file->heading[column] : "";
}

static void object(row_work *w, const char *rule, const import_field *f,
                   const char *message, const char *hint)
{
    size_t place = f->from->field;
    bool repeated =
        f->column == IMPORT_NO_COLUMN && w->r->from->repeats &&
        (place == w->r->from->repeat.into || place == w->r->from->repeat.field);
    const char *field = place < w->kind->n_fields ? w->kind->field[place].name : "id";
    import_object(w->m, rule, heading_of(w, repeated ? w->column : f->column), w->kind,
                  "", field, message, hint);
    w->failed = true;
}

static np_str copy(row_work *w, const char *text, size_t length)
{
    char *kept = np_arena_copy_text(w->m->scratch, text, length);
    if (kept == NULL)
        import_no_memory(w->m);
    return kept == NULL ? (np_str){"", 0} : (np_str){kept, length};
}

static const char *word_of(const np_mapping_word *word, size_t n, np_str text)
{
    for (size_t i = 0; i < n; i++)
        if (np_str_equals(text, word[i].from))
            return word[i].to;
    return NULL;
}

static np_str filled_up(row_work *w, np_str text, unsigned digits)
{
    if (text.length >= digits)
        return text;
    for (size_t i = 0; i < text.length; i++)
        if (text.text[i] < '0' || text.text[i] > '9')
            return text;
    char filled[16];
    memset(filled, '0', digits);
    memcpy(filled + digits - text.length, text.text, text.length);
    return copy(w, filled, digits);
}

/* The letters that Norwegian and Sámi names have, as identifiers have them. */
static const char *plain_letter(uint32_t c)
{
    static const struct {
        uint32_t letter;
        const char *plain;
    } plain[] = {{0xe6, "ae"}, {0xc6, "ae"}, {0xf8, "o"},  {0xd8, "o"},  {0xe5, "a"},
                 {0xc5, "a"},  {0xe9, "e"},  {0xc9, "e"},  {0xe8, "e"},  {0xf6, "o"},
                 {0xd6, "o"},  {0xe4, "a"},  {0xc4, "a"},  {0xfc, "u"},  {0xdc, "u"},
                 {0xe1, "a"},  {0xc1, "a"},  {0x10d, "c"}, {0x10c, "c"}, {0x111, "d"},
                 {0x110, "d"}, {0x14b, "n"}, {0x14a, "n"}, {0x161, "s"}, {0x160, "s"},
                 {0x167, "t"}, {0x166, "t"}, {0x17e, "z"}, {0x17d, "z"}, {0xf4, "o"},
                 {0xe2, "a"},  {0xf2, "o"}};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (plain[i].letter == c)
            return plain[i].plain;
    return NULL;
}

static np_str as_identifier(row_work *w, np_str text)
{
    np_buf out = {0};
    bool gap = false;
    for (size_t i = 0; i < text.length;) {
        uint32_t c;
        i += np_utf8_decode(&c, text.text + i);
        char ascii[2] = {0};
        const char *plain = plain_letter(c);
        if (c >= 'A' && c <= 'Z')
            c += 'a' - 'A';
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            ascii[0] = (char)c;
            plain = ascii;
        }
        if (plain != NULL && gap && out.length > 0)
            np_buf_add_char(&out, '-');
        gap = plain == NULL;
        np_buf_add(&out, plain == NULL ? "" : plain);
    }
    const char *made = np_buf_done(&out);
    np_str kept = copy(w, made == NULL ? "" : made, made == NULL ? 0 : out.length);
    np_buf_free(&out);
    return kept;
}

static bool is_dash(np_str text)
{
    return np_str_equals(text, "-") || np_str_equals(text, "\xE2\x80\x93") ||
           np_str_equals(text, "\xE2\x88\x92") || np_str_equals(text, "\xE2\x80\x94");
}

static bool of_numbers(const row_work *w, size_t field)
{
    return field < w->kind->n_fields && (w->kind->field[field].type == NP_FIELD_INTEGER ||
                                         w->kind->field[field].type == NP_FIELD_NUMBER);
}

/* One blank name makes the whole of it blank. */
static np_str pattern_text(row_work *w, const import_pattern *p)
{
    np_buf out = {0};
    bool blank = false;
    for (size_t i = 0; i < p->pattern->n && !blank; i++) {
        np_str piece = np_str_of(p->pattern->piece[i].text);
        if (p->pattern->piece[i].name) {
            int32_t at = p->place[i];
            piece = at == IMPORT_NO_COLUMN ? (np_str){"", 0}
                    : at >= 0              ? np_str_trim(w->cell[at].text)
                                           : w->text[-2 - at].text;
            blank = piece.length == 0;
        }
        np_buf_add_bytes(&out, piece.text, piece.length);
    }
    const char *text = blank ? "" : np_buf_done(&out);
    np_str made =
        copy(w, text == NULL ? "" : text, blank || text == NULL ? 0 : out.length);
    np_buf_free(&out);
    return made;
}

/* Whether a record is valid on the day; rows are id, text, valid_from, valid_to. */
static bool is_valid(const np_value *row, const char *on)
{
    const char *from = row[1].type == NP_VALUE_TEXT ? row[1].text : "";
    const char *to = row[2].type == NP_VALUE_TEXT ? row[2].text : "9999-12-31";
    return on[0] == '\0' || (strcmp(from, on) <= 0 && strcmp(on, to) <= 0);
}

static np_status look_up(np_rows *out, row_work *w, const np_mapping_field *from,
                         const char *text, const char *on)
{
    const np_kind *kind = np_kind_find(w->kind->field[from->field].among);
    const char *first = "id", *last = "id";
    if (on[0] != '\0')
        first = "valid_from", last = "valid_to";
    np_query_column column[] = {{.path = "id"}, {.path = first}, {.path = last}};
    np_value value = NP_VALUE_OF_TEXT(text);
    np_where test = {.path = from->lookup, .value = &value, .n = 1};
    np_query query = {
        .kind = kind, .column = column, .n_columns = 3, .where = &test, .n_where = 1};
    return np_store_query(out, w->m->store, &query, w->m->scratch, w->m->err);
}

static void not_one(row_work *w, const import_field *f, const char *text,
                    const np_rows *rows, size_t n)
{
    const np_field *field = &w->kind->field[f->from->field];
    char message[300], hint[300];
    if (n == 0) {
        np_text_format(message, sizeof message, _("no %s has the %s %s"), field->among,
                       f->from->lookup, text);
        np_text_format(hint, sizeof hint,
                       _("import it first, or say under words what %s is"), text);
    } else {
        np_text_format(message, sizeof message,
                       _("%zu records have the %s %s: %s and %s"), n, f->from->lookup,
                       text, rows->cell[0].text, rows->cell[rows->n_columns].text);
        np_text_format(hint, sizeof hint,
                       _("say which under words, or on which day: lookup: {by: %s, on: "
                         "2014-06-30}"),
                       f->from->lookup);
    }
    object(w, "lookup", f, message, hint);
}

static np_status remember(row_work *w, import_field *f, np_str text, const char *id)
{
    int32_t i = np_text_map_add(f->known, text.text, text.length);
    if (i < 0)
        return import_no_memory(w->m);
    if ((size_t)i >= f->id_room) {
        size_t room = f->id_room == 0 ? 64 : 2 * f->id_room;
        const char **more = np_arena_array(w->m->arena, const char *, room);
        if (more == NULL)
            return import_no_memory(w->m);
        if (f->id_room > 0)
            memcpy(more, f->id, f->id_room * sizeof *more);
        f->id = more;
        f->id_room = room;
    }
    f->id[i] = np_arena_copy_text(w->m->arena, id, strlen(id));
    return f->id[i] == NULL ? import_no_memory(w->m) : NP_OK;
}

static bool is_day(const char *text)
{
    int32_t day;
    return np_date_parse(&day, text, strlen(text));
}

/* The one record that has the text, valid on the day `on` where it is not "". */
static np_status find_one(np_str *out, row_work *w, import_field *f, const char *text,
                          const char *on)
{
    np_rows rows;
    np_status status = look_up(&rows, w, f->from, text, on);
    if (status != NP_OK)
        return status;
    size_t n = 0;
    np_value *cell = np_arena_array(w->m->scratch, np_value, rows.n_rows * 3);
    if (cell == NULL)
        return import_no_memory(w->m);
    for (size_t i = 0; i < rows.n_rows; i++)
        if (is_valid(&rows.cell[3 * i], on))
            memcpy(&cell[3 * n++], &rows.cell[3 * i], 3 * sizeof *cell);
    rows.cell = cell;
    if (n == 1)
        *out = np_str_of(cell[0].text);
    else
        not_one(w, f, text, &rows, n);
    return NP_OK;
}

static np_status find_record(np_str *out, row_work *w, import_field *f)
{
    np_str text = copy(w, out->text, out->length);
    const char *on = "";
    if (f->from->lookup_on.n > 0)
        on = pattern_text(w, &f->on).text;
    *out = (np_str){"", 0};
    if (f->from->lookup_on.n > 0 && !is_day(on)) {
        object(w, "lookup", f, _("the day of the lookup is no date in this row"),
               _("see lookup: {on: …} of the mapping"));
        return NP_OK;
    }
    np_str key = text;
    if (on[0] != '\0') {
        char *both = np_arena_format(w->m->scratch, "%s\n%s", text.text, on);
        if (both == NULL)
            return import_no_memory(w->m);
        key = np_str_of(both);
    }
    int32_t known = np_text_map_find(f->known, key.text, key.length);
    if (known >= 0) {
        *out = np_str_of(f->id[known]);
        return NP_OK;
    }
    np_status status = find_one(out, w, f, text.text, on);
    return status == NP_OK && out->length > 0 ? remember(w, f, key, out->text) : status;
}

/* The text as a date, in whatever way dates are written. */
static bool date_of(int32_t *out, row_work *w, np_str text)
{
    static const np_field field = {.name = "date", .type = NP_FIELD_DATE};
    np_value value;
    return np_value_parse(&value, &field, text.text, text.length, '.', w->m->scratch,
                          NULL) == NP_OK &&
           value.type == NP_VALUE_TEXT &&
           np_date_parse(out, value.text, strlen(value.text));
}

/* What is no date stays, and is told as no period. */
static np_str as_period(row_work *w, np_str text, np_mapping_form as)
{
    int32_t day;
    char period[NP_PERIOD_TEXT];
    if (!date_of(&day, w, text))
        return text;
    np_period_format(period, np_period_of_day(day, (np_period_length)(as - NP_AS_YEAR)));
    return copy(w, period, strlen(period));
}

static np_str day_before(row_work *w, np_str text)
{
    int32_t day;
    char date[NP_DATE_LENGTH];
    if (!date_of(&day, w, text))
        return text;
    np_date_format(date, day - 1);
    return copy(w, date, strlen(date));
}

static np_status convert(row_work *w, import_field *f, field_text text)
{
    const np_mapping_field *from = f->from;
    const char *word = word_of(from->word, from->n_words, text.text);
    np_status status = NP_OK;
    if (word != NULL)
        text = (field_text){.text = np_str_of(word)};
    const char *reason = word_of(from->symbol, from->n_symbols, text.text);
    bool dash =
        from->dash != NP_DASH_REFUSED && of_numbers(w, from->field) && is_dash(text.text);
    if (reason != NULL)
        text = (field_text){.text = {"", 0}, .reason = reason};
    else if (dash)
        text = (field_text){.text = np_str_of(from->dash == NP_DASH_ZERO ? "0" : "")};
    if (from->digits > 0 && text.text.length > 0)
        text.text = filled_up(w, text.text, from->digits);
    if (from->as == NP_AS_IDENTIFIER)
        text.text = as_identifier(w, text.text);
    else if (from->as != NP_AS_IT_IS)
        text.text = as_period(w, text.text, from->as);
    if (from->exclusive)
        text.text = day_before(w, text.text);
    if (from->lookup != NULL && text.text.length > 0 && word == NULL)
        status = find_record(&text.text, w, f);
    if (text.text.length == 0 && text.reason == NULL) {
        if (from->otherwise != NULL)
            text = (field_text){.text = np_str_of(from->otherwise)};
        else
            text.reason = from->blank;
    }
    w->text[from->field] = text;
    if (text.reason != NULL && f->missing < w->kind->n_fields)
        w->text[f->missing].text = np_str_of(text.reason);
    return status;
}

static field_text of_cell(const np_table_cell *cell)
{
    return (field_text){.text = np_str_trim(cell->text), .number = cell->number};
}

static np_status make_texts(row_work *w)
{
    const np_mapping_record *from = w->r->from;
    np_status status = NP_OK;
    for (size_t f = 0; f <= w->kind->n_fields; f++)
        w->text[f] = (field_text){.text = {"", 0}};
    if (w->key != NULL) {
        w->text[from->repeat.field].text = np_str_of(w->key);
        if (from->repeat.into < w->kind->n_fields)
            w->text[from->repeat.into] = of_cell(&w->repeated);
    }
    for (size_t i = 0; i < from->n_fields && status == NP_OK; i++) {
        import_field *f = &w->r->field[i];
        if (f->pattern.pattern != NULL)
            continue;
        field_text text = w->text[f->from->field];
        if (f->column >= 0)
            text = of_cell(&w->cell[f->column]);
        status = convert(w, f, text);
    }
    for (size_t i = 0; i < from->n_fields && status == NP_OK; i++) {
        import_field *f = &w->r->field[i];
        if (f->pattern.pattern != NULL)
            status = convert(w, f, (field_text){.text = pattern_text(w, &f->pattern)});
    }
    return status;
}

static const import_field *field_of(const row_work *w, size_t place)
{
    for (size_t i = 0; i < w->r->from->n_fields; i++)
        if (w->r->field[i].from->field == place)
            return &w->r->field[i];
    return NULL;
}

static char decimal_of(const row_work *w, const import_field *f, const field_text *text)
{
    if (text->number)
        return '.';
    return f != NULL && f->from->decimal != 0 ? f->from->decimal : w->file->decimal;
}

static void make_value(np_value *out, row_work *w, size_t place)
{
    const np_field *field = &w->kind->field[place];
    const field_text *text = &w->text[place];
    const import_field *f = field_of(w, place);
    np_error err = {0};
    if (np_value_parse(out, field, text->text.text, text->text.length,
                       decimal_of(w, f, text), w->m->scratch, &err) == NP_OK)
        return;
    static const np_mapping_field none;
    import_field stand_in = {.from = &none, .column = IMPORT_NO_COLUMN};
    if (f == NULL) {
        np_mapping_field *named = np_arena_array(w->m->scratch, np_mapping_field, 1);
        if (named != NULL) {
            named->field = place;
            stand_in.from = named;
        }
        f = &stand_in;
    }
    object(w, "value", f, err.message, err.hint);
}

static np_status make_record(row_work *w, import_take *take)
{
    w->failed = false;
    np_status status = make_texts(w);
    np_value *value = np_arena_array(w->m->scratch, np_value, w->kind->n_fields);
    if (status == NP_OK && value == NULL)
        status = import_no_memory(w->m);
    if (status != NP_OK)
        return status;
    for (size_t f = 0; f < w->kind->n_fields; f++)
        if (w->r->given[f])
            make_value(&value[f], w, f);
    np_str id = w->text[w->kind->n_fields].text;
    import_made made = {.from = w->r,
                        .record = {.kind = w->kind, .value = value},
                        .given = w->r->given,
                        .column = w->key == NULL ? IMPORT_NO_COLUMN : w->column,
                        .failed = w->failed};
    if (id.length > 0)
        made.record.id = copy(w, id.text, id.length).text;
    return take(w->m, &made);
}

static bool tests_hold(row_work *w)
{
    const np_mapping_record *from = w->r->from;
    for (size_t i = 0; i < from->n_where; i++) {
        const import_test *t = &w->r->test[i];
        if (t->column == IMPORT_NO_COLUMN)
            return false;
        np_str text = np_str_trim(w->cell[t->column].text);
        bool any = false;
        for (size_t k = 0; k < from->where[i].n && !any; k++)
            any = np_str_equal(text, pattern_text(w, &t->value[k]));
        if (any == from->where[i].is_not)
            return false;
    }
    return true;
}

static bool wants_cell(const row_work *w, const np_table_cell *cell)
{
    const np_mapping_repeat *repeat = &w->r->from->repeat;
    np_str text = np_str_trim(cell->text);
    for (size_t i = 0; i < repeat->n_where; i++)
        if (np_str_equals(text, repeat->where[i]))
            return true;
    if (repeat->n_where > 0)
        return false;
    const import_field *into = field_of(w, repeat->into);
    bool keep = repeat->into < w->kind->n_fields &&
                (repeat->keep_blank || (into != NULL && into->from->blank != NULL));
    return text.length > 0 || keep;
}

static np_status repeat_columns(row_work *w, import_take *take)
{
    const np_mapping_repeat *repeat = &w->r->from->repeat;
    np_status status = NP_OK;
    for (size_t i = 0; i < repeat->n_columns && status == NP_OK; i++) {
        w->column = w->r->repeat[i];
        if (w->column == IMPORT_NO_COLUMN || !wants_cell(w, &w->cell[w->column]))
            continue;
        w->key = repeat->column[i].to;
        w->repeated = w->cell[w->column];
        status = make_record(w, take);
    }
    return status;
}

static np_status repeat_parts(row_work *w, import_take *take)
{
    const np_mapping_repeat *repeat = &w->r->from->repeat;
    if (w->r->divided == IMPORT_NO_COLUMN)
        return NP_OK;
    np_str rest = w->cell[w->r->divided].text;
    size_t length = strlen(repeat->divided_by);
    np_status status = NP_OK;
    w->column = w->r->divided;
    while (rest.length > 0 && status == NP_OK) {
        const char *end = memmem(rest.text, rest.length, repeat->divided_by, length);
        size_t n = end == NULL ? rest.length : (size_t)(end - rest.text);
        np_str part = np_str_trim((np_str){rest.text, n});
        n += end == NULL ? 0 : length;
        rest = (np_str){rest.text + n, rest.length - n};
        if (part.length == 0)
            continue;
        w->repeated = (np_table_cell){.text = part};
        w->key = copy(w, part.text, part.length).text;
        status = make_record(w, take);
    }
    return status;
}

np_status import_row(importer *m, import_file *file, const np_table_cell *cell,
                     import_take *take)
{
    np_status status = NP_OK;
    for (size_t i = 0; i < file->mapping->n_records && status == NP_OK; i++) {
        row_work w = {.m = m,
                      .file = file,
                      .r = &file->record[i],
                      .kind = file->record[i].from->kind,
                      .cell = cell,
                      .column = IMPORT_NO_COLUMN};
        if (!tests_hold(&w))
            continue;
        if (!w.r->from->repeats)
            status = make_record(&w, take);
        else if (w.r->from->repeat.n_columns > 0)
            status = repeat_columns(&w, take);
        else
            status = repeat_parts(&w, take);
    }
    return status == NP_OK && m->no_memory ? NP_E_NO_MEMORY : status;
}
