import dataclasses

import numpy as np
import pytest

from recipes.common import dataset_input, experiment

DATA = experiment.Data(
    training=None,
    validation=None,
    test=None,
    test_size=3,
    known={"labels": ("a", "b"), "images": np.ones(3), "source": ["x"] * 200},
    files={"example.png": b"1", "prediction.json": "{}"},
)
SIZES = {"training": 7, "test": 3}


def of(sizes=SIZES, **changes):
    data = dataclasses.replace(DATA, **changes)
    return dataset_input.fingerprint("digits", sizes, data)


def test_a_fingerprint_is_that_of_the_same_data():
    assert of() == of(training=1, files={**DATA.files, "prediction.json": ""})
    assert len(of()) == 8


@pytest.mark.parametrize(
    "changes",
    [
        {"sizes": {"training": 8, "test": 3}},
        {"known": {"labels": ("a", "c")}},
        {"known": {**DATA.known, "source": ["x"] * 99 + ["y"]}},
        {"files": {"example.png": b"2"}},
        {"example": "text"},
    ],
)
def test_other_data_have_another_fingerprint(changes):
    assert of(**changes) != of()


@pytest.mark.parametrize(
    "dataset, source",
    [
        ("digits", ("tfds", {"name": "digits"})),
        ("folder:a/b", ("folder", {"path": "a/b"})),
    ],
)
def test_a_run_is_told_where_its_data_are_from(dataset, source):
    class Told:
        def log_dataset(self, *values):
            self.values = values

    class Rows:
        examples = 70
        distinct = 7

    run = Told()
    config = type("Config", (), {"dataset": dataset})
    data = dataclasses.replace(DATA, training=Rows())
    dataset_input.log(run, config, data)
    name, digest, *others = run.values
    assert name == dataset
    assert digest == dataset_input.fingerprint(dataset, SIZES, data)
    assert others == [*source, SIZES, "training"]
