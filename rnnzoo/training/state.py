"""Everything in memory that decides how a training goes on."""

import re

import keras

# What Keras's own callbacks remember from epoch to epoch. Others that remember
# something have `get_state()` and `set_state(state)`.
_REMEMBERED = {
    keras.callbacks.EarlyStopping: (
        "wait",
        "stopped_epoch",
        "best",
        "best_epoch",
        "best_weights",
    ),
    keras.callbacks.ModelCheckpoint: ("best",),
    keras.callbacks.ReduceLROnPlateau: ("wait", "cooldown_counter", "best"),
}


def capture(model, callbacks, metrics):
    """The state of a training between two steps.

    Weights, the states of random generators and of stateful layers, the
    optimizer, the sums behind the metrics, and what callbacks remember. A
    layer that draws random numbers must do so from a
    `keras.random.SeedGenerator` of its own, as those of Keras and rnnzoo do.

    Args:
        model: a compiled `keras.Model` with a built optimizer.
        callbacks: list of Keras callbacks. The state of one that has
            `get_state` is a dict of JSON values and lists of arrays.
        metrics: bool. Whether the metrics are in the middle of something.

    Returns:
        (arrays, about): a dict of `numpy.ndarray`, and a dict for JSON.
    """
    arrays, about = {}, {"callbacks": []}
    for group, variables in _groups(model).items():
        if group == "metrics" and not metrics:
            continue
        about[group] = [_description(variable) for variable in variables]
        for number, variable in enumerate(variables):
            value = keras.ops.convert_to_numpy(variable)
            arrays[f"{group}/{number}"] = value
    for number, callback in enumerate(_remembering(callbacks)):
        values, counts = {}, {}
        for name, value in _get(callback).items():
            if not _are_arrays(value):
                values[name] = value
                continue
            counts[name] = len(value)
            for place, array in enumerate(value):
                arrays[f"callbacks/{number}/{name}/{place}"] = array
        about["callbacks"].append([type(callback).__name__, values, counts])
    return arrays, about


def restore(model, callbacks, arrays, about):
    """Puts back what `capture` returned, but for the metrics.

    Args:
        model, callbacks: as for `capture`, made the same way.
        arrays, about: what it returned.
    """
    for group in ("model", "optimizer"):
        _assign(group, model, arrays)
    states = zip(_remembering(callbacks), about["callbacks"], strict=True)
    for number, (callback, (_, values, counts)) in enumerate(states):
        lists = {
            name: [
                arrays[f"callbacks/{number}/{name}/{place}"]
                for place in range(count)
            ]
            for name, count in counts.items()
        }
        _set(callback, values | lists)


def restore_metrics(model, arrays):
    """Puts back the sums behind the metrics, which Keras resets by epoch.

    Keras makes their variables in the first step or evaluation.
    """
    _assign("metrics", model, arrays)


def differences(model, callbacks, about):
    """Why `restore` would not fit: a list of str, empty if it does."""
    found = []
    for group, variables in _groups(model).items():
        if group not in about:
            continue
        now = [_description(variable) for variable in variables]
        then = about[group]
        if len(now) != len(then):
            found.append(
                f"the {group} has {len(now)} variables now and had "
                f"{len(then)} then"
            )
        pairs = zip(now, then, strict=False)
        found += [
            f"the variable {_words(a)} was {_words(b)}"
            for a, b in pairs
            if a != b
        ][:1]
    now = [type(callback).__name__ for callback in _remembering(callbacks)]
    then = [name for name, _, _ in about["callbacks"]]
    if now != then:
        found.append(
            f"the callbacks that remember are {now} now and were {then} then"
        )
    return found


def _groups(model):
    return {
        "model": model.variables,
        "optimizer": model.optimizer.variables,
        "metrics": model.metrics_variables,
    }


def _assign(group, model, arrays):
    for number, variable in enumerate(_groups(model)[group]):
        variable.assign(arrays[f"{group}/{number}"])


def _description(variable):
    # Keras numbers names over all that the process has made before.
    path = re.sub(r"_\d+(?=[/_]|$)", "", variable.path)
    return [path, list(variable.shape), variable.dtype]


def _words(description):
    path, shape, dtype = description
    return f"{path} {tuple(shape)} {dtype}"


def _are_arrays(value):
    return (
        isinstance(value, list)
        and bool(value)
        and all(hasattr(array, "dtype") for array in value)
    )


def _remembering(callbacks):
    return [c for c in callbacks if hasattr(c, "get_state") or _names(c)]


def _get(callback):
    if hasattr(callback, "get_state"):
        return callback.get_state()
    return {name: getattr(callback, name) for name in _names(callback)}


def _set(callback, state):
    if hasattr(callback, "set_state"):
        callback.set_state(state)
        return
    for name, value in state.items():
        setattr(callback, name, value)


def _names(callback):
    for kind, names in _REMEMBERED.items():
        if isinstance(callback, kind):
            return names
    return ()
