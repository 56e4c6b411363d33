"""Initial states that are weights."""

from keras import ops

from rnnzoo.cells.wrappers.wrapper import CellWrapper


class LearnedInitialState(CellWrapper):
    """Starts every sequence from a state that is trained with the weights.

    Choose it for short sequences and for tasks whose first steps count: the
    cell need not spend them on leaving an arbitrary state. Not for a decoder
    whose states come from an encoder.

    Paper: Forcada and Carrasco 1995, "Learning the Initial State of a
    Second-Order Recurrent Neural Network during Regular-Language Inference",
    https://doi.org/10.1162/neco.1995.7.5.923

        s_0 = w_s

    for each conditionable state s; w_s starts from the initial state of the
    cell inside. Other states, memories and stabilisers, start as they do
    without it.

    A stateful layer takes it over when it resets its states; no gradient
    reaches it through the states of an earlier batch.

    Weights: w_s `initial_state_0`, `initial_state_1` and so on, `(n,)` for a
    state `(batch, n)`; beside them those of the cell inside, whose states it
    has.

    Args:
        cell: an instance of a `rnnzoo.Cell`.

    Raises:
        ValueError: a cell without conditionable states; initial states asked
            for before `build`.

    Example:

    ```python
    cell = rnnzoo.cells.LearnedInitialState(rnnzoo.cells.GRU(8))
    y = rnnzoo.layers.Recurrent(cell)(np.ones((2, 5, 3)))   # (2, 8)
    ```
    """

    def __init__(self, cell, **kwargs):
        super().__init__(cell, **kwargs)
        self.check_conditionable_states()

    def build(self, input_shape):
        super().build(input_shape)
        # Not rounded to the compute type, which a state may be wider than.
        self.initial = [
            self.add_vector(
                f"initial_state_{index}",
                self.carry_size[index],
                self.start(index),
                autocast=False,
            )
            for index in self.conditionable_states
        ]

    def start(self, index):
        """An initializer that gives a state of the cell inside."""

        def values(shape, dtype=None):
            (row,) = self.cell.initial_carry(1)[index]
            return ops.cast(row, dtype)

        return values

    def initial_carry(self, batch_size):
        if not self.built:
            raise ValueError(
                "The initial states of a LearnedInitialState are weights, "
                "which it has after `build`. Build the layer around it, or "
                "call that once, before asking for them."
            )
        states = list(self.cell.initial_carry(batch_size))
        for index, w in zip(
            self.conditionable_states, self.initial, strict=True
        ):
            s = ops.cast(w, states[index].dtype)
            states[index] = ops.broadcast_to(s, ops.shape(states[index]))
        return states
