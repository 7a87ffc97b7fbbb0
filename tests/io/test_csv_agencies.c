/* Files as agencies sent them. They lie beside the repository and not in it: where
 * they are missing, the tests are skipped. */
#include "io/reading.h"
#include "io/xlsx.h"

#include <unistd.h>

static const char *shared_folder(void)
{
    const char *shared = getenv("NULLPUNKT_SHARED");
    return shared != NULL ? shared : NP_SOURCE_ROOT "/../shared";
}

static reading read_shared(const char *path)
{
    char full[1024];
    snprintf(full, sizeof full, "%s/data/%s", shared_folder(), path);
    reading r = {.arena = np_arena_new(0)};
    r.status = np_csv_read(&r.csv, full, NULL, r.arena, &r.err);
    if (r.status == NP_OK)
        assert_int_equal(np_table_check(&r.csv.table, NULL), NP_OK);
    return r;
}

static size_t n_missing(const reading *r, const char *name, np_missing reason)
{
    const np_column *c = column_of(r, name);
    size_t n = 0;
    for (size_t i = 0; i < r->csv.table.n_rows; i++)
        n += np_column_missing(c, i) == reason;
    return n;
}

static void check_shape(const reading *r, size_t n_rows, size_t n_columns, char separator,
                        const char *encoding)
{
    if (r->status != NP_OK)
        fail_msg("%u:%u %s", r->err.line, r->err.column, r->err.message);
    assert_int_equal(r->csv.table.n_rows, n_rows);
    assert_int_equal(r->csv.table.n_columns, n_columns);
    assert_int_equal(r->csv.separator, separator);
    assert_string_equal(r->csv.encoding, encoding);
}

static void check_cell(const reading *r, const char *name, np_column_type type,
                       size_t row, const char *want)
{
    char text[256];
    assert_string_equal(np_column_type_name(column_of(r, name)->type),
                        np_column_type_name(type));
    assert_string_equal(np_column_text(column_of(r, name), row, text, sizeof text), want);
}

static void statistics_norways_export_with_a_title(void **state)
{
    (void)state;
    reading r = read_shared("ssb_07459_raa_csv/Personer2024.csv");
    check_shape(&r, 360 * 106, 3, ';', "windows-1252");
    check_cell(&r, "region", NP_COLUMN_TEXT, 0, "K-3101 Halden");
    check_cell(&r, "Persons 2024", NP_COLUMN_I64, 1, "245");
    assert_int_equal(column_of(&r, "age")->dict->n, 106);
    give_back(&r);
}

static void statistics_norways_export_with_tabs(void **state)
{
    (void)state;
    reading r = read_shared("ssb_07459_raa_csv/Personer2005-2009.csv");
    check_shape(&r, 476 * 106, 7, '\t', "windows-1252");
    check_cell(&r, "Persons 2009", NP_COLUMN_I64, 0, "312");
    give_back(&r);
}

static void code_list_with_rows_shorter_than_its_header(void **state)
{
    (void)state;
    reading r = read_shared("kommunekoder_klass131/ssb_klass131_2026_raa.csv");
    check_shape(&r, 358, 8, ';', "windows-1252");
    check_cell(&r, "code", NP_COLUMN_TEXT, 0, "0301");
    check_cell(&r, "name", NP_COLUMN_TEXT, 0, "Oslo - Oslove");
    assert_int_equal(n_missing(&r, "validTo", NP_MISSING_BLANK), 358);
    give_back(&r);
}

static void change_list_in_windows_1252(void **state)
{
    (void)state;
    reading r = read_shared("kommunekoder_klass131/gardenberg_2013_2020/"
                            "kommuner_med_endringer_fra2019_til2020.csv");
    check_shape(&r, 313, 3, ';', "windows-1252");
    check_cell(&r, "kommuner_2019", NP_COLUMN_TEXT, 0, "0101\u00a0-\u00a0Halden");
    check_cell(&r, "splittes", NP_COLUMN_I64, 0, "0");
    give_back(&r);
}

static void unemployed_with_stars_for_few(void **state)
{
    (void)state;
    reading r = read_shared("nav_helt_ledige_2022/helt_ledige_kommune_2022M01_M10.csv");
    check_shape(&r, 3570, 5, ',', "utf-8");
    check_cell(&r, "kommunenr", NP_COLUMN_TEXT, 0, "0301");
    check_cell(&r, "antall", NP_COLUMN_I64, 0, "13613");
    assert_int_equal(n_missing(&r, "antall", NP_MISSING_SUPPRESSED), 144);
    assert_int_equal(n_missing(&r, "prosent", NP_MISSING_SUPPRESSED), 154);
    give_back(&r);
}

static void job_seekers_keep_the_blank_after_a_name(void **state)
{
    (void)state;
    reading r = read_shared("nav_ledighet_telemark/arbeidsledighet.csv");
    check_shape(&r, 53685, 7, ',', "utf-8");
    check_cell(&r, "Dato", NP_COLUMN_DATE, 0, "2011-01-01");
    check_cell(&r, "Andel av arbeidsstyrken", NP_COLUMN_F64, 0, "0.005");
    const np_dict *names = column_of(&r, "Geografisk enhet")->dict;
    size_t n_troms = 0;
    for (size_t i = 0; i < names->n; i++)
        n_troms += strcmp(names->label[i], "Troms ") == 0 ||
                   strcmp(names->label[i], "Troms") == 0;
    assert_int_equal(n_troms, 2);
    give_back(&r);
}

static void nursing_homes_with_na(void **state)
{
    (void)state;
    reading r = read_shared("kostra_omsorg_kommune/t11875_sykehjemsplasser.csv");
    check_shape(&r, 1920, 4, ',', "utf-8");
    assert_int_equal(n_missing(&r, "nh.beds.located.in.muni", NP_MISSING_BLANK), 218);
    give_back(&r);
}

static void population_with_codes_as_text(void **state)
{
    (void)state;
    reading r = read_shared("befolkning_kommune_1986_2026/befolkning_2024struktur.csv");
    check_shape(&r, 357 * 41, 4, ',', "utf-8");
    check_cell(&r, "kom2024", NP_COLUMN_TEXT, 0, "0301");
    check_cell(&r, "befolkning", NP_COLUMN_I64, 0, "449395");
    give_back(&r);
}

static void immigrants_with_quoted_numbers(void **state)
{
    (void)state;
    reading r = read_shared("imdi_2013/sysselsatte_innvkat.csv");
    check_shape(&r, 3300, 9, ',', "utf-8");
    check_cell(&r, "aar", NP_COLUMN_I64, 0, "2013");
    check_cell(&r, "bydel_nr", NP_COLUMN_TEXT, 0, "000301");
    check_cell(&r, "tabellvariabel", NP_COLUMN_F64, 0, "326618");
    give_back(&r);
}

static void panels_of_published_studies(void **state)
{
    (void)state;
    reading r = read_shared("castle_doctrine/castle.csv");
    check_shape(&r, 550, 64, ',', "utf-8");
    give_back(&r);
    r = read_shared("prop99/california_prop99.csv");
    check_shape(&r, 39 * 31, 4, ';', "utf-8");
    assert_int_equal(r.csv.decimal, '.');
    check_cell(&r, "PacksPerCapita", NP_COLUMN_F64, 0, "89.80000305");
    give_back(&r);
    r = read_shared("ehec_medicaid/ehec_data.csv");
    check_shape(&r, 552, 5, ',', "utf-8");
    check_cell(&r, "dins", NP_COLUMN_F64, 0, "0.6814122");
    give_back(&r);
}

static void a_workbook_or_a_map_is_no_csv(void **state)
{
    (void)state;
    reading r = read_shared("nav_helt_ledige_2022/nav_HL060_helt_ledige_202210.xlsx");
    assert_int_equal(r.status, NP_E_PARSE);
    assert_string_equal(r.err.message, "this is no CSV file but a zip container, such as "
                                       ".xlsx, .ods or .docx");
    give_back(&r);
    r = read_shared("kart_kommuner/kommuner_2024_wgs84.topojson");
    assert_int_equal(r.status, NP_E_PARSE);
    assert_string_equal(r.err.message, "this is no CSV file but JSON");
    give_back(&r);
}

static void a_cover_sheet_is_not_taken_for_a_table(void **state)
{
    (void)state;
    char path[4096];
    snprintf(path, sizeof path,
             "%s/data/nav_helt_ledige_2022/nav_HL060_helt_ledige_202210.xlsx",
             shared_folder());
    np_arena *arena = np_arena_new(0);
    np_xlsx xlsx;
    np_error err = {0};
    assert_int_equal(np_xlsx_read(&xlsx, path, NULL, arena, &err), NP_E_PARSE);
    assert_non_null(strstr(err.message, "Om tabellene"));
    np_arena_free(arena);
}

static void the_second_sheet_of_a_workbook_has_its_header_below_titles(void **state)
{
    (void)state;
    char path[4096];
    snprintf(path, sizeof path,
             "%s/data/nav_helt_ledige_2022/nav_HL060_helt_ledige_202210.xlsx",
             shared_folder());
    np_arena *arena = np_arena_new(0);
    np_xlsx xlsx;
    np_error err = {0};
    if (np_xlsx_read(&xlsx, path, &(np_xlsx_spec){.sheet_number = 2}, arena, &err) !=
        NP_OK)
        fail_msg("%s %s; %s", err.field, err.message, err.hint);
    assert_int_equal(np_table_check(&xlsx.csv.table, &err), NP_OK);
    assert_int_equal(xlsx.header_row, 8);
    assert_int_equal(xlsx.csv.table.n_rows, 14);
    assert_int_equal(xlsx.csv.table.n_columns, 13);
    np_arena_free(arena);
}

int main(void)
{
    if (access(shared_folder(), R_OK) != 0) { /* cmocka's own skip is "not ok" in TAP */
        printf("1..0 # SKIP the shared data are not there (NULLPUNKT_SHARED or "
               "../shared)\n");
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statistics_norways_export_with_a_title),
        cmocka_unit_test(statistics_norways_export_with_tabs),
        cmocka_unit_test(code_list_with_rows_shorter_than_its_header),
        cmocka_unit_test(change_list_in_windows_1252),
        cmocka_unit_test(unemployed_with_stars_for_few),
        cmocka_unit_test(job_seekers_keep_the_blank_after_a_name),
        cmocka_unit_test(nursing_homes_with_na),
        cmocka_unit_test(population_with_codes_as_text),
        cmocka_unit_test(immigrants_with_quoted_numbers),
        cmocka_unit_test(panels_of_published_studies),
        cmocka_unit_test(a_workbook_or_a_map_is_no_csv),
        cmocka_unit_test(a_cover_sheet_is_not_taken_for_a_table),
        cmocka_unit_test(the_second_sheet_of_a_workbook_has_its_header_below_titles),
    };
    return cmocka_run_group_tests_name("csv_agencies", tests, NULL, NULL);
}
