"""The drawing of a recurrent network, folded or unrolled."""

import collections

from rnnzoo.cells.checks import positive_integer
from rnnzoo.diagnostics.diagnosis import Diagnosis
from rnnzoo.diagnostics.drawing.describe import describe
from rnnzoo.diagnostics.drawing.folded import folded
from rnnzoo.diagnostics.drawing.paint import paint
from rnnzoo.diagnostics.drawing.unrolled import unrolled as unroll


def draw(model, batch=None, *, unrolled=True, steps=None):
    """Draws a model as textbooks do: layers upwards, time to the right.

    Unrolled, there is a column for each time step, and dots stand for those
    that are left out; folded, there is one column, and arrows with a black
    mark lead back into the boxes that they leave, one step later. Dashed grey
    arrows are what a decoder reads of what it wrote itself; in training, it
    reads the right tokens instead.

    As of Goodfellow, Bengio and Courville 2016, "Deep Learning", chapter 10,
    https://www.deeplearningbook.org/contents/rnn.html; the five topologies as
    of https://karpathy.github.io/2015/05/21/rnn-effectiveness/

    Args:
        model: any of the five topologies, with any options; or a built
            `keras.Model` that is one layer after the other, such as
            `rnnzoo.layers.Recurrent` or `keras.layers.LSTM` and others.
        batch: not needed; diagnostics take one.
        unrolled: bool. Whether it is drawn over time.
        steps: int. How many time steps of each sequence are drawn, 2 or more;
            None: 4, and 3 where there are two sequences.

    Returns:
        A `Diagnosis`. Its numbers:

        * `"topology"`: str;
        * `"layers"`: int, the recurrent ones; `"recurrences"`: the same, each
          direction counted; `"weights"`: int, of all parts;
        * `"parts"`: list of dicts with `"kind"`, `"label"`, `"detail"` and
          `"weights"`, in the order of the data;
        * `"boxes"`, `"arrows"`: dicts from a kind to how many are drawn;
        * `"edges"`: list of (from, to, kind), by the names of the boxes.

    Raises:
        ValueError: a model that is neither; fewer than 2 steps.

    Example:

    ```python
    from rnnzoo.diagnostics.draw import draw

    model = rnnzoo.build("many_to_one", cell="lstm", num_layers=2)
    figure, numbers = draw(model, steps=3)
    figure.savefig("many_to_one.png", dpi=150)
    assert numbers["boxes"]["forward"] == 6   # two layers, three steps
    ```
    """
    if steps is not None and positive_integer("steps", steps) < 2:
        raise ValueError(
            f"A drawing over time has 2 steps or more. Received: steps={steps}."
            " Pass unrolled=False for one column."
        )
    description = describe(model)
    scene = unroll(description, steps) if unrolled else folded(description)
    title = f"{description.topology}, {description.weights:,} weights"
    numbers = {
        "topology": description.topology,
        "layers": description.layers,
        "recurrences": description.recurrences,
        "weights": description.weights,
        "parts": [
            {
                "kind": part.kind,
                "label": part.label,
                "detail": part.detail,
                "weights": part.weights,
            }
            for part in description.parts
        ],
        "boxes": _count(node.kind for node in scene.nodes.values()),
        "arrows": _count(edge.kind for edge in scene.edges),
        "edges": [(e.source, e.target, e.kind) for e in scene.edges],
    }
    return Diagnosis(paint(scene, title), numbers)


def _count(kinds):
    return dict(sorted(collections.Counter(kinds).items()))
