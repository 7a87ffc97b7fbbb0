/* Names and order of the records that rows and columns are made of. */
#include <stdlib.h>
#include <string.h>

#include "evaluation/tabulation_internal.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
}

/* The field that names a record, and the one that orders them. */
static const char *name_field(const np_kind *kind)
{
    static const char *const names[] = {"name", "text", "title", "code", "number"};
    for (size_t i = 0; i < PLAN_COUNT(names); i++)
        if (np_kind_field(kind, names[i]) < kind->n_fields)
            return names[i];
    return "id";
}

static const char *in_language(const np_kind *kind, const char *name, const char *code,
                               char out[64])
{
    np_text_format(out, 64, "%s_%s", name, code);
    return np_kind_field(kind, out) < kind->n_fields ? out : name;
}

static const char *order_field(const np_kind *kind)
{
    if (strcmp(kind->name, "cohort") == 0)
        return "starts";
    if (strcmp(kind->name, "measure") == 0)
        return "number";
    return np_kind_field(kind, "position") < kind->n_fields ? "position" : "id";
}

static const char *text_or(np_value value, const char *otherwise)
{
    return value.type == NP_VALUE_TEXT ? value.text : otherwise;
}

static const np_value *identifiers(const tab_dim *dim, np_arena *arena)
{
    np_value *id = np_arena_array(arena, np_value, dim->n_codes);
    for (size_t i = 0; id != NULL && i < dim->n_codes; i++)
        id[i] = NP_VALUE_OF_TEXT(np_text_map_text(dim->words, (int32_t)i));
    return id;
}

/* Lists that are longer than the store takes values in a test are read whole. */
enum { MOST_ASKED_FOR = 5000 };

np_status tab_names(tab_named **out, size_t *n, np_store *store, const np_kind *kind,
                    const tab_dim *dim, np_arena *arena, np_error *err)
{
    char nb[64], nn[64];
    const char *name = name_field(kind);
    np_query_column column[] = {{"id", NP_VALUES},
                                {name, NP_VALUES},
                                {in_language(kind, name, "nb", nb), NP_VALUES},
                                {in_language(kind, name, "nn", nn), NP_VALUES},
                                {order_field(kind), NP_VALUES}};
    np_where test = {"id", NP_WHERE_EQUAL, NULL, 0};
    np_query query = {.kind = kind, .column = column, .n_columns = 5, .where = &test};
    if (dim != NULL && dim->n_codes <= MOST_ASKED_FOR) {
        test.value = identifiers(dim, arena);
        test.n = dim->n_codes;
        query.n_where = 1;
        if (test.value == NULL)
            return no_memory(err);
    }
    np_rows rows;
    np_status status = np_store_query(&rows, store, &query, arena, err);
    if (status != NP_OK)
        return status;
    tab_named *named = np_arena_array(arena, tab_named, rows.n_rows);
    if (named == NULL)
        return no_memory(err);
    for (size_t i = 0; i < rows.n_rows; i++) {
        const np_value *cell = &rows.cell[5 * i];
        const char *own = text_or(cell[1], cell[0].text);
        named[i].id = cell[0].text;
        named[i].name.text[NP_ENGLISH] = own;
        named[i].name.text[NP_BOKMAAL] = text_or(cell[2], own);
        named[i].name.text[NP_NYNORSK] = text_or(cell[3], text_or(cell[2], own));
        named[i].order = cell[4];
    }
    *out = named;
    *n = rows.n_rows;
    return NP_OK;
}

static int by_position(const void *a, const void *b)
{
    const tab_named *x = a, *y = b;
    int64_t p = x->order.type == NP_VALUE_INTEGER ? x->order.integer : INT64_MAX;
    int64_t q = y->order.type == NP_VALUE_INTEGER ? y->order.integer : INT64_MAX;
    if (p != q)
        return p < q ? -1 : 1;
    return strcmp(x->code, y->code);
}

np_status tab_categories(tab_named **out, size_t *n, np_store *store, const char *scheme,
                         np_arena *arena, np_error *err)
{
    np_query_column column[] = {{"id", NP_VALUES},          {"name", NP_VALUES},
                                {"name_nb", NP_VALUES},     {"name_nn", NP_VALUES},
                                {"position", NP_VALUES},    {"code", NP_VALUES},
                                {"parent.code", NP_VALUES}, {"first_period", NP_VALUES},
                                {"last_period", NP_VALUES}};
    np_value value = NP_VALUE_OF_TEXT(scheme);
    np_where test = {"scheme", NP_WHERE_EQUAL, &value, 1};
    np_query query = {.kind = np_kind_find("category"),
                      .column = column,
                      .n_columns = PLAN_COUNT(column),
                      .where = &test,
                      .n_where = 1};
    np_rows rows;
    np_status status = np_store_query(&rows, store, &query, arena, err);
    if (status != NP_OK)
        return status;
    tab_named *named = np_arena_array(arena, tab_named, rows.n_rows);
    if (named == NULL)
        return no_memory(err);
    for (size_t i = 0; i < rows.n_rows; i++) {
        const np_value *cell = &rows.cell[i * rows.n_columns];
        const char *own = cell[1].text;
        named[i] = (tab_named){.id = cell[0].text,
                               .order = cell[4],
                               .code = cell[5].text,
                               .parent = text_or(cell[6], NULL),
                               .first_period = text_or(cell[7], NULL),
                               .last_period = text_or(cell[8], NULL)};
        named[i].name.text[NP_ENGLISH] = own;
        named[i].name.text[NP_BOKMAAL] = text_or(cell[2], own);
        named[i].name.text[NP_NYNORSK] = text_or(cell[3], text_or(cell[2], own));
    }
    qsort(named, rows.n_rows, sizeof *named, by_position);
    *out = named;
    *n = rows.n_rows;
    return NP_OK;
}

/* The words of choices that stand in tables; N_() keeps them for translation. */
static const struct {
    const char *word, *text;
} words[] = {
    {"main", N_("main theme")},
    {"additional", N_("additional theme")},
    {"reached_target", N_("reached the target")},
    {"better_than_last", N_("better than the period before")},
    {"worse_than_last", N_("worse than the period before")},
    {"same_as_last", N_("same as the period before")},
    {"better_than_start", N_("better than at the start")},
    {"worse_than_start", N_("worse than at the start")},
    {"same_as_start", N_("same as at the start")},
    {"no_target", N_("no target")},
    {"no_last", N_("no value in the period before")},
    {"no_start", N_("no value at the start")},
    {"waived", N_("waived")},
    {"not_due", N_("not due")},
    {"overdue", N_("overdue")},
    {"draft", N_("draft")},
    {"submitted", N_("submitted")},
    {"returned", N_("returned")},
    {"approved", N_("approved")},
    {"baseline", N_("at the start")},
    {"blank", N_("blank")},
    {"not_measured", N_("not measured")},
    {"not_reported", N_("not reported")},
    {"not_asked", N_("not asked")},
    {"not_applicable", N_("not applicable")},
    {"dont_know", N_("don't know")},
    {"suppressed", N_("suppressed")},
    {"discontinued", N_("discontinued")},
    {"planned", N_("planned")},
    {"under_way", N_("under way")},
    {"finished", N_("finished")},
    {"shelved", N_("shelved")},
    {"met", N_("mostly taken care of")},
    {"to_improve", N_("with potential for improvement")},
    {"measure", N_("measure")},
    {"result", N_("result")},
    {"answer", N_("answer")},
    {"project", N_("project")},
    {"report", N_("report")},
    {"yes", N_("yes")},
    {"no", N_("no")},
    {"effect_goal", N_("effect goal")},
    {"result_goal", N_("result goal")},
    {"driver_goal", N_("driver goal")},
    {"measure_goal", N_("goal of a measure")},
    {"goal_change", N_("change of a goal")},
    {"documentation", N_("documentation")},
    {"hindrance_local", N_("local hindrance")},
    {"hindrance_central", N_("central hindrance")},
    {"learning_point", N_("learning point")},
    {"focus", N_("focus")},
    {"politicians", N_("politicians")},
    {"administration", N_("administration")},
    {"unions", N_("unions")},
    {"answered", N_("answered")},
    {"partly", N_("partly answered")},
    {"declined", N_("declined")},
    {"not_reached", N_("not reached")},
    {"no_answer", N_("no answer")},
    {"admit", N_("admitted")},
    {"refuse", N_("refused")},
    {"ask_for_more", N_("asked for more")},
    {"active", N_("active")},
    {"changed", N_("changed")},
    {"dropped", N_("dropped")},
    {"count", N_("Number")},
    {"percent", N_("Per cent")},
    {"distinct", N_("Number")},
    {"municipalities", N_("Number of municipalities")},
    {"sum", N_("Sum")},
    {"mean", N_("Mean")},
    {"min", N_("Smallest")},
    {"max", N_("Largest")},
    {"range", N_("Smallest–largest")},
    {"value", N_("Value")},
    {"ratio", N_("Ratio")},
    {"indicator", N_("Value")},
};

np_localised tab_word_of(const np_field *field, const char *word)
{
    char goal[64];
    if (strcmp(field->name, "level") != 0)
        return tab_word(word);
    np_text_format(goal, sizeof goal, "%s_goal", word);
    return tab_word(goal);
}

np_localised tab_word(const char *word)
{
    np_localised out;
    const char *text = word;
    for (size_t i = 0; i < PLAN_COUNT(words); i++)
        if (strcmp(words[i].word, word) == 0)
            text = words[i].text;
    for (int l = NP_ENGLISH; l <= NP_NYNORSK; l++)
        out.text[l] = np_translate_to((np_language)l, text);
    return out;
}
