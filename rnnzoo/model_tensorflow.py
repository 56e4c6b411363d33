"""The TensorFlow half of the model: training step and compiled functions."""

import keras
import tensorflow as tf


class TrainStep:
    """A training step whose gradients are dense before they are clipped.

    The gradient of an embedding comes as rows with repeated ids, and clipping
    would take the norm of each repetition apart: too small a norm where ids
    repeat with one sign, and another model than on other backends.
    """

    def train_step(self, data):
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred, sample_weight)
            scaled = self.optimizer.scale_loss(loss)
        batch_size = tf.shape(keras.tree.flatten(x)[0])[0]
        self._loss_tracker.update_state(loss, sample_weight=batch_size)
        weights = self.trainable_weights
        gradients = [
            None if g is None else tf.convert_to_tensor(g)
            for g in tape.gradient(scaled, weights)
        ]
        self.optimizer.apply_gradients(zip(gradients, weights, strict=True))
        return self.compute_metrics(x, y, y_pred, sample_weight)


def compiled(model, function, inputs):
    """`function` of tensors as one graph, for any batch size and length."""
    signature = [
        tf.TensorSpec([None] * min(2, x.ndim) + list(x.shape[2:]), x.dtype)
        for x in inputs
    ]
    # Concrete, so that TensorFlow does not take each new model for a retracing.
    graph = tf.function(function, signature, autograph=False)
    return graph.get_concrete_function()
