"""Fixtures from Haiku: the GRU that resets before the product."""

import haiku
import jax
import numpy as np

from tests.parity.fixture import BATCH, FEATURES, STEPS, UNITS, Fixture

jax.config.update("jax_enable_x64", True)


def main():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(BATCH, STEPS, FEATURES))
    initial = generator.normal(size=(BATCH, UNITS))

    def run(x, state):
        return haiku.dynamic_unroll(
            haiku.GRU(UNITS), x, state, time_major=False
        )

    network = haiku.transform(run)
    weights = network.init(jax.random.key(0), x, initial)["gru"]
    weights = {
        name: generator.normal(size=np.shape(weight))
        for name, weight in sorted(weights.items())
    }
    y, final = network.apply({"gru": weights}, None, x, initial)
    Fixture(x, np.array(y), weights, [initial], [np.array(final)]).save(
        "gru_reset_before"
    )


if __name__ == "__main__":
    main()
