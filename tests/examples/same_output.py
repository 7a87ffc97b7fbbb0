#!/usr/bin/env python3
"""Checks that examples/sammen/data/register_simulated.csv is the generator's output.

Usage: same_output.py SIMULATE-SAMMEN DATA-FOLDER. TAP on standard output.
"""
import pathlib
import subprocess
import sys


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    made = subprocess.run(
        [program, folder / "municipalities_2014.csv", folder / "roster.csv"],
        check=True, capture_output=True).stdout
    same = made == (folder / "register_simulated.csv").read_bytes()
    print("1..1")
    print(("ok" if same else "not ok") + " 1 - register_simulated.csv is the generator's output")
    sys.exit(0 if same else 1)


main()
