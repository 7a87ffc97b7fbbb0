#include "cli/cmd_coding.h"

#include <string.h>

#include "base/json.h"
#include "cli/common.h"
#include "programme/coding.h"

/* The rules' warnings: the first few in full, the others counted. */
enum { WARNINGS_SHOWN = 3 };
typedef struct {
    const np_call *call;
    size_t n;
} warnings;

static void tell_warning(void *context, const np_objection *objection)
{
    warnings *w = context;
    if (++w->n <= WARNINGS_SHOWN)
        np_objection_print((void *)w->call, objection);
}

static void tell_more(const np_call *call, size_t n, size_t shown)
{
    if (n > shown)
        np_buf_format(call->messages, _("… and %zu more\n"), n - shown);
}

static void say_read(const np_call *call, const np_coding_read *r)
{
    const np_entry_result *e = &r->entry;
    if (np_argument_given(call->arguments, "dry-run"))
        np_buf_format(call->out, "%s", _("a dry run, nothing is written: "));
    np_buf_format(call->out,
                  r->coder != NULL ? _("%zu of %zu items have labels of %s in %s")
                                   : _("%zu of %zu items have decisions in %s"),
                  r->n_named, r->n_rows, r->coder != NULL ? r->coder : r->scheme,
                  r->scheme);
    if (r->n_cleared > 0)
        np_buf_format(call->out, _("; %zu have none"), r->n_cleared);
    np_buf_format(call->out,
                  _(". New: %zu, changed: %zu, as before: %zu, taken away: "
                    "%zu.\n"),
                  e->n_new, e->n_changed, e->n_unchanged, e->n_retracted);
}

static np_status read_sheet(const np_call *call, np_programme *programme, bool adjudicate,
                            np_error *err)
{
    np_problems *problems = np_arena_array(call->arena, np_problems, 1);
    warnings warned = {.call = call};
    const np_arguments *a = call->arguments;
    np_coding_read_spec spec = {.path = np_positional(a, 1),
                                .file = {.sheet = np_argument(a, "worksheet")},
                                .adjudicate = adjudicate,
                                .scheme = np_argument(a, "scheme"),
                                .coder = np_argument(a, "coder"),
                                .why = np_argument(a, "why"),
                                .dry_run = np_argument_given(a, "dry-run"),
                                .warn = tell_warning,
                                .context = &warned};
    np_coding_read read;
    if (problems == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = np_writer(&spec.who, call, err);
    if (status == NP_OK)
        status = np_coding_read_sheet(&read, programme->store, &spec, problems,
                                      call->arena, err);
    if (status != NP_OK)
        return status;
    tell_more(call, warned.n, WARNINGS_SHOWN);
    np_problems_print(call, problems, 0);
    if (problems->n_seen > 0) {
        np_fail(err, NP_E_RANGE, _("nothing was written: %zu problems in %zu rows"),
                problems->n_seen, read.n_rows);
        return np_error_file(err, spec.path);
    }
    say_read(call, &read);
    return NP_OK;
}

np_status coding_read(const np_call *call, np_programme *programme, bool *answer_no,
                      np_error *err)
{
    (void)answer_no;
    return read_sheet(call, programme, false, err);
}

np_status coding_adjudicate(const np_call *call, np_programme *programme, bool *answer_no,
                            np_error *err)
{
    (void)answer_no;
    return read_sheet(call, programme, true, err);
}

static const char *comparability(const np_carried_category *c)
{
    if (c->carried == 0 && c->to_decide == 0)
        return _("no target: not comparable");
    if (c->to_decide != 0)
        return _("a coder decides: not comparable");
    return c->exact ? _("carried: the same") : _("carried: wider");
}

static void add_line(np_table_builder *b, const np_coding_crosswalk *c, size_t place,
                     np_arena *arena)
{
    const np_carried_category *line = &c->category[place];
    char count[24];
    np_text_format(count, sizeof count, "%zu", line->n_labels);
    np_table_builder_row(b);
    np_table_builder_row_header(b, c->from.category[place].code, 0);
    np_table_builder_cell(b, c->from.category[place].name);
    np_table_builder_cell(
        b, np_coding_codes(line->carried | line->to_decide, &c->to, arena));
    np_table_builder_cell(b, comparability(line));
    np_table_builder_number(b, count, (double)line->n_labels);
}

static np_status print_crosswalk(const np_call *call, const np_coding_crosswalk *c,
                                 np_error *err)
{
    const char *const head[] = {_("Category"), _("Name"), _("Becomes"), _("How"),
                                _("Labels")};
    char title[160];
    np_text_format(title, sizeof title, _("From %s to %s"), c->from.id, c->to.id);
    np_table_builder *b = np_table_builder_new(call->arena, "crosswalk", title, 5);
    np_table_builder_head(b);
    for (size_t i = 0; i < 5; i++) {
        np_table_builder_align(b, i, i < 4 ? NP_ALIGN_LEFT : NP_ALIGN_RIGHT);
        np_table_builder_cell(b, head[i]);
    }
    for (size_t i = 0; i < c->from.n; i++)
        add_line(b, c, i, call->arena);
    np_table_builder_note(b,
                          _("Carried: %zu; coded already: %zu; for a coder to look at: "
                            "%zu (each an item with a coder's labels, or a decision)."),
                          c->n_carried, c->n_already, c->n_uncarried);
    if (c->n_waiting > 0)
        np_table_builder_note(b,
                              _("%zu wait until another coder has looked at the item; "
                                "run this again then."),
                              c->n_waiting);
    if (c->n_settled > 0)
        np_table_builder_note(b, _("%zu are left, since their items are settled."),
                              c->n_settled);
    const np_doc_table *table = np_table_builder_done(b);
    if (table == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_doc_render_table(call->out, table, np_wanted_format(call->arguments),
                        np_language_get());
    return NP_OK;
}

static bool is_of(const np_uncarried *u, const char *coder)
{
    return u->coder != NULL && strcmp(u->coder, coder) == 0;
}

/* A sheet is of one coder: the one of --coder, or the only one there is. */
static np_status whose(const char **out, const np_call *call,
                       const np_coding_crosswalk *c, np_error *err)
{
    const char *coder = np_argument(call->arguments, "coder");
    for (size_t i = 0; i < c->n_uncarried && coder == NULL; i++)
        coder = c->uncarried[i].coder;
    for (size_t i = 0; i < c->n_uncarried; i++)
        if (!np_argument_given(call->arguments, "coder") &&
            c->uncarried[i].coder != NULL && !is_of(&c->uncarried[i], coder)) {
            np_fail(err, NP_E_USAGE,
                    _("--output: a sheet is of one coder, and %s and %s "
                      "have items to look at"),
                    coder, c->uncarried[i].coder);
            return np_error_hint(err, _("say with --coder whose; the labels are carried "
                                        "once, and the command can be repeated"));
        }
    *out = coder != NULL ? coder : "";
    return NP_OK;
}

static np_status write_uncarried(const np_call *call, const np_coding_crosswalk *c,
                                 np_error *err)
{
    const char *coder = "";
    np_status status = whose(&coder, call, c, err);
    if (status != NP_OK)
        return status;
    np_coding_item *item =
        np_arena_array(call->arena, np_coding_item, c->n_uncarried + 1);
    const char **before = np_arena_array(call->arena, const char *, c->n_uncarried + 1);
    const char **possible = np_arena_array(call->arena, const char *, c->n_uncarried + 1);
    np_category_set *none =
        np_arena_array(call->arena, np_category_set, c->n_uncarried + 1);
    size_t n = 0;
    if (item == NULL || before == NULL || possible == NULL || none == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < c->n_uncarried; i++) {
        const np_uncarried *u = &c->uncarried[i];
        if (!is_of(u, coder))
            continue;
        item[n] = u->item;
        before[n] = np_coding_codes(u->before, &c->from, call->arena);
        possible[n++] = np_coding_codes(u->possible, &c->to, call->arena);
    }
    coding_table *t = coding_table_new(call->arena, n);
    if (t == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    coding_table_items(t, item, sizeof *item);
    coding_table_column(t, "before", before);
    coding_table_column(t, "possible", possible);
    coding_table_labels(t, "label", none, sizeof *none, &c->to);
    coding_table_constant(t, "note", "");
    coding_table_constant(t, "scheme", c->to.id);
    coding_table_constant(t, "coder", coder);
    return coding_table_write(call, t, &c->to, err);
}

static np_status crosswalk_json(const np_call *call, const np_coding_crosswalk *c)
{
    np_json j = {.buf = call->out};
    np_json_object(&j);
    np_json_put_text(&j, "nullpunkt", NP_VERSION);
    np_json_put_text(&j, "from", c->from.id);
    np_json_put_text(&j, "to", c->to.id);
    np_json_put_integer(&j, "carried", (int64_t)c->n_carried);
    np_json_put_integer(&j, "already", (int64_t)c->n_already);
    np_json_put_integer(&j, "for_a_coder", (int64_t)c->n_uncarried);
    np_json_put_integer(&j, "waiting", (int64_t)c->n_waiting);
    np_json_put_integer(&j, "left_as_settled", (int64_t)c->n_settled);
    np_json_key(&j, "categories");
    np_json_array(&j);
    for (size_t i = 0; i < c->from.n; i++) {
        const np_carried_category *line = &c->category[i];
        np_json_object(&j);
        np_json_put_text(&j, "category", c->from.category[i].code);
        np_json_put_text(&j, "carried",
                         np_coding_codes(line->carried, &c->to, call->arena));
        np_json_put_text(&j, "to_decide",
                         np_coding_codes(line->to_decide, &c->to, call->arena));
        np_json_put_bool(&j, "comparable", line->carried != 0 && line->to_decide == 0);
        np_json_put_integer(&j, "labels", (int64_t)line->n_labels);
        np_json_end_object(&j);
    }
    np_json_end_array(&j);
    np_json_end_object(&j);
    return NP_OK;
}

np_status coding_crosswalk(const np_call *call, np_programme *programme, bool *answer_no,
                           np_error *err)
{
    const char *from, *to;
    np_entry_options options;
    np_coding_crosswalk c;
    np_status status = coding_needed(&from, call, "from", err);
    if (status == NP_OK)
        status = coding_needed(&to, call, "to", err);
    if (status == NP_OK)
        status = np_writing_options(&options, call, "crosswalk", err);
    if (status == NP_OK)
        status = np_coding_crosswalk_carry(&c, programme->store, from, to, &options,
                                           call->arena, err);
    if (status != NP_OK)
        return status;
    *answer_no = c.entry.n_objections > 0;
    status = np_wants_json(call->arguments) ? crosswalk_json(call, &c)
                                            : print_crosswalk(call, &c, err);
    if (status == NP_OK && np_argument_given(call->arguments, "output"))
        status = write_uncarried(call, &c, err);
    return status;
}

typedef struct {
    np_coding_scheme scheme;
    size_t n_items, n_without_text;
    size_t by[NP_SETTLED_NOT + 1];
} progress;

static np_status count_scheme(progress *out, np_store *store, const char *id,
                              np_arena *arena, np_error *err)
{
    np_coding_items items;
    np_settled settled;
    *out = (progress){0};
    np_status status = np_coding_scheme_read(&out->scheme, store, id, arena, err);
    if (status == NP_OK)
        status = np_coding_items_read(&items, store, &out->scheme, &(np_coding_filter){0},
                                      arena, err);
    if (status == NP_OK)
        status = np_item_settled(&settled, store, id, arena, err);
    if (status != NP_OK)
        return status;
    out->n_items = items.n;
    for (size_t i = 0; i < items.n; i++)
        out->n_without_text += items.item[i].text == NULL;
    for (size_t i = 0; i < settled.n_items; i++)
        out->by[settled.how[i]]++;
    return NP_OK;
}

typedef struct {
    np_store *store;
    np_arena *arena;
    progress *item;
    size_t n, room;
    const char *only;
} progresses;

static np_status count_next(void *context, const np_record *scheme, np_error *err)
{
    progresses *p = context;
    if (p->only != NULL && strcmp(p->only, scheme->id) != 0)
        return NP_OK;
    const char *id = np_arena_copy_text(p->arena, scheme->id, strlen(scheme->id));
    if (id == NULL || p->n == p->room)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    return count_scheme(&p->item[p->n++], p->store, id, p->arena, err);
}

static void status_json(const np_call *call, const progresses *p)
{
    static const char *const key[] = {"adjudicated", "one_coder", "agreed", "partly",
                                      "not_settled"};
    np_json j = {.buf = call->out};
    np_json_object(&j);
    np_json_put_text(&j, "nullpunkt", NP_VERSION);
    np_json_key(&j, "schemes");
    np_json_array(&j);
    for (size_t i = 0; i < p->n; i++) {
        np_json_object(&j);
        np_json_put_text(&j, "scheme", p->item[i].scheme.id);
        np_json_put_integer(&j, "items", (int64_t)p->item[i].n_items);
        np_json_put_integer(&j, "without_text", (int64_t)p->item[i].n_without_text);
        for (size_t h = 0; h <= NP_SETTLED_NOT; h++)
            np_json_put_integer(&j, key[h], (int64_t)p->item[i].by[h]);
        np_json_end_object(&j);
    }
    np_json_end_array(&j);
    np_json_end_object(&j);
}

static void add_count(np_table_builder *b, size_t n)
{
    char text[24];
    np_text_format(text, sizeof text, "%zu", n);
    np_table_builder_number(b, text, (double)n);
}

static np_status status_table(const np_call *call, const progresses *p, np_error *err)
{
    const char *const head[] = {_("Scheme"),     _("Items"),      _("Without text"),
                                _("One coder"),  _("Agreed"),     _("Partly agreed"),
                                _("Not agreed"), _("Adjudicated")};
    static const np_settled_how order[] = {NP_SETTLED_ONE_CODER, NP_SETTLED_AGREED,
                                           NP_SETTLED_PARTLY, NP_SETTLED_NOT,
                                           NP_SETTLED_ADJUDICATED};
    np_table_builder *b = np_table_builder_new(call->arena, "coding-status",
                                               _("How far coding has come"), 8);
    np_table_builder_head(b);
    for (size_t i = 0; i < 8; i++)
        np_table_builder_cell(b, head[i]);
    for (size_t i = 0; i < p->n; i++) {
        np_table_builder_row(b);
        np_table_builder_row_header(b, p->item[i].scheme.id, 0);
        add_count(b, p->item[i].n_items);
        add_count(b, p->item[i].n_without_text);
        for (size_t h = 0; h < sizeof order / sizeof *order; h++)
            add_count(b, p->item[i].by[order[h]]);
    }
    np_table_builder_note(b, "%s",
                          _("Items of the scheme's sort and theme. Settled are "
                            "those of one coder, agreed and adjudicated; of "
                            "partly agreed ones the categories that all gave."));
    const np_doc_table *table = np_table_builder_done(b);
    if (table == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_doc_render_table(call->out, table, np_wanted_format(call->arguments),
                        np_language_get());
    return NP_OK;
}

np_status coding_status(const np_call *call, np_programme *programme, bool *answer_no,
                        np_error *err)
{
    int64_t n = 0;
    const np_kind *scheme = np_kind_find("scheme");
    progresses p = {.store = programme->store,
                    .arena = call->arena,
                    .only = np_argument(call->arguments, "scheme")};
    (void)answer_no;
    np_status status = np_store_count(&n, programme->store, scheme, err);
    if (status != NP_OK)
        return status;
    p.room = (size_t)n + 1;
    p.item = np_arena_array(call->arena, progress, p.room);
    if (p.item == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    status = np_store_each(programme->store, scheme, count_next, &p, err);
    if (status == NP_OK && p.n == 0 && p.only != NULL)
        return np_fail(err, NP_E_UNKNOWN_NAME, _("there is no scheme %s"), p.only);
    if (status != NP_OK)
        return status;
    if (np_wants_json(call->arguments)) {
        status_json(call, &p);
        return NP_OK;
    }
    return status_table(call, &p, err);
}
