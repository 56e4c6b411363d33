"""The dates as a TFDS builder."""

import tensorflow_datasets as tfds
from babel.core import get_cldr_version

from rnnzoo.datasets.dates.examples import SIZES, examples

_DESCRIPTION = """\
Dates from 1900 to 2099 as people write them in 30 locales, each with its ISO
8601 form. The written forms are those of the Unicode Common Locale Data
Repository: with and without weekday, months in letters and in digits. A text
that could name another date in any form of any of the locales is left out. No
date of one split occurs in another, in any form.
"""

_HOMEPAGE = "https://cldr.unicode.org"

_CITATION = """\
@misc{cldr,
  title = {Unicode Common Locale Data Repository},
  author = {{Unicode Consortium}},
  url = {https://cldr.unicode.org},
}
"""


class Dates(tfds.core.GeneratorBasedBuilder):
    """Written dates and ISO 8601, from Babel's copy of CLDR: no download.

    The config is named after the version of CLDR, since another one may write
    some dates otherwise.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(
            name=f"cldr_{get_cldr_version()}",
            description=f"Forms of CLDR {get_cldr_version()}.",
        )
    ]

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            homepage=_HOMEPAGE,
            citation=_CITATION,
            features=tfds.features.FeaturesDict(
                {
                    "source": tfds.features.Text(doc="The written date."),
                    "target": tfds.features.Text(doc="It in ISO 8601."),
                    "locale": tfds.features.Text(doc="Such as en_GB."),
                }
            ),
            supervised_keys=("source", "target"),
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in SIZES}

    def _generate_examples(self, split):
        for example in examples(split):
            yield f"{example['locale']} {example['target']}", example
