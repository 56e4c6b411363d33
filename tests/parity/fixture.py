"""How a fixture is stored: what the scripts write and the test reads."""

import dataclasses
import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).parent / "fixtures"

BATCH, STEPS, FEATURES, UNITS = 2, 7, 3, 4


@dataclasses.dataclass(frozen=True)
class Fixture:
    """One run of a cell of a package over a batch of sequences.

    Args:
        x: array `(batch, timesteps, features)`.
        y: array `(batch, timesteps, units)`, the outputs of all steps.
        weights: dict of arrays, under the package's own names.
        initial: list of arrays, the states before the first step; empty
            where the package starts from its empty state.
        final: list of arrays, the states after the last step; empty where
            the package does not tell.
    """

    x: np.ndarray
    y: np.ndarray
    weights: dict
    initial: list
    final: list

    def save(self, name):
        arrays = {"x": self.x, "y": self.y}
        for kind in ("initial", "final"):
            for n, state in enumerate(getattr(self, kind)):
                arrays[f"{kind}.{n}"] = state
        for weight, values in self.weights.items():
            arrays[f"weight.{weight}"] = values
        FOLDER.mkdir(exist_ok=True)
        np.savez_compressed(FOLDER / name, **arrays)


def load(name):
    """The `Fixture` of that name."""
    with np.load(FOLDER / f"{name}.npz") as stored:
        arrays = dict(stored)

    def numbered(kind):
        count = sum(key.startswith(f"{kind}.") for key in arrays)
        return [arrays[f"{kind}.{n}"] for n in range(count)]

    return Fixture(
        x=arrays["x"],
        y=arrays["y"],
        weights={
            key.removeprefix("weight."): values
            for key, values in arrays.items()
            if key.startswith("weight.")
        },
        initial=numbered("initial"),
        final=numbered("final"),
    )


def names():
    """Names of all fixtures."""
    return sorted(path.stem for path in FOLDER.glob("*.npz"))
