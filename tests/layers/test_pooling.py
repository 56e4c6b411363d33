import keras
import numpy as np
import pytest

from rnnzoo.layers import SequencePooling, Stack
from rnnzoo.layers.pooling import POOLINGS

# All steps, padding on the right, on the left, holes, nothing.
MASK = np.array(
    [[1, 1, 1, 1], [1, 1, 0, 0], [0, 1, 1, 1], [1, 0, 1, 0], [0, 0, 0, 0]],
    bool,
)
W = np.array([0.7, -0.4, 1.1, 0.2])


def sequences():
    """Below zero as well, where a mean or a maximum with zeros would show."""
    rng = np.random.default_rng(0)
    return (rng.normal(size=(5, 4, 4)) - 2).astype("float32")


def made(mode, bidirectional=False, **options):
    layer = SequencePooling(mode, bidirectional, **options)
    layer.build((None, None, 4))
    if mode == "attention":
        layer.set_weights([W])
    return layer


def reference(mode, bidirectional, steps):
    """One vector of `steps` `(timesteps, 4)`, all of them valid."""
    if not len(steps):
        return np.zeros(4)
    if mode == "last" and bidirectional:
        return np.concatenate([steps[-1, :2], steps[0, 2:]])
    if mode == "last":
        return steps[-1]
    if mode == "attention":
        shares = np.exp(steps @ W)
        return (shares / shares.sum()) @ steps
    return {"mean": np.mean, "max": np.max}[mode](steps, axis=0)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("mode", POOLINGS)
def test_is_what_numpy_does(mode, bidirectional):
    x = sequences()
    pooled = made(mode, bidirectional)(x, mask=MASK)
    assert pooled.shape == (5, 4)
    for row, valid in enumerate(MASK):
        expected = reference(mode, bidirectional, x[row, valid])
        np.testing.assert_allclose(pooled[row], expected, rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("mode", POOLINGS)
def test_no_mask_means_all_steps(mode, bidirectional):
    layer, x = made(mode, bidirectional), sequences()
    np.testing.assert_allclose(
        layer(x), layer(x, mask=np.ones((5, 4), bool)), rtol=1e-6
    )


@pytest.mark.parametrize("mode", POOLINGS)
def test_masked_steps_do_not_matter(mode):
    layer, x = made(mode, True), sequences()
    other = np.where(MASK[..., None], x, 1e4)
    np.testing.assert_allclose(
        layer(other, mask=MASK), layer(x, mask=MASK), rtol=1e-5, atol=1e-6
    )


def test_takes_the_mask_that_comes_with_the_sequence():
    x = np.array([[5, 6, 0, 0]])
    embedded = keras.layers.Embedding(9, 4, mask_zero=True)(x)
    pooled = SequencePooling("last")(embedded)
    np.testing.assert_array_equal(pooled[0], embedded[0, 1])


def test_both_directions_have_read_everything():
    """What `last` takes of a bidirectional layer are its last states."""
    stack = Stack("gru", 2, bidirectional=True, return_state=True)
    outputs, forward, backward = stack(sequences()[:4], mask=MASK[:4])
    pooled = made("last", True)(outputs, mask=MASK[:4])
    expected = np.concatenate([forward, backward], axis=-1)
    np.testing.assert_allclose(pooled, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("mode", POOLINGS)
def test_comes_back_from_its_config(mode):
    layer = made(mode, True, name="mine")
    again = SequencePooling.from_config(layer.get_config())
    assert (again.name, again.mode, again.bidirectional) == ("mine", mode, True)


def test_unknown_mode():
    with pytest.raises(ValueError, match="Unknown pooling: 'maxx'.*mean 'max'"):
        SequencePooling("maxx")
