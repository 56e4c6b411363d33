import io

import numpy as np
import pytest

from rnnzoo.diagnostics.confusion_map import confusion_map

COUNTS = np.array([[6, 2, 0], [0, 0, 0], [1, 0, 9]])


def test_shares_are_drawn_and_counts_are_written():
    figure = confusion_map(COUNTS, ["cat", "dog", "年"])
    axes, colorbar = figure.axes
    (image,) = axes.images
    np.testing.assert_allclose(
        image.get_array(), [[0.75, 0.25, 0], [0, 0, 0], [0.1, 0, 0.9]]
    )
    names = [text.get_text() for text in axes.yaxis.get_ticklabels()]
    assert names == ["cat", "dog", "U+5E74"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "expected")
    assert colorbar.get_ylabel() == "share of the class"
    written = {text.get_position(): text.get_text() for text in axes.texts}
    assert written == {(0, 0): "6", (1, 0): "2", (0, 2): "1", (2, 2): "9"}


def test_many_classes_have_no_room_for_counts():
    figure = confusion_map(np.eye(21, dtype=int), ["ab"] * 21)
    assert not figure.axes[0].texts
    file = io.BytesIO()
    figure.savefig(file, format="png")
    assert file.getvalue()[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    "shape, count", [((2, 3), 2), ((2, 2), 3), ((0, 0), 0)]
)
def test_counts_without_names_are_refused(shape, count):
    with pytest.raises(ValueError, match=f"there are {count} names"):
        confusion_map(np.ones(shape, int), ["a"] * count)
