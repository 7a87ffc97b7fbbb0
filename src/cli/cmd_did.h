/* nullpunkt did: what its files share. */
#ifndef NP_CLI_CMD_DID_H
#define NP_CLI_CMD_DID_H

#include "cli/command.h"
#include "report/did_doc.h"
#include "stats/did/did_compare.h"
#include "stats/did/did_sensitivity.h"
#include "stats/did/robustness.h"
#include "stats/infer/randomisation.h"

/* What the conclusion hangs on: asked for, and found. */
typedef struct {
    bool leave_out[2], placebo, randomise, sensitivity; /* leave_out: by np_leave_out */
    np_randomisation_spec randomisation;
    np_honest_spec honest;
    np_sensitivity_target target;
    np_robustness left_out[2], placebo_dates;
    np_randomisation randomised;
    np_honest robust;
} np_did_checks;

typedef struct {
    const char *data; /* path */
    np_did_panel_spec panel_spec;
    np_did_spec spec;
    np_did_estimator wanted[NP_N_DID_ESTIMATORS]; /* in the order to print */
    size_t n_wanted;
    np_table table; /* what was read; the panel borrows from it */
    np_did_panel panel;
    np_did_design design;
    np_did_result result[NP_N_DID_ESTIMATORS];
    size_t n_results;
    np_did_refusal refused[NP_N_DID_ESTIMATORS];
    size_t n_refused;
    np_did_comparison comparison; /* where several were asked for */
    np_did_checks checks;
} np_did_study;

/* cmd_did_options.c: the command's description, and arguments to what is asked. */
np_status np_did_options(np_did_study *out, const np_call *call, np_error *err);

/* cmd_did.c */
np_status np_did_run(const np_call *call, bool *answer_no, np_error *err);

/* cmd_did_checks.c: after the estimates, of the one estimator */
np_status np_did_check_options(np_did_study *d, const np_call *call, np_error *err);
np_status np_did_check(np_did_study *d, const np_call *call, np_error *err);
void np_did_checks_json(np_json *j, const np_did_study *study, np_arena *arena);
void np_did_checks_doc(np_doc *doc, const np_did_study *study, bool figures);

/* cmd_did_print.c */
np_status np_did_print(const np_call *call, const np_did_study *study, np_error *err);

#endif
