/* What the parts of `nullpunkt export` share. */
#ifndef NP_CLI_CMD_EXPORT_H
#define NP_CLI_CMD_EXPORT_H

#include "cli/command.h"
#include "programme/programme.h"

/* `nullpunkt export exposure`, the programme open to read. */
np_status np_export_exposure_run(const np_call *call, np_programme *programme,
                                 np_error *err);

#endif
