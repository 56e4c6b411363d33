import numpy as np

from rnnzoo.layers import Copying
from rnnzoo.layers.attention_decoder import Looked
from rnnzoo.layers.sequence_layer import as_tensors
from tests.cells import tools


def test_is_its_equation():
    """Over random sources, some words of which stand twice."""
    layer = Copying(6, slots=3)
    rng = np.random.default_rng(0)
    shape = {"outputs": 5, "queries": 5, "contexts": 4}
    parts = {
        name: rng.normal(size=(7, 3, n)).astype("float32")
        for name, n in shape.items()
    }
    weights = rng.dirichlet(np.ones(8), size=(7, 3)).astype("float32")
    x = rng.normal(size=(7, 3, 2)).astype("float32")
    logits = rng.normal(size=(7, 3, 6)).astype("float32")
    source = rng.integers(3, 9, (7, 8))
    layer.build((None, None, 4 + 5 + 2))
    tools.randomise(layer)
    looked = Looked(*(parts[name] for name in shape), weights)
    given = as_tensors((logits, looked, x, source.astype("int32")))
    found = np.asarray(layer(*given))
    W, b = (w.numpy() for w in layer.gate.weights)
    for row, t in np.ndindex(7, 3):
        together = [parts["contexts"], parts["queries"], x]
        z = np.concatenate([part[row, t] for part in together]) @ W + b
        p = 1 / (1 + np.exp(-z[0]))
        shares = np.exp(logits[row, t])
        expected = np.zeros(9)
        expected[:6] = p * shares / shares.sum()
        for j, word in enumerate(source[row]):
            expected[word] += (1 - p) * weights[row, t, j]
        np.testing.assert_allclose(expected.sum(), 1.0, rtol=1e-6)
        np.testing.assert_allclose(
            np.exp(found[row, t]), expected, rtol=1e-4, atol=1e-7
        )
