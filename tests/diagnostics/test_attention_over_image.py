import numpy as np
import pytest

from rnnzoo.diagnostics.attention_over_image import attention_over_image


def test_each_word_has_its_picture():
    weights = [np.array([[1.0, 0.0], [0.5, 0.5]])]
    images = 255 * np.ones((1, 4, 8, 3))
    figure = attention_over_image(images, weights, [["a b", "$"]], (2,))
    plain, first, second = figure.axes[:3]
    assert plain.images[0].get_array().max() == 1
    assert [axes.get_title() for axes in (first, second)] == ["ab", "$"]
    sharp, spread = (
        axes.images[1].get_array()[..., 3] for axes in (first, second)
    )
    np.testing.assert_allclose(sharp, [[0.5, 0.0]])
    np.testing.assert_allclose(spread, [[0.25, 0.25]])


def test_pictures_of_long_captions_go_on_below():
    weights = [np.full((9, 4), 0.25), np.full((1, 4), 0.25)]
    words = [list("abcdefghi"), ["j"]]
    figure = attention_over_image(np.ones((2, 4, 4)), weights, words, (2, 2))
    drawn = [len(axes.images) for axes in figure.axes]
    assert drawn == [1, *[2] * 9, 0, 0, 1, 2, 0, 0, 0, 0]


@pytest.mark.parametrize(
    "shape, words", [((1, 4), [["a", "b"]]), ((2, 3), [["a", "b"]])]
)
def test_weights_of_other_shapes(shape, words):
    with pytest.raises(ValueError, match=r"\[\(2, 4\)\] are expected"):
        attention_over_image(
            np.ones((1, 4, 4)), [np.ones(shape)], words, (2, 2)
        )
