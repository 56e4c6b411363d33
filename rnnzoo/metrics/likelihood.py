"""How probable a model finds the data, by all steps that count."""

import math

import keras
from keras import ops

from rnnzoo.metrics.steps import StepMean


class StepNats(StepMean):
    """Mean of -log p(y) over all steps, by their weights."""

    def values(self, y_true, y_pred):
        # The operation of the loss on the same tensors: compiled, it is done
        # once for both.
        return ops.sparse_categorical_crossentropy(
            ops.cast(y_true, "int32"), y_pred, from_logits=True
        )


@keras.saving.register_keras_serializable("rnnzoo")
class Perplexity(StepNats):
    """How many classes a model hesitates between, as a geometric mean.

        perplexity = exp(sum(-w log p(y)) / sum(w))

    over all steps of a data set, w their weights: 1 for a model that is
    always right and sure, the number of classes for one that has learnt
    nothing. Label smoothing has no part in it. 1 before any step.

    Call arguments:
        y_true: int `(batch, timesteps)`. Classes.
        y_pred: `(batch, timesteps, classes)`. Logits.
        sample_weight: `(batch,)` or `(batch, timesteps)`, optional.

    Example:

    ```python
    metric = rnnzoo.metrics.Perplexity()
    metric.update_state([[2, 1]], np.zeros((1, 2, 8)))
    assert np.isclose(metric.result(), 8)
    ```
    """

    def __init__(self, name="perplexity", **kwargs):
        super().__init__(name=name, **kwargs)

    def result(self):
        return ops.exp(super().result())


@keras.saving.register_keras_serializable("rnnzoo")
class BitsPerCharacter(StepNats):
    """The length of a text as the model would compress it, per character.

        bits = sum(-w log2 p(y)) / sum(w)

    over all steps of a data set, each a character (or a byte) of weight w.

    Call arguments:
        y_true: int `(batch, timesteps)`. Classes.
        y_pred: `(batch, timesteps, classes)`. Logits.
        sample_weight: `(batch,)` or `(batch, timesteps)`, optional.

    Example:

    ```python
    metric = rnnzoo.metrics.BitsPerCharacter()
    metric.update_state([[2, 1]], np.zeros((1, 2, 8)))
    assert np.isclose(metric.result(), 3)
    ```
    """

    def __init__(self, name="bits_per_character", **kwargs):
        super().__init__(name=name, **kwargs)

    def result(self):
        return super().result() / math.log(2)
