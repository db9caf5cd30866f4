"""Handwritten digits, large and small."""

from __future__ import annotations

import numpy as np

from course_utils.data.digits import mnist_digits, small_digits


def test_mnist_digits() -> None:
    images, labels = mnist_digits()
    assert images.shape == (5000, 28, 28)
    assert images.dtype == np.float32
    assert labels.shape == (5000,)
    assert labels.dtype == np.int64
    assert (images.min(), images.max()) == (0.0, 1.0)
    assert np.bincount(labels).tolist() == [500] * 10
    assert (np.diff(labels) >= 0).all()  # sorted, as the docstring warns
    ink = images.mean(axis=(1, 2))
    assert ink[labels == 1].mean() < ink[labels == 0].mean() / 2  # a one is a stroke, a zero a ring


def test_small_digits() -> None:
    images, labels = small_digits()
    assert images.shape == (1797, 8, 8)
    assert images.dtype == np.float32
    assert labels.shape == (1797,)
    assert labels.dtype == np.int64
    assert (images.min(), images.max()) == (0.0, 1.0)
    assert labels[:10].tolist() == list(range(10))
    assert (images * 16 == (images * 16).round()).all()
