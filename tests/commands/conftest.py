import keras
import pytest

import rnnzoo


@pytest.fixture(scope="session")
def translator():
    """A model of strings to strings that has learnt nothing."""
    keras.utils.set_random_seed(2)
    vocabulary = rnnzoo.text.CharacterVocabulary.from_texts(["abcdefghij"])
    return rnnzoo.build(
        "seq2seq",
        units=8,
        source_vocabulary=vocabulary,
        target_vocabulary=vocabulary,
        max_length=6,
    )


@pytest.fixture
def here(tmp_path, monkeypatch, translator):
    """A folder with one run in mlruns/, that MLflow never saw."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    run = tmp_path / "mlruns" / "untracked" / "translation-1"
    run.mkdir(parents=True)
    translator.save(run / "model.keras")
    return tmp_path
