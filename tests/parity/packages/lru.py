"""Fixtures from LRU-pytorch."""

import torch
from LRU_pytorch import LRU

from tests.parity.fixture import BATCH, FEATURES, STEPS, UNITS
from tests.parity.packages.torch_tools import normal, randomise, save

STATES = 5


def main():
    layer = randomise(LRU(FEATURES, UNITS, STATES))
    with torch.no_grad():
        for seed, weight in ((100, layer.B), (101, layer.C)):
            real = normal(*weight.shape, seed=seed)
            weight.copy_(
                torch.complex(real, normal(*weight.shape, seed=seed + 10))
            )
    x = normal(BATCH, STEPS, FEATURES, seed=1)
    real, imaginary = (normal(BATCH, STATES, seed=10 + n) for n in range(2))
    # The package starts only the first of several sequences from a state that
    # is given, and keeps no state after the last step.
    starts = torch.complex(real, imaginary)
    y = [layer(rows, start) for rows, start in zip(x, starts, strict=True)]
    save("lru", x, torch.stack(y), layer, [real, imaginary])


if __name__ == "__main__":
    main()
