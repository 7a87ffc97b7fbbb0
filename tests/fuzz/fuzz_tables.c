/* The language of tables: any bytes give a plan that holds its promises, or problems that
 * say what and where; and a condition of the command line is one or says why it is none.
 */
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "evaluation/tabulation.h"

enum { BUDGET = 64 << 20 };

static void demand(bool holds)
{
    if (!holds)
        abort();
}

static void check_scope(const np_tab_scope *scope)
{
    for (size_t i = 0; i < scope->n; i++) {
        const np_tab_condition *c = &scope->item[i];
        demand(c->path.text != NULL);
        demand(c->path.sort > NP_TAB_YEAR || c->path.n > 0);
        demand(c->sort <= NP_WHERE_OTHER || c->n <= 1);
    }
}

static void check_statistic(const np_tab_statistic *s)
{
    demand(s->id != NULL && s->decimals >= -1 && s->decimals <= 10);
    demand(s->sort == NP_TAB_COUNT || s->sort >= NP_TAB_RATIO || s->path.text != NULL);
    demand(s->sort != NP_TAB_RATIO || s->part != NULL);
    demand((s->percent_of == NP_TAB_OF_TOTAL) == (s->total.text != NULL));
    check_scope(&s->where);
}

static void check_axis(const np_tab_axis *axis)
{
    for (size_t b = 0; b < axis->n; b++) {
        demand(axis->block[b].n <= NP_TAB_DEEPEST);
        for (size_t l = 0; l < axis->block[b].n; l++) {
            const np_tab_level *level = &axis->block[b].level[l];
            demand(level->sort != NP_TAB_BY || level->path.text != NULL);
            demand(level->sort != NP_TAB_SCHEME || level->scheme.text != NULL);
            for (size_t i = 0; i < level->n_flags; i++)
                demand(level->flag[i] < NP_TAB_N_FLAGS);
            for (size_t i = 0; i < level->n_values; i++)
                demand(level->value[i].n > 0 && level->value[i].id != NULL);
            for (size_t i = 0; i < level->n_statistics; i++)
                check_statistic(&level->statistic[i]);
        }
    }
}

static void check_table(const np_tabulation *t)
{
    demand(t->id[0] != '\0' && t->kind != NULL && t->n_show > 0);
    check_scope(&t->where);
    check_axis(&t->rows);
    check_axis(&t->columns);
    for (size_t i = 0; i < t->n_show; i++)
        check_statistic(&t->show[i]);
    for (size_t i = 0; i < t->n_totals; i++)
        check_statistic(&t->total[i]);
}

static void check_condition(const char *text, size_t length, np_arena *arena)
{
    np_error err = {0};
    np_tab_condition c = {0};
    char *copy = np_arena_copy_text(arena, text, strnlen(text, length));
    if (copy == NULL)
        return;
    np_status status =
        np_tabulation_condition(&c, np_kind_find("measurement"), copy, arena, &err);
    demand((status != NP_OK) == (err.message[0] != '\0'));
    if (status == NP_OK)
        check_scope(&(np_tab_scope){&c, 1});
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    np_arena *arena = np_arena_new(BUDGET);
    np_problems *problems = calloc(1, sizeof *problems);
    np_tabulation_plan plan = {0};
    np_error err = {0};
    demand(problems != NULL && arena != NULL);
    np_status status = np_tabulation_read_text(&plan, (const char *)bytes, length, "fuzz",
                                               problems, arena, &err);
    demand(status == err.status);
    if (status != NP_OK && status != NP_E_NO_MEMORY)
        demand(problems->n > 0);
    for (size_t i = 0; i < problems->n; i++)
        demand(problems->item[i].message[0] != '\0');
    for (size_t i = 0; status == NP_OK && i < plan.n; i++)
        check_table(&plan.table[i]);
    check_condition((const char *)bytes, length, arena);
    free(problems);
    np_arena_free(arena);
    return 0;
}
