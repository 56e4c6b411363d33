"""Where examples come from: the TFDS catalogue, our own sets, folders."""

from rnnzoo.datasets.audio import Recordings, load_audio
from rnnzoo.datasets.captions import Captions, load_captions
from rnnzoo.datasets.documents import Documents, load_documents
from rnnzoo.datasets.frames import Clips, load_frames
from rnnzoo.datasets.images import Images, load_images
from rnnzoo.datasets.labelled import Labelled, load_labelled
from rnnzoo.datasets.loading import EMBEDDED, load
from rnnzoo.datasets.pairs import Pairs, load_pairs
from rnnzoo.datasets.pictures import read_picture
from rnnzoo.datasets.tagged import Tagged, load_tagged
from rnnzoo.datasets.timeline import Series, load_series
from rnnzoo.datasets.wav import read_wav

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
