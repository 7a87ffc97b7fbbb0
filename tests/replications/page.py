"""The tables of docs/replications.md, between "<!-- replicate: NAME -->" and "<!-- end -->".

`made` is {name: lines}: what the program says now.
"""
import itertools
import pathlib
import re

PAGE = pathlib.Path(__file__).parent.parent.parent / "docs/replications.md"
BLOCK = re.compile(r"<!-- replicate: (\S+) -->\n(.*?)<!-- end -->", re.S)


def text_of(name, lines):
    return "\n".join([f"<!-- replicate: {name} -->", *lines, "<!-- end -->"])


def checks(made):
    """(what, whether it holds, what differs) of each table."""
    stands = dict(BLOCK.findall(PAGE.read_text(encoding="utf-8")))
    for name, lines in made.items():
        wrong = [pair for pair in itertools.zip_longest(stands.get(name, "").splitlines(),
                                                        lines) if pair[0] != pair[1]]
        yield (f"docs/replications.md: {name} is what the program says",
               name in stands and not wrong,
               wrong and f"stands: {wrong[0][0]}; now: {wrong[0][1]} (--write renews it)")


def write(made):
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(BLOCK.sub(
        lambda m: text_of(m[1], made[m[1]]) if m[1] in made else m[0], page),
        encoding="utf-8")


def show(made):
    for name, lines in made.items():
        print(text_of(name, lines), end="\n\n")
