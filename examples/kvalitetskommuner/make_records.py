#!/usr/bin/env python3
"""Makes records/KIND.csv of this example from what the evaluation of 2010 printed.

Usage: make_records.py [FOLDER]

Only counts and shares are printed: the 347 projects of the secretariat's register and those
who answered the surveys are made so that they give them, and marked as reconstructed. Nothing
is drawn by lot. `L123` is a line of the evaluation (blank lines not counted).
"""
import csv
import itertools
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
CODER = "evaluation-2010"

# --- the register of projects (L4042-4087), N = 347

# (sector, type): projects. The totals are those of tables 9.1 and 9.2; 100 and 17 of the 155 care
# projects are on quality and on both (L1518-1519), which leaves 38 on absence. The text has 38
# absence projects of whole municipalities and 50 in care (L1537-1540); but 117 + 50 is more than
# the 155, and only with the two numbers exchanged do the tables' totals come out: 38 and 50 here.
# How the 17 other projects on both divide among the sectors is not printed.
PROJECTS = {
    ("care", "quality"): 100, ("care", "both"): 17, ("care", "absence"): 38,
    ("childhood", "quality"): 58, ("childhood", "both"): 6, ("childhood", "absence"): 19,
    ("several", "quality"): 23, ("several", "both"): 6,
    ("whole", "quality"): 18, ("whole", "both"): 5, ("whole", "absence"): 50,
    ("not-stated", "not-stated"): 7,
}
# Units within a sector; which sector the "other" and "whole municipality" units are in is not
# printed. In the order of the sector's projects.
UNITS = {
    "care": [("home-care", 48), ("institution", 63), ("other", 44)],
    "childhood": [("school", 50), ("kindergarten", 15), ("kindergarten-school", 2),
                  ("after-school", 3), ("other", 13)],
    "several": [("whole", 24), ("not-stated", 5)],
    "whole": [("whole", 73)],
    "not-stated": [("not-stated", 7)],
}
# Levels aimed at, of (all projects, absence projects): the sums by sector are L1721-1723 and
# L1764-1766, those of all 279, 259, 126 (L1624-1626), those of absence projects 86 and 91
# (L1832-1834). The division of the absence projects among sectors is not printed.
LEVELS = {
    "system": {"care": (120, 30), "childhood": (71, 16), "several": (26, 0), "whole": (62, 40)},
    "employees": {"care": (114, 32), "childhood": (62, 16), "several": (20, 0),
                  "whole": (63, 43)},
    "users": {"care": (62, 0), "childhood": (57, 0), "several": (5, 0), "whole": (2, 0)},
}
# All three parties in the project group: 130, of which 64 and 30 (L1199-1201, L4246-4250).
ALL_PARTIES = {"care": 64, "childhood": 30, "several": 18, "whole": 18}
# Of all: said to be broadly organised 335 (L4250-4251), words in the description (L661-664).
OF_ALL = {"broad": 335, "dialogue": 264, "steering": 18}


class Records:
    def __init__(self):
        self.kinds = {}

    def add(self, kind, **values):
        self.kinds.setdefault(kind, []).append(
            {name: value for name, value in values.items() if value not in (None, "")})

    def write(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        for kind, records in self.kinds.items():
            names = list(dict.fromkeys(itertools.chain.from_iterable(records)))
            with open(folder / f"{kind}.csv", "w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, names, lineterminator="\n")
                writer.writeheader()
                writer.writerows(records)


def deal(pairs):
    """[(word, n), …] → the words, each n times."""
    return [word for word, n in pairs for _ in range(n)]


def register(records):
    items = []  # (sector, type, categories)
    for sector, units in UNITS.items():
        types = deal([(t, n) for (s, t), n in PROJECTS.items() if s == sector])
        for kind, unit in zip(types, deal(units), strict=True):
            items.append((sector, kind, [f"project-type/{kind}", f"project-sector/{sector}",
                                         f"project-unit/{unit}"]))
    for level, sectors in LEVELS.items():
        for sector, (n, n_absence) in sectors.items():
            of_absence = [i for i in items if i[0] == sector and i[1] == "absence"]
            others = [i for i in items if i[0] == sector and i[1] != "absence"]
            for item in of_absence[:n_absence] + others[:n - n_absence]:
                item[2].append(f"project-level/{level}")
    for sector, n in ALL_PARTIES.items():
        for item in [i for i in items if i[0] == sector][:n]:
            item[2].append("project-organisation/all-parties")
    for word, n in OF_ALL.items():
        for item in items[:n]:
            item[2].append(f"project-organisation/{word}")
    for number, (_, _, categories) in enumerate(items, 1):
        identifier = f"project-{number:03}"
        records.add("item", id=identifier, sort="project", period="2009",
                    bearer=identifier, reconstructed="yes",
                    source="the secretariat's register, autumn 2009: tables 9.1-9.3")
        for category in categories:
            records.add("label", item=identifier, category=category, coder=CODER)


# --- the survey to project leaders, February and March 2009

# Table 8.1 (L3847-3853): (asked, answered)
LEADERS = {"effort": (12, 9), "cohort-1": (26, 21), "cohort-2": (42, 34), "cohort-3": (35, 25)}

# Table 9.4 (L4111-4127): services, of 82 leaders; several answers. How many name one, two, three
# is given as shares that do not bind the counts.
CARE_SERVICES = ("9.4", 82, "none", {
    "home-care": 61, "institution": 59, "day-centre": 10, "activities": 18, "housing": 24,
    "other": 15, "none": 7})
# Table 9.5 (L4147-4159), of 81
CHILDHOOD_SERVICES = ("9.5", 81, "none", {
    "school": 47, "kindergarten": 37, "after-school": 19, "other": 11, "none": 21})
# Table 9.6 (L4173-4194): (all, some, none, do not know); 44 that answered for the whole
# municipality are in each row
ABSENCE_UNITS = {"home-care": (17, 15, 1, 1), "institution": (17, 18, 2, 0),
                 "school": (8, 9, 5, 1), "kindergarten": (12, 7, 6, 1),
                 "after-school": (7, 3, 6, 1)}
WHOLE = 44

# Tables 9.7 and 9.12 (L4218-4229, L4436-4446) print per cent and N: counts that give them.
# (project leaders, N = 88; members of steering groups, N = 189)
AMBITION = {"too-ambitious": (2, 19), "right": (67, 127), "too-modest": (15, 37),
            "dont-know": (4, 6)}
PROGRESS = {"very-satisfying": (15, 28), "rather-satisfying": (53, 93), "both": (16, 45),
            "rather-bad": (3, 17), "very-bad": (0, 3), "dont-know": (1, 3)}

# Table 9.10 (L4361-4368): (lowest, highest, N, sum); the sums are the whole numbers that give the
# printed means. Its N are not those of table 8.1, so that its respondents are kept apart.
MEETINGS = {"cohort-1": (2, 20, 21, 136), "cohort-2": (2, 30, 35, 265),
            "cohort-3": (1, 20, 29, 133), "effort": (2, 17, 7, 58)}


def survey(records, identifier, name, population):
    records.add("survey", id=identifier, name=name, period="2009", population=population)


def respondents(records, survey_id, source, outcome, n, first=1, **values):
    made = []
    for k in range(n):
        identifier = "/".join(filter(None, [survey_id, values.get("cohort"),
                                            f"{first + k:03}"]))
        records.add("respondent", id=identifier, survey=survey_id, outcome=outcome,
                    reconstructed="yes", source=source, **values)
        made.append(identifier)
    return made


def answers(records, who, question, counts):
    """One answer each: {choice: n}."""
    for respondent, choice in zip(who, deal(counts.items())):
        records.add("survey_answer", respondent=respondent, question=question, choice=choice)


def several_answers(records, who, question, counts, exclusive):
    """Several answers each; those who tick `exclusive` tick nothing else."""
    alone, others = who[:counts[exclusive]], who[counts[exclusive]:]
    ticked, turn = {r: [exclusive] if r in alone else [] for r in who}, 0
    for choice, n in counts.items():
        if choice == exclusive:
            continue
        for k in range(n):
            ticked[others[(turn + k) % len(others)]].append(choice)
        turn += n
    for respondent, choices in ticked.items():
        for choice in choices:
            records.add("survey_answer", respondent=respondent, question=question,
                        choice=choice)


def values_between(low, high, n, total):
    """n whole numbers of this sum, with the lowest and the highest among them."""
    middle, rest = n - 2, total - low - high
    each, more = divmod(rest, middle)
    assert low <= each and each + (more > 0) <= high
    return [low] + [each + (k < more) for k in range(middle)] + [high]


def leaders(records):
    survey(records, "project-leaders", "Survey to project leaders",
           "One project leader for each municipality of the first three cohorts and the effort "
           "municipalities")
    answered = []
    for cohort, (asked, n) in LEADERS.items():
        answered += respondents(records, "project-leaders", "table 8.1, L3847-3853", "answered",
                                n, cohort=cohort)
        respondents(records, "project-leaders", "table 8.1, L3847-3853", "no_answer", asked - n,
                    first=n + 1, cohort=cohort)
    for question, n, exclusive, counts in (CARE_SERVICES, CHILDHOOD_SERVICES):
        several_answers(records, answered[:n], question, counts, exclusive)
    for unit, counts in ABSENCE_UNITS.items():
        answers(records, answered, f"absence-{unit}",
                {"whole": WHOLE, **dict(zip(("all", "some", "none", "dont-know"), counts))})
    answers(records, answered, "ambition", {c: n[0] for c, n in AMBITION.items()})
    answers(records, answered, "progress", {c: n[0] for c, n in PROGRESS.items()})


def meetings(records):
    survey(records, "project-leaders-9.10", "Survey to project leaders, as table 9.10 has it",
           "Those who answered on the meetings of 2008; more than answered by table 8.1")
    for cohort, (low, high, n, total) in MEETINGS.items():
        who = respondents(records, "project-leaders-9.10", "table 9.10, L4361-4368", "answered",
                          n, cohort=cohort)
        for respondent, value in zip(who, values_between(low, high, n, total)):
            records.add("survey_answer", respondent=respondent, question="meetings",
                        value=value)


# --- the surveys to steering groups and to participants of projects

# Table 8.2 (L3880-3888): 190 of 368 answered; the rows sum to 188
STEERING = {"politician": 59, "leader": 63, "union": 61, "employee": 2, "other": 3}
STEERING_ASKED, STEERING_ANSWERED = 368, 190
# The second table 8.1 (L3914-3931): 126 of 262; (care, childhood, other areas), several answers
PARTICIPANTS = {"project-leader": (14, 17, 9), "unit-leader": (21, 25, 4), "union": (15, 14, 0),
                "employee": (10, 9, 2), "other": (7, 4, 7)}
PARTICIPANTS_IN = {"care": 52, "childhood": 55, "other": 19}
PARTICIPANTS_ASKED = 262


def steering_groups(records):
    survey(records, "steering-groups", "Survey to members of local steering groups",
           "Members of steering groups in 49 municipalities")
    who, first = [], 1
    source = "table 8.2, L3880-3888"
    unknown = STEERING_ANSWERED - sum(STEERING.values())
    for affiliation, n in [*STEERING.items(), ("", unknown)]:
        who += respondents(records, "steering-groups", source, "answered", n, first=first,
                           affiliation=affiliation)
        first += n
    respondents(records, "steering-groups", source, "no_answer",
                STEERING_ASKED - STEERING_ANSWERED, first=first)
    answers(records, who, "ambition", {c: n[1] for c, n in AMBITION.items()})
    answers(records, who, "progress", {c: n[1] for c, n in PROGRESS.items()})


def participants(records):
    survey(records, "participants", "Survey to participants of projects",
           "Leaders, union representatives and employees of 95 projects in 44 municipalities")
    first, source = 1, "the second table 8.1, L3914-3931"
    for column, (service, n) in enumerate(PARTICIPANTS_IN.items()):
        who, turn = respondents(records, "participants", source, "answered", n, first=first,
                                service=service), 0
        first += n
        for affiliation, counts in PARTICIPANTS.items():
            for k in range(counts[column]):
                records.add("survey_answer", respondent=who[(turn + k) % n],
                            question="affiliation", choice=affiliation)
            turn += counts[column]
    respondents(records, "participants", source, "no_answer",
                PARTICIPANTS_ASKED - sum(PARTICIPANTS_IN.values()), first=first)


def main():
    records = Records()
    register(records)
    leaders(records)
    meetings(records)
    steering_groups(records)
    participants(records)
    records.write(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "records")


if __name__ == "__main__":
    main()
