"""The snippets as a TFDS builder."""

import tensorflow_datasets as tfds

from rnnzoo.datasets import standard_library
from rnnzoo.datasets.snippets.examples import LINES, MODULES, SIZES, examples

_DESCRIPTION = f"""\
Up to {LINES} lines of a function of Python's standard library, and which of
{len(MODULES)} large modules the function is from. Imports and blank lines are
left out, and the name of any of the modules, in code and in comments, reads
"module". A function is in one split only, whole, and no snippet occurs twice.
Snippets of one function overlap in the training split, and only there.

They are those of the Python that runs. A function falls into a split by its
name, so another release has much the same examples, under a version of its
own: 1.11.7 is made of Python 3.11.7.
"""


class Snippets(tfds.core.GeneratorBasedBuilder):
    """Which module a piece of Python is from: no download."""

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
                    "text": tfds.features.Text(doc="The lines."),
                    "label": tfds.features.ClassLabel(
                        names=MODULES, doc="The module they are from."
                    ),
                }
            ),
            supervised_keys=("text", "label"),
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in SIZES}

    def _generate_examples(self, split):
        yield from enumerate(examples(split))
