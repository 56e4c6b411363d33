"""Flags of all recipes: what goes together, and what they set."""

import keras
import pytest

from recipes.common import flags, start
from recipes.common.settings import Settings


def parse(line):
    return flags.parse(Settings, line.split())


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "--xla --strategy mirrored",
            "--xla does not work with --strategy",
        ),
        ("--xla --strategy multiworker", "sees the weights of one device only"),
        (
            "--precision mixed_float16 --strategy mirrored",
            "take mixed_bfloat16",
        ),
        ("--tune random --strategy multiworker", "--tune does not work with"),
        ("--replicas 2 --strategy multiworker", "--replicas is for --strategy"),
        ("--precision mixed_float8", "none of float32, mixed_float16, mixed_b"),
    ],
)
def test_what_does_not_go_together_is_a_mistake(capsys, line, words):
    with pytest.raises(SystemExit) as stopped:
        parse(line)
    assert stopped.value.code == 2
    message = capsys.readouterr().err
    assert words in message
    assert message.count("\n") == 1


@pytest.mark.parametrize(
    "line",
    [
        "--xla --precision mixed_float16 --strategy one",
        "--precision mixed_bfloat16 --strategy multiworker",
        "--xla --tune random",
        "--replicas 2 --strategy mirrored",
    ],
)
def test_what_does_go_together_is_taken(line):
    config = parse(line)
    assert f"--strategy {config.strategy}" in f"{line} --strategy auto"


def test_xla_is_left_to_keras_unless_asked_for():
    assert start.compile_options(parse("")) == {}
    assert start.compile_options(parse("--xla")) == {"jit_compile": True}


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_layers_compute_with_the_precision_that_is_set(monkeypatch, precision):
    seeds = []
    monkeypatch.setattr(start, "fix_seeds", seeds.append)
    start.set_up(parse(f"--precision {precision} --seed 4"))
    layer = keras.layers.Dense(2)
    assert layer.dtype_policy.name == precision
    assert layer.variable_dtype == "float32"
    assert seeds == [4]
