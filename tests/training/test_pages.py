import json

import pytest

from rnnzoo.training import comparison, pages, store
from tests.training.found import found, three_cells


@pytest.fixture(autouse=True)
def no_curves(monkeypatch):
    monkeypatch.setattr(
        "rnnzoo.training.runs.Found.history", lambda run, name: []
    )


def test_views_are_kept_with_the_experiment(root):
    (one,) = comparison.compare(three_cells(), "test/accuracy", "max")
    links = pages.publish(one, "toys 1", "a filter", root=root)
    client, experiment = store.connect("toy", root)
    page = f"http://127.0.0.1:5000/#/experiments/{experiment}/runs"
    ending = "?workflowType=machine_learning&compareRunsMode=CHART"
    assert links == {
        "by cell": f"{page}{ending}&viewStateShareKey=toys-1-groups",
        "each run": f"{page}{ending}&viewStateShareKey=toys-1-runs",
    }
    tags = client.get_experiment(experiment).tags
    kept = json.loads(tags["mlflow.sharedViewState.toys-1-groups"])
    assert kept["name"] == "toys 1: by cell"
    assert json.loads(kept["state"])["searchFilter"] == "a filter"
    assert "mlflow.sharedViewState.toys-1-runs" in tags


def test_a_name_tells_three_settings_at_most(root):
    runs = [
        found(n, {"test/accuracy": n}, a=str(n), b=str(n), c=str(n))
        for n in range(2)
    ]
    (one,) = comparison.compare(runs, "test/accuracy", "max")
    links = pages.publish(one, "toys", "", root=root)
    assert list(links) == ["by cell, 3 more", "each run"]


def test_links_lead_to_the_server_that_is_named():
    assert pages.runs("http://a:1/", "7") == (
        "http://a:1/#/experiments/7/runs?workflowType=machine_learning"
    )


def test_conditions_in_the_words_of_mlflow():
    conditions = {
        "tags.rnnzoo.kind": "train",
        "params.dataset": "folder:a b",
        "params.only": "it's",
    }
    assert pages.search_filter(conditions) == (
        "tags.`rnnzoo.kind` = 'train' and params.`dataset` = 'folder:a b'"
    )
