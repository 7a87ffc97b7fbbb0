#!/usr/bin/env python3
"""Joins KOSTRA's user payments for home care with the roster of the example.

Usage: prepare_kostra.py SHARED ROSTER.csv OUT.csv
Payments that are not positive have no logarithm and become blank. Codes that
were closed or opened by mergers in the period are blank in the source.
"""
import csv
import math
import pathlib
import sys


def starts(path):
    """First year of participation by municipality code."""
    with open(path, encoding="utf-8", newline="") as file:
        return {code: {"1": 2011, "2": 2012}[row["cohort"]]
                for row in csv.DictReader(file) for code in row["codes"].split()}


def main():
    shared, roster, out = map(pathlib.Path, sys.argv[1:])
    start = starts(roster)
    source = shared / "data/kostra_omsorg_kommune/t05065_brukerbetaling_hjemmetjeneste.csv"
    with open(source, encoding="utf-8", newline="") as file, \
            open(out, "w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(["knr", "kname", "year", "log_user_payment", "start_programme"])
        for row in csv.DictReader(file):
            text = row["user_payment_hbc"]
            paid = float(text) if text not in ("NA", "") else 0
            writer.writerow([row["knr"], row["kname"], row["year"],
                             repr(math.log(paid)) if paid > 0 else "",
                             start.get(row["knr"], "")])


main()
