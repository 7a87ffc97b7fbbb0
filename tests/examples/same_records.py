#!/usr/bin/env python3
"""Checks that an example's records are what its make_records.py makes.

Usage: same_records.py EXAMPLE. TAP on standard output.
"""
import pathlib
import subprocess
import sys
import tempfile


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def main():
    example = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as made:
        subprocess.run([sys.executable, example / "make_records.py", made], check=True)
        differ = {name for name, _ in (files_of(example / "records").items()
                                       ^ files_of(pathlib.Path(made)).items())}
    print("1..1")
    print(("not ok" if differ else "ok") + f" 1 - records of {example.name} are the script's")
    for name in sorted(differ):
        print(f"# {name} is not: run make_records.py")
    sys.exit(1 if differ else 0)


main()
