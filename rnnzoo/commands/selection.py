"""Which runs a command line compares."""

import difflib

from rnnzoo.training import sweeps
from rnnzoo.training.comparison import setting

# What runs may be part of: the flag, and the tag that tells of it.
PARTS = {"sweep": sweeps.SWEEP, "search": "rnnzoo.search_id"}

# Values that a message names.
_SHOWN = 10


def select(found, values):
    """The runs that a command line asks for.

    Args:
        found: list of `runs.Found`, the newest first.
        values: what `parser.parse` returns for "compare".

    Returns:
        (list of `runs.Found`, not empty; the same in words, as far as MLflow
        has words for it: a dict as for `pages.search_filter`).

    Raises:
        ValueError: none are left, and why.
    """
    found = [run for run in found if run.kind == values.kind]
    if not found:
        raise ValueError(_none_yet(values.kind))
    conditions = {"tags.rnnzoo.kind": values.kind}
    asked = [part for part in PARTS if getattr(values, part) is not None]
    if values.recipes or not asked:
        found = _of_recipes(found, values.recipes or [found[0].recipe])
    for part in asked:
        found = _of_part(found, part, getattr(values, part))
        conditions[f"tags.{PARTS[part]}"] = found[0].tags[PARTS[part]]
    for name, wanted in values.where:
        found = _where(found, name, wanted)
        alike = {setting(run, name) for run in found}
        kind = "params" if name in found[0].params() else "tags"
        if len(alike) == 1:
            conditions[f"{kind}.{name}"] = alike.pop()
    if not asked and "smoke" not in dict(values.where):
        found, tiny = whole(found)
        conditions |= tiny
    return found, conditions


def whole(found):
    """Those that are no smoke runs, unless all are.

    Returns:
        (list of `runs.Found`, the same in words as in `select`).
    """
    kept = [run for run in found if run.params().get("smoke") != "True"]
    if len(kept) in (0, len(found)):
        return found, {}
    return kept, {"params.smoke": "False"}


def scope(found, values):
    """What is compared, in a word: a sweep, a search, or None."""
    for part, tag in PARTS.items():
        if getattr(values, part) is not None:
            return found[0].tags[tag]
    return None


def settings(found):
    """The names that runs can be told apart by, ours of their tags too."""
    return {
        name: None
        for run in found
        for name in (*run.params(), *run.tags)
        if not name.startswith("mlflow.")
    }


def check_names(names, known, what):
    """Refuses names that no run has.

    Args:
        names: list of str.
        known: those that runs have.
        what: str. What a name is of, such as "metric".

    Raises:
        ValueError: telling the likeliest and all others.
    """
    for name in names:
        if name not in known:
            raise ValueError(
                f"No run has the {what} {name!r}{_near(name, known)} There "
                f"are: {', '.join(known)}."
            )


def _of_recipes(found, wanted):
    known = {run.recipe: None for run in found if run.recipe}
    for name in wanted:
        if name and name not in known:
            raise ValueError(
                f"There are no runs of {name!r} here{_near(name, known)} There "
                f"are runs of {', '.join(sorted(known))}."
            )
    return [run for run in found if run.recipe in wanted]


def _of_part(found, part, word):
    tag = PARTS[part]
    ids = list(dict.fromkeys(r.tags[tag] for r in found if tag in r.tags))
    meant = [each for each in ids if each.startswith(word)]
    if word == "latest":
        meant = ids[:1]
    elif word in ids:
        meant = [word]
    if len(meant) != 1:
        known = f"; there are {', '.join(ids[:_SHOWN])}" if ids else ""
        what = f"are several {part}s" if meant else f"is no {part}"
        how = {
            "sweep": "`python -m rnnzoo sweep --help` tells how to make one",
            "search": "any recipe makes one with --tune random",
        }
        raise ValueError(f"There {what} {word!r} here{known}; {how[part]}.")
    return [run for run in found if run.tags.get(tag) == meant[0]]


def _where(found, name, wanted):
    check_names([name], settings(found), "setting")
    kept = [
        run
        for run in found
        if any(_same(setting(run, name), value) for value in wanted)
    ]
    if not kept:
        seen = list(dict.fromkeys(setting(run, name) for run in found))
        raise ValueError(
            f"No run has {name}={','.join(wanted)}; there are runs with {name} "
            f"{', '.join(seen[:_SHOWN])}."
        )
    return kept


def _same(one, other):
    if one.casefold() == other.casefold():
        return True
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def _near(word, known):
    match = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {match[0]}?" if match else "."


def _none_yet(kind):
    what, command = {
        "train": ("runs", "rnnzoo sweep digits cell=gru,lstm seed=1,2,3"),
        "trial": ("trials of searches", "recipes.digits --tune random"),
        "evaluate": ("tests of runs", "recipes.digits --evaluate latest"),
    }[kind]
    return (
        f"There are no {what} here to compare. Runs are looked for in "
        "./mlruns, or where MLFLOW_TRACKING_URI says. This makes some: python "
        f"-m {command}"
    )
