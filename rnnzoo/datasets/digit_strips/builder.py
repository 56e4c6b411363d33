"""The strips of digits as a TFDS builder."""

import numpy as np
import tensorflow_datasets as tfds

from rnnzoo.datasets.digit_strips.examples import (
    HEIGHT,
    LONGEST,
    SIZES,
    examples,
)

_DESCRIPTION = """\
Hand-written digits side by side, with gaps of several widths and each somewhat
up or down, and the number they show, in digits and in English words. The digits
are the scans of 8 x 8 pixels that come with scikit-learn. No scan of one split
occurs in another, nor does a form that somebody filled in.
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


class DigitStrips(tfds.core.GeneratorBasedBuilder):
    """Strips of several digits, from scikit-learn's scans: no download."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(
            name=f"up_to_{longest}",
            description=f"Strips of 1 to {longest} digits.",
        )
        for longest in LONGEST
    ]

    @property
    def longest(self):
        return int(self.builder_config.name.removeprefix("up_to_"))

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            homepage="https://doi.org/10.24432/C50P49",
            citation=_CITATION,
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(
                        shape=(HEIGHT, None, 1),
                        dtype=np.uint8,
                        encoding_format="png",
                        doc="The strip, 255 where there is ink.",
                    ),
                    "digits": tfds.features.Text(doc="Such as 4071."),
                    "words": tfds.features.Text(
                        doc="Such as four thousand seventy-one."
                    ),
                }
            ),
            supervised_keys=("image", "digits"),
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in SIZES}

    def _generate_examples(self, split):
        yield from enumerate(examples(split, self.longest))
