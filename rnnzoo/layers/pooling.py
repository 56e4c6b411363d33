"""One vector from a sequence."""

import keras
import numpy as np
from keras import ops

from rnnzoo.cells.checks import one_of
from rnnzoo.layers.attention import masked_softmax
from rnnzoo.layers.packing import take_steps

POOLINGS = ("last", "mean", "max", "attention")


@keras.saving.register_keras_serializable("rnnzoo")
class SequencePooling(keras.layers.Layer):
    """Summarises the valid steps of a sequence in one vector.

    Args:
        mode: `"last"`: the last valid step, and of a bidirectional layer the
            step at which each direction has read everything; `"mean"`,
            `"max"`; `"attention"`: a mean weighted by the softmax of a
            learned score w . y_t.
        bidirectional: bool. Whether the second half of the features comes
            from a backward layer; matters to `"last"` only.

    Call arguments:
        sequences: `(batch, timesteps, features)`.
        mask: bool `(batch, timesteps)` or None.

    Returns:
        `(batch, features)`; zeros for a sequence with no valid step.

    Raises:
        ValueError: unknown mode.

    Example:

    ```python
    pooled = rnnzoo.layers.SequencePooling("mean")(np.ones((2, 5, 3)))
    ```
    """

    def __init__(self, mode="last", bidirectional=False, **kwargs):
        super().__init__(**kwargs)
        self.mode = one_of("pooling", mode, POOLINGS)
        self.bidirectional = bidirectional
        self.supports_masking = True

    def build(self, sequences_shape):
        if self.mode == "attention":
            self.w = self.add_weight(
                shape=(sequences_shape[-1],),
                initializer="glorot_uniform",
                name="w",
            )

    def call(self, sequences, mask=None):
        if mask is None:
            mask = ops.ones(ops.shape(sequences)[:2], "bool")
        pooled = getattr(self, self.mode)(sequences, mask)
        some = ops.any(mask, axis=1)[:, None]
        return ops.where(some, pooled, ops.zeros_like(pooled))

    def last(self, sequences, mask):
        steps = ops.arange(ops.shape(mask)[1], dtype="int32")
        index = ops.max(ops.where(mask, steps, 0), axis=1, keepdims=True)
        if not self.bidirectional:
            return take_steps(sequences, index)[:, 0]
        first = ops.cast(ops.argmax(mask, axis=1), "int32")[:, None]
        forward, backward = ops.split(sequences, 2, axis=-1)
        ends = (take_steps(forward, index), take_steps(backward, first))
        return ops.concatenate(ends, axis=-1)[:, 0]

    def mean(self, sequences, mask):
        weights = ops.cast(mask, sequences.dtype)[..., None]
        count = ops.maximum(ops.sum(weights, axis=1), 1)
        return ops.sum(sequences * weights, axis=1) / count

    def max(self, sequences, mask):
        lowest = ops.min(sequences, axis=1, keepdims=True)
        return ops.max(ops.where(mask[..., None], sequences, lowest), axis=1)

    def attention(self, sequences, mask):
        weights = masked_softmax(ops.matmul(sequences, self.w), mask)
        weights = ops.cast(weights, sequences.dtype)
        return ops.sum(sequences * weights[..., None], axis=1)

    # === One step at a time ===

    def get_initial_state(self, batch_size, features):
        """List of tensors `(batch_size, n)`: what `step` carries, at first."""
        dtype = self.state_dtype
        nothing = ops.zeros((batch_size, features), dtype)
        zero = ops.zeros((batch_size, 1), dtype)
        return {
            "last": [],
            "mean": [nothing, zero],
            "max": [nothing - np.inf],
            "attention": [nothing, zero, zero - np.inf],
        }[self.mode]

    def step(self, features, states):
        """The summary of the steps so far, all valid.

        Args:
            features: `(batch, features)`, those of this step.
            states: list of tensors, as `get_initial_state` or the last `step`
                returned them.

        Returns:
            `(summary, states)`: `(batch, features)` and a list.
        """
        if self.mode == "last":
            return features, states
        y = ops.cast(features, self.state_dtype)
        if self.mode == "max":
            states = [ops.maximum(states[0], y)]
            summary = states[0]
        elif self.mode == "mean":
            total, count = states
            states = [total + y, count + 1]
            summary = states[0] / states[1]
        else:
            # The softmax over steps, about the highest score so far.
            total, weight, highest = states
            w = ops.cast(self.w, self.state_dtype)
            score = ops.matmul(y, w[:, None])
            new = ops.maximum(highest, score)
            before, now = ops.exp(highest - new), ops.exp(score - new)
            states = [before * total + now * y, before * weight + now, new]
            summary = states[0] / states[1]
        return ops.cast(summary, self.compute_dtype), states

    @property
    def state_dtype(self):
        return keras.backend.result_type(self.compute_dtype, "float32")

    def compute_mask(self, sequences, mask=None):
        return None

    def compute_output_shape(self, sequences_shape):
        return (sequences_shape[0], sequences_shape[-1])

    def get_config(self):
        config = {"mode": self.mode, "bidirectional": self.bidirectional}
        return {**super().get_config(), **config}
