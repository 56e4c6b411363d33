import dataclasses
import subprocess
import sys

import pytest

from recipes.common import flags
from recipes.common.flags import flag


@dataclasses.dataclass(frozen=True)
class Config:
    cell: str = flag("gru", "the cell")
    units: int = flag(128, "size of the state")
    learning_rate: float = flag(1e-3, "peak of 100 % of the rate")
    attention: str | None = flag(
        "additive", "kind", choices=("additive", "multiplicative", None)
    )
    limit: int | None = flag(None, "examples used")
    patience: int | None = flag(None, "epochs", none="for ever")
    smoke: bool = flag(False, "tiny sizes")
    residual: bool = flag(True, "add inputs to outputs")


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stopped:
        flags.parse(Config, arguments)
    assert stopped.value.code == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1  # one sentence, no usage text
    return message


def test_defaults_without_arguments():
    assert flags.parse(Config, []) == Config()


def test_every_type_is_read():
    config = flags.parse(
        Config,
        "--cell lstm --units 64 --learning_rate=2e-3 --attention none "
        "--limit 10 --smoke --no-residual".split(),
    )
    assert config == Config("lstm", 64, 2e-3, None, 10, None, True, False)
    assert isinstance(config.units, int)


def test_optional_number_takes_none_again():
    assert flags.parse(Config, ["--limit", "none"]).limit is None


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--unit", "64"], ["unknown flag --unit;", "did you mean --units?"]),
        (["--lerning_rate=1"], ["did you mean --learning_rate?"]),
        (["--qqqq", "1"], ["unknown flag --qqqq; --help lists"]),
        (["64"], ["'64' follows no flag"]),
        (["--units", "many"], ["--units", "'many' is not a whole number"]),
        (["--learning_rate", "fast"], ["'fast' is not a number"]),
        (
            ["--attention", "aditive"],
            ["none of additive, multiplicative, none; did you mean additive?"],
        ),
        (["--units"], ["--units", "expected one argument"]),
    ],
)
def test_a_wrong_flag_gets_one_sentence(capsys, arguments, words):
    message = refused(capsys, *arguments)
    for word in words:
        assert word in message


def test_help_names_every_flag_its_text_and_its_default(capsys):
    with pytest.raises(SystemExit) as stopped:
        flags.parse(Config, ["--help"], "Teaches a network dates.\n\nRun: me")
    assert stopped.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Teaches a network dates. Run: me" in text
    assert "--units INTEGER size of the state (default: 128)" in text
    assert "peak of 100 % of the rate (default: 0.001)" in text
    assert "one of additive, multiplicative, none (default: additive)" in text
    assert "--residual, --no-residual add inputs" in text
    assert "--limit INTEGER examples used (default: none)" in text
    assert "--patience INTEGER epochs (default: for ever)" in text


def test_a_type_that_is_no_flag_is_refused():
    wrong = dataclasses.make_dataclass("Wrong", [("sizes", list, flag((), ""))])
    with pytest.raises(ValueError, match="'sizes' has the type .*list"):
        flags.parse(wrong, [])


def test_flags_need_neither_keras_nor_tensorflow():
    code = (
        "import sys; from recipes.common import flags, start; "
        "print({'keras', 'tensorflow', 'mlflow'} & set(sys.modules))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert answer.stdout == "set()\n", answer.stderr
