#!/usr/bin/env python3
"""Runs the commands that pages of the documentation show and compares what they print.

Usage: documented.py NULLPUNKT ROOT PAGE ...
A block of ```console holds a command after "$ ", which goes on where a line ends in "\\",
and below it what it prints; "..." stands for any lines. TAP on standard output. The command
runs in a folder of its own where examples/ is ROOT's. A blank that does not break is a blank.
The HTML pages that the commands write are checked as reports are (tests/report).
"""
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile


def blocks(page):
    for block in re.findall(r"^```console\n(.*?)^```", page.read_text("utf-8"), re.M | re.S):
        lines = block.splitlines()
        command = [lines.pop(0)[2:]]
        while command[-1].endswith("\\"):
            command[-1] = command[-1][:-1]
            command.append(lines.pop(0))
        yield " ".join(command), lines


def missing(wanted, printed):
    """The first line that is not printed where it should be, or None."""
    at, free = 0, False
    for line in wanted:
        if line == "...":
            free = True
            continue
        end = len(printed) if free else at + 1
        found = next((i for i in range(at, min(end, len(printed))) if printed[i] == line), None)
        if found is None:
            return line
        at, free = found + 1, False
    return None if free or not wanted or at == len(printed) else "(something more is printed)"


def page_faults(root, folder):
    """What is wrong with the pages that the commands wrote, or None."""
    pages = folder / "pages"
    pages.mkdir()
    for page in folder.glob("*.html"):
        page.rename(pages / ("report-" + page.name))
    checker = root / "tests/report/check_report.py"
    run = subprocess.run([sys.executable, checker, "--folder", pages], capture_output=True,
                         encoding="utf-8")
    return None if run.returncode == 0 and any(pages.iterdir()) else run.stdout + run.stderr


def main():
    program, root = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
    number = failures = 0
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "examples").symlink_to(root / "examples")
        for page in map(pathlib.Path, sys.argv[3:]):
            for command, wanted in blocks(page):
                words = shlex.split(command)
                run = subprocess.run([program] + words[1:], cwd=folder, capture_output=True,
                                     encoding="utf-8")
                printed = (run.stdout + run.stderr).replace("\u00a0", " ").splitlines()
                fault = missing(wanted, printed)
                number += 1
                failures += fault is not None
                print(("ok" if fault is None else "not ok"), number, "-", page.name + ":", command)
                if fault is not None:
                    print("# not there:", fault)
        number += 1
        faults = page_faults(root, pathlib.Path(folder))
        failures += faults is not None
        print(("ok" if faults is None else "not ok"), number, "- the pages that were written")
        if faults is not None:
            print("# " + faults.replace("\n", "\n# "))
    print(f"1..{number}")
    sys.exit(1 if failures or number == 0 else 0)


main()
