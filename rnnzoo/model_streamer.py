"""What the topologies have in common that run one step at a time."""

import functools

import keras
import numpy as np
from keras import ops

from rnnzoo.inputs import is_array
from rnnzoo.model import Model
from rnnzoo.model_export import StepExporter, named, numbered


class Streamer(StepExporter, Model):
    """A topology that runs one step at a time: `step`, `export_step`.

    A subclass writes `initial_states(batch_size)`, `step_parts`,
    `check_step(inputs)` and `advance(inputs, states)`.
    """

    @property
    def step_parts(self):
        """What a step reads: name -> (shape without the batch, dtype).

        One array only is called "inputs", and comes without its name.
        """
        raise NotImplementedError(f"{type(self).__name__}.step_parts")

    def initial_states(self, batch_size):
        """The states before the first step: a list of `(batch_size, n)`."""
        raise NotImplementedError(f"{type(self).__name__}.initial_states")

    def check_step(self, inputs):
        """Raises `ValueError` for inputs of a step that cannot be meant."""
        raise NotImplementedError(f"{type(self).__name__}.check_step")

    def advance(self, inputs, states):
        """`(outputs, states)` of one step, from tensors."""
        raise NotImplementedError(f"{type(self).__name__}.advance")

    @functools.cached_property
    def state_types(self):
        """`(n, dtype)` of each state of `step`."""
        return [
            (state.shape[1], keras.backend.standardize_dtype(state.dtype))
            for state in self.initial_states(1)
        ]

    def step(self, inputs, states=None):
        """One time step, at constant memory.

        From arrays it runs as one compiled function, made at the first call
        and the same for every batch size; called inside a compiled function,
        it becomes part of that one.

        Args:
            inputs: ids `(batch,)`, values `(batch, ...)`, or a dict of these,
                as the model takes them, without the time axis. There is no
                mask at a step, and pad (0) is refused: leave rows that have
                ended out, of the states as well.
            states: what the last `step` returned, or None to begin.

        Returns:
            `(outputs, states)`: `(batch, num_outputs)`, the outputs after the
            steps so far, and a list of tensors.

        Raises:
            ValueError: inputs or states of another shape; the model is
                bidirectional.
        """
        parts = self.step_parts
        given = inputs if isinstance(inputs, dict) else {"inputs": inputs}
        given = {
            name: np.asarray(value) if np.isscalar(value) else value
            for name, value in given.items()
        }
        if set(given) != set(parts):
            raise ValueError(
                f"A step of this model reads {' and '.join(parts)}. Received: "
                f"{', '.join(map(str, given))}. Pass a dict with these names, "
                "or 'inputs' without its name."
            )
        at_hand = all(is_array(value) for value in given.values())
        if at_hand:
            self.check_step(self.by_part([given[name] for name in parts]))
        tensors = [
            ops.convert_to_tensor(given[name], dtype)
            for name, (_, dtype) in parts.items()
        ]
        if states is None:
            states = self.initial_states(ops.shape(tensors[0])[0])
        states = [ops.convert_to_tensor(state) for state in states]
        states = [
            ops.cast(state, dtype)
            for state, (_, dtype) in self.typed(states, tensors[0].shape[0])
        ]
        if not at_hand:
            return self.advance(self.by_part(tensors), states)
        outputs, *states = self.run("step", self.flat_step, *tensors, *states)
        return outputs, states

    def by_part(self, tensors):
        """The inputs of `advance`: one of them, or several by their names."""
        names = list(self.step_parts)
        if names == ["inputs"]:
            return tensors[0]
        return dict(zip(names, tensors, strict=True))

    def typed(self, states, batch_size):
        """Pairs of a state and its type, checked.

        Raises:
            ValueError: another number of states, or states of other shapes.
        """
        sizes = [n for n, _ in self.state_types]
        shapes = [tuple(state.shape) for state in states]
        rows = {shape[:1] for shape in shapes} | {(batch_size,)}
        if [shape[1:] for shape in shapes] != [(n,) for n in sizes] or (
            len(rows - {(None,)}) > 1
        ):
            raise ValueError(
                "`states` must be what the last `step` returned: states of "
                f"the sizes {sizes} for {batch_size} rows. Received: states "
                f"of the shapes {shapes}."
            )
        return zip(states, self.state_types, strict=True)

    def flat_step(self, *flat):
        """`advance`, for what is compiled without knowing its sizes."""
        shapes = [shape for shape, _ in self.step_parts.values()]
        sizes = [(n,) for n, _ in self.state_types]
        flat = [
            x if None in shape else ops.reshape(x, (-1, *shape))
            for x, shape in zip(flat, [*shapes, *sizes], strict=True)
        ]
        inputs = self.by_part(flat[: len(shapes)])
        outputs, states = self.advance(inputs, flat[len(shapes) :])
        return [outputs, *states]

    # === Exported ===

    def begin_named(self, given, batch_size):
        return named("state", self.initial_states(batch_size))

    def step_named(self, given):
        inputs = self.by_part([given[name] for name in self.step_parts])
        outputs, states = self.advance(inputs, numbered("state", given))
        return {"outputs": outputs, **named("state", states)}
