#include "io/reading.h"

#include <unistd.h>
#include <zip.h>

#include "io/table_rows.h"

#define SHEETS                                                                           \
    "<workbook xmlns=\"m\" xmlns:r=\"r\">%s<sheets><sheet name=\"Ark1\" r:id=\"a\"/>"    \
    "<sheet name=\"To\" r:id=\"b\"/></sheets></workbook>"
#define RELATIONS                                                                        \
    "<Relationships><Relationship Id=\"a\" Target=\"worksheets/sheet1.xml\"/>"           \
    "<Relationship Id=\"b\" Target=\"/xl/worksheets/sheet2.xml\"/></Relationships>"
#define STYLES                                                                           \
    "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"[$-414]d/m yyyy\"/>"     \
    "<numFmt numFmtId=\"165\" formatCode=\"0.0&quot; dyr&quot;\"/></numFmts><cellXfs>"   \
    "<xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/>"                    \
    "<xf numFmtId=\"165\"/></cellXfs></styleSheet>"
#define STRINGS                                                                          \
    "<sst><si><t>kommune</t></si><si><t>andel</t></si><si><r><t>03</t></r><r><t>01</t>"  \
    "</r><rPh><t>no</t></rPh></si></sst>"

static void add(zip_t *zip, const char *name, const char *text)
{
    zip_source_t *source = zip_source_buffer(zip, text, strlen(text), 0);
    assert_true(zip_file_add(zip, name, source, 0) >= 0);
}

/* A workbook of two sheets in a file of its own; the caller unlinks it. */
static void write_book(char path[64], const char *properties, const char *sheet)
{
    char workbook[600], first[4000];
    snprintf(path, 64, "/tmp/np_xlsx_XXXXXX");
    close(mkstemp(path));
    snprintf(workbook, sizeof workbook, SHEETS, properties);
    snprintf(first, sizeof first, "%s", sheet);
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    assert_non_null(zip);
    add(zip, "xl/workbook.xml", workbook);
    add(zip, "xl/_rels/workbook.xml.rels", RELATIONS);
    add(zip, "xl/styles.xml", STYLES);
    add(zip, "xl/sharedStrings.xml", STRINGS);
    add(zip, "xl/worksheets/sheet1.xml", first);
    add(zip, "xl/worksheets/sheet2.xml",
        "<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>x</t></is></c></row>"
        "<row><c><v>7</v></c></row></sheetData></worksheet>");
    assert_int_equal(zip_close(zip), 0);
}

static reading read_book(const char *properties, const char *sheet,
                         const np_xlsx_spec *spec, np_xlsx *xlsx)
{
    char path[64];
    reading r = {.arena = np_arena_new(0)};
    write_book(path, properties, sheet);
    r.status = np_xlsx_read(xlsx, path, spec, r.arena, &r.err);
    unlink(path);
    if (r.status == NP_OK) {
        r.csv = xlsx->csv;
        assert_int_equal(np_table_check(&r.csv.table, &r.err), NP_OK);
    }
    return r;
}

static reading read_rows(const char *rows)
{
    char sheet[3000];
    np_xlsx xlsx;
    snprintf(sheet, sizeof sheet, "<worksheet><sheetData>%s</sheetData></worksheet>",
             rows);
    return read_book("", sheet, NULL, &xlsx);
}

#define TEXT(cell, text)     "<c r=\"" cell "\" t=\"inlineStr\"><is><t>" text "</t></is></c>"
#define NUMBER(cell, number) "<c r=\"" cell "\"><v>" number "</v></c>"

static void codes_with_leading_zeros_stay_text_and_numbers_are_numbers(void **state)
{
    (void)state;
    reading r = read_rows(
        "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c>"
        "</row><row r=\"2\"><c r=\"A2\" t=\"s\"><v>2</v></c>" NUMBER(
            "B2", "0.25") "</row><row r=\"3\">" TEXT("A3", "4601")
            TEXT("B3", "..") "</row>");
    check_column(&r, "kommune", NP_COLUMN_TEXT, "0301|4601");
    check_column(&r, "andel", NP_COLUMN_F64, "0.25|not_reported");
    give_back(&r);
}

/* Rows 4 and 7 of the sheet: what stands above the header and what is empty is left out,
 * and numbers say that they are numbers. */
static void rows_are_read_one_by_one_with_their_numbers(void **state)
{
    (void)state;
    char path[64];
    np_table_rows *rows;
    const np_table_cell *cell;
    uint32_t line;
    np_error err = {0};
    np_arena *arena = np_arena_new(0);
    write_book(path, "",
               "<worksheet><sheetData><row r=\"1\">" TEXT(
                   "A1", "A title") "</row><row r=\"3\">" TEXT("A3", "nr")
                   TEXT("B3", " navn ")
                       TEXT("D3", "x") "</row><row r=\"4\">" NUMBER("A4", "101")
                           TEXT("B4", " 0,5 ") "</row><row r=\"7\">" TEXT("A7", "0301")
                               NUMBER("D7", "0.5") "</row></sheetData></worksheet>");
    assert_int_equal(np_table_rows_open(&rows, path, NULL, arena, &err), NP_OK);
    unlink(path);
    size_t n;
    const char *const *name = np_table_rows_names(rows, &n);
    assert_int_equal(n, 4);
    assert_string_equal(name[1], "navn");
    assert_string_equal(name[2], "V3");
    assert_true(np_table_rows_workbook(rows));
    assert_int_equal(np_table_rows_next(&cell, &line, rows, &err), NP_OK);
    assert_int_equal(line, 4);
    assert_true(cell[0].number);
    assert_false(cell[1].number);
    assert_true(np_str_equals(cell[0].text, "101"));
    assert_true(np_str_equals(cell[1].text, "0,5"));
    assert_int_equal(cell[3].text.length, 0);
    assert_int_equal(np_table_rows_next(&cell, &line, rows, &err), NP_OK);
    assert_int_equal(line, 7);
    assert_true(np_str_equals(cell[0].text, "0301"));
    assert_true(cell[3].number);
    assert_int_equal(np_table_rows_next(&cell, &line, rows, &err), NP_OK);
    assert_null(cell);
    np_table_rows_close(rows);
    np_arena_free(arena);
}

static void decimal_commas_in_texts_stand_beside_numbers(void **state)
{
    (void)state;
    reading r = read_rows("<row r=\"1\">" TEXT("A1", "x") "</row><row r=\"2\">" TEXT(
        "A2", "1,5") "</row><row r=\"3\">" NUMBER("A3", "2.25") "</row>");
    check_column(&r, "x", NP_COLUMN_F64, "1.5|2.25");
    give_back(&r);
}

/* 41671 is 2014-02-01 in the 1900 system, 40209 in the 1904 system (1462 days less). */
static void dates_follow_number_format_and_date_system(void **state)
{
    (void)state;
    np_xlsx xlsx;
    const char *rows = "<worksheet><sheetData><row>" TEXT("A1", "dag")
        TEXT("B1", "dyr") "</row><row>"
                          "<c s=\"2\"><v>%d</v></c><c "
                          "s=\"3\"><v>3</v></c></row></sheetData></worksheet>";
    char sheet[1000];
    snprintf(sheet, sizeof sheet, rows, 41671);
    reading r = read_book("", sheet, NULL, &xlsx);
    check_column(&r, "dag", NP_COLUMN_DATE, "2014-02-01");
    check_column(&r, "dyr", NP_COLUMN_I64, "3");
    give_back(&r);
    snprintf(sheet, sizeof sheet, rows, 40209);
    r = read_book("<workbookPr date1904=\"1\"/>", sheet, NULL, &xlsx);
    check_column(&r, "dag", NP_COLUMN_DATE, "2014-02-01");
    give_back(&r);
}

static void a_title_above_the_header_is_passed_and_the_row_told(void **state)
{
    (void)state;
    np_xlsx xlsx;
    reading r = read_book("",
                          "<worksheet><sheetData><row r=\"1\">" TEXT(
                              "A1", "Tabell 1") "</row><row r=\"3\">" TEXT("A3", "a")
                              TEXT("B3", "b")
                                  TEXT("C3", "c") "</row><row r=\"4\">" NUMBER("A4", "1")
                                      NUMBER("C4", "3") "</row></sheetData></worksheet>",
                          NULL, &xlsx);
    check_column(&r, "b", NP_COLUMN_F64, "blank");
    check_column(&r, "c", NP_COLUMN_I64, "3");
    assert_int_equal(xlsx.header_row, 3);
    assert_string_equal(xlsx.sheet, "Ark1");
    give_back(&r);
}

static void a_sheet_is_chosen_by_name_or_number_or_because_it_has_cells(void **state)
{
    (void)state;
    np_xlsx xlsx;
    const np_xlsx_spec specs[] = {{0}, {.sheet = "To"}, {.sheet_number = 2}};
    for (size_t i = 0; i < 3; i++) {
        reading r =
            read_book("", "<worksheet><sheetData/></worksheet>", &specs[i], &xlsx);
        check_column(&r, "x", NP_COLUMN_I64, "7");
        give_back(&r);
    }
    reading r = read_book("", "<worksheet/>", &(np_xlsx_spec){.sheet = "Tre"}, &xlsx);
    assert_int_equal(r.status, NP_E_UNKNOWN_NAME);
    assert_string_equal(r.err.message, "the workbook has no sheet Tre; it has Ark1, To");
    give_back(&r);
}

static void errors_are_blank_where_that_is_asked_for(void **state)
{
    (void)state;
    np_xlsx xlsx;
    reading r =
        read_book("",
                  "<worksheet><sheetData><row>" TEXT("A1", "x")
                      TEXT("B1", "y") "</row><row><c t=\"e\"><v>#N/A</v></c>" NUMBER(
                          "B2", "1") "</row></sheetData></worksheet>",
                  &(np_xlsx_spec){.errors_are_blank = true}, &xlsx);
    check_column(&r, "x", NP_COLUMN_F64, "blank");
    assert_int_equal(xlsx.n_errors, 1);
    give_back(&r);
}

static void what_is_wrong_names_its_cell(void **state)
{
    (void)state;
    static const struct {
        const char *rows, *cell, *message;
    } cases[] = {
        {"<row r=\"7\"><c r=\"B7\" t=\"e\"><v>#N/A</v></c></row>", "Ark1!B7",
         "the cell shows the error #N/A; correct it or leave it empty"},
        {"<row r=\"2\"><c r=\"AA2\"><f>1+1</f></c></row>", "Ark1!AA2",
         "the formula has no stored value; open the file in a spreadsheet program and "
         "save it"},
        {"<row r=\"1\"><c r=\"A1\" t=\"s\"><v>3</v></c></row>", "Ark1!A1",
         "the cell points to a text that the workbook does not have"},
        {"<row r=\"1\"><c r=\"C1\"><v>3</v></c><c r=\"B1\"><v>3</v></c></row>", "Ark1!C1",
         "the cell reference B1 is wrong or out of order"},
        {"<row r=\"1\"><c r=\"XFE1\"><v>3</v></c></row>", "Ark1!1",
         "the cell reference XFE1 is wrong or out of order"},
        {"<row r=\"1\"><c r=\"A1\" s=\"1\"><v>60</v></c></row>", "Ark1!A1",
         "60 is no date"},
        {"<row r=\"1\">" TEXT("A1", "x") TEXT("B1", "x") "</row>", "Ark1!B1",
         "two columns are named x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reading r = read_rows(cases[i].rows);
        assert_int_not_equal(r.status, NP_OK);
        assert_string_equal(r.err.field, cases[i].cell);
        assert_string_equal(r.err.message, cases[i].message);
        give_back(&r);
    }
}

static void hostile_xml_is_refused(void **state)
{
    (void)state;
    np_xlsx xlsx;
    reading r =
        read_book("", "<!DOCTYPE a [<!ENTITY b \"c\">]><worksheet/>", NULL, &xlsx);
    assert_int_equal(r.status, NP_E_PARSE);
    assert_non_null(strstr(r.err.message, "document type declaration"));
    give_back(&r);
    r = read_rows("<row><c>");
    assert_int_equal(r.status, NP_E_PARSE);
    assert_non_null(strstr(r.err.message, "is damaged (line 1: mismatched tag)"));
    give_back(&r);
    r = read_rows("<row r=\"1\">" NUMBER("A1", "1") "</row><row r=\"1048576\">" NUMBER(
        "XFD1048576", "1") "</row>");
    assert_int_equal(r.status, NP_E_LIMIT);
    give_back(&r);
}

static void other_files_are_no_workbook(void **state)
{
    (void)state;
    np_arena *arena = np_arena_new(0);
    np_xlsx xlsx;
    np_error err = {0};
    assert_int_equal(np_xlsx_read_bytes(&xlsx, "a,b\n", 4, "a", NULL, arena, &err),
                     NP_E_PARSE);
    assert_string_equal(err.message, "no .xlsx file, or one that is cut off");
    np_arena_free(arena);
}

static void one_door_tells_csv_from_xlsx_by_content(void **state)
{
    (void)state;
    char path[64];
    np_arena *arena = np_arena_new(0);
    np_table_file file;
    write_book(path, "", "<worksheet/>");
    assert_int_equal(np_table_file_read(&file, path, NULL, arena, NULL), NP_OK);
    assert_int_equal(file.format, NP_TABLE_FILE_XLSX);
    assert_string_equal(file.sheet, "To");
    np_csv columns;
    np_error err = {0};
    assert_int_equal(np_table_file_read_columns(&columns, path, NULL, arena, &err),
                     NP_OK);
    assert_int_equal(columns.table.n_rows, 1);
    assert_int_equal(np_table_file_read_columns(
                         &columns, path, &(np_csv_spec){.no_header = true}, arena, &err),
                     NP_E_USAGE);
    FILE *csv = fopen(path, "wb");
    fputs("x\n7\n", csv);
    fclose(csv);
    assert_int_equal(np_table_file_read(&file, path, NULL, arena, NULL), NP_OK);
    assert_int_equal(file.format, NP_TABLE_FILE_CSV);
    assert_int_equal(file.csv.table.n_rows, 1);
    unlink(path);
    np_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_with_leading_zeros_stay_text_and_numbers_are_numbers),
        cmocka_unit_test(rows_are_read_one_by_one_with_their_numbers),
        cmocka_unit_test(decimal_commas_in_texts_stand_beside_numbers),
        cmocka_unit_test(dates_follow_number_format_and_date_system),
        cmocka_unit_test(a_title_above_the_header_is_passed_and_the_row_told),
        cmocka_unit_test(a_sheet_is_chosen_by_name_or_number_or_because_it_has_cells),
        cmocka_unit_test(errors_are_blank_where_that_is_asked_for),
        cmocka_unit_test(what_is_wrong_names_its_cell),
        cmocka_unit_test(hostile_xml_is_refused),
        cmocka_unit_test(other_files_are_no_workbook),
        cmocka_unit_test(one_door_tells_csv_from_xlsx_by_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
