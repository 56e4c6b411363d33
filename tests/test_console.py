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
