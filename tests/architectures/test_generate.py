"""What models write: ids and strings, by greedy and by beam search."""

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.decoding import Options
from rnnzoo.text import BEGIN, END, PAD, CharacterVocabulary
from tests.architectures import rows

WRITERS = ("one_to_many", "seq2seq")
LINES = ["abc", "cab", "b"]
VOCABULARY = CharacterVocabulary.from_texts(LINES)


def source(architecture):
    return rows.feed(architecture)[0]["source"]


def log_probabilities(model, source, tokens):
    """Of each sequence, as the model itself gives them to it."""
    outputs = model({"source": source, "target": tokens})
    found = rows.log_softmax(outputs.numpy().astype("float64"))
    found = np.take_along_axis(found, tokens[..., None], -1)[..., 0]
    return (found * (tokens != PAD)).sum(axis=1)


def decode(model, source, width, max_length, penalty):
    """`(tokens, scores)` of the best of `Model.decode`, as arrays."""
    options = Options(
        beam_width=width, max_length=max_length, length_penalty=penalty
    )
    tokens, scores, _ = model.decode(
        options, keras.ops.convert_to_tensor(source)
    )
    return [keras.ops.convert_to_numpy(x)[:, 0] for x in (tokens, scores)]


# === Compiled, in both searches, before and after a file ===


def translator(**options):
    return rows.build(
        "seq2seq",
        num_layers=1,
        source_vocabulary=VOCABULARY,
        target_vocabulary=VOCABULARY,
        **options,
    )


def test_strings_before_and_after_a_file(tmp_path):
    model = translator()
    ids = VOCABULARY.encode(LINES)
    written = {}
    for width in (1, 3):
        written[width] = model.generate(LINES, beam_width=width)
        by_ids = model.generate(ids, beam_width=width)
        assert VOCABULARY.decode(by_ids) == written[width]
    assert len(written[1]) == 3
    assert all(isinstance(line, str) for line in written[1] + written[3])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for width in (1, 3):
        assert loaded.generate(LINES, beam_width=width) == written[width]


def test_new_weights_are_used_at_once():
    """What was compiled before training does not remember its weights."""
    model = translator()
    model.generate(LINES)
    other = translator()
    model.set_weights(other.get_weights())
    ids = VOCABULARY.encode(LINES)
    np.testing.assert_array_equal(model.generate(ids), other.generate(ids))


def test_any_number_of_rows_and_steps():
    model = translator()
    assert len(model.generate(["ab"])) == 1
    assert len(model.generate(["abcabc", "c", "a", "bb"])) == 4
    assert len(model.generate(np.array(["ab", "c"]))) == 2
    assert len(model.generate(("ab", "c"))) == 2


# === What is written ===


@pytest.mark.parametrize("width", [1, 2, 4])
@pytest.mark.parametrize("architecture", WRITERS)
def test_form(architecture, width, eagerly):
    model = rows.build(architecture)
    ids = model.generate(source(architecture), beam_width=width, max_length=5)
    assert ids.dtype == "int32"
    assert ids.shape[0] == 3 and 1 <= ids.shape[1] <= 5
    assert not (ids == BEGIN).any()
    for row in ids:
        ends = np.flatnonzero(row == END)
        length = ends[0] + 1 if len(ends) else len(row)
        assert (row[:length] != PAD).all()
        assert not row[length:].any()
    # Cut after the longest.
    assert (ids[:, -1] != PAD).any()


@pytest.mark.parametrize("architecture", WRITERS)
def test_length_is_that_of_the_model_or_of_the_call(architecture, eagerly):
    model = rows.build(architecture, max_length=4)
    # Never the end: its logit is far below the others.
    bias = np.zeros(9)
    bias[END] = -100
    model.decoder.embedding.bias.assign(bias)
    for options, length in (({}, 4), ({"max_length": 7}, 7)):
        for width in (1, 2):
            ids = model.generate(
                source(architecture), beam_width=width, **options
            )
            assert ids.shape == (3, length)


@pytest.mark.parametrize("architecture", WRITERS)
def test_end_at_once(architecture, eagerly):
    model = rows.build(architecture)
    bias = np.zeros(9)
    bias[END] = 100
    model.decoder.embedding.bias.assign(bias)
    ids = model.generate(source(architecture))
    np.testing.assert_array_equal(ids, [[END]] * 3)


@pytest.mark.parametrize(("cell", "width"), rows.cells_with((3, 1)))
@pytest.mark.parametrize("architecture", WRITERS)
def test_scores_are_those_of_the_model(architecture, cell, width):
    """The search adds up what teacher forcing says of its sequences."""
    model = rows.build(architecture, cell)
    given = source(architecture)
    tokens, scores = decode(model, given, width, 5, 1.0)
    expected = log_probabilities(model, given, tokens)
    np.testing.assert_allclose(scores, expected, rtol=0, atol=2e-4)


@pytest.mark.parametrize("architecture", WRITERS)
def test_a_wider_beam_finds_what_is_likelier(architecture):
    """Without a length penalty, the best of all is the likeliest of all."""
    model = rows.build(
        architecture, **{rows_vocabulary(architecture): 5}, max_length=3
    )
    given = source(architecture)
    # Two letters: 7 sequences that end within three tokens, 8 that do not.
    tokens, scores = decode(model, given, 20, 3, 0.0)
    every = np.array(sequences())
    likelihoods = likelihoods_of(model, given, every)
    best = likelihoods.argmax(axis=1)
    np.testing.assert_array_equal(tokens, every[best])
    np.testing.assert_allclose(scores, likelihoods.max(axis=1), atol=1e-4)
    _, greedy = decode(model, given, 1, 3, 0.0)
    assert (scores >= greedy - 1e-5).all()


def rows_vocabulary(architecture):
    return {"one_to_many": "vocabulary"}.get(architecture, "target_vocabulary")


def sequences():
    """All of the letters 3 and 4, of at most three tokens."""
    found, begun = [], [[]]
    for _ in range(3):
        found += [[*begin, END] for begin in begun]
        begun = [[*begin, letter] for begin in begun for letter in (3, 4)]
    return [row + [PAD] * (3 - len(row)) for row in found + begun]


def likelihoods_of(model, source, every):
    """Of each sequence of `every` for each of the sources."""
    assert len(every) == 15
    found = log_probabilities(
        model, np.repeat(source, 15, axis=0), np.tile(every, (len(source), 1))
    )
    return found.reshape(len(source), 15)


def test_length_penalty_reaches_the_search(eagerly):
    model = rows.build("seq2seq", max_length=8)
    bias = np.zeros(9)
    bias[END] = 1.0
    model.decoder.embedding.bias.assign(bias)
    short, long = (
        model.generate(rows.SOURCE, beam_width=6, length_penalty=penalty)
        for penalty in (0.0, 4.0)
    )
    assert (short != PAD).sum() < (long != PAD).sum()


# === The n best ===


@pytest.mark.parametrize("penalty", [0.0, 1.5])
@pytest.mark.parametrize("architecture", WRITERS)
def test_n_best_are_the_best_of_all(architecture, penalty, eagerly):
    """With their scores, in order; there are 15 sequences in all."""
    model = rows.build(
        architecture, **{rows_vocabulary(architecture): 5}, max_length=3
    )
    given = source(architecture)
    every = np.array(sequences())
    lengths = (every != PAD).sum(axis=1)
    likelihoods = likelihoods_of(model, given, every)
    expected = likelihoods / ((5 + lengths) / 6) ** penalty
    order = np.argsort(-expected, axis=1)
    ids, scores = model.generate(
        given, beam_width=40, length_penalty=penalty, n_best=17
    )
    assert ids.shape == (3, 17, 3) and scores.shape == (3, 17)
    assert (ids.dtype, scores.dtype) == ("int32", "float32")
    np.testing.assert_array_equal(ids[:, :15], every[order])
    np.testing.assert_allclose(
        scores[:, :15], np.take_along_axis(expected, order, axis=1), atol=1e-4
    )
    # Two that no sequence was left for.
    assert not ids[:, 15:].any()
    assert (scores[:, 15:] == -np.inf).all()


def test_n_best_strings(tmp_path):
    model = translator(max_length=6)
    ids = VOCABULARY.encode(LINES)
    found = model.generate(LINES, beam_width=4, n_best=3)
    tokens, scores = model.generate(ids, beam_width=4, n_best=3)
    for row, best in enumerate(found):
        assert [line for line, _ in best] == VOCABULARY.decode(tokens[row])
        assert [score for _, score in best] == scores[row].tolist()
        assert all(type(score) is float for _, score in best)
        assert sorted(scores[row], reverse=True) == scores[row].tolist()
    best = model.generate(LINES, beam_width=4)
    assert best == [row[0][0] for row in found]
    np.testing.assert_array_equal(
        model.generate(ids, beam_width=4),
        tokens[:, 0, : model.generate(ids, beam_width=4).shape[1]],
    )


def test_n_best_strings_leave_out_what_is_no_sequence(eagerly):
    """Of one token: the end, unknown and three letters, and no more."""
    found = translator().generate(
        ["ab"], beam_width=12, max_length=1, n_best=12
    )
    assert sorted(line for line, _ in found[0]) == ["", "a", "b", "c", "\ufffd"]


def test_one_best_of_greedy_search_is_what_it_writes(eagerly):
    model = translator()
    [[(line, score)]] = model.generate(["abc"], n_best=1)
    assert [line] == model.generate(["abc"])
    ids = model.generate(VOCABULARY.encode(["abc"]))
    (total,) = log_probabilities(model, VOCABULARY.encode(["abc"]), ids)
    rank = total / ((5 + (ids != PAD).sum()) / 6)
    np.testing.assert_allclose(score, rank, atol=1e-4)


def test_one_to_many_writes_strings_with_a_vocabulary(eagerly):
    model = rows.build("one_to_many", vocabulary=VOCABULARY)
    lines = model.generate(source("one_to_many"), max_length=5)
    assert len(lines) == 3
    assert all(isinstance(line, str) and len(line) <= 5 for line in lines)


def test_attention_weights_of_strings(eagerly):
    model = translator()
    weights = model.attention_weights(["abc", "b"], ["ca", "cab"])
    assert weights.shape == (2, 4, 3)
    ids = VOCABULARY.encode(["abc", "b"])
    targets = VOCABULARY.encode(["ca", "cab"], add_end=True)
    expected = model.attention_weights(ids, targets)
    np.testing.assert_array_equal(weights, expected)


# === What is wrong ===


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("abc", "Received one line, 'abc', where a sequence of strings is"),
        (["abc", ""], "line 2 is empty"),
        (["abc", None], "line 2 is None, of type NoneType, where a str is"),
        (np.array([[99]]), r"`source` holds the token id 99 \(row 0, step 0\)"),
        (np.array([[4, -1]]), r"token id -1 \(row 0, step 1\)"),
        (np.array([[4, 5], [0, 0]]), "`source` has an empty row, row 1"),
        (np.array([4, 5]), r"shape \(batch, timesteps\)\. Received: int64"),
        (np.array([[4.0]]), "integer token ids .* Received: float64"),
        ([[4, 5], [6]], "`source` has rows of different lengths. Pad"),
        ([], "`source` is empty. Pass at least one row"),
        ({"source": np.array([[4]])}, "Received: objects of type dict"),
        (None, "Received: objects of type NoneType"),
    ],
)
def test_source_that_cannot_be_meant(given, message):
    with pytest.raises(ValueError, match=message):
        translator().generate(given)


@pytest.mark.parametrize("architecture", WRITERS)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beam_width": 0}, "`beam_width` must be a positive integer.*=0"),
        ({"beam_width": 2.0}, "`beam_width` must be a positive integer.*=2.0"),
        ({"beam_width": True}, "`beam_width` must be a positive integer"),
        ({"max_length": 0}, "`max_length` must be a positive integer.*=0"),
        ({"max_length": "5"}, "`max_length` must be a positive integer"),
        ({"length_penalty": "x"}, "`length_penalty` must be a finite number"),
        ({"n_best": 0}, "`n_best` must be a positive integer.*=0"),
        (
            {"n_best": 3, "beam_width": 2},
            "n_best=3 and beam_width=2, .* Pass beam_width=3 or more",
        ),
    ],
)
def test_options_out_of_range(architecture, options, message):
    model = rows.build(architecture)
    with pytest.raises(ValueError, match=message):
        model.generate(source(architecture), **options)


def test_strings_without_a_vocabulary():
    model = rows.build("seq2seq")
    message = "no source_vocabulary. Pass token ids, or build it with source_vo"
    for given in (["abc"], "abc", np.array(["abc"])):
        with pytest.raises(ValueError, match=message):
            model.generate(given)
    half = rows.build("seq2seq", source_vocabulary=VOCABULARY)
    with pytest.raises(ValueError, match="the model has no target_vocabulary"):
        half.generate(["abc"])
    with pytest.raises(ValueError, match="the model has no target_vocabulary"):
        model.attention_weights(rows.SOURCE, ["a", "b", "c"])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.ones((2, 4)), r"shape \(batch, 2, 2\)\. Received: .*\(2, 4\)"),
        (np.ones((2, 2)), r"shape \(batch, 2, 2\)\. Received: .*\(2, 2\)"),
        (["abc"], r"numbers of the shape \(batch, 2, 2\)\. Received: <U3"),
        (np.ones((0, 2, 2)), "`source` is empty"),
        ({"source": np.ones((2, 2, 2))}, "Received: objects of type dict"),
    ],
)
def test_input_that_cannot_be_meant(given, message):
    with pytest.raises(ValueError, match=message):
        rows.build("one_to_many").generate(given)


def test_attention_weights_of_what_has_none():
    with pytest.raises(ValueError, match="no attention to show. Build it with"):
        rows.build("seq2seq", attention=None).attention_weights(
            rows.SOURCE, rows.TARGET
        )
    with pytest.raises(ValueError, match="3 rows of `source`, 2 rows of `targ"):
        rows.build("seq2seq").attention_weights(rows.SOURCE, rows.TARGET[:2])
    with pytest.raises(ValueError, match="`target` holds the token id 9 "):
        rows.build("seq2seq").attention_weights(rows.SOURCE, rows.TARGET + 1)


def test_models_that_do_not_write():
    """What tags has `generate` as well, and says that it cannot."""
    others = set(rnnzoo.list_architectures()) - {*WRITERS, "synced"}
    assert others
    for name in others:
        assert not hasattr(rows.build(name), "generate")
    with pytest.raises(ValueError, match="This one has 3 outputs for 11 ids"):
        rows.build("synced").generate(rows.SOURCE)
