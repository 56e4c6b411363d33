"""What is drawn of a training at its end."""

import numpy as np

from rnnzoo.diagnostics import curves as drawn
from rnnzoo.training import fit as fitting
from rnnzoo.training import resume, workers
from rnnzoo.training.curves import Curves
from tests.training import small
from tests.training.test_fit_resumed import At, Killed


def fit(root, run, *callbacks):
    with resume.Session("test", {"a": 1}, root) as session:
        fitting.fit(
            small.build(),
            small.Pairs(),
            small.validation(),
            run=run,
            epochs=small.EPOCHS,
            session=session,
            callbacks=callbacks,
        )


def lines(run):
    """Each line of a run's curves: the points of it."""
    (figure,) = run.figures.values()
    return [
        line.get_xydata().tolist()
        for axes in figure.axes
        for line in axes.lines
    ]


def test_curves_are_those_that_were_logged(tmp_path):
    run = small.Run()
    fit(tmp_path, run)
    assert list(run.figures) == ["curves.png"]
    loss = run.figures["curves.png"].axes[0].lines
    for line, name in zip(loss, ("train/loss", "val/loss"), strict=False):
        logged = [run.metrics[epoch][name] for epoch in (1, 2, 3)]
        np.testing.assert_array_equal(line.get_ydata(), logged)
        np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3])


def test_a_resumed_training_draws_all_its_epochs(tmp_path):
    whole, cut, rest = small.Run(), small.Run(), small.Run()
    fit(tmp_path / "whole", whole)
    try:
        fit(tmp_path / "cut", cut, At(Killed(), "step begins", 2, 1))
    except Killed:
        pass
    fit(tmp_path / "cut", rest)
    assert cut.figures == {}
    assert lines(rest) == lines(whole)


def test_what_cannot_be_drawn_ends_nothing(tmp_path, monkeypatch, capsys):
    def fail(history, epochs):
        raise RuntimeError("no ink")

    monkeypatch.setattr(drawn, "curves", fail)
    run = small.Run()
    fit(tmp_path, run)
    assert run.models == 1 and run.figures == {}
    assert capsys.readouterr().err.endswith(
        "\nwarning: curves.png is not drawn (RuntimeError: no ink).\n"
    )


def test_the_chief_alone_draws(monkeypatch):
    one, other = Curves(small.Run(), None), Curves(small.Run(), None)
    for curves in (one, other):
        curves.epochs, curves.rows = [1], [{"train/loss": 1.0}]
    one.on_train_end()
    monkeypatch.setattr(workers, "me", lambda: workers.Worker(index=1))
    other.on_train_end()
    assert list(one.run.figures) == ["curves.png"]
    assert other.run.figures == {}
