import pytest

import rnnzoo
from rnnzoo.__main__ import main
from tests.commands.test_parser import refused


def draw(capsys, *words):
    status = main(["draw", *map(str, words)])
    return status, *capsys.readouterr()


@pytest.mark.parametrize(
    "words, told",
    [
        (
            ["seq2seq", "--cell", "lstm", "--units", "8", "--num_layers", "2"],
            "seq2seq of 4 recurrent layers, ",
        ),
        (["seq2vec", "--folded", "--units", "8"], "many_to_one of 1 recurrent"),
        (
            ["captioning", "--attention", "additive", "--units", "8"],
            "one_to_many of 1 recurrent layer, ",
        ),
        (
            ["one-to-many", "--encoder", "cnn", "--units", "8"],
            "one_to_many of 1 recurrent layer, ",
        ),
        (["seq2seq", "--attention", "none", "--units", "8"], "seq2seq of 2"),
    ],
)
def test_a_topology_is_drawn(capsys, tmp_path, words, told):
    path = tmp_path / "a.png"
    status, out, _ = draw(capsys, *words, "-o", path, "--dpi", "50")
    assert status == 0
    assert out.startswith(f"{path}: {told}")
    assert path.read_bytes()[:4] == b"\x89PNG"


def test_a_model_of_a_file_is_drawn(capsys, tmp_path):
    model = rnnzoo.build("synced", units=4, vocabulary=9)
    model.save(tmp_path / "model.keras")
    status, out, _ = draw(
        capsys, tmp_path, "-o", tmp_path / "a.svg", "--steps", "2"
    )
    assert status == 0
    weights = f"{model.count_params():,} weights"
    assert f"synced of 1 recurrent layer, {weights}" in out
    assert "<svg" in (tmp_path / "a.svg").read_text()


@pytest.mark.parametrize(
    "words, told",
    [
        (["seq2seqs"], "did you mean seq2seq?"),
        (["latest", "--units", "4"], "only one of these has options"),
        (["synced", "--pooling", "mean"], "Unknown option of synced"),
        (["synced", "--cell", "grru"], "Did you mean 'gru'"),
        (["synced", "-o", "nowhere/a.png"], "cannot be written"),
    ],
)
def test_what_cannot_be_drawn(capsys, monkeypatch, tmp_path, words, told):
    monkeypatch.chdir(tmp_path)
    status, _, err = draw(capsys, *words)
    assert status == 1
    assert told in err and err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "line, words",
    [
        ("draw synced -o a.txt", "end it with .png, .svg or .pdf"),
        ("draw synced --steps 1", "--steps is 2 or more"),
        ("draw synced --steps 3 --folded", "leave --folded out"),
    ],
)
def test_a_mistake_is_told_at_once(capsys, line, words):
    assert words in refused(capsys, *line.split())
