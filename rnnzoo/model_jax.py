"""The JAX half of the model: its compiled functions."""

import jax
import keras


class TrainStep:
    """Keras's own training step; gradients are dense on JAX."""

    num_replicas = 1

    def sum_replicas(self, values):
        """`values`: a step sees its whole batch."""
        return values


def compiled(model, function, inputs):
    """`function` of arrays as one program, for each shape."""

    @jax.jit
    def stateless(trainable, other, *inputs):
        pairs = [
            *zip(model.trainable_variables, trainable, strict=True),
            *zip(model.non_trainable_variables, other, strict=True),
        ]
        with keras.StatelessScope(state_mapping=pairs):
            return function(*inputs)

    def run(*inputs):
        trainable = [v.value for v in model.trainable_variables]
        other = [v.value for v in model.non_trainable_variables]
        return stateless(trainable, other, *inputs)

    return run
