"""Which gates of a network are stuck open or shut."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from rnnzoo.diagnostics.diagnosis import Diagnosis
from rnnzoo.diagnostics.observation import end_with_targets, observe
from rnnzoo.diagnostics.step_losses import unpacked

# Where a gate counts as shut, and as open.
SHUT, OPEN = 0.1, 0.9


def gates(model, batch):
    """Draws how often the gates of each unit are shut and open.

    A point is a unit: to the right, the share of steps at which its gate is
    below 0.1, and upwards, the share at which it is above 0.9, after Karpathy,
    Johnson and Fei-Fei 2015, https://arxiv.org/abs/1506.02078. A unit in the
    upper left corner is always open, one in the lower right always shut, and
    one on the diagonal is never in between: it switches. A gate that is stuck
    passes hardly any gradient to what it reads.

    The gates are those that a cell shows, see `rnnzoo.Cell.show`, under the
    letters of its equations. Exponential gates, the i of xLSTM's cells, have
    no end to be stuck at and are not shown, nor are those of Keras's cells.
    Padding does not count, and dropout is off.

    Args:
        model: a Keras model with `rnnzoo.layers.Recurrent` inside.
        batch: `(x, ...)`, as the model is trained on.

    Returns:
        `Diagnosis`. Its numbers, for each gate by the path of its layer and
        its letter, are

        * `"shut/..."` and `"open/..."`: the two shares of each unit,
          `(units,)`;
        * `"saturated/..."`: the share of all values below 0.1 or above 0.9;
        * `"mean/..."`: the mean of all values.

    Raises:
        ValueError: no cell of the model has gates to show; what the model
            would not be trained on.

    Example:

    ```python
    from rnnzoo.diagnostics.gates import gates

    model = rnnzoo.build("synced", input_dim=3, cell="gru", units=8)
    figure, numbers = gates(model, (np.ones((2, 5, 3), "float32"), None))
    figure.savefig("gates.png")
    path = "encoder/stack/block_0/forward"
    assert numbers[f"open/{path}/z"].shape == (8,)
    assert 0 < numbers[f"mean/{path}/r"] < 1
    ```
    """
    values = gate_values(model, batch)
    numbers = {}
    for path, letters in values.items():
        for letter, value in letters.items():
            shut, is_open = value < SHUT, value > OPEN
            numbers[f"shut/{path}/{letter}"] = shut.mean(axis=0)
            numbers[f"open/{path}/{letter}"] = is_open.mean(axis=0)
            numbers[f"saturated/{path}/{letter}"] = float(
                np.mean(shut | is_open)
            )
            numbers[f"mean/{path}/{letter}"] = float(np.mean(value))
    return Diagnosis(_draw(values, numbers), numbers)


def gate_values(model, batch):
    """The gates themselves, at all steps that count.

    Args, Raises: as of `gates`.

    Returns:
        dict from the path of a layer to a dict from letter to an array
        `(steps of all rows, units)`.
    """
    x, _, _ = unpacked(model, batch)
    with observe(model) as seen:
        model(x, training=False)
    end_with_targets(seen, model, x)
    found = {}
    for path, steps in seen.items():
        for letter in steps.gates[0]:
            values = [shown[letter] for shown in steps.gates]
            found.setdefault(path, {})[letter] = steps.counted(values)
    if not found:
        cells = {type(steps.layer.cell).__name__ for steps in seen.values()}
        raise ValueError(
            "There are no gates to look at. Received: a model with the cells "
            f"{', '.join(sorted(cells))}, which show none. Choose a gated cell "
            "such as 'lstm'; in a cell of your own, call "
            "`self.show(f=f)` with its gates."
        )
    return found


def _draw(values, numbers):
    columns = max(len(letters) for letters in values.values())
    figure = Figure(
        figsize=(max(2.4 * columns + 0.4, 4.0), 2.7 * len(values) + 0.3),
        layout="constrained",
    )
    FigureCanvasAgg(figure)
    # A row for each layer, under its name.
    rows = np.atleast_1d(figure.subfigures(len(values), 1))
    for row, (path, letters) in zip(rows, values.items(), strict=True):
        row.suptitle(path, fontsize=10)
        axes = row.subplots(1, columns, squeeze=False)[0]
        for axis in axes[len(letters) :]:
            axis.set_axis_off()
        for axis, letter in zip(axes, letters, strict=False):
            axis.plot([0, 1], [1, 0], color="0.8", linewidth=1)
            axis.scatter(
                numbers[f"shut/{path}/{letter}"],
                numbers[f"open/{path}/{letter}"],
                s=16,
                alpha=0.5,
                # Points at the ends stand there whole.
                clip_on=False,
            )
            saturated = numbers[f"saturated/{path}/{letter}"]
            axis.set_title(f"{letter}: {saturated:.0%} saturated", fontsize=9)
            axis.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
            axis.set_xlabel(f"share below {SHUT}", fontsize=8)
            axis.set_ylabel(f"share above {OPEN}", fontsize=8)
            axis.tick_params(labelsize=8)
    return figure
