/* A field of a mapping: where its text comes from and what is done to it. */
#include <string.h>

#include "base/date.h"
#include "programme/mapping_internal.h"

static unsigned digits(np_reader *r, const np_yaml *node)
{
    const char *text = mapping_text(r, node, "digits");
    if (text == NULL)
        return 0;
    if (strlen(text) == 1 && text[0] >= '2' && text[0] <= '9')
        return (unsigned)(text[0] - '0');
    mapping_problem(r, node, _("digits: 4 makes 0301 of 301"),
                    _("%s is no number of digits from 2 to 9"), text);
    return 0;
}

static np_mapping_dash dash(np_reader *r, const np_yaml *node)
{
    const char *text = mapping_text(r, node, "dash");
    if (text == NULL)
        return NP_DASH_REFUSED;
    if (strcmp(text, "missing") == 0)
        return NP_DASH_MISSING;
    if (strcmp(text, "zero") == 0)
        return NP_DASH_ZERO;
    mapping_problem(r, node, _("allowed are zero and missing"),
                    _("a dash cannot stand for %s"), text);
    return NP_DASH_REFUSED;
}

static const np_field *missing_field(np_reader *r, const np_kind *kind, size_t field,
                                     const np_yaml *node)
{
    size_t place = np_mapping_missing_field(kind, field);
    if (place < kind->n_fields)
        return &kind->field[place];
    mapping_problem(r, node, _("leave it out: a blank cell is an absent value"),
                    _("%s has no reason for a value that is missing"),
                    field < kind->n_fields ? kind->field[field].name : "id");
    return NULL;
}

static void check_reason(np_reader *r, const np_yaml *node, const np_field *missing,
                         const char *reason)
{
    if (reason != NULL && np_field_choice(missing, reason) < 0) {
        char hint[200];
        np_text_format(hint, sizeof hint, _("allowed are %s"), missing->among);
        mapping_problem(r, node, hint, _("%s is no reason for a missing value"), reason);
    }
}

static void reasons(np_reader *r, np_mapping_field *f, const np_kind *kind,
                    const np_yaml *blank, const np_yaml *symbols)
{
    const np_field *missing = NULL;
    if (blank != NULL || symbols != NULL)
        missing = missing_field(r, kind, f->field, blank != NULL ? blank : symbols);
    if (missing == NULL)
        return;
    f->blank = mapping_text(r, blank, "blank");
    check_reason(r, blank, missing, f->blank);
    f->symbol = mapping_words(r, symbols, "missing", &f->n_symbols);
    for (size_t i = 0; i < f->n_symbols; i++)
        check_reason(r, &symbols->item[i], missing, f->symbol[i].to);
}

/* "2014-06-30", or a pattern of the row's columns: "{year}-06-30". */
static void lookup_day(np_reader *r, np_mapping_field *f, const np_kind *target,
                       const np_yaml *on)
{
    int32_t day;
    f->lookup_on = mapping_pattern(r, on);
    const np_mapping_pattern *p = &f->lookup_on;
    bool fixed = p->n == 1 && !p->piece[0].name;
    if (p->n == 0 ||
        (fixed && !np_date_parse(&day, p->piece[0].text, strlen(p->piece[0].text))))
        mapping_problem(r, on,
                        _("write it as 2014-06-30, or \"{year}-06-30\" of a column"),
                        _("the day of a lookup is no date"));
    if (np_kind_field(target, "valid_from") == target->n_fields)
        mapping_problem(r, on, _("leave it out"), _("a %s has no days of validity"),
                        target->name);
}

static void lookup(np_reader *r, np_mapping_field *f, const np_kind *kind,
                   const np_yaml *node)
{
    static const char *const keys[] = {"by", "on"};
    if (node == NULL)
        return;
    const np_field *field = f->field < kind->n_fields ? &kind->field[f->field] : NULL;
    if (field == NULL || field->type != NP_FIELD_REFERENCE) {
        mapping_problem(r, node, _("only fields that refer to another record look it up"),
                        _("%s refers to no other record"),
                        field == NULL ? "id" : field->name);
        return;
    }
    if (!np_reader_check_keys(r, node, "lookup", keys, 2))
        return;
    const np_kind *target = np_kind_find(field->among);
    const np_yaml *by = np_yaml_find(node, "by"), *on = np_yaml_find(node, "on");
    if (on != NULL)
        lookup_day(r, f, target, on);
    f->lookup = mapping_text(r, by, "by");
    if (f->lookup == NULL)
        mapping_problem(r, node, _("lookup: {by: name}"),
                        _("a lookup says by which field"));
    else
        mapping_field_place(r, target, by);
}

static void source(np_reader *r, np_mapping_field *f, const np_kind *kind,
                   const np_yaml *node, const char *name)
{
    const np_yaml *column = np_yaml_find(node, "column"),
                  *constant = np_yaml_find(node, "constant"),
                  *pattern = np_yaml_find(node, "pattern");
    if ((column != NULL) + (constant != NULL) + (pattern != NULL) > 1)
        mapping_problem(r, node, _("give one of them"),
                        _("%s has several of column, constant and pattern"), name);
    if (pattern != NULL) {
        f->pattern = mapping_pattern(r, pattern);
    } else if (constant != NULL) {
        const char *text = mapping_text(r, constant, "constant");
        np_mapping_piece *piece = np_reader_array(r, np_mapping_piece, 1);
        if (text == NULL || piece == NULL)
            return;
        mapping_check_value(r, constant, kind, f->field, text);
        piece->text = text;
        f->pattern = (np_mapping_pattern){piece, 1};
    } else {
        f->column = column != NULL ? mapping_text(r, column, "column") : name;
    }
}

static bool has_type(const np_kind *kind, size_t field, np_field_type type)
{
    return field < kind->n_fields && kind->field[field].type == type;
}

static np_mapping_form form(np_reader *r, const np_mapping_field *f, const np_kind *kind,
                            const np_yaml *node)
{
    static const char *const forms[] = {"identifier", "year", "half_year", "quarter",
                                        "month"};
    int i = np_reader_choice(r, (np_reader_key){"as", node}, forms, 5, -1);
    if (i > 0 && !has_type(kind, f->field, NP_FIELD_PERIOD))
        mapping_problem(r, node, _("only a field of periods is made of a date"),
                        _("%s is no period"),
                        f->field < kind->n_fields ? kind->field[f->field].name : "id");
    return (np_mapping_form)(i + 1);
}

static bool exclusive(np_reader *r, const np_mapping_field *f, const np_kind *kind,
                      const np_yaml *node)
{
    bool wanted = mapping_yes(r, node, "exclusive");
    if (wanted && !has_type(kind, f->field, NP_FIELD_DATE))
        mapping_problem(r, node, _("only the last day of something can be exclusive"),
                        _("%s is no date"),
                        f->field < kind->n_fields ? kind->field[f->field].name : "id");
    return wanted;
}

static void conversions(np_reader *r, np_mapping_field *f, const np_kind *kind,
                        const np_yaml *node)
{
    const np_yaml *words = np_yaml_find(node, "words"),
                  *otherwise = np_yaml_find(node, "default"),
                  *as = np_yaml_find(node, "as");
    f->word = mapping_words(r, words, "words", &f->n_words);
    for (size_t i = 0; i < f->n_words; i++)
        mapping_check_value(r, &words->item[i], kind, f->field, f->word[i].to);
    f->otherwise = mapping_text(r, otherwise, "default");
    mapping_check_value(r, otherwise, kind, f->field, f->otherwise);
    f->as = form(r, f, kind, as);
    f->exclusive = exclusive(r, f, kind, np_yaml_find(node, "exclusive"));
    f->decimal = mapping_decimal(r, np_yaml_find(node, "decimal"));
    f->dash = dash(r, np_yaml_find(node, "dash"));
    f->digits = digits(r, np_yaml_find(node, "digits"));
    reasons(r, f, kind, np_yaml_find(node, "blank"), np_yaml_find(node, "missing"));
    lookup(r, f, kind, np_yaml_find(node, "lookup"));
    if (f->blank != NULL && f->otherwise != NULL)
        mapping_problem(r, node, _("give one of them"),
                        _("a blank cell cannot be both missing and a default"));
}

np_mapping_field mapping_field(np_reader *r, const np_kind *kind, const np_yaml *key,
                               const np_yaml *node)
{
    static const char *const keys[] = {
        "column", "words",   "default", "constant", "pattern", "decimal",  "dash",
        "blank",  "missing", "digits",  "as",       "lookup",  "exclusive"};
    np_mapping_field f = {.field = kind->n_fields, .line = key->line};
    if (strcmp(key->text, "id") != 0)
        f.field = mapping_field_place(r, kind, key);
    if (node->kind == NP_YAML_SCALAR)
        f.column = mapping_text(r, node, key->text);
    else if (np_reader_check_keys(r, node, key->text, keys, sizeof keys / sizeof *keys)) {
        source(r, &f, kind, node, key->text);
        conversions(r, &f, kind, node);
    }
    if (f.column == NULL && f.pattern.n == 0)
        f.column = key->text;
    return f;
}
