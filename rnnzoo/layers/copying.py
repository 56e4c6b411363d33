"""Words of the source, copied into what is written."""

import keras
from keras import ops

from rnnzoo.text import UNKNOWN

# Added to a probability before its logarithm.
TINY = 1e-30


@keras.saving.register_keras_serializable("rnnzoo")
class Copying(keras.layers.Layer):
    """Mixes a decoder's own words with those that it looks at.

    With the context c_t, the query s_t and the input x_t of a step, its own
    logits o_t and its attention a_t over source words w_1 ... w_S:

        p_t = sigmoid(w_c . c_t + w_s . s_t + w_x . x_t + b)
        P(w) = p_t softmax(o_t)_w + (1 - p_t) sum_{j: w_j = w} a_tj

    the pointer-generator of See, Liu & Manning 2017,
    https://arxiv.org/abs/1704.04368. Words outside the vocabulary have the
    ids that follow it, by their first place in the source, each source from
    the same id on: P has `slots` places for them.

    Args:
        vocabulary_size: int. Number of token ids.
        slots: int. Most words outside the vocabulary in a source; it may be
            0, where ids alone are copied.

    Call arguments:
        logits: o, `(rows, timesteps, vocabulary_size)`.
        looked: the decoder's `Looked`.
        inputs: x, `(rows, timesteps, n)`.
        source: int32 `(rows, source steps)`, ids below vocabulary_size +
            slots.

    Returns:
        log P, float32 `(rows, timesteps, vocabulary_size + slots)`: logits
        whose softmax is P. Where shares sum to less than one, as monotonic
        ones may, the softmax gives to all what is missing.
    """

    def __init__(self, vocabulary_size, slots, **kwargs):
        super().__init__(**kwargs)
        self._convert_input_args = False
        self.vocabulary_size = vocabulary_size
        self.slots = slots
        self.gate = keras.layers.Dense(1, dtype=self.dtype_policy, name="gate")

    @property
    def output_size(self):
        return self.vocabulary_size + self.slots

    def build(self, gate_shape):
        self.gate.build(gate_shape)

    def call(self, logits, looked, inputs, source):
        x = ops.concatenate([looked.contexts, looked.queries, inputs], axis=-1)
        own = ops.cast(self.gate(x), "float32")
        p, rest = ops.sigmoid(own), ops.sigmoid(-own)
        logits = ops.cast(logits, "float32")
        highest = ops.stop_gradient(ops.max(logits, axis=-1, keepdims=True))
        shares = ops.exp(logits - highest)
        generated = p * shares / ops.sum(shares, axis=-1, keepdims=True)
        generated = ops.pad(generated, [(0, 0), (0, 0), (0, self.slots)])
        copied = self.scattered(rest * looked.weights, source)
        return ops.log(generated + copied + TINY)

    def scattered(self, weights, source):
        """Attention `(rows, timesteps, source steps)`, summed by source id."""
        rows, timesteps = ops.shape(weights)[0], ops.shape(weights)[1]
        size = self.output_size
        place = ops.arange(rows * timesteps, dtype="int32") * size
        place = ops.reshape(place, (rows, timesteps, 1)) + source[:, None]
        flat = ops.scatter(
            ops.reshape(place, (-1, 1)),
            ops.reshape(weights, (-1,)),
            (rows * timesteps * size,),
        )
        return ops.reshape(flat, (rows, timesteps, size))

    def absent(self, source):
        """Bool `(rows, output_size)`: slots whose word is not in `source`."""
        slots = ops.arange(self.vocabulary_size, self.output_size)
        slots = ops.cast(slots, source.dtype)
        held = ops.any(ops.equal(source[..., None], slots), axis=1)
        known = ops.zeros((ops.shape(source)[0], self.vocabulary_size), "bool")
        return ops.concatenate([known, ops.logical_not(held)], axis=-1)

    def get_config(self):
        config = {
            "vocabulary_size": self.vocabulary_size,
            "slots": self.slots,
        }
        return {**super().get_config(), **config}


def known_ids(ids, vocabulary_size):
    """`ids` with `UNKNOWN` in place of those from `vocabulary_size` on."""
    return ops.where(ids < vocabulary_size, ids, UNKNOWN)
