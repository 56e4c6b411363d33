"""States that a batch hands on to the next one."""

import keras
from keras import ops

from rnnzoo.cells.checks import positive_integer


@keras.saving.register_keras_serializable("rnnzoo")
class CarriedStates(keras.layers.Layer):
    """The last states of each row, for the batch that goes on with it.

    Row r of a batch goes on where row r of the batch before has stopped,
    unless it begins: truncated back-propagation through time. The states are
    values, so that no gradient reaches an earlier batch.

    Training and evaluation have states of their own: a validation in the
    middle of an epoch leaves those of the training alone.

    Papers: Williams and Peng 1990, https://doi.org/10.1162/neco.1990.2.4.490;
    for text, Mikolov et al. 2011, https://doi.org/10.1109/ICASSP.2011.5947611

        s_0 of row r = initial state       where begins[r]
                       last state of row r elsewhere

    Args:
        rows: int. Number of rows of every batch.

    Example:

    ```python
    carried = rnnzoo.layers.CarriedStates(rows=2)
    carried.create([np.zeros((2, 3))])
    carried.write([np.ones((2, 3))])
    (states,) = carried.read([np.zeros((2, 3))], np.array([True, False]))
    assert states[:, 0].numpy().tolist() == [0, 1]
    ```
    """

    # Several devices are refused: each would need the states of its own rows.
    stateful = True

    def __init__(self, rows, **kwargs):
        super().__init__(**kwargs)
        self.rows = positive_integer("rows", rows)

    def create(self, initial):
        """Makes the variables, from states `(rows, n)` before any step."""
        self.states = {
            phase: [
                self.add_weight(
                    name=f"{phase}_{index}",
                    shape=state.shape,
                    dtype=keras.backend.standardize_dtype(state.dtype),
                    # A copy: JAX hands the memory of a variable on, and so
                    # two must not have the same.
                    initializer=lambda *_, state=state, **__: ops.copy(state),
                    trainable=False,
                    autocast=False,
                )
                for index, state in enumerate(initial)
            ]
            for phase in ("training", "evaluation")
        }
        self.built = True

    def of_phase(self, training):
        return self.states["training" if training else "evaluation"]

    def read(self, initial, begins, training=False):
        """The states to start from.

        Args:
            initial: list of tensors `(rows, n)`, the states before any step.
            begins: bool `(rows,)`, which rows start from these.
            training: bool.

        Raises:
            ValueError: another number of rows.
        """
        if begins.shape[0] not in (None, self.rows):
            raise ValueError(
                f"The states of {self.rows} rows are carried from batch to "
                f"batch. Received: a batch of {begins.shape[0]} rows with "
                f"`begins`. Pass batches of {self.rows} rows, such as those "
                "of `rnnzoo.pipelines.continuous.ContinuousText`; or leave "
                "`begins` out, for rows that stand for themselves."
            )
        begins = ops.reshape(ops.cast(begins, "bool"), (self.rows, 1))
        return [
            ops.where(begins, ops.cast(first, last.dtype), last.value)
            for first, last in zip(
                initial, self.of_phase(training), strict=True
            )
        ]

    def write(self, states, training=False):
        """Keeps the last states of a batch, a list of `(rows, n)`."""
        for kept, state in zip(self.of_phase(training), states, strict=True):
            kept.assign(ops.cast(state, kept.dtype))

    def get_config(self):
        return {**super().get_config(), "rows": self.rows}
