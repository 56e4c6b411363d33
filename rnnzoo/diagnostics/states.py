"""What single units of a recurrent layer do while it reads."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from rnnzoo.cells.checks import one_of, positive_integer
from rnnzoo.diagnostics.coloured_text import (
    COLOURS,
    LETTER,
    LINE,
    WIDTH,
    coloured_text,
    places,
)
from rnnzoo.diagnostics.diagnosis import Diagnosis
from rnnzoo.diagnostics.observation import end_with_targets, observe
from rnnzoo.diagnostics.read_tokens import encoded, read_tokens
from rnnzoo.diagnostics.step_losses import unpacked

# Most steps that are drawn.
_LONGEST = 400


def states(
    model, batch, *, units=None, count=4, signal=None, layer=None, row=0
):
    """Draws a text in the colours of what some units put out at each token.

    As of Karpathy, Johnson and Fei-Fei 2015, "Visualizing and Understanding
    Recurrent Networks", https://arxiv.org/abs/1506.02078: some units tell what
    they stand for, the end of a line or an open bracket. Sequences of values
    have a row for each unit instead. At most 400 steps are drawn.

    Args:
        model: a Keras model with `rnnzoo.layers.Recurrent` inside.
        batch: `(x, ...)`, as the model is trained on; or, for a model that
            has its vocabulary, a list of texts.
        units: list of int, which units are drawn; None: those that vary most
            over the row, or follow `signal` best.
        count: int. How many these are.
        signal: `(timesteps,)`, a number for each step, such as 1 inside of
            brackets: those units are drawn that are correlated with it most,
            with either sign.
        layer: str. The path of the layer; None: the highest one that reads
            forwards, of an encoder if there is one.
        row: int. Which row of the batch.

    Returns:
        A `Diagnosis`. Its numbers:

        * `"layer"`: str; `"units"`: list of int;
        * `"tokens"`: list of str, empty for values;
        * `"activations"`: `(units, timesteps)`, the outputs of the units;
        * `"deviation"`: of each unit, over the row, `(units,)`; with `signal`
          `"correlation"` instead.

    Raises:
        ValueError: no such layer, unit or row; no recurrent layer; a signal
            of another length.

    Example:

    ```python
    from rnnzoo.diagnostics.states import states
    from rnnzoo.text import CharacterVocabulary

    letters = CharacterVocabulary.from_texts(["def f(x): return x"])
    model = rnnzoo.build(
        "synced", vocabulary=letters, num_outputs=len(letters), units=8
    )
    text = "return f(x)"
    inside = [1 if letter == "x" else 0 for letter in text]
    figure, numbers = states(model, [text], signal=inside, count=2)
    numbers["activations"].shape   # (2, 11)
    ```
    """
    x = unpacked(model, encoded(model, batch))[0]
    with observe(model) as seen:
        model(x, training=False)
    end_with_targets(seen, model, x)
    name = _default(seen) if layer is None else layer
    steps = seen[one_of("layer", name, tuple(seen))]
    values = _outputs(steps, row)
    tokens = read_tokens(model, x, name, row)
    if tokens is not None and len(tokens) != len(values):
        # A layer over something else than the tokens.
        tokens = None
    chosen, scores = _choose(values, units, count, signal)
    activations = values[:, chosen].T
    numbers = {
        "layer": name,
        "units": chosen,
        "tokens": tokens or [],
        "activations": activations,
        "deviation" if signal is None else "correlation": scores[chosen],
    }
    return Diagnosis(_figure(numbers, signal is not None), numbers)


def _default(seen):
    """The highest layer that reads forwards, of an encoder if there is one."""
    paths = [path for path in seen if not seen[path].layer.go_backwards]
    for kind in (
        lambda path: path.startswith("encoder/") and path.endswith("/forward"),
        lambda path: path.endswith("/forward"),
        bool,
    ):
        found = [path for path in paths if kind(path)]
        if found:
            return found[-1]
    return next(iter(seen))


def _outputs(steps, row):
    """`(timesteps, units)` of a row, in the order of its sequence."""
    rows = steps.outputs[0].shape[0]
    if not 0 <= row < rows:
        raise ValueError(
            f"The batch has the rows 0 to {rows - 1}. Received: row={row}."
        )
    count = steps.count()[row]
    values = np.array([output[row] for output in steps.outputs[:count]])
    values = values.astype("float32")
    return values[::-1] if steps.layer.go_backwards else values


def _choose(values, units, count, signal):
    """`(units, scores)`: which are drawn, and the score of each there is."""
    number = values.shape[1]
    scores = values.std(axis=0)
    if signal is not None:
        signal = np.asarray(signal, "float64")
        if signal.shape != values.shape[:1]:
            raise ValueError(
                f"`signal` has a number for each of {len(values)} steps. "
                f"Received: the shape {signal.shape}."
            )
        scores = _correlation(values, signal)
    if units is None:
        count = min(positive_integer("count", count), number)
        order = np.argsort(-np.abs(scores), kind="stable")
        return [int(unit) for unit in order[:count]], scores
    units = [int(unit) for unit in units]
    if not units or not all(0 <= unit < number for unit in units):
        raise ValueError(
            f"The layer has the units 0 to {number - 1}. Received: "
            f"units={units}."
        )
    return units, scores


def _correlation(values, signal):
    """Of each unit with the signal; 0 for what does not change."""
    values = values - values.mean(axis=0)
    signal = signal - signal.mean()
    size = np.sqrt((values**2).sum(axis=0) * (signal**2).sum())
    products = (values * signal[:, None]).sum(axis=0)
    return np.divide(products, size, out=np.zeros_like(size), where=size > 0)


# === Drawing ===


def _figure(numbers, follows):
    activations = numbers["activations"][:, :_LONGEST]
    limit = max(float(np.abs(activations).max()), 1e-6)
    draw = _texts if numbers["tokens"] else _rows
    return draw(numbers, activations, limit, follows)


def _titles(numbers, follows):
    scores = numbers["correlation" if follows else "deviation"]
    what = "correlation" if follows else "deviation"
    return [
        f"unit {unit}, {what} {score:.2f}"
        for unit, score in zip(numbers["units"], scores, strict=True)
    ]


def _texts(numbers, activations, limit, follows):
    tokens = numbers["tokens"][:_LONGEST]
    found, lines = places(tokens)
    widest = max(column + len(letters) for _, column, letters in found)
    width = max(min(widest, WIDTH), 40)
    count = len(activations)
    figure = Figure(
        figsize=(
            LETTER * width + 1.1,
            count * (LINE * lines + 0.34) + 0.3,
        ),
        layout="constrained",
    )
    FigureCanvasAgg(figure)
    axes = figure.subplots(count, 1, squeeze=False)[:, 0]
    titles = _titles(numbers, follows)
    for axis, values, title in zip(axes, activations, titles, strict=True):
        grounds = coloured_text(axis, tokens, values, limit, width)
        axis.set_title(title, fontsize=8, loc="left", pad=3)
    figure.suptitle(numbers["layer"], fontsize=9)
    figure.colorbar(grounds, ax=axes, label="output", pad=0.02, aspect=40)
    return figure


def _rows(numbers, activations, limit, follows):
    count, steps = activations.shape
    figure = Figure(
        figsize=(min(max(0.06 * steps, 4.0), 12.0), 0.32 * count + 1.2),
        layout="constrained",
    )
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    image = axes.imshow(
        activations,
        cmap=COLOURS,
        vmin=-limit,
        vmax=limit,
        aspect="auto",
        interpolation="nearest",
        extent=(0.5, steps + 0.5, count - 0.5, -0.5),
    )
    axes.set_yticks(range(count), _titles(numbers, follows), fontsize=8)
    axes.set_xlabel("step")
    axes.set_title(numbers["layer"], fontsize=9)
    figure.colorbar(image, ax=axes, label="output", pad=0.02)
    return figure
