#include "programme/coding_scheme.h"

#include <string.h>
#include <strings.h>

#include "store/query.h"

static const char *copy(np_arena *arena, const char *text)
{
    return text == NULL ? NULL : np_arena_copy_text(arena, text, strlen(text));
}

static const char *cell(const np_rows *rows, size_t row, size_t column)
{
    np_value value = rows->cell[row * rows->n_columns + column];
    return value.type == NP_VALUE_TEXT ? value.text : NULL;
}

static const char *or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static size_t count_commas(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++)
        n += *text == ',' || *text == ';';
    return n;
}

static np_status parse_keywords(np_coding_category *c, np_stemmer *stemmer,
                                np_arena *arena, np_error *err)
{
    np_phrase *phrase = np_arena_array(arena, np_phrase, count_commas(c->keywords) + 1);
    if (phrase == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    c->phrase = phrase;
    for (const char *p = c->keywords; *p != '\0';) {
        size_t length = strcspn(p, ",;");
        np_status status =
            np_phrase_parse(&phrase[c->n_phrases], stemmer, p, length, arena, err);
        if (status != NP_OK)
            return status;
        c->n_phrases += phrase[c->n_phrases].n > 0;
        p += length + (p[length] != '\0');
    }
    return NP_OK;
}

enum { ID = 0, CODE, NAME, NAME_NB, NAME_NN, DEFINITION, KEYWORDS, POSITION, N_COLUMNS };

static np_status read_rows(np_rows *out, np_store *store, const char *id, np_arena *arena,
                           np_error *err)
{
    static const np_query_column column[N_COLUMNS] = {
        [ID] = {"id", NP_VALUES},
        [CODE] = {"code", NP_VALUES},
        [NAME] = {"name", NP_VALUES},
        [NAME_NB] = {"name_nb", NP_VALUES},
        [NAME_NN] = {"name_nn", NP_VALUES},
        [DEFINITION] = {"definition", NP_VALUES},
        [KEYWORDS] = {"keywords", NP_VALUES},
        [POSITION] = {"position", NP_VALUES},
    };
    static const size_t order[] = {POSITION, CODE};
    np_value value = NP_VALUE_OF_TEXT(id);
    np_where of_scheme = {"scheme", NP_WHERE_EQUAL, &value, 1};
    np_query query = {.kind = np_kind_find("category"),
                      .column = column,
                      .n_columns = N_COLUMNS,
                      .where = &of_scheme,
                      .n_where = 1,
                      .order = order,
                      .n_order = 2};
    return np_store_query(out, store, &query, arena, err);
}

static np_status take_category(np_coding_category *out, const np_rows *rows, size_t row,
                               np_stemmer *stemmer, np_arena *arena, np_error *err)
{
    *out = (np_coding_category){
        .id = cell(rows, row, ID),
        .code = cell(rows, row, CODE),
        .names = {.text = {[NP_ENGLISH] = cell(rows, row, NAME),
                           [NP_BOKMAAL] = cell(rows, row, NAME_NB),
                           [NP_NYNORSK] = cell(rows, row, NAME_NN)}},
        .definition = or_empty(cell(rows, row, DEFINITION)),
        .keywords = or_empty(cell(rows, row, KEYWORDS)),
    };
    out->name = np_localised_text(&out->names, np_language_get());
    return parse_keywords(out, stemmer, arena, err);
}

static np_status read_categories(np_coding_scheme *out, np_store *store, np_arena *arena,
                                 np_error *err)
{
    np_rows rows;
    np_status status = read_rows(&rows, store, out->id, arena, err);
    if (status != NP_OK)
        return status;
    np_coding_category *category =
        np_arena_array(arena, np_coding_category, rows.n_rows + 1);
    np_stemmer *stemmer = np_stemmer_new();
    if (category == NULL || stemmer == NULL)
        status = np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t r = 0; r < rows.n_rows && status == NP_OK; r++)
        status = take_category(&category[r], &rows, r, stemmer, arena, err);
    np_stemmer_free(stemmer);
    out->category = category;
    out->n = rows.n_rows;
    return status;
}

static np_status no_scheme(np_store *store, const char *id, np_arena *arena,
                           np_error *err)
{
    const np_query_column column = {"id", NP_VALUES};
    np_query query = {.kind = np_kind_find("scheme"), .column = &column, .n_columns = 1};
    np_rows rows;
    np_status status = np_store_query(&rows, store, &query, arena, err);
    if (status != NP_OK)
        return status;
    const char **names = np_arena_array(arena, const char *, rows.n_rows + 1);
    if (names == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t r = 0; r < rows.n_rows; r++)
        names[r] = cell(&rows, r, 0);
    np_fail(err, NP_E_UNKNOWN_NAME, _("there is no scheme %s"), id);
    const char *near = np_nearest_name(id, names, rows.n_rows);
    return near == NULL ? np_error_hint(err, _("schemes are defined in programme.yaml"))
                        : np_error_hint(err, _("did you mean %s?"), near);
}

np_status np_coding_scheme_read(np_coding_scheme *out, np_store *store, const char *id,
                                np_arena *arena, np_error *err)
{
    const np_kind *kind = np_kind_find("scheme");
    np_record record;
    bool there = false;
    np_status status = np_store_has(&there, store, kind, id, err);
    if (status == NP_OK && !there)
        return no_scheme(store, id, arena, err);
    if (status == NP_OK)
        status = np_store_get(&record, store, kind, id, arena, err);
    if (status != NP_OK)
        return status;
    np_localised names = {.text = {np_record_text(&record, "name"),
                                   np_record_text(&record, "name_nb"),
                                   np_record_text(&record, "name_nn")}};
    *out =
        (np_coding_scheme){.id = copy(arena, id),
                           .name = np_localised_text(&names, np_language_get()),
                           .sort = np_record_text(&record, "sort"),
                           .theme = np_record_text(&record, "theme"),
                           .definition = or_empty(np_record_text(&record, "definition")),
                           .previous = np_record_text(&record, "previous"),
                           .several = np_record_integer(&record, "several", 0) == 1};
    if (out->id == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    return read_categories(out, store, arena, err);
}

static bool says(const char *name, const char *text, size_t length)
{
    return name != NULL && strlen(name) == length && strncasecmp(name, text, length) == 0;
}

size_t np_coding_scheme_find(const np_coding_scheme *scheme, const char *text,
                             size_t length)
{
    for (size_t c = 0; c < scheme->n; c++)
        if (says(scheme->category[c].code, text, length) ||
            says(scheme->category[c].id, text, length))
            return c;
    for (size_t c = 0; c < scheme->n; c++)
        for (int l = NP_ENGLISH; l <= NP_NYNORSK; l++)
            if (says(scheme->category[c].names.text[l], text, length))
                return c;
    return scheme->n;
}

size_t np_coding_scheme_place(const np_coding_scheme *scheme, const char *id)
{
    size_t c = 0;
    while (c < scheme->n && strcmp(scheme->category[c].id, id) != 0)
        c++;
    return c;
}

np_status np_coding_suggest(bool *suggested, const np_coding_scheme *scheme,
                            np_stemmer *stemmer, const char *text, np_arena *scratch,
                            np_error *err)
{
    np_words words;
    np_status status = np_words_of(&words, stemmer, text, strlen(text), scratch, err);
    if (status != NP_OK)
        return status;
    for (size_t c = 0; c < scheme->n; c++) {
        suggested[c] = false;
        for (size_t p = 0; p < scheme->category[c].n_phrases && !suggested[c]; p++)
            suggested[c] = np_phrase_in(&scheme->category[c].phrase[p], &words);
    }
    return NP_OK;
}
