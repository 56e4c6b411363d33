"""What the models that write token sequences have in common."""

import dataclasses
import typing

import keras
import numpy as np
from keras import ops

from rnnzoo import decoding, text
from rnnzoo.decoding.rules import NEVER


class Start(typing.NamedTuple):
    """Where a search begins.

    `step` is a function `(tokens, states) -> (logits, states, weights)` of
    ids `(rows,)`, which may be several rows of each of the batch, one after
    the other; weights are its attention `(rows, memory steps)`, or None.
    """

    step: typing.Callable
    # Tree of tensors (batch, n), and int32 (batch,): what was written last.
    states: typing.Any
    first: typing.Any
    # Bool (batch, memory steps): where attention may be; None without it.
    mask: typing.Any = None
    # Bool (batch, vocabulary): tokens that are never written; None: all may be.
    absent: typing.Any = None


class Generator:
    """The half of a model that writes token sequences.

    It stands beside `Model` among the bases of a topology, which writes
    `start(source)`, sets `max_length`, and calls `write` from its `generate`.
    """

    def start(self, source):
        """The `Start` of a search for a batch of sources, tensors."""
        raise NotImplementedError(f"{type(self).__name__}.start")

    def looked_at(self, source, tokens):
        """Attention `(rows, length, memory steps)` to given tokens, or None."""
        return None

    def options(self, **options):
        """The `rnnzoo.decoding.Options` of a call of `generate`.

        Raises:
            ValueError: an option that is unknown, or out of range.
        """
        names = [field.name for field in dataclasses.fields(decoding.Options)]
        for name in options:
            if name not in names:
                raise ValueError(
                    f"Unknown option of generate: {name!r}. Expected one of: "
                    f"{', '.join(names)}."
                )
        if options.get("max_length") is None:
            options["max_length"] = self.max_length
        return decoding.Options(**options)

    # === Inside the graph ===

    def decode(self, options, source, uniform=None):
        """`(tokens, scores, gains)`, `(batch, width, ...)`, of a search."""
        start, width = without_absent(self.start(source)), options.width

        def step(tokens, states):
            logits, states, _ = start.step(tokens, states)
            return logits, states

        if options.beam_width > 1:
            if options.coverage_penalty:
                return self.decode_covering(start, options)
            return decoding.beam_search(
                step, start.states, start.first, options
            )
        states, first = decoding.repeat_beams(
            (start.states, start.first), width
        )
        if options.draws:
            found = decoding.sample(step, states, first, options, uniform)
        else:
            found = decoding.greedy_search(step, states, first, options)
        return tuple(ops.reshape(x, (-1, width, *x.shape[1:])) for x in found)

    def decode_covering(self, start, options):
        """Beam search that adds up the attention of each beam."""

        def step(tokens, states):
            logits, own, weights = start.step(tokens, states["own"])
            # A beam that has ended reads its end, then pads, and writes no
            # more: where it looks meanwhile does not count.
            ended = ops.logical_or(tokens == text.END, tokens == text.PAD)
            running = ops.logical_not(ended)[:, None]
            seen = states["seen"] + ops.where(running, weights, 0.0)
            return logits, {**states, "own": own, "seen": seen}

        def bonus(states):
            return decoding.coverage(
                states["seen"], states["mask"], options.coverage_penalty
            )

        states = {
            "own": start.states,
            "seen": ops.zeros(ops.shape(start.mask), "float32"),
            "mask": start.mask,
        }
        return decoding.beam_search(step, states, start.first, options, bonus)

    # === Outside of it ===

    def search(self, source, options):
        """A `decoding.Generated` yet without its texts and attention."""
        inputs = [source]
        # One graph for all options that change nothing in it.
        key = dataclasses.replace(options, n_best=None)
        if options.beam_width == 1:
            key = dataclasses.replace(key, length_penalty=1.0)
        if options.draws:
            key = dataclasses.replace(options, seed=None)
            rows = ops.shape(source)[0] * options.width
            uniform = keras.random.uniform(
                (rows, options.max_length), seed=options.seed
            )
            inputs.append(uniform)
        found = self.run(
            ("decode", key), lambda *x: self.decode(key, *x), *inputs
        )
        tokens, totals, gains = map(ops.convert_to_numpy, found)
        nothing = totals < decoding.IMPOSSIBLE
        tokens = np.where(nothing[..., None], text.PAD, tokens)
        lengths = (tokens != text.PAD).sum(axis=-1)
        scores = totals
        if not options.draws:
            penalty = options.length_penalty
            scores = decoding.rank(totals, lengths, penalty)
            scores = ops.convert_to_numpy(scores)
        else:
            order = np.argsort(-scores, axis=1, kind="stable")
            tokens, gains = (
                np.take_along_axis(x, order[..., None], axis=1)
                for x in (tokens, gains)
            )
            scores = totals = np.take_along_axis(scores, order, axis=1)
        count = slice(options.count)
        tokens, nothing = tokens[:, count], nothing[:, count]
        longest = max((tokens != text.PAD).sum(axis=-1).max(), 1)
        return decoding.Generated(
            texts=None,
            tokens=tokens[..., :longest],
            scores=np.where(nothing, -np.inf, scores[:, count]),
            log_probabilities=np.where(nothing, -np.inf, totals[:, count]),
            token_log_probabilities=np.where(
                nothing[..., None], 0.0, gains[:, count, :longest]
            ),
            attention=None,
        )

    def attention_of(self, source, tokens):
        """Attention of written tokens `(batch, n, length)`, or None."""
        count, length = tokens.shape[1:]
        rows = ops.convert_to_tensor(tokens.reshape(-1, length), "int32")
        repeated = decoding.repeat_beams(source, count)
        weights = self.looked_at(repeated, rows)
        if weights is None:
            return None
        weights = ops.convert_to_numpy(weights)
        return weights.reshape(-1, count, *weights.shape[1:])

    def write(self, source, options, spell, details, replace_unknown=None):
        """What `generate` returns.

        Args:
            source: tensor of the batch.
            options: dict, of `rnnzoo.decoding.Options`.
            spell: function of ids `(batch, length)` to a list of str, or
                None, to return ids.
            details: bool. Whether to return the whole `decoding.Generated`.
            replace_unknown: function of ids and attention `(batch, n,
                length, memory steps)` to ids, or None.
        """
        alone = options.get("n_best") is None
        found = self.search(source, self.options(**options))
        if details or replace_unknown is not None:
            attention = self.attention_of(source, found.tokens)
            found = dataclasses.replace(found, attention=attention)
        texts = None
        if spell is not None:
            tokens = found.tokens
            if replace_unknown is not None:
                tokens = replace_unknown(tokens, found.attention)
            columns = [spell(tokens[:, n]) for n in range(tokens.shape[1])]
            texts = [
                [
                    line
                    for line, score in zip(row, scores, strict=True)
                    if score != -np.inf
                ]
                for row, scores in zip(
                    zip(*columns, strict=True), found.scores, strict=True
                )
            ]
        if details:
            return dataclasses.replace(found, texts=texts)
        if alone:
            if texts is None:
                return found.tokens[:, 0]
            return [row[0] if row else "" for row in texts]
        if texts is None:
            return found.tokens, found.scores
        return [
            list(zip(row, map(float, scores), strict=False))
            for row, scores in zip(texts, found.scores, strict=True)
        ]


def without_absent(start):
    """A `Start` whose step leaves the tokens out that are never written."""
    if start.absent is None:
        return start
    batch_size, size = ops.shape(start.absent)[0], start.absent.shape[1]

    def step(tokens, states):
        logits, states, weights = start.step(tokens, states)
        beams = ops.reshape(logits, (batch_size, -1, size))
        beams = ops.where(start.absent[:, None], NEVER, beams)
        return ops.reshape(beams, (-1, size)), states, weights

    return start._replace(step=step)
