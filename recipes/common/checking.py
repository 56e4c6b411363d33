"""What a sweep asks a recipe before it starts runs: whether they make sense."""

import contextlib
import dataclasses
import enum
import io
import json

from recipes.common import flags


def answer(config_class, arguments, asked):
    """What runs would be trained with, without training.

    Args:
        config_class: as for `flags.parse`.
        arguments: list of str. The flags that all runs have.
        asked: str. JSON: a list of further flags for each run.

    Returns:
        str. JSON: for each run {"config": its settings}, or {"error": what is
        wrong with them}.
    """
    found = []
    for words in json.loads(asked):
        message = io.StringIO()
        try:
            with contextlib.redirect_stderr(message):
                found.append(flags.parse(config_class, [*arguments, *words]))
        except SystemExit:
            found.append(message.getvalue().strip().partition(": ")[2])
    # Cells take seconds to load, which mistakes in flags need not wait for.
    if not any(isinstance(one, str) for one in found):
        found = [_checked_cell(config) or config for config in found]
    return json.dumps(
        [
            {"error": one} if isinstance(one, str) else {"config": _words(one)}
            for one in found
        ]
    )


def _checked_cell(config):
    """What is wrong with the cell of a Config or its units, or None."""
    name, units = (getattr(config, n, None) for n in ("cell", "units"))
    if not isinstance(name, str):
        return None
    from rnnzoo import cells

    try:
        cells.get(name, units if isinstance(units, int) else None)
    except ValueError as error:
        return str(error)


def _words(config):
    """The settings as a run has them; without those that depend on others."""
    values = dataclasses.asdict(config)
    return {
        name: "none" if value is None else str(value)
        for name, value in values.items()
        if not isinstance(value, enum.Enum)
    }
