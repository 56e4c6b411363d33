import subprocess

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.diagnostics import memory_by_length as module
from rnnzoo.diagnostics.measuring import read, write
from rnnzoo.diagnostics.memory_by_length import memory_by_length
from rnnzoo.diagnostics.of_length import of_length

X = np.arange(24.0).reshape(2, 4, 3)
Y = np.array([[0, 1, 0, 1], [1, 1, 0, 0]])


class Sum(rnnzoo.Cell):
    def project(self, inputs, training=False):
        return inputs

    def step(self, projected, states):
        h = states[0] + projected
        return h, [h]


def tagger(**options):
    return rnnzoo.build("synced", input_dim=3, units=4, **options)


# === A batch of another length ===


def test_sequences_go_on_from_their_beginning_or_are_cut():
    weights = np.array([1.0, 2.0])
    x, y, w = of_length(tagger(), (X, Y, weights), 6)
    np.testing.assert_array_equal(x, X[:, [0, 1, 2, 3, 0, 1]])
    np.testing.assert_array_equal(y, Y[:, [0, 1, 2, 3, 0, 1]])
    np.testing.assert_array_equal(w, weights)
    inputs = {"inputs": X, "mask": Y > 0}
    x, y, w = of_length(tagger(), (inputs, Y), 3)
    np.testing.assert_array_equal(x["inputs"], X[:, :3])
    np.testing.assert_array_equal(x["mask"], Y[:, :3] > 0)
    np.testing.assert_array_equal(y, Y[:, :3])
    assert w is None


def test_what_has_no_steps_stays():
    model = rnnzoo.build("many_to_one", input_dim=3, units=4, num_outputs=4)
    # As many values as steps are no steps.
    x, y, _ = of_length(model, (X, Y), 2)
    assert x.shape == (2, 2, 3) and y.shape == (2, 4)
    model = rnnzoo.build("one_to_many", input_shape=(4,), vocabulary=9)
    x, y, _ = of_length(model, {"source": X[..., 0], "target": Y}, 8)
    assert x["source"].shape == (2, 4) and x["target"].shape == (2, 8)
    assert y is None


def test_inputs_of_a_keras_model_are_lengthened_by_their_places():
    sequence, vector = keras.Input((None, 3)), keras.Input((4,))
    outputs = rnnzoo.layers.Recurrent("gru", units=4)(sequence) + vector
    model = keras.Model([sequence, vector], outputs)
    (x, v), y, _ = of_length(model, ([X, X[:, :, 0]], Y), 9)
    assert x.shape == (2, 9, 3) and v.shape == (2, 4) and y.shape == (2, 4)


def test_a_model_without_sequences_is_refused():
    model = rnnzoo.build("one_to_one", input_shape=(4,))
    with pytest.raises(ValueError, match="Only what reads or writes"):
        of_length(model, (X[..., 0], Y[:, 0]), 8)


@pytest.mark.parametrize(
    "batch",
    [
        (X,),
        (X, Y),
        (X, Y, np.ones(2)),
        ({"source": X, "target": Y},),
        ((X, Y), Y),
    ],
    ids=["x", "x, y", "weights", "dict", "tuple"],
)
def test_a_batch_is_kept_in_a_file(batch, tmp_path):
    write(tmp_path / "batch.npz", batch)
    found = read(tmp_path / "batch.npz")
    keras.tree.map_structure(np.testing.assert_array_equal, found, batch)


# === Memory ===


def test_figure_and_numbers_follow_from_the_peaks(monkeypatch):
    asked = []

    def measured(model, batch, lengths):
        asked.extend(lengths)
        # 50 MB for a start, never less than before, then 2 MB per step.
        truncated = [60e6, 61e6, 62e6, 63e6, 64e6, 65e6]
        return [50e6, *truncated, *(50e6 + 2e6 * n for n in (20, 40, 60))]

    monkeypatch.setattr(module, "measure", measured)
    figure, numbers = memory_by_length(tagger(), (X, Y), (20, 40, 60), 10)
    assert asked == [10, *[10] * 6, 20, 40, 60]
    assert numbers["lengths"] == [20, 40, 60]
    assert numbers["megabytes"] == [40, 80, 120]
    assert numbers["megabytes_per_step"] == pytest.approx(2)
    assert numbers["truncated_megabytes"] == [11, 13, 15]
    (axis,) = figure.axes
    full, truncated = axis.lines
    assert full.get_xydata().tolist() == [[20, 40], [40, 80], [60, 120]]
    assert truncated.get_ydata().tolist() == [11, 13, 15]
    assert axis.get_legend().get_texts()[0].get_text().endswith("2 MB per step")


def test_one_length_has_no_slope(monkeypatch):
    monkeypatch.setattr(module, "measure", lambda *_: [5e6, 7e6])
    figure, numbers = memory_by_length(tagger(), (X, Y), [16])
    assert numbers == {"lengths": [16], "megabytes": [2]}


@pytest.mark.parametrize("lengths", [(), (1, 2), (8, 4), (8, 8)])
def test_lengths_have_to_rise(lengths):
    with pytest.raises(ValueError, match="lengths that rise"):
        memory_by_length(tagger(), (X, Y), lengths)


def test_segments_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="Received: segment=9"):
        memory_by_length(tagger(), (X, Y), (8, 16), segment=9)
    model = rnnzoo.build("many_to_one", input_dim=3, units=4)
    with pytest.raises(ValueError, match="one output per step"):
        memory_by_length(model, (X, Y[:, 0]), (8, 16), segment=4)


def test_a_process_that_dies_is_told_with_its_last_words(monkeypatch):
    monkeypatch.setattr(
        module.subprocess,
        "run",
        lambda command, **_: subprocess.CompletedProcess(
            command, -9, "peak 5\nnoise\npeak 6\n", "out of luck"
        ),
    )
    with pytest.raises(RuntimeError, match="(?s)on 32 steps .*-9.*of luck"):
        module.measure(tagger(), (X, Y), [8, 16, 32])


@pytest.mark.slow
def test_memory_grows_with_the_length_unless_truncated():
    model = rnnzoo.build("synced", input_dim=8, cell="lstm", units=128)
    batch = np.ones((16, 64, 8), "float32"), np.zeros((16, 64), "int32")
    before = model.get_weights()
    _, numbers = memory_by_length(model, batch, (128, 512, 1024), segment=64)
    megabytes = numbers["megabytes"]
    assert megabytes == sorted(megabytes)
    # States, gates and their like of one step: some hundred kilobytes.
    assert 0.05 < numbers["megabytes_per_step"] < 0.4
    assert numbers["truncated_megabytes"][-1] < megabytes[-1] / 5
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.slow
def test_a_cell_of_a_module_of_ones_own_is_found_by_the_process():
    model = rnnzoo.build("synced", input_dim=3, cell=Sum(3))
    _, numbers = memory_by_length(model, (X, Y), (8, 16))
    assert len(numbers["megabytes"]) == 2
