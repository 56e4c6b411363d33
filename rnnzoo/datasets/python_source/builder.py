"""The files of Python as a TFDS builder."""

import tensorflow_datasets as tfds

from rnnzoo.datasets import standard_library
from rnnzoo.datasets.python_source.examples import SIZES, examples

_DESCRIPTION = """\
Files of Python's standard library, whole, each in one split only. Left out are
tests, tables, editors, and files that are very short or very long.

They are those of the Python that runs. A file falls into a split by its name,
so another release has much the same files, under a version of its own: 1.11.7
is made of Python 3.11.7.
"""


class PythonSource(tfds.core.GeneratorBasedBuilder):
    """Source files of Python, to model their language: no download."""

    VERSION = tfds.core.Version(standard_library.version(1))
    RELEASE_NOTES = standard_library.release_notes(1)
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(
            name=name,
            description=f"At most {sizes['train']:,} characters to train on.",
        )
        for name, sizes in SIZES.items()
    ]

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            homepage=standard_library.HOMEPAGE,
            citation=standard_library.CITATION,
            license=standard_library.LICENSE,
            features=tfds.features.FeaturesDict(
                {
                    "text": tfds.features.Text(doc="The file."),
                    "path": tfds.features.Text(doc="Such as json/decoder.py."),
                }
            ),
        )

    def _split_generators(self, dl_manager):
        sizes = SIZES[self.builder_config.name]
        return {split: self._generate_examples(split) for split in sizes}

    def _generate_examples(self, split):
        for example in examples(split, self.builder_config.name):
            yield example["path"], example
