/* What rules look things up with, and how they object. */
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/text.h"
#include "programme/rules_internal.h"

static void fail(np_judge *judge, np_status status)
{
    if (judge->status == NP_OK)
        judge->status = status;
}

static void no_memory(np_judge *judge)
{
    fail(judge, np_fail(judge->err, NP_E_NO_MEMORY, _("no memory left")));
}

static bool is_warning(const char *word)
{
    size_t n;
    const np_rule *rule = np_rule_list(&n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(rule[i].word, word) == 0)
            return rule[i].warning;
    abort(); /* a rule that is not listed: no objection of it can be documented */
}

static void object(np_judge *judge, np_objection objection, const char *format,
                   va_list args)
{
    char message[512];
    np_text_vformat(message, sizeof message, format, args);
    objection.message = message;
    objection.hint = objection.hint != NULL ? objection.hint : "";
    objection.id = objection.id != NULL ? objection.id : "";
    objection.warning = is_warning(objection.rule);
    judge->sink(judge->context, &objection);
}

void judge_object(np_judge *judge, const np_record *record, const char *field,
                  const char *rule, const char *hint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    object(judge,
           (np_objection){.kind = record->kind->name,
                          .id = record->id,
                          .field = field,
                          .rule = rule,
                          .hint = hint},
           format, args);
    va_end(args);
}

void judge_object_to(np_judge *judge, const char *kind, const char *id, const char *field,
                     const char *rule, const char *hint, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    object(judge,
           (np_objection){
               .kind = kind, .id = id, .field = field, .rule = rule, .hint = hint},
           format, args);
    va_end(args);
}

/* Remembers what was found under a name; false: no memory. */
static bool remember(np_judge *judge, const char *name, const np_record *record)
{
    int32_t at = np_text_map_add(judge->known, name, strlen(name));
    if (at < 0)
        return false;
    if ((size_t)at >= judge->n_room) {
        size_t room = judge->n_room == 0 ? 64 : 2 * judge->n_room;
        const np_record **more = realloc(judge->found, room * sizeof *more);
        if (more == NULL)
            return false;
        judge->found = more;
        judge->n_room = room;
    }
    judge->found[at] = record;
    return true;
}

bool judge_recall(np_judge *judge, const np_record **out, const char *name)
{
    if (name == NULL) /* no memory was left for it */
        no_memory(judge);
    if (judge->status != NP_OK)
        return true;
    int32_t at = np_text_map_find(judge->known, name, strlen(name));
    if (at >= 0)
        *out = judge->found[at];
    return at >= 0;
}

void judge_remember(np_judge *judge, const char *name, const np_record *record)
{
    if (judge->status == NP_OK && !remember(judge, name, record))
        no_memory(judge);
}

enum { NAME_ROOM = 256 };

typedef const np_record *look_up(np_judge *judge, const np_kind *kind, const char *id);

/* "nproject halden"; the length, or 0 where it does not fit and is not to be kept. */
static size_t write_name(char out[NAME_ROOM], char sort, const char *kind, const char *id)
{
    size_t k = strlen(kind), n = strlen(id);
    if (k + n + 3 > NAME_ROOM)
        return 0;
    out[0] = sort;
    memcpy(out + 1, kind, k);
    out[k + 1] = ' ';
    memcpy(out + k + 2, id, n + 1);
    return k + n + 2;
}

static const np_record *find_with(np_judge *judge, look_up *look, char sort,
                                  const char *kind, const char *id)
{
    char name[NAME_ROOM];
    const np_record *record = NULL;
    if (id == NULL || judge->status != NP_OK)
        return NULL;
    bool kept = write_name(name, sort, kind, id) > 0;
    if (kept && judge_recall(judge, &record, name))
        return record;
    record = look(judge, np_kind_find(kind), id);
    if (kept)
        judge_remember(judge, name, record);
    return record;
}

static const np_record *look_in_store(np_judge *judge, const np_kind *kind,
                                      const char *id)
{
    np_record *record = np_arena_array(judge->kept, np_record, 1);
    bool there = false;
    if (record == NULL) {
        no_memory(judge);
        return NULL;
    }
    np_status status = np_store_has(&there, judge->store, kind, id, judge->err);
    if (status == NP_OK && there)
        status = np_store_get(record, judge->store, kind, id, judge->kept, judge->err);
    if (status != NP_OK)
        fail(judge, status);
    return there && status == NP_OK ? record : NULL;
}

const np_record *judge_find(np_judge *judge, const char *kind, const char *id)
{
    return find_with(judge, look_in_store, 'n', kind, id);
}

const np_record *judge_referred(np_judge *judge, const np_record *record,
                                const char *field)
{
    size_t f = np_kind_field(record->kind, field);
    return judge_find(judge, record->kind->field[f].among, np_record_text(record, field));
}

static np_value value_of_json(const json_t *value, np_arena *arena)
{
    if (json_is_integer(value))
        return NP_VALUE_OF_INTEGER(json_integer_value(value));
    if (json_is_real(value))
        return NP_VALUE_OF_NUMBER(json_real_value(value));
    const char *text =
        np_arena_copy_text(arena, json_string_value(value), json_string_length(value));
    return text != NULL ? NP_VALUE_OF_TEXT(text) : (np_value){0};
}

typedef struct {
    np_judge *judge;
    np_record *record; /* of the last version that was seen; NULL: retracted */
} past_version;

/* A number is written as the shortest text, which may look like an integer. */
static np_value as_field(np_value value, const np_field *field)
{
    if (field->type == NP_FIELD_NUMBER && value.type == NP_VALUE_INTEGER)
        return NP_VALUE_OF_NUMBER((double)value.integer);
    return value;
}

static np_status read_version(void *context, const np_log_version *version, np_error *err)
{
    past_version *past = context;
    past->record = NULL;
    if (version->body == NULL)
        return NP_OK;
    np_arena *arena = past->judge->kept;
    const np_kind *kind = np_kind_find(version->kind);
    np_record *record = np_arena_array(arena, np_record, 1);
    np_value *value = np_arena_array(arena, np_value, kind->n_fields);
    json_t *body = json_loads(version->body, 0, NULL);
    if (record == NULL || value == NULL || body == NULL) {
        json_decref(body);
        return np_fail(err, NP_E_DAMAGED, _("the log's version of %s %s cannot be read"),
                       version->kind, version->id);
    }
    for (size_t i = 0; i + 1 < json_array_size(body); i += 2) {
        const char *name = json_string_value(json_array_get(body, i));
        size_t f = name != NULL ? np_kind_field(kind, name) : kind->n_fields;
        if (f < kind->n_fields)
            value[f] = as_field(value_of_json(json_array_get(body, i + 1), arena),
                                &kind->field[f]);
    }
    json_decref(body);
    *record =
        (np_record){.kind = kind,
                    .id = np_arena_copy_text(arena, version->id, strlen(version->id)),
                    .value = value};
    past->record = record;
    return NP_OK;
}

/* The log tells of entries that are committed, so not of the one that is judged. */
static const np_record *look_in_log(np_judge *judge, const np_kind *kind, const char *id)
{
    past_version past = {.judge = judge};
    np_status status =
        np_log_history(judge->store, kind, id, read_version, &past, judge->err);
    if (status != NP_OK)
        fail(judge, status);
    return status == NP_OK ? past.record : NULL;
}

const np_record *judge_past(np_judge *judge, const char *kind, const char *id)
{
    return find_with(judge, look_in_log, 'p', kind, id);
}

const np_record *judge_programme(np_judge *judge)
{
    const np_record *record = NULL;
    if (judge->status != NP_OK || judge_recall(judge, &record, "programme"))
        return record;
    np_rows rows = judge_rows(judge, "programme", "id", NULL, 0);
    if (rows.n_rows > 0)
        record = judge_find(judge, "programme", np_rows_text(&rows, 0, 0));
    judge_remember(judge, "programme", record);
    return record;
}

np_rows judge_rows(np_judge *judge, const char *kind, const char *columns,
                   const np_where *where, size_t n_where)
{
    np_rows rows = {0};
    if (judge->status == NP_OK)
        fail(judge, np_rows_ask(&rows, judge->store, kind, columns, where, n_where,
                                judge->arena, judge->err));
    return rows;
}

size_t judge_count(np_judge *judge, const char *kind, const char *path, const char *text)
{
    return ROWS_OF(judge, kind, "id", path, text).n_rows;
}

static const char *first_of(const char *a, const char *b)
{
    return a != NULL ? a : b;
}

judge_days judge_project_days(np_judge *judge, const np_record *project)
{
    judge_days days = {NULL, NULL};
    if (project == NULL)
        return days;
    const np_record *cohort = judge_referred(judge, project, "cohort");
    days.starts = first_of(np_record_text(project, "starts"),
                           cohort != NULL ? np_record_text(cohort, "starts") : NULL);
    days.ends = first_of(np_record_text(project, "ends"),
                         cohort != NULL ? np_record_text(cohort, "ends") : NULL);
    return days;
}

bool is_before(const char *day, const char *other)
{
    return day != NULL && other != NULL && strcmp(day, other) < 0;
}

bool spans_meet(judge_days a, judge_days b)
{
    return !is_before(a.ends, b.starts) && !is_before(b.ends, a.starts);
}

const char *day_before(np_judge *judge, const char *day)
{
    int32_t date;
    char text[NP_DATE_LENGTH];
    if (day == NULL || !np_date_parse(&date, day, strlen(day)))
        return NULL;
    np_date_format(text, date - 1);
    return np_arena_copy_text(judge->arena, text, strlen(text));
}

bool read_period(judge_period *out, const char *text)
{
    if (text == NULL || !np_period_parse(&out->period, text, strlen(text)))
        return false;
    np_date_format(out->first, np_period_first_day(out->period));
    np_date_format(out->last, np_period_last_day(out->period));
    return true;
}

judge_admission judge_admission_of(np_judge *judge, const char *project)
{
    np_rows decisions =
        ROWS_OF(judge, "decision", "date outcome", "application.project", project);
    if (decisions.n_rows == 0)
        return judge_count(judge, "application", "project", project) > 0
                   ? ADMISSION_PENDING
                   : ADMISSION_NONE;
    const char *outcome = np_rows_text(&decisions, decisions.n_rows - 1, 1);
    if (strcmp(outcome, "admit") == 0)
        return ADMISSION_GIVEN;
    return strcmp(outcome, "refuse") == 0 ? ADMISSION_REFUSED : ADMISSION_PENDING;
}

static const np_record *first_record(np_judge *judge, const char *kind,
                                     const char *columns, const np_where *where,
                                     size_t n_where, const char *name)
{
    const np_record *record = NULL;
    if (judge->status != NP_OK || judge_recall(judge, &record, name))
        return record;
    np_rows rows = judge_rows(judge, kind, columns, where, n_where);
    if (rows.n_rows > 0)
        record = judge_find(judge, kind, np_rows_text(&rows, 0, 1));
    judge_remember(judge, name, record);
    return record;
}

const char *judge_withdrawn(np_judge *judge, const char *project)
{
    np_where where[] = {NP_IS("project", project),
                        {.path = "theme", .sort = NP_WHERE_ABSENT}};
    char name[256];
    np_text_format(name, sizeof name, "w%s", project);
    const np_record *record =
        first_record(judge, "withdrawal", "date id", where, 2, name);
    return record != NULL ? np_record_text(record, "date") : NULL;
}

bool judge_takes_theme(np_judge *judge, const char *project, const char *theme)
{
    np_where where[] = {NP_IS("project", project), NP_IS("theme", theme)};
    return first_record(judge, "participation", "theme id", where, 2,
                        np_arena_format(judge->arena, "t%s\n%s", project, theme)) != NULL;
}

bool judge_has_organisation(np_judge *judge, const char *project,
                            const char *organisation)
{
    np_where where[] = {NP_IS("project", project), NP_IS("organisation", organisation)};
    return judge_rows(judge, "project_organisation", "id", where, 2).n_rows > 0;
}

bool has_word(const np_record *record, const char *field, const char *word)
{
    const char *text = np_record_text(record, field);
    return text != NULL && word != NULL && strcmp(text, word) == 0;
}

const char *or_open(const char *day)
{
    return day != NULL ? day : "…";
}

number_text in_digits(double value)
{
    number_text out;
    char text[NP_DECIMAL_LENGTH];
    np_decimal_format(text, value);
    np_text_format(out.text, sizeof out.text, "%s", text);
    return out;
}
