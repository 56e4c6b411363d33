"""From a step function to sequences of tokens."""

from rnnzoo.decoding.beam import IMPOSSIBLE, beam_search, rank, repeat_beams
from rnnzoo.decoding.ctc import ctc_beam_search, ctc_greedy_search
from rnnzoo.decoding.greedy import greedy_search

__all__ = [
    "IMPOSSIBLE",
    "beam_search",
    "ctc_beam_search",
    "ctc_greedy_search",
    "greedy_search",
    "rank",
    "repeat_beams",
]
