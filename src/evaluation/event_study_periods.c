#include "evaluation/event_study_periods.h"

#include <math.h>
#include <regex.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/text.h"

enum { BEFORE = 1, AFTER = 2 };
#define NOWHERE SIZE_MAX /* the place of the reference among the sorted */

static bool parse_range(double *low, double *high, const char *text)
{
    const char *dots = text == NULL ? NULL : strstr(text, "..");
    return dots != NULL && np_decimal_parse(low, text, (size_t)(dots - text), '.') &&
           np_decimal_parse(high, dots + 2, strlen(dots + 2), '.');
}

bool np_event_is_pattern(const char *text)
{
    double low, high;
    return text != NULL && !parse_range(&low, &high, text);
}

static double tolerance(double a, double b)
{
    return 1e-9 * (fabs(a) + fabs(b) + 1);
}

static bool same(double a, double b)
{
    return fabs(a - b) <= tolerance(a, b);
}

static int by_time(const void *a, const void *b)
{
    double x = ((const np_event_row *)a)->time, y = ((const np_event_row *)b)->time;
    return (x > y) - (x < y);
}

/* Marks the rows that --pre or --post takes; nothing where it is NULL. */
static np_status mark_asked(int *side, const np_event_rows *rows, const char *option,
                            const char *asked, int which, np_error *err)
{
    double low, high;
    size_t n = 0;
    regex_t pattern;
    bool is_range = parse_range(&low, &high, asked);
    char reason[128];
    int code = is_range || asked == NULL
                   ? 0
                   : regcomp(&pattern, asked, REG_EXTENDED | REG_NOSUB);
    if (asked == NULL)
        return NP_OK;
    if (code != 0) {
        regerror(code, &pattern, reason, sizeof reason);
        return np_fail(err, NP_E_USAGE, "--%s %s: %s", option, asked, reason);
    }
    for (size_t i = 0; i < rows->n; i++) {
        const np_event_row *row = &rows->row[i];
        bool takes = is_range ? row->time >= low - tolerance(low, 0) &&
                                    row->time <= high + tolerance(high, 0)
                              : regexec(&pattern, row->term, 0, NULL, 0) == 0;
        if (takes) {
            side[i] |= which;
            n++;
        }
    }
    if (!is_range)
        regfree(&pattern);
    if (n == 0)
        return np_fail(err, NP_E_UNKNOWN_NAME, _("--%s %s: it takes no term"), option,
                       asked);
    return NP_OK;
}

static np_status has_gap(const np_event_row *before, const np_event_row *after,
                         np_error *err)
{
    np_fail(err, NP_E_NOT_IDENTIFIED,
            _("the periods are not one step apart: none between %g and %g"), before->time,
            after->time);
    return np_error_hint(err, _("choose periods without gaps: --pre=-5..-2 --post=0..4"));
}

/* The one place where the step between neighbours is twice the usual is the period left
 * out, unless the result says which one is: then there is no such place. */
static np_status find_reference(double *reference, const np_event_row *row, size_t n,
                                np_error *err)
{
    double step = INFINITY;
    bool is_known = !isnan(*reference);
    for (size_t i = 0; i + 1 < n; i++)
        step = fmin(step, row[i + 1].time - row[i].time);
    for (size_t i = 0; i + 1 < n; i++) {
        double gap = row[i + 1].time - row[i].time;
        if (gap == 0)
            return np_fail(err, NP_E_NOT_IDENTIFIED, _("%s and %s are of one period"),
                           row[i].term, row[i + 1].term);
        if (same(gap, step))
            continue;
        if (!isnan(*reference) || !same(gap, 2 * step))
            return has_gap(&row[i], &row[i + 1], err);
        *reference = row[i].time + step;
    }
    if (is_known || !isnan(*reference))
        return NP_OK;
    np_fail(err, NP_E_NOT_IDENTIFIED,
            _("no period between the first and the last is left out, from which the "
              "others would be measured"));
    return np_error_hint(err, _("did has one with --base universal"));
}

/* By time, with the reference among them while the steps are looked at. */
static np_status sort_periods(np_event_row *row, size_t n, double *reference,
                              np_error *err)
{
    size_t with = n;
    if (!isnan(*reference))
        row[with++] = (np_event_row){
            .term = _("the period left out"), .time = *reference, .place = NOWHERE};
    qsort(row, with, sizeof *row, by_time);
    np_status status = find_reference(reference, row, with, err);
    size_t kept = 0;
    for (size_t i = 0; i < with; i++)
        if (row[i].place != NOWHERE)
            row[kept++] = row[i];
    return status;
}

static np_status split(np_event_coefficients *e, np_event_row *row, size_t n,
                       const int *side, double reference, np_error *err)
{
    bool timed = true;
    np_status status = NP_OK;
    for (size_t i = 0; i < n; i++)
        timed = timed && !isnan(row[i].time);
    if (timed && n > 1)
        status = sort_periods(row, n, &reference, err);
    e->reference = reference;
    for (size_t i = 0; status == NP_OK && i < n; i++) {
        int which = side[row[i].place];
        bool before = which != 0 ? which == BEFORE : row[i].time < reference;
        if (before && e->n_post > 0)
            return np_fail(err, NP_E_NOT_IDENTIFIED,
                           _("%s stands before the start, but after a period that "
                             "stands after it"),
                           row[i].term);
        e->n_pre += before;
        e->n_post += !before;
    }
    return status;
}

static np_status copy_out(np_event_coefficients *e, const np_event_rows *rows,
                          const np_event_row *row, size_t n, const size_t *index,
                          np_arena *arena, np_error *err)
{
    const char **term = np_arena_array(arena, const char *, n);
    double *column[5], *vcov = np_arena_array(arena, double, n *n);
    bool fits = term != NULL && vcov != NULL;
    for (int c = 0; c < 5; c++)
        fits = (column[c] = np_arena_array(arena, double, n)) != NULL && fits;
    if (!fits)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    for (size_t i = 0; i < n; i++) {
        term[i] = row[i].term;
        column[0][i] = row[i].time;
        column[1][i] = row[i].estimate;
        column[2][i] = row[i].std_error;
        column[3][i] = row[i].conf_low;
        column[4][i] = row[i].conf_high;
        if (isnan(row[i].estimate))
            return np_fail(err, NP_E_RANGE, _("%s has no estimate"), row[i].term);
        for (size_t j = 0; j < n; j++) {
            double v = rows->vcov[index[row[i].place] * rows->n + index[row[j].place]];
            vcov[i * n + j] = v;
            if (isnan(v))
                return np_fail(err, NP_E_RANGE, _("%s and %s have no covariance"),
                               row[i].term, row[j].term);
        }
    }
    e->term = term;
    e->time = column[0];
    e->estimate = column[1];
    e->std_error = column[2];
    e->conf_low = column[3];
    e->conf_high = column[4];
    e->vcov = vcov;
    return NP_OK;
}

/* Rows on both sides, or none that was asked for, are for the person to settle. */
static np_status choose_rows(np_event_row *chosen, size_t *n, size_t *index,
                             int *side_of_place, const np_event_rows *rows,
                             const np_event_study_spec *spec, np_arena *arena,
                             np_error *err)
{
    int *side = np_arena_array(arena, int, rows->n);
    if (side == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = mark_asked(side, rows, "pre", spec->pre, BEFORE, err);
    if (status == NP_OK)
        status = mark_asked(side, rows, "post", spec->post, AFTER, err);
    for (size_t i = 0; status == NP_OK && i < rows->n; i++) {
        const np_event_row *row = &rows->row[i];
        if (side[i] == (BEFORE | AFTER))
            return np_fail(err, NP_E_USAGE, _("--pre and --post both take %s"),
                           row->term);
        bool only_asked = spec->pre != NULL && spec->post != NULL;
        /* with one of the two the other takes what lies on its side of it */
        if (side[i] == 0 && only_asked)
            continue;
        index[row->place] = i;
        side_of_place[row->place] = side[i];
        chosen[(*n)++] = *row;
    }
    return status;
}

np_status np_event_study_of_rows(np_event_coefficients *out, const np_event_rows *rows,
                                 const np_event_study_spec *spec, np_arena *arena,
                                 np_error *err)
{
    np_event_coefficients e = {.conf_level = rows->conf_level,
                               .variable = rows->variable};
    size_t places = 1, n = 0;
    for (size_t i = 0; i < rows->n; i++)
        places = rows->row[i].place >= places ? rows->row[i].place + 1 : places;
    np_event_row *row = np_arena_array(arena, np_event_row, rows->n + 2);
    size_t *index = np_arena_array(arena, size_t, places);
    int *side = np_arena_array(arena, int, places);
    if (row == NULL || index == NULL || side == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = choose_rows(row, &n, index, side, rows, spec, arena, err);
    if (status == NP_OK)
        status = split(&e, row, n, side, rows->reference, err);
    if (status == NP_OK)
        status = copy_out(&e, rows, row, n, index, arena, err);
    if (status == NP_OK)
        *out = e;
    return status;
}
