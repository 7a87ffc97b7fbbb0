/* Meetings and support. */
#include "store/kind_internal.h"

static const np_field network_member_fields[] = {
    REFERENCE("network", NP_REQUIRED, "network", "The network."),
    REFERENCE("project", NP_REQUIRED, "project", "A project in it."),
    DATE("joined", NP_OPTIONAL, "Empty: from the network's first day."),
    DATE("left_on", NP_OPTIONAL, "Empty: until its last day."),
};

static const np_field meeting_fields[] = {
    TEXT("title", NP_REQUIRED, "What the meeting was called."),
    DATE("date", NP_REQUIRED, "Its first day."),
    CHOICE("sort", NP_REQUIRED, "network|cohort|project_leaders|conference|course|visit",
           "What it was."),
    REFERENCE("network", NP_OPTIONAL, "network", "The network that met."),
    REFERENCE("cohort", NP_OPTIONAL, "cohort", "The cohort that met."),
    TEXT("place", NP_OPTIONAL, "Where."),
};

static const np_field attendance_fields[] = {
    REFERENCE("meeting", NP_REQUIRED, "meeting", "The meeting."),
    REFERENCE("project", NP_REQUIRED, "project", "The project that came."),
    CHOICE("party", NP_REQUIRED, PARTIES "|project_leader|other", "Who came."),
    INTEGER("n_people", NP_REQUIRED, "How many; 0: nobody of this party."),
};

static const np_field support_fields[] = {
    REFERENCE("project", NP_REQUIRED, "project", "The project that got it."),
    DATE("date", NP_REQUIRED, "When."),
    CHOICE("sort", NP_REQUIRED, "visit|call|guidance|course|analysis|other",
           "What it was."),
    TEXT("given_by", NP_REQUIRED, "Who gave it."),
    NUMBER("hours", NP_OPTIONAL, "How many hours."),
    TEXT("note", NP_OPTIONAL, "What else to know."),
};

static const np_kind kinds[] = {
    KIND("network_member", "network/project", false, "A project's part in a network.",
         network_member_fields),
    KIND("meeting", NULL, false, "A gathering of the programme.", meeting_fields),
    KIND("attendance", "meeting/project/party", false, "Who came to a meeting, by party.",
         attendance_fields),
    KIND("support", NULL, false, "Help that a project got.", support_fields),
};

const np_kind_area np_kinds_network = {kinds, sizeof kinds / sizeof *kinds};
