"""What a run was made with: versions, code, and every setting."""

import dataclasses
import importlib.metadata
import platform
import subprocess

_DISTRIBUTIONS = (
    "rnnzoo",
    "keras",
    "tensorflow",
    "tensorflow-datasets",
    "numpy",
    "mlflow",
)


def params(config):
    """The parameters of a run: the whole Config, the versions, the commit.

    Args:
        config: an instance of a dataclass, or a dict.

    Returns:
        dict from str to str. Nothing is left out, so that runs line up on
        MLflow's compare page: None is "none".
    """
    if dataclasses.is_dataclass(config):
        config = dataclasses.asdict(config)
    made_with = {"python_version": platform.python_version()}
    for name in _DISTRIBUTIONS:
        made_with[f"{name.replace('-', '_')}_version"] = _version(name)
    values = {**config, **made_with, "git_commit": git_commit()}
    return {
        name: "none" if value is None else str(value)
        for name, value in values.items()
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


def _git(*arguments):
    try:
        answer = subprocess.run(
            ["git", *arguments], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def _version(distribution):
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
