"""Rows that each worker gets, and what workers tell each other.

tests/recipes/test_together.py has real processes.
"""

import numpy as np
import pytest
import tensorflow as tf

from rnnzoo.training import multiworker, resume, strategy, tracking, workers


def split(sizes, count, numbers=None):
    """The rows that each replica gets of batches of some sizes."""
    rows = np.arange(sum(sizes))
    ends = np.cumsum([0, *sizes])
    batches = [rows[a:b] for a, b in zip(ends, ends[1:], strict=False)]
    data = tf.data.Dataset.from_generator(
        lambda: iter([(batch, {"y": batch * 2}) for batch in batches]),
        output_signature=(
            tf.TensorSpec([None], "int64"),
            {"y": tf.TensorSpec([None], "int64")},
        ),
    ).apply(tf.data.experimental.assert_cardinality(len(sizes)))
    found = []
    for number in range(count) if numbers is None else [numbers]:
        given = [number] if numbers is None else number
        shares = multiworker.shared(data, count, given)
        assert int(shares.cardinality()) == len(sizes) * len(given)
        parts = list(shares.as_numpy_iterator())
        for x, y in parts:
            np.testing.assert_array_equal(y["y"], 2 * x)
        found.append([x.tolist() for x, _ in parts])
    return found


def test_every_row_of_a_batch_belongs_to_one_worker_in_the_same_step():
    assert split([4, 3], 2) == [[[0, 1], [4, 5]], [[2, 3], [6]]]


def test_a_batch_of_fewer_rows_than_workers_leaves_the_last_without():
    assert split([4, 1], 3) == [
        [[0, 1], [4]],
        [[2], []],
        [[3], []],
    ]


def test_shares_differ_by_a_row_at_most():
    batches = zip(*split([1, 2, 7, 10, 11], 3), strict=True)
    sizes = [[len(part) for part in batch] for batch in batches]
    assert sizes == [[1, 0, 0], [1, 1, 0], [3, 2, 2], [4, 3, 3], [4, 4, 3]]


def test_devices_of_one_worker_get_their_shares_one_after_the_other():
    """Two workers of two devices; Keras joins them in this order."""
    numbers = [
        [multiworker.replica_number(worker, place, 2) for place in range(2)]
        for worker in range(2)
    ]
    assert numbers == [[0, 2], [1, 3]]
    assert split([5, 4], 4, numbers[1]) == [[[2], [4], [6], [8]]]


def test_a_data_set_of_single_tensors_is_split_too():
    data = tf.data.Dataset.range(5).batch(3)
    shares = multiworker.shared(data, 2, [1])
    assert [x.tolist() for x in shares.as_numpy_iterator()] == [[2], [4]]


# === In one process ===


def test_a_process_alone_tells_itself():
    one = strategy.make("one")
    assert not multiworker.several(one)
    assert multiworker.from_chief(one, b"abc") == b"abc"
    assert multiworker.any_wants(one, [True, False]) == [True, False]
    multiworker.check_same(one, {"steps": 3})
    multiworker.meet()
    with multiworker.chief_first():
        pass
    assert not multiworker.is_lost(tf.errors.UnavailableError(None, None, "x"))


def test_without_its_place_a_process_cannot_be_a_worker(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(ValueError, match="`python -m rnnzoo workers 2 -- COMM"):
        strategy.make("multiworker")


def test_tensorflow_that_has_started_cannot_join_others(monkeypatch):
    tf.constant(1)
    monkeypatch.setenv("TF_CONFIG", workers.config(["127.0.0.1:1"], 0))
    with pytest.raises(ValueError, match="TensorFlow has started, and cannot"):
        strategy.make("multiworker")


@pytest.mark.parametrize("name", ["one", "mirrored"])
def test_one_of_several_does_not_train_alone(monkeypatch, name):
    monkeypatch.setenv("TF_CONFIG", workers.config(["a:1", "b:2"], 1))
    with pytest.raises(ValueError, match="This process is one of 2 workers"):
        strategy.make(name)


def test_errors_of_a_lost_worker_are_known(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", workers.config(["a:1", "b:2"], 1))
    assert multiworker.is_lost(tf.errors.UnavailableError(None, None, "x"))
    assert multiworker.is_lost(workers.WorkerLost("x"))
    assert not multiworker.is_lost(ValueError("x"))
    assert not multiworker.is_lost(
        tf.errors.InvalidArgumentError(None, None, "")
    )


# === The chief alone writes ===


def test_another_worker_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TF_CONFIG", workers.config(["a:1", "b:2"], 1))
    monkeypatch.chdir(tmp_path)
    with (
        resume.Session("test", {"a": 1}, "mlruns", fresh=True) as session,
        tracking.Run("test", "a", {"a": 1}, run_id=session.run_id) as run,
    ):
        session.begin(run, {"steps": 3})
        assert session.load() is None
        session.save(1, {"x": np.ones(2)}, {})
        run.log_metrics({"train/loss": 0.5}, step=1)
        run.log_text("a", "a.txt")
        run.log_params({"b": 2})
        assert run.log_model(None) == run.directory / "model.keras"
        assert not run.tracked
    with pytest.raises(KeyError):
        with tracking.Run("test", "a", {}):
            raise KeyError
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr() == ("", "")
