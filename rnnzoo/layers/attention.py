"""Attention of a decoder over an encoder's memory."""

import keras
from keras import ops

from rnnzoo.cells.checks import one_of, positive_integer

SCORES = ("additive", "multiplicative")


@keras.saving.register_keras_serializable("rnnzoo")
class MemoryAttention(keras.layers.Layer):
    """Scores every memory step against a query and averages the memory.

    For query s and memory m_1 ... m_T:

        additive:        e_j = v . tanh(W s + U m_j)
        multiplicative:  e_j = s . U m_j
        a = softmax(e)
        c = sum_j a_j m_j

    Additive is of Bahdanau, Cho and Bengio 2014,
    https://arxiv.org/abs/1409.0473; multiplicative ("general") of Luong, Pham
    and Manning 2015, https://arxiv.org/abs/1508.04025. The additive scores of
    a whole target take `(batch, queries, timesteps, units)` of memory, the
    multiplicative ones `(batch, queries, timesteps)`; a step with additive ones
    takes longer. These learn far sooner where to look.

    Args:
        units: int. Width in which query and memory meet; for the
            multiplicative score the width of the query.
        score: `"additive"` or `"multiplicative"`.

    Call arguments:
        query: `(batch, queries, query_dim)`.
        keys: what `keys(memory)` returned, `(batch, timesteps, units)`.
        memory: `(batch, timesteps, memory_dim)`.
        memory_mask: bool `(batch, timesteps)` or None.

    Returns:
        `(context, weights)`: `(batch, queries, memory_dim)` and
        `(batch, queries, timesteps)` in float32.

    Raises:
        ValueError: unknown score.

    Example:

    ```python
    layer = rnnzoo.layers.MemoryAttention(8, score="additive")
    layer.build((None, None, 4), (None, None, 6))
    memory = keras.ops.ones((2, 5, 6))
    query = keras.ops.ones((2, 3, 4))
    context, weights = layer(query, layer.keys(memory), memory)
    ```
    """

    def __init__(self, units, score="multiplicative", **kwargs):
        super().__init__(**kwargs)
        self.units = positive_integer("units", units)
        self.score = one_of("score", score, SCORES)
        policy = self.dtype_policy
        self.memory_projection = keras.layers.Dense(
            units, use_bias=False, dtype=policy, name="memory_projection"
        )
        if score == "additive":
            self.query_projection = keras.layers.Dense(
                units, dtype=policy, name="query_projection"
            )

    def build(self, query_shape, memory_shape):
        self.memory_projection.build(memory_shape)
        if self.score == "additive":
            self.query_projection.build(query_shape)
            self.v = self.add_weight(
                shape=(self.units,), initializer="glorot_uniform", name="v"
            )

    def keys(self, memory):
        """U m, once for all queries: `(batch, timesteps, units)`."""
        return self.memory_projection(memory)

    def call(self, query, keys, memory, memory_mask=None):
        if self.score == "additive":
            query = self.query_projection(query)
            met = ops.tanh(query[:, :, None] + keys[:, None])
            scores = ops.sum(met * self.v, axis=-1)
        else:
            scores = ops.matmul(query, ops.swapaxes(keys, 1, 2))
        if memory_mask is not None:
            memory_mask = memory_mask[:, None]
        weights = masked_softmax(scores, memory_mask)
        context = ops.matmul(ops.cast(weights, memory.dtype), memory)
        return context, weights

    def get_config(self):
        config = {"units": self.units, "score": self.score}
        return {**super().get_config(), **config}


def masked_softmax(scores, mask=None):
    """Softmax over the last axis, in float32, of what `mask` lets through.

    Written out, because Keras warns of an axis with a single score, which a
    sequence of a single step has for good reason.
    """
    scores = ops.cast(scores, "float32")
    if mask is not None:
        scores = ops.where(mask, scores, -1e9)
    highest = ops.stop_gradient(ops.max(scores, axis=-1, keepdims=True))
    shares = ops.exp(scores - highest)
    return shares / ops.sum(shares, axis=-1, keepdims=True)
