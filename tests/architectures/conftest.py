import pytest

from tests.architectures import rows


def eager(model, function, inputs):
    """Stands in for `rnnzoo.model.compiled`."""
    return function


@pytest.fixture
def eagerly(monkeypatch):
    """Functions of models run as they are: tracing them takes seconds."""
    monkeypatch.setattr("rnnzoo.model.compiled", eager)


@pytest.fixture(scope="module")
def make_row(tmp_path_factory):
    """A function `(architecture, cell, run_eagerly) -> Row`, each made once."""
    made = {}

    def make(*key):
        if key not in made:
            path = tmp_path_factory.mktemp("-".join(key[:2])) / "model.keras"
            made[key] = rows.make(*key, path)
        return made[key]

    return make


@pytest.fixture
def row(request, make_row, monkeypatch):
    """A `Row`; of the slow tier, one whose functions are compiled."""
    architecture, cell, run_eagerly = request.param
    if run_eagerly:
        monkeypatch.setattr("rnnzoo.model.compiled", eager)
    return make_row(architecture, cell, run_eagerly)
