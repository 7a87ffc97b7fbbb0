/* Tables from the records of a programme: a table as tables.yaml writes it, and the
 * numbers that come of it. docs/tables.md is the reference of the language.
 *
 * A table reads records of one kind, keeps those in its scope, and puts a statistic into
 * each cell of its rows and columns. Everything that a reader must know to trust it is
 * part of the result: N, base, scope, who was left out and why, what was reconstructed,
 * and whether what should sum does.
 */
#ifndef NP_EVALUATION_TABULATION_H
#define NP_EVALUATION_TABULATION_H

#include "evaluation/plan.h"
#include "store/query.h"

/* The first of its alternatives that has a value: "project else bearer". */
enum { NP_TAB_ALTERNATIVES = 4 };
typedef enum {
    NP_TAB_FIELD = 0,
    NP_TAB_YEAR,   /* year(PATH): the year of a date or period */
    NP_TAB_WHEN,   /* of measurements: "baseline", else the period */
    NP_TAB_STATE,  /* of obligations: "overdue" … */
    NP_TAB_ON_TIME /* of obligations: yes, no */
} np_tab_path_sort;

typedef struct {
    const char *text; /* as written; NULL: not given */
    np_tab_path_sort sort;
    const char *path[NP_TAB_ALTERNATIVES];
    size_t n;
    np_field field;       /* of the first alternative: its type */
    const np_kind *owner; /* the kind that has that field */
    uint32_t line, column;
} np_tab_path;

typedef struct {
    np_tab_path path;
    np_where_sort sort;
    const np_value *value; /* [n] of the field's type */
    size_t n;
} np_tab_condition;

typedef struct {
    const np_tab_condition *item; /* all must hold */
    size_t n;
} np_tab_scope;

typedef enum {
    NP_TAB_COUNT = 0,
    NP_TAB_DISTINCT,
    NP_TAB_MUNICIPALITIES,
    NP_TAB_SUM,
    NP_TAB_MEAN,
    NP_TAB_MIN,
    NP_TAB_MAX,
    NP_TAB_RANGE,
    NP_TAB_VALUE,
    NP_TAB_RATIO,
    NP_TAB_INDICATOR /* one value by the indicator's own rule */
} np_tab_statistic_sort;

typedef enum {
    NP_TAB_NO_BASE = 0,
    NP_TAB_OF_COLUMN,
    NP_TAB_OF_ROW,
    NP_TAB_OF_TABLE,
    NP_TAB_OF_CELL, /* the same cell without the statistic's own `where` */
    NP_TAB_OF_TOTAL /* a total of the table, by its id */
} np_tab_base;

/* Records of another kind, for totals. */
typedef struct {
    const np_kind *kind;
    np_tab_scope where;
    const np_tab_path *path; /* [n_paths] what stands for the table's paths … */
    const char *const *of;   /* … whose texts these are */
    size_t n_paths;
} np_tab_source;

typedef struct np_tab_statistic np_tab_statistic;
struct np_tab_statistic {
    const char *id; /* "count" where none is given: the sort's word */
    np_localised title;
    np_tab_statistic_sort sort;
    np_tab_path path; /* text NULL: records */
    np_tab_scope where;
    np_tab_base percent_of;
    np_plan_name total; /* OF_TOTAL */
    bool print_of;      /* "5 of 13" */
    bool partial;       /* sums leave out what is missing */
    bool by_rule;       /* a total of the rows' values, by the table's rule */
    np_tab_path over, weight;
    uint8_t across;               /* INDICATOR: organisations, units, periods */
    double factor;                /* RATIO; 1 */
    int decimals;                 /* -1: by sort */
    const np_tab_statistic *part; /* RATIO: [2] */
    const np_tab_source *from;    /* totals; NULL: the table's records */
    uint32_t line, column;
};

typedef enum {
    NP_TAB_BY = 0,
    NP_TAB_SCHEME,
    NP_TAB_FLAGS,
    NP_TAB_CONDITIONS,
    NP_TAB_STATISTICS
} np_tab_level_sort;

typedef enum {
    NP_TAB_HEADINGS = 0,
    NP_TAB_SUBTOTALS,
    NP_TAB_GROUPS_ONLY,
    NP_TAB_NO_GROUPS
} np_tab_groups;

/* One or several values that make an entry of a level; of `sums` codes of categories. */
typedef struct {
    const char *id;
    np_localised title;
    const np_plan_name *value;
    size_t n;
} np_tab_entry;

typedef struct {
    const char *id;
    np_localised title;
    np_tab_scope where;
} np_tab_named_scope;

typedef struct {
    np_tab_level_sort sort;
    np_localised title;
    np_tab_path path;    /* BY */
    np_plan_name scheme; /* SCHEME */
    const uint8_t *flag; /* FLAGS: [n_flags] */
    size_t n_flags;
    const np_tab_named_scope *condition; /* CONDITIONS */
    size_t n_conditions;
    const np_tab_statistic *statistic; /* STATISTICS */
    size_t n_statistics;
    const np_tab_entry *value; /* none: all */
    size_t n_values;
    const np_tab_entry *titled; /* other titles for values */
    size_t n_titled;
    const np_tab_entry *sum;
    size_t n_sums;
    np_tab_groups groups;
    bool missing_row, total, descending, changes;
    np_localised missing_title, total_title;
    const np_plan_name (*change)[2]; /* none and `changes`: each with the one before */
    size_t n_changes;
    uint32_t line, column;
} np_tab_level;

/* Levels nested from the outside in. */
typedef struct {
    np_localised title;
    const np_tab_level *level;
    size_t n;
} np_tab_block;

typedef struct {
    const np_tab_block *block; /* one after the other; none: one row, one column */
    size_t n;
} np_tab_axis;

typedef enum { NP_TAB_FILL_NONE = 0, NP_TAB_FILL_FIRST, NP_TAB_FILL_LAST } np_tab_fill;

typedef struct {
    const char *id;
    np_localised title;
    np_tab_fill fill;
    const np_plan_name *require; /* columns in which a row must have a value of its own */
    size_t n_require;
    np_tab_path weight, over;
} np_tab_rule;

typedef struct {
    np_plan_name row;
    const np_plan_name *column; /* none: all columns */
    size_t n;
    const char *reason; /* "not_asked" */
} np_tab_not_asked;

typedef struct {
    np_plan_name row;
    const np_plan_name *cell; /* [n_columns] text NULL: not compared */
    size_t n;
} np_tab_expected_row;

typedef struct {
    np_localised source;
    const np_plan_name *column; /* in what order; none: as the table has them */
    size_t n_columns;
    const np_tab_expected_row *row;
    size_t n_rows;
    uint32_t line, column_at;
} np_tab_expected;

typedef enum {
    NP_TAB_HALF_AWAY = 0,
    NP_TAB_HALF_EVEN,
    NP_TAB_LARGEST_REMAINDER
} np_tab_rounding;

typedef struct {
    np_tab_path path;
    np_localised title;
} np_tab_list_column;

typedef struct {
    const np_kind *kind; /* NULL: no population */
    np_tab_scope where;
    np_tab_path each;
} np_tab_population;

typedef struct {
    const char *id;
    np_localised title, unit, source;
    const np_localised *note;
    size_t n_notes;
    const np_kind *kind;
    np_tab_scope where;
    np_tab_axis rows, columns;
    const np_tab_statistic *show; /* at least one */
    size_t n_show;
    bool multiple; /* response */
    bool base_all; /* base: all */
    bool matched;  /* compare */
    np_tab_path each;
    np_tab_population population;
    np_tab_rounding rounding;
    int decimals; /* -1: by statistic */
    const np_tab_statistic *total;
    size_t n_totals;
    const np_tab_rule *rule;
    size_t n_rules;
    const np_tab_not_asked *not_asked;
    size_t n_not_asked;
    const char *coder; /* NULL: settled */
    np_tab_expected expected;
    const np_tab_list_column *list;
    size_t n_list;
    const np_tab_path *order;
    size_t n_order;
    uint32_t line, column;
} np_tabulation;

typedef struct {
    const char *path; /* of the file */
    const np_tabulation *table;
    size_t n;
} np_tabulation_plan;

/* What is wrong is added to the problems, all of it, with line and column; the status is
 * that of the first. NP_E_UNKNOWN_NAME also where there is no such file. */
np_status np_tabulation_read(np_tabulation_plan *out, const char *path,
                             np_problems *problems, np_arena *arena, np_error *err);
/* From memory; `name` stands for the file in messages. */
np_status np_tabulation_read_text(np_tabulation_plan *out, const char *text,
                                  size_t length, const char *name, np_problems *problems,
                                  np_arena *arena, np_error *err);

/* A condition as the command line has it: "period=2014|2013", "value>=50".
 * NP_E_USAGE: it is none; NP_E_UNKNOWN_NAME, NP_E_RANGE as in the file. */
np_status np_tabulation_condition(np_tab_condition *out, const np_kind *kind,
                                  const char *text, np_arena *arena, np_error *err);

typedef enum {
    NP_TAB_NUMBER = 0,
    NP_TAB_TEXT,          /* of listings; a range; "5 of 13" */
    NP_TAB_MISSING,       /* a reason, in `reason` */
    NP_TAB_ASKED_NOT,     /* could not have a number */
    NP_TAB_NOTHING,       /* nothing there to compute from */
    NP_TAB_HEADING,       /* of a group's heading: empty */
    NP_TAB_NOT_COMPUTABLE /* 0 by 0 */
} np_tab_cell_sort;

typedef struct {
    np_tab_cell_sort sort;
    double value;   /* unrounded; a per cent is 0 to 100 */
    double rounded; /* to `decimals` by the table's rule: what is printed */
    double second;  /* RANGE: the largest; print: of: the base */
    int decimals;
    bool range, of, percent;
    const char *text;      /* TEXT */
    const char *reason;    /* MISSING, ASKED_NOT: "not_measured" */
    const np_field *field; /* of a listing's cell; NULL else */
} np_tab_cell;

typedef enum {
    NP_TAB_ORDINARY = 0,
    NP_TAB_GROUP, /* a heading, with or without numbers */
    NP_TAB_SUM_OF,
    NP_TAB_NOT_STATED,
    NP_TAB_ALL,
    NP_TAB_CHANGE,
    NP_TAB_TOTAL /* of `totals` */
} np_tab_entry_sort;

/* A row or a column: the labels of its levels from the outside in. A row is printed with
 * the last of them, under the rows of the others. */
enum { NP_TAB_DEEPEST = 4 };
typedef struct {
    const char *key; /* "2014/main" */
    np_localised label[NP_TAB_DEEPEST + 1];
    size_t n_labels;
    np_tab_entry_sort sort;
    unsigned indent;
    bool rule_above;
} np_tab_header;

typedef struct {
    const char *reason; /* for people, translated */
    double n;           /* records or units */
    const char *unit;   /* "records", "projects" */
    const char *column; /* NULL: of the whole table */
    const char *const *name;
    size_t n_names;
} np_tab_left_out;

typedef struct {
    bool holds;
    bool of_source;   /* about the printed numbers of a source */
    const char *text; /* "2014: the rows sum to 104, N says 105" */
} np_tab_check;

typedef struct {
    const np_tabulation *table;
    np_tab_scope ad_hoc;
    const np_tab_header *row, *column;
    size_t n_rows, n_columns;
    size_t n_column_levels;  /* header rows */
    const np_tab_cell *cell; /* [n_rows × n_columns] row-major */
    double n_records;        /* in scope */
    double n_reconstructed;
    size_t n_each;           /* units of `each`; 0: none */
    bool multiple;           /* as it turned out: the table's, or a scheme's `several` */
    const np_tab_rule *rule; /* used; NULL: none, or all */
    bool all_rules;
    const np_tab_left_out *left_out;
    size_t n_left_out;
    const np_tab_check *check;
    size_t n_checks, n_failed;
    size_t n_compared,
        n_deviations;  /* cells with expected numbers, and those that differ */
    const char *as_of; /* where states depend on it; NULL else */
} np_tabulation_result;

typedef struct {
    int32_t as_of;       /* a day (base/date.h) */
    np_tab_scope ad_hoc; /* besides the table's scope */
    const char *rule;    /* NULL: the first; "all" */
    bool compare;        /* with the expected numbers */
} np_tabulation_options;

/* Everything lives in the arena. Names that the store does not know (a scheme, a theme, a
 * category) are added to the problems, with their place in the file; the status is that
 * of the first.
 * NP_E_LIMIT: more than NP_TAB_MOST_CELLS cells. */
enum { NP_TAB_MOST_CELLS = 1 << 18 };
np_status np_tabulation_compute(np_tabulation_result *out, np_store *store,
                                const np_tabulation_plan *plan,
                                const np_tabulation *table,
                                const np_tabulation_options *options,
                                np_problems *problems, np_arena *arena, np_error *err);

/* The words of the flags, in the order of np_tab_level.flag. */
extern const char *const np_tab_flag_names[];
enum { NP_TAB_N_FLAGS = 10 };

#endif
