import numpy as np
import pytest
from keras import ops

from rnnzoo.decoding import Options, greedy_search, sample
from rnnzoo.decoding.single import drawn
from rnnzoo.text import BEGIN, END, PAD
from tests.decoding import table as reference
from tests.decoding.table import Table
from tests.decoding.test_beam import RULES


def search(table, step=None, **options):
    options = Options(**{"max_length": table.max_length, **options})
    tokens, scores, gains = greedy_search(
        step or table.step, table.states, table.first, options
    )
    gains = ops.convert_to_numpy(gains)
    tokens, scores = (ops.convert_to_numpy(x) for x in (tokens, scores))
    np.testing.assert_allclose(gains.sum(axis=-1), scores, rtol=1e-5)
    assert not gains[tokens == PAD].any()
    return tokens, scores


@pytest.mark.parametrize("rules", [{}, *RULES])
@pytest.mark.parametrize("seed", range(3))
def test_is_what_numpy_does(seed, rules):
    table = Table(batch_size=4, max_length=6, vocabulary=7, seed=seed)
    options = Options(max_length=6, **rules)
    tokens, scores = search(table, **rules)
    assert tokens.dtype == "int32" and scores.dtype == "float32"
    for row in range(4):
        expected, score = reference.greedy(table, row, options)
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

    tokens, _ = search(table, step)
    assert len(steps) == last + 1
    lengths = (tokens != PAD).sum(axis=1)
    assert lengths.tolist() == [1, last + 1]


def test_rows_do_not_see_each_other():
    table = Table(batch_size=3, max_length=5, vocabulary=8, seed=1)
    tokens, scores = search(table)
    table.logits = table.logits[::-1].copy()
    turned, turned_scores = search(table)
    np.testing.assert_array_equal(turned, tokens[::-1])
    np.testing.assert_allclose(turned_scores, scores[::-1], rtol=1e-6)


# === Drawing ===


def shares_of(logits, options):
    """What each token is drawn with, in NumPy, one token at a time."""
    logits = logits.astype("float64") / (options.temperature or 1.0)
    shares = np.exp(logits - logits.max())
    order = np.argsort(-logits, kind="stable")
    keep = order[: options.top_k]
    if options.top_p is not None:
        total, kept = shares[keep].sum(), []
        for token in keep:
            if shares[kept].sum() < options.top_p * total:
                kept.append(token)
        keep = np.array(kept)
    found = np.zeros_like(shares)
    found[keep] = shares[keep]
    return found / found.sum()


@pytest.mark.parametrize(
    "drawing",
    [
        {"temperature": 1.0},
        {"temperature": 0.3},
        {"temperature": 3.0},
        {"top_k": 1},
        {"top_k": 3},
        {"top_k": 99},
        {"top_p": 0.5},
        {"top_p": 1.0},
        {"top_p": 1e-6},
        {"top_k": 4, "top_p": 0.7, "temperature": 2.0},
    ],
)
def test_tokens_are_drawn_by_their_shares(drawing):
    """With the numbers 0.00005, 0.00015, ...: shares come out exactly."""
    options = Options(**drawing)
    rng = np.random.default_rng(0)
    logits = rng.normal(scale=2, size=(1, 8)).astype("float32")
    uniform = ((np.arange(10_000) + 0.5) / 10_000).astype("float32")[:, None]
    ids = drawn(
        ops.convert_to_tensor(np.repeat(logits, 10_000, axis=0)),
        ops.convert_to_tensor(uniform),
        options,
    )
    assert ops.convert_to_numpy(ids).dtype == "int32"
    found = np.bincount(ops.convert_to_numpy(ids), minlength=8) / 10_000
    expected = shares_of(logits[0], options)
    np.testing.assert_allclose(found, expected, atol=2e-4)
    assert (found[expected == 0] == 0).all()


def test_no_number_draws_what_may_not_be():
    """Also where the sums round, and where the likeliest comes last."""
    logits = np.full((2, 5), -1e9, "float32")
    logits[0, [1, 3]] = 3.0, -2.0
    logits[1, 4] = 1.0
    uniform = np.array([[0.0], [np.nextafter(1, 0, dtype="float32")]])
    for u in uniform:
        u = ops.convert_to_tensor(np.tile(u, (2, 1)).astype("float32"))
        for options in (Options(temperature=1.0), Options(top_p=0.9)):
            ids = drawn(ops.convert_to_tensor(logits), u, options)
            assert ops.convert_to_numpy(ids)[0] in (1, 3)
            assert ops.convert_to_numpy(ids)[1] == 4


def test_samples_have_the_probabilities_of_the_model():
    """All sequences of two letters, of up to three tokens, 40,000 times."""
    table = Table(batch_size=1, max_length=3, vocabulary=5, seed=4)
    table.logits = table.logits.repeat(40_000, axis=0)
    table.logits[..., [PAD, BEGIN]] = -50
    table.batch_size = 40_000
    uniform = np.random.default_rng(5).uniform(size=(40_000, 3))
    options = Options(max_length=3, temperature=1.0)
    tokens, scores, _ = sample(
        table.step,
        table.states,
        table.first,
        options,
        ops.convert_to_tensor(uniform.astype("float32")),
    )
    tokens, scores = (ops.convert_to_numpy(x) for x in (tokens, scores))
    total = 0.0
    for sequence in table.sequences():
        drawn_so = (tokens == sequence).all(axis=1)
        probability = np.exp(table.score(0, sequence))
        np.testing.assert_allclose(drawn_so.mean(), probability, atol=0.01)
        np.testing.assert_allclose(
            np.exp(scores[drawn_so]), probability, rtol=1e-4
        )
        total += drawn_so.mean()
    np.testing.assert_allclose(total, 1.0)
