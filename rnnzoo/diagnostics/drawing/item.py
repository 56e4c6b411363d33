"""The single input of a network, and what reads it."""

from rnnzoo.diagnostics.drawing.labels import label_part
from rnnzoo.diagnostics.drawing.scene import HEIGHT, needed

_SPACE = 0.36


class Item:
    """One column without time; it has the places of a `Strip`.

    Args:
        scene: a `Scene`, which gets it.
        parts: tuple of Part, the lowest first; the last is the summary.
        folded: bool. Whether boxes hold the details of their parts.
    """

    def __init__(self, scene, parts, folded=False):
        self.scene, self.parts, self.folded = scene, parts, folded
        width = max(
            needed(part.label, part.detail if folded else "") for part in parts
        )
        self.left, self.right = 0.0, width
        x = width / 2
        self.nodes = [scene.add("item", "input", x, 0.0, "$x$")]
        for part in parts:
            below = self.nodes[-1]
            node = scene.add(
                part.label,
                part.kind,
                x,
                below.top + _SPACE + HEIGHT / 2,
                part.label,
                width,
                detail=part.detail if folded else "",
            )
            scene.up(below, node)
            self.nodes.append(node)
        self.top = self.nodes[-1].top

    @property
    def ends(self):
        """The summary."""
        return self.nodes[-1:]

    def memory(self, y):
        """The node that attention looks at; it stays where it is."""
        return self.nodes[-2]

    def label(self, x, align):
        for part, node in zip(self.parts, self.nodes[1:], strict=True):
            label_part(self.scene, part, x, node.y, align, not self.folded)
