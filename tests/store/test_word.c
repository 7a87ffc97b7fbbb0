/* The words of a text: folded, cut to their stem, with their places. */
#include "store/word.h"

#include <string.h>

#include "support/check.h"

static np_stemmer *stemmer;

static int make_stemmer(void **state)
{
    (void)state;
    stemmer = np_stemmer_new();
    return stemmer == NULL;
}

static int free_stemmer(void **state)
{
    (void)state;
    np_stemmer_free(stemmer);
    return 0;
}

/* The folded words, or their stems, divided by "|". */
static void check_words(const char *text, const char *wanted, bool stems)
{
    char got[512] = "";
    np_word word;
    size_t at = 0;
    while (np_word_next(&word, stemmer, text, strlen(text), &at)) {
        strcat(strcat(got, got[0] == '\0' ? "" : "|"), stems ? word.stem : word.folded);
        assert_true(word.start < word.end && word.end <= strlen(text));
    }
    assert_string_equal(got, wanted);
}

static void letters_and_digits_make_words(void **state)
{
    (void)state;
    check_words("HMS-arbeid, 2014/15 (og «mer»)…", "hms|arbeid|2014|15|og|mer", false);
    check_words("  ", "", false);
    check_words("", "", false);
    check_words("– … § % €", "", false);
}

static void capitals_become_small_and_norwegian_and_sami_letters_stay(void **state)
{
    (void)state;
    check_words("ÆRLIG Øvre ÅRSVERK", "ærlig|øvre|årsverk", false);
    check_words("ČÁHCI Ŋ ŠŽ ĐŦ", "čahci|ŋ|šž|đŧ", false);
    check_words("ΑΒΓ ПЛАН Ёж", "αβγ|план|ёж", false);
}

static void accents_of_stress_are_dropped(void **state)
{
    (void)state;
    check_words("idé komité à Müller garçon", "ide|komite|a|muller|garcon", false);
}

static void decomposed_letters_are_those_they_stand_for(void **state)
{
    (void)state;
    check_words("a\xcc\x8arsverk ide\xcc\x81", "årsverk|ide", false);
}

static void a_soft_hyphen_does_not_divide(void **state)
{
    (void)state;
    check_words("syke\xc2\xad"
                "fravær",
                "sykefravær", false);
}

static void forms_of_a_word_have_one_stem(void **state)
{
    (void)state;
    check_words("tiltak tiltaket tiltakene tiltakenes", "tiltak|tiltak|tiltak|tiltak",
                true);
    check_words("kommune kommunen kommuner kommunene", "kommun|kommun|kommun|kommun",
                true);
    check_words("Ledelse LEDELSEN", "led|led", true);
}

static void words_say_where_they_stand(void **state)
{
    (void)state;
    const char *text = "  Én æ";
    np_word word;
    size_t at = 0;
    assert_true(np_word_next(&word, stemmer, text, strlen(text), &at));
    assert_int_equal(word.start, 2);
    assert_int_equal(word.end, 5);
    assert_true(np_word_next(&word, stemmer, text, strlen(text), &at));
    assert_int_equal(word.start, 6);
    assert_false(np_word_next(&word, stemmer, text, strlen(text), &at));
}

static void a_word_that_never_ends_is_cut(void **state)
{
    (void)state;
    char text[2000];
    memset(text, 'a', sizeof text);
    np_word word;
    size_t at = 0;
    assert_true(np_word_next(&word, stemmer, text, sizeof text, &at));
    assert_int_equal(strlen(word.folded), NP_WORD_BYTES - 1);
    assert_int_equal(word.end, sizeof text);
    assert_false(np_word_next(&word, stemmer, text, sizeof text, &at));
}

static void bytes_that_are_no_utf_8_end_the_text(void **state)
{
    (void)state;
    check_words("god \xff dag", "god", false);
    check_words("god\xc3", "god", false);
}

static bool found(np_arena *arena, const char *phrase, const char *text)
{
    np_phrase p;
    np_words words;
    assert_int_equal(np_phrase_parse(&p, stemmer, phrase, strlen(phrase), arena, NULL),
                     NP_OK);
    assert_int_equal(np_words_of(&words, stemmer, text, strlen(text), arena, NULL),
                     NP_OK);
    return np_phrase_in(&p, &words);
}

static void phrases_are_found_in_any_form_and_in_their_order(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    assert_true(found(arena, "lite tid", "Det er for lite TIDEN til rådighet"));
    assert_false(found(arena, "lite tid", "tid er det lite av"));
    assert_false(found(arena, "lite tid", "lite"));
    assert_true(found(arena, "kurs*", "et lederkurs og kursing"));
    assert_false(found(arena, "kurs*", "et lederkurs"));
    assert_true(found(arena, "tiltakene*", "flere tiltak"));
    assert_false(found(arena, "", "flere tiltak"));
    assert_false(found(arena, "*", "flere tiltak"));
    np_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_and_digits_make_words),
        cmocka_unit_test(capitals_become_small_and_norwegian_and_sami_letters_stay),
        cmocka_unit_test(accents_of_stress_are_dropped),
        cmocka_unit_test(decomposed_letters_are_those_they_stand_for),
        cmocka_unit_test(a_soft_hyphen_does_not_divide),
        cmocka_unit_test(forms_of_a_word_have_one_stem),
        cmocka_unit_test(words_say_where_they_stand),
        cmocka_unit_test(a_word_that_never_ends_is_cut),
        cmocka_unit_test(bytes_that_are_no_utf_8_end_the_text),
        cmocka_unit_test(phrases_are_found_in_any_form_and_in_their_order),
    };
    return cmocka_run_group_tests(tests, make_stemmer, free_stemmer);
}
