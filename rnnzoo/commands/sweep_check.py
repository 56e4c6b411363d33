"""Which command a recipe is, and whether its runs make sense."""

import difflib
import json
import os
import pathlib
import subprocess
import sys

from rnnzoo.training import sweeps


def command(recipe):
    """What starts a recipe, by the Python that runs this.

    Args:
        recipe: str. A name of recipes/, or the path of a script.

    Returns:
        list of str.

    Raises:
        ValueError: there is none, or something else.
    """
    if recipe.endswith(".py"):
        path, words = pathlib.Path(recipe), [recipe]
        if not path.is_file():
            raise ValueError(f"There is no file {recipe}: give a recipe.")
    else:
        path = pathlib.Path("recipes", f"{recipe}.py")
        words = ["-m", f"recipes.{recipe}"]
        if not path.is_file():
            raise ValueError(_no_recipe(recipe))
    # Anything else would train when it is asked what it would train with.
    if "start.command(" not in path.read_text("utf-8", errors="replace"):
        raise ValueError(
            f"{path} is no recipe, which hands its main to start.command, as "
            "recipes/digits.py does: copy one of recipes/ to make your own."
        )
    return [sys.executable, *words]


def checked(plan):
    """What each run would be trained with, if all of them make sense.

    Args:
        plan: `sweeps.Plan`.

    Returns:
        list of dicts from setting to str, one for each of `plan.points()`.

    Raises:
        ValueError: no such recipe; flags or values that it does not take.
    """
    points = plan.points()
    asked = json.dumps([plan.words(point) for point in points])
    answer = subprocess.run(
        command(plan.recipe),
        env={**os.environ, sweeps.CHECK: asked},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )
    lines = [
        line.removeprefix(sweeps.ANSWER)
        for line in answer.stdout.splitlines()
        if line.startswith(sweeps.ANSWER)
    ]
    if not lines:
        told = answer.stderr.strip().splitlines() or ["it says nothing"]
        raise ValueError(f"{plan.recipe} cannot be started: {told[-1]}")
    found = json.loads(lines[0])
    wrong = {}
    for one, point in zip(found, points, strict=True):
        if "error" in one:
            wrong.setdefault(one["error"], plan.label(point))
    if wrong:
        told = "; ".join(f"{wrong[why]}: {why}" for why in wrong)
        raise ValueError(f"Nothing was started. {told}")
    return [one["config"] for one in found]


def _no_recipe(recipe):
    known = sorted(path.stem for path in pathlib.Path("recipes").glob("*.py"))
    known = [name for name in known if not name.startswith("_")]
    if not known:
        return (
            f"There is no recipe {recipe!r}, since there is no folder recipes "
            "here: go to where it is, or give the path of a script."
        )
    near = difflib.get_close_matches(recipe, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else "."
    return f"There is no recipe {recipe!r}{hint} There are {', '.join(known)}."
