import io

import numpy as np
import pytest

from rnnzoo.diagnostics.captioned import captioned

IMAGES = np.linspace(0, 1, 4 * 6 * 18).reshape(4, 6, 18, 1)


def test_each_image_has_its_caption():
    captions = ["one", "two $2$", "a long sentence " * 5, ""]
    figure = captioned(IMAGES, captions)
    shown = [axes for axes in figure.axes if axes.axison]
    assert len(shown) == 4 and len(figure.axes) == 6
    for axes, image, caption in zip(shown, IMAGES, captions, strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), image[..., 0])
        assert axes.get_xlabel().split() == caption.split()
    assert "\n" in shown[2].get_xlabel()
    file = io.BytesIO()
    figure.savefig(file, format="png")
    assert file.tell() > 5000


@pytest.mark.parametrize(
    "images, captions, words",
    [
        (IMAGES, ["one"], "4 images and 1 captions"),
        (IMAGES[..., 0], ["one"] * 4, r"\(4, 6, 18\)"),
        (IMAGES[:0], [], "0 images"),
    ],
)
def test_what_cannot_be_drawn(images, captions, words):
    with pytest.raises(ValueError, match=words):
        captioned(images, captions)
