#!/usr/bin/env python3
"""Writes examples/cohorts/absence.csv: sickness absence of simulated municipalities.

Usage: simulate.py > absence.csv

60 municipalities, 2012 to 2019. Three cohorts start a programme: 8 in 2015, 10 in 2017 and
6 in 2018; 36 never do. The effect grows from -0.25 percentage points in the first year by 0.25
a year to -0.75 (the first cohort: half as much again). Absence falls faster in larger
municipalities, and larger ones take part more often. Two municipalities lack a year.
"""
import random
import sys

YEARS = range(2012, 2020)
STARTS = [2015] * 8 + [2017] * 10 + [2018] * 6 + [0] * 36


def main():
    draw = random.Random(2012)
    print("municipality;year;start;population;employees;absence")
    for i, start in enumerate(STARTS):
        size = draw.gauss(9.3 if start else 8.8, 0.8)
        population = round(2.718281828 ** size / 10) * 10
        employees = round(population * draw.uniform(0.06, 0.09))
        level = draw.gauss(8.5, 0.9)
        noise = 0.0
        for year in YEARS:
            noise = 0.4 * noise + draw.gauss(0, 0.35)
            since = year - start
            effect = -0.25 * min(since + 1, 3) if start and since >= 0 else 0
            effect *= 1.5 if start == 2015 else 1
            trend = -0.05 * (year - 2012) * (size - 8)
            absence = level + trend + 0.1 * ((year - 2012) % 3) + noise + effect
            if i in (30, 45) and year == 2014:
                continue
            print(f"M{i + 1:02d};{year};{start or ''};{population};{employees};"
                  f"{absence:.2f}".replace(".", ","))


if __name__ == "__main__":
    sys.stdout.reconfigure(newline="\n")
    main()
