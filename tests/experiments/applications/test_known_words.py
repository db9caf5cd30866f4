"""Strings known by heart: what such a network says, and of what."""

from __future__ import annotations

import numpy as np
import torch

from course_utils.data.handwritten_lines import handwritten_lines
from course_utils.experiments.applications import known_words
from course_utils.nn.speech_model import Batch


def test_a_network_that_knows_strings_says_no_other() -> None:
    given = handwritten_lines(60, 3, texts=["11", "2345"])
    words = known_words.learned_words(given, 8, steps=40, lr=0.01)
    asked = handwritten_lines(20, 3, "test", texts=["11", "2345", "7"])
    said = words.read([*asked.images, np.zeros((9, 9))])
    assert said.pop() == ""
    assert set(said) <= {"11", "2345"}
    right = [a == b for a, b in zip(said, asked.texts, strict=True) if b != "7"]
    assert sum(right) > 0.7 * len(right)


def test_the_scores_of_a_line_are_the_mean_over_its_own_frames() -> None:
    def model(frames: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return frames, lengths

    frames = torch.tensor([[[1.0, 0.0], [3.0, 0.0], [99.0, 0.0]]])  # the last one lies behind the end
    batch = Batch(frames, torch.tensor([2]), torch.tensor([0]), torch.tensor([1]))
    expected = torch.nn.functional.cross_entropy(torch.tensor([[2.0, 0.0]]), torch.tensor([0]))
    assert torch.isclose(known_words.words_loss(model, batch), expected)  # type: ignore[arg-type]
