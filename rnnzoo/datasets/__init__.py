"""Where examples come from: the TFDS catalogue, our own sets, folders."""

from rnnzoo.datasets.loading import EMBEDDED, load
from rnnzoo.datasets.pairs import Pairs, load_pairs
from rnnzoo.datasets.timeline import Series, load_series

__all__ = ["EMBEDDED", "Pairs", "Series", "load", "load_pairs", "load_series"]
