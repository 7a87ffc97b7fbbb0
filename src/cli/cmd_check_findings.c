/* What `nullpunkt check` found: kept, counted, put in order. */
#include <stdlib.h>
#include <string.h>

#include "cli/cmd_check.h"

static const char *kept(np_findings *f, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return "";
    const char *copy = np_arena_copy_text(f->arena, text, strlen(text));
    f->no_memory = f->no_memory || copy == NULL;
    return copy == NULL ? "" : copy;
}

/* A longer array in place of one; the old one stays in the arena. */
static void *grown(np_findings *f, const void *old, size_t n, size_t *room, size_t size)
{
    size_t more = *room == 0 ? 64 : 2 * *room;
    void *array = np_arena_alloc(f->arena, more, size);
    f->no_memory = f->no_memory || array == NULL;
    if (array == NULL)
        return NULL;
    if (n > 0)
        memcpy(array, old, n * size);
    *room = more;
    return array;
}

/* How many of this rule, or of this file's form, there are now. */
static size_t count_rule(np_findings *f, const char *rule)
{
    size_t n = np_text_map_size(f->rules);
    int32_t index = np_text_map_add(f->rules, rule, strlen(rule));
    if (index < 0 || (size_t)index >= f->rules_room) {
        size_t *more =
            index < 0 ? NULL
                      : grown(f, f->n_of_rule, n, &f->rules_room, sizeof *f->n_of_rule);
        if (more == NULL) {
            f->no_memory = true;
            return 0;
        }
        f->n_of_rule = more;
    }
    return ++f->n_of_rule[index];
}

void np_findings_add(np_findings *f, const np_finding *finding)
{
    if (finding->warning)
        f->n_warnings++;
    else
        f->n_problems++;
    if (count_rule(f, finding->rule[0] != '\0' ? finding->rule : finding->file) > f->most)
        return;
    if (f->n == f->room) {
        np_finding *more = grown(f, f->finding, f->n, &f->room, sizeof *f->finding);
        if (more == NULL)
            return;
        f->finding = more;
    }
    f->finding[f->n++] = (np_finding){.file = kept(f, finding->file),
                                      .line = finding->line,
                                      .column = finding->column,
                                      .kind = kept(f, finding->kind),
                                      .id = kept(f, finding->id),
                                      .field = kept(f, finding->field),
                                      .rule = kept(f, finding->rule),
                                      .message = kept(f, finding->message),
                                      .hint = kept(f, finding->hint),
                                      .warning = finding->warning};
}

void np_findings_looked_at(np_findings *f, const char *file)
{
    if (f->n_files == f->files_room) {
        const char **more =
            grown(f, f->file, f->n_files, &f->files_room, sizeof *f->file);
        if (more == NULL)
            return;
        f->file = more;
    }
    f->file[f->n_files++] = kept(f, file);
}

/* A file is named as it is within the folder. */
static const char *within(const np_findings *f, const char *path)
{
    size_t length = strlen(f->folder);
    if (strncmp(path, f->folder, length) != 0)
        return path;
    path += length;
    return path + strspn(path, "/");
}

static void add_of_file(np_findings *f, const np_error *problem, bool warning)
{
    np_findings_add(f, &(np_finding){.file = within(f, problem->file),
                                     .line = problem->line,
                                     .column = problem->column,
                                     .kind = "",
                                     .id = "",
                                     .field = problem->field,
                                     .rule = "",
                                     .message = problem->message,
                                     .hint = problem->hint,
                                     .warning = warning});
}

void np_findings_problem(void *context, const np_error *problem)
{
    add_of_file(context, problem, false);
}

void np_findings_warning(np_findings *f, const np_error *problem)
{
    add_of_file(f, problem, true);
}

void np_findings_objection(void *context, const np_objection *o)
{
    np_findings_add(context, &(np_finding){.file = "",
                                           .kind = o->kind,
                                           .id = o->id,
                                           .field = o->field,
                                           .rule = o->rule,
                                           .message = o->message,
                                           .hint = o->hint,
                                           .warning = o->warning});
}

typedef struct {
    np_finding finding;
    size_t place;
} placed;

static int in_order(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    bool x_file = x->finding.file[0] != '\0', y_file = y->finding.file[0] != '\0';
    if (x_file != y_file)
        return x_file ? -1 : 1;
    bool same = strcmp(x->finding.file, y->finding.file) == 0;
    if (same && x->finding.line != y->finding.line)
        return x->finding.line < y->finding.line ? -1 : 1;
    if (same && x->finding.column != y->finding.column)
        return x->finding.column < y->finding.column ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

void np_findings_sort(np_findings *f)
{
    placed *item = np_arena_array(f->arena, placed, f->n);
    f->no_memory = f->no_memory || item == NULL;
    for (size_t i = 0; item != NULL && i < f->n; i++)
        item[i] = (placed){f->finding[i], i};
    if (item == NULL)
        return;
    qsort(item, f->n, sizeof *item, in_order);
    for (size_t i = 0; i < f->n; i++)
        f->finding[i] = item[i].finding;
}
