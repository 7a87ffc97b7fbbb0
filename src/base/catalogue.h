/* What tools/po_to_c.py makes of po/nb.po and po/nn.po: the translations,
 * sorted by msgid so that they can be looked up by halving. */
#ifndef NP_BASE_CATALOGUE_H
#define NP_BASE_CATALOGUE_H

#include <stddef.h>

#include "base/language.h"

typedef struct {
    const char *msgid, *msgstr;
} np_catalogue_entry;

typedef struct {
    const np_catalogue_entry *entry; /* [n] */
    size_t n;
} np_catalogue;

const np_catalogue *np_catalogue_of(np_language language); /* NULL: English */

#endif
