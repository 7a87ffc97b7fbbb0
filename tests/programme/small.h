/* A small programme in a store, for tests: two cohorts, templates of every sort, and
 * projects that tests add to. */
#ifndef NP_TESTS_PROGRAMME_SMALL_H
#define NP_TESTS_PROGRAMME_SMALL_H

#include "programme/draft.h"
#include "programme/entry.h"
#include "store/folder.h"

/* Fields are names and texts in turn; NULL ends them. Numbers and yes or no are read by
 * their field's type. */
static inline void small_put(a_folder *f, const char *kind, const char *id, ...)
{
    np_draft draft;
    np_draft_start(&draft, kind, id);
    va_list args;
    va_start(args, id);
    for (const char *name; (name = va_arg(args, const char *)) != NULL;) {
        const char *text = va_arg(args, const char *);
        size_t place = np_kind_field(draft.record.kind, name);
        assert_true(place < draft.record.kind->n_fields);
        switch (draft.record.kind->field[place].type) {
        case NP_FIELD_INTEGER:
        case NP_FIELD_YES_NO:
            np_draft_integer(&draft, name, atoll(text));
            break;
        case NP_FIELD_NUMBER:
            np_draft_number(&draft, name, atof(text));
            break;
        default:
            np_draft_text(&draft, name, text);
        }
    }
    va_end(args);
    assert_ok(f, np_store_put(f->store, &draft.record, NULL, &f->err));
}

/* Within an entry that is begun. */
static inline void small_programme(a_folder *f)
{
    small_put(f, "programme", "better", "name", "Better", "starts", "2011-01-01", "ends",
              "2015-12-31", NULL);
    small_put(f, "theme", "absence", "name", "Absence", NULL);
    small_put(f, "cohort", "first", "name", "Cohort 1", "starts", "2012-01-01", "ends",
              "2013-12-31", NULL);
    small_put(f, "cohort", "second", "name", "Cohort 2", "starts", "2013-08-01", "ends",
              "2014-12-31", NULL);
    small_put(f, "template", "start", "name", "Start-up report", "sort", "start_up",
              "version", "1", "due_month", "10", "due_day", "1", NULL);
    small_put(f, "template", "half", "name", "Half-year report", "sort", "half_year",
              "version", "1", "due_month", "6", "due_day", "1", NULL);
    small_put(f, "template", "annual-1", "name", "Annual report", "sort", "annual",
              "version", "1", "last_period", "2012", "due_month", "2", "due_day", "1",
              "due_years_after", "1", "needs_approval", "1", NULL);
    small_put(f, "template", "annual-2", "name", "Annual report", "sort", "annual",
              "version", "2", "first_period", "2013", "due_month", "2", "due_day", "1",
              "due_years_after", "1", "needs_approval", "1", NULL);
    small_put(f, "template", "final", "name", "Final report", "sort", "final", "version",
              "1", "due_month", "3", "due_day", "1", "due_years_after", "1", NULL);
}

static inline void small_project(a_folder *f, const char *id, const char *name,
                                 const char *cohort)
{
    small_put(f, "project", id, "name", name, "cohort", cohort, NULL);
    small_put(f, "organisation", id, "name", name, "sort", "municipality", NULL);
    small_put(f, "project_organisation", NULL, "project", id, "organisation", id, "leads",
              "1", NULL);
    small_put(f, "participation", NULL, "project", id, "theme", "absence", "role", "main",
              NULL);
}

static inline void small_print(void *context, const np_objection *o)
{
    size_t *n = context;
    *n += !o->warning;
    if (!o->warning)
        print_error("%s %s: %s: %s [%s]\n", o->kind, o->id, o->field, o->message,
                    o->rule);
}

#endif
