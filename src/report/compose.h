/* What the composers of a report share; not for others. The thread's language is
 * the report's while a document is composed, so that _() gives it. Texts live in
 * the arena; where it is spent they are "" and the document says so at its end. */
#ifndef NP_REPORT_COMPOSE_H
#define NP_REPORT_COMPOSE_H

#include "evaluation/result.h"
#include "report/doc.h"
#include "report/figure.h"

typedef struct {
    np_doc *doc;
    np_arena *arena;
    np_language language;
    const np_evaluation *evaluation;
    const np_question_result *question; /* the one being composed */
    int decimals;        /* of the question's effects: two digits of the standard error */
    int level_decimals;  /* of its levels and means */
    const char *outcome; /* "Sickness absence" */
    const char *uom;     /* "per cent"; "" unknown */
    const char *effect_uom; /* "percentage points" */
} np_composer;

/* words */
const char *np_say_format(np_composer *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *np_say_local(const np_composer *c, const np_localised *text);
const char *np_say_effect(np_composer *c, double value);
const char *np_say_level(np_composer *c, double value);
const char *np_say_count(np_composer *c, size_t n);
const char *np_say_period(np_composer *c, double period);
const char *np_say_p(np_composer *c, double p);           /* "p = 0.042", "p < 0.001" */
const char *np_say_percent(np_composer *c, double share); /* "5 per cent" */
const char *np_say_level_percent(np_composer *c, double share); /* "5" */
const char *np_say_interval(np_composer *c, const np_effect *e);
/* "0.67 percentage points", with or without sign */
const char *np_say_amount(np_composer *c, double value);
/* "1 participant", "27 participants": both msgids have one %s */
const char *np_say_counted(np_composer *c, size_t n, const char *one, const char *many);
/* "A, B and C"; beyond `most` the rest is counted */
const char *np_say_list(np_composer *c, const char *const *item, size_t n, size_t most);
const char *np_say_statement(np_composer *c, const np_statement *statement);
const char *np_say_cohort(np_composer *c, const np_localised *label, double start);
const char *np_say_scope(np_composer *c, const np_effect *e);
const char *np_say_test(np_composer *c,
                        const np_test *test); /* "F(3, 344) = 0.52; p = …" */
const char *np_say_decision(np_composer *c);  /* the rule for stars, as a note */
/* A title within a sentence: "Sex" → "sex"; "KOSTRA" stays. */
const char *np_say_lower(np_composer *c, const char *title);
const char *np_say_capital(np_composer *c, const char *text);
const char *np_say_unit(const np_composer *c);
const char *np_say_time(const np_composer *c); /* title of the time axis */
/* What the plan calls a column, or its name. */
const char *np_say_column(const np_composer *c, const char *column);
const char *np_say_columns(np_composer *c, const char *const *column, size_t n);

/* The first effect of everybody by the plan's first estimator; change scores: of the
 * change. NULL: none was estimated. */
const np_effect *np_primary_effect(const np_question_result *q);
bool np_is_primary_kind(const np_question_result *q, const np_effect *e);

/* sentences: what an effect says */
void np_compose_effect_sentence(np_composer *c, np_doc_kind kind, const np_effect *e);

/* tables and figures */
/* source, unit of measure, base; `common` adds the rule and the errors */
void np_compose_sample_notes(np_composer *c, np_table_builder *b, const np_effect *e);
void np_compose_common_notes(np_composer *c, np_table_builder *b, const np_effect *e);
void np_compose_adjusted_note(np_composer *c, np_table_builder *b);
bool np_is_adjusted(const np_decision *d); /* for several tests */
void np_compose_caveats(np_composer *c, const np_caveat *caveat, size_t n);
/* one list of both: before any model, and of the model */
void np_compose_left_out(np_composer *c, const np_left_out *before, size_t n_before,
                         const np_left_out *in_model, size_t n_in_model);
const char *np_compose_id(np_composer *c, const char *kind, const char *part);

void np_compose_development(np_composer *c);
void np_compose_small_multiples(np_composer *c);
void np_compose_event_study(np_composer *c, const np_event_study *study, size_t index);
void np_compose_forest(np_composer *c, np_estimator estimator);

void np_compose_panel(np_composer *c);
/* A cohort by the name that the question gives it, "Never" for those never treated. */
const char *np_compose_cohort_name(np_composer *c, double start);
void np_compose_overturn(np_composer *c);  /* nothing where it is not asked for */
void np_compose_staggered(np_composer *c); /* nothing where no such estimator is used */
void np_compose_change(np_composer *c);
void np_compose_method(np_composer *c);
void np_compose_provenance(np_composer *c);

#endif
