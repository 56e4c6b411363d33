"""The data of a run, as MLflow's pages show them beside it."""

import hashlib
import json

# Of long lists, what the fingerprint goes by.
_FIRST = 100


def log(run, config, data, context="training"):
    """Tells a run which data it has, by a name, a fingerprint, and sizes.

    Args:
        run: a `tracking.Run` that has been entered.
        config: a Config with a `dataset`.
        data: an `experiment.Data`.
        context: str. What they are for.
    """
    name, _, path = config.dataset.partition(":")
    sizes = {
        "training": getattr(data.training, "distinct", data.training.examples),
        "test": data.test_size,
    }
    run.log_dataset(
        config.dataset,
        fingerprint(config.dataset, sizes, data),
        "folder" if name == "folder" else "tfds",
        {"path": path} if name == "folder" else {"name": config.dataset},
        sizes,
        context,
    )


def fingerprint(dataset, sizes, data):
    """Eight characters that are others for other data.

    They go by sizes, labels and such, and by the first examples of the test;
    reading all of the data would take longer than a run may.

    Args:
        dataset: str.
        sizes: dict from str to int.
        data: an `experiment.Data`.
    """
    known = {
        name: value[:_FIRST]
        for name, value in data.known.items()
        if isinstance(value, list | tuple) and _is_json(value[:_FIRST])
    }
    files = {
        path: content if isinstance(content, str) else content.hex()
        for path, content in data.files.items()
        if path.startswith("example")
    }
    content = [dataset, sizes, known, files, data.example]
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _is_json(value):
    try:
        json.dumps(value)
    except TypeError:
        return False
    return True
