#include <string.h>

#include "base/json.h"
#include "cli/common.h"
#include "cli/programme_options.h"
#include "programme/create.h"

/* Those of the field user.role; the cases of the command line have both. */
#define ROLES                                                                            \
    "secretariat|analyst|evaluator|project_leader|network_leader|reader|administrator"

static const np_option options[] = {
    NP_PROGRAMME_OPTION,
    {"name", "TEXT", N_("add: the user's full name. Default: the user's name."), NULL,
     false},
    {"role", "ROLE",
     N_("add: what the user may do. Default: reader; the first user is administrator."),
     ROLES, false},
    NP_WRITING_OPTIONS,
    {"format", "FORMAT", N_("list: how it is printed. Default: text."),
     "text|json|csv|markdown|latex", false},
};

typedef struct {
    char when[32], who[128];
} last_change;

static np_status keep_last(void *context, const np_log_version *version, np_error *err)
{
    last_change *last = context;
    (void)err;
    np_text_format(last->when, sizeof last->when, "%s", version->when);
    np_text_format(last->who, sizeof last->who, "%s", version->who);
    return NP_OK;
}

typedef struct {
    np_store *store;
    np_arena *arena;
    np_table_builder *table; /* NULL: JSON */
    np_json *json;
} listing;

static const char *kept(listing *l, const char *text)
{
    return text == NULL ? "" : np_arena_copy_text(l->arena, text, strlen(text));
}

static np_status list_user(void *context, const np_record *user, np_error *err)
{
    listing *l = context;
    last_change last = {"", ""};
    bool closed = np_record_integer(user, "closed", 0) != 0;
    np_status status =
        np_log_history(l->store, user->kind, user->id, keep_last, &last, err);
    if (status != NP_OK)
        return status;
    if (l->table == NULL) {
        np_json_object(l->json);
        np_json_put_text(l->json, "user", user->id);
        np_json_put_text(l->json, "name", np_record_text(user, "name"));
        np_json_put_text(l->json, "role", np_record_text(user, "role"));
        np_json_put_bool(l->json, "closed", closed);
        np_json_put_text(l->json, "changed", last.when);
        np_json_put_text(l->json, "changed_by", last.who);
        np_json_end_object(l->json);
        return NP_OK;
    }
    np_table_builder_row(l->table);
    np_table_builder_row_header(l->table, kept(l, user->id), 0);
    np_table_builder_cell(l->table, kept(l, np_record_text(user, "name")));
    np_table_builder_cell(l->table, kept(l, np_record_text(user, "role")));
    np_table_builder_cell(l->table, closed ? _("closed") : _("open"));
    np_table_builder_cell(l->table, kept(l, last.when));
    np_table_builder_cell(l->table, kept(l, last.who));
    return NP_OK;
}

static np_status list_as_json(const np_call *call, listing *l, np_error *err)
{
    np_json json = {.buf = call->out};
    l->json = &json;
    np_json_object(&json);
    np_json_put_text(&json, "nullpunkt", NP_VERSION);
    np_json_key(&json, "users");
    np_json_array(&json);
    np_status status = np_store_each(l->store, np_kind_find("user"), list_user, l, err);
    np_json_end_array(&json);
    np_json_end_object(&json);
    return status;
}

static np_status list_as_table(const np_call *call, listing *l, np_error *err)
{
    const char *const heads[] = {_("User"), _("Name"),        _("Role"),
                                 _("Is"),   _("Last change"), _("By")};
    size_t n = sizeof heads / sizeof *heads;
    l->table = np_table_builder_new(call->arena, "users", _("Users"), n);
    np_table_builder_head(l->table);
    for (size_t i = 0; i < n; i++) {
        np_table_builder_align(l->table, i, NP_ALIGN_LEFT);
        np_table_builder_cell(l->table, heads[i]);
    }
    np_status status = np_store_each(l->store, np_kind_find("user"), list_user, l, err);
    const np_doc_table *table = np_table_builder_done(l->table);
    if (status == NP_OK && table == NULL)
        status = np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (status == NP_OK)
        np_doc_render_table(call->out, table, np_wanted_format(call->arguments),
                            np_language_get());
    return status;
}

static np_status list(const np_call *call, np_error *err)
{
    np_programme *programme = NULL;
    np_status status = np_programme_of_call(&programme, call, NP_STORE_READ, err);
    if (status != NP_OK)
        return status;
    listing l = {.store = programme->store, .arena = call->arena};
    status = np_wants_json(call->arguments) ? list_as_json(call, &l, err)
                                            : list_as_table(call, &l, err);
    np_programme_close(programme);
    return status;
}

typedef enum { ADD = 0, CLOSE, REOPEN, ROLE, N_VERBS } user_verb;
static const char *const verb_words[] = {"add", "close", "reopen", "role"};

static np_status no_role(const char *role, np_error *err)
{
    const np_kind *kind = np_kind_find("user");
    np_fail(err, NP_E_USAGE, _("\"%s\" is no role"), role == NULL ? "" : role);
    return np_error_hint(err, _("the roles are %s"),
                         kind->field[np_kind_field(kind, "role")].among);
}

/* The values that the user is to have; those of before are in value[]. */
static np_status change_user(np_value *value, const np_call *call, user_verb verb,
                             bool there, bool first, np_error *err)
{
    const np_kind *kind = np_kind_find("user");
    size_t name = np_kind_field(kind, "name"), role = np_kind_field(kind, "role"),
           closed = np_kind_field(kind, "closed");
    const char *user = np_positional(call->arguments, 1);
    const char *wanted = verb == ADD ? np_argument(call->arguments, "role")
                                     : np_positional(call->arguments, 2);
    const char *full_name = np_argument(call->arguments, "name");
    if (verb == ADD && there) {
        np_fail(err, NP_E_DUPLICATE, _("%s is a user already"), user);
        return np_error_hint(err, _("user role changes the role, user reopen opens one "
                                    "that is closed"));
    }
    if (verb != ADD && !there) {
        np_fail(err, NP_E_UNKNOWN_NAME, _("%s is no user of this programme"), user);
        return np_error_hint(err, _("nullpunkt user list tells who there is"));
    }
    if (verb == ADD && first && wanted != NULL && strcmp(wanted, "administrator") != 0) {
        np_fail(err, NP_E_USAGE, _("the first user is administrator"));
        return np_error_hint(err, _("else nobody could make another one"));
    }
    if (verb == ADD) {
        value[name] = NP_VALUE_OF_TEXT(full_name == NULL ? user : full_name);
        value[role] = NP_VALUE_OF_TEXT(first            ? "administrator"
                                       : wanted == NULL ? "reader"
                                                        : wanted);
    } else if (verb == ROLE) {
        if (wanted == NULL || np_field_choice(&kind->field[role], wanted) < 0)
            return no_role(wanted, err);
        value[role] = NP_VALUE_OF_TEXT(wanted);
    } else {
        value[closed] = NP_VALUE_OF_INTEGER(verb == CLOSE);
    }
    return NP_OK;
}

static np_status old_values(np_value *value, bool *there, np_store *store,
                            const char *user, np_arena *arena, np_error *err)
{
    const np_kind *kind = np_kind_find("user");
    np_record old;
    np_status status = np_store_has(there, store, kind, user, err);
    if (status != NP_OK || !*there)
        return status;
    status = np_store_get(&old, store, kind, user, arena, err);
    if (status == NP_OK)
        memcpy(value, old.value, kind->n_fields * sizeof *value);
    return status;
}

/* Users are an administrator's matter, where there is one. */
static np_status check_administrator(const char *who, np_store *store, np_arena *arena,
                                     np_error *err)
{
    np_record writer;
    bool there = false;
    np_status status = np_store_has(&there, store, np_kind_find("user"), who, err);
    if (status != NP_OK || !there)
        return status;
    status = np_store_get(&writer, store, np_kind_find("user"), who, arena, err);
    if (status != NP_OK || strcmp(np_record_text(&writer, "role"), "administrator") == 0)
        return status;
    np_fail(err, NP_E_USAGE, _("%s is no administrator"), who);
    return np_error_hint(err, _("say with --by who is; nullpunkt user list tells who"));
}

static np_status write_user(np_entry_result *result, const np_call *call, np_store *store,
                            user_verb verb, np_error *err)
{
    np_value value[NP_MOST_FIELDS] = {{0}};
    const char *user = np_positional(call->arguments, 1);
    np_record record = {.kind = np_kind_find("user"), .id = user, .value = value};
    np_entry_options entry_options;
    np_entry *entry = NULL;
    bool there = false;
    int64_t n_users = 0;
    np_status status = np_writing_options(&entry_options, call, "user", err);
    if (status == NP_OK)
        status = np_entry_begin(&entry, store, &entry_options, call->arena, err);
    if (status != NP_OK)
        return status;
    status = check_administrator(entry_options.who, store, call->arena, err);
    if (status == NP_OK)
        status = old_values(value, &there, store, user, call->arena, err);
    if (status == NP_OK)
        status = np_store_count(&n_users, store, record.kind, err);
    if (status == NP_OK)
        status = change_user(value, call, verb, there, n_users == 0, err);
    if (status == NP_OK)
        status = np_entry_put(entry, &record, NULL, err);
    if (status == NP_OK)
        return np_entry_end(result, entry, err);
    np_entry_abandon(entry);
    return status;
}

static void say_done(const np_call *call, user_verb verb)
{
    const char *user = np_positional(call->arguments, 1);
    const char *const done[] = {_("%s is a user now\n"), _("%s is closed\n"),
                                _("%s is open again\n"), _("%s has another role\n")};
    bool dry_run = np_argument_given(call->arguments, "dry-run");
    if (dry_run)
        np_buf_format(call->out, "%s", _("a dry run, nothing is written: "));
    np_buf_format(call->out, done[verb], user);
}

static np_status change(const np_call *call, user_verb verb, bool *answer_no,
                        np_error *err)
{
    np_programme *programme = NULL;
    np_entry_result result = {0};
    const char *user = np_positional(call->arguments, 1);
    if (user == NULL)
        return np_fail(err, NP_E_USAGE, _("say which user: nullpunkt user %s NAME"),
                       verb_words[verb]);
    if (verb != ROLE && np_positional(call->arguments, 2) != NULL)
        return np_fail(err, NP_E_USAGE, _("one argument too many: %s"),
                       np_positional(call->arguments, 2));
    np_status status = verb == ADD ? np_user_check_name(user, err) : NP_OK;
    if (status == NP_OK)
        status = np_programme_of_call(&programme, call, NP_STORE_WRITE, err);
    if (status == NP_OK)
        status = write_user(&result, call, programme->store, verb, err);
    np_programme_close(programme);
    if (status != NP_OK)
        return status;
    *answer_no = result.n_objections > 0;
    if (result.n_objections == 0)
        say_done(call, verb);
    return NP_OK;
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    const char *word = np_positional(call->arguments, 0);
    if (strcmp(word, "list") == 0)
        return list(call, err);
    for (int verb = 0; verb < N_VERBS; verb++)
        if (strcmp(word, verb_words[verb]) == 0)
            return change(call, (user_verb)verb, answer_no, err);
    np_fail(err, NP_E_USAGE, _("user %s is nothing that can be done"), word);
    return np_error_hint(err, "add, list, close, reopen, role");
}

const np_command np_command_user = {
    .name = "user",
    .summary = N_("who may write and read in a programme"),
    .synopsis = "add|list|close|reopen|role [NAME] [ROLE] [options]",
    .description =
        N_("add NAME makes a user; close NAME ends what the user may do, and reopen NAME "
           "gives it back; role NAME ROLE changes it; list shows all, with who changed "
           "them last. A user is never removed, since the log names who did what.\n\n"
           "Where a programme has users, only they can write, by their names (--by). The "
           "last administrator cannot be closed."),
    .examples = "nullpunkt user add kari --name \"Kari Nordmann\" --role analyst\n"
                "nullpunkt user role kari secretariat --by ola\n"
                "nullpunkt user close kari --why \"left in June\" --by ola\n"
                "nullpunkt user list\n",
    .n_positional_min = 1,
    .n_positional_max = 3,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
