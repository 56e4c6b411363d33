import numpy as np
import pytest

from rnnzoo.diagnostics.forecasts import forecasts

SERIES = np.random.RandomState(0).normal(size=(2, 9, 10))
PAST, FUTURE = SERIES[:, :5], SERIES[:, 5:]
NAMES = [f"column {n}" for n in range(10)]


def test_curves_go_on_from_what_was_read():
    figure = forecasts(PAST, FUTURE, FUTURE + 1, NAMES)
    # A row for each of the first eight columns, the examples side by side.
    axes = figure.axes
    assert len(axes) == 16
    assert [a.get_ylabel() for a in axes[::2]] == NAMES[:8]
    _, read, came, guess = axes[2 * 3 + 1].lines
    np.testing.assert_array_equal(read.get_xdata(), [-4, -3, -2, -1, 0])
    np.testing.assert_array_equal(read.get_ydata(), PAST[1, :, 3])
    np.testing.assert_array_equal(came.get_xdata(), range(5))
    np.testing.assert_array_equal(came.get_ydata()[1:], FUTURE[1, :, 3])
    np.testing.assert_array_equal(guess.get_ydata()[1:], FUTURE[1, :, 3] + 1)
    assert came.get_ydata()[0] == guess.get_ydata()[0] == PAST[1, -1, 3]


@pytest.mark.parametrize(
    "past, forecast, names, words",
    [
        (PAST, FUTURE[:, :2], NAMES, r"\(2, 4, 10\) and \(2, 2, 10\)"),
        (PAST[..., :3], FUTURE, NAMES, "3 and 10 columns and 10 names"),
        (PAST[0], FUTURE, NAMES, r"the shapes \(5, 10\)"),
    ],
)
def test_what_cannot_be_drawn(past, forecast, names, words):
    with pytest.raises(ValueError, match=words):
        forecasts(past, FUTURE, forecast, names)
