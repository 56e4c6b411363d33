"""Activations, gradients and updates, layer by layer."""

import keras
import numpy as np
import tensorflow as tf
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from rnnzoo.diagnostics.diagnosis import Diagnosis
from rnnzoo.diagnostics.observation import (
    end_with_targets,
    observe,
    recurrent_layers,
    watched,
)
from rnnzoo.diagnostics.step_losses import step_losses, unpacked

# Where an output between -1 and 1 counts as saturated.
SATURATED = 0.95
# A unit whose output varies by less than this is dead.
STILL = 1e-6

# Numbers of each panel, their labels, and whether the axis is logarithmic.
_PANELS = (
    (("activation_mean",), "output: mean and deviation", False),
    (("dead", "saturated"), "share of units or outputs", False),
    (("gradient_norm",), "norm of the gradient", True),
    (("weight_norm",), "norm of the weights", True),
    (("update_ratio",), "norm of update / weights", True),
)


def statistics(model, batch):
    """Draws what goes through each layer, and what comes back.

    The gradient is that of the loss that the model is trained on, without
    penalties and dropout. The update is the step that the optimizer would
    take, clipping and moments included; some 0.001 of the weights is usual,
    and a layer far below the others hardly learns.

    Args:
        model: a `rnnzoo.Model`, compiled or not; or a compiled Keras model
            with `rnnzoo.layers.Recurrent` inside.
        batch: `(x, y)` or `(x, y, sample_weight)`, as the model is trained
            on.

    Returns:
        `Diagnosis`. Its numbers, for each recurrent layer by its path, of its
        outputs at all steps that count:

        * `"activation_mean/..."`, `"activation_std/..."`;
        * `"dead/..."`: the share of units whose output never changes;
        * `"saturated/..."`: the share of outputs below -0.95 or above 0.95;
          left out where outputs are beyond -1 and 1;

        and for each layer with weights of its own, that of a cell being the
        recurrent layer:

        * `"gradient_norm/..."`, `"weight_norm/..."`;
        * `"update_ratio/..."`: the norm of the update over that of the
          weights. Left out for a model without an optimizer, under a
          `tf.distribute` strategy, and where all weights are zero.

    Raises:
        ValueError: no recurrent layer, or no loss; what the model would not
            be trained on.

    Example:

    ```python
    from rnnzoo.diagnostics.statistics import statistics

    model = rnnzoo.build("many_to_one", input_dim=3, cell="gru", units=8)
    model.compile()
    figure, numbers = statistics(model, (np.ones((2, 5, 3)), np.array([0, 1])))
    figure.savefig("statistics.png")
    assert 0 < numbers["update_ratio/head"] < 0.1
    ```
    """
    x, y, sample_weight = unpacked(model, batch)
    variables = model.trainable_variables
    with (
        tf.GradientTape(watch_accessed_variables=False) as tape,
        observe(model) as seen,
    ):
        values = watched(variables, tape)
        with keras.StatelessScope(list(zip(variables, values, strict=True))):
            outputs = model(x, training=False)
            loss = step_losses(model, x, y, sample_weight, outputs).mean()
    end_with_targets(seen, model, x)
    gradients = tape.gradient(loss, values, unconnected_gradients="zero")
    gradients = [tf.convert_to_tensor(gradient) for gradient in gradients]
    numbers = {}
    for path, steps in seen.items():
        for name, value in of_outputs(steps.counted(steps.outputs)).items():
            numbers[f"{name}/{path}"] = value
    by_layer = weights_by_layer(model)
    values = {
        "gradient_norm": gradients,
        "weight_norm": variables,
        "update": updates(model, gradients),
    }
    norms = {
        name: norms_by_layer(by_layer, tensors)
        for name, tensors in values.items()
        if tensors is not None
    }
    update = norms.pop("update", {})
    norms["update_ratio"] = {
        layer: norm / norms["weight_norm"][layer]
        for layer, norm in update.items()
        if norms["weight_norm"][layer]
    }
    for name, layers in norms.items():
        for layer, norm in layers.items():
            numbers[f"{name}/{layer}"] = norm
    layers = list(dict.fromkeys([*seen, *by_layer]))
    return Diagnosis(_draw(layers, numbers), numbers)


def of_outputs(outputs):
    """What is told of outputs `(values, units)`."""
    found = {
        "activation_mean": float(np.mean(outputs)),
        "activation_std": float(np.std(outputs)),
        "dead": float(np.mean(np.ptp(outputs, axis=0) < STILL)),
    }
    if np.abs(outputs).max() <= 1:
        found["saturated"] = float(np.mean(np.abs(outputs) > SATURATED))
    return found


def weights_by_layer(model):
    """dict from the path of a layer to the places of its weights.

    Places among `model.trainable_variables`. Weights of a cell are those of
    its recurrent layer.
    """
    owners = {}
    for layer in model._flatten_layers():
        for variable in layer._trainable_variables:
            owners[id(variable)] = layer.path or layer.name
    for path, layer in recurrent_layers(model).items():
        for variable in layer.trainable_variables:
            owners[id(variable)] = path
    found = {}
    for place, variable in enumerate(model.trainable_variables):
        found.setdefault(owners[id(variable)], []).append(place)
    return found


def norms_by_layer(by_layer, tensors):
    # In float64: squares of small float32 numbers may be zero.
    squares = [np.sum(np.float64(tensor) ** 2) for tensor in tensors]
    return {
        layer: float(np.sqrt(sum(squares[place] for place in places)))
        for layer, places in by_layer.items()
    }


def updates(model, gradients):
    """By what the optimizer would change the weights, or None without one.

    It takes the step, on the backend the only way to know it, and everything
    is put back as it was. Several devices take it together, in a training
    step alone: None as well.
    """
    optimizer = getattr(model, "optimizer", None)
    values = [variable.value for variable in model.trainable_variables]
    shared = any(isinstance(v, tf.distribute.DistributedValues) for v in values)
    if optimizer is None or shared:
        return None
    # Gradients are not scaled here.
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    weights = model.trainable_variables
    if not optimizer.built:
        optimizer.build(weights)
    variables = [*weights, *optimizer.variables]
    before = [tf.identity(variable.value) for variable in variables]
    try:
        optimizer.apply(gradients, weights)
        return [
            tf.identity(weight.value) - old
            for weight, old in zip(weights, before, strict=False)
        ]
    finally:
        for variable, old in zip(variables, before, strict=True):
            variable.assign(old)


def _draw(layers, numbers):
    known = {name.split("/")[0] for name in numbers}
    panels = [panel for panel in _PANELS if known.intersection(panel[0])]
    figure = Figure(
        figsize=(2.4 * len(panels) + 2.5, 1.4 + 0.34 * len(layers)),
        layout="constrained",
    )
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(panels), sharey=True)

    def of_layers(name):
        found = [numbers.get(f"{name}/{layer}") for layer in layers]
        return np.array(found, "float64")

    for axis, (names, title, log) in zip(axes, panels, strict=True):
        if log:
            _whole_decades(axis, of_layers(names[0]))
        for name, marker in zip(names, "ox", strict=False):
            values, spread = of_layers(name), of_layers("activation_std")
            axis.errorbar(
                np.where(values > 0, values, np.nan) if log else values,
                range(len(layers)),
                xerr=spread if name == "activation_mean" else None,
                fmt=marker,
                capsize=3,
                label=name,
            )
        if len(names) > 1:
            axis.set_xlim(-0.05, 1.05)
            axis.legend(fontsize=8, loc="lower right")
        axis.set_title(title, fontsize=9)
        axis.tick_params(labelsize=8)
        axis.grid(alpha=0.3)
    axes[0].set_yticks(range(len(layers)), layers)
    axes[0].set_ylim(len(layers) - 0.5, -0.5)
    return figure


def _whole_decades(axis, values):
    values = values[np.isfinite(values) & (values > 0)]
    axis.set_xscale("log")
    if len(values):
        low, high = np.log10(values.min()), np.log10(values.max())
        axis.set_xlim(10 ** np.floor(low - 0.1), 10 ** np.ceil(high + 0.1))
    axis.xaxis.set_minor_formatter(NullFormatter())
