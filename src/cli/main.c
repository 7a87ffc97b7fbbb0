#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"

/* What a signal handler may use: prepared before, written with write(2). */
static char cut_short[256];
static size_t cut_short_length;

/* Files are read from a memory map. Where somebody cuts one short meanwhile, the pages
 * that are gone cannot be read, which the system tells by this signal and in no other
 * way; the reader looks at the file's size before each piece, and what comes here is
 * the moment between. Nothing is written half: results are printed at the end. */
static void end_on_cut_file(int signal)
{
    (void)signal;
    ssize_t written = write(STDERR_FILENO, cut_short, cut_short_length);
    _exit(written < 0 ? 3 : 2);
}

static void watch_for_cut_files(void)
{
    np_language language = NP_ENGLISH;
    const char *wanted = getenv("NULLPUNKT_LANG");
    if (wanted != NULL)
        np_language_from_code(&language, wanted);
    snprintf(cut_short, sizeof cut_short, "nullpunkt: %s\n",
             np_translate_to(language, N_("the file became shorter while it was read")));
    cut_short_length = strlen(cut_short);
    struct sigaction action = {.sa_handler = end_on_cut_file};
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}

int main(int argc, char *argv[])
{
    np_buf out = {0}, messages = {0};
    watch_for_cut_files();
    int code = np_main(argc, argv, &out, &messages, isatty(STDERR_FILENO));
    const char *text = np_buf_done(&out);
    fputs(np_buf_done(&messages) == NULL ? ""
          : messages.text == NULL        ? ""
                                         : messages.text,
          stderr);
    if (text == NULL || fputs(text, stdout) == EOF || fflush(stdout) == EOF) {
        fputs("nullpunkt: the result could not be written\n", stderr);
        code = 2;
    }
    np_buf_free(&out);
    np_buf_free(&messages);
    return code;
}
