"""`python -m course_utils.cli …` is `course …`."""

import sys

from course_utils.cli.main import main

sys.exit(main())
