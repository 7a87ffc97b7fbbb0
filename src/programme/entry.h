/* An entry of the log that is judged before it is committed: the one way in which
 * imports, forms, decisions and pages write records. All of it is written, or nothing.
 */
#ifndef NP_PROGRAMME_ENTRY_H
#define NP_PROGRAMME_ENTRY_H

#include "programme/rules.h"

typedef struct np_entry np_entry;

typedef struct {
    const char *who;         /* required: a user of the programme that is not closed */
    const char *action;      /* required: "import", "submit" … */
    const char *why;         /* "" where nobody said */
    bool dry_run;            /* judge, count, and roll back */
    np_objection_sink *sink; /* required */
    void *context;
} np_entry_options;

/* NP_E_UNKNOWN_NAME: `who` is no user of the programme, a closed one, or a reader. A
 * programme without users takes anybody. */
np_status np_entry_begin(np_entry **out, np_store *store, const np_entry_options *options,
                         np_arena *arena, np_error *err);

/* Puts a record. One that cannot be put at all (a required field that is absent) is an
 * objection and not an error, and the entry goes on, so that all objections are seen.
 * *result may be NULL. */
np_status np_entry_put(np_entry *entry, const np_record *record, np_put_result *result,
                       np_error *err);
np_status np_entry_retract(np_entry *entry, const np_kind *kind, const char *id,
                           np_error *err);
/* An objection from outside the rules (a value that cannot be read): the entry will not
 * be committed. */
void np_entry_object(np_entry *entry, const np_objection *objection);

typedef struct {
    size_t n_new, n_changed, n_unchanged, n_retracted;
    size_t n_objections, n_warnings;
    bool written; /* false: objections, a dry run, or nothing to write */
} np_entry_result;

/* Judges every record that was put, and what holds across them; commits where nobody
 * objects. Frees the entry in every case. A reference that leads nowhere is an objection
 * that names the field. */
np_status np_entry_end(np_entry_result *out, np_entry *entry, np_error *err);
void np_entry_abandon(np_entry *entry); /* rolls back; NULL is allowed */

#endif
