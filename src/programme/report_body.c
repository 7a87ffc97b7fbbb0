#include <string.h>

#include "base/json.h"
#include "programme/report.h"
#include "store/query.h"

typedef struct {
    np_json json;
    np_store *store;
    np_arena *arena;
    np_error *err;
} body_writer;

static void put_value(np_json *j, np_value value)
{
    switch (value.type) {
    case NP_VALUE_TEXT:
        np_json_text(j, value.text);
        break;
    case NP_VALUE_INTEGER:
        np_json_integer(j, value.integer);
        break;
    case NP_VALUE_NUMBER:
        np_json_number(j, value.number);
        break;
    case NP_VALUE_NONE:
        np_json_null(j);
        break;
    }
}

/* All records of the kind for which the tests hold, by identifier, each with the fields
 * that have a value in the kind's order. */
static np_status put_records(body_writer *w, const char *kind_name, const np_where *where,
                             size_t n_where)
{
    const np_kind *kind = np_kind_find(kind_name);
    np_query_column column[NP_MOST_FIELDS + 1] = {{.path = "id"}};
    for (size_t f = 0; f < kind->n_fields; f++)
        column[f + 1].path = kind->field[f].name;
    np_query query = {.kind = kind,
                      .column = column,
                      .n_columns = kind->n_fields + 1,
                      .where = where,
                      .n_where = n_where};
    np_rows rows;
    np_status status = np_store_query(&rows, w->store, &query, w->arena, w->err);
    if (status != NP_OK)
        return status;
    np_json_key(&w->json, kind_name);
    np_json_array(&w->json);
    for (size_t i = 0; i < rows.n_rows; i++) {
        np_json_object(&w->json);
        for (size_t c = 0; c < rows.n_columns; c++) {
            np_value value = rows.cell[i * rows.n_columns + c];
            if (value.type == NP_VALUE_NONE)
                continue;
            np_json_key(&w->json, column[c].path);
            put_value(&w->json, value);
        }
        np_json_end_object(&w->json);
    }
    np_json_end_array(&w->json);
    return NP_OK;
}

static np_status put_all(body_writer *w, const np_record *report)
{
    const np_value id[] = {NP_VALUE_OF_TEXT(report->id)},
                   project[] = {NP_VALUE_OF_TEXT(np_record_text(report, "project"))},
                   period[] = {NP_VALUE_OF_TEXT(np_record_text(report, "period"))};
    const np_where of_report[] = {{"report", NP_WHERE_EQUAL, id, 1}},
                   of_project[] = {{"project", NP_WHERE_EQUAL, project, 1},
                                   {"period", NP_WHERE_EQUAL, period, 1}};
    static const char *const own[] = {"answer", "item", "measure_account"},
                             *const standing[] = {"goal", "measure"};
    np_status status = NP_OK;
    for (size_t i = 0; i < 3 && status == NP_OK; i++)
        status = put_records(w, own[i], of_report, 1);
    if (status == NP_OK)
        status = put_records(w, "measurement", of_project, 2);
    for (size_t i = 0; i < 2 && status == NP_OK; i++)
        status = put_records(w, standing[i], of_project, 1);
    return status;
}

np_status np_report_body(const char **out, char hash[NP_HASH_LENGTH], np_store *store,
                         const char *report, np_arena *arena, np_error *err)
{
    np_buf buf = {0};
    np_record record;
    body_writer w = {.json = {.buf = &buf}, .store = store, .arena = arena, .err = err};
    np_status status =
        np_store_get(&record, store, np_kind_find("report"), report, arena, err);
    if (status != NP_OK)
        return status;
    np_json_object(&w.json);
    np_json_put_text(&w.json, "report", record.id);
    np_json_put_text(&w.json, "project", np_record_text(&record, "project"));
    np_json_put_text(&w.json, "template", np_record_text(&record, "template"));
    np_json_put_text(&w.json, "period", np_record_text(&record, "period"));
    status = put_all(&w, &record);
    np_json_end_object(&w.json);
    const char *text = np_buf_done(&buf);
    char *copy = text == NULL ? NULL : np_arena_copy_text(arena, text, buf.length);
    if (status == NP_OK && copy == NULL)
        status = np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    if (status == NP_OK) {
        np_hash_bytes(hash, copy, buf.length);
        *out = copy;
    }
    np_buf_free(&buf);
    return status;
}
