#!/usr/bin/env python3
"""Published estimates beside ours, on the data of the shared folder.

Usage: replicate.py NULLPUNKT SHARED [--markdown]

Runs each row of published.csv through `nullpunkt estimate` and checks that
estimate and standard error agree in the published decimals; each row of
published_intervals.csv through `estimate` and `sensitivity`, where "slack" is how
far the published number may be off besides its rounding (docs/replications.md says
why); then runs the two evaluation plans beside this file, and `nullpunkt did` against
what R's did printed of the minimum wage data (mpdta/r_did_*.csv). TAP on standard
output; with --markdown the
table that stands in docs/replications.md.
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
    """(what, whether it holds, what differs) of `did` against R's did on mpdta."""
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
        pairs, differ = [], done.stderr.strip() or "refused"
        if done.returncode == 0:
            pairs, differ = differences(json.loads(done.stdout), tables)
        yield f"did: R's {scenario}, {len(pairs)} numbers", pairs and not differ, differ


# bacondecomp 0.1.1, vignette: weight and average of each kind of comparison
BACON = {"treated vs never treated": ("0.90834", "0.08796"),
         "earlier vs later treated": ("0.05976", "-0.00554"),
         "later vs earlier treated": ("0.03190", "0.07032")}


def bacon(program, data):
    """The kinds of comparisons in the two-way estimate of the castle doctrine laws."""
    done = subprocess.run(
        [program, "did", str(data / "castle_doctrine/castle.csv"), "--outcome", "l_homicide",
         "--unit", "sid", "--time", "year", "--treatment", "post", "--estimator", "two-way",
         "--format", "json"], capture_output=True, text=True)
    rows = json.loads(done.stdout)["tables"]["bacon_by_type"] if done.returncode == 0 else []
    return {row["term"]: (row["weight"], row["estimate"]) for row in rows}, done.stderr


def decompositions(program, data):
    """(what, whether it holds, what came out) for each kind of comparison."""
    got, problem = bacon(program, data)
    for kind, (weight, average) in BACON.items():
        ours = got.get(kind, (math.nan, math.nan))
        yield (f"bacondecomp's vignette: {kind}",
               agrees(ours[0], weight) and agrees(ours[1], average), problem or ours)


def markdown_bacon(program, data):
    got, _ = bacon(program, data)
    for kind, (weight, average) in BACON.items():
        ours = got.get(kind, (math.nan, math.nan))
        print(f"| {kind} | {weight}: {average} | {shown(ours[0], weight)}: "
              f"{shown(ours[1], average)} |")


def tap(number, good, name, detail):
    print(f"{'ok' if good else 'not ok'} {number} - {name}")
    if not good:
        print(f"# {detail}")
    return not good


def main():
    program, data = sys.argv[1], pathlib.Path(os.environ.get("NULLPUNKT_SHARED") or sys.argv[2])
    data = data / "data"
    here = pathlib.Path(__file__).parent
    with open(here / "published.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with open(here / "published_intervals.csv", encoding="utf-8", newline="") as file:
        intervals = list(csv.DictReader(file))
    if not data.is_dir():
        print("1..0 # SKIP the shared data are not there (NULLPUNKT_SHARED or ../shared)")
        return 0
    if "--markdown" in sys.argv:
        for row in rows:
            print(markdown_row(row, run(program, data, row)[0]))
        for row in intervals:
            print(interval_row(row, robust_interval(program, data, row)[0]))
        markdown_bacon(program, data)
        return 0
    failed = 0
    for number, row in enumerate(rows, 1):
        got, problem = run(program, data, row)
        good = got is not None and agrees(got[0], row["estimate"]) and (
            row["std_error"] == "" or agrees(got[1], row["std_error"]))
        failed += tap(number, good, f"{row['study']}: {row['what']}",
                      f"published {row['estimate']} ({row['std_error']}), ours {got} {problem}")
    for number, row in enumerate(intervals, len(rows) + 1):
        got, problem = robust_interval(program, data, row)
        failed += tap(number, interval_agrees(got, row), f"{row['study']}: {row['what']}",
                      f"published [{row['low']}, {row['high']}], ours {got} {problem}")
    number = len(rows) + len(intervals)
    for name, good, detail in [*evaluations(program, data), *scenarios(program, data),
                               *decompositions(program, data)]:
        number += 1
        failed += tap(number, good, name, detail)
    print(f"1..{number}")
    return 1 if failed else 0


sys.exit(main())
