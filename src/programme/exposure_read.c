/* Units, measures, dates and histories become spells: days on which a measure reaches a
 * unit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "programme/exposure_internal.h"

static np_status no_memory(np_error *err)
{
    return np_fail(err, NP_E_NO_MEMORY, _("no memory left for the exposure panel"));
}

/* Room for one more item at *array, which is in the arena and grows by doubling. */
static bool grow(exposure_data *d, void *array, size_t n, size_t size)
{
    if (n > 0 && (n & (n - 1)) != 0)
        return true;
    void *old, *more = np_arena_alloc(d->arena, n == 0 ? 1 : 2 * n, size);
    if (more == NULL)
        return false;
    memcpy(&old, array, sizeof old);
    if (n > 0)
        memcpy(more, old, n * size);
    memcpy(array, &more, sizeof more);
    return true;
}

static int32_t day_of(const np_record *record, const char *field, int32_t otherwise)
{
    const char *text = np_record_text(record, field);
    int32_t day;
    return text != NULL && np_date_parse(&day, text, strlen(text)) ? day : otherwise;
}

/* The place of the record that the field refers to; -1: absent or not among them. */
static int32_t place_of(const np_text_map *map, const np_record *record,
                        const char *field)
{
    const char *id = np_record_text(record, field);
    return id == NULL ? -1 : np_text_map_find(map, id, strlen(id));
}

static np_status add_name(int32_t *out, np_text_map *map, const char *id, np_error *err)
{
    *out = np_text_map_add(map, id, strlen(id));
    return *out < 0 ? no_memory(err) : NP_OK;
}

static np_status read_programme(void *context, const np_record *r, np_error *err)
{
    (void)err;
    exposure_data *d = context;
    d->first = day_of(r, "starts", EXPOSURE_EVER);
    d->last = day_of(r, "ends", EXPOSURE_NEVER);
    return NP_OK;
}

static np_status read_organisation(void *context, const np_record *r, np_error *err)
{
    exposure_data *d = context;
    int32_t i;
    if (add_name(&i, d->organisations, r->id, err) != NP_OK ||
        !grow(d, &d->organisation, (size_t)i, sizeof *d->organisation))
        return no_memory(err);
    d->organisation[i] =
        (exposure_organisation){.id = np_text_map_text(d->organisations, i),
                                .from = day_of(r, "valid_from", EXPOSURE_EVER),
                                .to = day_of(r, "valid_to", EXPOSURE_NEVER)};
    return NP_OK;
}

static np_status read_unit(void *context, const np_record *r, np_error *err)
{
    exposure_data *d = context;
    int32_t i, organisation = place_of(d->organisations, r, "organisation");
    if (add_name(&i, d->units, r->id, err) != NP_OK ||
        !grow(d, &d->unit, (size_t)i, sizeof *d->unit))
        return no_memory(err);
    d->unit[i] = (exposure_unit){.id = np_text_map_text(d->units, i),
                                 .organisation = organisation,
                                 .n_employees = np_record_number(r, "n_employees"),
                                 .from = day_of(r, "valid_from", EXPOSURE_EVER),
                                 .to = day_of(r, "valid_to", EXPOSURE_NEVER)};
    d->organisation[organisation].n_units++;
    d->n_units = d->n_real_units = (size_t)i + 1;
    return NP_OK;
}

static np_status stand_in_units(exposure_data *d, np_error *err)
{
    for (size_t o = 0; o < np_text_map_size(d->organisations); o++) {
        if (d->organisation[o].n_units > 0)
            continue;
        if (!grow(d, &d->unit, d->n_units, sizeof *d->unit))
            return no_memory(err);
        d->unit[d->n_units++] = (exposure_unit){.id = "",
                                                .organisation = (int32_t)o,
                                                .n_employees = NAN,
                                                .from = d->organisation[o].from,
                                                .to = d->organisation[o].to};
    }
    return NP_OK;
}

static np_status read_project(void *context, const np_record *r, np_error *err)
{
    exposure_data *d = context;
    int32_t i;
    return add_name(&i, d->projects, r->id, err);
}

static np_status read_member(void *context, const np_record *r, np_error *err)
{
    exposure_data *d = context;
    if (!grow(d, &d->member, d->n_members, sizeof *d->member))
        return no_memory(err);
    d->member[d->n_members++] =
        (exposure_member){.project = place_of(d->projects, r, "project"),
                          .organisation = place_of(d->organisations, r, "organisation"),
                          .from = day_of(r, "joined", EXPOSURE_EVER),
                          .to = day_of(r, "left_on", EXPOSURE_NEVER)};
    return NP_OK;
}

static np_status read_measure(void *context, const np_record *r, np_error *err)
{
    exposure_data *d = context;
    int32_t i;
    if (add_name(&i, d->measures, r->id, err) != NP_OK ||
        !grow(d, &d->measure, (size_t)i, sizeof *d->measure))
        return no_memory(err);
    const char *theme = np_record_text(r, "theme"), *wanted = d->spec->theme;
    d->measure[i] = (exposure_measure){
        .id = np_text_map_text(d->measures, i),
        .project = place_of(d->projects, r, "project"),
        .from = day_of(r, "starts", EXPOSURE_EVER),
        .to = day_of(r, "ends", EXPOSURE_NEVER),
        .left = EXPOSURE_NEVER,
        .whole = np_record_integer(r, "whole_organisation", 0) == 1,
        .counts = wanted == NULL || (theme != NULL && strcmp(theme, wanted) == 0)};
    return NP_OK;
}

static np_status read_status(void *context, const np_record *r, np_error *err)
{
    exposure_data *d = context;
    if (!grow(d, &d->status, d->n_statuses, sizeof *d->status))
        return no_memory(err);
    const char *status = np_record_text(r, "status");
    d->status[d->n_statuses++] = (exposure_status){
        .measure = place_of(d->measures, r, "measure"),
        .day = day_of(r, "date", EXPOSURE_EVER),
        .under_way = status != NULL && strcmp(status, "under_way") == 0};
    return NP_OK;
}

static np_status read_place(void *context, const np_record *r, np_error *err)
{
    exposure_data *d = context;
    if (!grow(d, &d->place, d->n_places, sizeof *d->place))
        return no_memory(err);
    d->place[d->n_places++] =
        (exposure_place){.measure = place_of(d->measures, r, "measure"),
                         .unit = place_of(d->units, r, "unit"),
                         .from = day_of(r, "starts", EXPOSURE_EVER),
                         .to = day_of(r, "ends", EXPOSURE_NEVER),
                         .n_covered = np_record_number(r, "n_covered")};
    return NP_OK;
}

/* A measure's theme is asked of the store: withdrawals are few. */
static bool concerns(exposure_data *d, size_t measure, const char *theme)
{
    np_record record;
    if (theme == NULL)
        return true;
    np_arena_mark mark = np_arena_set_mark(d->arena);
    bool same = false;
    if (np_store_get(&record, d->store, np_kind_find("measure"), d->measure[measure].id,
                     d->arena, NULL) == NP_OK) {
        const char *its = np_record_text(&record, "theme");
        same = its != NULL && strcmp(its, theme) == 0;
    }
    np_arena_release(d->arena, mark);
    return same;
}

static np_status read_withdrawal(void *context, const np_record *r, np_error *err)
{
    (void)err;
    exposure_data *d = context;
    int32_t project = place_of(d->projects, r, "project");
    const char *theme = np_record_text(r, "theme");
    int32_t day = day_of(r, "date", EXPOSURE_NEVER);
    for (size_t i = 0; i < np_text_map_size(d->measures); i++) {
        exposure_measure *m = &d->measure[i];
        if (m->project == project && m->left > day && concerns(d, i, theme))
            m->left = day;
    }
    return NP_OK;
}

static int by_measure_and_day(const void *a, const void *b)
{
    const exposure_status *x = a, *y = b;
    if (x->measure != y->measure)
        return x->measure < y->measure ? -1 : 1;
    return (x->day > y->day) - (x->day < y->day);
}

static int by_measure(const void *a, const void *b)
{
    const exposure_place *x = a, *y = b;
    if (x->measure != y->measure)
        return x->measure < y->measure ? -1 : 1;
    return (x->unit > y->unit) - (x->unit < y->unit);
}

static np_status read_kinds(exposure_data *d, np_error *err)
{
    static const struct {
        const char *kind;
        np_store_row *row;
    } kinds[] = {{"programme", read_programme},
                 {"organisation", read_organisation},
                 {"unit", read_unit},
                 {"project", read_project},
                 {"project_organisation", read_member},
                 {"measure", read_measure},
                 {"measure_status", read_status},
                 {"measure_unit", read_place},
                 {"withdrawal", read_withdrawal}};
    np_status status = NP_OK;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && status == NP_OK; i++)
        status =
            np_store_each(d->store, np_kind_find(kinds[i].kind), kinds[i].row, d, err);
    if (d->n_statuses > 0)
        qsort(d->status, d->n_statuses, sizeof *d->status, by_measure_and_day);
    if (d->n_places > 0)
        qsort(d->place, d->n_places, sizeof *d->place, by_measure);
    return status == NP_OK ? stand_in_units(d, err) : status;
}

typedef struct {
    size_t begin, end; /* among the statuses */
} history;

static history history_of(const exposure_data *d, int32_t measure, size_t *at)
{
    while (*at < d->n_statuses && d->status[*at].measure < measure)
        ++*at;
    history h = {*at, *at};
    while (h.end < d->n_statuses && d->status[h.end].measure == measure)
        h.end++;
    return h;
}

static int32_t first_under_way(const exposure_data *d, history h)
{
    for (size_t i = h.begin; i < h.end; i++)
        if (d->status[i].under_way)
            return d->status[i].day;
    return EXPOSURE_EVER;
}

static np_status add_spell(exposure_data *d, exposure_spell spell, int32_t from,
                           int32_t to, np_error *err)
{
    spell.from = from > spell.from ? from : spell.from;
    spell.to = to < spell.to ? to : spell.to;
    if (spell.from > spell.to)
        return NP_OK;
    if (!grow(d, &d->spell, d->n_spells, sizeof *d->spell))
        return no_memory(err);
    d->spell[d->n_spells++] = spell;
    return NP_OK;
}

/* The parts of the spell on which the history has it under way; before its first word the
 * dates alone tell. */
static np_status add_under_way(exposure_data *d, exposure_spell spell, history h,
                               np_error *err)
{
    int32_t until = h.begin < h.end ? d->status[h.begin].day - 1 : EXPOSURE_NEVER;
    np_status status = add_spell(d, spell, EXPOSURE_EVER, until, err);
    for (size_t i = h.begin; i < h.end && status == NP_OK; i++) {
        until = i + 1 < h.end ? d->status[i + 1].day - 1 : EXPOSURE_NEVER;
        if (d->status[i].under_way)
            status = add_spell(d, spell, d->status[i].day, until, err);
    }
    return status;
}

static double share_of(const exposure_unit *unit, double n_covered)
{
    if (isnan(n_covered))
        return 1;
    return unit->n_employees > 0 ? fmin(1, n_covered / unit->n_employees) : NAN;
}

static np_status reach(exposure_data *d, int32_t measure, history h, int32_t unit,
                       int32_t from, int32_t to, double n_covered, np_error *err)
{
    exposure_measure *m = &d->measure[measure];
    const exposure_unit *u = &d->unit[unit];
    if (from == EXPOSURE_EVER)
        from = m->from != EXPOSURE_EVER ? m->from : first_under_way(d, h);
    if (from == EXPOSURE_EVER)
        return NP_OK;
    m->dated = true;
    if (to == EXPOSURE_NEVER)
        to = m->to;
    if (m->left != EXPOSURE_NEVER && m->left - 1 < to)
        to = m->left - 1;
    exposure_spell spell = {.unit = unit,
                            .project = m->project,
                            .measure = measure,
                            .from = from > u->from ? from : u->from,
                            .to = to < u->to ? to : u->to,
                            .share = share_of(u, n_covered),
                            .n_covered = isnan(n_covered) ? u->n_employees : n_covered};
    return add_under_way(d, spell, h, err);
}

static bool has_place(const exposure_data *d, size_t begin, size_t end, int32_t unit)
{
    for (size_t i = begin; i < end; i++)
        if (d->place[i].unit == unit)
            return true;
    return false;
}

/* All units of the project's organisations that no place names. */
static np_status reach_whole(exposure_data *d, int32_t measure, history h, size_t begin,
                             size_t end, np_error *err)
{
    const exposure_measure *m = &d->measure[measure];
    np_status status = NP_OK;
    for (size_t k = 0; k < d->n_members; k++) {
        const exposure_member *member = &d->member[k];
        if (member->project != m->project)
            continue;
        for (size_t u = 0; u < d->n_units && status == NP_OK; u++) {
            if (d->unit[u].organisation != member->organisation ||
                has_place(d, begin, end, (int32_t)u))
                continue;
            size_t before = d->n_spells;
            status =
                reach(d, measure, h, (int32_t)u, EXPOSURE_EVER, EXPOSURE_NEVER, NAN, err);
            for (size_t s = before; s < d->n_spells; s++) {
                exposure_spell *spell = &d->spell[s];
                spell->from = member->from > spell->from ? member->from : spell->from;
                spell->to = member->to < spell->to ? member->to : spell->to;
            }
        }
        d->measure[measure].placed = true;
    }
    return status;
}

static int by_unit_and_day(const void *a, const void *b)
{
    const exposure_spell *x = a, *y = b;
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->measure > y->measure) - (x->measure < y->measure);
}

static np_status make_spells(exposure_data *d, np_error *err)
{
    size_t at_status = 0, at = 0;
    np_status status = NP_OK;
    for (size_t i = 0; i < np_text_map_size(d->measures) && status == NP_OK; i++) {
        int32_t measure = (int32_t)i;
        history h = history_of(d, measure, &at_status);
        while (at < d->n_places && d->place[at].measure < measure)
            at++;
        size_t begin = at;
        while (at < d->n_places && d->place[at].measure == measure)
            at++;
        if (!d->measure[i].counts)
            continue;
        d->measure[i].placed = at > begin;
        for (size_t p = begin; p < at && status == NP_OK; p++)
            status = reach(d, measure, h, d->place[p].unit, d->place[p].from,
                           d->place[p].to, d->place[p].n_covered, err);
        if (status == NP_OK && d->measure[i].whole)
            status = reach_whole(d, measure, h, begin, at, err);
    }
    if (d->n_spells > 0)
        qsort(d->spell, d->n_spells, sizeof *d->spell, by_unit_and_day);
    return status;
}

np_status exposure_read(exposure_data *d, np_error *err)
{
    d->organisations = np_text_map_new(d->arena);
    d->units = np_text_map_new(d->arena);
    d->projects = np_text_map_new(d->arena);
    d->measures = np_text_map_new(d->arena);
    if (d->organisations == NULL || d->units == NULL || d->projects == NULL ||
        d->measures == NULL)
        return no_memory(err);
    d->first = EXPOSURE_EVER;
    d->last = EXPOSURE_NEVER;
    np_status status = read_kinds(d, err);
    return status == NP_OK ? make_spells(d, err) : status;
}
