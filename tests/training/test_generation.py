import pytest

from rnnzoo.training.generation import generate


class Reverser:
    def __init__(self):
        self.batches = []

    def generate(self, source, suffix=""):
        self.batches.append(source)
        return [text[::-1] + suffix for text in source]


def test_batches_hold_similar_lengths_and_the_order_comes_back():
    model = Reverser()
    source = ["abcde", "a", "abc", "ab", "abcd"]
    answers = generate(model, source, batch_size=2, suffix="!")
    assert answers == ["edcba!", "a!", "cba!", "ba!", "dcba!"]
    assert model.batches == [["a", "ab"], ["abc", "abcd"], ["abcde"]]


def test_nothing_gives_nothing():
    assert generate(Reverser(), []) == []


def test_refuses_empty_batches():
    with pytest.raises(ValueError, match="batch_size=0; at least 1"):
        generate(Reverser(), ["a"], batch_size=0)


@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_is_shown_how_far_it_is(terminal, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    generate(Reverser(), ["a", "b", "c"], batch_size=2, show=True)
    line = "\r\x1b[Kgenerating: {} of 3 texts"
    shown = line.format(0) + line.format(2) + "\r\x1b[K"
    assert capsys.readouterr().err == (shown if terminal else "")
    generate(Reverser(), ["a", "b"], batch_size=2, show=True)
    assert capsys.readouterr().err == ""
