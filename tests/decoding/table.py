"""A model that is a table, and its decoding in NumPy: the reference."""

import itertools

import numpy as np
from keras import ops

from rnnzoo.text import BEGIN, END, PAD


class Table:
    """Logits of the next token, by row, position and last token.

    `step` and `states` are what a search takes; `log_probabilities` what a
    reference reads.
    """

    def __init__(self, batch_size=3, max_length=4, vocabulary=5, seed=0):
        rng = np.random.default_rng(seed)
        shape = (batch_size, max_length, vocabulary, vocabulary)
        self.logits = rng.normal(scale=2, size=shape).astype("float32")
        self.batch_size, self.max_length = batch_size, max_length

    @property
    def states(self):
        rows = ops.arange(self.batch_size, dtype="int32")[:, None]
        return {"row": rows, "position": ops.zeros_like(rows)}

    def step(self, tokens, states):
        row, position = states["row"][:, 0], states["position"][:, 0]
        size = self.logits.shape
        index = (row * size[1] + position) * size[2] + tokens
        table = ops.reshape(ops.convert_to_tensor(self.logits), (-1, size[3]))
        states = {**states, "position": states["position"] + 1}
        return ops.take(table, index, axis=0), states

    def log_probabilities(self, row, position, last):
        """Of the next token; those of pad and begin are minus infinity."""
        logits = self.logits[row, position, last].astype("float64")
        found = logits - np.log(np.exp(logits).sum())
        found[[PAD, BEGIN]] = -np.inf
        return found

    def score(self, row, tokens):
        """Sum of log-probabilities of a sequence, up to its end."""
        total, last = 0.0, BEGIN
        for position, token in enumerate(tokens):
            total += self.log_probabilities(row, position, last)[token]
            last = token
            if token == END:
                break
        return total

    def sequences(self):
        """All sequences, padded: those that end and those cut off."""
        letters = range(END + 1, self.logits.shape[-1])
        for length in range(self.max_length):
            for begin in itertools.product(letters, repeat=length):
                yield pad([*begin, END], self.max_length)
        for whole in itertools.product(letters, repeat=self.max_length):
            yield list(whole)


def pad(tokens, length):
    return tokens + [PAD] * (length - len(tokens))


def length_of(tokens):
    return sum(token != PAD for token in tokens)


def greedy(table, row):
    """`(tokens, score)`."""
    tokens, total, last = [], 0.0, BEGIN
    for position in range(table.max_length):
        found = table.log_probabilities(row, position, last)
        last = int(found.argmax())
        tokens.append(last)
        total += found[last]
        if last == END:
            break
    return pad(tokens, table.max_length), total


def rank(score, length, penalty):
    return score / ((5 + length) / 6) ** penalty


def beam(table, row, width, penalty):
    """`[(tokens, score), ...]`, best first: lists, one step at a time."""
    beams = [([], 0.0)]
    for position in range(table.max_length):
        grown = []
        for tokens, score in beams:
            if tokens and tokens[-1] == END:
                grown.append((tokens, score))
                continue
            last = tokens[-1] if tokens else BEGIN
            found = table.log_probabilities(row, position, last)
            grown += [
                ([*tokens, token], score + found[token])
                for token in range(len(found))
                if np.isfinite(found[token])
            ]
        grown.sort(key=lambda b: -rank(b[1], len(b[0]), penalty))
        beams = grown[:width]
    return [(pad(tokens, table.max_length), score) for tokens, score in beams]
