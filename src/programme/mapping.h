/* How the columns of somebody's file become the fields of records: the mappings that a
 * programme keeps as mappings/NAME.yaml (docs/import.md has the language).
 *
 *   kind: measurement
 *   columns:
 *     indicator: {constant: sick_leave}
 *     organisation: {column: Kommunenr, digits: 4}
 *     value: {blank: not_reported}
 *   repeat:
 *     period: {columns: {"2012": 2012, "2013": 2013}, into: value}
 *   ignore: [Kommune]
 *
 * A file whose rows give several kinds of records has a list `records` of the same keys.
 */
#ifndef NP_PROGRAMME_MAPPING_H
#define NP_PROGRAMME_MAPPING_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "store/kind.h"

/* What a lone "-" in a field of numbers is: an error unless the mapping says. */
typedef enum { NP_DASH_REFUSED = 0, NP_DASH_MISSING, NP_DASH_ZERO } np_mapping_dash;

/* What is made of a text. */
typedef enum {
    NP_AS_IT_IS = 0,
    NP_AS_IDENTIFIER, /* a word of small letters, digits and "-" */
    NP_AS_YEAR,       /* the period of a date … */
    NP_AS_HALF_YEAR,
    NP_AS_QUARTER,
    NP_AS_MONTH
} np_mapping_form;

/* A text and what it becomes. */
typedef struct {
    const char *from, *to;
} np_mapping_word;

/* A text with the names of fields or columns in braces, cut into its pieces. */
typedef struct {
    const char *text; /* a name, or what stands between names */
    bool name;
} np_mapping_piece;

typedef struct {
    const np_mapping_piece *piece; /* [n] */
    size_t n;
} np_mapping_pattern;

/* Where the text of a field comes from. A cell goes through `words`, then it is blank or
 * not, then a blank one becomes `otherwise`. */
typedef struct {
    size_t field;                /* its place in the kind; n_fields: the identifier */
    const char *column;          /* NULL: the pattern makes it */
    np_mapping_pattern pattern;  /* n = 0: none; a constant is one of a single piece */
    const np_mapping_word *word; /* [n_words] */
    size_t n_words;
    const char *otherwise;         /* of a blank one; NULL: absent */
    const char *blank;             /* why a blank one is missing: goes into `missing` */
    const np_mapping_word *symbol; /* [n_symbols] texts of missing values, and why */
    size_t n_symbols;
    char decimal; /* 0: as the file's */
    np_mapping_dash dash;
    np_mapping_form as;
    bool exclusive;     /* a date is the first day on which it no longer holds */
    unsigned digits;    /* whole numbers are filled up with zeros; 0: not */
    const char *lookup; /* the field of the kind referred to that has the text */
    np_mapping_pattern lookup_on; /* a day: of records valid on it; n = 0: of any */
    uint32_t line;
} np_mapping_field;

/* Rows count where all tests hold. */
typedef struct {
    const char *column;
    bool is_not;
    const np_mapping_pattern *value; /* [n] */
    size_t n;
    uint32_t line;
} np_mapping_test;

/* One record for each of several columns, or for each part of a cell. */
typedef struct {
    size_t field;                  /* that tells the records apart */
    const np_mapping_word *column; /* [n_columns] heading and the field's text */
    size_t n_columns;
    const char *divided;      /* or: the column whose cells are divided … */
    const char *divided_by;   /* … by this */
    size_t into;              /* the field that gets the cell; n_fields: none */
    const char *const *where; /* [n_where] texts of cells that make a record; 0: any that
                                 is not blank */
    size_t n_where;
    bool keep_blank; /* with `into`: a blank cell is a record, too */
    uint32_t line;
} np_mapping_repeat;

typedef struct {
    const np_kind *kind;
    const np_mapping_field *field; /* [n_fields], identifier included */
    size_t n_fields;
    const np_mapping_test *where; /* [n_where] */
    size_t n_where;
    bool repeats;
    np_mapping_repeat repeat;
} np_mapping_record;

typedef struct {
    const char *path;
    const np_mapping_record *record; /* [n_records] */
    size_t n_records;
    const char *const *ignore; /* [n_ignored] columns that nobody wants */
    size_t n_ignored;
    bool ignore_rest; /* ignore: rest */
    char decimal;     /* of the file; 0: not said */
    const char *sheet;
    size_t header_row; /* 0: not said */
} np_mapping;

/* What is wrong is added to the problems, with line and column; NP_OK even then. Errors
 * of np_yaml_read(): a file that cannot be read at all. */
np_status np_mapping_read(np_mapping *out, const char *path, np_arena *arena,
                          np_problems *problems, np_error *err);
np_status np_mapping_read_text(np_mapping *out, const char *text, size_t length,
                               const char *name, np_arena *arena, np_problems *problems,
                               np_error *err);

/* The field that takes the reason why `field` has no value, or n_fields: `missing` for
 * value and text, `baseline_missing` for baseline. */
size_t np_mapping_missing_field(const np_kind *kind, size_t field);

/* A mapping, as a text to be corrected by hand, that a file's headings suggest: fields of
 * the kind (NULL: the kind that most headings fit) whose English or Norwegian names they
 * look like; the other columns are under `ignore`, with the question whether they are. */
np_status np_mapping_suggest(np_buf *out, const char *const *heading, size_t n,
                             const np_kind *kind, np_error *err);

#endif
