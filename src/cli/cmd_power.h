/* nullpunkt power: what its files share. */
#ifndef NP_CLI_CMD_POWER_H
#define NP_CLI_CMD_POWER_H

#include "cli/command.h"
#include "stats/power/power.h"
#include "stats/power/power_panel.h"
#include "stats/power/power_simulate.h"

typedef struct {
    np_power_spec spec; /* the plan, whether by formula or by simulation */
    const char *called; /* "clusters", "municipalities" */
    bool by_formula, by_simulation;
    bool serial_is_given;
    np_power formula;
    np_power_panel panel;
    np_power_simulation_spec simulation_spec;
    np_did_estimator estimator; /* of the placebo programmes */
    np_did_spec did; /* of placebo programmes not estimated by two-way effects */
    np_power_simulation simulation;
} np_power_answer;

/* cmd_power_options.c: the command's description, and arguments to the plan. */
np_status np_power_plan(np_power_answer *out, const np_call *call, np_error *err);

/* cmd_power_print.c */
np_status np_power_print(const np_call *call, const np_power_answer *answer,
                         np_error *err);

/* cmd_power.c */
np_status np_power_run(const np_call *call, bool *answer_no, np_error *err);

#endif
