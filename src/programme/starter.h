/* A programme.yaml to begin with, for `nullpunkt init`. */
#ifndef NP_PROGRAMME_STARTER_H
#define NP_PROGRAMME_STARTER_H

#include "base/text.h"

/* The names of the starters, divided by "|": the choices of `init --template`. */
#define NP_STARTERS "minimal|municipal"

/* Adds the starter's text; its dates begin with the year, 1900 to 2999. `name` is one of
 * NP_STARTERS. */
void np_starter_text(np_buf *out, const char *name, int year);
/* Adds the tables.yaml that goes with the starter. */
void np_starter_tables_text(np_buf *out, const char *name);

#endif
