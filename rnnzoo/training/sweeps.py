"""What tells the runs of a sweep apart: tags that they are started with."""

import json
import os

# What a sweep sets for the processes that it starts: tags as JSON.
TAGS = "RNNZOO_RUN_TAGS"

# Which sweep a run is of, and which of its values the run has.
SWEEP = "rnnzoo.sweep_id"
POINT = "rnnzoo.sweep_point"


def environment(sweep, point):
    """What the process of one run gets.

    Args:
        sweep: str. The sweep's id.
        point: str. The values of the run, such as "cell=gru seed=1".

    Returns:
        dict from str to str, of environment variables.
    """
    return {TAGS: json.dumps({SWEEP: sweep, POINT: point})}


def tags():
    """The tags that this process was started with: dict from str to str."""
    return json.loads(os.environ.get(TAGS, "{}"))
