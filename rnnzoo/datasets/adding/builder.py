"""The adding problem as a TFDS builder."""

import numpy as np
import tensorflow_datasets as tfds

from rnnzoo.datasets.adding.examples import LENGTHS, SIZES, arrays

_DESCRIPTION = """\
Sequences of numbers that are uniform in [0, 1], beside a second channel that
is 1 at two steps, one in either half, and 0 elsewhere. The target is the sum
of the two marked numbers. Who always says 1 has a squared error of 1/6.
"""

_CITATION = """\
@article{hochreiter1997long,
  title = {Long Short-Term Memory},
  author = {Hochreiter, Sepp and Schmidhuber, J{\\"u}rgen},
  journal = {Neural Computation},
  volume = {9},
  number = {8},
  pages = {1735--1780},
  year = {1997},
}
"""


class Adding(tfds.core.GeneratorBasedBuilder):
    """The adding problem at several lengths, generated: no download."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(
            name=f"steps_{length}", description=f"Sequences of {length} steps."
        )
        for length in LENGTHS
    ]

    @property
    def length(self):
        return int(self.builder_config.name.removeprefix("steps_"))

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            homepage="https://doi.org/10.1162/neco.1997.9.8.1735",
            citation=_CITATION,
            features=tfds.features.FeaturesDict(
                {
                    "inputs": tfds.features.Tensor(
                        shape=(self.length, 2),
                        dtype=np.float32,
                        # Half of it is zeros.
                        encoding=tfds.features.Encoding.ZLIB,
                        doc="The number and its mark at each step.",
                    ),
                    "target": tfds.features.Scalar(
                        np.float32, doc="The sum of the two marked numbers."
                    ),
                }
            ),
            supervised_keys=("inputs", "target"),
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in SIZES}

    def _generate_examples(self, split):
        examples = arrays(split, self.length)
        for key in range(SIZES[split]):
            yield key, {name: examples[name][key] for name in examples}
