#!/usr/bin/env python3
"""Published effects of `nullpunkt did` beside ours, on the data of the shared folder.

Usage: replicate_did.py NULLPUNKT SHARED [--markdown | --write]

Each row of published_did.csv is a call. `value` is "estimate" (the effect on all
treated), "cell TIME" (the effect in a period) or "TABLE: TERM" (a row of a table of
the result). Where `agrees` is "yes", ours has to be what was printed, rounded as
printed, and a standard error by placebo has to be within a fifth of the published
one, for both are simulated. Where it is "no", another specification is compared
(docs/replications.md says which), and the row has to run and to give the number in
`ours`. The two tables in docs/replications.md have to be those of now. TAP on standard
output; --markdown prints the tables instead, --write puts them into the page.
"""
import csv
import json
import os
import pathlib
import shlex
import subprocess
import sys

import page


def run(program, data, row):
    """(value, standard error or None), and the message where there is none."""
    command = [program, "did", str(data / row["data"]), "--format", "json",
               *shlex.split(row["options"])]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return None, done.stderr.strip()
    result = json.loads(done.stdout)
    where, _, term = row["value"].partition(": ")
    if row["value"] == "estimate":
        found = [result["coefficients"][0]]
    elif row["value"].startswith("cell "):
        found = [cell for cell in result["group_time"]
                 if cell["time"] == float(row["value"][len("cell "):])]
    else:
        found = [line for line in result["tables"].get(where, []) if line["term"] == term]
    if not found:
        return None, f"no {row['value']}"
    return (found[0]["estimate"], found[0].get("std_error")), ""


def rounded(value, like):
    return f"{value:.{len(like.partition('.')[2])}f}"


def is_good(row, got):
    if got is None:
        return False
    want = row["published"] if row["agrees"] == "yes" else row["ours"]
    if float(rounded(got[0], want)) != float(want):
        return False
    if row["std_error"] == "":
        return True
    return got[1] is not None and 0.8 < got[1] / float(row["std_error"]) < 1.25


def markdown_row(row, got):
    error = f" ({row['std_error']})" if row["std_error"] else ""
    ours = rounded(got[0], row["ours"] or row["published"])
    ours += f" ({rounded(got[1], row['std_error'])})" if row["std_error"] else ""
    return f"| {row['study']} | {row['what']} | {row['published']}{error} | {ours} |"


def table(head, found, agrees, which=""):
    return [f"| Study | {head} | Ours{which} |", "|---|---|---|---|",
            *(markdown_row(row, got) for row, got, _ in found
              if row["agrees"] == agrees and got is not None)]


def main():
    program, data = sys.argv[1], pathlib.Path(os.environ.get("NULLPUNKT_SHARED") or sys.argv[2])
    data = data / "data"
    file = pathlib.Path(__file__).parent / "published_did.csv"
    if not data.is_dir():
        print("1..0 # SKIP the shared data are not there (NULLPUNKT_SHARED or ../shared)")
        return 0
    with open(file, encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found = [(row, *run(program, data, row)) for row in rows]
    made = {"synthetic-published": table("Estimate | Published", found, "yes"),
            "synthetic-weights": table(
                "Quantity | Published, with predictors", found, "no", ", outcomes alone")}
    if "--write" in sys.argv:
        page.write(made)
    elif "--markdown" in sys.argv:
        page.show(made)
    if len(sys.argv) > 3:
        return 0
    checks = [(f"{row['study']}: {row['what']}", is_good(row, got),
               f"published {row['published']} ({row['std_error']}), expected "
               f"{row['ours'] or row['published']}, ours {got} {problem}")
              for row, got, problem in found] + list(page.checks(made))
    for number, (name, good, detail) in enumerate(checks, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            print(f"# {detail}")
    print(f"1..{len(checks)}")
    return 0 if all(good for _, good, _ in checks) else 1


sys.exit(main())
