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
