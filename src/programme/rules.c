#include "programme/rules.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "programme/rules_internal.h"

enum { MOST_RULES = 256 };

static const rule_area *const areas[] = {
    &rules_of_common, &rules_of_organisation, &rules_of_project, &rules_of_admission,
    &rules_of_goal,   &rules_of_measurement,  &rules_of_measure, &rules_of_report,
    &rules_of_answer, &rules_of_grant,        &rules_of_coding,  &rules_of_survey,
    &rules_of_user,   &rules_of_definition,
};
enum { N_AREAS = sizeof areas / sizeof *areas };

static np_rule all[MOST_RULES];
static size_t n_all;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void collect(void)
{
    for (size_t a = 0; a < N_AREAS; a++)
        for (size_t r = 0; r < areas[a]->n_rules; r++) {
            assert(n_all < MOST_RULES);
            all[n_all++] = areas[a]->rule[r];
        }
}

const np_rule *np_rule_list(size_t *n)
{
    pthread_once(&once, collect);
    *n = n_all;
    return all;
}

/* What was looked up is kept; a pass over millions of records must not keep all. */
static bool begin_keeping(np_judge *judge)
{
    np_arena_free(judge->kept);
    judge->kept = np_arena_new(0);
    judge->known = judge->kept != NULL ? np_text_map_new(judge->kept) : NULL;
    return judge->known != NULL;
}

static np_status judge_open(np_judge *out, np_store *store, np_objection_sink *sink,
                            void *context, np_error *err)
{
    *out = (np_judge){.store = store,
                      .sink = sink,
                      .context = context,
                      .arena = np_arena_new(0),
                      .err = err};
    np_date_format(out->today, np_date_today());
    /* The first block stays: to give it back after each record costs more than rules. */
    bool ready = out->arena != NULL && np_arena_alloc(out->arena, 1, 1) != NULL;
    if (!ready || !begin_keeping(out))
        out->status = np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    return out->status;
}

static np_status judge_close(np_judge *judge)
{
    np_arena_free(judge->arena);
    np_arena_free(judge->kept);
    free(judge->found);
    return judge->status;
}

enum { MOST_KEPT = 100000 };

static void forget_what_is_too_much(np_judge *judge)
{
    if (judge->status == NP_OK && np_text_map_size(judge->known) > MOST_KEPT &&
        !begin_keeping(judge))
        judge->status = np_fail(judge->err, NP_E_NO_MEMORY, _("no memory left"));
}

/* Records come kind by kind, so that the rules of a kind are picked once. */
static void pick_rules(np_judge *judge, const np_kind *kind)
{
    judge->kind = kind;
    judge->n_of_kind = 0;
    for (size_t a = 0; a < N_AREAS; a++)
        for (size_t i = 0; i < areas[a]->n_records; i++) {
            const rule_of_record *rule = &areas[a]->record[i];
            if (rule->kind != NULL && strcmp(rule->kind, kind->name) != 0)
                continue;
            assert(judge->n_of_kind < MOST_RULES_OF_KIND);
            judge->of_kind[judge->n_of_kind++] = rule->judge;
        }
}

static void judge_record(np_judge *judge, const np_record *record)
{
    forget_what_is_too_much(judge);
    if (judge->kind != record->kind)
        pick_rules(judge, record->kind);
    np_arena_mark mark = np_arena_set_mark(judge->arena);
    for (size_t i = 0; i < judge->n_of_kind && judge->status == NP_OK; i++)
        judge->of_kind[i](judge, record);
    np_arena_release(judge->arena, mark);
}

np_status np_rules_record(np_store *store, const np_record *record,
                          np_objection_sink *sink, void *context, np_error *err)
{
    np_judge judge;
    if (judge_open(&judge, store, sink, context, err) == NP_OK)
        judge_record(&judge, record);
    return judge_close(&judge);
}

static np_status judge_row(void *context, const np_record *record, np_error *err)
{
    (void)err;
    np_judge *judge = context;
    judge_record(judge, record);
    return judge->status;
}

static void judge_each_record(np_judge *judge)
{
    size_t n;
    const np_kind *kind = np_kinds(&n);
    for (size_t k = 0; k < n && judge->status == NP_OK; k++) {
        np_status status =
            np_store_each(judge->store, &kind[k], judge_row, judge, judge->err);
        if (judge->status == NP_OK)
            judge->status = status;
    }
}

static void judge_one_subject(np_judge *judge, judge_subject *visit, const char *subject)
{
    if (judge->status != NP_OK)
        return;
    forget_what_is_too_much(judge);
    np_arena_mark mark = np_arena_set_mark(judge->arena);
    visit(judge, subject);
    np_arena_release(judge->arena, mark);
}

static void judge_each_subject(np_judge *judge, const rule_together *rule)
{
    if (rule->each != NULL) {
        rule->each(judge, rule->judge);
        return;
    }
    np_rows rows = judge_rows(judge, rule->subject, "id", NULL, 0);
    for (size_t r = 0; r < rows.n_rows; r++)
        judge_one_subject(judge, rule->judge, np_rows_text(&rows, r, 0));
}

static void judge_everything(np_judge *judge)
{
    judge_each_record(judge);
    for (size_t a = 0; a < N_AREAS; a++)
        for (size_t i = 0; i < areas[a]->n_together && judge->status == NP_OK; i++) {
            np_arena_mark mark = np_arena_set_mark(judge->arena);
            judge_each_subject(judge, &areas[a]->together[i]);
            np_arena_release(judge->arena, mark);
        }
}

/* Subjects to judge, each once: "kind id". */
typedef struct {
    np_text_map *map;
    np_judge *judge;
    bool records; /* whether each touched record is judged by itself too */
} subjects;

static void add_subject(subjects *s, const char *kind, const char *id)
{
    if (id == NULL)
        return;
    np_buf name = {0};
    np_buf_format(&name, "%s %s", kind, id);
    const char *text = np_buf_done(&name);
    if (text == NULL || np_text_map_add(s->map, text, strlen(text)) < 0)
        s->judge->status = np_fail(s->judge->err, NP_E_NO_MEMORY, _("no memory left"));
    np_buf_free(&name);
}

static void add_subjects_of(subjects *s, const np_record *record)
{
    for (size_t a = 0; a < N_AREAS; a++)
        for (size_t i = 0; i < areas[a]->n_belongs; i++) {
            const rule_belongs *b = &areas[a]->belongs[i];
            if (strcmp(b->kind, record->kind->name) != 0)
                continue;
            const char *id = b->of != NULL ? b->of(s->judge, record)
                             : strcmp(b->field, "id") == 0
                                 ? record->id
                                 : np_record_text(record, b->field);
            add_subject(s, b->subject, id);
        }
}

static const rule_of_change *change_of(const np_kind *kind)
{
    for (size_t a = 0; a < N_AREAS; a++)
        for (size_t i = 0; i < areas[a]->n_changes; i++)
            if (strcmp(areas[a]->change[i].kind, kind->name) == 0)
                return &areas[a]->change[i];
    return NULL;
}

/* A record that is there is read here and not remembered: there may be millions. */
static const np_record *read_touched(np_judge *judge, const np_touched *touched,
                                     np_record *room)
{
    bool there = false;
    np_status status =
        np_store_has(&there, judge->store, touched->kind, touched->id, judge->err);
    if (status == NP_OK && there)
        status = np_store_get(room, judge->store, touched->kind, touched->id,
                              judge->arena, judge->err);
    judge->status = status;
    return status == NP_OK && there ? room : NULL;
}

static bool dates_differ(const np_record *now, const np_record *past)
{
    for (size_t f = 0; f < now->kind->n_fields; f++)
        if (now->kind->field[f].type == NP_FIELD_DATE &&
            !np_value_equal(now->value[f], past->value[f]))
            return true;
    return false;
}

static void judge_referring(np_judge *judge, const np_kind *kind, const np_field *field,
                            const char *id)
{
    np_rows rows = ROWS_OF(judge, kind->name, "id", field->name, id);
    for (size_t r = 0; r < rows.n_rows && judge->status == NP_OK; r++) {
        np_arena_mark mark = np_arena_set_mark(judge->arena);
        np_record record;
        judge->status = np_store_get(&record, judge->store, kind,
                                     np_rows_text(&rows, r, 0), judge->arena, judge->err);
        if (judge->status == NP_OK)
            judge_record(judge, &record);
        np_arena_release(judge->arena, mark);
    }
}

/* Other days of an organisation, a unit, a project or a measure can make records wrong
 * that refer to it and are not touched themselves. */
static void judge_dependents(np_judge *judge, const np_record *now)
{
    static const char *const dated[] = {"organisation", "unit", "project", "measure"};
    const np_record *past = NULL;
    for (size_t i = 0; i < sizeof dated / sizeof *dated; i++)
        if (strcmp(now->kind->name, dated[i]) == 0)
            past = judge_past(judge, dated[i], now->id);
    if (past == NULL || !dates_differ(now, past))
        return;
    size_t n;
    const np_kind *kind = np_kinds(&n);
    for (size_t k = 0; k < n; k++)
        for (size_t f = 0; f < kind[k].n_fields && judge->status == NP_OK; f++)
            if (kind[k].field[f].type == NP_FIELD_REFERENCE &&
                strcmp(kind[k].field[f].among, now->kind->name) == 0)
                judge_referring(judge, &kind[k], &kind[k].field[f], now->id);
}

static void judge_touched(subjects *s, const np_touched *touched)
{
    np_judge *judge = s->judge;
    forget_what_is_too_much(judge);
    np_arena_mark mark = np_arena_set_mark(judge->arena);
    np_record room;
    const np_record *now = read_touched(judge, touched, &room);
    const rule_of_change *change = change_of(touched->kind);
    const np_record *past = NULL;
    if (judge->status == NP_OK && (now == NULL || (change != NULL && change->wants_past)))
        past = judge_past(judge, touched->kind->name, touched->id);
    if (now != NULL && s->records) {
        judge_record(judge, now);
        judge_dependents(judge, now);
    }
    if (now != NULL)
        add_subjects_of(s, now);
    if (past != NULL)
        add_subjects_of(s, past);
    if (change != NULL && judge->status == NP_OK && (now != NULL || past != NULL))
        change->judge(judge, now, past);
    np_arena_release(judge->arena, mark);
}

static void judge_subjects(subjects *s)
{
    for (size_t i = 0; i < np_text_map_size(s->map); i++) {
        const char *name = np_text_map_text(s->map, (int32_t)i);
        const char *id = strchr(name, ' ') + 1;
        for (size_t a = 0; a < N_AREAS; a++)
            for (size_t t = 0; t < areas[a]->n_together; t++) {
                const rule_together *rule = &areas[a]->together[t];
                size_t length = strlen(rule->subject);
                if (strncmp(rule->subject, name, length) == 0 && name[length] == ' ')
                    judge_one_subject(s->judge, rule->judge, id);
            }
    }
}

static void judge_all_touched(np_judge *judge, const np_touched *touched, size_t n,
                              bool records)
{
    np_arena *own = np_arena_new(0);
    subjects s = {.map = own != NULL ? np_text_map_new(own) : NULL,
                  .judge = judge,
                  .records = records};
    if (s.map == NULL)
        judge->status = np_fail(judge->err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < n && judge->status == NP_OK; i++)
        judge_touched(&s, &touched[i]);
    if (judge->status == NP_OK)
        judge_subjects(&s);
    np_arena_free(own);
}

np_status np_rules_together(np_store *store, const np_touched *touched, size_t n,
                            np_objection_sink *sink, void *context, np_error *err)
{
    np_judge judge;
    if (judge_open(&judge, store, sink, context, err) == NP_OK) {
        if (touched == NULL && n == 0)
            judge_everything(&judge);
        else
            judge_all_touched(&judge, touched, n, false);
    }
    return judge_close(&judge);
}

np_status np_rules_touched(np_store *store, const np_touched *touched, size_t n,
                           np_objection_sink *sink, void *context, np_error *err)
{
    np_judge judge;
    if (judge_open(&judge, store, sink, context, err) == NP_OK)
        judge_all_touched(&judge, touched, n, true);
    return judge_close(&judge);
}
