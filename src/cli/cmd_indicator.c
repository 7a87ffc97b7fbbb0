#include <math.h>
#include <string.h>

#include "base/json.h"
#include "cli/common.h"
#include "cli/programme_options.h"
#include "programme/aggregate.h"
#include "programme/rows.h"
#include "report/number.h"

#define WHOM "project|organisation|unit|measure"

/* Whose values are combined, and by which of the indicator's rules. */
static const struct {
    const char *field;
    np_across across;
    const char *project, *cohort; /* paths; NULL: a value of it has none */
} whom[] = {
    {"project", NP_ACROSS_ORGANISATIONS, "project", "project.cohort"},
    {"organisation", NP_ACROSS_ORGANISATIONS, NULL, NULL},
    {"unit", NP_ACROSS_UNITS, NULL, NULL},
    {"measure", NP_ACROSS_UNITS, "measure.project", "measure.project.cohort"},
};

typedef struct {
    const char *period; /* NULL: all periods together */
    np_aggregated value;
} a_period;

typedef struct {
    const np_call *call;
    np_store *store;
    const char *indicator;
    size_t of; /* place in whom[] */
    np_where where[4];
    np_value text[4];
    size_t n_where;
} question;

static void add_condition(question *q, const char *path, const char *value)
{
    np_where where = {.path = path, .sort = NP_WHERE_PRESENT};
    if (value != NULL) {
        q->text[q->n_where] = NP_VALUE_OF_TEXT(value);
        where = (np_where){.path = path, .value = &q->text[q->n_where], .n = 1};
    }
    q->where[q->n_where++] = where;
}

static np_status no_such_path(const char *option, const char *of, np_error *err)
{
    np_fail(err, NP_E_USAGE, _("a value of the sort %s belongs to no one %s"), of,
            option);
    return np_error_hint(err, _("ask with --of project or --of measure"));
}

static np_status add_conditions(question *q, np_error *err)
{
    const np_arguments *a = q->call->arguments;
    static const char *const options[] = {"project", "cohort"};
    const char *const paths[] = {whom[q->of].project, whom[q->of].cohort};
    add_condition(q, whom[q->of].field, NULL);
    for (size_t i = 0; i < 2; i++) {
        const char *value = np_argument(a, options[i]);
        if (value == NULL)
            continue;
        if (paths[i] == NULL)
            return no_such_path(options[i], whom[q->of].field, err);
        add_condition(q, paths[i], value);
    }
    return NP_OK;
}

/* The periods that there are values of, in their order. */
static np_status read_periods(np_rows *out, question *q, np_error *err)
{
    np_where where[5];
    memcpy(where, q->where, q->n_where * sizeof *where);
    where[q->n_where] = NP_IS("indicator", q->indicator);
    np_query query = {
        .kind = np_kind_find("measurement"),
        .column = (const np_query_column[]){{.path = "period"},
                                            {.path = "id", .aggregate = NP_COUNT}},
        .n_columns = 2,
        .where = where,
        .n_where = q->n_where + 1};
    return np_store_query(out, q->store, &query, q->call->arena, err);
}

static const char *reason_word(size_t place, np_arena *arena)
{
    const np_kind *kind = np_kind_find("measurement");
    const char *words = kind->field[np_kind_field(kind, "missing")].among;
    while (place-- > 0)
        words = strchr(words, '|') + 1;
    return np_arena_copy_text(arena, words, strcspn(words, "|"));
}

/* Why most of a period's values are missing; a period without any was not reported. */
static const char *usual_reason(const np_aggregated *v, np_arena *arena)
{
    size_t most = 0;
    for (size_t i = 1; i < NP_N_REASONS; i++)
        if (v->n_missing[i] > v->n_missing[most])
            most = i;
    return v->n_missing[most] > 0 ? reason_word(most, arena) : "not_reported";
}

static np_part part_of(const a_period *p, np_arena *arena)
{
    np_part part = {.value = p->value.value,
                    .numerator = p->value.numerator,
                    .denominator = p->value.denominator,
                    .weight = NAN,
                    .missing = p->value.computed ? NULL : usual_reason(&p->value, arena),
                    .break_in_series = p->value.n_breaks > 0};
    np_period_parse(&part.period, p->period, strlen(p->period));
    return part;
}

static np_status combine_periods(a_period *out, const question *q, const a_period *period,
                                 size_t n, np_error *err)
{
    np_record indicator;
    np_part *part = np_arena_array(q->call->arena, np_part, n);
    if (part == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < n; i++)
        part[i] = part_of(&period[i], q->call->arena);
    np_status status = np_store_get(&indicator, q->store, np_kind_find("indicator"),
                                    q->indicator, q->call->arena, err);
    if (status != NP_OK)
        return status;
    return np_aggregate_parts(&out->value, &indicator, NP_ACROSS_PERIODS, part, n, err);
}

/* One for each period, and one for all of them. */
static np_status ask(a_period **out, size_t *n, question *q, np_error *err)
{
    np_rows rows = {0};
    np_status status = add_conditions(q, err);
    if (status == NP_OK)
        status = read_periods(&rows, q, err);
    if (status != NP_OK)
        return status;
    a_period *period = np_arena_array(q->call->arena, a_period, rows.n_rows + 1);
    if (period == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    size_t at = 0;
    for (size_t r = 0; r < rows.n_rows && status == NP_OK; r++) {
        np_where where[5];
        memcpy(where, q->where, q->n_where * sizeof *where);
        period[at].period = np_rows_text(&rows, r, 0);
        where[q->n_where] = NP_IS("period", period[at].period);
        status = np_aggregate_measurements(&period[at].value, q->store, q->indicator,
                                           whom[q->of].across, where, q->n_where + 1,
                                           false, q->call->arena, err);
        at += period[at].value.n > 0; /* else it has baselines alone */
    }
    if (status == NP_OK)
        status = combine_periods(&period[at], q, period, at, err);
    *out = period;
    *n = at + 1;
    return status;
}

/* "3 not_reported, 1 blank" */
static const char *missing_text(const np_call *call, const np_aggregated *v)
{
    np_buf buf = {0};
    for (size_t i = 0; i < NP_N_REASONS; i++)
        if (v->n_missing[i] > 0)
            np_buf_format(&buf, "%s%zu %s", buf.length > 0 ? ", " : "", v->n_missing[i],
                          reason_word(i, call->arena));
    const char *text = np_buf_done(&buf);
    text = text != NULL ? np_arena_copy_text(call->arena, text, strlen(text)) : NULL;
    np_buf_free(&buf);
    return text;
}

static const char *note_text(const np_call *call, const np_aggregated *v)
{
    if (isnan(v->partial))
        return v->reason;
    return np_arena_format(
        call->arena, _("%s; the others make %s"), v->reason,
        np_number_significant(call->arena, v->partial, 6, np_language_get()));
}

static np_status print_table(const np_call *call, const question *q,
                             const a_period *period, size_t n, np_error *err)
{
    const char *const head[] = {_("Period"),  _("Value"),  _("Rule"),   _("N"),
                                _("Missing"), _("Breaks"), _("Why not")};
    enum { N = sizeof head / sizeof *head };
    np_record indicator;
    np_status status = np_store_get(&indicator, q->store, np_kind_find("indicator"),
                                    q->indicator, call->arena, err);
    if (status != NP_OK)
        return status;
    np_table_builder *b = np_table_builder_new(
        call->arena, "indicator",
        np_arena_format(call->arena, "%s, %s", np_record_text(&indicator, "name"),
                        np_record_text(&indicator, "uom")),
        N);
    int decimals = (int)np_record_integer(&indicator, "decimals", 1);
    np_table_builder_head(b);
    for (size_t c = 0; c < N; c++) {
        bool number = c == 1 || c == 3 || c == 5;
        np_table_builder_align(b, c, number ? NP_ALIGN_RIGHT : NP_ALIGN_LEFT);
        np_table_builder_cell(b, head[c]);
    }
    for (size_t i = 0; i < n; i++) {
        const np_aggregated *v = &period[i].value;
        np_table_builder_row(b);
        np_table_builder_row_header(
            b, period[i].period != NULL ? period[i].period : _("all periods"), 0);
        np_table_builder_number(b,
                                v->computed ? np_number_fixed(call->arena, v->value,
                                                              decimals, np_language_get())
                                            : "?",
                                v->value);
        np_table_builder_cell(b, v->rule);
        np_table_builder_number(b, np_arena_format(call->arena, "%zu", v->n_values),
                                (double)v->n_values);
        np_table_builder_cell(b, missing_text(call, v));
        np_table_builder_number(b, np_arena_format(call->arena, "%zu", v->n_breaks),
                                (double)v->n_breaks);
        np_table_builder_cell(b, note_text(call, v));
    }
    np_table_builder_note(b,
                          _("N is the number of values, each of a %s; baselines are left "
                            "out."),
                          whom[q->of].field);
    const np_doc_table *table = np_table_builder_done(b);
    if (table == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_doc_render_table(call->out, table, np_wanted_format(call->arguments),
                        np_language_get());
    return NP_OK;
}

static void put_value(np_json *j, const np_call *call, const a_period *period)
{
    const np_aggregated *v = &period->value;
    np_json_object(j);
    np_json_put_text(j, "period", period->period);
    np_json_put_text(j, "rule", v->rule);
    np_json_put_bool(j, "computed", v->computed);
    np_json_put_number(j, "value", v->value);
    np_json_put_text(j, "reason", v->reason);
    np_json_put_number(j, "partial", v->partial);
    np_json_put_number(j, "numerator", v->numerator);
    np_json_put_number(j, "denominator", v->denominator);
    np_json_put_integer(j, "n", (int64_t)v->n_values);
    np_json_key(j, "missing");
    np_json_object(j);
    for (size_t i = 0; i < NP_N_REASONS; i++)
        if (v->n_missing[i] > 0)
            np_json_put_integer(j, reason_word(i, call->arena), (int64_t)v->n_missing[i]);
    np_json_end_object(j);
    np_json_put_integer(j, "n_breaks", (int64_t)v->n_breaks);
    np_json_end_object(j);
}

static void print_json(const np_call *call, const question *q, const a_period *period,
                       size_t n)
{
    np_json j = {.buf = call->out};
    np_json_object(&j);
    np_json_put_text(&j, "nullpunkt", NP_VERSION);
    np_json_put_text(&j, "indicator", q->indicator);
    np_json_put_text(&j, "of", whom[q->of].field);
    np_json_key(&j, "periods");
    np_json_array(&j);
    for (size_t i = 0; i + 1 < n; i++)
        put_value(&j, call, &period[i]);
    np_json_end_array(&j);
    np_json_key(&j, "all_periods");
    put_value(&j, call, &period[n - 1]);
    np_json_end_object(&j);
    np_buf_add_char(call->out, '\n');
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    (void)answer_no;
    np_programme *programme;
    np_status status = np_programme_of_call(&programme, call, NP_STORE_READ, err);
    if (status != NP_OK)
        return status;
    question q = {.call = call,
                  .store = programme->store,
                  .indicator = np_positional(call->arguments, 0),
                  .of = np_argument_choice(call->arguments, "of", 0)};
    bool there = false;
    a_period *period = NULL;
    size_t n = 0;
    status = np_store_has(&there, q.store, np_kind_find("indicator"), q.indicator, err);
    if (status == NP_OK && !there)
        status =
            np_fail(err, NP_E_UNKNOWN_NAME, _("there is no indicator %s"), q.indicator);
    if (status == NP_OK)
        status = ask(&period, &n, &q, err);
    if (status == NP_OK && np_wants_json(call->arguments))
        print_json(call, &q, period, n);
    else if (status == NP_OK)
        status = print_table(call, &q, period, n, err);
    np_programme_close(programme);
    return status;
}

static const np_option options[] = {
    NP_PROGRAMME_OPTION,
    {"of", "WHOM", N_("Whose values are combined. Default: project."), WHOM, false},
    {"project", "ID", N_("Only this project."), NULL, false},
    {"cohort", "ID", N_("Only this cohort."), NULL, false},
    NP_FORMAT_OPTION,
};

const np_command np_command_indicator = {
    .name = "indicator",
    .summary = N_("an indicator's values combined by its own rule"),
    .synopsis = "INDICATOR [options]",
    .description = N_(
        "The values of all projects (or organisations, units, measures) as one for each "
        "period, and for all periods together, by the rules that programme.yaml gives "
        "the "
        "indicator: ratios from the sums of numerators and denominators, sums only where "
        "no part is missing, and \"cannot be computed\" where the rule says none. Each "
        "answer says how many values there are, how many are missing and why, and how "
        "many breaks in the series lie between them."),
    .examples = "nullpunkt indicator absence_pct\n"
                "nullpunkt indicator absence_pct --cohort p1 --format csv\n"
                "nullpunkt indicator position_size --of measure --project halden",
    .n_positional_min = 1,
    .n_positional_max = 1,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
