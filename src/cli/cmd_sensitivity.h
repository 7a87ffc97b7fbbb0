/* nullpunkt sensitivity: what its files share. */
#ifndef NP_CLI_CMD_SENSITIVITY_H
#define NP_CLI_CMD_SENSITIVITY_H

#include "cli/command.h"
#include "evaluation/event_study_json.h"
#include "report/sensitivity.h"
#include "stats/did/honest.h"

typedef struct {
    np_event_coefficients study;
    np_honest_spec spec;
    np_honest result;
    const char *target; /* in words */
} np_sensitivity_answer;

/* cmd_sensitivity.c */
np_status np_sensitivity_run(const np_call *call, bool *answer_no, np_error *err);

/* cmd_sensitivity_options.c: the command's description, and arguments to
 * specifications; the second needs the study that the first reads. */
np_status np_sensitivity_study_spec(np_event_study_spec *out, const np_call *call,
                                    np_error *err);
np_status np_sensitivity_spec(np_sensitivity_answer *answer, const np_call *call,
                              np_error *err);

/* cmd_sensitivity_print.c */
np_status np_sensitivity_print(const np_call *call, const np_sensitivity_answer *answer,
                               np_error *err);

#endif
