#include "evaluation/plan_reader.h"

np_plan_name plan_name(np_reader *r, np_reader_key key)
{
    np_plan_name name = {.text = np_reader_text(r, key)};
    if (name.text != NULL) {
        name.line = key.node->line;
        name.column = key.node->column;
    }
    return name;
}

const np_plan_name *plan_names(np_reader *r, np_reader_key key, size_t *n)
{
    const np_yaml *item = np_reader_items(r, key, n);
    np_plan_name *name = np_reader_array(r, np_plan_name, *n);
    size_t count = 0;
    for (size_t i = 0; name != NULL && i < *n; i++) {
        np_plan_name one = plan_name(r, (np_reader_key){key.name, &item[i]});
        if (one.text != NULL)
            name[count++] = one;
    }
    *n = count;
    return name;
}
