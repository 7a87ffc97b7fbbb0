#include "cli/programme_options.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

np_status np_writer(const char **out, const np_call *call, np_error *err)
{
    const char *who = np_argument(call->arguments, "by");
    if (who == NULL)
        who = getenv("NULLPUNKT_USER");
    if (who == NULL || who[0] == '\0') {
        const struct passwd *login = getpwuid(getuid());
        who = login == NULL ? getenv("LOGNAME") : login->pw_name;
    }
    if (who == NULL || who[0] == '\0') {
        np_fail(err, NP_E_USAGE, _("it is not known who writes"));
        return np_error_hint(err, _("say it with --by"));
    }
    *out = who;
    return NP_OK;
}

np_status np_programme_of_call(np_programme **out, const np_call *call,
                               np_store_mode mode, np_error *err)
{
    const char *folder = np_argument(call->arguments, "programme");
    const char *who = "";
    np_status status = mode == NP_STORE_READ ? NP_OK : np_writer(&who, call, err);
    bool dry_run = mode != NP_STORE_READ && np_argument_given(call->arguments, "dry-run");
    folder = folder == NULL ? "." : folder;
    if (status != NP_OK)
        return status;
    status = np_programme_open(out, folder, mode, dry_run ? NULL : who, call->arena, err);
    if (status == NP_OK && np_store_migrated((*out)->store) != NULL)
        np_buf_format(call->messages,
                      _("The records were of an older schema and are of the present one "
                        "now; as they were, they are in %s.\n"),
                      np_store_migrated((*out)->store));
    return status;
}

void np_objection_print(void *context, const np_objection *o)
{
    const np_call *call = context;
    np_buf line = {0};
    np_buf_format(&line, "%s%s %s%s%s: %s%s%s [%s]", o->warning ? _("warning: ") : "",
                  o->kind, o->id, o->field[0] == '\0' ? "" : ": ", o->field, o->message,
                  o->hint[0] == '\0' ? "" : "; ", o->hint, o->rule);
    np_buf_add_line(call->messages, np_buf_done(&line) == NULL ? "" : line.text);
    np_buf_add_char(call->messages, '\n');
    np_buf_free(&line);
}

np_status np_writing_options(np_entry_options *out, const np_call *call,
                             const char *action, np_error *err)
{
    const char *who = NULL, *why = np_argument(call->arguments, "why");
    np_status status = np_writer(&who, call, err);
    if (status != NP_OK)
        return status;
    *out = (np_entry_options){.who = who,
                              .action = action,
                              .why = why == NULL ? "" : why,
                              .dry_run = np_argument_given(call->arguments, "dry-run"),
                              .sink = np_objection_print,
                              .context = (void *)call};
    return NP_OK;
}
