"""Where examples come from: TFDS builders that need no download."""

from rnnzoo.datasets.loading import EMBEDDED, load

__all__ = ["EMBEDDED", "load"]
