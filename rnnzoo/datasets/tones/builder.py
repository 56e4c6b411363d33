"""The generated speech as a TFDS builder."""

import numpy as np
import tensorflow_datasets as tfds

from rnnzoo.datasets.tones.examples import (
    CONFIGS,
    LONGEST,
    SIZES,
    SPEAKERS,
    examples,
)
from rnnzoo.datasets.tones.voice import RATE, WORDS

_DESCRIPTION = f"""\
Ten words of a language without consonants, said by
{sum(SPEAKERS.values())} generated voices that
differ in pitch, pace and length of the vocal tract, in noise and with silence
around. A word is a buzz through two resonances that move from vowel to vowel.
All words have the same four vowels, so that only their order tells one from
another. No voice of one split occurs in another.
"""

_DESCRIPTIONS = {
    "words": "One word each; the label is its class.",
    "strings": f"1 to {LONGEST} words each; the label is such as 4071.",
}


class Samples(tfds.features.Audio):
    """Audio that is given as an array, and stored in the encoding asked for.

    Its base class would store an array as integers of 64 bits, of which
    negative ones take ten bytes each.
    """

    def encode_example(self, samples):
        return super(tfds.features.Audio, self).encode_example(samples)


class Tones(tfds.core.GeneratorBasedBuilder):
    """Words and strings of words, generated: no download."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(name=name, description=_DESCRIPTIONS[name])
        for name in CONFIGS
    ]

    def _info(self):
        if self.builder_config.name == "words":
            label = tfds.features.ClassLabel(
                num_classes=len(WORDS), doc="The word, by its number."
            )
        else:
            label = tfds.features.Text(doc="The numbers of the words.")
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "audio": Samples(
                        sample_rate=RATE,
                        dtype=np.int16,
                        encoding=tfds.features.Encoding.ZLIB,
                        doc="Samples of one channel.",
                    ),
                    "label": label,
                    "speaker": tfds.features.Scalar(
                        np.int32, doc="The voice, by its number."
                    ),
                }
            ),
            supervised_keys=("audio", "label"),
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in SIZES}

    def _generate_examples(self, split):
        yield from enumerate(examples(split, self.builder_config.name))
