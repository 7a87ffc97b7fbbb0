#!/usr/bin/env python3
"""Published estimates beside ours, on the data of the shared folder.

Usage: replicate.py NULLPUNKT SHARED [--markdown | --write]

Runs each row of published.csv through `nullpunkt estimate` and checks that
estimate and standard error agree in the published decimals; each row of
published_intervals.csv through `estimate` and `sensitivity`, where "slack" is how
far the published number may be off besides its rounding (docs/replications.md says
why); each row of published_studies.csv through `did`; then runs the two evaluation plans
beside this file, and `did` against what R's did printed of the minimum wage data
(mpdta/r_did_*.csv). Last, the tables that stand in docs/replications.md between
"<!-- replicate: NAME -->" and "<!-- end -->" must be those of now. TAP on standard
output; --markdown prints the tables instead, --write puts them into the page.
"""
import csv
import json
import math
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

import did_tables
import page


def run(program, data, row):
    command = [program, "estimate", row["formula"], str(data / row["data"]),
               "--format", "json", *shlex.split(row["options"])]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return None, done.stderr.strip()
    for term in json.loads(done.stdout)["coefficients"]:
        if term["term"] == row["term"]:
            return (term["estimate"], term["std_error"]), ""
    return None, f"no term {row['term']}"


def robust_interval(program, data, row):
    """[low, high] of `nullpunkt sensitivity` on the row's event study, or the message."""
    estimate = [program, "estimate", row["formula"], str(data / row["data"]),
                "--format", "json", *shlex.split(row["options"])]
    first = subprocess.run(estimate, capture_output=True, text=True)
    second = subprocess.run([program, "sensitivity", "-", "--format", "json",
                             *shlex.split(row["sensitivity"])],
                            input=first.stdout, capture_output=True, text=True)
    if second.returncode != 0:
        return None, first.stderr.strip() + second.stderr.strip()
    interval = json.loads(second.stdout)["intervals"][0]
    return (interval["conf_low"], interval["conf_high"]), ""


def agrees(got, published, slack=0.0):
    """Whether `got`, rounded as printed, is what was printed."""
    decimals = len(published.partition(".")[2])
    return abs(got - float(published)) <= 0.5000001 * 10 ** -decimals + slack


def interval_agrees(got, row):
    slack = float(row["slack"] or 0)
    return got is not None and agrees(got[0], row["low"], slack) and agrees(
        got[1], row["high"], slack)


def shown(value, published):
    return f"{value:.{len(published.partition('.')[2])}f}"


def markdown_row(row, got):
    error = f" ({row['std_error']})" if row["std_error"] else ""
    ours = shown(got[0], row["estimate"])
    ours += f" ({shown(got[1], row['std_error'])})" if row["std_error"] else ""
    return f"| {row['study']} | {row['what']} | {row['estimate']}{error} | {ours} |"


def interval_row(row, got):
    ours = f"[{shown(got[0], row['low'])}, {shown(got[1], row['high'])}]"
    return f"| {row['study']} | {row['what']} | [{row['low']}, {row['high']}] | {ours} |"


def evaluate(program, plan, prepare):
    """Runs a plan in a folder of its own; returns its effects by id, or the message."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder) / plan.name
        (folder / "data").mkdir(parents=True)
        shutil.copy(plan / "evaluation.yaml", folder)
        prepare(folder / "data")
        done = subprocess.run([program, "evaluate", str(folder)], capture_output=True, text=True)
        if done.returncode != 0 or not (folder / "output/report.html").exists():
            return None, done.stderr.strip()
        with open(folder / "output/results.json", encoding="utf-8") as file:
            result = json.load(file)
    return {effect["id"]: effect for question in result["questions"]
            for effect in question["effects"]}, ""


def evaluations(program, data):
    """(what, whether it holds, what came out) for the two plans beside this file."""
    here = pathlib.Path(__file__).parent
    effects, problem = evaluate(
        program, here / "castle",
        lambda folder: shutil.copy(data / "castle_doctrine/castle.csv", folder))
    effect = effects["homicide/two-way-fixed-effects"] if effects else {"estimate": math.nan}
    yield ("evaluate on the castle doctrine laws gives the published 0.0818",
           agrees(effect["estimate"], "0.0818"), problem or effect)
    roster = here.parent.parent / "examples/sammen/data/roster.csv"
    effects, problem = evaluate(
        program, here / "kostra",
        lambda folder: subprocess.run([sys.executable, here / "prepare_kostra.py", data.parent,
                                       roster, folder / "kostra.csv"], check=True))
    effect = effects["user-payments/two-way-fixed-effects"] if effects else {}
    # no published number: that a programme about other things shows no effect is the check
    yield ("evaluate finds no placebo effect on municipal user payments",
           effect.get("p_value", 0) > 0.05 and effect.get("n") == 4703, problem or effect)


SCENARIOS = {"mpdta_nev_dr": [], "mpdta_nyt_dr": ["--comparison", "not-yet"],
             "mpdta_nev_reg_cov": ["--method", "reg", "--controls", "lpop"],
             "mpdta_nev_ipw": ["--method", "ipw"]}


CALLS = {"mpdta_nev_dr": "never treated", "mpdta_nyt_dr": "not yet treated",
         "mpdta_nev_reg_cov": "never treated, regression on log population",
         "mpdta_nev_ipw": "never treated, inverse probability"}


def differences(result, tables):
    """(what, ours, R's) of every number of the scenario, and where they differ."""
    effect = {(row["cohort"], row["time"]): row for row in result["group_time"]}
    average = {row["kind"]: row for row in result["aggregates"]}
    pairs = []
    for row in tables["att_gt"]:
        ours = effect[float(row["group"]), float(row["t"])]
        pairs += [(f"ATT({row['group']},{row['t']})", ours["estimate"], row["att"]),
                  (f"se({row['group']},{row['t']})", ours["std_error"], row["se"])]
    for row in tables["aggte"]:
        ours = average[row["type"]]
        pairs += [(row["type"], ours["estimate"], row["overall_att"]),
                  (f"se {row['type']}", ours["std_error"], row["overall_se"])]
        if row["egt"] != "NA":
            at = next(r for r in ours["rows"] if r["value"] == float(row["egt"]))
            pairs += [(f"{row['type']} {row['egt']}", at["estimate"], row["att_egt"]),
                      (f"se {row['type']} {row['egt']}", at["std_error"], row["se_egt"])]
    test = next(t for t in result["tests"] if t["name"] == "pre_trend")
    for row in tables["pretest"]:
        pairs += [("W", test["statistic"], row["W"]),
                  ("p", round(test["p_value"], 5), row["Wpval"])]
    return pairs, [(what, ours, theirs) for what, ours, theirs in pairs
                   if not abs(ours - float(theirs)) <= 1e-8 * abs(float(theirs))]


def scenarios(program, data):
    """(scenario, number of pairs, what differs, averages) of `did` against R's did."""
    folder = data / "mpdta"
    for scenario, options in SCENARIOS.items():
        tables = {}
        for name in ("att_gt", "aggte", "pretest"):
            with open(folder / f"r_did_{name}.csv", encoding="utf-8", newline="") as file:
                tables[name] = [row for row in csv.DictReader(file)
                                if row["scenario"] == scenario]
        done = subprocess.run(
            [program, "did", str(folder / "mpdta.csv"), "--outcome", "lemp", "--unit",
             "countyreal", "--time", "year", "--cohort", "first.treat", *options,
             "--format", "json"], capture_output=True, text=True)
        pairs, differ, averages = [], done.stderr.strip() or "refused", {}
        if done.returncode == 0:
            result = json.loads(done.stdout)
            pairs, differ = differences(result, tables)
            averages = {row["kind"]: row for row in result["aggregates"]}
        yield scenario, len(pairs), differ, averages


def scenario_table(found):
    kinds = ["simple", "dynamic", "group", "calendar"]
    yield "| Call | " + " | ".join(kinds) + " |"
    yield "|---" * (1 + len(kinds)) + "|"
    for scenario, _, _, averages in found:
        cells = [f"{averages[kind]['estimate']:.5f} ({averages[kind]['std_error']:.5f})"
                 for kind in kinds if kind in averages]
        yield f"| {CALLS[scenario]} | " + " | ".join(cells) + " |"
    yield ""
    yield (f"{sum(n for _, n, _, _ in found)} numbers of the four calls, of which "
           f"{sum(len(differ) for _, _, differ, _ in found)} differ by more than 1e-8.")


def blocks(estimates, intervals, studies, published, found):
    """{name: lines} of the tables that the page has."""
    head = ["| Study | Estimate | Published | Ours |", "|---|---|---|---|"]
    made = {}
    for name, data in (("castle-estimate", "castle_doctrine"),
                       ("medicaid-estimate", "ehec_medicaid")):
        made[name] = head + [markdown_row(row, got) for row, got, _ in estimates
                             if row["data"].startswith(data) and got]
    made["medicaid-intervals"] = [head[0].replace("Estimate", "Interval"), head[1],
                                  *(interval_row(row, got) for row, got, _ in intervals
                                    if got)]
    made["mpdta-calls"] = list(scenario_table(found))
    for study, fits in studies.items():
        made[f"{study}-did"] = list(did_tables.study_table(fits))
        made[f"{study}-published"] = list(did_tables.published_table(published, study))
    return made


def checks(estimates, intervals, published, found, program, data, made):
    """(what, whether it holds, detail) of everything, in order."""
    for row, got, problem in estimates:
        yield (f"{row['study']}: {row['what']}",
               got is not None and agrees(got[0], row["estimate"])
               and (row["std_error"] == "" or agrees(got[1], row["std_error"])),
               f"published {row['estimate']} ({row['std_error']}), ours {got} {problem}")
    for row, got, problem in intervals:
        yield (f"{row['study']}: {row['what']}", interval_agrees(got, row),
               f"published [{row['low']}, {row['high']}], ours {got} {problem}")
    for row, got, problem in published:
        if row["checked"] != "none":
            yield (f"{row['study']}: {row['source']}, {row['what']}, {row['estimator']} "
                   f"{row['quantity']}", got is not None and did_agrees(got, row),
                   f"published {row['estimate']} ({row['std_error']}), ours {got} {problem}")
    yield from evaluations(program, data)
    for scenario, n, differ, _ in found:
        yield f"did: R's {scenario}, {n} numbers", n > 0 and not differ, differ
    yield from page.checks(made)


def did_agrees(got, row):
    error = row["std_error"] if row["checked"] == "both" else ""
    return agrees(got[0], row["estimate"]) and (
        error == "" or agrees(got[1], error, float(row["slack"] or 0)))


def main():
    program, data = sys.argv[1], pathlib.Path(os.environ.get("NULLPUNKT_SHARED") or sys.argv[2])
    data = data / "data"
    if not data.is_dir():
        print("1..0 # SKIP the shared data are not there (NULLPUNKT_SHARED or ../shared)")
        return 0
    estimates = [(row, *run(program, data, row)) for row in did_tables.rows_of("published.csv")]
    intervals = [(row, *robust_interval(program, data, row))
                 for row in did_tables.rows_of("published_intervals.csv")]
    studies = did_tables.studies(program, data)
    published = list(did_tables.published(program, data, studies))
    found = list(scenarios(program, data))
    made = blocks(estimates, intervals, studies, published, found)
    if "--write" in sys.argv:
        page.write(made)
    elif "--markdown" in sys.argv:
        page.show(made)
    if len(sys.argv) > 3:
        return 0
    failed = number = 0
    for number, (name, good, detail) in enumerate(
            checks(estimates, intervals, published, found, program, data, made), 1):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            print(f"# {detail}")
            failed += 1
    print(f"1..{number}")
    return 1 if failed else 0


sys.exit(main())
