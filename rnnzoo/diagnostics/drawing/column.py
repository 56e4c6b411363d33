"""What happens at one time step, from the input at the bottom upwards."""

import dataclasses

from rnnzoo.diagnostics.drawing.description import Part
from rnnzoo.diagnostics.drawing.scene import HEIGHT, HEIGHTS, needed

# Between two boxes; more where lines for all steps pass.
_SPACE = 0.36
_WIDE_SPACE = 0.8
# Half of how far the boxes of two directions stand apart.
SHIFT = 0.32
# Between them where they stand side by side.
PAIR = 0.16
# How far the arrow of a folded recurrence goes to the side, and that with its
# name.
LOOP = 0.5
BESIDE = LOOP + 0.4
# Between the boxes of two directions, one above the other.
DIRECTIONS = 0.2


@dataclasses.dataclass(frozen=True)
class Row:
    """One box of every column of a side."""

    kind: str
    y: float
    part: Part | None = None
    number: int = 0  # of the part


def rows(side, looked_at=0.0, context=False, joined=True, abreast=False):
    """The rows of a side, the lowest first.

    Args:
        side: a `Side`.
        looked_at: float. A height that attention must not be below.
        context: bool. Whether something is added to all inputs.
        joined: bool. Whether the outputs of the highest layer's directions
            are joined.
        abreast: bool. Whether the two directions stand side by side.
    """
    found = [Row("input", 0.0)]

    def put(kind, part=None, number=0, space=_SPACE, least=0.0):
        below = found[-1]
        edge = below.y + HEIGHTS.get(below.kind, HEIGHT) / 2
        if below.kind == "attention":
            space = _WIDE_SPACE
        height = HEIGHTS.get(kind, HEIGHT)
        y = max(edge + space + height / 2, least)
        found.append(Row(kind, y, part, number))

    for number, part in enumerate(side.parts):
        if context and part.kind == "recurrent":
            put("plus")
            context = False
        if part.norm:
            put("norm", part, number)
        if part.bidirectional:
            put("forward", part, number)
            if abreast:
                found.append(Row("backward", found[-1].y, part, number))
            else:
                put("backward", part, number, space=DIRECTIONS)
            if joined or part is not side.parts[-1] or part.skip:
                put("join", part, number, space=0.26)
        else:
            least = looked_at if part.kind == "attention" else 0.0
            kind = "forward" if part.kind == "recurrent" else part.kind
            put(kind, part, number, least=least)
        if part.skip:
            put("plus", part, number, space=0.26)
    if side.answers:
        put("output")
    return found


def widest(side, details=False):
    """The width of the boxes of a side."""
    sizes = [
        needed(part.label, part.detail if details else "")
        for part in side.parts
        if not part.bidirectional
    ]
    if side.both_ways:
        width = pair_width(side, details)
        sizes.append(2 * width + PAIR if details else width + 2 * SHIFT)
    return max(sizes, default=1.0)


def pair_width(side, details=False):
    """The width of the boxes of one direction, where there are two."""
    return max(
        needed(f"→ {part.label}", part.detail if details else "")
        for part in side.parts
        if part.bidirectional
    )


class Column:
    """The nodes of one time step of a side, linked upwards.

    Args:
        scene: a `Scene`, which gets them.
        side: a `Side`.
        rows: what `rows` returned.
        x: float. Their middle.
        step: str. The name of the time step.
        texts: (what the input is called, what the output is called).
        only: names of the kinds of rows that there are; None: all.
        folded: bool. Whether boxes hold the details of their parts, and the
            two directions stand side by side.
    """

    def __init__(
        self,
        scene,
        side,
        rows,
        x,
        step,
        texts,
        only=None,
        folded=False,
    ):
        self.scene, self.side, self.x = scene, side, x
        self.nodes = {}
        self.width = widest(side, folded)
        self._prefix = f"{side.name}/" if side.name else ""
        self._folded = folded
        self._step = step
        below, branch = None, None
        for row in rows:
            if only is not None and row.kind not in only:
                continue
            node = self._node(row, texts)
            self.nodes[row.number, row.kind] = node
            if self._begins(row, rows):
                branch = below
            if row.kind == "backward":
                forward = self.nodes[row.number, "forward"]
                self._up_to_backward(below, node)
                below = (forward, node)
                continue
            if row.kind == "plus" and row.part is not None:
                self._shortcut(branch, node)
            if row.kind == "forward" and row.part.bidirectional:
                if below is not None:
                    scene.up(below, node, x=node.x if folded else below.x)
                continue
            if isinstance(below, tuple):
                self._join(below, node)
            elif below is not None:
                scene.up(below, node)
            below = node
        self.tops = below if isinstance(below, tuple) else (below,)

    @property
    def input(self):
        return self.nodes[0, "input"]

    @property
    def output(self):
        return self.nodes[0, "output"]

    @property
    def first(self):
        """The lowest node that is no input."""
        return list(self.nodes.values())[1]

    @property
    def has_shortcut(self):
        return any(part.skip for part in self.side.parts)

    def first_of(self, *kinds):
        """The lowest node of some kinds."""
        return next(
            node for (_, kind), node in self.nodes.items() if kind in kinds
        )

    def _begins(self, row, rows):
        """Whether a shortcut around the row's part begins below it."""
        if row.part is None or not row.part.skip:
            return False
        first = next(r for r in rows if r.number == row.number and r.part)
        return row is first

    def _node(self, row, texts):
        part, kind = row.part, row.kind
        name = f"{self._prefix}{kind}"
        if part is not None:
            name = f"{self._prefix}{row.number} {part.label} {kind}"
        name = f"{name}/{self._step}"
        x, width, text, detail = self.x, None, "", ""
        if kind in ("input", "output"):
            text = texts[kind == "output"]
        elif kind == "norm":
            text, width = "norm", self.width
        elif part is not None and kind not in ("join", "plus"):
            text, width = part.label, self.width
            detail = part.detail if self._folded else ""
            if part.bidirectional:
                arrow = {"forward": "→", "backward": "←"}[kind]
                text, width = (
                    f"{arrow} {part.label}",
                    pair_width(self.side, self._folded),
                )
                apart = (width + PAIR) / 2 if self._folded else SHIFT
                x += apart if kind == "backward" else -apart
        kind = part.kind if kind == "embedding" and part else kind
        return self.scene.add(
            name, kind, x, row.y, text, width=width, detail=detail
        )

    def _up_to_backward(self, below, node):
        if below is None:
            return
        x = node.x if self._folded else node.right - 0.24
        # Past the box of the other direction.
        self.scene.up(below, node, x=x)

    def _join(self, pair, node):
        forward, backward = pair
        if self._folded:
            for one in pair:
                self.scene.up(one, node)
            return
        x = forward.left + 0.24
        points = [(x, forward.top), (x, node.y), (node.left, node.y)]
        self.scene.link(forward, node, "up", points)
        self.scene.up(backward, node, start=node.x)

    def _shortcut(self, branch, plus):
        x = self.x - self.width / 2 - 0.17
        if self._folded and self.side.both_ways:
            x -= BESIDE
        turn = branch.top + 0.12
        points = [
            (branch.x, turn),
            (x, turn),
            (x, plus.y),
            (plus.left, plus.y),
        ]
        self.scene.link(branch, plus, "skip", points)
