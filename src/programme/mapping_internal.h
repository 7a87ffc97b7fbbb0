/* What the parts of the reading of mappings share; nobody else includes this. */
#ifndef NP_PROGRAMME_MAPPING_INTERNAL_H
#define NP_PROGRAMME_MAPPING_INTERNAL_H

#include "io/yaml_reader.h"
#include "programme/mapping.h"

#define mapping_problem(r, node, hint, ...)                                              \
    np_reader_problem((r), (node), "", NP_E_PARSE, (hint), __VA_ARGS__)
/* NULL where nothing is given, or something else, which is a problem. */
const char *mapping_text(np_reader *r, const np_yaml *node, const char *what);
/* The texts of a list, or the one that is given without a list. */
const char *const *mapping_texts(np_reader *r, const np_yaml *node, const char *what,
                                 size_t *n);
const np_mapping_word *mapping_words(np_reader *r, const np_yaml *node, const char *what,
                                     size_t *n);
bool mapping_yes(np_reader *r, const np_yaml *node, const char *what);
char mapping_decimal(np_reader *r, const np_yaml *node);
np_mapping_pattern mapping_pattern(np_reader *r, const np_yaml *node);
/* The field's place, n_fields where there is none, which is a problem. */
size_t mapping_field_place(np_reader *r, const np_kind *kind, const np_yaml *node);
/* A problem where the text is no value of the field. */
void mapping_check_value(np_reader *r, const np_yaml *node, const np_kind *kind,
                         size_t field, const char *text);

/* mapping_field.c */
np_mapping_field mapping_field(np_reader *r, const np_kind *kind, const np_yaml *key,
                               const np_yaml *node);

#endif
