#include <string.h>

#include "base/json.h"
#include "base/map.h"
#include "cli/common.h"
#include "cli/programme_options.h"
#include "programme/coding.h"
#include "store/query.h"
#include "store/search.h"

enum { DEFAULT_LIMIT = 20, SNIPPET_WORDS = 16, MOST_KINDS_SEARCHED = 16 };

static const np_option options[] = {
    NP_PROGRAMME_OPTION,
    {"kind", "KIND", N_("Searches only records of this kind. May be repeated."),
     "item|answer|goal|measure|project|benefit|risk|milestone", true},
    {"theme", "THEME", N_("Only what is about this theme."), NULL, false},
    {"period", "PERIOD", N_("Only what a report of this period says: 2014, 2014S1."),
     NULL, false},
    {"sort", "SORT", N_("Only items of this sort: hindrance_local, measure."), NULL,
     false},
    {"uncoded", "SCHEME",
     N_("Only items that nobody has put into a category of the "
        "scheme."),
     NULL, false},
    {"limit", "N", N_("How many are shown. Default: 20; 0: all."), NULL, false},
    {"rebuild", NULL,
     N_("Makes the search index anew from the records, and searches "
        "where there are words."),
     NULL, false},
    NP_FORMAT_OPTION,
};

typedef struct {
    const np_kind *kind;
    const np_text_map *id; /* of the records that are wanted; NULL: all */
} wanted_kind;

typedef struct {
    const np_call *call;
    np_store *store;
    wanted_kind kind[MOST_KINDS_SEARCHED];
    size_t n_kinds;
    np_settled settled; /* of the scheme of --uncoded */
    bool uncoded;
} wanted;

/* The path of a kind's records to what the option asks for; NULL: they have none. */
static const char *path_to(const np_kind *kind, const char *option)
{
    if (strcmp(option, "period") == 0 && strcmp(kind->name, "answer") == 0)
        return "report.period";
    return np_kind_field(kind, option) < kind->n_fields ? option : NULL;
}

static const char *const filters[] = {"theme", "period", "sort"};
enum { N_FILTERS = sizeof filters / sizeof *filters };

/* Whether the kind can be what is asked for. */
static bool can_be_wanted(const np_arguments *a, const np_kind *kind)
{
    bool named = !np_argument_given(a, "kind");
    for (size_t i = 0; i < np_argument_count(a, "kind"); i++)
        named = named || strcmp(np_argument_at(a, "kind", i), kind->name) == 0;
    bool item = strcmp(kind->name, "item") == 0;
    if (!named || !np_kind_is_searched(kind) ||
        (np_argument_given(a, "uncoded") && !item))
        return false;
    for (size_t f = 0; f < N_FILTERS; f++)
        if (np_argument_given(a, filters[f]) && path_to(kind, filters[f]) == NULL)
            return false;
    return true;
}

static np_status identifiers(const np_text_map **out, const wanted *w,
                             const np_kind *kind, np_error *err)
{
    np_value value[N_FILTERS];
    np_where where[N_FILTERS];
    const np_query_column column = {"id", NP_VALUES};
    np_query query = {.kind = kind, .column = &column, .n_columns = 1, .where = where};
    for (size_t f = 0; f < N_FILTERS; f++) {
        const char *asked = np_argument(w->call->arguments, filters[f]);
        if (asked == NULL)
            continue;
        value[f] = NP_VALUE_OF_TEXT(asked);
        where[query.n_where++] = (np_where){.path = path_to(kind, filters[f]),
                                            .sort = NP_WHERE_EQUAL,
                                            .value = &value[f],
                                            .n = 1};
    }
    if (query.n_where == 0)
        return NP_OK;
    np_rows rows;
    np_status status = np_store_query(&rows, w->store, &query, w->call->arena, err);
    if (status != NP_OK)
        return status;
    np_text_map *map = np_text_map_new(w->call->arena);
    if (map == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t r = 0; r < rows.n_rows; r++)
        if (np_text_map_add(map, rows.cell[r].text, strlen(rows.cell[r].text)) < 0)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    *out = map;
    return NP_OK;
}

/* A theme, sort or scheme that is not there is a mistake, and not a search without
 * finds. */
static np_status check_names(const wanted *w, np_error *err)
{
    const np_arguments *a = w->call->arguments;
    const np_kind *item = np_kind_find("item");
    const char *theme = np_argument(a, "theme"), *sort = np_argument(a, "sort");
    const np_field *field = &item->field[np_kind_field(item, "sort")];
    bool there = true;
    if (sort != NULL && np_field_choice(field, sort) < 0) {
        np_fail(err, NP_E_USAGE, _("--sort: %s is no sort of items"), sort);
        return np_error_hint(err, _("allowed are %s"), field->among);
    }
    if (theme == NULL)
        return NP_OK;
    np_status status = np_store_has(&there, w->store, np_kind_find("theme"), theme, err);
    if (status == NP_OK && !there)
        return np_fail(err, NP_E_USAGE, _("--theme: there is no theme %s"), theme);
    return status;
}

static np_status find_wanted(wanted *w, np_error *err)
{
    const char *scheme = np_argument(w->call->arguments, "uncoded");
    np_status status = check_names(w, err);
    w->uncoded = scheme != NULL;
    if (status == NP_OK && w->uncoded)
        status = np_item_settled(&w->settled, w->store, scheme, w->call->arena, err);
    size_t n;
    const np_kind *kind = np_kinds(&n);
    for (size_t k = 0; k < n && status == NP_OK; k++) {
        if (!can_be_wanted(w->call->arguments, &kind[k]))
            continue;
        wanted_kind *one = &w->kind[w->n_kinds++];
        one->kind = &kind[k];
        status = identifiers(&one->id, w, one->kind, err);
    }
    if (status == NP_OK && w->n_kinds == 0) {
        np_fail(err, NP_E_USAGE, _("no records of that kind have what is asked for"));
        return np_error_hint(err,
                             _("--sort and --uncoded are of items; --theme of items, "
                               "answers, goals and measures; --period of items and "
                               "answers"));
    }
    return status;
}

static bool is_wanted(void *context, const np_kind *kind, const char *id)
{
    const wanted *w = context;
    for (size_t k = 0; k < w->n_kinds; k++) {
        if (w->kind[k].kind != kind)
            continue;
        const np_text_map *map = w->kind[k].id;
        if (map != NULL && np_text_map_find(map, id, strlen(id)) < 0)
            return false;
        return !w->uncoded || np_settled_find(&w->settled, id) == w->settled.n_items;
    }
    return false;
}

static const char *or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static np_status print_json(const np_call *call, np_store *store, const char *query,
                            const np_search *found, np_error *err)
{
    np_json j = {.buf = call->out};
    np_json_object(&j);
    np_json_put_text(&j, "nullpunkt", NP_VERSION);
    np_json_put_text(&j, "query", query);
    np_json_put_integer(&j, "found", (int64_t)found->n_found);
    np_json_put_bool(&j, "ranked", found->ranked);
    np_json_key(&j, "hits");
    np_json_array(&j);
    for (size_t i = 0; i < found->n; i++) {
        const np_search_hit *hit = &found->hit[i];
        np_record record;
        np_status status =
            np_store_get(&record, store, hit->kind, hit->id, call->arena, err);
        if (status != NP_OK)
            return status;
        np_json_object(&j);
        np_json_put_text(&j, "kind", hit->kind->name);
        np_json_put_text(&j, "id", hit->id);
        np_json_put_text(&j, "project", np_record_text(&record, "project"));
        np_json_put_text(&j, "period", np_record_text(&record, "period"));
        np_json_put_number(&j, "rank", hit->rank);
        np_json_put_text(&j, "snippet", hit->snippet);
        np_json_end_object(&j);
    }
    np_json_end_array(&j);
    np_json_end_object(&j);
    return NP_OK;
}

static np_status print_table(const np_call *call, np_store *store, const np_search *found,
                             np_error *err)
{
    static const char *const head[] = {N_("Kind"), N_("Identifier"), N_("Project"),
                                       N_("Period"), N_("Text")};
    np_table_builder *b = np_table_builder_new(call->arena, "find", _("Found"), 5);
    np_table_builder_head(b);
    for (size_t c = 0; c < 5; c++) {
        np_table_builder_align(b, c, NP_ALIGN_LEFT);
        np_table_builder_cell(b, _(head[c]));
    }
    for (size_t i = 0; i < found->n; i++) {
        const np_search_hit *hit = &found->hit[i];
        np_record record;
        np_status status =
            np_store_get(&record, store, hit->kind, hit->id, call->arena, err);
        if (status != NP_OK)
            return status;
        np_table_builder_row(b);
        np_table_builder_cell(b, hit->kind->name);
        np_table_builder_cell(b, hit->id);
        np_table_builder_cell(b, or_empty(np_record_text(&record, "project")));
        np_table_builder_cell(b, or_empty(np_record_text(&record, "period")));
        np_table_builder_cell(b, hit->snippet);
    }
    np_table_builder_note(b, _("%zu found, %zu shown."), found->n_found, found->n);
    if (!found->ranked)
        np_table_builder_note(b, "%s",
                              _("More than 20 000 records have what was asked "
                                "for, so that they are not ranked."));
    const np_doc_table *table = np_table_builder_done(b);
    if (table == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_doc_render_table(call->out, table, np_wanted_format(call->arguments),
                        np_language_get());
    return NP_OK;
}

static np_status query_of(const char **out, const np_call *call, np_error *err)
{
    np_buf buf = {0};
    for (size_t i = 0; i < np_positional_count(call->arguments); i++)
        np_buf_format(&buf, "%s%s", i == 0 ? "" : " ", np_positional(call->arguments, i));
    const char *done = np_buf_done(&buf);
    *out = done == NULL ? NULL : np_arena_copy_text(call->arena, done, buf.length);
    np_buf_free(&buf);
    return *out != NULL ? NP_OK : np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
}

static np_status search(const np_call *call, np_store *store, bool *answer_no,
                        np_error *err)
{
    const char *query;
    int64_t limit = DEFAULT_LIMIT;
    np_search found;
    wanted w = {.call = call, .store = store};
    np_status status = query_of(&query, call, err);
    if (status == NP_OK && np_argument_given(call->arguments, "limit"))
        status = np_argument_integer(&limit, call->arguments, "limit", 0, 1000000, err);
    if (status == NP_OK)
        status = find_wanted(&w, err);
    const np_search_options how = {.limit = (size_t)limit,
                                   .wanted = is_wanted,
                                   .context = &w,
                                   .snippet_words = SNIPPET_WORDS,
                                   .before = "[",
                                   .after = "]"};
    if (status == NP_OK)
        status = np_store_search(&found, store, query, &how, call->arena, err);
    if (status != NP_OK)
        return status;
    *answer_no = found.n_found == 0;
    if (found.n_found == 0)
        np_buf_format(call->messages, "%s\n", _("Nothing was found."));
    if (np_wants_json(call->arguments))
        return print_json(call, store, query, &found, err);
    bool nothing = found.n_found == 0 && np_wanted_format(call->arguments) == NP_TEXT;
    return nothing ? NP_OK : print_table(call, store, &found, err);
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    bool rebuild = np_argument_given(call->arguments, "rebuild");
    if (!rebuild && np_positional_count(call->arguments) == 0) {
        np_fail(err, NP_E_USAGE, _("there is no word to search for"));
        return np_error_hint(err, _("give words, a \"phrase\" or the beginning of a "
                                    "word: munici*"));
    }
    /* The index is no record: what programme.yaml says is not taken over for it. */
    np_programme *programme = NULL;
    np_status status = np_programme_of_call(&programme, call, NP_STORE_READ, err);
    if (status != NP_OK)
        return status;
    if (rebuild) {
        np_store *store = NULL;
        status =
            np_store_open(&store, np_store_path(programme->store), NP_STORE_WRITE, err);
        if (status == NP_OK)
            status = np_store_search_rebuild(store, err);
        np_store_close(store);
    }
    if (status == NP_OK && np_positional_count(call->arguments) > 0)
        status = search(call, programme->store, answer_no, err);
    np_programme_close(programme);
    return status;
}

const np_command np_command_find = {
    .name = "find",
    .summary = N_("finds records by the words of their texts"),
    .synopsis = "WORDS... [options]",
    .description =
        N_("Searches the texts of items (what reports say), answers, goals, measures, "
           "projects, benefits, risks and milestones, the nearest first. A word is found "
           "in any of its forms: \"tiltakene\" finds \"tiltak\".\n\n"
           "All words must be there. \"…\" is a phrase, kommun* every word that begins "
           "so, OR (ELLER) joins what may stand for each other, NOT (IKKE) or - before a "
           "word says that it must not occur, and brackets group.\n\n"
           "The exit code is 1 where nothing is found."),
    .examples = "nullpunkt find ledelse\n"
                "nullpunkt find '\"lite tid\" OR kapasitet*' --sort hindrance_local "
                "--period 2014\n"
                "nullpunkt find 'kurs* -leder*' --kind measure --format csv\n"
                "nullpunkt find forankring --uncoded hindrances --limit 0",
    .n_positional_min = 0,
    .n_positional_max = 64,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
