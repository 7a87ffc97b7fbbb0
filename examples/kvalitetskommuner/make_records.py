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
    shares_of_leaders(records, answered)


def meetings(records):
    survey(records, "project-leaders-9.10", "Survey to project leaders, as table 9.10 has it",
           "Those who answered on the meetings of 2008; more than answered by table 8.1")
    for cohort, (low, high, n, total) in MEETINGS.items():
        who = respondents(records, "project-leaders-9.10", "table 9.10, L4361-4368", "answered",
                          n, cohort=cohort)
        for respondent, value in zip(who, values_between(low, high, n, total)):
            records.add("survey_answer", respondent=respondent, question="meetings",
                        value=value)


# --- shares of the surveys that are printed with their N (L2168-2176, L4259-4752)

# A share is of whole people: the counts are those that give it, or come nearest. Where none
# gives it the source's N is not the share's, and `table --check` says so.

# Table 9.8 (L4259-4283), N = 96, more than answered by table 8.1: (per cent, fewest, most, mean)
COMPOSITION = {
    "mayor": (57, None, None, None), "politicians": (95, 1, 11, 2.59),
    "chief": (62, None, None, None), "head": (74, 1, 7, 1.71),
    "project-leader": (79, None, None, None), "part-leaders": (31, 1, 11, 3.00),
    "unit-leaders": (54, 1, 20, 2.63), "administration": (36, 1, 6, 1.68),
    "main-union": (97, 1, 5, 2.47), "other-union": (32, 1, 9, 2.06),
    "others": (53, None, None, None)}
# Table 9.9 (L4309-4321), N = 94
RECRUITED = {"staff": 51, "director": 7, "unit-leader": 12, "other": 21, "outside": 9}
# Table 9.11 (L4390-4414), members of steering groups: (per cent that agree, N); 9.17 (L4608-4616)
STATEMENTS = {"agreement": (80, 188), "equal-footing": (69, 188), "contact": (54, 187),
              "politicians": (71, 186), "leaders": (74, 188), "employees": (67, 188),
              "own-choice": (58, 186)}
AREAS = ("care", "childhood", "absence")
# Table 9.13 (L4471-4500), project leaders, several answers: per cent by area
IDEAS_N = (72, 55, 58)
IDEAS = {
    "employees": (56, 47, 44), "unit-leaders": (74, 67, 62), "leaders": (43, 46, 60),
    "project-leaders": (60, 51, 59), "union": (68, 56, 78), "politicians": (43, 40, 46),
    "users": (11, 22, 6), "secretariat": (17, 16, 22), "gatherings": (11, 6, 19),
    "municipalities": (11, 7, 16), "external": (6, 7, 6)}
# Table 9.14 (L4536-4561), project leaders: (per cent to a large extent, N) by area
INVOLVED = {
    "employees": ((65, 68), (68, 47), (59, 68)), "unit-leaders": ((84, 69), (86, 56), (79, 72)),
    "leaders": ((63, 64), (63, 48), (71, 73)), "project-leaders": ((79, 71), (70, 56), (76, 74)),
    "union": ((82, 71), (69, 53), (80, 75)), "politicians": ((44, 63), (38, 50), (46, 70)),
    "users": ((21, 48), (35, 40), None), "external": ((31, 26), (53, 15), (49, 39))}
# Tables 9.15 (L4573-4578), steering groups by area, and 9.16 (L4585-4592), participants
OWN_PART = ((42, 151), (41, 130), (51, 170))
TAKEN_PART = {"self": (70, 124), "employees": (39, 117)}
# Tables 9.18 and 9.19 (L4640-4720): (leaders, steering groups; participants in care, childhood,
# other areas). The N vary with the item: the highest is taken unless a lower one gives the share.
SUCCESS = {
    "tripartite": (82, 68, 58, 47, 59), "politicians": (66, 53, 40, 41, 47),
    "leaders": (84, 70, 67, 51, 59), "unit-leaders": (70, 63, 58, 51, 29),
    "union": (89, 77, 67, 53, 65), "employees": (46, 40, 35, 25, 24),
    "organisation": (78, 62, 58, 63, 71)}
SUCCESS_N = ((88, 87), (184, 183), (52, 51), (49,), (17,))
# Table 9.20 (L4730-4752): (leaders, steering groups)
CLIMATE = {"leaders": (70, 62), "union": (83, 69), "politicians": (66, 56), "decisive": (76, 81)}
CLIMATE_N = ((87, 86), (183, 182))
# Table 4.1 (L2168-2176): better delivery; leaders, steering groups, participants in two services
DELIVERY = ((35, 78), (26, 167), (33, 51), (34, 50))


def per_cent(n, total):
    return int(100 * n / total + 0.5)


def people(share, *totals):
    """(count, N) that give the share, or come nearest: the first N that does."""
    return min(((n, total) for total in totals for n in range(total + 1)),
               key=lambda c: (abs(per_cent(*c) - share), totals.index(c[1]),
                              abs(100 * c[0] / c[1] - share)))


def agree(records, who, question, share, *totals):
    """Those who chose one of the two highest answers, and the others."""
    n, total = people(share, *totals)
    assert total <= len(who), question
    answers(records, who, question, {"top-two": n, "others": total - n})


def composition(records):
    survey(records, "project-leaders-9.8",
           "Survey to project leaders, as tables 9.8 and 9.9 have it",
           "Those who answered on the steering group; more than answered by table 8.1")
    who = respondents(records, "project-leaders-9.8", "table 9.8, L4259-4283", "answered", 96)
    turn = 0
    for member, (share, low, high, mean) in COMPOSITION.items():
        n, _ = people(share, len(who))
        values = [None] * n
        if mean is not None:
            values = values_between(low, high, n, round(mean * n))
        for k, value in enumerate(values):
            records.add("survey_answer", respondent=who[(turn + k) % len(who)],
                        question="composition", choice=member, value=value)
        turn += n
    counts = {place: people(share, 94)[0] for place, share in RECRUITED.items()}
    answers(records, who, "recruited-from", counts)


def shares_of_leaders(records, who):
    for area, n, column in zip(AREAS, IDEAS_N, range(3)):
        turn = 0
        for group, shares in IDEAS.items():
            count, _ = people(shares[column], n)
            for k in range(count):
                records.add("survey_answer", respondent=who[(turn + k) % n],
                            question=f"ideas-{area}", choice=group)
            turn += count
    for group, columns in INVOLVED.items():
        for area, column in zip(AREAS, columns):
            if column is not None:
                agree(records, who, f"involved-{area}-{group}", *column)
    for item, shares in SUCCESS.items():
        agree(records, who, f"success-{item}", shares[0], *SUCCESS_N[0])
    for item, shares in CLIMATE.items():
        agree(records, who, f"climate-{item}", shares[0], *CLIMATE_N[0])
    agree(records, who, "delivery", *DELIVERY[0])


def shares_of_steering_groups(records, who):
    for item, (share, n) in STATEMENTS.items():
        agree(records, who, f"statement-{item}", share, n)
    for area, (share, n) in zip(AREAS, OWN_PART):
        agree(records, who, f"own-part-{area}", share, n)
    for item, shares in SUCCESS.items():
        agree(records, who, f"success-{item}", shares[1], *SUCCESS_N[1])
    for item, shares in CLIMATE.items():
        agree(records, who, f"climate-{item}", shares[1], *CLIMATE_N[1])
    agree(records, who, "delivery", *DELIVERY[1])


def shares_of_participants(records, by_service):
    """Table 9.18's participants are those of table 9.19 together."""
    for item, shares in SUCCESS.items():
        for who, share, totals in zip(by_service, shares[2:], SUCCESS_N[2:]):
            agree(records, who, f"success-{item}", share, *totals)
    for who, (share, n) in zip(by_service, DELIVERY[2:]):
        agree(records, who, "delivery", share, n)
    everybody = [who for service in by_service for who in service]
    for item, (share, n) in TAKEN_PART.items():
        agree(records, everybody, f"taken-part-{item}", share, n)


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
    shares_of_steering_groups(records, who)


def participants(records):
    survey(records, "participants", "Survey to participants of projects",
           "Leaders, union representatives and employees of 95 projects in 44 municipalities")
    first, source, by_service = 1, "the second table 8.1, L3914-3931", []
    for column, (service, n) in enumerate(PARTICIPANTS_IN.items()):
        who, turn = respondents(records, "participants", source, "answered", n, first=first,
                                service=service), 0
        first += n
        by_service.append(who)
        for affiliation, counts in PARTICIPANTS.items():
            for k in range(counts[column]):
                records.add("survey_answer", respondent=who[(turn + k) % n],
                            question="affiliation", choice=affiliation)
            turn += counts[column]
    respondents(records, "participants", source, "no_answer",
                PARTICIPANTS_ASKED - sum(PARTICIPANTS_IN.values()), first=first)
    shares_of_participants(records, by_service)


def main():
    records = Records()
    register(records)
    leaders(records)
    meetings(records)
    composition(records)
    steering_groups(records)
    participants(records)
    records.write(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "records")


if __name__ == "__main__":
    main()
