"""How trained networks are kept: weights in a file of safetensors, and in its metadata what they mean, as JSON.

Nothing is unpickled, so a file from anywhere can be read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from course_utils.errors import CourseError


def keep(
    path: str | Path,
    weights: Mapping[str, Tensor],
    about: dict[str, Any],
    *,
    format: str,
    half: bool = False,
    note: str = "",
) -> Path:
    """Write a network.

    Args:
        path: of the file; its folder must exist.
        weights: by name.
        about: what is needed to build the network, and what its answers mean.
        format: what kind of file it is.
        half: in 16 bits, half as large.
        note: a sentence for people.

    Returns:
        The path.

    Raises:
        CourseError: the file cannot be written.
    """
    from safetensors.torch import save_file

    kept = {
        name: value.detach().to(torch.float16 if half and value.is_floating_point() else value.dtype).contiguous()
        for name, value in weights.items()
    }
    metadata = {"format": format, "about": json.dumps(about, ensure_ascii=False)} | ({"note": note} if note else {})
    target = Path(path)
    try:
        save_file(kept, target, metadata=metadata)
    except Exception as error:  # safetensors raises its own for a folder that does not exist
        raise CourseError(f"{target} cannot be written ({error}). Does its folder exist?") from None
    return target


def kept(path: str | Path, owner: str, *, format: str) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Read what `keep` wrote.

    Args:
        path: of the file.
        owner: the class that writes such files, for the message.
        format: what kind of file it must be.

    Returns:
        What was told about it, and its weights, in 32 bits those that were kept in 16.

    Raises:
        CourseError: there is no such file, it is damaged, or it is of another kind.
    """
    from safetensors import SafetensorError, safe_open

    place = Path(path)
    if not place.is_file():
        raise CourseError(f"There is no file {place}. `{owner}.save(path)` writes one.")
    try:
        with safe_open(place, framework="pt") as file:
            metadata = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise CourseError(f"{place} is no whole file of safetensors ({error}). Save it again.") from None
    try:
        about = json.loads(metadata["about"]) if metadata.get("format") == format else None
    except (KeyError, ValueError):
        about = None
    if not isinstance(about, dict):
        raise CourseError(f"{place} holds no {owner} of this course. `{owner}.save(path)` writes one.")
    return about, {name: value.float() if value.is_floating_point() else value for name, value in weights.items()}


def misfit(path: str | Path, error: Exception) -> CourseError:
    """The error for a file whose weights are not those that it describes."""
    return CourseError(f"{path} does not fit its own description ({error}). Save it again.")
