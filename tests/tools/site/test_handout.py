"""What the command that prints lessons says where it cannot. The printing itself: tests/browser/test_site.py."""

from __future__ import annotations

import pytest

from tools.site import handout


def test_without_a_browser_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(handout, "BROWSERS", ("no-such-browser",))
    assert handout.main(["05_recurrent_networks"]) == 1
    assert "apt-get install chromium" in capsys.readouterr().err


def test_an_unknown_lesson_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(handout, "chromium", lambda: "chromium")
    assert handout.main(["05_recurent_networks"]) == 1
    assert "05_recurrent_networks" in capsys.readouterr().err


def test_other_paper_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        handout.main(["05_recurrent_networks", "--paper", "A3"])
    assert "Letter" in capsys.readouterr().err
