/* How far coders agree, from labels in the records. */
#include "evaluation/coder_agreement.h"

#include "programme/coding_case.h"

static const char *const code[] = {"s1/time", "s1/anchoring", "s1/leader", "s1/other"};

/* A digit for each of the items h1 … h5: the category, "-" for none. */
static void put_coder(a_programme *f, const char *coder, const char *given)
{
    begin_entry(f);
    for (size_t i = 0; given[i] != '\0'; i++) {
        char item[] = {'h', (char)('1' + (int)i), '\0'};
        if (given[i] != '-')
            put_label(f, item, code[given[i] - '0'], coder);
    }
    commit_entry(f);
}

static np_coder_agreement compute(a_programme *f, const np_coder_agreement_spec *spec)
{
    np_coder_agreement a;
    assert_ok(f, np_coder_agreement_compute(&a, f->store, "s1", spec, f->arena, &f->err));
    return a;
}

/* The categories stand by position and code: time, anchoring, leader, other.
 * kari 0 1 2 0 1, ola 0 1 2 1 1: po = 4/5, pe = (2·1 + 2·3 + 1·1)/25 = 9/25. */
static void kappa_is_that_of_the_labels(void **state)
{
    a_programme *f = *state;
    put_schemes(f);
    put_coder(f, "kari", "01201");
    put_coder(f, "ola", "01211");
    np_coder_agreement a = compute(f, &(np_coder_agreement_spec){.n_draws = 100});
    assert_int_equal(a.n_items, 5);
    assert_int_equal(a.n_twice, 5);
    assert_digits(a.equal, 0.8, 12);
    assert_string_equal(a.measure[0].name, "Cohen's kappa");
    assert_digits(a.measure[0].value, (4.0 / 5 - 9.0 / 25) / (16.0 / 25), 12);
    assert_true(a.measure[0].conf_low < a.measure[0].value);
    assert_string_equal(a.measure[1].name, "Krippendorff's alpha");
    /* Do = 2/10; De = (10^2 - 3^2 - 5^2 - 2^2 ...) by counts 3, 5, 2: 1 - (3·2 + 5·4 +
     * 2·1)/90 = 62/90 */
    assert_digits(a.measure[1].value, 1 - 0.2 / (62.0 / 90), 12);
    assert_int_equal(a.n_disagreed, 1);
    assert_string_equal(a.labels.item[a.disagreed[0]], "h4");
    assert_int_equal(a.confusion[0 * 4 + 1], 1);
    assert_int_equal(a.confusion[1 * 4 + 1], 2);
    assert_int_equal(a.confusion[1 * 4 + 0], 0);
}

/* Of the 5 times that one of the two gave "anchoring" (2 and 3) the other did in 4. */
static void each_category_has_its_agreement(void **state)
{
    a_programme *f = *state;
    put_schemes(f);
    put_coder(f, "kari", "01201");
    put_coder(f, "ola", "01211");
    np_coder_agreement a = compute(f, &(np_coder_agreement_spec){.n_draws = 100});
    assert_int_equal(a.category[1].n_given[0], 2);
    assert_int_equal(a.category[1].n_given[1], 3);
    assert_digits(a.category[1].agreed, 4.0 / 5, 12);
    assert_digits(a.category[2].agreed, 1, 12);
    assert_true(isnan(a.category[3].agreed));
    assert_non_null(a.category[3].kappa.why_not);
}

static void more_than_two_coders_have_fleiss_kappa_and_pairs(void **state)
{
    a_programme *f = *state;
    put_schemes(f);
    put_coder(f, "kari", "01201");
    put_coder(f, "ola", "01211");
    put_coder(f, "per", "012--");
    np_coder_agreement a = compute(f, &(np_coder_agreement_spec){.n_draws = 100});
    assert_string_equal(a.measure[0].name, "Fleiss' kappa");
    assert_int_equal(a.n_pairs, 3);
    assert_int_equal(a.pair[1].n, 3);
    assert_digits(a.pair[1].kappa.value, 1, 12);
    const char *const two[] = {"kari", "ola"};
    np_coder_agreement_spec spec = {.filter = {.coder = two, .n_coders = 2},
                                    .n_draws = 100};
    a = compute(f, &spec);
    assert_string_equal(a.measure[0].name, "Cohen's kappa");
    spec.filter.period = "2013";
    a = compute(f, &spec);
    assert_int_equal(a.n_twice, 1);
    assert_non_null(a.measure[0].why_not); /* one category, no variation */
}

/* {time}, {time, money} against {time}, {money}: Jaccard of the second 1/2. */
static void sets_of_categories_are_compared_by_their_overlap(void **state)
{
    a_programme *f = *state;
    put_schemes(f);
    begin_entry(f);
    put_label(f, "h1", "s2/time", "kari");
    put_label(f, "h2", "s2/time", "kari");
    put_label(f, "h2", "s2/money", "kari");
    put_label(f, "h1", "s2/time", "ola");
    put_label(f, "h2", "s2/money", "ola");
    commit_entry(f);
    np_coder_agreement a;
    assert_ok(f, np_coder_agreement_compute(&a, f->store, "s2",
                                            &(np_coder_agreement_spec){.n_draws = 100},
                                            f->arena, &f->err));
    assert_digits(a.equal, 0.5, 12);
    assert_digits(a.overlap, 0.75, 12);
    assert_string_equal(a.measure[0].variant, "jaccard");
    assert_string_equal(a.measure[1].variant, "masi");
    assert_null(a.confusion);
    /* Labels t, t, tm, m: Do = 1/4 · 2 · 1/2 = 1/4. Distances: t-tm 1/2, t-m 1, tm-m
     * 1/2; De = 2 (2·1·1/2 + 2·1·1 + 1·1·1/2) / 12 = 7/12. */
    assert_digits(a.measure[0].value, 1 - (1.0 / 4) / (7.0 / 12), 12);
}

static void labels_of_one_coder_have_no_agreement(void **state)
{
    a_programme *f = *state;
    np_coder_agreement a;
    put_schemes(f);
    put_coder(f, "kari", "01201");
    put_coder(f, "ola", "-----");
    assert_int_equal(np_coder_agreement_compute(&a, f->store, "s1",
                                                &(np_coder_agreement_spec){0}, f->arena,
                                                &f->err),
                     NP_E_NOT_IDENTIFIED);
    assert_non_null(strstr(f->err.hint, "--sample"));
    const char *const nobody[] = {"kari", "nils"};
    np_coder_agreement_spec spec = {.filter = {.coder = nobody, .n_coders = 2}};
    f->err = (np_error){0};
    assert_int_equal(
        np_coder_agreement_compute(&a, f->store, "s1", &spec, f->arena, &f->err),
        NP_E_UNKNOWN_NAME);
    assert_non_null(strstr(f->err.message, "nils"));
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(kappa_is_that_of_the_labels),
        test(each_category_has_its_agreement),
        test(more_than_two_coders_have_fleiss_kappa_and_pairs),
        test(sets_of_categories_are_compared_by_their_overlap),
        test(labels_of_one_coder_have_no_agreement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
