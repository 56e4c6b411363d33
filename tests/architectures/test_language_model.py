"""Synced models of tokens go on with what was begun."""

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.text import BEGIN, END, PAD, CharacterVocabulary
from tests.architectures import rows

LENGTH = 5
# Of different lengths; one with begin, and one that had it in its midst.
PROMPTS = [[4, 5, 6, 7, 8], [8], [BEGIN, 6, 4], [5, BEGIN, 7]]
PADDED = np.array([row + [PAD] * (5 - len(row)) for row in PROMPTS])
VOCABULARY = CharacterVocabulary("abcde")


def build(cell="gru", **options):
    keras.utils.set_random_seed(3)
    sizes = {"vocabulary": 9, "num_outputs": 9, "units": 8}
    model = rnnzoo.build("synced", cell=cell, **{**sizes, **options})
    rng = np.random.default_rng(4)
    for weight in model.weights:
        weight.assign(weight + rng.normal(0, 0.5, weight.shape))
    bias = model.head.weights[-1]
    bias.assign(np.array(bias) - np.eye(9)[END])
    return model


@pytest.fixture(scope="module")
def model():
    return build()


def loop(model, prompt, choose=np.argmax):
    """`(tokens, log-probabilities)` of a row, by steps of the model."""
    *before, last = prompt
    if not prompt[0] == BEGIN:
        before = [BEGIN, *before]
    states, tokens, gains = None, [], []
    for token in before:
        _, states = model.step(np.array([token]), states)
    while len(tokens) < LENGTH and last != END:
        logits, states = model.step(np.array([last]), states)
        p = rows.log_softmax(np.array(logits)[0].astype("float64"))
        allowed = p.copy()
        allowed[[PAD, BEGIN]] = -np.inf
        last = int(choose(allowed))
        tokens.append(last)
        gains.append(p[last])
    return tokens, gains


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        ("gru", {}),
        pytest.param("rwkv7", {"num_layers": 2}, marks=pytest.mark.slow),
        pytest.param("mlstm", {"dropout": 0.3}, marks=pytest.mark.slow),
        ("min_gru", {"num_layers": 2, "residual": True, "pre_norm": True}),
    ],
)
def test_is_a_loop_of_steps(cell, options, eagerly):
    model = build(cell, **options)
    expected = [loop(model, prompt) for prompt in PROMPTS]
    found = model.generate(PADDED, max_length=LENGTH, details=True)
    assert found.texts is None and found.attention is None
    for row, (tokens, gains) in enumerate(expected):
        written = found.tokens[row, 0]
        assert written[written != PAD].tolist() == tokens
        np.testing.assert_allclose(
            found.token_log_probabilities[row, 0, : len(gains)],
            gains,
            atol=1e-4,
        )
        total = sum(gains)
        np.testing.assert_allclose(
            found.log_probabilities[row, 0], total, atol=3e-4
        )
        rank = total / ((5 + len(gains)) / 6)
        np.testing.assert_allclose(found.scores[row, 0], rank, atol=3e-4)
        alone = model.generate([PROMPTS[row]], max_length=LENGTH)
        assert alone.tolist() == [tokens]


def test_from_the_first_token_on(model, eagerly):
    tokens, _ = loop(model, [BEGIN])
    assert model.generate(max_length=LENGTH).tolist() == [tokens]
    assert model.generate([[BEGIN]], max_length=LENGTH).tolist() == [tokens]
    assert model.options().max_length == 256


def test_a_beam_is_as_likely_as_the_model_says(model, eagerly):
    ids, scores = model.generate(
        PADDED[:2], max_length=4, beam_width=4, n_best=4, length_penalty=0.0
    )
    for row, prompt in enumerate(PROMPTS[:2]):
        for tokens, score in zip(ids[row], scores[row], strict=True):
            written = tokens[tokens != PAD]
            read = np.array([[BEGIN, *prompt, *written[:-1]]])
            p = rows.log_softmax(np.array(model(read))[0].astype("float64"))
            p = p[len(prompt) :][np.arange(len(written)), written]
            np.testing.assert_allclose(score, p.sum(), atol=3e-4)
    greedy = model.generate(PADDED, max_length=4, length_penalty=0.0, n_best=1)
    assert (scores[:, 0] >= greedy[1][:2, 0] - 1e-5).all()


def test_drawn_texts_follow_their_seed(model, eagerly):
    options = {"temperature": 1.2, "top_p": 0.95, "max_length": 6}
    one, same, other = (
        model.generate(PADDED, seed=seed, **options).tolist()
        for seed in (0, 0, 1)
    )
    assert one == same != other
    ids, scores = model.generate(PADDED, seed=0, n_best=3, **options)
    assert ids.shape[:2] == (4, 3) and (np.diff(scores, axis=1) <= 0).all()


def test_strings_before_and_after_a_file(tmp_path):
    """Compiled."""
    model = build(vocabulary=VOCABULARY)
    lines = ["abc", "d"]
    ids = VOCABULARY.encode(lines)
    expected = [
        VOCABULARY.decode([loop(model, row[row != PAD].tolist())[0]])[0]
        for row in ids
    ]
    for given in (lines, tuple(lines), np.array(lines), ids):
        assert model.generate(given, max_length=LENGTH) == expected
    pairs = model.generate(lines, max_length=LENGTH, n_best=1)
    assert [row[0][0] for row in pairs] == expected
    assert isinstance(model.generate(max_length=2)[0], str)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.generate(lines, max_length=LENGTH) == expected


def test_carried_states_do_not_reach_what_is_written(eagerly):
    """A model trained on continuous text goes on with the prompt alone."""
    carrying = build(carried_rows=2)
    plain = build()
    plain.set_weights([w for w in carrying.weights if "carried" not in w.path])
    x = {"inputs": PADDED[:2], "begins": np.array([True, True])}
    carrying.compile(optimizer=keras.optimizers.SGD(0.0), run_eagerly=True)
    carrying.fit(x, PADDED[:2], shuffle=False, verbose=0)
    np.testing.assert_array_equal(
        carrying.generate(PADDED, max_length=LENGTH),
        plain.generate(PADDED, max_length=LENGTH),
    )


# === What is wrong ===


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bidirectional": True}, "can write. This one is bidirectional"),
        ({"input_dim": 3}, "This one does not read tokens"),
        ({"head": "sigmoid"}, "This one has head='sigmoid'"),
        ({"head": "crf"}, "This one has head='crf'"),
        ({"num_outputs": 3}, "This one has 3 outputs for 9 ids"),
        ({"characters": 5}, "This one does not read tokens"),
    ],
)
def test_models_that_cannot_write(options, message):
    sizes = {"vocabulary": 9, "num_outputs": 9, "units": 4}
    model = rnnzoo.build("synced", **{**sizes, **options})
    with pytest.raises(ValueError, match=message):
        model.generate(PADDED)


@pytest.mark.parametrize(
    ("given", "options", "message"),
    [
        (["abc"], {}, "Received strings, but the model has no vocabulary"),
        ("abc", {}, "Received strings, but the model has no vocabulary"),
        (np.array(["abc"]), {}, "Received strings, but the model has no voc"),
        ([], {}, "`source` is empty. Pass at least one row"),
        ([[9]], {}, r"the token id 9 \(row 0, step 0\)"),
        ([[4, 5], [0, 0]], {}, "`source` has an empty row, row 1"),
        ([[4.0]], {}, "integer token ids"),
        ([[0, 4]], {}, r"pad \(0\) before the last token of row 0"),
        (PADDED, {"spell": 1}, "Unknown option of generate: 'spell'"),
        (PADDED, {"replace_unknown": True}, "generate: 'replace_unknown'"),
        (PADDED, {"coverage_penalty": 1}, "no attention that could cover a"),
        (PADDED, {"seed": 1}, "seed=1, but nothing is drawn at random"),
        (PADDED, {"beam": 3}, "Unknown option of generate: 'beam'"),
    ],
)
def test_beginnings_that_cannot_be_meant(model, given, options, message):
    with pytest.raises(ValueError, match=message):
        model.generate(given, **options)


def test_strings_that_cannot_be_meant():
    model = build(vocabulary=VOCABULARY)
    with pytest.raises(ValueError, match="Received one line, 'abc'"):
        model.generate("abc")
    with pytest.raises(ValueError, match="line 2 is empty"):
        model.generate(["abc", ""])
