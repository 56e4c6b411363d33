"""Looking at a model without leaving traces in it."""

import contextlib
import random

import keras
import numpy as np


@contextlib.contextmanager
def undisturbed(model):
    """A context after which the model is as it was before.

    That is: its weights, the states that stateful layers carry, the states of
    its random generators, and the sums behind its metrics; and the generators
    of Python and NumPy, from which new layers take their seeds. Numbers that
    `tf.random` draws without a generator are not taken back.

    Args:
        model: a built `keras.Model`. Under a `tf.distribute` strategy, outside
            of its replicas, such as in a callback.
    """
    variables = [*model.variables, *model.metrics_variables]
    before = [_value(variable) for variable in variables]
    drawn = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(drawn[0])
        np.random.set_state(drawn[1])
        for variable, value in zip(variables, before, strict=True):
            if _value(variable).tobytes() != value.tobytes():
                variable.assign(value)


def _value(variable):
    # A copy: on a CPU, what Keras gives can be the variable's own memory.
    return np.array(keras.ops.convert_to_numpy(variable))
