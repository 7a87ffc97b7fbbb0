#!/usr/bin/env python3
"""Runs the commands that pages of the documentation show and compares what they print.

Usage: documented.py NULLPUNKT ROOT PAGE ...
A block of ```console holds commands after "$ ", which go on where a line ends in "\\" and
to the line END after "<<'END'", and below each what it prints; "..." stands for any lines.
TAP on standard output. A page's commands are bash's and run in a folder of its own where
examples/ is ROOT's. A blank that does not break is a blank. The HTML pages that the commands
write are checked as reports are (tests/report).
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile


def commands(page):
    """Each command of the page with the lines that it is to print."""
    for block in re.findall(r"^```console\n(.*?)^```", page.read_text("utf-8"), re.M | re.S):
        lines = block.splitlines()
        while lines:
            command = [lines.pop(0)[2:]]
            while command[-1].endswith("\\"):
                command.append(lines.pop(0))
            if command[-1].endswith("<<'END'"):
                while command[-1] != "END":
                    command.append(lines.pop(0))
            end = next((i for i, line in enumerate(lines) if line.startswith("$ ")), len(lines))
            yield "\n".join(command), lines[:end]
            lines = lines[end:]


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


# Commands of a page follow each other as in one session: cd and export last.
SESSION = """source "$STATE/environment" 2>/dev/null; cd "$(cat "$STATE/folder")"
{command}
export -p >"$STATE/environment"; pwd >"$STATE/folder"
"""


def run_page(page, program, folder):
    """The name of each command of the page, and its fault or None."""
    with tempfile.TemporaryDirectory() as state:
        (pathlib.Path(state) / "folder").write_text(str(folder), "utf-8")
        environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}",
                       "STATE": state}
        for command, wanted in commands(page):
            session = SESSION.replace("{command}", command)
            run = subprocess.run(["bash", "-c", session], capture_output=True,
                                 encoding="utf-8", env=environment)
            printed = (run.stdout + run.stderr).replace("\u00a0", " ").splitlines()
            name = " ".join(command.replace("\\\n", " ").split("\n")[0].split())
            yield name, missing(wanted, printed)


def main():
    program, root = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    results = []
    for page in map(pathlib.Path, sys.argv[3:]):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "examples").symlink_to(root / "examples")
            results += [(f"{page.name}: {command}", fault)
                        for command, fault in run_page(page, program, folder)]
            if ".html" in "".join(command for command, _ in commands(page)):
                faults = page_faults(root, pathlib.Path(folder))
                results.append((f"the pages that {page.name} writes", faults))
    for number, (name, fault) in enumerate(results, 1):
        print("ok" if fault is None else "not ok", number, "-", name)
        if fault is not None:
            print("# not there: " + fault.replace("\n", "\n# "))
    print(f"1..{len(results)}")
    sys.exit(1 if not results or any(fault is not None for _, fault in results) else 0)


main()
