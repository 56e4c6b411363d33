"""The conditional random field against pytorch-crf, in float64.

The fixture is made by `python -m tests.parity.crf.pytorch_crf_package`, as the
README one folder up says.
"""

import pathlib

import numpy as np
from keras import ops

from rnnzoo.layers import crf
from tests.cells import tools

BOUND = {"rtol": 0, "atol": 1e-9}
# The package's names, in our order.
WEIGHTS = ("transitions", "start_transitions", "end_transitions")


def load():
    """The stored arrays, and of them the emissions and weights."""
    path = pathlib.Path(__file__).parent / "pytorch_crf.npz"
    with np.load(path) as stored:
        arrays = dict(stored)
    return arrays, [arrays[name] for name in ("emissions", *WEIGHTS)]


def test_likelihoods_and_gradients_of_the_package():
    package, given = load()
    likelihoods = []

    def total(emissions, *weights):
        found = crf.log_likelihood(
            emissions, package["labels"], *weights, package["mask"]
        )
        likelihoods.append(ops.convert_to_numpy(found))
        return ops.sum(found)

    _, gradients = tools.gradients(total, [], given)
    np.testing.assert_allclose(likelihoods[0], package["likelihoods"], **BOUND)
    names = ("emissions", *WEIGHTS)
    for name, found in zip(names, gradients, strict=True):
        expected = package[f"{name}_gradient"]
        np.testing.assert_allclose(found, expected, **BOUND)


def test_paths_of_the_package():
    package, given = load()
    paths, _ = crf.viterbi(*given, package["mask"])
    np.testing.assert_array_equal(paths, package["paths"])
