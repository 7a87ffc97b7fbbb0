#!/usr/bin/env python3
"""What analyses of two programmes' reports said, beside what their records say.

Usage: replicate_programme.py NULLPUNKT [--markdown | --write]

Makes programmes of examples/sammen and examples/kvalitetskommuner in temporary folders, prints
their tables, and holds the claims of programme_claims.py to them. The tables of
docs/replications.md between "<!-- replicate: programme-… -->" and "<!-- end -->" must be those of
now. TAP on standard output; --markdown prints the tables instead, --write puts them into the
page.
"""
import json
import pathlib
import sys
import tempfile

import page
import programme_claims

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "examples"))
import example_programme  # noqa: E402


class Table:
    """A table as `nullpunkt table --format json` has it: printed numbers by row and column."""

    def __init__(self, made):
        self.columns = [column["key"] for column in made["columns"]]
        self.cells = {row["key"]: [cell.get("printed") for cell in cells]
                      for row, cells in zip(made["rows"], made["cells"])}
        self.values = {row["key"]: [cell.get("value") for cell in cells]
                       for row, cells in zip(made["rows"], made["cells"])}
        self.body = [row["key"] for row in made["rows"] if row["sort"] in ("entry", "not_stated")]
        self.differences = [one["text"] for one in made["checks"] if not one["holds"]]

    def cell(self, row, column):
        return self.cells[row][self.columns.index(column)]

    def value(self, row, column):
        """Not rounded: what differences are computed from."""
        return self.values[row][self.columns.index(column)]

    def row(self, row):
        return self.cells[row]

    def first(self, row):
        return self.cells[row][0]


class Tables:
    """tables("3.3") is table-3-3 of the programme in the folder; each is made once."""

    def __init__(self, program, folder):
        self.program, self.folder, self.made = program, folder, {}

    def __call__(self, name, rule=None):
        identifier = f"table-{name.replace('.', '-')}" if name[0].isdigit() else name
        if (identifier, rule) not in self.made:
            done = example_programme.run(
                self.program, "table", identifier, "--programme", self.folder, "--check",
                "--format", "json", *(["--rule", rule] if rule else []))
            if not done.stdout:
                raise RuntimeError(f"nullpunkt table {identifier}: {done.stderr.strip()}")
            self.made[identifier, rule] = Table(json.loads(done.stdout)["tables"][0])
        return self.made[identifier, rule]


def claims_table(tables):
    yield "| | Claim | Printed | The records say | Verdict |"
    yield "|---|---|---|---|---|"
    for number, what, printed, says in programme_claims.CLAIMS:
        ours, verdict = says(tables)
        yield f"| {number} | {what} | {printed} | {ours} | {verdict} |"


def rules_table(tables):
    """The same rows of table 4.6 by every rule."""
    yield "| Rule | Baseline | 2014 | Change |"
    yield "|---|---|---|---|"
    for rule, words in programme_claims.RULES:
        before, after = programme_claims.position_size_2(tables, rule)
        number = programme_claims.number
        table = tables("4.6", rule)
        change = number(table.value("mean", "2014") - table.value("mean", "baseline"), 1)
        yield f"| {words} (`--rule {rule}`) | {number(before, 1)} | {number(after, 1)} | {change} |"


def differences_table(program, folder):
    """Everything that `table --check` says of the programme in the folder."""
    done = example_programme.run(program, "table", "--check", "--programme", folder, "--format",
                                 "json")
    yield "| Table | What `table --check` says |"
    yield "|---|---|"
    for table in json.loads(done.stdout)["tables"]:
        for one in table["checks"]:
            if not one["holds"]:
                yield f"| {table['id']} | {one['text']} |"


def blocks(program):
    made = {}
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        example_programme.make(program, "sammen", pathlib.Path(one))
        example_programme.make(program, "kvalitetskommuner", pathlib.Path(other))
        tables = Tables(program, one)
        made["programme-claims"] = list(claims_table(tables))
        made["programme-rules"] = list(rules_table(tables))
        made["programme-2010"] = list(differences_table(program, other))
    return made


def main():
    made = blocks(sys.argv[1])
    if "--write" in sys.argv:
        page.write(made)
    elif "--markdown" in sys.argv:
        page.show(made)
    if len(sys.argv) > 2:
        return 0
    failed = number = 0
    listed = [claim[0] for claim in programme_claims.CLAIMS]
    checks = [("every claim of R1 to R36 is there",
               [n for n in listed if n != "new"] == [f"R{i}" for i in range(1, 37)], listed),
              *page.checks(made)]
    for number, (name, good, detail) in enumerate(checks, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            print(f"# {detail}")
            failed += 1
    print(f"1..{number}")
    return 1 if failed else 0


sys.exit(main())
