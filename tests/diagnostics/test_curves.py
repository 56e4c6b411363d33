import io

import numpy as np
import pytest

from rnnzoo.diagnostics.curves import curves

HISTORY = {
    "loss": [3.0, 1.0, 0.05],
    "accuracy": [0.2, 0.5, 0.9],
    "val_loss": [3.1, 1.2, 1.3],
    "val_accuracy": [0.1, 0.6, 0.5],
    "learning_rate": [0.1, 0.1, 0.01],
}


def test_a_panel_has_training_and_validation_of_a_metric():
    figure, numbers = curves(HISTORY)
    loss, accuracy, rate = figure.axes[:3]
    train, validation, best = loss.lines
    assert train.get_label() == "training"
    np.testing.assert_array_equal(train.get_xydata()[:, 0], [1, 2, 3])
    np.testing.assert_array_equal(train.get_ydata(), HISTORY["loss"])
    np.testing.assert_array_equal(validation.get_ydata(), HISTORY["val_loss"])
    assert list(best.get_xdata()) == [2, 2]
    assert loss.get_title() == "loss: 1.2 in epoch 2"
    assert accuracy.get_title() == "accuracy: 0.6 in epoch 2"
    assert rate.get_title() == "learning rate"
    assert (loss.get_yscale(), accuracy.get_yscale()) == ("log", "linear")
    assert numbers == {
        "train/loss": HISTORY["loss"],
        "train/accuracy": HISTORY["accuracy"],
        "val/loss": HISTORY["val_loss"],
        "val/accuracy": HISTORY["val_accuracy"],
        "train/lr": HISTORY["learning_rate"],
        "epochs": [1, 2, 3],
        "best_epoch": 2,
    }
    figure.savefig(io.BytesIO(), format="png")


def test_names_with_a_slash_and_numbers_of_epochs():
    history = {
        "train/lr": [0.1, 0.2],
        "val/bleu": [1.0, 2.0],
        "val/loss": [float("nan"), 4.0],
        "train/loss": [1.0, float("nan")],
    }
    figure, numbers = curves(history, epochs=[4, 6])
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == [
        "loss: 4 in epoch 6",
        "bleu: 2 in epoch 6",
        "learning rate",
    ]
    assert numbers["best_epoch"] == 6


@pytest.mark.parametrize(
    "losses, best",
    [([np.nan, np.nan], None), ([np.inf, 2.0], 2), ([3.0, 3.0], 1)],
)
def test_the_best_epoch_is_that_of_the_lowest_number(losses, best):
    figure, numbers = curves({"val/loss": losses})
    assert numbers["best_epoch"] == best
    figure.savefig(io.BytesIO(), format="png")


def test_without_validation_there_is_no_best_epoch():
    figure, numbers = curves({"loss": [1.0]})
    assert numbers["best_epoch"] is None
    assert len(figure.axes[0].lines) == 1


@pytest.mark.parametrize(
    "history, epochs, words",
    [
        ({}, None, "0 epochs, and lists of no values"),
        ({"loss": []}, None, r"0 epochs, and lists of \[0\] values"),
        ({"loss": [1.0], "val_loss": [1.0, 2.0]}, None, r"\[1, 2\]"),
        ({"loss": [1.0]}, [1, 2], "2 epochs"),
    ],
)
def test_what_are_no_curves(history, epochs, words):
    with pytest.raises(ValueError, match=words):
        curves(history, epochs)
