import numpy as np
import pytest
from keras import ops

from rnnzoo.decoding import greedy_search
from rnnzoo.decoding.greedy import writable
from rnnzoo.text import BEGIN, END, PAD
from tests.decoding import table as reference
from tests.decoding.table import Table


def search(table, **options):
    options = {"max_length": table.max_length, **options}
    tokens, scores = greedy_search(
        table.step, table.states, table.batch_size, **options
    )
    return ops.convert_to_numpy(tokens), ops.convert_to_numpy(scores)


@pytest.mark.parametrize("seed", range(5))
def test_is_what_numpy_does(seed):
    table = Table(batch_size=4, max_length=6, vocabulary=7, seed=seed)
    tokens, scores = search(table)
    assert tokens.dtype == "int32"
    for row in range(4):
        expected, score = reference.greedy(table, row)
        assert tokens[row].tolist() == expected
        np.testing.assert_allclose(scores[row], score, rtol=1e-5)


def test_scores_are_those_of_the_sequences():
    table = Table(batch_size=6, seed=3)
    for row, (tokens, score) in enumerate(zip(*search(table), strict=True)):
        np.testing.assert_allclose(score, table.score(row, tokens), rtol=1e-5)


def test_never_writes_pad_or_begin():
    table = Table(batch_size=4, max_length=5)
    table.logits[..., [PAD, BEGIN]] = 50
    tokens, _ = search(table)
    for row in tokens:
        length = reference.length_of(row)
        assert not row[length:].any()
        assert (row[:length] > BEGIN).all()


def test_writable_leaves_probabilities_as_they_are():
    """Pad and begin are forbidden, not redistributed."""
    logits = np.array([[1.0, 2.0, 3.0, 4.0]], "float16")
    found = ops.convert_to_numpy(writable(ops.convert_to_tensor(logits)))
    assert found.dtype == "float32"
    expected = np.log(np.exp([3.0, 4.0]) / np.exp([1.0, 2, 3, 4]).sum())
    np.testing.assert_allclose(found[0, 2:], expected, rtol=1e-6)
    assert (found[0, :2] < -1e8).all()


def test_length_is_at_most_the_limit():
    table = Table(max_length=6)
    table.logits[..., END] = -50
    tokens, _ = search(table, max_length=4)
    assert tokens.shape == (3, 4)
    assert (tokens > END).all()


@pytest.mark.parametrize("last", [0, 2, 5])
def test_stops_when_all_rows_have_ended(last):
    table = Table(batch_size=2, max_length=9)
    table.logits[..., END] = -50
    table.logits[0, 0, :, END] = 50
    table.logits[1, last, :, END] = 50
    steps = []

    def step(tokens, states):
        steps.append(tokens)
        return table.step(tokens, states)

    tokens, _ = greedy_search(step, table.states, 2, 9)
    assert len(steps) == last + 1
    lengths = (ops.convert_to_numpy(tokens) != PAD).sum(axis=1)
    assert lengths.tolist() == [1, last + 1]


def test_rows_do_not_see_each_other():
    table = Table(batch_size=3, max_length=5, vocabulary=8, seed=1)
    tokens, scores = search(table)
    table.logits = table.logits[::-1].copy()
    turned, turned_scores = search(table)
    np.testing.assert_array_equal(turned, tokens[::-1])
    np.testing.assert_allclose(turned_scores, scores[::-1], rtol=1e-6)
