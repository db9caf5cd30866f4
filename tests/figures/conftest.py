"""The fixture that keeps what figures show."""

from __future__ import annotations

import pytest

from tests.figures.drawn import Drawn


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    return Drawn(monkeypatch)
