"""The tree that a beam search grows, to be looked at."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from course_utils.models.tokenisers import Codec
from course_utils.nn.sequences import END, START


@dataclass(frozen=True)
class BeamNode:
    """A token in the tree of a beam search.

    Attributes:
        token: as a person reads it; "" at the root, "■" where the sentence ends.
        log_probability: of everything from the root to here, in nats.
        parent: the place of the node before it; None at the root.
        depth: tokens from the root to here.
        state: "kept", "finished" (its sentence is over) or "dropped" (others were better).
        best: does it belong to the translation that won?
    """

    token: str
    log_probability: float
    parent: int | None
    depth: int
    state: str
    best: bool = False


def grow_tree(step: Any, codec: Codec, beam: int, longest: int) -> list[BeamNode]:
    """`attention.beam_search`, with a note of everything that was looked at."""
    nodes, prefixes = [BeamNode("", 0.0, None, 0, "kept")], [[START]]
    alive: list[int] = [0]
    over: list[int] = []
    for depth in range(1, longest + 1):
        grown = []
        for parent in alive:
            more, tokens = step(prefixes[parent]).topk(min(beam, len(codec)))
            grown += [
                (nodes[parent].log_probability + m, parent, t)
                for m, t in zip(more.tolist(), tokens.tolist(), strict=True)
            ]
        grown = [
            candidate for candidate in sorted(grown, key=lambda candidate: -candidate[0]) if candidate[0] > -math.inf
        ]
        room, alive = beam - len(over), []
        for rank, (score, parent, token) in enumerate(grown):
            state = "dropped" if rank >= room else "finished" if token == END else "kept"
            nodes.append(BeamNode("■" if token == END else codec.piece(token), score, parent, depth, state))
            prefixes.append([*prefixes[parent], token])
            {"dropped": [], "finished": over, "kept": alive}[state].append(len(nodes) - 1)
        if not alive:
            break
    index: int | None
    index = max(over + alive, key=lambda candidate: nodes[candidate].log_probability / max(nodes[candidate].depth, 1))
    while index is not None:
        node = nodes[index]
        nodes[index] = replace(node, best=True)
        index = node.parent
    return nodes
