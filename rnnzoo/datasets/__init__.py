"""Where examples come from: the TFDS catalogue, our own sets, folders."""

from rnnzoo.datasets.documents import Documents, load_documents
from rnnzoo.datasets.labelled import Labelled, load_labelled
from rnnzoo.datasets.loading import EMBEDDED, load
from rnnzoo.datasets.pairs import Pairs, load_pairs
from rnnzoo.datasets.tagged import Tagged, load_tagged
from rnnzoo.datasets.timeline import Series, load_series

__all__ = [
    "EMBEDDED",
    "Documents",
    "Labelled",
    "Pairs",
    "Series",
    "Tagged",
    "load",
    "load_documents",
    "load_labelled",
    "load_pairs",
    "load_series",
    "load_tagged",
]
