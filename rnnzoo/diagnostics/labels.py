"""Words of any script along the axes of a picture."""

import functools
import unicodedata

from matplotlib import font_manager, ft2font

# Every matplotlib brings it: Latin, Greek, Cyrillic, Arabic, Hebrew and more,
# but neither Chinese, Japanese, Korean nor the scripts of India.
_FONT = "DejaVu Sans"


def label(axis, tokens):
    """Writes a token at each place of an axis.

    A character that the font lacks is shown by its code point, a space by an
    open box. Labels of more than two characters stand upright on an x axis.

    Args:
        axis: `matplotlib.axis.Axis`.
        tokens: list of str, for the places 0, 1, ...
    """
    labels = [visible(token) for token in tokens]
    axis.set_ticks(range(len(labels)), labels, fontfamily=_FONT, fontsize=8)
    for text in axis.get_ticklabels():
        # A dollar sign is a dollar sign.
        text.set_parse_math(False)
        if axis.axis_name == "x" and len(text.get_text()) > 2:
            text.set_rotation(90)


def visible(token):
    """A token as DejaVu Sans can show it."""
    return "".join(_glyph(character) for character in token)


def _glyph(character):
    category = unicodedata.category(character)
    if category == "Zs":
        return "\u2423"
    if category[0] == "C" or ord(character) not in _known_glyphs():
        return f"U+{ord(character):04X}"
    if category in ("Mn", "Me"):
        # A mark that combines with a letter is shown on a dotted circle.
        return "\u25cc" + character
    return character


@functools.cache
def _known_glyphs():
    path = font_manager.findfont(_FONT)
    return frozenset(ft2font.FT2Font(path).get_charmap())
