"""Where boxes and arrows are, of all models whose drawings differ."""

import itertools

import pytest

from rnnzoo.diagnostics.drawing.describe import describe
from rnnzoo.diagnostics.drawing.folded import folded
from rnnzoo.diagnostics.drawing.unrolled import unrolled
from tests.diagnostics.drawing.models import MODELS, model, sequential

RENDERERS = {"folded": folded, "unrolled": unrolled}


@pytest.fixture(params=[*MODELS, "sequential"])
def described(request):
    name = request.param
    return describe(sequential() if name == "sequential" else model(name))


def inside(point, node, margin=0.02):
    x, y = point
    return (
        node.left + margin < x < node.right - margin
        and node.bottom + margin < y < node.top - margin
    )


@pytest.mark.parametrize("renderer", RENDERERS)
def test_boxes_do_not_overlap(described, renderer):
    nodes = RENDERERS[renderer](described).nodes.values()
    for a, b in itertools.combinations(nodes, 2):
        apart = (
            a.right <= b.left
            or b.right <= a.left
            or a.top <= b.bottom
            or b.top <= a.bottom
        )
        assert apart, (a, b)


@pytest.mark.parametrize("renderer", RENDERERS)
def test_arrows_begin_and_end_at_their_boxes(described, renderer):
    scene = RENDERERS[renderer](described)
    for edge in scene.edges:
        for name, (x, y) in (
            (edge.source, edge.points[0]),
            (edge.target, edge.points[-1]),
        ):
            node = scene.nodes[name]
            out = max(node.left - x, x - node.right, 0.0)
            out = max(out, node.bottom - y, y - node.top)
            # A shortcut leaves the arrow above a box, and lines of labels
            # end inside a circle.
            assert out < 0.13, edge


@pytest.mark.parametrize("renderer", RENDERERS)
def test_arrows_turn_outside_of_boxes(described, renderer):
    scene = RENDERERS[renderer](described)
    for edge in scene.edges:
        for corner in edge.points[1:-1]:
            hidden = [n for n in scene.nodes.values() if inside(corner, n)]
            assert not hidden, (edge, hidden)


@pytest.mark.parametrize("renderer", RENDERERS)
def test_labels_do_not_lie_on_boxes(described, renderer):
    scene = RENDERERS[renderer](described)
    for note in scene.notes:
        hidden = [
            node
            for node in scene.nodes.values()
            if inside((note.x, note.y), node)
        ]
        assert not hidden, (note, hidden)
