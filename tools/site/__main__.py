"""`python -m tools.site [--to FOLDER] [NAME …]`: the course as a site, from the built notebooks.

Names of lessons build a site of those alone, for a quick look; the others stand in its tree as those to come do.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from course_utils.errors import CourseError
from tools.site.building import SITE, build_site


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the site, of all lessons or of those named."""
    parser = argparse.ArgumentParser(prog="python -m tools.site", description="Build the course as a site.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="lessons (default: all that are written)")
    parser.add_argument("--to", type=Path, default=SITE, metavar="FOLDER", help="where to (default: build/site)")
    options = parser.parse_args(arguments)
    try:
        print(build_site(options.to, options.names) / "index.html")
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
