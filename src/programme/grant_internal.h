/* What the files of grants share; nobody else includes this. */
#ifndef NP_PROGRAMME_GRANT_INTERNAL_H
#define NP_PROGRAMME_GRANT_INTERNAL_H

#include "base/map.h"
#include "programme/grant.h"
#include "store/query.h"

/* The columns, divided by blanks, of the records of the kind whose `path` has the text
 * (all where it is NULL), sorted by the first n_order of them. */
np_status grant_rows(np_rows *out, np_store *store, const char *kind, const char *columns,
                     size_t n_order, const char *path, const char *text, np_arena *arena,
                     np_error *err);

typedef struct {
    const char *id;
    double amount_per_year, hold_back_share; /* 0: nothing is held back */
} grant_scheme;

typedef struct {
    const char *id, *name;
    int32_t starts, ends; /* INT32_MIN, INT32_MAX: open */
    int32_t withdrawn;    /* the first day without it; INT32_MAX: never */
    size_t first_owner, n_owners;
    bool admitted;
} grant_project;

typedef struct {
    const char *name;
    int64_t n_municipalities;
    int32_t joined, left_on; /* the last day in */
} grant_owner;

typedef struct {
    const grant_scheme *scheme;
    size_t n_schemes;
    const grant_project *project; /* by identifier */
    size_t n_projects;
    np_text_map *place; /* of a project */
    const grant_owner *owner;
} grant_facts;

/* `project` NULL: all. */
np_status grant_facts_read(grant_facts *out, np_store *store, const char *project,
                           np_arena *arena, np_error *err);
const grant_project *grant_facts_project(const grant_facts *facts, const char *id);
/* The scheme of that name; with NULL the only one. NP_E_UNKNOWN_NAME, NP_E_USAGE */
np_status grant_facts_scheme(const grant_scheme **out, const grant_facts *facts,
                             const char *id, np_error *err);
/* The rule of grant_amount.h. */
np_status grant_amount_by_rule(np_grant_amount *out, const grant_facts *facts,
                               const grant_scheme *scheme, const grant_project *project,
                               int64_t year, np_arena *arena, np_error *err);

/* "300,000", in Norwegian with narrow no-break spaces; øre only where there are some. */
const char *grant_kroner(np_arena *arena, double amount);
/* Two texts with something between them; either may be NULL or empty. */
const char *grant_join(np_arena *arena, const char *a, const char *between,
                       const char *b);
/* NP_E_RANGE: negative, or parts of an øre */
np_status grant_check_amount(double amount, np_error *err);
double grant_round(double amount); /* to øre: sums of decimals leave traces */
np_status grant_no_memory(np_error *err);

/* Who decides is of the secretariat or an administrator; with `own`, what a project
 * leader may do too (to ask, and to say what was used). A programme without users takes
 * anybody. NP_E_USAGE: the user's role is another */
np_status grant_check_role(np_store *store, const char *who, bool own, np_arena *arena,
                           np_error *err);

/* The step that is next and why, from what the account holds (grant_step.c). */
np_status grant_judge_step(np_grant_account *account, const grant_scheme *scheme,
                           const np_grant_amount *by_rule, np_arena *arena,
                           np_error *err);

#endif
