#!/usr/bin/env python3
"""What commands do with records that cannot be read or written: damaged, cut, empty,
another program's, of another schema, locked, read-only, on a full disk. Each gives an
answer or one message, never a crash, and loses nothing.

Usage: damaged.py NULLPUNKT SIMULATE-PROGRAMME. TAP on standard output.
"""
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile

# What a sanitizer finds is no answer.
os.environ.setdefault("ASAN_OPTIONS", "exitcode=99")
os.environ.setdefault("UBSAN_OPTIONS", "halt_on_error=1:exitcode=99")
FLIPS, CUTS, SECONDS = 200, 20, 60
nullpunkt, simulate = (os.path.abspath(path) for path in sys.argv[1:3])
scratch = tempfile.mkdtemp(prefix="nullpunkt-damaged-")
WHOLE = os.path.join(scratch, "whole")
TRY = os.path.join(scratch, "try")
DB = os.path.join(TRY, "programme.db")
CSV = os.path.join(scratch, "network.csv")
READ = [["obligations"], ["table", "absence"], ["table", "hindrances"], ["find", "heltid"],
        ["export", "everything", "--output", os.path.join(scratch, "out")], ["check"]]
WRITE = [["import", CSV, "--as", "network", "--by", "kari"],
         ["obligations", "update", "--by", "kari"]]


def run(arguments, **how):
    shutil.rmtree(os.path.join(scratch, "out"), ignore_errors=True)
    arguments = list(arguments)
    arguments += [TRY] if arguments[0] == "check" else ["--programme", TRY]
    return subprocess.run([nullpunkt, *arguments], capture_output=True, text=True,
                          errors="replace", timeout=SECONDS, **how)


def fresh():
    shutil.rmtree(TRY, ignore_errors=True)
    shutil.copytree(WHOLE, TRY)


def answered(done):
    """An answer, or exactly one message with what to do where there is more to say."""
    if done.returncode in (0, 1):
        return True
    lines = done.stderr.strip().splitlines()
    return done.returncode == 2 and 0 < len(lines) <= 3


def records(path):
    """All that tables of records and of the log say; None where SQLite cannot read it."""
    try:
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        names = [row[0] for row in db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE "
            "'search_%' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'measurement_%' "
            "AND name <> 'schema_migration' ORDER BY name")]
        said = {name: sorted(map(repr, db.execute(f'SELECT * FROM "{name}" NOT INDEXED')))
                for name in names}
        db.close()
        return said
    except (sqlite3.Error, ValueError):
        return None


def flipped_bytes():
    random.seed(20)
    good = records(os.path.join(WHOLE, "programme.db"))
    size = os.path.getsize(os.path.join(WHOLE, "programme.db"))
    for i in range(FLIPS):
        fresh()
        # A third of them where the file says what it is and which tables it has.
        at = random.randrange(4096 if i % 3 == 0 else size)
        with open(DB, "r+b") as file:
            file.seek(at)
            before = file.read(1)[0]
            file.seek(at)
            file.write(bytes([before ^ (1 << random.randrange(8))]))
        changed = records(DB) != good
        check = run(["check", "--log"])
        if not answered(check):
            return f"byte {at}: check: {check.returncode} {check.stderr[-300:]}"
        if changed and check.returncode == 0:
            return f"byte {at}: the records differ, and check finds nothing"
        command = (READ + WRITE)[i % len(READ + WRITE)]
        done = run(command)
        if not answered(done):
            return f"byte {at}: {command[:2]}: {done.returncode} {done.stderr[-300:]}"
    return None


def cut_files():
    random.seed(21)
    size = os.path.getsize(os.path.join(WHOLE, "programme.db"))
    for i in range(CUTS):
        fresh()
        os.truncate(DB, 0 if i == 0 else random.randrange(1, size))
        for command in (["check", "--log"], (READ + WRITE)[i % len(READ + WRITE)]):
            done = run(command)
            if not answered(done):
                return f"cut {i}: {command}: {done.returncode} {done.stderr[-300:]}"
            if command[0] == "check" and done.returncode == 0:
                return f"cut {i}: check finds nothing"
    return None


def refused(what, change):
    def test():
        for command in READ + WRITE:
            fresh()
            change()
            with open(DB, "rb") as file:
                before = file.read()
            done = run(command)
            wanted = (1, 2) if command[0] == "check" else (2,)
            if done.returncode not in wanted or not answered(done):
                return f"{command[:2]}: {done.returncode} {done.stdout[:200]} {done.stderr[-300:]}"
            with open(DB, "rb") as file:
                if file.read() != before:
                    return f"{command[:2]}: the file was changed"
        return None
    test.__name__ = what
    return test


def pragma(sql):
    def change():
        db = sqlite3.connect(DB)
        db.execute("PRAGMA journal_mode=DELETE")
        db.execute(sql)
        db.commit()
        db.close()
    return change


def text_file():
    with open(DB, "w", encoding="utf-8") as file:
        file.write("id,name\n" * 4000)


def another_database():
    os.unlink(DB)
    db = sqlite3.connect(DB)
    db.execute("CREATE TABLE measurement (id TEXT)")
    db.commit()
    db.close()


def locked():
    fresh()
    db = sqlite3.connect(DB, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    for command in READ:
        done = run(command)
        if done.returncode not in (0, 1):
            return f"{command[:2]}: a reader waits for a writer: {done.stderr[-300:]}"
    done = run(WRITE[0])
    db.execute("ROLLBACK")
    db.close()
    if done.returncode != 2 or not answered(done):
        return f"{done.returncode} {done.stderr[-300:]}"
    done = run(WRITE[0])
    return None if done.returncode == 0 else done.stderr[-300:]


def full_disk():
    """A limit on the size of files stands for it."""
    fresh()
    small = os.path.getsize(DB) + 4096 * 20
    with open(os.path.join(scratch, "many.csv"), "w", encoding="utf-8") as file:
        file.write("id,name\n")
        file.writelines(f"n{i},A network with a name that takes some room {i}\n"
                        for i in range(20000))

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (small, small))

    def tiny():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))

    good = records(DB)
    copy = os.path.join(scratch, "copy.db")
    for command, room in ((["import", os.path.join(scratch, "many.csv"), "--as", "network",
                            "--by", "kari"], limit),
                          (["backup", copy], tiny)):
        done = run(command, preexec_fn=room)
        if done.returncode != 2 or not answered(done):
            return f"{command[0]}: {done.returncode} {done.stderr[-300:]}"
    if os.path.exists(copy):
        return "half a copy is there"
    if records(DB) != good:
        return "the records are not what they were"
    check = run(["check", "--log"])
    return None if check.returncode == 0 else check.stdout[-300:]


def read_only_folder():
    if os.geteuid() == 0:
        return "skip"
    fresh()
    good = records(DB)
    for path in (DB, TRY):
        os.chmod(path, 0o555)
    try:
        for command in READ + WRITE:
            done = run(command)
            writes = command in WRITE
            if not answered(done) or writes == (done.returncode == 0):
                return f"{command[:2]}: {done.returncode} {done.stderr[-300:]}"
    finally:
        os.chmod(TRY, 0o755)
        os.chmod(DB, 0o644)
    return None if records(DB) == good else "the records changed"


TESTS = [
    flipped_bytes,
    cut_files,
    refused("a newer schema", pragma("PRAGMA user_version = 99")),
    refused("a schema that never was", pragma("PRAGMA user_version = -1")),
    refused("another program's database", another_database),
    refused("a text file", text_file),
    locked,
    full_disk,
    read_only_folder,
]


def main():
    with open(CSV, "w", encoding="utf-8") as file:
        file.write("id,name\nsouth,South\n")
    subprocess.run([simulate, WHOLE, "--projects", "3", "--reports", "4",
                    "--measurements", "180"], check=True, stdout=subprocess.DEVNULL)
    print(f"1..{len(TESTS)}")
    failed = False
    for i, test in enumerate(TESTS, 1):
        try:
            why = test()
        except subprocess.TimeoutExpired as hang:
            why = f"hangs: {hang.cmd}"
        name = f"{i} - {test.__name__.replace('_', ' ')}"
        if why == "skip":
            print(f"ok {name} # SKIP nothing is read-only for root")
        else:
            print(f"ok {name}" if why is None else f"not ok {name}\n# {why}")
            failed = failed or why is not None
    shutil.rmtree(scratch, ignore_errors=True)
    return 1 if failed else 0


sys.exit(main())
