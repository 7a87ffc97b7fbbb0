/* The command line as data: a case is arguments, and what must come on standard
 * output and standard error and as exit code. tests/cli/cases/README says how a case
 * is written. */
#include "support/check.h"

#include <dirent.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/command.h"

enum { MOST_ARGUMENTS = 40, MOST_CASES = 512, MOST_FILES = 16 };

/* A file that the case makes: DIR/name. */
typedef struct {
    char name[64];
    np_buf text;
} case_file;

typedef struct {
    char file[64], title[160];
    np_buf data, arguments, out, messages; /* as in the file */
    case_file made[MOST_FILES];
    size_t n_made;
    int code;
} cli_case;

static cli_case cases[MOST_CASES];
static size_t n_cases;
static char folder[64]; /* of the data files; the cases call it DIR */

static np_buf *section(cli_case *c, const char *line)
{
    if (strncmp(line, "--- data", 8) == 0)
        return &c->data;
    if (strncmp(line, "--- file ", 9) == 0) {
        assert_true(c->n_made < MOST_FILES);
        case_file *made = &c->made[c->n_made++];
        snprintf(made->name, sizeof made->name, "%.*s", (int)strcspn(line + 9, "\n"),
                 line + 9);
        return &made->text;
    }
    if (strncmp(line, "--- run", 7) == 0)
        return &c->arguments;
    if (strncmp(line, "--- out", 7) == 0)
        return &c->out;
    if (strncmp(line, "--- err", 7) == 0)
        return &c->messages;
    return NULL;
}

/* Cases begin with "=== title"; data are kept for the cases that follow. */
static void read_cases(const char *path, const char *name)
{
    FILE *file = fopen(path, "rb");
    char line[8192];
    cli_case *c = NULL;
    np_buf *into = NULL;
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "=== ", 4) == 0) {
            assert_true(n_cases < MOST_CASES);
            cli_case *before = c;
            c = &cases[n_cases++];
            snprintf(c->file, sizeof c->file, "%s", name);
            snprintf(c->title, sizeof c->title, "%.*s", (int)strcspn(line + 4, "\n"),
                     line + 4);
            if (before != NULL && before->data.length > 0)
                np_buf_add(&c->data, before->data.text);
            into = NULL;
        } else if (strncmp(line, "--- ", 4) == 0 && c != NULL) {
            into = section(c, line);
            if (into == &c->data)
                np_buf_free(into);
            if (strncmp(line, "--- exit ", 9) == 0)
                c->code = atoi(line + 9);
        } else if (into != NULL) {
            np_buf_add(into, line);
        }
    }
    fclose(file);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void read_folder(const char *path)
{
    DIR *d = opendir(path);
    char *name[64];
    size_t n = 0;
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL && n < 64;) {
        size_t length = strlen(e->d_name);
        if (length > 4 && strcmp(e->d_name + length - 4, ".txt") == 0)
            name[n++] = strdup(e->d_name);
    }
    closedir(d);
    qsort(name, n, sizeof *name, by_name);
    for (size_t i = 0; i < n; i++) {
        char file[512];
        snprintf(file, sizeof file, "%s/%s", path, name[i]);
        read_cases(file, name[i]);
        free(name[i]);
    }
}

static void write_file(const char *name, const np_buf *text)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    for (char *slash = path + strlen(folder) + 1; (slash = strchr(slash, '/')) != NULL;
         *slash++ = '/') {
        *slash = '\0';
        mkdir(path, 0777);
    }
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text->text == NULL ? "" : text->text, file);
    fclose(file);
}

static void write_files(const cli_case *c)
{
    write_file("data.csv", &c->data);
    for (size_t i = 0; i < c->n_made; i++)
        write_file(c->made[i].name, &c->made[i].text);
}

/* One argument a line; DIR stands for the folder. */
static int split_arguments(char *argv[], np_buf *text, char *copies)
{
    int argc = 0;
    char *to = copies;
    argv[argc++] = strcpy(to, "nullpunkt");
    to += strlen(to) + 1;
    for (char *line = text->text; line != NULL && *line != '\0';) {
        size_t length = strcspn(line, "\n");
        argv[argc++] = to;
        for (char *p = line; p < line + length; p++) {
            if (strncmp(p, "DIR", 3) == 0) {
                to = stpcpy(to, folder);
                p += 2;
            } else {
                *to++ = *p;
            }
        }
        *to++ = '\0';
        line += length + (line[length] == '\n');
    }
    return argc;
}

/* The folder's name differs from run to run. */
static void name_folder(np_buf *out, const np_buf *from)
{
    size_t length = strlen(folder);
    for (const char *p = from->text; p != NULL && *p != '\0'; p++) {
        if (strncmp(p, folder, length) == 0) {
            np_buf_add(out, "DIR");
            p += length - 1;
        } else {
            np_buf_add_char(out, *p);
        }
    }
}

/* A wanted text that begins with "..." is a part that must be found. */
static bool agrees(const np_buf *got, const np_buf *want)
{
    const char *have = got->text == NULL ? "" : got->text;
    const char *need = want->text == NULL ? "" : want->text;
    if (strncmp(need, "...\n", 4) != 0)
        return strcmp(have, need) == 0;
    for (const char *line = need + 4; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        char part[8192];
        snprintf(part, sizeof part, "%.*s", (int)length, line);
        if (strstr(have, part) == NULL)
            return false;
        line += length + (line[length] == '\n');
    }
    return true;
}

static void run_case(void **state)
{
    cli_case *c = *state;
    char *argv[MOST_ARGUMENTS], copies[16384];
    np_buf out = {0}, messages = {0}, shown_out = {0}, shown_messages = {0};
    write_files(c);
    int argc = split_arguments(argv, &c->arguments, copies);
    int code = np_main(argc, argv, &out, &messages, false);
    name_folder(&shown_out, &out);
    name_folder(&shown_messages, &messages);
    bool fine = code == c->code && agrees(&shown_out, &c->out) &&
                agrees(&shown_messages, &c->messages);
    if (!fine)
        fprintf(stderr, "%s: %s\nexit %d, expected %d\n--- out\n%s--- err\n%s", c->file,
                c->title, code, c->code, shown_out.text == NULL ? "" : shown_out.text,
                shown_messages.text == NULL ? "" : shown_messages.text);
    np_buf_free(&out);
    np_buf_free(&messages);
    np_buf_free(&shown_out);
    np_buf_free(&shown_messages);
    assert_true(fine);
}

static int remove_one(const char *path, const struct stat *info, int flag,
                      struct FTW *walk)
{
    (void)info, (void)flag, (void)walk;
    return remove(path);
}

int main(void)
{
    static struct CMUnitTest tests[MOST_CASES];
    strcpy(folder, "/tmp/nullpunkt-cases-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return 1;
    read_folder(NP_CASES);
    for (size_t i = 0; i < n_cases; i++)
        tests[i] = (struct CMUnitTest){cases[i].title, run_case, NULL, NULL, &cases[i]};
    int failed = _cmocka_run_group_tests("command line", tests, n_cases, NULL, NULL);
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    for (size_t i = 0; i < n_cases; i++) {
        np_buf_free(&cases[i].data);
        np_buf_free(&cases[i].arguments);
        np_buf_free(&cases[i].out);
        np_buf_free(&cases[i].messages);
        for (size_t j = 0; j < cases[i].n_made; j++)
            np_buf_free(&cases[i].made[j].text);
    }
    return failed;
}
