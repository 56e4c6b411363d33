"""Where examples come from: the TFDS catalogue, our own sets, folders."""

from rnnzoo.datasets.audio import Recordings, load_audio
from rnnzoo.datasets.captions import Captions, load_captions
from rnnzoo.datasets.frames import Clips, load_frames
from rnnzoo.datasets.images import Images, load_images
from rnnzoo.datasets.loading import EMBEDDED, load
from rnnzoo.datasets.pairs import Pairs, load_pairs
from rnnzoo.datasets.pictures import read_picture
from rnnzoo.datasets.wav import read_wav

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
