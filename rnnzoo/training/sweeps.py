"""Sweeps: which runs they consist of, and what tells these from others."""

import dataclasses
import hashlib
import itertools
import json
import os

# What a sweep sets for the processes that it starts: tags as JSON; and instead,
# to ask what runs would be made of, the flags of each as JSON.
TAGS = "RNNZOO_RUN_TAGS"
CHECK = "RNNZOO_CHECK_FLAGS"
# What the line begins with that answers.
ANSWER = "rnnzoo-flags: "

# Which sweep a run is of, and which of its values the run has.
SWEEP = "rnnzoo.sweep_id"
POINT = "rnnzoo.sweep_point"

# Values of flags that have none.
_SWITCHES = {"yes": "--{}", "no": "--no-{}"}
# What a later command with other values goes on with.
_EXTENDED = ("cell", "seed")


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a sweep trains.

    Args:
        recipe: str. The name of a recipe or the path of a script.
        settings: dict from the name of a flag to a list of str, its values.
        flags: tuple of str. Further ones of all runs.
    """

    recipe: str
    settings: dict
    flags: tuple = ()

    @property
    def name(self):
        """What the sweep is called; of all sweeps that go on with it, too."""
        ranges = [
            name
            for name, values in self.settings.items()
            if name in _EXTENDED or len(values) > 1
        ]
        fixed = {
            name: values
            for name, values in self.settings.items()
            if name not in ranges
        }
        text = json.dumps(
            [self.recipe, sorted(ranges), sorted(fixed.items()), self.flags]
        )
        stem = os.path.basename(self.recipe).removesuffix(".py")
        return f"{stem}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"

    def points(self):
        """The settings of each run: list of dicts from name to value.

        Those of the first seed come first, so that there soon is something to
        compare.
        """
        names = sorted(self.settings, key=lambda name: name != "seed")
        values = itertools.product(*(self.settings[name] for name in names))
        rows = [dict(zip(names, row, strict=True)) for row in values]
        return [{name: row[name] for name in self.settings} for row in rows]

    def words(self, point):
        """The flags of one run: list of str."""
        words = [*self.flags]
        for name, value in point.items():
            if value in _SWITCHES:
                words.append(_SWITCHES[value].format(name))
            else:
                words += [f"--{name}", value]
        return words

    def label(self, point):
        """What tells one run from the others, in words."""
        several = [name for name in point if len(self.settings[name]) > 1]
        return " ".join(
            point[name] if name == "cell" else f"{name}={point[name]}"
            for name in several or point
        )


def point_name(point):
    """A run's settings as its tag `POINT`."""
    return " ".join(f"{name}={point[name]}" for name in sorted(point))


def latest(name, found):
    """The id of the newest sweep of a name, or None.

    Args:
        name: str. Of a `Plan`.
        found: list of `runs.Found`, the newest first.
    """
    for run in found:
        sweep_id = run.tags.get(SWEEP, "")
        if sweep_id == name or sweep_id.startswith(f"{name}-"):
            return sweep_id
    return None


def next_id(name, last):
    """The id of a sweep that goes on with nothing, after the one before."""
    if last is None:
        return name
    return f"{name}-{int(last[len(name) + 1 :] or 1) + 1}"


def environment(sweep_id, point):
    """What the process of one run gets.

    Args:
        sweep_id: str.
        point: dict from name to value: the settings of the run.

    Returns:
        dict from str to str, of environment variables.
    """
    return {TAGS: json.dumps({SWEEP: sweep_id, POINT: point_name(point)})}


def tags():
    """The tags that this process was started with: dict from str to str."""
    return json.loads(os.environ.get(TAGS, "{}"))
