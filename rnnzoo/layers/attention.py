"""Attention of a decoder over an encoder's memory."""

import keras
from keras import ops

from rnnzoo import kernels
from rnnzoo.cells.checks import in_range, one_of, positive_integer
from rnnzoo.layers.sequence_layer import as_tensors

SCORES = (
    "additive",
    "normed_additive",
    "concat",
    "dot",
    "multiplicative",
    "scaled",
)
# Those with a tanh, which coverage goes into.
ADDITIVE = ("additive", "normed_additive", "concat")
ALIGNMENTS = ("softmax", "monotonic")

# What a decoder takes by name, as options of `MemoryAttention`.
ATTENTIONS = {score: {"score": score} for score in SCORES} | {
    "coverage": {"score": "additive", "coverage": True},
    "monotonic": {"score": "normed_additive", "alignment": "monotonic"},
}


@keras.saving.register_keras_serializable("rnnzoo")
class MemoryAttention(keras.layers.Layer):
    """Scores every memory step against a query and averages the memory.

    For query s_i and memory m_1 ... m_T, its score e_ij is one of

        additive:         v . tanh(W s_i + U m_j + b)
        normed_additive:  g v / |v| . tanh(W s_i + U m_j + b)
        concat:           v . tanh(W [s_i; m_j])
        dot:              s_i . m_j
        multiplicative:   s_i . U m_j
        scaled:           g s_i . U m_j

    its share a_ij one of

        softmax:          a_i = softmax(e_i)
        monotonic:        p_ij = sigmoid(e_ij + r + noise)
                          q_ij = (1 - p_i,j-1) q_i,j-1 + a_i-1,j
                          a_ij = p_ij q_ij

    and the context

        c_i = sum_j a_ij m_j

    With coverage, what was looked at already, sum_{k<i} a_kj, goes into the
    tanh of the score times a vector w.

    Additive: Bahdanau, Cho & Bengio 2014, https://arxiv.org/abs/1409.0473;
    its normed form: weight normalisation of Salimans & Kingma 2016,
    https://arxiv.org/abs/1602.07868, as Raffel et al. use it. Dot,
    multiplicative (their "general") and concat: Luong, Pham & Manning 2015,
    https://arxiv.org/abs/1508.04025. Scaled: with one learned number. All are
    at first as wide as softmax likes: g is 1 / sqrt(units). Monotonic, in its
    expected, soft form: Raffel et al. 2017,
    https://arxiv.org/abs/1704.00784, equations 8 to 11; before the first
    query all attention is on the first step; shares may sum to less than one.
    Coverage: See, Liu & Manning 2017, https://arxiv.org/abs/1704.04368.

    The additive scores of a whole target take `(batch, queries, timesteps,
    units)` of memory, the multiplicative ones `(batch, queries, timesteps)`; a
    step with additive ones takes longer. These learn far sooner where to look.
    Coverage and monotonic shares depend on the shares before, so their
    queries come one after the other.

    Args:
        units: int or None. Width in which query and memory meet: for all but
            the additive scores the width of the query. None: a decoder puts
            in its own.
        score: see above.
        alignment: `"softmax"` or `"monotonic"`.
        coverage: bool. With additive scores only.
        noise: float. Standard deviation of the noise that makes monotonic
            shares near 0 or 1 in training.

    Call arguments:
        query: `(batch, queries, query_dim)`.
        keys: what `keys(memory)` returned, `(batch, timesteps, units)`.
        memory: `(batch, timesteps, memory_dim)`.
        memory_mask: bool `(batch, timesteps)` or None.
        past: list of what `remembered` names, `(batch, queries, timesteps)`
            each: what every query looks back at; see `first_past`.
        noise: `(batch, queries, timesteps)`, see `draw_noise`; or None.

    Returns:
        `(context, weights)`: `(batch, queries, memory_dim)` and
        `(batch, queries, timesteps)` in float32.

    Raises:
        ValueError: unknown score or alignment; coverage with a score that is
            not additive; "dot" of unequal widths; units that are not those of
            the query.

    Example:

    ```python
    layer = rnnzoo.layers.MemoryAttention(8, score="additive")
    layer.build((None, None, 4), (None, None, 6))
    memory = keras.ops.ones((2, 5, 6))
    query = keras.ops.ones((2, 3, 4))
    context, weights = layer(query, layer.keys(memory), memory)
    ```
    """

    def __init__(
        self,
        units=None,
        score="multiplicative",
        alignment="softmax",
        coverage=False,
        noise=1.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        # Keras would round the float32 shares that are looked back at.
        self._convert_input_args = False
        self._allow_non_tensor_positional_args = True
        self.units = None if units is None else positive_integer("units", units)
        self.score = one_of("score", score, SCORES)
        self.alignment = one_of("alignment", alignment, ALIGNMENTS)
        self.coverage = bool(one_of("coverage", coverage, (False, True)))
        self.noise = float(in_range("noise", noise, "[0, inf)"))
        if self.coverage and score not in ADDITIVE:
            raise ValueError(
                "Coverage is part of an additive score. Received: coverage="
                f"True, score={score!r}. Choose one of "
                f"{', '.join(map(repr, ADDITIVE))}."
            )
        if alignment == "monotonic":
            self.seed_generator = keras.random.SeedGenerator()
        if units is not None:
            self.make_projections()

    def make_projections(self):
        units, policy = self.units, self.dtype_policy
        if self.score != "dot":
            self.memory_projection = keras.layers.Dense(
                units, use_bias=False, dtype=policy, name="memory_projection"
            )
        if self.score in ADDITIVE:
            self.query_projection = keras.layers.Dense(
                units,
                use_bias=self.score != "concat",
                dtype=policy,
                name="query_projection",
            )

    @property
    def remembered(self):
        """Names of what each query looks back at."""
        names = ["alignment"] if self.alignment == "monotonic" else []
        return names + ["coverage"] * self.coverage

    def build(self, query_shape, memory_shape):
        if self.units is None:
            self.units = query_shape[-1]
            self.make_projections()
        units = self.units
        if self.score not in (*ADDITIVE, "dot") and units != query_shape[-1]:
            raise ValueError(
                f"The score {self.score!r} brings the memory to the width of "
                f"the query, {query_shape[-1]}. Received: units={units}. Leave "
                "`units` out, or choose score='additive', which brings both to "
                "another width."
            )
        if self.score != "dot":
            self.memory_projection.build(memory_shape)
        elif query_shape[-1] != memory_shape[-1]:
            raise ValueError(
                "The score 'dot' needs a query and a memory of one width. "
                f"Received: {query_shape[-1]} and {memory_shape[-1]}. Choose "
                "score='multiplicative', which learns a matrix between them."
            )
        if self.score in ADDITIVE:
            self.query_projection.build(query_shape)
            self.v = self.add_weight(
                shape=(units,), initializer="glorot_uniform", name="v"
            )
        if self.score in ("normed_additive", "scaled"):
            initial = keras.initializers.Constant(units**-0.5)
            self.g = self.add_weight(shape=(), initializer=initial, name="g")
        if self.coverage:
            self.w = self.add_weight(
                shape=(units,), initializer="glorot_uniform", name="w"
            )
        if self.alignment == "monotonic":
            # Below zero, attention moves on slowly at first.
            initial = keras.initializers.Constant(-1.0)
            self.r = self.add_weight(shape=(), initializer=initial, name="r")

    # === What a decoder holds on to ===

    def keys(self, memory):
        """U m, once for all queries: `(batch, timesteps, units)`."""
        return memory if self.score == "dot" else self.memory_projection(memory)

    def first_past(self, keys):
        """What the first query looks back at: list of `(batch, timesteps)`."""
        nothing = ops.zeros(ops.shape(keys)[:2], "float32")
        first = ops.equal(ops.arange(ops.shape(keys)[1]), 0)
        start = {
            "alignment": nothing + ops.cast(first, "float32"),
            "coverage": nothing,
        }
        return [start[name] for name in self.remembered]

    def next_past(self, past, weights):
        """What the next query looks back at."""
        new = {"alignment": lambda old: weights, "coverage": weights.__add__}
        return [
            new[name](old)
            for name, old in zip(self.remembered, past, strict=True)
        ]

    def draw_noise(self, shape):
        """Noise of this shape for the scores in training, or None."""
        if self.alignment != "monotonic" or not self.noise:
            return None
        return keras.random.normal(
            shape, stddev=self.noise, dtype="float32", seed=self.seed_generator
        )

    # === Looking ===

    def __call__(self, *args, **kwargs):
        args, kwargs = as_tensors((args, kwargs))
        return super().__call__(*args, **kwargs)

    def call(self, query, keys, memory, memory_mask=None, past=(), noise=None):
        past = dict(zip(self.remembered, past, strict=True))
        query, keys, memory = (
            ops.cast(x, self.compute_dtype) for x in (query, keys, memory)
        )
        scores = self.scores(query, keys, past.get("coverage"))
        if memory_mask is not None:
            memory_mask = memory_mask[:, None]
        if self.alignment == "softmax":
            weights = masked_softmax(scores, memory_mask)
        else:
            scores = ops.cast(scores, "float32") + ops.cast(self.r, "float32")
            if noise is not None:
                scores = scores + noise
            weights = monotonic(scores, past["alignment"], memory_mask)
        context = ops.matmul(ops.cast(weights, self.compute_dtype), memory)
        return context, weights

    def scores(self, query, keys, coverage=None):
        """e, `(batch, queries, timesteps)`."""
        if self.score not in ADDITIVE:
            scores = ops.matmul(query, ops.swapaxes(keys, 1, 2))
            return self.g * scores if self.score == "scaled" else scores
        query = self.query_projection(query)
        met = query[:, :, None] + keys[:, None]
        if coverage is not None:
            met = met + ops.cast(coverage[..., None], met.dtype) * self.w
        v = self.v
        if self.score == "normed_additive":
            v = self.g * v / ops.sqrt(ops.sum(ops.square(v)))
        return ops.sum(ops.tanh(met) * v, axis=-1)

    def get_config(self):
        config = {
            "units": self.units,
            "score": self.score,
            "alignment": self.alignment,
            "coverage": self.coverage,
            "noise": self.noise,
        }
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


def monotonic(scores, previous, mask=None):
    """Expected monotonic attention: see `MemoryAttention`.

    Args:
        scores: float32 `(batch, queries, timesteps)`.
        previous: the shares before, of the same shape.
        mask: bool, of a shape that spreads to it; other steps are passed by.
    """
    p = ops.sigmoid(scores)
    if mask is not None:
        p = ops.where(mask, p, 0.0)
    passed = 1.0 - ops.pad(p[..., :-1], [(0, 0), (0, 0), (1, 0)])

    def by_query(x):
        # The recurrence runs over memory steps, the second axis of a scan.
        return ops.reshape(x, (-1, ops.shape(x)[-1]))

    passed, previous = by_query(passed), by_query(previous)
    q = kernels.linear_scan(passed, previous, ops.zeros_like(passed[:, 0]))
    return p * ops.reshape(q, ops.shape(p))


def attention_layer(attention, units, **options):
    """The `MemoryAttention` that a decoder's `attention` stands for.

    Args:
        attention: str, a key of `ATTENTIONS`; or a `MemoryAttention`, a
            template that is cloned; or None.
        units: int. What its `units` are if it leaves them open.
        **options: of any Keras layer.

    Raises:
        ValueError: something else.
    """
    if attention is None:
        return None
    if isinstance(attention, MemoryAttention):
        config = attention.get_config()
        config = {name: config[name] for name in TEMPLATE}
        config["units"] = config["units"] or units
        return MemoryAttention(**config, **options)
    if isinstance(attention, dict):
        layer = keras.saving.deserialize_keras_object(attention)
        return attention_layer(layer, units, **options)
    name = one_of("attention", attention, (*ATTENTIONS, None))
    return MemoryAttention(units, **ATTENTIONS[name], **options)


def attention_config(attention):
    """`attention` as a config may hold it."""
    if isinstance(attention, MemoryAttention):
        return keras.saving.serialize_keras_object(attention)
    return attention


# What a template gives to its clones.
TEMPLATE = ("units", "score", "alignment", "coverage", "noise")
