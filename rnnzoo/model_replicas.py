"""What several replicas cannot do, refused with the reason before training."""

import keras


def check_replicas(model):
    """Raises `ValueError` if `model` would not train as on one device."""
    for received, reason in obstacles(model):
        raise ValueError(
            f"{received} does not work on several devices: {reason} "
            "Leave it out, or train on one device: strategy 'one'."
        )


def obstacles(model):
    """Yields `(what it is, why it cannot work)`, most general first."""
    if model.steps_per_execution > 1:
        yield (
            f"steps_per_execution={model.steps_per_execution}",
            "Keras cannot run a loop of steps under a strategy.",
        )
    if model.run_eagerly:
        yield (
            "run_eagerly=True",
            "a device may get no row of a batch, which Keras allows in graphs "
            "only.",
        )
    if model.jit_compile:
        yield (
            "jit_compile=True",
            "a program of XLA sees the weights of one device only.",
        )
    optimizer = model.optimizer
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        yield (
            "LossScaleOptimizer",
            "each device would find its own scale of the loss.",
        )
    if getattr(optimizer, "gradient_accumulation_steps", None):
        yield (
            "gradient_accumulation_steps="
            f"{optimizer.gradient_accumulation_steps}",
            "Keras cannot decide on a device whether to update all of them.",
        )
    if getattr(optimizer, "ema_overwrite_frequency", None):
        yield (
            f"ema_overwrite_frequency={optimizer.ema_overwrite_frequency}",
            "Keras cannot decide on a device whether to overwrite all weights. "
            "At the end of a training their averages are taken in any case.",
        )
    for layer in model._flatten_layers():
        yield from obstacles_of_layer(layer)


def obstacles_of_layer(layer):
    """As `obstacles`, of one layer."""
    if layer.dtype_policy.compute_dtype == "float16":
        yield (
            f"dtype policy {layer.dtype_policy.name!r}",
            "float16 needs its loss scaled, and each device would find its "
            "own scale. mixed_bfloat16 needs none.",
        )
    if getattr(layer, "stateful", False):
        yield (
            f"The stateful layer {layer.name!r}",
            "the states of a batch are not where its rows are.",
        )
    norm = isinstance(layer, keras.layers.BatchNormalization)
    if norm and layer.trainable and not layer.synchronized:
        yield (
            f"The BatchNormalization {layer.name!r}",
            "each device would take the mean of its own rows. With "
            "synchronized=True they take that of all, with trainable=False "
            "none, and both work.",
        )


def check_penalties(penalties, weights):
    """Raises `ValueError` for losses of activations.

    Args:
        penalties: list of tensors. `losses` of a model.
        weights: list of `keras.Variable`. Its trainable weights.
    """
    if len(penalties) > sum(w.regularizer is not None for w in weights):
        raise ValueError(
            "`add_loss` and `activity_regularizer` do not work on several "
            "devices: whether theirs is a sum or a mean over rows, and so "
            "what each device adds, cannot be seen. Put it into the loss, or "
            "train on one device: strategy 'one'."
        )
