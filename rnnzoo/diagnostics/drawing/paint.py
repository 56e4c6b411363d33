"""A scene as a figure."""

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

# Inches of a unit of the scene.
_SCALE = 0.62
_ROUND = 0.12
_INK = "#333333"
_GREY = "#777777"

# Kind of node -> (fill, edge).
_FILLS = {
    "input": ("#ffffff", "#555555"),
    "output": ("#ffffff", "#3d8b40"),
    "state": ("#ffffff", "#2f6fae"),
    "embedding": ("#fdebc8", "#c98a1b"),
    "norm": ("#eeeeee", "#999999"),
    "join": ("#555555", "#555555"),
    "plus": ("#ffffff", "#777777"),
    "forward": ("#cfe3f7", "#2f6fae"),
    "backward": ("#dfd8f5", "#6a55b0"),
    "attention": ("#f9dcec", "#b03a7a"),
    "memory": ("#f9dcec", "#b03a7a"),
    "pooling": ("#eeeeee", "#777777"),
    "bridge": ("#f8d9d2", "#b5533a"),
    "head": ("#d5ecd4", "#3d8b40"),
    "ending": ("#d5ecd4", "#3d8b40"),
}

# Kind of edge -> (colour, width, style).
_LINES = {
    "up": (_INK, 1.0, "-"),
    "forward": ("#2f6fae", 1.4, "-"),
    "backward": ("#6a55b0", 1.4, "-"),
    "skip": ("#999999", 1.0, "-"),
    "carry": ("#2f6fae", 1.2, (0, (4, 2))),
    "attend": ("#b03a7a", 1.0, "-"),
    "bridge": ("#b5533a", 1.2, "-"),
    "feed": ("#888888", 0.9, (0, (3, 2))),
    "crf": ("#3d8b40", 2.2, "-"),
}


def paint(scene, title=""):
    """Paints a scene.

    Args:
        scene: a `Scene`.
        title: str. What is written above it.

    Returns:
        A `matplotlib.figure.Figure` with an Agg canvas.
    """
    figure = Figure(layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set_aspect("equal")
    for edge in scene.edges:
        _paint_edge(axes, edge)
    for node in scene.nodes.values():
        _paint_node(axes, node)
    for note in scene.notes:
        size = 12 if note.text == "⋯" else 7.5
        _write(axes, note.x, note.y, note.text, size, _GREY, ha=note.align)
    _fit(figure, axes, scene, title)
    if title:
        axes.set_title(title, fontsize=10, color=_INK, pad=8)
    return figure


def _fit(figure, axes, scene, title):
    """The limits of the axes, and the size of the figure with them."""
    left, right = _extent(scene)
    bottom, top = _heights(scene)
    # A title may be wider than what is below it.
    more = max(0.13 * len(title) - (right - left), 0.0) / 2 + 0.1
    left, right = left - more, right + more
    bottom, top = bottom - 0.1, top + 0.1
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    figure.set_size_inches(
        _SCALE * (right - left) + 0.1, _SCALE * (top - bottom) + 0.5
    )


def _extent(scene):
    """The least and the largest x of anything."""
    xs = [x for node in scene.nodes.values() for x in (node.left, node.right)]
    xs += [x for edge in scene.edges for x, _ in edge.points]
    for note in scene.notes:
        width = 0.088 * max(map(len, note.text.split("\n")))
        before = {"left": 0.0, "center": 0.5, "right": 1.0}[note.align]
        xs += [note.x - before * width, note.x + (1 - before) * width]
    return min(xs), max(xs)


def _heights(scene):
    """The least and the largest y of anything."""
    ys = [y for node in scene.nodes.values() for y in (node.bottom, node.top)]
    ys += [y for edge in scene.edges for _, y in edge.points]
    for note in scene.notes:
        half = 0.11 * (1 + note.text.count("\n"))
        ys += [note.y - half, note.y + half]
    return min(ys), max(ys)


def _paint_node(axes, node):
    fill, edge = _FILLS[node.kind]
    style = {"facecolor": fill, "edgecolor": edge, "linewidth": 1.1}
    if node.kind in ("input", "output", "state", "join", "plus"):
        size = (node.width, node.height)
        axes.add_patch(Ellipse((node.x, node.y), *size, zorder=3, **style))
    else:
        pad = min(0.1, node.height / 2)
        axes.add_patch(
            FancyBboxPatch(
                (node.left, node.bottom),
                node.width,
                node.height,
                boxstyle=f"round,pad=0,rounding_size={pad}",
                zorder=3,
                **style,
            )
        )
    if node.kind == "plus":
        _write(axes, node.x, node.y - 0.01, "+", 9, _INK)
        return
    math = "$" in node.text
    size = 10 if math else 9
    if node.kind == "norm" or "-" in node.text or node.text == "begin":
        size = 8.5 if "-" in node.text else 7.5
    lift = 0.1 if node.detail else 0.0
    rotation = 90 if node.turned else 0
    _write(
        axes, node.x, node.y + lift, node.text, size, _INK, rotation=rotation
    )
    if node.detail:
        _write(axes, node.x, node.y - 0.13, node.detail, 7, _GREY)


def _paint_edge(axes, edge):
    colour, width, line = _LINES[edge.kind]
    options = {"color": colour, "linewidth": width, "linestyle": line}
    arrow = "-|>" if edge.arrow else "-"
    points = edge.points
    if edge.gap is not None:
        # The way to the dots has no head, that from them has.
        a, b = sorted(edge.gap, reverse=points[0][0] > points[-1][0])
        y = points[0][1]
        _line(axes, [points[0], (a, y)], "-", options)
        _write(axes, (a + b) / 2, y, "⋯", 11, colour)
        points = [(b, y), points[-1]]
    _line(axes, points, arrow, options)
    if edge.label:
        _write(axes, *_label_place(edge), edge.label, 7.5, colour)
    if edge.delay is not None:
        x, y = edge.delay
        size = 0.13
        axes.add_patch(
            FancyBboxPatch(
                (x - size / 2, y - size / 2),
                size,
                size,
                boxstyle="square,pad=0",
                facecolor=colour,
                edgecolor=colour,
                zorder=4,
            )
        )


def _label_place(edge):
    """Beside the mark of a loop, or above the longest level way."""
    (x, y), *_ = edge.points
    if edge.delay is not None and edge.source == edge.target:
        outwards = 1 if edge.delay[0] > x else -1
        letters = len(edge.label.replace("$", "").replace("_", ""))
        return edge.delay[0] + outwards * (0.16 + 0.04 * letters), y - 0.14
    ways = zip(edge.points, edge.points[1:], strict=False)
    (a, y), (b, _) = max(
        ((a, b) for a, b in ways if a[1] == b[1]),
        key=lambda way: abs(way[0][0] - way[1][0]),
    )
    return (a + b) / 2, y + 0.17


def _line(axes, points, arrow, options):
    axes.add_patch(
        FancyArrowPatch(
            path=_rounded(points),
            arrowstyle=arrow,
            mutation_scale=9,
            shrinkA=0,
            shrinkB=0,
            joinstyle="round",
            capstyle="butt",
            zorder=2,
            **options,
        )
    )


def _rounded(points):
    """A path along points with round corners."""
    vertices, codes = [points[0]], [Path.MOVETO]
    for before, corner, after in zip(
        points, points[1:], points[2:], strict=False
    ):
        vertices += [_towards(corner, before), corner, _towards(corner, after)]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    vertices.append(points[-1])
    codes.append(Path.LINETO)
    return Path(vertices, codes)


def _towards(corner, other):
    """A point near a corner, on the way to another one."""
    (x, y), (u, v) = corner, other
    length = max(abs(u - x), abs(v - y))
    share = min(_ROUND / length, 0.5) if length else 0.0
    return x + share * (u - x), y + share * (v - y)


def _write(axes, x, y, text, size, colour, ha="center", **options):
    axes.text(
        x,
        y,
        text,
        fontsize=size,
        color=colour,
        ha=ha,
        va="center",
        zorder=5,
        fontfamily="DejaVu Sans",
        linespacing=1.15,
        **options,
    )
