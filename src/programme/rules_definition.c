/* Rules of what programme.yaml defines, while other records rest on it. */
#include <string.h>

#include "programme/rules_internal.h"

static const np_rule rules[] = {
    {"definition_in_use", "",
     N_("What programme.yaml no longer defines is referred to by no record."), false},
    {"meaning_changed", "",
     N_("What is measured, answered, labelled or reported by keeps its meaning; another "
        "meaning is a new version."),
     false},
};

/* Fields that say what a record means, and the records whose `path` leads to it. */
static const struct {
    const char *kind, *field, *used_by, *path;
} meaning[] = {
    {"indicator", "sort", "measurement", "indicator"},
    {"indicator", "definition", "measurement", "indicator"},
    {"indicator", "uom", "measurement", "indicator"},
    {"indicator", "numerator", "measurement", "indicator"},
    {"indicator", "denominator", "measurement", "indicator"},
    {"indicator", "factor", "measurement", "indicator"},
    {"question", "text", "answer", "question"},
    {"question", "answer", "answer", "question"},
    {"category", "definition", "label", "category"},
    {"template", "sort", "report", "template"},
    {"template", "version", "report", "template"},
    {"scheme", "version", "label", "category.scheme"},
};

static const char *way_out(const char *kind)
{
    if (strcmp(kind, "indicator") == 0)
        return _("give the indicator the next version, or put the old words back");
    if (strcmp(kind, "question") == 0 || strcmp(kind, "template") == 0)
        return _("add a template with the next version, its own id and a crosswalk, and "
                 "put the old words back here");
    return _(
        "add a scheme with the next version, its own id and a crosswalk, and put the "
        "old words back here");
}

/* How many records of the kind lead to the identifier; there may be millions. */
static long long count_users(np_judge *judge, const char *kind, const char *path,
                             const char *id)
{
    np_rows rows = {0};
    np_query query = {.kind = np_kind_find(kind),
                      .column = &(np_query_column){"id", NP_COUNT},
                      .n_columns = 1,
                      .where = &NP_IS(path, id),
                      .n_where = 1};
    if (judge->status == NP_OK)
        judge->status =
            np_store_query(&rows, judge->store, &query, judge->arena, judge->err);
    return judge->status == NP_OK && rows.n_rows > 0 ? (long long)rows.cell[0].integer
                                                     : 0;
}

/* An indicator may say something new under the same identifier with a higher version,
 * since measurements name the version that they follow. */
static bool has_next_version(const np_record *past, const np_record *now)
{
    return strcmp(now->kind->name, "indicator") == 0 &&
           np_record_integer(now, "version", 1) > np_record_integer(past, "version", 1);
}

static void meaning_changed(np_judge *judge, const np_record *now, const np_record *past)
{
    for (size_t i = 0; i < sizeof meaning / sizeof *meaning; i++) {
        if (strcmp(meaning[i].kind, now->kind->name) != 0 ||
            np_value_equal(np_record_value(past, meaning[i].field),
                           np_record_value(now, meaning[i].field)) ||
            has_next_version(past, now))
            continue;
        long long n = count_users(judge, meaning[i].used_by, meaning[i].path, now->id);
        if (n > 0)
            judge_object(judge, now, meaning[i].field, "meaning_changed",
                         way_out(now->kind->name),
                         _("its meaning changed while it is in use, by records of the "
                           "kind %s: %lld"),
                         meaning[i].used_by, n);
    }
}

static void in_use(np_judge *judge, const np_record *past)
{
    size_t n_kinds;
    const np_kind *kind = np_kinds(&n_kinds);
    for (size_t k = 0; k < n_kinds; k++)
        for (size_t f = 0; f < kind[k].n_fields; f++) {
            const np_field *field = &kind[k].field[f];
            if (field->type != NP_FIELD_REFERENCE ||
                strcmp(field->among, past->kind->name) != 0)
                continue;
            long long n = count_users(judge, kind[k].name, field->name, past->id);
            if (n > 0)
                judge_object_to(judge, past->kind->name, past->id, "",
                                "definition_in_use",
                                _("put it back, or change those records first"),
                                _("it is gone from programme.yaml and still the %s of "
                                  "records of the kind %s: %lld"),
                                field->name, kind[k].name, n);
        }
}

static void definition(np_judge *judge, const np_record *now, const np_record *past)
{
    if (now == NULL)
        in_use(judge, past);
    else if (past != NULL)
        meaning_changed(judge, now, past);
}

static const rule_of_change changes[] = {
    {"programme", definition, true},    {"theme", definition, true},
    {"cohort", definition, true},       {"scheme", definition, true},
    {"category", definition, true},     {"crosswalk", definition, true},
    {"indicator", definition, true},    {"template", definition, true},
    {"question", definition, true},     {"question_crosswalk", definition, true},
    {"grant_scheme", definition, true},
};

const rule_area rules_of_definition = {
    .rule = rules, .n_rules = sizeof rules / sizeof *rules, .change = RULES_OF(changes)};
