#!/usr/bin/env python3
"""Adds up the single tests of a meson run from its JSON log.

Usage: count_tests.py LOG.json NAME. Prints "PASSED FAILED SKIPPED sentence".
A program that ends badly without a failed test of its own counts as one failure;
what TAP marks as TODO (a number known not to be met, with its reason) is neither
passed nor failed and counts as skipped.
"""
import json
import re
import sys


def outcome(test):
    lines = (test.get("stdout") or "").splitlines()
    ok = [line for line in lines if re.match(r"\s*ok\b", line)]
    not_ok = [line for line in lines if re.match(r"\s*not ok\b", line)]
    known = sum(bool(re.search(r"#\s*todo", line, re.I)) for line in not_ok)
    bad = len(not_ok) - known
    passed = len(ok) - sum(bool(re.search(r"#\s*skip", line, re.I)) for line in ok)
    skipped = len(ok) - passed + known
    if test["result"] in ("SKIP",):
        return 0, 0, max(skipped, 1)
    if test["result"] not in ("OK", "EXPECTEDFAIL") and bad == 0:
        bad = 1
    if test["result"] == "OK" and passed + bad + skipped == 0:
        passed = 1
    return passed, bad, skipped


def main():
    log, name = sys.argv[1:]
    passed = failed = skipped = programs = 0
    with open(log, encoding="utf-8") as file:
        for line in file:
            p, f, s = outcome(json.loads(line))
            passed, failed, skipped, programs = passed + p, failed + f, skipped + s, programs + 1
    print(passed, failed, skipped,
          f"{name}: {programs} test programs, {passed} passed, {failed} failed, {skipped} skipped")


main()
