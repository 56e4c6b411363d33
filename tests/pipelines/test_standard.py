import numpy as np
import pytest

from rnnzoo.pipelines.standard import Standard

SERIES = np.random.RandomState(0).normal([5, -300, 0], [2, 40, 1e-3], (200, 3))


def test_each_column_has_mean_0_and_deviation_1():
    standard = Standard.of(SERIES)
    np.testing.assert_allclose(standard.mean, SERIES.mean(axis=0))
    np.testing.assert_allclose(standard.deviation, SERIES.std(axis=0))
    scaled = standard.apply(SERIES)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(scaled.std(axis=0), 1, atol=1e-6)


def test_forecasts_come_back_in_their_units():
    standard = Standard.of(SERIES)
    windows = standard.apply(SERIES[:8].reshape(2, 4, 3))
    np.testing.assert_allclose(
        standard.invert(windows), SERIES[:8].reshape(2, 4, 3), rtol=1e-5
    )
    some = standard.invert(windows[..., [2, 0]], columns=(2, 0))
    np.testing.assert_allclose(
        some, SERIES[:8].reshape(2, 4, 3)[..., [2, 0]], rtol=1e-5
    )


def test_a_column_that_never_changes():
    series = np.stack([np.full(7, 0.1), np.arange(7)], axis=1)
    standard = Standard.of(series)
    assert standard.mean[0] == 0.1 and standard.deviation[0] == 1.0
    assert (standard.apply(series)[:, 0] == 0).all()


def test_comes_back_from_a_file(tmp_path):
    standard = Standard.of(SERIES)
    standard.save(tmp_path / "standard.json")
    assert Standard.load(tmp_path / "standard.json") == standard


@pytest.mark.parametrize(
    "content", [None, "", "[]", '{"mean": [1]}', '{"mean": 1, "deviation": 2}']
)
def test_files_that_hold_none(tmp_path, content):
    path = tmp_path / "standard.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ValueError, match="Cannot read the statistics of a ser"):
        Standard.load(path)


@pytest.mark.parametrize("values", [np.ones((4, 2)), np.ones(()), [1.0]])
def test_other_columns_are_refused(values):
    standard = Standard.of(SERIES)
    for function in (standard.apply, standard.invert):
        with pytest.raises(ValueError, match="the statistics of 3 columns"):
            function(values)


def test_statistics_of_no_numbers():
    series = SERIES.copy()
    series[3, 1] = np.inf
    with pytest.raises(ValueError, match="inf at the time step 3, column 1"):
        Standard.of(series)
