#include "support/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "report/number.h"
#include "report/report.h"
#include "sample_result.h"

static np_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = np_arena_new(0);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    np_arena_free(arena);
    return 0;
}

static np_doc composed(const np_evaluation *evaluation, np_language language)
{
    np_doc doc = {0};
    np_error err = {0};
    assert_int_equal(np_report_compose(&doc, evaluation, language, arena, &err), NP_OK);
    return doc;
}

static const char *text_of(const np_evaluation *evaluation, np_language language)
{
    np_buf buf = {0};
    np_doc doc = composed(evaluation, language);
    for (size_t i = 0; i < doc.n; i++)
        if (doc.node[i].text != NULL)
            np_buf_format(&buf, "%s\n", doc.node[i].text);
    const char *text = np_arena_copy_text(arena, np_buf_done(&buf), buf.length);
    np_buf_free(&buf);
    return text;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The next number with a decimal sign, without its own sign; NULL: none left. */
static const char *next_decimal(const char *text, char sign, char out[32])
{
    for (; *text != '\0'; text++) {
        size_t whole = strspn(text, "0123456789");
        if (whole == 0)
            continue;
        size_t length = whole;
        if (text[whole] == sign && is_digit(text[whole + 1])) {
            length += 1 + strspn(text + whole + 1, "0123456789");
            snprintf(out, 32, "%.*s", (int)length, text);
            return text + length;
        }
        text += length - 1;
    }
    return NULL;
}

static bool stands_in(const char *text, const char *number, char sign)
{
    char one[32];
    while (text != NULL && (text = next_decimal(text, sign, one)) != NULL)
        if (strcmp(one, number) == 0)
            return true;
    return false;
}

static bool stands_in_a_table(const np_doc *doc, const char *number, char sign)
{
    for (size_t i = 0; i < doc->n; i++) {
        const np_doc_table *t = doc->node[i].table;
        for (size_t r = 0; t != NULL && r < t->n_rows; r++)
            for (size_t k = 0; k < t->row[r].n_cells; k++)
                if (stands_in(t->row[r].cell[k].text, number, sign))
                    return true;
        for (size_t k = 0; t != NULL && k < t->n_notes; k++)
            if (stands_in(t->note[k], number, sign))
                return true;
    }
    return false;
}

static void every_number_of_a_sentence_stands_in_a_table(void **state)
{
    (void)state;
    for (int language = NP_ENGLISH; language <= NP_NYNORSK; language++) {
        np_doc doc = composed(sample_result(), (np_language)language);
        char sign = np_decimal_sign((np_language)language), number[32];
        size_t n_checked = 0;
        for (size_t i = 0; i < doc.n; i++) {
            const np_doc_node *node = &doc.node[i];
            if (node->kind != NP_DOC_PARAGRAPH && node->kind != NP_DOC_LEAD)
                continue;
            for (const char *at = node->text;
                 (at = next_decimal(at, sign, number)) != NULL; n_checked++)
                if (!stands_in_a_table(&doc, number, sign))
                    fail_msg("%s stands in no table: %s", number, node->text);
        }
        assert_true(n_checked >= 30);
    }
}

static void every_printed_cell_is_its_value_rounded(void **state)
{
    (void)state;
    np_doc doc = composed(sample_result(), NP_ENGLISH);
    size_t n_checked = 0;
    for (size_t i = 0; i < doc.n; i++) {
        const np_doc_table *t = doc.node[i].table;
        for (size_t r = 0; t != NULL && r < t->n_rows; r++)
            for (size_t k = 0; k < t->row[r].n_cells; k++) {
                const np_doc_cell *cell = &t->row[r].cell[k];
                char number[32];
                if (isnan(cell->value) || next_decimal(cell->text, '.', number) == NULL ||
                    strchr(cell->text, '<') != NULL)
                    continue;
                double half =
                    0.5000001 * pow(10, -(double)strlen(strchr(number, '.') + 1));
                assert_true(fabs(fabs(cell->value) - atof(number)) <= half);
                bool minus = strstr(cell->text, "−") != NULL;
                assert_true(minus == (cell->value < 0 && atof(number) > 0));
                n_checked++;
            }
    }
    assert_true(n_checked > 100);
}

static void what_does_not_differ_is_not_called_an_effect(void **state)
{
    (void)state;
    const char *text = text_of(sample_result(), NP_BOKMAAL);
    assert_non_null(strstr(text, "0,67\u00a0prosentpoeng lavere enn modellen"));
    assert_non_null(strstr(text,
                           "er ikke statistisk forskjellig fra endringen hos de andre "
                           "på 5-prosentnivået. Den anslåtte forskjellen er "
                           "−0,05\u00a0prosentpoeng"));
    assert_non_null(strstr(text, "ensidig p\u00a0=\u00a00,031"));
    assert_non_null(strstr(text, "I 1 av 2 undergrupper"));
}

/* One effect of the sample with other numbers. */
static const np_evaluation *with_effect(np_effect effect)
{
    np_evaluation *e = np_arena_array(arena, np_evaluation, 1);
    np_question_result *q = np_arena_array(arena, np_question_result, 1);
    np_effect *copy = np_arena_array(arena, np_effect, 1);
    *e = *sample_result();
    *q = e->question[0];
    *copy = effect;
    q->effect = copy;
    q->n_effects = 1;
    q->n_event_studies = q->n_series = q->n_caveats = 0;
    e->question = q;
    e->n_questions = 1;
    return e;
}

static void the_direction_follows_the_sign(void **state)
{
    (void)state;
    np_effect effect = sample_result()->question[0].effect[0];
    effect.estimate = 0.67;
    effect.n_treated = 1;
    const char *text = text_of(with_effect(effect), NP_NYNORSK);
    assert_non_null(strstr(text, "0,67\u00a0prosentpoeng høgare"));
    assert_non_null(strstr(text, "1 deltakar og 318 andre"));
    assert_null(strstr(text, "lågare"));
}

static void adjusting_for_several_tests_can_turn_the_answer(void **state)
{
    (void)state;
    np_effect effect = sample_result()->question[0].effect[0];
    effect.p_value = 0.03;
    effect.p_adjusted = 0.21;
    effect.significant = false;
    const char *text = text_of(with_effect(effect), NP_ENGLISH);
    assert_non_null(strstr(text, "the effect is not statistically different from zero"));
    assert_non_null(strstr(text,
                           "adjusted for several tests by Holm's method it does not "
                           "(p\u00a0=\u00a00.210)"));
}

static void a_significant_effect_that_prints_as_zero_has_no_direction(void **state)
{
    (void)state;
    np_effect effect = sample_result()->question[0].effect[0];
    effect.estimate = -0.004;
    const char *text = text_of(with_effect(effect), NP_ENGLISH);
    assert_null(strstr(text, "lower than"));
    assert_null(strstr(text, "−0.00"));
}

static void a_refused_question_says_why(void **state)
{
    (void)state;
    const np_error why = {.status = NP_E_NOT_IDENTIFIED,
                          .message = "nobody participates"};
    np_effect effect = sample_result()->question[0].effect[0];
    effect.refused = &why;
    const char *text = text_of(with_effect(effect), NP_BOKMAAL);
    assert_non_null(strstr(text, "det finnes ikke noe anslag: nobody participates."));
}

static void simulated_data_are_said_before_anything_else(void **state)
{
    (void)state;
    np_doc doc = composed(sample_result(), NP_NYNORSK);
    assert_int_equal(doc.node[0].kind, NP_DOC_NOTICE);
    assert_string_equal(doc.node[0].text,
                        "Registerdataa i denne rapporten er simulerte.");
    assert_string_equal(doc.mark, "Simulerte data");
}

/* Every allocation fails once: either all is well or the status says so. */
static void a_report_without_memory_says_so(void **state)
{
    (void)state;
    for (size_t n = 1; n < 4000; n += n < 200 ? 1 : 37) {
        np_arena *small = np_arena_new(0);
        np_doc doc = {0};
        np_error err = {0};
        np_arena_fail_at(small, n);
        np_status status =
            np_report_compose(&doc, sample_result(), NP_BOKMAAL, small, &err);
        np_arena_fail_at(small, 0);
        if (status == NP_OK) {
            np_buf buf = {0};
            np_doc_render(&buf, &doc, NP_HTML);
            np_buf_free(&buf);
        } else {
            assert_int_equal(status, NP_E_NO_MEMORY);
        }
        np_arena_free(small);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_of_a_sentence_stands_in_a_table),
        cmocka_unit_test(every_printed_cell_is_its_value_rounded),
        cmocka_unit_test(what_does_not_differ_is_not_called_an_effect),
        cmocka_unit_test(the_direction_follows_the_sign),
        cmocka_unit_test(adjusting_for_several_tests_can_turn_the_answer),
        cmocka_unit_test(a_significant_effect_that_prints_as_zero_has_no_direction),
        cmocka_unit_test(a_refused_question_says_why),
        cmocka_unit_test(simulated_data_are_said_before_anything_else),
        cmocka_unit_test(a_report_without_memory_says_so),
    };
    return cmocka_run_group_tests_name("compose", tests, set_up, tear_down);
}
