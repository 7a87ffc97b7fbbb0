#!/usr/bin/env python3
"""Makes a C text of a style sheet, with the design tokens that it names.

Usage: embed_css.py OUT.c NAME STYLE.css [THEME.css]
THEME.css is Designsystemet's theme from the npm registry. The custom
properties that STYLE.css uses, and those that they use, are put first; without
THEME.css, or for a token that it does not have, the fallback in the style
sheet's var() holds.
"""
import re
import sys

TOKEN = re.compile(r"var\(\s*(--ds-[a-z0-9-]+)")
DEFINITION = re.compile(r"(--ds-[a-z0-9-]+)\s*:\s*([^;{}]+)")


def tokens(style, theme):
    """The light scheme stands first in the theme: the first definition holds."""
    defined = {}
    for name, value in DEFINITION.findall(theme):
        defined.setdefault(name, value.strip())
    found, wanted = {}, TOKEN.findall(style)
    while wanted:
        name = wanted.pop()
        if name in defined and name not in found:
            found[name] = defined[name]
            wanted += TOKEN.findall(defined[name])
    body = ";".join(f"{name}:{value}" for name, value in sorted(found.items()))
    return f":root{{{body}}}\n" if body else ""


def smaller(style):
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.S)
    style = re.sub(r"\s*([{};])\s*", r"\1", style)
    style = re.sub(r"(:)\s+", r"\1", style)
    return re.sub(r"\s+", " ", style).replace(";}", "}").strip() + "\n"


def c_text(text):
    lines = []
    for line in re.findall(r".{1,70}", text.replace("\n", " "), flags=re.S):
        lines.append('    "' + line.replace("\\", "\\\\").replace('"', '\\"') + '"')
    return "\n".join(lines)


def main():
    out, name, style_path = sys.argv[1:4]
    with open(style_path, encoding="utf-8") as file:
        style = file.read()
    theme = ""
    if len(sys.argv) > 4:
        with open(sys.argv[4], encoding="utf-8") as file:
            theme = file.read()
    text = tokens(style, theme) + smaller(style)
    with open(out, "w", encoding="utf-8") as file:
        file.write(f'#include "report/render.h"\n\nconst char {name}[] =\n{c_text(text)};\n')


main()
