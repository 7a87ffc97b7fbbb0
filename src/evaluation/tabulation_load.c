/* The records of a table, grouped by the store, so that two million measurements come
 * as a few thousand facts. */
#include <string.h>

#include "evaluation/tabulation_internal.h"
#include "programme/value.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the table"));
}

/* Where a dimension's values stand in the rows: the first of n columns. */
typedef struct {
    np_query_column column[NP_QUERY_MOST_COLUMNS];
    size_t n, first[TAB_MOST_DIMS], count, number;
} fact_columns;

static bool add_column(fact_columns *q, const char *path, np_aggregate aggregate)
{
    if (q->n == NP_QUERY_MOST_COLUMNS)
        return false;
    q->column[q->n++] = (np_query_column){path, aggregate};
    return true;
}

/* The store makes years of dates and periods: fewer rows come. */
static bool year_columns(fact_columns *q, const np_tab_path *path, np_arena *arena)
{
    for (size_t i = 0; i < path->n; i++) {
        const char *year = np_arena_format(arena, "year(%s)", path->path[i]);
        if (year == NULL || !add_column(q, year, NP_VALUES))
            return false;
    }
    return true;
}

static bool dim_columns(fact_columns *q, const tab_dim *dim, np_arena *arena)
{
    if (dim->sort != TAB_DIM_PATH)
        return true;
    switch (dim->path.sort) {
    case NP_TAB_WHEN:
        return add_column(q, "baseline", NP_VALUES) && add_column(q, "period", NP_VALUES);
    case NP_TAB_STATE:
    case NP_TAB_ON_TIME:
        return add_column(q, "id", NP_VALUES);
    case NP_TAB_YEAR:
        return year_columns(q, &dim->path, arena);
    default:
        for (size_t i = 0; i < dim->path.n; i++)
            if (!add_column(q, dim->path.path[i], NP_VALUES))
                return false;
        return true;
    }
}

static np_status make_columns(fact_columns *q, const tab_facts *f, np_error *err)
{
    bool room = true;
    for (size_t d = 0; d < f->n_dims && room; d++) {
        q->first[d] = q->n;
        room = dim_columns(q, &f->dim[d], f->arena);
    }
    q->count = q->n;
    room = room && add_column(q, "id", NP_COUNT);
    q->number = q->n;
    for (size_t i = 0; i < f->n_numeric && room; i++) {
        const char *path = f->numeric[i].path[0];
        room = add_column(q, path, NP_COUNT) && add_column(q, path, NP_SUM) &&
               add_column(q, path, NP_MIN) && add_column(q, path, NP_MAX);
    }
    return room ? NP_OK
                : np_fail(err, NP_E_LIMIT, _("the table needs too many paths at once"));
}

static bool is_pushed(const np_tab_condition *c)
{
    return c->path.sort == NP_TAB_FIELD && c->path.n == 1;
}

static size_t push_tests(np_where *test, const tab_facts *f)
{
    size_t n = 0;
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; f->scope[s] != NULL && i < f->scope[s]->n; i++) {
            const np_tab_condition *c = &f->scope[s]->item[i];
            if (is_pushed(c))
                test[n++] = (np_where){c->path.path[0], c->sort, c->value, c->n};
        }
    return n;
}

static double number_of(np_value v)
{
    return v.type == NP_VALUE_INTEGER  ? (double)v.integer
           : v.type == NP_VALUE_NUMBER ? v.number
                                       : 0;
}

static np_value text_value(const char *text)
{
    return NP_VALUE_OF_TEXT(text);
}

/* The dimension's value in a row; `scratch` may hold its text. */
static const char *dim_value(np_value *value, char scratch[NP_VALUE_SCRATCH],
                             const tab_dim *dim, const np_value *cell)
{
    if (dim->path.sort == NP_TAB_WHEN) {
        bool baseline = cell[0].type == NP_VALUE_INTEGER && cell[0].integer == 1;
        *value = text_value(baseline ? "baseline" : cell[1].text);
        return value->text;
    }
    *value = (np_value){0};
    for (size_t i = 0; i < dim->path.n && value->type == NP_VALUE_NONE; i++)
        *value = cell[i];
    if (value->type == NP_VALUE_NONE)
        return NULL;
    if (dim->path.sort == NP_TAB_YEAR && value->type == NP_VALUE_TEXT) {
        np_text_format(scratch, NP_VALUE_SCRATCH, "%.4s", value->text);
        *value = text_value(scratch);
        return scratch;
    }
    if (value->type == NP_VALUE_TEXT)
        return value->text;
    return np_value_format(scratch, &dim->path.field, *value);
}

static np_status code_of(int32_t *out, tab_facts *f, tab_dim *dim, const np_value *cell,
                         np_error *err)
{
    char scratch[NP_VALUE_SCRATCH];
    np_value value;
    const char *text = dim_value(&value, scratch, dim, cell);
    *out = -1;
    if (text == NULL)
        return NP_OK;
    int32_t known = tab_dim_find(dim, text);
    if (known >= 0) {
        *out = known;
        return NP_OK;
    }
    if (value.type == NP_VALUE_TEXT) {
        value.text = np_arena_copy_text(f->arena, text, strlen(text));
        if (value.text == NULL)
            return no_memory(err);
    }
    return tab_dim_add(out, dim, text, value, f->arena, err);
}

static np_status take_dim(tab_facts *f, tab_dim *dim, const np_rows *rows, size_t first,
                          np_error *err)
{
    dim->code = np_arena_array(f->arena, int32_t, rows->n_rows);
    if (dim->code == NULL)
        return no_memory(err);
    for (size_t i = 0; i < rows->n_rows; i++) {
        const np_value *cell = &rows->cell[i * rows->n_columns + first];
        np_status status = code_of(&dim->code[i], f, dim, cell, err);
        if (status != NP_OK)
            return status;
    }
    return NP_OK;
}

static np_status take_states(tab_facts *f, tab_dim *dim, const np_rows *rows,
                             size_t first, np_error *err)
{
    tab_states states;
    np_status status = tab_load_states(&states, f, err);
    dim->code = np_arena_array(f->arena, int32_t, rows->n_rows);
    if (status == NP_OK && dim->code == NULL)
        status = no_memory(err);
    for (size_t i = 0; i < rows->n_rows && status == NP_OK; i++) {
        const char *id = rows->cell[i * rows->n_columns + first].text;
        int32_t at = np_text_map_find(states.ids, id, strlen(id));
        const char *word = at < 0                           ? NULL
                           : dim->path.sort == NP_TAB_STATE ? states.state[at]
                                                            : states.on_time[at];
        dim->code[i] = -1;
        if (word != NULL)
            status = tab_dim_add(&dim->code[i], dim, word, NP_VALUE_OF_TEXT(word),
                                 f->arena, err);
    }
    return status;
}

static np_status take_numbers(tab_facts *f, const np_rows *rows, size_t count,
                              size_t first, np_error *err)
{
    f->n = rows->n_rows;
    f->count = np_arena_array(f->arena, double, f->n);
    f->number = np_arena_array(f->arena, tab_number, f->n * f->n_numeric);
    if (f->count == NULL || f->number == NULL)
        return no_memory(err);
    for (size_t i = 0; i < f->n; i++) {
        const np_value *cell = &rows->cell[i * rows->n_columns];
        f->count[i] = number_of(cell[count]);
        for (size_t k = 0; k < f->n_numeric; k++) {
            const np_value *v = &cell[first + 4 * k];
            f->number[i * f->n_numeric + k] = (tab_number){
                number_of(v[0]), number_of(v[1]), number_of(v[2]), number_of(v[3])};
        }
    }
    return NP_OK;
}

/* The identifiers' dimension; schemes have asked for it. */
static const tab_dim *id_dim(const tab_facts *f)
{
    for (size_t d = 0; d < f->n_dims; d++)
        if (f->dim[d].sort == TAB_DIM_PATH && strcmp(f->dim[d].path.text, "id") == 0)
            return &f->dim[d];
    return NULL;
}

static np_status take_dims(tab_facts *f, const np_rows *rows, const fact_columns *q,
                           np_error *err)
{
    np_status status = NP_OK;
    for (size_t d = 0; d < f->n_dims && status == NP_OK; d++) {
        tab_dim *dim = &f->dim[d];
        if (dim->sort != TAB_DIM_PATH)
            continue;
        bool state = dim->path.sort == NP_TAB_STATE || dim->path.sort == NP_TAB_ON_TIME;
        status = state ? take_states(f, dim, rows, q->first[d], err)
                       : take_dim(f, dim, rows, q->first[d], err);
    }
    for (size_t d = 0; d < f->n_dims && status == NP_OK; d++) {
        if (f->dim[d].sort == TAB_DIM_SCHEME)
            status = tab_load_labels(f, &f->dim[d], id_dim(f), err);
        else if (f->dim[d].sort == TAB_DIM_FLAGS)
            status = tab_load_flags(f, &f->dim[d], err);
    }
    return status;
}

/* What the store could not test (paths with alternatives) is tested here. */
static np_status drop_out_of_scope(tab_facts *f, np_error *err)
{
    for (size_t s = 0; s < 2; s++) {
        tab_tests tests;
        if (f->scope[s] == NULL)
            continue;
        np_status status = tab_scope_tests(&tests, f, f->scope[s], err);
        if (status != NP_OK)
            return status;
        for (size_t i = 0; i < f->n; i++)
            if (!tab_fact_passes(f, i, &tests)) {
                f->count[i] = 0;
                memset(&f->number[i * f->n_numeric], 0, f->n_numeric * sizeof *f->number);
            }
    }
    return NP_OK;
}

np_status tab_facts_load(tab_facts *f, np_error *err)
{
    np_status status = NP_OK;
    for (size_t s = 0; s < 2 && status == NP_OK; s++)
        if (f->scope[s] != NULL)
            status = tab_scope_need(f, f->scope[s], err);
    fact_columns q = {.n = 0};
    if (status == NP_OK)
        status = make_columns(&q, f, err);
    size_t room = 1;
    for (size_t s = 0; s < 2; s++)
        room += f->scope[s] == NULL ? 0 : f->scope[s]->n;
    np_where *test = np_arena_array(f->arena, np_where, room);
    if (status == NP_OK && test == NULL)
        status = no_memory(err);
    if (status != NP_OK)
        return status;
    np_query query = {.kind = f->kind,
                      .column = q.column,
                      .n_columns = q.n,
                      .where = test,
                      .n_where = push_tests(test, f)};
    np_rows rows;
    status = np_store_query(&rows, f->store, &query, f->arena, err);
    if (status == NP_OK)
        status = take_numbers(f, &rows, q.count, q.number, err);
    if (status == NP_OK)
        status = take_dims(f, &rows, &q, err);
    return status == NP_OK ? drop_out_of_scope(f, err) : status;
}

static int compare_values(np_value a, np_value b)
{
    if (a.type == NP_VALUE_TEXT && b.type == NP_VALUE_TEXT)
        return strcmp(a.text, b.text);
    double x = number_of(a), y = number_of(b);
    return (x > y) - (x < y);
}

bool tab_condition_holds(const np_tab_condition *c, np_value value)
{
    bool absent = value.type == NP_VALUE_NONE, equal = false;
    if (c->sort == NP_WHERE_PRESENT || c->sort == NP_WHERE_ABSENT)
        return absent == (c->sort == NP_WHERE_ABSENT);
    if (absent || c->n == 0)
        return !absent && c->sort == NP_WHERE_OTHER;
    for (size_t i = 0; i < c->n && !equal; i++)
        equal = compare_values(value, c->value[i]) == 0;
    int order = compare_values(value, c->value[0]);
    switch (c->sort) {
    case NP_WHERE_EQUAL:
        return equal;
    case NP_WHERE_OTHER:
        return !equal;
    case NP_WHERE_LESS:
        return order < 0;
    case NP_WHERE_AT_MOST:
        return order <= 0;
    case NP_WHERE_MORE:
        return order > 0;
    default:
        return order >= 0;
    }
}

bool tab_fact_passes(const tab_facts *f, size_t fact, const tab_tests *tests)
{
    for (size_t i = 0; i < tests->n; i++) {
        const tab_test *test = &tests->test[i];
        const tab_dim *dim = &f->dim[test->dim];
        const int32_t *code;
        size_t n = tab_fact_codes(&code, dim, fact);
        bool any = n == 0 && test->has[dim->n_codes];
        for (size_t k = 0; k < n && !any; k++)
            any = test->has[code[k]];
        if (!any)
            return false;
    }
    return true;
}

np_status tab_scope_need(tab_facts *f, const np_tab_scope *scope, np_error *err)
{
    np_status status = NP_OK;
    size_t index;
    bool own = scope == f->scope[0] || scope == f->scope[1];
    for (size_t i = 0; i < scope->n && status == NP_OK; i++)
        if (!(own && is_pushed(&scope->item[i])))
            status = tab_facts_dim(&index, f, &scope->item[i].path, err);
    return status;
}

np_status tab_scope_tests(tab_tests *out, const tab_facts *f, const np_tab_scope *scope,
                          np_error *err)
{
    tab_test *test = np_arena_array(f->arena, tab_test, scope->n);
    size_t n = 0;
    if (test == NULL)
        return no_memory(err);
    bool own = scope == f->scope[0] || scope == f->scope[1];
    for (size_t i = 0; i < scope->n; i++) {
        const np_tab_condition *c = &scope->item[i];
        if (own && is_pushed(c))
            continue;
        size_t d = 0;
        while (d < f->n_dims && (f->dim[d].sort != TAB_DIM_PATH ||
                                 strcmp(f->dim[d].path.text, c->path.text) != 0))
            d++;
        if (d == f->n_dims)
            return np_fail(err, NP_E_UNKNOWN_NAME, _("%s is not at hand"), c->path.text);
        uint8_t *has = np_arena_array(f->arena, uint8_t, f->dim[d].n_codes + 1);
        if (has == NULL)
            return no_memory(err);
        for (size_t k = 0; k < f->dim[d].n_codes; k++)
            has[k] = tab_condition_holds(c, f->dim[d].value[k]);
        has[f->dim[d].n_codes] = tab_condition_holds(c, (np_value){0});
        test[n++] = (tab_test){d, has};
    }
    *out = (tab_tests){test, n};
    return NP_OK;
}
