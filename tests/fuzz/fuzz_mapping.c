/* A mapping, a line "====", and rows of CSV: any bytes give problems with their lines, or
 * a mapping by which the rows are judged in a dry run that leaves the store as it was.
 * What is suggested for the headings is a mapping in which nothing is wrong. */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/utf8.h"
#include "io/table_rows.h"
#include "programme/import.h"

enum { BUDGET = 64 << 20 };

static const char divider[] = "\n====\n";
static const char default_rows[] =
    "Kommune,Nr,2012,2013,Tema\nHalden,0101,7.5,-,absence; competence\n,101,,x,\n";

static char folder[] = "/tmp/nullpunkt-fuzz-XXXXXX", db[64], csv[64];
static np_store *store;

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void clean_up(void)
{
    np_store_close(store);
    unlink(db), unlink(csv), rmdir(folder);
}

static void set_up(void)
{
    if (store != NULL)
        return;
    demand(mkdtemp(folder) != NULL);
    snprintf(db, sizeof db, "%s/programme.db", folder);
    snprintf(csv, sizeof csv, "%s/rows.csv", folder);
    demand(np_store_open(&store, db, NP_STORE_CREATE, NULL) == NP_OK);
    atexit(clean_up);
}

static bool is_utf8(const char *text)
{
    return np_utf8_invalid(text, strlen(text)) == strlen(text);
}

static void take_problem(void *context, const np_import_problem *p)
{
    size_t *n = context;
    ++*n;
    demand(p->file != NULL && p->column != NULL && p->kind != NULL && p->id != NULL &&
           p->field != NULL && p->rule[0] != '\0' && p->message[0] != '\0');
    demand(is_utf8(p->message) && is_utf8(p->hint));
}

static void import_rows(const np_mapping *mapping, np_arena *arena)
{
    size_t n_problems = 0;
    int64_t before = -1, after = -1;
    np_import import;
    np_error err = {0};
    np_import_source source = {.path = csv, .mapping = mapping};
    np_import_spec spec = {.source = &source,
                           .n = 1,
                           .who = "kari",
                           .dry_run = true,
                           .n_changes = 5,
                           .sink = take_problem,
                           .context = &n_problems};
    demand(np_log_last(&before, store, NULL) == NP_OK);
    np_status status = np_import_run(&import, store, &spec, arena, &err);
    demand(status == NP_OK || err.message[0] != '\0');
    if (status == NP_OK) {
        demand(!import.written);
        demand(import.n_problems + import.n_warnings == n_problems);
    }
    demand(np_log_last(&after, store, NULL) == NP_OK && before == after);
}

static void check_mapping(const np_mapping *m)
{
    demand(m->n_records >= 1);
    for (size_t i = 0; i < m->n_records; i++) {
        const np_mapping_record *r = &m->record[i];
        demand(r->kind != NULL && !r->kind->defined);
        for (size_t f = 0; f < r->n_fields; f++)
            demand(r->field[f].field <= r->kind->n_fields &&
                   (r->field[f].column != NULL || r->field[f].pattern.n > 0));
        demand(!r->repeats || r->repeat.field < r->kind->n_fields);
    }
}

static void check_suggestion(np_arena *arena)
{
    np_table_rows *rows = NULL;
    np_buf out = {0};
    np_error err = {0};
    size_t n;
    np_problems *problems = calloc(1, sizeof *problems);
    demand(problems != NULL);
    if (np_table_rows_open(&rows, csv, NULL, arena, &err) == NP_OK) {
        const char *const *heading = np_table_rows_names(rows, &n);
        if (np_mapping_suggest(&out, heading, n, NULL, &err) == NP_OK) {
            np_mapping m;
            demand(np_mapping_read_text(&m, out.text, out.length, "suggested.yaml", arena,
                                        problems, &err) == NP_OK);
            demand(problems->n_seen == 0);
        }
    }
    np_table_rows_close(rows);
    np_buf_free(&out);
    free(problems);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    set_up();
    const char *text = (const char *)bytes;
    const char *end = memmem(text, length, divider, sizeof divider - 1);
    size_t n_mapping = end == NULL ? length : (size_t)(end - text);
    np_str rows = {default_rows, sizeof default_rows - 1};
    if (end != NULL)
        rows =
            (np_str){end + sizeof divider - 1, length - n_mapping - sizeof divider + 1};
    FILE *file = fopen(csv, "wb");
    demand(file != NULL && fwrite(rows.text, 1, rows.length, file) == rows.length);
    fclose(file);
    np_arena *arena = np_arena_new(BUDGET);
    np_problems *problems = calloc(1, sizeof *problems);
    np_mapping mapping;
    np_error err = {0};
    np_status status =
        np_mapping_read_text(&mapping, text, n_mapping, "m.yaml", arena, problems, &err);
    demand(status == NP_OK || err.message[0] != '\0');
    for (size_t i = 0; i < problems->n; i++)
        demand(problems->item[i].line >= 1 && is_utf8(problems->item[i].message));
    if (status == NP_OK && problems->n_seen == 0) {
        check_mapping(&mapping);
        import_rows(&mapping, arena);
    }
    check_suggestion(arena);
    np_arena_free(arena);
    free(problems);
    return 0;
}
