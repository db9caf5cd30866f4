"""The fixture of a small course with claims of its own."""

from __future__ import annotations

from tests.claims.small_course import course

__all__ = ["course"]
