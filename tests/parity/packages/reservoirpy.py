"""Fixtures from reservoirpy: the reservoir of an echo state network."""

import numpy as np
from reservoirpy.nodes import Reservoir

from tests.parity.fixture import BATCH, FEATURES, STEPS, UNITS, Fixture

LEAK = 0.3


def main():
    generator = np.random.default_rng(0)
    weights = {
        "Win": generator.normal(size=(UNITS, FEATURES)),
        "W": generator.normal(size=(UNITS, UNITS)),
        "bias": generator.normal(size=UNITS),
    }
    x = generator.normal(size=(BATCH, STEPS, FEATURES))
    initial = generator.normal(size=(BATCH, UNITS))
    outputs = []
    for rows, state in zip(x, initial, strict=True):
        node = Reservoir(UNITS, lr=LEAK, **weights)
        node.initialize(rows)
        node.state = {"out": state}
        outputs.append(node.run(rows))
    y = np.stack(outputs)
    Fixture(x, y, weights, [initial], [y[:, -1]]).save("esn")


if __name__ == "__main__":
    main()
