#!/usr/bin/env python3
"""Imports, backups and exports where something is in their way: a full disk, a folder that
may not be written, another writer, a damaged file, another schema, SIGKILL. One message
each, exit 2, and the records are as they were.

Usage: records.py NULLPUNKT. TAP on standard output.
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
import time

DEFINITION = """programme: {id: p, name: P, starts: 2012-01-01, ends: 2015-12-31}
cohorts: [{id: "2012", name: Cohort, starts: 2012-01-01, ends: 2014-12-31}]
"""
KILLS = 40


class Folder:
    """A programme with two projects, and a large file of projects to import."""

    def __init__(self, program, root):
        self.program, self.root = program, root
        os.makedirs(self.path("p"))
        with open(self.path("p/programme.yaml"), "w") as file:
            file.write(DEFINITION)
        with open(self.path("project.csv"), "w") as file:
            file.write("id,name,cohort\nhalden,Halden,2012\nmoss,Moss,2012\n")
        with open(self.path("large.csv"), "w") as file:
            file.write("id,name,cohort\n")
            for i in range(20000):
                file.write(f"x{i},A name that takes some room in the file {i},2012\n")
        assert self.run("init", "p").returncode == 0
        assert self.run("import", "project.csv", "--programme", "p").returncode == 0

    def path(self, name):
        return os.path.join(self.root, name)

    def run(self, *arguments, **how):
        by = ("--by", "kari") if arguments[0] in ("init", "import") else ()
        return subprocess.run([self.program, *arguments, *by], cwd=self.root,
                              capture_output=True, encoding="utf-8", **how)

    def n_projects(self):
        db = sqlite3.connect(self.path("p/programme.db"))
        try:
            return db.execute("SELECT count(*) FROM project").fetchone()[0]
        except sqlite3.DatabaseError as error:
            for name in sorted(os.listdir(self.path("p"))):
                print(f"# {name}: {os.path.getsize(self.path('p/' + name))} bytes")
            print(f"# {error}; {db.execute('PRAGMA integrity_check(5)').fetchall()}")
            raise
        finally:
            db.close()

    def log_is_whole(self):
        return self.run("check", "p", "--log").returncode == 0


def one_message(run, *words):
    print("# " + run.stderr.strip().replace("\n", "\n# "))
    return (run.returncode == 2 and run.stderr.count("\n") == 1 and
            all(word in run.stderr for word in words))


def no_room(size):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


def a_full_disk(f):
    run = f.run("import", "large.csv", "--as", "project", "--programme", "p",
                preexec_fn=no_room(1 << 20))
    return one_message(run, "the disk is full") and f.n_projects() == 2 and f.log_is_whole()


def a_full_disk_in_the_way_of_a_backup(f):
    run = f.run("backup", "b.db", "--programme", "p", preexec_fn=no_room(1 << 16))
    return one_message(run, "b.db", "the disk is full") and not os.path.exists(f.path("b.db"))


def a_folder_that_may_not_be_written(f):
    """As root everything may be written: a program of another user is tried then."""
    def somebody():
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
    os.chmod(f.root, 0o755)
    os.chmod(f.path("p"), 0o555)
    run = f.run("import", "large.csv", "--as", "project", "--programme", "p",
                preexec_fn=somebody)
    os.chmod(f.path("p"), 0o755)
    return one_message(run, "programme.db") and f.n_projects() == 2


def another_writer(f):
    db = sqlite3.connect(f.path("p/programme.db"), isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    run = f.run("import", "large.csv", "--as", "project", "--programme", "p")
    backup = f.run("backup", "c.db", "--programme", "p")
    db.execute("ROLLBACK")
    db.close()
    return (one_message(run, "another program is writing", "try again") and
            f.n_projects() == 2 and backup.returncode == 0)


def with_copy(f, change, command):
    """The command on a copy of the programme whose file was changed."""
    shutil.rmtree(f.path("q"), ignore_errors=True)
    shutil.copytree(f.path("p"), f.path("q"))
    change(f.path("q/programme.db"))
    with open(f.path("q/programme.db"), "rb") as file:
        before = file.read()
    run = f.run(*command)
    with open(f.path("q/programme.db"), "rb") as file:
        return run, file.read() == before


def a_file_that_is_none_of_ours(f):
    def change(path):
        with open(path, "wb") as file:
            file.write(b"no database, as anybody can see who looks" * 1000)
    run, same = with_copy(f, change, ("import", "project.csv", "--programme", "q"))
    return one_message(run, "programme.db", "restore the latest backup") and same


def half_a_file(f):
    def change(path):
        os.truncate(path, os.path.getsize(path) // 2 // 4096 * 4096)
    run, _ = with_copy(f, change, ("backup", "half.db", "--programme", "q"))
    print("# " + run.stderr.strip().replace("\n", "\n# "))
    return run.returncode == 2 and "nullpunkt: " in run.stderr


def a_newer_schema(f):
    def change(path):
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
    run, same = with_copy(f, change, ("import", "project.csv", "--programme", "q"))
    return one_message(run, "99", "nothing was changed") and same


def killed_imports_are_whole_or_not_there(f):
    random.seed(5)
    count, usual = 0, None
    for k in range(KILLS):
        with open(f.path("some.csv"), "w") as file:
            file.write("id,name,cohort\n")
            for i in range(500):
                file.write(f"k{k}-{i},Killed,2012\n")
        before = f.n_projects()
        start = time.monotonic()
        process = subprocess.Popen(
            [f.program, "import", "some.csv", "--as", "project", "--programme", "p", "--by",
             "kari"], cwd=f.root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if usual is not None:
            time.sleep(random.uniform(0, 1.2 * usual))
            process.kill()
        acknowledged = b"Written as entry" in process.communicate()[0]
        usual = usual or time.monotonic() - start
        after = f.n_projects()
        if after - before not in (0, 500) or (acknowledged and after == before):
            return False
        count += process.returncode == -9
    print(f"# {count} imports killed")
    return count > 0 and f.log_is_whole()


def main():
    results = []
    with tempfile.TemporaryDirectory() as root:
        os.chmod(root, 0o755)
        f = Folder(os.path.abspath(sys.argv[1]), root)
        for test in (a_full_disk, a_full_disk_in_the_way_of_a_backup,
                     a_folder_that_may_not_be_written, another_writer,
                     a_file_that_is_none_of_ours, half_a_file, a_newer_schema,
                     killed_imports_are_whole_or_not_there):
            results.append((test(f), test.__name__.replace("_", " ")))
    print(f"1..{len(results)}")
    for number, (fine, name) in enumerate(results, 1):
        print(f"{'ok' if fine else 'not ok'} {number} - {name}")
    sys.exit(0 if all(fine for fine, _ in results) else 1)


main()
