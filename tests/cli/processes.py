#!/usr/bin/env python3
"""The program as a process: numbers do not depend on the number of threads, and a file
that is cut short ends in one line.

Usage: processes.py NULLPUNKT MAKE-PANEL. TAP on standard output.
"""
import os
import signal
import subprocess
import sys
import tempfile

ROWS = 300_000  # several tasks of the largest kind
COVARIATES = "y ~ x1 + x2 + x3 + x4 + x5"
MODELS = [
    ("robust errors", "panel", [COVARIATES + " | unit + period", "--vcov", "HC1"]),
    ("clusters", "panel", [COVARIATES + " | unit + period", "--vcov", "~unit"]),
    ("two clusters", "panel", [COVARIATES + " | unit + period", "--vcov", "~unit + period"]),
    ("an event study", "panel",
     [COVARIATES + " + i(event_time, ref = c(-1, -1000)) | unit + period",
      "--vcov", "~unit"]),
    ("no fixed effects", "panel", [COVARIATES, "--vcov", "~unit"]),
    ("weights", "panel",
     ["y ~ x1 + x2 | unit + period", "--weights", "exp(x5)", "--vcov", "HC1"]),
    ("a long chain of firms", "difficult", ["y ~ x1 + x2 | worker + firm", "--vcov", "~firm"]),
    ("hubs and small components", "hubs", ["y ~ x1 + x2 | worker + firm", "--vcov", "HC1"]),
]


def estimate(program, file, arguments, threads):
    return subprocess.run(
        [program, "estimate", arguments[0], file, *arguments[1:],
         "--threads", str(threads), "--format", "json"],
        check=True, capture_output=True).stdout


def same_with_any_threads(program, file, arguments):
    first = estimate(program, file, arguments, 1)
    return len(first) > 500 and all(
        estimate(program, file, arguments, threads) == first for threads in (2, 7))


def ends_in_one_line(program, folder):
    """The signal is sent while the program waits for a pipe to be opened, so that the
    test does not depend on who is faster."""
    pipe = os.path.join(folder, "pipe")
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [program, "estimate", "y ~ x", pipe], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    with open(pipe, "w"):
        process.send_signal(signal.SIGBUS)
        out, messages = process.communicate(timeout=60)
    return (process.returncode == 2 and out == b"" and
            messages == b"nullpunkt: the file became shorter while it was read\n")


def main():
    program, make_panel = sys.argv[1:3]
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("panel", "difficult", "hubs"):
            with open(os.path.join(folder, kind), "wb") as file:
                subprocess.run([make_panel, kind, str(ROWS), "--event-time"], check=True,
                               stdout=file)
        for name, kind, arguments in MODELS:
            fine = same_with_any_threads(program, os.path.join(folder, kind), arguments)
            results.append((fine, f"the same digits with 1, 2 and 7 threads: {name}"))
        results.append((ends_in_one_line(program, folder),
                        "a file cut short ends in one line"))
    print(f"1..{len(results)}")
    for number, (fine, name) in enumerate(results, 1):
        print(f"{'ok' if fine else 'not ok'} {number} - {name}")
    sys.exit(0 if all(fine for fine, _ in results) else 1)


main()
