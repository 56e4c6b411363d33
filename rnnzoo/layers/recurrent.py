"""From a cell to a layer over sequences."""

import keras
from keras import ops, tree

from rnnzoo import cells, kernels
from rnnzoo.layers import parallel
from rnnzoo.layers.packing import Packing
from rnnzoo.layers.sequence_layer import as_tensors


@keras.saving.register_keras_serializable("rnnzoo")
class Recurrent(keras.layers.RNN):
    """Runs a cell over sequences: the drop-in for `keras.layers.RNN`.

    Beyond it: every cell of the zoo by name, parallel execution of linear
    cells, masks of any shape, `constants`, states that keep float32 under
    mixed precision, one mask per sequence for recurrent dropout, non-zero
    initial states after a reset, and `step` for one time step at a time.

    Masked steps are as if deleted. Their output is the last valid one, or
    zero before the first and with `zero_output_for_mask`, as in Keras.

    Args:
        cell: str, a name of `rnnzoo.list_cells()`; or an instance of a
            `rnnzoo.Cell`; or a Keras cell.
        units: int or None. Size of a cell that is given by name.
        recurrent_dropout: float. Same, its recurrent dropout.
        return_sequences: bool. Whether to return the output of every step
            instead of the last.
        return_state: bool. Whether to return the last states as well.
        go_backwards: bool. Whether to read from the end; outputs stay in the
            order in which they were made, as in Keras.
        stateful: bool. Whether to start each batch with the last states of
            the one before; needs a fixed batch size.
        unroll: bool. Whether to write the loop out; needs a fixed length.
        zero_output_for_mask: bool. See above.
        parallel: bool. Whether linear cells run in parallel over time.
        **kwargs: `name`, `dtype` and so on, as for any Keras layer.

    Call arguments:
        sequences: `(batch, timesteps, features)`.
        initial_state: tensor or list of tensors `(batch, n)`, or None.
        mask: bool `(batch, timesteps)`, True at valid steps, or None.
        training: bool.
        constants: tensor or tree of tensors, handed to the cell's `step`.

    Returns:
        `(batch, timesteps, output_size)` with `return_sequences`, else
        `(batch, output_size)`; followed by the states with `return_state`.

    Raises:
        ValueError: unknown cell; inputs that are no sequences; states of
            wrong number or size; constants for a cell that takes none.

    Example:

    ```python
    layer = rnnzoo.layers.Recurrent("min_gru", units=8, return_sequences=True)
    y = layer(np.ones((2, 5, 3)))   # (2, 5, 8)
    ```
    """

    # A diagnostic that runs the steps itself, to see each of them.
    observer = None

    def __init__(
        self,
        cell,
        units=None,
        recurrent_dropout=0.0,
        return_sequences=False,
        return_state=False,
        go_backwards=False,
        stateful=False,
        unroll=False,
        zero_output_for_mask=False,
        parallel=True,
        **kwargs,
    ):
        dtype = kwargs.pop("dtype", None)
        cell = cells.get(cell, units, recurrent_dropout, dtype)
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            zero_output_for_mask=zero_output_for_mask,
            dtype=cell.dtype_policy,
            **kwargs,
        )
        self.parallel = parallel
        # Keras would round float32 states to the compute type on their way in.
        self._convert_input_args = False
        self._allow_non_tensor_positional_args = True

    # === Shapes ===

    @property
    def state_size(self):
        # Read live: a cell with a look-back knows its sizes after `build`.
        return list(self.cell.state_size)

    @state_size.setter
    def state_size(self, value):
        pass

    @property
    def output_size(self):
        return self.cell.output_size

    def build(
        self, sequences_shape, initial_state_shape=None, constants_shape=None
    ):
        if len(sequences_shape) != 3:
            raise ValueError(
                "Recurrent layers read sequences (batch, timesteps, features)."
                f" Received: shape {tuple(sequences_shape)}."
            )
        super().build(sequences_shape)

    def compute_output_shape(
        self, sequences_shape, initial_state_shape=None, constants_shape=None
    ):
        batch, timesteps = sequences_shape[:2]
        steps = (timesteps,) if self.return_sequences else ()
        output = (batch, *steps, self.output_size)
        if not self.return_state:
            return output
        return output, *((batch, n) for n in self.state_size)

    def compute_output_spec(
        self,
        sequences,
        initial_state=None,
        mask=None,
        training=False,
        constants=None,
    ):
        shapes = self.compute_output_shape(sequences.shape)
        if not self.return_state:
            return keras.KerasTensor(shapes, self.compute_dtype)
        dtypes = [self.compute_dtype, *self.cell.state_dtypes]
        return tuple(
            keras.KerasTensor(shape, dtype)
            for shape, dtype in zip(shapes, dtypes, strict=True)
        )

    # === States ===

    def get_initial_state(self, batch_size):
        """List of tensors `(batch_size, n)`: the states before any step."""
        return self.cell.get_initial_state(batch_size)

    def _create_state_variables(self, batch_size):
        super()._create_state_variables(batch_size)
        # Or Keras rounds them to the compute type whenever they are read.
        for variable in self.states:
            variable._autocast = False

    def reset_state(self):
        """Back to the initial state, where it is not zero as well."""
        if self.states is None:
            return
        initial = self.get_initial_state(self._expected_batch_size)
        for variable, value in zip(self.states, initial, strict=True):
            variable.assign(ops.cast(value, variable.dtype))

    def first_states(self, initial_state, batch_size):
        """The states to start from, checked and in the types of the cell."""
        if initial_state is None:
            if self.stateful:
                initial_state = [v.value for v in self.states]
            else:
                initial_state = self.get_initial_state(batch_size)
        states = tree.flatten(initial_state)
        sizes = [tuple(state.shape)[1:] for state in states]
        if sizes != [(n,) for n in self.state_size]:
            raise ValueError(
                f"{type(self.cell).__name__} carries states of the sizes "
                f"{self.state_size}. Received: initial_state of the shapes "
                f"{[tuple(state.shape) for state in states]}."
            )
        return [
            ops.cast(state, dtype)
            for state, dtype in zip(states, self.cell.state_dtypes, strict=True)
        ]

    # === Running ===

    def __call__(self, sequences, initial_state=None, **kwargs):
        tensors = as_tensors((sequences, initial_state, kwargs))
        sequences, initial_state, kwargs = tensors
        return super().__call__(
            sequences, initial_state=initial_state, **kwargs
        )

    def call(
        self,
        sequences,
        initial_state=None,
        mask=None,
        training=False,
        constants=None,
    ):
        self.check_constants(constants)
        sequences = ops.cast(sequences, self.compute_dtype)
        batch_size = ops.shape(sequences)[0]
        states = self.first_states(initial_state, batch_size)
        if self.go_backwards:
            sequences = ops.flip(sequences, axis=1)
            mask = None if mask is None else ops.flip(mask, axis=1)
        packing = None if mask is None else Packing(mask)
        if packing is not None:
            sequences = packing.pack(sequences)

        extras = {
            "constants": constants,
            "noise": self.cell.draw_noise(batch_size, training),
        }
        extras = {name: v for name, v in extras.items() if v is not None}
        output, states = self.run(sequences, states, packing, training, extras)

        if self.stateful:
            for variable, state in zip(self.states, states, strict=True):
                variable.assign(ops.cast(state, variable.dtype))
        return (output, *states) if self.return_state else output

    def run(self, sequences, states, packing, training, extras):
        """All steps: `(output, states)`, the output as this layer returns it.

        `sequences` are packed; `extras` are further arguments of `step`.
        """
        cell = self.cell
        window, carry = cell.window(sequences, states)
        if cell.lookback:
            timesteps = ops.shape(sequences)[1]
            tail = (
                window[:, timesteps:]
                if packing is None
                else packing.tail(window, cell.lookback)
            )
        outputs, last, carry = self.recur(
            window, carry, packing, training, extras
        )
        if self.return_sequences:
            output = outputs
            if packing is not None:
                output = packing.unpack(outputs, self.zero_output_for_mask)
        elif packing is not None and self.zero_output_for_mask:
            output = ops.where(packing.mask[:, -1:], last, 0.0)
        else:
            output = last
        if cell.lookback:
            width = cell.lookback * cell.input_dim
            carry = [*carry, ops.reshape(tail, (-1, width))]
        return ops.cast(output, self.compute_dtype), carry

    def recur(self, window, carry, packing, training, extras):
        """`(outputs, last_output, carry)` by the fastest way for the cell."""
        cell = self.cell
        if self.observer is not None:
            return self.observer.recur(window, carry, packing, training, extras)
        batch_size = ops.shape(window)[0]
        nothing = ops.zeros((batch_size, self.output_size), self.compute_dtype)
        if self.parallel and parallel.runs_in_parallel(cell):
            projected = cell.project(window, training=training)
            outputs, carry = parallel.run(
                cell, projected, carry, packing, **extras
            )
            outputs = ops.cast(outputs, self.compute_dtype)
            return outputs, parallel.last_step(outputs, nothing, packing), carry

        def step(inputs, states):
            if project_inside:
                inputs = cell.project(inputs, training=training)
            output, new = cell.step(inputs, states, **extras)
            pairs = zip(new, states, strict=True)
            new = [ops.cast(state, old.dtype) for state, old in pairs]
            return ops.cast(output, self.compute_dtype), new

        needs_all_steps = cell.lookback or cell.draws_in_project
        project_inside = not needs_all_steps and prefers_small_products()
        inputs = window
        if not project_inside:
            inputs = cell.project(window, training=training)
        return kernels.loop(
            step,
            inputs,
            carry,
            nothing,
            lengths=None if packing is None else packing.lengths,
            keep_outputs=self.return_sequences,
            unroll=self.unroll,
        )

    def draw_noise(self, batch_size):
        """The random masks of one sequence, for a loop of steps; or None."""
        return self.cell.draw_noise(batch_size, training=True)

    def step(self, inputs, states, constants=None, noise=None):
        """One time step, for decoding, streaming and what feeds back.

        Args:
            inputs: `(batch, features)`.
            states: list of tensors, as `get_initial_state` or the last `step`
                returned them.
            constants: as in `call`.
            noise: what `draw_noise` returned before the first step, to train
                step by step; None: no dropout.

        Returns:
            `(output, states)`: `(batch, output_size)` and a list.
        """
        self.check_constants(constants)
        inputs, states = as_tensors((inputs, list(states)))
        rows = {x.shape[0] for x in (inputs, *states)} - {None}
        if len(rows) > 1:
            raise ValueError(
                "Inputs and states of a step must have the same batch size. "
                f"Received: inputs of the shape {tuple(inputs.shape)} and "
                f"states of {[tuple(state.shape) for state in states]}."
            )
        extras = {"constants": constants, "noise": noise}
        extras = {name: v for name, v in extras.items() if v is not None}
        advance = self.cell if self.observer is None else self.observer.step
        return advance(inputs, self.first_states(states, None), **extras)

    def check_constants(self, constants):
        if constants is not None and not self.cell.takes_constants:
            raise ValueError(
                f"The cell {type(self.cell).__name__} takes no constants. "
                "Give its `step` an argument `constants`, or pass none."
            )

    def get_config(self):
        return {**super().get_config(), "parallel": self.parallel}


def prefers_small_products():
    """Whether a loop is faster with the inputs' products inside of it.

    TensorFlow's loop on a CPU moves more memory for one large product before
    it than that saves: 170 against 149 ms for a training step of an LSTM, 64
    x 100, 128 -> 256.
    """
    on_tensorflow = keras.backend.backend() == "tensorflow"
    return on_tensorflow and not keras.distribution.list_devices("gpu")
