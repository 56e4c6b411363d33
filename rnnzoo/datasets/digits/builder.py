"""The digits as a TFDS builder."""

import numpy as np
import tensorflow_datasets as tfds

from rnnzoo.datasets.digits.examples import SIDE, SIZES, examples

_DESCRIPTION = """\
Hand-written digits: the 1,797 scans of 8 x 8 pixels that come with
scikit-learn. No scan of one split occurs in another, nor does a form that
somebody filled in, so that those tested are other hands.
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


class Digits(tfds.core.GeneratorBasedBuilder):
    """Hand-written digits, scikit-learn's scans: no download."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            homepage="https://doi.org/10.24432/C50P49",
            citation=_CITATION,
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(
                        shape=(SIDE, SIDE, 1),
                        dtype=np.uint8,
                        encoding_format="png",
                        doc="The scan, 255 where there is ink.",
                    ),
                    "label": tfds.features.ClassLabel(
                        num_classes=10, doc="The digit."
                    ),
                }
            ),
            supervised_keys=("image", "label"),
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in SIZES}

    def _generate_examples(self, split):
        yield from enumerate(examples(split))
