"""What the wrappers share: they pass on what the cell inside states."""

import keras

from rnnzoo.cells.cell import Cell


class CellWrapper(Cell):
    """Base class of cells that change one thing about another cell.

    A wrapper is a cell itself, so it runs wherever cells do and wraps other
    wrappers. Sizes, states, masks of recurrent dropout and types are those of
    the cell inside, unless a subclass says otherwise. It may override

    * `project`, to add to what the cell inside projects; `inside` then takes
      that cell's part out again;
    * `finish`, which makes the output from the output of the cell inside, for
      one step or for a whole sequence;
    * `initial_carry` and `step`, as for any cell.

    With its `step` left alone a wrapper runs in parallel over time around
    cells that do.

    Args:
        cell: an instance of a `rnnzoo.Cell`.
        **kwargs: `seed`, `name` and so on, as for any cell; `units`,
            `recurrent_dropout` and `dtype` are those of `cell`.

    Raises:
        ValueError: `cell` is no such instance, or a `Reset`, which goes
            around all others.

    Example:

    ```python
    class Doubled(rnnzoo.cells.CellWrapper):
        def finish(self, output, projected):
            return 2 * output

    cell = Doubled(rnnzoo.cells.GRU(8))
    y = rnnzoo.layers.Recurrent(cell)(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    # Whether another wrapper around this one would undo what it does.
    outermost = False

    def __init__(self, cell, **kwargs):
        self.check_cell(cell)
        kwargs["dtype"] = cell.dtype_policy
        super().__init__(cell.units, cell.recurrent_dropout, **kwargs)
        self.cell = cell

    def check_cell(self, cell):
        """Raises `ValueError` where `cell` cannot be wrapped."""
        name = type(self).__name__
        if not isinstance(cell, Cell):
            raise ValueError(
                f"{name} wraps an instance of a `rnnzoo.Cell`. Received: "
                f'cell={cell!r}. Pass rnnzoo.cells.get("lstm", units=8) for a '
                "cell of the zoo, rnnzoo.cells.KerasCell(cell) for one of "
                "Keras."
            )
        if isinstance(cell, CellWrapper) and cell.outermost:
            inner = type(cell).__name__
            raise ValueError(
                f"{inner} goes around all other wrappers. Received: "
                f"{name}({inner}(...)). Write {inner}({name}(...))."
            )

    def check_conditionable_states(self):
        """Raises `ValueError` where the cell inside has none."""
        if not self.conditionable_states:
            raise ValueError(
                f"{type(self).__name__} changes states that mean something "
                "by themselves. Received: a cell "
                f"{type(self.cell).__name__}, which has none, only memories "
                "and stabilisers (see `rnnzoo.Cell.conditionable_states`)."
            )

    # === What the cell inside states ===

    @property
    def carry_size(self):
        return self.cell.carry_size

    @property
    def output_size(self):
        return self.cell.output_size

    @property
    def lookback(self):
        return self.cell.lookback

    @property
    def float32_carry(self):
        return self.cell.float32_carry

    @property
    def conditionable_states(self):
        return self.cell.conditionable_states

    @property
    def takes_constants(self):
        return self.cell.takes_constants

    @property
    def draws_in_project(self):
        return self.cell.draws_in_project

    def initial_carry(self, batch_size):
        return self.cell.initial_carry(batch_size)

    def draw_noise(self, batch_size, training=False):
        return self.cell.draw_noise(batch_size, training)

    # === Around it ===

    def build(self, input_shape):
        super().build(input_shape)
        if not self.cell.built:
            self.cell.build((*input_shape[:-1], self.inside_dim))

    @property
    def inside_dim(self):
        """How many input features the cell inside reads."""
        return self.input_dim

    def project(self, inputs, training=False):
        return self.cell.project(inputs, training=training)

    def without_lookback(self, inputs):
        """The inputs of the steps themselves."""
        return inputs[:, self.lookback :] if self.lookback else inputs

    def inside(self, projected):
        """What the cell inside projected, out of what this one did."""
        return projected

    def finish(self, output, projected):
        """The output, from that of the cell inside."""
        return output

    def step(self, projected, states, **extras):
        inside = self.inside(projected)
        output, new = self.cell.step(inside, states, **extras)
        return self.finish(output, projected), new

    def get_config(self):
        config = super().get_config()
        for name in ("units", "recurrent_dropout"):
            del config[name]
        cell = keras.saving.serialize_keras_object(self.cell)
        return {**config, "cell": cell}

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        cell = keras.saving.deserialize_keras_object(config.pop("cell"))
        return cls(cell, **config)
