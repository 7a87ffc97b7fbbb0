/* Projects, who takes part, and who does what. */
#include "store/kind_internal.h"

static const np_field project_fields[] = {
    TEXT("name", NP_REQUIRED, "The project's name, often the municipality's."),
    REFERENCE("cohort", NP_REQUIRED, "cohort", "The cohort in which it was admitted."),
    DATE("starts", NP_OPTIONAL, "Its first day; empty: the cohort's."),
    DATE("ends", NP_OPTIONAL, "Its last day; empty: the cohort's."),
    TEXT("purpose", NP_OPTIONAL, "Why, in the project's own words."),
    TEXT("organising", NP_OPTIONAL, "How it is organised and anchored with the parties."),
    TEXT("note", NP_OPTIONAL, "What else to know."),
};

static const np_field project_organisation_fields[] = {
    REFERENCE("project", NP_REQUIRED, "project", "The project."),
    REFERENCE("organisation", NP_REQUIRED, "organisation",
              "An organisation that owns it."),
    DATE("joined", NP_OPTIONAL, "Empty: from the project's first day."),
    DATE("left_on", NP_OPTIONAL, "Empty: until its last day."),
    YES_NO("leads", NP_OPTIONAL, "Whether it answers for the project."),
};

static const np_field participation_fields[] = {
    REFERENCE("project", NP_REQUIRED, "project", "The project."),
    REFERENCE("theme", NP_REQUIRED, "theme", "The theme that it works on."),
    CHOICE("role", NP_REQUIRED, "main|additional", "Main or additional theme."),
    DATE("starts", NP_OPTIONAL, "Empty: the project's first day."),
    DATE("ends", NP_OPTIONAL, "Empty: the project's last day."),
    TEXT("note", NP_OPTIONAL, "What else to know."),
};

static const np_field withdrawal_fields[] = {
    REFERENCE("project", NP_REQUIRED, "project", "The project that withdraws."),
    REFERENCE("theme", NP_OPTIONAL, "theme", "From this theme alone; empty: from all."),
    DATE("date", NP_REQUIRED, "The first day on which it no longer takes part."),
    TEXT("reason", NP_REQUIRED, "Why."),
};

static const np_field network_fields[] = {
    TEXT("name", NP_REQUIRED, "The network's name."),
    REFERENCE("cohort", NP_OPTIONAL, "cohort", "The cohort that it is for."),
    REFERENCE("theme", NP_OPTIONAL, "theme", "The theme that it is about."),
    DATE("starts", NP_OPTIONAL, "Its first day."),
    DATE("ends", NP_OPTIONAL, "Its last day."),
};

static const np_field role_fields[] = {
    REFERENCE("person", NP_REQUIRED, "person", "Who."),
    CHOICE("role", NP_REQUIRED,
           "owner|council|steering_group|secretariat|network_leader|resource_group|"
           "analyst|project_leader|local_steering_group",
           "In what role."),
    CHOICE("party", NP_OPTIONAL, PARTIES "|other",
           "For which of the three local parties."),
    YES_NO("chairs", NP_OPTIONAL, "Whether the person chairs the body."),
    REFERENCE("project", NP_OPTIONAL, "project", "Of this project."),
    REFERENCE("network", NP_OPTIONAL, "network", "Of this network."),
    DATE("starts", NP_REQUIRED, "The first day in the role."),
    DATE("ends", NP_OPTIONAL, "The last day; empty: still in it."),
    TEXT("reason_ended", NP_OPTIONAL, "Why it ended."),
};

static const np_kind kinds[] = {
    KIND("project", NULL, false,
         "A local development project of one or several "
         "organisations, in exactly one cohort.",
         project_fields),
    KIND("project_organisation", "project/organisation", false,
         "An organisation's part in a project.", project_organisation_fields),
    KIND("participation", "project/theme", false,
         "A project's work on a theme in a period.", participation_fields),
    KIND("withdrawal", "project/theme/date", false,
         "A project that left the programme or a theme, and why.", withdrawal_fields),
    KIND("network", NULL, false, "Projects that meet.", network_fields),
    KIND("role", "person/role/project/network/starts", false,
         "A person in a role over time.", role_fields),
};

const np_kind_area np_kinds_project = {kinds, sizeof kinds / sizeof *kinds};
