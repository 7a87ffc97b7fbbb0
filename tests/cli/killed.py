#!/usr/bin/env python3
"""nullpunkt evaluate, killed at random moments, and with a full disk in its way: what
stands under its final name is whole, and a run that fails leaves the last results.

Usage: killed.py NULLPUNKT FOLDER-WITH-PLAN. TAP on standard output.
"""
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

KILLS = 40
SECONDS = 40  # at most


def whole(path):
    with open(path, "rb") as file:
        text = file.read()
    if path.endswith(".json"):
        json.loads(text)
        return True
    if path.endswith(".html"):
        return text.rstrip().endswith(b"</html>")
    if path.endswith(".svg"):
        return text.rstrip().endswith(b"</svg>")
    return text.endswith(b"\n")


def final_files(output):
    """Not those in the folder in which a run that was killed was writing."""
    for folder, folders, files in os.walk(output):
        folders[:] = [name for name in folders if not name.startswith(".new-")]
        for name in files:
            yield os.path.join(folder, name)


def evaluate(program, folder, output, **how):
    return subprocess.Popen([program, "evaluate", folder, "--output", output],
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **how)


def killed_runs_leave_whole_files(program, folder, output):
    random.seed(7)
    start = time.monotonic()
    evaluate(program, folder, output).communicate()
    usual = time.monotonic() - start
    killed = 0
    for _ in range(KILLS):
        if time.monotonic() - start > SECONDS:
            break
        process = evaluate(program, folder, output)
        time.sleep(random.uniform(0, 1.1 * usual))
        process.kill()
        process.communicate()
        killed += process.returncode == -9
        if not all(whole(path) for path in final_files(output)):
            return False
    print(f"# {killed} runs killed")
    return killed > 0


def the_next_run_clears_what_killed_ones_left(program, folder, output):
    evaluate(program, folder, output).communicate()
    left = [name for name in os.listdir(output) if name.startswith(".new-")]
    print(f"# left: {left}" if left else "# nothing left")
    return not left


def full_disk_leaves_the_last_results(program, folder, output):
    """A limit on the size of files stands for the disk: the report does not fit."""
    import resource
    import signal

    def no_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    before = {path: open(path, "rb").read() for path in final_files(output)}
    process = evaluate(program, folder, output, preexec_fn=no_room)
    messages = process.communicate()[1].decode()
    after = {path: open(path, "rb").read() for path in final_files(output)}
    print("# " + messages.strip())
    return (process.returncode == 2 and before == after and
            re.fullmatch(r"nullpunkt: .*cannot be written: File too large\n",
                         messages) is not None)


def folder_that_may_not_be_written(program, folder, output):
    if os.geteuid() == 0:
        return None
    os.chmod(output, 0o555)
    process = evaluate(program, folder, output)
    messages = process.communicate()[1].decode()
    os.chmod(output, 0o755)
    return process.returncode == 2 and messages.count("\n") == 1


def main():
    program, source = sys.argv[1:3]
    results = []
    with tempfile.TemporaryDirectory() as root:
        folder = os.path.join(root, "sykefravær på Ås")
        output = os.path.join(root, "ut data")
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("output"))
        for test in (killed_runs_leave_whole_files,
                     the_next_run_clears_what_killed_ones_left,
                     full_disk_leaves_the_last_results, folder_that_may_not_be_written):
            results.append((test(program, folder, output), test.__name__.replace("_", " ")))
    print(f"1..{len(results)}")
    for number, (fine, name) in enumerate(results, 1):
        skipped = " # SKIP as root" if fine is None else ""
        print(f"{'not ok' if fine is False else 'ok'} {number} - {name}{skipped}")
    sys.exit(1 if any(fine is False for fine, _ in results) else 0)


main()
