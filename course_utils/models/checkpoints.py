"""How trained networks are kept: weights in a file of safetensors, and in its metadata what they mean, as JSON.

One format for all models. Nothing is unpickled, and names and shapes are compared before the memory for a network is
taken, so that a file from anywhere can be read.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from course_utils.errors import CourseError

M = TypeVar("M", bound=nn.Module)

FORMAT = "course checkpoint 1"
ENTRY = "course"  # the one entry of the metadata: safetensors gives several in an order of chance
LARGEST_TEXT = 5_000_000  # characters of the metadata that are written and read
LARGEST_HEADER = 10_000_000  # bytes before the weights: names, shapes and metadata
READABLE = (torch.float16, torch.bfloat16, torch.float32)  # what the weights of a file may be


def save_checkpoint(
    path: str | Path,
    kind: str,
    weights: nn.Module | Mapping[str, Tensor],
    about: Mapping[str, Any],
    *,
    half: bool = False,
    note: str = "",
) -> Path:
    """Write a network to a file: first beside it, then renamed, so that a file that is there stays whole.

    Args:
        path: of the file; its folder must exist.
        kind: what it is, such as "Translator".
        weights: a network, or tensors by name.
        about: what is needed to build the network, and what its answers mean; it must survive JSON.
        half: floats of 32 bits in 16, half as large.
        note: a sentence for people.

    Returns:
        The path.

    Raises:
        CourseError: the file cannot be written.
    """
    from safetensors.torch import save

    named = weights_of(weights) if isinstance(weights, nn.Module) else weights
    tensors = {
        name: value.detach().cpu().to(torch.float16 if half and value.dtype == torch.float32 else value.dtype)
        for name, value in named.items()
    }
    described = {"format": FORMAT, "kind": kind, "note": note, "about": dict(about)}
    try:
        text = json.dumps(described, ensure_ascii=False, allow_nan=False)
        if len(text) > LARGEST_TEXT:
            raise ValueError(f"its words and names are longer than {LARGEST_TEXT:,} characters")
        content = save({name: value.contiguous() for name, value in tensors.items()}, {ENTRY: text})
    except (TypeError, ValueError) as error:
        raise CourseError(f"What this {kind} has learned cannot be written ({error}).") from None
    return _replace(path, content)


def _replace(path: str | Path, content: bytes) -> Path:
    """Write a file beside the path, with the permissions of every new file, and give it its name."""
    try:
        target = Path(path)
        real = Path(os.path.realpath(target))  # a link stays a link
        if real.is_dir():
            raise IsADirectoryError("it is a folder")
        beside = real.parent / f".{secrets.token_hex(8)}.part"
        try:
            with beside.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, real)
        finally:
            with suppress(OSError):
                beside.unlink()
    except (OSError, TypeError, ValueError) as error:  # TypeError, ValueError: a path that is none
        why = getattr(error, "strerror", None) or error
        raise CourseError(f"{path} cannot be written ({why}). Name a file in a folder that exists.") from None
    return target


def weights_of(network: nn.Module) -> dict[str, Tensor]:
    """The parameters and buffers of a network that are kept, by name; a tensor with two names has the first one."""
    found: dict[int, tuple[str, Tensor]] = {}
    for name, value in network.state_dict(keep_vars=True).items():
        found.setdefault(id(value), (name, value))
    return dict(found.values())


@dataclass(frozen=True)
class Checkpoint:
    """A file that was opened and described itself; its tensors are not read yet.

    Attributes:
        path: of the file.
        kind: what it holds, such as "Translator".
        about: what is needed to build the network, and what its answers mean. Nothing in it is checked yet: `field` and
            `reading` do that.
        note: a sentence for people, or "".
        shapes: of all tensors, by name.
    """

    path: Path
    kind: str
    about: dict[str, Any]
    note: str
    shapes: dict[str, tuple[int, ...]]

    def fault(self, why: object) -> CourseError:
        """The error for a file that does not hold what it describes."""
        return CourseError(f"{self.path} does not fit its own description ({why}). Save it again.")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Turn what a wrong description may cause into the sentence of `fault`."""
        try:
            yield
        except CourseError as error:
            sentence = str(error)
            raise (error if sentence.startswith(f"{self.path} ") else self.fault(sentence)) from None
        except (TypeError, ValueError, LookupError, RuntimeError, ArithmeticError, AttributeError) as error:
            raise self.fault(f"{type(error).__name__}: {error}") from None

    def field(self, name: str, fits: Callable[[Any], bool], expected: str) -> Any:
        """A field of `about`, checked.

        Args:
            name: of the field.
            fits: does a value do?
            expected: what it should be, in words.

        Raises:
            CourseError: it is missing, or it does not do.
        """
        if name not in self.about:
            raise self.fault(f"it does not tell its {name!r}")
        value = self.about[name]
        if not fits(value):
            raise self.fault(f"{name!r} must be {expected}; it is {value!r:.60}")
        return value

    def texts(self, name: str) -> list[str]:
        """A field that is a list of different strings.

        Raises:
            CourseError: as for `field`.
        """
        found: list[str] = self.field(name, are_texts, "a list of different strings")
        return found

    def whole(self, name: str, lowest: int, highest: int) -> int:
        """A field that is a whole number within bounds.

        Raises:
            CourseError: as for `field`.
        """
        expected = f"a whole number from {lowest} to {highest}"
        return int(self.field(name, lambda value: type(value) is int and lowest <= value <= highest, expected))

    def positive(self, name: str) -> float:
        """A field that is a number above 0.

        Raises:
            CourseError: as for `field`.
        """
        return float(self.field(name, _is_positive, "a number above 0"))

    def tensor(self, name: str, shape: tuple[int, ...], dtype: torch.dtype = torch.float32) -> Tensor:
        """A tensor that is no weight of the network.

        Raises:
            CourseError: there is none of this name, shape and kind of numbers.
        """
        if self.shapes.get(name) != shape:
            raise self.fault(f"{name!r} must be of the shape {shape}; it is {self.shapes.get(name, 'missing')}")
        return self._fitting(name, self._read([name])[name], dtype, finite=False)

    def network(self, build: Callable[[], M], besides: tuple[str, ...] = ()) -> M:
        """The network that the file holds, with its weights, in 32 bits and in eval mode.

        It is built without memory first (on torch's device "meta"); its names and shapes are compared with those of the
        file; only then the weights are read.

        Args:
            build: makes the network; whatever random numbers it draws, torch's own state stays as it was.
            besides: names of tensors that do not belong to the network.

        Raises:
            CourseError: it has other weights than the network, weights that are not finite, or a description from which
                none can be built.
        """
        with self.reading():
            with torch.random.fork_rng(devices=[]), torch.device("meta"):
                network = build()
            expected = weights_of(network)
            self._compare({name: tuple(value.shape) for name, value in expected.items()}, besides)
            weights = self._read(expected)
            for name, value in expected.items():
                weights[name] = self._fitting(name, weights[name], value.dtype)
            network.load_state_dict(weights, strict=False, assign=True)
        return network.eval()

    def _compare(self, expected: dict[str, tuple[int, ...]], besides: tuple[str, ...]) -> None:
        found = {name: shape for name, shape in self.shapes.items() if name not in besides}
        for name, shape in expected.items():
            if name not in found:
                raise self.fault(f"there are no weights {name!r}")
            if found[name] != shape:
                raise self.fault(f"the weights {name!r} are of the shape {found[name]}, and not {shape}")
        if extra := sorted(set(found) - set(expected)):
            raise self.fault(f"it has weights {extra[0]!r}, which belong to no layer")

    def _fitting(self, name: str, value: Tensor, dtype: torch.dtype, finite: bool = True) -> Tensor:
        """Numbers of the kind that is wanted; 32 bits may be kept in 16."""
        if value.dtype not in READABLE if dtype == torch.float32 else value.dtype != dtype:
            raise self.fault(f"{name!r} must be {dtype}; it is {value.dtype}")
        if finite and value.is_floating_point() and not bool(value.isfinite().all()):
            raise self.fault(f"the weights {name!r} are not all finite")
        return value.to(dtype)

    def _read(self, names: Any) -> dict[str, Tensor]:
        """Tensors of the file, copied: what happens to the file later does not reach them."""
        with _opened(self.path) as file:
            return {name: file.get_tensor(name).clone() for name in names}


def load_checkpoint(path: str | Path, kind: str) -> Checkpoint:
    """Open what `save_checkpoint` wrote, and read its description.

    Args:
        path: of the file.
        kind: what it must hold, such as "Translator".

    Returns:
        The description; its `network` reads the weights.

    Raises:
        CourseError: there is no such file, it is damaged, or it holds something else.
    """
    try:
        file_path = Path(path)
        there = file_path.is_file()
    except (TypeError, ValueError):
        raise CourseError(f"{path!r:.60} is no path of a file.") from None
    if not there:
        raise CourseError(f"There is no file {file_path}. Check the name; `save(path)` of a {kind} writes one.")
    with _opened(file_path) as file:
        text = (file.metadata() or {}).get(ENTRY, "")
        shapes = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    described = _described(text)
    if described is None:
        raise CourseError(f"{file_path} holds no {kind} of this course. `save(path)` of a {kind} writes one.")
    if described["format"] != FORMAT:
        raise CourseError(
            f"{file_path} is in the format {described['format']!r:.40}; this version of the course reads {FORMAT!r}. "
            "Use the version that wrote it, or train again."
        )
    if described["kind"] != kind:
        raise CourseError(f"{file_path} holds no {kind}: it is the file of a {described['kind']!s:.40}.")
    return Checkpoint(file_path, kind, described["about"], described["note"], shapes)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    from safetensors import SafetensorError, safe_open

    try:
        with path.open("rb") as start:
            length = int.from_bytes(start.read(8), "little")
        if length > LARGEST_HEADER:
            raise OSError(f"its header claims {length:,} bytes; {LARGEST_HEADER:,} are the most that a model needs")
        with safe_open(path, framework="pt") as file:
            yield file
    except (SafetensorError, OSError) as error:
        raise CourseError(f"{path} is no whole file of safetensors ({error}). Save it again.") from None


def _described(text: str) -> dict[str, Any] | None:
    """What the metadata tell, if they are of this course."""
    if not 0 < len(text) <= LARGEST_TEXT:
        return None
    try:
        found = json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError):
        return None
    kinds = {"format": str, "kind": str, "note": str, "about": dict}
    whole = isinstance(found, dict) and all(isinstance(found.get(name), kind) for name, kind in kinds.items())
    return found if whole else None


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no number of JSON")


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")


def are_texts(value: Any) -> bool:
    """Is it a list of different strings?"""
    return isinstance(value, list) and all(isinstance(text, str) for text in value) and len(set(value)) == len(value)
