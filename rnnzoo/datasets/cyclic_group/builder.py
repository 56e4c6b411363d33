"""A cyclic group as a TFDS builder."""

import numpy as np
import tensorflow_datasets as tfds

from rnnzoo.datasets.cyclic_group.examples import (
    LONGEST,
    ORDERS,
    SIZES,
    TRAINED,
    examples,
)

_DESCRIPTION = f"""\
Random elements of the cyclic group Z_n, and at each step what all elements up
to it compose to: their sum modulo n, for n = 2 the parity. Training sequences
have 1 to {TRAINED} steps, validation sequences {TRAINED}, test sequences
{LONGEST}: whoever tracks the state needs no longer sequences to learn it.
"""

_CITATION = """\
@inproceedings{deletang2023neural,
  title = {Neural Networks and the {C}homsky Hierarchy},
  author = {Del{\\'e}tang, Gr{\\'e}goire and others},
  booktitle = {International Conference on Learning Representations},
  year = {2023},
}
"""


class CyclicGroup(tfds.core.GeneratorBasedBuilder):
    """Words over a cyclic group, generated: no download."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}
    BUILDER_CONFIGS = [
        tfds.core.BuilderConfig(
            name=f"order_{order}", description=f"The group Z_{order}."
        )
        for order in ORDERS
    ]

    @property
    def order(self):
        return int(self.builder_config.name.removeprefix("order_"))

    def _info(self):
        def elements(doc):
            return tfds.features.Tensor(shape=(None,), dtype=np.int64, doc=doc)

        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            homepage="https://arxiv.org/abs/2207.02098",
            citation=_CITATION,
            features=tfds.features.FeaturesDict(
                {
                    "inputs": elements("An element at each step, from 0."),
                    "targets": elements("What they compose to so far."),
                }
            ),
            supervised_keys=("inputs", "targets"),
        )

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in SIZES}

    def _generate_examples(self, split):
        yield from enumerate(examples(split, self.order))
