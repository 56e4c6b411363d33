"""Greedy search."""

from keras import ops

from rnnzoo.text import BEGIN, END, PAD


def greedy_search(step, states, batch_size, max_length):
    """Takes the likeliest token at each step.

    Stops when all sequences have ended. Pad and begin are never written.

    Args:
        step: function `(tokens, states) -> (logits, states)` of ids
            `(batch,)` to `(batch, vocabulary)`; states keep shapes and types.
        states: tree of tensors, before the first token.
        batch_size: int or scalar tensor.
        max_length: int. Longest sequence, the end token included.

    Returns:
        `(tokens, scores)`: ids `(batch, max_length)` in int32, the end token
        included, pad after it; and the sum of their log-probabilities
        `(batch,)` in float32.
    """
    position = ops.arange(max_length, dtype="int32")[None]

    def unfinished(t, tokens, scores, last, ended, states):
        return ops.logical_and(t < max_length, ops.any(~ended))

    def body(t, tokens, scores, last, ended, states):
        logits, states = step(last, states)
        log_probabilities = writable(logits)
        best = ops.cast(ops.argmax(log_probabilities, axis=-1), "int32")
        gain = ops.max(log_probabilities, axis=-1)
        last = ops.where(ended, PAD, best)
        scores = scores + ops.where(ended, 0.0, gain)
        tokens = ops.where(position == t, last[:, None], tokens)
        return t + 1, tokens, scores, last, ended | (last == END), states

    start = (
        ops.convert_to_tensor(0, "int32"),
        ops.zeros((batch_size, max_length), "int32"),
        ops.zeros((batch_size,), "float32"),
        ops.full((batch_size,), BEGIN, "int32"),
        ops.zeros((batch_size,), "bool"),
        states,
    )
    _, tokens, scores, *_ = ops.while_loop(unfinished, body, start)
    return tokens, scores


def writable(logits):
    """Log-probabilities `(..., vocabulary)` without pad and begin."""
    log_probabilities = ops.log_softmax(ops.cast(logits, "float32"), axis=-1)
    ids = ops.arange(logits.shape[-1], dtype="int32")
    return ops.where((ids == PAD) | (ids == BEGIN), -1e9, log_probabilities)
