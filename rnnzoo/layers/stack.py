"""Recurrent layers on top of each other."""

import keras

from rnnzoo import cells
from rnnzoo.cells.checks import positive_integer
from rnnzoo.layers.block import Block
from rnnzoo.layers.sequence_layer import SequenceLayer


@keras.saving.register_keras_serializable("rnnzoo")
class Stack(SequenceLayer):
    """`num_layers` recurrent layers, each a `Block` around its own cell.

    Args:
        cell: as for `Recurrent`; an instance is a template, cloned for each
            layer and direction.
        units: int or None. Size of a cell that is given by name, 128 if None.
        num_layers: int. Number of layers.
        bidirectional: bool. Whether each layer also reads backwards; outputs
            are then twice as wide.
        residual: bool. Whether each layer's input is added to its output.
        pre_norm: bool. Whether each layer's input is layer-normalised, and
            the output of the last one too.
        dropout: float. Share of each layer's outputs dropped in training.
        recurrent_dropout: float. That of a cell given by name.
        return_state: bool. Whether to return the last states as well.
        stateful: bool. As for `Recurrent`.

    Call arguments: as for `Recurrent`; `initial_state` lists the states of
    all layers, the lowest first.

    Returns:
        `(batch, timesteps, output_size)`; followed by the states with
        `return_state`.

    Raises:
        ValueError: see `Recurrent`.

    Example:

    ```python
    stack = rnnzoo.layers.Stack("lstm", units=8, num_layers=2, residual=True)
    y = stack(np.ones((2, 5, 3)))   # (2, 5, 8)
    ```
    """

    def __init__(
        self,
        cell="gru",
        units=None,
        num_layers=1,
        bidirectional=False,
        residual=False,
        pre_norm=False,
        dropout=0.0,
        recurrent_dropout=0.0,
        return_state=False,
        stateful=False,
        **kwargs,
    ):
        template = cells.get(
            cell, units, recurrent_dropout, kwargs.get("dtype")
        )
        kwargs["dtype"] = template.dtype_policy
        super().__init__(return_state, **kwargs)
        self.num_layers = positive_integer("num_layers", num_layers)
        self.options = {
            "bidirectional": bidirectional,
            "residual": residual,
            "pre_norm": pre_norm,
            "dropout": dropout,
            "stateful": stateful,
        }
        self.bidirectional = bidirectional
        self.blocks = [
            Block(
                template, return_state=True, name=f"block_{n}", **self.options
            )
            for n in range(num_layers)
        ]
        self.norm = (
            keras.layers.LayerNormalization(
                dtype=self.dtype_policy, name="norm"
            )
            if pre_norm
            else None
        )

    # === Shapes and states ===

    @property
    def output_size(self):
        return self.blocks[-1].output_size

    @property
    def state_size(self):
        return [n for block in self.blocks for n in block.state_size]

    @property
    def state_dtypes(self):
        return [dtype for block in self.blocks for dtype in block.state_dtypes]

    @property
    def conditionable_states(self):
        """Indices of the states that mean something when set from outside."""
        indices, first = [], 0
        for block in self.blocks:
            for layer in block.directions():
                own = layer.cell.conditionable_states
                indices += [first + index for index in own]
                first += len(layer.state_size)
        return tuple(indices)

    def build(
        self, sequences_shape, initial_state_shape=None, constants_shape=None
    ):
        if len(sequences_shape) != 3:
            raise ValueError(
                "A Stack reads sequences (batch, timesteps, features). "
                f"Received: shape {tuple(sequences_shape)}."
            )
        shape = tuple(sequences_shape)
        for block in self.blocks:
            block.build(shape)
            shape = (*shape[:2], block.output_size)
        if self.norm is not None:
            self.norm.build(shape)

    def get_initial_state(self, batch_size):
        """List of tensors `(batch_size, n)`: the states before any step."""
        return [
            state
            for block in self.blocks
            for state in block.get_initial_state(batch_size)
        ]

    def reset_state(self):
        """Forgets what `stateful` carried over."""
        for block in self.blocks:
            block.reset_state()

    def per_block(self, states):
        """The flat list of states, cut into one list per block."""
        states = list(states)
        for block in self.blocks:
            count = len(block.state_size)
            yield block, states[:count]
            states = states[count:]

    # === Running ===

    def call(
        self,
        sequences,
        initial_state=None,
        mask=None,
        training=False,
        constants=None,
    ):
        x, last = sequences, []
        given = self.given_states(initial_state)
        for block, states in self.per_block(given):
            x, *new = block(
                x,
                initial_state=states or None,
                mask=mask,
                training=training,
                constants=constants,
            )
            last += new
        if self.norm is not None:
            x = self.norm(x)
        return (x, *last) if self.return_state else x

    def step(self, inputs, states, constants=None):
        """One time step; see `Recurrent.step`."""
        x, last = inputs, []
        for block, own in self.per_block(states):
            x, new = block.step(x, own, constants)
            last += new
        if self.norm is not None:
            x = self.norm(x)
        return x, last

    def get_config(self):
        cell = cells.clone(self.blocks[0].forward.cell)
        config = {
            "cell": cells.serialize(cell),
            "num_layers": self.num_layers,
            **self.options,
        }
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config):
        cell = cells.deserialize(config.pop("cell"))
        return cls(cell, **config)
