"""From an image, or what was made of it, to tokens."""

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.layers import MemoryAttention, ScheduledSampling, Stack
from rnnzoo.text import PAD, WordVocabulary
from tests.architectures import rows

TARGET = np.array([[4, 5, 4, 7, 8, 2], [5, 4, 2, 0, 0, 0], [8, 2, 0, 0, 0, 0]])
VOCABULARY = WordVocabulary(["a", "b", "c", "d", "e"])


def network():
    """A functional model of the user's, with what training alone does."""
    image = keras.Input((6, 4, 2))
    x = keras.layers.Conv2D(5, 3, padding="same")(image)
    x = keras.layers.BatchNormalization()(x)
    return keras.Model(image, keras.layers.MaxPooling2D()(x))


def frozen():
    model = network()
    model.trainable = False
    return model


FORMS = {
    # Show and Tell.
    "vector": lambda: {"input_shape": (5,), "condition": "first_input"},
    "cnn": lambda: {
        "input_shape": (6, 4),
        "encoder": "cnn",
        "condition": "every_step",
        "tied": True,
        "label_smoothing": 0.1,
        "vocabulary": VOCABULARY,
    },
    "frozen": lambda: {
        "input_shape": (6, 4, 2),
        "encoder": frozen(),
        "scheduled_sampling": ScheduledSampling(0.5, schedule="constant"),
        "decoder": Stack("lstm", 6, num_layers=2),
    },
    # Show, Attend and Tell.
    "network": lambda: {
        "input_shape": (6, 4, 2),
        "encoder": network(),
        "attention": "additive",
        "input_feeding": True,
        "doubly_stochastic": 0.8,
    },
    "regions": lambda: {
        "input_shape": (4, 5),
        "attention": MemoryAttention(score="scaled"),
        "doubly_stochastic": 0.5,
        "condition": "every_step",
        "cell": "min_gru",
    },
    "fed": lambda: {
        "input_shape": (4, 5),
        "attention": "concat",
        "input_feeding": True,
        "condition": "first_input",
    },
}
SLOW = ("regions", "fed")


def build(form=None, **options):
    keras.utils.set_random_seed(3)
    options = {**(FORMS[form]() if form else {}), **options}
    sizes = {"vocabulary": 9, "max_length": 6}
    if "decoder" not in options:
        sizes["units"] = 8
    model = rnnzoo.build("one_to_many", **{**sizes, **options})
    rng = np.random.default_rng(4)
    for weight in model.trainable_variables:
        if not weight.numpy().any():
            weight.assign(rng.normal(0, 0.3, weight.shape))
    return model


def fed(model):
    rng = np.random.default_rng(0)
    source = rng.uniform(size=(3, *model.item_shape)).astype("float32")
    return {"source": source, "target": TARGET}


def array(x):
    return keras.ops.convert_to_numpy(x)


def attention(model, source, tokens):
    return array(model.looked_at(source, keras.ops.convert_to_tensor(tokens)))


def expected_loss(model, x):
    """In NumPy, from the model's own logits and attention."""
    y, epsilon = x["target"], model.label_smoothing
    p = rows.log_softmax(array(model(x)).astype("float64"))
    right = np.take_along_axis(p, y[..., None], -1)[..., 0]
    losses = -(1 - epsilon) * right - epsilon * p.mean(axis=-1)
    total = losses[y != PAD].sum()
    if model.decoder.doubly_stochastic:
        weights = attention(model, x["source"], y).astype("float64")
        for row, length in enumerate((y != PAD).sum(axis=1)):
            seen = weights[row, :length].sum(axis=0)
            missing = ((1 - seen) ** 2).sum()
            total += model.decoder.doubly_stochastic * missing
    return total / (y != PAD).sum()


@pytest.mark.parametrize(
    "form",
    ["vector", "cnn", "frozen", "network"]
    + [pytest.param(form, marks=pytest.mark.slow) for form in SLOW],
)
def test_trains_writes_and_comes_back(form, eagerly, tmp_path):
    model = build(form)
    x = fed(model)
    model.compile(optimizer=keras.optimizers.SGD(0.1), run_eagerly=True)
    loss = model.evaluate(x, verbose=0, return_dict=True)["loss"]
    np.testing.assert_allclose(loss, expected_loss(model, x), rtol=5e-6)

    before = {v.path: v.numpy() for v in model.weights}
    model.fit(x, verbose=0)
    moved = {v.path for v in model.weights if np.any(v != before[v.path])}
    assert moved >= {v.path for v in model.trainable_variables}
    if model.encoder.network is not None:
        inner = {v.path for v in model.encoder.network.weights}
        assert bool(inner & moved) == (form != "frozen")

    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(array(again(x)), array(model(x)))
    count = len(model.trainable_variables)
    assert len(again.trainable_variables) == count

    for options in (
        {"beam_width": 3, "n_best": 2, "length_penalty": 0.0},
        {"temperature": 1.2, "seed": 1},
    ):
        found, same = (
            m.generate(x["source"], details=True, **options)
            for m in (model, again)
        )
        np.testing.assert_array_equal(found.tokens, same.tokens)
        for n in range(found.tokens.shape[1]):
            tokens = found.tokens[:, n]
            p = rows.log_softmax(array(model({**x, "target": tokens})))
            p = np.take_along_axis(p, tokens[..., None], -1)[..., 0]
            expected = (p * (tokens != PAD)).sum(axis=1)
            np.testing.assert_allclose(found.scores[:, n], expected, atol=2e-4)
            if model.decoder.attention is None:
                assert found.attention is None
                continue
            weights = attention(model, x["source"], tokens)
            np.testing.assert_allclose(
                found.attention[:, n], weights, atol=1e-5
            )
            np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-5)
    if form == "cnn":
        lines = [VOCABULARY.decode(row) for row in found.tokens]
        assert found.texts == lines
    if model.decoder.attention is not None:
        covering = model.generate(
            x["source"], beam_width=3, coverage_penalty=0.5
        )
        assert covering.shape[0] == 3


def test_the_regions_are_the_places_of_the_features(eagerly):
    model = build("network")
    x = fed(model)
    encoded = model.encode(x["source"])
    maps = array(model.encoder.network(x["source"])).reshape(3, 6, 5)
    np.testing.assert_allclose(encoded["memory"], maps, atol=1e-6)
    assert attention(model, x["source"], TARGET).shape == (3, 6, 6)


@pytest.mark.slow
def test_a_network_of_keras_applications(tmp_path):
    """Frozen, compiled, saved and loaded."""
    shape = (32, 32, 3)
    mobile = keras.applications.MobileNetV2(
        weights=None, include_top=False, input_shape=shape
    )
    mobile.trainable = False
    model = build(input_shape=shape, encoder=mobile, attention="additive")
    x = fed(model)
    model.compile()
    before = [v.numpy() for v in mobile.weights]
    first, *_, last = model.fit(x, epochs=15, verbose=0).history["loss"]
    assert last < first
    for weight, value in zip(mobile.weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)
    written = model.generate(x["source"], beam_width=2)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert not again.encoder.network.trainable_weights
    np.testing.assert_array_equal(
        again.generate(x["source"], beam_width=2), written
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoder": "vit"}, "Unknown encoder: 'vit'. Expected one of: 'cnn'"),
        (
            {"encoder": 3},
            "`encoder` takes 'cnn', 'crnn', or a Keras .* encoder=3",
        ),
        ({"encoder": "cnn"}, r"A CNN reads images.*input_shape=\(5,\)"),
        (
            {"attention": "additive"},
            r"looks at regions .* features of the shape \(5,\)",
        ),
        (
            {"input_shape": (4, 5), "attention": "dot"},
            "'dot' needs a query and a memory of one width. Received: 8 and 5",
        ),
        (
            {"input_shape": (4, 5), "attention": MemoryAttention(6)},
            "the width of the query, 8. Received: units=6. Leave `units` out",
        ),
        ({"doubly_stochastic": 1}, "doubly_stochastic=1.0 without attention"),
        ({"doubly_stochastic": -1}, "`doubly_stochastic` must be a number in"),
        ({"input_feeding": True}, "nothing to feed in without attention"),
        ({"condition": "initial"}, "Unknown condition: 'initial'"),
        ({"decoder": "lstm"}, "`decoder` takes a `rnnzoo.layers.Stack`"),
        ({"label_smoothing": -1}, "`label_smoothing` is a share from 0 to 1"),
        ({"scheduled_sampling": 0.5}, "takes a `rnnzoo.layers.ScheduledSamp"),
        ({"max_length": 0}, "`max_length` must be a positive integer"),
        ({"input_shape": (0,)}, "`input_shape` must be a positive integer"),
    ],
)
def test_options_that_cannot_be_meant(options, message):
    with pytest.raises(ValueError, match=message):
        build(**{"input_shape": (5,), **options})


def test_no_attention_covers_a_summary():
    model = build("vector")
    with pytest.raises(ValueError, match="no attention that could cover"):
        model.generate(np.ones((1, 5)), coverage_penalty=1)
