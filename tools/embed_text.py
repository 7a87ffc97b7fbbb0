#!/usr/bin/env python3
"""Makes a C text of a file: embed_text.py OUT.c NAME FILE."""
import sys


def main():
    out, name, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    with open(out, "w", encoding="utf-8") as file:
        file.write(f"extern const char {name}[];\nconst char {name}[] =\n")
        for line in lines:
            escaped = line.replace("\\", "\\\\").replace('"', '\\"')
            file.write(f'    "{escaped}\\n"\n')
        file.write("    ;\n")


main()
