"""A sequence in, one output per step out."""

import keras
from keras import ops

from rnnzoo.architectures.reader import Reader
from rnnzoo.inputs import check_outputs


@keras.saving.register_keras_serializable("rnnzoo")
class Synced(Reader):
    """A sequence to one output per step: tagging, forecasting, video.

    Unless bidirectional, the model is causal and streams: see `step`.

    Input: token ids `(batch, timesteps)` with pad 0; or, with `input_dim`,
    values `(batch, timesteps, input_dim)`, alone or as a dict with
    `"inputs"` and a bool `"mask"` `(batch, timesteps)`. Output: logits or
    values `(batch, timesteps, num_outputs)`. Targets: one per step, see
    `rnnzoo.layers.Head`; those of masked steps do not count.

    Args:
        vocabulary: int or vocabulary. Number of token ids; ignored with
            `input_dim`.
        input_dim: int or None. Number of values per step; None for tokens.
        num_outputs: int. Number of classes, labels or values.
        head: `"softmax"`, `"sigmoid"` or `"regression"`.
        cell: str, `rnnzoo.Cell` or Keras cell.
        units: int or None. Size of a cell that is given by name, 128 if None.
        num_layers: int. Number of recurrent layers.
        bidirectional, residual, pre_norm, block, dropout, recurrent_dropout:
            see `rnnzoo.layers.Stack`.
        encoder: a `rnnzoo.layers.Stack` instead of the words from `cell` on.
        dtype: dtype policy.

    Raises:
        ValueError: an unknown option or cell; inputs of another shape, ids
            outside the vocabulary, an empty row.

    Example:

    ```python
    model = rnnzoo.build("synced", vocabulary=50, num_outputs=3, units=8)
    model.compile()
    ids = np.array([[5, 6, 7], [8, 9, 0]])
    tags = np.array([[0, 1, 2], [1, 2, 0]])
    model.fit(ids, tags, verbose=0)
    logits, states = model.step(ids[:, 0])
    logits, states = model.step(ids[:, 1], states)
    ```
    """

    # There is an output at every step, and so nothing to pool.
    refused_options = ("pooling",)

    def make_outputs(self, encoded, head):
        return head(encoded["memory"])

    def valid_steps(self, x, y):
        return self.input_mask(x)

    def check(self, x, y=None):
        super().check(x, y)
        if y is not None:
            inputs = x["inputs"] if isinstance(x, dict) else x
            shape = ops.shape(inputs)[:2]
            mask = self.input_mask(x)
            valid = None if mask is None else ops.convert_to_numpy(mask)
            check_outputs("y", y, self.head, shape, valid)
