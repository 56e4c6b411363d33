"""Where examples come from: the TFDS catalogue, our own sets, folders."""

import importlib

from rnnzoo.datasets.loading import EMBEDDED, load
from rnnzoo.datasets.pairs import Pairs, load_pairs

__all__ = [
    "EMBEDDED",
    "Captions",
    "Clips",
    "Images",
    "Pairs",
    "Recordings",
    "load",
    "load_audio",
    "load_captions",
    "load_frames",
    "load_images",
    "load_pairs",
    "read_picture",
    "read_wav",
]

# Loaded when asked for: names of data sets are listed without NumPy.
_LATER = {
    "Captions": "captions",
    "Clips": "frames",
    "Images": "images",
    "Recordings": "audio",
    "load_audio": "audio",
    "load_captions": "captions",
    "load_frames": "frames",
    "load_images": "images",
    "read_picture": "pictures",
    "read_wav": "wav",
}


def __getattr__(name):
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)
