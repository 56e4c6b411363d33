"""One vector or image in, one output out."""

import math

import keras

from rnnzoo.architectures.options import chosen_head, chosen_stack
from rnnzoo.cells.checks import positive_integers
from rnnzoo.inputs import check_outputs, check_values
from rnnzoo.model_streamer import Streamer


@keras.saving.register_keras_serializable("rnnzoo")
class OneToOne(Streamer):
    """One vector or image to one output: the cell takes exactly one step.

    The recurrent network without its recurrence, as textbooks draw it first.
    Its state can be carried by hand: see `step`.

    Input: values `(batch, *input_shape)`. Output: logits or values
    `(batch, num_outputs)`. Targets: see `rnnzoo.layers.Head`.

    Args:
        input_shape: tuple of int. Shape of one input; flattened.
        num_outputs: int. Number of classes, labels or values.
        head: `"softmax"`, `"sigmoid"`, `"regression"`, or a
            `rnnzoo.layers.Head`, which has its own `num_outputs`.
        cell: str, `rnnzoo.Cell` or Keras cell.
        units: int or None. Size of a cell that is given by name, 128 if None.
        num_layers: int. Number of recurrent layers.
        residual, pre_norm, block, dropout: see `rnnzoo.layers.Stack`.
        encoder: a `rnnzoo.layers.Stack` instead of the words from `cell` on.
        dtype: dtype policy.

    Raises:
        ValueError: an unknown option or cell; inputs of another shape.

    Example:

    ```python
    model = rnnzoo.build("one_to_one", input_shape=(8, 8), num_outputs=10)
    model.compile()
    model.fit(np.ones((4, 8, 8)), np.array([1, 2, 3, 4]), verbose=0)
    ```
    """

    def __init__(
        self,
        *,
        input_shape=(64,),
        num_outputs=10,
        head="softmax",
        cell="gru",
        units=None,
        num_layers=1,
        residual=False,
        pre_norm=False,
        block=None,
        dropout=0.0,
        encoder=None,
        dtype=None,
        **kwargs,
    ):
        # === Layers ===
        words = {
            "cell": cell,
            "units": units,
            "num_layers": num_layers,
            "residual": residual,
            "pre_norm": pre_norm,
            "block": block,
            "dropout": dropout,
        }
        stack = chosen_stack(
            "encoder", encoder, words, dtype=dtype, name="stack"
        )
        stack.return_state = True
        output = chosen_head(
            type(self).__name__, head, num_outputs, stack.dtype_policy
        )

        # === Functional model ===
        input_shape = positive_integers("input_shape", input_shape)
        inputs = keras.Input(input_shape, name="inputs")
        x = keras.layers.Reshape((1, math.prod(input_shape)))(inputs)
        features, *_ = stack(x)
        outputs = output(keras.layers.Flatten()(features))
        super().__init__(inputs=inputs, outputs=outputs, **kwargs)

        # === Config ===
        self.stack = stack
        self.head = output
        self.item_shape = input_shape

    @property
    def step_parts(self):
        return {"inputs": (self.item_shape, "float32")}

    def initial_states(self, batch_size):
        return self.stack.get_initial_state(batch_size)

    def advance(self, inputs, states):
        x = keras.ops.reshape(inputs, (-1, math.prod(self.item_shape)))
        features, states = self.stack.step(x, states)
        return self.head(features), states

    def check_step(self, inputs):
        self.check(inputs)

    def check(self, x, y=None):
        check_values("x", x, self.item_shape)
        if y is not None:
            check_outputs("y", y, self.head, (len(x),))

    def get_config(self):
        return {
            "input_shape": self.item_shape,
            "num_outputs": self.head.units,
            "head": keras.saving.serialize_keras_object(self.head),
            "encoder": keras.saving.serialize_keras_object(self.stack),
            "name": self.name,
        }
