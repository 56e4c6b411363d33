"""Whether data are what an earlier run was trained on."""

import json
import math

# Of prediction.json, what says how much is read and not what it means.
_AMOUNTS = ("max_length", "most_characters", "look_back", "beam_width")


def check(data, model, found):
    """Refuses a model to which ids, classes or numbers mean something else.

    Args:
        data: an `experiment.Data`.
        model: the loaded model of an earlier run.
        found: that run, a `runs.Found`.

    Raises:
        ValueError: a vocabulary, or what is read or written, is another one.
    """
    from rnnzoo.training import contract

    for name in getattr(model, "vocabulary_names", ()):
        theirs, ours = getattr(model, name), data.known.get(name)
        if ours is None or theirs is None:
            continue
        if theirs.fingerprint != ours.fingerprint:
            raise _another(name, found)
    path = found.file(contract.FILE)
    if path is None or contract.FILE not in data.files:
        return
    ours, theirs = json.loads(data.files[contract.FILE]), contract.read(path)
    for part in ("inputs", "outputs"):
        for name, value in getattr(theirs, part).items():
            same = _are_same(value, ours[part].get(name))
            if name not in _AMOUNTS and not same:
                raise _another(f"{name!r} of {part}", found)


def _are_same(one, other):
    """Whether values of JSON are, floats but for their rounding."""
    if isinstance(one, list) and isinstance(other, list):
        same = map(_are_same, one, other)
        return len(one) == len(other) and all(same)
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-4, abs_tol=1e-6)
    return one == other


def _another(name, found):
    return ValueError(
        f"The run {found.label} has another {name} than these data give: its "
        "data set has changed since, or a flag differs that this depends on. "
        "Leave out the flags that the run had, or train anew."
    )
