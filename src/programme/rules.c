#include "programme/rules.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "programme/rules_internal.h"

static const np_rule rules[] = {
    {"value", "", N_("Required fields have a value, and each value is one of its field."),
     false},
    {"reference", "", N_("What a record refers to is there."), false},
};

const np_rule *np_rule_list(size_t *n)
{
    *n = sizeof rules / sizeof *rules;
    return rules;
}

static bool is_warning(const char *word)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rules[i].word, word) == 0)
            return rules[i].warning;
    assert(!"a rule that is not listed");
    return false;
}

void judge_object(np_judge *judge, const np_record *record, const char *field,
                  const char *rule, const char *hint, const char *format, ...)
{
    char message[512];
    va_list args;
    va_start(args, format);
    np_text_vformat(message, sizeof message, format, args);
    va_end(args);
    np_objection objection = {.kind = record->kind->name,
                              .id = record->id,
                              .field = field,
                              .rule = rule,
                              .message = message,
                              .hint = hint != NULL ? hint : "",
                              .warning = is_warning(rule)};
    judge->sink(judge->context, &objection);
}

static np_status references(np_judge *judge, const np_record *record, np_error *err)
{
    for (size_t f = 0; f < record->kind->n_fields; f++) {
        const np_field *field = &record->kind->field[f];
        if (field->type != NP_FIELD_REFERENCE || record->value[f].type == NP_VALUE_NONE)
            continue;
        bool there;
        np_status status = np_store_has(&there, judge->store, np_kind_find(field->among),
                                        record->value[f].text, err);
        if (status != NP_OK)
            return status;
        if (!there)
            judge_object(judge, record, field->name, "reference",
                         _("put it in the same entry or before it, or mend the "
                           "identifier"),
                         _("there is no %s with the identifier \"%s\""), field->among,
                         record->value[f].text);
    }
    return NP_OK;
}

static np_status judge_record(np_judge *judge, const np_record *record, np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(judge->arena);
    np_status status = references(judge, record, err);
    np_arena_release(judge->arena, mark);
    return status;
}

np_status np_rules_record(np_store *store, const np_record *record,
                          np_objection_sink *sink, void *context, np_error *err)
{
    np_arena *arena = np_arena_new(0);
    if (arena == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_judge judge = {.store = store, .sink = sink, .context = context, .arena = arena};
    np_status status = judge_record(&judge, record, err);
    np_arena_free(arena);
    return status;
}

static np_status judge_row(void *context, const np_record *record, np_error *err)
{
    return judge_record(context, record, err);
}

static np_status judge_everything(np_judge *judge, np_error *err)
{
    size_t n;
    const np_kind *kind = np_kinds(&n);
    np_status status = NP_OK;
    for (size_t k = 0; k < n && status == NP_OK; k++)
        status = np_store_each(judge->store, &kind[k], judge_row, judge, err);
    return status;
}

np_status np_rules_together(np_store *store, const np_touched *touched, size_t n,
                            np_objection_sink *sink, void *context, np_error *err)
{
    np_arena *arena = np_arena_new(0);
    if (arena == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_judge judge = {.store = store, .sink = sink, .context = context, .arena = arena};
    np_status status = touched == NULL && n == 0 ? judge_everything(&judge, err) : NP_OK;
    np_arena_free(arena);
    return status;
}
