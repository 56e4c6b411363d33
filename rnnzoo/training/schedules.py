"""Learning rates that change while a model learns."""

import difflib

import keras

# What `make` knows, in the order of how often it is the right one.
NAMES = ("warmup_cosine", "cosine", "linear", "step", "constant")

# Of "step": at these shares of the training the rate is divided by ten.
_STEPS = (1 / 2, 3 / 4)


def make(name, learning_rate, steps, warmup=0.1):
    """A learning rate by the name of its course.

    | name | from the peak `learning_rate` |
    |---|---|
    | `"warmup_cosine"` | up to it in a line, then half a cosine to zero |
    | `"cosine"` | half a cosine to zero |
    | `"linear"` | a line to zero |
    | `"step"` | a tenth after half of the steps, a hundredth after 3/4 |
    | `"constant"` | none other |

    Args:
        name: str, one of `NAMES`.
        learning_rate: float. The peak.
        steps: int. Optimizer steps of the whole training.
        warmup: float. The share of them that rises; for "warmup_cosine" only.

    Returns:
        A `keras.optimizers.schedules.LearningRateSchedule` of Keras's own, so
        that it is saved with the model.

    Raises:
        ValueError: an unknown name, `steps` below 1, or `warmup` outside
            [0, 1).

    Example:

    ```python
    from rnnzoo.training import schedules

    rate = schedules.make("cosine", 1e-3, steps=100)
    optimizer = keras.optimizers.Adam(rate)
    ```
    """
    if name not in NAMES:
        near = difflib.get_close_matches(str(name), NAMES, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(
            f"There is no learning rate schedule {name!r}.{hint} There are "
            f"{', '.join(NAMES)}."
        )
    if name in ("warmup_cosine", "cosine"):
        rising = warmup if name == "warmup_cosine" else 0.0
        return warmup_cosine(learning_rate, steps, rising)
    _check(steps)
    kinds = keras.optimizers.schedules
    if name == "step":
        return kinds.PiecewiseConstantDecay(
            [max(round(steps * share), 1) for share in _STEPS],
            [learning_rate / 10**n for n in range(len(_STEPS) + 1)],
        )
    last = learning_rate if name == "constant" else 0.0
    return kinds.PolynomialDecay(learning_rate, steps, end_learning_rate=last)


def warmup_cosine(learning_rate, steps, warmup=0.1):
    """Rises linearly from zero, then falls along half a cosine to zero.

    Recurrent networks take a larger peak with it than with a constant rate,
    and end at a lower loss in the same number of steps.

    Args:
        learning_rate: float. The peak.
        steps: int. Optimizer steps of the whole training.
        warmup: float. The share of them that rises.

    Returns:
        A `keras.optimizers.schedules.CosineDecay`; it is saved with the model.

    Raises:
        ValueError: `steps` below 1, or `warmup` outside [0, 1).
    """
    _check(steps, warmup)
    rising = round(steps * warmup)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if rising else learning_rate,
        decay_steps=max(steps - rising, 1),
        warmup_target=learning_rate if rising else None,
        warmup_steps=rising,
    )


def _check(steps, warmup=0.0):
    if steps < 1 or not 0 <= warmup < 1:
        raise ValueError(
            f"Got steps={steps} and warmup={warmup}; steps must be at least 1 "
            "and warmup a share from 0 up to, not including, 1."
        )
