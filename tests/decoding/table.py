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

    @property
    def first(self):
        return ops.full((self.batch_size,), BEGIN, "int32")

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


def rank(score, length, penalty):
    return score / ((5 + length) / 6) ** penalty


def looks(table, row, tokens, options):
    """`(log-probabilities, what the search goes by)` of the next token.

    Written from the meaning of the options, one token at a time.
    """
    position, last = len(tokens), tokens[-1] if tokens else BEGIN
    logits = table.logits[row, position, last].astype("float64")
    own = logits - np.log(np.exp(logits).sum())
    seen = logits.copy()
    for token in set(tokens):
        theta = options.repetition_penalty
        seen[token] = (
            logits[token] / theta
            if logits[token] > 0
            else (logits[token] * theta)
        )
    seen = seen - np.log(np.exp(seen).sum())
    n = options.no_repeat_ngram
    if n:
        written = {tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)}
        for token in range(len(seen)):
            ending = (*tokens[len(tokens) - n + 1 :], token)
            if len(ending) == n and ending in written:
                seen[token] = -np.inf
    seen[[PAD, BEGIN]] = -np.inf
    if position + 1 < options.min_length:
        end = seen[END]
        seen[END] = -np.inf
        if not np.isfinite(seen).any():
            seen[END] = end
    return own, seen


def greedy(table, row, options):
    """`(tokens, score)`."""
    tokens, total = [], 0.0
    while len(tokens) < options.max_length and END not in tokens:
        own, seen = looks(table, row, tokens, options)
        tokens.append(int(seen.argmax()))
        total += own[tokens[-1]]
    return pad(tokens, options.max_length), total


def beam(table, row, options, bonus=lambda tokens: 0.0):
    """`[(tokens, score), ...]`, best first: lists, one step at a time."""
    beams = [([], 0.0, 0.0)]

    def value(beam):
        tokens, _, appeal = beam
        ranked = rank(appeal, len(tokens), options.length_penalty)
        return ranked + bonus(tokens)

    for _ in range(options.max_length):
        grown = []
        for tokens, score, appeal in beams:
            if tokens and tokens[-1] == END:
                grown.append((tokens, score, appeal))
                continue
            own, seen = looks(table, row, tokens, options)
            grown += [
                ([*tokens, token], score + own[token], appeal + seen[token])
                for token in np.flatnonzero(np.isfinite(seen)).tolist()
            ]
        grown.sort(key=value, reverse=True)
        beams = grown[: options.beam_width]
    return [
        (pad(tokens, options.max_length), score) for tokens, score, _ in beams
    ]
