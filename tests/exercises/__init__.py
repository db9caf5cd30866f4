"""Tests of the exercises."""

# A right answer of lesson 03 uses it, and to import it takes some of the ten seconds that a check gives.
import torchvision  # type: ignore[import-untyped]  # noqa: F401
