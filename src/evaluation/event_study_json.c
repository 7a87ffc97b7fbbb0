#include "evaluation/event_study_json.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/text.h"
#include "evaluation/event_study_periods.h"

static np_status read_file(np_buf *out, const char *path, np_error *err)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "rb");
    char block[1 << 14];
    size_t n;
    if (file == NULL)
        return np_fail(err, NP_E_IO, _("cannot be read: %m"));
    while ((n = fread(block, 1, sizeof block, file)) > 0 &&
           out->length <= NP_EVENT_STUDY_LONGEST)
        np_buf_add_bytes(out, block, n);
    np_status status = NP_OK;
    if (ferror(file))
        status = np_fail(err, NP_E_IO, _("cannot be read: %m"));
    if (!standard)
        fclose(file);
    if (status == NP_OK && out->length > NP_EVENT_STUDY_LONGEST)
        status = np_fail(err, NP_E_LIMIT, _("larger than %d MB, which no result is"),
                         NP_EVENT_STUDY_LONGEST >> 20);
    if (status == NP_OK && np_buf_done(out) == NULL)
        status = np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    return status;
}

static double number_or_nan(const json_t *value)
{
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static np_status not_our_shape(np_error *err, const char *what)
{
    np_fail(err, NP_E_PARSE, _("this is no result of nullpunkt: %s"), what);
    return np_error_hint(err, _("it is what --format json of estimate and did prints"));
}

static void take_numbers(np_event_row *row, const json_t *item)
{
    row->estimate = number_or_nan(json_object_get(item, "estimate"));
    row->std_error = number_or_nan(json_object_get(item, "std_error"));
    row->conf_low = number_or_nan(json_object_get(item, "conf_low"));
    row->conf_high = number_or_nan(json_object_get(item, "conf_high"));
}

/* "rel::-5" and "rel::-5:treated": the name before "::" and the number after it. */
static bool parse_term(np_event_row *row, np_str *variable, const char *term)
{
    const char *colons = strstr(term, "::"), *number = colons == NULL ? "" : colons + 2;
    size_t length = strcspn(number, ":");
    *variable = (np_str){term, colons == NULL ? 0 : (size_t)(colons - term)};
    row->time = NAN;
    return colons != NULL && np_decimal_parse(&row->time, number, length, '.');
}

enum { MOST_VARIABLES = 8 };

typedef struct {
    np_str name[MOST_VARIABLES];
    size_t n;
} variables;

static void note_variable(variables *v, np_str name)
{
    for (size_t i = 0; i < v->n; i++)
        if (np_str_equal(v->name[i], name))
            return;
    if (v->n < MOST_VARIABLES)
        v->name[v->n++] = name;
}

static np_status several_variables(const variables *v, np_error *err)
{
    np_buf names = {0};
    for (size_t i = 0; i < v->n; i++) {
        np_buf_add(&names, i == 0 ? "" : ", ");
        np_buf_add_bytes(&names, v->name[i].text, v->name[i].length);
    }
    np_fail(err, NP_E_UNKNOWN_NAME, _("there are several event studies: %s"),
            np_buf_done(&names) == NULL ? "" : names.text);
    np_buf_free(&names);
    return np_error_hint(err, _("choose one with --event NAME"));
}

static np_status choose_variable(np_str *out, const json_t *rows,
                                 const np_event_study_spec *spec, np_error *err)
{
    variables found = {.n = 0};
    np_str variable;
    np_event_row row;
    size_t i;
    json_t *item;
    json_array_foreach(rows, i, item)
    {
        const char *term = json_string_value(json_object_get(item, "term"));
        if (term != NULL && parse_term(&row, &variable, term) &&
            (spec->variable == NULL || np_str_equals(variable, spec->variable)))
            note_variable(&found, variable);
    }
    if (found.n > 1)
        return several_variables(&found, err);
    if (found.n == 1) {
        *out = found.name[0];
        return NP_OK;
    }
    if (spec->variable != NULL)
        return np_fail(err, NP_E_UNKNOWN_NAME, _("no term is called %s::NUMBER"),
                       spec->variable);
    np_fail(err, NP_E_UNKNOWN_NAME,
            _("no term is called name::NUMBER, as those of an event study are"));
    return np_error_hint(err, _("name the terms with --pre and --post"));
}

/* Terms of an estimate's "coefficients". */
static np_status take_coefficients(np_event_rows *rows, const json_t *list,
                                   const np_event_study_spec *spec, np_arena *arena,
                                   np_error *err)
{
    bool by_pattern = np_event_is_pattern(spec->pre) && np_event_is_pattern(spec->post);
    np_str wanted = {0}, variable;
    np_status status = by_pattern ? NP_OK : choose_variable(&wanted, list, spec, err);
    size_t i;
    json_t *item;
    if (status != NP_OK)
        return status;
    rows->variable =
        by_pattern ? "" : np_arena_copy_text(arena, wanted.text, wanted.length);
    json_array_foreach(list, i, item)
    {
        const char *term = json_string_value(json_object_get(item, "term"));
        np_event_row *row = &rows->row[rows->n];
        if (term == NULL)
            return not_our_shape(err, _("a coefficient has no term"));
        bool is_event = parse_term(row, &variable, term);
        if (!by_pattern && !(is_event && np_str_equal(variable, wanted)))
            continue;
        row->term = np_arena_copy_text(arena, term, strlen(term));
        row->place = i;
        take_numbers(row, item);
        if (row->term == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
        rows->n++;
    }
    return NP_OK;
}

/* Rows of a dynamic aggregate; its reference has no estimate of its own. */
static np_status take_aggregate(np_event_rows *rows, const json_t *list, np_arena *arena,
                                np_error *err)
{
    size_t i;
    json_t *item;
    rows->variable = "dynamic";
    json_array_foreach(list, i, item)
    {
        double time = number_or_nan(json_object_get(item, "value"));
        if (isnan(time))
            return not_our_shape(err, _("a row of the aggregate has no event time"));
        if (json_is_true(json_object_get(item, "reference"))) {
            rows->reference = time;
            continue;
        }
        /* a single unit behind it: its covariance leaves that unit's variation out */
        if (json_is_null(json_object_get(item, "std_error")))
            continue;
        np_event_row *row = &rows->row[rows->n++];
        take_numbers(row, item);
        row->time = time;
        row->place = i;
        row->term = np_arena_format(arena, "%g", time);
        if (row->term == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    }
    return NP_OK;
}

static const json_t *dynamic_of(const json_t *aggregates)
{
    size_t i;
    json_t *item;
    json_array_foreach(aggregates, i, item)
    {
        const char *kind = json_string_value(json_object_get(item, "kind"));
        if (kind != NULL && strcmp(kind, "dynamic") == 0)
            return item;
    }
    return NULL;
}

/* Of a result with several estimators, the one that is asked for. */
static np_status choose_estimator(const json_t **out, const json_t *root,
                                  const np_event_study_spec *spec, np_error *err)
{
    const json_t *list = json_object_get(root, "estimates");
    const char *wanted = spec->estimator;
    size_t i;
    json_t *item;
    *out = root;
    if (json_array_size(json_object_get(root, "models")) > 0) {
        np_fail(err, NP_E_PARSE, _("the result has several models"));
        return np_error_hint(err, _("estimate one without --and"));
    }
    json_array_foreach(list, i, item)
    {
        const char *code = json_string_value(
            json_object_get(json_object_get(item, "model"), "estimator"));
        bool has = dynamic_of(json_object_get(item, "aggregates")) != NULL;
        if (wanted == NULL ? has : code != NULL && strcmp(code, wanted) == 0) {
            *out = item;
            return NP_OK;
        }
    }
    const char *own =
        json_string_value(json_object_get(json_object_get(root, "model"), "estimator"));
    if (wanted != NULL && (list != NULL || own == NULL || strcmp(own, wanted) != 0))
        return np_fail(err, NP_E_UNKNOWN_NAME, _("the result has no estimator %s"),
                       wanted);
    return NP_OK;
}

static np_status take_covariance(np_event_rows *rows, const json_t *vcov, size_t n_terms,
                                 np_arena *arena, np_error *err)
{
    size_t n = rows->n;
    if (!json_is_array(vcov)) {
        np_fail(err, NP_E_NOT_IDENTIFIED,
                _("the result has no covariance matrix of these estimates"));
        return np_error_hint(err, _("it must have \"vcov\" beside them"));
    }
    if (json_array_size(vcov) != n_terms)
        return np_fail(err, NP_E_PARSE,
                       _("the covariance matrix has %zu rows for %zu estimates"),
                       json_array_size(vcov), n_terms);
    rows->vcov = np_arena_array(arena, double, n *n);
    if (rows->vcov == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < n; i++) {
        const json_t *line = json_array_get(vcov, rows->row[i].place);
        if (json_array_size(line) != n_terms)
            return np_fail(err, NP_E_PARSE,
                           _("row %zu of the covariance matrix has %zu numbers for %zu "
                             "estimates"),
                           rows->row[i].place + 1, json_array_size(line), n_terms);
        for (size_t j = 0; j < n; j++)
            rows->vcov[i * n + j] =
                number_or_nan(json_array_get(line, rows->row[j].place));
    }
    return NP_OK;
}

static np_status take_rows(np_event_rows *rows, const json_t *root,
                           const np_event_study_spec *spec, np_arena *arena,
                           np_error *err)
{
    const json_t *part = root, *source, *list;
    np_status status = choose_estimator(&part, root, spec, err);
    if (status != NP_OK)
        return status;
    const json_t *dynamic = dynamic_of(json_object_get(part, "aggregates"));
    bool is_did = json_object_get(part, "aggregates") != NULL;
    if (is_did && dynamic == NULL) {
        np_fail(err, NP_E_UNKNOWN_NAME, _("the result has no dynamic aggregate"));
        return np_error_hint(err, _("did with --aggregate dynamic has one"));
    }
    source = is_did ? dynamic : part;
    list = json_object_get(source, is_did ? "rows" : "coefficients");
    if (!json_is_array(list))
        return not_our_shape(err, is_did ? _("the dynamic aggregate has no rows")
                                         : _("it has no coefficients"));
    size_t n = json_array_size(list);
    if (n > NP_EVENT_STUDY_MOST_TERMS)
        return np_fail(err, NP_E_LIMIT, _("at most %d estimates, these are %zu"),
                       NP_EVENT_STUDY_MOST_TERMS, n);
    rows->row = np_arena_array(arena, np_event_row, n + 1);
    if (rows->row == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    status = is_did ? take_aggregate(rows, list, arena, err)
                    : take_coefficients(rows, list, spec, arena, err);
    if (status == NP_OK)
        status = take_covariance(rows, json_object_get(source, "vcov"), n, arena, err);
    rows->conf_level =
        number_or_nan(json_object_get(json_object_get(part, "model"), "conf_level"));
    return status;
}

np_status np_event_study_read_text(np_event_coefficients *out, const char *text,
                                   size_t length, const np_event_study_spec *spec,
                                   np_arena *arena, np_error *err)
{
    json_error_t problem;
    np_event_rows rows = {.reference = NAN};
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &problem);
    if (root == NULL) {
        np_fail(err, NP_E_PARSE, _("this is no JSON: %s"), problem.text);
        return np_error_at(err, (uint32_t)(problem.line > 0 ? problem.line : 0),
                           (uint32_t)(problem.column > 0 ? problem.column : 0));
    }
    np_status status = json_is_object(root) ? take_rows(&rows, root, spec, arena, err)
                                            : not_our_shape(err, _("it is no object"));
    json_decref(root);
    return status == NP_OK ? np_event_study_of_rows(out, &rows, spec, arena, err)
                           : status;
}

np_status np_event_study_read(np_event_coefficients *out, const char *path,
                              const np_event_study_spec *spec, np_arena *arena,
                              np_error *err)
{
    np_buf text = {0};
    np_status status = read_file(&text, path, err);
    if (status == NP_OK)
        status = np_event_study_read_text(out, np_buf_done(&text), text.length, spec,
                                          arena, err);
    np_buf_free(&text);
    if (status != NP_OK)
        np_error_file(err, strcmp(path, "-") == 0 ? _("standard input") : path);
    return status;
}
