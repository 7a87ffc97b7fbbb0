/* What is coded, by whom, and what was settled. */
#include "store/kind_internal.h"

static const np_field item_fields[] = {
    CHOICE("sort", NP_REQUIRED, ITEM_SORTS, "What it is."),
    TEXT("text", NP_OPTIONAL, "What was written; empty where only a count is known."),
    PERIOD("period", NP_REQUIRED, "The period of the report that says it."),
    REFERENCE("report", NP_OPTIONAL, "report", "The report that says it."),
    REFERENCE("project", NP_OPTIONAL, "project", "Whose it is; empty: not known."),
    REFERENCE("theme", NP_OPTIONAL, "theme", "The theme that it is about."),
    REFERENCE("cohort", NP_OPTIONAL, "cohort", "The cohort; empty: the project's."),
    CHOICE("role", NP_OPTIONAL, "main|additional",
           "Whether the theme is a main or an additional one of the project."),
    REFERENCE("goal", NP_OPTIONAL, "goal", "The goal that it is a statement of."),
    REFERENCE("measure", NP_OPTIONAL, "measure",
              "The measure that it is a statement of."),
    REFERENCE("answer", NP_OPTIONAL, "answer", "The answer that it comes from."),
    TEXT("bearer", NP_OPTIONAL,
         "Who says it where the project is not known: items of one report share it."),
    YES_NO("reconstructed", NP_OPTIONAL,
           "Whether it was made from a printed count, since the text is not at hand."),
    TEXT("source", NP_OPTIONAL, "The page or table that it comes from."),
};

static const np_field label_fields[] = {
    REFERENCE("item", NP_REQUIRED, "item", "The item."),
    REFERENCE("category", NP_REQUIRED, "category", "The category that it is put into."),
    TEXT("coder", NP_REQUIRED, "Who coded: a user's name."),
    DATE("date", NP_OPTIONAL, "When."),
    TEXT("note", NP_OPTIONAL, "Why."),
};

static const np_field adjudication_fields[] = {
    REFERENCE("item", NP_REQUIRED, "item", "The item."),
    REFERENCE("category", NP_REQUIRED, "category", "The category that it ends in."),
    TEXT("decided_by", NP_REQUIRED, "Who settled it."),
    DATE("date", NP_OPTIONAL, "When."),
    TEXT("reason", NP_OPTIONAL, "Why."),
};

static const np_kind kinds[] = {
    KIND("item", NULL, false,
         "Something that a report says: a goal, a measure, a hindrance. What is counted "
         "in most tables.",
         item_fields),
    KIND("label", "item/category/coder", false, "A coder's category for an item.",
         label_fields),
    KIND("adjudication", "item/category", false,
         "The category that was settled where coders disagreed.", adjudication_fields),
};

const np_kind_area np_kinds_coding = {kinds, sizeof kinds / sizeof *kinds};
