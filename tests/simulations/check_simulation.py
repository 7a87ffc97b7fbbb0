#!/usr/bin/env python3
"""A small run of simulate-coverage keeps to what is known of the estimators.

Usage: check_simulation.py BINARY. Bounds are four Monte Carlo standard errors of the
replications that are run, so that chance alone fails a seed in about one of 10 000; the
seed is fixed. Prints TAP.
"""
import math
import subprocess
import sys

REPLICATIONS = 150


def run(binary, truth, seed="5"):
    return subprocess.run([binary, "--replications", str(REPLICATIONS), "--units", "30", "--truth", truth,
                           "--seed", seed], check=True, capture_output=True, text=True).stdout


def rows(text):
    table = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 7 and cells[0] not in ("Procedure", "---"):
            table[cells[0]] = [float(cell) if cell else math.nan for cell in cells[1:]]
    return table


def within(value, expected, error):
    return abs(value - expected) <= 4 * error


def main():
    binary = sys.argv[1]
    first, growing = run(binary, "same"), rows(run(binary, "growing"))
    same = rows(first)
    covered = 100 * math.sqrt(0.95 * 0.05 / REPLICATIONS)

    def unbiased(table, name):
        bias, deviation = table[name][0], table[name][1]
        return within(bias, 0, deviation / math.sqrt(REPLICATIONS))

    checks = [
        ("the same seed gives the same table", first == run(binary, "same")),
        ("another seed gives another", first != run(binary, "same", "6")),
        ("two-way effects find one effect that is the same everywhere",
         unbiased(same, "two-way, CR1, t(G-1)")),
        ("CR2 with Satterthwaite's degrees of freedom covers it",
         within(same["two-way, CR2, Satterthwaite"][3], 95, covered)),
        ("so does the wild cluster bootstrap",
         within(same["two-way, wild cluster bootstrap of 399 draws"][3], 95, covered)),
        ("so does the stacked event study", within(same["stacked"][3], 95, covered)),
        ("two-way effects miss an effect that grows",
         not unbiased(growing, "two-way, CR1, t(G-1)")),
    ]
    for name in ("group-time, never treated", "group-time, not yet treated", "sun-abraham", "imputation",
                 "extended-two-way", "switchers", "efficient", "synthetic-did, jackknife"):
        checks.append((f"{name} finds the average of an effect that grows", unbiased(growing, name)))
    for number, (name, good) in enumerate(checks, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
    print(f"1..{len(checks)}")
    sys.exit(0 if all(good for _, good in checks) else 1)


main()
