"""A side of a network unrolled: one column for each time step."""

from rnnzoo.diagnostics.drawing.column import (
    DIRECTIONS,
    Column,
    rows,
    widest,
)
from rnnzoo.diagnostics.drawing.labels import label_part
from rnnzoo.diagnostics.drawing.scene import HEIGHT, HEIGHTS

# More space between two steps where others are left out.
_LEFT_OUT = 0.5


class Strip:
    """The columns of a side from left to right, and what links them.

    Args:
        scene: a `Scene`, which gets them.
        side: a `Side`.
        x: float. Where they begin on the left.
        steps: int. How many columns there are at most; where the side has
            more steps, or nobody knows how many, the last stands for the last.
        before: tuple of str. The kinds of rows of one more column before the
            first; empty: there is none.
        **options: of `rows`.
    """

    def __init__(self, scene, side, x, steps, before=(), **options):
        self.scene, self.side = scene, side
        self.rows = rows(side, **options)
        self.names, self.broken = _names(side, steps)
        width = widest(side)
        between = _between(side)
        pitch = width + between
        names = [*(("0",) if before else ()), *self.names]
        self.left, self.columns = x, []
        for number, name in enumerate(names):
            if self.broken and number == len(names) - 1:
                x += _LEFT_OUT
            only = before if before and number == 0 else None
            texts = _texts(side, name, number - bool(before), self.names)
            middle = x + width / 2
            self.columns.append(
                Column(scene, side, self.rows, middle, name, texts, only=only)
            )
            x += pitch
        self.right = x - between
        self.before = self.columns.pop(0) if before else None
        self.ceiling = self.top
        if side.links:
            self._link()
        if self.broken:
            self._dots()

    @property
    def first(self):
        return self.columns[0]

    @property
    def last(self):
        return self.columns[-1]

    @property
    def top(self):
        """The height of the highest box."""
        return max(node.top for c in self.columns for node in c.nodes.values())

    @property
    def ends(self):
        """The nodes at which each direction has read everything.

        The highest of the last step, and of two directions that of the first.
        """
        last, first = self.last.tops, self.first.tops
        number = max(row.number for row in self.rows)
        pair = ((number, "forward"), (number, "backward"))
        if pair[1] in self.last.nodes and self.rows[-1].kind == "join":
            return self.last.nodes[pair[0]], self.first.nodes[pair[1]]
        if any(part.bidirectional for part in self.side.parts):
            return last[0], first[-1]
        return last

    def neighbours(self):
        """Pairs of columns between which no step is left out."""
        count = len(self.columns) - 1 - self.broken
        return list(zip(self.columns, self.columns[1:], strict=False))[:count]

    def memory(self, y):
        """A bar at a height, of the outputs of all steps."""
        node = self.scene.add(
            "memory",
            "memory",
            (self.left + self.right) / 2,
            y,
            "memory: the outputs of all steps",
            self.right - self.left,
            height=HEIGHTS["bar"],
        )
        self.ceiling = node.top
        for column in self.columns:
            for top in column.tops:
                self.scene.up(top, node, x=top.x)
        return node

    def label(self, x, align):
        """Notes beside the rows what their parts are."""
        for row in self.rows:
            if row.part is None or row.kind in ("join", "plus", "backward"):
                continue
            if row.kind == "norm" and row.part.kind != "norm":
                continue
            y = row.y
            if row.part.bidirectional:
                y += (HEIGHT + DIRECTIONS) / 2
            label_part(self.scene, row.part, x, y, align)
        if self.side.name:
            x = (self.first.x + self.last.x) / 2
            self.scene.note(x, -0.62, self.side.name)

    def recurrences(self):
        """The layer from 1, the row and the nodes of each recurrence."""
        layer = 0
        for row in self.rows:
            layer += row.kind == "forward"
            if row.kind in ("forward", "backward"):
                nodes = [
                    column.nodes[row.number, row.kind]
                    for column in (self.before, *self.columns)
                    if column is not None
                ]
                yield layer, row, nodes

    def _link(self):
        names = [*(("0",) if self.before else ()), *self.names]
        for layer, row, nodes in self.recurrences():
            for number, pair in enumerate(zip(nodes, nodes[1:], strict=False)):
                left, right = pair
                ends = [(left.right, left.y), (right.left, right.y)]
                broken = self.broken and number == len(nodes) - 2
                options = {}
                if broken:
                    middle = (left.right + right.left) / 2
                    options["gap"] = (middle - 0.2, middle + 0.2)
                elif not row.part.bidirectional:
                    options["label"] = self._state(
                        row.part, layer, names[number]
                    )
                if row.kind == "backward":
                    pair, ends = pair[::-1], ends[::-1]
                self.scene.link(*pair, row.kind, ends, **options)

    def _state(self, part, layer, name):
        level = f"^{{({layer})}}" if len(self.side.recurrent) > 1 else ""
        states = part.state.split(", ")
        return ", ".join(f"${s}{level}_{{{name}}}$" for s in states)

    def _dots(self):
        """Dots for the inputs and outputs of the steps that are left out."""
        left, right = self.columns[-2:]
        for kind in ("input", "output"):
            if (0, kind) in left.nodes:
                y = left.nodes[0, kind].y
                self.scene.note((left.x + right.x) / 2, y, "⋯")


def _names(side, steps):
    """The names of the time steps drawn, and whether some are left out."""
    if side.length is not None and side.length <= steps:
        return [str(n) for n in range(1, side.length + 1)], False
    last = side.last if side.length is None else str(side.length)
    return [*(str(n) for n in range(1, steps)), last], True


def _texts(side, name, number, names):
    """What the input and the output of a step are called."""
    inputs = f"${side.symbol}_{{{name}}}$"
    if side.symbol == "y":
        # A writer reads what it wrote a step before.
        before = names[number - 1] if number else ""
        if number == len(names) - 1 and not name.isdigit():
            before = f"{name}-1"
        inputs = f"$y_{{{before}}}$" if number else "begin"
    return inputs, f"${side.output}_{{{name}}}$"


def _between(side):
    """What there is between the boxes of two steps."""
    states = max(len(part.state.split(", ")) for part in side.recurrent)
    if not side.links or any(part.bidirectional for part in side.recurrent):
        states = 0
    several = len(side.recurrent) > 1 and states > 0
    skips = any(part.skip for part in side.recurrent)
    return 0.5 + 0.22 * states * (1 + 0.6 * several) + 0.25 * skips
