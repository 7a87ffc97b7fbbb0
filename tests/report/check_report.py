#!/usr/bin/env python3
"""Checks a written report as a browser and a screen reader meet it.

Usage: check_report.py WRITE_SAMPLE        writes the sample and checks it (TAP)
       check_report.py --folder DIR        checks a report that is there
"""
import csv
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as tree

SVG = "{http://www.w3.org/2000/svg}"
LEAST_CONTRAST = 4.5  # WCAG 2.1, 1.4.3


def contrast_with_white(colour):
    def channel(byte):
        share = byte / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
    red, green, blue = (int(colour[i:i + 2], 16) for i in (1, 3, 5))
    light = 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue)
    return 1.05 / (light + 0.05)


def figure_faults(svg):
    if svg.get("role") != "img":
        yield "an SVG without role"
    named = [svg[0].tag, svg[1].tag] if len(svg) > 1 else []
    if named != [SVG + "title", SVG + "desc"] or not svg[0].text or not svg[1].text:
        yield "an SVG whose first parts are not title and desc"
    if svg.get("aria-labelledby", "").split() != [part.get("id") for part in svg[:2]]:
        yield "an SVG that is not labelled by its title and desc"
    for text in svg.iter(SVG + "text"):
        if contrast_with_white(text.get("fill")) < LEAST_CONTRAST:
            yield f"the text {text.text!r} has too little contrast"


def page_faults(page):
    ids = [part.get("id") for part in page.iter() if part.get("id")]
    for name in set(ids):
        if ids.count(name) > 1:
            yield f"the id {name} stands {ids.count(name)} times"
    for part in page.iter():
        wanted = (part.get("aria-labelledby", "") + " " + part.get("aria-describedby", "")).split()
        if part.get("href", "").startswith("#"):
            wanted.append(part.get("href")[1:])
        for name in wanted:
            if name not in ids:
                yield f"nothing has the id {name}"
        if part.tag in ("script", "link", "img") or "src" in part.attrib:
            yield f"a {part.tag}: the page does not stand alone"
        if part.get("tabindex", "0") not in ("0", "-1"):
            yield "a tabindex above 0"


def heading_faults(page):
    level = 0
    for part in page.iter():
        if re.fullmatch("h[1-6]", str(part.tag)):
            now = int(part.tag[1])
            if now > level + 1:
                yield f"h{now} {part.text!r} follows h{level}"
            if now == 1 and level:
                yield "more than one h1"
            level = now


def table_faults(page):
    for table in page.iter("table"):
        name = table.get("id")
        if table.find("caption") is None:
            yield f"the table {name} has no caption"
        columns = {sum(int(cell.get("colspan", 1)) for cell in row) for row in table.iter("tr")}
        if len(columns) != 1:
            yield f"the rows of {name} have {sorted(columns)} columns"
        for cell in table.iter("th"):
            if cell.get("scope") not in ("col", "row", "colgroup", "rowgroup"):
                yield f"a header cell of {name} has no scope"
        for row in table.iter("tr"):
            if row.find("th") is None:
                yield f"a row of {name} has no header cell"


def html_faults(text):
    if not text.startswith("<!DOCTYPE html>"):
        yield "no document type"
    page = tree.fromstring(text)
    if page.get("lang") not in ("nb", "nn", "en"):
        yield "no language"
    if page.find("head/title") is None or page.find("body/main") is None:
        yield "no title or no main part"
    skip = page.find("body/a")
    if skip is None or skip.get("href") != "#main":
        yield "no skip link"
    for check in (page_faults, heading_faults, table_faults):
        yield from check(page)
    for svg in page.iter(SVG + "svg"):
        yield from figure_faults(svg)


def csv_faults(folder):
    for path in sorted(folder.glob("tables/*.csv")):
        raw = path.read_bytes()
        excel = path.name.endswith(".excel.csv")
        if raw.startswith(b"\xef\xbb\xbf") != excel:
            yield f"{path.name}: the byte order mark"
        if b"\n" in raw.replace(b"\r\n", b""):
            yield f"{path.name}: a line that does not end in CRLF"
        text = raw.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), delimiter=";" if excel else ","))
        if len({len(row) for row in rows}) != 1:
            yield f"{path.name}: rows of different length"
        other = folder / "tables" / path.name.replace(".excel.csv", ".csv")
        if excel and not other.exists():
            yield f"{path.name}: no {other.name}"


def folder_faults(folder):
    for path in sorted(folder.glob("report*.html")):
        for fault in html_faults(path.read_text(encoding="utf-8")):
            yield f"{path.name}: {fault}"
    for path in sorted(folder.glob("figures/*.svg")):
        for fault in figure_faults(tree.parse(path).getroot()):
            yield f"{path.name}: {fault}"
        if not path.with_suffix(".vl.json").exists():
            yield f"{path.name}: no Vega-Lite specification"
    for path in sorted(folder.glob("figures/*.vl.json")):
        spec = json.loads(path.read_text(encoding="utf-8"))
        if not spec["data"]["values"] or "vega-lite/v5" not in spec["$schema"]:
            yield f"{path.name}: no data or no schema"
    yield from csv_faults(folder)


def main():
    if sys.argv[1] == "--folder":
        faults = list(folder_faults(pathlib.Path(sys.argv[2])))
        print("\n".join(faults) or "no fault found")
        sys.exit(bool(faults))
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([sys.argv[1], name], check=True)
        folder = pathlib.Path(name)
        faults = list(folder_faults(folder))
        pages = sorted(path.name for path in folder.glob("*.html"))
    print("1..2")
    print("# " + "\n# ".join(faults) if faults else "# no fault")
    print("not ok" if faults else "ok", "1 the written report has no fault")
    whole = pages == ["report.en.html", "report.html", "report.nn.html"]
    print("ok" if whole else "not ok", "2 there is a page per language")
    sys.exit(bool(faults) or not whole)


main()
