#include "reference/dataset.h"

#include <ctype.h>
#include <string.h>

#include "io/csv.h"

static const struct {
    const char *dataset, *outcome, *unit, *time, *cohort;
} known[] = {{"mpdta", "lemp", "countyreal", "year", "first.treat"},
             {"base_stagg", "y", "id", "year", "year_treated"},
             {"df_het", "dep_var", "unit", "year", "g"},
             {"castle", "l_homicide", "sid", "year", "effyear"}};

static const char *const usual[][10] = {{"y", "Y", "outcome"},
                                        {"i", "id", "unit", "uid", "sid", "ID"},
                                        {"t", "time", "year", "period"},
                                        {"first.treat", "first_treat", "year_treated",
                                         "g", "G", "cohort", "cohort_start", "effyear",
                                         "first_treated", "first_trained"}};

bool dataset_has(const reference_run *run, const char *name)
{
    np_csv csv;
    np_error err = {0};
    np_csv_spec spec = {.columns = &name, .n_columns = 1};
    np_arena_mark mark = np_arena_set_mark(run->arena);
    bool has = np_csv_read(&csv, run->data, &spec, run->arena, &err) == NP_OK;
    np_arena_release(run->arena, mark);
    return has;
}

const char *dataset_role(const reference_run *run, char role)
{
    size_t length = strcspn(run->dataset, " (");
    size_t kind = role == 'y' ? 0 : role == 'i' ? 1 : role == 't' ? 2 : 3;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].dataset) == length &&
            strncmp(known[i].dataset, run->dataset, length) == 0)
            return role == 'y'   ? known[i].outcome
                   : role == 'i' ? known[i].unit
                   : role == 't' ? known[i].time
                                 : known[i].cohort;
    for (size_t i = 0; i < 10 && usual[kind][i] != NULL; i++)
        if (dataset_has(run, usual[kind][i]))
            return usual[kind][i];
    return NULL;
}

/* The dataset's words in brackets, one by one: "w=exp(lpop)", "treated == 0"; NULL at
 * the end. */
static const char *next_word(const char **at, np_arena *arena)
{
    int depth = 0;
    size_t length = 0;
    const char *from = *at + strspn(*at, " ,;");
    for (; from[length] != '\0'; length++) {
        char c = from[length];
        if ((c == ',' || c == ';') && depth == 0)
            break;
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    *at = from + length;
    return length == 0 ? NULL : np_arena_copy_text(arena, from, length);
}

/* Length of the name in "name=expression"; 0: it is something else. */
static size_t derived_name(const char *word)
{
    size_t n = 0;
    while (isalnum((unsigned char)word[n]) || word[n] == '.' || word[n] == '_')
        n++;
    const char *rest = word + n + strspn(word + n, " ");
    return n > 0 && rest[0] == '=' && rest[1] != '=' ? n : 0;
}

const char *dataset_column(const reference_run *run, const char *name)
{
    const char *at = run->subset == NULL ? "" : run->subset, *word;
    if (name == NULL || dataset_has(run, name))
        return name;
    while ((word = next_word(&at, run->arena)) != NULL) {
        size_t n = derived_name(word);
        if (n != strlen(name) || strncmp(word, name, n) != 0)
            continue;
        return strstr(word, "never") != NULL ? dataset_role(run, 'g')
                                             : word + n + strspn(word + n, " =");
    }
    return name;
}

const char *dataset_condition(const reference_run *run)
{
    const char *at = run->subset == NULL ? "" : run->subset, *word;
    while ((word = next_word(&at, run->arena)) != NULL) {
        if (strncmp(word, "subset ", 7) == 0)
            return word + 7;
        if (derived_name(word) == 0 && strpbrk(word, "=<>!&|") != NULL)
            return word;
    }
    return NULL;
}
