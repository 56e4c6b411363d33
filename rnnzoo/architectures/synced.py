"""A sequence in, one output per step out."""

import keras
import numpy as np
from keras import ops

from rnnzoo.architectures.reader import Reader
from rnnzoo.inputs import check_outputs, check_tokens, check_values, is_array


@keras.saving.register_keras_serializable("rnnzoo")
class Synced(Reader):
    """A sequence to one output per step: tagging, forecasting, video.

    Unless bidirectional, the model is causal and streams: see `step`. The
    labels themselves come from `labels`.

    Input: token ids `(batch, timesteps)` with pad 0; or, with `input_dim`,
    values `(batch, timesteps, input_dim)`, alone or as a dict with
    `"inputs"` and a bool `"mask"` `(batch, timesteps)`. Output: logits or
    values `(batch, timesteps, num_outputs)`. Targets: one per step, see
    `rnnzoo.layers.Head`; those of masked steps do not count. With the head
    `"crf"`, outputs are the emissions of `rnnzoo.layers.CRFHead`, and a target
    may be -1, unknown.

    Args:
        vocabulary: int or vocabulary. Number of token ids; ignored with
            `input_dim`.
        input_dim: int or None. Number of values per step; None for tokens.
        num_outputs: int. Number of classes, labels or values.
        head: `"softmax"`, `"sigmoid"`, `"regression"` or `"crf"`; or a head
            with options, such as `rnnzoo.layers.CRFHead(5, forbidden=...)`,
            which has its own `num_outputs`.
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
    of_sequences = True

    def make_outputs(self, encoded, head):
        return head(encoded["memory"])

    def valid_steps(self, x, y):
        return self.input_mask(x)

    def labels(self, inputs):
        """The best label of every step.

        With head="softmax" the class of the highest logit; with "crf" the
        labels that are best together, found by the algorithm of Viterbi.

        Args:
            inputs: as for `predict`, arrays.

        Returns:
            int32 array `(batch, timesteps)`, 0 at masked steps.

        Raises:
            ValueError: a head without classes; what `predict` raises.
        """
        inputs, _ = self.checked(inputs)
        parts = inputs if isinstance(inputs, dict) else {"inputs": inputs}
        types = {
            "inputs": "int32" if self.input_dim is None else "float32",
            "mask": "bool",
        }
        names = [name for name in types if parts.get(name) is not None]

        def best(*tensors):
            x = dict(zip(names, tensors, strict=True))
            x = x["inputs"] if self.input_dim is None else x
            return self.head.best(self(x), self.input_mask(x))

        tensors = [ops.convert_to_tensor(parts[n], types[n]) for n in names]
        found = self.run(("labels", *names), best, *tensors)
        return ops.convert_to_numpy(found)

    def initial_states(self, batch_size):
        """The states before the first step: a list of `(batch_size, n)`."""
        return self.encoder.stack.get_initial_state(batch_size)

    def step(self, inputs, states=None):
        """One time step, at constant memory.

        With head="crf", outputs are emissions: which labels are best, only a
        whole sequence tells, see `labels`.

        Args:
            inputs: ids `(batch,)` or values `(batch, input_dim)`.
            states: what the last `step` returned, or None to begin.

        Returns:
            `(outputs, states)`: `(batch, num_outputs)` and a list of tensors.

        Raises:
            ValueError: the model is bidirectional.
        """
        if is_array(inputs):
            self.check_step(inputs)
        dtype = "int32" if self.input_dim is None else "float32"
        inputs = ops.convert_to_tensor(inputs, dtype)
        if states is None:
            states = self.initial_states(ops.shape(inputs)[0])
        features, states = self.encoder.step(inputs, states)
        return self.head(features), states

    def check_step(self, inputs):
        if self.input_dim is None:
            ids = np.asarray(inputs)[..., None]
            check_tokens("inputs", ids, self.encoder.vocabulary_size)
        else:
            check_values("inputs", inputs, (self.input_dim,))

    def check(self, x, y=None):
        super().check(x, y)
        if y is not None:
            inputs = x["inputs"] if isinstance(x, dict) else x
            shape = ops.shape(inputs)[:2]
            mask = self.input_mask(x)
            valid = None if mask is None else ops.convert_to_numpy(mask)
            check_outputs("y", y, self.head, shape, valid)
