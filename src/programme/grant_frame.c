/* What may be promised in a year. */
#include <string.h>

#include "base/language.h"
#include "programme/draft.h"
#include "programme/grant_internal.h"

np_status np_grant_set_frame(np_entry_result *out, np_store *store, const char *scheme_id,
                             int64_t year, double amount, const np_entry_options *options,
                             np_arena *arena, np_error *err)
{
    grant_facts facts;
    const grant_scheme *scheme = NULL;
    np_entry *entry = NULL;
    np_status status = grant_check_amount(amount, err);
    if (status == NP_OK)
        status = np_entry_begin(&entry, store, options, arena, err);
    if (status != NP_OK)
        return status;
    status = grant_check_role(store, options->who, false, arena, err);
    if (status == NP_OK)
        status = grant_facts_read(&facts, store, NULL, arena, err);
    if (status == NP_OK)
        status = grant_facts_scheme(&scheme, &facts, scheme_id, err);
    if (status == NP_OK) {
        np_draft draft;
        np_draft_start(&draft, "grant_frame", NULL);
        np_draft_text(&draft, "scheme", scheme->id);
        np_draft_integer(&draft, "year", year);
        np_draft_number(&draft, "amount", amount);
        np_draft_text(&draft, "decided_by", options->who);
        status = np_entry_put(entry, &draft.record, NULL, err);
    }
    if (status == NP_OK)
        return np_entry_end(out, entry, err);
    np_entry_abandon(entry);
    return status;
}

static double promised_of(const np_rows *promises, const char *scheme, int64_t year)
{
    double sum = 0;
    for (size_t i = 0; i < promises->n_rows; i++)
        if (np_rows_integer(promises, i, 0, 0) == year &&
            strcmp(np_rows_text(promises, i, 1), scheme) == 0)
            sum += np_rows_number(promises, i, 2);
    return grant_round(sum);
}

np_status np_grant_frames_read(np_grant_frames *out, np_store *store,
                               const np_grant_filter *filter, np_arena *arena,
                               np_error *err)
{
    np_rows rows, promises;
    np_status status = grant_rows(&rows, store, "grant_frame", "year scheme amount", 2,
                                  "scheme", filter->scheme, arena, err);
    if (status == NP_OK)
        status = grant_rows(&promises, store, "grant_commitment", "year scheme amount", 2,
                            "scheme", filter->scheme, arena, err);
    if (status != NP_OK)
        return status;
    np_grant_frame *frame = np_arena_array(arena, np_grant_frame, rows.n_rows);
    if (frame == NULL)
        return grant_no_memory(err);
    *out = (np_grant_frames){.frame = frame};
    for (size_t i = 0; i < rows.n_rows; i++) {
        int64_t year = np_rows_integer(&rows, i, 0, 0);
        const char *scheme = np_rows_text(&rows, i, 1);
        if (filter->year != 0 && filter->year != year)
            continue;
        frame[out->n++] =
            (np_grant_frame){.scheme = scheme,
                             .year = year,
                             .amount = np_rows_number(&rows, i, 2),
                             .promised = promised_of(&promises, scheme, year)};
    }
    return NP_OK;
}
