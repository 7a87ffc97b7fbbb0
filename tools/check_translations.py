#!/usr/bin/env python3
"""Lists the texts of the program that po/nb.po or po/nn.po does not translate.

Usage: check_translations.py ROOT [--only FOLDER ...]
A text is what stands in _("…") or N_("…") in a C file. With --only, texts of
other folders are counted but do not fail. Also fails when a translation's
{places} differ from its original's. Exit 1: something is missing.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from po_to_c import entries  # noqa: E402

STRING = r'"(?:[^"\\]|\\.)*"'
MARKED = re.compile(rf"\b(?:_|N_)\(\s*({STRING}(?:\s*{STRING})*)\s*\)")
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


def text_of(literals):
    text = "".join(part[1:-1] for part in re.findall(STRING, literals))
    text = re.sub(r"\\([nt\"\\])", lambda m: ESCAPES[m.group(1)], text)
    raw = re.sub(r"(?:\\x[0-9a-fA-F]{2})+",
                 lambda m: bytes.fromhex(m.group(0).replace("\\x", "")).decode("utf-8"), text)
    return raw


def main():
    root = pathlib.Path(sys.argv[1])
    only = sys.argv[3:] if sys.argv[2:3] == ["--only"] else []
    missing, elsewhere = 0, 0
    catalogues = {}
    for code in ("nb", "nn"):
        path = root / "po" / f"{code}.po"
        catalogues[code] = {msgid: msgstr for _, msgid, msgstr in entries(path)}
        for line, msgid, msgstr in entries(path):
            if set(re.findall(r"\{\w+\}", msgid)) != set(re.findall(r"\{\w+\}", msgstr)):
                print(f"{path}:{line}: the places of {msgstr!r} differ from {msgid!r}")
                missing += 1
    for path in sorted((root / "src").rglob("*.[ch]")):
        source = path.read_text(encoding="utf-8")
        name = str(path.relative_to(root))
        for match in MARKED.finditer(source):
            text = text_of(match.group(1))
            lacking = [code for code in catalogues if text and text not in catalogues[code]]
            if not lacking:
                continue
            counts = not only or name.startswith(tuple(only))
            missing += counts
            elsewhere += not counts
            line = source.count("\n", 0, match.start()) + 1
            if counts or "--all" in sys.argv:
                print(f"{name}:{line}: no {' or '.join(lacking)}: {text!r}")
    if elsewhere:
        print(f"{elsewhere} texts of other folders are not translated")
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
