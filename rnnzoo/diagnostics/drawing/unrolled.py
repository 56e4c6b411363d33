"""A network with a column for each time step."""

from rnnzoo.diagnostics.drawing import across, outputs
from rnnzoo.diagnostics.drawing.item import Item
from rnnzoo.diagnostics.drawing.scene import Scene, needed
from rnnzoo.diagnostics.drawing.strip import Strip

# Between two sides of a network; the bridge stands there.
_APART = 1.9
# From the boxes to what is written beside them.
_MARGIN = 0.45


def unrolled(description, steps=None):
    """Lays a network out over time.

    Args:
        description: a `Description`.
        steps: int. How many time steps of each sequence are drawn, 2 or more;
            None: 4, and 3 where there are two sequences.

    Returns:
        A `Scene`.
    """
    if steps is None:
        steps = 4 if len(description.sides) == 1 else 3
    scene, source = Scene(), None
    if description.item:
        source = Item(scene, description.item)
    if description.reader is not None:
        source = _reader(scene, description, steps)
    source.label(source.left - _MARGIN, "right")
    if description.writer is not None:
        _writer(scene, description, source, steps)
    if description.head is not None:
        outputs.only(scene, description, source)
    if description.ending is not None:
        outputs.ENDINGS[description.ending.label](
            scene, description.ending, source
        )
    return scene


def _reader(scene, description, steps):
    """The strip of what reads a sequence."""
    strip = Strip(
        scene,
        description.reader,
        0.0,
        steps,
        joined=description.every_step_counts,
    )
    if description.carried or description.topology == "one_to_one":
        across.carry(scene, strip, description.carried)
    return strip


def _writer(scene, description, source, steps):
    """The strip of what writes a sequence, and what leads to it."""
    before, apart = (), _APART
    if description.condition == "first_input":
        before = ("forward", "plus", "norm")
    if description.condition == "every_step":
        apart += needed(description.bridge.label) - 1
    strip = Strip(
        scene,
        description.writer,
        source.right + apart,
        steps,
        before=before,
        context=description.condition == "every_step",
        looked_at=source.top if description.attends else 0.0,
    )
    strip.label(strip.right + _MARGIN, "left")
    if description.attends:
        across.attend(scene, source, strip)
    if description.bridge is None:
        across.hand_over(scene, source, strip)
    else:
        across.BRIDGES[description.condition](
            scene, description.bridge, source, strip
        )
    if description.feedback:
        across.feed_back(scene, strip)
    if description.input_feeding:
        across.feed_in(scene, strip)
