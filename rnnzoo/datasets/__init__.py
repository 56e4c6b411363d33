"""Where examples come from: the TFDS catalogue, our own sets, folders."""

import importlib

from rnnzoo.datasets.documents import Documents, load_documents
from rnnzoo.datasets.labelled import Labelled, load_labelled
from rnnzoo.datasets.loading import EMBEDDED, load
from rnnzoo.datasets.pairs import Pairs, load_pairs
from rnnzoo.datasets.tagged import Tagged, load_tagged
from rnnzoo.datasets.timeline import Series, load_series

__all__ = [
    "EMBEDDED",
    "Captions",
    "Clips",
    "Documents",
    "Images",
    "Labelled",
    "Pairs",
    "Recordings",
    "Series",
    "Tagged",
    "load",
    "load_audio",
    "load_captions",
    "load_documents",
    "load_frames",
    "load_images",
    "load_labelled",
    "load_pairs",
    "load_series",
    "load_tagged",
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
