"""Records with an event some time after a cue: what is told of them is how they were made."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from course_utils.data.delays import CUE, ENDS, LONGEST, SCALES, SHAPE, SYMBOLS, delays, weibull_hazard
from course_utils.errors import CourseError
from course_utils.metrics.survival import hazard_nats, weibull_fit

MANY = delays(6_000, seed=1)


def test_every_record_has_one_cue_and_a_time_within_it() -> None:
    cues = (MANY.symbols >= 4) & (MANY.symbols <= 5)
    assert (cues.sum(1) == 1).all()
    assert torch.equal(cues.int().argmax(1), MANY.cues)
    assert MANY.cues.min() == CUE[0]
    assert MANY.cues.max() == CUE[1]
    assert MANY.times.min() >= 1
    assert MANY.times.max() <= LONGEST
    assert (MANY.times[MANY.events] > MANY.cues[MANY.events]).all()
    assert (MANY.times[~MANY.events] >= ENDS[0]).all()
    assert 0.2 < MANY.events.float().mean() < 0.9
    assert MANY.inputs.shape == (6_000, LONGEST, len(SYMBOLS))
    assert torch.equal(MANY.inputs.argmax(2), MANY.symbols)


def test_delays_have_the_scale_that_cue_and_hurry_give_them() -> None:
    rows = torch.arange(len(MANY))
    kinds = MANY.symbols[rows, MANY.cues]
    hurried = (MANY.symbols[:, : CUE[0]] == SYMBOLS.index("!")).any(1)
    for number, name in ((4, "A"), (5, "B")):
        for fast in (False, True):
            these = (kinds == number) & (hurried == fast)
            scale, shape = weibull_fit(MANY.times[these] - MANY.cues[these], MANY.events[these])
            assert scale == pytest.approx(SCALES[name] * (0.5 if fast else 1.0), rel=0.03)
            assert shape == pytest.approx(SHAPE, rel=0.1)


def test_a_hurry_after_the_cue_means_nothing() -> None:
    places = torch.arange(LONGEST)
    after = ((MANY.symbols == SYMBOLS.index("!")) & (places > MANY.cues[:, None])).any(1)
    before = (MANY.symbols[:, : CUE[0]] == SYMBOLS.index("!")).any(1)
    late = MANY.symbols[torch.arange(len(MANY)), MANY.cues] == 5
    scales = [
        weibull_fit((MANY.times - MANY.cues)[these], MANY.events[these])[0]
        for these in (late & ~before & after, late & ~before & ~after)
    ]
    assert scales[0] == pytest.approx(scales[1], rel=0.04)


def test_the_hazards_told_are_the_true_ones() -> None:
    true = MANY.hazards.double().clamp(1e-12, 1 - 1e-7)
    told = hazard_nats(true.logit(), MANY.times, MANY.events).mean()
    for factor in (0.8, 1.25):
        other = (true * factor).clamp(1e-12, 1 - 1e-7)
        assert hazard_nats(other.logit(), MANY.times, MANY.events).mean() > told
    at_risk = torch.arange(1, LONGEST + 1) <= MANY.times[:, None]
    expected, found = float((MANY.hazards * at_risk).sum()), int(MANY.events.sum())
    assert found == pytest.approx(expected, abs=4 * expected**0.5)


def test_hazards_of_a_weibull_delay_add_up_to_its_survival() -> None:
    hazards = weibull_hazard(np.arange(-3, 30), 7.0, 2.5)
    assert (hazards[:4] == 0).all()
    survived = np.cumprod(1 - hazards[4:])
    assert survived == pytest.approx(np.exp(-((np.arange(1, 30) / 7.0) ** 2.5)))


def test_the_seed_decides_and_parts_are_parts() -> None:
    again, other = delays(50, seed=3), delays(50, seed=4)
    assert torch.equal(again.symbols, delays(50, seed=3).symbols)
    assert not torch.equal(again.symbols, other.symbols)
    part = again.part(slice(10, 20))
    assert len(part) == 10
    assert torch.equal(part.times, again.times[10:20])


@pytest.mark.parametrize(("count", "seed"), [(0, 0), (2.5, 0), (3, -1)])
def test_numbers_that_cannot_be_meant(count: object, seed: object) -> None:
    with pytest.raises(CourseError):
        delays(count, seed)  # type: ignore[arg-type]
