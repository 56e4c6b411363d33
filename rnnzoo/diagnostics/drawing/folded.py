"""A network with one box for each layer, and arrows that lead back."""

from rnnzoo.diagnostics.drawing.fold import Fold
from rnnzoo.diagnostics.drawing.item import Item
from rnnzoo.diagnostics.drawing.labels import label_part
from rnnzoo.diagnostics.drawing.scene import HEIGHT, HEIGHTS, Scene, needed

_SPACE = 0.36
# Between the boxes of two sides; the bridge stands there.
_APART = 1.5
_MARGIN = 0.35


def folded(description):
    """Lays a network out without time.

    Args:
        description: a `Description`.

    Returns:
        A `Scene`, in which edges to the next step have a mark.
    """
    scene = Scene()
    if description.item:
        source = Item(scene, description.item, folded=True)
    if description.reader is not None:
        source = Fold(
            scene,
            description.reader,
            0.0,
            joined=description.every_step_counts,
        )
    source.label(source.left - _MARGIN, "right")
    right = source.right
    if description.writer is not None:
        right = _writer(scene, description, source)
    if description.head is not None:
        _only_output(scene, description, source)
    if description.ending is not None:
        _ENDINGS[description.ending.label](scene, description.ending, source)
    if any(edge.delay for edge in scene.edges):
        _legend(scene, description, source, right)
    return scene


def _legend(scene, description, source, right):
    low = min(node.bottom for node in scene.nodes.values())
    x = (source.left + right) / 2
    if description.writer is None:
        x = source.column.x
    words = "■  one step later"
    if description.carried:
        words += "\nstates go on from batch to batch"
    scene.note(x, low - 0.6, words)


# === One output ===


def _only_output(scene, description, fold):
    x, head = fold.column.x, description.head
    if description.pooling is not None:
        below = _bar(scene, description.pooling, fold, fold.ends)
    else:
        (below,) = fold.ends
        if description.reader.length != 1:
            y = below.top + _SPACE / 2
            scene.note(x + 0.12, y, "last step", "left")
    y = below.top + _SPACE + HEIGHT / 2
    node = scene.add("head", "head", x, y, head.label, detail=head.detail)
    scene.up(below, node)
    label_part(scene, head, fold.left - _MARGIN, y, "right", details=False)
    y = node.top + _SPACE + HEIGHTS["output"] / 2
    scene.up(node, scene.add("output", "output", x, y, "$y$"))


def _bar(scene, part, fold, below):
    """A box above, of all steps."""
    y = max(node.top for node in below) + _SPACE + HEIGHTS["bar"] / 2
    width = max(needed(part.label), fold.column.width)
    node = scene.add(
        part.kind,
        part.kind,
        fold.column.x,
        y,
        part.label,
        width,
        height=HEIGHTS["bar"],
    )
    for one in below:
        scene.up(one, node, x=one.x)
    label_part(scene, part, fold.left - _MARGIN, y, "right", details=False)
    return node


def _crf(scene, part, fold):
    """A label is linked to its neighbours, and not from left to right."""
    node = fold.column.output
    x, high, low = node.right + 0.4, node.y + 0.15, node.y - 0.15
    points = [(node.right, high), (x, high), (x, low), (node.right, low)]
    points[0] = points[0][0] - 0.04, high
    points[-1] = points[-1][0] - 0.04, low
    scene.link(node, node, "crf", points, arrow=False)
    scene.note(x + 0.15, node.y, f"{part.label}: {part.detail}", "left")


def _ctc(scene, part, fold):
    bar = _bar(scene, part, fold, [fold.column.output])
    scene.note(bar.right + 0.15, bar.y, part.detail, "left")
    y = bar.top + _SPACE + HEIGHTS["output"] / 2
    scene.up(bar, scene.add("label", "output", bar.x, y, "$y_u$"))


_ENDINGS = {"CRF": _crf, "CTC": _ctc}


# === Two sides ===


def _writer(scene, description, source):
    """What writes, right of the source; where it ends is returned."""
    attends, condition = description.attends, description.condition
    apart = _APART
    if condition != "initial_state":
        bridge = description.bridge
        apart += needed(bridge.label, bridge.detail) - 0.7
    fold = Fold(
        scene,
        description.writer,
        source.right + apart,
        context=condition == "every_step",
        looked_at=source.top + 0.8 if attends else 0.0,
    )
    if description.bridge is None:
        _hand_over(scene, source, fold)
    else:
        _BRIDGES[condition](scene, description.bridge, source, fold)
    if attends:
        _attend(scene, source, fold)
    right = fold.right
    if description.input_feeding:
        right = _feed_in(scene, fold, right + 0.15)
    if description.feedback:
        right = _feed_back(scene, fold, right + 0.2)
    fold.label(right + _MARGIN, "left")
    return right


def _over(scene, source, target, label):
    """From the tops of the source, over it, down to a node."""
    ends, level = source.ends, source.top + 0.3
    for number, end in enumerate(ends):
        x = end.x + (0.15 if len(ends) == 1 else 0.0)
        points = [(x, end.top), (x, level), (target.x, level)]
        points.append((target.x, target.top))
        last = number == len(ends) - 1
        scene.link(end, target, "bridge", points, label=label if last else "")


def _to_states(scene, part, source, fold):
    nodes = [node for _, _, node in fold.recurrences()]
    low, high = nodes[0].bottom, nodes[-1].top
    height = max(high - low, needed(part.label))
    x = fold.left - _APART / 2 + 0.2
    y = (low + high) / 2
    node = scene.add(
        "bridge",
        "bridge",
        x,
        y,
        part.label,
        0.42,
        height=height,
        turned=True,
    )
    label = "" if isinstance(source, Item) else "last step"
    if source.top + 0.3 <= node.top:
        _aside(scene, source, node)
    else:
        _over(scene, source, node, label)
    for target in nodes:
        points = [(node.right, target.y), (target.left, target.y)]
        scene.link(node, target, "bridge", points, label="$h_0$")


def _aside(scene, source, target):
    """From the right of an item to the left of a node."""
    (end,) = source.ends
    points = [(end.right, end.y), (target.left, end.y)]
    if not target.bottom < end.y < target.top:
        turn = target.left - 0.24
        points[1:] = [(turn, end.y), (turn, target.y), (target.left, target.y)]
    scene.link(end, target, "bridge", points)


def _beside(scene, part, fold, y):
    """A box for the bridge left of the writer."""
    width = needed(part.label, part.detail)
    return scene.add(
        "bridge",
        "bridge",
        fold.left - 0.5 - width / 2,
        y,
        part.label,
        width,
        detail=part.detail,
    )


def _enter(scene, source, node):
    if isinstance(source, Item):
        _aside(scene, source, node)
    else:
        _over(scene, source, node, "last step")


def _to_first_input(scene, part, source, fold):
    node = _beside(scene, part, fold, fold.column.first.y)
    _enter(scene, source, node)
    target = fold.column.first_of("norm", "forward")
    x, y = target.left + 0.25, target.bottom
    points = [(node.right, node.y), (fold.left - 0.2, node.y)]
    points += [(fold.left - 0.2, y - 0.2), (x, y - 0.2), (x, y)]
    scene.link(node, target, "bridge", points)


def _to_every_step(scene, part, source, fold):
    plus = fold.column.nodes[0, "plus"]
    node = _beside(scene, part, fold, plus.y)
    _enter(scene, source, node)
    points = [(node.right, plus.y), (plus.left, plus.y)]
    scene.link(node, plus, "bridge", points)


_BRIDGES = {
    "initial_state": _to_states,
    "first_input": _to_first_input,
    "every_step": _to_every_step,
}


def _hand_over(scene, source, fold):
    ends = {layer: node for layer, _, node in source.recurrences()}
    for layer, _, node in fold.recurrences():
        end = ends[layer]
        low = node.y - 0.15
        points = [(end.right, end.y), (node.left, end.y)]
        x, over = end.x + 0.15, end.top + 0.18
        points = [(x, end.top), (x, over), (fold.left - 0.4, over)]
        points += [(fold.left - 0.4, low), (node.left, low)]
        scene.link(end, node, "bridge", points, label="last step")


def _attend(scene, source, fold):
    looks = fold.column.first_of("attention")
    y = looks.y
    if isinstance(source, Item):
        memory = source.memory(y)
        turn = source.right + 0.3
        points = [(memory.right, memory.y), (turn, memory.y), (turn, y)]
        label = "all regions"
    else:
        memory = source.ends[0]
        x = memory.x - 0.15 * (memory.kind != "join")
        points, label = [(x, memory.top), (x, y)], "all steps"
    points.append((looks.left, y))
    scene.link(memory, looks, "attend", points, label=label)


def _feed_in(scene, fold, x):
    looked = fold.column.first_of("attention")
    target = fold.column.first_of("norm", "forward")
    into, y = target.right - 0.25, target.bottom - 0.18
    points = [(looked.right, looked.y), (x, looked.y), (x, y), (into, y)]
    points.append((into, target.bottom))
    delay = (x, (looked.y + y) / 2)
    scene.link(looked, target, "feed", points, delay=delay)
    return x


def _feed_back(scene, fold, x):
    output, into = fold.column.output, fold.column.input
    points = [
        (output.right, output.y),
        (x, output.y),
        (x, into.y),
        (into.right, into.y),
    ]
    delay = (x, (output.y + into.y) / 2)
    scene.link(output, into, "feed", points, delay=delay)
    return x
