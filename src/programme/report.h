/* What becomes of a report: begun, submitted, returned with a note, approved, locked.
 *
 *   (nothing) -> draft -> submitted -> approved
 *                  ^         |  ^         |
 *                  |         v  |         v
 *                  +------ returned <- reopened
 *
 * Complete, on time, approved and locked are four things that do not follow from each
 * other. What was submitted and what was approved are frozen copies: the whole of what
 * the report said then, with its SHA-256.
 */
#ifndef NP_PROGRAMME_REPORT_H
#define NP_PROGRAMME_REPORT_H

#include "base/hash.h"
#include "programme/entry.h"
#include "programme/form.h"

/* What a report lacks to be complete: an answer to a required question, a measure that
 * is not accounted for, a goal without a value or a reason. */
typedef struct {
    const char *kind; /* "question", "measure", "goal" */
    const char *id;
    const char *text; /* what it is, in words */
} np_report_gap;
np_status np_report_gaps(const np_report_gap **out, size_t *n, np_store *store,
                         const char *project, const char *template, const char *period,
                         np_arena *arena, np_error *err);

/* Everything that the report says, as canonical JSON: its answers, accounts of measures,
 * items, the project's measurements of the period, and its goals and measures as they
 * stood. The same records give the same bytes. */
np_status np_report_body(const char **out, char hash[NP_HASH_LENGTH], np_store *store,
                         const char *report, np_arena *arena, np_error *err);

typedef enum {
    NP_REPORT_WRITTEN = 0,
    NP_REPORT_ALREADY, /* the same was submitted before: nothing is written */
    NP_REPORT_REFUSED  /* objections, or a dry run */
} np_report_result;

typedef struct {
    bool draft;           /* keep what is there, without submitting it */
    const char *received; /* "2014-02-01": the day it came; of the first submission it
                             is what counts */
    np_entry_options entry;
} np_report_options;

/* Writes a form as the report, in one entry; what the form no longer has is retracted.
 * Unless it is a draft, it is submitted: it must be complete, and a copy is frozen.
 * NP_E_USAGE  it is submitted with another content, approved or locked: the hint says
 *             who can open it */
np_status np_report_submit(np_report_result *out, np_entry_result *entry, np_store *store,
                           const np_form *form, const np_report_options *options,
                           np_arena *arena, np_error *err);

typedef enum {
    NP_REPORT_RETURN = 0, /* needs a note */
    NP_REPORT_APPROVE,    /* not by who submitted it */
    NP_REPORT_LOCK,
    NP_REPORT_REOPEN /* needs a note; becomes returned, and is no longer locked */
} np_report_act;

/* NP_E_USAGE  the report does not stand where this can be done; NP_E_UNKNOWN_NAME  there
 * is no such report */
np_status np_report_review(np_entry_result *out, np_store *store, const char *report,
                           np_report_act act, const char *note,
                           const np_entry_options *options, np_arena *arena,
                           np_error *err);

typedef struct {
    int64_t number;
    const char *event, *moment, *done_by, *note; /* note may be NULL */
    const char *hash;                            /* of the copy that it froze; NULL */
    bool is_intact;                              /* the copy's bytes have that hash */
} np_report_event;

typedef struct {
    const char *id, *project, *template, *period, *status;
    const char *due, *received; /* NULL: not owed, never submitted */
    bool complete, on_time, approved, locked;
    const np_report_gap *gap; /* [n_gaps] */
    size_t n_gaps;
    const np_report_event *event; /* [n_events], in their order */
    size_t n_events;
} np_report_state;

/* NP_E_UNKNOWN_NAME  there is no such report */
np_status np_report_state_of(np_report_state *out, np_store *store, const char *report,
                             np_arena *arena, np_error *err);

#endif
