/* Whether the triggers and indexes of a file are those that the program makes. */
#include <string.h>

#include "store/store_internal.h"

/* What is wrong with `name`; np_problems keeps a copy. */
static void add(np_problems *problems, np_store *store, const char *message,
                const char *type, const char *name)
{
    np_error problem = {0};
    np_fail(&problem, NP_E_DAMAGED, message, type, name);
    np_error_hint(&problem, _("nullpunkt export everything, and nullpunkt restore of it, "
                              "make the file anew; ask who changed it"));
    np_error_file(&problem, store->path);
    np_problems_add(problems, &problem);
}

#define OBJECTS                                                                          \
    "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('trigger', 'index', "      \
    "'view') AND sql IS NOT NULL ORDER BY type, name"
#define SAME "SELECT sql FROM sqlite_schema WHERE type = ?1 AND name = ?2"

/* Each object of `from` that `in` has not (`missing`), or has otherwise (`other`, unless
 * it is NULL). */
static np_status compare(np_problems *problems, np_store *store, np_store *from,
                         np_store *in, const char *missing, const char *other,
                         np_error *err)
{
    sqlite3_stmt *object = NULL, *same = NULL;
    np_status status = store_prepare(&object, from, OBJECTS, err);
    if (status == NP_OK)
        status = store_prepare(&same, in, SAME, err);
    bool row = status == NP_OK;
    while (row) {
        status = store_step(&row, from, object, _("checking"), err);
        if (!row)
            break;
        const char *type = (const char *)sqlite3_column_text(object, 0);
        const char *name = (const char *)sqlite3_column_text(object, 1);
        sqlite3_reset(same);
        sqlite3_bind_text(same, 1, type, -1, SQLITE_STATIC);
        sqlite3_bind_text(same, 2, name, -1, SQLITE_STATIC);
        bool found = false;
        status = store_step(&found, in, same, _("checking"), err);
        row = status == NP_OK;
        if (row && !found)
            add(problems, store, missing, type, name);
        else if (row && other != NULL &&
                 strcmp((const char *)sqlite3_column_text(same, 0),
                        (const char *)sqlite3_column_text(object, 2)) != 0)
            add(problems, store, other, type, name);
    }
    sqlite3_finalize(object);
    sqlite3_finalize(same);
    return status;
}

/* Triggers keep the log from being changed and the summary true: without them, or with
 * others, what is written next is not what the program wrote. */
np_status store_check_objects(np_problems *problems, np_store *store, np_error *err)
{
    np_store *model = NULL;
    np_status status = np_store_open(&model, ":memory:", NP_STORE_CREATE, err);
    if (status == NP_OK)
        status = compare(problems, store, model, store,
                         _("the %s %s is missing: somebody took it away"),
                         _("the %s %s is not what the program made"), err);
    if (status == NP_OK)
        status = compare(problems, store, store, model,
                         _("the %s %s is none of the program's"), NULL, err);
    np_store_close(model);
    return status;
}
