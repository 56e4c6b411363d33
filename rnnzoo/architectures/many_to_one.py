"""A sequence in, one output out."""

import keras

from rnnzoo.architectures.reader import Reader
from rnnzoo.inputs import check_outputs


@keras.saving.register_keras_serializable("rnnzoo")
class ManyToOne(Reader):
    """A sequence to one output: classification, regression, labelling.

    Input: token ids `(batch, timesteps)` with pad 0; or, with `input_dim`,
    values `(batch, timesteps, input_dim)` or frames `(batch, timesteps,
    *input_dim)`, alone or as a dict with `"inputs"` and a bool `"mask"`
    `(batch, timesteps)`; or, with `characters`, a dict with `"words"`, ids
    `(batch, timesteps)`, and `"characters"`, ids `(batch, timesteps,
    characters)`, with pad 0. Output: logits or values `(batch, num_outputs)`.
    Targets: see `rnnzoo.layers.Head`.

    For the future of a series there is another form, which reads and forecasts
    it in segments: `rnnzoo.build("many_to_one", segment=24, ...)`, see
    `rnnzoo.architectures.SegmentForecast`.

    Unless bidirectional, the model is causal and streams: `step` returns the
    output for what was read so far.

    Args:
        vocabulary: int or vocabulary. Number of token ids; ignored with
            `input_dim`.
        input_dim: int, tuple of int or None. Number of values per step, or
            shape of a frame (height, width, channels); None for tokens.
        frame_encoder: Keras layer or model from frames `(batch, *input_dim)`
            to vectors `(batch, features)`, or a `rnnzoo.layers.FrameEncoder`;
            one of these with as many features as `units` if None.
        characters: int, vocabulary, `rnnzoo.layers.CharacterEncoder` or None.
            Number of character ids, where words come with their characters.
        embedding_dim: int or None. Features of the vector of a token or word;
            as many as `units` if None. `set_vectors` puts those there that
            `rnnzoo.text.read_vectors` has read from a file.
        train_embedding: bool. Whether these vectors are learnt.
        num_outputs: int. Number of classes, labels or values.
        head: `"softmax"`, `"sigmoid"`, `"regression"`, or a
            `rnnzoo.layers.Head`, which has its own `num_outputs`.
        pooling: `"last"`, `"mean"`, `"max"` or `"attention"`.
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
    model = rnnzoo.build("many_to_one", vocabulary=50, cell="lstm", units=8)
    model.compile()
    model.fit(np.array([[5, 6, 7], [8, 9, 0]]), np.array([0, 1]), verbose=0)
    ```
    """

    # It answers at the end of a sequence, which nothing goes on from.
    refused_options = ("carried_rows",)

    def make_outputs(self, encoded, head):
        return head(encoded["summary"])

    def initial_states(self, batch_size):
        pool, size = self.encoder.pool, self.encoder.stack.output_size
        return [
            *super().initial_states(batch_size),
            *pool.get_initial_state(batch_size, size),
        ]

    def advance(self, inputs, states):
        split = len(self.encoder.stack.state_size)
        features, new = self.encoder.step(inputs, states[:split])
        summary, pooled = self.encoder.pool.step(features, states[split:])
        return self.head(summary), [*new, *pooled]

    def check(self, x, y=None):
        rows, _ = self.check_inputs(x)
        if y is not None:
            check_outputs("y", y, self.head, (rows,))
