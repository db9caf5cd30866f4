"""The `course` command."""

from __future__ import annotations

import argparse
import codecs
import io
import os
import sys
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from course_utils.cli.claims import add_claims_commands
from course_utils.errors import CourseError

INTERRUPTED = 130
OUTPUT_CLOSED = 141  # what a shell reports of a program when its reader went away, as in `course … | head`
LOOK_ALIKES = {"→": "->", "✔": "+", "⚠": "!", "–": "-", "—": "-", "−": "-", "×": "x", "≥": ">=", "≤": "<=", "…": "..."}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `course …`; the exit status is 0 where all is well."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=look_alikes.__name__)
    try:
        try:
            return run_command(arguments)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that Python's own last flush is silent
        return OUTPUT_CLOSED


def run_command(arguments: Sequence[str] | None) -> int:
    """Run what the arguments ask for. An error of the course is a sentence, and an interruption another."""
    options = parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. Run the same command again to go on.", file=sys.stderr)
        return INTERRUPTED


def look_alikes(error: UnicodeError) -> tuple[str, int]:
    """For a terminal that cannot show a character: its look-alike in ASCII, or a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(LOOK_ALIKES.get(character, "?") for character in missing), error.end


codecs.register_error(look_alikes.__name__, look_alikes)


def parser() -> argparse.ArgumentParser:
    """The commands and their options; each sets `run`."""
    course = argparse.ArgumentParser(prog="course", description="Tools for the course RNN vs LSTM, measured.")
    commands = course.add_subparsers(dest="command", required=True, metavar="command")
    doctor = commands.add_parser("doctor", help="check this machine: Python, packages, memory, disk")
    doctor.set_defaults(run=run_doctor)
    data = commands.add_parser("data", help="list, download, check and remove data sets; fill a mirror")
    add_data_commands(data)
    progress = commands.add_parser("progress", help="show what you have solved; take it to another machine; begin anew")
    add_progress_commands(progress)
    claims = commands.add_parser("claims", help="list the claims with their verdicts; run their experiments again")
    add_claims_commands(claims)
    return course


def add_progress_commands(progress: argparse.ArgumentParser) -> None:
    """`course progress …`."""
    actions = progress.add_subparsers(dest="action", required=True, metavar="action")
    actions.add_parser("show", help="the map of the lessons with what you have solved").set_defaults(run=run_show)
    export = actions.add_parser("export", help="write your progress to a file")
    export.add_argument("file", metavar="FILE", nargs="?", default="my-progress.jsonl")
    export.set_defaults(run=run_export)
    page = actions.add_parser("page", help="write a page to print: the map, and what you have solved when")
    page.add_argument("file", metavar="FILE", nargs="?", default="my-progress.html")
    page.set_defaults(run=run_page)
    take = actions.add_parser("import", help="add the progress of an exported file to yours")
    take.add_argument("file", metavar="FILE")
    take.set_defaults(run=run_import)
    reset = actions.add_parser("reset", help="begin anew; what you had is set aside in a file beside")
    reset.set_defaults(run=run_reset)


def add_data_commands(data: argparse.ArgumentParser) -> None:
    """`course data …`."""
    actions = data.add_subparsers(dest="action", required=True, metavar="action")
    actions.add_parser("list", help="every data set: size, licence, whether it is here").set_defaults(run=run_list)
    fetch = actions.add_parser("fetch", help="download data sets; files that are here are kept")
    fetch.add_argument("names", nargs="+", metavar="NAME")
    fetch.set_defaults(run=run_fetch)
    verify = actions.add_parser("verify", help="read what was downloaded and compare it with its hashes")
    verify.set_defaults(run=run_verify)
    clear = actions.add_parser("clear", help="remove what was downloaded: one set, or all")
    clear.add_argument("name", nargs="?", metavar="NAME")
    clear.set_defaults(run=run_clear)
    mirror = actions.add_parser("mirror", help="fill a folder with every download, for a classroom to fetch from")
    mirror.add_argument("folder", metavar="FOLDER")
    mirror.set_defaults(run=run_mirror)


def run_doctor(options: argparse.Namespace) -> int:
    """Print the report; 1 where something is to be fixed."""
    from course_utils.cli.doctor import doctor

    report = doctor()
    print(report)
    return 0 if report.fine else 1


def run_list(options: argparse.Namespace) -> int:
    """Print the catalogue, one row a set, and where downloads are kept."""
    from course_utils.data import catalogue, downloads

    folder = downloads.cache_folder()
    print(f"{'name':<12} {'size':>8}  {'here':<15} {'licence':<13} from")
    for name in catalogue.CATALOGUE:
        now = downloads.status(name)
        address = urlsplit(now.data_set.url)
        source = now.data_set.package or f"{address.hostname}{address.path}"
        print(f"{name:<12} {size_text(now.size):>8}  {now.state:<15} {now.data_set.licence:<13} {source}")
    print(f"\nDownloads are kept in {folder}. Fetch one: course data fetch NAME")
    return 0


def run_fetch(options: argparse.Namespace) -> int:
    """Fetch each set named, also after one that failed; 1 where any failed."""
    from course_utils.data import catalogue, downloads

    rows = [catalogue.data_set(name) for name in options.names]  # a wrong name stops all before any download
    failed = False
    for row in rows:
        try:
            paths = downloads.fetch(row.name)
        except CourseError as error:
            print(error, file=sys.stderr)
            failed = True
            continue
        where = f"is in {paths[0].parent}" if paths else f"comes with {row.package}: there is nothing to fetch"
        print(f"{row.name} {where}.")
    return 1 if failed else 0


def run_verify(options: argparse.Namespace) -> int:
    """Print one line for each downloaded file; 1 where one is damaged."""
    from course_utils.data import downloads

    verdicts = downloads.verify()
    for verdict in verdicts:
        note = f"  ({verdict.note})" if verdict.note else ""
        print(f"{verdict.state:<8} {verdict.data_set.name:<13} {verdict.file}{note}")
    damaged = sorted({verdict.data_set.name for verdict in verdicts if verdict.state == "damaged"})
    if damaged:
        print(f"Fetch what is damaged again: course data fetch {' '.join(damaged)}", file=sys.stderr)
    return 1 if damaged else 0


def run_clear(options: argparse.Namespace) -> int:
    """Remove downloads and say what was freed."""
    from course_utils.data import downloads

    freed = downloads.clear(options.name)
    print(f"Freed {size_text(freed)}." if freed else "There was nothing to remove.")
    return 0


def run_mirror(options: argparse.Namespace) -> int:
    """Fill a folder and say how to serve it."""
    from course_utils.data import downloads

    paths = downloads.mirror(options.folder)
    size = sum(path.stat().st_size for path in paths)
    print(f"{options.folder} holds {len(paths)} files, {size_text(size)}.")
    print(f"Serve it:          python -m http.server --directory {options.folder}")
    print("On each machine:   COURSE_DATA_MIRROR=http://<address of this machine>:8000  (or the folder, if shared)")
    return 0


def size_text(size: int | None) -> str:
    """A number of bytes for people, such as "1.1 MB"."""
    if size is None:
        return "unknown"
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} B"


def run_show(options: argparse.Namespace) -> int:
    """Print the map, and where progress is kept."""
    from course_utils.cli.progress_map import progress_map
    from course_utils.exercises.engine import progress

    shown = progress_map()
    print(shown)
    if not shown.note:  # which names the place itself
        print(f"Your progress is kept in {progress.progress_file()}")
    return 0


def run_export(options: argparse.Namespace) -> int:
    """Write the learner's progress to a file."""
    from course_utils.exercises.engine import progress

    print(f"Your progress is in {progress.export(options.file)}.")
    return 0


def run_page(options: argparse.Namespace) -> int:
    """Write the summary of the learner's progress as a page."""
    from course_utils.cli.progress_map import summary
    from course_utils.exercises.engine import progress

    print(f"Open {progress.write_new(options.file, summary())} in a browser to read or print it.")
    return 0


def run_import(options: argparse.Namespace) -> int:
    """Add an exported file's progress."""
    from course_utils.exercises.engine import progress

    print(f"Checks that were new to this machine: {progress.import_from(options.file)}.")
    return 0


def run_reset(options: argparse.Namespace) -> int:
    """Set the progress file aside, and say where it is."""
    from course_utils.exercises.engine import progress

    aside = progress.reset()
    if aside is None:
        print("There is no progress yet: nothing had to be set aside.")
        return 0
    print(f"Your progress begins anew. What you had is in {aside}")
    print("Take it back with: course progress import FILE. Nobody needs it any more? Delete that file.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
