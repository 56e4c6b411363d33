"""Links to MLflow's pages, and what they open with."""

import re
import time

from rnnzoo.training import store, views

# Settings that the name of a view tells beside the first.
_SHOWN = 2


def runs(server, experiment_id, key=None):
    """The link to the runs of an experiment.

    Args:
        server: str, such as "http://127.0.0.1:5000".
        experiment_id: str.
        key: str or None. Of a view, which opens with its charts.

    Returns:
        str.
    """
    link = (
        f"{server.rstrip('/')}/#/experiments/{experiment_id}/runs"
        "?workflowType=machine_learning"
    )
    return (
        f"{link}&compareRunsMode=CHART&viewStateShareKey={key}" if key else link
    )


def publish(found, scope, search_filter, server=None, root="mlruns"):
    """Makes the views of a comparison, which replace those of before.

    Args:
        found: `comparison.Comparison` with groups.
        scope: str. What is compared, such as the id of a sweep.
        search_filter: str. The same in MLflow's words.
        server: str or None. Whose pages links lead to; None: those of the
            server that keeps the runs, or of `make ui`.
        root: str or path. As for `tracking.Run`.

    Returns:
        dict from what a view shows to its link.

    Raises:
        MLflow's errors: the store is out of reach or unusable.
    """
    client, experiment_id = store.connect(found.recipe, root)
    server = server or store.server(client)
    first, *others = found.groups[0].settings
    if len(others) > _SHOWN:
        others = [f"{len(others)} more"]
    by = f"by {', '.join([first, *others])}"
    links = {}
    for what, view in ((by, views.by_group), ("each run", views.each_run)):
        slug = "runs" if view is views.each_run else "groups"
        key = re.sub(r"[^\w-]+", "-", f"{scope}-{slug}")
        state = view(found, search_filter)
        tag = views.tag(key, f"{scope}: {what}", state, time.time())
        client.set_experiment_tag(experiment_id, *tag)
        links[what] = runs(server, experiment_id, key)
    return links


def search_filter(conditions):
    """Which runs, in MLflow's words.

    Args:
        conditions: dict from "params.NAME" or "tags.NAME" to str.

    Returns:
        str. Of a value that MLflow cannot quote, nothing.
    """
    words = []
    for name, value in conditions.items():
        kind, _, name = name.partition(".")
        if "'" not in value and "`" not in name:
            words.append(f"{kind}.`{name}` = '{value}'")
    return " and ".join(words)
