import keras
import numpy as np
import pytest

from rnnzoo.training import callbacks

ROWS = np.linspace(0.0, 1.0, 8, dtype="float32")[:, None]


class Shouter(keras.Model):
    """Learns nothing of note; says its texts in capitals."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)
        self.asked = 0

    def call(self, inputs):
        return self.dense(inputs)

    def generate(self, source):
        self.asked += 1
        return [text.upper() for text in source]


@pytest.fixture
def model():
    keras.utils.set_random_seed(1)
    model = Shouter()
    model.compile(keras.optimizers.SGD(0.25), "mse")
    return model


def fit(model, *used, epochs=3):
    return model.fit(
        ROWS,
        ROWS,
        epochs=epochs,
        batch_size=4,
        verbose=0,
        callbacks=list(used),
        validation_data=(ROWS, ROWS),
    )


def test_scores_are_added_to_the_numbers_and_shown(model, capsys):
    check = callbacks.HeldOutScores(["ab", "1", "x"], ["AB", "1", "y"])
    history = fit(model, check, epochs=2).history
    assert history["val_exact_match"] == [2 / 3, 2 / 3]
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "scores of 3 held-out examples: exact match 66.67%",
        "  ok     AB  <-  ab",
        "  ok     1  <-  1",
        "  wrong  X (not y)  <-  x",
    ]
    assert lines[4:] == lines[:4]


def test_scores_are_those_that_were_asked_for(model, capsys):
    source = ["a man rides a red bike.", "two dogs"]
    target = ["A man rides a red bike.", "TWO DOGS"]
    check = callbacks.HeldOutScores(
        source, target, ("bleu_lowercased", "chrf", "exact_match"), show=0
    )
    history = fit(model, check, epochs=1).history
    assert history["val_bleu_lowercased"] == [pytest.approx(100)]
    assert 0 < history["val_chrf"][0] < 100
    assert history["val_exact_match"] == [0.5]
    assert capsys.readouterr().out == (
        "scores of 2 held-out examples: BLEU lowercased 100.00, chrF "
        f"{history['val_chrf'][0]:.2f}, exact match 50.00%\n"
    )


def test_scores_come_from_batches_of_similar_length(model):
    """Whatever the number of examples, and in their own order."""
    source = ["b" * (1 + number % 7) for number in range(600)]
    target = [text.upper() for text in source]
    check = callbacks.HeldOutScores(source, target, show=0)
    assert fit(model, check, epochs=1).history["val_exact_match"] == [1.0]
    assert model.asked == 2  # at most 512 texts at a time


def test_nothing_written_is_shown_as_such(model, capsys):
    model.generate = lambda source: [""]
    fit(model, callbacks.HeldOutScores(["ab"], ["AB"]), epochs=1)
    assert "wrong  (nothing) (not AB)  <-  ab" in capsys.readouterr().out


def test_scores_are_taken_every_nth_epoch_and_after_the_last(model):
    check = callbacks.HeldOutScores(["ab"], ["AB"], every=2, show=0)
    history = fit(model, check, epochs=5).history
    assert model.asked == 3  # after epochs 2, 4 and 5
    assert history["val_exact_match"] == [1.0, 1.0, 1.0]


def test_scores_of_what_cannot_be_compared_are_refused():
    with pytest.raises(ValueError, match="2 texts and 1 targets"):
        callbacks.HeldOutScores(["a", "b"], ["A"])
    with pytest.raises(ValueError, match="metrics=.'rouge',.; give a tuple"):
        callbacks.HeldOutScores(["a"], ["A"], metrics=("rouge",))
