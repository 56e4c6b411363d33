import dataclasses
import inspect
import re

import numpy as np
import pytest

from rnnzoo.decoding import Options


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_length": 0}, "`max_length` must be a positive integer.*=0"),
        ({"min_length": 2.0}, "`min_length` must be a positive integer.*=2.0"),
        ({"beam_width": True}, "`beam_width` must be a positive integer"),
        ({"no_repeat_ngram": -1}, "must be an integer from 0 on.*=-1"),
        ({"length_penalty": "x"}, "`length_penalty` must be a finite number"),
        ({"length_penalty": float("nan")}, "must be a finite number, 0 for"),
        ({"length_penalty": float("inf")}, "must be a finite number.*=inf"),
        ({"coverage_penalty": -1}, "`coverage_penalty` must be a finite"),
        ({"repetition_penalty": 0}, "must be a finite number above 0.*=0"),
        ({"temperature": 0}, "`temperature` must be a number above 0"),
        ({"top_k": 0}, "`top_k` must be a positive integer"),
        ({"top_p": 1.5}, "above 0, at most 1. Received: top_p=1.5"),
        ({"top_k": 2, "seed": -1}, "`seed` must be an integer from 0 on"),
        ({"n_best": 0}, "`n_best` must be a positive integer.*=0"),
        ({"max_length": 3, "min_length": 4}, "min_length=4 and max_length=3"),
        ({"n_best": 3, "beam_width": 2}, "Pass beam_width=3 or more"),
        ({"seed": 1}, "nothing is drawn at random. Pass `temperature`"),
        ({"top_p": 0.9, "beam_width": 2}, "Received beam_width=2, which a sea"),
        ({"top_k": 9, "length_penalty": 2}, "Received length_penalty=2.0"),
    ],
)
def test_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        Options(**options)


def test_what_follows():
    assert not Options().draws
    assert Options(beam_width=5, n_best=2).width == 5
    assert Options(beam_width=5, n_best=2).count == 2
    assert Options(beam_width=5).count == 1
    for name, value in (("temperature", 1), ("top_k", 5), ("top_p", 0.5)):
        options = Options(**{name: value}, n_best=7)
        assert options.draws and (options.width, options.count) == (7, 7)
    assert type(Options(top_k=np.int64(3), seed=np.int64(2)).seed) is int
    # A key of compiled functions.
    assert hash(Options(temperature=1)) == hash(Options(temperature=1.0))


def test_every_option_is_described():
    text = inspect.getdoc(Options)
    for field in dataclasses.fields(Options):
        assert re.search(rf"^ {{4}}{field.name}: ", text, re.M), field.name
