"""Where examples come from: the TFDS catalogue, our own sets, folders."""

from rnnzoo.datasets.loading import EMBEDDED, load
from rnnzoo.datasets.pairs import Pairs, load_pairs

__all__ = ["EMBEDDED", "Pairs", "load", "load_pairs"]
