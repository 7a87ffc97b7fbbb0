#include "programme/crosswalk.h"

#include <string.h>

#include "store/query.h"

enum { MOST_STEPS = 32 };

typedef struct {
    np_rows step; /* source, source.template, target, relation, note */
    const char *from;
} crosswalk;

static np_carries carries_of(const char *relation)
{
    return strcmp(relation, "same") == 0        ? NP_CARRIES_SAME
           : strcmp(relation, "converted") == 0 ? NP_CARRIES_CONVERTED
                                                : NP_CARRIES_NOT;
}

/* Back along the steps from a question of `to`; false where no way leads to `from`. */
static bool trace(np_carried *out, const crosswalk *w, const char *question,
                  unsigned depth)
{
    for (size_t i = 0; i < w->step.n_rows && depth < MOST_STEPS; i++) {
        if (strcmp(np_rows_text(&w->step, i, 2), question) != 0)
            continue;
        np_carried before = {.source = np_rows_text(&w->step, i, 0)};
        const char *note = np_rows_text(&w->step, i, 4);
        np_carries step = carries_of(np_rows_text(&w->step, i, 3));
        if (strcmp(np_rows_text(&w->step, i, 1), w->from) != 0 &&
            !trace(&before, w, before.source, depth + 1))
            continue;
        out->source = before.source;
        out->carries = step > before.carries ? step : before.carries;
        out->note = note != NULL ? note : before.note;
        return true;
    }
    return false;
}

np_status np_crosswalk_questions(const np_carried **out, size_t *n, np_store *store,
                                 const char *from, const char *to, np_arena *arena,
                                 np_error *err)
{
    crosswalk w = {.from = from};
    np_rows question;
    np_status status =
        np_store_rows(&question, store, "question", "id", "template", to, arena, err);
    if (status == NP_OK)
        status = np_store_rows(&w.step, store, "question_crosswalk",
                               "source source.template target relation note", NULL, NULL,
                               arena, err);
    if (status != NP_OK)
        return status;
    np_carried *carried = np_arena_array(arena, np_carried, question.n_rows);
    if (carried == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    *n = 0;
    for (size_t i = 0; i < question.n_rows; i++) {
        const char *id = np_rows_text(&question, i, 0);
        np_carried c = {.source = id, .target = id};
        if (strcmp(from, to) == 0 || trace(&c, &w, id, 0))
            carried[(*n)++] = c;
    }
    *out = carried;
    return NP_OK;
}
