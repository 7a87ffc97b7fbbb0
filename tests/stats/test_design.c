#include "support/check.h"

#include <string.h>

#include "stats/design.h"

/* Eight rows of two-letter units over four periods, with a gap and a missing cell. */
enum { N = 8 };
static const double y[N] = {1, 2, 4, 8, 3, 9, 27, 1}, x[N] = {1, 2, 3, 4, 5, NAN, 7, 8},
                    w[N] = {1, 1, 1, 1, 1, 1, 0, 1};
static const uint8_t x_missing[N] = {[5] = NP_MISSING_BLANK};
static const int64_t year[N] = {1, 2, 3, 4, 1, 2, 3, 5},
                     rel[N] = {-2, -1, 0, 1, -9, -9, -9, -9};
static const int32_t unit[N] = {1, 1, 1, 1, 0, 0, 0, 0},
                     alone[N] = {0, 0, 0, 0, 0, 0, 0, 1};
static const char *const unit_label[] = {"b", "a"};
static const np_dict units = {2, unit_label};

static const np_column columns[] = {
    {.name = "y", .uom = "", .type = NP_COLUMN_F64, .f64 = y},
    {.name = "x", .uom = "", .type = NP_COLUMN_F64, .f64 = x, .missing = x_missing},
    {.name = "w", .uom = "", .type = NP_COLUMN_F64, .f64 = w},
    {.name = "year", .uom = "", .type = NP_COLUMN_I64, .i64 = year},
    {.name = "rel", .uom = "", .type = NP_COLUMN_I64, .i64 = rel},
    {.name = "unit", .uom = "", .type = NP_COLUMN_TEXT, .code = unit, .dict = &units},
    {.name = "alone", .uom = "", .type = NP_COLUMN_TEXT, .code = alone, .dict = &units},
};
static const np_table table = {N, sizeof columns / sizeof *columns, columns};

static np_arena *arena;
static np_error err;

static int open_arena(void **state)
{
    (void)state;
    arena = np_arena_new(0);
    err = (np_error){0};
    return arena == NULL;
}

static int close_arena(void **state)
{
    (void)state;
    np_arena_free(arena);
    return 0;
}

static np_design built(const np_design_spec *spec)
{
    np_design d = {0};
    np_status status = np_design_build(&d, &table, spec, arena, &err);
    if (status != NP_OK)
        print_error("%s: %s\n", spec->formula, err.message);
    assert_int_equal(status, NP_OK);
    return d;
}

static np_design of(const char *formula)
{
    return built(&(np_design_spec){.formula = formula});
}

static void assert_terms(const np_regressors *r, const char *names)
{
    char all[1024] = "";
    for (size_t j = 0; j < r->k; j++) {
        strcat(all, j == 0 ? "" : " ");
        strcat(all, r->term[j]);
    }
    assert_string_equal(all, names);
}

static double cell(const np_design *d, size_t column, size_t row)
{
    const double *const *c;
    assert_int_equal(np_regressors_spread(&c, &d->x, d->n, arena, &err), NP_OK);
    return c[column][row];
}

static void a_column_as_it_stands_is_borrowed(void **state)
{
    (void)state;
    np_design d = of("y ~ w");
    assert_ptr_equal(d.y, y);
    assert_ptr_equal(d.x.block[1].value, w);
    assert_null(d.row);
    assert_int_equal(d.n, N);
}

static void missing_rows_are_counted_by_variable(void **state)
{
    (void)state;
    np_design d = of("log(y - 1) ~ x");
    assert_int_equal(d.n, 5); /* log(0) in rows 1 and 8, x missing in row 6 */
    assert_int_equal(d.n_dropped, 2);
    assert_string_equal(d.dropped[0].reason, "not finite: log(y - 1)");
    assert_int_equal(d.dropped[0].n_rows, 2);
    assert_string_equal(d.dropped[1].reason, "missing x");
    assert_int_equal(d.row[0], 1);
}

static void texts_and_factors_are_coded_against_their_first_level(void **state)
{
    (void)state;
    np_design d = of("y ~ w + unit + factor(year)");
    assert_terms(&d.x, "(Intercept) w unitb factor(year)2 factor(year)3 factor(year)4 "
                       "factor(year)5");
    assert_true(cell(&d, 2, 0) == 0 && cell(&d, 2, 4) == 1);
    d = of("y ~ 0 + unit + factor(year)");
    assert_terms(&d.x,
                 "unita unitb factor(year)2 factor(year)3 factor(year)4 factor(year)5");
    d = of("y ~ unit:w");
    assert_terms(&d.x, "(Intercept) unita:w unitb:w");
    d = of("y ~ unit*w");
    assert_terms(&d.x, "(Intercept) unitb w unitb:w");
    d = of("y ~ I(w > 0) | unit");
    assert_terms(&d.x, "I(w > 0)TRUE");
}

static void event_time_has_its_references(void **state)
{
    (void)state;
    np_design d = of("y ~ i(rel, ref = c(-1, -9)) | unit");
    assert_terms(&d.x, "rel::-2 rel::0 rel::1");
    assert_int_equal(d.x.block[0].kind, NP_BLOCK_DUMMIES);
    assert_true(d.x.block[0].level[0] == -2);
    assert_int_equal(d.x.block[0].column[3], 2);
    assert_int_equal(d.x.block[0].column[1], -1);
    d = of("y ~ i(rel, w, ref = -9)");
    assert_terms(&d.x, "(Intercept) rel::-2:w rel::-1:w rel::0:w rel::1:w");
    d = of("y ~ i(unit, i.year, keep2 = 1:2)");
    assert_terms(&d.x, "(Intercept) unit::a:year::1 unit::a:year::2 unit::b:year::1 "
                       "unit::b:year::2");
    d = of("y ~ i(unit)");
    assert_terms(&d.x, "(Intercept) unit::b");
}

static void lags_respect_gaps_in_the_panel(void **state)
{
    (void)state;
    np_design d = built(&(np_design_spec){
        .formula = "y ~ l(w, 1) + f(y, 1)", .panel_unit = "unit", .panel_time = "year"});
    /* unit a: years 2, 3 have both; unit b: year 2 only (4 is missing, so is x) */
    assert_int_equal(d.n, 3);
    assert_terms(&d.x, "(Intercept) l(w, 1) f(y, 1)");
    assert_true(cell(&d, 2, 0) == 4 && cell(&d, 2, 2) == 27);
    assert_string_equal(d.dropped[0].reason, "no such period in the panel: l(w, 1)");
}

static void singletons_fall_one_level_after_another(void **state)
{
    (void)state;
    /* row 8 is alone; without it year 5 is gone, and years 4 has one row */
    np_design d = of("y ~ w | alone + year");
    assert_int_equal(d.n, 6);
    assert_int_equal(d.fe[0].n_levels, 1);
    assert_int_equal(d.fe[1].n_levels, 3);
    assert_string_equal(d.dropped[0].reason, "alone in alone (singleton)");
    assert_string_equal(d.dropped[1].reason, "alone in year (singleton)");
    d = built(
        &(np_design_spec){.formula = "y ~ w | alone + year", .keep_singletons = true});
    assert_int_equal(d.n, N);
}

static void fixed_effects_join_and_take_slopes(void **state)
{
    (void)state;
    np_design_spec spec = {.formula = "y ~ w | unit^alone + unit[year] + unit[[x]]",
                           .keep_singletons = true};
    np_design d = built(&spec);
    const char *const *label;
    assert_int_equal(d.n_fe, 2);
    assert_string_equal(d.fe[0].name, "unit^alone");
    assert_int_equal(d.fe[0].n_levels, 3);
    assert_string_equal(d.fe[1].name, "unit");
    assert_int_equal(d.fe[1].n_slopes, 2);
    assert_true(d.fe[1].has_intercept);
    assert_int_equal(np_design_factor_labels(&label, &d, 0, arena, &err), NP_OK);
    assert_string_equal(label[0], "a_b");
}

static void weights_of_zero_drop_and_negative_ones_are_refused(void **state)
{
    (void)state;
    np_design d = built(&(np_design_spec){.formula = "y ~ 1", .weights = "w"});
    assert_int_equal(d.n, N - 1);
    assert_string_equal(d.dropped[0].reason, "weight 0");
    np_design_spec negative = {.formula = "y ~ 1", .weights = "~ w - (year == 5) * 3"};
    assert_int_equal(np_design_build(&d, &table, &negative, arena, &err), NP_E_RANGE);
    assert_string_equal(err.message, "row 8 is -2");
}

static void sun_and_abraham_leave_never_and_always_treated_out(void **state)
{
    (void)state;
    /* a is treated in 3; b's cohort 77 is no period: never treated */
    np_design d = of("y ~ sunab(ifelse(unit == 'a', 3, 77), year)");
    assert_terms(&d.x, "(Intercept) year::-2:cohort::3 year::0:cohort::3 "
                       "year::1:cohort::3");
    assert_non_null(d.sunab);
    assert_int_equal(d.sunab->first, 1);
    assert_true(d.sunab->relative[0] == -2 && d.sunab->cohort[0] == 3);
    d = of("y ~ sunab(ifelse(unit == 'a', 3, 1), year)");
    assert_int_equal(d.n, 4);
    assert_string_equal(d.dropped[0].reason, "always treated (sunab)");
}

static void wrong_input_is_refused_in_words(void **state)
{
    (void)state;
    static const struct {
        np_design_spec spec;
        np_status status;
        const char *message;
    } wrong[] = {
        {{.formula = "y ~ yeer"}, NP_E_UNKNOWN_NAME, NULL},
        {{.formula = "y ~ lug(x)"},
         NP_E_UNKNOWN_NAME,
         "formula, character 5: there is no function lug()"},
        {{.formula = "unit ~ x"}, NP_E_RANGE, NULL},
        {{.formula = "I(y * 0) ~ x"},
         NP_E_NOT_IDENTIFIED,
         "the outcome I(y * 0) is 0 in all 7 rows used"},
        {{.formula = "y ~ x", .subset = "year > 10"},
         NP_E_NOT_IDENTIFIED,
         "no rows are left of 8; most are left out for: outside the subset year > 10 (8 "
         "rows)"},
        {{.formula = "y ~ w", .panel_unit = "alone", .panel_time = "year"},
         NP_E_DUPLICATE,
         NULL},
        {{.formula = "y ~ i(rel, ref = 77)"}, NP_E_RANGE, NULL},
        {{.formula = "y ~ l(x)"}, NP_E_USAGE, NULL},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        np_design d;
        err = (np_error){0};
        np_status status = np_design_build(&d, &table, &wrong[i].spec, arena, &err);
        if (status != wrong[i].status)
            print_error("%s: %d %s\n", wrong[i].spec.formula, (int)status, err.message);
        assert_int_equal(status, wrong[i].status);
        if (wrong[i].message != NULL)
            assert_string_equal(err.message, wrong[i].message);
    }
}

static void the_variables_of_a_model_are_listed_once(void **state)
{
    (void)state;
    const char *const *name;
    size_t n;
    np_design_spec spec = {.formula = "log(y) ~ x:i(year, i.rel) | unit^year",
                           .weights = "~w",
                           .key = (const char *const[]){"alone^unit"},
                           .n_keys = 1};
    assert_int_equal(np_design_variables(&name, &n, &spec, arena, &err), NP_OK);
    const char *want[] = {"y", "x", "year", "rel", "unit", "w", "alone"};
    assert_int_equal(n, 7);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(name[i], want[i]);
}

static void allocation_failures_are_errors(void **state)
{
    (void)state;
    np_design_spec spec = {.formula = "y ~ x*unit + i(rel, ref = -9) | year[w]",
                           .weights = "w"};
    np_status status = NP_E_NO_MEMORY;
    for (size_t i = 1; status == NP_E_NO_MEMORY; i++) {
        np_design d;
        np_error e = {0};
        np_arena *small = np_arena_new(0);
        np_arena_fail_at(small, i);
        status = np_design_build(&d, &table, &spec, small, &e);
        np_arena_free(small);
        assert_true(i < 2000);
    }
    assert_int_equal(status, NP_OK);
}

#define on_an_arena(test) cmocka_unit_test_setup_teardown(test, open_arena, close_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        on_an_arena(a_column_as_it_stands_is_borrowed),
        on_an_arena(missing_rows_are_counted_by_variable),
        on_an_arena(texts_and_factors_are_coded_against_their_first_level),
        on_an_arena(event_time_has_its_references),
        on_an_arena(lags_respect_gaps_in_the_panel),
        on_an_arena(singletons_fall_one_level_after_another),
        on_an_arena(fixed_effects_join_and_take_slopes),
        on_an_arena(weights_of_zero_drop_and_negative_ones_are_refused),
        on_an_arena(sun_and_abraham_leave_never_and_always_treated_out),
        on_an_arena(wrong_input_is_refused_in_words),
        on_an_arena(the_variables_of_a_model_are_listed_once),
        on_an_arena(allocation_failures_are_errors),
    };
    return cmocka_run_group_tests_name("design", tests, NULL, NULL);
}
