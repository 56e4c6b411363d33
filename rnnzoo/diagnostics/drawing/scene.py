"""Boxes and arrows with their places, before they are painted."""

import dataclasses

# What a box with so many letters needs, at the size that is painted.
_LETTER = 0.118

HEIGHTS = {"input": 0.62, "output": 0.62, "norm": 0.3, "join": 0.14}
HEIGHTS |= {"plus": 0.24, "bar": 0.42}
HEIGHT = 0.56


@dataclasses.dataclass
class Node:
    """A box; x and y are its middle, y grows upwards."""

    name: str
    kind: str
    x: float
    y: float
    width: float
    height: float
    text: str = ""
    detail: str = ""
    turned: bool = False

    @property
    def left(self):
        return self.x - self.width / 2

    @property
    def right(self):
        return self.x + self.width / 2

    @property
    def top(self):
        return self.y + self.height / 2

    @property
    def bottom(self):
        return self.y - self.height / 2


@dataclasses.dataclass
class Edge:
    """An arrow along `points`; `gap` are two x between which it is dotted."""

    source: str
    target: str
    kind: str
    points: list
    label: str = ""
    gap: tuple | None = None
    arrow: bool = True
    delay: tuple | None = None  # where a folded drawing marks one step later


@dataclasses.dataclass
class Note:
    """Words beside the drawing; `align` is "left", "center" or "right"."""

    x: float
    y: float
    text: str
    align: str = "center"


class Scene:
    """A drawing: its nodes by name, its edges and its notes."""

    def __init__(self):
        self.nodes = {}
        self.edges = []
        self.notes = []

    def add(self, name, kind, x, y, text="", width=None, **options):
        """A new node, as large as its kind and its text need."""
        height = options.pop("height", HEIGHTS.get(kind, HEIGHT))
        if width is None:
            width = height
            if kind not in HEIGHTS:
                width = needed(text, options.get("detail", ""))
        node = Node(name, kind, x, y, width, height, text, **options)
        self.nodes[name] = node
        return node

    def link(self, source, target, kind, points, **options):
        """An edge between two nodes, along points."""
        edge = Edge(source.name, target.name, kind, points, **options)
        self.edges.append(edge)
        return edge

    def up(self, source, target, kind="up", x=None, start=None, **options):
        """From the top of a node to the bottom of one above it.

        `x` is where it arrives, the middle of the target if None, and `start`
        where it leaves, that of the source if None.
        """
        x = target.x if x is None else x
        start = source.x if start is None else start
        points = [(start, source.top), (x, target.bottom)]
        if abs(start - x) > 1e-6:
            turn = source.top + min(0.16, (target.bottom - source.top) / 2)
            points[1:1] = [(start, turn), (x, turn)]
        return self.link(source, target, kind, points, **options)

    def note(self, x, y, text, align="center"):
        self.notes.append(Note(x, y, text, align))


def needed(text, detail=""):
    """The width of a box with so much text."""
    letters = max(len(text), 0.8 * len(detail))
    return max(1.0, _LETTER * letters + 0.28)
