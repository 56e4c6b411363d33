"""From a step function to sequences of tokens."""

from rnnzoo.decoding.beam import beam_search, repeat_beams
from rnnzoo.decoding.greedy import greedy_search

__all__ = ["beam_search", "greedy_search", "repeat_beams"]
