#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"

int main(int argc, char *argv[])
{
    np_buf out = {0}, messages = {0};
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
