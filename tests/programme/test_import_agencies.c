/* Files as agencies have them become records by mappings. They lie beside the repository
 * and not in it: where they are missing, the tests are skipped. */
#include "programme/folder.h"

static const char *shared_path(const char *name)
{
    static char path[4][1024];
    static int turn;
    char *out = path[turn++ % 4];
    const char *shared = getenv("NULLPUNKT_SHARED");
    snprintf(out, sizeof path[0], "%s/data/%s",
             shared != NULL ? shared : NP_DOCS "/../../shared", name);
    if (access(out, R_OK) != 0)
        skip();
    return out;
}

static void import_shared(a_programme *f, const char *mapping, const char *name)
{
    static np_problems problems;
    np_mapping *m = np_arena_array(f->arena, np_mapping, 1);
    problems = (np_problems){0};
    assert_ok(f, np_mapping_read_text(m, mapping, strlen(mapping), "m.yaml", f->arena,
                                      &problems, &f->err));
    for (size_t i = 0; i < problems.n; i++)
        print_error("%u: %s\n", problems.item[i].line, problems.item[i].message);
    assert_int_equal(problems.n_seen, 0);
    np_import_source source = {.path = shared_path(name), .mapping = m};
    assert_ok(f, import_sources(f, &source, 1, false));
}

/* Every name that a code has had is an organisation of its own, with its days. */
#define NODES                                                                            \
    "kind: organisation\n"                                                               \
    "columns:\n"                                                                         \
    "  id: {pattern: '{code}.{variant}'}\n"                                              \
    "  code: code\n"                                                                     \
    "  name: name\n"                                                                     \
    "  sort: {constant: municipality}\n"                                                 \
    "  valid_from: valid_from\n"                                                         \
    "  valid_to: {column: valid_to, exclusive: yes}\n"                                   \
    "ignore: [node_id]\n"

static void put_indicators(a_programme *f)
{
    np_store_entry entry = {.who = "kari", .action = "definition", .why = ""};
    const char *const id[] = {"payments", "unemployed", "population"};
    assert_ok(f, np_store_begin(f->store, &entry, &f->err));
    put_record(f, "programme", "sammen", "name", "Sammen", "starts", "1986-01-01", "ends",
               "2027-12-31", NULL);
    for (size_t i = 0; i < 3; i++)
        put_record(f, "indicator", id[i], "name", id[i], "version", "1", "definition",
                   "As the agency has it.", "uom", "number", "level", "result",
                   "direction", "lower", "sort", "number", "period",
                   i == 1 ? "month" : "year", "across_organisations", "none",
                   "across_units", "none", "across_periods", "none", NULL);
    assert_ok(f, np_store_commit(f->store, &f->err));
}

static void municipalities_have_their_codes_names_and_days(void **state)
{
    a_programme *f = *state;
    import_shared(f, NODES, "kommunekoder_klass131/klass131_noder.csv");
    assert_int_equal(f->import.n_problems, 0);
    assert_int_equal(count_of(f, "organisation"), 2000);
    assert_string_equal(text_of(f, "organisation", "0101.3", "valid_to"), "2019-12-31");
    assert_string_equal(text_of(f, "organisation", "3101.1", "valid_to"), "");
    assert_string_equal(text_of(f, "organisation", "0301.1", "name"), "Christiania");
}

/* Halden: 0101 until 2019, 3001, and 3101 from 2024. */
static void what_became_of_municipalities_is_looked_up_on_the_day(void **state)
{
    a_programme *f = *state;
    import_shared(f, NODES, "kommunekoder_klass131/klass131_noder.csv");
    import_shared(f,
                  "kind: organisation_change\n"
                  "columns:\n"
                  "  predecessor:\n"
                  "    column: from_code\n"
                  "    lookup: {by: code, on: 2023-12-31}\n"
                  "  successor:\n"
                  "    column: to_code\n"
                  "    lookup: {by: code, on: '{change_date}'}\n"
                  "  date: change_date\n"
                  "  sort: {constant: renumbering}\n"
                  "where:\n"
                  "- {column: change_date, is: '2024-01-01'}\n"
                  "- {column: to_code, is_not: '{from_code}'}\n"
                  "ignore: rest\n",
                  "kommunekoder_klass131/klass131_endringer.csv");
    assert_int_equal(f->import.n_problems, 0);
    assert_int_equal(count_of(f, "organisation_change"), 115);
    assert_string_equal(text_of(f, "organisation_change", "3001.1/3101.1", "date"),
                        "2024-01-01");
}

#define PAYMENTS                                                                         \
    "kind: measurement\n"                                                                \
    "columns:\n"                                                                         \
    "  indicator: {constant: payments}\n"                                                \
    "  organisation: {column: knr, lookup: {by: code, on: '{year}-01-01'}}\n"            \
    "  period: year\n"                                                                   \
    "  value: user_payment_hbc\n"                                                        \
    "ignore: [kname]\n"                                                                  \
    "where:\n"                                                                           \
    "- {column: user_payment_hbc, is_not: NA}\n"

/* 6202 rows, of them 185 NA; three are of Longyearbyen, which is no municipality. */
static void payments_of_municipalities_by_code_and_year(void **state)
{
    a_programme *f = *state;
    const char *name = "kostra_omsorg_kommune/t05065_brukerbetaling_hjemmetjeneste.csv";
    put_indicators(f);
    import_shared(f, NODES, "kommunekoder_klass131/klass131_noder.csv");
    import_shared(f, PAYMENTS, name);
    assert_int_equal(f->import.n_problems, 3);
    assert_true(was_told(f, "knr: lookup: no organisation has the code 2111"));
    assert_int_equal(count_of(f, "measurement"), 0);
    import_shared(f, PAYMENTS "- {column: knr, is_not: '2111'}\n", name);
    assert_int_equal(f->import.n_problems, 0);
    assert_int_equal(count_of(f, "measurement"), 6202 - 185 - 3);
    assert_true(number_of(f, "measurement", "payments/-/0101.3/-/-/2003/-", "value") ==
                2612);
}

#define UNEMPLOYED                                                                       \
    "kind: measurement\n"                                                                \
    "columns:\n"                                                                         \
    "  indicator: {constant: unemployed}\n"                                              \
    "  organisation: {column: Geografisk enhet, lookup: {by: name, on: '{Dato}'}}\n"     \
    "  period: {column: Dato, as: month}\n"                                              \
    "  value: {column: Antall personer, blank: suppressed}\n"                            \
    "ignore: rest\n"                                                                     \
    "where:\n"                                                                           \
    "- {column: Nivå, is: Telemark kommuner}\n"                                         \
    "- {column: Arbeidsmarkedsstatus, is: Helt ledige}\n"                                \
    "- {column: Kjønn, is: Begge kjønn}\n"

/* Midt-Telemark came to be in 2020, and the file has it from 2011 on: 9 years of months.
 */
static void the_unemployed_of_telemark_by_name_and_month(void **state)
{
    a_programme *f = *state;
    const char *name = "nav_ledighet_telemark/arbeidsledighet.csv";
    put_indicators(f);
    import_shared(f, NODES, "kommunekoder_klass131/klass131_noder.csv");
    import_shared(f, UNEMPLOYED, name);
    assert_int_equal(f->import.n_problems, 108);
    assert_true(was_told(f, "lookup: no organisation has the name Midt-Telemark"));
    import_shared(f, UNEMPLOYED "- {column: Geografisk enhet, is_not: Midt-Telemark}\n",
                  name);
    assert_int_equal(f->import.n_problems, 0);
    assert_int_equal(count_of(f, "measurement"), 2896);
    /* Skien changed its code with the county in 2020. */
    assert_true(
        number_of(f, "measurement", "unemployed/-/0806.2/-/-/201101/-", "value") == 1073);
    assert_true(
        number_of(f, "measurement", "unemployed/-/3807.1/-/-/202101/-", "value") == 1325);
}

/* Figures of 1986 by the codes of 2024: codes that did not exist that year. */
static void codes_that_did_not_exist_that_year_are_refused(void **state)
{
    a_programme *f = *state;
    put_indicators(f);
    import_shared(f, NODES, "kommunekoder_klass131/klass131_noder.csv");
    import_shared(
        f,
        "kind: measurement\n"
        "columns:\n"
        "  indicator: {constant: population}\n"
        "  organisation: {column: kom2024, lookup: {by: code, on: 2024-06-30}}\n"
        "  period: aar\n"
        "  value: befolkning\n"
        "ignore: [navn]\n",
        "befolkning_kommune_1986_2026/befolkning_2024struktur.csv");
    assert_true(f->import.n_problems > 10000);
    assert_true(was_told(f, "kom2024: code_not_valid: 1103.3 is valid from 2020-01-01"));
    assert_int_equal(count_of(f, "measurement"), 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(municipalities_have_their_codes_names_and_days),
        test(what_became_of_municipalities_is_looked_up_on_the_day),
        test(payments_of_municipalities_by_code_and_year),
        test(the_unemployed_of_telemark_by_name_and_month),
        test(codes_that_did_not_exist_that_year_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
