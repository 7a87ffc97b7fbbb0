/* What the files of rules share; nobody else includes this.
 *
 * A rule is a function that looks at one record (and what it refers to), at what belongs
 * together (all statuses of a measure, all payments of a promise), or at a change (what
 * may not be changed any more). Failures of the store stick in the judge: once one has
 * happened everything is found absent, and the caller returns it.
 */
#ifndef NP_PROGRAMME_RULES_INTERNAL_H
#define NP_PROGRAMME_RULES_INTERNAL_H

#include "base/map.h"
#include "programme/rows.h"
#include "programme/rules.h"
#include "programme/value.h"

typedef struct np_judge np_judge;
typedef void judge_one(np_judge *judge, const np_record *record);
enum { MOST_RULES_OF_KIND = 32 };

struct np_judge {
    np_store *store;
    np_objection_sink *sink;
    void *context;
    np_arena *arena; /* scratch: given back after each record or subject */
    np_arena *kept;  /* records that were looked up, for as long as the judge lives */
    np_text_map *known;
    const np_record **found; /* [n_room] by the index in `known`; NULL: not there */
    size_t n_room;
    char today[16];
    np_status status; /* the first failure of the store */
    np_error *err;
    const np_kind *kind; /* of which the rules are picked */
    judge_one *of_kind[MOST_RULES_OF_KIND];
    size_t n_of_kind;
};

/* `now` is NULL where the record was retracted, `past` where it is new or nobody wants it
 * (rule_of_change). */
typedef void judge_change(np_judge *judge, const np_record *now, const np_record *past);
typedef void judge_subject(np_judge *judge, const char *subject);
typedef void judge_each(np_judge *judge, judge_subject *visit);
typedef const char *judge_subject_of(np_judge *judge, const np_record *record);

typedef struct {
    const char *kind;
    judge_one *judge;
} rule_of_record;

typedef struct {
    const char *kind;
    judge_change *judge;
    bool wants_past; /* also of records that are there: the log is asked for each */
} rule_of_change;

typedef struct {
    const char
        *subject; /* a kind, or a word of the area's own that `each` goes through */
    judge_subject *judge;
    judge_each *each; /* NULL: every record of the kind */
} rule_together;

/* Whose matter a record is: the subject that the field names, or `of` computes. */
typedef struct {
    const char *kind, *field; /* "id": the record itself */
    const char *subject;
    judge_subject_of *of; /* NULL: the field */
} rule_belongs;

typedef struct {
    const np_rule *rule;
    size_t n_rules;
    const rule_of_record *record;
    size_t n_records;
    const rule_of_change *change;
    size_t n_changes;
    const rule_together *together;
    size_t n_together;
    const rule_belongs *belongs;
    size_t n_belongs;
} rule_area;

#define RULES_OF(array) array, sizeof(array) / sizeof *(array)

extern const rule_area rules_of_common, rules_of_organisation, rules_of_project,
    rules_of_admission, rules_of_goal, rules_of_measurement, rules_of_measure,
    rules_of_report, rules_of_grant, rules_of_coding, rules_of_survey, rules_of_user,
    rules_of_definition, rules_of_answer;
void rules_areas(const rule_area *const **out, size_t *n);

/* Objects to a record; `rule` is a word of np_rule_list(), which says whether it is a
 * warning. `hint` may be NULL. */
void judge_object(np_judge *judge, const np_record *record, const char *field,
                  const char *rule, const char *hint, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/* The same of a record that is known by kind and identifier. */
void judge_object_to(np_judge *judge, const char *kind, const char *id, const char *field,
                     const char *rule, const char *hint, const char *format, ...)
    __attribute__((format(printf, 7, 8)));

/* NULL where `id` is NULL, there is none, or the store failed. */
const np_record *judge_find(np_judge *judge, const char *kind, const char *id);
/* The record that the field refers to. */
const np_record *judge_referred(np_judge *judge, const np_record *record,
                                const char *field);
/* The record as it was before the entry that is judged; NULL: it was not there. */
const np_record *judge_past(np_judge *judge, const char *kind, const char *id);
const np_record *judge_programme(np_judge *judge);
/* What an answer was, for questions that are asked again and again; false: it was not
 * asked yet. Names begin with a letter of their own ("w": withdrawal, "t": theme, "c":
 * closed report; "n" and "p" are records). */
bool judge_recall(np_judge *judge, const np_record **out, const char *name);
void judge_remember(np_judge *judge, const char *name, const np_record *record);

/* The columns (divided by spaces) of the records of the kind for which all tests hold,
 * sorted by the first column, in scratch. */
np_rows judge_rows(np_judge *judge, const char *kind, const char *columns,
                   const np_where *where, size_t n_where);
/* Rows whose field has the value. */
#define ROWS_OF(judge, kind, columns, path, text)                                        \
    judge_rows(judge, kind, columns, &NP_IS(path, text), 1)
/* How many. */
size_t judge_count(np_judge *judge, const char *kind, const char *path, const char *text);

typedef struct {
    const char *starts, *ends; /* "2014-02-01"; NULL: open */
} judge_days;
/* The days of a project: its own, else its cohort's. */
judge_days judge_project_days(np_judge *judge, const np_record *project);
/* Whether a day is before another; false where one is absent. */
bool is_before(const char *day, const char *other);
/* Whether spans of days have a day in common; absent ends are open. */
bool spans_meet(judge_days a, judge_days b);
/* The day before a day, in scratch of the judge. */
const char *day_before(np_judge *judge, const char *day);

typedef struct {
    char first[16], last[16];
    np_period period;
} judge_period;
/* The days of a period; false where the text is none (which is told as "value"). */
bool read_period(judge_period *out, const char *text);

typedef enum {
    ADMISSION_NONE = 0,
    ADMISSION_PENDING,
    ADMISSION_GIVEN,
    ADMISSION_REFUSED
} judge_admission;
/* What the last decision on a project's applications says; NONE: it never applied. */
judge_admission judge_admission_of(np_judge *judge, const char *project);
/* The first day on which the whole project no longer takes part; NULL: it does. */
const char *judge_withdrawn(np_judge *judge, const char *project);
bool judge_takes_theme(np_judge *judge, const char *project, const char *theme);
bool judge_has_organisation(np_judge *judge, const char *project,
                            const char *organisation);
/* Objects where a submitted report lacks an answer that it must have. */
void judge_required(np_judge *judge, const np_record *report);
extern const char *const judge_period_words[]; /* by np_period_length */
/* Whether the field has the word; false where it has none. */
bool has_word(const np_record *record, const char *field, const char *word);
void judge_range(np_judge *judge, const np_record *record, const char *field,
                 const np_record *indicator); /* "outside_range" */
const char *or_open(const char *day); /* "…" for a span's end that nobody gave */
/* The shortest text of a number. */
typedef struct {
    char text[32];
} number_text;
number_text in_digits(double value);

#endif
