"""Text whose tokens are coloured by a number each."""

from matplotlib import colormaps
from matplotlib.collections import PolyCollection
from matplotlib.colors import Normalize

from rnnzoo.diagnostics.labels import visible

# From blue over white to red.
COLOURS = "RdBu_r"
# Letters of a line, and the inches that a letter and a line take.
WIDTH = 76
LETTER, LINE = 0.08, 0.185
_FONT = "DejaVu Sans Mono"


def places(tokens, width=WIDTH):
    """Where the tokens of a text stand, line by line.

    Words stand apart, single characters do not. A line ends after a line
    break, and where the next token has no room.

    Args:
        tokens: list of str.
        width: int. Most letters of a line.

    Returns:
        A list of (line, column, letters) for each token, `letters` being what
        is seen of it, and the number of lines.
    """
    apart = any(len(token) > 1 for token in tokens)
    found, line, column = [], 0, 0
    for token in tokens:
        letters = _seen(token)
        if column and column + len(letters) > width:
            line, column = line + 1, 0
        found.append((line, column, letters))
        column += len(letters) + apart
        if token.endswith("\n"):
            line, column = line + 1, 0
    lines = line + 1 if column else max(line, 1)
    return found, lines


def coloured_text(axes, tokens, values, limit, width=WIDTH):
    """Writes tokens on grounds of the colours of their values.

    Args:
        axes: `matplotlib.axes.Axes`, which this text fills.
        tokens: list of str.
        values: list of float, one for each token.
        limit: float. Values from -limit to limit have colours of their own;
            0 is white.
        width: int. Most letters of a line.

    Returns:
        The `PolyCollection` of the grounds, one for each token, for a colour
        bar.

    Raises:
        ValueError: not one value for each token.
    """
    if len(tokens) != len(values) or not len(tokens):
        raise ValueError(
            f"Received {len(tokens)} tokens and {len(values)} values, where "
            "one value for each token is expected."
        )
    found, lines = places(tokens, width)
    corners = [
        [
            (column, line),
            (column + len(letters), line),
            (column + len(letters), line + 1),
            (column, line + 1),
        ]
        for line, column, letters in found
    ]
    grounds = PolyCollection(
        corners,
        array=list(map(float, values)),
        cmap=colormaps[COLOURS],
        norm=Normalize(-limit, limit),
        linewidths=0,
    )
    axes.add_collection(grounds)
    for (line, column, letters), value in zip(found, values, strict=True):
        if letters.strip():
            text = axes.text(
                column + len(letters) / 2,
                line + 0.52,
                letters,
                fontfamily=_FONT,
                fontsize=8,
                ha="center",
                va="center",
                color="white" if abs(value) > 0.7 * limit else "black",
            )
            # The layout need not look at each: they lie inside the axes.
            text.set(parse_math=False, in_layout=False)
    axes.set_xlim(0, width)
    axes.set_ylim(lines, 0)
    axes.set_axis_off()
    return grounds


def _seen(token):
    # A space among characters is a ground without a letter.
    if token == " ":
        return token
    return "↵".join(map(visible, token.split("\n")))
