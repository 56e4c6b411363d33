import keras
import pytest

import rnnzoo
from rnnzoo import console
from rnnzoo.__main__ import main
from rnnzoo.commands import generate as module
from rnnzoo.training import evaluation

TEXTS = ["abc", "jih", "c"]


@pytest.fixture
def generate(monkeypatch, here, capsys):
    """A function of arguments to (status, stdout, stderr)."""
    monkeypatch.setattr(console, "start_tensorflow", lambda: None)

    def call(*arguments):
        status = main(["generate", *arguments])
        return status, *capsys.readouterr()

    return call


@pytest.fixture
def loaded(monkeypatch, translator):
    """The model itself in place of one from its file: traced once."""
    paths = []
    monkeypatch.setattr(
        module, "_load", lambda path: paths.append(path) or translator
    )
    return paths


def test_it_writes_what_the_model_writes(generate, translator):
    status, out, _ = generate("latest", *TEXTS)
    assert status == 0
    assert out.split("\n")[:-1] == translator.generate(TEXTS)


def test_a_run_is_its_name_its_folder_or_its_file(generate, loaded, here):
    folder = here / "mlruns" / "untracked" / "translation-1"
    for run in ("translation-1", folder, folder / "model.keras"):
        status, out, err = generate(str(run), "abc")
        assert (status, out.count("\n"), err) == (0, 1, "")
        assert loaded.pop().resolve() == folder / "model.keras"


def test_options_reach_the_model(generate, translator, loaded, here):
    (here / "in.txt").write_text("".join(f"{text}\n" for text in TEXTS))
    options = {"beam_width": 3, "length_penalty": 0.0, "max_length": 4}
    status, out, err = generate(
        "latest",
        *("--file", "in.txt", "--output", "out.tsv", "--batch_size", "2"),
        *("--n_best", "2", "--beam_width", "3"),
        *("--length_penalty", "0", "--max_length", "4"),
    )
    assert (status, out) == (0, "")
    assert err.endswith("3 texts -> out.tsv\n")
    found = translator.generate(TEXTS, n_best=2, **options)
    expected = evaluation.n_best_table(TEXTS, found)
    assert (here / "out.tsv").read_text(encoding="utf-8") == expected


def test_the_run_that_was_taken_is_told_where_it_is_not_clear(generate, loaded):
    assert "run translation-1" in generate("latest", "a")[2]


@pytest.fixture
def writer(here):
    """A language model of strings, in a file."""
    keras.utils.set_random_seed(3)
    vocabulary = rnnzoo.text.CharacterVocabulary("abcde\n")
    model = rnnzoo.build(
        "synced", vocabulary=vocabulary, num_outputs=len(vocabulary), units=8
    )
    # Seldom an end, often a line break.
    model.head.bias.assign([0, 0, -9, 0, 0, 0, 0, 0, 0, 1])
    model.save("writer.keras")
    return model


def test_a_language_model_goes_on_with_a_text(generate, writer):
    options = ("--max_length", "9", "--top_k", "5", "--seed")
    # Short texts come first where several are read.
    last, first = writer.generate(["d", "abc"], max_length=9, top_k=5, seed=7)
    status, out, err = generate("writer.keras", "abc", "d", *options, "7")
    lines = [" ".join(text.splitlines()) for text in (first, last)]
    assert (status, out.split("\n")[:-1], err) == (0, lines, "")
    assert generate("writer.keras", "abc", "d", *options, "8")[1] != out


@pytest.mark.slow
def test_line_breaks_of_a_single_text_are_kept(generate, writer):
    arguments = ("--max_length", "40", "--temperature", "3", "--seed", "1")
    (expected,) = writer.generate(["a"], max_length=40, temperature=3.0, seed=1)
    assert "\n" in expected
    assert generate("writer.keras", "a", *arguments)[1] == expected + "\n"


def unread(message, *words):
    status, out, err = message
    assert (status, out) == (1, "")
    assert err.startswith("error: ") and err.count("\n") == 1
    for word in words:
        assert word in err


def test_mistakes_are_told_in_one_sentence(generate, here):
    unread(generate("latest", ""), "1 of the texts", "leave them out")
    unread(generate("latest", "a", "--output", "x/y"), "--output x/y cannot")
    unread(generate("nothing", "a"), "no file, folder or run 'nothing'")
    unread(generate("mlruns", "a"), "The folder mlruns has no model.keras")
    (here / "junk.keras").write_text("junk")
    unread(generate("junk.keras", "a"), "junk.keras cannot be loaded", "rnnzoo")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("many_to_one", "ManyToOne"),
        ("synced", "Synced"),
        ("one_to_many", "OneToMany"),
        ("seq2seq", "Seq2Seq"),
    ],
)
def test_a_model_that_reads_no_texts_is_refused(generate, name, kind):
    rnnzoo.build(name, units=4).save("other.keras")
    words = f"other.keras holds a {kind}, which reads no texts to write others"
    unread(generate("other.keras", "a"), words)


def test_a_model_with_parts_of_another_is_refused(generate):
    @keras.saving.register_keras_serializable("another")
    class Another(keras.layers.Layer):
        pass

    model = keras.Sequential([keras.Input((2,)), Another()])
    model.save("another.keras")
    objects = keras.saving.get_custom_objects()
    del objects["another>Another"]
    unread(generate("another.keras", "a"), "cannot be loaded", "of your own")


def test_errors_of_others_keep_their_traceback(generate, monkeypatch):
    monkeypatch.setattr(
        "rnnzoo.training.generation.generate", lambda *_, **__: int("x")
    )
    with pytest.raises(ValueError, match="invalid literal for int"):
        generate("latest", "a")
