"""Back-propagation through time, shown as what it is."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from rnnzoo.diagnostics.bptt_terms import (
    bptt_terms,
    difference,
    influence,
    norm,
)
from rnnzoo.diagnostics.diagnosis import Diagnosis

# Powers of ten that a heat map shows below its largest value.
_DECADES = 8
_STYLES = {"input": "-", "recurrent": "--", "output": ":"}


def bptt(model, batch, at="last"):
    """Draws what each step adds to the gradients of the weights.

    With W_t for the use of a weight W at step t,

        dL / dW = sum_t dL / dW_t

    and drawn are the norms of the terms. For a loss at the last step those of
    early steps vanish or explode as the gradient by the state does, see
    `gradient_flow`. With losses at every step, a heat map tells them apart:
    the norm of what step t adds to the gradient of all recurrent weights of a
    layer for the loss at step k alone, which is nothing for t > k.

    See `rnnzoo.diagnostics.bptt_terms` for the terms themselves, the groups
    of weights, and what is left out.

    Args:
        model, batch: as for `rnnzoo.diagnostics.gradient_flow`.
        at: `"last"`, the loss at the last step of each row; or `"every"`, the
            mean of those at all steps, as the model is trained.

    Returns:
        `Diagnosis`. Its numbers are

        * `"norms/..."`: for each weight by its path, the norms of the terms,
          in the order in which the layer takes its steps;
        * `"weights"`: these paths, and for each `"sum"` and `"gradient"`: the
          norms of the sum of the terms, and of the gradient that autodiff
          finds;
        * `"difference"`: the largest difference between the two, in units of
          the largest gradient of the layer;
        * with `at="every"` also `"influence/..."`, for each layer the heat
          map `(losses, steps)`, and `"losses_at"`, the steps of its losses,
          40 of them at most.

    Raises:
        ValueError: what `bptt_terms` raises.

    Example:

    ```python
    from rnnzoo.diagnostics.bptt import bptt

    model = rnnzoo.build("many_to_one", input_dim=3, cell="elman", units=8)
    x, y = np.ones((2, 30, 3), "float32"), np.array([0, 1])
    figure, numbers = bptt(model, (x, y))
    figure.savefig("bptt.png")
    assert numbers["difference"] < 1e-5
    ```
    """
    found = bptt_terms(model, batch, at)
    weights = found.values()
    numbers = {
        "weights": list(found),
        "sum": [norm([weight.terms.sum(axis=0)]) for weight in weights],
        "gradient": [norm([weight.gradient]) for weight in weights],
        "difference": difference(found),
    }
    for name, weight in found.items():
        norms = np.array([norm([term]) for term in weight.terms])
        numbers[f"norms/{name}"] = norms
    maps = {}
    if at == "every":
        numbers["losses_at"], maps = influence(model, batch)
        for path, values in maps.items():
            numbers[f"influence/{path}"] = values
    return Diagnosis(_draw(found, numbers, maps), numbers)


def _draw(found, numbers, maps):
    panels = {}
    for name, weight in found.items():
        panels.setdefault(weight.layer, []).append(name)
    columns = 2 if maps else 1
    figure = Figure(
        figsize=(6 * columns, 0.6 + 3 * len(panels)), layout="constrained"
    )
    FigureCanvasAgg(figure)
    rows = figure.subplots(len(panels), columns, squeeze=False)
    for (path, names), axes in zip(panels.items(), rows, strict=True):
        _draw_norms(axes[0], path, names, found, numbers)
        if path in maps:
            _draw_map(figure, axes[1], numbers["losses_at"], maps[path])
        elif maps:
            axes[1].set_axis_off()
    figure.suptitle(
        "Each step's term of the gradients; sum of the terms and autodiff "
        f"differ by {numbers['difference']:.1e}",
        fontsize=10,
    )
    return figure


def _draw_norms(axis, path, names, found, numbers):
    for name in names:
        norms, group = numbers[f"norms/{name}"], found[name].group
        steps = np.arange(1, len(norms) + 1)
        known = np.isfinite(norms) & (norms > 0)
        beside = np.pad(known, 1)
        single = known & ~beside[:-2] & ~beside[2:]
        label = f"{name.removeprefix(f'{path}/')} ({group})"
        axis.plot(
            steps,
            np.where(known, norms, np.nan),
            _STYLES[group],
            # Losses at the ends of rows leave the output weights single terms.
            marker="o" if single.any() else None,
            markevery=single,
            label=label,
        )
    axis.set_yscale("log")
    axis.set(title=path, xlabel="step", ylabel="norm of the step's term")
    axis.set_xlim(0.5, len(norms) + 0.5)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8)


def _draw_map(figure, axis, losses_at, values):
    values = np.ma.masked_invalid(values)
    largest = values.max() if values.count() else 0.0
    scale = LogNorm(largest * 10.0**-_DECADES, largest) if largest else None
    image = axis.pcolormesh(
        np.arange(1, values.shape[1] + 1),
        losses_at + 1,
        # Nothing stays white.
        np.ma.masked_equal(values, 0.0),
        norm=scale,
        cmap="viridis",
        shading="nearest",
    )
    axis.set(
        title="recurrent weights, each loss alone",
        xlabel="step of the term",
        ylabel="step of the loss",
    )
    for part in (axis.xaxis, axis.yaxis):
        part.set_major_locator(MaxNLocator(integer=True))
    figure.colorbar(image, ax=axis, label="norm of the term", extend="min")
