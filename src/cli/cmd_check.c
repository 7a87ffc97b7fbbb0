#include "cli/cmd_check.h"

#include "cli/common.h"
#include "cli/programme_options.h"
#include "programme/definition_sync.h"
#include "programme/obligation.h"

enum { DEFAULT_MOST = 1000 };

static const np_option options[] = {
    {"log", NULL,
     N_("Also computes every hash of the log anew and compares every record with it. "
        "Takes time where there are many."),
     NULL, false},
    {"head", "HASH",
     N_("A hash of the log's head that was noted earlier: says whether the log was cut "
        "or "
        "written anew since. Implies --log."),
     NULL, false},
    {"update", NULL,
     N_("Takes programme.yaml over into the records first, where it is new and nothing "
        "is "
        "wrong with it."),
     NULL, false},
    {"by", "USER",
     N_("With --update: who writes. Default: $NULLPUNKT_USER, else the name that you are "
        "logged in by."),
     NULL, false},
    {"most", "N", N_("At most so many problems of each rule are shown. Default: 1000."),
     NULL, false},
    {"format", "FORMAT", N_("How it is printed. Default: text."), "text|json", false},
};

static np_status count_records(np_check *w, np_error *err)
{
    size_t n_kinds;
    const np_kind *kind = np_kinds(&n_kinds);
    np_status status = NP_OK;
    for (size_t k = 0; k < n_kinds && status == NP_OK; k++) {
        int64_t n = 0;
        status = np_store_count(&n, w->programme.store, &kind[k], err);
        w->found.n_records += n;
    }
    return status;
}

static np_status last_entry(void *context, const np_log_entry *entry, np_error *err)
{
    (void)err;
    *(int64_t *)context = entry->entry;
    return NP_OK;
}

static np_status check_file(np_check *w, np_error *err)
{
    np_store *store = w->programme.store;
    size_t before = w->problems->n_seen;
    np_status status = np_store_check(w->problems, store, err);
    w->is_damaged = status != NP_OK || w->problems->n_seen > before;
    if (status == NP_OK)
        status = count_records(w, err);
    if (status == NP_OK)
        status = np_log_each_entry(store, last_entry, &w->found.n_entries, err);
    if (status == NP_OK)
        status = np_log_head(w->found.head, store, err);
    return status;
}

static np_status check_log(np_check *w, np_error *err)
{
    const char *head = np_argument(w->call->arguments, "head");
    if (head == NULL && !np_argument_given(w->call->arguments, "log"))
        return NP_OK;
    w->found.checked_log = true;
    np_progress(w->call, _("reading the log"));
    np_status status = np_log_check(w->problems, w->programme.store, head, err);
    np_progress(w->call, NULL);
    return status;
}

/* Records of a damaged file are not judged: they may lack what the schema promises. */
static np_status check_rules(np_check *w, np_error *err)
{
    if (w->is_damaged)
        return NP_OK;
    np_progress(w->call, _("judging the records"));
    np_status status = np_rules_together(w->programme.store, NULL, 0,
                                         np_findings_objection, &w->found, err);
    np_progress(w->call, NULL);
    return status;
}

/* Reports that are owed and are no records yet would be overdue without being seen. */
static np_status check_obligations(np_check *w, np_error *err)
{
    size_t n = 0;
    char message[128];
    if (w->is_damaged)
        return NP_OK;
    np_status status = np_obligations_missing(&n, w->programme.store, err);
    if (status != NP_OK || n == 0)
        return status;
    np_text_format(message, sizeof message,
                   n == 1 ? _("%zu obligation is to be made or waived")
                          : _("%zu obligations are to be made or waived"),
                   n);
    np_findings_add(&w->found, &(np_finding){.file = "",
                                             .kind = "obligation",
                                             .id = "",
                                             .field = "",
                                             .rule = "obligations_made",
                                             .message = message,
                                             .hint = _("nullpunkt obligations update"),
                                             .warning = true});
    return NP_OK;
}

/* Whether the records would take a new programme.yaml. */
static np_status check_new_definition(np_check *w, np_error *err)
{
    if (!w->definition_is_right)
        return NP_OK;
    np_status status =
        np_definition_is_new(&w->found.is_new_definition, &w->programme, err);
    if (status != NP_OK || !w->found.is_new_definition)
        return status;
    np_programme writing = w->programme;
    status = np_store_open(&writing.store, np_check_path(w, "programme.db"),
                           NP_STORE_WRITE, err);
    if (status != NP_OK)
        return status;
    status = np_definition_judge(&writing, np_findings_objection, &w->found, err);
    np_store_close(writing.store);
    return status;
}

static np_status check_records(np_check *w, np_error *err)
{
    typedef np_status part(np_check *, np_error *);
    static part *const parts[] = {check_file,     check_log,
                                  check_rules,    check_obligations,
                                  np_check_names, check_new_definition};
    const char *path = np_check_path(w, "programme.db");
    np_error failure = {0};
    np_status status = np_store_open(&w->programme.store, path, NP_STORE_READ, &failure);
    bool opened = status == NP_OK;
    if (status == NP_E_UNKNOWN_NAME)
        np_error_hint(&failure, _("nullpunkt init %s makes it of programme.yaml"),
                      w->folder);
    status = np_check_go_on(w, status, &failure, path, err);
    w->found.has_records = opened;
    for (size_t i = 0; opened && status == NP_OK && i < sizeof parts / sizeof *parts;
         i++) {
        failure = (np_error){0};
        status = np_check_go_on(w, parts[i](w, &failure), &failure, path, err);
    }
    np_store_close(w->programme.store);
    return status;
}

static np_status update(np_check *w, np_error *err)
{
    np_programme *programme = NULL;
    const char *who;
    np_status status = np_writer(&who, w->call, err);
    if (status == NP_OK)
        status = np_programme_open(&programme, w->folder, NP_STORE_WRITE, who,
                                   w->call->arena, err);
    np_programme_close(programme);
    return status;
}

static np_status no_programme(const np_check *w, np_error *err)
{
    np_fail(err, NP_E_UNKNOWN_NAME, _("there is no programme here"));
    np_error_file(err, w->folder);
    return np_error_hint(err, _("nullpunkt init makes one"));
}

static np_status check_everything(np_check *w, np_error *err)
{
    np_status status = np_check_texts(w, err);
    /* What would refuse the new definition is found once more below, all of it. */
    if (status == NP_OK && w->definition_is_right &&
        np_argument_given(w->call->arguments, "update") &&
        np_check_is_there(w, "programme.db")) {
        np_error refused = {0};
        if (update(w, &refused) != NP_OK && refused.status != NP_E_RANGE) {
            status = refused.status;
            if (err != NULL)
                *err = refused;
        }
    }
    return status == NP_OK ? check_records(w, err) : status;
}

static np_status run(const np_call *call, bool *answer_no, np_error *err)
{
    const char *folder = np_positional(call->arguments, 0);
    int64_t most = DEFAULT_MOST;
    np_check *w = np_arena_array(call->arena, np_check, 1);
    np_problems *problems = np_arena_array(call->arena, np_problems, 1);
    if (w == NULL || problems == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status =
        np_argument_integer(&most, call->arguments, "most", 1, 1 << 30, err);
    if (status != NP_OK)
        return status;
    w->call = call;
    w->folder = folder == NULL ? "." : folder;
    w->problems = problems;
    w->programme = (np_programme){.folder = w->folder, .arena = call->arena};
    w->found = (np_findings){.arena = call->arena,
                             .folder = w->folder,
                             .most = (size_t)most,
                             .rules = np_text_map_new(call->arena)};
    *problems = (np_problems){.sink = np_findings_problem, .context = &w->found};
    if (!np_check_is_there(w, "programme.yaml") && !np_check_is_there(w, "programme.db"))
        return no_programme(w, err);
    status = w->found.rules == NULL ? NP_E_NO_MEMORY : check_everything(w, err);
    np_findings_sort(&w->found);
    if (status == NP_E_NO_MEMORY || w->found.no_memory)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (status != NP_OK)
        return status;
    *answer_no = w->found.n_problems > 0;
    if (np_wants_json(call->arguments))
        np_findings_print_json(call, &w->found);
    else
        np_findings_print(call, &w->found);
    return NP_OK;
}

const np_command np_command_check = {
    .name = "check",
    .summary = N_("find everything that is wrong with a programme's folder"),
    .synopsis = "[FOLDER] [--log] [--head HASH] [--update]",
    .description =
        N_("Reads programme.yaml, evaluation.yaml, tables.yaml and the mappings, checks "
           "the file of the records, and "
           "judges all records by all rules. What is wrong is said at once, each with "
           "file and line or with record and field, and with what to do. Exit status 1 "
           "where there is a problem; warnings alone are none.\n\n"
           "The log of a programme is chained by hashes. Note the head of the log in "
           "another place, and --head says later whether anybody cut the log or wrote it "
           "anew."),
    .examples = "nullpunkt check better\n"
                "nullpunkt check better --log --head "
                "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n",
    .n_positional_min = 0,
    .n_positional_max = 1,
    .option = options,
    .n_options = sizeof options / sizeof *options,
    .run = run,
};
