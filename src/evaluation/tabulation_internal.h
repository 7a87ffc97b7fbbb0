/* How a table is computed: facts (grouped records), axes, cells. Internal to
 * tabulation*.c. */
#ifndef NP_EVALUATION_TABULATION_INTERNAL_H
#define NP_EVALUATION_TABULATION_INTERNAL_H

#include "base/map.h"
#include "evaluation/tabulation.h"
#include "evaluation/tabulation_reader.h"

/* What facts are told apart by. A scheme and the flags may give a fact several codes. */
typedef enum { TAB_DIM_PATH = 0, TAB_DIM_SCHEME, TAB_DIM_FLAGS } tab_dim_sort;

typedef struct {
    tab_dim_sort sort;
    np_tab_path path;   /* PATH */
    const char *scheme; /* SCHEME */
    np_text_map *words; /* code -> text of the value */
    np_value *value;    /* [n_codes] */
    size_t n_codes, room;
    int32_t *code;   /* PATH: [n_facts] -1: no value */
    uint32_t *start; /* others: [n_facts + 1] into `codes` */
    int32_t *codes;
    uint8_t *why; /* [n_facts] a fact without code: one of those below */
} tab_dim;

enum { TAB_NOT_CODED = 1, TAB_NOT_SETTLED };

typedef struct {
    double n, sum, min, max; /* of the values that there are */
} tab_number;

/* Records of one kind, those with the same codes put together. */
typedef struct {
    np_store *store;
    np_arena *arena;
    const np_kind *kind;
    int32_t as_of;
    const np_tab_scope *scope[2]; /* the table's and the ad hoc one */
    const char *coder;
    tab_dim *dim;
    size_t n_dims, dim_room;
    np_tab_path *numeric;
    size_t n_numeric, numeric_room;
    size_t n;                           /* facts */
    double *count;                      /* [n] records */
    tab_number *number;                 /* [n × n_numeric] */
    int missing_dim, reconstructed_dim; /* -1: the kind has no such field */
    bool several;                       /* a scheme allows several categories */
} tab_facts;

enum { TAB_MOST_DIMS = 24, TAB_MOST_NUMERIC = 6 };

np_status tab_facts_new(tab_facts *out, np_store *store, const np_kind *kind,
                        np_arena *arena, np_error *err);
/* The index of what is asked for; the same path has one index. */
np_status tab_facts_dim(size_t *out, tab_facts *f, const np_tab_path *path,
                        np_error *err);
np_status tab_facts_scheme(size_t *out, tab_facts *f, const char *scheme, np_error *err);
np_status tab_facts_flags(size_t *out, tab_facts *f, np_error *err);
np_status tab_facts_number(size_t *out, tab_facts *f, const np_tab_path *path,
                           np_error *err);
np_status tab_facts_load(tab_facts *f, np_error *err);
/* The code of a text, -1: no fact has it. */
int32_t tab_dim_find(const tab_dim *dim, const char *text);
np_status tab_dim_add(int32_t *out, tab_dim *dim, const char *text, np_value value,
                      np_arena *arena, np_error *err);
/* The codes of a fact: how many, and where. */
size_t tab_fact_codes(const int32_t **codes, const tab_dim *dim, size_t fact);

np_status tab_load_labels(tab_facts *f, tab_dim *dim, const tab_dim *ids, np_error *err);
np_status tab_load_flags(tab_facts *f, tab_dim *dim, np_error *err);
/* What became of each obligation, as of a day. */
typedef struct {
    np_text_map *ids;
    const char **state, **on_time; /* by index; on_time NULL: no report has come */
} tab_states;
np_status tab_load_states(tab_states *out, tab_facts *f, np_error *err);

/* A test of a fact: its codes on a dimension, or that it has none. */
typedef struct {
    size_t dim;
    const uint8_t *has; /* [n_codes + 1] the last: no value */
} tab_test;

typedef struct {
    const tab_test *test;
    size_t n;
} tab_tests;

bool tab_fact_passes(const tab_facts *f, size_t fact, const tab_tests *tests);
/* The scope's dimensions are asked for before the facts are loaded, the tests made after.
 */
np_status tab_scope_need(tab_facts *f, const np_tab_scope *scope, np_error *err);
np_status tab_scope_tests(tab_tests *out, const tab_facts *f, const np_tab_scope *scope,
                          np_error *err);
bool tab_condition_holds(const np_tab_condition *c, np_value value);

/* Names and order of records. */
typedef struct {
    const char *id;
    np_localised name;
    np_value order;
    const char *parent, *code, *first_period, *last_period; /* of categories */
} tab_named;

/* The records of the kind that have one of the dimension's texts as identifier, in no
 * order; all of them where dim is NULL. */
np_status tab_names(tab_named **out, size_t *n, np_store *store, const np_kind *kind,
                    const tab_dim *dim, np_arena *arena, np_error *err);
/* The categories of a scheme in their order. */
np_status tab_categories(tab_named **out, size_t *n, np_store *store, const char *scheme,
                         np_arena *arena, np_error *err);
/* "not_measured" as people read it, in three languages. */
np_localised tab_word(const char *word);
/* The same of a field's choice: a measure among items is a measure, among levels of goals
 * the goal of one. */
np_localised tab_word_of(const np_field *field, const char *word);

/* A statistic with its places in the facts. */
typedef struct {
    const np_tab_statistic *s;
    tab_tests where;
    int dim, number, over, weight;                             /* -1: none */
    int above, below, indicator, rule, factor, people, period; /* INDICATOR */
    int part[2];                  /* RATIO: indices of statistics */
    const double *municipalities; /* [n_codes of dim] */
} tab_stat;

typedef struct {
    const char *key;
    np_localised label;
    np_tab_entry_sort sort;
    unsigned indent;
    bool rule_above, empty; /* empty: a heading without numbers */
    tab_tests tests;
    int stat;      /* index of a statistic, -1: none */
    int change[2]; /* CHANGE: entries of its level, from and to */
    const char *first_period, *last_period;
} tab_entry;

typedef struct {
    const tab_entry *entry[NP_TAB_DEEPEST + 1]; /* from the outside in */
    size_t n;
    int stat;      /* -1 */
    int change[2]; /* leaves, -1: is no change */
    size_t block;
    np_tab_header header;
    const char *first_period, *last_period, *period;
    bool empty;
} tab_leaf;

typedef struct {
    tab_leaf *leaf;
    size_t n, n_levels;
    bool partition; /* ordinary leaves do not overlap, and are meant to cover all */
} tab_side;

typedef struct {
    np_store *store;
    const np_tabulation_plan *plan;
    const np_tabulation *table;
    const np_tabulation_options *options;
    np_problems *problems;
    np_arena *arena;
    tab_facts facts;
    tab_stat *stat; /* [n_stats] of rows, columns, show, totals */
    size_t n_stats;
    tab_side rows, columns; /* rows without totals */
    bool multiple;
    uint8_t *keep;    /* [facts.n] 0: dropped by the matched panel; NULL: all are kept */
    uint8_t *in;      /* [facts.n] whether a fact has a row, and a column */
    size_t *row_fact; /* [rows.n] a fact of each row; facts.n: it has none */
} tab_work;

enum { TAB_IN_ROW = 1, TAB_IN_COLUMN = 2 };

/* A problem at a place in the file. */
void tab_problem(tab_work *w, uint32_t line, uint32_t column, np_status status,
                 const char *hint, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

np_status tab_stat_need(tab_facts *f, const np_tab_statistic *s, np_error *err);
np_status tab_stat_bind(tab_stat *out, const tab_facts *f, const np_tab_statistic *s,
                        np_error *err);
np_status tab_indicator_need(tab_facts *f, const np_tab_statistic *s, np_error *err);
void tab_indicator_bind(tab_stat *out, const tab_facts *f);
np_status tab_axis_need(tab_work *w, const np_tab_axis *axis, np_error *err);
np_status tab_side_build(tab_side *out, tab_work *w, const np_tab_axis *axis, bool rows,
                         np_error *err);
int tab_stat_index(const tab_work *w, const np_tab_statistic *s);

/* Sums of a cell. */
typedef struct {
    double n;                       /* records */
    double n_values, sum, min, max; /* of the number */
    double weighted_sum, weight;
    double missing; /* records without the number */
    int32_t reason; /* code of missing_dim; -1: none; -2: several */
    double distinct;
    double sum_of_means, n_means;
    double above, below, n_below; /* INDICATOR: of a ratio */
    double latest_sum, n_latest;  /* of the last period */
    int32_t latest, indicator;    /* codes */
    uint32_t n_indicators;        /* 2: several */
    size_t fact;                  /* one of its facts */
} tab_sums;

typedef struct {
    tab_sums *cell;   /* [rows × columns × 2] two for the parts of a ratio */
    tab_sums *whole;  /* [rows × columns] without the statistic's own `where` */
    tab_sums *column; /* [columns × n_stats] base: records with a row, or all */
    tab_sums *every;  /* [columns × n_stats] all records of the column */
    tab_sums *row;    /* [rows × n_stats] */
    tab_sums *table;  /* [n_stats] */
} tab_cells;

void tab_indicator_add(tab_sums *s, const tab_facts *f, const tab_stat *stat,
                       size_t fact);
np_tab_cell tab_indicator_cell(const tab_facts *f, const tab_stat *stat,
                               const tab_sums *s);
np_status tab_accumulate(tab_cells *out, tab_work *w, np_error *err);
/* A total's sums over other records, by column. */
np_status tab_accumulate_from(tab_sums *out, tab_work *w, size_t stat, np_error *err);
/* `order: descending`: by the value in the first column, within the row's siblings; and
 * of records within records only the pairs that there are. */
np_status tab_arrange_rows(tab_work *w, tab_cells *cells, np_error *err);
/* The statistic from its sums. */
np_tab_cell tab_cell_of(const tab_work *w, const tab_facts *f, const tab_stat *stat,
                        const tab_sums *sums);
np_status tab_finish(np_tabulation_result *out, tab_work *w, const tab_cells *cells,
                     np_error *err);
void tab_round(const tab_work *w, np_tab_cell *cell);
/* The cells of a total by a rule, in place of what they are. */
np_status tab_rule_totals(np_tab_cell *cell, const np_tabulation_result *out,
                          const tab_work *w, const tab_stat *stat,
                          const np_tab_rule *rule, np_error *err);
np_status tab_matched(tab_work *w, np_tabulation_result *out, np_error *err);
np_status tab_left_out(np_tabulation_result *out, tab_work *w, np_error *err);
np_status tab_check(np_tabulation_result *out, tab_work *w, const tab_cells *cells,
                    np_error *err);
void tab_check_names(const np_tabulation_result *r, tab_work *w);
np_status tab_compare(np_tabulation_result *out, tab_work *w, np_error *err);
np_status tab_list(np_tabulation_result *out, tab_work *w, np_error *err);

/* Growing lists of the result. */
np_status tab_add_left_out(np_tabulation_result *out, tab_work *w, np_tab_left_out one,
                           np_error *err);
np_status tab_add_check(np_tabulation_result *out, tab_work *w, bool of_source,
                        bool holds, np_error *err, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/* The text of a header for messages, in the present language. */
const char *tab_label(const tab_work *w, const np_tab_header *header);

#endif
