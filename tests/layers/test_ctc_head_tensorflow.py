import numpy as np
import pytest
import tensorflow as tf

from rnnzoo.layers import CTCHead


@pytest.mark.parametrize("jit_compile", [False, True])
def test_one_graph_for_any_batch_and_length(jit_compile):
    """With gradients, which XLA has of loops with a known bound only."""
    head = CTCHead(5)

    def losses(y, x, mask):
        with tf.GradientTape() as tape:
            tape.watch(x)
            losses, _ = head.sequence_losses(y, x, mask)
        return losses, tape.gradient(losses, x)

    compiled = tf.function(
        losses,
        jit_compile=jit_compile,
        input_signature=[
            tf.TensorSpec((None, None), tf.int32),
            tf.TensorSpec((None, None, 5), tf.float32),
            tf.TensorSpec((None, None), tf.bool),
        ],
    )
    rng = np.random.default_rng(0)
    for batch, timesteps, labels in ((3, 9, 4), (2, 11, 3)):
        y = tf.constant(rng.integers(0, 5, (batch, labels)), tf.int32)
        x = tf.constant(rng.normal(size=(batch, timesteps, 5)), tf.float32)
        mask = tf.constant(rng.uniform(size=(batch, timesteps)) < 0.8)
        arguments = y, x, mask
        pairs = zip(compiled(*arguments), losses(*arguments), strict=True)
        for found, expected in pairs:
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
