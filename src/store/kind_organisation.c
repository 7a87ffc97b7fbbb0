/* Organisations, their units and people. */
#include "store/kind_internal.h"

static const np_field organisation_fields[] = {
    TEXT("code", NP_OPTIONAL, "The four-digit code of a municipality (KLASS 131)."),
    TEXT("name", NP_REQUIRED, "The organisation's name."),
    CHOICE("sort", NP_REQUIRED, "municipality|county|city_district|group|other",
           "What it is; a group is several municipalities that report as one."),
    DATE("valid_from", NP_OPTIONAL, "The first day of the code."),
    DATE("valid_to", NP_OPTIONAL, "The last day of the code; empty: it is in use."),
    INTEGER("n_members", NP_OPTIONAL, "How many municipalities a group counts as."),
    TEXT("note", NP_OPTIONAL, "What else to know."),
};

static const np_field organisation_change_fields[] = {
    REFERENCE("predecessor", NP_REQUIRED, "organisation", "The organisation before."),
    REFERENCE("successor", NP_REQUIRED, "organisation", "The organisation after."),
    DATE("date", NP_REQUIRED, "The successor's first day."),
    CHOICE("sort", NP_REQUIRED, "merger|split|renumbering|boundary", "What happened."),
    NUMBER("share", NP_OPTIONAL,
           "The share of the predecessor that went to the successor, 0 to 1."),
    TEXT("note", NP_OPTIONAL, "What else to know."),
};

static const np_field unit_fields[] = {
    TEXT("number", NP_REQUIRED, "The unit's organisation number of nine digits."),
    TEXT("name", NP_REQUIRED, "The unit's name."),
    REFERENCE("organisation", NP_REQUIRED, "organisation", "Whose unit it is."),
    TEXT("service", NP_OPTIONAL, "School, kindergarten, home care …"),
    INTEGER("n_employees", NP_OPTIONAL, "How many work there."),
    DATE("valid_from", NP_OPTIONAL, "Its first day."),
    DATE("valid_to", NP_OPTIONAL, "Its last day; empty: it is in use."),
    TEXT("note", NP_OPTIONAL, "What else to know."),
};

static const np_field person_fields[] = {
    TEXT("name", NP_REQUIRED, "The person's name."),
    TEXT("email", NP_OPTIONAL, "Where the person is written to."),
    REFERENCE("organisation", NP_OPTIONAL, "organisation", "Where the person works."),
    TEXT("note", NP_OPTIONAL, "What else to know."),
};

static const np_field user_fields[] = {
    TEXT("name", NP_REQUIRED, "The user's full name."),
    CHOICE("role", NP_REQUIRED,
           "secretariat|analyst|evaluator|project_leader|network_leader|reader|"
           "administrator",
           "What the user may do."),
    REFERENCE("person", NP_OPTIONAL, "person", "The person that the user is."),
    YES_NO("closed", NP_OPTIONAL, "Whether the user may no longer enter."),
};

static const np_kind kinds[] = {
    KIND("organisation", "code", false,
         "A municipality by its code, with its days of validity, or another body.",
         organisation_fields),
    KIND("organisation_change", "predecessor/successor", false,
         "What became of an organisation: mergers, splits, new numbers.",
         organisation_change_fields),
    KIND("unit", "number", false, "A workplace of an organisation.", unit_fields),
    KIND("person", NULL, false, "A person with a role in the programme.", person_fields),
    KIND("user", NULL, false, "Somebody who may write or read here.", user_fields),
};

const np_kind_area np_kinds_organisation = {kinds, sizeof kinds / sizeof *kinds};
