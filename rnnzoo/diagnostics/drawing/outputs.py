"""What makes one output of many steps, or decides about all of them."""

from rnnzoo.diagnostics.drawing.labels import label_part
from rnnzoo.diagnostics.drawing.scene import HEIGHT, HEIGHTS, needed

_SPACE = 0.36
# From the boxes to what is written beside them.
_MARGIN = 0.45


def only(scene, description, strip):
    """The only output: a head above the last step, or above all of them.

    Args:
        scene: a `Scene`.
        description: a `Description` with a head.
        strip: the `Strip` below.
    """
    below = strip.ends[0]
    if description.pooling is not None:
        below = _pool(scene, description.pooling, strip)
    y = below.top + _SPACE + HEIGHT / 2
    head = description.head
    node = scene.add("head", "head", below.x, y, head.label)
    scene.up(below, node)
    label_part(scene, head, strip.left - _MARGIN, y, "right")
    y = node.top + _SPACE + HEIGHTS["output"] / 2
    scene.up(node, scene.add("output", "output", below.x, y, "$y$"))


def _pool(scene, pooling, strip):
    """A bar above all steps, or above where each direction ends."""
    node = _bar(scene, "pooling", pooling, strip, strip.top)
    label_part(scene, pooling, strip.left - _MARGIN, node.y, "right")
    if not pooling.label.startswith("last"):
        for column in strip.columns:
            for top in column.tops:
                scene.up(top, node, x=top.x)
        return node
    forward, backward = strip.ends
    x = forward.x
    if forward.kind == "forward":
        # Past the box of the other direction.
        x = forward.left + 0.26
    points = [(x, forward.top), (x, node.bottom)]
    scene.link(forward, node, "up", points)
    scene.up(backward, node, x=backward.x)
    return node


def _bar(scene, name, part, strip, above):
    width = max(strip.right - strip.left, needed(part.label))
    height = HEIGHTS["bar"]
    return scene.add(
        name,
        part.kind,
        (strip.left + strip.right) / 2,
        above + _SPACE + height / 2,
        part.label,
        width,
        height=height,
    )


def _crf(scene, part, strip):
    """Neighbouring labels are linked, and not from left to right."""
    nodes = [column.output for column in strip.columns]
    for number, (a, b) in enumerate(zip(nodes, nodes[1:], strict=False)):
        broken = strip.broken and number == len(nodes) - 2
        middle = (a.right + b.left) / 2
        scene.link(
            a,
            b,
            "crf",
            [(a.right, a.y), (b.left, b.y)],
            arrow=False,
            gap=(middle - 0.2, middle + 0.2) if broken else None,
        )
    label_part(scene, part, strip.left - _MARGIN, nodes[0].y, "right")


def _ctc(scene, part, strip):
    """Fewer labels than there are steps, at no step in particular."""
    bar = _bar(scene, "ending", part, strip, strip.top)
    label_part(scene, part, strip.left - _MARGIN, bar.y, "right")
    for column in strip.columns:
        scene.up(column.output, bar, x=column.x)
    y = bar.top + _SPACE + HEIGHTS["output"] / 2
    names = ["1", "2", "U"]
    pitch = (strip.right - strip.left) / (len(names) + 1)
    for number, name in enumerate(names, start=1):
        x = strip.left + number * pitch
        node = scene.add(f"label/{name}", "output", x, y, f"$y_{name}$")
        scene.link(bar, node, "up", [(x, bar.top), (x, node.bottom)])
    scene.note(strip.left + 2.5 * pitch, y, "⋯")


ENDINGS = {"CRF": _crf, "CTC": _ctc}
