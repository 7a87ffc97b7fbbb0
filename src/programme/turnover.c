#include "programme/turnover.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "programme/rows.h"

/* A time in a role, in days since 1970; `last` is the day asked for where it goes on. */
typedef struct {
    const char *role, *body, *person;
    int32_t first, last;
    int32_t body_ends; /* INT32_MAX: open */
    bool ended;
} spell;

static int32_t day_or(const char *text, int32_t otherwise)
{
    int32_t day;
    return text != NULL && np_date_parse(&day, text, strlen(text)) ? day : otherwise;
}

static int compare_spells(const void *x, const void *y)
{
    const spell *a = x, *b = y;
    int order = strcmp(a->role, b->role);
    if (order == 0)
        order = strcmp(a->body, b->body);
    if (order == 0)
        order = strcmp(a->person, b->person);
    return order != 0 ? order : (a->first > b->first) - (a->first < b->first);
}

enum {
    R_STARTS,
    R_ENDS,
    R_ROLE,
    R_PERSON,
    R_PROJECT,
    R_NETWORK,
    R_P_ENDS,
    R_C_ENDS,
    R_N_ENDS
};

static const char *body_of(const np_rows *rows, size_t r, np_arena *arena)
{
    const char *project = np_rows_text(rows, r, R_PROJECT);
    const char *network = np_rows_text(rows, r, R_NETWORK);
    return np_arena_format(arena, "%s\n%s", project != NULL ? project : "",
                           network != NULL ? network : "");
}

static int32_t body_ends(const np_rows *rows, size_t r)
{
    for (size_t c = R_P_ENDS; c <= R_N_ENDS; c++)
        if (np_rows_present(rows, r, c))
            return day_or(np_rows_text(rows, r, c), INT32_MAX);
    return INT32_MAX;
}

/* Spells that have begun by the day, sorted; NULL: no memory. */
static spell *read_spells(size_t *n, const np_rows *rows, int32_t day, np_arena *arena)
{
    spell *all = np_arena_array(arena, spell, rows->n_rows);
    *n = 0;
    for (size_t r = 0; all != NULL && r < rows->n_rows; r++) {
        int32_t last = day_or(np_rows_text(rows, r, R_ENDS), INT32_MAX);
        spell s = {.role = np_rows_text(rows, r, R_ROLE),
                   .body = body_of(rows, r, arena),
                   .person = np_rows_text(rows, r, R_PERSON),
                   .first = day_or(np_rows_text(rows, r, R_STARTS), INT32_MAX),
                   .last = last < day ? last : day,
                   .body_ends = body_ends(rows, r),
                   .ended = last < day};
        if (s.body == NULL)
            return NULL;
        if (s.first <= day)
            all[(*n)++] = s;
    }
    if (all != NULL)
        qsort(all, *n, sizeof *all, compare_spells);
    return all;
}

/* One person in one body: days over all spells, and whether the person left. */
static size_t add_person(np_turnover *out, const spell *s, size_t n, double *days,
                         bool *left)
{
    size_t i = 0;
    do {
        *days += s[i].last - s[i].first + 1;
        i++;
    } while (i < n && strcmp(s[i].person, s[0].person) == 0 &&
             strcmp(s[i].body, s[0].body) == 0);
    *left = s[i - 1].ended && s[i - 1].last < s[i - 1].body_ends;
    out->n_persons++;
    out->n_left += *left;
    return i;
}

static np_turnover count_role(const spell *s, size_t n)
{
    np_turnover out = {.role = s[0].role};
    double days = 0;
    for (size_t i = 0; i < n;) {
        const char *body = s[i].body;
        size_t persons = 0;
        bool left = false, any_left = false;
        while (i < n && strcmp(s[i].body, body) == 0) {
            i += add_person(&out, &s[i], n - i, &days, &left);
            persons++;
            any_left |= left;
        }
        out.n_bodies++;
        out.n_same += persons == 1 && !any_left;
    }
    out.mean_days = days / (double)out.n_persons;
    out.share_same = (double)out.n_same / (double)out.n_bodies;
    return out;
}

static int compare_roles(const void *x, const void *y)
{
    const np_kind *kind = np_kind_find("role");
    const np_field *field = &kind->field[np_kind_field(kind, "role")];
    return np_field_choice(field, ((const np_turnover *)x)->role) -
           np_field_choice(field, ((const np_turnover *)y)->role);
}

np_status np_turnover_of(const np_turnover **out, size_t *n, np_store *store,
                         const char *project, const char *day, np_arena *arena,
                         np_error *err)
{
    int32_t as_of;
    np_rows rows;
    if (!np_date_parse(&as_of, day, strlen(day)))
        return np_fail(err, NP_E_RANGE, _("\"%s\" is no date"), day);
    np_status status = np_rows_ask(
        &rows, store, "role",
        "starts ends role person project network project.ends project.cohort.ends "
        "network.ends",
        &NP_IS("project", project), project != NULL, arena, err);
    if (status != NP_OK)
        return status;
    size_t n_spells, n_roles = 0;
    spell *s = read_spells(&n_spells, &rows, as_of, arena);
    np_turnover *role = np_arena_array(arena, np_turnover, n_spells);
    if (s == NULL || role == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < n_spells;) {
        size_t end = i;
        while (end < n_spells && strcmp(s[end].role, s[i].role) == 0)
            end++;
        role[n_roles++] = count_role(&s[i], end - i);
        i = end;
    }
    qsort(role, n_roles, sizeof *role, compare_roles);
    *out = role;
    *n = n_roles;
    return NP_OK;
}
