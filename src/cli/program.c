#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

/* clang-format off */
static const np_command *const commands[] = {
    &np_command_init,
    &np_command_check,
    &np_command_user,
    &np_command_admit,
    &np_command_assess,
    &np_command_obligations,
    &np_command_form,
    &np_command_submit,
    &np_command_review,
    &np_command_grant,
    &np_command_goals,
    &np_command_indicator,
    &np_command_turnover,
    &np_command_import,
    &np_command_export,
    &np_command_backup,
    &np_command_restore,
    &np_command_table,
    &np_command_estimate,
    &np_command_evaluate,
    &np_command_did,
    &np_command_power,
    &np_command_sensitivity,
    &np_command_find,
    &np_command_coding,
    NULL,
};
/* clang-format on */

enum { EXIT_DONE = 0, EXIT_ANSWER_NO = 1, EXIT_WRONG_INPUT = 2 };

static const np_command *find_command(const char *name)
{
    for (size_t i = 0; commands[i] != NULL; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static void overview(np_buf *out)
{
    np_buf_format(
        out, "%s\n\n",
        _("nullpunkt plans, runs and evaluates public development programmes."));
    np_buf_format(out, "%s\n", _("usage: nullpunkt COMMAND ..."));
    for (size_t i = 0; commands[i] != NULL; i++)
        np_buf_format(out, "    %-12s%s\n", commands[i]->name, _(commands[i]->summary));
    np_buf_format(out, "    %-12s%s\n", "help",
                  _("how to use a command: nullpunkt help COMMAND"));
    np_buf_format(out, "    %-12s%s\n", "version", _("the version of this program"));
}

static np_status unknown_command(const char *name, np_error *err)
{
    const char *names[sizeof commands / sizeof *commands];
    size_t n = 0;
    for (; commands[n] != NULL; n++)
        names[n] = commands[n]->name;
    np_fail(err, NP_E_USAGE, _("%s is no command of nullpunkt"),
            name[0] == '\0' ? "\"\"" : name);
    const char *near = np_nearest_name(name, names, n);
    if (near != NULL)
        return np_error_hint(err, _("did you mean %s?"), near);
    return np_error_hint(err, _("nullpunkt help lists them"));
}

static np_status help(int argc, char *const argv[], np_buf *out, np_error *err)
{
    const np_command *command = argc < 1 ? NULL : find_command(argv[0]);
    if (argc > 1) {
        np_fail(err, NP_E_USAGE, _("one argument too many: %s"), argv[1]);
        return np_error_hint(err, _("usage: nullpunkt %s %s"), "help", "[COMMAND]");
    }
    if (command != NULL)
        np_command_help(out, command);
    else if (argc == 1 && strcmp(argv[0], "help") != 0)
        return unknown_command(argv[0], err);
    else
        overview(out);
    return NP_OK;
}

void np_progress(const np_call *call, const char *text)
{
    if (!call->progress)
        return;
    fprintf(stderr, "\r\033[K%s", text == NULL ? "" : text);
    fflush(stderr);
}

static int exit_code(np_status status, bool answer_no)
{
    switch (status) {
    case NP_OK:
        return answer_no ? EXIT_ANSWER_NO : EXIT_DONE;
    case NP_E_USAGE:
    case NP_E_PARSE:
    case NP_E_ENCODING:
    case NP_E_RANGE:
    case NP_E_UNKNOWN_NAME:
    case NP_E_DUPLICATE:
    case NP_E_NOT_IDENTIFIED:
    case NP_E_NOT_CONVERGED:
    case NP_E_NO_MEMORY:
    case NP_E_LIMIT:
    case NP_E_IO:
    case NP_E_BUSY:
    case NP_E_DAMAGED:
    case NP_E_SCHEMA:
        break;
    }
    return EXIT_WRONG_INPUT;
}

static np_status run_command(const np_command *command, int argc, char *const argv[],
                             np_buf *out, np_buf *messages, bool progress,
                             bool *answer_no, np_error *err)
{
    np_arena *arena = np_arena_new(0);
    np_call call = {
        .arena = arena, .out = out, .messages = messages, .progress = progress};
    np_status status = arena == NULL ? np_fail(err, NP_E_NO_MEMORY, _("no memory left"))
                                     : np_arguments_parse(&call.arguments, command, argc,
                                                          argv, arena, err);
    if (status == NP_OK)
        status = command->run(&call, answer_no, err);
    np_arena_free(arena);
    return status;
}

static bool asks_for_help(int argc, char *const argv[])
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

int np_main(int argc, char *const argv[], np_buf *out, np_buf *messages, bool progress)
{
    np_error err = {0};
    np_status status = NP_OK;
    bool answer_no = false;
    np_language language = NP_ENGLISH;
    const char *wanted = getenv("NULLPUNKT_LANG");
    if (wanted != NULL && np_language_from_code(&language, wanted))
        np_language_set(language);
    const char *name = argc < 2 ? "help" : argv[1];
    const np_command *command = find_command(name);
    if (command != NULL && asks_for_help(argc - 2, argv + 2))
        np_command_help(out, command);
    else if (command != NULL)
        status = run_command(command, argc - 2, argv + 2, out, messages, progress,
                             &answer_no, &err);
    else if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 ||
             strcmp(name, "-h") == 0)
        status = help(argc - 2, argv + 2, out, &err);
    else if (strcmp(name, "version") == 0 || strcmp(name, "--version") == 0)
        np_buf_add(out, "nullpunkt " NP_VERSION "\n");
    else
        status = unknown_command(name, &err);
    if (status != NP_OK) {
        char line[2048];
        np_error_format(&err, line, sizeof line);
        np_buf_format(messages, "nullpunkt: %s\n", line);
    }
    return exit_code(status, answer_no);
}
