"""Reads requirements.lock: its entries, and which of them are torch's and CUDA's. Standard library only."""

from __future__ import annotations

import re

TORCH_PACKAGES = ("torch", "torchvision", "torchaudio")
CUDA_PACKAGES = re.compile(r"(nvidia-.*|triton)$")


def requirement_blocks(lock: str) -> dict[str, str]:
    """The entries of a lock file: "name==version ; marker" -> the whole entry with its hashes."""
    blocks: dict[str, str] = {}
    head = ""
    for line in lock.splitlines():
        if re.match(r"[A-Za-z0-9]", line):
            head = line.rstrip(" \\")
            blocks[head] = line + "\n"
        elif head and line.startswith(" "):
            blocks[head] += line + "\n"
    return blocks


def package_name(requirement: str) -> str:
    """ "Foo_bar==1.0 ; marker" -> "foo-bar"."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower())


def without_torch(lock: str) -> tuple[str, list[str]]:
    """Split a lock for the CPU build: the lock without torch and CUDA, and torch's own pins without hashes."""
    kept, torch_pins = "", []
    for requirement, block in requirement_blocks(lock).items():
        name = package_name(requirement)
        if name in TORCH_PACKAGES:
            torch_pins.append(requirement.split(";")[0].strip())
        elif not CUDA_PACKAGES.match(name):
            kept += block
    return kept, torch_pins
