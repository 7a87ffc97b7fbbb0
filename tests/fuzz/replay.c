/* Feeds every file of a folder to the fuzz target, as an ordinary test. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz/fuzz.h"

static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return -1;
    size_t capacity = 1 << 16, length = 0, n;
    uint8_t *bytes = malloc(capacity);
    while (bytes != NULL && (n = fread(bytes + length, 1, capacity - length, file)) > 0) {
        length += n;
        if (length == capacity) {
            capacity *= 2;
            uint8_t *more = realloc(bytes, capacity);
            if (more == NULL)
                free(bytes);
            bytes = more;
        }
    }
    fclose(file);
    if (bytes == NULL)
        return -1;
    uint8_t *exact = malloc(length == 0 ? 1 : length); /* reading beyond is seen */
    for (size_t i = 0; exact != NULL && i < length; i++)
        exact[i] = bytes[i];
    free(bytes);
    int result = exact == NULL ? -1 : LLVMFuzzerTestOneInput(exact, length);
    free(exact);
    return result;
}

int main(int argc, char **argv)
{
    struct dirent **entry = NULL;
    int n = argc == 2 ? scandir(argv[1], &entry, NULL, alphasort) : -1;
    int n_run = 0, n_failed = 0;
    for (int i = 0; i < n; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", argv[1], entry[i]->d_name);
        if (entry[i]->d_name[0] != '.') {
            int result = replay(path);
            n_failed += result != 0;
            printf("%s %d - %s\n", result == 0 ? "ok" : "not ok", ++n_run,
                   entry[i]->d_name);
        }
        free(entry[i]);
    }
    free(entry);
    if (n_run == 0)
        printf("not ok 1 - the corpus is empty or not there\n");
    printf("1..%d\n", n_run == 0 ? 1 : n_run);
    return n_run == 0 || n_failed > 0;
}
