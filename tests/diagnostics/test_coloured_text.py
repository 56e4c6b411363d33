import numpy as np
import pytest
from matplotlib.figure import Figure

from rnnzoo.diagnostics.coloured_text import coloured_text, places


def test_characters_stand_close_and_lines_end_where_they_do():
    found, lines = places(list("ab \ncd"), width=4)
    assert found == [
        (0, 0, "a"),
        (0, 1, "b"),
        (0, 2, " "),
        (0, 3, "↵"),
        (1, 0, "c"),
        (1, 1, "d"),
    ]
    assert lines == 2
    assert places(list("abc"), width=2)[0][-1] == (1, 0, "c")
    assert places(["a", "\n"], width=9)[1] == 1
    pieces, lines = places(["_a", "):\n", "b"])
    assert pieces[1:] == [(0, 3, "):↵"), (1, 0, "b")] and lines == 2


def test_words_stand_apart():
    found, lines = places(["the", "a", "fox", "年"], width=9)
    assert found == [
        (0, 0, "the"),
        (0, 4, "a"),
        (0, 6, "fox"),
        (1, 0, "U+5E74"),
    ]
    assert lines == 2


def test_each_token_has_its_ground():
    axes = Figure().add_subplot()
    values = [0.5, -1.0, 0.0]
    grounds = coloured_text(axes, ["a", " ", "$"], values, limit=1.0)
    np.testing.assert_array_equal(grounds.get_array(), values)
    assert grounds.get_clim() == (-1.0, 1.0)
    boxes = [path.get_extents() for path in grounds.get_paths()]
    assert [(box.x0, box.x1) for box in boxes] == [(0, 1), (1, 2), (2, 3)]
    # A space has a ground and no letter.
    assert [text.get_text() for text in axes.texts] == ["a", "$"]
    colours = grounds.to_rgba(grounds.get_array())
    assert colours[0][0] > colours[0][2] and colours[1][2] > colours[1][0]


@pytest.mark.parametrize("tokens, values", [(["a"], [1, 2]), ([], [])])
def test_one_value_for_each_token(tokens, values):
    axes = Figure().add_subplot()
    with pytest.raises(ValueError, match="one value for each token"):
        coloured_text(axes, tokens, values, 1.0)
