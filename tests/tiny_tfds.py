"""A TFDS set with the contents that a test gives it."""

import tensorflow_datasets as tfds


class RnnzooTiny(tfds.core.GeneratorBasedBuilder):
    """A set as TFDS has many."""

    VERSION = tfds.core.Version("1.0.0")
    FEATURES = {}
    KEYS = None
    SPLITS = {}

    def _info(self):
        return tfds.core.DatasetInfo(
            builder=self,
            features=tfds.features.FeaturesDict(self.FEATURES),
            supervised_keys=self.KEYS,
        )

    def _split_generators(self, dl_manager):
        return {s: self._generate_examples(e) for s, e in self.SPLITS.items()}

    def _generate_examples(self, examples):
        yield from enumerate(examples)


NAME = "rnnzoo_tiny"


def fill(monkeypatch, features, splits, keys=None):
    """Gives the set its contents, for one test."""
    monkeypatch.setattr(RnnzooTiny, "FEATURES", features)
    monkeypatch.setattr(RnnzooTiny, "SPLITS", splits)
    monkeypatch.setattr(RnnzooTiny, "KEYS", keys)
