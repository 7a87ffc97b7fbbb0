/* Records written as lines of text, and tables of them printed as lines of text. */
#ifndef NP_TESTS_EVALUATION_TABLES_FOLDER_H
#define NP_TESTS_EVALUATION_TABLES_FOLDER_H

#include "base/date.h"
#include "evaluation/tabulation.h"
#include "programme/value.h"
#include "report/tabulation_doc.h"
#include "store/folder.h"

/* "item i1 sort=measure period=2014 text=Some_words": the kind, the identifier ("-": made
 * of the key), and fields; _ is a space in texts. */
static inline void put_line(a_folder *f, const char *line)
{
    char copy[512], *rest = NULL;
    snprintf(copy, sizeof copy, "%s", line);
    np_value value[NP_MOST_FIELDS] = {{0}};
    np_record record = {.kind = np_kind_find(strtok_r(copy, " ", &rest)), .value = value};
    assert_non_null(record.kind);
    record.id = strtok_r(NULL, " ", &rest);
    if (strcmp(record.id, "-") == 0)
        record.id = NULL;
    for (char *part; (part = strtok_r(NULL, " ", &rest)) != NULL;) {
        char *text = strchr(part, '=');
        assert_non_null(text);
        *text++ = '\0';
        size_t field = np_kind_field(record.kind, part);
        assert_true(field < record.kind->n_fields);
        const np_field *as = &record.kind->field[field];
        for (char *c = text; as->type == NP_FIELD_TEXT && *c != '\0'; c++)
            *c = *c == '_' ? ' ' : *c;
        assert_ok(f, np_value_parse(&value[field], as, text, strlen(text), '.', f->arena,
                                    &f->err));
    }
    assert_ok(f, np_store_put(f->store, &record, NULL, &f->err));
}

/* Lines that are divided by line ends. */
static inline void put_lines(a_folder *f, const char *lines)
{
    begin(f);
    while (*lines != '\0') {
        char line[512];
        size_t length = strcspn(lines, "\n");
        snprintf(line, sizeof line, "%.*s", (int)length, lines);
        if (length > 0)
            put_line(f, line);
        lines += length + (lines[length] == '\n');
    }
    assert_ok(f, np_store_commit(f->store, &f->err));
}

typedef struct {
    np_tabulation_plan plan;
    np_tabulation_result result;
    np_problems problems;
    char text[8192]; /* "follow-up: 2 1\nn: 3 3\n" */
    char message[2048];
} a_table;

static inline void print_table(a_folder *f, a_table *t)
{
    const np_tabulation_result *r = &t->result;
    size_t used = 0;
    for (size_t i = 0; i < r->n_rows; i++) {
        used +=
            (size_t)snprintf(t->text + used, sizeof t->text - used, "%s:", r->row[i].key);
        for (size_t c = 0; c < r->n_columns; c++) {
            const char *text = np_tabulation_cell_text(&r->cell[i * r->n_columns + c],
                                                       NP_ENGLISH, f->arena);
            used += (size_t)snprintf(t->text + used, sizeof t->text - used, " %s",
                                     text[0] == '\0' ? "()" : text);
        }
        used += (size_t)snprintf(t->text + used, sizeof t->text - used, "\n");
    }
}

/* Reads one table and computes it; the message is the first problem or error. */
static inline np_status try_table_with(a_folder *f, a_table *t, const char *yaml,
                                       np_tabulation_options options)
{
    np_error err = {0};
    memset(t, 0, sizeof *t);
    if (options.as_of == 0)
        options.as_of = np_date_of(2015, 6, 1);
    np_status status = np_tabulation_read_text(
        &t->plan, yaml, strlen(yaml), "tables.yaml", &t->problems, f->arena, &err);
    if (status == NP_OK)
        status = np_tabulation_compute(&t->result, f->store, &t->plan, &t->plan.table[0],
                                       &options, &t->problems, f->arena, &err);
    if (status == NP_OK)
        print_table(f, t);
    np_error_format(t->problems.n > 0 ? &t->problems.item[0] : &err, t->message,
                    sizeof t->message);
    return status;
}

static inline np_status try_table(a_folder *f, a_table *t, const char *yaml)
{
    return try_table_with(f, t, yaml, (np_tabulation_options){.compare = true});
}

static inline void compute_with(a_folder *f, a_table *t, const char *yaml,
                                np_tabulation_options options)
{
    np_status status = try_table_with(f, t, yaml, options);
    if (status != NP_OK)
        print_error("%s\n", t->message);
    assert_int_equal(status, NP_OK);
}

static inline void compute(a_folder *f, a_table *t, const char *yaml)
{
    compute_with(f, t, yaml, (np_tabulation_options){.compare = true});
}

/* The texts of checks that failed, a line each. */
static inline const char *failed_checks(a_folder *f, const a_table *t)
{
    char *out = np_arena_format(f->arena, "%s", "");
    for (size_t i = 0; i < t->result.n_checks; i++)
        if (!t->result.check[i].holds)
            out = np_arena_format(f->arena, "%s%s\n", out, t->result.check[i].text);
    return out;
}

/* "1 records: not coded: Halden", a line each. */
static inline const char *left_out(a_folder *f, const a_table *t)
{
    char *out = np_arena_format(f->arena, "%s", "");
    for (size_t i = 0; i < t->result.n_left_out; i++) {
        const np_tab_left_out *one = &t->result.left_out[i];
        out = np_arena_format(
            f->arena, "%s%s%s%g %s, %s:", out, one->column == NULL ? "" : one->column,
            one->column == NULL ? "" : ": ", one->n, one->unit, one->reason);
        for (size_t k = 0; k < one->n_names; k++)
            out = np_arena_format(f->arena, "%s %s", out, one->name[k]);
        out = np_arena_format(f->arena, "%s\n", out);
    }
    return out;
}

#endif
