"""Where Python's, NumPy's and torch's global random generators stand: for tests of what must leave them alone."""

from __future__ import annotations

import random

import numpy as np
import torch


def random_state() -> tuple[object, ...]:
    """A value that is equal to an earlier one where no global generator has moved."""
    numpy = np.random.get_state(legacy=False)["state"]
    return random.getstate(), (numpy["key"].tolist(), numpy["pos"]), torch.get_rng_state().tolist()
