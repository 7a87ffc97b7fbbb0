/* A new programme's folder. */
#ifndef NP_PROGRAMME_CREATE_H
#define NP_PROGRAMME_CREATE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct {
    const char *folder;
    const char *starter;   /* one of NP_STARTERS */
    int year;              /* in which the starter's dates begin */
    const char *user;      /* the first user, who is administrator */
    const char *user_name; /* the user's full name */
} np_programme_new;

typedef struct {
    bool made_folder, made_definition; /* false: it was there */
} np_programme_made;

/* Makes the folder where it is not there, programme.yaml and its tables.yaml where there
 * is no programme.yaml (else the programme is the one that it describes), .gitignore
 * where there is none, programme.db, and in it the definition and the first user. What
 * was made is taken away again where something fails. NP_E_DUPLICATE  there is a
 * programme.db already NP_E_IO         the folder or a file cannot be made and what
 * np_programme_open() and np_user_check_name() say */
np_status np_programme_create(np_programme_made *out, const np_programme_new *spec,
                              np_arena *arena, np_error *err);

/* A user's name is letters, digits and . _ - @ +; NP_E_RANGE. */
np_status np_user_check_name(const char *user, np_error *err);

#endif
