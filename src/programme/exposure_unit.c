/* A unit: its spells side by side, and what of each period they fill. */
#include <math.h>
#include <stdlib.h>

#include "programme/exposure_internal.h"

static int32_t later(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static int32_t earlier(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int by_day(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

bool exposure_counts(const exposure_spells *s, size_t i)
{
    return (s->project < 0 || s->spell[i].project == s->project) &&
           s->spell[i].from <= s->spell[i].to;
}

exposure_spells exposure_spells_of(const exposure_panel *p, size_t unit, int32_t project)
{
    size_t low = 0, high = p->d.n_spells;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((size_t)p->d.spell[middle].unit < unit)
            low = middle + 1;
        else
            high = middle;
    }
    exposure_spells s = {p->d.n_spells > 0 ? p->d.spell + low : NULL, 0, project};
    while (low + s.n < p->d.n_spells && (size_t)p->d.spell[low + s.n].unit == unit)
        s.n++;
    return s;
}

/* Days on which some exposure_spells begin or no longer hold, in their order. */
static size_t find_edges(int32_t *edge, const exposure_spells *s)
{
    size_t n = 0, kept = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (!exposure_counts(s, i))
            continue;
        edge[n++] = s->spell[i].from;
        edge[n++] =
            s->spell[i].to == EXPOSURE_NEVER ? EXPOSURE_NEVER : s->spell[i].to + 1;
    }
    qsort(edge, n, sizeof *edge, by_day);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || edge[i] != edge[kept - 1])
            edge[kept++] = edge[i];
    return kept;
}

/* The largest share among the exposure_spells of the day; -1: there is none. A share that
 * is not known hides one that is only where it might be larger. */
static double largest_share(const exposure_spells *s, int32_t day)
{
    double most = -1;
    bool unknown = false;
    for (size_t i = 0; i < s->n; i++) {
        if (!exposure_counts(s, i) || s->spell[i].from > day || s->spell[i].to < day)
            continue;
        unknown = unknown || isnan(s->spell[i].share);
        most = fmax(most, s->spell[i].share);
    }
    return unknown && most < 1 ? NAN : most;
}

/* Days of the segment in each period, into exposure and dose as numbers of days. */
static void add_segment(exposure_panel *p, int32_t from, int32_t to, double share)
{
    for (size_t i = 0; i < p->n_base; i++) {
        int32_t first = later(from, p->base[i].first),
                last = earlier(to, p->base[i].last);
        if (first > last)
            continue;
        p->unit[i].exposure += last - first + 1;
        p->unit[i].dose += share * (last - first + 1);
    }
}

static void count_measures(exposure_panel *p, const exposure_spells *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const exposure_spell *x = &s->spell[i];
        for (size_t k = 0; exposure_counts(s, i) && k < p->n_base; k++) {
            if (x->from > p->base[k].last || x->to < p->base[k].first)
                continue;
            bool again = false;
            for (size_t j = 0; j < i && !again; j++)
                again = exposure_counts(s, j) && s->spell[j].measure == x->measure &&
                        s->spell[j].from <= p->base[k].last &&
                        s->spell[j].to >= p->base[k].first;
            p->unit[k].measures += !again;
            p->unit[k].n_covered = fmax(p->unit[k].n_covered, x->n_covered);
        }
    }
}

/* Days become shares of the days on which the unit exists. */
static void finish_unit(exposure_panel *p, const exposure_unit *unit)
{
    for (size_t i = 0; i < p->n_base; i++) {
        exposure_cell *c = &p->unit[i];
        int32_t first = later(unit->from, p->base[i].first),
                last = earlier(unit->to, p->base[i].last);
        c->units = first <= last;
        c->exposure = first <= last ? c->exposure / (last - first + 1) : NAN;
        c->dose = first <= last ? c->dose / (last - first + 1) : NAN;
        if (p->d.spec->windows && c->exposure > 0)
            c->exposure = 1;
        c->units_reached = c->exposure > 0;
        if (c->exposure == 0)
            c->n_covered = 0;
    }
}

void exposure_take_unit(exposure_panel *p, size_t unit, int32_t project)
{
    exposure_spells s = exposure_spells_of(p, unit, project);
    for (size_t i = 0; i < p->n_base; i++)
        p->unit[i] =
            (exposure_cell){.n_covered = NAN, .n_employees = p->d.unit[unit].n_employees};
    size_t n = find_edges(p->edge, &s);
    for (size_t i = 0; i + 1 < n; i++) {
        double share = largest_share(&s, p->edge[i]);
        if (!(share < 0))
            add_segment(p, p->edge[i], p->edge[i + 1] - 1, share);
    }
    count_measures(p, &s);
    finish_unit(p, &p->d.unit[unit]);
}
