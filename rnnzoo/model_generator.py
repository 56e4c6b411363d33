"""What the topologies that write token sequences have in common."""

import numpy as np
from keras import ops

from rnnzoo import decoding, text
from rnnzoo.cells.checks import positive_integer
from rnnzoo.model import Model


class Generator(Model):
    """A topology that writes token sequences: `generate`.

    A subclass writes `encode(source)`, which returns what its `decoder`
    reads, and sets `decoder` and `max_length`.
    """

    def decode(self, source, beam_width, max_length, length_penalty):
        """Ids `(batch, beam_width, max_length)`, best first, and the sums of
        their log-probabilities `(batch, beam_width)`."""
        states, constants = self.decoder.begin(self.encode(source))
        batch_size = ops.shape(source)[0]
        if beam_width == 1:
            tokens, scores = decoding.greedy_search(
                lambda tokens, s: self.decoder.step(tokens, s, constants),
                states,
                batch_size,
                max_length,
            )
            return tokens[:, None], scores[:, None]
        constants = decoding.repeat_beams(constants, beam_width)
        return decoding.beam_search(
            lambda tokens, s: self.decoder.step(tokens, s, constants),
            states,
            batch_size,
            max_length,
            beam_width,
            length_penalty,
        )

    def search(self, source, beam_width, max_length, length_penalty, count):
        """Ids `(batch, count, length)`, cut after the longest, and what they
        are ordered by, `(batch, count)`."""
        max_length = self.max_length if max_length is None else max_length
        beam_width = positive_integer("beam_width", beam_width)
        max_length = positive_integer("max_length", max_length)
        if not isinstance(length_penalty, int | float):
            raise ValueError(
                "`length_penalty` must be a number, 0 for none. Received: "
                f"length_penalty={length_penalty!r}"
            )
        if positive_integer("n_best", count) > beam_width:
            raise ValueError(
                f"Received n_best={count} and beam_width={beam_width}, but a "
                "beam ends with as many sequences as it is wide. Pass "
                f"beam_width={count} or more."
            )
        options = (beam_width, max_length, float(length_penalty))
        found = self.run(
            ("decode", *options), lambda s: self.decode(s, *options), source
        )
        tokens, scores = (ops.convert_to_numpy(x)[:, :count] for x in found)
        nothing = scores < decoding.IMPOSSIBLE
        tokens = np.where(nothing[..., None], text.PAD, tokens)
        lengths = (tokens != text.PAD).sum(axis=-1)
        ranks = ops.convert_to_numpy(
            decoding.rank(scores, lengths, options[-1])
        )
        return (
            tokens[..., : max(lengths.max(), 1)],
            np.where(nothing, -np.inf, ranks),
        )

    def write(self, source, vocabulary, *options, n_best):
        """What `generate` returns; ids where `vocabulary` is None."""
        tokens, scores = self.search(
            source, *options, 1 if n_best is None else n_best
        )
        if n_best is None:
            tokens = tokens[:, 0]
            return tokens if vocabulary is None else vocabulary.decode(tokens)
        if vocabulary is None:
            return tokens, scores
        return [
            [
                (line, float(score))
                for line, score in zip(
                    vocabulary.decode(row), best, strict=True
                )
                if score != -np.inf
            ]
            for row, best in zip(tokens, scores, strict=True)
        ]
