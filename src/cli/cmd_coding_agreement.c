#include "cli/cmd_coding.h"

#include <math.h>
#include <string.h>

#include "base/json.h"

enum { SHOWN_DISAGREEMENTS = 10, TEXT_SHOWN = 60 };

typedef struct {
    const np_call *call;
    const np_coder_agreement *a;
    np_doc doc;
} page;

static void add_share(np_table_builder *b, double value)
{
    char text[32];
    np_text_format(text, sizeof text, isnan(value) ? "–" : "%.3f", value);
    np_table_builder_number(b, text, value);
}

static void add_count(np_table_builder *b, size_t n)
{
    char text[24];
    np_text_format(text, sizeof text, "%zu", n);
    np_table_builder_number(b, text, (double)n);
}

static np_table_builder *start(page *p, const char *id, const char *title,
                               const char *const *head, size_t n, size_t n_left)
{
    np_table_builder *b = np_table_builder_new(p->call->arena, id, title, n);
    np_table_builder_head(b);
    for (size_t c = 0; c < n; c++) {
        np_table_builder_align(b, c, c < n_left ? NP_ALIGN_LEFT : NP_ALIGN_RIGHT);
        np_table_builder_cell(b, head[c]);
    }
    return b;
}

static void finish(page *p, np_table_builder *b)
{
    const np_doc_table *table = np_table_builder_done(b);
    if (table == NULL)
        p->doc.failed = true;
    else
        np_doc_add_table(&p->doc, table);
}

static const char *in_words(const char *variant)
{
    static const struct {
        const char *variant, *words;
    } all[] = {{"nominal", N_("nominal")},
               {"linear", N_("linear weights")},
               {"ordinal", N_("ordinal")},
               {"jaccard", N_("of sets, Jaccard")},
               {"masi", N_("of sets, MASI")}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].variant, variant) == 0)
            return _(all[i].words);
    return variant;
}

static void add_plain(np_table_builder *b, const char *name, double value, size_t n)
{
    np_table_builder_row(b);
    np_table_builder_row_header(b, name, 0);
    add_share(b, value);
    np_table_builder_cell(b, "");
    np_table_builder_cell(b, "");
    add_count(b, n);
}

static void add_measure(page *p, np_table_builder *b, const np_agreement_measure *m)
{
    np_table_builder_row(b);
    np_table_builder_row_header(
        b, np_arena_format(p->call->arena, "%s (%s)", _(m->name), in_words(m->variant)),
        0);
    add_share(b, m->value);
    add_share(b, m->conf_low);
    add_share(b, m->conf_high);
    add_count(b, m->n);
    if (m->why_not != NULL)
        np_table_builder_note(b, "%s", m->why_not);
}

static void add_measures(page *p, const np_coder_agreement_spec *spec)
{
    const np_coder_agreement *a = p->a;
    const char *const head[] = {_("Measure"), _("Value"), _("Low"), _("High"), "N"};
    np_table_builder *b = start(p, "agreement", _("How far coders agree"), head, 5, 1);
    add_plain(b, a->scheme.several ? _("The same categories") : _("The same category"),
              a->equal, a->n_pairs_of_labels);
    if (a->scheme.several)
        add_plain(b, _("Shared of all that were given (Jaccard)"), a->overlap,
                  a->n_pairs_of_labels);
    for (size_t i = 0; i < a->n_measures; i++)
        add_measure(p, b, &a->measure[i]);
    np_table_builder_note(b,
                          _("N: pairs of labels of an item for shares, items with "
                            "labels of two coders or more for the others. %zu of %zu "
                            "labelled items have them; %zu coders."),
                          a->n_twice, a->n_items, a->labels.n_coders);
    np_table_builder_note(b,
                          _("Intervals: %g; of kappa by its standard error, of alpha "
                            "by resampling items, seed %llu."),
                          spec->conf_level, (unsigned long long)spec->seed);
    finish(p, b);
}

static void add_pairs(page *p)
{
    const np_coder_agreement *a = p->a;
    bool several = a->scheme.several;
    const char *const head[] = {_("Coder"), _("Coder"), "N", _("The same"),
                                several ? _("Jaccard") : _("Cohen's kappa")};
    np_table_builder *b = start(p, "pairs", _("Coder by coder"), head, 5, 2);
    for (size_t i = 0; i < a->n_pairs; i++) {
        np_table_builder_row(b);
        np_table_builder_row_header(b, a->labels.coder[a->pair[i].first], 0);
        np_table_builder_cell(b, a->labels.coder[a->pair[i].second]);
        add_count(b, a->pair[i].n);
        add_share(b, a->pair[i].equal);
        add_share(b, several ? a->pair[i].overlap : a->pair[i].kappa.value);
    }
    finish(p, b);
}

static void add_categories(page *p)
{
    const np_coder_agreement *a = p->a;
    size_t n = a->labels.n_coders + 4;
    const char **head = np_arena_array(p->call->arena, const char *, n);
    if (head == NULL) {
        p->doc.failed = true;
        return;
    }
    head[0] = _("Category");
    head[1] = _("Name");
    for (size_t c = 0; c < a->labels.n_coders; c++)
        head[2 + c] = a->labels.coder[c];
    head[n - 2] = _("Agreed");
    head[n - 1] = "κ";
    np_table_builder *b = start(p, "categories", _("Category by category"), head, n, 2);
    for (size_t k = 0; k < a->scheme.n; k++) {
        np_table_builder_row(b);
        np_table_builder_row_header(b, a->scheme.category[k].code, 0);
        np_table_builder_cell(b, a->scheme.category[k].name);
        for (size_t c = 0; c < a->labels.n_coders; c++)
            add_count(b, a->category[k].n_given[c]);
        add_share(b, a->category[k].agreed);
        add_share(b, a->category[k].kappa.value);
    }
    np_table_builder_note(b, "%s",
                          _("How often each coder gave it to items that two or "
                            "more coded. Agreed: of the times that one of a pair "
                            "gave it, the share in which the other did too. κ: "
                            "given or not given."));
    finish(p, b);
}

static void add_confusion(page *p)
{
    const np_coder_agreement *a = p->a;
    size_t n = a->scheme.n;
    const char **head = np_arena_array(p->call->arena, const char *, n + 1);
    if (head == NULL) {
        p->doc.failed = true;
        return;
    }
    bool two = a->labels.n_coders == 2;
    head[0] = two ? np_arena_format(p->call->arena, "%s \\ %s", a->labels.coder[0],
                                    a->labels.coder[1])
                  : _("First / second");
    for (size_t k = 0; k < n; k++)
        head[k + 1] = a->scheme.category[k].code;
    np_table_builder *b =
        start(p, "confusion", _("Who gave what for what"), head, n + 1, 1);
    for (size_t r = 0; r < n; r++) {
        np_table_builder_row(b);
        np_table_builder_row_header(b, a->scheme.category[r].code, 0);
        for (size_t c = 0; c < n; c++)
            add_count(b, a->confusion[r * n + c]);
    }
    if (!two)
        np_table_builder_note(b, "%s",
                              _("Over all pairs of coders; in each the first by "
                                "name stands in the rows."));
    finish(p, b);
}

/* The beginning of a text, in one line. */
static const char *shorten(const char *text, np_arena *arena)
{
    size_t n = 0, width = 0;
    if (text == NULL)
        return "";
    for (; text[n] != '\0' && width < TEXT_SHOWN; n++)
        width += ((unsigned char)text[n + 1] & 0xc0) != 0x80;
    char *copy =
        np_arena_format(arena, "%.*s%s", (int)n, text, text[n] == '\0' ? "" : " …");
    for (char *c = copy; c != NULL && *c != '\0'; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    return copy;
}

static np_status add_disagreements(page *p, np_store *store, np_error *err)
{
    const np_coder_agreement *a = p->a;
    size_t n = a->labels.n_coders + 2;
    size_t shown =
        a->n_disagreed < SHOWN_DISAGREEMENTS ? a->n_disagreed : SHOWN_DISAGREEMENTS;
    np_coding_items items;
    const char **head = np_arena_array(p->call->arena, const char *, n);
    np_status status = np_coding_items_read(&items, store, &a->scheme,
                                            &(np_coding_filter){0}, p->call->arena, err);
    if (status != NP_OK || shown == 0)
        return status;
    if (head == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    head[0] = _("Item");
    head[1] = _("Text");
    for (size_t c = 0; c < a->labels.n_coders; c++)
        head[2 + c] = a->labels.coder[c];
    np_table_builder *b = start(p, "disagreements", _("Where coders differ"), head, n, n);
    for (size_t d = 0; d < shown; d++) {
        size_t i = a->disagreed[d];
        size_t at = np_coding_items_find(&items, a->labels.item[i]);
        np_table_builder_row(b);
        np_table_builder_row_header(b, a->labels.item[i], 0);
        np_table_builder_cell(
            b, at == items.n ? "" : shorten(items.item[at].text, p->call->arena));
        for (size_t c = 0; c < a->labels.n_coders; c++)
            np_table_builder_cell(
                b, np_coding_codes(a->labels.set[i * a->labels.n_coders + c], &a->scheme,
                                   p->call->arena));
    }
    np_table_builder_note(b,
                          _("%zu of %zu items; all of them: nullpunkt coding "
                            "disagreements."),
                          shown, a->n_disagreed);
    finish(p, b);
    return NP_OK;
}

static np_status print_page(const np_call *call, np_store *store,
                            const np_coder_agreement *a,
                            const np_coder_agreement_spec *spec, np_error *err)
{
    page p = {
        .call = call,
        .a = a,
        .doc = np_doc_new(call->arena, np_language_get(), a->scheme.name, a->scheme.id)};
    add_measures(&p, spec);
    if (a->labels.n_coders > 2)
        add_pairs(&p);
    add_categories(&p);
    if (a->confusion != NULL)
        add_confusion(&p);
    np_status status = add_disagreements(&p, store, err);
    if (status == NP_OK)
        status = np_doc_done(&p.doc, err);
    if (status == NP_OK)
        np_doc_render(call->out, &p.doc, np_wanted_format(call->arguments));
    return status;
}

static void put_measure(np_json *j, const np_agreement_measure *m)
{
    np_json_object(j);
    np_json_put_text(j, "measure", m->name);
    np_json_put_text(j, "variant", m->variant);
    np_json_put_integer(j, "n", (int64_t)m->n);
    np_json_put_number(j, "estimate", m->value);
    np_json_put_number(j, "conf_low", m->conf_low);
    np_json_put_number(j, "conf_high", m->conf_high);
    if (m->why_not != NULL)
        np_json_put_text(j, "why_not", m->why_not);
    np_json_end_object(j);
}

static void put_pairs(np_json *j, const np_coder_agreement *a)
{
    np_json_key(j, "pairs");
    np_json_array(j);
    for (size_t i = 0; i < a->n_pairs; i++) {
        np_json_object(j);
        np_json_put_text(j, "first", a->labels.coder[a->pair[i].first]);
        np_json_put_text(j, "second", a->labels.coder[a->pair[i].second]);
        np_json_put_integer(j, "n", (int64_t)a->pair[i].n);
        np_json_put_number(j, "equal", a->pair[i].equal);
        np_json_put_number(j, "jaccard", a->pair[i].overlap);
        if (!a->scheme.several)
            np_json_put_number(j, "kappa", a->pair[i].kappa.value);
        np_json_end_object(j);
    }
    np_json_end_array(j);
}

static void put_categories(np_json *j, const np_coder_agreement *a)
{
    np_json_key(j, "categories");
    np_json_array(j);
    for (size_t k = 0; k < a->scheme.n; k++) {
        np_json_object(j);
        np_json_put_text(j, "category", a->scheme.category[k].code);
        np_json_key(j, "given");
        np_json_object(j);
        for (size_t c = 0; c < a->labels.n_coders; c++)
            np_json_put_integer(j, a->labels.coder[c],
                                (int64_t)a->category[k].n_given[c]);
        np_json_end_object(j);
        np_json_put_number(j, "agreed", a->category[k].agreed);
        np_json_put_number(j, "kappa", a->category[k].kappa.value);
        np_json_end_object(j);
    }
    np_json_end_array(j);
}

static void put_confusion(np_json *j, const np_coder_agreement *a)
{
    np_json_key(j, "confusion");
    np_json_array(j);
    for (size_t r = 0; r < a->scheme.n; r++) {
        np_json_array_inline(j);
        for (size_t c = 0; c < a->scheme.n; c++)
            np_json_integer(j, (int64_t)a->confusion[r * a->scheme.n + c]);
        np_json_end_array(j);
    }
    np_json_end_array(j);
}

static void print_json(const np_call *call, const np_coder_agreement *a)
{
    np_json j = {.buf = call->out};
    np_json_object(&j);
    np_json_put_text(&j, "nullpunkt", NP_VERSION);
    np_json_put_text(&j, "scheme", a->scheme.id);
    np_json_put_integer(&j, "n_items", (int64_t)a->n_items);
    np_json_put_integer(&j, "n_items_twice", (int64_t)a->n_twice);
    np_json_put_number(&j, "equal", a->equal);
    np_json_put_number(&j, "jaccard", a->overlap);
    np_json_key(&j, "measures");
    np_json_array(&j);
    for (size_t i = 0; i < a->n_measures; i++)
        put_measure(&j, &a->measure[i]);
    np_json_end_array(&j);
    put_pairs(&j, a);
    put_categories(&j, a);
    if (a->confusion != NULL)
        put_confusion(&j, a);
    np_json_key(&j, "disagreements");
    np_json_array_inline(&j);
    for (size_t i = 0; i < a->n_disagreed; i++)
        np_json_text(&j, a->labels.item[a->disagreed[i]]);
    np_json_end_array(&j);
    np_json_end_object(&j);
}

np_status coding_agreement(const np_call *call, np_programme *programme, bool *answer_no,
                           np_error *err)
{
    const char *scheme;
    int64_t draws = 1000;
    np_coder_agreement a;
    np_coder_agreement_spec spec = {
        .conf_level = 0.95, .ordinal = np_argument_given(call->arguments, "ordinal")};
    (void)answer_no;
    np_status status = coding_needed(&scheme, call, "scheme", err);
    if (status == NP_OK)
        status = coding_filter(&spec.filter, call, err);
    if (status == NP_OK)
        status = coding_seed(&spec.seed, call, err);
    if (status == NP_OK && np_argument_given(call->arguments, "level"))
        status = np_level_option(&spec.conf_level, call->arguments, err);
    if (status == NP_OK && np_argument_given(call->arguments, "draws"))
        status = np_argument_integer(&draws, call->arguments, "draws", 100, 1000000, err);
    spec.n_draws = (size_t)draws;
    if (status == NP_OK)
        status = np_coder_agreement_compute(&a, programme->store, scheme, &spec,
                                            call->arena, err);
    if (status != NP_OK)
        return status;
    if (np_wants_json(call->arguments)) {
        print_json(call, &a);
        return NP_OK;
    }
    return print_page(call, programme->store, &a, &spec, err);
}
