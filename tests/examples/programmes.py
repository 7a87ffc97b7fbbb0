#!/usr/bin/env python3
"""Makes programmes of the examples' records and holds their tables to what was printed.

Usage: programmes.py NULLPUNKT. TAP on standard output. For each example: init and import in a
temporary folder; `check` finds nothing but the known warnings; importing again changes nothing;
`table --check` finds the known errors of the source and no other. Both are lists below, so that a
new difference fails, and one that is gone too.
"""
import collections
import json
import pathlib
import re
import sys
import tempfile

import example_programme

# {rule: how many warnings}: what the sources do not say
WARNINGS = {
    "sammen": {
        "no_lead": 2,  # which of two municipalities answers for the project
        "no_main_theme": 5,  # "Flere" in the roster
        "obligations_made": 1,  # which project reported when: obligations would all be overdue
    },
    "kvalitetskommuner": {},
}

# (table, what the check says): errors of the sources, docs/replications.md
DIFFERENCES = {
    "sammen": [
        ("measures-all",
         "Sickness absence, 2014: printed 105, the records say 104"),
        ("measures-all",
         "Sickness absence, 2013: printed 110, the records say 112"),
        ("measures-all",
         "Competence, 2013: printed 119, the records say 104"),
        ("measures-all", "All measures, 2014: printed 318, the records say 317"),
        ("measures-all", "All measures, 2013: printed 406, the records say 393"),
        ("table-3-3", "N (number of measures), 2014: printed 105, the records say 104"),
        ("table-3-3", "N (number of measures), 2013: printed 110, the records say 112"),
        ("table-3-3", "2014: the printed rows sum to 104, printed N (number of measures) is 105"),
        ("table-3-3", "2013: the printed rows sum to 112, printed N (number of measures) is 110"),
        ("table-4-5", "Mean, Start: printed 55, the records say 58.6"),
        ("table-4-5", "Mean, 2014: printed 64, the records say 68.7"),
        ("table-4-7", "Sum, Start: printed 392, the records say 398"),
        ("table-4-7", "Sum, 2014: printed 489, the records say 499"),
        ("table-4-7-oppegaard",
         "Sum of the measures, rows 10 to 18, 2013: printed 135, the records say 115"),
        ("table-4-7-oppegaard",
         "Sum of the measures, rows 10 to 18, 2014: printed 176, the records say 161"),
        ("table-5-1", "Sum, 2013, Measures: printed 119, the records say 104"),
        ("table-5-1", "2013, Measures: the printed rows sum to 104, printed Sum is 119"),
    ],
    "kvalitetskommuner": [
        ("table-8-2", "Answers: the rows sum to 188, Total says 190"),
        ("table-8-2", "Answers: the printed rows sum to 188, printed Total is 190"),
        ("type-by-sector", "Sickness absence, Care: printed 50, the records say 38"),
        ("type-by-sector",
         "Sickness absence, The whole municipality: printed 38, the records say 50"),
        ("table-9-5", "After-school care, Per cent: printed 24, the records say 23"),
        ("table-9-8", "Chief executive, Per cent: printed 62, the records say 63"),
        ("table-9-8", "Head of a department, Mean: printed 1.71, the records say 1.7"),
        ("table-9-8", "Others in the administration, Mean: printed 1.68, the records say 1.69"),
        ("table-9-13",
         "Employees of the front line, Sickness absence: printed 44, the records say 45"),
        ("table-9-13", "Top leaders, Schools and kindergartens: printed 46, the records say 45"),
        ("table-9-13", "Politicians, Sickness absence: printed 46, the records say 47"),
        ("table-9-13", "Users, Sickness absence: printed 6, the records say 5"),
        ("table-9-13",
         "Gatherings of cohorts and leaders, Schools and kindergartens: "
         "printed 6, the records say 5"),
        ("table-9-13", "Others from outside, Sickness absence: printed 6, the records say 5"),
        ("table-9-14",
         "Union representatives, Schools and kindergartens, Per cent: "
         "printed 69, the records say 70"),
        ("table-9-18",
         "Politicians' interest and ownership, Survey to participants of projects: "
         "printed 41, the records say 42"),
        ("table-9-19",
         "Employees' interest and ownership, Schools and kindergartens: "
         "printed 25, the records say 24"),
    ],
}


def warnings(text):
    return dict(collections.Counter(re.findall(r"warning: .* \[(\w+)\]$", text, re.M)))


def check(program, example, folder):
    """(what, whether it holds, detail) of the example's programme in the folder."""
    done = example_programme.run(program, "check", folder)
    said = done.stdout + done.stderr
    yield ("check finds the known warnings and no problem",
           done.returncode == 0 and warnings(said) == WARNINGS[example], said)
    again = example_programme.run(program, "import",
                                  example_programme.EXAMPLES / example / "records",
                                  "--programme", folder, "--by", "example")
    yield ("importing the same records again changes nothing",
           again.returncode == 0 and "Written as entry" not in again.stdout,
           again.stdout + again.stderr)
    log = example_programme.run(program, "check", folder, "--log")
    yield "the log holds", log.returncode == 0, log.stdout + log.stderr
    done = example_programme.run(program, "table", "--check", "--programme", folder,
                                 "--format", "json")
    found = []
    if done.stdout:
        found = [(table["id"], one["text"]) for table in json.loads(done.stdout)["tables"]
                 for one in table["checks"] if not one["holds"]]
    yield ("table --check answers no", done.returncode == 1, done.stderr)
    for one in DIFFERENCES[example]:
        yield f"{one[0]}: {one[1]}", one in found, "the check does not say so"
    others = [one for one in found if one not in DIFFERENCES[example]]
    yield "no other table differs from what was printed", not others and found != [], others


def main():
    program, number, failed = sys.argv[1], 0, 0
    for example in DIFFERENCES:
        with tempfile.TemporaryDirectory() as folder:
            example_programme.make(program, example, pathlib.Path(folder))
            for what, holds, detail in check(program, example, folder):
                number += 1
                print(f"{'ok' if holds else 'not ok'} {number} - {example}: {what}")
                if not holds:
                    failed += 1
                    print("\n".join(f"# {line}" for line in str(detail).splitlines()))
    print(f"1..{number}")
    return 1 if failed else 0


sys.exit(main())
