#include "support/check.h"

#include <string.h>

#include "stats/formula_terms.h"

static np_arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = np_arena_new(0);
    return arena == NULL;
}

static int close_arena(void **state)
{
    (void)state;
    np_arena_free(arena);
    return 0;
}

/* The terms of a right-hand side, each as its factors joined by ":", in one text. */
static const char *terms_of(const char *text)
{
    static char out[1024];
    np_formula f;
    np_terms t;
    np_error err = {0};
    if (np_formula_parse(&f, text, arena, &err) != NP_OK ||
        np_terms_expand(&t, f.terms, arena, &err) != NP_OK)
        return strcpy(out, err.message);
    strcpy(out, t.intercept ? "1" : "0");
    for (size_t i = 0; i < t.n; i++)
        for (size_t j = 0; j < t.term[i].n; j++) {
            strcat(out, j == 0 ? " " : ":");
            strcat(out, np_expr_text(t.factor[t.term[i].factor[j]], arena));
        }
    return out;
}

static void terms_follow_the_algebra_of_wilkinson_and_rogers(void **state)
{
    (void)state;
    assert_string_equal(terms_of("y ~ a + b + a"), "1 a b");
    assert_string_equal(terms_of("y ~ a*b"), "1 a b a:b");
    assert_string_equal(terms_of("y ~ a:b + a"), "1 a a:b");
    assert_string_equal(terms_of("y ~ (a + b + c)^2"), "1 a b c a:b a:c b:c");
    assert_string_equal(terms_of("y ~ a*b*c - a:b:c"), "1 a b c a:b a:c b:c");
    assert_string_equal(terms_of("y ~ a/b"), "1 a a:b");
    assert_string_equal(terms_of("y ~ a - 1"), "0 a");
    assert_string_equal(terms_of("y ~ 0 + a"), "0 a");
    assert_string_equal(terms_of("y ~ -1 + a"), "0 a");
    assert_string_equal(terms_of("y ~ 1"), "1");
}

static void terms_are_named_as_r_prints_them(void **state)
{
    (void)state;
    assert_string_equal(terms_of("y ~ log( wage )+x^2"), "1 log(wage) I(x^2)");
    assert_string_equal(terms_of("y ~ I(x==\"a\")"), "1 I(x == \"a\")");
    assert_string_equal(terms_of("y ~ poly(x,2,raw=TRUE)"), "1 poly(x, 2, raw = TRUE)");
    assert_string_equal(terms_of("y ~ i(f,ref=c(-1,-1000))"),
                        "1 i(f, ref = c(-1, -1000))");
    assert_string_equal(terms_of("y ~ GNP.deflator + `a b`"), "1 GNP.deflator a b");
    assert_string_equal(terms_of("y ~ I(a %in% c('x','y') & !b)"),
                        "1 I(a %in% c(\"x\", \"y\") & !b)");
}

static void lags_become_a_term_each(void **state)
{
    (void)state;
    assert_string_equal(terms_of("y ~ l(x, 0:2)"), "1 x l(x, 1) l(x, 2)");
    assert_string_equal(terms_of("y ~ l(x, -1:1)"), "1 f(x, 1) x l(x, 1)");
    assert_string_equal(terms_of("y ~ f(x) + d(x)"), "1 f(x, 1) d(x, 1)");
}

static void operators_bind_as_in_r(void **state)
{
    (void)state;
    const np_expr *e;
    assert_int_equal(np_expr_parse(&e, "-a^2^b + c*d", arena, NULL), NP_OK);
    assert_true(np_expr_is_operator(e, "+"));
    assert_int_equal(e->argument[0]->kind, NP_EXPR_UNARY);
    const np_expr *power = e->argument[0]->argument[0];
    assert_string_equal(np_expr_text(power->argument[0], arena), "a");
    assert_string_equal(np_expr_text(power->argument[1], arena), "2^b");
    assert_int_equal(np_expr_parse(&e, "a | b & c == 1:2", arena, NULL), NP_OK);
    assert_true(np_expr_is_operator(e, "|"));
    assert_true(np_expr_is_operator(e->argument[1], "&"));
}

static void terms_are_written_as_r_writes_them(void **state)
{
    (void)state;
    const np_expr *e;
    assert_int_equal(np_expr_parse(&e, "log( a /b )+exp(-x/100)*I(c%%2)", arena, NULL),
                     NP_OK);
    assert_string_equal(np_expr_text(e, arena), "log(a/b) + exp(-x/100) * I(c%%2)");
}

static void the_parts_of_a_formula_are_told_apart(void **state)
{
    (void)state;
    np_formula f;
    assert_int_equal(
        np_formula_parse(&f, "y ~ x | a + b^c + u[t] | e ~ z1 + z2", arena, NULL), NP_OK);
    assert_string_equal(np_expr_text(f.fixed_effects, arena), "a + b^c + u[t]");
    assert_string_equal(np_expr_text(f.endogenous, arena), "e");
    assert_string_equal(np_expr_text(f.instrument, arena), "z1 + z2");
    assert_int_equal(np_formula_parse(&f, "y ~ x | e ~ z", arena, NULL), NP_OK);
    assert_null(f.fixed_effects);
    assert_non_null(f.instrument);
    assert_int_equal(np_formula_parse(&f, "y ~ I(a | b)", arena, NULL), NP_OK);
    assert_null(f.fixed_effects);
}

static void a_wrong_formula_says_at_which_character(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t column;
    } wrong[] = {{"y ~ x + * z", 9}, {"y ~ ", 5},           {"y x", 3},
                 {"y ~ log(x", 10},  {"y ~ x)", 6},         {"y ~ 'a", 5},
                 {"y ~ x |", 8},     {"y ~ a | b | c", 11}, {"y ~ f(x,)", 9},
                 {"å ~ x $ z", 7},   {"y ~ x ~ z", 7},      {"y ~ u[", 7},
                 {"y ~ x z", 7}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        np_formula f;
        np_error err = {0};
        assert_int_equal(np_formula_parse(&f, wrong[i].text, arena, &err), NP_E_PARSE);
        if (err.column != wrong[i].column)
            print_error("%s: %u, %s\n", wrong[i].text, err.column, err.message);
        assert_int_equal(err.column, wrong[i].column);
    }
}

static void deep_nesting_is_refused_and_not_a_crash(void **state)
{
    (void)state;
    char text[4096] = "y ~ ";
    memset(text + 4, '(', 3000);
    np_formula f;
    np_error err = {0};
    assert_int_equal(np_formula_parse(&f, text, arena, &err), NP_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms_follow_the_algebra_of_wilkinson_and_rogers),
        cmocka_unit_test(terms_are_named_as_r_prints_them),
        cmocka_unit_test(lags_become_a_term_each),
        cmocka_unit_test(operators_bind_as_in_r),
        cmocka_unit_test(terms_are_written_as_r_writes_them),
        cmocka_unit_test(the_parts_of_a_formula_are_told_apart),
        cmocka_unit_test(a_wrong_formula_says_at_which_character),
        cmocka_unit_test(deep_nesting_is_refused_and_not_a_crash),
    };
    return cmocka_run_group_tests_name("formula", tests, open_arena, close_arena);
}
