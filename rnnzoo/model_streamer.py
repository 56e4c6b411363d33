"""What the topologies have in common that run one step at a time."""

import functools

import keras
import numpy as np
from keras import ops

from rnnzoo.cells.checks import one_of, positive_integer
from rnnzoo.inputs import is_array
from rnnzoo.model import Model

if keras.backend.backend() == "tensorflow":
    from rnnzoo.model_tensorflow_export import write_litert, write_saved_model
else:
    write_litert = write_saved_model = None


class Streamer(Model):
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

    def export_step(self, path, format="tf_saved_model", batch_size=None):
        """Writes `step` for use without Python, or without rnnzoo.

        The file has two signatures. `serving_default` takes `inputs`, or what
        else the model reads, `state_0`, `state_1` and so on, and returns
        `outputs` and the states by the same names. `initial_states` returns
        the states to begin with; with a free batch size it takes
        `batch_size`, an int32.

        Args:
            path: str. A folder for a SavedModel; a file that ends with
                ".tflite" for LiteRT.
            format: "tf_saved_model" or "litert".
            batch_size: int or None. How many sequences run side by side; None
                for any number, which LiteRT cannot do.

        Raises:
            ValueError: an unknown format; a bidirectional model; LiteRT
                without `batch_size`; another backend than TensorFlow.

        Example:

        ```python
        model = rnnzoo.build("synced", vocabulary=50, num_outputs=3, units=8)
        model.export_step("tagger.tflite", format="litert", batch_size=1)
        ```
        """
        if write_saved_model is None:
            raise ValueError(
                "`export_step` needs the TensorFlow backend. Received: "
                f"{keras.backend.backend()}. Save the model, and load it with "
                "KERAS_BACKEND=tensorflow to export it."
            )
        one_of("format", format, ("tf_saved_model", "litert"))
        if format != "litert" and str(path).endswith(".tflite"):
            raise ValueError(
                f"A SavedModel is a folder. Received: {str(path)!r}. For a "
                "file of LiteRT pass format='litert'."
            )
        if batch_size is not None:
            batch_size = positive_integer("batch_size", batch_size)
        write = write_litert if format == "litert" else write_saved_model
        write(self, str(path), batch_size)
