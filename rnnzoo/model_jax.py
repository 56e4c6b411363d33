"""The JAX half of the model: its compiled functions."""

import contextlib

import jax
import keras


class TrainStep:
    """Keras's own steps; gradients are dense on JAX.

    Keras computes metrics where the weights of the step are not in force. For
    those of a head, they are kept at hand.
    """

    num_replicas = 1
    step_weights_at_hand = None

    def train_step(self, state, data):
        with self.at_hand(state):
            return super().train_step(state, data)

    def test_step(self, state, data):
        with self.at_hand(state):
            return super().test_step(state, data)

    @contextlib.contextmanager
    def at_hand(self, state):
        """Keeps the weights of a step until it is done."""
        trainable, other, *_ = state
        self.step_weights_at_hand = (tuple(trainable), tuple(other))
        try:
            yield
        finally:
            self.step_weights_at_hand = None

    def weights_of_step(self):
        """A context in which metrics see the weights that gave `y_pred`."""
        if self.step_weights_at_hand is None:
            return contextlib.nullcontext()
        return in_force(self, *self.step_weights_at_hand)

    def sum_replicas(self, values):
        """`values`: a step sees its whole batch."""
        return values


def compiled(model, function, inputs):
    """`function` of arrays as one program, for each shape."""

    @jax.jit
    def stateless(trainable, other, *inputs):
        with in_force(model, trainable, other) as scope:
            found = function(*inputs)
        others = model.non_trainable_variables
        return found, [scope.get_current_value(v) for v in others]

    def run(*inputs):
        trainable = [v.value for v in model.trainable_variables]
        other = [v.value for v in model.non_trainable_variables]
        found, other = stateless(trainable, other, *inputs)
        # Such as the states that a batch hands on to the next one.
        for variable, value in zip(
            model.non_trainable_variables, other, strict=True
        ):
            variable.assign(value)
        return found

    return run


def in_force(model, trainable, other):
    """A scope in which the variables of `model` have these values."""
    pairs = [
        *zip(model.trainable_variables, trainable, strict=True),
        *zip(model.non_trainable_variables, other, strict=True),
    ]
    return keras.StatelessScope(state_mapping=pairs)
