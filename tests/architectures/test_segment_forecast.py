"""many_to_one in segments: a series in, its future out."""

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.architectures import SegmentForecast
from tests.test_model_replicas import TWO, hold, replicas

RANDOM = np.random.default_rng(0)
PAST = RANDOM.normal(size=(5, 12, 2)).astype("float32")
FUTURE = RANDOM.normal(size=(5, 6, 2)).astype("float32")


def build(**options):
    keras.utils.set_random_seed(3)
    sizes = {"input_dim": 2, "horizon": 6, "segment": 3}
    if "encoder" not in options:
        sizes["units"] = 8
    return rnnzoo.build("many_to_one", **{**sizes, **options})


def test_the_option_asks_for_the_form():
    model = build()
    assert type(model) is SegmentForecast
    assert isinstance(model, rnnzoo.Model)
    assert rnnzoo.build("seq2vec", segment=24)(np.ones((1, 48, 1))).shape == (
        1,
        24,
        1,
    )


@pytest.mark.parametrize(
    "run_eagerly", [True, pytest.param(False, marks=pytest.mark.slow)]
)
def test_learns_and_comes_back(run_eagerly, tmp_path):
    model = build(num_layers=2, residual=True, dropout=0.2)
    model.compile(optimizer=keras.optimizers.SGD(0.1), run_eagerly=run_eagerly)
    before = {v.path: v.numpy() for v in model.trainable_variables}
    shown = model.evaluate(PAST, FUTURE, verbose=0, return_dict=True)
    error = model.predict(PAST, verbose=0) - FUTURE
    np.testing.assert_allclose(shown["loss"], (error**2).mean(), rtol=1e-5)
    np.testing.assert_allclose(
        shown["mean_absolute_error"], np.abs(error).mean(), rtol=1e-5
    )
    model.fit(PAST, FUTURE, verbose=0)
    for variable in model.trainable_variables:
        assert np.any(variable.numpy() != before[variable.path]), variable.path

    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        again.predict(PAST, verbose=0), model.predict(PAST, verbose=0)
    )
    assert again.get_config().keys() == model.get_config().keys()
    again.fit(PAST, FUTURE, verbose=0)
    assert again.optimizer.iterations == 2


def test_weights_of_series_count():
    model = build()
    model.compile(run_eagerly=True)
    weights = np.array([1, 0, 0, 2, 0])
    loss = model.evaluate(
        PAST, FUTURE, sample_weight=weights, verbose=0, return_dict=True
    )["loss"]
    error = ((model.predict(PAST, verbose=0) - FUTURE) ** 2).mean(axis=(1, 2))
    expected = (error * weights).sum() / weights.sum()
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


def test_the_past_may_have_any_length():
    model = build()
    for timesteps in (3, 12, 30):
        assert model(np.ones((2, timesteps, 2))).shape == (2, 6, 2)


def test_a_stack_instead_of_words():
    stack = rnnzoo.layers.Stack("lstm", 4, num_layers=2)
    model = build(encoder=stack)
    assert model.forecaster.stack is stack
    with pytest.raises(ValueError, match="Received units=3 beside `encoder`"):
        build(encoder=stack, units=3)


@pytest.mark.slow
def test_replicas_train_as_one_device():
    hold(replicas(TWO, "segments")["segments"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"horizn": 3},
            "Unknown option of many_to_one with segment: 'horizn'.",
        ),
        ({"bidirectional": True}, "Unknown option of many_to_one with segment"),
        ({"pooling": "mean"}, "Unknown option of many_to_one with segment"),
        ({"horizon": 4}, "`horizon` must be a multiple of the segment of 3"),
        ({"input_dim": 0}, "`input_dim` must be a positive integer"),
        ({"encoder": "gru"}, "`encoder` takes a `rnnzoo.layers.Stack`"),
    ],
)
def test_options_that_cannot_be_meant(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)


def test_the_form_is_named_where_its_option_is_misspelt():
    with pytest.raises(ValueError, match="Did you mean 'segment'"):
        rnnzoo.build("many_to_one", segments=24)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (PAST[..., :1], FUTURE, r"`x` must hold numbers of the shape .* 2\)"),
        (PAST[:, :10], FUTURE, "timesteps=10. Take 9 or 12"),
        (PAST, FUTURE[:, :3], r"`y` must hold numbers .*\(batch, 6, 2\)"),
        (PAST, FUTURE[:3], "5 rows of `x` and 3 of `y`"),
        (PAST[:0], FUTURE[:0], "`x` is empty"),
    ],
)
def test_arrays_that_cannot_be_meant(x, y, message):
    model = build()
    model.compile()
    with pytest.raises(ValueError, match=message):
        model.fit(x, y, verbose=0)
