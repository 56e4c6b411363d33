"""From a step function to sequences of tokens."""

from rnnzoo.decoding.beam import IMPOSSIBLE, beam_search, repeat_beams
from rnnzoo.decoding.ctc import ctc_beam_search, ctc_greedy_search
from rnnzoo.decoding.generated import Generated
from rnnzoo.decoding.options import Options
from rnnzoo.decoding.scores import coverage, rank
from rnnzoo.decoding.single import greedy_search, sample

__all__ = [
    "IMPOSSIBLE",
    "Generated",
    "Options",
    "beam_search",
    "coverage",
    "ctc_beam_search",
    "ctc_greedy_search",
    "greedy_search",
    "rank",
    "repeat_beams",
    "sample",
]
