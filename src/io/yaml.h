/* YAML texts that people write, as a tree that knows where everything stood.
 *
 * One document of mappings with text keys, sequences and scalars, by libyaml
 * (YAML 1.1). Left out on purpose, each refused in words: anchors and aliases
 * (one small text could stand for gigabytes), tags, several documents, keys
 * that are no texts, a key twice in a mapping.
 */
#ifndef NP_IO_YAML_H
#define NP_IO_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef enum { NP_YAML_SCALAR = 0, NP_YAML_SEQUENCE, NP_YAML_MAPPING } np_yaml_kind;

typedef struct np_yaml np_yaml;
struct np_yaml {
    np_yaml_kind kind;
    uint32_t line, column; /* 1-based; column in characters */
    const char *text;      /* SCALAR: 0-terminated UTF-8 */
    bool quoted;           /* SCALAR: in quotes or as a block: a text whatever it says */
    size_t n;              /* SEQUENCE, MAPPING: items */
    const np_yaml *key;    /* [n] MAPPING: scalars */
    const np_yaml *item;   /* [n] */
};

enum { NP_YAML_LONGEST = 4 << 20, NP_YAML_DEEPEST = 64 };

/* NP_E_IO not readable; NP_E_ENCODING not UTF-8; NP_E_PARSE, with line and column and
 * libyaml's own words; NP_E_DUPLICATE a key twice; NP_E_LIMIT more than
 * NP_YAML_LONGEST bytes or nested deeper than NP_YAML_DEEPEST. */
np_status np_yaml_read(const np_yaml **out, const char *path, np_arena *arena,
                       np_error *err);
/* The same from memory; `name` stands for the file in messages. */
np_status np_yaml_read_text(const np_yaml **out, const char *text, size_t length,
                            const char *name, np_arena *arena, np_error *err);

/* The value of a mapping's key, or NULL; NULL also where `mapping` is NULL or no
 * mapping. */
const np_yaml *np_yaml_find(const np_yaml *mapping, const char *key);

/* Nothing was given: a plain scalar that is empty, "~" or "null". */
bool np_yaml_is_null(const np_yaml *node);
/* A plain scalar as a number, an integer, true/false. False: it is none. */
bool np_yaml_number(double *out, const np_yaml *node);
bool np_yaml_bool(bool *out, const np_yaml *node);

#endif
