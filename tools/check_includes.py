#!/usr/bin/env python3
"""Checks that includes follow the direction of dependencies.

Usage: check_includes.py SRC. The linker keeps calls in that direction; this
keeps types and macros in it, and names the line.
"""
import pathlib
import re
import sys

BELOW = {
    "base": set(),
    "table": {"base"},
    "stats": {"base", "table"},
    "io": {"base", "table"},
    "store": {"base"},
    "programme": {"base", "store", "table", "io"},
    "evaluation": {"base", "table", "stats", "io", "store", "programme"},
    "report": {"base", "table", "stats", "evaluation", "store", "programme"},
}
ABOVE_ALL = {"cli", "web"}
FORBIDDEN = {
    **{folder: re.compile(r"<sqlite3.h>") for folder in ("io", "evaluation", "report", "cli")},
    "stats": re.compile(r"<(sqlite3|microhttpd|stdio|locale|time)\.h>"),
    "programme": re.compile(r"<(sqlite3|microhttpd)\.h>"),
}


def problems(root):
    for path in sorted(root.rglob("*.[ch]")):
        folder = path.relative_to(root).parts[0]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            include = re.match(r'\s*#\s*include\s+([<"])([^>"]+)', line)
            if not include:
                continue
            target = include.group(2).split("/")[0]
            own = folder in ABOVE_ALL or target == folder or target in BELOW.get(folder, set())
            if include.group(1) == '"' and target in set(BELOW) | ABOVE_ALL and not own:
                yield f"{path}:{number}: {folder} may not include {include.group(2)}"
            if folder in FORBIDDEN and FORBIDDEN[folder].search(line):
                yield f"{path}:{number}: {folder} may not include <{include.group(2)}>"


def main():
    found = list(problems(pathlib.Path(sys.argv[1])))
    print("\n".join(found), end="\n" if found else "")
    sys.exit(1 if found else 0)


main()
