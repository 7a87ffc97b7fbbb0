/* A programme's store in a temporary folder with its definition, files to import, and
 * what an import said. */
#ifndef NP_TESTS_PROGRAMME_FOLDER_H
#define NP_TESTS_PROGRAMME_FOLDER_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "programme/import.h"
#include "support/check.h"

typedef struct {
    char folder[64], db[128], path[256];
    np_arena *arena;
    np_store *store;
    np_error err;
    np_import import;
    np_buf told; /* a line for each problem */
    size_t n_told;
} a_programme;

#define assert_ok(f, call)                                                               \
    do {                                                                                 \
        np_status status_ = (call);                                                      \
        if (status_ != NP_OK)                                                            \
            print_error("%s: %s\n", (f)->err.file, (f)->err.message);                    \
        assert_int_equal(status_, NP_OK);                                                \
    } while (0)

static inline void put_record(a_programme *f, const char *kind, const char *id, ...)
{
    np_value value[64] = {{0}};
    np_record record = {.kind = np_kind_find(kind), .id = id, .value = value};
    va_list args;
    va_start(args, id);
    for (const char *name; (name = va_arg(args, const char *)) != NULL;) {
        size_t field = np_kind_field(record.kind, name);
        assert_true(field < record.kind->n_fields);
        const char *text = va_arg(args, const char *);
        np_field_type type = record.kind->field[field].type;
        if (type == NP_FIELD_INTEGER || type == NP_FIELD_YES_NO)
            value[field] = NP_VALUE_OF_INTEGER(atoll(text));
        else if (type == NP_FIELD_NUMBER)
            value[field] = NP_VALUE_OF_NUMBER(atof(text));
        else
            value[field] = NP_VALUE_OF_TEXT(text);
    }
    va_end(args);
    assert_ok(f, np_store_put(f->store, &record, NULL, &f->err));
}

/* What a programme.yaml would define. */
static inline void put_definition(a_programme *f)
{
    np_store_entry entry = {.who = "kari", .action = "definition", .why = ""};
    assert_ok(f, np_store_begin(f->store, &entry, &f->err));
    put_record(f, "programme", "sammen", "name", "Sammen", "starts", "2011-01-01", "ends",
               "2018-12-31", NULL);
    put_record(f, "theme", "absence", "name", "Absence", NULL);
    put_record(f, "theme", "competence", "name", "Competence", NULL);
    put_record(f, "cohort", "2012", "name", "2012", "starts", "2012-01-01", "ends",
               "2014-12-31", NULL);
    put_record(f, "indicator", "sick_leave", "name", "Sick leave", "version", "1",
               "definition", "Days lost by days agreed.", "uom", "per cent", "level",
               "result", "direction", "lower", "sort", "number", "period", "year",
               "across_organisations", "none", "across_units", "none", "across_periods",
               "none", NULL);
    assert_ok(f, np_store_commit(f->store, &f->err));
}

static inline int set_up(void **state)
{
    a_programme *f = calloc(1, sizeof *f);
    if (f == NULL)
        return 1;
    strcpy(f->folder, "/tmp/nullpunkt-programme-XXXXXX");
    if (mkdtemp(f->folder) == NULL)
        return 1;
    snprintf(f->db, sizeof f->db, "%s/programme.db", f->folder);
    f->arena = np_arena_new(0);
    *state = f;
    if (np_store_open(&f->store, f->db, NP_STORE_CREATE, &f->err) != NP_OK)
        return 1;
    put_definition(f);
    return 0;
}

static inline void remove_folder(const char *path)
{
    DIR *d = opendir(path);
    for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        char below[512];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        np_text_format(below, sizeof below, "%s/%s", path, e->d_name);
        if (unlink(below) != 0)
            remove_folder(below);
    }
    if (d != NULL)
        closedir(d);
    rmdir(path);
}

static inline int tear_down(void **state)
{
    a_programme *f = *state;
    np_store_close(f->store);
    np_arena_free(f->arena);
    np_buf_free(&f->told);
    remove_folder(f->folder);
    free(f);
    return 0;
}

/* The path of a file of the folder, in turn one of eight. */
static inline const char *path_of(a_programme *f, const char *name)
{
    static char path[8][256];
    static int turn;
    char *out = path[turn++ % 8];
    snprintf(out, sizeof path[0], "%s/%s", f->folder, name);
    return out;
}

static inline const char *write_file(a_programme *f, const char *name, const char *text)
{
    const char *path = path_of(f, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
    return path;
}

static inline void note_problem(void *context, const np_import_problem *p)
{
    a_programme *f = context;
    const char *slash = strrchr(p->file, '/');
    f->n_told++;
    np_buf_format(&f->told, "%s:%u:%s: %s%s: %s\n", slash == NULL ? p->file : slash + 1,
                  p->line, p->column, p->rule, p->warning ? " (warning)" : "",
                  p->message);
}

static inline bool was_told(const a_programme *f, const char *text)
{
    bool told = f->told.text != NULL && strstr(f->told.text, text) != NULL;
    if (!told)
        print_error("not told: %s; told: %s\n", text,
                    f->told.text == NULL ? "" : f->told.text);
    return told;
}

static inline np_status import_sources(a_programme *f, const np_import_source *source,
                                       size_t n, bool dry_run)
{
    np_import_spec spec = {.source = source,
                           .n = n,
                           .who = "kari",
                           .dry_run = dry_run,
                           .n_changes = 20,
                           .sink = note_problem,
                           .context = f};
    np_buf_free(&f->told);
    f->n_told = 0;
    f->err = (np_error){0};
    return np_import_run(&f->import, f->store, &spec, f->arena, &f->err);
}

/* A file whose columns are fields of the kind. */
static inline void import_text(a_programme *f, const char *kind, const char *text)
{
    np_import_source source = {.path = write_file(f, "data.csv", text),
                               .kind = np_kind_find(kind)};
    assert_ok(f, import_sources(f, &source, 1, false));
}

/* A file by a mapping, which must have nothing wrong with it. */
static inline void import_mapped(a_programme *f, const char *mapping, const char *text)
{
    static np_problems problems;
    np_mapping *m = np_arena_array(f->arena, np_mapping, 1);
    problems = (np_problems){0};
    assert_ok(f, np_mapping_read_text(m, mapping, strlen(mapping), "m.yaml", f->arena,
                                      &problems, &f->err));
    for (size_t i = 0; i < problems.n; i++)
        print_error("%u: %s\n", problems.item[i].line, problems.item[i].message);
    assert_int_equal(problems.n_seen, 0);
    np_import_source source = {.path = write_file(f, "data.csv", text), .mapping = m};
    assert_ok(f, import_sources(f, &source, 1, false));
}

static inline int64_t count_of(a_programme *f, const char *kind)
{
    int64_t n = -1;
    assert_ok(f, np_store_count(&n, f->store, np_kind_find(kind), &f->err));
    return n;
}

/* The text of a field; "" where it is absent, NULL where there is no such record. */
static inline const char *text_of(a_programme *f, const char *kind, const char *id,
                                  const char *field)
{
    np_record record;
    if (np_store_get(&record, f->store, np_kind_find(kind), id, f->arena, NULL) != NP_OK)
        return NULL;
    const char *text = np_record_text(&record, field);
    return text == NULL ? "" : text;
}

static inline double number_of(a_programme *f, const char *kind, const char *id,
                               const char *field)
{
    np_record record;
    assert_ok(f,
              np_store_get(&record, f->store, np_kind_find(kind), id, f->arena, &f->err));
    return np_record_number(&record, field);
}

#define PROJECTS "id,name,cohort\nhalden,Halden,2012\nmoss,Moss,2012\n"

#endif
