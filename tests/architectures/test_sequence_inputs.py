"""Frames, and words with characters: trained, saved, run by steps.

Tokens and values: see `test_conformance.py`, `test_steps.py`.
"""

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo.text import CharacterVocabulary
from tests.architectures import rows

RNG = np.random.default_rng(0)
FRAMES = RNG.normal(size=(2, 3, 6, 5, 2)).astype("float32")
MASK = np.array([[1, 1, 1], [1, 1, 0]], bool)
WORDS = np.array([[4, 5, 6], [7, 4, 0]])
CHARACTERS = np.where(WORDS[..., None] > 0, RNG.integers(4, 9, (2, 3, 4)), 0)
Y = np.array([[0, 1, 2], [1, 0, 0]])


def network():
    """What a user may bring: of one frame, not of a sequence of them."""
    return keras.Sequential(
        [keras.layers.Conv2D(3, 3), keras.layers.GlobalAveragePooling2D()]
    )


KINDS = {
    "frames": ({"input_dim": (6, 5, 2)}, {"inputs": FRAMES, "mask": MASK}),
    "network": (
        {"input_dim": (6, 5, 2), "frame_encoder": network()},
        {"inputs": FRAMES, "mask": MASK},
    ),
    "words": (
        {"characters": CharacterVocabulary("abcde")},
        {"words": WORDS, "characters": CHARACTERS},
    ),
    "lstm": (
        {"characters": rnnzoo.layers.CharacterEncoder(9, 6, "lstm")},
        {"words": WORDS, "characters": CHARACTERS},
    ),
}


def step_of(x, t):
    """Of the row that is not padded."""
    if "inputs" in x:
        return x["inputs"][:1, t]
    return {name: array[:1, t] for name, array in x.items()}


def build(architecture="synced", **options):
    return rows.build(
        architecture, num_layers=1, bidirectional=False, **options
    )


@pytest.mark.parametrize("kind", KINDS)
def test_trains_saves_and_steps(kind, tmp_path):
    options, x = KINDS[kind]
    model = build(**options)
    before = {w.path: np.array(w) for w in model.trainable_variables}
    model.compile(run_eagerly=True)
    model.fit(x, Y, verbose=0)
    for weight in model.trainable_variables:
        assert np.any(weight != before[weight.path]), weight.path
    outputs = model.predict(x, verbose=0)

    # The loss is that of the valid steps.
    loss = model.evaluate(x, Y, verbose=0)[0]
    expected = rows.cross_entropy(outputs[MASK].astype("float64"), Y[MASK])
    np.testing.assert_allclose(loss, expected.mean(), rtol=2e-6)

    # What is not valid changes nothing.
    changed = keras.tree.map_structure(np.copy, x)
    if "words" in x:
        changed["characters"][1, 2] = 5
    else:
        changed["inputs"][1, 2] = 100
    again = model.predict(changed, verbose=0)
    np.testing.assert_array_equal(again[MASK], outputs[MASK])

    states = None
    for t in range(3):
        found, states = model.step(step_of(x, t), states)
        np.testing.assert_allclose(found, outputs[:1, t], rtol=0, atol=1e-5)

    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(x, verbose=0), outputs)
    if kind == "words":
        found = loaded.character_vocabulary.get_config()
        assert found == options["characters"].get_config()


@pytest.mark.parametrize("kind", ["frames", "words"])
def test_of_a_whole_sequence(kind):
    options, x = KINDS[kind]
    model = build("many_to_one", head="softmax", **options)
    model.compile(run_eagerly=True)
    model.fit(x, np.array([0, 1]), verbose=0)
    alone = {name: array[1:, :2] for name, array in x.items()}
    np.testing.assert_allclose(
        model.predict(x, verbose=0)[1:],
        model.predict(alone, verbose=0),
        rtol=0,
        atol=1e-5,
    )


def test_states_of_words_and_frames_are_carried():
    for kind in ("frames", "words"):
        options, x = KINDS[kind]
        model = build(carried_rows=2, **options)
        whole = model(x)
        for start, stop in ((0, 2), (2, 3)):
            piece = {name: array[:, start:stop] for name, array in x.items()}
            piece["begins"] = np.full(2, start == 0)
            valid = MASK[:, start:stop]
            np.testing.assert_allclose(
                model(piece)[valid],
                whole[:, start:stop][valid],
                rtol=0,
                atol=1e-5,
            )


@pytest.mark.parametrize("kind", ["frames", "words"])
def test_mixed_precision(kind):
    options, x = KINDS[kind]
    if kind == "words":
        options = {"characters": 9}
    model = build(dtype="mixed_bfloat16", **options)
    assert model.encoder.front.compute_dtype == "bfloat16"
    assert model(x).dtype == "float32"
    assert np.isfinite(model(x)).all()


# === What is wrong ===


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input_dim": (4, 4)}, r"Frames are \(height, width, channels\).*4, "),
        ({"input_dim": (4, 4, 0)}, "`input_dim` must be a positive integer"),
        ({"frame_encoder": network()}, "`frame_encoder` reads frames, whose s"),
        ({"characters": 9, "input_dim": 3}, "`characters` are those of words"),
        ({"characters": 0}, "`characters` must be a positive integer"),
        ({"characters": "abc"}, "`characters` takes a number of ids, or a v"),
        (
            {
                "input_dim": (6, 5, 2),
                "frame_encoder": keras.layers.Conv2D(3, 3),
            },
            "must give one vector for each",
        ),
    ],
)
def test_options_that_are_none(options, message):
    with pytest.raises(ValueError, match=message):
        build(**options)


@pytest.mark.parametrize(
    ("kind", "x", "message"),
    [
        ("frames", FRAMES[0], r"\(batch, timesteps, 6, 5, 2\)"),
        ("frames", FRAMES[..., :1], r"\(batch, timesteps, 6, 5, 2\)"),
        ("words", WORDS, "a dict with 'words' and 'characters'. .*'inputs'"),
        ("words", {"words": WORDS}, r"'characters'\. Received: .*'words'\]"),
        (
            "words",
            {"words": WORDS, "characters": WORDS},
            r"integer ids of the characters of every word.*\(2, 3, characters",
        ),
        (
            "words",
            {"words": WORDS, "characters": CHARACTERS + 0.5},
            "integer ids of the characters.*float64",
        ),
        (
            "words",
            {"words": WORDS, "characters": CHARACTERS + 5},
            r"`characters` holds the id \d+ \(row \d, word \d\), outside the",
        ),
        (
            "words",
            {"words": WORDS + 7, "characters": CHARACTERS},
            "`words` holds the token id 14",
        ),
        (
            "words",
            {"words": WORDS * 0, "characters": CHARACTERS},
            "`words` has an empty row",
        ),
    ],
)
def test_arrays_that_cannot_be_meant(kind, x, message):
    model = build(**KINDS[kind][0])
    model.compile()
    with pytest.raises(ValueError, match=message):
        model.fit(x, Y, verbose=0)


def test_a_step_checks_its_arrays():
    model = build(**KINDS["frames"][0])
    with pytest.raises(ValueError, match=r"shape \(batch, 6, 5, 2\)"):
        model.step(FRAMES)
    model = build(**KINDS["words"][0])
    with pytest.raises(ValueError, match="holds the token id 11"):
        model.step({"words": np.array([11]), "characters": CHARACTERS[:1, 0]})
