import shutil

import pytest


@pytest.fixture
def root(tmp_path, monkeypatch, empty_store):
    """Where a test's runs go."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return shutil.copytree(empty_store, tmp_path / "mlruns")
