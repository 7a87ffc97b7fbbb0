#include "programme/coding_read.h"

#include <string.h>

#include "base/date.h"
#include "base/map.h"
#include "io/table_rows.h"
#include "programme/draft.h"

enum { MOST_LABEL_COLUMNS = 32, NO_COLUMN = -1 };

/* A row that says something. */
typedef struct {
    uint32_t line;
    const char *item;
    np_category_set named; /* empty: the item gets none */
    const char *note;      /* NULL: not said */
} said;

typedef struct {
    np_store *store;
    const np_coding_read_spec *spec;
    np_problems *problems;
    np_arena *arena;
    np_table_rows *rows;
    int item, scheme, coder, text, note; /* columns */
    int label[MOST_LABEL_COLUMNS];
    size_t n_labels;
    np_coding_scheme categories;
    np_coding_items items;
    np_text_map *seen;
    said *said;
    size_t n_said, room;
    np_coding_read result;
    const char *today;
    size_t n_strange; /* rows of another scheme or coder */
} reading;

static void problem(reading *r, uint32_t line, const char *column, const char *hint,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));

static void problem(reading *r, uint32_t line, const char *column, const char *hint,
                    const char *format, ...)
{
    char message[256];
    np_error e = {0};
    va_list args;
    va_start(args, format);
    np_text_vformat(message, sizeof message, format, args);
    va_end(args);
    np_fail(&e, NP_E_RANGE, "%s", message);
    if (hint != NULL)
        np_error_hint(&e, "%s", hint);
    np_error_file(&e, r->spec->path);
    np_error_field(&e, column, strlen(column));
    if (line > 0)
        np_error_at(&e, line, 0);
    np_problems_add(r->problems, &e);
}

static const char *label_word(const reading *r)
{
    return r->spec->adjudicate ? "decision" : "label";
}

static int find_column(const reading *r, const char *name)
{
    size_t n, place = np_table_rows_find(r->rows, name);
    np_table_rows_names(r->rows, &n);
    return place < n ? (int)place : NO_COLUMN;
}

/* "label", "labels", "label_1" … */
static bool is_label_column(const char *name, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(name, word, n) != 0)
        return false;
    const char *rest = name + n;
    return rest[0] == '\0' || strcmp(rest, "s") == 0 ||
           (rest[0] == '_' && rest[1] != '\0' &&
            strspn(rest + 1, "0123456789") == strlen(rest + 1));
}

static np_status find_columns(reading *r, np_error *err)
{
    size_t n;
    const char *const *name = np_table_rows_names(r->rows, &n);
    r->item = find_column(r, "item");
    r->scheme = find_column(r, "scheme");
    r->coder = find_column(r, "coder");
    r->text = find_column(r, "text");
    r->note = find_column(r, r->spec->adjudicate ? "reason" : "note");
    for (size_t c = 0; c < n && r->n_labels < MOST_LABEL_COLUMNS; c++)
        if (is_label_column(name[c], label_word(r)))
            r->label[r->n_labels++] = (int)c;
    if (r->item != NO_COLUMN && r->n_labels > 0)
        return NP_OK;
    np_fail(err, NP_E_PARSE, _("the sheet has no column %s"),
            r->item == NO_COLUMN ? "item" : label_word(r));
    np_error_hint(err, r->spec->adjudicate
                           ? _("nullpunkt coding disagreements writes such sheets")
                           : _("nullpunkt coding sheet writes such sheets"));
    return np_error_file(err, r->spec->path);
}

static np_status open_rows(reading *r, np_error *err)
{
    np_table_file_spec file = r->spec->file;
    bool named = file.sheet != NULL || file.sheet_number > 0;
    np_error own = {0};
    if (!named)
        file.sheet = NP_CODING_WORKSHEET;
    np_status status = np_table_rows_open(&r->rows, r->spec->path, &file, r->arena, &own);
    if (status == NP_E_UNKNOWN_NAME && !named)
        return np_table_rows_open(&r->rows, r->spec->path, &r->spec->file, r->arena, err);
    if (status != NP_OK && err != NULL)
        *err = own;
    return status;
}

static np_str text_at(const np_table_cell *cell, int column)
{
    return column == NO_COLUMN ? (np_str){"", 0} : np_str_trim(cell[column].text);
}

static const char *kept(reading *r, np_str s)
{
    return s.length == 0 ? NULL : np_arena_copy_text(r->arena, s.text, s.length);
}

/* The sheet's own word where the caller did not say it, and the same in every row. */
static bool take_word(const char **out, reading *r, uint32_t line, np_str said_here,
                      const char *column)
{
    if (said_here.length == 0 || np_str_equals(said_here, *out != NULL ? *out : ""))
        return true;
    if (*out == NULL) {
        *out = kept(r, said_here);
        return true;
    }
    /* One row says as much as a hundred that are of somebody else. */
    if (r->n_strange++ == 0)
        problem(r, line, column, _("a sheet is of one scheme and one coder"),
                _("%.*s, and not %s"), (int)said_here.length, said_here.text, *out);
    return false;
}

/* White space is the same, however much of it: spreadsheets change it. */
static bool same_text(np_str sheet, const char *text)
{
    size_t i = 0;
    const char *blank = " \t\r\n";
    for (; *text != '\0'; text++) {
        if (strchr(blank, *text) != NULL)
            continue;
        while (i < sheet.length && strchr(blank, sheet.text[i]) != NULL)
            i++;
        if (i == sheet.length || sheet.text[i++] != *text)
            return false;
    }
    while (i < sheet.length && strchr(blank, sheet.text[i]) != NULL)
        i++;
    return i == sheet.length;
}

static void unknown_category(reading *r, uint32_t line, const char *column, np_str part)
{
    const char *names[NP_CODING_MOST_CATEGORIES];
    char text[128], hint[160] = "";
    for (size_t c = 0; c < r->categories.n; c++)
        names[c] = r->categories.category[c].code;
    np_text_format(text, sizeof text, "%.*s", (int)part.length, part.text);
    const char *near = np_nearest_name(text, names, r->categories.n);
    if (near != NULL)
        np_text_format(hint, sizeof hint, _("did you mean %s?"), near);
    problem(r, line, column, hint[0] != '\0' ? hint : NULL,
            _("%s is no category of the scheme %s"), text, r->categories.id);
}

/* The categories of a cell, "a; b"; *cleared where it is "-". */
static void take_categories(np_category_set *set, bool *cleared, reading *r,
                            uint32_t line, const char *column, np_str cell)
{
    for (size_t at = 0; at <= cell.length;) {
        const char *end = memchr(cell.text + at, ';', cell.length - at);
        size_t length = end == NULL ? cell.length - at : (size_t)(end - cell.text) - at;
        np_str part = np_str_trim((np_str){cell.text + at, length});
        at += length + 1;
        if (part.length == 0)
            continue;
        if (np_str_equals(part, "-")) {
            *cleared = true;
            continue;
        }
        size_t c = np_coding_scheme_find(&r->categories, part.text, part.length);
        if (c < r->categories.n)
            *set |= (np_category_set)1 << c;
        else
            unknown_category(r, line, column, part);
    }
}

static np_status add_said(reading *r, said one, np_error *err)
{
    if (r->n_said == r->room) {
        size_t room = r->room == 0 ? 64 : 2 * r->room;
        said *more = np_arena_array(r->arena, said, room);
        if (more == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
        if (r->n_said > 0)
            memcpy(more, r->said, r->n_said * sizeof *more);
        r->said = more;
        r->room = room;
    }
    r->said[r->n_said++] = one;
    return NP_OK;
}

/* The first row says the scheme where the caller did not. */
static np_status need_scheme(reading *r, np_error *err)
{
    if (r->categories.id != NULL)
        return NP_OK;
    if (r->result.scheme == NULL) {
        np_fail(err, NP_E_USAGE, _("it is not known which scheme the sheet is of"));
        np_error_hint(err, _("say it with --scheme"));
        return np_error_file(err, r->spec->path);
    }
    np_status status =
        np_coding_scheme_read(&r->categories, r->store, r->result.scheme, r->arena, err);
    if (status == NP_OK && r->categories.n > NP_CODING_MOST_CATEGORIES)
        status = np_fail(err, NP_E_LIMIT,
                         _("the scheme %s has %zu categories; at most %d are coded by"),
                         r->categories.id, r->categories.n, NP_CODING_MOST_CATEGORIES);
    if (status == NP_OK)
        status = np_coding_items_read(&r->items, r->store, &r->categories,
                                      &(np_coding_filter){0}, r->arena, err);
    return status;
}

/* Whether the row is of an item of the scheme that no row before was of. */
static bool check_item(reading *r, const np_table_cell *cell, uint32_t line,
                       const char *item)
{
    if (item == NULL) {
        problem(r, line, "item", NULL, _("the row names no item"));
        return false;
    }
    size_t place = np_coding_items_find(&r->items, item);
    if (place == r->items.n) {
        problem(r, line, "item", NULL, _("there is no item %s that the scheme %s is for"),
                item, r->categories.id);
        return false;
    }
    size_t known = np_text_map_size(r->seen);
    int32_t index = np_text_map_add(r->seen, item, strlen(item));
    if (index >= 0 && (size_t)index < known) {
        problem(r, line, "item", NULL, _("the item %s stands in a row before"), item);
        return false;
    }
    const char *text = r->items.item[place].text;
    np_str sheet = text_at(cell, r->text);
    if (sheet.length > 0 && text != NULL && !same_text(sheet, text)) {
        problem(r, line, "text", _("was a column sorted by itself, or the text changed?"),
                _("the text is not that of the item %s"), item);
        return false;
    }
    return true;
}

static np_status read_row(reading *r, const np_table_cell *cell, uint32_t line,
                          np_error *err)
{
    size_t n_columns;
    const char *const *name = np_table_rows_names(r->rows, &n_columns);
    said one = {.line = line, .item = kept(r, text_at(cell, r->item))};
    bool cleared = false;
    r->result.n_rows++;
    bool good = take_word(&r->result.scheme, r, line, text_at(cell, r->scheme), "scheme");
    if (!r->spec->adjudicate)
        good &= take_word(&r->result.coder, r, line, text_at(cell, r->coder), "coder");
    np_status status = need_scheme(r, err);
    if (status != NP_OK)
        return status;
    good &= check_item(r, cell, line, one.item);
    for (size_t l = 0; l < r->n_labels; l++)
        take_categories(&one.named, &cleared, r, line, name[r->label[l]],
                        text_at(cell, r->label[l]));
    const char *column = name[r->label[0]];
    if (cleared && one.named != 0)
        problem(r, line, column, NULL,
                _("\"-\" says that the item has no category, and "
                  "categories are named too"));
    if (!r->categories.several && (one.named & (one.named - 1)) != 0)
        problem(r, line, column, NULL,
                _("an item has one category of the scheme %s, and several are named"),
                r->categories.id);
    one.note = kept(r, text_at(cell, r->note));
    r->result.n_cleared += cleared;
    r->result.n_named += one.named != 0;
    r->result.n_empty += !cleared && one.named == 0;
    return good && (cleared || one.named != 0) ? add_said(r, one, err) : NP_OK;
}

static np_status read_rows(reading *r, np_error *err)
{
    const np_table_cell *cell = NULL;
    uint32_t line = 0;
    for (;;) {
        np_error own = {0};
        np_status status = np_table_rows_next(&cell, &line, r->rows, &own);
        if (status == NP_E_PARSE) {
            np_problems_add(r->problems, &own);
            continue;
        }
        if (status != NP_OK) {
            if (err != NULL)
                *err = own;
            return status;
        }
        if (cell == NULL)
            return NP_OK;
        status = read_row(r, cell, line, err);
        if (status != NP_OK)
            return status;
    }
}

static void object(void *context, const np_objection *o)
{
    reading *r = context;
    uint32_t line = 0;
    if (o->warning) {
        if (r->spec->warn != NULL)
            r->spec->warn(r->spec->context, o);
        return;
    }
    for (size_t i = 0; i < r->n_said && line == 0; i++) {
        size_t n = strlen(r->said[i].item);
        if (strncmp(o->id, r->said[i].item, n) == 0 && o->id[n] == '/')
            line = r->said[i].line;
    }
    problem(r, line, o->field, o->hint, "%s %s: %s", o->kind, o->id, o->message);
}

static void start_record(np_draft *draft, const reading *r, const said *one,
                         size_t category)
{
    bool settles = r->spec->adjudicate;
    np_draft_start(draft, settles ? "adjudication" : "label", NULL);
    np_draft_text(draft, "item", one->item);
    np_draft_text(draft, "category", r->categories.category[category].id);
    np_draft_text(draft, settles ? "decided_by" : "coder",
                  settles ? r->spec->who : r->result.coder);
    np_draft_text(draft, "date", r->today);
    np_draft_text(draft, settles ? "reason" : "note", one->note);
}

/* Puts the record, or keeps it where it says the same, its date apart. */
static np_status put_category(reading *r, np_entry *entry, const said *one,
                              size_t category, np_error *err)
{
    np_draft draft;
    const char *id;
    bool there = false;
    start_record(&draft, r, one, category);
    np_status status = np_record_identifier(&id, &draft.record, r->arena, err);
    if (status == NP_OK)
        status = np_store_has(&there, r->store, draft.record.kind, id, err);
    if (status != NP_OK)
        return status;
    if (there) {
        np_record before;
        const char *field = r->spec->adjudicate ? "reason" : "note";
        status = np_store_get(&before, r->store, draft.record.kind, id, r->arena, err);
        if (status != NP_OK)
            return status;
        const char *note = np_record_text(&before, field);
        if (one->note == NULL || (note != NULL && strcmp(note, one->note) == 0))
            return np_entry_put(entry, &before, NULL, err);
    }
    return np_entry_put(entry, &draft.record, NULL, err);
}

static np_status take_away(reading *r, np_entry *entry, const said *one, size_t category,
                           np_error *err)
{
    np_draft draft;
    const char *id;
    bool there = false;
    start_record(&draft, r, one, category);
    np_status status = np_record_identifier(&id, &draft.record, r->arena, err);
    if (status == NP_OK)
        status = np_store_has(&there, r->store, draft.record.kind, id, err);
    if (status == NP_OK && there)
        status = np_entry_retract(entry, draft.record.kind, id, err);
    return status;
}

static np_status write_said(reading *r, np_error *err)
{
    np_entry *entry = NULL;
    np_entry_options options = {.who = r->spec->who,
                                .action = r->spec->adjudicate ? "adjudicate" : "code",
                                .why = r->spec->why != NULL ? r->spec->why : "",
                                .dry_run = r->spec->dry_run,
                                .sink = object,
                                .context = r};
    np_status status = np_entry_begin(&entry, r->store, &options, r->arena, err);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < r->n_said; i++)
        for (size_t c = 0; c < r->categories.n && status == NP_OK; c++)
            status = (r->said[i].named >> c & 1) == 1
                         ? put_category(r, entry, &r->said[i], c, err)
                         : take_away(r, entry, &r->said[i], c, err);
    if (status != NP_OK) {
        np_entry_abandon(entry);
        return status;
    }
    return np_entry_end(&r->result.entry, entry, err);
}

static np_status check_coder(reading *r, np_error *err)
{
    if (r->spec->adjudicate || r->result.coder != NULL)
        return NP_OK;
    np_fail(err, NP_E_USAGE, _("it is not known who coded"));
    np_error_hint(err, _("say it with --coder"));
    return np_error_file(err, r->spec->path);
}

static np_status read_and_write(reading *r, np_error *err)
{
    np_status status = find_columns(r, err);
    if (status == NP_OK)
        status = read_rows(r, err);
    if (status == NP_OK && r->result.n_rows > 0)
        status = check_coder(r, err);
    if (status == NP_OK && r->problems->n_seen == 0)
        status = write_said(r, err);
    return status;
}

np_status np_coding_read_sheet(np_coding_read *out, np_store *store,
                               const np_coding_read_spec *spec, np_problems *problems,
                               np_arena *arena, np_error *err)
{
    char today[16];
    np_date_format(today, np_date_today());
    reading r = {.store = store,
                 .spec = spec,
                 .problems = problems,
                 .arena = arena,
                 .seen = np_text_map_new(arena),
                 .today = today,
                 .result = {.scheme = spec->scheme,
                            .coder = spec->adjudicate ? NULL : spec->coder}};
    if (r.seen == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = open_rows(&r, err);
    if (status == NP_OK)
        status = read_and_write(&r, err);
    np_table_rows_close(r.rows);
    if (status == NP_OK)
        *out = r.result;
    return status;
}
