import keras
import numpy as np
import pytest

from rnnzoo.training import schedules


def test_rises_in_a_line_and_falls_in_half_a_cosine():
    schedule = schedules.warmup_cosine(0.01, steps=110, warmup=0.1)
    rates = [float(schedule(step)) for step in (0, 5, 11, 35.75, 60.5, 110)]
    rising = [0.0, 0.01 * 5 / 11, 0.01]
    falling = [0.01 * (1 + np.cos(np.pi * share)) / 2 for share in (1 / 4,)]
    np.testing.assert_allclose(
        rates, [*rising, *falling, 0.005, 0.0], rtol=1e-5, atol=1e-9
    )


def test_starts_at_the_peak_without_warmup():
    schedule = schedules.warmup_cosine(0.01, steps=10, warmup=0.0)
    assert float(schedule(0)) == pytest.approx(0.01)
    assert float(schedule(10)) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("steps, warmup", [(0, 0.1), (10, 1.0), (10, -0.1)])
def test_refuses_what_is_no_schedule(steps, warmup):
    with pytest.raises(ValueError, match=f"steps={steps} and warmup={warmup}"):
        schedules.warmup_cosine(0.01, steps, warmup)


@pytest.mark.parametrize(
    ("name", "shares"),
    [
        # At the steps 0, 10, 50, 51, 75, 76 and 100 of 100.
        ("constant", [1, 1, 1, 1, 1, 1, 1]),
        ("linear", [1, 0.9, 0.5, 0.49, 0.25, 0.24, 0]),
        ("step", [1, 1, 1, 0.1, 0.1, 0.01, 0.01]),
        (
            "cosine",
            [
                (1 + np.cos(np.pi * n / 100)) / 2
                for n in (0, 10, 50, 51, 75, 76, 100)
            ],
        ),
    ],
)
def test_a_schedule_by_its_name(name, shares):
    schedule = schedules.make(name, 0.02, steps=100)
    rates = [float(schedule(n)) for n in (0, 10, 50, 51, 75, 76, 100)]
    expected = 0.02 * np.array(shares)
    np.testing.assert_allclose(rates, expected, rtol=1e-5, atol=1e-9)


def test_the_warm_up_is_an_option():
    ours = schedules.make("warmup_cosine", 0.01, steps=40, warmup=0.25)
    same = schedules.warmup_cosine(0.01, 40, 0.25)
    assert ours.get_config() == same.get_config()
    assert float(ours(5)) == pytest.approx(0.005)


@pytest.mark.parametrize("name", schedules.NAMES)
def test_a_schedule_is_saved_with_the_model(name, tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    rate = schedules.make(name, 0.02, steps=8)
    model.compile(keras.optimizers.SGD(rate), "mse")
    x = np.ones((4, 2), "float32")
    model.fit(x, x[:, :1], batch_size=1, shuffle=False, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert float(again.optimizer.learning_rate) == pytest.approx(
        float(rate(4)), abs=1e-9
    )


def test_a_schedule_of_few_steps():
    assert float(schedules.make("step", 1.0, steps=1)(1)) == 1.0
    assert float(schedules.make("linear", 1.0, steps=1)(1)) == 0.0


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("cosin", "schedule 'cosin'. Did you mean 'cosine'"),
        ("warmup-cosine", "Did you mean 'warmup_cosine'"),
        ("triangle", "schedule 'triangle'. There are warmup_cosine, cosine"),
    ],
)
def test_an_unknown_name_gets_the_known_ones(name, hint):
    with pytest.raises(ValueError, match=hint):
        schedules.make(name, 0.1, 10)


@pytest.mark.parametrize("name", schedules.NAMES)
def test_no_steps_are_refused_by_every_name(name):
    with pytest.raises(ValueError, match="steps=0"):
        schedules.make(name, 0.1, 0)
