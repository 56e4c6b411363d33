"""What a study has measured: one small file for each entry, and a table."""

import dataclasses
import hashlib
import json
import pathlib
import statistics

# Flags that say how a command is run and not what is measured.
NOT_MEASURED = ("fresh", "all", "only", "diagnose")


class Results:
    """The finished entries of a study, in a folder.

    Each is a file of its own, written whole or not at all, so that several
    processes can share the folder and none does again what is there.

    Args:
        folder: str or path. Made when the first entry is kept.

    Example:

    ```python
    results = Results("mlruns/study")
    results.keep(config, {"test/loss": 0.1})
    results.find(config)  # {"test/loss": 0.1}
    ```
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def path(self, config):
        """The file of the entry of a Config."""
        settings = dataclasses.asdict(config)
        settings = {k: settings[k] for k in settings if k not in NOT_MEASURED}
        text = json.dumps(settings, sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        return self.folder / f"{digest}.json"

    def find(self, config):
        """What was kept for a Config, or None."""
        try:
            text = self.path(config).read_text("utf-8")
        except FileNotFoundError:
            return None
        return json.loads(text)["measured"]

    def keep(self, config, measured):
        """Keeps a dict of JSON values for a Config."""
        path = self.path(config)
        self.folder.mkdir(parents=True, exist_ok=True)
        whole = {"config": dataclasses.asdict(config), "measured": measured}
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(whole, indent=1), "utf-8")
        unfinished.replace(path)


def median(values, form):
    """The median of what was measured, as text: "0.12"."""
    values = [value for value in values if value is not None]
    return format(statistics.median(values), form) if values else ""


def spread(values, form):
    """Median and range in one cell of a table: "0.12 (0.1 to 0.3)"."""
    middle = median(values, form)
    values = [value for value in values if value is not None]
    ends = [format(end(values), form) for end in (min, max) if values]
    return middle if {*ends} <= {middle} else f"{middle} ({' to '.join(ends)})"


def markdown(heads, rows):
    """A table in Markdown, of a list of strings and a list of such lists."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
