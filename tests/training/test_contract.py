import json

import pytest

from rnnzoo.training import contract
from rnnzoo.training.contract import Contract

SERIES = {
    "kind": "series",
    "columns": ["OT", "HUFL"],
    "look_back": 96,
    "mean": [1.5, 0],
    "deviation": [2.0, 1],
}
AUDIO = {
    "kind": "audio",
    "rate": 8000,
    "frame": 25.0,
    "hop": 10,
    "bands": 2,
    "lowest": 0,
    "mean": (-3.5, -4.0),
    "deviation": [2.0, 1.5],
}
TEXT = {"kind": "text"}
CLASS = {"kind": "class", "labels": ["a", "b"]}
CONTRACTS = {
    "text": Contract(TEXT, CLASS),
    "words": Contract(
        {"kind": "words", "lowercase": True, "max_length": 9},
        {"kind": "tags", "labels": ["NOUN", "動詞"]},
    ),
    "image": Contract({"kind": "image", "size": (8, 9), "channels": 1}, CLASS),
    "frames": Contract(
        {"kind": "frames", "size": [8, 9], "channels": 3}, CLASS
    ),
    "audio": Contract(
        AUDIO,
        {"kind": "transcript", "labels": ["0", "1"]},
    ),
    "series": Contract(SERIES, {"kind": "values", "columns": ["OT"]}),
    "symbols": Contract({"kind": "symbols", "count": 3}, CLASS),
    "steps": Contract({"kind": "steps", "features": 2}, {"kind": "numbers"}),
    "labels": Contract(TEXT, {"kind": "labels", "labels": ["joy"]}),
}


@pytest.mark.parametrize("kind", CONTRACTS)
def test_it_comes_back_from_its_file(kind, tmp_path):
    path = tmp_path / contract.FILE
    path.write_text(CONTRACTS[kind].text(), encoding="ascii")
    assert contract.read(path) == CONTRACTS[kind]


def test_it_says_whether_inputs_are_texts_or_files():
    texts = {kind for kind in CONTRACTS if CONTRACTS[kind].reads_texts}
    assert texts == {"text", "words", "symbols", "steps", "labels"}


def test_settings_have_their_usual_values():
    inputs = {"kind": "text", "lowercase": False, "max_length": None}
    assert CONTRACTS["text"].inputs == inputs
    assert CONTRACTS["labels"].outputs["threshold"] == 0.5
    assert CONTRACTS["image"].inputs["size"] == [8, 9]


@pytest.mark.parametrize(
    ("inputs", "outputs", "words"),
    [
        (
            {},
            CLASS,
            "`inputs` is a dict with a 'kind' of text, words, symbols, steps, "
            "image",
        ),
        ({"kind": "texts"}, CLASS, "Did you mean 'text'"),
        (TEXT, {"kind": "klass"}, "`outputs` is .* Did you mean 'class'"),
        ("text", CLASS, "Received: 'text'"),
        ({**TEXT, "lower": True}, CLASS, "no setting 'lower'. Did you mean 'l"),
        ({**TEXT, "lowercase": 1}, CLASS, "'lowercase' .* is true or false. R"),
        ({**TEXT, "max_length": 0}, CLASS, "or None. Received: 0"),
        (TEXT, {"kind": "class"}, "a list of strings. Received: nothing"),
        (TEXT, {"kind": "class", "labels": []}, "a list of strings"),
        ({"kind": "image", "size": 8, "channels": 1}, CLASS, r"\[height, wid"),
        ({**SERIES, "mean": [1.0]}, CLASS, "'columns': 2, 'mean': 1, 'dev"),
        ({**AUDIO, "bands": 3}, CLASS, "for each of the bands. .*'bands': 3"),
        ({**AUDIO, "hop": 0}, CLASS, "'hop' .* milliseconds, above 0. Rec"),
        ({**AUDIO, "lowest": -1}, CLASS, "'lowest' .* a number of hertz, 0 or"),
        ({**SERIES, "deviation": [0, 1]}, CLASS, "numbers above 0"),
        (SERIES, {"kind": "values", "columns": ["x"]}, r"columns \['x'\] for"),
        (TEXT, {"kind": "values", "columns": ["x"]}, "columns of a series"),
    ],
)
def test_what_cannot_be_meant_is_refused(inputs, outputs, words):
    with pytest.raises(ValueError, match=words):
        Contract(inputs, outputs)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "Cannot read .*prediction.json what its model predicts: JSOND"),
        ("[]", "A file that a recipe wrote is expected"),
        ('{"version": 1}', "KeyError, 'inputs'"),
        (
            json.dumps({"version": 2, "inputs": TEXT, "outputs": CLASS}),
            "is of version 2, and this rnnzoo knows version 1",
        ),
        (
            json.dumps({"version": 1, "inputs": {}, "outputs": CLASS}),
            "prediction.json is damaged: `inputs` is a dict",
        ),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path, content, words):
    path = tmp_path / contract.FILE
    path.write_text(content)
    with pytest.raises(ValueError, match=words):
        contract.read(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ValueError, match="FileNotFoundError"):
        contract.read(tmp_path / "none.json")
