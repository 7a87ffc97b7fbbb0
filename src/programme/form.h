/* A report's form: a YAML text that a project leader fills in.
 *
 * It starts from what is known: the answers of the project's last report, carried over
 * to the questions of this template by the crosswalk; every goal with its target and
 * last value; every measure that is not finished or shelved yet, which must be accounted
 * for. Numbers are not filled in but stand in comments, so that last year's is never
 * sent in as this year's.
 *
 *   report: {project: halden, template: annual-2, period: 2013}
 *   answers:
 *     absence: {numerator: 4210, denominator: 61300}     measurement
 *     rumour: {missing: not_measured}                    any question
 *     hindrances: [Too little time, {text: …, theme: …}] items
 *     goals: [{goal: halden-1, value: 6.9, comment: …}]
 *     measures: [{measure: halden-2, status: finished}, {new: A course, status: planned}]
 */
#ifndef NP_PROGRAMME_FORM_H
#define NP_PROGRAMME_FORM_H

#include "base/text.h"
#include "store/store.h"

typedef struct {
    np_record record; /* values and texts in the arena; with its identifier */
    uint32_t line;    /* of the form */
} np_form_record;

typedef struct {
    const char *path;
    const char *report; /* identifier: project/template/period */
    const char *project, *template, *period;
    const np_form_record *item; /* [n]: answers, items, measurements, measures, their
                                   accounts and statuses; not the report itself */
    size_t n;
} np_form;

/* Appends the form to the buffer, in the thread's language. A report that is begun is
 * written as it stands.
 * NP_E_UNKNOWN_NAME  there is no such project or template; NP_E_RANGE  no such period */
np_status np_form_write(np_buf *out, np_store *store, const char *project,
                        const char *template, const char *period, np_arena *arena,
                        np_error *err);

/* What is wrong in the form is added to the problems, with line and column; NP_OK even
 * where there are some. An error is a file that is no form at all: NP_E_IO, NP_E_PARSE …
 * as np_yaml_read(); NP_E_UNKNOWN_NAME: the report it names cannot be. */
np_status np_form_read(np_form *out, np_store *store, const char *path, np_arena *arena,
                       np_problems *problems, np_error *err);
/* The same from memory; `name` stands for the file in messages. */
np_status np_form_read_text(np_form *out, np_store *store, const char *text,
                            size_t length, const char *name, np_arena *arena,
                            np_problems *problems, np_error *err);

#endif
