/* What the parts of an import share; nobody else includes this. */
#ifndef NP_PROGRAMME_IMPORT_INTERNAL_H
#define NP_PROGRAMME_IMPORT_INTERNAL_H

#include "base/map.h"
#include "io/table_rows.h"
#include "programme/import.h"

enum { IMPORT_NO_COLUMN = -1 };

/* A pattern whose names were found: place[i] is a column, or -2 - field of the record. */
typedef struct {
    const np_mapping_pattern *pattern;
    int32_t *place; /* [pattern->n] */
} import_pattern;

typedef struct {
    const np_mapping_field *from;
    int32_t column;             /* IMPORT_NO_COLUMN: a pattern's */
    import_pattern pattern, on; /* on: of the lookup's day */
    size_t missing;             /* the field that takes the reason; n_fields: none */
    np_text_map *known;         /* lookup: text and day that were found … */
    const char **id;            /* … and whose they are */
    size_t id_room;
} import_field;

typedef struct {
    int32_t column;
    import_pattern *value; /* [test->n] */
} import_test;

/* A record of the mapping, with its columns found in a file. */
typedef struct {
    const np_mapping_record *from;
    import_field *field; /* [from->n_fields] */
    import_test *test;   /* [from->n_where] */
    int32_t *repeat;     /* [from->repeat.n_columns] */
    int32_t divided;
    bool *given; /* [kind->n_fields + 1]: the file says something of the field */
} import_record;

typedef struct {
    const np_import_source *source;
    size_t number;    /* its place among the sources */
    np_mapping plain; /* where the source has no mapping */
    const np_mapping *mapping;
    np_table_rows *rows;
    const char *const *heading;
    size_t n_headings;
    char decimal;
    import_record *record; /* [mapping->n_records] */
} import_file;

/* Where a record stood. */
typedef struct {
    uint32_t line;
    uint16_t file, column; /* column: of a repetition, + 1; 0: none */
} import_place;

typedef struct {
    np_store *store;
    const np_import_spec *spec;
    np_arena *arena, *scratch; /* scratch: of a row */
    np_error *err;
    np_entry *entry;
    import_file *file; /* [spec->n] */
    import_file *now;  /* the file that is read; NULL: none is */
    uint32_t line;
    const char *column;     /* the heading of the cell in question; NULL: by the field */
    np_integer_map *failed; /* hashes of records that are not put, since they are wrong */
    np_integer_map *seen;   /* hashes of kind and identifier … */
    import_place *place;    /* … and where each stood first */
    size_t places_room;
    size_t n_problems, n_warnings, n_rows;
    bool no_memory, quiet; /* quiet: the entry is told what was told already */
    np_import_count count[NP_MOST_KINDS];
    np_import_change *change;
    size_t n_changes;
} importer;

/* Tells a problem at the present file and line. */
void import_object(importer *m, const char *rule, const char *column, const np_kind *kind,
                   const char *id, const char *field, const char *message,
                   const char *hint);
np_status import_no_memory(importer *m);

/* import_bind.c: finds the mapping's columns in the file; what is not there, and what
 * nobody asked for, are problems. */
np_status import_bind(importer *m, import_file *file);

/* A record that a row gives. */
typedef struct {
    const import_record *from;
    np_record record;
    const bool *given; /* [n_fields + 1] */
    int32_t column;    /* of a repetition, or IMPORT_NO_COLUMN */
    bool failed;       /* values could not be read: it is only noted that it was meant */
} import_made;
typedef np_status import_take(importer *m, const import_made *made);
/* import_row.c: makes the records of a row; values that cannot be read are problems, and
 * their record is not made. */
np_status import_row(importer *m, import_file *file, const np_table_cell *cell,
                     import_take *take);

#endif
