/* CR2 and CR3 where an absorbed factor does not lie within the clusters: the numbers of
 * the dummies written out. */
#include "stats/linear_panel.h"

enum { UNITS = 21, PERIODS = 6 };

static const char *const term_with_periods[] = {
    "x1", "x2", "x3", "period1", "period2", "period3", "period4", "period5"};

/* The same panel with the periods, less the first, among the regressors. */
typedef struct {
    np_block block[4];
    np_design design;
    int32_t *column;
} written_out;

static void write_out(written_out *w, const panel *p, np_arena *arena)
{
    w->column = np_arena_array(arena, int32_t, p->n);
    for (size_t i = 0; i < p->n; i++)
        w->column[i] = p->period[i] - 1; /* -1: none */
    memcpy(w->block, p->block, 3 * sizeof *w->block);
    w->block[3] = (np_block){.kind = NP_BLOCK_DUMMIES,
                             .first = 3,
                             .n_columns = PERIODS - 1,
                             .column = w->column,
                             .variable = "period"};
    w->design = p->design;
    w->design.x = (np_regressors){.k = 3 + PERIODS - 1,
                                  .n_blocks = 4,
                                  .block = w->block,
                                  .term = term_with_periods};
}

static void assert_same_terms(const np_design *absorbed, const np_design *dummies,
                              const char *vcov, np_arena *arena)
{
    np_linear_spec spec = {0};
    outcome a = estimated(absorbed, &spec, vcov, arena);
    outcome b = estimated(dummies, &spec, vcov, arena);
    size_t k = b.fit.fit.k;
    assert_int_equal(a.fit.fit.k, 3);
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 3; j++)
            assert_digits(a.vcov.vcov[i * 3 + j], b.vcov.vcov[i * k + j], 9);
        assert_digits(a.vcov.df[i], b.vcov.df[i], 9);
    }
}

static void assert_equal_in_panel(size_t n_fe, bool weighted)
{
    static const char *const vcov[] = {"CR2 ~ unit", "CR3 ~ unit", "CR2 ~ state",
                                       "CR3 ~ state"};
    np_arena *arena = np_arena_new(0);
    panel p = panel_new(arena, UNITS, PERIODS, 8);
    panel_shuffle(&p, arena, 5);
    panel_link(&p, 2, false);
    if (weighted)
        p.design.weight = p.weight;
    written_out w;
    write_out(&w, &p, arena);
    /* a third factor, the states: within the clusters of states, and no finer than units
     */
    p.fe[2] = (np_factor){
        .name = "state", .code = p.state, .n_levels = 7, .has_intercept = true};
    const np_factor absorbed[3] = {p.fe[0], p.fe[2], p.fe[1]};
    p.design.fe = w.design.fe = absorbed;
    w.design.n_fe = n_fe - 1;
    p.design.n_fe = n_fe;
    if (n_fe == 2)
        p.design.fe = p.fe;
    for (size_t i = 0; i < sizeof vcov / sizeof *vcov; i++)
        assert_same_terms(&p.design, &w.design, vcov[i], arena);
    np_arena_free(arena);
}

static void periods_are_spread_out_where_units_are_the_clusters(void **state)
{
    (void)state;
    assert_equal_in_panel(2, false);
}

static void with_weights_as_well(void **state)
{
    (void)state;
    assert_equal_in_panel(2, true);
}

/* The dummies come as columns then, by the absorber. For clusters of units the sectors
 * are no finer, and stay absorbed too. */
static void with_several_factors_that_stay_absorbed(void **state)
{
    (void)state;
    assert_equal_in_panel(3, false);
    assert_equal_in_panel(3, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(periods_are_spread_out_where_units_are_the_clusters),
        cmocka_unit_test(with_weights_as_well),
        cmocka_unit_test(with_several_factors_that_stay_absorbed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
