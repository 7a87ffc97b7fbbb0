/* What the labels of coders come to. */
#include "programme/coding.h"

#include "store/folder.h"

static np_status put_integer_too(a_folder *f, const char *kind, const char *id,
                                 const char *name, int64_t version)
{
    np_value value[64] = {{0}};
    np_record record = {.kind = np_kind_find(kind), .id = id, .value = value};
    value[np_kind_field(record.kind, "name")] = NP_VALUE_OF_TEXT(name);
    value[np_kind_field(record.kind, "version")] = NP_VALUE_OF_INTEGER(version);
    return np_store_put(f->store, &record, NULL, &f->err);
}

static void put_label(a_folder *f, const char *item, const char *category,
                      const char *coder)
{
    assert_ok(f, put_texts(f, NULL, "label", NULL, "item", item, "category", category,
                           "coder", coder, NULL));
}

static void put_scheme(a_folder *f)
{
    static const char *const code[] = {"money", "time", "staff"};
    begin(f);
    assert_ok(f, put_integer_too(f, "scheme", "hindrances", "Hindrances", 1));
    assert_ok(f, put_integer_too(f, "scheme", "other", "Another", 1));
    for (size_t c = 0; c < 3; c++)
        assert_ok(f, put_texts(f, NULL, "category", NULL, "scheme", "hindrances", "code",
                               code[c], "name", code[c], NULL));
    assert_ok(f, put_texts(f, NULL, "category", NULL, "scheme", "other", "code", "x",
                           "name", "x", NULL));
    for (char id[] = "a"; id[0] <= 'f'; id[0]++)
        assert_ok(f, put_texts(f, NULL, "item", id, "sort", "hindrance_local", "text",
                               "Lite tid", "period", "2014", NULL));
}

/* a: one coder; b: two that agree; c: two on one of two; d: two that do not agree, and
 * adjudicated; e: two that do not agree; f: of another scheme alone. */
static void put_all(a_folder *f)
{
    put_scheme(f);
    put_label(f, "a", "hindrances/money", "kari");
    put_label(f, "a", "hindrances/time", "kari");
    put_label(f, "b", "hindrances/time", "kari");
    put_label(f, "b", "hindrances/time", "ola");
    put_label(f, "c", "hindrances/time", "kari");
    put_label(f, "c", "hindrances/money", "kari");
    put_label(f, "c", "hindrances/time", "ola");
    put_label(f, "d", "hindrances/time", "kari");
    put_label(f, "d", "hindrances/money", "ola");
    put_label(f, "e", "hindrances/time", "kari");
    put_label(f, "e", "hindrances/staff", "ola");
    put_label(f, "f", "other/x", "kari");
    assert_ok(f, put_texts(f, NULL, "adjudication", NULL, "item", "d", "category",
                           "hindrances/staff", "decided_by", "anne", NULL));
    assert_ok(f, np_store_commit(f->store, &f->err));
}

static void the_settled_categories_follow_from_adjudication_then_agreement(void **state)
{
    a_folder *f = *state;
    static const struct {
        const char *item;
        np_settled_how how;
        const char *category[3];
    } wanted[] = {
        {"a", NP_SETTLED_ONE_CODER, {"hindrances/money", "hindrances/time"}},
        {"b", NP_SETTLED_AGREED, {"hindrances/time"}},
        {"c", NP_SETTLED_PARTLY, {"hindrances/time"}},
        {"d", NP_SETTLED_ADJUDICATED, {"hindrances/staff"}},
        {"e", NP_SETTLED_NOT, {NULL}},
    };
    put_all(f);
    np_settled settled;
    assert_ok(f, np_item_settled(&settled, f->store, "hindrances", f->arena, &f->err));
    assert_int_equal(settled.n_items, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(settled.item[i], wanted[i].item);
        assert_int_equal(settled.how[i], wanted[i].how);
        size_t n = settled.first[i + 1] - settled.first[i], n_wanted = 0;
        for (; wanted[i].category[n_wanted] != NULL; n_wanted++)
            assert_string_equal(settled.category[settled.first[i] + n_wanted],
                                wanted[i].category[n_wanted]);
        assert_int_equal(n, n_wanted);
    }
    assert_int_equal(np_settled_find(&settled, "d"), 3);
    assert_int_equal(np_settled_find(&settled, "f"), 5);
}

static void a_scheme_that_is_not_there_is_an_error(void **state)
{
    a_folder *f = *state;
    np_settled settled;
    assert_int_equal(np_item_settled(&settled, f->store, "none", f->arena, &f->err),
                     NP_E_UNKNOWN_NAME);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(the_settled_categories_follow_from_adjudication_then_agreement),
        test(a_scheme_that_is_not_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
