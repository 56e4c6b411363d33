"""A side of a network folded: one column, with arrows that lead back."""

from rnnzoo.diagnostics.drawing.column import (
    BESIDE,
    LOOP,
    Column,
    rows,
    widest,
)
from rnnzoo.diagnostics.drawing.labels import label_part


class Fold:
    """The only column of a side, and the arrows of its recurrences.

    Args:
        scene: a `Scene`, which gets them.
        side: a `Side`.
        x: float. Where it begins on the left.
        **options: of `rows`.
    """

    def __init__(self, scene, side, x, **options):
        self.scene, self.side = scene, side
        self.rows = rows(side, abreast=True, **options)
        width, self.left = widest(side, details=True), x
        loops = side.links and side.length != 1
        if side.both_ways:
            x += BESIDE
        if any(part.skip for part in side.parts):
            x += 0.3
        self.column = Column(
            scene,
            side,
            self.rows,
            x + width / 2,
            "t",
            _texts(side),
            folded=True,
        )
        self.right = x + width + BESIDE * loops
        self.top = max(node.top for node in self.column.nodes.values())
        if loops:
            self._loop()

    @property
    def first(self):
        return self.column

    @property
    def ends(self):
        return self.column.tops

    def recurrences(self):
        """The layer from 1, the row and the node of each recurrence."""
        layer = 0
        for row in self.rows:
            layer += row.kind == "forward"
            if row.kind in ("forward", "backward"):
                yield layer, row, self.column.nodes[row.number, row.kind]

    def label(self, x, align):
        """Notes beside the rows what they weigh."""
        for row in self.rows:
            if row.part is None or row.kind in ("join", "plus", "backward"):
                continue
            if row.kind == "norm" and row.part.kind != "norm":
                continue
            label_part(self.scene, row.part, x, row.y, align, details=False)
        if self.side.name:
            self.scene.note(self.column.x, -0.62, self.side.name)

    def _loop(self):
        for _, row, node in self.recurrences():
            # Of two directions, the forward one is on the left.
            left = row.part.bidirectional and row.kind == "forward"
            begin, out = (node.left, -LOOP) if left else (node.right, LOOP)
            x, high, low = begin + out, node.y + 0.15, node.y - 0.15
            points = [(begin, high), (x, high), (x, low), (begin, low)]
            label = ", ".join(f"${s}$" for s in row.part.state.split(", "))
            self.scene.link(
                node, node, row.kind, points, delay=(x, node.y), label=label
            )


def _texts(side):
    """What the input and the output of any step are called."""
    if side.length == 1:
        return f"${side.symbol}$", f"${side.output}$"
    step = "m" if side.symbol == "p" else "t"
    before = f"{step}-1" if side.symbol == "y" else step
    return f"${side.symbol}_{{{before}}}$", f"${side.output}_{{{step}}}$"
