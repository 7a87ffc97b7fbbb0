/* Labels are carried to the next version of a scheme as far as that can be known. */
#include "programme/coding_crosswalk.h"

#include "programme/coding.h"
#include "programme/coding_case.h"

static void object(void *context, const np_objection *o)
{
    size_t *n = context;
    *n += !o->warning;
    if (!o->warning)
        print_error("%s %s: %s\n", o->kind, o->id, o->message);
}

static np_coding_crosswalk carry(a_programme *f)
{
    size_t n_objections = 0;
    np_coding_crosswalk c;
    np_entry_options options = {.who = "anne",
                                .action = "crosswalk",
                                .why = "",
                                .sink = object,
                                .context = &n_objections};
    assert_ok(f, np_coding_crosswalk_carry(&c, f->store, "s1", "s2", &options, f->arena,
                                           &f->err));
    assert_int_equal(n_objections, 0);
    return c;
}

static bool is_there(a_programme *f, const char *kind, const char *id)
{
    return text_of(f, kind, id, "item") != NULL;
}

static void exact_and_broader_lines_carry_and_the_others_are_for_a_coder(void **state)
{
    a_programme *f = *state;
    put_schemes(f);
    begin_entry(f);
    put_label(f, "h1", "s1/time", "kari");
    put_label(f, "h2", "s1/anchoring", "kari");
    put_label(f, "h3", "s1/leader", "kari");
    put_label(f, "h4", "s1/other", "kari");
    commit_entry(f);
    np_coding_crosswalk c = carry(f);
    assert_int_equal(c.n_carried, 2);
    assert_true(is_there(f, "label", "h2/s2/anchoring/kari"));
    assert_true(is_there(f, "label", "h3/s2/people/kari"));
    assert_string_equal(text_of(f, "label", "h3/s2/people/kari", "note"), "s1: leader");
    assert_int_equal(count_of(f, "label"), 6);
    assert_int_equal(c.n_uncarried, 2);
    assert_string_equal(c.uncarried[0].item.id, "h1");
    assert_string_equal(np_coding_codes(c.uncarried[0].possible, &c.to, f->arena),
                        "money; time");
    assert_string_equal(c.uncarried[1].item.id, "h4");
    assert_int_equal(c.uncarried[1].possible, 0);
    for (size_t i = 0; i < c.from.n; i++)
        if (strcmp(c.from.category[i].code, "anchoring") == 0)
            assert_true(c.category[i].exact && c.category[i].n_labels == 1);
    /* A second time there is nothing to write. */
    c = carry(f);
    assert_int_equal(c.n_carried, 0);
    assert_int_equal(c.n_already, 2);
    assert_false(c.entry.written);
}

static void the_labels_of_others_wait_for_a_coder_who_has_to_look_again(void **state)
{
    a_programme *f = *state;
    put_schemes(f);
    begin_entry(f);
    put_label(f, "h1", "s1/time", "kari");
    put_label(f, "h1", "s1/anchoring", "ola");
    commit_entry(f);
    np_coding_crosswalk c = carry(f);
    assert_int_equal(c.n_carried, 0);
    assert_int_equal(c.n_waiting, 1);
    assert_int_equal(c.n_uncarried, 1);
    begin_entry(f);
    put_label(f, "h1", "s2/money", "kari");
    commit_entry(f);
    c = carry(f);
    assert_int_equal(c.n_carried, 1);
    assert_true(is_there(f, "label", "h1/s2/anchoring/ola"));
}

static void put_settled(a_programme *f, const char *item, const char *category)
{
    put_record(f, "adjudication", NULL, "item", item, "category", category, "decided_by",
               "anne", NULL);
}

static void a_settled_item_is_carried_with_the_labels_that_can_be(void **state)
{
    a_programme *f = *state;
    put_schemes(f);
    begin_entry(f);
    put_label(f, "h1", "s1/time", "kari");
    put_label(f, "h1", "s1/anchoring", "ola");
    put_settled(f, "h1", "s1/leader");
    commit_entry(f);
    np_coding_crosswalk c = carry(f);
    assert_int_equal(c.n_carried, 2);
    assert_int_equal(c.n_settled, 1);
    assert_int_equal(c.n_uncarried, 0);
    assert_true(is_there(f, "adjudication", "h1/s2/people"));
}

/* The labels alone would settle the item as "anchoring", which somebody decided it is
 * not. */
static void labels_do_not_settle_what_was_adjudicated_otherwise(void **state)
{
    a_programme *f = *state;
    put_schemes(f);
    begin_entry(f);
    put_label(f, "h1", "s1/anchoring", "kari");
    put_label(f, "h1", "s1/anchoring", "ola");
    put_settled(f, "h1", "s1/time");
    commit_entry(f);
    np_coding_crosswalk c = carry(f);
    assert_int_equal(c.n_carried, 0);
    assert_int_equal(c.n_uncarried, 3); /* two coders and the decision */
    np_settled settled;
    assert_ok(f, np_item_settled(&settled, f->store, "s2", f->arena, &f->err));
    assert_int_equal(settled.n_items, 0);
}

static void schemes_without_a_crosswalk_are_refused(void **state)
{
    a_programme *f = *state;
    size_t n = 0;
    np_coding_crosswalk c;
    np_entry_options options = {
        .who = "anne", .action = "crosswalk", .why = "", .sink = object, .context = &n};
    put_schemes(f);
    assert_int_equal(
        np_coding_crosswalk_carry(&c, f->store, "s2", "s1", &options, f->arena, &f->err),
        NP_E_NOT_IDENTIFIED);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(exact_and_broader_lines_carry_and_the_others_are_for_a_coder),
        test(the_labels_of_others_wait_for_a_coder_who_has_to_look_again),
        test(a_settled_item_is_carried_with_the_labels_that_can_be),
        test(labels_do_not_settle_what_was_adjudicated_otherwise),
        test(schemes_without_a_crosswalk_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
