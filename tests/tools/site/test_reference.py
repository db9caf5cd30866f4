"""The pages of the API, and what becomes of signs in docstrings."""

from __future__ import annotations

import pytest

from tools.site import extension, reference


def test_each_room_has_a_page_with_its_public_modules_and_of_a_large_one_each_module() -> None:
    pages = reference.reference_pages()
    rooms = {f"api/{room}" for room in reference.ROOMS}
    inner = {page for page in pages if page.count("/") == 2}
    assert set(pages) == {"api/index", *rooms, *inner}
    assert {page.split("/")[1] for page in inner} == set(reference.LARGE)
    assert pages["api/models"].count("automodule") == 1
    assert all(f"\n   {page.removeprefix('api/')}\n" in pages["api/models"] for page in inner)
    assert ".. automodule:: course_utils.nn.cells\n   :members:\n" in pages["api/nn"]
    assert pages["api/models/language"].startswith("course_utils.models.language\n====")
    assert "automodule:: course_utils.models.speech." in "".join(pages[page] for page in inner)
    assert pages["api/stats"].count("automodule") == 1
    assert "\n   nn\n" in pages["api/index"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("`x + 1` and *args, **options", r"``x + 1`` and \*args, \*\*options"),
        ("a share |h| of W_ or x_t", r"a share \|h\| of W\_ or x_t"),
        ("``x`` stays", "``x`` stays"),
    ],
)
def test_signs_in_docstrings_stand_as_they_are(line: str, told: str) -> None:
    assert extension.MARKUP.sub(extension.escaped, line) == told
