"""The contract that every cell keeps: project, then step."""

import inspect

import keras
import numpy as np
from keras import ops

from rnnzoo.cells.checks import fraction, positive_integer


class Cell(keras.layers.Layer):
    """Base class of the recurrent cells: equations, and nothing else.

    A cell splits its equations in two, each written once. `project` is all
    that needs no recurrence and runs on a whole sequence at a time; `step` is
    the rest and runs once per time step. Both `rnnzoo.layers.Recurrent` and
    `keras.layers.RNN` accept a cell unchanged.

    A subclass writes `build`, `project` and `step`. It may also set

    * `carry_size`: list of int, the size of each state (default `[units]`);
    * `output_size`: int, the size of the output (default `units`);
    * `initial_carry(batch_size)`: the states before the first step (zeros);
    * `lookback`: int, how many earlier inputs `project` looks at (0). They
      are carried by this class, as one more state at the end of the list;
    * `float32_carry`: bool, whether the states must not be rounded to a
      16-bit type between steps (False);
    * `draws_in_project`: bool, whether `project` draws random numbers and so
      has to run before the loop, not inside of it (False);
    * `conditionable_states`: tuple of int, the indices of those states that
      mean something when set from outside (all of them). An encoder's summary
      goes into these, never into memories or stabilisers.

    A subclass is registered with Keras under its own module, so that a model
    which holds it loads wherever that module has been imported.

    Args:
        units: int. Size of the output and of the state, unless the cell says
            otherwise.
        recurrent_dropout: float in [0, 1). Share of what the recurrence
            brings in that is dropped in training, by one mask per sequence.
        seed: int or None. Seed of that mask.

    Example:

    ```python
    import keras
    from keras import ops
    import rnnzoo

    class LeakyCell(rnnzoo.Cell):
        def build(self, input_shape):
            super().build(input_shape)
            self.kernel = self.add_weight(
                shape=(input_shape[-1], self.units), name="kernel"
            )

        def project(self, inputs, training=False):
            return ops.matmul(inputs, self.kernel)

        def step(self, projected, states):
            (h,) = states
            h = 0.9 * h + 0.1 * ops.tanh(projected)
            return h, [h]

    y = rnnzoo.layers.Recurrent(LeakyCell(8))(ops.ones((2, 5, 3)))
    assert y.shape == (2, 8)
    ```
    """

    # What looks at the gates of a step, see `show`.
    observer = None
    lookback = 0
    float32_carry = False
    draws_in_project = False

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        package = cls.__module__.split(".")[0]
        keras.saving.register_keras_serializable(
            "rnnzoo" if package == "rnnzoo" else cls.__module__
        )(cls)

    def __init__(self, units, recurrent_dropout=0.0, seed=None, **kwargs):
        super().__init__(**kwargs)
        # States come in the type they are carried in; Keras would cast them.
        self._convert_input_args = False
        self._allow_non_tensor_positional_args = True
        self.units = positive_integer("units", units)
        self.recurrent_dropout = fraction(
            "recurrent_dropout", recurrent_dropout
        )
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.input_dim = None

    # === What a cell states ===

    @property
    def carry_size(self):
        return [self.units]

    @property
    def output_size(self):
        return self.units

    @property
    def conditionable_states(self):
        return tuple(range(len(self.carry_size)))

    @property
    def takes_constants(self):
        """Whether `step` has an argument `constants`."""
        return "constants" in inspect.signature(self.step).parameters

    def build(self, input_shape):
        if input_shape[-1] is None:
            raise ValueError(
                f"Cell {type(self).__name__} needs a known number of input "
                f"features. Received: input shape {tuple(input_shape)}."
            )
        self.input_dim = int(input_shape[-1])

    def add_matrix(
        self, name, rows, columns, initializer="glorot_uniform", **options
    ):
        """A weight `(rows, columns)`; see `add_vector`."""
        return self.add_array(name, (rows, columns), initializer, **options)

    def add_vector(self, name, size, initializer="zeros", **options):
        """A weight `(size,)`.

        Args:
            name: str.
            size: int.
            initializer: str, Keras initializer, or the values themselves.
            **options: further ones of `add_weight`.
        """
        return self.add_array(name, (size,), initializer, **options)

    def add_input_kernel(self, initializer="glorot_uniform"):
        """`input_kernel`, which makes inputs as wide as `units`.

        None where they are: a cell whose equations add x_t to its state has
        no such matrix in its paper.
        """
        if self.input_dim == self.units:
            return None
        return self.add_matrix(
            "input_kernel", self.input_dim, self.units, initializer
        )

    def widened(self, inputs):
        """`inputs` as wide as `units`, by `input_kernel` where there is one."""
        if self.input_kernel is None:
            return inputs
        return ops.matmul(inputs, self.input_kernel)

    def add_array(self, name, shape, initializer, **options):
        """A weight of any shape; see `add_vector`."""
        if isinstance(initializer, np.ndarray):
            initializer = values_initializer(initializer)
        return self.add_weight(
            shape=shape, initializer=initializer, name=name, **options
        )

    def project(self, inputs, training=False):
        """Everything that needs no recurrence.

        Args:
            inputs: tensor `(batch, lookback + timesteps, input_dim)`; with
                `lookback == 0` any leading axes.
            training: bool.

        Returns:
            A tensor or a tree of tensors `(batch, timesteps, ...)`.
        """
        raise NotImplementedError(f"{type(self).__name__}.project")

    def step(self, projected, states, constants=None, noise=None):
        """One time step. Deterministic: random masks come in as `noise`.

        Args:
            projected: what `project` returned, without the time axis.
            states: list of tensors `(batch, n)`, one for each `carry_size`.
            constants: what the caller of `Recurrent` passed as `constants`;
                given only when the caller did.
            noise: what `draw_noise` returned; given only if not None.

        Returns:
            `(output, new_states)`: `(batch, output_size)`, list of tensors.
        """
        raise NotImplementedError(f"{type(self).__name__}.step")

    def show(self, **gates):
        """Shows the gates of a step to whoever looks, by their letters.

        A cell with gates calls it where it has computed them. It does nothing
        unless a diagnostic looks, see `rnnzoo.diagnostics.gates`.

        Args:
            **gates: tensors `(batch, ...)` from 0 to 1, under the letters that
                they have in the equations of the cell; or functions without
                arguments that return them, where the step itself computes
                something else, such as a logarithm.
        """
        if self.observer is not None:
            self.observer.see(gates)

    def initial_carry(self, batch_size):
        """List of tensors `(batch_size, n)`, one for each `carry_size`."""
        return [
            ops.zeros((batch_size, n), self.carry_dtype)
            for n in self.carry_size
        ]

    def draw_noise(self, batch_size, training=False):
        """The random masks of one sequence, drawn before its loop, or None."""
        if not (training and self.recurrent_dropout):
            return None
        return self.dropout_mask((batch_size, self.units))

    # === What follows from it ===

    @property
    def carry_dtype(self):
        """Type of the states: the compute type, or at least float32."""
        if self.float32_carry:
            return keras.backend.result_type(self.compute_dtype, "float32")
        return self.compute_dtype

    @property
    def state_size(self):
        """Sizes of all states, the carried inputs of `lookback` included."""
        if not self.lookback:
            return list(self.carry_size)
        width = self.units if self.input_dim is None else self.input_dim
        return [*self.carry_size, self.lookback * width]

    @property
    def state_dtypes(self):
        dtypes = [self.carry_dtype] * len(self.carry_size)
        return dtypes + [self.compute_dtype] * bool(self.lookback)

    def get_initial_state(self, batch_size=None):
        states = list(self.initial_carry(batch_size))
        if self.lookback:
            tail = (batch_size, self.state_size[-1])
            states.append(ops.zeros(tail, self.compute_dtype))
        return states

    def dropout_mask(self, shape):
        """Zeros, and elsewhere 1 / (1 - recurrent_dropout)."""
        return keras.random.dropout(
            ops.ones(shape, self.carry_dtype),
            self.recurrent_dropout,
            seed=self.seed_generator,
        )

    def window(self, inputs, states):
        """Puts the carried inputs before `inputs`.

        Args:
            inputs: `(batch, timesteps, input_dim)`.
            states: list of all states.

        Returns:
            `(window, carry)`: `(batch, lookback + timesteps, input_dim)` and
            the list of states without the carried inputs.
        """
        if not self.lookback:
            return inputs, list(states)
        *carry, tail = states
        tail = ops.reshape(tail, (-1, self.lookback, self.input_dim))
        return ops.concatenate([ops.cast(tail, inputs.dtype), inputs], 1), carry

    def call(self, inputs, states, training=False, constants=None, noise=None):
        """One step, as `keras.layers.RNN` asks for it.

        Args:
            inputs: `(batch, input_dim)`.
            states: list of tensors, one for each `state_size`.
            training: bool. Under `keras.layers.RNN` the masks of recurrent
                dropout are drawn anew at every step; use
                `rnnzoo.layers.Recurrent` for one mask per sequence.
            constants: handed to `step` if not None.
            noise: what `draw_noise` returned, drawn before a loop of calls;
                None: drawn anew if `training`.

        Returns:
            `(output, new_states)`, each state in the type it came in.
        """
        inputs = ops.cast(inputs, self.compute_dtype)
        if noise is None:
            noise = self.draw_noise(ops.shape(inputs)[0], training)
        extras = {"constants": constants, "noise": noise}
        received = (
            list(states) if isinstance(states, list | tuple) else [states]
        )
        if self.lookback:
            window, carry = self.window(inputs[:, None], received)
            projected = keras.tree.map_structure(
                lambda t: t[:, 0], self.project(window, training=training)
            )
        else:
            carry = received
            projected = self.project(inputs, training=training)
        # `keras.layers.RNN` rounds them to the compute type.
        carry = [ops.cast(s, self.carry_dtype) for s in carry]
        extras = {name: v for name, v in extras.items() if v is not None}
        output, new = self.step(projected, carry, **extras)
        new = list(new)
        if self.lookback:
            width = self.lookback * self.input_dim
            new.append(ops.reshape(window[:, 1:], (-1, width)))
        new = [ops.cast(n, s.dtype) for n, s in zip(new, received, strict=True)]
        return ops.cast(output, self.compute_dtype), new

    def get_config(self):
        config = {
            "units": self.units,
            "recurrent_dropout": self.recurrent_dropout,
            "seed": self.seed,
        }
        return {**super().get_config(), **config}


def values_initializer(values):
    """An initializer that gives an array's values."""
    return lambda shape, dtype: ops.cast(ops.reshape(values, shape), dtype)
