"""The counts that the analysis of the annual reports for 2014 printed, by table.

What the reports said is not at hand, only how many items were put into each category; so
make_records.py makes as many items, marks them as reconstructed and names the table.
`L123` is the line of the main report (blank lines not counted), `A123` of the slides on the
start-up reports.

Count: the items of one table in one period and cohort, each in one category.
Flags: items that may have several categories, or none.

`bearers` is how many reports (municipalities, projects) they come from: the printed number of
reports where there is one; None where the source does not say.
"""
from dataclasses import dataclass, field

ABSENCE, FULL_TIME = "sickness-absence", "full-time-culture"
COMPETENCE, REPUTATION = "competence", "reputation"
COHORT_1, COHORT_2, BOTH = "cohort-1", "cohort-2", ""


@dataclass
class Count:
    table: str
    lines: str
    sort: str
    theme: str
    cohort: str
    scheme: str
    periods: list            # [n]
    bearers: list            # [n]
    rows: dict               # category: [n]
    role: str = "main"
    reports: dict = field(default_factory=dict)  # category: [n] reports with at least one


@dataclass
class Flags:
    table: str
    lines: str
    sort: str
    theme: str
    cohort: str
    scheme: str
    periods: list
    items: list              # [n]: how many items there are
    rows: dict
    role: str = "main"
    bearers: list = None     # [n]; None: each item has its own
    apart: tuple = ()        # two categories that no item can have both of


COUNTS = [
    # --- sickness absence: 13 + 8 reports with it as main theme in 2014 (L496-499)
    Count("3.1", "L574-580", "effect_goal", ABSENCE, BOTH, "absence-effect-goals",
          [2014, 2013], [21, 23], {
              "presence": [19, 24],
              "environment": [12, 19],
              "users": [5, 5]}),
    Count("3.2", "L608-616", "result_goal", ABSENCE, BOTH, "absence-result-goals",
          [2014, 2013], [21, 23], {
              "presence": [21, 25],
              "employees": [13, 9],
              "leadership": [9, 7],
              "systems": [9, 7],
              "external": [5, 5]}),
    Count("3.3", "L644-654", "measure", ABSENCE, BOTH, "absence-measures",
          [2014, 2013, 2012], [21, 23, 24], {
              "follow-up": [21, 22, 25],
              "courses-employees": [17, 16, 12],
              "courses-leaders": [16, 18, 11],
              "systems": [18, 11, 19],
              "external": [16, 18, 12],
              "coordination": [13, 12, 7],
              "other": [3, 15, 7]}),
    # its N is called "municipalities" and is the sum of the hindrances: one for each of them here
    Count("3.6", "L779-786", "hindrance_local", ABSENCE, COHORT_1, "absence-hindrances",
          [2014, 2013], [13, 14], {
              "external": [1, 5],
              "priority": [5, 4],
              "understanding": [3, 3],
              "economy": [2, 1],
              "other": [2, 1]}),
    Count("text", "L807-811", "hindrance_central", ABSENCE, COHORT_1,
          "absence-central-hindrances", [2014], [5], {
              "economy": [3],
              "culture": [1],
              "alternative-scheme": [1]}),

    # --- full-time culture: 8 reports of cohort 1 (12 in 2013), 15 of cohort 2 (L846-855)
    Count("4.1", "L939-950", "effect_goal", FULL_TIME, COHORT_1, "full-time-effect-goals",
          [2014, 2013], [8, 12], {
              "less-part-time": [9, 11],
              "environment": [4, 6],
              "users": [1, 3],
              "other": [1, 6]}),
    Count("4.2", "L973-981", "result_goal", FULL_TIME, COHORT_1, "full-time-result-goals",
          [2014, 2013], [8, 12], {
              "arrangements": [3, 3],
              "position-size": [11, 8],
              "culture": [4, 8],
              "other": [1, 2]}),
    Count("4.3", "L991-1000", "measure", FULL_TIME, COHORT_1, "full-time-measures-1",
          [2014, 2013], [8, 12], {
              "arrangements": [15, 17],
              "mapping": [1, 5],
              "anchoring": [4, 13],
              "other": [0, 3]}),
    # 2012 is the start-up report; how many of those there were is not said
    Count("4.4", "L1012-1034", "measure", FULL_TIME, COHORT_2, "full-time-measures-2",
          [2014, 2013, 2012], [15, 15, None], {
              "negotiated": [4, 4, 1],
              "long-weekend": [7, 3, 2],
              "long-weekday": [3, 1, 1],
              "annual": [3, 0, 0],
              "across": [2, 1, 0],
              "untied": [1, 1, 1],
              "other": [12, 13, 11]}),
    Count("4.8", "L1240-1255", "hindrance_local", FULL_TIME, COHORT_1, "full-time-hindrances",
          [2014, 2013], [8, 12], {
              "anchoring": [5, 9],
              "means": [3, 5],
              "to-operation": [1, 3],
              "other": [0, 1]}),
    Count("4.8", "L1240-1255", "hindrance_local", FULL_TIME, COHORT_2, "full-time-hindrances",
          [2014], [15], {
              "anchoring": [16],
              "means": [2],
              "to-operation": [0],
              "other": [5]}),
    Count("4.9", "L1265-1274", "hindrance_central", FULL_TIME, COHORT_1,
          "full-time-central-hindrances", [2014, 2013], [8, 12], {
              "act": [0, 5],
              "hours": [1, 2],
              "attitudes": [1, 1],
              "other": [1, 1]}),
    # progress of the measures that 15 reports name: 6 planned, 7 carried out; 2 not said
    Count("progress", "L1035-1038", "documentation", FULL_TIME, COHORT_2, "measure-progress",
          [2013], [15], {
              "planned": [6],
              "under-way": [7],
              "unknown": [2]}),

    # --- competence: 17 reports with it as main theme in 2014, 22 in 2013 (L1357-1361, L1460)
    Count("5.1", "L1458-1505", "measure", COMPETENCE, BOTH, "competence-measures",
          [2014, 2013], [17, 22], {
              "plan-municipality": [4, 11],
              "plan-unit": [5, 1],
              "mapping-needs": [3, 14],
              "mapping-stock": [4, 11],
              "recruitment": [5, 7],
              "development": [16, 13],
              "mobilisation": [4, 3],
              "attitudes": [6, 13],
              "organisation": [6, 6],
              "programmes": [9, 15],
              "cooperation": [8, 8],
              "other": [2, 2]}),
    Count("5.2", "L1627-1637", "hindrance_local", COMPETENCE, COHORT_1,
          "competence-hindrances", [2014, 2013], [8, 11], {
              "key-people": [2, 4],
              "priority": [2, 8],
              "understanding": [4, 6],
              "economy": [3, 2],
              "parties": [0, 2],
              "other": [4, 4]}),
    Count("text", "L1643-1651", "hindrance_central", COMPETENCE, COHORT_1,
          "competence-central-hindrances", [2014], [6], {
              "programme": [2],
              "incentives": [2],
              "law": [1],
              "ministry": [1]}),
    Count("sub-goals", "L1524-1525", "result", COMPETENCE, COHORT_1, "sub-goals",
          [2014, 2013], [8, 11], {
              "reached": [6, 5],
              "none": [2, 6]}),

    # --- reputation
    # the table has no N: an item for each count
    Count("6.3", "L1803-1809", "result_goal", REPUTATION, COHORT_1,
          "reputation-result-goals", [2014, 2013], [6, 6], {
              "information": [4, 5],
              "services": [3, 4],
              "inhabitants": [1, 3],
              "employees": [3, 3],
              "leadership": [2, 3]}),
    Count("6.4", "L1826-1875", "measure", REPUTATION, COHORT_1, "reputation-measures-1",
          [2014, 2013], [6, 6], {
              "competence": [14, 20],
              "full-time": [0, 0],
              "absence": [0, 0],
              "communication": [5, 18],
              "profile": [4, 6],
              "web": [9, 7],
              "surveys": [3, 1],
              "forums": [2, 5],
              "business": [0, 0],
              "culture": [1, 1],
              "settlers": [1, 2],
              "other": [2, 28]},
          reports={
              "competence": [6, 6],
              "communication": [5, 5],
              "profile": [3, 3],
              "web": [2, 2],
              "surveys": [1, 1],
              "forums": [1, 1],
              "culture": [1, 1],
              "settlers": [1, 1],
              "other": [2, 2]}),
    Count("6.5", "L1887-1914", "measure", REPUTATION, COHORT_2, "reputation-measures-2",
          [2014, 2013, 2012], [13, 11, 9], {
              "absence": [1, 1, 0],
              "competence": [4, 0, 0],
              "communication": [6, 2, 4],
              "profile": [6, 2, 2],
              "web": [6, 3, 4],
              "surveys": [6, 3, 1],
              "forums": [4, 0, 0],
              "business": [1, 1, 0],
              "culture": [6, 5, 2],
              "settlers": [3, 1, 1],
              "other": [5, 10, 5]}),
    Count("links", "L124-125, L1748", "answer", REPUTATION, BOTH, "linked-themes",
          [2014], [25], {
              "presence": [5],
              "not-linked": [20]}, role=""),

    # --- have the goals changed? One item for each report that answers
    Count("goal changes", "L624", "goal_change", ABSENCE, BOTH, "goal-changes",
          [2014], [2], {
              "reason-not-said": [2]}, role=""),
    Count("goal changes", "L936-937", "goal_change", FULL_TIME, COHORT_1, "goal-changes",
          [2014], [2], {
              "reason-not-said": [2]}),
    Count("goal changes", "L936-937", "goal_change", FULL_TIME, COHORT_2, "goal-changes",
          [2014], [1], {
              "reason-not-said": [1]}),
    Count("goal changes", "L1404", "goal_change", COMPETENCE, COHORT_1, "goal-changes",
          [2014], [8], {
              "no": [7],
              "reason-not-said": [1]}),
    Count("goal changes", "L1408-1411", "goal_change", COMPETENCE, COHORT_2, "goal-changes",
          [2014], [14], {
              "no": [8],
              "more-concrete": [3],
              "extend": [2],
              "limit": [1]}),
    Count("goal changes", "L1756-1757", "goal_change", REPUTATION, BOTH, "goal-changes",
          [2014], [18], {
              "no": [13],
              "reason-not-said": [5]}, role=""),
]

FLAGS = [
    Flags("3.4", "L718-724", "result", ABSENCE, COHORT_1, "absence-results",
          [2014, 2013], [13, 16], {
              "better-than-start": [10, 15],
              "worse-than-start": [2, 1],
              "better-than-last": [5, 12],
              "reached-target": [1, 2]}, apart=("better-than-start", "worse-than-start")),
    Flags("3.5", "L738-744", "result", ABSENCE, COHORT_2, "absence-results",
          [2014], [8], {
              "better-than-start": [6],
              "worse-than-start": [1],
              "better-than-last": [5],
              "reached-target": [1]}, apart=("better-than-start", "worse-than-start")),
    Flags("6.1 A", "L1770-1775", "focus", REPUTATION, BOTH, "reputation-focus-2014",
          [2014], [19], {
              "place": [10],
              "employer": [17],
              "organisation": [13]}),
    Flags("6.1 B", "L1780-1786", "focus", REPUTATION, BOTH, "reputation-focus-2013",
          [2013], [17], {
              "organisation": [6],
              "services": [10],
              "democracy": [4],
              "place": [8]}),
    # formulations, of which one may hold several goals
    Flags("6.2", "L1795-1802", "effect_goal", REPUTATION, COHORT_1, "reputation-effect-goals",
          [2014, 2013], [6, 9], {
              "employees": [4, 3],
              "users": [4, 4],
              "applicants": [1, 1],
              "inhabitants": [1, 3]}, bearers=[6, 6]),
    Flags("documentation", "L1951-1961", "documentation", REPUTATION, BOTH,
          "reputation-documentation", [2014], [25], {
              "no-information": [4],
              "hard": [3],
              "no-measurement": [4],
              "no-target": [5],
              "surveys": [9]}, role=""),
]

# Annual reports received: (lines, theme, cohort, role, {period: number})
REPORTS = [
    ("L496-499", ABSENCE, COHORT_1, "main", {2014: 13}),
    ("L496-499", ABSENCE, COHORT_2, "main", {2014: 8}),
    ("L496-499", ABSENCE, COHORT_1, "additional", {2014: 4}),
    ("L496-499", ABSENCE, COHORT_2, "additional", {2014: 5}),
    ("L846-855", FULL_TIME, COHORT_1, "main", {2014: 8, 2013: 12}),
    ("L846-855", FULL_TIME, COHORT_2, "main", {2014: 15, 2013: 15}),
    ("L1324-1326", FULL_TIME, COHORT_1, "additional", {2014: 7}),
    ("L1324-1326", FULL_TIME, COHORT_2, "additional", {2014: 6}),
    ("L1357-1361", COMPETENCE, BOTH, "main", {2014: 17, 2013: 22}),
    ("L1357-1361", COMPETENCE, BOTH, "additional", {2014: 7}),
    # 6 + 19, of which 13 + 6 (L1689-1696, L2044); "18 with it as main theme" (L1690) cannot be
    ("L1689-1696", REPUTATION, COHORT_1, "main", {2014: 6}),
    ("L2044", REPUTATION, COHORT_2, "main", {2014: 13}),
    ("L2044", REPUTATION, COHORT_2, "additional", {2014: 6}),
    ("L1692", REPUTATION, BOTH, "", {2013: 16}),
]

# Start-up reports of cohort 1 by theme, judged on ten criteria (A69-85):
# (mostly taken care of, potential for improvement), of four themes
START_UP = {
    "purpose": (3, 1),
    "baseline": (2, 2),
    "result-goals": (4, 0),
    "driver-goals": (2, 2),
    "measures": (2, 2),
    "measure-goals": (0, 4),
    "organising": (4, 0),
    "milestones": (1, 3),
    "risks": (1, 3),
    "benefits": (1, 3),
}
