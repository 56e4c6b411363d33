import dataclasses
import importlib.metadata
import os
import subprocess

import tensorflow as tf

from rnnzoo.training import provenance


@dataclasses.dataclass(frozen=True)
class Config:
    cell: str = "gru"
    limit: int | None = None


def git(*arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(
        ["git", *identity, *arguments], check=True, capture_output=True
    )


def test_params_are_the_whole_config():
    assert provenance.params(Config()) == {"cell": "gru", "limit": "none"}
    assert provenance.params({"units": 8}) == {"units": "8"}


def test_tags_tell_the_versions():
    tags = provenance.tags()
    assert tags["keras_version"] == importlib.metadata.version("keras")
    assert tags["python_version"].startswith("3.")
    assert all(isinstance(value, str) for value in tags.values())
    assert {"tensorflow_version", "numpy_version", "git_commit"} < set(tags)


def test_tags_tell_the_machine():
    tags = provenance.tags()
    assert tags["cpu_model"] not in ("none", "")
    assert int(tags["cpu_count"]) == len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert abs(int(tags["memory_gb"]) - memory / 2**30) <= 0.5
    gpus = len(tf.config.list_physical_devices("GPU"))
    assert (tags["gpus"] == "none") == (gpus == 0)


def test_gpus_are_counted_by_name(monkeypatch):
    devices = ["a", "b", "c"]
    names = dict(zip(devices, ["A100", "T4", "A100"], strict=True))
    monkeypatch.setattr(
        tf.config, "list_physical_devices", lambda kind: devices
    )
    monkeypatch.setattr(
        tf.config.experimental,
        "get_device_details",
        lambda device: {"device_name": names[device]},
    )
    assert provenance.hardware()["gpus"] == "2 x A100, 1 x T4"


def test_git_commit_tells_commits_from_changed_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert provenance.git_commit() == "none"
    git("init")
    assert provenance.git_commit() == "none"  # nothing committed yet
    (tmp_path / "file").write_text("1")
    git("add", "file")
    git("commit", "-m", "first")
    commit = provenance.git_commit()
    assert len(commit) == 40
    (tmp_path / "untracked").write_text("1")
    assert provenance.git_commit() == commit
    (tmp_path / "file").write_text("2")
    assert provenance.git_commit() == f"{commit}+changes"


def test_git_commit_without_git(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert provenance.git_commit() == "none"
