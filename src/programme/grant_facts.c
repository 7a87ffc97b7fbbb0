/* Who takes part in the programme, and when; kroner in words. */
#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/language.h"
#include "base/text.h"
#include "programme/grant_internal.h"

np_status grant_no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
}

double grant_round(double amount)
{
    return np_round_half_away(amount, 2);
}

const char *grant_kroner(np_arena *arena, double amount)
{
    const bool english = np_language_get() == NP_ENGLISH;
    char digits[NP_DECIMAL_LENGTH], out[2 * NP_DECIMAL_LENGTH + 16];
    np_decimal_format(digits, fabs(grant_round(amount)));
    size_t whole = strcspn(digits, "."), n = 0;
    if (digits[whole] != '\0' && strlen(digits + whole) == 2)
        strcat(digits, "0"); /* øre have two digits */
    if (amount < 0)
        n += strlen(strcpy(out + n, "\u2212"));
    for (size_t i = 0; digits[i] != '\0'; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0)
            n += strlen(strcpy(out + n, english ? "," : "\u202f"));
        out[n++] = digits[i] == '.' && !english ? ',' : digits[i];
    }
    out[n] = '\0';
    const char *text = np_arena_copy_text(arena, out, n);
    return text != NULL ? text : "";
}

np_status grant_check_amount(double amount, np_error *err)
{
    if (!(amount >= 0))
        return np_fail(err, NP_E_RANGE, _("an amount is not negative"));
    if (!(amount <= 1e12) || amount != grant_round(amount))
        return np_fail(err, NP_E_RANGE,
                       _("an amount is in kroner, with two decimals at most"));
    return NP_OK;
}

const char *grant_join(np_arena *arena, const char *a, const char *between, const char *b)
{
    if (a == NULL || a[0] == '\0')
        return b;
    if (b == NULL || b[0] == '\0')
        return a;
    const char *text = np_arena_format(arena, "%s%s%s", a, between, b);
    return text != NULL ? text : "";
}

np_status grant_rows(np_rows *out, np_store *store, const char *kind, const char *columns,
                     size_t n_order, const char *path, const char *text, np_arena *arena,
                     np_error *err)
{
    static const size_t first[] = {0, 1, 2, 3};
    np_query_column column[NP_QUERY_MOST_COLUMNS];
    np_query query = {
        .kind = np_kind_find(kind), .column = column, .order = first, .n_order = n_order};
    char *names = np_arena_copy_text(arena, columns, strlen(columns)), *rest = NULL;
    if (names == NULL)
        return grant_no_memory(err);
    for (char *name = strtok_r(names, " ", &rest); name != NULL;
         name = strtok_r(NULL, " ", &rest))
        column[query.n_columns++] = (np_query_column){.path = name};
    np_value value = NP_VALUE_OF_TEXT(text);
    np_where where = {.path = path, .sort = NP_WHERE_EQUAL, .value = &value, .n = 1};
    query.where = &where;
    query.n_where = text != NULL;
    return np_store_query(out, store, &query, arena, err);
}

static int32_t day_or(const char *text, int32_t otherwise)
{
    int32_t day;
    return text != NULL && np_date_parse(&day, text, strlen(text)) ? day : otherwise;
}

static np_status read_schemes(grant_facts *out, np_store *store, np_arena *arena,
                              np_error *err)
{
    np_rows rows;
    np_status status =
        grant_rows(&rows, store, "grant_scheme", "id amount_per_year hold_back_share", 1,
                   NULL, NULL, arena, err);
    if (status != NP_OK)
        return status;
    grant_scheme *scheme = np_arena_array(arena, grant_scheme, rows.n_rows);
    if (scheme == NULL)
        return grant_no_memory(err);
    for (size_t i = 0; i < rows.n_rows; i++) {
        double share = np_rows_number(&rows, i, 2);
        scheme[i] = (grant_scheme){.id = np_rows_text(&rows, i, 0),
                                   .amount_per_year = np_rows_number(&rows, i, 1),
                                   .hold_back_share = isnan(share) ? 0 : share};
    }
    out->scheme = scheme;
    out->n_schemes = rows.n_rows;
    return NP_OK;
}

static np_status read_owners(grant_facts *out, grant_project *project, np_store *store,
                             const char *only, np_arena *arena, np_error *err)
{
    np_rows rows;
    np_status status = grant_rows(&rows, store, "project_organisation",
                                  "project organisation organisation.name "
                                  "organisation.n_members joined "
                                  "left_on",
                                  2, "project", only, arena, err);
    if (status != NP_OK)
        return status;
    grant_owner *owner = np_arena_array(arena, grant_owner, rows.n_rows);
    if (owner == NULL)
        return grant_no_memory(err);
    for (size_t i = 0; i < rows.n_rows; i++) {
        const char *id = np_rows_text(&rows, i, 0);
        int32_t place = np_text_map_find(out->place, id, strlen(id));
        if (place < 0)
            continue;
        if (project[place].n_owners++ == 0)
            project[place].first_owner = i;
        owner[i] = (grant_owner){.name = np_rows_text(&rows, i, 2),
                                 .n_municipalities = np_rows_integer(&rows, i, 3, 1),
                                 .joined = day_or(np_rows_text(&rows, i, 4), INT32_MIN),
                                 .left_on = day_or(np_rows_text(&rows, i, 5), INT32_MAX)};
    }
    out->owner = owner;
    return NP_OK;
}

static np_status read_withdrawals(const grant_facts *facts, grant_project *project,
                                  np_store *store, const char *only, np_arena *arena,
                                  np_error *err)
{
    np_rows rows;
    np_status status = grant_rows(&rows, store, "withdrawal", "project date theme", 2,
                                  "project", only, arena, err);
    for (size_t i = 0; status == NP_OK && i < rows.n_rows; i++) {
        const char *id = np_rows_text(&rows, i, 0);
        int32_t place = np_text_map_find(facts->place, id, strlen(id));
        int32_t day = day_or(np_rows_text(&rows, i, 1), INT32_MAX);
        if (place >= 0 && np_rows_text(&rows, i, 2) == NULL &&
            day < project[place].withdrawn)
            project[place].withdrawn = day;
    }
    return status;
}

/* As obligations have it: the last decision admits it, or it never applied. */
static np_status read_admissions(const grant_facts *facts, grant_project *project,
                                 np_store *store, const char *only, np_arena *arena,
                                 np_error *err)
{
    np_rows applied, decided;
    np_status status = grant_rows(&applied, store, "application", "project", 1, "project",
                                  only, arena, err);
    if (status == NP_OK)
        status =
            grant_rows(&decided, store, "decision", "application.project date outcome", 2,
                       "application.project", only, arena, err);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < applied.n_rows; i++) {
        const char *id = np_rows_text(&applied, i, 0);
        int32_t place = np_text_map_find(facts->place, id, strlen(id));
        if (place >= 0)
            project[place].admitted = false;
    }
    for (size_t i = 0; i < decided.n_rows; i++) {
        const char *id = np_rows_text(&decided, i, 0);
        int32_t place = np_text_map_find(facts->place, id, strlen(id));
        if (place >= 0)
            project[place].admitted = strcmp(np_rows_text(&decided, i, 2), "admit") == 0;
    }
    return NP_OK;
}

np_status grant_facts_read(grant_facts *out, np_store *store, const char *only,
                           np_arena *arena, np_error *err)
{
    np_rows rows;
    *out = (grant_facts){.place = np_text_map_new(arena)};
    np_status status = read_schemes(out, store, arena, err);
    if (status == NP_OK)
        status = grant_rows(&rows, store, "project",
                            "id name starts ends cohort.starts cohort.ends", 1, "id",
                            only, arena, err);
    if (status != NP_OK)
        return status;
    grant_project *project = np_arena_array(arena, grant_project, rows.n_rows);
    if (project == NULL || out->place == NULL)
        return grant_no_memory(err);
    for (size_t i = 0; i < rows.n_rows; i++) {
        const char *id = np_rows_text(&rows, i, 0);
        if (np_text_map_add(out->place, id, strlen(id)) < 0)
            return grant_no_memory(err);
        project[i] = (grant_project){
            .id = id,
            .name = np_rows_text(&rows, i, 1),
            .starts = day_or(np_rows_text(&rows, i, 2),
                             day_or(np_rows_text(&rows, i, 4), INT32_MIN)),
            .ends = day_or(np_rows_text(&rows, i, 3),
                           day_or(np_rows_text(&rows, i, 5), INT32_MAX)),
            .withdrawn = INT32_MAX,
            .admitted = true};
    }
    out->project = project;
    out->n_projects = rows.n_rows;
    status = read_owners(out, project, store, only, arena, err);
    if (status == NP_OK)
        status = read_withdrawals(out, project, store, only, arena, err);
    if (status == NP_OK)
        status = read_admissions(out, project, store, only, arena, err);
    return status;
}

const grant_project *grant_facts_project(const grant_facts *facts, const char *id)
{
    int32_t place = np_text_map_find(facts->place, id, strlen(id));
    return place < 0 ? NULL : &facts->project[place];
}

np_status grant_facts_scheme(const grant_scheme **out, const grant_facts *facts,
                             const char *id, np_error *err)
{
    if (facts->n_schemes == 0) {
        np_fail(err, NP_E_UNKNOWN_NAME, _("the programme has no grant"));
        return np_error_hint(err, _("programme.yaml defines it under grants"));
    }
    if (id == NULL && facts->n_schemes > 1) {
        np_fail(err, NP_E_USAGE, _("the programme has %zu grants; say which"),
                facts->n_schemes);
        return np_error_hint(err, "--scheme %s", facts->scheme[0].id);
    }
    for (size_t i = 0; i < facts->n_schemes; i++)
        if (id == NULL || strcmp(facts->scheme[i].id, id) == 0) {
            *out = &facts->scheme[i];
            return NP_OK;
        }
    np_fail(err, NP_E_UNKNOWN_NAME, _("the programme has no grant \"%s\""), id);
    return np_error_hint(err, _("for example %s"), facts->scheme[0].id);
}
