"""The clips of moving digits as a TFDS builder."""

import numpy as np
import tensorflow_datasets as tfds

from rnnzoo.datasets.moving_digits.examples import (
    LENGTHS,
    NONE,
    SIDE,
    SIZES,
    examples,
)

_DESCRIPTION = f"""\
Clips of {LENGTHS[0]} to {LENGTHS[1]} frames in which hand-written digits, one
after the other, come in at one edge, pass behind a wall, and leave at the
other edge; and which digit each frame shows. Contrast changes from frame to
frame, and there is noise, so that the frames before and after tell what one
shows. The digits are the scans of 8 x 8 pixels that come with scikit-learn. No
scan of one split occurs in another, nor does a form that somebody filled in.
"""

_CITATION = """\
@misc{alpaydin1998optical,
  title = {Optical Recognition of Handwritten Digits},
  author = {Alpaydin, E. and Kaynak, C.},
  year = {1998},
  howpublished = {UCI Machine Learning Repository},
  doi = {10.24432/C50P49},
}
"""


class MovingDigits(tfds.core.GeneratorBasedBuilder):
    """Digits that move past, from scikit-learn's scans: no download."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}

    def _info(self):
        names = [str(digit) for digit in range(NONE)] + ["none"]
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            homepage="https://doi.org/10.24432/C50P49",
            citation=_CITATION,
            features=tfds.features.FeaturesDict(
                {
                    # Not a feature of videos: as PNG, noise is larger than it
                    # is, and each frame is encoded by itself.
                    "video": tfds.features.Tensor(
                        shape=(None, SIDE, SIDE, 1),
                        dtype=np.uint8,
                        encoding=tfds.features.Encoding.ZLIB,
                        doc="Frames, brighter where there is ink.",
                    ),
                    "labels": tfds.features.Sequence(
                        tfds.features.ClassLabel(names=names),
                        doc="The digit that each frame shows.",
                    ),
                }
            ),
            supervised_keys=("video", "labels"),
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in SIZES}

    def _generate_examples(self, split):
        yield from enumerate(examples(split))
