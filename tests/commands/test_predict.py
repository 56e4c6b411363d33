import dataclasses

import keras
import numpy as np
import pytest

import rnnzoo
from rnnzoo import console
from rnnzoo.__main__ import main
from rnnzoo.text import CharacterVocabulary, WordVocabulary
from rnnzoo.training import contract

LABELS = ["good", "bad", "odd"]
CLASS = {"kind": "class", "labels": LABELS}
WORDS = WordVocabulary(["the", "cat", "sat"])


@pytest.fixture
def predict(tmp_path, monkeypatch, capsys):
    """A function of arguments to (status, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(console, "start_tensorflow", lambda: None)

    def call(*arguments):
        status = main(["predict", *arguments])
        return status, *capsys.readouterr()

    return call


def run(tmp_path, inputs, outputs, architecture, **options):
    """A model in the folder `run`, with its contract."""
    keras.utils.set_random_seed(1)
    model = rnnzoo.build(architecture, units=4, **options)
    folder = tmp_path / "mlruns" / "untracked" / "run"
    folder.mkdir(parents=True)
    model.save(folder / "model.keras")
    if inputs is not None:
        text = contract.Contract(inputs, outputs).text()
        (folder / contract.FILE).write_text(text)
    return model


def classifier(tmp_path, inputs=None, outputs=CLASS, **options):
    return run(
        tmp_path,
        inputs or {"kind": "text"},
        outputs,
        "many_to_one",
        vocabulary=WORDS,
        num_outputs=3,
        **options,
    )


def shares(model, text):
    logits = np.array(model(WORDS.encode([text])))[0].astype("float64")
    return np.exp(logits) / np.exp(logits).sum()


def test_a_text_has_its_class_and_how_likely_it_is(predict, tmp_path):
    model = classifier(tmp_path)
    texts = ["the cat sat the cat", "sat", "the dog"]
    status, out, err = predict("latest", *texts)
    assert (status, err.count("\n")) == (0, 1)
    for text, line in zip(texts, out.splitlines(), strict=True):
        found = shares(model, text)
        best = found.argmax()
        assert line == f"{LABELS[best]}\t{found[best]:.4f}"
    (tmp_path / "in.txt").write_text("".join(f"{text}\n" for text in texts))
    options = ("--file", "in.txt", "--output", "o.tsv", "--batch_size", "2")
    assert predict("run", *options, "--n_best", "3")[:2] == (0, "")
    lines = (tmp_path / "o.tsv").read_text().splitlines()
    for text, line in zip(texts, lines, strict=True):
        found = sorted(shares(model, text), reverse=True)
        assert line.split("\t")[1::2] == [f"{share:.4f}" for share in found]


def test_texts_are_read_as_the_model_was_trained(predict, tmp_path):
    inputs = {"kind": "text", "lowercase": True, "max_length": 2}
    model = classifier(tmp_path, inputs)
    found = shares(model, "the cat")
    out = predict("run", "The CAT sat sat")[1]
    assert out == f"{LABELS[found.argmax()]}\t{found.max():.4f}\n"


def test_labels_are_those_from_the_threshold_on(predict, tmp_path):
    outputs = {"kind": "labels", "labels": LABELS, "threshold": 0.5}
    model = classifier(tmp_path, None, outputs, head="sigmoid")
    model.head.bias.assign([1.0, 2.0, -9.0])
    model.head.kernel.assign(np.zeros((4, 3)))
    model.save(tmp_path / "mlruns/untracked/run/model.keras")
    assert predict("run", "cat")[1] == "bad,good\t0.8808,0.7311\n"
    model.head.bias.assign([-1.0] * 3)
    model.save(tmp_path / "mlruns/untracked/run/model.keras")
    assert predict("run", "cat")[1] == "-\t-\n"


def test_words_and_their_characters_get_tags(predict, tmp_path):
    model = run(
        tmp_path,
        {"kind": "words", "lowercase": True},
        {"kind": "tags", "labels": LABELS},
        "synced",
        vocabulary=WORDS,
        characters=CharacterVocabulary("Tcehats"),
        num_outputs=3,
        head="crf",
    )
    status, out, _ = predict("run", "The cat sat", "dog")
    characters = model.character_vocabulary.encode(["The", "cat", "sat"])
    x = {
        "words": WORDS.encode(["the cat sat"]),
        "characters": characters[None],
    }
    expected = [LABELS[n] for n in model.labels(x)[0]]
    blocks = out.split("\n\n")
    assert blocks[0].split("\n") == [
        f"{word}\t{tag}"
        for word, tag in zip(["The", "cat", "sat"], expected, strict=True)
    ]
    assert blocks[1].startswith("dog\t") and blocks[1].count("\n") == 1


@pytest.mark.slow
def test_characters_get_tags(predict, tmp_path):
    vocabulary = CharacterVocabulary("ab")
    model = run(
        tmp_path,
        {"kind": "text"},
        {"kind": "tags", "labels": LABELS},
        "synced",
        vocabulary=vocabulary,
        num_outputs=3,
    )
    found = model.labels(vocabulary.encode(["ab a"]))[0]
    lines = predict("run", "ab a")[1].splitlines()
    expected = zip("ab a", found, strict=True)
    assert lines == [f"{c}\t{LABELS[n]}" for c, n in expected]


def test_a_series_has_values_ahead(predict, tmp_path):
    inputs = {
        "kind": "series",
        "columns": ["b", "a"],
        "look_back": 3,
        "mean": [10.0, 1.0],
        "deviation": [2.0, 0.5],
    }
    model = run(
        tmp_path,
        inputs,
        {"kind": "values", "columns": ["a"]},
        "many_to_one",
        input_dim=2,
        num_outputs=2,
        head="regression",
    )
    rows = [f"2024-01-0{n} 00:00:00,{n},{10 + n}\n" for n in range(1, 6)]
    (tmp_path / "s.csv").write_text("date,a,b\n" + "".join(rows))
    status, out, err = predict("run", "s.csv")
    past = np.array([[13, 3], [14, 4], [15, 5]])
    x = ((past - [10, 1]) / [2, 0.5]).astype("float32")
    first, second = np.array(model(x[None]))[0] * 0.5 + 1
    lines = [line.split("\t") for line in out.splitlines()]
    assert lines[0] == ["file", "time", "a"]
    assert [line[:2] for line in lines[1:]] == [
        ["s.csv", "2024-01-06T00:00:00"],
        ["s.csv", "2024-01-07T00:00:00"],
    ]
    found = [float(line[2]) for line in lines[1:]]
    np.testing.assert_allclose(found, [first, second], rtol=1e-4)
    (tmp_path / "short.csv").write_text("date,a,b\n" + "".join(rows[:2]))
    unread(predict("run", "short.csv"), "has 2 rows, and a forecast is made")


def test_an_image_has_its_class(predict, tmp_path):
    from PIL import Image

    inputs = {"kind": "image", "size": [4, 6], "channels": 1}
    options = {"input_shape": (4, 6, 1), "num_outputs": 3}
    model = run(tmp_path, inputs, CLASS, "one_to_one", **options)
    pixels = np.random.RandomState(0).randint(0, 256, (2, 4, 6), "uint8")
    for name, image in zip(["a.png", "b.png"], pixels, strict=True):
        Image.fromarray(image).save(name)
    status, out, _ = predict("run", "a.png", "b.png")
    logits = np.array(model(pixels[..., None].astype("float32") / 255))
    lines = [line.split("\t")[0] for line in out.splitlines()]
    assert lines == [LABELS[n] for n in logits.argmax(axis=1)]
    (tmp_path / "c.png").write_text("junk")
    unread(predict("run", "c.png"), "Cannot read 'c.png' as a picture")


@pytest.mark.slow
def test_the_frames_of_a_clip_get_tags(predict, tmp_path):
    from PIL import Image

    inputs = {"kind": "frames", "size": [4, 4], "channels": 3}
    options = {"input_dim": (4, 4, 3), "num_outputs": 3}
    outputs = {"kind": "tags", "labels": LABELS}
    model = run(tmp_path, inputs, outputs, "synced", **options)
    pixels = np.random.RandomState(0).randint(0, 256, (3, 4, 4, 3), "uint8")
    for number, clip in enumerate([[0, 1, 2], [1]]):
        folder = tmp_path / f"clip{number}"
        folder.mkdir()
        for n in clip:
            Image.fromarray(pixels[n]).save(folder / f"{n}.png")
    status, out, _ = predict("run", "clip0", "clip1")
    found = model.labels(pixels[None].astype("float32") / 255)[0]
    first, second = out.split("\n\n")
    assert first.splitlines() == [
        f"{n}.png\t{LABELS[tag]}" for n, tag in enumerate(found)
    ]
    assert second.startswith("1.png\t") and second.count("\n") == 1
    (tmp_path / "none").mkdir()
    unread(predict("run", "none"), "'none' is no folder with images")


@pytest.mark.slow
def test_recordings_have_classes_or_transcripts(predict, tmp_path):
    from scipy.io import wavfile

    from rnnzoo.pipelines.audio import LogMel

    features = LogMel(rate=8000, bands=8)
    inputs = {
        "kind": "audio",
        **dataclasses.asdict(features),
        "mean": [-9.0] * 8,
        "deviation": [2.0] * 8,
    }
    outputs = {"kind": "transcript", "labels": ["one", "two"]}
    options = {"input_dim": 8, "num_outputs": 3, "head": "ctc"}
    model = run(tmp_path, inputs, outputs, "synced", **options)
    # So that it hears something, and sharply.
    random = np.random.RandomState(7)
    for weight in model.trainable_weights:
        weight.assign(random.normal(size=weight.shape))
    model.save(tmp_path / "mlruns/untracked/run/model.keras")
    for name, size in (("a.wav", 4000), ("b.wav", 2400)):
        # A tone that climbs from silence.
        time = np.arange(size) / 8000
        samples = (30_000 * time * np.sin(9000 * time**2)).astype("int16")
        wavfile.write(name, 8000, samples)
    status, out, _ = predict("run", "a.wav", "b.wav")
    x = ((features(samples) + 9) / 2).astype("float32")
    expected = [outputs["labels"][n - 1] for n in model.labels(x[None])[0] if n]
    assert expected == ["two", "one"]
    assert out.splitlines()[1].split() == expected
    assert len(out.splitlines()) == 2
    (tmp_path / "c.wav").write_text("junk")
    unread(predict("run", "c.wav"), "Cannot read 'c.wav' as a wav file")


def unread(message, *words):
    status, out, err = message
    assert (status, out) == (1, "")
    assert err.startswith("error: ") and err.count("\n") == 1, err
    for word in words:
        assert word in err


def test_mistakes_are_told_in_one_sentence(predict, tmp_path):
    classifier(tmp_path)
    unread(predict("run", "a", "--output", "x/y"), "--output x/y cannot")
    unread(predict("run", " "), "1 of the texts", "nothing comes of nothing")
    unread(predict("run", "a", "--n_best", "4"), "more than the 3 classes")
    unread(predict("nothing", "a"), "no file, folder or run 'nothing'")
    folder = tmp_path / "mlruns/untracked/run"
    agreed = contract.Contract({"kind": "text"}, {**CLASS, "labels": ["a"]})
    (folder / contract.FILE).write_text(agreed.text())
    unread(predict("run", "cat"), "has 3 outputs, and prediction.json names 1")
    agreed = contract.Contract(
        {"kind": "image", "size": [2, 2], "channels": 1}, CLASS
    )
    (folder / contract.FILE).write_text(agreed.text())
    unread(predict("run", "a.png", "b.png"), "no file 'a.png'", "2 are missing")
    (folder / contract.FILE).unlink()
    unread(
        predict("run", "a"), "no prediction.json beside it", "rnnzoo generate"
    )


def test_what_the_run_does_not_give_is_refused(predict, tmp_path):
    outputs = {"kind": "labels", "labels": LABELS}
    classifier(tmp_path, None, outputs, head="sigmoid")
    unread(predict("run", "a", "--n_best", "2"), "for classes, and the run giv")


def test_a_model_without_a_vocabulary_reads_no_texts(predict, tmp_path):
    run(tmp_path, {"kind": "text"}, CLASS, "many_to_one", vocabulary=9)
    unread(predict("run", "a"), "a ManyToOne without a vocabulary")


@pytest.mark.slow
def test_a_file_taken_for_a_text_is_told(predict, tmp_path):
    classifier(tmp_path)
    (tmp_path / "in.txt").write_text("the cat\n")
    status, _, err = predict("mlruns/untracked/run", "in.txt")
    assert status == 0
    assert err == (
        "note: 'in.txt' was taken for a text; --file in.txt reads the file\n"
    )
