#include "cli/cmd_sensitivity.h"

#include <math.h>

np_status np_sensitivity_run(const np_call *call, bool *answer_no, np_error *err)
{
    (void)answer_no;
    np_event_study_spec wanted;
    np_sensitivity_answer *answer = np_arena_array(call->arena, np_sensitivity_answer, 1);
    const char *path = np_positional(call->arguments, 0);
    if (answer == NULL)
        return np_fail(err, NP_E_NO_MEMORY, _("no memory left"));
    np_status status = np_sensitivity_study_spec(&wanted, call, err);
    if (status == NP_OK)
        status = np_event_study_read(&answer->study, path, &wanted, call->arena, err);
    if (status == NP_OK)
        status = np_sensitivity_spec(answer, call, err);
    if (status != NP_OK)
        return status;
    status = np_honest_estimate(&answer->result, &answer->spec, call->arena, err);
    if (status != NP_OK)
        return err != NULL && err->file[0] == '\0' && status != NP_E_USAGE
                   ? np_error_file(err, path)
                   : status;
    return np_sensitivity_print(call, answer, err);
}
