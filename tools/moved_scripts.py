"""The scripts of an environment name the Python that runs them by its whole path: they follow it where it moves to.

Standard library only.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

# Run by the environment's own Python: its activate scripts, with the folder where they are now.
WRITE_ACTIVATE_SCRIPTS = """
import sys, venv
builder = venv.EnvBuilder()
builder.setup_scripts(builder.ensure_directories(sys.argv[1]))
"""


def with_python(script: Path, old_bin: Path, new_bin: Path) -> None:
    """Let a script that the Python of old_bin runs be run by the one of new_bin; other files stay as they are.

    A script begins with `#!` and the path of its Python. Where that is long or holds spaces, it begins with two lines
    by which /bin/sh calls it. On Windows the line stands in the middle of an .exe.
    """
    with script.open("rb") as file:
        if script.suffix != ".exe" and file.read(2) != b"#!":
            return
    old = re.escape(os.fsencode(old_bin) + os.fsencode(os.sep))
    pattern = rb"#!(?:/bin/sh\n'''exec' )?[\"']?" + old + rb"(python[\w.]*)[\"']?[^\n]*\n(?:' '''\n)?"
    content = script.read_bytes()
    changed = re.sub(pattern, lambda found: first_lines(new_bin / os.fsdecode(found[1])), content, count=1)
    if changed != content:
        script.write_bytes(changed)


def first_lines(python: Path) -> bytes:
    """The first lines of a script that this Python runs, as pip writes them."""
    name = os.fsencode(python)
    if os.name == "nt":
        return b'#!"' + name + b'"\n'
    if b" " in name or len(name) > 124:  # the kernel reads 127 characters, and ends the path at a space
        return b"#!/bin/sh\n'''exec' \"" + name + b'" "$0" "$@"\n' + b"' '''\n"
    return b"#!" + name + b"\n"
