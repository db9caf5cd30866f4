"""A translator whose decoder sees the source once, in its first state (Sutskever, Vinyals & Le 2014)."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from course_utils.models.translation import Translator
from course_utils.nn.translation_model import Attention, Encoded, TranslationModel


class SeenOnce(Attention):
    """In the place of attention: nothing. The decoder sees the source in its first state, and never again.

    The weights for what it would see are there, and learn nothing.
    """

    def forward(self, queries: Tensor, keys: Tensor, encoded: Encoded) -> tuple[Tensor, Tensor | None]:
        """(B, U, H) queries → (B, U, 2H) zeros, and no weights."""
        B, U, _ = queries.shape
        return queries.new_zeros(B, U, encoded.summary.shape[-1]), None


class OnceTranslator(Translator):
    """A translator whose decoder sees the source in its first state, and never again: give it attention=None."""

    def _new_model(self, *sizes: Any, **options: Any) -> TranslationModel:
        return seen_once_(super()._new_model(*sizes, **options))


def seen_once_(model: TranslationModel) -> TranslationModel:
    """The same model, one without attention; from now on its decoder sees the source in its first state only."""
    hidden_size = int(model.reader.hidden_size)
    model.first, model.second = SeenOnce(None, hidden_size), SeenOnce(None, hidden_size)
    return model
