"""Files of networks: written whole or not at all, and refused with a sentence where they are damaged."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import struct
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import save, save_file
from torch import nn

from course_utils.data.resources import resource, resource_names
from course_utils.display.settings import Settings
from course_utils.errors import CourseError
from course_utils.models import checkpoints
from course_utils.models.checkpoints import ENTRY, FORMAT, Checkpoint, load_checkpoint, save_checkpoint, weights_of
from course_utils.runtime import peak_memory
from tests.experiments.told import NEEDED

ABOUT = {"arguments": {"units": 3}, "names": ["é", "中"]}


def net(units: int = 3) -> nn.Sequential:
    return nn.Sequential(nn.Linear(2, units), nn.BatchNorm1d(units))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return save_checkpoint(tmp_path / "net.safetensors", "Net", net(), ABOUT, note="a note")


def test_what_was_written_is_read(tmp_path: Path) -> None:
    network = net()
    network.get_parameter("0.weight").data[0, 0] = 0.1
    found = load_checkpoint(save_checkpoint(tmp_path / "it", "Net", network, ABOUT, note="a note"), "Net")
    assert (found.about, found.note, found.kind) == (ABOUT, "a note", "Net")
    again = found.network(net)
    assert not again.training
    for (name, value), (other, kept) in zip(network.state_dict().items(), again.state_dict().items(), strict=True):
        assert name == other
        assert torch.equal(value, kept)
        assert value.dtype == kept.dtype


def test_a_table_that_is_used_twice_is_written_once(tmp_path: Path) -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one = nn.Embedding(5, 2)
            self.other = self.one

    network = Tied()
    assert list(weights_of(network)) == ["one.weight"]
    again = load_checkpoint(save_checkpoint(tmp_path / "it", "Tied", network, {}), "Tied").network(Tied)
    assert again.one.weight is again.other.weight
    assert torch.equal(again.one.weight, network.one.weight)


def test_half_is_half_as_large_and_is_read_in_32_bits(tmp_path: Path) -> None:
    large, small = (save_checkpoint(tmp_path / f"{half}", "Net", net(4_000), {}, half=half) for half in (False, True))
    assert small.stat().st_size < 0.6 * large.stat().st_size
    again = load_checkpoint(small, "Net").network(lambda: net(4_000))
    assert again[0].weight.dtype == torch.float32
    assert again[1].num_batches_tracked.dtype == torch.int64


def test_the_file_has_the_permissions_of_any_new_file_and_nothing_stays_beside_it(path: Path) -> None:
    mask = os.umask(0)
    os.umask(mask)
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_file_that_is_there_stays_whole_where_writing_fails(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CourseError, match=r"cannot be written \(No space left on device\)"):
        save_checkpoint(path, "Net", net(), {})
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_link_stays_a_link(path: Path) -> None:
    link = path.parent / "link"
    try:
        link.symlink_to(path.name)
    except OSError:
        pytest.skip("no links here")
    save_checkpoint(link, "Net", net(5), {})
    assert link.is_symlink()
    assert load_checkpoint(path, "Net").shapes["0.weight"] == (5, 2)


@pytest.mark.parametrize("place", ["", "no/folder/it", "net.safetensors/it", "a\0b", None, 3])
def test_places_where_nothing_can_be_written(path: Path, place: Any) -> None:
    target = path.parent / place if isinstance(place, str) else place
    with pytest.raises(CourseError, match="cannot be written"):
        save_checkpoint(target, "Net", net(), {})


@pytest.mark.parametrize("about", [{"x": float("nan")}, {"x": {1, 2}}, {"x": float("inf")}])
def test_what_json_cannot_tell_is_not_written(tmp_path: Path, about: dict[str, Any]) -> None:
    with pytest.raises(CourseError, match="cannot be written"):
        save_checkpoint(tmp_path / "it", "Net", net(), about)
    assert not list(tmp_path.iterdir())


# ---------------------------------------------------------------------------------------------------------------------
# Files that are none


@pytest.mark.parametrize("path_given", ["absent", ".", "a\0b", None, 3, b"x"])
def test_paths_that_are_none(tmp_path: Path, path_given: Any) -> None:
    target = tmp_path / path_given if isinstance(path_given, str) else path_given
    with pytest.raises(CourseError, match=r"There is no file|is no path"):
        load_checkpoint(target, "Net")


@given(st.data())
def test_a_file_that_was_cut_or_changed_is_refused_or_whole(data: st.DataObject) -> None:
    """Whatever happens to its bytes: it is read, or a sentence says what is wrong."""
    whole = save(
        {name: value.detach().clone() for name, value in weights_of(net()).items()},
        {ENTRY: json.dumps({"format": FORMAT, "kind": "Net", "note": "", "about": ABOUT})},
    )
    damage = data.draw(st.sampled_from(["cut", "changed", "longer", "other"]))
    content = bytearray(whole)
    if damage == "cut":
        del content[data.draw(st.integers(0, len(whole) - 1)) :]
    elif damage == "changed":
        for _ in range(data.draw(st.integers(1, 8))):
            content[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    elif damage == "longer":
        content += data.draw(st.binary(min_size=1, max_size=20))
    else:
        content = bytearray(data.draw(st.binary(max_size=200)))
    target = Path(str(FOLDER / "net"))
    target.write_bytes(content)
    with contextlib.suppress(CourseError):
        found = load_checkpoint(target, "Net").network(net)
        assert damage == "changed"
        assert all(value.isfinite().all() for value in found.parameters())


@pytest.fixture(autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A folder for tests that hypothesis calls many times."""
    global FOLDER
    FOLDER = tmp_path_factory.mktemp("files")


FOLDER = Path()


@pytest.mark.parametrize("size", [2**63 - 1, 2**40, 90_000_000])
def test_a_header_that_claims_a_huge_size_is_refused(tmp_path: Path, size: int) -> None:
    (tmp_path / "it").write_bytes(struct.pack("<Q", size) + b'{"a": 1}')
    with pytest.raises(CourseError, match="no whole file of safetensors"):
        load_checkpoint(tmp_path / "it", "Net")


def test_a_tensor_that_claims_a_huge_size_is_refused(tmp_path: Path) -> None:
    header = json.dumps({"0.weight": {"dtype": "F32", "shape": [10**9, 2], "data_offsets": [0, 8 * 10**9]}}).encode()
    (tmp_path / "it").write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 8)
    with pytest.raises(CourseError, match="no whole file of safetensors"):
        load_checkpoint(tmp_path / "it", "Net")


def test_a_network_larger_than_its_file_takes_no_memory(path: Path) -> None:
    load_checkpoint(path, "Net").network(net)
    before = peak_memory()
    with pytest.raises(CourseError, match=r"'0\.weight' are of the shape \(3, 2\), and not \(1000000000, 2\)"):
        load_checkpoint(path, "Net").network(lambda: net(10**9))
    assert peak_memory() - before < 50_000_000


@pytest.mark.parametrize(
    "told",
    [
        None,
        "",
        "{",
        "[1, 2]",
        "[" * 100_000,
        "NaN",
        json.dumps({"format": FORMAT, "kind": "Net", "about": {}}),
        json.dumps({"format": FORMAT, "kind": "Net", "note": "", "about": [1]}),
        json.dumps({"format": FORMAT, "kind": 3, "note": "", "about": {}}),
        json.dumps({"format": FORMAT, "kind": "Net", "note": None, "about": {}}),
        json.dumps({"format": FORMAT, "kind": "Net", "note": "", "about": {"x": float("inf")}}),
    ],
)
def test_files_that_do_not_tell_what_they_are(tmp_path: Path, told: str | None) -> None:
    save_file({"x": torch.zeros(1)}, tmp_path / "it", None if told is None else {ENTRY: told})
    with pytest.raises(CourseError, match="holds no Net of this course"):
        load_checkpoint(tmp_path / "it", "Net")


def test_descriptions_that_are_very_long_are_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "LARGEST_TEXT", 20)
    with pytest.raises(CourseError, match="holds no Net"):
        load_checkpoint(path, "Net")


def test_other_kinds_and_other_formats_are_refused_by_name(path: Path) -> None:
    with pytest.raises(CourseError, match=r"holds no Cat: it is the file of a Net\."):
        load_checkpoint(path, "Cat")
    told = {"format": "course checkpoint 9", "kind": "Net", "note": "", "about": {}}
    save_file({"x": torch.zeros(1)}, path, {ENTRY: json.dumps(told)})
    with pytest.raises(CourseError, match="in the format 'course checkpoint 9'"):
        load_checkpoint(path, "Net")


# ---------------------------------------------------------------------------------------------------------------------
# Fields and tensors


def opened(about: dict[str, Any], shapes: dict[str, tuple[int, ...]] | None = None) -> Checkpoint:
    return Checkpoint(Path("net"), "Net", about, "", shapes or {})


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text(max_size=3), max_size=4)
)


@given(VALUES)
def test_fields_are_what_they_should_be_or_are_refused(value: Any) -> None:
    checkpoint = opened({"x": value})
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    for read, fits in (
        (lambda: checkpoint.texts("x"), isinstance(value, list) and len(set(value)) == len(value)),
        (lambda: checkpoint.whole("x", 1, 9), type(value) is int and 1 <= value <= 9),
        (lambda: checkpoint.positive("x"), is_number and 0 < value < float("inf")),
    ):
        if fits:
            assert read() == value
        else:
            with pytest.raises(CourseError, match="'x' must be"):
                read()
    with pytest.raises(CourseError, match="does not tell its 'y'"):
        checkpoint.whole("y", 0, 1)


def test_tensors_of_another_shape_or_kind_are_refused(tmp_path: Path) -> None:
    path = save_checkpoint(tmp_path / "it", "Net", {"mean": torch.ones(3)}, {})
    checkpoint = load_checkpoint(path, "Net")
    assert torch.equal(checkpoint.tensor("mean", (3,)), torch.ones(3))
    for name, shape, dtype in (
        ("mean", (4,), torch.float32),
        ("std", (3,), torch.float32),
        ("mean", (3,), torch.float64),
    ):
        with pytest.raises(CourseError, match=f"'{name}' must be"):
            checkpoint.tensor(name, shape, dtype)


def test_what_was_read_does_not_change_with_the_file(path: Path) -> None:
    network = load_checkpoint(path, "Net").network(net)
    before = network.get_parameter("0.weight").clone()
    with path.open("r+b") as file:
        file.seek(-60, os.SEEK_END)
        file.write(b"\x01" * 60)
    assert torch.equal(network.get_parameter("0.weight"), before)


@pytest.mark.parametrize(
    "error", [KeyError("x"), TypeError("x"), ValueError("x"), RuntimeError("x"), OverflowError("x")]
)
def test_what_a_wrong_description_causes_is_a_sentence(error: Exception) -> None:
    def build() -> nn.Module:
        raise error

    with pytest.raises(CourseError, match="net does not fit its own description"):
        opened({}).network(build)


def test_the_courses_own_files_are_all_of_this_format() -> None:
    folder = Path(__file__).resolve().parents[2] / "data" / "checkpoints"
    for path in folder.iterdir():
        with safe_open(path, framework="pt") as file:
            assert json.loads(file.metadata()[ENTRY])["format"] == FORMAT, path.name


@pytest.mark.parametrize("name", sorted(name for name in resource_names() if name.startswith("checkpoints/")))
def test_the_courses_own_files_tell_how_they_were_trained(name: str) -> None:
    with safe_open(resource(name), framework="pt") as file:
        told = json.loads(file.metadata()[ENTRY])["about"]["settings"]
    parts = Settings(**told).parts
    assert [part for part in NEEDED if not parts.get(part)] == []
