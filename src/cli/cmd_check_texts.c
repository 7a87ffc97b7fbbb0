/* The texts of a programme's folder, as `nullpunkt check` reads them. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "cli/cmd_check.h"
#include "programme/mapping.h"

const char *np_check_path(const np_check *c, const char *name)
{
    return name[0] == '/' ? name
                          : np_arena_format(c->call->arena, "%s/%s", c->folder, name);
}

bool np_check_is_there(const np_check *c, const char *name)
{
    const char *path = np_check_path(c, name);
    return path != NULL && access(path, F_OK) == 0;
}

np_status np_check_go_on(np_check *c, np_status status, np_error *failure,
                         const char *path, np_error *err)
{
    if (status == NP_OK)
        return NP_OK;
    if (status == NP_E_NO_MEMORY) {
        if (err != NULL)
            *err = *failure;
        return status;
    }
    np_error_file(failure, path);
    np_findings_problem(&c->found, failure);
    return NP_OK;
}

typedef np_status text_reader(np_check *c, const char *path, np_error *err);

static np_status read_definition(np_check *c, const char *path, np_error *err)
{
    return np_definition_read(&c->programme.definition, path, c->call->arena, c->problems,
                              err);
}

static np_status read_plan(np_check *c, const char *path, np_error *err)
{
    return np_plan_read(&c->plan, path, c->problems, c->call->arena, err);
}

static np_status read_tables(np_check *c, const char *path, np_error *err)
{
    return np_tabulation_read(&c->tables, path, c->problems, c->call->arena, err);
}

static np_status read_mapping(np_check *c, const char *path, np_error *err)
{
    np_mapping mapping;
    return np_mapping_read(&mapping, path, c->call->arena, c->problems, err);
}

/* *right: read, without a problem. Some readers return the first problem as their error:
 * it is told already. */
static np_status check_text(bool *right, np_check *c, const char *name,
                            text_reader *reader, np_error *err)
{
    np_error failure = {0};
    const char *path = np_check_path(c, name);
    size_t before = c->problems->n_seen;
    if (path == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_findings_looked_at(&c->found, name);
    c->problems->n = 0; /* readers ask whether there is one */
    np_status status = reader(c, path, &failure);
    *right = status == NP_OK && c->problems->n_seen == before;
    if (c->problems->n_seen > before && status != NP_E_NO_MEMORY)
        return NP_OK;
    return np_check_go_on(c, status, &failure, path, err);
}

static int is_yaml(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 5 && entry->d_name[0] != '.' &&
           strcmp(entry->d_name + length - 5, ".yaml") == 0;
}

static np_status check_mappings(np_check *c, np_error *err)
{
    struct dirent **entry = NULL;
    const char *folder = np_check_path(c, "mappings");
    int n = folder == NULL ? 0 : scandir(folder, &entry, is_yaml, alphasort);
    np_status status = NP_OK;
    for (int i = 0; i < n; i++) {
        bool right;
        const char *name =
            np_arena_format(c->call->arena, "mappings/%s", entry[i]->d_name);
        if (status == NP_OK && name != NULL)
            status = check_text(&right, c, name, read_mapping, err);
        free(entry[i]);
    }
    free(entry);
    return status;
}

static void check_data(np_check *c, const np_plan_data *data)
{
    np_error problem = {0};
    if (data->file.text == NULL || np_check_is_there(c, data->file.text))
        return;
    np_fail(&problem, NP_E_UNKNOWN_NAME, _("there is no file %s in the folder"),
            data->file.text);
    np_error_file(&problem, np_check_path(c, "evaluation.yaml"));
    np_error_at(&problem, data->file.line, data->file.column);
    np_error_field(&problem, "data", strlen("data"));
    np_findings_warning(&c->found, &problem);
}

/* A plan is locked before its data come, so that a file that is not there is a warning.
 */
static void check_data_files(np_check *c)
{
    for (size_t i = 0; c->has_plan && i < c->plan.n_questions; i++) {
        const np_plan_question *q = &c->plan.question[i];
        check_data(c, &q->data);
        if (q->informants.given)
            check_data(c, &q->informants.data);
        for (size_t p = 0; p < q->n_unit_panels; p++)
            check_data(c, &q->unit_panel[p].data);
    }
}

np_status np_check_texts(np_check *c, np_error *err)
{
    np_status status =
        check_text(&c->definition_is_right, c, "programme.yaml", read_definition, err);
    if (status == NP_OK && np_check_is_there(c, "evaluation.yaml"))
        status = check_text(&c->has_plan, c, "evaluation.yaml", read_plan, err);
    check_data_files(c);
    if (status == NP_OK && np_check_is_there(c, "tables.yaml"))
        status = check_text(&c->has_tables, c, "tables.yaml", read_tables, err);
    return status == NP_OK ? check_mappings(c, err) : status;
}

static np_status check_plan_themes(np_check *c, np_error *err)
{
    const np_kind *kind = np_kind_find("theme");
    np_status status = NP_OK;
    for (size_t i = 0; c->has_plan && i < c->plan.n_questions && status == NP_OK; i++) {
        const np_plan_name *theme = &c->plan.question[i].theme;
        bool there = true;
        np_error problem = {0};
        if (theme->text != NULL)
            status = np_store_has(&there, c->programme.store, kind, theme->text, err);
        if (status != NP_OK || there)
            continue;
        np_fail(&problem, NP_E_UNKNOWN_NAME, _("the records have no theme \"%s\""),
                theme->text);
        np_error_file(&problem, np_check_path(c, "evaluation.yaml"));
        np_error_at(&problem, theme->line, theme->column);
        np_error_field(&problem, "theme", strlen("theme"));
        np_problems_add(c->problems, &problem);
    }
    return status;
}

/* A table is computed to see whether the store knows its names. */
static np_status check_tables(np_check *c, np_error *err)
{
    np_tabulation_options options = {.as_of = np_date_today()};
    np_status status = NP_OK;
    for (size_t i = 0; c->has_tables && i < c->tables.n && status == NP_OK; i++) {
        np_arena *arena = np_arena_new(0);
        np_tabulation_result result;
        np_error failure = {0};
        size_t before = c->problems->n_seen;
        if (arena == NULL)
            return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
        c->problems->n = 0;
        status = np_tabulation_compute(&result, c->programme.store, &c->tables,
                                       &c->tables.table[i], &options, c->problems, arena,
                                       &failure);
        if (status != NP_OK && c->problems->n_seen > before)
            status = NP_OK;
        status =
            np_check_go_on(c, status, &failure, np_check_path(c, "tables.yaml"), err);
        np_arena_free(arena);
    }
    return status;
}

np_status np_check_names(np_check *c, np_error *err)
{
    np_status status = check_plan_themes(c, err);
    return status == NP_OK ? check_tables(c, err) : status;
}
