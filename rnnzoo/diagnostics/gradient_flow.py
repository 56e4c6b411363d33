"""How far back in time the gradient of a loss reaches."""

import numpy as np
import tensorflow as tf
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from rnnzoo.diagnostics.diagnosis import Diagnosis
from rnnzoo.diagnostics.observation import end_with_targets, observe
from rnnzoo.diagnostics.step_losses import step_losses, unpacked

# Of float32, below which numbers lose their digits.
_TINY = np.finfo("float32").tiny


def gradient_flow(model, batch):
    """Draws the gradient of the loss by the state, against the way back.

    With L the loss of a row at its last step, T the number of its steps and
    s_{t-1} all that step t is handed by the one before, the state of an LSTM
    being h and c,

        g_d = | dL / ds_{T-d} |         d = 1, 2, ..., T

    is drawn on a logarithmic axis, where it is straight when each step
    multiplies the gradient by the same factor. It vanishes below one and
    explodes above: Bengio, Simard and Frasconi 1994,
    https://doi.org/10.1109/72.279181; Pascanu, Mikolov and Bengio 2013,
    https://arxiv.org/abs/1211.5063

    Dropout is off, and padding left out. Steps are counted back from the last
    one of the layer itself: those of an encoder from the end of its source,
    and those of a backward layer from where the loss begins to depend on it.
    Gradients that come in from layers above count with the step at which they
    do. Where a head judges a whole sequence, L is that of the sequence.

    Args:
        model: a `rnnzoo.Model`, compiled or not; or a compiled Keras model
            with `rnnzoo.layers.Recurrent` inside. A dict from names to models
            draws them beside each other.
        batch: `(x, y)` or `(x, y, sample_weight)`, as the models are trained
            on. A dict from titles to such tuples draws a panel for each.

    Returns:
        `Diagnosis`. Its numbers, for each recurrent layer by its path, after
        the title and the name where there are several, are

        * `"norms/..."`: g_1, g_2, ..., the mean of all rows that are as long;
        * `"factor/..."`: by what a step back multiplies the gradient: e to
          the slope of log g_d over d. Left out where there are no two norms
          that are numbers above zero.

    Raises:
        ValueError: no recurrent layer, or no loss; what the model would not
            be trained on.

    Example:

    ```python
    from rnnzoo.diagnostics.gradient_flow import gradient_flow

    x, y = np.ones((4, 50, 3), "float32"), np.zeros(4, "int32")
    models = {
        cell: rnnzoo.build("many_to_one", input_dim=3, cell=cell, units=8)
        for cell in ("elman", "lstm")
    }
    figure, numbers = gradient_flow(models, (x, y))
    figure.savefig("gradient_flow.png")
    path = "elman/encoder/stack/block_0/forward"
    assert len(numbers[f"norms/{path}"]) == 50
    assert numbers[f"factor/{path}"] < 1
    ```
    """
    panels = batch if _are_panels(batch) else {"": batch}
    models = model if isinstance(model, dict) else {"": model}
    figure = Figure(
        figsize=(1.5 + 4.5 * len(panels), 4.2), layout="constrained"
    )
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(panels), squeeze=False, sharey=True)[0]
    numbers = {}
    for axis, (title, one) in zip(axes, panels.items(), strict=True):
        for name, network in models.items():
            norms = gradient_norms(network, one)
            for path, curve in norms.items():
                place = "/".join(filter(None, (title, name, path)))
                numbers[f"norms/{place}"] = curve
                by = factor(curve)
                if by is not None:
                    numbers[f"factor/{place}"] = by
                # The only layer of a model needs no other name.
                parts = (name, path if len(norms) > 1 or not name else "")
                _draw(axis, "/".join(filter(None, parts)), curve, by)
        axis.set(xlabel="steps back in time", title=title)
        axis.grid(alpha=0.3)
        if axis.lines:
            axis.legend(fontsize=8)
    axes[0].set_ylabel("norm of the gradient of the loss\nby the state")
    return Diagnosis(figure, numbers)


def gradient_norms(model, batch):
    """The norms alone: dict from the path of a layer to g_1, g_2, ..."""
    x, y, sample_weight = unpacked(model, batch)
    with (
        tf.GradientTape(watch_accessed_variables=False) as tape,
        observe(model, tape) as seen,
    ):
        outputs = model(x, training=False)
        losses = step_losses(model, x, y, sample_weight, outputs)
        loss = losses.last().sum_of_rows()
    end_with_targets(seen, model, x)
    seen = {name: s for name, s in seen.items() if s.states[0]}
    gradients = tape.gradient(
        loss,
        {name: steps.states for name, steps in seen.items()},
        unconnected_gradients="zero",
    )
    counts = np.asarray(losses.weights).sum(axis=1) > 0
    return {
        name: by_distance(gradients[name], steps, counts)
        for name, steps in seen.items()
    }


def by_distance(gradients, steps, counts):
    """`(steps,)`: means over the rows that count, the last step first.

    Args:
        gradients: for each step a list of `(batch, n)`.
        steps: `Steps`.
        counts: bool `(batch,)`, which rows have a loss.
    """
    count = steps.count()
    # Several rows of a layer are of one of the model where they are its words
    # or channels, and of one of the first call where a later one goes on.
    counts = np.repeat(counts, len(count) // len(counts))
    # (steps, batch); in float64, where squares of small numbers are no zeros.
    norms = np.array(
        [
            np.linalg.norm(
                np.concatenate(
                    [
                        np.float64(g).reshape(len(count), -1, g.shape[1]).sum(1)
                        for g in step
                    ],
                    axis=1,
                ),
                axis=1,
            )
            for step in gradients
        ]
    )
    rows = []
    for row, length in zip(norms.T[counts], count[counts], strict=True):
        row = row[:length]
        if steps.layer.go_backwards:
            row = np.trim_zeros(row, "b")
        rows.append(row[::-1])
    longest = max(map(len, rows), default=0)
    return np.array(
        [
            np.mean([row[d] for row in rows if d < len(row)])
            for d in range(longest)
        ]
    )


def factor(norms):
    """What a step multiplies the gradient by, or None where none is known."""
    known = np.flatnonzero(np.isfinite(norms) & (norms > _TINY))
    if len(known) < 2:
        return None
    return float(np.exp(np.polyfit(known, np.log(norms[known]), 1)[0]))


def _are_panels(batch):
    """Not the inputs of one batch, which may come as a dict as well."""
    return isinstance(batch, dict) and all(
        isinstance(value, tuple) for value in batch.values()
    )


def _draw(axis, name, norms, by):
    steps = np.arange(1, len(norms) + 1)
    known = np.isfinite(norms) & (norms > _TINY)
    label = name if by is None else f"{name}: × {by:.3g} per step"
    (line,) = axis.plot(steps, np.where(known, norms, np.nan), label=label)
    if np.sum(known) == 1:
        line.set_marker("o")
    if known.any():
        axis.set_yscale("log")
        # Steps that no gradient reaches are there, and empty.
        axis.update_datalim([(len(norms), norms[known][0])])
        axis.autoscale_view()
