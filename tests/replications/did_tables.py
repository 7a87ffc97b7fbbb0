"""Staggered studies as `nullpunkt did --estimator all` has them, and published numbers.

did_studies.csv: a fit a row; the fits of a study stand side by side in one table.
published_studies.csv: a published number a row, the fit and the row of ours that it is:
"quantity" is an average (simple, dynamic), one of its rows (dynamic 0), or a kind of
comparison in Goodman-Bacon's decomposition (bacon ..., its weight: weight ...).
"options" come after the fit's. "slack" is how far the published standard error may be
off besides its rounding, "checked" what must agree: both, the estimate, or none.
"""
import csv
import json
import math
import pathlib
import shlex
import subprocess

HERE = pathlib.Path(__file__).parent
DIFFERS = {"both": "", "estimate": " *(the error differs)*", "none": " *(differs)*"}


def rows_of(name):
    with open(HERE / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def options_of(text):
    """{option: value}; every option here has one."""
    words = shlex.split(text)
    return dict(zip(words[::2], words[1::2]))


def did(program, data, fit, estimator, more=""):
    """The result of a fit as JSON, or the message; `more` replaces the fit's options."""
    options = {**options_of(fit["options"]), **options_of(more)}
    done = subprocess.run(
        [program, "did", str(data / fit["data"]), "--estimator", estimator, "--format",
         "json", *[word for pair in options.items() for word in pair]],
        capture_output=True, text=True)
    if done.returncode != 0:
        return None, done.stderr.strip()
    return json.loads(done.stdout), ""


def studies(program, data):
    """{study: [(fit, result)]}; stops with the message where a fit does not run."""
    found = {}
    for fit in rows_of("did_studies.csv"):
        result, problem = did(program, data, fit, "all")
        if result is None:
            raise RuntimeError(f"{fit['study']}, {fit['fit']}: {problem}")
        found.setdefault(fit["study"], []).append((fit, result))
    return found


def number(value, decimals):
    return "" if value is None or math.isnan(value) else f"{value:.{decimals}f}"


def with_error(value, error, decimals):
    text = number(value, decimals)
    return f"{text} ({number(error, decimals)})" if text and error is not None else text


def estimator_rows(fits):
    names = []
    for _, result in fits:
        names += [row["estimator"] for row in result["comparison"]["rows"]
                  if row["estimator"] not in names]
    for name in names:
        cells = []
        for fit, result in fits:
            row = next((r for r in result["comparison"]["rows"]
                        if r["estimator"] == name), None)
            decimals = int(fit["decimals"])
            cells += ["", ""] if row is None else [
                with_error(row["estimate"], row["std_error"], decimals),
                with_error(row["at_start"], row["at_start_error"], decimals)]
        yield f"| {name} | " + " | ".join(cells) + " |"


def units_of(drop):
    names = drop.get("units", [])
    return (f"{len(names)} units" if len(names) > 1 else f"unit {names[0]}" if names
            else f"{drop['rows']} rows")


def remarks_of(result):
    """What a fit refuses, leaves out and warns of."""
    design = result["design"]
    yield from (f"{r['estimator']} is refused: {r['reason']}" for r in result["refused"])
    yield from (f"left out: {units_of(d)}: {d['reason']}" for d in design["dropped"])
    yield from design["warnings"]
    tests = [f"{e['model']['estimator']} {max(t['p_value'], 1e-4):.4f}" for e in result["estimates"]
             for t in e["tests"] if t["name"] == "pre_trend"]
    yield "effects before the start, p of the joint tests (0.0001: or less): " + ", ".join(tests or ["none"])
    for estimate in result["estimates"]:
        name = estimate["model"]["estimator"]
        for drop in estimate["dropped"]:
            if drop["reason"] not in [d["reason"] for d in design["dropped"]]:
                yield f"{name} leaves out {units_of(drop)}: {drop['reason']}"
        yield from (f"{name}: {warning}" for warning in estimate["warnings"])


def remarks(fits):
    """The remarks of a study, each with the fits that make it where not all do."""
    said = {}
    for fit, result in fits:
        for line in remarks_of(result):
            said.setdefault(line.rstrip("."), []).append(fit["fit"])
    for line, where in said.items():
        suffix = "" if len(where) == len(fits) else f" ({'; '.join(where)})"
        yield f"- {line}{suffix}."


def study_table(fits):
    heads = " | ".join(f"{fit['fit']}: average | at the start" for fit, _ in fits)
    yield f"| Estimator | {heads} |"
    yield "|---" * (1 + 2 * len(fits)) + "|"
    yield from estimator_rows(fits)
    yield ""
    yield from remarks(fits)


def quantity(result, row):
    """(estimate, std_error) of ours that a published row names; None: there is none."""
    estimates = result["estimates"] if "estimates" in result else [result]
    ours = next((e for e in estimates if e["model"]["estimator"] == row["estimator"]), None)
    if ours is None:
        return None
    kind, _, rest = row["quantity"].partition(" ")
    if kind in ("bacon", "weight"):
        part = next(r for r in ours["tables"]["bacon_by_type"] if r["term"] == rest)
        return part["estimate" if kind == "bacon" else "weight"], None
    average = next(a for a in ours["aggregates"] if a["kind"] == kind)
    if rest:
        average = next(r for r in average["rows"] if r["value"] == float(rest))
    return average["estimate"], average["std_error"]


def published(program, data, found):
    """(row, ours or None, message) of every published number."""
    for row in rows_of("published_studies.csv"):
        fit, result = next(pair for pair in found[row["study"]]
                           if pair[0]["fit"] == row["fit"])
        problem = ""
        if row["options"]:
            result, problem = did(program, data, fit, row["estimator"], row["options"])
        yield row, None if result is None else quantity(result, row), problem


def published_table(rows, study):
    yield "| Source | What | Published | Row here | Ours | How to read it |"
    yield "|---|---|---|---|---|---|"
    for row, ours, _ in rows:
        if row["study"] != study:
            continue
        decimals = len(row["estimate"].partition(".")[2])
        error = f" ({row['std_error']})" if row["std_error"] else ""
        text = with_error(ours[0], ours[1] if row["std_error"] else None, decimals)
        name = f"{row['estimator']}, {row['quantity']}"
        name += f" (`{row['options']}`)" if row["options"] else ""
        reading = row["reading"] + DIFFERS[row["checked"]]
        yield (f"| {row['source']} | {row['what']} | {row['estimate']}{error} | {name} | "
               f"{text} | {reading.strip()} |")
