"""Layers of items, in a graph that gets no row, as a replica may."""

import numpy as np
import pytest
import tensorflow as tf

from rnnzoo.layers import CharacterEncoder, FrameEncoder

LAYERS = {
    "frames": (lambda: FrameEncoder((3, 5), 6), (7, 4, 2), "float32"),
    "cnn": (lambda: CharacterEncoder(9, 6, "cnn"), (4,), "int32"),
    "lstm": (lambda: CharacterEncoder(9, 6, "lstm"), (4,), "int32"),
}


@pytest.mark.parametrize("name", LAYERS)
def test_no_row_adds_nothing(name):
    make, item, dtype = LAYERS[name]
    layer = make()
    layer.build((None, None, *item))

    @tf.function(
        input_signature=[tf.TensorSpec((None, None, *item), dtype)],
        autograph=False,
    )
    def run(x):
        with tf.GradientTape() as tape:
            y = layer(x)
            total = tf.reduce_sum(y)
        weights = [w.value for w in layer.trainable_weights]
        return y, [
            tf.convert_to_tensor(g) for g in tape.gradient(total, weights)
        ]

    y, gradients = run(np.zeros((0, 3, *item), dtype))
    assert y.shape == (0, 3, 6)
    assert not any(np.any(g) for g in gradients)
    y, gradients = run(np.ones((2, 3, *item), dtype))
    assert y.shape == (2, 3, 6)
    assert all(np.any(g) for g in gradients)
