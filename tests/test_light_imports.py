"""Importing rnnzoo loads what it needs, and nothing that is an extra."""

import functools
import json
import os
import subprocess
import sys

import pytest

EXTRAS = {
    "babel",
    "keras_tuner",
    "matplotlib",
    "mlflow",
    "sacrebleu",
    "sentencepiece",
    "tensorflow_datasets",
    "torch",
}


@functools.cache
def loaded_by(statement, backend):
    """Names of the top-level modules that `statement` loads."""
    code = (
        f"{statement}; import json, sys; "
        "print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    return set(json.loads(result.stdout))


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_rnnzoo_loads_its_backend_and_no_extra(backend):
    loaded = loaded_by("import rnnzoo; rnnzoo.build", backend)
    assert {"rnnzoo", "keras", backend} <= loaded
    # Keras loads matplotlib by itself where that is installed.
    added = loaded - loaded_by("import keras", backend)
    assert added & EXTRAS == set()


def test_rnnzoo_needs_no_tensorflow_on_another_backend():
    loaded = loaded_by("import rnnzoo; rnnzoo.build", "jax")
    assert loaded & {"tensorflow"} == set()


@pytest.mark.slow
@pytest.mark.parametrize("room", ["training", "pipelines", "datasets"])
def test_rooms_with_tensorflow_import_on_their_own(room):
    assert "rnnzoo" in loaded_by(f"import rnnzoo.{room}", "tensorflow")
