#!/usr/bin/env python3
"""Compiles po/nb.po and po/nn.po into the catalogues of src/base/catalogue.h.

Usage: po_to_c.py OUT.c nb.po nn.po
Entries without translation, fuzzy ones and the header are left out. A
translation whose printf conversions differ from its original's stops the build.
"""
import ast
import re
import sys

CONVERSION = re.compile(r"%(?:%|[-+ #0]*[\d*]*(?:\.[\d*]+)?(?:hh|h|ll|l|z|j|t)?[a-zA-Z])")


def entries(path):
    """Yields (line number, msgid, msgstr) of a PO file."""
    state, texts, fuzzy, start = None, {"msgid": "", "msgstr": ""}, False, 0
    with open(path, encoding="utf-8") as file:
        lines = list(file) + ["\n"]
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if line.startswith("#,") and "fuzzy" in line:
            fuzzy = True
        elif line.startswith(("msgid ", "msgstr ")):
            state, rest = line.split(" ", 1)
            if state == "msgid":
                start = number
            texts[state] = ast.literal_eval(rest)
        elif line.startswith('"') and state:
            texts[state] += ast.literal_eval(line)
        elif line == "" and state:
            if texts["msgid"] and texts["msgstr"] and not fuzzy:
                yield start, texts["msgid"], texts["msgstr"]
            state, texts, fuzzy = None, {"msgid": "", "msgstr": ""}, False


def c_text(text):
    out = []
    for byte in text.encode("utf-8"):
        char = chr(byte)
        if char in '"\\':
            out.append("\\" + char)
        elif 32 <= byte < 127:
            out.append(char)
        else:
            out.append("\\%03o" % byte)
    return '"' + "".join(out) + '"'


def catalogue(name, path):
    seen = {}
    for line, msgid, msgstr in entries(path):
        if msgid in seen:
            sys.exit(f"{path}:{line}: {msgid!r} stands twice")
        if CONVERSION.findall(msgid) != CONVERSION.findall(msgstr):
            sys.exit(f"{path}:{line}: the conversions of {msgstr!r} differ from {msgid!r}")
        seen[msgid] = msgstr
    rows = sorted((key.encode("utf-8"), key, text) for key, text in seen.items())
    body = "".join(f"    {{{c_text(key)}, {c_text(text)}}},\n" for _, key, text in rows)
    count = len(rows)
    if not rows:
        body = "    {\"\", \"\"},\n"
    return (f"static const np_catalogue_entry {name}_entries[] = {{\n{body}}};\n"
            f"static const np_catalogue {name} = {{{name}_entries, {count}}};\n")


def main():
    out, nb, nn = sys.argv[1:]
    text = '#include "base/catalogue.h"\n\n' + catalogue("nb", nb) + catalogue("nn", nn) + """
const np_catalogue *np_catalogue_of(np_language language)
{
    switch (language) {
    case NP_BOKMAAL:
        return &nb;
    case NP_NYNORSK:
        return &nn;
    case NP_ENGLISH:
        break;
    }
    return NULL;
}
"""
    with open(out, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
