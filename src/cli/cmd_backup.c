#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/date.h"
#include "cli/common.h"
#include "cli/programme_options.h"
#include "programme/export.h"

enum { LONGEST_PATH = 512, MOST_OF_A_DAY = 1000 };

/* PROGRAMME/backups/2026-12-01.db, -2 … */
static np_status default_name(char out[LONGEST_PATH], const char *programme,
                              np_error *err)
{
    char day[NP_DATE_LENGTH];
    np_date_format(day, np_date_today());
    np_text_format(out, LONGEST_PATH, "%s/backups", programme);
    if (mkdir(out, 0777) != 0 && errno != EEXIST) {
        np_fail(err, NP_E_IO, _("the folder cannot be made: %s"), strerror(errno));
        return np_error_file(err, out);
    }
    for (int i = 1; i < MOST_OF_A_DAY; i++) {
        np_text_format(out, LONGEST_PATH,
                       i == 1 ? "%s/backups/%s.db" : "%s/backups/%s-%d.db", programme,
                       day, i);
        if (access(out, F_OK) != 0)
            return NP_OK;
    }
    return np_fail(err, NP_E_LIMIT, _("there are too many backups of this day"));
}

/* Opened to write: who reads leaves files beside it that a backup should not have. */
static np_status check_copy(np_export *out, const np_call *call, const char *path,
                            np_error *err)
{
    np_store *copy = NULL;
    np_problems *problems = np_arena_array(call->arena, np_problems, 1);
    if (problems == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_progress(call, _("checking the copy"));
    np_status status = np_store_open(&copy, path, NP_STORE_WRITE, err);
    if (status == NP_OK)
        status = np_store_check(problems, copy, err);
    if (status == NP_OK)
        status = np_log_check(problems, copy, NULL, err);
    if (status == NP_OK)
        status = np_log_last(&out->n_entries, copy, err);
    if (status == NP_OK)
        status = np_log_head(out->head, copy, err);
    np_store_close(copy);
    np_progress(call, NULL);
    if (status == NP_OK && problems->n_seen > 0) {
        np_problems_print(call, problems, 0);
        np_fail(err, NP_E_DAMAGED, _("the copy was made, and what it copies is damaged"));
        np_error_hint(err, _("keep the backups that were made before"));
        return np_error_file(err, path);
    }
    return status;
}

static np_status run_backup(const np_call *call, bool *answer_no, np_error *err)
{
    (void)answer_no;
    np_programme *programme = NULL;
    np_export done = {0};
    char name[LONGEST_PATH];
    const char *path = np_positional(call->arguments, 0);
    np_status status = np_programme_of_call(&programme, call, NP_STORE_READ, err);
    if (status == NP_OK && path == NULL) {
        status = default_name(name, programme->folder, err);
        path = name;
    }
    if (status == NP_OK) {
        np_progress(call, _("copying"));
        status = np_store_backup(programme->store, path, err);
        np_progress(call, NULL);
    }
    np_programme_close(programme);
    if (status == NP_OK)
        status = check_copy(&done, call, path, err);
    if (status == NP_OK)
        np_buf_format(
            call->out,
            _("%s: a copy, checked. Entries of the log: %lld.\nThe log ends with %s.\n"),
            path, (long long)done.n_entries, done.head[0] == '\0' ? "-" : done.head);
    return status;
}

static const np_option backup_options[] = {NP_PROGRAMME_OPTION};

const np_command np_command_backup = {
    .name = "backup",
    .summary = N_("a checked copy of the records"),
    .synopsis = "[FILE] [options]",
    .description = N_(
        "Copies the records as they are at one moment, while others read and write, and "
        "checks the copy: its pages, its references, and every hash of its log. Without "
        "FILE the copy is backups/DATE.db in the programme's folder. Nothing is written "
        "over.\n\n"
        "Note the last hash in another place: against it a log that was cut or written "
        "anew shows (nullpunkt restore --head)."),
    .examples = "nullpunkt backup\nnullpunkt backup /media/stick/sammen.db",
    .n_positional_min = 0,
    .n_positional_max = 1,
    .option = backup_options,
    .n_options = sizeof backup_options / sizeof *backup_options,
    .run = run_backup,
};

static np_status run_restore(const np_call *call, bool *answer_no, np_error *err)
{
    (void)answer_no;
    const np_arguments *a = call->arguments;
    char day[NP_DATE_LENGTH];
    const char *programme = np_argument(a, "programme"), *from = np_positional(a, 0);
    np_problems *problems = np_arena_array(call->arena, np_problems, 1);
    np_export done;
    if (problems == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_date_format(day, np_date_today());
    np_restore_spec spec = {.programme = programme == NULL ? "." : programme,
                            .head = np_argument(a, "head"),
                            .replace = np_argument_given(a, "replace"),
                            .day = day};
    np_progress(call, _("restoring"));
    np_status status = np_restore(&done, from, &spec, call->arena, problems, err);
    np_progress(call, NULL);
    if (problems->n_seen > 0) {
        np_problems_print(call, problems, 0);
        if (status == NP_OK)
            status = np_fail(err, NP_E_DAMAGED, _("nothing was restored; problems: %zu"),
                             problems->n_seen);
        return status == NP_OK ? NP_OK : np_error_file(err, from);
    }
    if (status == NP_OK)
        np_buf_format(call->out,
                      _("Restored to %s: records: %lld, entries of the log: %lld.\n"
                        "The log ends with %s.\n"),
                      spec.programme, (long long)done.n_records,
                      (long long)done.n_entries, done.head[0] == '\0' ? "-" : done.head);
    return status;
}

static const np_option restore_options[] = {
    NP_PROGRAMME_OPTION,
    {"replace", NULL,
     N_("Takes the place of what is there, which is kept as programme.db.before-DATE."),
     NULL, false},
    {"head", "HASH",
     N_("A hash of the log that was noted elsewhere: refuses what does not have it."),
     NULL, false},
};

const np_command np_command_restore = {
    .name = "restore",
    .summary = N_("records from a backup or an export of everything"),
    .synopsis = "FOLDER|BACKUP.db [options]",
    .description = N_(
        "Makes an identical store: the same records, versions, log and hashes. Every "
        "file "
        "of an export is compared with its SHA-256, every entry of the log with its "
        "hash, "
        "every record with the log; whatever does not fit is told, and then nothing is "
        "restored.\n\n"
        "An export has the definition (programme.yaml, mappings) too; a backup has the "
        "records alone."),
    .examples = "nullpunkt restore archive --programme sammen\n"
                "nullpunkt restore backups/2026-12-01.db --replace",
    .n_positional_min = 1,
    .n_positional_max = 1,
    .option = restore_options,
    .n_options = sizeof restore_options / sizeof *restore_options,
    .run = run_restore,
};
