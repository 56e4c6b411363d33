"""What recurrent layers do at each of their steps, kept to be looked at."""

import contextlib
import functools

import keras
import numpy as np
import tensorflow as tf
from keras import ops, tree

from rnnzoo import kernels
from rnnzoo.cells import Cell
from rnnzoo.layers import Recurrent
from rnnzoo.text import PAD


class Steps:
    """What one recurrent layer did in one call of its model.

    All lists have an entry for each step, in the order in which the layer
    takes them: a backward one takes the end of a sequence first, and steps
    that are masked come after all others. The steps of a layer that its model
    calls several times follow each other.

    Attributes:
        layer: the `rnnzoo.layers.Recurrent`.
        variables: the trainable weights of its cell.
        originals: their values, which the tape watches for what a layer does
            with them between its steps; none if copies were not asked for.
        states: lists of tensors `(batch, n)`, the states that enter a step.
        weights: lists of tensors, the copies that a step has of `variables`;
            lists of none if copies were not asked for.
        outputs: tensors `(batch, output_size)`.
        gates: dicts of tensors `(batch, n)`, what the cell shows.
        lengths: int tensor `(batch,)`, how many steps of each row count, or
            None for all.
    """

    def __init__(self, layer, tape=None, copies=False):
        self.layer = layer
        self.tape = tape
        self.variables = list(layer.cell.trainable_variables)
        self.originals = watched(self.variables, tape) if copies else []
        self.states, self.weights = [], []
        self.outputs, self.gates = [], []
        self.lengths = None
        # Called before the first step.
        self.begin = None

    # === What the layer calls in place of its own ===

    def recur(self, window, carry, packing, training, extras):
        """As `Recurrent.recur`, always step by step."""
        cell, lookback = self.layer.cell, self.layer.cell.lookback
        first = len(self.states)
        if packing is not None:
            before = ops.full_like(packing.lengths, first)
            self.lengths = before + packing.lengths

        def step(inputs, states):
            states = self.enter(states)
            if lookback:
                t = len(self.states) - 1 - first
                inputs = window[:, t : t + lookback + 1]
            with self.own_weights():
                projected = cell.project(inputs, training=training)
                if lookback:
                    projected = tree.map_structure(lambda x: x[:, 0], projected)
                output, new = cell.step(projected, states, **extras)
            self.outputs.append(output)
            pairs = zip(new, carry, strict=True)
            new = [ops.cast(state, old.dtype) for state, old in pairs]
            return ops.cast(output, self.layer.compute_dtype), new

        batch_size = ops.shape(window)[0]
        nothing = ops.zeros(
            (batch_size, self.layer.output_size), self.layer.compute_dtype
        )
        return kernels.loop(
            step,
            window[:, lookback:],
            carry,
            nothing,
            lengths=None if packing is None else packing.lengths,
            unroll=True,
        )

    def step(self, inputs, states, **extras):
        """As the cell itself, for one step."""
        carried = len(self.layer.cell.carry_size)
        states = [*self.enter(states[:carried]), *states[carried:]]
        with self.own_weights():
            output, new = self.layer.cell(inputs, states, **extras)
        self.outputs.append(output)
        return output, new

    def count(self):
        """`(batch,)` int array: how many steps of each row count."""
        if self.lengths is not None:
            return ops.convert_to_numpy(self.lengths)
        return np.full(self.outputs[0].shape[0], len(self.outputs))

    def counted(self, values):
        """`(steps of all rows, n)`: those of the steps that count.

        Args:
            values: lists of tensors `(batch, n)`, one for each step. A later
                call may have several rows for each of the first.
        """
        count = self.count()
        return np.concatenate(
            [
                np.asarray(value)[
                    np.repeat(count, len(value) // len(count)) > t
                ]
                for t, value in enumerate(values)
            ]
        )

    # === What is kept of a step ===

    def enter(self, states):
        """Begins a step: copies of its states, which the tape watches."""
        if not self.states:
            self.begin()
        own = [tf.identity(state) for state in states]
        with self.not_recorded():
            copies = [tf.identity(value) for value in self.originals]
        if self.tape is not None:
            self.tape.watch([*own, *copies])
        self.states.append(own)
        self.weights.append(copies)
        self.gates.append({})
        return own

    def own_weights(self):
        """A context in which the cell has the copies of the last step."""
        if not self.originals:
            return contextlib.nullcontext()
        pairs = zip(self.variables, self.weights[-1], strict=True)
        return keras.StatelessScope(list(pairs))

    def not_recorded(self):
        """So that a gradient by a copy is no part of that by the original."""
        if self.tape is None or not self.originals:
            return contextlib.nullcontext()
        return self.tape.stop_recording()

    def see(self, gates):
        """Called by the cell, see `rnnzoo.Cell.show`."""
        own = self.gates[-1]
        for letter, gate in gates.items():
            gate = gate() if callable(gate) else gate
            gate = ops.reshape(gate, (gate.shape[0], -1))
            # Of a cell with several micro-steps, beside each other.
            shown = [own[letter]] if letter in own else []
            own[letter] = ops.concatenate([*shown, gate], axis=1)


@contextlib.contextmanager
def observe(model, tape=None, copies=False):
    """Runs the recurrent layers of a model step by step, and keeps the steps.

    For a call `model(x, training=False)` inside, which must not be compiled.
    Whatever the model would assign, such as the states of a stateful layer,
    it does not.

    Args:
        model: a Keras model with `rnnzoo.layers.Recurrent` inside.
        tape: `tf.GradientTape` or None. It is told to watch the states that
            enter each step, and the copies of the weights.
        copies: bool. Whether each step has a copy of the weights, so that a
            gradient by the copy is what this step adds to the gradient of
            the weight.

    Yields:
        dict from the name of a layer, its path, to its `Steps`, in the order
        of the first steps; empty until the model has been called.

    Raises:
        ValueError: no recurrent layer in the model.

    Example:

    ```python
    from rnnzoo.diagnostics.observation import observe

    model = rnnzoo.build("synced", input_dim=3, units=8)
    with observe(model) as seen:
        model(np.ones((2, 5, 3), "float32"), training=False)
    (steps,) = seen.values()
    assert len(steps.states) == 5
    ```
    """
    layers = recurrent_layers(model)
    seen, observed, originals = {}, [], []
    try:
        for name, layer in layers.items():
            steps = Steps(layer, tape, copies)
            if copies:
                originals += zip(steps.variables, steps.originals, strict=True)
            steps.begin = functools.partial(seen.__setitem__, name, steps)
            for part in (layer, *own_cells(layer)):
                observed.append(part)
                part.observer = steps
        # Keeps assignments to itself.
        with keras.StatelessScope(originals):
            yield seen
    finally:
        for part in observed:
            del part.observer


def watched(variables, tape=None):
    """Tensors with the values of variables, which a tape watches.

    With a `keras.StatelessScope` of the pairs, a model uses these. Gradients
    by the variables themselves are none under a `tf.distribute` strategy.
    """
    tensors = [tf.convert_to_tensor(variable.value) for variable in variables]
    if tape is not None:
        tape.watch(tensors)
    return tensors


def end_with_targets(seen, model, x):
    """Ends the rows of a decoder where their targets end.

    It reads all of them without a mask, since what it makes of padding is
    used nowhere; so its layers do not know.

    Args:
        seen: what `observe` yields, after a call of the model.
        model: the model.
        x: what it was called with.
    """
    decoder = getattr(model, "decoder", None)
    if decoder is None or not isinstance(x, dict) or "target" not in x:
        return
    valid = np.asarray(x["target"]) != PAD
    lengths = np.max(valid * np.arange(1, valid.shape[1] + 1), axis=1)
    for path, steps in seen.items():
        if path.startswith(f"{decoder.name}/"):
            # One more where the encoded input is read first.
            before = len(steps.outputs) - valid.shape[1]
            steps.lengths = ops.convert_to_tensor(lengths + before, "int32")


def recurrent_layers(model):
    """dict from path to layer, of all `Recurrent` layers inside a model.

    Raises:
        ValueError: there is none.
    """
    found = {}
    for layer in model._flatten_layers(include_self=False):
        if isinstance(layer, Recurrent) and layer not in found.values():
            found[unused(layer.path, found)] = layer
    if not found:
        raise ValueError(
            f"The model {model.name!r} has no `rnnzoo.layers.Recurrent` to "
            "look into. Use one in place of `keras.layers.RNN`; it takes the "
            "same cells."
        )
    return found


def unused(name, taken):
    """`name`, or with a number where it is taken."""
    found, count = name, 1
    while found in taken:
        count += 1
        found = f"{name}_{count}"
    return found


def own_cells(layer):
    """The cell of a layer, and those inside of it if it is a wrapper."""
    parts = [layer.cell, *layer.cell._flatten_layers(include_self=False)]
    return [part for part in parts if isinstance(part, Cell)]
