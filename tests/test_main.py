"""`python -m rnnzoo` as a process."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

import rnnzoo

ROOT = pathlib.Path(__file__).parents[1]


def command(folder, *arguments, options=(), text=None):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    # As a user has it: tests/conftest.py alone quiets TensorFlow.
    environment.pop("TF_CPP_MIN_LOG_LEVEL", None)
    return subprocess.run(
        [sys.executable, *options, "-m", "rnnzoo", *arguments],
        cwd=folder,
        env=environment,
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["--help"], 0), (["generate", "--help"], 0), (["generate"], 2)],
    ids=["help", "help of generate", "mistake"],
)
def test_help_and_mistakes_load_the_standard_library_only(
    tmp_path, arguments, status
):
    """So that they answer at once."""
    answer = command(tmp_path, *arguments, options=["-X", "importtime"])
    assert answer.returncode == status
    imported = re.findall(r"\| +([\w.]+)$", answer.stderr, re.MULTILINE)
    assert "rnnzoo.commands.parser" in imported
    tops = {name.split(".")[0] for name in imported}
    assert not tops & {"keras", "numpy", "tensorflow", "mlflow"}
    assert "usage: python -m rnnzoo" in answer.stdout or status == 2


@pytest.mark.slow
def test_texts_come_in_and_go_out_quietly(tmp_path):
    vocabulary = rnnzoo.text.CharacterVocabulary.from_texts(["abñ"])
    model = rnnzoo.build(
        "seq2seq",
        units=8,
        source_vocabulary=vocabulary,
        target_vocabulary=vocabulary,
        max_length=5,
    )
    model.save(tmp_path / "model.keras")
    options = ["--n_best", "2", "--beam_width", "3"]
    answer = command(
        tmp_path, "generate", ".", "-", *options, text="abñ\r\nb\n"
    )
    assert (answer.returncode, answer.stderr) == (0, "")
    rows = [line.split("\t") for line in answer.stdout.splitlines()[1:]]
    found = model.generate(["abñ", "b"], beam_width=3, n_best=2)
    assert [(row[0], row[3]) for row in rows] == [
        (text, line)
        for text, best in zip(["abñ", "b"], found, strict=True)
        for line, _ in best
    ]


def test_a_mistake_ends_with_its_sentence_and_status_1(tmp_path):
    answer = command(tmp_path, "generate", "latest", "abc")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith("error: There is no run 'latest', and no")
    assert answer.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ["mine.py", "-m", "rnnzoo"],
        # A package that is imported while Python looks for its __main__.
        pytest.param(["-m", "mine", "-m", "rnnzoo"], marks=pytest.mark.slow),
    ],
    ids=["script", "module"],
)
def test_other_programs_get_the_whole_library(tmp_path, words):
    (tmp_path / "mine.py").write_text("import rnnzoo\nprint(rnnzoo.build)\n")
    package = tmp_path / "mine"
    package.mkdir()
    (package / "__init__.py").write_text("import rnnzoo\n")
    (package / "__main__.py").write_text(
        "from mine import rnnzoo\nprint(rnnzoo.build)\n"
    )
    answer = subprocess.run(
        [sys.executable, *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert answer.stdout.startswith("<function build "), answer.stderr
