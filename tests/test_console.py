import os

import pytest

from rnnzoo import console


def test_known_banners_are_dropped_and_other_lines_replayed(capfd):
    with console.without_banners():
        os.write(2, b"I0000 port.cc:153] oneDNN custom operations are on.\n")
        os.write(2, b"E0000 a real error\n")
        assert capfd.readouterr().err == ""
    assert capfd.readouterr().err == "E0000 a real error\n"


def test_lines_are_replayed_when_the_start_fails(capfd):
    with pytest.raises(ImportError), console.without_banners():
        os.write(2, b"libcuda.so.1 is broken\n")
        raise ImportError("no TensorFlow")
    assert capfd.readouterr().err == "libcuda.so.1 is broken\n"


RAISES = "def f():\n    raise ValueError('a sentence')\n"


@pytest.mark.parametrize(
    "module, package, ours",
    [
        ("rnnzoo.losses", "rnnzoo", True),
        ("recipes.common.settings", "recipes.common", True),
        ("__main__", "recipes", True),
        ("__main__", "", False),
        ("numpy", "numpy", False),
    ],
)
def test_errors_of_recipes_are_ours_also_of_the_one_that_runs(
    module, package, ours
):
    known = {"__name__": module, "__package__": package}
    exec(RAISES, known)
    with pytest.raises(ValueError) as raised:
        known["f"]()
    assert console.raised_by_us(raised.value) is ours
