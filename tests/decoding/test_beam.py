import numpy as np
import pytest
from keras import ops

from rnnzoo.decoding import Options, beam_search, coverage, greedy_search
from rnnzoo.decoding.beam import repeat_beams
from rnnzoo.text import BEGIN, END, PAD
from tests.decoding import table as reference
from tests.decoding.table import Table

# Sequences of three letters, of at most four tokens: 40 that end, 81 cut off.
EVERYTHING = 160


def options_of(table, width, penalty=1.0, **others):
    return Options(
        max_length=table.max_length,
        beam_width=width,
        length_penalty=penalty,
        **others,
    )


def search(table, width, penalty=1.0, step=None, **others):
    options = options_of(table, width, penalty, **others)
    tokens, scores, gains = beam_search(
        step or table.step, table.states, table.first, options
    )
    tokens, scores = (ops.convert_to_numpy(x) for x in (tokens, scores))
    # A score is the sum of what its tokens gained, and pads gain nothing.
    gains = ops.convert_to_numpy(gains)
    possible = scores > -1e8
    np.testing.assert_allclose(
        gains.sum(axis=-1)[possible], scores[possible], rtol=1e-5
    )
    assert not gains[possible][tokens[possible] == PAD].any()
    return tokens, scores


@pytest.mark.parametrize("penalty", [0.0, 0.6, 1.0, 3.0])
@pytest.mark.parametrize("width", [2, 3, 7])
def test_is_what_numpy_does(width, penalty):
    table = Table(batch_size=3, max_length=5, vocabulary=7, seed=width)
    tokens, scores = search(table, width, penalty)
    assert tokens.dtype == "int32" and scores.dtype == "float32"
    for row in range(3):
        expected = reference.beam(table, row, options_of(table, width, penalty))
        assert tokens[row].tolist() == [beam for beam, _ in expected]
        np.testing.assert_allclose(
            scores[row], [score for _, score in expected], rtol=1e-5
        )


@pytest.mark.parametrize("seed", range(5))
def test_of_width_one_is_greedy_search(seed):
    table = Table(batch_size=4, max_length=6, vocabulary=7, seed=seed)
    tokens, scores = search(table, width=1)
    options = options_of(table, 1)
    expected, expected_scores, _ = greedy_search(
        table.step, table.states, table.first, options
    )
    np.testing.assert_array_equal(tokens[:, 0], expected)
    np.testing.assert_allclose(scores[:, 0], expected_scores, rtol=1e-6)


@pytest.mark.parametrize("penalty", [0.0, 1.0, 2.0])
def test_wide_enough_is_exhaustive_search(penalty):
    table = Table(batch_size=2, max_length=4, vocabulary=6, seed=7)
    tokens, scores = search(table, EVERYTHING, penalty)
    for row in range(2):

        def value(sequence, row=row):
            length = reference.length_of(sequence)
            score = table.score(row, sequence)
            return reference.rank(score, length, penalty)

        every = sorted(table.sequences(), key=value, reverse=True)
        assert len(every) == 121
        assert tokens[row, :121].tolist() == every
        expected = [table.score(row, sequence) for sequence in every]
        np.testing.assert_allclose(scores[row, :121], expected, rtol=1e-5)
        # What is left over is no sequence.
        assert (scores[row, 121:] < -1e8).all()


RULES = [
    {"min_length": 3},
    {"repetition_penalty": 1.7},
    {"repetition_penalty": 0.5},
    {"no_repeat_ngram": 1},
    {"no_repeat_ngram": 2},
    {"no_repeat_ngram": 3, "min_length": 4, "repetition_penalty": 1.3},
]


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("width", [1, 3, 8])
def test_rules_are_what_numpy_does(width, rules):
    """And scores stay those that the model gives."""
    table = Table(batch_size=12, max_length=7, vocabulary=6, seed=width)
    table.logits[..., END] -= 3
    options = options_of(table, width, 0.7, **rules)
    tokens, scores = search(table, width, 0.7, **rules)
    changed = 0
    for row in range(12):
        expected = reference.beam(table, row, options)
        count = len(expected)
        assert tokens[row, :count].tolist() == [beam for beam, _ in expected]
        np.testing.assert_allclose(
            scores[row, :count], [score for _, score in expected], rtol=1e-5
        )
        plain = reference.beam(table, row, options_of(table, width, 0.7))
        changed += expected != plain
    assert changed > 0


def test_what_is_forbidden_keeps_its_share():
    """So that the best are in the order of their scores."""
    table = Table(batch_size=12, max_length=7, vocabulary=6, seed=3)
    table.logits[..., END] -= 3
    for n in (1, 2):
        _, scores = search(table, 6, 0.0, no_repeat_ngram=n)
        assert (np.diff(scores, axis=1) <= 1e-5).all()


def test_an_early_end_is_better_than_none():
    """Three letters, each of them once, cannot make six tokens."""
    table = Table(batch_size=4, max_length=6, vocabulary=6, seed=0)
    for width in (1, 3):
        rules = {"min_length": 6, "no_repeat_ngram": 1}
        tokens, scores = search(table, width, **rules)
        for row in tokens.reshape(-1, 6):
            assert sorted(row.tolist()) == [PAD, PAD, END, 3, 4, 5]
        assert (scores > -1e8).all()


def test_coverage_is_the_equation():
    seen = np.array([[0.2, 1.5, 0.9], [1.0, 0.0, 3.0]], "float32")
    mask = np.array([[True, True, True], [True, False, True]])
    found = ops.convert_to_numpy(
        coverage(ops.convert_to_tensor(seen), mask, 0.4)
    )
    expected = [0.4 * (np.log(0.2) + np.log(0.9)), 0.0]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    found = coverage(ops.convert_to_tensor(seen), None, 1.0)
    np.testing.assert_allclose(found[1], np.log(1e-9), rtol=1e-6)


def test_a_bonus_counts_like_a_rank():
    """The beams that wrote the letter 3 most are worth more."""
    table = Table(batch_size=5, max_length=5, vocabulary=7, seed=8)

    def step(tokens, states):
        threes = states["threes"] + ops.cast(tokens[:, None] == 3, "float32")
        logits, inner = table.step(
            tokens, {key: states[key] for key in ("row", "position")}
        )
        return logits, {**inner, "threes": threes}

    def bonus(states):
        return 1.5 * states["threes"][:, 0]

    options = options_of(table, 4, 0.5)
    states = {**table.states, "threes": ops.zeros((5, 1))}
    tokens, scores, _ = beam_search(step, states, table.first, options, bonus)
    tokens = ops.convert_to_numpy(tokens)
    for row in range(5):
        # What was written at a step counts from the next one on.
        expected = reference.beam(
            table, row, options, lambda t: 1.5 * t[:-1].count(3)
        )
        assert tokens[row].tolist() == [beam for beam, _ in expected]


def test_scores_are_those_of_the_sequences():
    table = Table(batch_size=3, max_length=5, vocabulary=7, seed=2)
    for row, beams in enumerate(zip(*search(table, 4), strict=True)):
        for tokens, score in zip(*beams, strict=True):
            expected = table.score(row, tokens)
            np.testing.assert_allclose(score, expected, rtol=1e-5)


def test_an_ended_beam_is_frozen():
    """Its score stays, its tokens stay, and what follows is pad."""
    table = Table(batch_size=1, max_length=6, vocabulary=5, seed=4)
    table.logits[:, 0, :, END] = 3
    # Later steps would reward any token, had it not ended.
    table.logits[:, 1:] = 9
    tokens, scores = search(table, 3)
    (ended,) = np.flatnonzero(tokens[0, :, 0] == END)
    assert tokens[0, ended].tolist() == [END, PAD, PAD, PAD, PAD, PAD]
    expected = table.log_probabilities(0, 0, BEGIN)[END]
    np.testing.assert_allclose(scores[0, ended], expected, rtol=1e-5)


def test_length_penalty_changes_the_order():
    """A short sequence that is likely, a long one likely token by token."""
    table = Table(batch_size=1, max_length=4, vocabulary=5)
    table.logits[:] = -20
    table.logits[0, 0, :, END] = np.log(0.3)
    table.logits[0, 0, :, 3] = np.log(0.7)
    table.logits[0, 1, :, 3] = np.log(0.8)
    table.logits[0, 1, :, 4] = np.log(0.2)
    table.logits[0, 2, :, 3] = np.log(0.7)
    table.logits[0, 2, :, 4] = np.log(0.3)
    table.logits[0, 3, :, END] = np.log(0.7)
    table.logits[0, 3, :, 3] = np.log(0.3)
    short, long = np.log(0.3), np.log(0.7 * 0.8 * 0.7 * 0.7)
    assert short > long
    # They change places where their ranks are the same.
    turn = np.log(long / short) / np.log(9 / 6)
    for penalty, best in (
        (0.0, [END, PAD, PAD, PAD]),
        (turn - 0.01, [END, PAD, PAD, PAD]),
        (turn + 0.01, [3, 3, 3, END]),
        (3.0, [3, 3, 3, END]),
    ):
        tokens, scores = search(table, EVERYTHING, penalty)
        assert tokens[0, 0].tolist() == best
        expected = short if best[0] == END else long
        np.testing.assert_allclose(scores[0, 0], expected, rtol=1e-4)


def test_never_writes_pad_or_begin():
    table = Table(batch_size=4, max_length=5, vocabulary=7)
    table.logits[..., [PAD, BEGIN]] = 50
    tokens, _ = search(table, 3)
    for beam in tokens.reshape(-1, 5):
        length = reference.length_of(beam)
        assert not beam[length:].any()
        assert (beam[:length] > BEGIN).all()


def test_length_is_at_most_the_limit():
    table = Table(max_length=4)
    table.logits[..., END] = -50
    tokens, _ = search(table, 3)
    assert tokens.shape == (3, 3, 4)
    assert (tokens > END).all()


def test_stops_when_all_beams_have_ended():
    table = Table(batch_size=2, max_length=9)
    table.logits[..., END] = -50
    table.logits[:, 3, :, END] = 50
    calls = []

    def step(tokens, states):
        calls.append(tokens)
        return table.step(tokens, states)

    tokens, _ = search(table, 3, step=step)
    assert len(calls) == 4
    assert (tokens[..., 3] == END).all()
    assert not tokens[..., 4:].any()


def test_states_follow_their_beams():
    """A state that counts what its own beam wrote, and is asked for it."""
    table = Table(batch_size=2, max_length=5, vocabulary=7, seed=5)

    def step(tokens, states):
        history = states["history"]
        place = ops.arange(5, dtype="int32") == states["position"]
        history = ops.where(place, tokens[:, None], history)
        logits, states = table.step(
            tokens, {key: states[key] for key in ("row", "position")}
        )
        seen.append((states["position"], history))
        return logits, {**states, "history": history}

    seen = []
    states = {**table.states, "history": ops.zeros((2, 5), "int32")}
    tokens, *_ = beam_search(step, states, table.first, options_of(table, 3))
    tokens = ops.convert_to_numpy(tokens).reshape(-1, 5)
    _, history = seen[-1]
    written = {tuple(row[1:]) for row in ops.convert_to_numpy(history)}
    # What the last step was told is what was written before it.
    told = {tuple(row[:4]) for row in tokens if END not in row[:4]}
    assert told and told <= written


def test_rows_do_not_see_each_other():
    table = Table(batch_size=3, max_length=5, vocabulary=8, seed=1)
    tokens, scores = search(table, 4)
    table.logits = table.logits[::-1].copy()
    turned, turned_scores = search(table, 4)
    np.testing.assert_array_equal(turned, tokens[::-1])
    np.testing.assert_allclose(turned_scores, scores[::-1], rtol=1e-6)


def test_repeat_beams():
    states = {"h": np.array([[1, 2], [3, 4]]), "n": [np.array([5, 6])]}
    repeated = repeat_beams(states, 2)
    expected = [[1, 2], [1, 2], [3, 4], [3, 4]]
    np.testing.assert_array_equal(repeated["h"], expected)
    np.testing.assert_array_equal(repeated["n"][0], [5, 5, 6, 6])
