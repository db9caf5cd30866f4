"""Files of models from anywhere: whatever they say of themselves, they are refused with a sentence or answer."""

from __future__ import annotations

import contextlib
import copy
import json
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_utils.errors import CourseError
from course_utils.models.checkpoints import FORMAT, LARGEST_HEADER, LARGEST_TEXT, save_checkpoint
from course_utils.models.translation import Translator
from course_utils.runtime import peak_memory
from tests.models.fitted import KINDS, PAIRS, fitted
from tests.models.test_base import contents, written
from tests.strategies import examples

MOST_MEMORY = 300_000_000  # bytes more than before
MOST_SECONDS = 20.0  # on a machine that does other things too

LONG_TEXT = "x" * 3_000
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, 2, 3, -1, 7, 1000, 10**4, 10**7, 2**31, 2**63, 10**30, 0.5, -0.0, 1e-300, 1e300, 5e-324]),
    st.sampled_from(["", "<pad>", "\ud800", "\0", "é", "e\u0301", LONG_TEXT, "lstm", "rnn", "word", "subword", "char"]),
    st.sampled_from([[], {}, [[]], [""], ["a", "a"], [1, 2], [None], {"": 1}, {"level": "char", "tokens": []}]),
    st.lists(st.text(max_size=3), max_size=5),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
)


@pytest.fixture(scope="module")
def subword() -> Translator:
    translator = Translator("rnn", 4, level="subword")
    translator.fit(PAIRS, steps=1, progress=False)
    return translator


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to all values inside a description; of long lists to a few."""
    if path:
        yield path
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    for key in keys[:12]:
        yield from places(value[key], (*path, key))


def changed(data: st.DataObject, described: dict[str, Any]) -> dict[str, Any]:
    """The description with one to three of its values replaced, taken out, or put in twice."""
    described = copy.deepcopy(described)
    for _ in range(data.draw(st.integers(1, 3))):
        paths = list(places(described))
        if not paths:
            break
        *parents, key = data.draw(st.sampled_from(paths))
        holder = described
        for parent in parents:
            holder = holder[parent]
        how = data.draw(st.sampled_from(["replaced", "replaced", "replaced", "out", "twice"]))
        if how == "out":
            del holder[key]
        elif how == "twice" and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[key] = copy.deepcopy(data.draw(VALUES))
    return described


@pytest.mark.parametrize("name", [*KINDS, "subword"])
@examples(20, 400)
@given(data=st.data())
def test_whatever_a_file_says_of_itself_it_is_refused_or_answers(
    name: str, subword: Translator, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    model = subword if name == "subword" else fitted(name)
    folder = tmp_path_factory.getbasetemp() / "hostile"
    folder.mkdir(exist_ok=True)
    tensors, told = contents(model.save(folder / "whole"))
    told["about"] = changed(data, told["about"])
    with contextlib.suppress(UnicodeEncodeError):  # half a character: such a file cannot be written
        path = written(folder / "other", tensors, told)
        before, began = peak_memory(), time.perf_counter()
        with contextlib.suppress(CourseError):
            loaded = type(model).load(path)
            with contextlib.suppress(CourseError):
                KINDS["Translator" if name == "subword" else name].answers(loaded)
            loaded.save(folder / "again")
            repr(loaded)
            str(loaded.described())
        assert peak_memory() - before < MOST_MEMORY
        assert time.perf_counter() - began < MOST_SECONDS


def test_a_description_as_long_as_a_file_may_have_is_read_in_bounded_memory(tmp_path: Path) -> None:
    told = json.dumps({"format": FORMAT, "kind": "Translator", "note": "", "about": {"x": [[]] * (LARGEST_TEXT // 5)}})
    told = told.replace("[], ", "[],")
    assert LARGEST_TEXT // 2 < len(told) <= LARGEST_TEXT
    path = written(tmp_path / "it", {"x": torch.zeros(1)}, told)
    before = peak_memory()
    with pytest.raises(CourseError, match="does not fit its own description"):
        Translator.load(path)
    assert peak_memory() - before < MOST_MEMORY


def test_more_names_of_tensors_than_any_model_has_are_not_read(tmp_path: Path) -> None:
    names = {f"{number}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for number in range(200_000)}
    header = json.dumps(names).encode()
    assert len(header) > LARGEST_HEADER
    (tmp_path / "it").write_bytes(struct.pack("<Q", len(header)) + header)
    before = peak_memory()
    with pytest.raises(CourseError, match="header"):
        Translator.load(tmp_path / "it")
    assert peak_memory() - before < 50_000_000


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="cannot be written"):
        save_checkpoint(tmp_path / "it", "Net", {"x": torch.zeros(1)}, {"x": "a" * (LARGEST_TEXT + 1)})
    assert not list(tmp_path.iterdir())


def test_a_vocabulary_of_subwords_brings_no_rules_of_its_own(subword: Translator, tmp_path: Path) -> None:
    """A file cannot slip in a pattern that takes hours, or a rule that changes texts."""
    tensors, told = contents(subword.save(tmp_path / "whole"))
    definition = told["about"]["learned"]["codecs"][0]["definition"]
    definition["pre_tokenizer"] = {
        "type": "Split",
        "pattern": {"Regex": "(a+)+$"},
        "behavior": "Isolated",
        "invert": False,
    }
    definition["normalizer"] = {"type": "Lowercase"}
    loaded = Translator.load(written(tmp_path / "other", tensors, told))
    began = time.perf_counter()
    assert loaded.translate(["Un deux " + "a" * 60 + "!"]) == subword.translate(["Un deux " + "a" * 60 + "!"])
    assert time.perf_counter() - began < MOST_SECONDS
    assert loaded.save(tmp_path / "again").read_bytes() == subword.save(tmp_path / "whole").read_bytes()
