"""The town's weather and consumption as a TFDS builder."""

import numpy as np
import tensorflow_datasets as tfds

from rnnzoo.datasets.seasonal.examples import COLUMNS, DAYS, series

_DESCRIPTION = """\
Hours of a town that does not exist: its weather, in spells of sun and clouds,
and what follows from it and from the hours and days that people keep. Seasons
of a day, a week and a year of 90 days, holidays, growth and autocorrelated
noise. Consumption is no linear function of weather: there are thresholds, and
people in between. The splits follow one another in time, one example each.
"""

_DOCS = {
    "temperature": "Of the air, in degrees Celsius.",
    "sunshine": "1 at noon of a clear day, or so.",
    "heating": "Below a threshold of temperature, by who is about.",
    "cooling": "Above a threshold of temperature, by who is about.",
    "traffic": "Who is about, fewer in bad weather on days off.",
    "load": "People, heating, cooling, and lamps in the dark.",
    "price": "Grows with the square of the load that the sun leaves.",
}


class Seasonal(tfds.core.GeneratorBasedBuilder):
    """A seasonal series of seven columns, generated: no download."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}

    def _info(self):
        columns = {
            name: tfds.features.Tensor(
                shape=(None,), dtype=np.float32, doc=_DOCS[name]
            )
            for name in COLUMNS
        }
        time = tfds.features.Tensor(
            shape=(None,), dtype=np.int64, doc="Seconds since 1970, UTC."
        )
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict({"time": time, **columns}),
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in DAYS}

    def _generate_examples(self, split):
        time, values = series(split)
        columns = dict(zip(COLUMNS, values.T, strict=True))
        yield 0, {"time": time, **columns}
