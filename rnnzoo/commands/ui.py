"""`python -m rnnzoo ui`: the runs in a browser."""

import os
import pathlib
import socket
import sys

# Read by MLflow's server: no jobs of other features, no word to anybody, and
# no lines about itself.
_SETTINGS = {
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "PYTHONWARNINGS": "ignore",
}


def ui(values):
    """Prints links, and becomes MLflow's server; see `flags.ui`.

    Where MLFLOW_TRACKING_URI names a server, that one shows the runs.

    Raises:
        ValueError: there are no runs, they cannot be read, or the port is
            taken.
    """
    kept = os.environ.get("MLFLOW_TRACKING_URI", "")
    database = pathlib.Path("mlruns", "mlflow.db").resolve()
    if not kept and not database.is_file():
        raise ValueError(
            "There are no runs here yet: `make demo` makes the first, as any "
            "recipe does. They are looked for in ./mlruns, or where "
            "MLFLOW_TRACKING_URI says."
        )
    served = kept.startswith("http")
    address = kept if served else f"http://127.0.0.1:{values.port}"
    if not served:
        _check_free(values.port)
    lines = links(address)
    if served:
        print("\n".join(["Open in a browser:", *lines]))
        return
    ready = "Ready in seconds; Ctrl-C ends it. Open in a browser:"
    print("\n".join([ready, *lines]), flush=True)
    os.environ.update(_SETTINGS)
    command = [sys.executable, "-m", "mlflow", "ui"]
    command += ["--host", "127.0.0.1", "--port", str(values.port)]
    command += ["--workers", "1"]
    command += ["--backend-store-uri", kept or f"sqlite:///{database}"]
    command += ["--uvicorn-opts", "--log-level warning --lifespan off"]
    os.execv(sys.executable, command)


def links(server):
    """A link for each recipe to its runs, and those of its newest views.

    Args:
        server: str. Whose pages they lead to.

    Returns:
        list of str: lines to print.
    """
    from rnnzoo.training import pages, report, runs, store

    client, _ = store.connect("Default", "mlruns")
    numbers = {e.name: e.experiment_id for e in client.search_experiments()}
    found = [run for run in runs.recent() if run.recipe in numbers]
    names, addresses = [], []
    for recipe in dict.fromkeys(run.recipe for run in found):
        names.append(f"  {recipe}")
        addresses.append(pages.runs(server, numbers[recipe]))
        own = [run for run in found if run.recipe == recipe]
        for scope, by_view in [*_trained(own, server), *_searched(own, server)]:
            names += [f"    {scope}, {what}" for what in by_view]
            addresses += by_view.values()
    return report.listing(names, addresses).splitlines() if names else []


def _trained(found, server):
    """Views of the newest data set of a recipe: (what, links)."""
    from rnnzoo.commands import compare, compare_links, selection

    found = [run for run in found if run.kind == "train"]
    found, conditions = selection.whole(found)
    conditions = {"tags.rnnzoo.kind": "train", **conditions}
    compared = [one for one in compare.compared(found) if one.groups][:1]
    views = compare_links.publish(compared, conditions, server=server)
    return [(dataset, links) for _, dataset, links in views]


def _searched(found, server):
    """Views of its newest search."""
    from rnnzoo.commands import compare, compare_links, selection

    tag = selection.PARTS["search"]
    trials = [run for run in found if run.kind == "trial" and tag in run.tags]
    if not trials:
        return []
    search = trials[0].tags[tag]
    trials = [run for run in trials if run.tags[tag] == search]
    compared = [one for one in compare.compared(trials) if one.groups]
    conditions = {"tags.rnnzoo.kind": "trial", f"tags.{tag}": search}
    views = compare_links.publish(compared, conditions, search, server)
    return [(f"search {search}", links) for *_, links in views]


def _check_free(port):
    with socket.socket() as free:
        # As a server does, so that one that has just ended is not in the way.
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            free.bind(("127.0.0.1", port))
        except OSError as error:
            raise ValueError(
                f"Port {port} is taken, perhaps by another of these: give "
                "--port with another number, such as 5001."
            ) from error
