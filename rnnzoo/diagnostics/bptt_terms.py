"""What each step adds to the gradients of the weights."""

import itertools
import typing

import keras
import numpy as np
import tensorflow as tf

from rnnzoo.diagnostics.observation import observe, unused, watched
from rnnzoo.diagnostics.step_losses import step_losses, unpacked
from rnnzoo.diagnostics.weight_groups import cell_groups, output_layers


class WeightTerms(typing.NamedTuple):
    """A gradient as the sum that it is.

    Attributes:
        terms: `(steps, ...)`, what each step adds to the gradient, in the
            order in which the layer takes its steps.
        gradient: `(...)`, the gradient of the model as it is trained.
        group: `"input"`, `"recurrent"` or `"output"`.
        layer: str, the path of the layer.
    """

    terms: np.ndarray
    gradient: np.ndarray
    group: str
    layer: str


def bptt_terms(model, batch, at="last"):
    """Back-propagation through time, its sum not yet taken.

    A recurrent weight W is used in each of T steps. With W_t for its use at
    step t, one and the same value,

        dL / dW = sum_t dL / dW_t

    of which autodiff shows the sum, and this the terms. They are found by
    giving each step a copy of the weights. What a weight does before the first
    step, as a learned initial state, counts with the first.

    Input weights are those that the cell uses in `project`, recurrent ones
    all others of the cell, output weights those of the model's head, whose
    term at a step is the gradient of the loss at this step. Embeddings, norms
    and attention are left out.

    Dropout is off, and penalties are no part of the loss.

    Paper: Werbos 1990, "Backpropagation Through Time: What It Does and How to
    Do It", https://doi.org/10.1109/5.58337

    Args:
        model, batch: as for `rnnzoo.diagnostics.gradient_flow`.
        at: `"last"`, the loss at the last step of each row; or `"every"`, the
            mean of those at all steps, as the model is trained. A loss of a
            whole row or sequence is one at its last step.

    Returns:
        dict from the path of a weight to its `WeightTerms`. It takes the
        memory of the weights times the steps.

    Raises:
        ValueError: an unknown `at`; losses at every step of a model that has
            one for each row; what `gradient_flow` raises.

    Example:

    ```python
    from rnnzoo.diagnostics.bptt_terms import bptt_terms

    model = rnnzoo.build("many_to_one", input_dim=3, cell="elman", units=8)
    x, y = np.ones((2, 5, 3), "float32"), np.array([0, 1])
    found = bptt_terms(model, (x, y))
    kernel = found["encoder/stack/block_0/forward/recurrent_kernel"]
    assert kernel.terms.shape == (5, 8, 8)
    assert np.allclose(kernel.terms.sum(axis=0), kernel.gradient, atol=1e-6)
    ```
    """
    call = losses_of_call(model, batch, at)
    with (
        tf.GradientTape(watch_accessed_variables=False) as tape,
        observe(model, tape, copies=True) as seen,
    ):
        loss = call().mean()
    sources = [[s.weights, s.originals] for s in seen.values()]
    found = tape.gradient(loss, sources, unconnected_gradients="zero")
    known, timesteps = {}, 1
    for (path, steps), parts in zip(seen.items(), found, strict=True):
        groups = cell_groups(steps.layer.cell)
        timesteps = len(steps.states)
        for variable, terms in zip(
            steps.variables, added_up(*parts), strict=True
        ):
            name = unused(f"{path}/{variable.name}", known)
            known[name] = variable, terms, groups[id(variable)], path
    for layer in output_layers(model):
        for variable, terms in output_terms(call, layer, timesteps):
            name = unused(f"{layer.path}/{variable.name}", known)
            known[name] = variable, terms, "output", layer.path
    variables = [variable for variable, *_ in known.values()]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        values = watched(variables, tape)
        with keras.StatelessScope(list(zip(variables, values, strict=True))):
            loss = call().mean()
    gradients = tape.gradient(loss, values, unconnected_gradients="zero")
    return {
        name: WeightTerms(terms, np.asarray(gradient), group, path)
        for (name, (_, terms, group, path)), gradient in zip(
            known.items(), gradients, strict=True
        )
    }


def difference(found):
    """The largest difference of a sum of terms and the gradient.

    In units of the largest gradient of the layer: some weights have none but
    what rounding leaves.

    Args:
        found: what `bptt_terms` returned.
    """
    largest, apart = {}, {}
    for weight in found.values():
        layer, gradient = weight.layer, weight.gradient
        error = np.abs(weight.terms.sum(axis=0) - gradient).max()
        apart[layer] = max(apart.get(layer, 0.0), error)
        largest[layer] = max(largest.get(layer, 0.0), np.abs(gradient).max())
    return max(
        (
            float(error / largest[layer])
            for layer, error in apart.items()
            if error
        ),
        default=0.0,
    )


def added_up(copies, originals):
    """For each weight its terms, `(steps, ...)`.

    Args:
        copies: for each step a list of gradients, by its copies.
        originals: list of gradients, by the weights before the first step.
    """
    for first, *of_steps in zip(originals, *copies, strict=True):
        terms = np.array([np.asarray(term) for term in of_steps])
        terms[0] += np.asarray(first)
        yield terms


def output_terms(call, layer, timesteps):
    """Pairs of a weight of an output layer and its terms.

    The loss at a step knows the layer's weights by this step alone. One loss
    of a whole row is at the last of `timesteps`.
    """
    variables = layer.trainable_variables
    # Nothing but what follows from these weights is kept for the gradients.
    with tf.GradientTape(
        persistent=True, watch_accessed_variables=False
    ) as tape:
        values = watched(variables, tape)
        with keras.StatelessScope(list(zip(variables, values, strict=True))):
            losses = call()
        single = losses.single(range(losses.values.shape[1]))
    found = [
        tape.gradient(loss, values, unconnected_gradients="zero")
        for loss in single
    ]
    for variable, *terms in zip(variables, *found, strict=True):
        terms = np.array([np.asarray(term) for term in terms])
        if not losses.per_step:
            ends = [(0, 0)] * (terms.ndim - 1)
            terms = np.pad(terms, [(timesteps - 1, 0), *ends])
        yield variable, terms


def influence(model, batch, rows=40):
    """How much each step adds to the recurrent gradients, for each loss.

    Args:
        model, batch: as for `bptt_terms`; a model with a loss at every step.
        rows: int. At most so many steps have their loss looked at, evenly
            chosen: each takes a backward pass.

    Returns:
        `(losses_at, norms)`: the steps of the losses `(losses,)`, and a dict
        from the path of a layer to `(losses, steps)`, the norm of what a step
        adds to the gradient of the layer's recurrent weights, for the loss at
        one step alone.

    Raises:
        ValueError: what `bptt_terms` raises.
    """
    call = losses_of_call(model, batch, "every")
    with (
        tf.GradientTape(
            persistent=True, watch_accessed_variables=False
        ) as tape,
        observe(model, tape, copies=True) as seen,
    ):
        losses = call()
        last = losses.values.shape[1] - 1
        losses_at = np.unique(np.linspace(0, last, rows, dtype=int))
        single = losses.single(losses_at)
    copies = {}
    for path, steps in seen.items():
        groups = cell_groups(steps.layer.cell)
        recurrent = [groups[id(v)] == "recurrent" for v in steps.variables]
        if any(recurrent):
            copies[path] = [
                list(itertools.compress(own, recurrent))
                for own in steps.weights
            ]
    norms = {path: [] for path in copies}
    for loss in single:
        found = tape.gradient(loss, copies, unconnected_gradients="zero")
        for path, steps in found.items():
            norms[path].append([norm(terms) for terms in steps])
    return losses_at, {path: np.array(rows) for path, rows in norms.items()}


def norm(terms):
    """Of some arrays together, in float64: squares of float32 may be zero."""
    return float(np.sqrt(sum(np.sum(np.float64(t) ** 2) for t in terms)))


def losses_of_call(model, batch, at):
    """A function that calls the model and returns its `StepLosses`."""
    if at not in ("last", "every"):
        raise ValueError(
            "`at` says where the loss is, 'last' or 'every'. Received: "
            f"at={at!r}"
        )
    x, y, sample_weight = unpacked(model, batch)

    def call():
        outputs = model(x, training=False)
        losses = step_losses(model, x, y, sample_weight, outputs)
        if at == "every" and not losses.per_step:
            raise ValueError(
                "The model has one loss for each row, not one for each step. "
                "Received: at='every'. Write at='last'."
            )
        return losses.last() if at == "last" else losses

    return call
