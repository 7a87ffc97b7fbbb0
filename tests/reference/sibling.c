#include "reference/sibling.h"

#include <dirent.h>
#include <string.h>

#include "reference/call.h"

static size_t common_beginning(const char *a, const char *b)
{
    size_t n = 0;
    while (a[n] != '\0' && a[n] == b[n])
        n++;
    return n;
}

static int is_case(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0;
}

/* The call of the case in `file`, where it is on the same data and has that argument, or
 * (NULL) a formula. */
static char *model_call(const reference_run *run, const char *file,
                        const char *const *functions, const char *argument)
{
    np_arena *arena = run->arena;
    char *found = NULL;
    json_t *json =
        json_load_file(np_arena_format(arena, "%s/cases/%s", run->suite, file), 0, NULL);
    const char *dataset = json_string_value(json_object_get(json, "dataset"));
    const char *text = json_string_value(json_object_get(json, "call"));
    if (dataset != NULL && text != NULL && strcmp(dataset, run->dataset) == 0) {
        r_call call = call_parse(text, functions, arena);
        if (argument == NULL ? call_formula(&call) != NULL
                             : call_named(&call, argument) != NULL)
            found = np_arena_copy_text(arena, text, strlen(text));
    }
    json_decref(json);
    return found;
}

char *sibling_call(const reference_run *run, const char *const *functions)
{
    return sibling_call_with(run, functions, NULL);
}

char *sibling_call_with(const reference_run *run, const char *const *functions,
                        const char *argument)
{
    struct dirent **entry = NULL;
    int n = scandir(np_arena_format(run->arena, "%s/cases", run->suite), &entry, is_case,
                    alphasort);
    char *best = NULL;
    size_t longest = strcspn(run->id, "_");
    for (int i = 0; i < n; i++) {
        const char *file = entry[i]->d_name;
        size_t common = common_beginning(run->id, file);
        if (common > longest) {
            char *call = model_call(run, file, functions, argument);
            if (call != NULL) {
                best = call;
                longest = common;
            }
        }
        free(entry[i]);
    }
    free(entry);
    return best;
}
