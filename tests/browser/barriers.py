"""What keeps people with disabilities from a page, by axe-core."""

from __future__ import annotations

import json
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SERIOUS = ("serious", "critical")


def barriers(page: Page, context: Any = None, rules: tuple[str, ...] = (), impacts: tuple[str, ...] = ()) -> str:
    """What axe finds, as JSON: for each rule that is broken the first places; "[]" where there is nothing.

    Args:
        page: as it is now.
        context: the parts to look at, as axe takes them; None: all of it.
        rules: these alone; default: all there are.
        impacts: such as SERIOUS: findings of these alone; default: all.
    """
    # preload would ask for the page's styles once more, which a file may not; passes are not listed, which takes long
    options: dict[str, Any] = {"preload": False, "resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = list(rules)
    found = Axe().run(page, context, options).response["violations"]
    told = [v for v in found if not impacts or v["impact"] in impacts]
    return json.dumps([{v["id"]: [n["html"][:200] for n in v["nodes"][:3]]} for v in told], indent=1)
