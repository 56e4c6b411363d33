"""What leads from one side of a network to the other, and back to its start.

All functions take a `Scene` and one or two `Strip`; an `Item` may stand for
the first.
"""

from rnnzoo.diagnostics.drawing.scene import needed

_TURN = 0.24


def _over(scene, source, target):
    """From the ends of the source to the left of a node.

    The end of what reads backwards is at the left, and its way leads over all
    boxes.
    """
    end = source.ends[0]
    y = target.y
    if target.bottom < end.y < target.top:
        y = end.y
    points = [(end.right, end.y), (target.left, y)]
    if y != end.y:
        turn = target.left - _TURN
        points[1:1] = [(turn, end.y), (turn, y)]
    scene.link(end, target, "bridge", points)
    for end in source.ends[1:]:
        left, level = source.left - 0.2, source.ceiling + 0.22
        points = [(end.left, end.y), (left, end.y), (left, level)]
        if target.turned:
            points += [(target.x, level), (target.x, target.top)]
        else:
            turn, y = target.left - _TURN / 2, target.y + 0.14
            points += [(turn, level), (turn, y), (target.left, y)]
        scene.link(end, target, "bridge", points)


def to_states(scene, part, source, strip):
    """A bridge that sets the states before the first step."""
    nodes = [nodes[0] for _, row, nodes in strip.recurrences()]
    low, high = nodes[0].bottom, nodes[-1].top
    node = scene.add(
        "bridge",
        "bridge",
        (source.right + strip.left) / 2 + 0.1,
        (low + high) / 2,
        part.label,
        0.42,
        height=max(high - low, needed(part.label)),
        turned=True,
    )
    _over(scene, source, node)
    for target in nodes:
        points = [(node.right, target.y), (target.left, target.y)]
        scene.link(node, target, "bridge", points)


def to_first_input(scene, part, source, strip):
    """What was read, as an input before the first token."""
    above = strip.before.first_of("forward", "norm")
    node = scene.add(
        "bridge",
        "bridge",
        strip.before.x,
        strip.first.first.y,
        part.label,
        max(strip.before.width, needed(part.label)),
    )
    _over(scene, source, node)
    scene.up(node, above)


def to_every_step(scene, part, source, strip):
    """What was read, added to all inputs."""
    pluses = [column.nodes[0, "plus"] for column in strip.columns]
    width = needed(part.label)
    node = scene.add(
        "bridge",
        "bridge",
        strip.left - 0.25 - width / 2,
        pluses[0].y,
        part.label,
        width,
    )
    _over(scene, source, node)
    for plus in pluses:
        points = [(node.right, plus.y), (plus.left, plus.y)]
        scene.link(node, plus, "bridge", points)


BRIDGES = {
    "initial_state": to_states,
    "first_input": to_first_input,
    "every_step": to_every_step,
}


def hand_over(scene, source, strip):
    """The states at the end of the source are where all steps begin."""
    before = {layer: nodes[-1] for layer, _, nodes in source.recurrences()}
    for layer, _, nodes in strip.recurrences():
        end = before[layer]
        for node in nodes:
            y, x = node.top + 0.18, node.left + 0.22
            turn = source.right + 0.4
            points = [(end.right, end.y), (turn, end.y), (turn, y)]
            points += [(x, y), (x, node.top)]
            scene.link(end, node, "bridge", points)


def attend(scene, source, strip):
    """A line from the memory to the attention of every step."""
    nodes = [
        node
        for column in strip.columns
        for (_, kind), node in column.nodes.items()
        if kind == "attention"
    ]
    y = nodes[0].top + 0.4
    memory = source.memory(y)
    start = [(memory.right, memory.y)]
    if abs(memory.y - y) > 1e-6:
        turn = source.right + 0.25
        start += [(turn, memory.y), (turn, y)]
    for node in nodes:
        x = node.left + 0.22
        points = [*start, (x, y), (x, node.top)]
        scene.link(memory, node, "attend", points)


def feed_back(scene, strip):
    """What is written at a step is read at the next."""
    for a, b in strip.neighbours():
        x = b.x - b.width / 2 - 0.1 - 0.16 * b.has_shortcut
        points = [
            (a.output.right, a.output.y),
            (x, a.output.y),
            (x, b.input.y),
            (b.input.left, b.input.y),
        ]
        scene.link(a.output, b.input, "feed", points)


def feed_in(scene, strip):
    """What attention found at a step is read at the next."""
    for a, b in strip.neighbours():
        looked = a.first_of("attention")
        target = b.first_of("norm", "forward")
        x = b.x - b.width / 2 - 0.2 - 0.16 * b.has_shortcut
        into, y = target.left + 0.2, target.bottom - 0.16
        points = [(looked.right, looked.y), (x, looked.y), (x, y), (into, y)]
        scene.link(looked, target, "feed", [*points, (into, target.bottom)])


def carry(scene, strip, batches):
    """The states that come in and go out, where they can be carried."""
    side = 0.62
    for layer, _, nodes in strip.recurrences():
        level = f"^{{({layer})}}" if len(strip.side.recurrent) > 1 else ""
        y = nodes[0].y
        for text, node, sign in (
            ("0", nodes[0], -1),
            (strip.names[-1], nodes[-1], 1),
        ):
            edge = strip.left if sign < 0 else strip.right
            x = edge + sign * (0.45 + side / 2)
            state = scene.add(
                f"state {text}/{layer}",
                "state",
                x,
                y,
                f"$h{level}_{{{text}}}$",
                side,
                height=0.5,
            )
            if sign < 0:
                ends, pair = (state.right, node.left), (state, node)
            else:
                ends, pair = (node.right, state.left), (node, state)
            scene.link(*pair, "carry", [(x, y) for x in ends])
    low = strip.first.input.y - 0.1
    before, after = "state before", "state after"
    if batches:
        before, after = "from the batch\nbefore", "to the next\nbatch"
    scene.note(strip.left - 0.45 - side / 2, low, before)
    scene.note(strip.right + 0.45 + side / 2, low, after)
    strip.left -= 0.45 + side
    strip.right += 0.45 + side
