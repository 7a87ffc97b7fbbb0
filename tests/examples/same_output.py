#!/usr/bin/env python3
"""Checks that a file of the examples is its generator's output.

Usage: same_output.py GENERATOR [ARGUMENT ...] FILE. TAP on standard output.
"""
import pathlib
import subprocess
import sys


def main():
    command, file = sys.argv[1:-1], pathlib.Path(sys.argv[-1])
    if command[0].endswith(".py"):
        command.insert(0, sys.executable)
    made = subprocess.run(command, check=True, capture_output=True).stdout
    same = made == file.read_bytes()
    print("1..1")
    print(("ok" if same else "not ok") + f" 1 - {file.name} is the generator's output")
    sys.exit(0 if same else 1)


main()
