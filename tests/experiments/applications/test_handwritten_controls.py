"""The controls of the reader of lines: as many weights, no recurrence, no rough start."""

from __future__ import annotations

import pytest
import torch

from course_utils.data.handwritten_lines import handwritten_lines
from course_utils.errors import CourseError
from course_utils.experiments.applications import handwritten_controls as controls
from course_utils.experiments.applications.handwritten_digits import weights_of
from course_utils.experiments.framework.registry import experiment
from course_utils.experiments.framework.results import is_stored, load
from course_utils.models.hand_reader import SPREAD
from course_utils.nn.reading_model import SpreadFirst, frames_count
from tests.experiments.small_runs import small_rows, small_settings


def test_the_convolutions_have_as_many_weights_as_the_lstms() -> None:
    found = controls.convolution_weights(controls.channels_like(64))
    assert abs(found / weights_of("LSTM", 64) - 1) < 0.01


def test_a_frame_knows_its_neighbours_and_nothing_further_away_nor_the_padding() -> None:
    model = controls.ConvolutionNet(5, 6).eval()
    picture, lengths = torch.rand(1, 200, 32), torch.tensor([200])
    scores, frames = model(picture, lengths)
    assert frames.tolist() == frames_count(lengths).tolist()
    longer = torch.cat([picture, torch.rand(1, 40, 32)], dim=1)
    torch.testing.assert_close(model(longer, lengths)[0][:, :100], scores, rtol=0, atol=1e-5)
    changed = picture.clone()
    changed[:, 100] += 1
    moved = (model(changed, lengths)[0] - scores).abs().sum(dim=2)[0].nonzero().flatten()
    assert (
        50 - 10 <= moved.min() < 50 < moved.max() <= 50 + 10
    )  # 2 · 3 frames, and what the convolutions of a picture see


def test_one_control_is_told_where_characters_may_stand_and_the_other_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    original = SpreadFirst.__init__

    def begun(self: SpreadFirst, steps: int) -> None:
        told.append(steps)
        original(self, steps)

    monkeypatch.setattr(SpreadFirst, "__init__", begun)
    lines = handwritten_lines(4, 0)
    for control in (controls.NO_RECURRENCE, controls.NO_START):
        reader = controls.reader_of(control, 4, 0)
        reader.fit(lines.images, lines.texts, steps=1, progress=False)
    assert told == [SPREAD, 0]


def test_rows_of_each_control_and_nothing_else_is_known() -> None:
    rows = small_rows("handwritten_controls")
    assert rows.groupby("seed")["network"].apply(list).tolist() == [[controls.NO_RECURRENCE, controls.NO_START]] * 2
    assert (rows["character_error"] > 0.5).all()  # after two steps
    assert rows[["exact", "silent"]].apply(lambda column: column.between(0, 1)).all(axis=None)
    with pytest.raises(CourseError, match="control"):
        controls.measure(0, **small_settings("handwritten_controls", rates={"LSTM": [0.01]}))


def test_lines_and_seeds_are_those_of_the_networks_that_they_are_compared_with() -> None:
    own, others = experiment("handwritten_controls"), experiment("handwritten")
    assert own.seeds == others.seeds
    assert all(own.settings[name] == others.settings[name] for name in ("lines", "steps", "judged", "hidden_size"))
    search = experiment("handwritten_controls_search").settings
    assert all(
        rates == experiment("handwritten_search").settings["rates"]["LSTM"] for rates in search["rates"].values()
    )


@pytest.mark.skipif(not is_stored("handwritten_controls_search"), reason="it has not been run yet")
def test_the_rates_are_those_that_the_search_found() -> None:
    means = load("handwritten_controls_search").table.groupby(["network", "lr"])["character_error"].mean()
    assert {name: means[name].idxmin() for name in controls.CHOSEN} == controls.CHOSEN
