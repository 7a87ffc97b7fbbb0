#include "cli/cmd_coding.h"

#include <string.h>

#include "programme/coding.h"
#include "report/render_xlsx.h"

enum { MOST_COLUMNS = 64, LABEL_COLUMNS = 3 };

struct coding_table {
    np_arena *arena;
    size_t n_rows, n_columns;
    const char *name[MOST_COLUMNS];
    const char *const *column[MOST_COLUMNS]; /* NULL: `constant` */
    const char *constant[MOST_COLUMNS];
    bool failed;
};

coding_table *coding_table_new(np_arena *arena, size_t n_rows)
{
    coding_table *t = np_arena_array(arena, coding_table, 1);
    if (t != NULL)
        *t = (coding_table){.arena = arena, .n_rows = n_rows};
    return t;
}

void coding_table_column(coding_table *t, const char *name, const char *const *text)
{
    t->failed = t->failed || text == NULL || name == NULL || t->n_columns == MOST_COLUMNS;
    if (t->failed)
        return;
    t->name[t->n_columns] = name;
    t->column[t->n_columns++] = text;
}

void coding_table_constant(coding_table *t, const char *name, const char *text)
{
    t->failed = t->failed || t->n_columns == MOST_COLUMNS;
    if (t->failed)
        return;
    t->name[t->n_columns] = name;
    t->column[t->n_columns] = NULL;
    t->constant[t->n_columns++] = text;
}

void coding_table_items(coding_table *t, const np_coding_item *item, size_t stride)
{
    static const char *const name[] = {"item", "period", "project", "theme", "text"};
    for (size_t c = 0; c < sizeof name / sizeof *name; c++) {
        const char **text = np_arena_array(t->arena, const char *, t->n_rows + 1);
        for (size_t r = 0; text != NULL && r < t->n_rows; r++) {
            const np_coding_item *i =
                (const np_coding_item *)(const void *)((const char *)item + r * stride);
            const char *const of[] = {i->id, i->period, i->project, i->theme, i->text};
            text[r] = of[c];
        }
        coding_table_column(t, name[c], text);
    }
}

static np_category_set set_at(const np_category_set *set, size_t stride, size_t row)
{
    return *(const np_category_set *)(const void *)((const char *)set + row * stride);
}

/* The k-th of n columns has the k-th category of a set, the last one all that are left.
 */
static np_category_set part_of(np_category_set set, size_t k, size_t n)
{
    for (size_t i = 0; i < k; i++)
        set &= set - 1;
    return k + 1 == n ? set : set & (~set + 1);
}

void coding_table_labels(coding_table *t, const char *word, const np_category_set *set,
                         size_t stride, const np_coding_scheme *scheme)
{
    size_t n = scheme->several ? LABEL_COLUMNS : 1;
    for (size_t k = 0; k < n; k++) {
        const char **text = np_arena_array(t->arena, const char *, t->n_rows + 1);
        for (size_t r = 0; text != NULL && r < t->n_rows; r++)
            text[r] =
                np_coding_codes(part_of(set_at(set, stride, r), k, n), scheme, t->arena);
        const char *name =
            n == 1 ? word : np_arena_format(t->arena, "%s_%zu", word, k + 1);
        coding_table_column(t, name, text);
    }
}

static const np_doc_table *doc_table(coding_table *t, const char *title)
{
    np_table_builder *b =
        np_table_builder_new(t->arena, NP_CODING_WORKSHEET, title, t->n_columns);
    np_table_builder_head(b);
    for (size_t c = 0; c < t->n_columns; c++) {
        np_table_builder_align(b, c, NP_ALIGN_LEFT);
        np_table_builder_cell(b, t->name[c]);
    }
    for (size_t r = 0; r < t->n_rows; r++) {
        np_table_builder_row(b);
        for (size_t c = 0; c < t->n_columns; c++)
            np_table_builder_cell(b, t->column[c] == NULL ? t->constant[c]
                                                          : t->column[c][r]);
    }
    return t->failed ? NULL : np_table_builder_done(b);
}

/* The categories, for the coder to look up. */
static const np_doc_table *codes_table(const np_coding_scheme *scheme, np_arena *arena)
{
    static const char *const head[] = {"code", "name", "definition", "keywords"};
    np_table_builder *b = np_table_builder_new(arena, "codes", scheme->name, 4);
    np_table_builder_head(b);
    for (size_t c = 0; c < 4; c++) {
        np_table_builder_align(b, c, NP_ALIGN_LEFT);
        np_table_builder_cell(b, head[c]);
    }
    for (size_t c = 0; c < scheme->n; c++) {
        const np_coding_category *category = &scheme->category[c];
        np_table_builder_row(b);
        np_table_builder_cell(b, category->code);
        np_table_builder_cell(b, category->name);
        np_table_builder_cell(b, category->definition);
        np_table_builder_cell(b, category->keywords);
    }
    if (scheme->definition[0] != '\0')
        np_table_builder_note(b, "%s", scheme->definition);
    return np_table_builder_done(b);
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), k = strlen(end);
    return n >= k && strcmp(text + n - k, end) == 0;
}

static np_status write_csv(const char *path, const np_doc_table *table, np_arena *arena,
                           np_error *err)
{
    np_buf buf = {0};
    np_doc_render_csv(&buf, table, NP_CSV_POINT);
    np_status status = np_buf_done(&buf) == NULL
                           ? np_fail(err, NP_E_NO_MEMORY, _("no memory left"))
                           : np_output_write("--output", path, &buf, arena, err);
    np_buf_free(&buf);
    return status;
}

/* "sheet.csv" and "sheet-codes.csv". */
static np_status write_two_files(const char *path, const np_doc_table *sheet,
                                 const np_doc_table *codes, const np_call *call,
                                 np_error *err)
{
    int stem = (int)(strlen(path) - (ends_with(path, ".csv") ? 4 : 0));
    const char *beside = np_arena_format(call->arena, "%.*s-codes.csv", stem, path);
    if (beside == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = write_csv(path, sheet, call->arena, err);
    if (status == NP_OK)
        status = write_csv(beside, codes, call->arena, err);
    if (status == NP_OK)
        np_buf_format(call->messages, _("The categories are in %s.\n"), beside);
    return status;
}

np_status coding_table_write(const np_call *call, coding_table *t,
                             const np_coding_scheme *scheme, np_error *err)
{
    const char *path = np_argument(call->arguments, "output");
    const np_doc_table *sheet = doc_table(t, scheme->name);
    const np_doc_table *codes = codes_table(scheme, call->arena);
    if (sheet == NULL || codes == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (path == NULL) {
        np_doc_render_csv(call->out, sheet, NP_CSV_POINT);
        return NP_OK;
    }
    if (!ends_with(path, ".xlsx"))
        return write_two_files(path, sheet, codes, call, err);
    np_doc doc = np_doc_new(call->arena, np_language_get(), scheme->name, NULL);
    np_doc_add_table(&doc, sheet);
    np_doc_add_table(&doc, codes);
    np_status status = np_doc_done(&doc, err);
    return status == NP_OK ? np_doc_write_xlsx(path, &doc, call->arena, err) : status;
}

static np_status sheet_spec(np_coding_sheet_spec *out, const char **scheme,
                            const np_call *call, np_error *err)
{
    int64_t sample = 0;
    *out =
        (np_coding_sheet_spec){.uncoded = np_argument_given(call->arguments, "uncoded")};
    np_status status = coding_needed(scheme, call, "scheme", err);
    if (status == NP_OK)
        status = coding_needed(&out->coder, call, "coder", err);
    if (status == NP_OK)
        status = coding_filter(&out->filter, call, err);
    if (status == NP_OK)
        status = coding_seed(&out->seed, call, err);
    if (status == NP_OK && np_argument_given(call->arguments, "sample"))
        status =
            np_argument_integer(&sample, call->arguments, "sample", 1, INT32_MAX, err);
    out->sample = (size_t)sample;
    return status;
}

static void say_left_out(const np_call *call, const np_coding_sheet *s)
{
    np_buf_format(call->messages, _("%zu of %zu items are in the sheet"), s->n,
                  s->n_items);
    if (s->n_without_text > 0)
        np_buf_format(call->messages, _("; %zu have no text"), s->n_without_text);
    if (s->n_not_drawn > 0)
        np_buf_format(call->messages, _("; %zu were not drawn"), s->n_not_drawn);
    if (s->n_coded > 0)
        np_buf_format(call->messages, _("; %zu are coded already"), s->n_coded);
    np_buf_add(call->messages, ".\n");
}

np_status coding_sheet(const np_call *call, np_programme *programme, bool *answer_no,
                       np_error *err)
{
    const char *scheme;
    np_coding_sheet_spec spec;
    np_coding_sheet s;
    (void)answer_no;
    np_status status = sheet_spec(&spec, &scheme, call, err);
    if (status == NP_OK)
        status =
            np_coding_sheet_make(&s, programme->store, scheme, &spec, call->arena, err);
    if (status != NP_OK)
        return status;
    coding_table *t = coding_table_new(call->arena, s.n);
    const char **suggested = np_arena_array(call->arena, const char *, s.n + 1);
    if (t == NULL || suggested == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t r = 0; r < s.n; r++)
        suggested[r] = np_coding_codes(s.row[r].suggested, &s.scheme, call->arena);
    coding_table_items(t, &s.row[0].item, sizeof *s.row);
    coding_table_column(t, "suggested_by_keywords", suggested);
    coding_table_labels(t, "label", &s.row[0].own, sizeof *s.row, &s.scheme);
    coding_table_constant(t, "note", "");
    coding_table_constant(t, "scheme", s.scheme.id);
    coding_table_constant(t, "coder", spec.coder);
    say_left_out(call, &s);
    return coding_table_write(call, t, &s.scheme, err);
}

/* The items on which coders differ and that nobody has settled. */
static np_status open_items(size_t *n, size_t *place, const np_coder_agreement *a,
                            np_store *store, np_arena *arena, np_error *err)
{
    np_settled settled;
    np_status status = np_item_settled(&settled, store, a->scheme.id, arena, err);
    for (size_t i = 0; i < a->n_disagreed && status == NP_OK; i++) {
        size_t at = np_settled_find(&settled, a->labels.item[a->disagreed[i]]);
        if (at == settled.n_items || settled.how[at] != NP_SETTLED_ADJUDICATED)
            place[(*n)++] = a->disagreed[i];
    }
    return status;
}

static void add_coder(coding_table *t, const np_coder_agreement *a, size_t coder,
                      const size_t *place)
{
    const char **text = np_arena_array(t->arena, const char *, t->n_rows + 1);
    for (size_t r = 0; r < t->n_rows && text != NULL; r++)
        text[r] = np_coding_codes(a->labels.set[place[r] * a->labels.n_coders + coder],
                                  &a->scheme, t->arena);
    coding_table_column(t, np_arena_format(t->arena, "by %s", a->labels.coder[coder]),
                        text);
}

static np_status write_disagreements(const np_call *call, np_store *store,
                                     const np_coder_agreement *a, const size_t *place,
                                     size_t n, np_error *err)
{
    np_coding_items items;
    np_status status = np_coding_items_read(&items, store, &a->scheme,
                                            &(np_coding_filter){0}, call->arena, err);
    if (status != NP_OK)
        return status;
    coding_table *t = coding_table_new(call->arena, n);
    np_coding_item *item = np_arena_array(call->arena, np_coding_item, n + 1);
    np_category_set *none = np_arena_array(call->arena, np_category_set, n + 1);
    if (t == NULL || item == NULL || none == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t r = 0; r < n; r++) {
        size_t at = np_coding_items_find(&items, a->labels.item[place[r]]);
        item[r] = at < items.n ? items.item[at]
                               : (np_coding_item){.id = a->labels.item[place[r]]};
    }
    coding_table_items(t, item, sizeof *item);
    for (size_t c = 0; c < a->labels.n_coders; c++)
        add_coder(t, a, c, place);
    coding_table_labels(t, "decision", none, sizeof *none, &a->scheme);
    coding_table_constant(t, "reason", "");
    coding_table_constant(t, "scheme", a->scheme.id);
    return coding_table_write(call, t, &a->scheme, err);
}

np_status coding_disagreements(const np_call *call, np_programme *programme,
                               bool *answer_no, np_error *err)
{
    const char *scheme;
    np_coder_agreement_spec spec = {.n_draws = 1};
    np_coder_agreement a;
    (void)answer_no;
    np_status status = coding_needed(&scheme, call, "scheme", err);
    if (status == NP_OK)
        status = coding_filter(&spec.filter, call, err);
    if (status == NP_OK)
        status = np_coder_agreement_compute(&a, programme->store, scheme, &spec,
                                            call->arena, err);
    if (status != NP_OK)
        return status;
    size_t n = 0, *place = np_arena_array(call->arena, size_t, a.n_disagreed + 1);
    if (place == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    status = open_items(&n, place, &a, programme->store, call->arena, err);
    if (status != NP_OK)
        return status;
    np_buf_format(
        call->messages,
        _("Of %zu items with labels of two coders or more, coders differ on %zu; "
          "%zu of them are settled.\n"),
        a.n_twice, a.n_disagreed, a.n_disagreed - n);
    return write_disagreements(call, programme->store, &a, place, n, err);
}
