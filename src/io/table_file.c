#include "io/table_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool np_table_file_is_workbook(const char *path)
{
    struct stat stat_of;
    unsigned char first[8] = {0};
    if (stat(path, &stat_of) != 0 || !S_ISREG(stat_of.st_mode))
        return false;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    size_t n = fread(first, 1, sizeof first, file);
    fclose(file);
    return (n >= 4 && memcmp(first, "PK\x03\x04", 4) == 0) ||
           (n == 8 && memcmp(first, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) == 0);
}

np_status np_table_file_read(np_table_file *out, const char *path,
                             const np_table_file_spec *spec, np_arena *arena,
                             np_error *err)
{
    static const np_table_file_spec defaults;
    const np_table_file_spec *s = spec == NULL ? &defaults : spec;
    np_table_file found = {.format = NP_TABLE_FILE_CSV};
    if (!np_table_file_is_workbook(path)) {
        np_status status = np_csv_read(&found.csv, path, &s->csv, arena, err);
        if (status == NP_OK)
            *out = found;
        return status;
    }
    if (s->csv.no_header) {
        np_fail(err, NP_E_USAGE,
                _("a workbook's columns need names in a row above them"));
        return np_error_file(err, path);
    }
    np_xlsx_spec xlsx_spec = {.sheet = s->sheet,
                              .sheet_number = s->sheet_number,
                              .header_row = s->header_row,
                              .errors_are_blank = s->errors_are_blank,
                              .columns = s->csv.columns,
                              .n_columns = s->csv.n_columns,
                              .text_columns = s->csv.text_columns,
                              .n_text_columns = s->csv.n_text_columns,
                              .decimal = s->csv.decimal,
                              .dash_is_zero = s->csv.dash_is_zero};
    np_xlsx xlsx;
    np_status status = np_xlsx_read(&xlsx, path, &xlsx_spec, arena, err);
    if (status != NP_OK)
        return status;
    *out = (np_table_file){.csv = xlsx.csv,
                           .format = NP_TABLE_FILE_XLSX,
                           .sheet = xlsx.sheet,
                           .header_row = xlsx.header_row,
                           .n_merged = xlsx.n_merged,
                           .n_errors = xlsx.n_errors};
    return NP_OK;
}

np_status np_table_file_read_columns(np_csv *out, const char *path,
                                     const np_csv_spec *spec, np_arena *arena,
                                     np_error *err)
{
    np_table_file file;
    np_table_file_spec whole = {.csv = spec == NULL ? (np_csv_spec){0} : *spec};
    whole.header_row = whole.csv.skip_lines == 0 ? 0 : whole.csv.skip_lines + 1;
    np_status status = np_table_file_read(&file, path, &whole, arena, err);
    if (status == NP_OK)
        *out = file.csv;
    return status;
}
