/* What programme.yaml defines. */
#include "store/kind_internal.h"

static const np_field programme_fields[] = {
    TEXT("name", NP_REQUIRED, "The programme's name."),
    DATE("starts", NP_REQUIRED, "The first day of the programme."),
    DATE("ends", NP_REQUIRED, "The last day of the programme."),
    TEXT("source_hash", NP_OPTIONAL,
         "SHA-256 of the programme.yaml that the records follow."),
};

static const np_field theme_fields[] = {
    TEXT("name", NP_REQUIRED, "The theme's name in English."),
    TEXT("name_nb", NP_OPTIONAL, "The name in bokmål."),
    TEXT("name_nn", NP_OPTIONAL, "The name in nynorsk."),
    TEXT("goal", NP_OPTIONAL, "What the programme wants of the theme."),
};

static const np_field cohort_fields[] = {
    TEXT("name", NP_REQUIRED, "The cohort's name in English."),
    TEXT("name_nb", NP_OPTIONAL, "The name in bokmål."),
    TEXT("name_nn", NP_OPTIONAL, "The name in nynorsk."),
    DATE("invited", NP_OPTIONAL, "When municipalities were invited."),
    DATE("deadline", NP_OPTIONAL, "The last day to apply."),
    DATE("starts", NP_REQUIRED, "The day on which the cohort's projects start."),
    DATE("ends", NP_REQUIRED, "The last day of the cohort's projects."),
};

static const np_field scheme_fields[] = {
    TEXT("name", NP_REQUIRED, "What the categories are of."),
    TEXT("name_nb", NP_OPTIONAL, "The name in bokmål."),
    TEXT("name_nn", NP_OPTIONAL, "The name in nynorsk."),
    CHOICE("sort", NP_OPTIONAL, ITEM_SORTS, "The sort of items that are coded by it."),
    REFERENCE("theme", NP_OPTIONAL, "theme", "The theme whose items are coded by it."),
    INTEGER("version", NP_REQUIRED, "1, 2 … of the scheme."),
    REFERENCE("previous", NP_OPTIONAL, "scheme",
              "The version that it takes the place of."),
    YES_NO("several", NP_OPTIONAL, "Whether an item may have several of its categories."),
    TEXT("definition", NP_OPTIONAL, "How to code by it."),
    TEXT("source", NP_OPTIONAL, "Where the categories come from."),
};

static const np_field category_fields[] = {
    REFERENCE("scheme", NP_REQUIRED, "scheme", "The scheme that it belongs to."),
    TEXT("code", NP_REQUIRED, "Its short word within the scheme."),
    TEXT("name", NP_REQUIRED, "The category's name in English."),
    TEXT("name_nb", NP_OPTIONAL, "The name in bokmål."),
    TEXT("name_nn", NP_OPTIONAL, "The name in nynorsk."),
    TEXT("definition", NP_OPTIONAL, "What belongs in it and what does not."),
    REFERENCE("parent", NP_OPTIONAL, "category",
              "The group of categories that it is in."),
    INTEGER("position", NP_OPTIONAL, "Its place in tables and forms."),
    TEXT("keywords", NP_OPTIONAL,
         "Words, divided by commas, that suggest the category to a coder; course* stands "
         "for every word that begins so."),
    PERIOD("first_period", NP_OPTIONAL, "The first period that it was asked for in."),
    PERIOD("last_period", NP_OPTIONAL, "The last period that it was asked for in."),
};

static const np_field crosswalk_fields[] = {
    REFERENCE("source", NP_REQUIRED, "category", "A category of the earlier scheme."),
    REFERENCE("target", NP_REQUIRED, "category", "The category that it becomes."),
    CHOICE("relation", NP_REQUIRED, "exact|broader|narrower|overlaps",
           "What the target is to the source."),
    TEXT("note", NP_OPTIONAL, "Why."),
};

static const np_field indicator_fields[] = {
    TEXT("name", NP_REQUIRED, "The indicator's name in English."),
    TEXT("name_nb", NP_OPTIONAL, "The name in bokmål."),
    TEXT("name_nn", NP_OPTIONAL, "The name in nynorsk."),
    REFERENCE("theme", NP_OPTIONAL, "theme", "The theme that reports it; empty: all."),
    INTEGER("version", NP_REQUIRED, "1, 2 … of the definition."),
    TEXT("definition", NP_REQUIRED, "What is measured, of whom, and what is left out."),
    TEXT("uom", NP_REQUIRED, "The unit of measure: per cent, persons, kroner."),
    CHOICE("level", NP_REQUIRED, GOAL_LEVELS, "The level of goals that it measures."),
    CHOICE("direction", NP_REQUIRED, "higher|lower", "Which way is better."),
    CHOICE("sort", NP_REQUIRED, "count|number|ratio",
           "A count of things, another number, or numerator by denominator."),
    TEXT("numerator", NP_OPTIONAL, "What is counted above the line of a ratio."),
    TEXT("denominator", NP_OPTIONAL, "What is counted below the line of a ratio."),
    NUMBER("factor", NP_OPTIONAL, "What the ratio is multiplied by: 100 for per cent."),
    INTEGER("decimals", NP_OPTIONAL, "How many decimals are printed."),
    NUMBER("low", NP_OPTIONAL, "The smallest value that can be."),
    NUMBER("high", NP_OPTIONAL, "The largest value that can be."),
    CHOICE("period", NP_REQUIRED, "year|half_year|quarter|month",
           "How often it is measured."),
    TEXT("source", NP_OPTIONAL, "Where the values come from."),
    YES_NO("cumulative", NP_OPTIONAL,
           "Whether it counts from the start and cannot fall."),
    CHOICE("across_organisations", NP_REQUIRED, AGGREGATIONS,
           "How values of several organisations make one; none: they cannot."),
    CHOICE("across_units", NP_REQUIRED, AGGREGATIONS,
           "How values of several units make one; none: they cannot."),
    CHOICE("across_periods", NP_REQUIRED, AGGREGATIONS,
           "How values of several periods make one; none: they cannot."),
};

static const np_field template_fields[] = {
    TEXT("name", NP_REQUIRED, "The template's name in English."),
    TEXT("name_nb", NP_OPTIONAL, "The name in bokmål."),
    TEXT("name_nn", NP_OPTIONAL, "The name in nynorsk."),
    CHOICE("sort", NP_REQUIRED, "start_up|half_year|annual|final", "The sort of report."),
    INTEGER("version", NP_REQUIRED, "1, 2 … of the template of this sort."),
    PERIOD("first_period", NP_OPTIONAL, "The first period that is reported by it."),
    PERIOD("last_period", NP_OPTIONAL, "The last period that is reported by it."),
    INTEGER("due_month", NP_REQUIRED, "The month in which the report is due."),
    INTEGER("due_day", NP_REQUIRED, "The day of that month."),
    INTEGER("due_years_after", NP_OPTIONAL,
            "How many years after the period's year: 0, 1."),
    YES_NO("needs_approval", NP_OPTIONAL,
           "Whether reports are approved or only received."),
    TEXT("change", NP_OPTIONAL, "What changed since the last version, and why."),
};

static const np_field question_fields[] = {
    REFERENCE("template", NP_REQUIRED, "template", "The template that asks it."),
    TEXT("code", NP_REQUIRED, "Its short word within the template."),
    INTEGER("position", NP_REQUIRED, "Its place in the form."),
    TEXT("text", NP_REQUIRED, "What is asked, in English."),
    TEXT("text_nb", NP_OPTIONAL, "What is asked, in bokmål."),
    TEXT("text_nn", NP_OPTIONAL, "What is asked, in nynorsk."),
    CHOICE("answer", NP_REQUIRED,
           "text|integer|number|date|yes_no|category|goals|measures|measurement|items",
           "What an answer is."),
    REFERENCE("scheme", NP_OPTIONAL, "scheme", "The categories that are offered."),
    REFERENCE("indicator", NP_OPTIONAL, "indicator", "The indicator that is asked for."),
    CHOICE("item_sort", NP_OPTIONAL, ITEM_SORTS,
           "The sort of items that answers become."),
    REFERENCE("theme", NP_OPTIONAL, "theme", "Asked of this theme alone; empty: of all."),
    YES_NO("required", NP_OPTIONAL, "Whether a report is complete without an answer."),
    YES_NO("repeats", NP_OPTIONAL, "Whether several answers may be given."),
    TEXT("help", NP_OPTIONAL, "What helps to answer."),
};

static const np_field question_crosswalk_fields[] = {
    REFERENCE("source", NP_REQUIRED, "question", "A question of the earlier template."),
    REFERENCE("target", NP_REQUIRED, "question", "The question that takes its place."),
    CHOICE("relation", NP_REQUIRED, "same|converted|not_comparable",
           "Whether answers carry over."),
    TEXT("note", NP_OPTIONAL, "Why, and how answers are converted."),
};

static const np_field grant_scheme_fields[] = {
    TEXT("name", NP_REQUIRED, "The grant's name."),
    NUMBER("amount_per_year", NP_REQUIRED, "Kroner for a municipality in a year."),
    NUMBER("hold_back_share", NP_OPTIONAL,
           "The share of each commitment that waits for the final payment, 0 to 1."),
    TEXT("legal_basis", NP_OPTIONAL, "The rule or budget item that it rests on."),
};

static const np_kind kinds[] = {
    KIND("programme", NULL, true, "The programme itself: one record.", programme_fields),
    KIND("theme", NULL, true, "What projects work on.", theme_fields),
    KIND("cohort", NULL, true, "Projects that start at one date.", cohort_fields),
    KIND("scheme", NULL, true, "A versioned set of categories for coding.",
         scheme_fields),
    KIND("category", "scheme/code", true, "A category of a scheme.", category_fields),
    KIND("crosswalk", "source/target", true,
         "What a category becomes in another version of the scheme.", crosswalk_fields),
    KIND("indicator", NULL, true, "What is measured, defined once.", indicator_fields),
    KIND("template", NULL, true, "A version of a report's form, with its deadline.",
         template_fields),
    KIND("question", "template/code", true, "A question of a report's form.",
         question_fields),
    KIND("question_crosswalk", "source/target", true,
         "What a question becomes in another version of the template.",
         question_crosswalk_fields),
    KIND("grant_scheme", NULL, true, "The rule by which grants are given.",
         grant_scheme_fields),
};

const np_kind_area np_kinds_definition = {kinds, sizeof kinds / sizeof *kinds};
