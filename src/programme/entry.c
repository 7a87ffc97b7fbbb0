#include "programme/entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "programme/permission.h"

struct np_entry {
    np_store *store;
    np_entry_options options;
    np_arena *arena;  /* its own: the identifiers of what is touched */
    const char *role; /* of who writes; NULL: the programme has no users */
    np_touched *touched;
    size_t n_touched, room;
    np_entry_result result;
};

static void count_objection(void *context, const np_objection *objection)
{
    np_entry *entry = context;
    if (objection->warning)
        entry->result.n_warnings++;
    else
        entry->result.n_objections++;
    entry->options.sink(entry->options.context, objection);
}

static np_status say_who_may(np_error *err)
{
    return np_error_hint(err, _("say with --by who writes; nullpunkt user list tells who "
                                "may"));
}

/* *role stays as it is where the programme has no users. */
static np_status check_user(const char **role, np_store *store, const char *who,
                            np_arena *arena, np_error *err)
{
    const np_kind *user = np_kind_find("user");
    int64_t n = 0;
    bool there = false;
    np_status status = np_store_count(&n, store, user, err);
    if (status != NP_OK || n == 0)
        return status;
    status = np_store_has(&there, store, user, who, err);
    if (status != NP_OK)
        return status;
    if (!there) {
        np_fail(err, NP_E_UNKNOWN_NAME, _("%s is no user of this programme"), who);
        return say_who_may(err);
    }
    np_record record;
    status = np_store_get(&record, store, user, who, arena, err);
    if (status != NP_OK)
        return status;
    if (np_record_integer(&record, "closed", 0) == 1) {
        np_fail(err, NP_E_UNKNOWN_NAME, _("the user %s is closed"), who);
        return say_who_may(err);
    }
    *role = np_record_text(&record, "role");
    if (strcmp(*role, "reader") == 0) {
        np_fail(err, NP_E_UNKNOWN_NAME, _("%s may only read"), who);
        return say_who_may(err);
    }
    return NP_OK;
}

np_status np_entry_begin(np_entry **out, np_store *store, const np_entry_options *options,
                         np_arena *arena, np_error *err)
{
    np_entry *entry = np_arena_array(arena, np_entry, 1);
    np_arena *own = np_arena_new(0);
    if (entry == NULL || own == NULL) {
        np_arena_free(own);
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    }
    *entry = (np_entry){.store = store, .options = *options, .arena = own};
    np_status status = np_store_begin(store,
                                      &(np_store_entry){.who = options->who,
                                                        .action = options->action,
                                                        .why = options->why},
                                      err);
    if (status == NP_OK)
        status = check_user(&entry->role, store, options->who, own, err);
    if (status != NP_OK) {
        np_entry_abandon(entry);
        return status;
    }
    *out = entry;
    return NP_OK;
}

void np_entry_abandon(np_entry *entry)
{
    if (entry == NULL)
        return;
    np_store_rollback(entry->store);
    free(entry->touched);
    np_arena_free(entry->arena);
    *entry = (np_entry){0};
}

/* `id` lives as long as the entry. */
static np_status touch(np_entry *entry, const np_kind *kind, const char *id,
                       np_error *err)
{
    if (id == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (entry->n_touched == entry->room) {
        size_t room = entry->room == 0 ? 256 : 2 * entry->room;
        np_touched *more = realloc(entry->touched, room * sizeof *more);
        if (more == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
        entry->touched = more;
        entry->room = room;
    }
    entry->touched[entry->n_touched++] = (np_touched){.kind = kind, .id = id};
    return NP_OK;
}

void np_entry_object(np_entry *entry, const np_objection *objection)
{
    count_objection(entry, objection);
}

/* What the store refuses of one record is an objection like others. */
static np_status object_to_value(np_entry *entry, const np_record *record, np_error *own,
                                 np_error *err)
{
    if (own->status != NP_E_RANGE) {
        if (err != NULL)
            *err = *own;
        return own->status;
    }
    np_objection objection = {.kind = record->kind->name,
                              .id = record->id != NULL ? record->id : "",
                              .field = own->field,
                              .rule = "value",
                              .message = own->message,
                              .hint = own->hint};
    count_objection(entry, &objection);
    return NP_OK;
}

/* Objects where the role of who writes does not let them; `record` is NULL where it is
 * retracted. */
static void check_permission(np_entry *entry, const np_kind *kind, const char *id,
                             const np_record *record)
{
    if (entry->role == NULL || np_role_may_write(entry->role, kind, record))
        return;
    char message[256];
    np_text_format(message, sizeof message, _("%s is a %s, who does not write this"),
                   entry->options.who, entry->role);
    np_objection objection = {.kind = kind->name,
                              .id = id,
                              .field = "",
                              .rule = "permission",
                              .message = message,
                              .hint = np_who_may_write(kind)};
    count_objection(entry, &objection);
}

np_status np_entry_put(np_entry *entry, const np_record *record, np_put_result *result,
                       np_error *err)
{
    np_arena_mark mark = np_arena_set_mark(entry->arena);
    np_error own = {0};
    const char *id = NULL;
    np_put_result put = NP_PUT_UNCHANGED;
    np_status status = np_record_identifier(&id, record, entry->arena, &own);
    if (status == NP_OK)
        status = np_store_put(entry->store, record, &put, &own);
    if (status != NP_OK) {
        status = object_to_value(entry, record, &own, err);
        np_arena_release(entry->arena, mark);
        return status;
    }
    if (result != NULL)
        *result = put;
    entry->result.n_new += put == NP_PUT_NEW;
    entry->result.n_changed += put == NP_PUT_CHANGED;
    entry->result.n_unchanged += put == NP_PUT_UNCHANGED;
    if (put == NP_PUT_UNCHANGED) {
        np_arena_release(entry->arena, mark);
        return NP_OK;
    }
    check_permission(entry, record->kind, id, record);
    if (id == record->id)
        id = np_arena_copy_text(entry->arena, id, strlen(id));
    return touch(entry, record->kind, id, err);
}

np_status np_entry_retract(np_entry *entry, const np_kind *kind, const char *id,
                           np_error *err)
{
    np_status status = np_store_retract(entry->store, kind, id, err);
    if (status != NP_OK)
        return status;
    check_permission(entry, kind, id, NULL);
    entry->result.n_retracted++;
    return touch(entry, kind, np_arena_copy_text(entry->arena, id, strlen(id)), err);
}

static np_status judge_touched(np_entry *entry, np_error *err)
{
    if (entry->n_touched == 0)
        return NP_OK;
    return np_rules_touched(entry->store, entry->touched, entry->n_touched,
                            count_objection, entry, err);
}

np_status np_entry_end(np_entry_result *out, np_entry *entry, np_error *err)
{
    np_status status = judge_touched(entry, err);
    bool writes = status == NP_OK && entry->result.n_objections == 0 &&
                  !entry->options.dry_run && entry->n_touched > 0;
    if (writes)
        status = np_store_commit(entry->store, err);
    entry->result.written = writes && status == NP_OK;
    if (status == NP_OK)
        *out = entry->result;
    np_entry_abandon(entry);
    return status;
}
