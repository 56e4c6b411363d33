"""Copy memory as a TFDS builder."""

import numpy as np
import tensorflow_datasets as tfds

from rnnzoo.datasets.copy_memory.examples import (
    BLANK,
    DELAYS,
    RECALL,
    SIZES,
    WORD,
    arrays,
)

_DESCRIPTION = f"""\
{WORD} symbols out of {BLANK}, then T - 1 blanks (id {BLANK}), a signal (id
{RECALL}) and {WORD} blanks. The target is blank until the signal, and from the
step after it the {WORD} symbols in their order. Who remembers nothing has a
cross-entropy of {WORD} ln {BLANK} / (T + {2 * WORD}) per step. No word occurs
twice, in any split.
"""

_CITATION = """\
@inproceedings{arjovsky2016unitary,
  title = {Unitary Evolution Recurrent Neural Networks},
  author = {Arjovsky, Martin and Shah, Amar and Bengio, Yoshua},
  booktitle = {International Conference on Machine Learning},
  year = {2016},
}
"""


class CopyMemory(tfds.core.GeneratorBasedBuilder):
    """Copy memory at several delays, generated: no download."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(
            name=f"delay_{delay}", description=f"T = {delay}."
        )
        for delay in DELAYS
    ]

    @property
    def delay(self):
        return int(self.builder_config.name.removeprefix("delay_"))

    def _info(self):
        def ids(doc):
            return tfds.features.Tensor(
                shape=(self.delay + 2 * WORD,),
                dtype=np.uint8,
                # Nearly all of it is blanks.
                encoding=tfds.features.Encoding.ZLIB,
                doc=doc,
            )

        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            homepage="https://arxiv.org/abs/1511.06464",
            citation=_CITATION,
            features=tfds.features.FeaturesDict(
                {
                    "inputs": ids("The symbol, blank or signal of each step."),
                    "targets": ids("What to write at each step."),
                }
            ),
            supervised_keys=("inputs", "targets"),
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in SIZES}

    def _generate_examples(self, split):
        examples = arrays(split, self.delay)
        for key in range(SIZES[split]):
            yield key, {name: examples[name][key] for name in examples}
