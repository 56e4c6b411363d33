"""One recurrent layer with what stands around it."""

import keras
from keras import ops

from rnnzoo import cells
from rnnzoo.cells.checks import fraction
from rnnzoo.layers.recurrent import Recurrent
from rnnzoo.layers.recurrent_block import RecurrentBlock


@keras.saving.register_keras_serializable("rnnzoo")
class Block(RecurrentBlock):
    """A recurrent layer with norm, dropout, both directions and a shortcut.

        y = recurrent(norm(x))      norm with `pre_norm`
        y = x + dropout(y)          x + with `residual`

    Where the shortcut joins unequal widths, x passes through a matrix.

    Args:
        cell: as for `Recurrent`; an instance is a template, cloned for each
            direction.
        units: int or None. Size of a cell that is given by name.
        bidirectional: bool. Whether a second, backward cell reads as well;
            outputs are joined, so they are twice as wide.
        residual: bool. Whether the input is added to the output.
        pre_norm: bool. Whether the input is layer-normalised.
        dropout: float. Share of outputs dropped in training.
        recurrent_dropout: float. That of a cell given by name.
        return_state: bool. Whether to return the last states as well.
        stateful: bool. As for `Recurrent`.

    Call arguments: as for `Recurrent`; `initial_state` lists the forward
    states, then the backward ones.

    Returns:
        `(batch, timesteps, output_size)`; followed by the states with
        `return_state`.

    Raises:
        ValueError: see `Recurrent`; `step` of a bidirectional block.

    Example:

    ```python
    block = rnnzoo.layers.Block("gru", units=8, residual=True, pre_norm=True)
    y = block(np.ones((2, 5, 3)))   # (2, 5, 8)
    ```
    """

    def __init__(
        self,
        cell="gru",
        units=None,
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
        self.bidirectional = bidirectional
        self.residual = residual
        self.pre_norm = pre_norm
        self.dropout = fraction("dropout", dropout)
        self.stateful = stateful

        def recurrent(name, **options):
            return Recurrent(
                cells.clone(template),
                return_sequences=True,
                return_state=True,
                # The output at masked steps is the shortcut's alone.
                zero_output_for_mask=True,
                stateful=stateful,
                name=name,
                **options,
            )

        self.forward = recurrent("forward")
        self.backward = (
            recurrent("backward", go_backwards=True) if bidirectional else None
        )
        policy = self.dtype_policy
        self.norm = (
            keras.layers.LayerNormalization(dtype=policy, name="norm")
            if pre_norm
            else None
        )
        self.drop = keras.layers.Dropout(dropout, dtype=policy, name="drop")
        self.shortcut = None

    # === Shapes and states ===

    def directions(self):
        return [self.forward] + ([self.backward] if self.bidirectional else [])

    @property
    def output_size(self):
        return self.forward.output_size * len(self.directions())

    def build(
        self, sequences_shape, initial_state_shape=None, constants_shape=None
    ):
        if self.pre_norm:
            self.norm.build(sequences_shape)
        for layer in self.directions():
            layer.build(sequences_shape)
        if self.residual and sequences_shape[-1] != self.output_size:
            self.shortcut = keras.layers.Dense(
                self.output_size,
                use_bias=False,
                dtype=self.dtype_policy,
                name="shortcut",
            )
            self.shortcut.build(sequences_shape)

    # === Running ===

    def call(
        self,
        sequences,
        initial_state=None,
        mask=None,
        training=False,
        constants=None,
    ):
        x = ops.cast(sequences, self.compute_dtype)
        normed = self.norm(x) if self.pre_norm else x
        options = {"mask": mask, "training": training, "constants": constants}
        split = len(self.forward.state_size)
        given = self.given_states(initial_state)
        y, *states = self.forward(normed, given[:split] or None, **options)
        if self.bidirectional:
            z, *more = self.backward(normed, given[split:] or None, **options)
            y = ops.concatenate([y, ops.flip(z, axis=1)], axis=-1)
            states = states + more
        y = self.around(x, self.drop(y, training=training))
        return (y, *states) if self.return_state else y

    def around(self, x, y):
        """The shortcut."""
        if not self.residual:
            return y
        return y + (x if self.shortcut is None else self.shortcut(x))

    def step(self, inputs, states, constants=None, noise=None):
        """One time step; see `Recurrent.step`."""
        if self.bidirectional:
            raise ValueError(
                "A bidirectional layer reads its whole input before the first "
                "output, so it has no single step. Build it with "
                "bidirectional=False to run it step by step."
            )
        x = ops.cast(inputs, self.compute_dtype)
        normed = self.norm(x) if self.pre_norm else x
        own = None if noise is None else noise["layers"][self.forward.name]
        y, states = self.forward.step(normed, states, constants, own)
        if noise is not None:
            y = y * noise["drop"]
        return self.around(x, y), states

    def get_config(self):
        config = {
            "cell": cells.serialize(cells.clone(self.forward.cell)),
            "bidirectional": self.bidirectional,
            "residual": self.residual,
            "pre_norm": self.pre_norm,
            "dropout": self.dropout,
            "stateful": self.stateful,
        }
        return {**super().get_config(), **config}
