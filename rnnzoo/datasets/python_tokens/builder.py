"""The classes of characters as a TFDS builder."""

import tensorflow_datasets as tfds

from rnnzoo.datasets import standard_library
from rnnzoo.datasets.python_tokens.classes import CLASSES
from rnnzoo.datasets.python_tokens.examples import LONGEST, SIZES, examples

_DESCRIPTION = f"""\
Up to {LONGEST} characters of Python's standard library, and of each character
what an editor colours it as: {", ".join(CLASSES)}. A definition is the name
after def or class. In strings and comments every character belongs to them, and
a digit in a name to the name. No file is in two splits, and no text occurs
twice.

They are those of the Python that runs. A file falls into a split by its name,
so another release has much the same examples, under a version of its own:
1.11.7 is made of Python 3.11.7.
"""


class PythonTokens(tfds.core.GeneratorBasedBuilder):
    """A token class for each character of Python source: no download."""

    VERSION = tfds.core.Version(standard_library.version(1))
    RELEASE_NOTES = standard_library.release_notes(1)

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            homepage=standard_library.HOMEPAGE,
            citation=standard_library.CITATION,
            license=standard_library.LICENSE,
            features=tfds.features.FeaturesDict(
                {
                    "tokens": tfds.features.Text(
                        doc="The source: each character is a token."
                    ),
                    "tags": tfds.features.Sequence(
                        tfds.features.ClassLabel(names=CLASSES),
                        doc="The class of each.",
                    ),
                }
            ),
            supervised_keys=("tokens", "tags"),
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in SIZES}

    def _generate_examples(self, split):
        yield from enumerate(examples(split))
