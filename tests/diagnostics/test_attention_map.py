import io

import matplotlib.image
import numpy as np
import pytest

import rnnzoo
from rnnzoo.diagnostics.attention_map import attention_map, attention_maps


def labels(axis):
    return [text.get_text() for text in axis.get_ticklabels()]


def test_weights_are_drawn_where_they_belong():
    weights = np.array([[1.0, 0.0, 0.0], [0.0, 0.25, 0.75]])
    figure = attention_map(weights, list("abc"), list("AB"))
    axes, colorbar = figure.axes
    (image,) = axes.images
    np.testing.assert_array_equal(image.get_array(), weights)
    assert image.get_clim() == (0.0, 1.0)  # pictures can be compared
    assert labels(axes.xaxis) == ["a", "b", "c"]
    assert labels(axes.yaxis) == ["A", "B"]
    assert axes.get_xlabel() == "read"
    assert axes.get_ylabel() == "written"
    assert colorbar.get_ylabel() == "attention"


def test_pixels_are_dark_where_attention_is():
    weights = np.eye(3)[:, ::-1]
    figure = attention_map(weights, list("abc"), list("ABC"))
    file = io.BytesIO()
    figure.savefig(file, format="png")
    file.seek(0)
    pixels = matplotlib.image.imread(file)[..., :3].mean(-1)
    axes = figure.axes[0]
    for row in range(3):
        for column in range(3):
            x, y = axes.transData.transform((column, row))
            brightness = pixels[pixels.shape[0] - 1 - int(y), int(x)]
            if weights[row, column]:
                assert brightness < 0.3
            else:
                assert brightness > 0.9


@pytest.mark.filterwarnings("error")  # matplotlib warns of missing glyphs
@pytest.mark.parametrize(
    "token, label",
    [
        ("ж", "ж"),
        ("ש", "ש"),
        ("年", "U+5E74"),
        ("ก", "U+0E01"),
        (" ", "\u2423"),
        ("\u202f", "\u2423"),
        ("\u200f", "U+200F"),
        ("\u0301", "\u25cc\u0301"),
        ("$x$", "$x$"),
        ("<end>", "<end>"),
    ],
)
def test_every_character_has_a_label_that_the_font_can_show(token, label):
    figure = attention_map([[1.0]], [token], [token])
    figure.savefig(io.BytesIO(), format="png")
    assert labels(figure.axes[0].xaxis) == [label]
    assert labels(figure.axes[0].yaxis) == [label]


def test_long_labels_stand_on_end_and_do_not_collide():
    figure = attention_map(np.ones((1, 3)), ["年", "月", "a"], ["A"])
    figure.savefig(io.BytesIO(), format="png")
    texts = figure.axes[0].xaxis.get_ticklabels()
    assert [text.get_rotation() for text in texts] == [90, 90, 0]
    boxes = [text.get_window_extent() for text in texts]
    assert boxes[0].x1 < boxes[1].x0 and boxes[1].x1 < boxes[2].x0


def test_right_to_left_text_is_said_to_be_so():
    figure = attention_map(np.ones((1, 3)), list("4ما"), ["A"])
    axes = figure.axes[0]
    assert labels(axes.xaxis) == ["4", "م", "ا"]  # the order of reading
    assert "right-to-left script, first character left" in axes.get_xlabel()
    assert axes.get_ylabel() == "written"


def test_needs_no_pyplot(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    attention_map([[1.0]], ["a"], ["A"]).savefig(io.BytesIO(), format="png")


@pytest.mark.parametrize("shape", [(2, 2), (3, 1), (2,), (0, 2)])
def test_refuses_weights_of_another_shape(shape):
    with pytest.raises(ValueError, match="Cut padding off first") as caught:
        attention_map(np.ones(shape), ["a", "b"], ["A", "B", "C"])
    assert str(shape) in str(caught.value)
    assert "(3, 2)" in str(caught.value)


def test_refuses_no_tokens():
    with pytest.raises(ValueError, match="0 source tokens"):
        attention_map(np.ones((1, 0)), [], ["A"])


def test_refuses_nan():
    with pytest.raises(ValueError, match="contain NaN or infinity"):
        attention_map([[np.nan]], ["a"], ["A"])


def test_a_translator_that_wrote_nothing_looked_nowhere():
    letters = rnnzoo.text.CharacterVocabulary.from_texts(["abc"])
    model = rnnzoo.build(
        "seq2seq",
        source_vocabulary=letters,
        target_vocabulary=letters,
        units=4,
    )
    (figure,) = attention_maps(model, ["ab", "abc"], ["", "ba"])
    axes = figure.axes[0]
    assert labels(axes.xaxis) == ["a", "b", "c"]
    assert labels(axes.yaxis) == ["b", "a", "<end>"]
