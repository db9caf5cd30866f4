"""Few dogs: held to what can be derived, never to which remedy helps."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from course_utils.errors import CourseError
from course_utils.experiments.foundations import few_dogs
from tests.experiments.small_runs import small_rows, small_settings


def test_every_remedy_is_judged_and_tells_how_many_labels_it_took() -> None:
    found = small_rows("few_dogs")
    assert list(found.drop_duplicates("remedy")["remedy"]) == list(few_dogs.REMEDIES)
    labels = found.drop_duplicates("remedy").set_index("remedy")["labels"]
    assert labels["nothing"] == labels["stopped by 5 of the 20"] == labels["dropout 0.5"] == 20
    assert labels["stopped by 200 others"] == labels["220 training dogs"] == 220
    assert found["accuracy"].between(0, 1).all()


def test_dropout_is_off_when_the_network_is_judged_and_the_random_state_is_left() -> None:
    x, y = torch.randn(220, 2), torch.randint(2, (220,))
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    model = few_dogs.trained(few_dogs.REMEDIES["dropout 0.5"], x, y, 0, steps=3)
    assert torch.equal(torch.rand(1), expected)
    assert torch.equal(model(x), model(x))
    assert sum(isinstance(layer, nn.Dropout) for layer in model) == 2


def test_a_network_without_a_hidden_layer_is_one_layer() -> None:
    assert len(few_dogs.network((), 0.0, torch.Generator().manual_seed(0))) == 1


def test_an_unknown_remedy_is_refused_with_a_sentence() -> None:
    with pytest.raises(CourseError, match="no remedy 'hope'"):
        few_dogs.measure(0, **small_settings("few_dogs", remedies=["hope"]))
