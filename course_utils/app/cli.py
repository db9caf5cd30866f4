"""The `course` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from course_utils.errors import CourseError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `course …`; the exit status is 0 where all is well."""
    parser = argparse.ArgumentParser(prog="course", description="Tools for the course RNN vs LSTM, measured.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    commands.add_parser("doctor", help="check this machine: Python, packages, memory, disk")
    parser.parse_args(arguments)
    try:
        return run_doctor()
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1


def run_doctor() -> int:
    """Print the report; 1 where something is to be mended."""
    from course_utils.app.doctor import doctor

    report = doctor()
    print(report)
    return 0 if report.fine else 1
