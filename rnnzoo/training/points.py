"""The numbers of a run, as its folder keeps them: a line for each moment."""

import json
import os

FILE = "metrics.jsonl"


def append(path, point):
    """Adds a line to a file.

    Args:
        path: pathlib.Path.
        point: dict of JSON values, with "step" and "time".
    """
    line = json.dumps(point) + "\n"
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            # What was killed in the middle of a line has left its beginning.
            if file.read() != b"\n":
                line = "\n" + line
        file.write(line.encode())


def read(path):
    """The points in a file, but for those that were cut off.

    Args:
        path: pathlib.Path.

    Returns:
        list of dicts with "step", "time" and numbers by their names.

    Raises:
        OSError: it cannot be read.
    """
    found = []
    for line in path.read_text("utf-8").splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found
