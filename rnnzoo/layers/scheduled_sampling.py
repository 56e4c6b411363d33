"""How often a decoder reads what it wrote itself, in training."""

import keras
from keras import ops

from rnnzoo.cells.checks import one_of, positive_integer, share
from rnnzoo.decoding.rules import NEVER
from rnnzoo.decoding.single import fallen_on
from rnnzoo.text import BEGIN, PAD

SCHEDULES = ("constant", "linear", "exponential", "inverse_sigmoid")


@keras.saving.register_keras_serializable("rnnzoo")
class ScheduledSampling(keras.layers.Layer):
    """Counts training steps, and tells the share of tokens that are sampled.

    At each step of the target a coin decides between the right token and one
    that is drawn from what the decoder itself would write. After i of the
    `over` training steps of the schedule, the share of sampled ones is, with
    u = i / over up to 1,

        constant:         rate
        linear:           rate u
        exponential:      rate (1 - k^u)                k = 0.01
        inverse_sigmoid:  rate (1 - k / (k + exp(12 u)))   k = exp(6)

    the schedules of Bengio et al. 2015, https://arxiv.org/abs/1506.03099,
    section 2.4, each over after `over` steps. The inverse sigmoid goes from
    0.25 % of the rate to 99.75 %. No gradient flows through the
    choice.

    Args:
        rate: float. Share of sampled tokens at the end of the schedule, which
            the exponential one ends 1 % short of.
        over: int. Training steps that it takes; at least 1.
        schedule: see above.

    Raises:
        ValueError: a share outside [0, 1], no positive number of steps, an
            unknown schedule.

    Example:

    ```python
    sampling = rnnzoo.layers.ScheduledSampling(0.25, over=10_000)
    model = rnnzoo.build("seq2seq", scheduled_sampling=sampling, units=8)
    ```
    """

    def __init__(self, rate, over=1, schedule="linear", **kwargs):
        super().__init__(**kwargs)
        self.rate = share("rate", rate)
        self.over = positive_integer("over", over)
        self.schedule = one_of("schedule", schedule, SCHEDULES)
        self.seed_generator = keras.random.SeedGenerator()
        self.count = self.add_weight(
            shape=(),
            dtype="int32",
            initializer="zeros",
            trainable=False,
            # Replicas step together, so one of them counts for all.
            aggregation="only_first_replica",
            name="count",
        )
        self.built = True

    def share(self):
        """The share of sampled tokens now, a float32 scalar."""
        u = ops.cast(self.count, "float32") / self.over
        u = ops.minimum(u, 1.0)
        if self.schedule == "constant":
            return ops.full_like(u, self.rate)
        if self.schedule == "linear":
            return self.rate * u
        if self.schedule == "exponential":
            return self.rate * (1.0 - ops.power(0.01, u))
        k = ops.exp(6.0)
        return self.rate * (1.0 - k / (k + ops.exp(12.0 * u)))

    def draw(self, batch_size, timesteps):
        """Counts a step, and draws: `(coins, uniform)` for each token.

        Returns:
            Bool `(batch_size, timesteps)`, set where the token is sampled;
            and numbers from [0, 1) of the same shape to sample it with.
        """
        shape = (batch_size, timesteps)
        coins = keras.random.uniform(shape, seed=self.seed_generator)
        uniform = keras.random.uniform(shape, seed=self.seed_generator)
        coins = coins < self.share()
        self.count.assign_add(1)
        return coins, uniform

    def get_config(self):
        config = {
            "rate": self.rate,
            "over": self.over,
            "schedule": self.schedule,
        }
        return {**super().get_config(), **config}


def check_sampling(sampling):
    """Returns `sampling`; raises `ValueError` unless it is a schedule."""
    if sampling is None or isinstance(sampling, ScheduledSampling):
        return sampling
    raise ValueError(
        "`scheduled_sampling` takes a `rnnzoo.layers.ScheduledSampling`, such "
        "as ScheduledSampling(0.25, over=10_000). Received: "
        f"scheduled_sampling={sampling!r}"
    )


def sampled(logits, uniform):
    """Ids drawn from softmax(logits), one for each row; never pad or begin.

    Args:
        logits: `(batch, vocabulary)`.
        uniform: `(batch,)` from [0, 1).
    """
    logits = ops.cast(ops.stop_gradient(logits), "float32")
    ids = ops.arange(logits.shape[-1], dtype="int32")
    logits = ops.where((ids == PAD) | (ids == BEGIN), NEVER, logits)
    shares = ops.exp(logits - ops.max(logits, axis=-1, keepdims=True))
    return fallen_on(shares, uniform[:, None])
