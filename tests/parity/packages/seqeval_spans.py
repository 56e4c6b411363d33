"""Scores of seqeval 1.2.2 for random tags.

Written are class ids `(rows, timesteps)`, how many steps of each row count,
and precision, recall and F1, in the default mode and in the strict one.
"""

import numpy as np
from seqeval.metrics import sequence_labeling, v1
from seqeval.scheme import IOB2, IOBES

from tests.parity.fixture import FOLDER

SCHEMES = {"bio": ("BI", IOB2), "iobes": ("BIES", IOBES)}
ROWS, STEPS = 150, 10


def main():
    rng = np.random.default_rng(0)
    arrays = {}
    for name, (prefixes, scheme) in SCHEMES.items():
        tags = ["O", *(f"{p}-{kind}" for kind in "XY" for p in prefixes)]
        shape = (ROWS, STEPS)
        true, others = rng.integers(0, len(tags), (2, *shape))
        # Near each other, so that many spans agree.
        predicted = np.where(rng.uniform(size=shape) < 0.85, true, others)
        lengths = rng.integers(1, STEPS + 1, ROWS)

        def names(ids, tags=tags, lengths=lengths):
            rows = zip(ids, lengths, strict=True)
            return [[tags[i] for i in row[:n]] for row, n in rows]

        pair = names(true), names(predicted)
        lenient = sequence_labeling.precision_recall_fscore_support
        strict = v1.precision_recall_fscore_support
        arrays |= {
            f"{name}_tags": np.array(tags),
            f"{name}_true": true.astype("int8"),
            f"{name}_predicted": predicted.astype("int8"),
            f"{name}_lengths": lengths.astype("int8"),
            f"{name}_lenient": lenient(*pair, average="micro")[:3],
            f"{name}_strict": strict(*pair, average="micro", scheme=scheme)[:3],
        }
    np.savez_compressed(FOLDER.parent / "seqeval_spans.npz", **arrays)


if __name__ == "__main__":
    main()
