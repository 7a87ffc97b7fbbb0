"""A programme made of an example's files, in a folder of its own.

`nullpunkt init` and `import` as a newcomer calls them; what they say is kept.
"""
import os
import pathlib
import shutil
import subprocess

EXAMPLES = pathlib.Path(__file__).parent.parent.parent / "examples"


def run(program, *arguments):
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True,
                          env={**os.environ, "NULLPUNKT_LANG": "en"})


def make(program, example, folder):
    """Copies what the example is made of into `folder` and makes its records; returns what
    init and import said. RuntimeError with their message where one of them fails."""
    source = EXAMPLES / example
    for name in ("programme.yaml", "tables.yaml"):
        shutil.copy(source / name, folder)
    said = []
    for arguments in (("init", folder, "--by", "example"),
                      ("import", source / "records", "--programme", folder, "--by", "example",
                       "--why", "the example's records")):
        done = run(program, *arguments)
        if done.returncode != 0:
            raise RuntimeError(f"nullpunkt {arguments[0]}: {done.stderr.strip()}")
        said.append(done)
    return said
