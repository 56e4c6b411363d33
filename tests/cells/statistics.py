"""What a new weight's values are held to: functions of the values.

Weights of the tests are wide enough for these bounds: five standard
deviations of what a right initialiser gives.
"""

import numpy as np


def zeros(values):
    assert (values == 0).all()


def ones(values):
    assert (values == 1).all()


def glorot(values):
    """Uniform, with the variance 2 / (rows + columns)."""
    uniform(np.sqrt(6 / sum(values.shape)))(values)


def orthogonal(values):
    """Orthonormal along the shorter side."""
    short = values if values.shape[0] <= values.shape[1] else values.T
    assert np.abs(short @ short.T - np.eye(len(short))).max() < 1e-5


def identity(values):
    assert (values == np.eye(*values.shape)).all()


def constant(value):
    def check(values):
        assert np.allclose(values, value, atol=1e-6)

    return check


def equal_to(expected):
    """`expected` maps a number of values to the values."""

    def check(values):
        assert np.allclose(values, expected(len(values)), atol=1e-6)

    return check


def blocks(*expected):
    """Equal blocks of columns, each of one value."""

    def check(values):
        parts = np.split(values, len(expected), axis=-1)
        for part, value in zip(parts, expected, strict=True):
            assert (part == value).all()

    return check


def each_block(count, check):
    """`check` for each of `count` equal blocks of columns."""

    def check_all(values):
        for part in np.split(values, count, axis=-1):
            check(part)

    return check_all


def uniform(high, low=None):
    """Uniform in [low, high], or in [-high, high]."""
    low = -high if low is None else low

    def check(values):
        n, width = values.size, high - low
        assert low <= values.min() and values.max() <= high
        # The largest and the least of n draws miss the ends by width / n.
        gap = 12 * width / n
        assert values.min() < low + gap and values.max() > high - gap
        spread = width / np.sqrt(12)
        middle = (low + high) / 2
        assert abs(values.mean() - middle) < 5 * spread / np.sqrt(n)
        assert abs(values.std() / spread - 1) < 5 / np.sqrt(n)

    return check


def normal(stddev, mean=0.0):
    def check(values):
        n = values.size
        assert abs(values.mean() - mean) < 5 * stddev / np.sqrt(n)
        assert abs(values.std() / stddev - 1) < 5 / np.sqrt(2 * n)

    return check
