"""What the blocks of papers have in common."""

import keras
from keras import ops

from rnnzoo import cells
from rnnzoo.cells.checks import fraction, positive_integer
from rnnzoo.layers.recurrent import Recurrent
from rnnzoo.layers.recurrent_block import RecurrentBlock


class PaperBlock(RecurrentBlock):
    """Base class of a cell with what its paper puts around it.

    A block adds to a stream that is `units` wide. Inputs of another width
    are first brought to it by a matrix.

    A subclass states `fits`, makes its layers in `__init__`, lists them in
    `parts` and writes `flow`, once for sequences and single steps.

    Args:
        cell: str, or an instance of a `rnnzoo.Cell`, a template that is
            cloned. By name it gets `expansion * units` units.
        units: int or None. Width of the stream; None for that of the cell
            over `expansion`, or 128 for a cell that is given by name.
        index: int. Place in a `Stack`, from 0.
        num_layers: int. Number of blocks in the `Stack`, which some papers'
            initial values depend on.
        dropout: float. Share of what is added to the stream that is dropped
            in training.
        recurrent_dropout: float. That of a cell given by name.
        return_state: bool. Whether to return the last states as well.
        stateful: bool. As for `Recurrent`.
    """

    # The classes of cells that the block is made for.
    fits = ()
    # Units of the cell for each of the stream.
    expansion = 1
    norm_has_offset = True

    def __init__(
        self,
        cell,
        units=None,
        index=0,
        num_layers=1,
        dropout=0.0,
        recurrent_dropout=0.0,
        return_state=False,
        stateful=False,
        **kwargs,
    ):
        if isinstance(cell, str):
            width = cells.DEFAULT_UNITS if units is None else units
            width = positive_integer("units", width)
            template = cells.get(
                cell,
                self.expansion * width,
                recurrent_dropout,
                kwargs.get("dtype"),
            )
        else:
            template = cells.get(cell, None, recurrent_dropout)
            width = template.units // self.expansion
            width = positive_integer("units", width if units is None else units)
        self.check_cell(template)
        kwargs["dtype"] = template.dtype_policy
        super().__init__(return_state, **kwargs)
        self.units = width
        self.index = index
        self.num_layers = positive_integer("num_layers", num_layers)
        self.dropout = fraction("dropout", dropout)
        self.stateful = stateful
        self.forward = self.recurrent(self.fitted(template), "forward")
        self.drop = keras.layers.Dropout(
            dropout, dtype=self.dtype_policy, name="drop"
        )
        self.entry = None

    # === What a subclass writes ===

    def fitted(self, template):
        """The block's own cell, made from the template."""
        return cells.clone(template)

    def parts(self):
        """Pairs of a layer and the width of its inputs."""
        raise NotImplementedError(f"{type(self).__name__}.parts")

    def flow(self, x, run, drop):
        """The block's output.

        Args:
            x: the stream, `(batch, timesteps, units)` or `(batch, units)`.
            run: function of a recurrent layer and its inputs, which returns
                its outputs and looks after its states.
            drop: function of what is added to the stream: its dropout.
        """
        raise NotImplementedError(f"{type(self).__name__}.flow")

    # === What its layers are made of ===

    def recurrent(self, cell, name):
        return Recurrent(
            cell,
            return_sequences=True,
            return_state=True,
            zero_output_for_mask=True,
            stateful=self.stateful,
            name=name,
        )

    def norm(self, name):
        """A layer norm, also for what comes after the last block."""
        return keras.layers.LayerNormalization(
            epsilon=1e-5,
            center=self.norm_has_offset,
            dtype=self.dtype_policy,
            name=name,
        )

    def dense(self, units, name, stddev=None, **options):
        """A matrix, from a normal distribution if `stddev` is given."""
        if stddev is not None:
            normal = keras.initializers.RandomNormal(stddev=stddev)
            options["kernel_initializer"] = normal
        return keras.layers.Dense(
            units, dtype=self.dtype_policy, name=name, **options
        )

    @classmethod
    def check_cell(cls, cell):
        if isinstance(cell, cls.fits):
            return
        raise ValueError(
            f"{cls.__name__} is made for the cells {names_of(cls.fits)}. "
            f"Received: {type(cell).__name__}. Choose one of them, or leave "
            "`block` out."
        )

    def check_width(self):
        """For a block that adds what its cell puts out as it is."""
        if self.forward.cell.units != self.units:
            raise ValueError(
                f"{type(self).__name__} adds what its cell puts out to a "
                f"stream of the same width. Received: units={self.units} and "
                f"a cell of {self.forward.cell.units} units. Leave `units` "
                "out."
            )

    # === Shapes and states ===

    @property
    def output_size(self):
        return self.units

    def build(
        self, sequences_shape, initial_state_shape=None, constants_shape=None
    ):
        if sequences_shape[-1] != self.input_size:
            self.entry = self.dense(self.input_size, "entry", use_bias=False)
            self.entry.build(sequences_shape)
        for layer, width in self.parts():
            layer.build((*sequences_shape[:2], width))

    @property
    def input_size(self):
        """Width of the stream where it comes in."""
        return self.units

    def per_layer(self, states):
        """The flat list of states as a dict of one list for each layer."""
        states, own = list(states), {}
        for layer in self.directions():
            count = len(layer.state_size)
            own[layer.name], states = states[:count], states[count:]
        return own

    # === Running ===

    def call(
        self,
        sequences,
        initial_state=None,
        mask=None,
        training=False,
        constants=None,
    ):
        own = self.per_layer(self.given_states(initial_state))

        def run(layer, x):
            y, *own[layer.name] = layer(
                x, own[layer.name] or None, mask=mask, training=training
            )
            return y

        def drop(h):
            return self.drop(h, training=training)

        y = self.through(sequences, run, drop, constants)
        if not self.return_state:
            return y
        return y, *(s for layer in self.directions() for s in own[layer.name])

    def step(self, inputs, states, constants=None, noise=None):
        """One time step; see `Recurrent.step`."""
        own = self.per_layer(states)
        masks = {} if noise is None else noise["layers"]

        def run(layer, x):
            y, own[layer.name] = layer.step(
                x, own[layer.name], noise=masks.get(layer.name)
            )
            return y

        def drop(h):
            return h if noise is None else h * noise["drop"]

        y = self.through(inputs, run, drop, constants)
        return y, [s for layer in self.directions() for s in own[layer.name]]

    def through(self, x, run, drop, constants=None):
        self.forward.check_constants(constants)
        x = ops.cast(x, self.compute_dtype)
        if self.entry is not None:
            x = self.entry(x)
        return self.flow(x, run, drop)

    def get_config(self):
        config = {
            "cell": cells.serialize(cells.clone(self.forward.cell)),
            "units": self.units,
            "index": self.index,
            "num_layers": self.num_layers,
            "dropout": self.dropout,
            "stateful": self.stateful,
        }
        return {**super().get_config(), **config}


def names_of(kinds):
    """The names of classes of cells, for a message."""
    names = [name for name, kind in cells.CELLS.items() if kind in kinds]
    return ", ".join(repr(name) for name in names)


def with_options(cell, **options):
    """A new, unbuilt cell that differs from `cell` in these options."""
    config = cells.clone(cell).get_config()
    config.pop("name")
    return type(cell).from_config({**config, **options})
