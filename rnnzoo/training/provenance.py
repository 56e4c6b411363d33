"""What a run was made with: every setting, versions, code and hardware."""

import collections
import dataclasses
import importlib.metadata
import os
import pathlib
import platform
import subprocess

_DISTRIBUTIONS = (
    "rnnzoo",
    "keras",
    "tensorflow",
    "tensorflow-datasets",
    "numpy",
    "sentencepiece",
    "sacrebleu",
    "keras-tuner",
    "mlflow",
)


def params(config):
    """The parameters of a run: the whole Config.

    Args:
        config: an instance of a dataclass, or a dict.

    Returns:
        dict from str to str. Nothing is left out, so that runs line up on
        MLflow's compare page: None is "none".
    """
    if dataclasses.is_dataclass(config):
        config = dataclasses.asdict(config)
    return _words(config)


def tags():
    """What a run was made with beside its Config: versions, commit, hardware.

    Tags and no parameters, of which MLflow's pages compare all that differ.

    Returns:
        dict from str to str.
    """
    made_with = {"python_version": platform.python_version()}
    for name in _DISTRIBUTIONS:
        made_with[f"{name.replace('-', '_')}_version"] = version(name)
    return _words({**made_with, "git_commit": git_commit(), **hardware()})


def hardware():
    """The machine that the process runs on.

    Returns:
        dict: cpu_model; cpu_count, the cores that the process may use;
        memory_gb, in whole 2^30 bytes; gpus, such as "2 x NVIDIA A100". None:
        there is none, or the system does not tell.
    """
    return {
        "cpu_model": _cpu_model(),
        "cpu_count": cpu_count(),
        "memory_gb": _memory_gb(),
        "gpus": _gpus(),
    }


def git_commit():
    """The commit checked out where the process runs.

    Returns:
        str: the hash, with "+changes" behind it if tracked files differ from
        it; "none" outside a repository or without git.
    """
    commit = _git("rev-parse", "HEAD")
    if not commit:
        return "none"
    changes = _git("status", "--porcelain", "--untracked-files=no")
    return f"{commit}+changes" if changes else commit


def _words(values):
    return {
        name: "none" if value is None else str(value)
        for name, value in values.items()
    }


def _git(*arguments):
    try:
        answer = subprocess.run(
            ["git", *arguments], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def version(distribution):
    """The installed version of a distribution, or None."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _cpu_model():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # not Linux
        lines = []
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor() or platform.machine() or None


def cpu_count():
    """How many cores the process may use."""
    # A container or taskset often leaves fewer cores than the machine has.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def _memory_gb():
    try:
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # not POSIX
        return None
    return round(pages / 2**30)


def _gpus():
    import tensorflow as tf

    counts = collections.Counter(
        tf.config.experimental.get_device_details(device).get(
            "device_name", "GPU"
        )
        for device in tf.config.list_physical_devices("GPU")
    )
    return ", ".join(f"{counts[name]} x {name}" for name in counts) or None
