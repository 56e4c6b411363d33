import keras
import numpy as np
import pytest

from rnnzoo.layers import FrameEncoder

# Odd sizes, which are pooled to the next larger half.
FRAMES = np.random.default_rng(0).uniform(size=(2, 3, 7, 4, 2))


def relu(v):
    return np.maximum(v, 0)


def reference(layer, frame):
    """One frame, pixel by pixel."""
    x = frame
    *kernels, W, b = (w.numpy().astype("float64") for w in layer.weights)
    for W_n, b_n in zip(kernels[::2], kernels[1::2], strict=True):
        padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
        y = np.zeros((*x.shape[:2], len(b_n)))
        for i, j in np.ndindex(*x.shape[:2]):
            window = padded[i : i + 3, j : j + 3]
            y[i, j] = relu(np.tensordot(window, W_n, 3) + b_n)
        height, width = (-(-n // 2) for n in x.shape[:2])
        x = np.zeros((height, width, len(b_n)))
        for i, j in np.ndindex(height, width):
            cell = y[2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            x[i, j] = cell.max(axis=(0, 1))
    return relu(x.reshape(-1) @ W + b)


def made(**options):
    keras.utils.set_random_seed(0)
    layer = FrameEncoder((3, 5), 6, **options)
    layer.build(FRAMES.shape)
    rng = np.random.default_rng(1)
    for weight in layer.weights:
        weight.assign(rng.normal(0, 0.3, weight.shape))
    return layer


def test_is_what_numpy_does_to_each_frame():
    layer = made()
    found = np.array(layer(FRAMES.astype("float32")))
    expected = [[reference(layer, f) for f in video] for video in FRAMES]
    assert (found > 0).any()
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_in_a_model_of_any_length(tmp_path):
    """Whatever masked frames show."""
    inputs = keras.Input((None, 7, 4, 2))
    mask = keras.Input((None,), dtype="bool")
    features = made(name="mine")(inputs)
    assert features.shape == (None, None, 6)
    summary = keras.layers.GRU(3)(features, mask=mask)
    model = keras.Model([inputs, mask], summary)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    layer = again.get_layer("mine")
    assert (layer.filters, layer.units, layer.kernel_size) == ((3, 5), 6, 3)
    valid = np.array([[1, 1, 0], [1, 0, 0]], bool)
    found = again.predict([FRAMES, valid], verbose=0)
    other = np.where(valid[..., None, None, None], FRAMES, 9)
    expected = model.predict([other, valid], verbose=0)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_passes_a_mask_on():
    frames = keras.ops.convert_to_tensor(FRAMES, "float32")
    mask = np.array([[1, 0, 0], [1, 1, 1]], bool)
    assert made().compute_mask(frames, mask) is mask


def test_mixed_precision():
    layer = made(dtype="mixed_bfloat16")
    assert {w.dtype for w in layer.weights} == {"float32"}
    assert keras.backend.standardize_dtype(layer(FRAMES).dtype) == "bfloat16"


@pytest.mark.parametrize("shape", [(2, 3, 7, 4), (2, 3, None, 4, 1)])
def test_frames_of_another_shape(shape):
    with pytest.raises(ValueError, match="FrameEncoder reads videos.*channel"):
        FrameEncoder().build(shape)


def test_sizes_that_cannot_be():
    with pytest.raises(ValueError, match="`filters` must be a positive int"):
        FrameEncoder((8, 0))
