/* Rules of items, labels and what was settled. */
#include <string.h>

#include "programme/rules_internal.h"

static const np_rule rules[] = {
    {"item_text", "item",
     N_("An item has a text, unless it was made from a printed count."), false},
    {"item_of_report", "item",
     N_("An item is of the project and the period of its report."), false},
    {"item_belongs", "item",
     N_("An item's goal, measure and cohort are those of its project."), false},
    {"label_sort", "",
     N_("An item is put into categories of a scheme for its sort and theme."), false},
    {"several_labels", "label",
     N_("A coder puts an item into one category of a scheme, unless the scheme takes "
        "several."),
     false},
    {"settled_twice", "adjudication",
     N_("An item is settled in one category of a scheme, unless the scheme takes "
        "several."),
     false},
    {"settled_without_labels", "adjudication",
     N_("What is settled was coded by somebody before."), false},
    {"settled_by_coder", "adjudication",
     N_("Whoever settles an item is not one of its coders."), true},
    {"superseded_scheme", "label", N_("New labels are of the last version of a scheme."),
     true},
};

static void item(np_judge *judge, const np_record *record)
{
    if (np_record_text(record, "text") == NULL &&
        np_record_integer(record, "reconstructed", 0) != 1)
        judge_object(judge, record, "text", "item_text",
                     _("set reconstructed where only a count is known"),
                     _("the item has no text"));
    const np_record *report = judge_referred(judge, record, "report");
    static const char *const same[] = {"project", "period"};
    for (size_t i = 0; i < 2 && report != NULL; i++) {
        const char *own = np_record_text(record, same[i]);
        const char *of_report = np_record_text(report, same[i]);
        if (own != NULL && of_report != NULL && strcmp(own, of_report) != 0)
            judge_object(judge, record, same[i], "item_of_report", NULL,
                         _("the item is of %s, and its report of %s"), own, of_report);
    }
}

static void belonging(np_judge *judge, const np_record *record)
{
    const char *project = np_record_text(record, "project");
    static const char *const parts[] = {"goal", "measure"};
    for (size_t i = 0; i < 2 && project != NULL; i++) {
        const np_record *part = judge_referred(judge, record, parts[i]);
        if (part != NULL && !has_word(part, "project", project))
            judge_object(judge, record, parts[i], "item_belongs", NULL,
                         _("%s is of the project %s, and the item of %s"), part->id,
                         np_record_text(part, "project"), project);
    }
    const np_record *whole = judge_referred(judge, record, "project");
    const char *cohort = np_record_text(record, "cohort");
    if (whole != NULL && cohort != NULL && !has_word(whole, "cohort", cohort))
        judge_object(judge, record, "cohort", "item_belongs", NULL,
                     _("the project %s is of the cohort %s, and the item of %s"),
                     whole->id, np_record_text(whole, "cohort"), cohort);
}

static const np_record *scheme_of(np_judge *judge, const np_record *label)
{
    const np_record *category = judge_referred(judge, label, "category");
    return category != NULL ? judge_referred(judge, category, "scheme") : NULL;
}

static void label(np_judge *judge, const np_record *record)
{
    const np_record *of = judge_referred(judge, record, "item");
    const np_record *scheme = scheme_of(judge, record);
    if (of == NULL || scheme == NULL)
        return;
    static const char *const fields[] = {"sort", "theme"};
    for (size_t i = 0; i < 2; i++) {
        const char *wanted = np_record_text(scheme, fields[i]);
        const char *own = np_record_text(of, fields[i]);
        if (wanted != NULL && own != NULL && strcmp(wanted, own) != 0)
            judge_object(judge, record, "category", "label_sort", NULL,
                         _("the scheme %s is for %s, and the item %s is of %s"),
                         scheme->id, wanted, of->id, own);
    }
}

/* Only of what is put now: what was coded by an earlier scheme stays as it is. */
static void new_label(np_judge *judge, const np_record *now, const np_record *past)
{
    const np_record *scheme = now != NULL && past == NULL ? scheme_of(judge, now) : NULL;
    if (scheme == NULL)
        return;
    np_rows later = ROWS_OF(judge, "scheme", "id", "previous", scheme->id);
    if (later.n_rows > 0)
        judge_object(judge, now, "category", "superseded_scheme", NULL,
                     _("the scheme %s was replaced by %s"), scheme->id,
                     np_rows_text(&later, 0, 0));
}

enum { L_SCHEME, L_CODER, L_SEVERAL, L_ID };

/* A category that is not there has no scheme: a reference that leads nowhere is told by
 * another rule, and must not end the judging. */
static const char *text_of(const np_rows *rows, size_t row, size_t column)
{
    const char *text = np_rows_text(rows, row, column);
    return text == NULL ? "" : text;
}

static bool same_text(const np_rows *rows, size_t a, size_t b, size_t column)
{
    return strcmp(text_of(rows, a, column), text_of(rows, b, column)) == 0;
}

static void labels_of(np_judge *judge, const char *id, const np_rows *labels)
{
    for (size_t r = 0; r < labels->n_rows; r++)
        for (size_t q = 0; q < r; q++)
            if (np_rows_integer(labels, r, L_SEVERAL, 0) != 1 &&
                same_text(labels, r, q, L_SCHEME) && same_text(labels, r, q, L_CODER)) {
                judge_object_to(judge, "label", text_of(labels, r, L_ID), "category",
                                "several_labels", NULL,
                                _("%s puts the item %s into several categories of %s"),
                                text_of(labels, r, L_CODER), id,
                                text_of(labels, r, L_SCHEME));
                break;
            }
}

static void settled_of(np_judge *judge, const char *id, const np_rows *labels,
                       const np_rows *settled)
{
    for (size_t r = 0; r < settled->n_rows; r++) {
        const char *scheme = text_of(settled, r, L_SCHEME);
        const char *by = text_of(settled, r, L_CODER);
        const char *own = text_of(settled, r, L_ID);
        bool coded = false, by_coder = false;
        for (size_t q = 0; q < labels->n_rows; q++)
            if (strcmp(text_of(labels, q, L_SCHEME), scheme) == 0) {
                coded = true;
                by_coder |= strcmp(text_of(labels, q, L_CODER), by) == 0;
            }
        if (!coded)
            judge_object_to(judge, "adjudication", own, "item", "settled_without_labels",
                            NULL, _("nobody has coded the item %s by %s"), id, scheme);
        if (by_coder)
            judge_object_to(judge, "adjudication", own, "decided_by", "settled_by_coder",
                            NULL, _("%s settles the item %s and coded it"), by, id);
        if (r > 0 && same_text(settled, r, r - 1, L_SCHEME) &&
            np_rows_integer(settled, r, L_SEVERAL, 0) != 1)
            judge_object_to(judge, "adjudication", own, "category", "settled_twice", NULL,
                            _("the item %s is settled in several categories of %s"), id,
                            scheme);
    }
}

static void whole_item(np_judge *judge, const char *id)
{
    np_rows labels = ROWS_OF(
        judge, "label", "category.scheme coder category.scheme.several id", "item", id);
    np_rows settled =
        ROWS_OF(judge, "adjudication",
                "category.scheme decided_by category.scheme.several id", "item", id);
    labels_of(judge, id, &labels);
    settled_of(judge, id, &labels, &settled);
}

static const rule_of_record records[] = {
    {"item", item},
    {"item", belonging},
    {"label", label},
    {"adjudication", label},
};

static const rule_of_change changes[] = {{"label", new_label, true}};

static const rule_together together[] = {{"item", whole_item, NULL}};

static const rule_belongs belongs[] = {
    {"label", "item", "item", NULL},
    {"adjudication", "item", "item", NULL},
};

const rule_area rules_of_coding = {.rule = rules,
                                   .n_rules = sizeof rules / sizeof *rules,
                                   .record = RULES_OF(records),
                                   .change = RULES_OF(changes),
                                   .together = RULES_OF(together),
                                   .belongs = RULES_OF(belongs)};
