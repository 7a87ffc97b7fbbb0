/* Typed access to YAML that people write, which collects problems instead of stopping,
 * so that a person sees all of them. A NULL node is a key that is not given and yields
 * the default; a wrong one adds a problem and yields the default too. */
#ifndef NP_IO_YAML_READER_H
#define NP_IO_YAML_READER_H

#include "base/language.h"
#include "io/yaml.h"

typedef struct {
    np_arena *arena;
    np_problems *problems;
    const char *file;
    bool no_memory;
} np_reader;

/* Adds a problem at the node; `key` may be "". A problem that is already there (a
 * default read once per question) is not added again. */
void np_reader_problem(np_reader *r, const np_yaml *node, const char *key,
                       np_status status, const char *hint, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Zeroed memory; NULL sets no_memory. */
void *np_reader_alloc(np_reader *r, size_t n, size_t size);
#define np_reader_array(r, type, n) ((type *)np_reader_alloc((r), (n), sizeof(type)))

/* A key with the value it has in `node`. */
typedef struct {
    const char *name;
    const np_yaml *node;
} np_reader_key;

/* True where node is a mapping; a problem for each key of it that is not in names[n]:
 * "`what` has no key populaton; did you mean population? Allowed are: …" */
bool np_reader_check_keys(np_reader *r, const np_yaml *node, const char *what,
                          const char *const *names, size_t n);
np_reader_key np_reader_get(const np_yaml *mapping, const char *name);
void np_reader_require(np_reader *r, const np_yaml *mapping, np_reader_key key,
                       const char *what);

const char *np_reader_text(np_reader *r, np_reader_key key); /* NULL: not given */
const char *np_reader_identifier(np_reader *r, np_reader_key key);
np_localised np_reader_localised(np_reader *r, np_reader_key key);
double np_reader_number(np_reader *r, np_reader_key key, double otherwise);
double np_reader_number_between(np_reader *r, np_reader_key key, double low, double high,
                                double otherwise);
bool np_reader_bool(np_reader *r, np_reader_key key, bool otherwise);
/* The index of the word in choices[n], else `otherwise`. */
int np_reader_choice(np_reader *r, np_reader_key key, const char *const *choices,
                     size_t n, int otherwise);

/* The items of a list, or the one that is given without a list; none of a list that
 * is longer than NP_READER_MOST_ITEMS, which is a problem. */
enum { NP_READER_MOST_ITEMS = 10000 };
const np_yaml *np_reader_items(np_reader *r, np_reader_key key, size_t *n);
const double *np_reader_numbers(np_reader *r, np_reader_key key, size_t *n);

#endif
