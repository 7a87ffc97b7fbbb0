/* A programme's folder made of texts, for tests that run whole evaluations. */
#ifndef NP_TESTS_EVALUATION_FOLDER_H
#define NP_TESTS_EVALUATION_FOLDER_H

#include "support/check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evaluation/evaluate.h"

typedef struct {
    char path[64];
    np_arena *arena;
    np_problems problems;
    np_plan plan;
    np_evaluation result;
    np_error err;
    char message[2048]; /* the first problem or the error, as printed, without folder */
} test_folder;

static inline void folder_write(const test_folder *f, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", f->path, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static inline void folder_new(test_folder *f)
{
    memset(f, 0, sizeof *f);
    strcpy(f->path, "/tmp/nullpunkt-test-XXXXXX");
    assert_non_null(mkdtemp(f->path));
    f->arena = np_arena_new(0);
    assert_non_null(f->arena);
}

static inline void folder_free(test_folder *f)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", f->path);
    assert_int_equal(system(command), 0);
    np_arena_free(f->arena);
}

static inline np_status folder_keep_message(test_folder *f, np_status status)
{
    char line[2048];
    const np_error *e = f->problems.n > 0 ? &f->problems.item[0] : &f->err;
    np_error_format(e, line, sizeof line);
    const char *start =
        strncmp(line, f->path, strlen(f->path)) == 0 ? line + strlen(f->path) + 1 : line;
    snprintf(f->message, sizeof f->message, "%s", start);
    return status;
}

/* Writes the plan and data.csv, reads the one and evaluates the other. */
static inline np_status folder_evaluate(test_folder *f, const char *plan,
                                        const char *data)
{
    char path[128];
    folder_write(f, "evaluation.yaml", plan);
    folder_write(f, "data.csv", data);
    snprintf(path, sizeof path, "%s/evaluation.yaml", f->path);
    np_status status = np_plan_read(&f->plan, path, &f->problems, f->arena, &f->err);
    if (status == NP_OK)
        status =
            np_evaluation_run(&f->result, &f->plan, f->path, NULL, f->arena, &f->err);
    return folder_keep_message(f, status);
}

static inline const np_question_result *folder_question(test_folder *f, const char *plan,
                                                        const char *data)
{
    np_status status = folder_evaluate(f, plan, data);
    if (status != NP_OK)
        print_error("%s\n", f->message);
    assert_int_equal(status, NP_OK);
    return &f->result.question[0];
}

static inline const np_effect *effect_of(const np_question_result *q, const char *id)
{
    for (size_t i = 0; i < q->n_effects; i++)
        if (strcmp(q->effect[i].id, id) == 0)
            return &q->effect[i];
    print_error("no effect %s\n", id);
    for (size_t i = 0; i < q->n_effects; i++)
        print_error("  there is %s\n", q->effect[i].id);
    fail();
    return NULL;
}

static inline const np_caveat *caveat_of(const np_caveat *caveat, size_t n,
                                         np_caveat_kind kind)
{
    for (size_t i = 0; i < n; i++)
        if (caveat[i].kind == kind)
            return &caveat[i];
    return NULL;
}

#define HAS_CAVEAT(effect, kind)                                                         \
    (caveat_of((effect)->caveat, (effect)->n_caveats, (kind)) != NULL)

static inline double caveat_number(const np_effect *e, np_caveat_kind kind,
                                   const char *name)
{
    const np_caveat *c = caveat_of(e->caveat, e->n_caveats, kind);
    const np_quantity *v = c == NULL ? NULL : np_statement_value(&c->statement, name);
    return v == NULL ? NAN : v->number;
}

#endif
