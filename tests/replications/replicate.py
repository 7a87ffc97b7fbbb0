#!/usr/bin/env python3
"""Published estimates beside ours, on the data of the shared folder.

Usage: replicate.py NULLPUNKT SHARED [--markdown]

Runs each row of published.csv through `nullpunkt estimate` and checks that
estimate and standard error agree in the published decimals. TAP on standard
output; with --markdown the table that stands in docs/replications.md.
"""
import csv
import json
import pathlib
import shlex
import subprocess
import sys


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


def agrees(got, published):
    """Whether `got`, rounded as printed, is what was printed."""
    decimals = len(published.partition(".")[2])
    return abs(got - float(published)) <= 0.5000001 * 10 ** -decimals


def shown(value, published):
    return f"{value:.{len(published.partition('.')[2])}f}"


def main():
    program, shared = sys.argv[1], pathlib.Path(sys.argv[2])
    markdown = "--markdown" in sys.argv
    data = shared / "data"
    here = pathlib.Path(__file__).parent
    with open(here / "published.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not data.is_dir():
        print("1..0 # SKIP no shared data: set NULLPUNKT_SHARED")
        return 0
    if not markdown:
        print(f"1..{len(rows)}")
    failed = 0
    for number, row in enumerate(rows, 1):
        got, problem = run(program, data, row)
        good = got is not None and agrees(got[0], row["estimate"]) and (
            row["std_error"] == "" or agrees(got[1], row["std_error"]))
        failed += not good
        if markdown and got:
            error = f" ({row['std_error']})" if row["std_error"] else ""
            ours = shown(got[0], row["estimate"])
            ours += f" ({shown(got[1], row['std_error'])})" if row["std_error"] else ""
            print(f"| {row['study']} | {row['what']} | {row['estimate']}{error} | {ours} |")
        elif not markdown:
            print(f"{'ok' if good else 'not ok'} {number} - {row['study']}: {row['what']}")
            if not good:
                print(f"# published {row['estimate']} ({row['std_error']}), ours {got} {problem}")
    return 1 if failed and not markdown else 0


sys.exit(main())
