"""Recurrent layers on top of each other."""

import keras

from rnnzoo import cells
from rnnzoo.cells.checks import positive_integer
from rnnzoo.layers.block import Block
from rnnzoo.layers.blocks import block_class
from rnnzoo.layers.sequence_layer import SequenceLayer


@keras.saving.register_keras_serializable("rnnzoo")
class Stack(SequenceLayer):
    """`num_layers` recurrent layers, each a `Block` around its own cell.

    With `block`, each is what that cell's paper puts around it instead, and a
    norm follows the last, so that the stack is the network of that paper:

    * `"min_rnn"`: `MinRNNBlock`, for the cells `min_gru` and `min_lstm`;
    * `"rwkv"`: `RWKVBlock`, for `rwkv4`, `rwkv6` and `rwkv7`;
    * `"xlstm"`: `MLSTMBlock` for `mlstm`, `SLSTMBlock` for `slstm`.

    Args:
        cell: as for `Recurrent`; an instance is a template, cloned for each
            layer and direction.
        units: int or None. Size of a cell that is given by name, 128 if None;
            with `block` the width of its output.
        num_layers: int. Number of layers.
        bidirectional: bool. Whether each layer also reads backwards; outputs
            are then twice as wide. Not with `block`.
        residual: bool. Whether each layer's input is added to its output. Not
            with `block`, which does so anyway.
        pre_norm: bool. Whether each layer's input is layer-normalised, and
            the output of the last one too. Not with `block`, likewise.
        block: `"min_rnn"`, `"rwkv"`, `"xlstm"` or None, see above.
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
        ValueError: see `Recurrent`; a `block` of another paper than the cell,
            or beside an option that it does not go with.

    Example:

    ```python
    stack = rnnzoo.layers.Stack("lstm", units=8, num_layers=2, residual=True)
    y = stack(np.ones((2, 5, 3)))   # (2, 5, 8)
    xlstm = rnnzoo.layers.Stack("mlstm", units=8, num_layers=2, block="xlstm")
    y = xlstm(np.ones((2, 5, 3)))   # (2, 5, 8)
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
        block=None,
        dropout=0.0,
        recurrent_dropout=0.0,
        return_state=False,
        stateful=False,
        **kwargs,
    ):
        num_layers = positive_integer("num_layers", num_layers)
        around = {
            "bidirectional": bidirectional,
            "residual": residual,
            "pre_norm": pre_norm,
        }
        options = {"dropout": dropout, "stateful": stateful}
        common = {**options, "return_state": True}
        if block is None:
            template = cells.get(
                cell, units, recurrent_dropout, kwargs.get("dtype")
            )
            blocks = [
                Block(template, name=f"block_{n}", **around, **common)
                for n in range(num_layers)
            ]
        else:
            check_alone(block, around)
            paper_block = block_class(block, cell)
            blocks = [
                paper_block(
                    cell,
                    units,
                    index=n,
                    num_layers=num_layers,
                    recurrent_dropout=recurrent_dropout,
                    dtype=kwargs.get("dtype"),
                    name=f"block_{n}",
                    **common,
                )
                for n in range(num_layers)
            ]
        kwargs["dtype"] = blocks[0].dtype_policy
        super().__init__(return_state, **kwargs)
        self.num_layers = num_layers
        self.block = block
        self.bidirectional = bidirectional
        self.options = {**around, **options}
        self.blocks = blocks
        self.norm = None
        if block is not None:
            self.norm = blocks[-1].norm("norm")
        elif pre_norm:
            self.norm = keras.layers.LayerNormalization(
                dtype=self.dtype_policy, name="norm"
            )

    # === Shapes and states ===

    @property
    def width(self):
        """Output size of one direction, and a natural size of inputs."""
        return self.output_size // (1 + bool(self.bidirectional))

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

    def draw_noise(self, batch_size):
        """The random masks of one sequence, for a loop of steps."""
        return [block.draw_noise(batch_size) for block in self.blocks]

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

    def step(self, inputs, states, constants=None, noise=None):
        """One time step; see `Recurrent.step`."""
        x, last = inputs, []
        noise = [None] * len(self.blocks) if noise is None else noise
        for (block, own), masks in zip(
            self.per_block(states), noise, strict=True
        ):
            x, new = block.step(x, own, constants, masks)
            last += new
        if self.norm is not None:
            x = self.norm(x)
        return x, last

    def get_config(self):
        cell = cells.clone(self.blocks[0].forward.cell)
        config = {
            "cell": cells.serialize(cell),
            "units": None if self.block is None else self.width,
            "num_layers": self.num_layers,
            "block": self.block,
            **self.options,
        }
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config):
        cell = cells.deserialize(config.pop("cell"))
        return cls(cell, **config)


def check_alone(block, around):
    """Raises `ValueError` where a paper's block is to be changed.

    Args:
        block: str.
        around: dict of the options that it does not go with.
    """
    reasons = {
        "bidirectional": "it adds to a stream of one width, which a second "
        "direction would double",
        "residual": "it has sums of its own",
        "pre_norm": "it has norms of its own",
    }
    for option, value in around.items():
        if value:
            raise ValueError(
                f"block={block!r} does not go with {option}: "
                f"{reasons[option]}. Received: {option}={value!r}. Leave one "
                "of them out."
            )
